//! The first start with real processes: from an empty folder by two commands and three requests to somebody who is in and has exercise data; what is said on the
//! way; and that nothing of it makes a real node practise or a practice node real.

use std::fs::File;
use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Stdio};

use crate::harness::Answer;
use crate::program::{Ended, base_port, command, run, signal, wait_for};

const PASSWORD: &str = "rice-boat-lantern-seven";
const OBJECT: &str = "EXERCISE: TideLoader";
/// A value of the case.
const VALUE: &str = "invoice.tide-clearing.example";

/// A machine with nothing but the program.
struct Host {
    dir: tempfile::TempDir,
    address: String,
    child: Option<Child>,
}

impl Host {
    fn empty() -> Self {
        Self { dir: tempfile::tempdir().unwrap(), address: format!("127.0.0.1:{}", base_port(1)), child: None }
    }

    fn data(&self) -> String {
        self.dir.path().join("vn").display().to_string()
    }

    fn init(&self, more: &[&str]) -> Ended {
        run(&[&["init", "--data", &self.data(), "--member", "vn", "--name", "Viet Nam"], more].concat())
    }

    /// Starts the node; what it said until it had said this.
    fn serves(&mut self, until: &str) -> String {
        let out = self.dir.path().join("serve.out");
        let child = command()
            .args(["serve", "--data", &self.data(), "--listen", &self.address])
            .stdin(Stdio::null())
            .stdout(File::create(&out).unwrap())
            .stderr(File::create(self.dir.path().join("serve.err")).unwrap())
            .spawn()
            .unwrap();
        self.child = Some(child);
        let said = || std::fs::read_to_string(&out).unwrap();
        wait_for("the node", || said().contains(until));
        wait_for("the page", || TcpStream::connect(&self.address).is_ok());
        said()
    }

    /// Ends it as a supervisor does, or kills it.
    fn ends(&mut self, how: &str) {
        let mut child = self.child.take().unwrap();
        signal(child.id(), how);
        child.wait().unwrap();
    }

    fn gotong(&self, words: &[&str]) -> Ended {
        run(&[words, &["--data", &self.data()]].concat())
    }

