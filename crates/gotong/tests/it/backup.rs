//! Backup and restore as an operator does them, in five commands, on real processes: the roots are equal, the restored node serves what it had, takes the
//! withdrawals that it missed and signs nothing; what is killed leaves nothing or a whole thing; and what is hostile is refused with its reason.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use age::secrecy::ExposeSecret;
use serde_json::{Value, json};

use crate::harness::{CHANNEL, Dice, Member, Region};
use crate::program::{Ended, command, now, run, wait_for};

/// What backups of a test are encrypted for.
struct Key {
    public: String,
    identity: age::x25519::Identity,
    file: PathBuf,
}

impl Key {
    fn new(folder: &Path, name: &str) -> Self {
        let identity = age::x25519::Identity::generate();
        let file = folder.join(name);
        fs::write(&file, format!("# a key of a test\n{}\n", identity.to_string().expose_secret())).unwrap();
        Self { public: identity.to_public().to_string(), identity, file }
    }

    /// What is inside.
    fn open(&self, bytes: &[u8]) -> Vec<u8> {
        let mut plain = Vec::new();
        let keys = std::iter::once(&self.identity as &dyn age::Identity);
        age::Decryptor::new(bytes).unwrap().decrypt(keys).unwrap().read_to_end(&mut plain).unwrap();
        plain
    }

    /// The same again, as somebody hostile who knows the public key makes it.
    fn seal(&self, plain: &[u8]) -> Vec<u8> {
        let keys = [self.identity.to_public()];
        let sealer = age::Encryptor::with_recipients(keys.iter().map(|key| key as &dyn age::Recipient)).unwrap();
        let mut out = Vec::new();
        let mut writer = sealer.wrap_output(&mut out).unwrap();
        writer.write_all(plain).unwrap();
        writer.finish().unwrap();
        out
    }
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn backup(data: &Path, out: &Path, key: &Key) -> Ended {
    run(&["backup", "--data", text(data), "--out", text(out), "--recipient", &key.public, "--json"])
}

fn restore(file: &Path, place: &Path, key: &Key) -> Ended {
    run(&["restore", text(file), "--data", text(place), "--identity", text(&key.file), "--json"])
}

/// Verifies a backup in a folder of its own, in which nothing may be left.
fn verify(file: &Path, key: &Key) -> Ended {
    let scratch = tempfile::tempdir().unwrap();
    let at = text(scratch.path());
    let ended = run(&["restore", text(file), "--verify", "--scratch", at, "--identity", text(&key.file), "--json"]);
    assert_eq!(fs::read_dir(scratch.path()).unwrap().count(), 0, "verifying left something");
    ended
}

/// Size and root of each log, as a backup or a restore tells them.
fn logs(report: &Value) -> BTreeMap<String, (u64, String)> {
    let log = |log: &Value| {
        (
            log["log"].as_str().unwrap().to_owned(),
            (log["size"].as_u64().unwrap(), log["root"].as_str().unwrap().to_owned()),
        )
    };
    report["logs"].as_array().unwrap().iter().map(log).collect()
}

fn object(dice: &mut Dice) -> (String, String) {
    let id = format!("indicator--{}", dice.uuid());
    let object = json!({
        "type": "indicator", "spec_version": "2.1", "id": id, "created": "2026-11-01T00:00:00.000Z", "modified": "2026-11-01T00:00:00.000Z",
        "pattern": format!("[domain-name:value = '{}.example']", dice.word(20)), "pattern_type": "stix",
        "valid_from": "2026-11-01T00:00:00Z", "description": dice.word(2_000),
    });
    (id, object.to_string())
}

fn publish(member: &Member, dice: &mut Dice, count: usize) -> Vec<String> {
    let one = |_| {
        let (id, object) = object(dice);
        member.publish(CHANNEL, &object).expect(201);
        id
    };
    (0..count).map(one).collect()
}

fn shown(member: &Member) -> Vec<String> {
    member.list(CHANNEL).into_keys().map(|place| place.id).collect()
}

/// The own logs of a member, as another sees them.
fn logs_of(author: &str, seen_by: &Member) -> BTreeMap<String, (u64, String, u64)> {
    let is_own = |origin: &String| origin.split('/').nth(3) == Some(author);
    seen_by.logs().into_iter().filter(|(origin, _)| is_own(origin)).collect()
}

#[test]
fn a_node_comes_back_on_a_blank_host_in_five_commands() {
    let mut region = Region::found();
    region.start();
    let scratch = tempfile::tempdir().unwrap();
    let key = Key::new(scratch.path(), "key");
    let mut dice = Dice(20_261_122);
    let mine = publish(&region.members[0], &mut dice, 12);
    let others = publish(&region.members[1], &mut dice, 12);
    region.wait_until_equal();
    let (vn, th) = (&region.members[0], &region.members[1]);
    assert!(run(&["doctor", "--data", text(&vn.data)]).out.contains("no backup of this node has been made"));
    assert!(!vn.get("/metrics").text().contains("gotong_backup_age_seconds"));
    // Whoever reads on from here is to notice that the node went back.
    let position = vn.get("/api/v1/records?limit=1").expect(200).json()["next"].as_str().unwrap().to_owned();
    let before: BTreeMap<String, (u64, String)> =
        vn.logs().into_iter().map(|(origin, (size, root, _))| (origin, (size, root))).collect();

    // Command 1: while it serves.
    let file = scratch.path().join("vn.backup");
    let made = backup(&vn.data, &file, &key).with(0).json().remove(0);
    assert_eq!(logs(&made), before);
    assert!(vn.get("/metrics").text().contains("gotong_backup_age_seconds "));
    assert!(vn.operate("GET", "/api/v1/status", b"").json()["store"]["last_backup"].is_string());
    assert!(run(&["doctor", "--data", text(&vn.data)]).out.contains("the newest backup is less than one day old"));
    // Command 2.
    assert_eq!(logs(&verify(&file, &key).with(0).json().remove(0)), before);

    // What the backup does not know: one published, one withdrawn by another, and what that one published since.
    let lost = publish(vn, &mut dice, 1);
    let since = publish(th, &mut dice, 1);
    let gone = &others[3];
    assert_eq!(th.withdraw(CHANNEL, std::slice::from_ref(gone)).unwrap().status, 200);
    region.wait_until_equal();
    let signed = logs_of("vn", th);
    region.members[0].stop();
    assert!(region.members[0].data.join("checkpoint").exists(), "the control: a node that signs has one");
    fs::remove_dir_all(&region.members[0].data).unwrap();

    // Command 3, on the blank host.
    let place = region.dir.join("vn-again");
    let restored = restore(&file, &place, &key).with(0).json().remove(0);
    assert_eq!((logs(&restored), &restored["signs"]), (before.clone(), &json!(false)));
    let names: Vec<_> = fs::read_dir(&place).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names.len(), 4, "{names:?}");
    let erased = |member: &Member| member.verify().1["erased"].as_u64().unwrap();

