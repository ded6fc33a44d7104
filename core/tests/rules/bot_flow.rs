//! The bot: the shipped flows as an end user meets them.
#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

use crate::bot_flow_files::{file, with_hello};
use crate::world::{World, amy};
use causerie_core::bot::{Does, Flow, Move, Progress, Step, Surroundings, Words};
use causerie_core::chat_thread::Command;
use causerie_core::conversation::Stage;
use causerie_core::message::{Author, ThreadEntry};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const DEMO: &str = include_str!("../../../flows/demo.toml");
const RETURNS: &str = include_str!("../../../flows/example-returns.toml");

/// A world with a flow, in which the visitor speaks a language.
fn world(flow: &str, locale: &str) -> World {
    let mut world = World::new();
    world.flow = Flow::parse(flow).unwrap();
    locale.clone_into(&mut world.thread.end_user.locale);
    world
}

/// The demo's world after a first message.
fn greeted() -> World {
    let mut world = world(DEMO, "en");
    world.says("Where is my order?");
    world
}

/// What the bot said last.
fn asked(world: &World) -> &ThreadEntry {
    world
        .thread_log
        .iter()
        .rfind(|entry| entry.author == Author::Bot)
        .unwrap()
}

fn replies(world: &World) -> Vec<&str> {
    asked(world).replies.iter().map(String::as_str).collect()
}

/// All that the bot said after the end user's last message.
fn answer(world: &World) -> String {
    let is_bots = |entry: &&ThreadEntry| entry.author == Author::Bot;
    let said: Vec<&str> = world
        .thread_log
        .iter()
        .rev()
        .take_while(is_bots)
        .map(|entry| entry.text.as_str())
        .collect();
    said.into_iter().rev().collect::<Vec<_>>().join("\n")
}

fn is_with_bot(world: &World) -> bool {
    matches!(world.latest().stage, Stage::Bot(_))
}

// The demo.

#[test]
fn r02_the_bot_greets_and_offers_its_replies_and_no_ticket_exists() {
    let world = greeted();

    assert!(answer(&world).starts_with("Hello!"));
    assert_eq!(
        replies(&world),
        ["Track my order", "Ask a question", "Talk to a person"]
    );
    assert!(is_with_bot(&world));
}

#[test]
fn r01_the_welcome_is_there_before_anybody_writes_in_the_readers_language() {
    let flow = Flow::parse(DEMO).unwrap();

    assert!(flow.welcome("en-GB").starts_with("Hello"));
    assert!(flow.welcome("fr-CA").starts_with("Bonjour"));
    assert_eq!(flow.welcome("pl"), flow.welcome("en"), "the default locale");
}

#[test]
fn r02_a_french_visitor_is_answered_in_french() {
    let mut world = world(DEMO, "fr");

    world.says("Bonjour, où est ma commande ?");
    assert!(answer(&world).starts_with("Bonjour"));
    assert_eq!(
        replies(&world),
        [
            "Suivre ma commande",
            "Poser une question",
            "Parler à une personne"
        ]
    );

    world.says("PARLER À UNE PERSONNE");
    assert_eq!(replies(&world), ["Passer"]);
    world.says("Passer");
    assert!(!is_with_bot(&world));
}

#[test]
fn r03_talk_to_a_person_asks_for_an_email_and_hands_off_with_it() {
    let mut world = greeted();

    world.says("Talk to a person");
    assert!(asked(&world).text.contains("email"));
    assert_eq!(replies(&world), ["Skip"]);
    assert!(is_with_bot(&world), "the question stands open");

    world.says("Sure, it is ana@example.com.");
    let email = ("email".to_owned(), "ana@example.com".to_owned());
    assert_eq!(world.ticket_of_latest().fields, [email]);
    assert_eq!(world.thread.end_user.email.as_deref(), Some("ana@example.com"));
}

#[test]
fn r03_the_email_can_be_skipped() {
    let mut world = greeted();

    world.says("Talk to a person");
    world.says("Skip");

    assert_eq!(world.ticket_of_latest().fields, []);
    assert_eq!(world.thread.end_user.email, None);
}

#[test]
fn a_second_answer_without_an_address_is_pointed_to_skip() {
    let mut world = greeted();
    world.says("Talk to a person");

    world.says("rather not");
    assert!(!asked(&world).text.contains("Skip"), "once may be a slip");
    assert_eq!(replies(&world), ["Skip"]);
    for text in ["why?", "no"] {
        world.says(text);
        assert!(asked(&world).text.contains("“Skip”"), "{}", asked(&world).text);
        assert_eq!(replies(&world), ["Skip"]);
    }
    world.says("ana@example.com");
    assert_eq!(world.thread.end_user.email.as_deref(), Some("ana@example.com"));
}

