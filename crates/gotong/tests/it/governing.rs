//! What becomes of a region after its founding, by files and commands: the charter changes, an agreement is amended, parts rest, end and begin; keys are split,
//! joined and rehearsed with.

use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::Stdio;

use crate::program::{Demo, Ended, command, run};

const AGREEMENT: &str = r#"
handle = "two"
title = "Two share"
purpose = "testing"
legal_basis = "none"
parties = ["vn", "th"]
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
purpose = "testing"
"#;

const ACCESSION: &str = "[accession]\nclause = \"1\"\ncandidates = [\"id\"]\ntypes = [\"indicators\"]\n";

/// A region of two in a folder, with a third member's folder beside it.
struct Region {
    scratch: tempfile::TempDir,
}

impl Region {
    fn found() -> Self {
        let region = Self { scratch: tempfile::tempdir().unwrap() };
        for (code, name) in [("vn", "Viet Nam"), ("th", "Thailand"), ("id", "Indonesia")] {
            region.run(&["init", "--data", code, "--member", code, "--name", name, "--address", "127.0.0.1:9"]).with(0);
        }
        let members =
            ["vn", "th"].map(|code| std::fs::read_to_string(region.at(code).join("root/member.toml")).unwrap());
        std::fs::write(region.at("charter.toml"), format!("name = \"Two\"\n{}", members.concat())).unwrap();
        region.run(&["charter", "new", "charter.toml", "--out", "charter.note"]).with(0);
        for code in ["vn", "th"] {
            region.run(&["charter", "sign", "charter.note", "--root", &format!("{code}/root/root.key")]).with(0);
        }
        for code in ["vn", "th"] {
            region.run(&["charter", "accept", "charter.note", "--data", code]).with(0);
        }
        region
    }

    fn at(&self, name: &str) -> PathBuf {
        self.scratch.path().join(name)
    }

    /// Runs a command in the region's folder.
    fn run(&self, arguments: &[&str]) -> Ended {
        command().current_dir(self.scratch.path()).args(arguments).stdin(Stdio::null()).output().unwrap().into()
    }

    /// Lets the third member join the charter.
    fn widen(&self) {
        let propose = [
            "charter",
            "propose",
            "--charter",
            "charter.note",
            "--out",
            "next.note",
            "--add-member",
            "id:Indonesia:id/root/member.toml",
        ];
        let told = self.run(&propose).with(0);
        assert!(told.out.contains("new member id (Indonesia, state)"), "{}", told.out);
        // Alone it says nothing of who votes.
        self.run(&["charter", "sign", "next.note", "--root", "vn/root/root.key"]).with(1);
        for (code, missing) in [("vn", "th, id"), ("th", "id"), ("id", "nobody")] {
            self.run(&["charter", "show", "next.note", "--charter", "charter.note"]).with(1);
            let root = format!("{code}/root/root.key");
            let told =
                self.run(&["charter", "sign", "next.note", "--charter", "charter.note", "--root", &root]).with(0);
            assert!(told.out.contains(&format!("Still missing: {missing}")), "{}", told.out);
        }
        self.run(&["charter", "show", "next.note", "--charter", "charter.note"]).with(0);
        self.run(&["charter", "accept", "next.note", "--data", "vn"]).with(0);
    }

    fn agree(&self) {
        std::fs::write(self.at("a.toml"), AGREEMENT).unwrap();
        self.run(&["agreement", "new", "a.toml", "--charter", "charter.note", "--out", "a.note"]).with(0);
        self.sign("a.note", "vn");
        // What not all have signed is kept, and does not count.
        let told = self.run(&["agreement", "accept", "a.note", "--data", "vn"]).with(1);
        assert!(told.out.contains("signatures are missing of th"), "{}", told.out);
        let listed = self.run(&["agreement", "list", "--data", "vn", "--json"]).with(0).json().remove(0);
        assert_eq!(listed["state"], "waits for signatures");
        self.sign("a.note", "th");
        for code in ["vn", "th"] {
            self.run(&["agreement", "accept", "a.note", "--data", code]).with(0);
        }
    }

