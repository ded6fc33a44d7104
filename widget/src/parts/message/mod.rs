//! One message of the log, and how far it is.

pub mod links;

use leptos::prelude::*;

use causerie_core::client::timeline::{InConversation, Row, RowKey, Standing};
use causerie_core::ids::ClientMessageId;
use causerie_core::message::Author;

use crate::parts::avatar::{Avatar, name};
use crate::view::Shown;
use crate::words::{Words, words};
use links::{Piece, pieces};

/// One row: what stands over it (a day, a time), the message, and its standing.
///
/// One closure draws all of it: a row changes seldom, and the elements stay the same when it does.
#[component]
pub fn Message(
    /// What it shows.
    shown: ArcReadSignal<Shown>,
    /// `Retry` was pressed.
    on_retry: Callback<ClientMessageId>,
) -> impl IntoView {
    let words = words();
    move || {
        let Shown { row, shows_standing } = shown.get();
        let own = row.author == Author::EndUser;
        let time = words.time(row.at);
        let name = name(&row.author, words);
        let label = [&name, ", ", &time].concat();
        let heads = !own && row.opens_group;
        let pending = row.standing == Standing::Pending;
        let failed = matches!(row.standing, Standing::Failed { .. });
        let conversation = conversation(row.conversation);
        view! {
            <div class="row" class:opens-group=row.opens_group class:closes-group=row.closes_group>
                {line_over(&row, words).map(|text| view! { <p class="time-line">{text}</p> })}
                <article
                    class="message"
                    class:own=own
                    class:other=!own
                    class:pending=pending
                    class:failed=failed
                    aria-label=label
                    data-conversation=conversation
                >
                    {heads
                        .then(|| {
                            view! {
                                <p class="author" aria-hidden="true" dir="auto">
                                    {name}
                                </p>
                                <Avatar author=Some(row.author) small=true />
                            }
                        })}
                    <p class="bubble" dir="auto" title=time>
                        {pieces(&row.text).into_iter().map(piece).collect_view()}
                    </p>
                    {shows_standing.then(|| under(row.standing, row.key, words, on_retry))}
                </article>
            </div>
        }
    }
}

/// In which conversation the message stands, for machines: nothing that a person perceives depends on it (R20).
fn conversation(of: InConversation) -> String {
    match of {
        InConversation::Known(session) => session.to_string(),
        InConversation::Fresh => "fresh".to_owned(),
    }
}

/// The day, or the time after a silence.
fn line_over(row: &Row, words: Words) -> Option<String> {
    let time = words.time(row.at);
    match (row.opens_day, row.after_break) {
        (true, _) => Some([&words.day(row.at), " · ", &time].concat()),
        (false, true) => Some(time),
        (false, false) => None,
    }
}

/// Words, or a link that opens outside.
fn piece(piece: Piece) -> impl IntoView {
    let (words, address) = match piece {
        Piece::Words(words) => (Some(words), None),
        Piece::Link(address) => (None, Some(address)),
    };
    let link = address.map(|address| {
        let text = address.clone();
        view! {
            <a href=address target="_blank" rel="noopener noreferrer nofollow">
                {text}
            </a>
        }
    });
    (words, link)
}

fn under(
    standing: Standing,
    key: RowKey,
    words: Words,
    on_retry: Callback<ClientMessageId>,
) -> impl IntoView {
    let (text, failed) = match standing {
        Standing::Pending => (words.t("sending"), false),
        Standing::Stands => (words.t("sent"), false),
        Standing::Failed { code, message } => (why(&code, message, words), true),
    };
    let retry = move |_| {
        if let RowKey::Own(cid) = key {
            on_retry.run(cid);
        }
    };
    view! {
        <div class="standing" class:failed=failed>
            <span>{text}</span>
            {failed
                .then(|| {
                    view! {
                        <button type="button" on:click=retry>
                            {words.t("retry")}
                        </button>
                    }
                })}
        </div>
    }
}

/// The reason in the reader's language where it is known there, else the server's sentence.
fn why(code: &str, message: String, words: Words) -> String {
    let reason = words.found(&["refused.", code].concat()).unwrap_or(message);
    [&words.t("failed"), ". ", &reason].concat()
}
