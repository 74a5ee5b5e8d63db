//! Real objects of other producers, where they are at hand (`GOTONG_REAL_DATA`, else `../shared/data` beside the repository).

use gotong_formats::stix21::{Doubt, InputKind, Splitter, read};
use gotong_model::Personal;
use std::path::{Path, PathBuf};

fn data() -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let folder = std::env::var_os("GOTONG_REAL_DATA").map_or_else(beside, PathBuf::from);
    if folder.join("attack").is_dir() {
        return Some(folder);
    }
    println!("skipped: no real data in {}", folder.display());
    None
}

#[test]
fn real_stix_is_accepted_entirely_and_doubted_only_where_it_is_wrong() {
    let Some(data) = data() else { return };
    let (mut objects, mut doubted) = (0, Vec::new());
    let mut of_people = std::collections::BTreeMap::new();
    for folder in ["attack", "stix"] {
        for entry in std::fs::read_dir(data.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_none_or(|extension| extension != "json") {
                continue;
            }
            let mut splitter = Splitter::new(InputKind::Auto);
            splitter.push(&std::fs::read(&path).unwrap());
            splitter.finish();
            while let Some(piece) = splitter.next() {
                let body = piece.content.unwrap();
                let facts =
                    read(&body).unwrap_or_else(|faults| panic!("{} {}: {faults:?}", path.display(), piece.line));
                objects += 1;
                if facts.personal != Personal::None {
                    *of_people.entry(format!("{folder} {}", facts.object_type)).or_insert(0) += 1;
                }
                doubted.extend(facts.doubts.into_iter().map(|doubt| (facts.id.clone(), doubt)));
            }
        }
    }
    assert!(objects > 4_000, "{objects} objects");
    // An example of OASIS has one capital in the id of a relationship.
    assert!(matches!(doubted.as_slice(), [(_, Doubt::IdCapitals)]), "{doubted:?}");
    // What a channel without personal data would refuse: the persons that one report of 2013 names, and nothing of ATT&CK.
    assert_eq!(of_people, std::collections::BTreeMap::from([("stix identity".to_owned(), 4)]));
}
