//! Why, asked of the program: explained, supposed, dated, registered; and evidence that outlives two of three nodes, which a third party verifies alone.

use std::path::Path;

use crate::harness::{CHANNEL, Dice, Member, Region};
use crate::program::{Ended, run, wait_for};

/// An agreement of two.
const TWO: &str = r#"
handle = "two"
title = "Two"
purpose = "cooperation"
legal_basis = "a memorandum"
parties = ["th", "vn"]
parties_clause = "1"
dates_clause = "1"
from = 2026-01-01
[[clauses]]
number = "1"
title = "All of it"
text = "They share indicators."
[[channel_types]]
type = "indicators"
clause = "1"
ceiling = "green"
purpose = "indicators"
"#;

fn ask(member: &Member, arguments: &[&str]) -> Ended {
    run(&[arguments, &["--data", member.data.to_str().unwrap()]].concat())
}

fn indicator(dice: &mut Dice) -> (String, String) {
    let id = format!("indicator--{}", dice.uuid());
    let object = format!(
        r#"{{"type":"indicator","spec_version":"2.1","id":"{id}","created":"2026-11-01T00:00:00.000Z","modified":"2026-11-01T00:00:00.000Z","name":"x","pattern":"[domain-name:value = '{}.example']","pattern_type":"stix","valid_from":"2026-11-01T00:00:00Z"}}"#,
        dice.word(12)
    );
    (id, object)
}

/// The independent verifier, where Python is there.
#[allow(clippy::disallowed_methods, reason = "the independent verifier is another program")]
fn verifier(archive: &Path) -> Ended {
    let script: std::path::PathBuf = [env!("CARGO_MANIFEST_DIR"), "..", "..", "interop", "verify.py"].iter().collect();
    std::process::Command::new("python3").arg("-B").arg(script).arg(archive).output().unwrap().into()
}

#[test]
fn evidence_of_three_signatures_outlives_two_nodes_and_a_broken_copy_is_refused_by_name() {
    let region = Region::found();
    region.start();
    region.wait_until_equal();
    let [vn, th, id] = &region.members[..] else { panic!("a region of three") };
    let is_dated = |member: &Member| {
        let found = ask(member, &["agreement", "evidence", "rti", "--json"]).with(0).json().remove(0);
        found["documents"][0]["signatures"].as_array().unwrap().iter().all(|one| one["seen"]["verified"] == true)
    };
    wait_for("everybody's own entry", || is_dated(vn));
    for dead in [th, id] {
        dead.kill();
        std::fs::remove_dir_all(&dead.data).unwrap();
    }
    let archive = region.dir.join("rti.archive");
    let out = archive.to_str().unwrap();
    let told = ask(vn, &["agreement", "evidence", "rti", "-o", out]).with(0);
    // And from the folder of a node that does not run.
    vn.stop();
    let alone = ask(vn, &["agreement", "evidence", "rti", "-o", out]).with(0);
    for said in [&told.out, &alone.out, &std::fs::read_to_string(region.dir.join("rti.archive.txt")).unwrap()] {
        for name in ["Viet Nam (vn)", "Thailand (th)", "Indonesia (id)"] {
            assert!(said.contains(&format!("signed by {name}, verified just now")), "{name}: {said}");
        }
        assert_eq!(
            said.matches("at the latest: it put it, with this signature, into its own log").count(),
            3,
            "{said}"
        );
        assert!(said.contains("A signature carries no date."), "{said}");
    }
    run(&["log", "verify", "--archive", out]).with(0);
    let report = verifier(&archive).with(0).out;
    assert!(report.matches("gotong/").count() >= 3, "{report}");
    // One letter of th's signature under the agreement.
    let mut bytes = std::fs::read(&archive).unwrap();
    let agreement = find(&bytes, b"/agreement\n", 0);
    let place = find(&bytes, b"/th/root ", agreement) + 40;
    bytes[place] = if bytes[place] == b'A' { b'B' } else { b'A' };
    let broken = region.dir.join("broken.archive");
    std::fs::write(&broken, &bytes).unwrap();
    let refused = run(&["log", "verify", "--archive", broken.to_str().unwrap()]).with(1);
    assert!(refused.err.contains("/th/root") && refused.err.contains("signature"), "{}", refused.err);
    let refused = verifier(&broken).with(1);
    assert!(refused.out.contains("no signature by party th"), "{}", refused.out);
    // A handle that is none.
    ask(vn, &["agreement", "evidence", "nine"]).with(1);
    ask(vn, &["agreement", "evidence", "rti", "--version", "9"]).with(1);
}

