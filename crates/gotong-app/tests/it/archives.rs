//! Archives: what is exported verifies elsewhere, by a program that was written from the protocol's page alone.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use gotong_app::archive::{self, Exported, Filter};
use gotong_app::caller::Caller;
use gotong_app::withdraw::Selection;
use gotong_ledger::archive::sections;
use gotong_ledger::{Encoding, SectionKind};
use gotong_model::control::Reason;

use crate::region::{Peer, Region, Treaty, indicator, indicator_id};

fn export(peer: &Peer, caller: &Caller, filter: &Filter) -> (Vec<u8>, Exported) {
    let mut bytes = Vec::new();
    let mut write = |piece: &[u8]| bytes.write_all(piece);
    let exported = archive::export_encoded(&peer.node, caller, filter, Encoding::Plain, &mut write).unwrap();
    (bytes, exported)
}

fn kinds(bytes: &[u8], kind: SectionKind) -> usize {
    sections(bytes).map(Result::unwrap).filter(|section| section.kind == kind).count()
}

/// The independent verifier's word.
#[allow(clippy::disallowed_methods, reason = "the independent verifier is another program")]
fn verify(path: &Path) -> serde_json::Value {
    let script: PathBuf = [env!("CARGO_MANIFEST_DIR"), "..", "..", "interop", "verify.py"].iter().collect();
    let started = Command::new("python3").arg(script).arg(path).arg("--json").output();
    let output =
        started.unwrap_or_else(|fault| panic!("python3 does not start ({fault}); the package python3 brings it"));
    let said = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes));
    assert!(output.status.success(), "{}", said.concat());
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn an_export_verifies_independently() {
    let region = Region::usual();
    let (id, th, vn) = (region.open("id"), region.open("th"), region.open("vn"));
    let channel = id.channel();
    id.publish(channel, &(0..1_200).map(indicator).collect::<Vec<_>>());
    th.publish_one(channel, &indicator(5_000));
    let ids = (0..10).map(indicator_id).collect();
    let selection = Selection { channel, ids, modified: None, constituent: None, caller: "test".to_owned() };
    id.node.withdraw(&selection, Reason::Error).unwrap();
    for (reader, author) in [(&vn, &id), (&vn, &th), (&id, &th), (&th, &id)] {
        reader.pull(author);
    }
    for (peer, name) in [(&id, "author"), (&vn, "holder")] {
        let (bytes, exported) = export(peer, &Caller::operator(), &Filter::default());
        assert_eq!((exported.logs, exported.entries, exported.skipped.len()), (2, 1_202 + 2, 0));
        assert_eq!(exported.bytes, bytes.len() as u64);
        assert_eq!((kinds(&bytes, SectionKind::Statement), kinds(&bytes, SectionKind::Agreement)), (3, 1));
        assert!(kinds(&bytes, SectionKind::Acknowledgement) > 0);
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.archive"));
        std::fs::write(&path, &bytes).unwrap();
        let report = verify(&path);
        let logs = report["logs"].as_array().unwrap();
        let mut sizes: Vec<_> = logs
            .iter()
            .map(|log| {
                [&log["size"], &log["whole"], &log["erased"], &log["withheld"], &log["faulty"]]
                    .map(|n| n.as_u64().unwrap())
            })
            .collect();
        sizes.sort_unstable();
        assert_eq!(sizes, [[2, 2, 0, 0, 0], [1_202, 1_192, 10, 0, 0]], "{report}");
    }
}

#[test]
fn an_export_has_what_its_caller_may_read_and_nothing_else() {
    let mut region = Region::usual();
    let other = region.agree(&Treaty { handle: "other", parties: &["id", "vn"], ..Treaty::default() });
    let id = region.open("id");
    let channel = id.channel();
    id.publish_one(channel, &indicator(1));
    id.publish_one(other, &indicator(2));
    let limited = Caller { channels: Some(vec![channel]), ..Caller::operator() };
    let (bytes, exported) = export(&id, &limited, &Filter::default());
    assert_eq!((exported.logs, kinds(&bytes, SectionKind::Agreement)), (1, 1));
    let (both, _) = export(&id, &Caller::operator(), &Filter::default());
    assert_eq!(kinds(&both, SectionKind::Agreement), 2, "the control");
    let only = Filter { channel: Some(other), ..Filter::default() };
    assert_eq!(export(&id, &Caller::operator(), &only).1.logs, 1);
    assert_eq!(export(&id, &limited, &only).1.logs, 0);
}