    // Commands 4 and 5.
    region.members[0].data = place.clone();
    let vn = &region.members[0];
    vn.start();
    wait_for("the restored node", || vn.ask_healthz());
    let (is_sound, report) = vn.verify();
    assert!(is_sound, "{report}");
    let verified = run(&["log", "verify", "--data", text(&place)]).with(0).out;
    let own = before.iter().filter(|(origin, _)| origin.split('/').nth(3) == Some("vn"));
    for (origin, (size, root)) in own {
        let line =
            verified.lines().find(|line| line.ends_with(origin.as_str())).unwrap_or_else(|| panic!("{verified}"));
        assert!(line.starts_with(&format!("{size} ")) && line.contains(root), "{line}");
    }

    // It serves what it had, and takes what it missed, withdrawals above all.
    let th = &region.members[1];
    wait_for("what others published since", || shown(vn).contains(&since[0]));
    wait_for("the withdrawal", || !shown(vn).contains(gone));
    wait_for("the erasure", || erased(vn) == erased(th));
    let here = shown(vn);
    for id in mine.iter().chain(others.iter().filter(|id| *id != gone)) {
        assert!(here.contains(id), "{id}");
    }
    assert!(!here.contains(&lost[0]));
    // It signs nothing: not at a request, not by itself, not after another start; and the others hold one history.
    for _ in 0..2 {
        assert_eq!(vn.operate("GET", "/api/v1/status", b"").json()["restored"], true);
        let (_, object) = object(&mut dice);
        assert_eq!(vn.publish(CHANNEL, &object).expect(503).json()["type"], "/problems/restored");
        assert_eq!(vn.withdraw(CHANNEL, &[mine[0].clone()]).unwrap().status, 503);
        assert!(!place.join("checkpoint").exists());
        let kept = before.iter().filter(|(origin, _)| origin.split('/').nth(3) == Some("vn"));
        for (origin, (size, root)) in kept {
            let (size_now, root_now, _) = &vn.logs()[origin];
            assert_eq!((size_now, root_now), (size, root), "an own log of a restored node moved");
        }
        assert_eq!(logs_of("vn", &region.members[1]), signed);
        vn.stop();
        vn.start();
        wait_for("the restored node", || vn.ask_healthz());
    }
    // A place in a list from before does not open.
    assert_eq!(vn.get(&format!("/api/v1/records?limit=1&after={position}")).status, 400);
    assert!(run(&["doctor", "--data", text(&place)]).out.contains("older than what was signed"));
}

