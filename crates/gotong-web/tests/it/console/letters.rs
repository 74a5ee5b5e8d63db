//! Letters to a mail server of others (aiosmtpd, `interop/mail_server.py`), with somebody on the line who writes down what comes by and sometimes changes it:
//! nothing of a letter, its reader or the password is said before TLS holds, and what was said before counts for nothing afterwards.
//!
//! A server that is busy or breaks off is in `notifications.rs`.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use gotong_app::notify::letter::{self, Standing};
use gotong_app::role::Role;
use gotong_web::mail::{MailOptions, MailTls};
use gotong_web::server::Rate;
use serde_json::Value;

use crate::api::accounts::{get, person, post, token_in};
use crate::api::door::{Door, plans};

const PASSWORD: &str = "quiet lantern nine";
const READER: &str = "ann@cert.example";

/// The server and the line before it.
struct Far {
    process: Child,
    port: u16,
    said: Arc<Mutex<Vec<Value>>>,
}

impl Drop for Far {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Far {
    #[allow(clippy::disallowed_methods, reason = "the mail server of others is another program")]
    fn open(mood: &str, folder: &Path) -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../interop/mail_server.py");
        let mut process = Command::new(gotong_testkit::clients::python())
            .arg("-B")
            .arg(script)
            .arg(mood)
            .args([folder.join("certificate.pem"), folder.join("key.pem")])
            .env("MAIL_PASSWORD", PASSWORD)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let first: Value = serde_json::from_str(&lines.next().expect("the server says its port").unwrap()).unwrap();
        let said = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&said);
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                heard.lock().unwrap().push(serde_json::from_str(&line).unwrap());
            }
        });
        Self { process, port: u16::try_from(first["port"].as_u64().unwrap()).unwrap(), said }
    }

    fn all(&self, of: &str) -> Vec<Value> {
        self.said.lock().unwrap().iter().filter(|one| !one[of].is_null()).cloned().collect()
    }

    /// What went over the line from the node, as it came by.
    fn line(&self) -> String {
        self.all("ended").iter().map(|one| one["ended"].as_str().unwrap().to_owned()).collect()
    }
}

/// A certificate for a name, and what believes it.
fn certified(folder: &Path, name: &str, until: Option<i32>) -> Vec<u8> {
    let key = rcgen::KeyPair::generate().unwrap();
    let mut wanted = rcgen::CertificateParams::new(vec![name.to_owned()]).unwrap();
    if let Some(year) = until {
        wanted.not_before = rcgen::date_time_ymd(year - 1, 1, 1);
        wanted.not_after = rcgen::date_time_ymd(year, 1, 1);
    }
    let certificate = wanted.self_signed(&key).unwrap();
    std::fs::write(folder.join("certificate.pem"), certificate.pem()).unwrap();
    std::fs::write(folder.join("key.pem"), key.serialize_pem()).unwrap();
    certificate.pem().into_bytes()
}

/// How it went: what the node keeps of it, and what was seen outside.
struct Went {
    standing: Standing,
    letters: Vec<Value>,
    line: String,
    page: String,
}

/// Asks for a letter to Ann, and waits until it was taken or was not.
async fn write_to_ann(seed: u64, mood: &str, folder: &Path, (tls, believed): (MailTls, Option<Vec<u8>>)) -> Went {
    let far = Far::open(mood, folder);
    let login = (mood != "plain").then(|| ("gotong".to_owned(), PASSWORD.to_owned()));
    let options = MailOptions {
        server: "localhost".to_owned(),
        port: far.port,
        tls,
        login,
        from: "gotong@cert.example".to_owned(),
        authorities: believed,
    };
    let rate = Rate { per_second: 10_000.0, burst: 100_000.0 };
    let door = Door::with_options(seed, plans(true), rate, |server| server.mail = Some(options)).await;
    let ann = person(&door, "ann", Role::Reader);
    let form = token_in(&get(&door, "/searches", &ann).await.expect(200, "").text());
    let asked = post(&door, "/searches/address", &ann, &[("form_token", &form), ("address", READER)]).await;
    assert_eq!(asked.status, 303);
    let mut standing = letter::standing(&door.node).unwrap();
    for _ in 0..600 {
        if standing.sent + standing.failures > 0 && !far.all("ended").is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
        standing = letter::standing(&door.node).unwrap();
    }
    let page = get(&door, "/searches", &ann).await.expect(200, "").text();
    door.stop().await;
    Went { standing, letters: far.all("letter"), line: far.line(), page }
}

/// What nobody on the line may read.
fn secrets_in(line: &str) -> Vec<&'static str> {
    let line = line.to_ascii_uppercase();
    ["MAIL FROM", "RCPT TO", "ANN@", "AUTH ", "SUBJECT:", "GOTONG"]
        .into_iter()
        .filter(|word| line.contains(word))
        .collect()
}

