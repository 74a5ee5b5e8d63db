//! The one integration program of the crate: the texts of every language, the messages that pages ask for, and the fonts.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "tests stop at what they did not expect"
)]

mod asked;
mod fonts;
mod judge;
mod texts;
