//! The result on paper: one file, made before the result goes out by any channel.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::clock::LOST_AFTER;
use crate::{Checksum, NoticeId};

/// The file that e-mail attaches, the resident downloads and the print run prints.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Letter {
    /// SHA-256 of the file: what it is stored under, and how anyone can tell that it is the one.
    pub sha256: Checksum,
    /// Pages of A4.
    pub pages: u32,
    /// Length of the file.
    pub bytes: u64,
}

/// A letter to make, as it travels through a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rendering {
    /// The notice it tells.
    pub notice: NoticeId,
}

/// How far the letter has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Paper {
    /// It is being made.
    Awaited {
        /// How often it was set going again.
        round: u32,
        /// Not made by then, it was lost on its way.
        overdue_at: Timestamp,
    },
    /// It is there.
    Ready(Letter),
}

/// The longest wait doubles this often: the work is ours alone, so it is never given up.
const DOUBLINGS: u32 = 3;

impl Paper {
    /// A letter set going at this moment, for the `round`th time after the first.
    pub(crate) fn awaited(round: u32, at: Timestamp) -> Self {
        let wait: SignedDuration = LOST_AFTER * 2_i32.pow(round.min(DOUBLINGS));
        Self::Awaited { round, overdue_at: at + wait }
    }

    /// The letter, once it is there.
    #[must_use]
    pub const fn letter(&self) -> Option<&Letter> {
        match self {
            Self::Awaited { .. } => None,
            Self::Ready(letter) => Some(letter),
        }
    }
}
