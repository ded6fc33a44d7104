//! By which way frames travel: a socket, or requests that wait where sockets are blocked (R41).
//!
//! The way that worked last is tried twice before the other one is, so that neither a restart of the server nor a
//! moment offline changes it. Requests that wait are remembered for a day at most; then a socket has its chance again.

use crate::time::{Span, Timestamp};

/// For how long it is remembered that only requests get through.
const REMEMBERED: Span = Span::days(1);

/// The close code by which the shell says that a socket has worked beside the requests.
pub const SOCKET_WORKS: u16 = 4010;

/// A way for frames.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Transport {
    /// A WebSocket.
    Socket,
    /// Requests that wait for an answer, and one for each command.
    Poll,
}

/// Which way the next attempt takes.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Ways {
    /// Until when requests are the way that worked.
    polls_until: Option<Timestamp>,
    /// Attempts since one was welcomed.
    attempts: u32,
    /// Whether the attempt under way, or the connection, is by requests.
    polling: bool,
}

impl Ways {
    /// With what an earlier page has kept.
    #[must_use]
    pub fn remembering(polls_until: Option<Timestamp>) -> Self {
        Self {
            polls_until,
            ..Self::default()
        }
    }

    /// The way of the attempt that begins now.
    pub fn next(&mut self, now: Timestamp) -> Transport {
        let polls = self.remembers(now);
        let is_other = self.attempts % 3 == 2;
        self.attempts = self.attempts.wrapping_add(1);
        self.polling = polls != is_other;
        if self.polling {
            Transport::Poll
        } else {
            Transport::Socket
        }
    }

    /// The network is back: the attempts that it failed say nothing about the way.
    pub const fn back_online(&mut self) {
        self.attempts = 0;
    }

    /// The attempt was welcomed: its way works. Answers what is to be kept, where that has changed.
    pub fn welcomed(&mut self, now: Timestamp) -> Option<Option<Timestamp>> {
        self.attempts = 0;
        match (self.polling, self.polls_until) {
            (true, _) if !self.remembers(now) => self.remember(Some(now.after(REMEMBERED))),
            (false, Some(_)) => self.remember(None),
            (true, _) | (false, None) => None,
        }
    }

    /// Until when sockets are believed to be blocked, as it is to be kept.
    #[must_use]
    pub const fn polls_until(&self) -> Option<Timestamp> {
        self.polls_until
    }

    fn remembers(&self, now: Timestamp) -> bool {
        // A clock that was set back makes it last no longer than it may.
        let works = |until: Timestamp| now < until && until <= now.after(REMEMBERED);
        self.polls_until.is_some_and(works)
    }

    /// The connection is gone; with [`SOCKET_WORKS`] a socket is what is tried next. Answers as [`Ways::welcomed`].
    pub fn closed(&mut self, code: u16) -> Option<Option<Timestamp>> {
        if code == SOCKET_WORKS && self.polls_until.is_some() {
            self.attempts = 0;
            self.remember(None)
        } else {
            None
        }
    }

    const fn remember(&mut self, until: Option<Timestamp>) -> Option<Option<Timestamp>> {
        self.polls_until = until;
        Some(until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = REMEMBERED.0;

    fn attempts(ways: &mut Ways, now: i64) -> [Transport; 4] {
        [(); 4].map(|()| ways.next(Timestamp(now)))
    }

    #[test]
    fn r41_two_sockets_that_do_not_open_are_followed_by_a_poll() {
        use Transport::{Poll, Socket};
        assert_eq!(attempts(&mut Ways::default(), 0), [Socket, Socket, Poll, Socket]);
    }

    #[test]
    fn r41_polls_that_worked_are_tried_first_for_a_day() {
        use Transport::{Poll, Socket};
        let mut ways = Ways::default();
        let _ = attempts(&mut ways, 0);
        let _ = ways.next(Timestamp(0));
        assert_eq!(ways.next(Timestamp(0)), Poll);
        let until = Timestamp(DAY);
        assert_eq!(ways.welcomed(Timestamp(0)), Some(Some(until)));
        assert_eq!(attempts(&mut ways, DAY - 1), [Poll, Poll, Socket, Poll]);
        assert_eq!(Ways::remembering(Some(until)).next(Timestamp(DAY)), Socket);
        // What was kept by a clock that ran a year ahead does not hold for a year.
        assert_eq!(
            Ways::remembering(Some(Timestamp(365 * DAY))).next(Timestamp(0)),
            Socket
        );
        // What was remembered is remembered anew when it is over and still so.
        let mut ways = Ways::remembering(Some(until));
        assert_eq!(attempts(&mut ways, DAY)[2], Poll);
        let mut ways = Ways::remembering(Some(until));
        for _ in 0..3 {
            let _ = ways.next(until);
        }
        assert_eq!(ways.welcomed(until), Some(Some(Timestamp(2 * DAY))));
        // A socket that is welcomed ends it.
        let mut ways = Ways::remembering(Some(until));
        assert_eq!(attempts(&mut ways, 0)[2], Socket);
        let mut ways = Ways::remembering(Some(until));
        for _ in 0..3 {
            let _ = ways.next(Timestamp(0));
        }
        assert_eq!(ways.welcomed(Timestamp(0)), Some(None));
        assert_eq!(ways.welcomed(Timestamp(0)), None);
    }

    #[test]
    fn r41_what_failed_while_the_browser_was_offline_makes_no_way_another() {
        use Transport::{Poll, Socket};
        let mut ways = Ways::default();
        assert_eq!(
            [ways.next(Timestamp(0)), ways.next(Timestamp(0))],
            [Socket, Socket]
        );
        ways.back_online();
        assert_eq!(attempts(&mut ways, 0), [Socket, Socket, Poll, Socket]);
    }

    #[test]
    fn r41_a_socket_that_opens_beside_the_polls_takes_over() {
        let mut ways = Ways::remembering(Some(Timestamp(DAY)));
        assert_eq!(ways.next(Timestamp(0)), Transport::Poll);
        assert_eq!(ways.welcomed(Timestamp(0)), None);
        assert_eq!(ways.closed(1006), None);
        assert_eq!(ways.closed(SOCKET_WORKS), Some(None));
        assert_eq!(ways.next(Timestamp(0)), Transport::Socket);
    }
}
