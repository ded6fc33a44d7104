//! A ticket: its conversation and its events, the composer, the details.

use causerie_core::TicketId;
use causerie_core::client::agent::{AgentClient, Ask, Input, View};
use causerie_core::ticket::CommentTo;
use causerie_core::ticket::ending::EndButton;
use causerie_core::wire::agent::TicketRow;
use leptos::html;
use leptos::prelude::*;

use crate::parts::composer::Composer;
use crate::parts::details::Details;
use crate::parts::end_session::EndSession;
use crate::parts::events::Events;
use crate::parts::log::Log;
use crate::parts::macro_menu::MacroMenu;
use crate::parts::tabs::Tabs;
use crate::shell::Desk;
use crate::view::{self, Names, list, log, ticket};
use crate::words::use_words;

/// The screen of the ticket with this number.
#[component]
pub fn TicketScreen(
    /// Which ticket.
    id: TicketId,
    /// The view it was found in.
    back: Memo<View>,
) -> impl IntoView {
    let desk: Desk = expect_context();
    let words = use_words();
    let row = Memo::new(move |_| desk.see(|client| client.as_asked(id)));
    let is_seen = Memo::new(move |_| row.with(Option::is_some));
    let unseen = words.fill("ticket.unseen", &[("id", &id.to_string())]);
    move || match row.get_untracked().filter(|_| is_seen.get()) {
        Some(first) => {
            // While the screen is being left there may be none any more: then the last one stays.
            let row = Memo::new(move |before: Option<&TicketRow>| {
                row.get()
                    .or_else(|| before.cloned())
                    .unwrap_or_else(|| first.clone())
            });
            view! { <Screen id row back /> }.into_any()
        }
        None => view! { <main class="inbox__nothing muted"><p>{unseen.clone()}</p></main> }.into_any(),
    }
}

#[component]
fn Screen(id: TicketId, row: Memo<TicketRow>, back: Memo<View>) -> impl IntoView {
    let desk: Desk = expect_context();
    let words = use_words();
    let names = Memo::new(move |_| {
        desk.see(|client| {
            client
                .desk()
                .map(|desk| Names::of(&desk.agents, &desk.groups))
                .unwrap_or_default()
        })
    });
    let me = Memo::new(move |_| desk.see(|client| client.me().map(|me| me.id)));
    let items = Memo::new({
        let words = words.clone();
        move |_| {
            let (names, requester) = (names.get(), row.with(|row| view::named_requester(row, &words)));
            desk.see(|client| {
                let mail = client.desk().is_some_and(|desk| desk.mail);
                let around = log::Context {
                    words: &words,
                    names: &names,
                    requester: requester.as_deref(),
                    mail,
                };
                if client.followed() == Some(id) {
                    log::items(&client.log(), around)
                } else {
                    Vec::new()
                }
            })
        }
    });
    let tab = RwSignal::new(0_usize);
    let panel = move || match tab.get() {
        0 => view! { <Conversation id row names items /> }.into_any(),
        _ => view! { <Events items /> }.into_any(),
    };
    let tabs = vec![words.say("conversation"), words.say("events")];
    view! {
        <main class="ticket" aria-labelledby="ticket-title">
            <Head row back />
            <Tabs names=tabs chosen=tab on_choose=UnsyncCallback::new(move |to| tab.set(to))>{panel}</Tabs>
        </main>
        <Details row names me on_update=UnsyncCallback::new(move |update| desk.update(id, update)) />
    }
}

/// The ticket's title, and what became of its session.
#[component]
fn Head(row: Memo<TicketRow>, back: Memo<View>) -> impl IntoView {
    let words = use_words();
    let title = NodeRef::<html::H1>::new();
    // Who has opened a ticket goes on in it, and need not come through the rest of the list.
    Effect::new(move |_| {
        if let Some(title) = title.get() {
            // A heading with a tab index takes the focus.
            let _ = title.focus();
        }
    });
    let who = {
        let words = words.clone();
        move || {
            row.with(|row| view::named_requester(row, &words))
                .unwrap_or_else(|| words.say("author.visitor"))
        }
    };
    let subject = {
        let words = words.clone();
        move || row.with(|row| view::subject(row, &words))
    };
    view! {
        <header class="ticket__head">
            <a class="ticket__back button button--quiet" href=move || format!("#/views/{}", list::slug(back.get()))>
                {words.say("back")}
            </a>
            <h1 id="ticket-title" tabindex="-1" node_ref=title>
                <span class="ticket__id">{move || row.with(|row| format!("#{}", row.ticket.id))}</span>
                " "
                <span dir="auto" class:erased=move || row.with(|row| row.erased)>{subject}</span>
            </h1>
            <span class="ticket__who muted" dir="auto">{who}</span>
        </header>
    }
}

