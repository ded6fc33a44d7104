//! Placeholders in a macro's text (R38): what can be filled in is, and anything else is refused before it is kept.

use crate::desk_world::{ME, row};
use causerie_core::MacroId;
use causerie_core::chat_thread::Rejection;
use causerie_core::message::{MAX_TEXT, Text, TextFault};
use causerie_core::rules::agent_macro::{CannotApply, Macro};
use causerie_core::rules::placeholders::{Facts, Placeholder};
use causerie_core::ticket::{Status, Ticket};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn says(text: &str) -> Macro {
    Macro {
        id: MacroId(1),
        title: String::new(),
        text: Text::parse(text).ok(),
        status: None,
        priority: None,
        add_tags: Vec::new(),
        end_session: false,
    }
}

fn ticket() -> Ticket {
    row(7, Some(ME), Status::Open).ticket
}

/// What the macro of this text says on ticket 7 to Zoe Martin, by the agent Amy Lee.
fn said(text: &str) -> Result<String, Rejection> {
    said_to(Some("Zoe Martin"), text)
}

fn said_to(requester: Option<&str>, text: &str) -> Result<String, Rejection> {
    let facts = Facts {
        ticket: &ticket(),
        requester,
        email: requester.map(|_| "zoe@example.com"),
        agent: "Amy Lee",
    };
    let update = says(text).update(&facts)?;
    Ok(update
        .comment
        .map(|comment| comment.text.into())
        .unwrap_or_default())
}

#[test]
fn r38_each_placeholder_is_filled_in() {
    for (name, value) in [
        ("ticket.id", "7"),
        ("ticket.title", "Where is it?"),
        ("ticket.requester.name", "Zoe Martin"),
        ("ticket.requester.first_name", "Zoe"),
        ("ticket.requester.email", "zoe@example.com"),
        ("current_user.name", "Amy Lee"),
        ("current_user.first_name", "Amy"),
    ] {
        assert_eq!(said(&format!("{{{{{name}}}}}")).as_deref(), Ok(value), "{name}");
    }
    assert_eq!(
        said("Hi {{ ticket.requester.first_name }}, I am {{current_user.name}}: #{{ticket.id}}.").as_deref(),
        Ok("Hi Zoe, I am Amy Lee: #7.")
    );
    assert_eq!(Placeholder::ALL.len(), 7, "all of them are above");
}

#[test]
fn r38_a_default_stands_where_nothing_is_known() {
    let hi = "Hi {{ticket.requester.first_name | default: \"there\"}}!";
    assert_eq!(said(hi).as_deref(), Ok("Hi Zoe!"));
    assert_eq!(said_to(None, hi).as_deref(), Ok("Hi there!"));
    assert_eq!(
        said_to(Some(" "), hi).as_deref(),
        Ok("Hi there!"),
        "a blank name is none"
    );
    assert_eq!(
        said_to(None, "{{ticket.requester.email|default:'no address'}}").as_deref(),
        Ok("no address")
    );
    assert_eq!(
        said_to(None, "Hi {{ticket.requester.name}}!").as_deref(),
        Ok("Hi !")
    );
}

/// Filled in once: a name with braces is a name, and no text of a customer's is read as a placeholder.
#[test]
fn r38_r42_what_is_filled_in_is_not_filled_in_again() {
    assert_eq!(
        said_to(Some("{{ticket.id}}"), "Hi {{ticket.requester.name}}").as_deref(),
        Ok("Hi {{ticket.id}}")
    );
}

#[test]
fn r38_what_cannot_be_filled_in_is_neither_kept_nor_applied() {
    let live = row(7, Some(ME), Status::Open).composer();
    for text in [
        "Hi {{ticket.requester.phone}}",
        "{% if vip %}Hi",
        "Hi {{ticket.id}} {% endif %}",
        "{{",
        "{{}}",
        "a\n{%",
        "{{ticket.id",
        "{{ticket.id | upcase}}",
        "{{ticket.id | default: none}}",
        "{{ticket.id | default: \"a\" | upcase}}",
        "{{ticket.id | default: \"a\" | append: \"b\"}}",
        "{{ticket.id | default: \"}}",
    ] {
        let it = says(text);
        assert_eq!(it.may_be_kept(), Err(Rejection::MacroPlaceholders), "{text}");
        assert_eq!(
            it.applies(&ticket(), &live, Ok(())),
            Err(CannotApply::Placeholders),
            "one that was stored: {text}"
        );
        assert_eq!(said(text), Err(Rejection::MacroPlaceholders), "{text}");
    }
    for text in ["Hi {you}", "50 % {off}", "}} %}", "{ { % }", "Hi {{ticket.id}}"] {
        let it = says(text);
        assert_eq!(it.may_be_kept(), Ok(()), "{text}");
        assert_eq!(it.applies(&ticket(), &live, Ok(())), Ok(()), "{text}");
        assert!(said(text).is_ok(), "{text}");
    }
}

#[test]
fn r38_what_comes_of_a_text_is_a_text_like_any_other() {
    assert_eq!(
        said_to(None, "{{ticket.requester.name}}"),
        Err(Rejection::Text(TextFault::Empty))
    );
    let long = ["x".repeat(MAX_TEXT - 30), "{{ticket.requester.name}}".to_owned()].concat();
    assert_eq!(
        said_to(Some(&"y".repeat(60)), &long),
        Err(Rejection::Text(TextFault::TooLong))
    );
}

#[test]
fn r38_the_refusal_names_every_placeholder() {
    let told = Rejection::MacroPlaceholders.to_string();
    for placeholder in Placeholder::ALL {
        assert!(
            told.contains(&format!("{{{{{}}}}}", placeholder.name())),
            "{told}"
        );
    }
}
