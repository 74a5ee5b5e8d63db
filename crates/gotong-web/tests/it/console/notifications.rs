//! Notifications as a person meets them, and letters in a real conversation with a mail server that is sometimes busy, breaks off, or is slow.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use gotong_app::notify::letter;
use gotong_app::role::Role;
use gotong_web::mail::{MailOptions, MailTls};
use gotong_web::server::Rate;
use serde_json::json;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

use crate::api::accounts::{get, person, post, token_in};
use crate::api::door::{Door, indicator, plans, uuid};

/// How a server behaves in its next conversations; the last of the list stays.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Mood {
    Good,
    /// Not now (RFC 5321 section 4.2.3).
    Busy,
    /// Takes the letter and breaks off before it says so.
    BreaksOff,
    Slow,
}

/// A letter as it came: to whom, and all of it.
type Came = (String, String);

struct Post {
    port: u16,
    came: Arc<Mutex<Vec<Came>>>,
}

impl Post {
    async fn open(moods: &[Mood]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (mut moods, came) = (moods.to_vec(), Arc::new(Mutex::new(Vec::new())));
        let letters = Arc::clone(&came);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let mood = if moods.len() > 1 { moods.remove(0) } else { moods[0] };
                let _ = talk(stream, mood, &letters).await;
            }
        });
        Self { port, came }
    }

    fn options(&self) -> MailOptions {
        MailOptions {
            server: "127.0.0.1".to_owned(),
            port: self.port,
            tls: MailTls::Off,
            login: None,
            from: "gotong@cert.example".to_owned(),
            authorities: None,
        }
    }

    fn letters(&self) -> Vec<Came> {
        self.came.lock().unwrap().clone()
    }

    async fn wait_for(&self, count: usize) -> Vec<Came> {
        for _ in 0..600 {
            if self.letters().len() >= count {
                return self.letters();
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("{count} letters were awaited, and these came: {:?}", self.letters());
    }
}

async fn talk(stream: TcpStream, mood: Mood, letters: &Mutex<Vec<Came>>) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    stream.write_all(b"220 mail.test ESMTP\r\n").await?;
    let (mut to, mut line) = (String::new(), String::new());
    loop {
        line.clear();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let verb = line.split([' ', ':', '\r']).next().unwrap_or_default().to_ascii_uppercase();
        if mood == Mood::Slow {
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
        let answer = match verb.as_str() {
            "EHLO" => "250-mail.test\r\n250 8BITMIME\r\n",
            "RCPT" => {
                to = line.trim().to_owned();
                if mood == Mood::Busy { "451 try later\r\n" } else { "250 ok\r\n" }
            }
            "DATA" => {
                stream.write_all(b"354 go on\r\n").await?;
                let mut whole = String::new();
                loop {
                    line.clear();
                    if stream.read_line(&mut line).await? == 0 || line == ".\r\n" {
                        break;
                    }
                    whole.push_str(&line);
                }
                letters.lock().unwrap().push((to.clone(), whole));
                if mood == Mood::BreaksOff {
                    return Ok(());
                }
                "250 taken\r\n"
            }
            "QUIT" => {
                stream.write_all(b"221 bye\r\n").await?;
                return Ok(());
            }
            _ => "250 ok\r\n",
        };
        stream.write_all(answer.as_bytes()).await?;
    }
}

async fn door_with(seed: u64, mail: Option<MailOptions>) -> Door {
    let rate = Rate { per_second: 10_000.0, burst: 100_000.0 };
    Door::with_options(seed, plans(true), rate, |options| options.mail = mail).await
}

fn head(letter: &Came, name: &str) -> String {
    let start = format!("{name}: ");
    letter.1.lines().find_map(|line| line.strip_prefix(&start)).unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_saved_search_tells_in_the_page_and_by_letters_that_survive_a_bad_server() {
    let server = Post::open(&[Mood::Slow, Mood::Busy, Mood::BreaksOff, Mood::Good]).await;
    let door = door_with(341, Some(server.options())).await;
    let ann = person(&door, "ann", Role::Reader);
    let publishing = door.token(true, false, None);
    let form = token_in(&get(&door, "/searches", &ann).await.expect(200, "").text());
    let send = async |path: &str, fields: &[(&str, &str)]| {
        let mut all = vec![("form_token", form.as_str())];
        all.extend_from_slice(fields);
        let answer = post(&door, path, &ann, &all).await;
        assert_eq!(answer.status, 303, "{path}: {}", answer.text());
        get(&door, answer.header("location"), &ann).await.expect(200, "").text()
    };
    // An address: a code is sent there and comes back.
    assert!(send("/searches/address", &[("address", "ann@cert.example")]).await.contains("outcome waits"));
    let code = server.wait_for(1).await.remove(0);
    assert_eq!(code.0, "RCPT TO:<ann@cert.example>");
    let digits = code
        .1
        .lines()
        .map(str::trim)
        .find(|line| line.len() == 8 && line.bytes().all(|byte| byte.is_ascii_digit()))
        .unwrap();
    assert!(send("/searches/address/code", &[("code", "x")]).await.contains("outcome refused"));
    assert!(send("/searches/address/code", &[("code", digits)]).await.contains("outcome done"));
    // A search of the page, saved, and told of.
    let page = get(&door, "/intelligence?type=indicator", &ann).await.expect(200, "").text();
    assert!(page.contains("action=\"/searches/save\""));
    let saved = send("/searches/save", &[("name", "All indicators"), ("type", "indicator"), ("in_page", "yes")]).await;
    assert!(saved.contains("outcome done") && saved.contains("all-indicators"), "{saved}");
    let told = send("/searches/tell", &[("name", "all-indicators"), ("in_page", "yes"), ("mail", "once")]).await;
    assert!(told.contains("outcome done"), "{told}");
    let mut object = indicator(1, "198.51.100.1");
    object["name"] = json!("<b>oleander</b>\r\nBcc: eve@x.example");
    door.publish("rti/indicators", &publishing, &object).await;
    // Busy, then broken off after the letter was taken, then good: it comes twice, under one id.
    for number in 1_000..1_040 {
        if server.letters().len() >= 3 {
            break;
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
        door.clock.advance_ms(20_000);
        // Something that this search does not want: the node looks again, and there is nothing to tell.
        let sighting = json!({
            "type": "sighting", "spec_version": "2.1", "id": format!("sighting--{}", uuid(number)), "created": "2026-11-02T00:00:00.000Z",
            "modified": "2026-11-02T00:00:00.000Z", "sighting_of_ref": object["id"], "count": 1,
        });
        door.publish("rti/indicators", &publishing, &sighting).await;
    }
    let letters = server.wait_for(3).await;
    let ids: Vec<String> = letters.iter().skip(1).map(|letter| head(letter, "Message-ID")).collect();
    assert!(ids[0].ends_with("@cert.example>") && ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    let first = &letters[1];
    assert!(head(first, "Subject").starts_with("[TLP:GREEN] [Gotong id] <b>oleander</b>"), "{}", first.1);
    assert_eq!(head(first, "Auto-Submitted"), "auto-generated");
    assert!(!first.1.lines().any(|line| line.starts_with("Bcc:")), "a name wrote a head: {}", first.1);
    assert!(!first.1.contains("text/html"));
    // The page: a bell with a count, and what is new, escaped; marked as read it counts no more.
    let page = get(&door, "/notifications", &ann).await.expect(200, "").text();
    assert!(
        page.contains("One notification that you have not read")
            && page.contains("&#60;b&#62;oleander")
            && !page.contains("<b>oleander"),
        "{page}"
    );
    let follow = async |answer: crate::api::door::Answer| {
        assert_eq!(answer.status, 303, "{}", answer.text());
        let to = answer.header("location").split('#').next().unwrap().to_owned();
        get(&door, &to, &ann).await.expect(200, "").text()
    };
    let is_unread = async || get(&door, "/notifications", &ann).await.text().contains("class=\"count\"");
    let said = follow(post(&door, "/notifications/read", &ann, &[("form_token", &form)]).await).await;
    assert!(said.contains("outcome done") && said.contains("One notification is marked as read"), "{said}");
    assert!(!is_unread().await);
    // The way back names exactly what was marked, and needs no script.
    let (_, undo) =
        said.split_once("action=\"/notifications/unread\"").unwrap_or_else(|| panic!("no way back: {said}"));
    let id = undo.split("name=\"id\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let fields = [("form_token", form.as_str()), ("id", &id)];
    let said = follow(post(&door, "/notifications/unread", &ann, &fields).await).await;
    assert!(said.contains("One notification is unread again") && is_unread().await, "{said}");
    let said = follow(post(&door, "/notifications/unread", &ann, &fields).await).await;
    assert!(said.contains("outcome refused"), "a second time there is nothing to undo: {said}");
    // One alone, from its line and back.
    let said = follow(post(&door, "/notifications/read", &ann, &fields).await).await;
    assert!(said.contains("Marked as read.") && said.contains("/notifications/unread") && !is_unread().await, "{said}");
    let line = [("form_token", form.as_str()), ("id", &id), ("from", "list")];
    let said = follow(post(&door, "/notifications/unread", &ann, &line).await).await;
    assert!(said.contains("Unread again.") && is_unread().await, "{said}");
    follow(post(&door, "/notifications/read", &ann, &fields).await).await;
    // Somebody else has a page of their own, and forged forms are refused.
    let eve = person(&door, "eve", Role::Reader);
    let hers = get(&door, "/notifications", &eve).await.expect(200, "").text();
    let own = token_in(&get(&door, "/searches", &eve).await.text());
    let answer = post(&door, "/notifications/unread", &eve, &[("form_token", &own), ("id", &id)]).await;
    assert!(
        get(&door, answer.header("location"), &eve).await.text().contains("outcome refused"),
        "nobody marks another's"
    );
    assert!(!is_unread().await);
    assert!(!hers.contains("oleander") && hers.contains("You have not been told of anything yet"));
    for path in [
        "/notifications/read",
        "/notifications/unread",
        "/searches/save",
        "/searches/remove",
        "/searches/tell",
        "/searches/address",
        "/searches/address/forget",
    ] {
        post(&door, path, &eve, &[("form_token", &form), ("name", "x"), ("mail", "off"), ("address", "a@b.example")])
            .await
            .expect(403, "cross-site");
    }
    assert!(send("/searches/remove", &[("name", "all-indicators")]).await.contains("outcome done"));
    door.stop().await;
}

#[tokio::test]
async fn a_letter_that_was_under_way_when_the_node_was_killed_comes_again_under_its_id() {
    let server = Post::open(&[Mood::Slow]).await;
    let door = door_with(342, None).await;
    let ann = person(&door, "ann", Role::Reader);
    let caller = gotong_app::account::lookup(&door.node, &gotong_app::account::AccountName::parse("ann").unwrap())
        .unwrap()
        .unwrap();
    let owner = gotong_app::caller::current(&door.node, &format!("account:{}", caller.id)).unwrap().unwrap();
    gotong_app::notify::address::ask(&door.node, &owner, "ann@cert.example", gotong_language::Language::English)
        .unwrap()
        .unwrap();
    // Taken from the queue, and then nothing: as if the node had ended between sending and noting that it was sent.
    let letter::Next::Send(before) = letter::next(&door.node, None).unwrap() else { panic!("no letter") };
    let page = get(&door, "/searches", &ann).await.expect(200, "").text();
    assert!(page.contains("This node sends no e-mail"), "{page}");
    let options = gotong_web::server::ServerOptions { mail: Some(server.options()), ..Default::default() };
    let bell = Arc::new(gotong_web::federation::WatchBell::new());
    let again =
        gotong_web::server::start(Arc::clone(&door.node), options, gotong_web::federation::Links::default(), bell)
            .await
            .unwrap();
    let letters = server.wait_for(1).await;
    assert_eq!(head(&letters[0], "Message-ID"), format!("<{}@cert.example>", before.id));
    for _ in 0..100 {
        if letter::standing(&door.node).unwrap().waiting == 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(letter::standing(&door.node).unwrap().sent, 1);
    again.stop().await;
    door.stop().await;
}

#[tokio::test]
async fn whoever_looks_after_accounts_sets_the_address_of_people_who_may_no_more_than_they() {
    let door = door_with(343, None).await;
    let (operator, ann) = (person(&door, "op", Role::Operator), person(&door, "ann", Role::Reader));
    person(&door, "rita", Role::ReleasingOfficer);
    let form = token_in(&get(&door, "/searches", &operator).await.expect(200, "").text());
    for (account, address, ending) in [
        ("ann", "ann@cert.example", "outcome done"),
        ("rita", "op@cert.example", "outcome refused"),
        ("nobody", "op@cert.example", "outcome refused"),
        ("ann", "a@b.example\r\nBcc: eve@x.example", "outcome refused"),
    ] {
        let fields = [("form_token", form.as_str()), ("account", account), ("address", address)];
        let answer = post(&door, "/searches/address/set", &operator, &fields).await;
        let text = get(&door, answer.header("location"), &operator).await.expect(200, "").text();
        assert!(text.contains(ending), "{account} {address}: {text}");
    }
    let hers = get(&door, "/searches", &ann).await.expect(200, "").text();
    assert!(hers.contains("ann@cert.example") && !hers.contains("/searches/address/set"), "{hers}");
    let own = token_in(&hers);
    let fields = [("form_token", own.as_str()), ("account", "op"), ("address", "ann@cert.example")];
    post(&door, "/searches/address/set", &ann, &fields).await.expect(403, "");
    door.stop().await;
}

#[tokio::test]
async fn a_search_for_words_is_saved_shown_as_it_was_typed_and_told_of() {
    let door = door_with(344, None).await;
    let (ann, publishing) = (person(&door, "ann", Role::Reader), door.token(true, false, None));
    let form = token_in(&get(&door, "/searches", &ann).await.expect(200, "").text());
    let save = async |name: &str, fields: &[(&str, &str)]| {
        let mut all = vec![("form_token", form.as_str()), ("name", name), ("in_page", "yes")];
        all.extend_from_slice(fields);
        let answer = post(&door, "/searches/save", &ann, &all).await;
        assert_eq!(answer.status, 303, "{}", answer.text());
        get(&door, answer.header("location"), &ann).await.expect(200, "").text()
    };
    let typed = "oleander \"<b>two words\" -fraud";
    assert!(save("words", &[("q", typed), ("type", "indicator")]).await.contains("outcome done"));
    for (name, wrong) in [("none", "-fraud"), ("filter", "oleander type:malware"), ("many", &"a ".repeat(100))] {
        let told = save(name, &[("q", wrong)]).await;
        assert!(told.contains("outcome refused") && told.contains("the words must"), "{name}: {told}");
    }
    // A value is still a value, however it is written.
    assert!(save("value", &[("q", "198.51.100[.]9")]).await.contains("outcome done"));
    let page = get(&door, "/searches", &ann).await.expect(200, "").text();
    assert!(page.contains("&#60;b&#62;two words") && !page.contains("<b>two words"), "{page}");
    assert!(page.contains("q=oleander+%22%3Cb%3Etwo+words%22+-fraud"), "the link asks the same again: {page}");
    for (n, name) in
        [(1, "Oleander and <b>two words more"), (2, "oleander, words two"), (3, "fraud by oleander of <b>two words")]
    {
        let mut object = indicator(n, &format!("198.51.100.{n}"));
        object["name"] = json!(name);
        door.publish("rti/indicators", &publishing, &object).await;
    }
    let mut page = String::new();
    for _ in 0..200 {
        page = get(&door, "/notifications", &ann).await.expect(200, "").text();
        if page.contains("two words more") {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(page.contains("Oleander and &#60;b&#62;two words more"), "{page}");
    assert!(!page.contains("words two") && !page.contains("fraud by"), "{page}");
    door.stop().await;
}