#[test]
fn r03_a_question_and_the_tags_on_the_way_come_with_the_ticket() {
    let mut world = greeted();

    world.says("Track my order");
    world.says("Ask a question");
    world.says("Do you ship to Norway?");
    world.says("Skip");

    let ticket = world.ticket_of_latest();
    assert_eq!(
        ticket.fields,
        [("question".to_owned(), "Do you ship to Norway?".to_owned())]
    );
    assert_eq!(ticket.tags, ["order", "question"]);
}

#[test]
fn r03_after_the_handoff_the_bot_is_silent() {
    let mut world = greeted();
    world.says("Talk to a person");
    world.says("Skip");
    let said = world.thread_log.len();

    world.says("Talk to a person");

    assert_eq!(world.thread_log.len(), said + 1);
}

#[test]
fn r02_a_typed_label_counts_as_pressed_letter_case_and_spaces_aside() {
    for typed in ["talk to a person", " TALK  to a person ", "Parler à une personne"] {
        let mut world = greeted();
        world.says(typed);
        assert_eq!(replies(&world), ["Skip"], "{typed}");
        world.says("sKIP");
        assert!(!is_with_bot(&world), "{typed}");
    }
}

#[test]
fn r02_after_an_answer_the_bot_offers_its_replies_again() {
    let mut world = greeted();

    world.says("Track my order");

    assert!(answer(&world).contains("Orders leave our shop"));
    assert_eq!(
        replies(&world),
        ["Track my order", "Ask a question", "Talk to a person"]
    );
}

#[test]
fn r02_an_answer_that_fits_no_reply_gets_the_replies_again() {
    let mut world = greeted();

    for _ in 0..2 {
        let before = world.thread_log.len();
        world.says("what?");
        assert!(asked(&world).text.starts_with("Sorry"));
        assert_eq!(
            replies(&world),
            ["Track my order", "Ask a question", "Talk to a person"]
        );
        assert_eq!(world.thread_log.len(), before + 2, "said once for each");
    }
    world.says("Talk to a person");
    assert_eq!(replies(&world), ["Skip"], "the question stood open");
}

#[test]
fn r03_what_is_no_email_address_is_asked_for_again_in_words() {
    for slip in [
        "ana",
        "ana@",
        "@example.com",
        "ana@example",
        "ana@example..com",
        "ana@-example.com",
        "a na@exa mple.com",
        ".ana@example.com",
        "ana@bob@example.com",
        "ana@10.0.0.1",
        "ana@example.com or bob@example.com",
        "no thanks",
    ] {
        let mut world = greeted();
        world.says("Talk to a person");
        world.says(slip);
        assert!(
            asked(&world)
                .text
                .starts_with("That does not look like an email address"),
            "{slip}"
        );
        assert_eq!(replies(&world), ["Skip"], "{slip}");
        assert!(is_with_bot(&world), "{slip}");
    }
}

#[test]
fn r03_an_email_address_is_found_as_people_type_it() {
    for (typed, address) in [
        ("ana@example.com", "ana@example.com"),
        (
            "  Ana.Maria+shop@mail.example.co.uk  ",
            "Ana.Maria+shop@mail.example.co.uk",
        ),
        ("<ana@example.com>", "ana@example.com"),
        ("mailto:ana@example.com", "ana@example.com"),
        ("You can write to ana@example.com!", "ana@example.com"),
        ("zoë@bücher.example", "zoë@bücher.example"),
    ] {
        let mut world = greeted();
        world.says("Talk to a person");
        world.says(typed);
        assert_eq!(world.thread.end_user.email.as_deref(), Some(address), "{typed}");
        assert!(!is_with_bot(&world), "{typed}");
    }
}

#[test]
fn r10_what_was_written_before_a_question_was_shown_does_not_answer_it() {
    let mut world = world(DEMO, "en");
    let (first, second) = (world.fresh_cid(), world.fresh_cid());

    let (_, seen, _) = world.sends(first, "hello", causerie_core::Seq(0));
    world.sends(second, "Talk to a person", seen);
    assert_eq!(
        world.thread_log.last().unwrap().author,
        Author::EndUser,
        "the bot did not move"
    );

    world.says("Talk to a person");
    assert_eq!(replies(&world), ["Skip"]);
}

#[test]
fn r08_a_label_that_opens_a_fresh_conversation_is_ordinary_text() {
    let mut world = greeted();
    world.says("Talk to a person");
    world.says("Skip");
    let ticket = world.ticket_of_latest().id;
    world
        .update(ticket, &amy(), crate::world::assign_to(amy().id))
        .unwrap();
    world.ends(ticket, &amy()).unwrap();

    world.says("Talk to a person");

    assert_eq!(
        replies(&world),
        ["Track my order", "Ask a question", "Talk to a person"]
    );
    assert!(is_with_bot(&world));
}

