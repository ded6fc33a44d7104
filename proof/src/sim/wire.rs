//! A socket between a page and the server, and what is under way on it.

use std::collections::VecDeque;

/// Which socket.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct SocketId(pub u64);

/// One socket.
#[derive(Clone, Debug)]
pub struct Socket<Up, Down> {
    /// Whose: an index of visitors and one of tabs' numbers, or of desks.
    pub page: PageId,
    /// Whether it was opened; before that nothing travels.
    pub open: bool,
    /// The page holds it still.
    pub held: bool,
    /// The server's process serves it still.
    pub served: bool,
    /// Frames were lost, doubled or reordered on it: no such socket goes on for good.
    pub spoiled: bool,
    /// It was there before a backup was put back: what comes on it is of the data of then.
    pub of_before: bool,
    /// On their way to the server.
    pub up: VecDeque<Up>,
    /// On their way to the page.
    pub down: VecDeque<Down>,
}

/// Which page.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct PageId(pub u64);

impl<Up: Clone, Down: Clone> Socket<Up, Down> {
    /// One that is being opened.
    #[must_use]
    pub const fn new(page: PageId) -> Self {
        Self {
            page,
            open: false,
            held: true,
            served: false,
            spoiled: false,
            of_before: false,
            up: VecDeque::new(),
            down: VecDeque::new(),
        }
    }

    /// Nobody is at either end, or nothing will come of it.
    #[must_use]
    pub fn is_over(&self) -> bool {
        !self.held && (!self.served || self.up.is_empty())
    }
}

/// What a bad wire does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Spoil {
    /// A frame is lost.
    Lose,
    /// A frame comes twice.
    Double,
    /// A frame overtakes those before it.
    Overtake,
}

/// Spoils a frame of a queue; answers whether there was one to spoil.
pub fn spoil<T: Clone>(frames: &mut VecDeque<T>, how: Spoil, at: usize) -> bool {
    let count = frames.len();
    let needed = if how == Spoil::Overtake { 2 } else { 1 };
    if count < needed {
        return false;
    }
    let at = at % count;
    match how {
        Spoil::Lose => {
            frames.remove(at);
        }
        Spoil::Double => frames.extend(frames.get(at).cloned()),
        Spoil::Overtake => {
            if let Some(frame) = frames.remove(at.max(1)) {
                frames.push_front(frame);
            }
        }
    }
    true
}
