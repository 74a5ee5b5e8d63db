//! What warninglists cost: reading, building, memory, and a million values asked.
//! `cargo bench -p gotong-formats --bench warninglist -- FILE.ndjson` prints it. Compares nothing and fails nothing.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a measure reads the clock, stops where something is wrong, and prints"
)]

use gotong_formats::stix21::ValueKind;
use gotong_formats::warninglist::{Lines, Matcher, Warninglist};
use std::hint::black_box;
use std::time::Instant;

fn main() {
    let Some(path) = std::env::args().skip(1).find(|argument| !argument.starts_with('-')) else {
        println!("usage: cargo bench -p gotong-formats --bench warninglist -- FILE.ndjson");
        return;
    };
    let bytes = std::fs::read(path).unwrap();
    let from = Instant::now();
    let lists: Vec<Warninglist> = Lines::new(&bytes).map(|(_, list)| list.unwrap()).collect();
    let entries: usize = lists.iter().map(|list| list.entries().len()).sum();
    println!("{} lists with {entries} entries: read in {:?}", lists.len(), from.elapsed());
    let listed: Vec<String> = lists.iter().flat_map(Warninglist::entries).step_by(7).map(str::to_owned).collect();
    let from = Instant::now();
    let built = Matcher::build(lists, (11, 13));
    let size = built.matcher.bytes();
    println!("built in {:?}; {size} bytes, {:.1} an entry", from.elapsed(), ratio(size, entries));
    let matcher = &built.matcher;
    let names = |nth: u32| (ValueKind::Domain, format!("w{nth}.host-{}.example", nth % 9_973));
    let addresses =
        |nth: u32| (ValueKind::Ipv4, std::net::Ipv4Addr::from_bits(nth.wrapping_mul(2_654_435_761)).to_string());
    let hashes = |nth: u32| (ValueKind::Hash, format!("{:064x}", u128::from(nth) * 0x9e37_79b9_7f4a_7c15));
    let urls = |nth: u32| (ValueKind::Url, format!("https://w{nth}.example/path/{}", nth % 97));
    let known = |nth: u32| {
        let value = listed.get(nth as usize % listed.len()).cloned().unwrap_or_default();
        (
            if value.starts_with(|letter: char| letter.is_ascii_digit()) { ValueKind::Ipv4 } else { ValueKind::Domain },
            value,
        )
    };
    ask("names on no list", matcher, names);
    ask("addresses", matcher, addresses);
    ask("hashes", matcher, hashes);
    ask("URLs", matcher, urls);
    ask("values on lists", matcher, known);
}

fn ask(name: &str, matcher: &Matcher, value: impl Fn(u32) -> (ValueKind, String)) {
    let values: Vec<_> = (0..1_000_000).map(value).collect();
    let (mut hits, mut spent) = (0, Vec::new());
    // In slices, and the slice in the middle counts: other work on the machine falls out.
    for slice in values.chunks(2_000) {
        let from = Instant::now();
        for (kind, value) in slice {
            hits += black_box(matcher.hits(*kind, black_box(value))).len();
        }
        spent.push(from.elapsed().as_nanos() / 2_000);
    }
    spent.sort_unstable();
    let middle = spent.get(spent.len() / 2).copied().unwrap_or_default();
    let total = spent.iter().sum::<u128>() / 500;
    println!("{name:20} {middle} ns a value, {total} ms the million, {hits} hits");
}

#[allow(clippy::cast_precision_loss, reason = "a figure for people")]
fn ratio(left: usize, right: usize) -> f64 {
    left as f64 / right as f64
}