#[test]
fn r13_who_was_here_before_is_greeted_differently() {
    let mut world = greeted();
    assert!(!answer(&world).contains("again"));
    let ticket = world.hands_off();
    world
        .update(ticket, &amy(), crate::world::assign_to(amy().id))
        .unwrap();
    world.ends(ticket, &amy()).unwrap();

    world.says("hello");

    assert!(answer(&world).starts_with("Welcome back!"));
    assert!(!answer(&world).contains("I am the shop’s bot"));
}

#[test]
fn r46_with_nobody_available_the_bot_says_so_and_offers_to_leave_an_email() {
    let mut world = greeted();
    world.someone_available = false;

    world.says("Talk to a person");
    assert!(asked(&world).text.starts_with("Nobody is here right now."));
    assert!(asked(&world).text.contains("email"));
    assert_eq!(replies(&world), ["Skip"]);

    world.says("ana@example.com");
    assert!(!is_with_bot(&world), "the ticket is created all the same");
    assert!(!answer(&world).contains("Nobody"), "said once");
    assert_eq!(world.thread.end_user.email.as_deref(), Some("ana@example.com"));
}

#[test]
fn r46_who_went_away_before_the_handoff_is_said_as_well() {
    let mut world = greeted();
    world.says("Talk to a person");
    world.someone_available = false;

    world.says("Skip");

    assert!(answer(&world).contains("Nobody is here right now."));
    assert!(!is_with_bot(&world));
}

#[test]
fn r46_a_handoff_by_request_says_it_too() {
    for (someone_available, says) in [(false, true), (true, false)] {
        let mut world = greeted();
        world.someone_available = someone_available;
        let before = world.thread_log.len();
        world.run(Command::HandOff).unwrap();
        assert_eq!(world.thread_log.len() > before, says);
        assert_eq!(asked(&world).text.starts_with("Nobody is here right now."), says);
    }
}

/// To people of Sales, whose head goes first.
const TO_SALES: &str = "say = \"One moment\"\ngoto = \"sales\"\n\
                        [[step]]\nid = \"sales\"\nhand_off = { group = \"Sales\" }";

#[test]
fn r46_a_handoff_to_a_group_asks_for_those_of_the_group() {
    for (sales, others, says) in [(true, false, false), (false, true, true)] {
        let mut world = world(&file(TO_SALES), "en");
        world.someone_available = sales || others;
        for group in &mut world.groups {
            group.someone_available = if group.name == "Sales" { sales } else { others };
        }

        world.says("hello");

        let told = world
            .thread_log
            .iter()
            .any(|entry| entry.text.as_str() == "Nobody is here.");
        assert_eq!(told, says, "sales {sales}, others {others}");
        assert_eq!(world.ticket_of_latest().group, Some(crate::world::SALES));
        assert!(!is_with_bot(&world), "the ticket is created all the same");
    }
}

#[test]
fn r46_a_handoff_to_a_group_that_there_is_not_asks_for_anybody() {
    for someone in [true, false] {
        let mut world = world(&file(&TO_SALES.replace("Sales", "Returns")), "en");
        world.someone_available = someone;
        world.says("hello");
        let told = world
            .thread_log
            .iter()
            .any(|entry| entry.text.as_str() == "Nobody is here.");
        assert_eq!(told, !someone);
        assert_eq!(world.ticket_of_latest().group, None);
    }
}

#[test]
fn r46_a_flow_says_in_its_own_words_that_nobody_of_a_group_is_there() {
    let branch = "when = \"nobody available\"\ngroup = \"Sales\"\ngoto = \"later\"\notherwise = \"sales\"\n\
                  [[step]]\nid = \"later\"\nsay = \"Sales are out.\"\ngoto = \"sales\"\n\
                  [[step]]\nid = \"sales\"\nhand_off = { group = \"Sales\" }";
    for sales in [true, false] {
        let mut world = world(&file(branch), "en");
        for group in &mut world.groups {
            group.someone_available = sales || group.name != "Sales";
        }
        world.says("hello");
        let said: Vec<_> = world.thread_log.iter().map(|entry| entry.text.as_str()).collect();
        assert_eq!(said.contains(&"Sales are out."), !sales);
        assert!(!said.contains(&"Nobody is here."), "said once: {said:?}");
    }
}