/// A data folder with something in it, whose node does not run.
struct Still {
    region: Region,
    scratch: tempfile::TempDir,
    key: Key,
}

impl Still {
    fn new(objects: usize) -> Self {
        let region = Region::found();
        let vn = &region.members[0];
        vn.start();
        vn.wait_until_ready();
        publish(vn, &mut Dice(5), objects);
        vn.stop();
        let scratch = tempfile::tempdir().unwrap();
        let key = Key::new(scratch.path(), "key");
        Self { region, scratch, key }
    }

    fn data(&self) -> &Path {
        &self.region.members[0].data
    }

    fn at(&self, name: &str) -> PathBuf {
        self.scratch.path().join(name)
    }
}

#[test]
fn nothing_is_written_over_and_nothing_in_the_clear() {
    let still = Still::new(3);
    let file = still.at("a.backup");
    backup(still.data(), &file, &still.key).with(0);
    let bytes = fs::read(&file).unwrap();
    // In the clear it is a tar, and without the encryption's key it says nothing.
    let plain = still.key.open(&bytes);
    assert!(plain.starts_with(b"manifest.json\0"));
    for word in [b"manifest.json".as_slice(), b"SQLite format 3", b"gotong node key"] {
        assert!(plain.windows(word.len()).any(|window| window == word), "the control");
        assert!(!bytes.windows(word.len()).any(|window| window == word));
    }
    // The root key lies in the folder, and neither it nor the checkpoint file is in the backup.
    let root = fs::read(still.data().join("root/root.key")).unwrap();
    let checkpoint = fs::read(still.data().join("checkpoint")).unwrap();
    assert!(root.len() > 40 && checkpoint.len() == 1_024);
    assert!(!plain.windows(root.len()).any(|window| window == root));
    assert!(!plain.windows(8).any(|window| window == b"gotongcp"));
    let again = backup(still.data(), &file, &still.key);
    assert_eq!(again.status, 2, "{}", again.err);
    assert_eq!(fs::read(&file).unwrap(), bytes);
    let used = still.at("used");
    fs::create_dir(&used).unwrap();
    fs::write(used.join("mine"), "x").unwrap();
    let refused = restore(&file, &used, &still.key).with(1);
    assert!(refused.err.contains("not empty"), "{}", refused.err);
    assert_eq!(fs::read_dir(&used).unwrap().count(), 1);
    // An empty folder will do.
    fs::remove_file(used.join("mine")).unwrap();
    restore(&file, &used, &still.key).with(0);
    assert!(crate::harness::verify(&used).0);
    // A passphrase opens what it sealed, and nothing else does.
    let (pass, other) = (still.at("pass"), still.at("other"));
    fs::write(&pass, "seven lanterns on a quiet river\n").unwrap();
    fs::write(&other, "seven lanterns on a loud river\n").unwrap();
    let sealed = still.at("b.backup");
    run(&["backup", "--data", text(still.data()), "--out", text(&sealed), "--passphrase-file", text(&pass)]).with(0);
    let open = |with: &Path| run(&["restore", text(&sealed), "--verify", "--passphrase-file", text(with)]);
    assert!(open(&pass).with(0).out.starts_with("Everything holds."));
    assert!(open(&other).with(1).err.contains("the passphrase does not open it"));
    fs::write(&other, "short\n").unwrap();
    assert_eq!(open(&other).status, 2);
    let no_key = verify(&sealed, &still.key).with(1);
    assert!(no_key.err.contains("--passphrase-file"), "{}", no_key.err);
}

