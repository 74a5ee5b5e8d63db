//! Officers of several countries at terminals of their own, with the book alone: they found a region, a fourth member joins while it runs, an amendment is
//! followed by every node under traffic, and a member that has lost its node comes back. What they type and read is what the book shows.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use crate::captures::Captures;
use crate::country::{Country, countries, domain};
use crate::harness::{time_until, verify};
use crate::program::{indicator, now, wait_for};

/// Generous: a link that failed rests for a while before it is tried again, and the machine may be busy.
const FOLLOW_MAX: Duration = Duration::from_secs(90);

/// An agreement's file, as the book shows it.
pub(crate) fn terms(handle: &str, parties: &str, ceiling: &str, backlog: &str, day: &str) -> String {
    format!(
        r#"handle = "{handle}"
title = "Warnings between neighbours"
purpose = "To warn each other of threats"
legal_basis = "Memorandum of understanding, article 4"
parties = [{parties}]
parties_clause = "1"
dates_clause = "1"
from = {day}

[[clauses]]
number = "1"
title = "Parties and dates"
text = "Those who sign, from the day named until one of them ends it."

[[clauses]]
number = "2"
title = "Indicators"
text = "They share indicators of threats up to the ceiling named."

[[channel_types]]
type = "indicators"
clause = "2"
kinds = ["stix.indicator"]
ceiling = "{ceiling}"
purpose = "To warn each other of threats"
backlog = "{backlog}"
"#
    )
}

const THREE: &str = r#""id", "th", "vn""#;
const FOUR: &str = r#""id", "my", "th", "vn""#;

/// Keys and a node for each, a charter that all three sign, statements from hand to hand. The day it was.
fn found(captures: &mut Captures, three: &[&Country]) -> String {
    let [vn, th, id] = three else { panic!("three found a region") };
    for country in three {
        let begin = if country.code == "vn" { "keys" } else { "others" };
        make(captures, begin, country);
    }
    th.sends("keys/member.toml", vn, "th.toml");
    id.sends("keys/member.toml", vn, "id.toml");
    let members = ["keys/member.toml", "th.toml", "id.toml"].map(|file| std::fs::read_to_string(vn.at(file)).unwrap());
    vn.writes("charter.toml", &format!("name = \"Three neighbours\"\n{}", members.concat()));
    captures.types("charter-draft", vn, 0, "gotong charter new charter.toml --out charter.note");
    let founded =
        vn.types("gotong charter show charter.note --json").with(1).json()[0]["charter"]["founded_at"].clone();
    captures.types("others", vn, 0, "gotong charter sign charter.note --root keys/root.key");
    vn.sends("charter.note", th, "charter.note");
    captures.types("charter-sign", th, 1, "gotong charter show charter.note");
    captures.types("charter-sign", th, 0, "gotong charter sign charter.note --root keys/root.key");
    th.sends("charter.note", id, "charter.note");
    captures.types("charter-last", id, 0, "gotong charter sign charter.note --root keys/root.key");
    id.sends("charter.note", th, "charter.note");
    id.sends("charter.note", vn, "charter.note");
    for country in three {
        let scene = if country.code == "vn" { "charter-accept" } else { "others" };
        captures.types(scene, country, 0, "gotong charter accept charter.note --data node --root keys/root.key");
    }
    for to in three {
        for from in three.iter().filter(|from| from.code != to.code) {
            let name = format!("{}.statement", from.code);
            from.sends("node/statement.note", to, &name);
            let scene = if (to.code, from.code) == ("vn", "th") { "peer-add" } else { "others" };
            captures.types(scene, to, 0, &format!("gotong peer add {name} --data node"));
        }
    }
    founded.as_str().unwrap()[..10].to_owned()
}

/// A root key and a node for one of them.
fn make(captures: &mut Captures, scene: &'static str, country: &Country) {
    let (code, name) = (country.code, country.name);
    captures.types(scene, country, 0, &format!("gotong keys new --out keys --member {code} --name \"{name}\""));
    let scene = if scene == "keys" { "node" } else { scene };
    let address = country.address();
    captures.types(
        scene,
        country,
        0,
        &format!("gotong init --data node --member {code} --name \"{name}\" --root keys/root.key --address {address}"),
    );
}