/// The log and the composer below it.
#[component]
fn Conversation(
    id: TicketId,
    row: Memo<TicketRow>,
    names: Memo<Names>,
    items: Memo<Vec<log::Item>>,
) -> impl IntoView {
    let desk: Desk = expect_context();
    let words = use_words();
    let textbox = NodeRef::<html::Textarea>::new();
    let on_its_way = Memo::new(move |_| desk.see(|client| ticket::replies_on_their_way(client, id)));
    let typing = {
        let words = words.clone();
        Memo::new(move |_| {
            let name = || {
                row.with(view::requester)
                    .unwrap_or_else(|| words.say("author.customer"))
            };
            desk.see(AgentClient::is_customer_typing).then(name)
        })
    };
    let chosen = Memo::new(move |_| desk.see(|client| client.channel(id)));
    let offers = {
        let words = words.clone();
        Memo::new(move |_| row.with(|row| names.with(|names| ticket::offers(row, &words, names))))
    };
    let draft = draft_of(desk, id);
    let edited = move |text: String| {
        draft.set(text.clone());
        desk.feed(Input::Edited { ticket: id, text });
    };
    // Whatever had the focus may go away or be disabled by what it did.
    let write_on = move || {
        if let Some(textbox) = textbox.get_untracked() {
            // A textbox in the document takes the focus.
            let _ = textbox.focus();
        }
    };
    let send = move |to: CommentTo| {
        desk.reply(id, to, draft.get_untracked());
        write_on();
    };
    let refusal = {
        let words = words.clone();
        Memo::new(move |_| desk.see(|client| ticket::refusal(client, id, &words)))
    };
    let macros = {
        let words = words.clone();
        Memo::new(move |_| {
            row.with(|row| names.with(|names| desk.see(|client| ticket::macros(client, row, &words, names))))
        })
    };
    let closed = Memo::new(move |_| row.with(|row| row.ticket.status.is_closed()));
    let button = Memo::new(move |_| row.with(|row| desk.see(|client| EndButton::of(client.ending(row)))));
    let consequence = Memo::new(move |_| {
        let settings = desk.see(|client| client.desk().map(|desk| desk.settings).unwrap_or_default());
        row.with(|row| ticket::consequence_of_end(row, &settings, &words))
    });
    let end = move |()| {
        desk.ask(id, Ask::End);
        write_on();
    };
    let read = move |()| {
        desk.feed(Input::RefusalRead(id));
        write_on();
    };
    view! {
        <Log items on_its_way typing />
        <Composer
            draft
            on_edit=UnsyncCallback::new(edited)
            offers
            chosen
            on_pick=UnsyncCallback::new(move |to| desk.feed(Input::ChannelPicked { ticket: id, to }))
            on_send=UnsyncCallback::new(move |()| send(chosen.get_untracked()))
            refusal
            on_instead=UnsyncCallback::new(send)
            on_read=UnsyncCallback::new(read)
            textbox
        >
            <MacroMenu
                macros
                disabled=closed
                on_apply=UnsyncCallback::new(move |prepared| desk.ask(id, Ask::Macro(prepared)))
            />
            <EndSession
                button
                consequence
                on_end=UnsyncCallback::new(end)
                on_overtaken=UnsyncCallback::new(move |()| write_on())
            />
        </Composer>
    }
}

/// The draft as it is on the screen: it follows the keys at once, and the machine where that changes it.
fn draft_of(desk: Desk, id: TicketId) -> RwSignal<String> {
    let draft = RwSignal::new(String::new());
    Effect::new(move |_| {
        let kept = desk.see(|client| client.draft(id).to_owned());
        if draft.with_untracked(|draft| *draft != kept) {
            draft.set(kept);
        }
    });
    draft
}