    fn sign(&self, file: &str, code: &str) {
        self.run(&["agreement", "sign", file, "--data", "vn", "--root", &format!("{code}/root/root.key")]).with(0);
    }

    fn listed(&self) -> serde_json::Value {
        self.run(&["agreement", "list", "--data", "vn", "--json"]).with(0).json().remove(0)
    }
}

#[test]
fn a_member_joins_the_charter_with_the_votes_of_those_before_and_its_own() {
    let region = Region::found();
    region.run(&["charter", "propose", "--charter", "charter.note", "--out", "next.note"]).with(2);
    region.widen();
    let shown = region.run(&["charter", "show", "--data", "vn", "--json"]).with(0).json().remove(0);
    let states: Vec<&str> =
        shown["versions"].as_array().unwrap().iter().map(|one| one["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["followed by a later one", "in force"]);
    region.run(&["charter", "propose", "--remove", "xx", "--data", "vn", "--out", "x.note"]).with(1);
}

#[test]
fn an_agreement_is_amended_and_its_versions_are_compared() {
    let region = Region::found();
    region.agree();
    let amend = ["agreement", "amend", "a.note", "b.toml", "--data", "vn", "--out", "b.note"];
    std::fs::write(region.at("b.toml"), AGREEMENT).unwrap();
    let same = region.run(&amend).with(1);
    assert!(same.err.contains("says the same"), "{}", same.err);
    std::fs::write(region.at("b.toml"), AGREEMENT.replace("2026-01-01", "2025-01-01")).unwrap();
    region.run(&amend).with(1);
    let next = AGREEMENT.replace("handle = \"two\"", "").replace("ceiling = \"green\"", "ceiling = \"amber\"");
    let next = next
        .replace("2026-01-01", "2026-02-01")
        .replace("They share indicators.", "They share indicators up to amber.");
    let rule = "[[prohibitions]]\nclause = \"1\"\nact = \"publish\"\nkinds = [\"stix.note\"]\n";
    std::fs::write(region.at("b.toml"), format!("{next}{rule}")).unwrap();
    region.run(&["agreement", "check", "b.toml", "--amends", "a.note", "--data", "vn"]).with(0);
    let drafted = region.run(&amend).with(0);
    for line in [
        "~ changed first day",
        "~ changed clause 1",
        "ceiling: amber instead of green",
        "nobody publishes stix.note in any channel type (clause 1)",
        "to sign  th, vn",
    ] {
        assert!(drafted.out.contains(line), "{line}: {}", drafted.out);
    }
    let compared =
        region.run(&["agreement", "show", "--compare", "a.note", "b.note", "--data", "vn", "--json"]).with(0);
    assert_eq!(compared.json()[0]["follows"], true);
    region.sign("b.note", "vn");
    region.run(&["agreement", "accept", "b.note", "--data", "vn"]).with(1);
    assert_eq!(region.listed()["drafts"][0]["missing"][0], "th");
    region.sign("b.note", "th");
    region.run(&["agreement", "accept", "b.note", "--data", "vn"]).with(0);
    assert_eq!(region.listed()["number"], 2);
    region.run(&["agreement", "check", "b.note", "--data", "vn"]).with(0);
    let late = region.run(&amend).with(1);
    assert!(late.err.contains("number 2 counts already"), "{}", late.err);
}

#[test]
fn a_running_node_takes_documents_from_its_operator_and_from_nobody_else() {
    let demo = Demo::start(&["--empty"]);
    let data = demo.data("vn").to_str().unwrap().to_owned();
    let scratch = tempfile::tempdir().unwrap();
    let out = scratch.path().join("suspend.note").to_str().unwrap().to_owned();
    let root = format!("{data}/root/root.key");
    run(&["agreement", "suspend", "--agreement", "rti", "--data", &data, "--root", &root, "--out", &out]).with(0);
    demo.at("vn", &["channel", "list"]).with(0);
    let analyst = demo.member("vn")["token"].as_str().unwrap().to_owned();
    let base = demo.member("vn")["base"].as_str().unwrap().trim_start_matches("http://").to_owned();
    for head in [
        "GET /api/v1/documents HTTP/1.1",
        "POST /api/v1/documents HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 12",
    ] {
        let mut stream = std::net::TcpStream::connect(&base).unwrap();
        let request = format!(
            "{head}\r\nHost: {base}\r\nAuthorization: Bearer {analyst}\r\nConnection: close\r\n\r\n{{\"note\":\"x\"}}"
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 403") || answer.starts_with("HTTP/1.1 404"), "{answer}");
    }
    run(&["agreement", "accept", &out, "--data", &data]).with(0);
    let listed = run(&["agreement", "list", "--data", &data, "--json"]).with(0).json();
    let rti = listed.iter().find(|one| one["handle"] == "rti").unwrap();
    assert_eq!(rti["parts"]["vn"], "suspended");
    std::fs::write(&out, "gotong/nowhere/notice\n{}\n\n\u{2014} x AAAA\n").unwrap();
    let refused = run(&["agreement", "accept", &out, "--data", &data]).with(1);
    assert!(refused.err.contains("hint:"), "{}", refused.err);
}

/// What vn says of its part in the agreement, signed into a file.
fn notice(region: &Region, what: &str, out: &str) -> Ended {
    region.run(&["agreement", what, "--agreement", "two", "--data", "vn", "--root", "vn/root/root.key", "--out", out])
}

#[test]
fn parts_rest_go_on_and_end_by_notices_and_none_is_signed_without_effect() {
    let region = Region::found();
    region.agree();
    let notice = |what: &str, out: &str| notice(&region, what, out);
    let vn = || region.listed()["parts"]["vn"].as_str().unwrap().to_owned();
    notice("resume", "no.note").with(1);
    let told = notice("suspend", "s.note").with(0);
    assert!(told.out.contains("the part of vn rests; fewer than two parts are active"), "{}", told.out);
    assert_eq!(vn(), "active", "signed is not handed in");
    region.run(&["agreement", "accept", "s.note", "--data", "vn"]).with(0);
    assert_eq!(vn(), "suspended");
    notice("suspend", "no.note").with(1);
    notice("resume", "r.note").with(0);
    region.run(&["agreement", "accept", "r.note", "--data", "vn"]).with(0);
    assert_eq!(vn(), "active");
    let ended = notice("terminate", "t.note").with(0);
    assert!(ended.out.contains("terminate of vn, number 3") && ended.out.contains("ends, for good"), "{}", ended.out);
    region.run(&["agreement", "accept", "t.note", "--data", "vn"]).with(0);
    assert_eq!(vn(), "active", "thirty days of notice");
    assert!(region.listed()["next_change"].is_string());
    let past = [
        "agreement",
        "suspend",
        "--agreement",
        "two",
        "--data",
        "vn",
        "--root",
        "th/root/root.key",
        "--effective",
        "2020-01-01",
    ];
    region.run(&past).with(2);
    let stranger = ["agreement", "suspend", "--agreement", "two", "--data", "vn", "--root", "id/root/root.key"];
    region.run(&stranger).with(1);
    region.run(&["agreement", "suspend", "--agreement", "nine", "--data", "vn", "--root", "vn/root/root.key"]).with(1);
    // No terms name a candidate.
    let consent = ["agreement", "consent", "id", "--agreement", "two", "--data", "vn", "--root", "vn/root/root.key"];
    let refused = region.run(&consent).with(1);
    assert!(refused.err.contains("names no candidate id"), "{}", refused.err);
}

#[test]
fn a_candidate_joins_once_every_party_has_consented() {
    let region = Region::found();
    region.agree();
    region.widen();
    std::fs::write(region.at("b.toml"), format!("{}{ACCESSION}", AGREEMENT.replace("2026-01-01", "2026-02-01")))
        .unwrap();
    region.run(&["agreement", "amend", "a.note", "b.toml", "--data", "vn", "--out", "b.note"]).with(0);
    region.sign("b.note", "vn");
    region.sign("b.note", "th");
    region.run(&["agreement", "accept", "b.note", "--data", "vn"]).with(0);
    let accept = |file: &str| region.run(&["agreement", "accept", file, "--data", "vn"]).with(0);
    let accede = ["agreement", "accede", "--agreement", "two", "--data", "vn", "--root"];
    region.run(&[&accede[..], &["vn/root/root.key"]].concat()).with(1);
    region.run(&[&accede[..], &["id/root/root.key", "--out", "accede.note"]].concat()).with(0);
    accept("accede.note");
    for code in ["vn", "th"] {
        assert!(region.listed()["parts"]["id"].is_null(), "not all have consented yet");
        let (root, out) = (format!("{code}/root/root.key"), format!("{code}.note"));
        region
            .run(&["agreement", "consent", "id", "--agreement", "two", "--data", "vn", "--root", &root, "--out", &out])
            .with(0);
        accept(&out);
    }
    assert_eq!(region.listed()["parts"]["id"], "active");
}

#[test]
fn a_key_is_split_joined_and_never_taken_for_another() {
    let region = Region::found();
    let at = |name: &str| region.at(name).to_str().unwrap().to_owned();
    run(&["keys", "new", "--out", &at("k"), "--member", "my", "--name", "Malaysia"]).with(0);
    run(&["keys", "new", "--out", &at("k")]).with(1);
    run(&["keys", "split", &at("k/root.key"), "--shares", "2", "--need", "3", "--out", &at("s")]).with(2);
    run(&["keys", "split", &at("k/root.key"), "--shares", "3", "--need", "2", "--out", &at("s")]).with(0);
    let share = |number: u8| at(&format!("s/share-{number}-of-3.txt"));
    run(&["keys", "join", &share(1), "--out", &at("j.key")]).with(1);
    run(&["keys", "join", &share(1), &share(1), "--out", &at("j.key")]).with(1);
    for (number, pair) in [(share(1), share(2)), (share(3), share(1)), (share(2), share(3))].into_iter().enumerate() {
        let out = at(&format!("j{number}.key"));
        run(&["keys", "join", &pair.0, &pair.1, "--out", &out]).with(0);
        assert_eq!(std::fs::read(out).unwrap(), std::fs::read(at("k/root.key")).unwrap());
    }
    let words = |file: &str| run(&["keys", "show", file, "--json"]).with(0).json()[0]["words"].clone();
    for file in [at("k/root.pub"), at("k/member.toml"), share(2)] {
        assert_eq!(words(&at("k/root.key")), words(&file), "{file}");
    }
    // One letter that was copied wrong is seen.
    let copied = std::fs::read_to_string(share(2)).unwrap();
    let place = copied.find("share ").unwrap() + 25;
    let other = if &copied[place..=place] == "a" { "b" } else { "a" };
    std::fs::write(region.at("wrong.txt"), format!("{}{other}{}", &copied[..place], &copied[place + 1..])).unwrap();
    let told = run(&["keys", "join", &share(1), &at("wrong.txt"), "--out", &at("w.key")]).with(1);
    assert!(told.err.contains("not copied right") || told.err.contains("named already"), "{}", told.err);
    assert!(!region.at("w.key").exists());
}

#[test]
fn a_rehearsal_and_the_real_thing_do_not_mix() {
    let region = Region::found();
    let at = |name: &str| region.at(name).to_str().unwrap().to_owned();
    run(&["keys", "new", "--out", &at("k"), "--member", "my", "--name", "Malaysia", "--rehearsal"]).with(0);
    let key = at("k/REHEARSAL-root.key");
    region.run(&["charter", "sign", "charter.note", "--root", &key]).with(1);
    let member = std::fs::read_to_string(region.at("k/REHEARSAL-member.toml")).unwrap();
    std::fs::write(region.at("r.toml"), format!("name = \"Practice\"\n{member}")).unwrap();
    region.run(&["charter", "new", "r.toml", "--rehearsal", "--out", "r.note"]).with(0);
    let refused = region.run(&["charter", "sign", "r.note", "--root", "vn/root/root.key"]).with(1);
    assert!(refused.err.contains("only rehearses"), "{}", refused.err);
    run(&["charter", "sign", &at("r.note"), "--root", &key]).with(0);
    let shown = region.run(&["charter", "show", "r.note"]).with(0);
    assert!(shown.out.starts_with("*** REHEARSAL") && shown.out.contains("REHEARSAL Practice"), "{}", shown.out);
    let refused = region.run(&["charter", "accept", "r.note", "--data", "id"]).with(1);
    assert!(refused.err.contains("init --rehearsal"), "{}", refused.err);
}

#[test]
fn a_notice_that_a_page_drafted_is_signed_far_from_the_node_and_dated_then() {
    use gotong_crypto::note::{Note, SignatureLine};
    use gotong_model::agreement::Notice;
    use gotong_model::document::{self, Purpose};
    use gotong_model::{RegionId, Timestamp};

    let region = Region::found();
    region.agree();
    notice(&region, "terminate", "t.note").with(0);
    let read = |name: &str| {
        let opened = document::open(&std::fs::read(region.at(name)).unwrap(), None, Purpose::Notice).unwrap();
        (opened.region, Notice::from_value(opened.value).unwrap())
    };
    let (of, signed) = read("t.note");
    // The draft lay for forty days.
    let draft = |of: &RegionId, notice: &Notice| {
        let line = SignatureLine { name: "draft".to_owned(), key_id: [0; 4], signature: vec![0; 64] };
        Note { text: document::text(of, Purpose::Notice, &notice.to_value()), lines: vec![line] }.encode()
    };
    let earlier = Timestamp::from_micros(signed.published_at.micros() - 40 * 86_400_000_000).unwrap();
    let stale = Notice { published_at: earlier, effective: earlier, ..signed.clone() };
    std::fs::write(region.at("d.note"), draft(&of, &stale)).unwrap();
    std::fs::copy(region.at("d.note"), region.at("e.note")).unwrap();
    assert_eq!(region.run(&["agreement", "accept", "d.note", "--data", "vn"]).status, 1, "nobody has signed it");
    let sign = |file: &str, known: &[&str], root: &str| {
        region.run(&[&["agreement", "sign", file, "--root", root], known].concat())
    };
    let by_files = ["--charter", "charter.note", "--charter", "a.note"];
    let refused = sign("d.note", &by_files, "th/root/root.key").with(1);
    assert!(refused.err.contains("this is a notice of vn"), "{}", refused.err);
    let refused = sign("d.note", &by_files[..2], "vn/root/root.key").with(1);
    assert!(refused.err.contains("is not known here"), "{}", refused.err);
    let told = sign("d.note", &by_files, "vn/root/root.key").with(0);
    assert!(told.out.contains("terminate of vn, number 1") && told.out.contains("ends, for good"), "{}", told.out);
    let (_, dated) = read("d.note");
    assert!(dated.published_at >= signed.published_at && dated.effective >= dated.published_at, "{dated:?}");
    region.run(&["agreement", "accept", "d.note", "--data", "vn"]).with(0);
    assert_eq!(region.listed()["parts"]["vn"], "active", "thirty days of notice, from the signature on");
    // A part that ends once does not end twice from an old draft at a node that knows better.
    let told = sign("e.note", &["--data", "vn"], "vn/root/root.key").with(0);
    assert!(told.out.contains("number 2"), "it follows the one that counts: {}", told.out);
}