fn find(bytes: &[u8], needle: &[u8], from: usize) -> usize {
    from + bytes[from..].windows(needle.len()).position(|window| window == needle).unwrap()
}

#[test]
fn who_receives_what_and_why_not_is_told_in_words_and_in_json() {
    let mut dice = Dice(11);
    let region = Region::found();
    region.start();
    let [vn, th, _] = &region.members[..] else { panic!("a region of three") };
    let (id, object) = indicator(&mut dice);
    vn.publish(CHANNEL, &object);
    region.wait_until_equal();
    let explained = ask(vn, &["agreement", "explain", &id]).with(0).out;
    for line in [
        "Why it is here",
        "Thailand (th)  receives it",
        "Viet Nam (vn)  is the author",
        "its words: ",
        "How long it stays",
    ] {
        assert!(explained.contains(line), "{line}: {explained}");
    }
    let has = || ask(vn, &["why", &id, "--member", "th"]).with(0).out.contains("has entries 0 to");
    wait_for("the acknowledgement of th", has);
    let json = ask(th, &["why", &id, "--member", "th", "--json"]).with(0).json().remove(0);
    let one = &json["publications"][0];
    assert_eq!(one["members"][0]["delivery"]["id"], "delivery.here");
    let (log, index) = (one["log"].as_str().unwrap(), one["index"].to_string());
    let by_place = ask(vn, &["agreement", "explain", "--log", log, "--index", &index]).with(0).out;
    assert!(by_place.contains("Why it is here"));
    let beforehand =
        |tlp: &str| ask(vn, &["agreement", "explain", "--channel", CHANNEL, "--kind", "stix.indicator", "--tlp", tlp]);
    assert!(beforehand("green").with(0).out.contains("It would go to: id, th"));
    assert!(beforehand("red").with(1).out.contains("You may not publish it"));
    // Over the network with a token, a narrow one gets what anybody gets who asks for what is not there.
    let made =
        run(&["token", "create", "narrow", "--channel", "rti/advisories", "--data", vn.data.to_str().unwrap()]).with(0);
    let (narrow, nobodys) = (made.out.trim(), format!("indicator--{}", dice.uuid()));
    let server = format!("http://{}", vn.address);
    let over = |token: &str, id: &str| run(&["why", id, "--member", "th", "--server", &server, "--token", token]);
    assert!(over(&vn.token, &id).with(0).out.contains("Thailand (th)  receives it"), "the control");
    let (hidden, unknown) = (over(narrow, &id).with(1), over(narrow, &nobodys).with(1));
    assert_eq!((hidden.out, hidden.err), (unknown.out, unknown.err));
    for usage in [
        &["agreement", "explain"][..],
        &["why", "--member", "th"],
        &["why", &id],
        &["agreement", "explain", "--log", log],
    ] {
        ask(vn, usage).with(2);
    }
    ask(vn, &["why", &id, "--member", "zz"]).with(1);
    region.stop();
    let folder = ask(vn, &["why", &id, "--member", "th"]).with(0).out;
    assert!(folder.contains("has entries 0 to"), "the folder of a node that does not run: {folder}");
}