#[test]
fn r46_what_was_said_of_one_group_says_nothing_of_another() {
    let file = file(
        "when = \"nobody available\"\ngroup = \"Sales\"\ngoto = \"instead\"\notherwise = \"instead\"\n\
         [[step]]\nid = \"instead\"\nsay = \"Support, then.\"\ngoto = \"support\"\n\
         [[step]]\nid = \"support\"\nhand_off = { group = \"Support\" }",
    );
    for support in [true, false] {
        let mut world = world(&file, "en");
        for group in &mut world.groups {
            group.someone_available = support && group.name == "Support";
        }
        world.says("hello");
        let told = world
            .thread_log
            .iter()
            .any(|entry| entry.text.as_str() == "Nobody is here.");
        assert_eq!(told, !support);
    }
}

// The other flow.

#[test]
fn r03_the_example_flow_collects_and_hands_off_to_its_group() {
    let mut world = world(RETURNS, "en");
    assert_eq!(world.flow.steps.len(), 6);

    world.says("hello");
    assert_eq!(replies(&world), ["It does not fit", "It is broken"]);
    world.says("it is broken");
    world.says("  Ana \n Lima ");
    world.says("The handle came off.");

    let ticket = world.ticket_of_latest();
    let fields: Vec<_> = ticket
        .fields
        .iter()
        .map(|(field, value)| (field.as_str(), value.as_str()))
        .collect();
    assert_eq!(
        fields,
        [("name", "Ana Lima"), ("what_happened", "The handle came off.")]
    );
    assert_eq!(ticket.tags, ["broken", "returns"]);
    assert_eq!(world.thread.end_user.name.as_deref(), Some("Ana Lima"));
}

#[test]
fn r46_a_flow_without_words_of_its_own_says_that_nobody_is_available() {
    let mut world = world(RETURNS, "en");
    world.someone_available = false;
    for text in [
        "hello",
        "It does not fit",
        "My money back, please",
        "Ana",
        "Nothing to add",
    ] {
        assert!(world.thread_log.is_empty() || is_with_bot(&world), "{text}");
        world.says(text);
    }

    assert!(answer(&world).contains("closed right now"));
    assert!(!is_with_bot(&world));
}

#[test]
fn r02_a_conversation_whose_step_is_gone_begins_anew_and_keeps_what_was_collected() {
    let mut world = greeted();
    world.says("Ask a question");
    world.says("Do you ship to Norway?");
    world.flow = Flow::parse(RETURNS).unwrap();

    world.says("ana@example.com");
    assert_eq!(replies(&world), ["It does not fit", "It is broken"]);

    for text in ["It is broken", "Ana", "Nothing to add"] {
        world.says(text);
    }
    let question = ("question".to_owned(), "Do you ship to Norway?".to_owned());
    assert!(world.ticket_of_latest().fields.contains(&question));
}

#[test]
fn r02_a_step_can_have_its_own_words_or_its_own_way_for_any_other_answer() {
    let ask = "say = \"Well?\"\nreplies = [{ label = \"A person\", goto = \"people\" }]";
    let mut own_words = world(&with_hello(&format!("{ask}\nunclear = \"Pardon?\"")), "en");
    own_words.says("hello");
    own_words.says("what?");
    assert_eq!(answer(&own_words), "Pardon?");
    assert_eq!(replies(&own_words), ["A person"]);

    let mut own_way = world(&with_hello(&format!("{ask}\notherwise = \"people\"")), "en");
    own_way.says("hello");
    own_way.says("what?");
    assert!(!is_with_bot(&own_way));
}

#[test]
fn r03_who_has_just_given_an_email_counts_as_known_by_it() {
    let file = with_hello(
        "when = \"email known\"\ngoto = \"people\"\notherwise = \"email\"\n\
         [[step]]\nid = \"email\"\nsay = \"Your email?\"\ncollect = \"email\"\ngoto = \"check\"\n\
         [[step]]\nid = \"check\"\nwhen = \"email known\"\ngoto = \"people\"\notherwise = \"email\"",
    );
    let mut world = world(&file, "en");

    world.says("hello");
    assert_eq!(answer(&world), "Your email?");
    world.says("ana@example.com");
    assert!(!is_with_bot(&world));
}

#[test]
fn r02_a_flow_made_in_a_circle_stops_by_itself() {
    let round = |goto: &str| Step {
        tags: Vec::new(),
        does: Does::Say {
            words: Words::new([("en", "round")]),
            goto: goto.to_owned(),
        },
    };
    let flow = Flow {
        default_locale: "en".to_owned(),
        start: "a".to_owned(),
        steps: [("a".to_owned(), round("b")), ("b".to_owned(), round("a"))].into(),
        ..Flow::default()
    };
    let around = Surroundings {
        locale: "en",
        someone_available: true,
        groups: &[],
        has_previous: false,
        email_known: false,
    };

    let (progress, moves) = flow.begin(&around);

    assert_eq!(progress, Progress::default());
    let word = Move::Say {
        text: "round".to_owned(),
        replies: Vec::new(),
    };
    assert_eq!(moves, vec![word; 3]);
}