#[track_caller]
fn expect_taken(went: &Went, mood: &str) {
    assert_eq!((went.standing.sent, went.standing.failures), (1, 0), "{mood}: {:?}", went.standing);
    assert_eq!(went.letters.len(), 1, "{mood}: {:?}", went.letters);
    assert_eq!(went.letters[0]["to"][0], READER);
}

/// Nothing was sent, nothing was said, and the letter waits: its reader is not to blame.
#[track_caller]
fn expect_kept(went: &Went, mood: &str) {
    let standing = &went.standing;
    assert_eq!((standing.sent, standing.lost, standing.waiting), (0, 0, 1), "{mood}: {standing:?}");
    assert!(went.letters.is_empty(), "{mood}: {:?}", went.letters);
    assert!(went.line.to_ascii_uppercase().contains("EHLO"), "{mood}: there was a conversation: {:?}", went.line);
    assert_eq!(secrets_in(&went.line), Vec::<&str>::new(), "{mood}: {:?}", went.line);
}

#[tokio::test]
async fn a_letter_goes_through_tls_and_nobody_on_the_line_reads_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let believed = certified(folder.path(), "localhost", None);
    for (seed, mood, tls) in [(351, "good", MailTls::StartTls), (352, "whole", MailTls::Whole)] {
        let went = write_to_ann(seed, mood, folder.path(), (tls, Some(believed.clone()))).await;
        expect_taken(&went, mood);
        assert!(went.letters[0]["tls"] == true && went.letters[0]["user"] == true, "{mood}: {:?}", went.letters);
        assert_eq!(secrets_in(&went.line), Vec::<&str>::new(), "{mood}: {:?}", went.line);
        assert_eq!(went.line.contains("STARTTLS"), mood == "good", "{mood}: {:?}", went.line);
    }
    // What is looked for is seen where it is: in a conversation without TLS, on this machine.
    let went = write_to_ann(353, "plain", folder.path(), (MailTls::Off, None)).await;
    expect_taken(&went, "plain");
    assert_eq!(secrets_in(&went.line), ["MAIL FROM", "RCPT TO", "ANN@", "SUBJECT:", "GOTONG"]);
}

#[tokio::test]
async fn where_tls_is_not_to_be_had_nothing_is_sent() {
    let folder = tempfile::tempdir().unwrap();
    let believed = certified(folder.path(), "localhost", None);
    for (seed, mood, told) in [
        (354, "offers-none", "offers no STARTTLS"),
        (355, "strips", "offers no STARTTLS"),
        (356, "refuses", "TLS with the mail server did not hold"),
        // In clear anybody can say that the reader is not there: it is not believed.
        (357, "turns-away", "answered 550"),
    ] {
        let went = write_to_ann(seed, mood, folder.path(), (MailTls::StartTls, Some(believed.clone()))).await;
        if mood == "turns-away" {
            assert_eq!(
                (went.standing.sent, went.standing.lost, went.standing.waiting),
                (0, 0, 1),
                "{:?}",
                went.standing
            );
            assert_eq!(secrets_in(&went.line), Vec::<&str>::new());
        } else {
            expect_kept(&went, mood);
        }
        let fault = went.standing.last_fault.clone().unwrap_or_default();
        assert!(fault.contains(told), "{mood}: {fault}");
        assert!(went.page.contains(READER), "{mood}: the address is still there: {}", went.page);
    }
}

#[tokio::test]
async fn a_certificate_of_another_name_time_or_authority_opens_nothing() {
    let folder = tempfile::tempdir().unwrap();
    for (seed, name, until, is_believed, told) in [
        (358, "other.example", None, true, "not valid for name"),
        (359, "localhost", Some(2020), true, "expired"),
        (360, "localhost", None, false, "UnknownIssuer"),
    ] {
        let believed = certified(folder.path(), name, until);
        for (more, mood, tls) in [(0, "good", MailTls::StartTls), (10, "whole", MailTls::Whole)] {
            let believed = is_believed.then(|| believed.clone());
            let went = write_to_ann(seed + more, mood, folder.path(), (tls, believed)).await;
            assert_eq!(
                (went.standing.sent, went.standing.lost, went.standing.waiting),
                (0, 0, 1),
                "{:?}",
                went.standing
            );
            assert!(went.letters.is_empty(), "{:?}", went.letters);
            assert_eq!(secrets_in(&went.line), Vec::<&str>::new(), "{name} {mood}: {:?}", went.line);
            let fault = went.standing.last_fault.unwrap_or_default();
            assert!(fault.contains("did not hold") && fault.contains(told), "{name} {mood}: {fault}");
        }
    }
}

#[tokio::test]
async fn what_was_written_before_tls_is_not_read_as_if_it_came_through_it() {
    let folder = tempfile::tempdir().unwrap();
    let believed = certified(folder.path(), "localhost", None);
    let went = write_to_ann(371, "injects", folder.path(), (MailTls::StartTls, Some(believed))).await;
    expect_kept(&went, "injects");
    let fault = went.standing.last_fault.unwrap_or_default();
    assert!(fault.contains("TLS with the mail server did not hold"), "{fault}");
}
