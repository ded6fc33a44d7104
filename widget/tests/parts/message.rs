use causerie_core::client::timeline::Standing;
use causerie_core::ids::ClientMessageId;
use causerie_core::message::Author;
use causerie_widget::parts::message::Message;
use causerie_widget::view::Shown;
use leptos::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::Element;

use crate::stage::{Heard, agent, on_stage, said, settled};

fn nobody() -> Callback<ClientMessageId> {
    Callback::new(|_| {})
}

#[wasm_bindgen_test]
async fn an_article_is_named_after_its_author_first() {
    for (author, name) in [
        (Author::EndUser, "You"),
        (Author::Bot, "Bot"),
        (agent("Camille"), "Camille"),
    ] {
        let shown = ArcRwSignal::new(said(1, author, "Hello"));
        let stage = on_stage(move || view! { <Message shown=shown.read_only() on_retry=nobody() /> });
        let label = stage
            .find::<Element>("article")
            .get_attribute("aria-label")
            .unwrap();
        assert!(label.starts_with(&format!("{name}, ")), "{label}");
    }
}

#[wasm_bindgen_test]
async fn a_refused_message_says_why_and_can_be_retried() {
    let retried = Heard::<ClientMessageId>::nothing();
    let on_retry = retried.callback();
    let mut failed = said(7, Author::EndUser, "Hello");
    failed.shows_standing = true;
    failed.row.standing = Standing::Failed {
        code: "unheard_of".to_owned(),
        message: "The house is closed.".to_owned(),
    };
    let shown = ArcRwSignal::new(failed);
    let read = shown.read_only();
    let stage = on_stage(move || view! { <Message shown=read on_retry /> });
    let text = stage.find::<Element>(".standing").text_content().unwrap();
    assert!(text.starts_with("Not sent. The house is closed."), "{text}");
    stage.button("Retry").click();
    assert_eq!(retried.all(), [ClientMessageId(uuid::Uuid::from_u128(7))]);

    shown.update(|shown| shown.row.standing = Standing::Pending);
    settled().await;
    assert!(!stage.has("button"), "what is on its way can't be retried");
    assert_eq!(
        stage.find::<Element>(".standing").text_content().unwrap(),
        "Sending…"
    );
    shown.update(|shown| shown.row.standing = Standing::Stands);
    settled().await;
    assert_eq!(stage.find::<Element>(".standing").text_content().unwrap(), "Sent");
}

#[wasm_bindgen_test]
async fn an_address_becomes_a_link_that_opens_outside() {
    let shown = ArcRwSignal::new(said(1, Author::Bot, "See https://shop.example/a?b=1&c=2."));
    let stage = on_stage(move || view! { <Message shown=shown.read_only() on_retry=nobody() /> });
    let link = stage.find::<Element>("a");
    assert_eq!(
        link.get_attribute("href").as_deref(),
        Some("https://shop.example/a?b=1&c=2")
    );
    assert_eq!(link.get_attribute("target").as_deref(), Some("_blank"));
    assert!(
        link.get_attribute("rel")
            .unwrap()
            .split(' ')
            .any(|word| word == "noopener")
    );
}

/// What attackers write. None of it may become an element, an attribute or a link that runs.
const CORPUS: [&str; 18] = [
    "<script>window.pwned = 1</script>",
    "<img src=x onerror='window.pwned = 1'>",
    "<svg/onload=window.pwned=1>",
    "<svg><animate onbegin=window.pwned=1 attributeName=x>",
    "\"><iframe srcdoc='<script>parent.pwned=1</script>'>",
    "'\" autofocus onfocus=window.pwned=1 x='",
    "</p></article><style>*{display:none}</style>",
    "<template><script>window.pwned=1</script></template>",
    "<!--<img src=x onerror=window.pwned=1>-->",
    "&lt;script&gt;window.pwned=1&lt;/script&gt;",
    "javascript:window.pwned=1",
    "JaVaScRiPt:window.pwned=1//https://a.example",
    "data:text/html,<script>parent.pwned=1</script>",
    "vbscript:msgbox(1)",
    "https://a.example/\" onclick=\"window.pwned=1",
    "https://a.example/<script>window.pwned=1</script>",
    "mailto:a@b.example?subject=x\"onmouseover=\"window.pwned=1",
    "{{constructor.constructor('window.pwned=1')()}} ${window.pwned=1}",
];

#[wasm_bindgen_test]
async fn r42_nothing_anybody_writes_is_markup() {
    for text in CORPUS {
        for shown in [
            said(1, Author::Bot, text),
            said(2, Author::EndUser, text),
            said(3, agent(text), "hello"),
        ] {
            let wanted = shown.row.text.clone();
            let shown: ArcRwSignal<Shown> = ArcRwSignal::new(shown);
            let stage = on_stage(move || view! { <Message shown=shown.read_only() on_retry=nobody() /> });
            assert_eq!(stage.find::<Element>(".bubble").text_content().unwrap(), wanted);
            for element in stage.all("*") {
                let name = element.tag_name().to_ascii_lowercase();
                let ours = ["div", "article", "p", "span", "svg", "path", "a"].contains(&name.as_str());
                assert!(ours, "{text} made a {name}");
                for attribute in element
                    .get_attribute_names()
                    .iter()
                    .filter_map(|name| name.as_string())
                {
                    assert!(!attribute.starts_with("on"), "{text} made {attribute}");
                }
                if let Some(address) = element.get_attribute("href") {
                    let known = ["https://", "http://", "mailto:"]
                        .iter()
                        .any(|scheme| address.starts_with(scheme));
                    assert!(known, "{text} links to {address}");
                    assert_eq!(
                        Some(address),
                        element.text_content(),
                        "a link shows where it leads"
                    );
                }
            }
        }
    }
    settled().await;
    assert!(
        js_sys::Reflect::get(&window(), &"pwned".into())
            .unwrap()
            .is_undefined()
    );
}
