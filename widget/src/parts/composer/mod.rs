//! Where the visitor writes. Grows from one line to five; Enter sends, Shift+Enter breaks the line.

use leptos::ev::{KeyboardEvent, SubmitEvent};
use leptos::html::Textarea;
use leptos::prelude::*;
use web_sys::HtmlTextAreaElement;

use crate::parts::icon::{Icon, SEND};
use crate::words::words;

/// What a key event says while an input method composes, in browsers that say nothing else.
const COMPOSING: u32 = 229;

/// The composer.
#[component]
pub fn Composer(
    /// The text, where it was changed by something else than typing.
    draft: ReadSignal<String>,
    /// Changes when what is written here is another person's and is to vanish.
    emptied: ReadSignal<u32>,
    /// How many characters too many, where it could not be sent.
    too_long: ReadSignal<Option<u32>>,
    /// Changes when the text is to take the focus.
    focus: ReadSignal<u32>,
    /// The text has changed.
    on_edit: Callback<String>,
    /// The text is to be sent.
    on_send: Callback<String>,
) -> impl IntoView {
    let words = words();
    let area = NodeRef::<Textarea>::new();
    let blank = RwSignal::new(true);

    let edited = move || {
        if let Some(area) = area.get_untracked() {
            blank.set(area.value().trim().is_empty());
            grow(&area);
            on_edit.run(area.value());
        }
    };
    let write = move |area: &HtmlTextAreaElement, text: &str| {
        area.set_value(text);
        blank.set(text.trim().is_empty());
        grow(area);
    };
    let send = move || {
        if let Some(area) = area.get_untracked()
            && !area.value().trim().is_empty()
        {
            let text = area.value();
            // What is sent is gone from here at once; what can't be sent comes back as the draft.
            write(&area, "");
            on_send.run(text);
        }
    };
    let on_key = move |event: KeyboardEvent| {
        let composing = event.is_composing() || event.key_code() == COMPOSING;
        if event.key() == "Enter" && !event.shift_key() && !composing {
            event.prevent_default();
            send();
        }
    };
    let on_submit = move |event: SubmitEvent| {
        event.prevent_default();
        send();
    };

    // Written only when it differs: a write would move the caret and break off an input method. Emptied only where that
    // is asked for: the field has done it itself after a message, and what has been typed since is not to be lost.
    Effect::new(move |before: Option<u32>| {
        let (text, times) = (draft.get(), emptied.get());
        if let Some(area) = area.get()
            && (!text.is_empty() || before.is_some_and(|before| before != times))
            && area.value() != text
        {
            write(&area, &text);
        }
        times
    });
    Effect::new(move || {
        if focus.get() > 0
            && has_keyboard()
            && let Some(area) = area.get()
        {
            let _ = area.focus();
        }
    });

    let fault = move || too_long.get().map(|count| words.count("too_long", count));
    view! {
        <form class="composer" on:submit=on_submit>
            <div class="field">
                <textarea
                    node_ref=area
                    rows="1"
                    dir="auto"
                    enterkeyhint="send"
                    aria-label=words.t("message")
                    aria-invalid=move || too_long.get().is_some().to_string()
                    aria-describedby="composer-fault"
                    placeholder=words.t("placeholder")
                    on:input=move |_| edited()
                    on:keydown=on_key
                ></textarea>
                // The press must not take the focus, or a phone's keyboard would go down.
                <button
                    type="submit"
                    aria-label=words.t("send")
                    disabled=move || blank.get()
                    on:mousedown=|event| event.prevent_default()
                >
                    <Icon lines=SEND />
                </button>
            </div>
            <div id="composer-fault" role="alert">
                {move || fault().map(|fault| view! { <p class="fault">{fault}</p> })}
            </div>
        </form>
    }
}

/// As high as its text; the style sheet says where it ends and scrolls.
fn grow(area: &HtmlTextAreaElement) {
    let style = web_sys::HtmlElement::style(area);
    let _ = style.set_property("height", "auto");
    let _ = style.set_property("height", &[&area.scroll_height().to_string(), "px"].concat());
}

/// On a phone the keyboard would jump up over what there is to read.
fn has_keyboard() -> bool {
    !window()
        .match_media("(pointer: coarse)")
        .ok()
        .flatten()
        .is_some_and(|query| query.matches())
}