/// Changes the tar inside of a backup.
fn with_header(plain: &[u8], name: &str, change: impl Fn(&mut [u8])) -> Vec<u8> {
    let mut plain = plain.to_vec();
    let at = (0..plain.len() / 512)
        .map(|block| block * 512)
        .find(|at| plain[*at..].starts_with(name.as_bytes()) && plain[at + 257..].starts_with(b"ustar"))
        .unwrap();
    let header = &mut plain[at..at + 512];
    change(header);
    header[148..156].fill(b' ');
    let sum: u64 = header.iter().map(|byte| u64::from(*byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    plain
}

#[test]
fn what_is_hostile_is_refused_with_its_reason_and_leaves_nothing() {
    let still = Still::new(3);
    let file = still.at("a.backup");
    backup(still.data(), &file, &still.key).with(0);
    verify(&file, &still.key).with(0);
    let bytes = fs::read(&file).unwrap();
    let plain = still.key.open(&bytes);
    let stranger = Key::new(still.scratch.path(), "stranger");
    let place = still.at("place");
    let refused = |name: &str, bytes: &[u8], why: &str| {
        let file = still.at("hostile");
        fs::write(&file, bytes).unwrap();
        for ended in [verify(&file, &still.key), restore(&file, &place, &still.key)] {
            assert_eq!(ended.status, 1, "{name}: {} {}", ended.out, ended.err);
            assert!(ended.err.contains(why) && ended.err.contains("\"hint\":\""), "{name}: {}", ended.err);
            assert!(!place.exists(), "{name}");
        }
        let left: Vec<_> =
            fs::read_dir(still.scratch.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert!(left.iter().all(|name| !name.to_string_lossy().contains("restoring")), "{left:?}");
    };
    // What did not come whole, and what is no backup.
    for length in [0, 10, 100, 300, bytes.len() / 2, bytes.len() - 1] {
        refused("cut short", &bytes[..length], "");
    }
    let mut longer = bytes.clone();
    longer.push(0);
    refused("longer", &longer, "");
    for at in [30, 250, bytes.len() / 3, bytes.len() - 20] {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        refused("changed", &changed, "");
    }
    refused("a text", b"hello", "no encrypted backup");
    refused(
        "a header without end",
        &[b"age-encryption.org/v1\n".as_slice(), vec![b'a'; 200_000].as_slice()].concat(),
        "has no end",
    );
    refused("written as text", b"-----BEGIN AGE ENCRYPTED FILE-----\n", "written as text");
    refused("for another", &stranger.seal(&plain), "another key");
    refused("encrypted, and no tar", &still.key.seal(b"hello"), "");
    // What somebody makes who knows the public key.
    let name_of = |header: &mut [u8], name: &str| {
        header[..100].fill(0);
        header[..name.len()].copy_from_slice(name.as_bytes());
    };
    let seal = |plain: Vec<u8>| still.key.seal(&plain);
    let out = |path: &str| seal(with_header(&plain, "keys/node.key", |header| name_of(header, path)));
    refused("a path out of the folder", &out("../../node.key"), "where keys/node.key must be");
    refused("an absolute path", &out("/etc/node.key"), "where keys/node.key must be");
    refused("a checkpoint file", &out("checkpoint"), "where keys/node.key must be");
    let link = with_header(&plain, "keys/tls.key", |header| {
        header[156] = b'2';
        header[157..157 + 11].copy_from_slice(b"/etc/shadow");
    });
    refused("a symbolic link", &seal(link), "no plain file");
    let huge =
        |name: &str| seal(with_header(&plain, name, |header| header[124..136].copy_from_slice(b"77777777777\0")));
    refused("a huge manifest", &huge("manifest.json"), "cannot have so many");
    refused("a huge key", &huge("keys/node.key"), "not as long as the manifest says");
    refused("a huge store", &huge("store/store.db"), "not as long as the manifest says");
    let edited = |from: &str, to: &str| {
        assert_eq!(from.len(), to.len());
        let at = plain.windows(from.len()).position(|window| window == from.as_bytes()).expect(from);
        let mut plain = plain.clone();
        plain[at..at + to.len()].copy_from_slice(to.as_bytes());
        seal(plain)
    };
    refused("a future format", &edited("\"format\": 0", "\"format\": 7"), "of the format 7");
    refused("another kind", &edited("gotong backup", "gotong bakery"), "not that of a backup");
    refused("another part", &edited("\"keys/tls.key\"", "\"keys/../.key\""), "which no backup holds");
    refused("another key inside", &edited("gotong node key 0", "gotong node key 1"), "not the one that the manifest");
    let mut root = plain.clone();
    let at = root.windows(9).position(|window| window == b"\"root\": \"").unwrap() + 9;
    root[at] = if root[at] == b'a' { b'b' } else { b'a' };
    refused("another root", &seal(root), "do not have the sizes and roots");
    let mut behind = plain.clone();
    behind.extend_from_slice(&[1; 512]);
    refused("something behind", &seal(behind), "behind its end");
    // A bomb: zeros without end compress well in no format here, and are refused where they begin.
    refused("zeros", &still.key.seal(&vec![0; 4 << 20]), "it ends before manifest.json");
}

/// Starts a command and kills it after a while, or as soon as its work has its name.
fn killed(arguments: &[&str], pause: Duration, named: &Path) {
    let mut child =
        command().args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let begun = now();
    while begun.elapsed() < pause && !named.exists() && child.try_wait().unwrap().is_none() {
        std::thread::sleep(Duration::from_millis(1));
    }
    let _ = child.kill();
    child.wait().unwrap();
}

/// Moments from the very beginning to far behind the end, which `named` cuts short.
fn moments(usual: Duration, rounds: u32) -> impl Iterator<Item = Duration> {
    let behind = Duration::from_secs(60);
    (0..rounds).map(move |round| if round + 3 < rounds { usual * round / (rounds - 3) } else { behind })
}

#[test]
fn what_is_killed_leaves_nothing_or_a_whole_thing() {
    let still = Still::new(40);
    let first = still.at("first.backup");
    let begun = now();
    backup(still.data(), &first, &still.key).with(0);
    let usual = begun.elapsed();
    let rounds: u32 = if std::env::var_os("GOTONG_TEST_QUICK").is_some() { 6 } else { 16 };
    let (mut none, mut whole) = (0, 0);
    for (round, pause) in moments(usual, rounds).enumerate() {
        let file = still.at(&format!("{round}.backup"));
        let arguments =
            ["backup", "--data", text(still.data()), "--out", text(&file), "--recipient", &still.key.public];
        killed(&arguments, pause, &file);
        if file.exists() {
            verify(&file, &still.key).with(0);
            whole += 1;
        } else {
            // The next one is not in the way of what was left.
            none += 1;
            backup(still.data(), &file, &still.key).with(0);
            assert!(!still.at(&format!("{round}.backup.part")).exists());
        }
        assert!(crate::harness::verify(still.data()).0, "the node's own folder is as it was");
    }
    assert!(none > 0 && whole > 0, "{none} left nothing, {whole} were whole: kills at the wrong moments show nothing");

    let begun = now();
    restore(&first, &still.at("usual"), &still.key).with(0);
    let usual = begun.elapsed();
    let (mut none, mut whole) = (0, 0);
    for (round, pause) in moments(usual, rounds).enumerate() {
        let place = still.at(&format!("place-{round}"));
        let arguments = ["restore", text(&first), "--data", text(&place), "--identity", text(&still.key.file)];
        killed(&arguments, pause, &place);
        if place.exists() {
            assert!(crate::harness::verify(&place).0);
            assert!(!place.join("checkpoint").exists());
            whole += 1;
        } else {
            none += 1;
        }
    }
    assert!(none > 0 && whole > 0, "{none} left nothing, {whole} were whole: kills at the wrong moments show nothing");
    // The next restore beside them takes away what they left.
    restore(&first, &still.at("last"), &still.key).with(0);
    let left = fs::read_dir(still.scratch.path()).unwrap().map(|entry| entry.unwrap().file_name());
    let left: Vec<_> = left.filter(|name| name.to_string_lossy().starts_with('.')).collect();
    assert_eq!(left, Vec::<std::ffi::OsString>::new());
}

#[test]
#[allow(clippy::disallowed_methods, reason = "a shell sets the limit under which the program runs")]
fn a_disk_without_room_is_named_and_nothing_is_left() {
    let still = Still::new(20);
    let limited = |arguments: &[&str]| -> Ended {
        // Files beyond 20 KiB are refused by the system, as by a full disk.
        let mut limited = Command::new("sh");
        limited.args(["-c", "trap '' XFSZ; ulimit -f 40; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_gotong")]);
        limited.args(arguments).stdin(Stdio::null()).output().unwrap().into()
    };
    let region = &still.region;
    let vn = &region.members[0];
    vn.start();
    vn.wait_until_ready();
    let file = still.at("a.backup");
    let arguments = ["backup", "--data", text(&vn.data), "--out", text(&file), "--recipient", &still.key.public];
    let ended = limited(&arguments).with(1);
    assert!(ended.err.contains("could not write") && ended.err.contains("free some room"), "{}", ended.err);
    let names = || -> Vec<_> {
        let names = fs::read_dir(still.scratch.path()).unwrap().map(|entry| entry.unwrap().file_name());
        names.filter(|name| name != "key").collect()
    };
    assert_eq!(names(), Vec::<std::ffi::OsString>::new());
    assert!(vn.is_ready(), "the node goes on");
    backup(&vn.data, &file, &still.key).with(0);
    let place = still.at("place");
    let ended = limited(&["restore", text(&file), "--data", text(&place), "--identity", text(&still.key.file)]).with(1);
    assert!(ended.err.contains("free some room"), "{}", ended.err);
    assert_eq!(names(), ["a.backup"]);
    for (out, why) in [("no/such/folder/a.backup", "make the folder first"), ("a.backup", "never writes over")] {
        let ended = backup(&vn.data, &still.at(out), &still.key);
        assert!(ended.status != 0 && ended.err.contains(why), "{}", ended.err);
    }
    vn.stop();
}

#[test]
fn only_the_folder_s_own_socket_hands_over_the_store() {
    let still = Still::new(1);
    let vn = &still.region.members[0];
    vn.start();
    vn.wait_until_ready();
    let unknown = vn.get("/node/nothing");
    for answer in
        [vn.get("/node/backup"), vn.post("/node/backup", &json!({"made_at": "2026-01-01T00:00:00Z", "bytes": 1}))]
    {
        assert_eq!((answer.status, answer.text()), (404, unknown.text()));
    }
    assert!(vn.operate("GET", "/node/backup", b"").expect(200).body.starts_with(b"{\"member\":\"vn\""), "the control");
    assert_eq!(vn.operate("POST", "/node/backup", b"{\"made_at\":\"soon\",\"bytes\":1}").status, 400);
    vn.stop();
}

#[test]
fn backups_are_made_while_people_write() {
    let still = Still::new(5);
    let vn = &still.region.members[0];
    vn.start();
    vn.wait_until_ready();
    let is_over = std::sync::atomic::AtomicBool::new(false);
    let ordering = std::sync::atomic::Ordering::Relaxed;
    std::thread::scope(|scope| {
        let writing = scope.spawn(|| {
            let mut dice = Dice(9);
            let mut count = 0;
            while !is_over.load(ordering) {
                publish(vn, &mut dice, 1);
                count += 1;
            }
            count
        });
        for round in 0..5 {
            let file = still.at(&format!("{round}.backup"));
            let made = backup(&vn.data, &file, &still.key).with(0).json().remove(0);
            let proven = verify(&file, &still.key).with(0).json().remove(0);
            assert_eq!(logs(&made), logs(&proven));
        }
        is_over.store(true, ordering);
        let count = writing.join().unwrap();
        assert!(count > 5, "only {count} were published meanwhile");
    });
    assert!(vn.verify().0);
    vn.stop();
}
