//! The details of a ticket: its fields, and who asks.

use causerie_core::ids::{AgentId, GroupId};
use causerie_core::ticket::{Priority, Set, Status, Update};
use causerie_core::wire::agent::TicketRow;
use leptos::prelude::{Update as _, *};
use wasm_bindgen::JsCast;

use super::choice::{Choice, Pick};
use super::copyable::Copyable;
use super::fresh_id;
use crate::view::Names;
use crate::words::{Words, use_words};

/// The details column.
#[component]
pub fn Details(
    /// The ticket.
    #[prop(into)]
    row: Signal<TicketRow>,
    /// Who can be chosen.
    #[prop(into)]
    names: Signal<Names>,
    /// Who looks.
    #[prop(into)]
    me: Signal<Option<AgentId>>,
    /// A change was asked for.
    on_update: UnsyncCallback<Update>,
) -> impl IntoView {
    let words = use_words();
    let closed = Signal::derive(move || row.with(|row| row.ticket.status.is_closed()));
    let open = RwSignal::new(false);
    let (title, more, id) = (
        words.say("details"),
        words.say("details.more"),
        fresh_id("details"),
    );
    view! {
        <aside class="details" class:details--open=move || open.get() aria-label=title>
            <div class="details__fields">
                <StatusChoice row closed on_update />
                <AssigneeChoice row names me closed on_update />
                <GroupChoice row names closed on_update />
                <PriorityChoice row closed on_update />
                <Tags row closed on_update />
            </div>
            // Where there is no room for all of it, it is opened on demand.
            <button
                type="button"
                class="button button--quiet details__toggle"
                aria-expanded=move || open.get().to_string()
                aria-controls=id.clone()
                on:click=move |_| open.update(|open| *open = !*open)
            >
                {more}
            </button>
            <div class="details__more" id=id.clone()>
                <dl class="details__list">
                    {move || requester(&row.get(), &words)}
                    <CustomerId row />
                </dl>
            </div>
        </aside>
    }
}

#[component]
fn StatusChoice(
    row: Signal<TicketRow>,
    closed: Signal<bool>,
    on_update: UnsyncCallback<Update>,
) -> impl IntoView {
    let words = use_words();
    let label = words.say("field.status");
    let picks = Signal::derive(move || {
        let pick = |(status, can): (Status, bool)| {
            let name = words.say(&format!("status.{}", status.name()));
            Pick {
                disabled: !can,
                ..Pick::new(status.name(), name)
            }
        };
        row.with(|row| row.ticket.statuses()).map(pick).to_vec()
    });
    let picked = move |picked: String| {
        let status = Status::ALL.into_iter().find(|status| status.name() == picked);
        on_update.run(Update {
            status,
            ..Update::default()
        });
    };
    let value = Signal::derive(move || row.with(|row| row.ticket.status.name().to_owned()));
    view! { <Choice label value picks disabled=closed on_pick=UnsyncCallback::new(picked) /> }
}

#[component]
fn PriorityChoice(
    row: Signal<TicketRow>,
    closed: Signal<bool>,
    on_update: UnsyncCallback<Update>,
) -> impl IntoView {
    let words = use_words();
    let pick = |priority: Priority| {
        Pick::new(
            priority.name(),
            words.say(&format!("priority.{}", priority.name())),
        )
    };
    let picks = Signal::stored(Priority::ALL.map(pick).to_vec());
    let picked = move |picked: String| {
        let priority = Priority::ALL
            .into_iter()
            .find(|priority| priority.name() == picked);
        on_update.run(Update {
            priority,
            ..Update::default()
        });
    };
    let value = Signal::derive(move || row.with(|row| row.ticket.priority.name().to_owned()));
    let label = words.say("field.priority");
    view! { <Choice label value picks disabled=closed on_pick=UnsyncCallback::new(picked) /> }
}

#[component]
fn AssigneeChoice(
    row: Signal<TicketRow>,
    names: Signal<Names>,
    me: Signal<Option<AgentId>>,
    closed: Signal<bool>,
    on_update: UnsyncCallback<Update>,
) -> impl IntoView {
    let words = use_words();
    let label = words.say("field.assignee");
    let now = move || row.with(|row| row.ticket.assignee);
    let take = words.say("details.take");
    let picks = Signal::derive(move || {
        let nobody = Pick::new("", words.say("nobody"));
        let agents = names.with(|names| names.agents.clone());
        let agents = agents
            .into_iter()
            .map(|(id, name)| Pick::new(id.to_string(), name));
        core::iter::once(nobody).chain(agents).collect::<Vec<_>>()
    });
    let assign = move |to: Set<AgentId>| {
        on_update.run(Update {
            assignee: Some(to),
            ..Update::default()
        })
    };
    let picked = move |picked: String| assign(picked.parse().map_or(Set::Nothing, |id| Set::To(AgentId(id))));
    let value = Signal::derive(move || now().map(|id| id.to_string()).unwrap_or_default());
    let takable = move || {
        me.get()
            .filter(|me| row.with(|row| row.ticket.is_takable_by(*me)))
    };
    // The button goes away by being pressed; the focus goes to what it has changed.
    let taken = move |event: leptos::ev::MouseEvent, me: AgentId| {
        let button = event
            .current_target()
            .and_then(|button| button.dyn_into::<web_sys::Element>().ok());
        let select = button
            .and_then(|button| button.parent_element())
            .and_then(|field| field.query_selector("select").ok().flatten())
            .and_then(|select| select.dyn_into::<web_sys::HtmlElement>().ok());
        assign(Set::To(me));
        if let Some(select) = select {
            // A combobox in the document takes the focus.
            let _ = select.focus();
        }
    };
    let take = move || {
        takable().map(|id| {
            view! {
                <button type="button" class="button button--quiet" on:click=move |event| taken(event, id)>
                    {take.clone()}
                </button>
            }
        })
    };
    view! {
        <div class="details__assignee">
            <Choice label value picks disabled=closed on_pick=UnsyncCallback::new(picked) />
            {take}
        </div>
    }
}