#[test]
fn drafts_are_supposed_changes_are_dated_and_the_register_is_written() {
    let region = Region::found();
    let [vn, ..] = &region.members[..] else { panic!("a region of three") };
    vn.start();
    vn.wait_until_ready();
    let (id, object) = indicator(&mut Dice(12));
    vn.publish(CHANNEL, &object);
    let at = |name: &str| region.dir.join(name).to_str().unwrap().to_owned();
    let draft = |effective: &str| {
        format!("notice = \"suspend\"\nagreement = \"rti\"\nmember = \"vn\"\neffective = {effective}\n")
    };
    std::fs::write(at("n.toml"), draft("2027-01-01")).unwrap();
    let supposed = ask(vn, &["agreement", "what-if", &at("n.toml")]).with(0).out;
    for line in [
        "counted on 2027-01-01",
        "vn would be sent nothing new any more",
        "vn could not publish stix",
        "nothing was written",
    ] {
        assert!(supposed.contains(line), "{line}: {supposed}");
    }
    let json = ask(vn, &["agreement", "what-if", &at("n.toml"), "--json"]).with(0).json().remove(0);
    assert!(
        json["recount"].as_array().unwrap().iter().any(|one| one["kind"] == "stix.indicator" && one["after"] == false)
    );
    let before = ask(vn, &["agreement", "what-if", &at("n.toml"), "--on", "2026-12-31"]).with(0).out;
    assert!(before.contains("no decision would be another"), "{before}");
    // Nobody else runs: the policy lets th have it, and nothing was delivered.
    let silent = ask(vn, &["why", &id, "--member", "th"]).with(0).out;
    for line in [
        "Thailand (th)  receives it",
        "has never said that it has anything of this log",
        "has not heard of it since it was started",
    ] {
        assert!(silent.contains(line), "{line}: {silent}");
    }
    // An agreement and an amendment that nobody has signed, in TOML.
    std::fs::write(at("two.toml"), TWO).unwrap();
    let new = ask(vn, &["agreement", "what-if", &at("two.toml")]).with(0).out;
    for line in [
        "If version 1 of two counted",
        "two/indicators: th would be sent",
        "vn could publish stix under TLP:CLEAR, TLP:GREEN\n",
    ] {
        assert!(new.contains(line), "{line}: {new}");
    }
    assert!(!new.contains(" id could"), "id is no party: {new}");
    let amended = TWO
        .replace("handle = \"two\"\n", "")
        .replace("[\"th\", \"vn\"]", "[\"id\", \"th\", \"vn\"]")
        .replace("2026-01-01", "2027-01-01");
    std::fs::write(at("rti-2.toml"), amended).unwrap();
    let amended = ask(vn, &["agreement", "what-if", &at("rti-2.toml"), "--amends", "rti"]).with(0).out;
    for line in [
        "If version 2 of rti counted on 2027-01-01",
        "rti/indicators: vn could not publish stix under TLP:AMBER any more",
        "does not open rti/advisories any more",
    ] {
        assert!(amended.contains(line), "{line}: {amended}");
    }
    ask(vn, &["agreement", "what-if", &at("rti-2.toml"), "--amends", "nine"]).with(1);
    assert!(ask(vn, &["agreement", "list", "--json"]).with(0).out.matches("\"waits").count() == 0, "nothing was kept");
    // The same, signed and taken in, is what the changes then say.
    let listed = || ask(vn, &["agreement", "changes", "rti", "--on", "2027-01-01"]).with(0).out;
    assert!(listed().contains("Nothing changes in that time"));
    let root = vn.data.join("root/root.key");
    let (root, out) = (root.to_str().unwrap(), at("s.note"));
    ask(
        vn,
        &["agreement", "suspend", "--agreement", "rti", "--root", root, "--effective", "2027-01-01", "--out", &out],
    )
    .with(0);
    let signed = ask(vn, &["agreement", "what-if", &out]).with(0).out;
    assert_eq!(signed.lines().nth(1), supposed.lines().nth(1));
    ask(vn, &["agreement", "accept", &out]).with(0);
    assert!(listed().contains("Viet Nam (vn) suspends its part"), "{}", listed());
    assert!(listed().contains("rti/indicators: Viet Nam (vn) may not publish any more"), "{}", listed());
    for (name, text) in [
        ("x.toml", "notice = \"rest\"\nagreement = \"rti\"\n"),
        ("y.toml", "handle = 7"),
        ("z.toml", "= ="),
        ("w.note", "no note"),
    ] {
        std::fs::write(at(name), text).unwrap();
        let refused = ask(vn, &["agreement", "what-if", &at(name)]).with(1);
        assert!(refused.err.contains("error:"), "{}", refused.err);
    }
    ask(vn, &["agreement", "changes", "nine"]).with(1);
    let register = |form: &str| ask(vn, &["register", "rti", "--format", form]).with(0).out;
    assert!(register("text").contains("rti/indicators  vn"), "{}", register("text"));
    assert!(
        register("csv").starts_with("agreement,version,legal_basis,") && register("html").starts_with("<!doctype html")
    );
    let json: serde_json::Value = serde_json::from_str(&register("json")).unwrap();
    assert_eq!(json["rows"][0]["kind"], "stix.indicator");
    let written = ask(vn, &["register", "rti", "--format", "csv", "-o", &at("r.csv")]).with(0).out;
    assert!(written.starts_with("Wrote ") && std::fs::read_to_string(at("r.csv")).unwrap() == register("csv"));
    let later = ask(vn, &["register", "rti", "--from", "2099-01-01", "--until", "2099-02-01"]).with(0).out;
    assert!(later.contains("Nothing was shared in that time"));
    ask(vn, &["register", "nine"]).with(1);
    assert!(!register("csv").contains(&id), "records are counted and not named");
}
