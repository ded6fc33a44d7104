//! Words between the tabs of one visitor: short lists, carried by the browser as they are.

use causerie_core::client::end_user::{Input, Word};
use causerie_core::client::role::{Link, TabId, Term};
use causerie_core::ids::Seq;
use causerie_core::time::Timestamp;
use causerie_core::wire::end_user::Down;
use js_sys::Array;
use wasm_bindgen::{JsCast, JsValue};

use super::write::{entries_json, number, resumed_json, time};
use super::{frame, message_id, session_id};

const LOOK: u32 = 0;
const GREET: u32 = 1;
const ASK: u32 = 2;
const READ: u32 = 3;
const TYPES: u32 = 4;
const END: u32 = 5;
const WELCOME: u32 = 6;
const LEADS: u32 = 7;
const LEFT: u32 = 8;
const PASSED_ON: u32 = 9;

const LINKS: [Link; 4] = [Link::Connecting, Link::Live, Link::Offline, Link::LoginOver];

/// A word to the other tabs.
#[expect(clippy::cast_possible_truncation, reason = "one of four")]
#[must_use]
pub fn word(word: &Word) -> JsValue {
    let none = JsValue::UNDEFINED;
    let list = match word {
        Word::Look => list(LOOK, none.clone(), none.clone(), none),
        Word::Greet { tab, epoch, last } => {
            let epoch = epoch.map_or(none, number);
            list(GREET, tab.0.into(), epoch, number(last.0))
        }
        Word::Ask => list(ASK, none.clone(), none.clone(), none),
        Word::Read(upto) => list(READ, number(upto.0), none.clone(), none),
        Word::Types { tab, on } => list(TYPES, tab.0.into(), (*on).into(), none),
        Word::End { cid, session } => {
            let (cid, session) = (cid.to_string().into(), session.to_string().into());
            list(END, cid, session, none)
        }
        Word::Welcome {
            term,
            to,
            resumed,
            entries,
        } => {
            let list = list(WELCOME, time(term.0), to.0.into(), resumed_json(resumed).into());
            list.push(&entries_json(entries).into());
            list
        }
        Word::Leads { term, link } => {
            let link = LINKS
                .iter()
                .position(|known| known == link)
                .map_or(0, |at| at as u32);
            list(LEADS, time(term.0), link.into(), none)
        }
        Word::Left(tab) => list(LEFT, tab.0.into(), none.clone(), none),
    };
    list.into()
}

/// A frame as it came, with the leader that passes it on.
#[must_use]
pub fn passed_on(term: Term, frame: &JsValue) -> JsValue {
    list(PASSED_ON, time(term.0), frame.clone(), JsValue::UNDEFINED).into()
}

/// What another tab has said; nothing where a newer build has said something else.
#[must_use]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_possible_wrap,
    reason = "whole numbers that were written by the same code; casts saturate"
)]
pub fn heard(said: &JsValue) -> Option<Input> {
    let said = said.dyn_ref::<Array>()?;
    let number = |at: u32| said.get(at).as_f64().map(|number| number as u64);
    let text = |at: u32| said.get(at).as_string();
    let tab = |at: u32| number(at).map(|tab| TabId(tab as u32));
    let term = || number(1).map(|term| Timestamp(term as i64));
    let down = |at: u32| frame(&text(at)?);
    Some(Input::Heard(match number(0)? as u32 {
        LOOK => Word::Look,
        GREET => Word::Greet {
            tab: tab(1)?,
            epoch: number(2),
            last: Seq(number(3)?),
        },
        ASK => Word::Ask,
        READ => Word::Read(Seq(number(1)?)),
        TYPES => Word::Types {
            tab: tab(1)?,
            on: said.get(2).is_truthy(),
        },
        END => Word::End {
            cid: message_id(&text(1)?)?,
            session: session_id(&text(2)?)?,
        },
        WELCOME => {
            let (Down::Resumed(resumed), Down::Entries(entries)) = (down(3)?, down(4)?) else {
                return None;
            };
            let (term, to) = (term()?, tab(2)?);
            Word::Welcome {
                term,
                to,
                resumed,
                entries,
            }
        }
        LEADS => Word::Leads {
            term: term()?,
            link: *LINKS.get(number(2)? as usize)?,
        },
        LEFT => Word::Left(tab(1)?),
        PASSED_ON => {
            let (term, frame) = (term()?, down(2)?);
            return Some(Input::PassedOn { term, frame });
        }
        _ => return None,
    }))
}

fn list(kind: u32, first: JsValue, second: JsValue, third: JsValue) -> Array {
    Array::of4(&kind.into(), &first, &second, &third)
}
