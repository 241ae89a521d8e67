//! How long the texts of a notice may be, in characters: the same for one that is handed in and for a row of a file.

use std::ops::RangeInclusive;

/// Title of the document.
pub const TITLE: RangeInclusive<usize> = 1..=200;
/// Text of the document.
pub const BODY: RangeInclusive<usize> = 1..=30_000;
/// Reason of a refusal, and its remedy.
pub const REFUSAL: RangeInclusive<usize> = 1..=4_000;
/// The officer's unit.
pub const OFFICER_UNIT: RangeInclusive<usize> = 1..=60;
/// The officer's name.
pub const OFFICER_NAME: RangeInclusive<usize> = 1..=30;
/// The officer's telephone, as the office writes it.
pub const OFFICER_PHONE: RangeInclusive<usize> = 2..=30;
/// Name of a paper that is asked for.
pub const REQUEST_NAME: RangeInclusive<usize> = 1..=40;
/// Papers a notice asks for, at most.
pub const REQUESTS: usize = 20;
/// Files a resident hands in with one notice, at most.
pub const UPLOADS: usize = 50;
/// An officer's answer.
pub const ANSWER: RangeInclusive<usize> = 1..=2_000;
/// How far ahead a notice may wait for its day.
pub const LONGEST_WAIT: jiff::SignedDuration = jiff::SignedDuration::from_hours(24 * 366);
