//! The form in which a macro is written.

use causerie_core::message::{Text, TextFault};
use causerie_core::rules::agent_macro::Macro;
use causerie_core::rules::placeholders::{Placeholder, can_be_filled_in};
use causerie_core::ticket::{Priority, Status, tidy_tags};
use leptos::html;
use leptos::prelude::*;

use super::choice::{Choice, Pick};
use super::fresh_id;
use super::switch::Switch;
use crate::shell::http::MacroDraft;
use crate::words::use_words;

/// The form.
#[component]
pub fn MacroForm(
    /// The macro that is changed; none for a new one.
    macro_before: Option<Macro>,
    /// It is to be kept.
    on_keep: UnsyncCallback<MacroDraft>,
    /// It is not.
    on_cancel: UnsyncCallback<()>,
) -> impl IntoView {
    let words = use_words();
    let before = macro_before.as_ref();
    let title = RwSignal::new(before.map(|before| before.title.clone()).unwrap_or_default());
    let text = RwSignal::new(
        before
            .and_then(|before| before.text.as_ref())
            .map(|text| text.as_str().to_owned())
            .unwrap_or_default(),
    );
    let tags = RwSignal::new(
        before
            .map(|before| before.add_tags.join(", "))
            .unwrap_or_default(),
    );
    let status = RwSignal::new(before.and_then(|before| before.status));
    let priority = RwSignal::new(before.and_then(|before| before.priority));
    let end_session = RwSignal::new(before.is_some_and(|before| before.end_session));
    let fault = RwSignal::new(None::<String>);
    let submit = {
        let words = words.clone();
        move |event: leptos::ev::SubmitEvent| {
            event.prevent_default();
            fault.set(None);
            let text = match Text::parse(&text.get_untracked()) {
                Ok(text) if !can_be_filled_in(&text) => {
                    return fault.set(Some(words.say("fault.macro_placeholders")));
                }
                Ok(text) => Some(text),
                Err(TextFault::Empty) => None,
                Err(TextFault::TooLong) => return fault.set(Some(words.say("refused.text_too_long"))),
            };
            on_keep.run(MacroDraft {
                title: title.get_untracked().trim().to_owned(),
                text,
                status: status.get_untracked(),
                priority: priority.get_untracked(),
                add_tags: tidy_tags(tags.get_untracked().split(',')),
                end_session: end_session.get_untracked(),
            });
        }
    };
    let unchanged = Pick::new("", words.say("macros.unchanged"));
    // What nobody sets by hand, no macro sets (R43).
    let statuses = Status::BY_HAND
        .map(|status| Pick::new(status.name(), words.say(&format!("status.{}", status.name()))));
    let priorities = Priority::ALL.map(|priority| {
        Pick::new(
            priority.name(),
            words.say(&format!("priority.{}", priority.name())),
        )
    });
    let statuses: Vec<Pick> = core::iter::once(unchanged.clone()).chain(statuses).collect();
    let priorities: Vec<Pick> = core::iter::once(unchanged).chain(priorities).collect();
    let pick_status =
        move |name: String| status.set(Status::BY_HAND.into_iter().find(|status| status.name() == name));
    let pick_priority =
        move |name: String| priority.set(Priority::ALL.into_iter().find(|priority| priority.name() == name));
    let (title_id, text_id, tags_id, hint_id) = (
        fresh_id("macro"),
        fresh_id("macro"),
        fresh_id("macro"),
        fresh_id("hint"),
    );
    let first = NodeRef::<html::Input>::new();
    Effect::new(move |_| {
        if let Some(first) = first.get() {
            // A textbox in the document takes the focus.
            let _ = first.focus();
        }
    });
    view! {
        <form class="macro-form" on:submit=submit>
            <label for=title_id.clone()>{words.say("macros.title")}</label>
            <input
                id=title_id.clone()
                node_ref=first
                required=true
                maxlength="100"
                prop:value=move || title.get()
                on:input=move |event| title.set(event_target_value(&event))
            />
            <label for=text_id.clone()>{words.say("macros.text")}</label>
            <textarea
                id=text_id.clone()
                rows="4"
                dir="auto"
                aria-describedby=hint_id.clone()
                prop:value=move || text.get()
                on:input=move |event| text.set(event_target_value(&event))
            ></textarea>
            <p class="muted macro-form__hint" id=hint_id.clone()>
                {words.say("macros.text_hint")} " " <code dir="ltr">{placeholders()}</code>
            </p>
            <Choice
                label=words.say("macros.status")
                value=Signal::derive(move || status.get().map(|status| status.name().to_owned()).unwrap_or_default())
                picks=Signal::stored(statuses)
                on_pick=UnsyncCallback::new(pick_status)
            />
            <Choice
                label=words.say("macros.priority")
                value=Signal::derive(move || {
                    priority.get().map(|priority| priority.name().to_owned()).unwrap_or_default()
                })
                picks=Signal::stored(priorities)
                on_pick=UnsyncCallback::new(pick_priority)
            />
            <label for=tags_id.clone()>{words.say("macros.tags")}</label>
            <input
                id=tags_id.clone()
                prop:value=move || tags.get()
                on:input=move |event| tags.set(event_target_value(&event))
            />
            <Switch
                label=words.say("macros.end_session")
                hint=words.say("macros.end_session_hint")
                on=end_session
                on_change=UnsyncCallback::new(move |on| end_session.set(on))
            />
            <p class="door__fault" role="alert">{move || fault.get()}</p>
            <div class="dialog__buttons">
                <button type="button" class="button" on:click=move |_| on_cancel.run(())>{words.say("cancel")}</button>
                <button type="submit" class="button button--primary">{words.say("save")}</button>
            </div>
        </form>
    }
}

/// Each placeholder as it is written, the last one with a default (R38).
fn placeholders() -> String {
    let written = Placeholder::ALL.map(|placeholder| format!("{{{{{}}}}}", placeholder.name()));
    let with_default = format!(
        "{{{{{} | default: \"…\"}}}}",
        Placeholder::RequesterFirstName.name()
    );
    written
        .into_iter()
        .chain([with_default])
        .collect::<Vec<_>>()
        .join(" ")
}
