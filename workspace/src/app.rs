//! Who is signed in, and so which screen there is; and in which language.

use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::boot::Boot;
use crate::route::{Route, forget_fragment, hide_fragment, use_route};
use crate::screens::office::Office;
use crate::screens::sign_in::{Before, SignIn};
use crate::screens::welcome::Welcome;
use crate::shell::http::{self, Fault, Me};
use crate::shell::{Desk, storage};
use crate::words::{Words, choose_locale};

/// How far the sign-in is.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Stage {
    /// It is being asked.
    Asking,
    /// The server was not reached.
    Unreachable,
    /// Nobody is signed in.
    SignedOut(Before),
    /// Somebody has come by a one-time link.
    Invited { token: String },
    /// Somebody is.
    SignedIn(Me),
}

/// The language that is read, and how to choose another.
#[derive(Clone, Copy, Debug, Default)]
pub struct Language {
    words: RwSignal<Option<Words>>,
}

impl Language {
    /// Reads in another language from now on.
    pub fn choose(self, locale: &str) {
        storage::keep_locale(locale);
        self.fetch(locale.to_owned());
    }

    fn fetch(self, locale: String) {
        spawn_local(async move {
            let words = Words::fetch(&locale).await;
            if let Some(root) = document().document_element() {
                // An attribute of this name can always be set.
                let _ = root.set_attribute("lang", words.locale());
            }
            self.words.set(Some(words));
        });
    }
}

/// The workspace.
#[component]
pub fn App() -> impl IntoView {
    let route = use_route();
    provide_context(route);
    let language = Language::default();
    provide_context(language);
    let boot = Boot::read();
    language.fetch(choose_locale(storage::locale().as_deref(), [boot.locale.as_str()]).to_owned());

    let stage = RwSignal::new(Stage::Asking);
    let ask = move || {
        spawn_local(async move {
            stage.set(match http::me().await {
                Ok(me) => Stage::SignedIn(me),
                Err(Fault::SignedOut | Fault::Refused { .. }) => Stage::SignedOut(Before::Nobody),
                Err(Fault::TooMany | Fault::Unreachable) => Stage::Unreachable,
            });
        });
    };
    // A link is followed whether it opens the page or is pasted into one that is open.
    Effect::new(move |before: Option<()>| match route.get() {
        Route::Welcome(token) => {
            hide_fragment();
            stage.set(Stage::Invited { token });
        }
        Route::View(_) | Route::Ticket(_) | Route::Macros | Route::Settings => {
            if before.is_none() {
                ask();
            }
        }
    });
    let again = UnsyncCallback::new(move |()| ask());
    let spent = UnsyncCallback::new(move |()| forget_fragment());
    let entered = UnsyncCallback::new(move |()| {
        forget_fragment();
        ask();
    });
    let left = UnsyncCallback::new(move |()| stage.set(Stage::SignedOut(Before::Nobody)));
    move || match stage.get() {
        Stage::Asking => worded(language, || view! { <Waiting /> }.into_any()),
        Stage::Unreachable => worded(language, move || view! { <Unreachable again /> }.into_any()),
        Stage::SignedOut(before) => worded(language, move || {
            view! { <SignIn before on_done=again /> }.into_any()
        }),
        Stage::Invited { token } => worded(language, move || {
            view! { <Welcome token=token.clone() on_done=entered on_spent=spent /> }.into_any()
        }),
        Stage::SignedIn(me) => {
            let desk = Desk::new(me);
            desk.start();
            provide_context(desk);
            Effect::new(move |_| {
                if desk.signed_out.get() {
                    stage.set(Stage::SignedOut(Before::SomebodyWith {
                        drafts: desk.has_kept_drafts(),
                    }));
                }
            });
            worded(language, move || view! { <Office on_leave=left /> }.into_any())
        }
    }
}

/// A screen in the reader's words, drawn anew when they change.
fn worded(language: Language, screen: impl Fn() -> AnyView + Send + 'static) -> AnyView {
    let drawn = move || {
        language.words.get().map(|words| {
            provide_context(words);
            screen()
        })
    };
    drawn.into_any()
}

#[component]
fn Waiting() -> impl IntoView {
    view! { <p class="waiting" role="status">{crate::words::use_words().say("loading")}</p> }
}

#[component]
fn Unreachable(again: UnsyncCallback<()>) -> impl IntoView {
    let words = crate::words::use_words();
    view! {
        <main class="door">
            <div class="door__card card" role="alert">
                <p>{words.say("fault.unreachable")}</p>
                <button type="button" class="button button--primary" on:click=move |_| again.run(())>
                    {words.say("try_again")}
                </button>
            </div>
        </main>
    }
}
