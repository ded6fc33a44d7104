//! Whom a tab believes among the tabs of its visitor: of two that lead the later, and of what they say what is for it.

use causerie_core::client::connection::Status;
use causerie_core::client::end_user::{Config, Device, Effect, EndUserClient, Input, Word};
use causerie_core::client::role::{Link, TabId, Term};
use causerie_core::message::{Author, ThreadEntry};
use causerie_core::session::SessionState;
use causerie_core::wire::end_user::{Down, Resumed, SessionReport};
use causerie_core::{ChatThreadId, Seq, SessionId, Timestamp};
use uuid::Uuid;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const NOW: Timestamp = Timestamp(1_000_000);
const EARLIER: Term = Timestamp(999_999);
const LATER: Term = Timestamp(1_000_001);
const THIS: TabId = TabId(1);
const ANOTHER: TabId = TabId(2);

/// A tab that shares, with its panel open.
fn tab() -> EndUserClient {
    let mut tab = EndUserClient::new(Config {
        site: "demo".to_owned(),
        device: Device {
            secret: "00".repeat(32),
            person: None,
        },
        locale: "en".to_owned(),
        build: String::new(),
        keeps: true,
        shares: true,
        tab: THIS,
    });
    tab.handle(Input::PanelShown, NOW, 0);
    tab
}

/// One that has led since [`NOW`].
fn leader() -> EndUserClient {
    let mut tab = tab();
    tab.handle(Input::Elected, NOW, 0);
    tab.handle(Input::SocketOpened, NOW, 0);
    tab.handle(Input::Frame(Down::Resumed(resumed())), NOW, 0);
    assert_eq!(tab.status(), Status::Live);
    tab
}

/// One that has greeted the leader of this term.
fn follower_of(term: Term) -> EndUserClient {
    let mut tab = tab();
    let effects = hears(&mut tab, leads(term));
    let greets = |effect: &Effect| matches!(effect, Effect::Tell(Word::Greet { tab: THIS, .. }));
    assert!(effects.iter().any(greets));
    tab
}

fn resumed() -> Resumed {
    Resumed {
        thread: Some(ChatThreadId(Uuid::from_u128(9))),
        epoch: 1,
        head: Seq(0),
        read: Seq(0),
        session: None,
        build: String::new(),
        may_end: false,
    }
}

fn leads(term: Term) -> Word {
    let link = Link::Live;
    Word::Leads { term, link }
}

fn is_told(tab: &mut EndUserClient, term: Term, link: Link) -> Status {
    hears(tab, Word::Leads { term, link });
    tab.status()
}

fn welcome(term: Term, to: TabId) -> Word {
    Word::Welcome {
        term,
        to,
        resumed: resumed(),
        entries: Vec::new(),
    }
}

fn hears(tab: &mut EndUserClient, word: Word) -> Vec<Effect> {
    tab.handle(Input::Heard(word), NOW, 0)
}

#[test]
fn of_two_tabs_that_lead_the_earlier_gives_way() {
    let gives_way = |term: Term| {
        let effects = hears(&mut leader(), leads(term));
        effects.contains(&Effect::CloseSocket) && effects.contains(&Effect::Resign)
    };
    assert!(gives_way(LATER));
    assert!(!gives_way(EARLIER), "a word that was late");
    assert!(!gives_way(NOW), "or both would, and nobody led");
}

#[test]
fn a_follower_does_not_go_back_to_a_leader_that_was_replaced() {
    let mut tab = follower_of(LATER);
    hears(&mut tab, welcome(LATER, THIS));
    let types = |tab: &mut EndUserClient, term: Term| {
        let frame = Down::Typing(true);
        tab.handle(Input::PassedOn { term, frame }, NOW, 0);
        tab.is_agent_typing()
    };
    assert!(!types(&mut tab, EARLIER), "what it passes on is late");
    assert!(types(&mut tab, LATER));
    assert_eq!(hears(&mut tab, leads(EARLIER)), [], "it is not greeted");
}

#[test]
fn a_follower_is_welcomed_by_its_own_leader_and_by_no_word_to_another_tab() {
    for (word, status) in [
        (welcome(LATER, ANOTHER), Status::Connecting),
        (welcome(EARLIER, THIS), Status::Connecting),
        (welcome(LATER, THIS), Status::Live),
    ] {
        let mut tab = follower_of(LATER);
        hears(&mut tab, word.clone());
        assert_eq!(tab.status(), status, "{word:?}");
    }
}

#[test]
fn what_is_passed_on_before_a_follower_is_welcomed_is_not_for_it() {
    let mut tab = follower_of(LATER);
    let frame = Down::Typing(true);
    tab.handle(Input::PassedOn { term: LATER, frame }, NOW, 0);
    hears(&mut tab, welcome(LATER, THIS));
    assert!(!tab.is_agent_typing());
}

#[test]
fn a_leader_that_shows_that_it_lives_is_not_greeted_again() {
    let mut tab = follower_of(LATER);
    hears(&mut tab, welcome(LATER, THIS));
    assert_eq!(hears(&mut tab, leads(LATER)), []);
    assert_eq!(tab.status(), Status::Live);
}