/// The three agree on a file that stands with Viet Nam, and hand it in.
fn agree(captures: &mut Captures, three: &[&Country], handle: &str, scene: Option<&'static str>) {
    let vn = three[0];
    let part = |name: &'static str| if scene.is_some() { name } else { "others" };
    let known = "--data node";
    captures.types(part("agreement-check"), vn, 0, &format!("gotong agreement check {handle}.toml {known}"));
    captures.types(
        part("agreement-check"),
        vn,
        0,
        &format!("gotong agreement new {handle}.toml {known} --out {handle}.note"),
    );
    sign_round(captures, three, &format!("{handle}.note"), part("agreement-sign"));
    for country in three {
        vn.sends_unless_own(&format!("{handle}.note"), country);
        let scene = if country.code == "vn" { part("agreement-accept") } else { "others" };
        captures.types(scene, country, 0, &format!("gotong agreement accept {handle}.note {known}"));
    }
}

/// A file goes from one to the next, each signs, and it comes back to the first.
fn sign_round(captures: &mut Captures, all: &[&Country], file: &str, scene: &'static str) {
    for (at, country) in all.iter().enumerate() {
        if at > 0 {
            all[at - 1].sends(file, country, file);
        }
        let scene = if at == 1 { scene } else { "others" };
        if at == 1 {
            let before =
                if country.code == "my" { format!(" --charter {}", file.replace("-2", "")) } else { String::new() };
            captures.types(scene, country, 0, &format!("gotong agreement show {file}{before} --data node"));
        }
        captures.types(scene, country, 0, &format!("gotong agreement sign {file} --data node --root keys/root.key"));
    }
    all[all.len() - 1].sends_unless_own(file, all[0]);
}

