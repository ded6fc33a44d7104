//! The macros: everybody reads them, admins write them (R30).

use causerie_core::client::agent::AgentClient;
use causerie_core::ids::MacroId;
use causerie_core::rules::agent_macro::Macro;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::sentence;
use crate::parts::macro_form::MacroForm;
use crate::parts::question::Question;
use crate::shell::Desk;
use crate::shell::http::{Fault, MacroDraft};
use crate::words::{Words, use_words};

/// What is being written.
#[derive(Clone, PartialEq, Eq)]
enum Writing {
    Nothing,
    New,
    Changed(Macro),
}

/// The screen.
#[component]
pub fn Macros() -> impl IntoView {
    let desk: Desk = expect_context();
    let words = use_words();
    let is_admin = Memo::new(move |_| desk.see(AgentClient::sets_the_account));
    let macros = Memo::new(move |_| {
        desk.see(|client| client.desk().map(|desk| desk.macros.clone()).unwrap_or_default())
    });
    let title = NodeRef::<html::H1>::new();
    let (writing, said) = (RwSignal::new(Writing::Nothing), RwSignal::new(String::new()));
    let told = {
        let words = words.clone();
        UnsyncCallback::new(move |(answer, done): (Result<(), Fault>, &'static str)| {
            said.set(match answer {
                Ok(()) => {
                    writing.set(Writing::Nothing);
                    to_title(title);
                    words.say(done)
                }
                Err(why) => sentence(&why, "sign_in.again", &words),
            });
        })
    };
    let keep = move |id: Option<MacroId>, draft: MacroDraft| {
        spawn_local(async move {
            let answer = desk.me().keep_macro(id, &draft).await;
            // The screen may be gone by then: nobody is told, and the macros themselves tell.
            told.try_run((answer, "saved"));
        });
    };
    let delete = UnsyncCallback::new(move |id: MacroId| {
        spawn_local(async move {
            let answer = desk.me().delete_macro(id).await;
            told.try_run((answer, "macros.deleted"));
        });
    });
    let (asked, dialog) = (RwSignal::new(false), NodeRef::<html::Dialog>::new());
    let doomed = RwSignal::new(None::<Macro>);
    let ask = UnsyncCallback::new(move |prepared: Macro| {
        doomed.set(Some(prepared));
        asked.set(true);
    });
    let confirmed = UnsyncCallback::new(move |()| {
        if let Some(doomed) = doomed.get_untracked() {
            delete.run(doomed.id);
        }
    });
    let question = Signal::derive({
        let words = words.clone();
        move || {
            let title = doomed.with(|doomed| doomed.as_ref().map(|doomed| doomed.title.clone()));
            words.fill("macros.delete_title", &[("title", &title.unwrap_or_default())])
        }
    });
    let cancel = UnsyncCallback::new(move |()| {
        writing.set(Writing::Nothing);
        to_title(title);
    });
    let form = move |before: Option<Macro>| {
        let id = before.as_ref().map(|before| before.id);
        view! {
            <section class="card page__section">
                <MacroForm macro_before=before on_keep=UnsyncCallback::new(move |draft| keep(id, draft)) on_cancel=cancel />
            </section>
        }
        .into_any()
    };
    let form = move || match writing.get() {
        Writing::Nothing => None,
        Writing::New => Some(form(None)),
        Writing::Changed(before) => Some(form(Some(before))),
    };
    let change = UnsyncCallback::new(move |prepared: Macro| writing.set(Writing::Changed(prepared)));
    let row = {
        let words = words.clone();
        move |prepared: Macro| view! { <Row prepared words=words.clone() is_admin change delete=ask /> }
    };
    let add = words.say("macros.add");
    let add = move || {
        is_admin.get().then(|| {
            view! {
                <button type="button" class="button" on:click=move |_| writing.set(Writing::New)>{add.clone()}</button>
            }
        })
    };
    view! {
        <main class="page">
            <h1 tabindex="-1" node_ref=title>{words.say("section.macros")}</h1>
            <p class="muted">{words.say("macros.about")}</p>
            {add}
            <p class="muted" role="status">{move || said.get()}</p>
            {form}
            <ul class="macros" role="list" aria-label=words.say("section.macros")>
                {move || macros.get().into_iter().map(&row).collect_view()}
            </ul>
            <Question
                asked
                dialog
                title=question
                consequence=Signal::stored(words.say("macros.delete_consequence"))
                yes=words.say("macros.delete")
                no=words.say("macros.keep")
                on_yes=confirmed
            />
        </main>
    }
}

/// The form that had the focus is gone: the focus goes to the page's title.
fn to_title(title: NodeRef<html::H1>) {
    if let Some(title) = title.get_untracked() {
        // A heading with a tab index takes the focus.
        let _ = title.focus();
    }
}

#[component]
fn Row(
    prepared: Macro,
    words: Words,
    is_admin: Memo<bool>,
    change: UnsyncCallback<Macro>,
    delete: UnsyncCallback<Macro>,
) -> impl IntoView {
    let title = prepared.title.clone();
    let text = prepared.text.as_ref().map(|text| text.as_str().to_owned());
    let ends = prepared
        .end_session
        .then(|| view! { <span class="badge">{words.say("macros.ends")}</span> });
    let tools = {
        let title = title.clone();
        move || {
            let (changed, deleted) = (prepared.clone(), prepared.clone());
            let name = |key: &str| words.fill(key, &[("title", &title)]);
            is_admin.get().then(|| {
                view! {
                    <button
                        type="button"
                        class="button button--quiet"
                        aria-label=name("macros.edit_named")
                        on:click=move |_| change.run(changed.clone())
                    >
                        {words.say("macros.edit")}
                    </button>
                    <button
                        type="button"
                        class="button button--quiet"
                        aria-label=name("macros.delete_named")
                        on:click=move |_| delete.run(deleted.clone())
                    >
                        {words.say("macros.delete")}
                    </button>
                }
            })
        }
    };
    view! {
        <li class="macros__macro card">
            <h2 dir="auto">{title}</h2>
            {ends}
            <p class="macros__text" dir="auto">{text}</p>
            <span class="macros__tools">{tools}</span>
        </li>
    }
}