#[test]
fn a_follower_is_connected_as_its_leader_is() {
    let mut tab = follower_of(EARLIER);
    hears(&mut tab, welcome(EARLIER, THIS));
    assert_eq!(tab.status(), Status::Live);
    assert_eq!(is_told(&mut tab, EARLIER, Link::Connecting), Status::Connecting);
    hears(&mut tab, welcome(EARLIER, THIS));
    assert_eq!(tab.status(), Status::Live);
    assert_eq!(
        is_told(&mut tab, NOW, Link::Connecting),
        Status::Connecting,
        "another one, which begins"
    );
    let offline = Status::Offline { since: NOW };
    assert_eq!(is_told(&mut tab, NOW, Link::Offline), offline);
    assert_eq!(
        is_told(&mut tab, LATER, Link::Connecting),
        Status::Connecting,
        "yet another one"
    );
}

fn said(seq: u64) -> ThreadEntry {
    ThreadEntry {
        seq: Seq(seq),
        at: NOW,
        session: SessionId(Uuid::from_u128(2)),
        author: Author::Bot,
        text: seq.to_string(),
        replies: Vec::new(),
        cid: None,
        erased: false,
    }
}

/// What a leader answers to a follower that has this much, once it has looked at the shelf.
fn answers(leader: &mut EndUserClient, epoch: Option<u64>, last: Seq) -> Vec<Word> {
    let tab = ANOTHER;
    hears(leader, Word::Greet { tab, epoch, last });
    let looked = Input::Looked {
        outbox: Vec::new(),
        draft: None,
    };
    let word = |effect| {
        if let Effect::Tell(word) = effect {
            Some(word)
        } else {
            None
        }
    };
    let effects = leader.handle(looked, NOW, 0);
    effects.into_iter().filter_map(word).collect()
}

#[test]
fn i26_a_leader_tells_a_follower_what_it_lacks_and_one_of_another_epoch_all() {
    let mut leader = leader();
    let entries = vec![said(1), said(2), said(3)];
    leader.handle(Input::Frame(Down::Entries(entries)), NOW, 0);
    for (epoch, told) in [
        (Some(1), vec![3]),
        (Some(2), vec![1, 2, 3]),
        (None, vec![1, 2, 3]),
    ] {
        let words = answers(&mut leader, epoch, Seq(2));
        let [Word::Welcome { to, entries, .. }] = &words[..] else {
            panic!("it is welcomed: {words:?}");
        };
        let seqs: Vec<u64> = entries.iter().map(|entry| entry.seq.0).collect();
        assert_eq!((*to, seqs), (ANOTHER, told), "of epoch {epoch:?}");
    }
}

#[test]
fn what_greets_the_leader_itself_is_not_passed_on() {
    let mut tab = tab();
    tab.handle(Input::Elected, NOW, 0);
    tab.handle(Input::SocketOpened, NOW, 0);
    let mut passes_on = |frame: Down| {
        let effects = tab.handle(Input::Frame(frame), NOW, 0);
        effects.contains(&Effect::PassOn(NOW))
    };
    assert!(!passes_on(Down::Resumed(resumed())));
    assert!(passes_on(Down::Typing(true)));
}

#[test]
fn a_leader_that_is_not_connected_welcomes_nobody_and_says_so() {
    let mut leader = leader();
    leader.handle(Input::SocketClosed { code: 1006 }, NOW, 0);
    let offline = Word::Leads {
        term: NOW,
        link: Link::Offline,
    };
    assert_eq!(answers(&mut leader, Some(1), Seq(0)), [offline]);
}

fn report(n: u128, state: SessionState) -> Option<SessionReport> {
    Some(SessionReport {
        id: SessionId(Uuid::from_u128(n)),
        state,
        ticket: None,
        ended: None,
    })
}

/// A follower that has two entries, of the second session.
fn that_has_two_entries() -> EndUserClient {
    let mut tab = follower_of(EARLIER);
    let resumed = Resumed {
        head: Seq(2),
        session: report(2, SessionState::Active),
        ..resumed()
    };
    is_welcomed(&mut tab, EARLIER, resumed, vec![said(1), said(2)]);
    tab
}

fn is_welcomed(
    tab: &mut EndUserClient,
    term: Term,
    resumed: Resumed,
    entries: Vec<ThreadEntry>,
) -> Vec<Effect> {
    let to = THIS;
    hears(
        tab,
        Word::Welcome {
            term,
            to,
            resumed,
            entries,
        },
    )
}

#[test]
fn i26_a_follower_that_knows_more_than_its_leader_neither_forgets_it_nor_asks_anew() {
    let mut tab = that_has_two_entries();
    let less = Resumed {
        session: report(1, SessionState::Active),
        ..resumed()
    };
    let effects = is_welcomed(&mut tab, LATER, less, Vec::new());
    assert_eq!(tab.timeline().entries(), [said(1), said(2)]);
    assert_eq!(tab.timeline().session(), report(2, SessionState::Active));
    let greets = |effect: &Effect| matches!(effect, Effect::Tell(Word::Greet { .. }));
    assert!(!effects.iter().any(greets), "{effects:?}");
}

#[test]
fn i28_a_follower_that_has_the_whole_log_learns_of_an_end_from_its_welcome() {
    let mut tab = that_has_two_entries();
    let ended = Resumed {
        head: Seq(2),
        session: report(2, SessionState::Ended),
        ..resumed()
    };
    is_welcomed(&mut tab, EARLIER, ended, Vec::new());
    assert_eq!(tab.timeline().session(), report(2, SessionState::Ended));
}

#[test]
fn i26_a_follower_forgets_what_is_not_in_restored_data() {
    let mut tab = that_has_two_entries();
    let restored = Resumed {
        epoch: 2,
        ..resumed()
    };
    is_welcomed(&mut tab, EARLIER, restored, Vec::new());
    assert_eq!(tab.timeline().entries(), []);
    assert_eq!(tab.timeline().session(), None);
}