#[test]
fn a_region_is_founded_and_a_fourth_member_joins_while_it_runs_and_the_book_shows_how() {
    let scratch = tempfile::tempdir().unwrap();
    let [vn, th, id, my] = countries(&scratch);
    let three = [&vn, &th, &id];
    let mut captures = Captures::new(&[&vn, &th, &id, &my]);
    let day = found(&mut captures, &three);
    captures.today(&day);
    for (handle, backlog) in [("warn", "all"), ("quiet", "none")] {
        vn.writes(&format!("{handle}.toml"), &terms(handle, THREE, "amber", backlog, &day));
        agree(&mut captures, &three, handle, (handle == "warn").then_some("agreement"));
        if handle == "warn" {
            captures.types("agreement-accept", &vn, 0, "gotong agreement list --data node");
        }
    }
    for country in three {
        country.serves();
    }
    captures.keeps("serve", &vn, "gotong serve --data node", &vn.served());

    // Before.
    vn.writes("bundle.json", &bundle(1));
    captures.types("share", &vn, 0, "gotong import bundle.json --channel warn/indicators --data node");
    vn.publishes("quiet/indicators", 2, "green").expect(201);
    for country in &three {
        wait_for("the first records", || country.knows(1) && country.knows(2));
    }
    captures.types("share", &th, 0, "gotong lookup n1.example --data node");

    // Malaysia makes a key and a node, which without a region does nothing.
    make(&mut captures, "join-keys", &my);
    let refused = my.types("gotong serve --data node").with(1);
    assert!(refused.err.contains("no charter yet"), "{}", refused.err);
    my.sends("keys/member.toml", &vn, "my.toml");
    captures.types("join-propose", &vn, 0, "gotong keys show my.toml");
    captures.types(
        "join-propose",
        &vn,
        0,
        "gotong charter propose --add-member my.toml --data node --out charter-2.note",
    );
    for (from, to) in [(None, &vn), (Some(&vn), &th), (Some(&th), &id)] {
        if let Some(from) = from {
            from.sends("charter-2.note", to, "charter-2.note");
        }
        captures.types("others", to, 0, "gotong charter sign charter-2.note --data node --root keys/root.key");
    }
    id.sends("charter-2.note", &my, "charter-2.note");
    vn.sends("charter.note", &my, "charter.note");
    captures.types("join-sign", &my, 1, "gotong charter show charter-2.note --charter charter.note");
    captures.types(
        "join-sign",
        &my,
        0,
        "gotong charter sign charter-2.note --charter charter.note --root keys/root.key",
    );
    // One charter of two is not enough, and the refusal says what is.
    let refused = my.types("gotong charter accept charter.note --data node --root keys/root.key").with(1);
    assert!(refused.err.contains("names no member my") && refused.err.contains("charter export"), "{}", refused.err);
    my.types("gotong charter accept charter-2.note --data node --root keys/root.key").with(1);

    my.sends("charter-2.note", &vn, "charter-2.note");
    captures.types("join-accept", &vn, 0, "gotong charter accept charter-2.note --data node");
    captures.types("join-accept", &vn, 0, "gotong charter export --data node --out region.note");
    vn.sends("region.note", &my, "region.note");
    captures.types("join-enter", &my, 0, "gotong charter accept region.note --data node --root keys/root.key");
    my.serves();
    captures.keeps("join-enter", &my, "gotong serve --data node", &my.served());
    for country in [&th, &id] {
        wait_for("the second charter", || {
            let shown = country.types("gotong charter show --data node --json");
            shown.json()[0]["versions"].as_array().unwrap().len() == 2
        });
    }

    // A member of the region and of no agreement learns nothing, and the same about what is there and what is not.
    wait_for("the charter's channel", || my.channels().iter().any(|channel| channel["entries"].as_u64().unwrap() > 0));
    assert_eq!(my.handles(), ["charter"]);
    assert!(!my.knows(1) && !my.knows(2));
    let said = |handle| my.asks("GET", &format!("/api/v1/channels/{handle}%2Findicators"), "").expect(404).text();
    assert_eq!(said("warn"), said("none"));

    // Both agreements take it in: one with what was before, one without.
    for (handle, backlog) in [("warn", "all"), ("quiet", "none")] {
        let file = format!("{handle}-2.toml");
        vn.writes(&file, &terms(handle, FOUR, "amber", backlog, &day));
        let scene = if handle == "warn" { "join-amend" } else { "others" };
        captures.types(
            scene,
            &vn,
            0,
            &format!("gotong agreement amend {handle}.note {file} --data node --out {handle}-2.note"),
        );
        vn.sends(&format!("{handle}.note"), &my, &format!("{handle}.note"));
        let signers = [&vn, &my, &th, &id];
        sign_round(
            &mut captures,
            &signers,
            &format!("{handle}-2.note"),
            if handle == "warn" { "join-party" } else { "others" },
        );
        assert!(!my.knows(1) || handle == "quiet", "nothing is shown before the last signature is handed in");
        let scene = if handle == "warn" { "join-force" } else { "others" };
        captures.types(scene, &vn, 0, &format!("gotong agreement accept {handle}-2.note --data node"));
        // First contact is by file: what is not known here cannot be pulled.
        vn.sends(&format!("{handle}-2.note"), &my, &format!("{handle}-2.note"));
        let both = format!("gotong agreement accept {handle}.note {handle}-2.note --data node");
        captures.types(scene, &my, 0, &both);
    }
    wait_for("the old record in the channel with a backlog", || my.knows(1));
    wait_for("the agreement without one", || my.handles().contains(&"quiet/indicators".to_owned()));
    for (country, number) in [(&vn, 3), (&th, 4), (&my, 5)] {
        // Who publishes before it has heard of the new version publishes for those alone whom the old one names.
        wait_for("the version that Malaysia joined", || names_malaysia(country));
        wait_for("a part in it", || country.publishes("quiet/indicators", number, "green").status == 201);
    }
    for country in [&vn, &th, &id, &my] {
        for number in [3, 4, 5] {
            country.comes_to_know(number);
        }
    }
    // INVARIANT 1: what was published before is in a log that the newcomer is not shown. The others have it: the search would find it.
    assert!(id.knows(2) && !my.knows(2));
    captures.types("join-read", &my, 0, "gotong agreement check warn-2.note --data node");
    captures.types("join-read", &my, 0, "gotong lookup n1.example --data node");
    captures.types("join-read", &my, 0, "gotong lookup n2.example --data node");
    captures.types("join-read", &my, 0, "gotong lookup n3.example --data node");
    for country in [&vn, &th, &id, &my] {
        assert!(verify(&country.at("node")).0, "{}", country.code);
    }
    captures.compare(
        &["docs/book/agreements.md", "docs/walkthroughs/join.md"],
        &["keys", "charter-sign", "agreement-check", "join-propose", "join-enter", "join-read"],
    );
}