#[component]
fn GroupChoice(
    row: Signal<TicketRow>,
    names: Signal<Names>,
    closed: Signal<bool>,
    on_update: UnsyncCallback<Update>,
) -> impl IntoView {
    let words = use_words();
    let label = words.say("field.group");
    let picks = Signal::derive(move || {
        let nothing = Pick::new("", words.say("nothing"));
        let groups = names.with(|names| names.groups.clone());
        let groups = groups
            .into_iter()
            .map(|(id, name)| Pick::new(id.to_string(), name));
        core::iter::once(nothing).chain(groups).collect::<Vec<_>>()
    });
    let picked = move |picked: String| {
        let group = Some(picked.parse().map_or(Set::Nothing, |id| Set::To(GroupId(id))));
        on_update.run(Update {
            group,
            ..Update::default()
        });
    };
    let value =
        Signal::derive(move || row.with(|row| row.ticket.group.map(|id| id.to_string()).unwrap_or_default()));
    view! { <Choice label value picks disabled=closed on_pick=UnsyncCallback::new(picked) /> }
}

/// The textbox `Tags`: words with commas between them, taken over on Enter or when it is left.
#[component]
fn Tags(row: Signal<TicketRow>, closed: Signal<bool>, on_update: UnsyncCallback<Update>) -> impl IntoView {
    let words = use_words();
    let (id, hint_id) = (fresh_id("tags"), fresh_id("hint"));
    let value = Memo::new(move |_| row.with(|row| row.ticket.tags.join(", ")));
    let changed = move |event: leptos::ev::Event| {
        let tags = causerie_core::ticket::tidy_tags(event_target_value(&event).split(','));
        if tags != row.with_untracked(|row| row.ticket.tags.clone()) {
            on_update.run(Update {
                tags: Some(tags),
                ..Update::default()
            });
        }
    };
    view! {
        <div class="choice">
            <label for=id.clone()>{words.say("field.tags")}</label>
            <input
                type="text"
                id=id.clone()
                autocomplete="off"
                aria-describedby=hint_id.clone()
                prop:value=move || value.get()
                disabled=move || closed.get()
                on:change=changed
            />
            <span class="visually-hidden" id=hint_id.clone()>{words.say("details.tags_hint")}</span>
        </div>
    }
}

/// The id by which an operator exports or erases whoever asks. Of whoever was erased there is nothing left.
#[component]
fn CustomerId(row: Signal<TicketRow>) -> impl IntoView {
    let words = use_words();
    let id = Memo::new(move |_| row.with(|row| row.end_user.filter(|_| !row.erased)));
    move || {
        let value = id.get()?.to_string();
        let (what, hint) = (
            words.say("details.customer_id"),
            words.say("details.customer_id_hint"),
        );
        Some(view! {
            <dt>{what.clone()}</dt>
            <dd>
                <Copyable value what hint />
            </dd>
        })
    }
}

/// Who asks, what the bot learnt, and what was before (R13).
fn requester(row: &TicketRow, words: &Words) -> impl IntoView + use<> {
    // Nothing is known any more of who was erased, which is not to say that it never was.
    let unknown = || words.say(if row.erased { "erased" } else { "unknown" });
    let previous = row.previous.map(|previous| match previous.ticket {
        Some(id) => view! {
            <dt>{words.say("details.previous")}</dt>
            <dd><a href=format!("#/tickets/{id}")>{words.fill("details.previous_ticket", &[("id", &id.to_string())])}</a></dd>
        }
        .into_any(),
        None => view! {
            <dt>{words.say("details.previous")}</dt>
            <dd>{words.say("details.previous_chat")}</dd>
        }
        .into_any(),
    });
    let fields = row.collected().map(|(name, value)| {
        view! { <dt dir="auto">{name.clone()}</dt> <dd dir="auto">{value.clone()}</dd> }
    });
    view! {
        <dt>{words.say("details.requester")}</dt>
        <dd dir="auto">{row.requester.clone().unwrap_or_else(unknown)}</dd>
        <dt>{words.say("details.email")}</dt>
        <dd dir="auto">{row.email.clone().unwrap_or_else(unknown)}</dd>
        {previous}
        {fields.collect_view()}
    }
}