    fn ask(&self, method: &str, path: &str, cookie: &str, form: &str) -> Answer {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let host = &self.address;
        let cookie = if cookie.is_empty() { String::new() } else { format!("cookie: {cookie}\r\n") };
        let body = if method == "GET" {
            String::new()
        } else {
            format!("content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n", form.len())
        };
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: {host}\r\norigin: http://{host}\r\naccept: text/html\r\nconnection: close\r\n{cookie}{body}\r\n{form}"
        );
        stream.write_all(request.as_bytes()).unwrap();
        Answer::read(&mut stream).unwrap()
    }

    fn page(&self, path: &str, cookie: &str) -> String {
        self.ask("GET", path, cookie, "").expect(200).text()
    }

    /// Presses a button of the first page; what the outcome says.
    fn press(&self, path: &str, cookie: &str) -> String {
        let page = self.page("/", cookie);
        let (_, rest) = page.split_once("name=\"form_token\" value=\"").expect("a form");
        let token = rest.split('"').next().unwrap();
        let pressed = self.ask("POST", path, cookie, &format!("form_token={token}")).expect(303);
        self.page(pressed.header("location"), cookie)
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// The path of the link that is printed at a first start.
fn link_in(said: &str) -> String {
    let line = said.lines().find(|line| line.starts_with("  http://")).unwrap_or_else(|| panic!("{said}"));
    line[line.find("/welcome").unwrap()..].to_owned()
}

/// Opens the link and makes the account, as the page's form does with what it has been given.
fn enter(host: &Host, said: &str) -> String {
    let link = link_in(said);
    let page = host.page(&link, "");
    assert!(page.contains("name=\"name\" value=\"admin\""), "the name is there already: {page}");
    let key = link.split_once("key=").unwrap().1;
    let entered = host.ask("POST", "/welcome", "", &format!("key={key}&name=admin&full_name=&password={PASSWORD}"));
    let entered = entered.expect(303);
    assert_eq!(entered.header("location"), "/", "no second factor and nothing else is between");
    entered.header("set-cookie").split(';').next().unwrap().to_owned()
}

#[test]
fn an_empty_host_comes_to_exercise_data_in_two_commands_and_three_steps() {
    let mut host = Host::empty();
    let made = host.init(&["--practice"]).with(0);
    assert!(made.out.starts_with("*** REHEARSAL") && made.out.contains("Next: gotong serve --data"), "{}", made.out);
    assert!(made.out.contains("house/exercise, house/national"), "{}", made.out);
    let said = host.serves("From another computer");
    for part in [
        "*** REHEARSAL",
        "REHEARSAL Viet Nam (vn) answers at http://",
        "This opens once, until",
        "15 minutes",
        "ssh -L",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let cookie = enter(&host, &said);
    let now = host.page("/", &cookie);
    assert!(now.contains("Load exercise data") && now.contains("REHEARSAL Viet Nam"), "{now}");
    let told = host.press("/start/load", &cookie);
    assert!(told.contains("17 exercise objects are loaded"), "{told}");
    // What was acknowledged stays, whatever is killed; a second press changes nothing.
    host.ends("KILL");
    let said = host.serves("answers at");
    assert!(!said.contains("There are no accounts yet"), "{said}");
    let told = host.press("/start/load", &cookie);
    assert!(told.contains("were there already"), "{told}");
    let list = host.page("/intelligence?channel=house%2Fexercise", &cookie);
    assert!(list.contains(OBJECT) && list.contains("class=\"exercise\""), "{list}");
    for path in ["/", "/intelligence", &format!("/intelligence?q={VALUE}")] {
        assert!(!host.page(path, &cookie).contains("EXERCISE: "), "{path}");
    }
    // Real records stand beside it and know nothing of it.
    let real = r#"{"type":"indicator","spec_version":"2.1","id":"indicator--5d0f7a52-3c51-4f0e-9a53-0c8a3f1e7b99","created":"2026-11-01T00:00:00Z","modified":"2026-11-01T00:00:00Z","name":"Kept in the country","pattern_type":"stix","pattern":"[domain-name:value = 'national.example.test']","valid_from":"2026-11-01T00:00:00Z"}"#;
    let file = host.dir.path().join("real.json");
    std::fs::write(&file, real).unwrap();
    host.gotong(&["import", &file.display().to_string(), "--channel", "house/national", "--tlp", "green"]).with(0);
    assert!(!host.page("/intelligence?channel=house%2Fexercise", &cookie).contains("Kept in the country"));
    assert!(host.page("/intelligence", &cookie).contains("Kept in the country"), "the control");
    let told = host.press("/start/remove", &cookie);
    assert!(told.contains("17 exercise objects are removed"), "{told}");
    let list = host.page("/intelligence?channel=house%2Fexercise", &cookie);
    assert!(!list.contains("EXERCISE: "), "{list}");
    assert!(host.page("/intelligence", &cookie).contains("Kept in the country"), "what is real stays");
    host.ends("TERM");
}

#[test]
fn the_command_line_loads_and_removes_the_same_whether_the_node_runs_or_not() {
    let mut host = Host::empty();
    host.init(&["--practice", "--json"]).with(0);
    let shown = host.gotong(&["exercise-data", "show"]).with(0);
    assert!(shown.out.contains("There are no exercise data in house/exercise"), "{}", shown.out);
    let loaded = host.gotong(&["exercise-data", "load"]).with(0);
    assert!(loaded.out.contains("Loaded 17 exercise objects into house/exercise"), "{}", loaded.out);
    host.serves("answers at");
    let again = host.gotong(&["exercise-data", "load", "--json"]).with(0).json().remove(0);
    assert_eq!((again["new"].as_u64(), again["known"].as_u64()), (Some(0), Some(17)));
    let hits = |more: &[&str]| {
        let found = host.gotong(&[&["search", VALUE, "--json"], more].concat()).with(0);
        found.out.matches("indicator--").count()
    };
    assert_eq!(hits(&[]), 0, "no search for what is real finds it");
    let found = host.gotong(&["export", "--channel", "house/exercise", "--format", "stix"]).with(0);
    assert!(found.out.contains(VALUE) && found.out.contains("\"labels\":[\"exercise\"]"), "the control: {}", found.out);
    let removed = host.gotong(&["exercise-data", "remove"]).with(0);
    assert!(removed.out.contains("Removed 17 exercise objects: the contents of 18 entries"), "{}", removed.out);
    assert!(!host.gotong(&["export", "--channel", "house/exercise", "--format", "stix"]).out.contains(VALUE));
    let nothing = host.gotong(&["exercise-data", "remove"]).with(0);
    assert!(nothing.out.contains("Nothing was changed"), "{}", nothing.out);
    host.ends("TERM");
}

#[test]
fn practice_stays_practice_and_a_real_node_loads_nothing_without_a_channel_for_exercises() {
    let host = Host::empty();
    for with in ["--rehearsal", "--no-root"] {
        assert_eq!(host.init(&["--practice", with]).status, 2, "{with}");
    }
    assert_eq!(host.init(&["--practice", "--root", "x.key"]).status, 2);
    assert!(!host.dir.path().join("vn").exists(), "nothing is made of what cannot be");
    host.init(&["--practice"]).with(0);
    assert!(host.init(&["--practice"]).with(1).err.contains("is not empty"));
    // Who takes the mark away does not get a real node.
    let settings = host.dir.path().join("vn/gotong.toml");
    let text = std::fs::read_to_string(&settings).unwrap();
    std::fs::write(&settings, text.replace("rehearsal = true", "rehearsal = false")).unwrap();
    let told = host.gotong(&["serve"]).with(1);
    assert!(told.err.contains("only rehearses") && told.err.contains("hint:"), "{}", told.err);
    // A real node: its region is founded by one member as well, and it has no channel for exercises.
    let at = |name: &str| host.dir.path().join(name).display().to_string();
    let (real, charter) = (at("real"), at("charter.note"));
    run(&["init", "--data", &real, "--member", "vn", "--name", "Viet Nam"]).with(0);
    let member = std::fs::read_to_string(host.dir.path().join("real/root/member.toml")).unwrap();
    std::fs::write(at("charter.toml"), format!("name = \"Alone\"\n{member}")).unwrap();
    run(&["charter", "new", &at("charter.toml"), "--out", &charter]).with(0);
    run(&["charter", "sign", &charter, "--root", &format!("{real}/root/root.key")]).with(0);
    run(&["charter", "accept", &charter, "--data", &real]).with(0);
    let refused = run(&["exercise-data", "load", "--data", &real]).with(1);
    assert!(refused.err.contains("no channel for exercises"), "{}", refused.err);
    let shown = run(&["exercise-data", "show", "--data", &real]).with(0);
    assert!(shown.out.contains("no channel for exercises"), "{}", shown.out);
    // With a house rule that opens one it loads there.
    let rule = "member = \"vn\"\ntitle = \"House\"\npurpose = \"ours\"\nlegal_basis = \"none\"\nparties_clause = \"1\"\ndates_clause = \"1\"\nfrom = 2026-01-01\n\
        [[clauses]]\nnumber = \"1\"\ntitle = \"All\"\ntext = \"Exercises.\"\n\
        [[channel_types]]\ntype = \"drill\"\nclause = \"1\"\nceiling = \"amber\"\npurpose = \"exercises\"\nexercise = true\n";
    std::fs::write(at("house.toml"), rule).unwrap();
    let root = format!("{real}/root/root.key");
    run(&["house", "sign", &at("house.toml"), "--root", &root, "--charter", &charter]).with(0);
    run(&["house", "accept", &at("house.note"), "--data", &real]).with(0);
    let loaded = run(&["exercise-data", "load", "--data", &real]).with(0);
    assert!(loaded.out.contains("Loaded 17 exercise objects into house/drill"), "{}", loaded.out);
}

#[test]
fn a_node_that_cannot_answer_where_it_was_told_to_says_what_to_do() {
    let host = Host::empty();
    host.init(&["--practice"]).with(0);
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = taken.local_addr().unwrap().to_string();
    for (listen, why, hint) in [
        (at.as_str(), "cannot listen on", "another program answers there already"),
        ("192.0.2.1:8400", "loopback only", "a proxy that speaks TLS"),
        ("0.0.0.0:8400", "loopback only", "a proxy that speaks TLS"),
    ] {
        let told = host.gotong(&["serve", "--listen", listen]).with(1);
        assert!(told.err.contains(why) && told.err.contains(hint), "{listen}: {}", told.err);
    }
}