/// Whether the agreement without a backlog has Malaysia in it, as this node knows it.
fn names_malaysia(country: &Country) -> bool {
    let channels = country.channels();
    let quiet = channels.iter().find(|channel| channel["handle"] == "quiet/indicators");
    quiet.is_some_and(|channel| channel["audience"].as_array().unwrap().iter().any(|member| member == "my"))
}

/// A bundle with one indicator.
fn bundle(number: u32) -> String {
    let object = indicator(&format!("00000000-0000-4000-8000-{number:012}"), &domain(number));
    format!("{{\"type\":\"bundle\",\"id\":\"bundle--00000000-0000-4000-8000-000000000000\",\"objects\":[{object}]}}")
}

/// What a node decides of a record with this label: whether its author may publish it in `warn`.
fn permits(country: &Country, number: u32, tlp: &str) -> bool {
    let answer = country.publishes("warn/indicators", number, tlp);
    assert!([201, 422, 403].contains(&answer.status), "{} {}", answer.status, answer.text());
    answer.status == 201
}

/// The ceiling of `warn` as a node has it.
fn ceiling(country: &Country) -> String {
    let channels = country.channels();
    let channel = channels.iter().find(|channel| channel["handle"] == "warn/indicators").unwrap();
    channel["ceiling"].as_str().unwrap().to_owned()
}

/// Every record that a node shows of `warn`, as its API answers, by id.
fn rows(country: &Country) -> std::collections::BTreeMap<String, String> {
    let answer = country.asks("GET", "/api/v1/records?limit=1000&channel=warn%2Findicators", "").expect(200).json();
    let row = |row: &serde_json::Value| (row["id"].as_str().unwrap().to_owned(), row.to_string());
    answer["records"].as_array().unwrap().iter().map(row).collect()
}

#[test]
fn an_amendments_last_signature_over_the_api_is_followed_by_every_node_under_traffic() {
    let scratch = tempfile::tempdir().unwrap();
    let [vn, th, id, _] = countries(&scratch);
    let three = [&vn, &th, &id];
    let mut captures = Captures::new(&[]);
    let day = found(&mut captures, &three);
    vn.writes("warn.toml", &terms("warn", THREE, "green", "all", &day));
    agree(&mut captures, &three, "warn", None);
    for country in three {
        country.serves();
    }
    let processes = three.map(Country::process);
    for number in 1..=20 {
        vn.publishes("warn/indicators", number, "green").expect(201);
    }
    for country in three {
        wait_for("the first records", || (1..=20).all(|number| country.knows(number)));
        assert!(!permits(country, 900, "amber"), "the control: before, amber is above the ceiling");
    }
    let before = three.map(rows);

    vn.writes("warn-2.toml", &terms("warn", THREE, "amber", "all", &day));
    vn.types("gotong agreement amend warn.note warn-2.toml --data node --out warn-2.note").with(0);
    sign_round(&mut captures, &three, "warn-2.note", "others");
    let last = serde_json::json!({"note": std::fs::read_to_string(id.at("warn-2.note")).unwrap()}).to_string();

    let (ends, written) = (AtomicBool::new(false), AtomicU32::new(0));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut number = 100;
            while !ends.load(Ordering::Relaxed) && number < 800 {
                th.publishes("warn/indicators", number, "green").expect(201);
                number += 1;
                written.store(number - 100, Ordering::Relaxed);
            }
        });
        time_until("some traffic", now(), FOLLOW_MAX, || written.load(Ordering::Relaxed) > 5);
        let begun = now();
        let taken = id.asks("POST", "/api/v1/documents", &last).expect(200).json();
        assert_eq!(taken["state"], "counts", "{taken}");
        for country in [&id, &vn, &th] {
            let took = time_until(country.code, begun, FOLLOW_MAX, || ceiling(country) == "amber");
            println!("{} follows {} ms after the last signature was posted at id", country.code, took.as_millis());
        }
        ends.store(true, Ordering::Relaxed);
    });
    for (number, country) in (901..).zip(three) {
        assert!(permits(country, number, "amber"), "{} decides by the new version", country.code);
        assert!(!permits(country, number + 10, "red"), "and by nothing laxer");
    }
    let all = 901..=903;
    for country in three {
        all.clone().for_each(|number| country.comes_to_know(number));
        country.comes_to_know(99 + written.load(Ordering::Relaxed));
    }
    for ((country, before), process) in three.iter().zip(before).zip(processes) {
        assert_eq!(country.process(), process, "no node was started again");
        let now = rows(country);
        assert!(before.iter().all(|(id, row)| now.get(id) == Some(row)), "a row of {} was rewritten", country.code);
        assert!(verify(&country.at("node")).0);
    }
}

