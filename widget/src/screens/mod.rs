//! How the parts stand together.

use leptos::prelude::*;

use crate::parts::composer::Composer;
use crate::parts::confirm::Confirm;
use crate::parts::header::Header;
use crate::parts::log::Log;
use crate::parts::menu::Menu;
use crate::parts::replies::Replies;
use crate::parts::status::{StatusLine, Typing};
use crate::parts::welcome::{Loading, Welcome};
use crate::shell::Shell;
use crate::transcript;
use crate::view::{Empty, Screen, again};
use crate::words::words;

/// The one screen there is: a chat thread.
pub fn chat(screen: Screen, shell: Shell, welcome: Option<String>) -> impl IntoView {
    let words = words();
    let responder = screen.responder.read_only();
    let (asks, back) = (RwSignal::new(false), RwSignal::new(0));
    let empty = move || {
        let (waits, welcomes) = match screen.empty.get() {
            Empty::No => (false, false),
            Empty::Loading => (true, false),
            Empty::Yes => (false, true),
        };
        let text = welcome.clone();
        (
            waits.then(|| view! { <Loading /> }),
            welcomes.then(|| view! { <Welcome text /> }),
        )
    };
    view! {
        <main class="chat">
            <Header responder on_close=Callback::new(move |()| shell.closed())>
                <Menu
                    offers_end=screen.offers_end.read_only()
                    has_log=Signal::derive(move || screen.empty.get() == Empty::No)
                    sounds=screen.sounds.read_only()
                    focus=back.read_only()
                    on_end=Callback::new(move |()| asks.set(true))
                    on_download=Callback::new(move |()| {
                        transcript::download(&transcript::text(&shell.rows(), words), words);
                    })
                    on_sounds=Callback::new(move |on| shell.switched_sounds(on))
                />
            </Header>
            <Log
                rows=screen.rows.read_only()
                has_older=screen.has_older.read_only()
                on_page=Callback::new(move |rows| shell.page(rows))
                on_retry=Callback::new(move |cid| shell.retried(cid))
            >
                {empty}
                <Typing typing=screen.typing.read_only() responder />
                <Replies
                    replies=screen.replies.read_only()
                    on_pick=Callback::new(move |reply| shell.replied(reply))
                />
            </Log>
            <div>
                <StatusLine notice=screen.notice.read_only() />
                <Composer
                    draft=screen.draft.read_only()
                    emptied=screen.emptied.read_only()
                    too_long=screen.too_long.read_only()
                    focus=screen.focus.read_only()
                    on_edit=Callback::new(move |draft| shell.edited(draft))
                    on_send=Callback::new(move |text| shell.written(text))
                />
            </div>
            <Confirm
                open=asks
                on_end=Callback::new(move |()| shell.ended())
                on_close=Callback::new(move |()| again(back))
            />
        </main>
    }
}
