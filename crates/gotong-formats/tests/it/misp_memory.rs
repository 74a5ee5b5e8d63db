//! What the largest events cost in memory: an event is held whole while it is read, so its cost is bounded, and what would cost more is refused by name.

use serde_json::json;

use gotong_formats::draft::{Piece, Reader as _};
use gotong_formats::misp::{EVENT_BYTES_MAX, EVENT_DRAFT_BYTES_MAX, Options, RECORDS_MAX, Reader};

/// The most memory that this process has held, in bytes; `None` where the system does not say.
fn peak() -> Option<usize> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches(" kB").parse::<usize>().ok().map(|kilobytes| kilobytes * 1_024)
}

/// An event of so many attributes, each with so many apostrophes in its value, as text that is handed over piece by piece.
fn read(attributes: usize, apostrophes: usize) -> (usize, Vec<&'static str>, usize) {
    let mut reader = Reader::new(Options::default());
    let mut sent = 0;
    let mut push = |reader: &mut Reader, text: &str| {
        sent += text.len();
        reader.push(text.as_bytes());
    };
    push(
        &mut reader,
        r#"{"Event":{"uuid":"0e000001-5f1a-4c3e-8b7d-90a1b2c3d4e5","info":"Much","date":"2026-11-01","timestamp":"1795000000","Attribute":["#,
    );
    let more = "'".repeat(apostrophes);
    for number in 0..attributes {
        let one = json!({
            "uuid": format!("1e{number:06x}-5f1a-4c3e-8b7d-90a1b2c3d4e5"), "type": "domain", "category": "Network activity", "to_ids": true,
            "value": format!("host-{number}.example{more}"), "timestamp": "1795000000", "comment": "seen in a log of ours",
        });
        push(&mut reader, &format!("{}{one}", if number == 0 { "" } else { "," }));
    }
    push(&mut reader, "]}}");
    reader.finish();
    let (mut drafts, mut bytes, mut faults) = (0, 0, Vec::new());
    while let Some(piece) = reader.next() {
        match piece {
            Piece::Draft(draft) => {
                drafts += 1;
                bytes += draft.body.len();
            }
            Piece::Fault(fault) => faults.push(fault.field.code),
            Piece::Loss(_) => {}
        }
    }
    println!("{sent} bytes became {drafts} drafts of {bytes} bytes");
    (drafts, faults, sent)
}

#[test]
fn the_largest_event_that_is_taken_costs_no_more_than_is_said() {
    let attributes = if std::env::var_os("GOTONG_TEST_QUICK").is_some() { RECORDS_MAX / 10 } else { RECORDS_MAX };
    let (drafts, faults, sent) = read(attributes, 0);
    assert!(faults.is_empty() && drafts > attributes && sent < EVENT_BYTES_MAX, "{drafts} {faults:?} {sent}");
    if let Some(peak) = peak() {
        println!("{attributes} attributes, {sent} bytes: {peak} bytes at most");
        assert!(peak < 600 << 20, "{peak}");
    }
}

#[test]
fn an_event_whose_records_would_cost_more_is_refused_whole() {
    // Few bytes that become many: an apostrophe is escaped in a pattern, and so is what escapes it.
    let (drafts, faults, sent) = read(2_000, 30_000);
    assert!(sent < EVENT_BYTES_MAX, "{sent}");
    assert_eq!((drafts, faults), (0, vec!["misp.event.memory"]));
    if let Some(peak) = peak() {
        println!("{sent} bytes refused at {EVENT_DRAFT_BYTES_MAX}: {peak} bytes at most");
        assert!(peak < 900 << 20, "{peak}");
    }
}