#[test]
fn a_member_that_lost_its_node_comes_back_with_its_root_key() {
    let scratch = tempfile::tempdir().unwrap();
    let [vn, th, id, _] = countries(&scratch);
    let three = [&vn, &th, &id];
    let mut captures = Captures::new(&[]);
    let day = found(&mut captures, &three);
    vn.writes("warn.toml", &terms("warn", THREE, "green", "all", &day));
    agree(&mut captures, &three, "warn", None);
    for country in three {
        country.serves();
    }
    th.publishes("warn/indicators", 1, "green").expect(201);
    vn.publishes("warn/indicators", 2, "green").expect(201);
    wait_for("the records", || vn.knows(1) && th.knows(2) && id.knows(1));
    th.stops();
    std::fs::remove_dir_all(th.at("node")).unwrap();

    // Without the statements of before, the new node would sign a first one again: the others refuse that.
    let init =
        format!("gotong init --data node --member th --name Thailand --root keys/root.key --address {}", th.address());
    th.types(&init).with(0);
    th.types("gotong charter accept charter.note --data node --root keys/root.key").with(0);
    th.types("gotong peer add vn.statement --data node").with(0);
    th.types("gotong agreement accept warn.note --data node").with(0);
    th.serves();
    let fault = |country: &Country| country.types("gotong peer status --data node").out;
    wait_for("a refusal", || {
        let log = std::fs::read_to_string(vn.at("serve.err")).unwrap();
        log.contains("two different statements")
    });
    assert!(!th.knows(2), "nobody answers it: {}", fault(&th));
    th.stops();
    std::fs::remove_dir_all(th.at("node")).unwrap();

    vn.types("gotong charter export --data node --out region.note").with(0);
    vn.sends("region.note", &th, "region.note");
    th.types(&init).with(0);
    let told = th.types("gotong charter accept region.note --data node --root keys/root.key").with(0);
    assert!(told.out.contains("came along"), "{}", told.out);
    let statements = std::fs::read_to_string(th.at("node/statement.note")).unwrap();
    assert!(statements.contains("\"serial\":2"), "{statements}");
    th.types("gotong agreement accept warn.note --data node").with(0);
    th.serves();
    wait_for("what the others published", || th.knows(2));
    wait_for("a part in it", || th.publishes("warn/indicators", 3, "green").status == 201);
    for country in three {
        wait_for("the new log", || country.knows(3));
    }
    assert!(vn.knows(1) && id.knows(1), "what the lost node published stays with the others");
    // A node that is started again knows the second statement too.
    vn.stops();
    vn.serves();
    th.publishes("warn/indicators", 4, "green").expect(201);
    wait_for("the new log", || vn.knows(4));
}
