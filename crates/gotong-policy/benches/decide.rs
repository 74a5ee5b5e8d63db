//! How long an answer takes: kept, decided, and decided for the first time of an agreement. `cargo bench -p gotong-policy` prints it.
//! Compares nothing and fails nothing: numbers depend on the machine.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a measure stops where something is wrong, and prints"
)]

#[path = "../tests/it/support.rs"]
#[allow(dead_code, unreachable_pub, reason = "shared with the tests, which use more of it")]
mod support;

use std::hint::black_box;
use std::time::Instant;

use gotong_model::Tlp::Amber;
use gotong_model::agreement::Act;
use gotong_policy::{Cache, Question, Reader, ReaderClass, Row, Subject, decide};
use support::{Desk, channel_type, code, day, prohibition, terms};

fn main() {
    let mut terms = terms("rti", &["id", "th", "vn"], channel_type("t", &["id", "th", "vn"], &["stix"], Amber));
    for _ in 0..20 {
        let kinds = vec!["stix.identity".to_owned()];
        terms.prohibitions.push(gotong_model::agreement::Prohibition { kinds, ..prohibition("5.1", Act::Publish) });
    }
    let desk = Desk::of(&terms);
    let member = &code("th");
    let (channel, at) = (desk.channel("t"), day("2026-05-01"));
    let reader = Reader { channels: None, class: ReaderClass::Staff };
    let row = Some(Row { kind: "stix.indicator", tlp: Some(Amber) });
    let basis = &desk.basis();
    let subject = Subject { member, channel, kind: "stix.indicator", tlp: Some(Amber), at };
    let cache = Cache::new();
    for (name, question) in [
        ("publish", Question::Publish(subject)),
        ("admit", Question::Admit { subject, basis }),
        ("view", Question::View { member, channel, reader, row, at }),
    ] {
        let governance = &desk.governance;
        let first = measure(1, || decide(governance, black_box(&question)).permitted);
        let decided = measure(2_000, || decide(governance, black_box(&question)).permitted);
        assert!(cache.permits(governance, &question));
        let kept = measure(1_000_000, || cache.permits(governance, black_box(&question)));
        println!("{name}: kept {kept} ns, decided {decided} ns, compiled and decided {first} ns");
    }
}

fn measure(times: u32, answer: impl Fn() -> bool) -> u128 {
    #[allow(clippy::disallowed_methods, reason = "a measure reads the clock")]
    let start = Instant::now();
    for _ in 0..times {
        assert!(black_box(answer()));
    }
    start.elapsed().as_nanos() / u128::from(times)
}
