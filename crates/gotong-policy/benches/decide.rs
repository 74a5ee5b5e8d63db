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
use gotong_model::house::{Class, Organisation, Organisations};
use gotong_model::{ChannelId, Personal, Slug};
use gotong_policy::{Cache, Constituent, Question, Reader, ReaderClass, Row, Subject, decide};
use support::{Desk, channel_type, class, code, day, house_rule, prohibition, slug, terms};

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
    let subject = Subject {
        member,
        channel,
        kind: "stix.indicator",
        tlp: Some(Amber),
        personal: Personal::None,
        at,
        organisation: None,
    };
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
    house();
}

/// A house of 20 types in which 300,000 organisations have a channel each: hits by channel in no order, and what adding one more costs.
fn house() {
    const ORGANISATIONS: usize = 300_000;
    let names: Vec<String> = (0..20).map(|at| format!("t{at:02}")).collect();
    let kinds = names.iter().map(|name| channel_type(name, &["th"], &["stix"], Amber)).collect();
    let classes = names.iter().map(|name| Class { own: Some(slug(name)), ..class(name) }).collect();
    let mut rule = house_rule("th", kinds, classes);
    rule.terms.from = day("2026-02-01");
    let mut desk = Desk::of(&terms("rti", &["th", "vn"], channel_type("t", &["th", "vn"], &["stix"], Amber)));
    desk.sign_house(&rule);
    let before = resident_kib();
    let organisation = |at: usize| {
        let (code, class) = (slug(&format!("org-{at:06}")), slug(&names[at % names.len()]));
        Organisation {
            name: format!("Organisation number {at} of its country"),
            code,
            class,
            former_classes: Vec::new(),
        }
    };
    #[allow(clippy::disallowed_methods, reason = "a measure reads the clock")]
    let start = Instant::now();
    let register = Organisations::of(code("th"), (0..ORGANISATIONS).map(organisation));
    let governance = desk.governance.clone().with_organisations(register);
    println!("{ORGANISATIONS} organisations: {} ms, {} KiB", start.elapsed().as_millis(), resident_kib() - before);
    let (member, at) = (&code("th"), day("2026-05-01"));
    // A walk that jumps about, so that what is near in memory does not help.
    let walk: Vec<_> = (0..ORGANISATIONS).map(|at| organisation(at * 7_919 % ORGANISATIONS)).collect();
    let own = |it: &Organisation| {
        ChannelId::own(&governance.region, &governance.own_house().unwrap().agreement.id, &it.class, &it.code)
    };
    let walk: Vec<_> = walk.iter().map(|it| (own(it), it.code.clone(), it.class.clone())).collect();
    let cache = Cache::new();
    let row = Some(Row { kind: "stix.indicator", tlp: Some(Amber) });
    for name in [
        "an organisation views its own",
        "staff views any",
        "an organisation publishes",
        "an organisation views one channel",
    ] {
        let ask = |(channel, organisation, class): &(ChannelId, Slug, Slug)| {
            let who = Constituent { organisation, class };
            let class = if name.starts_with("staff") { ReaderClass::Staff } else { ReaderClass::Constituent(who) };
            let question = if name.ends_with("publishes") {
                let (kind, tlp, organisation) = ("stix.indicator", Some(Amber), Some(who));
                Question::Publish(Subject {
                    member,
                    channel: *channel,
                    kind,
                    tlp,
                    personal: Personal::None,
                    at,
                    organisation,
                })
            } else {
                Question::View { member, channel: *channel, reader: Reader { channels: None, class }, row, at }
            };
            cache.permits(&governance, black_box(&question))
        };
        let walk = if name.ends_with("one channel") { vec![walk[5].clone(); ORGANISATIONS] } else { walk.clone() };
        assert!(walk.iter().all(ask));
        #[allow(clippy::disallowed_methods, reason = "a measure reads the clock")]
        let start = Instant::now();
        assert!(walk.iter().all(|it| black_box(ask(it))));
        println!("{name}: kept {} ns", start.elapsed().as_nanos() / walk.len() as u128);
    }
    let mut shared = governance.clone();
    let put = (0..1_000).map(|at| {
        // As a node does: whoever reads keeps the snapshot before.
        let register = shared.organisations().unwrap().clone();
        #[allow(clippy::disallowed_methods, reason = "a measure reads the clock")]
        let start = Instant::now();
        shared.put_organisation(organisation(ORGANISATIONS + at));
        let taken = start.elapsed().as_nanos();
        assert_eq!(register.len() + 1, shared.organisations().unwrap().len());
        taken
    });
    println!("putting one more beside a snapshot: {} ns", put.sum::<u128>() / 1_000);
}

/// What the process holds, where the system tells.
fn resident_kib() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or_default()
}

fn measure(times: u32, answer: impl Fn() -> bool) -> u128 {
    #[allow(clippy::disallowed_methods, reason = "a measure reads the clock")]
    let start = Instant::now();
    for _ in 0..times {
        assert!(black_box(answer()));
    }
    start.elapsed().as_nanos() / u128::from(times)
}
