//! What an organisation that a member serves is shown, and what it may do: exactly what the house rule and the agreements give it, asked on every way there is,
//! with the member's staff beside it to show that there is more. And who joined an agreement: exactly the channel types that it names.

use std::collections::BTreeSet;
use std::io::Write;
use std::net::TcpStream;

use serde_json::{Value, json};

use crate::harness::{Answer, CHANNEL, Dice, Member, Region, escaped, seed};
use crate::program::{Ended, run, wait_for};
use crate::recall::words_in;

/// The bank of the demo, and its channel.
const OWN: &str = "house/reports/harbour-bank";
const OTHERS: &str = "house/reports/river-bank";
const NATIONAL: &str = "house/national";
const BILATERAL: &str = "th-vn/incidents";
const STIX_NOWHERE: &str = "indicator--00000000-0000-4000-8000-000000000000";

fn indicator(uuid: &str, domain: &str) -> Value {
    json!({
        "type": "indicator", "spec_version": "2.1", "id": format!("indicator--{uuid}"), "created": "2026-11-01T00:00:00.000Z",
        "modified": "2026-11-01T00:00:00.000Z", "name": format!("about {domain}"), "pattern": format!("[domain-name:value = '{domain}']"),
        "pattern_type": "stix", "valid_from": "2026-11-01T00:00:00Z",
    })
}

fn sighting(uuid: &str, of: &str) -> Value {
    json!({
        "type": "sighting", "spec_version": "2.1", "id": format!("sighting--{uuid}"), "created": "2026-11-01T00:00:00.000Z",
        "modified": "2026-11-01T00:00:00.000Z", "sighting_of_ref": of, "count": 3,
    })
}

/// A record of the story.
struct Piece {
    domain: String,
    id: String,
    object: Value,
}

impl Piece {
    /// Domains are all of one length, so that answers about them can be compared byte for byte.
    fn new(dice: &mut Dice) -> Self {
        let domain = format!("{}.example", dice.word(16));
        let object = indicator(&dice.uuid(), &domain);
        Self { id: object["id"].as_str().unwrap().to_owned(), object, domain }
    }
}

#[track_caller]
fn publish(member: &Member, token: &str, channel: &str, tlp: &str, object: &Value) -> Answer {
    let path = format!("/api/v1/channels/{}/records?tlp={tlp}", escaped(channel));
    member.ask_as(token, "POST", &path, object.to_string().as_bytes())
}

/// A member's node, and the tokens that knock at it.
struct Desk<'a> {
    member: &'a Member,
    token: String,
}

impl Desk<'_> {
    #[track_caller]
    fn get(&self, path: &str) -> Answer {
        self.member.ask_as(&self.token, "GET", path, b"")
    }

    #[track_caller]
    fn post(&self, path: &str, body: &Value) -> Answer {
        self.member.ask_as(&self.token, "POST", path, body.to_string().as_bytes())
    }

    /// The ids in its list, of one channel or of all.
    fn listed(&self, query: &str) -> BTreeSet<String> {
        let page = self.get(&format!("/api/v1/records?limit=1000{query}")).expect(200).json();
        assert!(page["next"].is_null(), "one page is enough here");
        page["records"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect()
    }

    fn hits(&self, domain: &str) -> BTreeSet<String> {
        let found = self.get(&format!("/api/v1/lookup?value={domain}")).expect(200).json();
        found["hits"].as_array().unwrap().iter().map(|hit| hit["id"].as_str().unwrap().to_owned()).collect()
    }

    fn channels(&self) -> BTreeSet<String> {
        let all = self.get("/api/v1/channels").expect(200).json();
        all["channels"].as_array().unwrap().iter().map(|one| one["handle"].as_str().unwrap().to_owned()).collect()
    }

    /// The page as a browser shows it to somebody who was invited with these arguments at the command line and opened the link.
    fn page(&self, who: &str, arguments: &[&str]) -> String {
        let ask = |head: &str, rest: &str| {
            let mut stream = TcpStream::connect(&self.member.address).unwrap();
            let host = &self.member.address;
            let request =
                format!("{head} HTTP/1.1\r\nhost: {host}\r\norigin: http://{host}\r\nconnection: close\r\n{rest}");
            stream.write_all(request.as_bytes()).unwrap();
            Answer::read(&mut stream).unwrap()
        };
        let invited = gotong(self.member, &[&["user", "invite", who, "--json"], arguments].concat()).with(0);
        let link = invited.json()[0]["link"].as_str().unwrap().to_owned();
        let (_, key) = link.split_once("/welcome?key=").unwrap();
        let form = format!("key={key}&password=rice-boat-lantern-seven");
        let media = "application/x-www-form-urlencoded";
        let head = format!("content-type: {media}\r\ncontent-length: {}\r\n\r\n{form}", form.len());
        let entered = ask("POST /welcome", &head);
        let cookie = entered.header("set-cookie").split(';').next().unwrap().to_owned();
        assert!(cookie.contains('='), "{} {}", entered.status, entered.text());
        ask("GET /", &format!("cookie: {cookie}\r\n\r\n")).expect(200).text()
    }
}

/// An answer without what is random.
fn bare(answer: &Answer) -> (u16, Vec<(String, String)>, String) {
    let kept = answer.headers.iter().filter(|(name, _)| !matches!(name.as_str(), "x-request-id" | "date"));
    let kept: Vec<_> = kept.cloned().collect();
    let mut text = answer.text();
    if let Ok(Value::Object(mut fields)) = serde_json::from_str(&text) {
        fields.remove("request_id");
        fields.remove("instance");
        text = Value::Object(fields).to_string();
    }
    (answer.status, kept, text)
}

pub(crate) fn gotong(member: &Member, arguments: &[&str]) -> Ended {
    run(&[arguments, &["--data", member.data.to_str().unwrap()]].concat())
}

fn bank_of(region: &Region) -> String {
    region.ready["members"][0]["constituent_token"].as_str().unwrap().to_owned()
}

/// A token of an organisation, made at the command line.
fn token_of(member: &Member, code: &str) -> String {
    let made = gotong(member, &["token", "create", "desk", "--constituent", code, "--publish", "--json"]).with(0);
    made.json()[0]["token"].as_str().unwrap().to_owned()
}

/// Everything that is published, by who is to see it.
struct Cast {
    /// Passed on to the bank, or its own.
    shown: Vec<Piece>,
    /// Everything else that the staff see.
    hidden: Vec<Piece>,
    /// What the staff wrote in the bank's channel; among the shown.
    answer: String,
    /// What the bank wrote; among the shown.
    report: String,
    /// Sightings of what is shown: one that the bank is given, one that it is not.
    sightings: [String; 2],
}

fn play(region: &Region, bank: &str, river: &str, dice: &mut Dice) -> Cast {
    let [vn, th, _] = &region.members[..] else { panic!("a region of three") };
    let mut put = |member: &Member, token: &str, channel: &str, tlp: &str| {
        let piece = Piece::new(dice);
        publish(member, token, channel, tlp, &piece.object).expect(201);
        piece
    };
    let shown = vec![
        put(vn, &vn.token, CHANNEL, "green"),
        put(th, &th.token, CHANNEL, "clear"),
        put(vn, &vn.token, OWN, "amber"),
        put(vn, bank, OWN, "amber"),
    ];
    let hidden = vec![
        put(vn, &vn.token, CHANNEL, "amber"),
        put(th, &th.token, CHANNEL, "amber"),
        put(vn, &vn.token, BILATERAL, "clear"),
        put(vn, &vn.token, NATIONAL, "green"),
        put(vn, &vn.token, OTHERS, "green"),
        put(vn, river, OTHERS, "green"),
    ];
    let of = &shown[0].id;
    let sightings = ["0c1d2e3f-7e01-4f4e-9a51-0a5b4d1c7e01", "0c1d2e3f-7e01-4f4e-9a51-0a5b4d1c7e02"];
    for (uuid, channel) in sightings.iter().zip([CHANNEL, NATIONAL]) {
        publish(vn, &vn.token, channel, "green", &sighting(uuid, of)).expect(201);
    }
    let staff = Desk { member: vn, token: vn.token.clone() };
    let from_afar = [&shown[1], &hidden[1]];
    wait_for("what th published", || from_afar.iter().all(|piece| !staff.hits(&piece.domain).is_empty()));
    let (answer, report) = (shown[2].id.clone(), shown[3].id.clone());
    Cast { shown, hidden, answer, report, sightings: sightings.map(|uuid| format!("sighting--{uuid}")) }
}

/// Lists, single records, lookups, channels and the page, each beside what the staff get.
fn sees_exactly_its_own(staff: &Desk<'_>, bank: &Desk<'_>, cast: &Cast, dice: &mut Dice) {
    let ids = |pieces: &[Piece]| pieces.iter().map(|piece| piece.id.clone()).collect::<BTreeSet<_>>();
    let expected: BTreeSet<String> = ids(&cast.shown).into_iter().chain([cast.sightings[0].clone()]).collect();
    assert_eq!(bank.listed(""), expected);
    let all = staff.listed("");
    assert!(ids(&cast.hidden).is_subset(&all) && expected.is_subset(&all) && all.contains(&cast.sightings[1]));

    let given = [OWN, "rti/advisories", CHANNEL].map(str::to_owned);
    assert_eq!(bank.channels(), BTreeSet::from(given));
    assert!(staff.channels().is_superset(&[NATIONAL, BILATERAL].map(str::to_owned).into()));
    // Organisations' channels are too many for a list; the staff find each by name.
    let unknown = bare(&bank.get(&format!("/api/v1/channels/{}", escaped("house/reports/nobody"))));
    assert_eq!(unknown.0, 404);
    for channel in [OTHERS, NATIONAL, BILATERAL, "rti/governance", "charter"] {
        let path = format!("/api/v1/channels/{}", escaped(channel));
        assert_eq!(bare(&bank.get(&path)), unknown, "{channel} is as what is not there");
        let of_it = format!("/api/v1/records?channel={}", escaped(channel));
        let of_none = format!("/api/v1/records?channel={}", escaped("house/reports/nobody"));
        assert_eq!(bare(&bank.get(&of_it)), bare(&bank.get(&of_none)), "{channel}");
        assert_eq!((staff.get(&path).status, staff.get(&of_it).status), (200, 200), "the staff see {channel}");
    }
    let no_record = bare(&bank.get(&format!("/api/v1/records/{STIX_NOWHERE}")));
    assert_eq!(no_record.0, 404);
    for piece in &cast.hidden {
        assert_eq!(bare(&bank.get(&format!("/api/v1/records/{}", piece.id))), no_record, "{}", piece.id);
        staff.get(&format!("/api/v1/records/{}", piece.id)).expect(200);
        let nowhere = format!("{}.example", dice.word(16));
        let told = |domain: &str| {
            let answer = bank.get(&format!("/api/v1/lookup?value={domain}"));
            let (status, headers, text) = bare(&answer);
            (status, headers, text.replace(domain, "VALUE"))
        };
        assert_eq!(told(&piece.domain), told(&nowhere));
        assert_eq!(staff.hits(&piece.domain), [piece.id.clone()].into());
        let query = format!("&id={}", piece.id);
        assert_eq!(staff.listed(&query).len(), 1, "search by id shows it to the staff");
        assert_eq!(bank.listed(&query).len(), 0);
    }
    assert_eq!(bare(&bank.get(&format!("/api/v1/records/{}", cast.sightings[1]))), no_record);
    let sightings = |desk: &Desk<'_>| {
        let told = desk.get(&format!("/api/v1/records/{}/sightings", cast.shown[0].id)).expect(200).json();
        told["sightings"].as_array().unwrap().iter().map(|one| one["sightings"].as_u64().unwrap()).sum::<u64>()
    };
    assert_eq!((sightings(staff), sightings(bank)), (2, 1), "the one in the national channel is not counted for it");
    let of_hidden = |id: &str| bare(&bank.get(&format!("/api/v1/records/{id}/sightings"))).2.replace(id, "ID");
    assert_eq!(of_hidden(&cast.hidden[0].id), of_hidden(STIX_NOWHERE));
    for piece in &cast.shown {
        bank.get(&format!("/api/v1/records/{}", piece.id)).expect(200);
        assert_eq!(bank.hits(&piece.domain), [piece.id.clone()].into());
    }
    let all: Vec<&str> = cast.hidden.iter().chain(&cast.shown).map(|piece| piece.domain.as_str()).collect();
    let many = |desk: &Desk<'_>| {
        let told = desk.post("/api/v1/lookup", &json!({"values": all})).expect(200).json();
        let hits = |one: &Value| one["hits"].as_array().unwrap().len();
        told["results"].as_array().unwrap().iter().map(hits).collect::<Vec<_>>()
    };
    assert_eq!((many(staff), many(bank)), (vec![1; 10], vec![0, 0, 0, 0, 0, 0, 1, 1, 1, 1]));
    let mut everything = bank.page("cho", &["--role", "constituent", "--constituent", "harbour-bank"]);
    assert!(
        staff.page("ann", &["--role", "releasing-officer"]).contains(NATIONAL) && everything.contains(OWN),
        "the page has something on it"
    );
    let events = "/api/v1/events?after=beginning&follow=false&objects=true";
    assert!(staff.get(events).expect(200).text().contains("river-bank"), "who may is told");
    for path in ["/api/v1/channels", "/api/v1/records?limit=1000", "/metrics", "/readyz", "/api/v1/atom", events] {
        everything.push_str(&bank.get(path).text());
    }
    everything.push_str(&bank.get(&format!("/api/v1/records/{}", cast.shown[0].id)).text());
    for piece in &cast.hidden {
        assert!(!everything.contains(&piece.domain) && !everything.contains(&piece.id), "{}", piece.domain);
    }
    for word in [NATIONAL, "river-bank", "th-vn", &cast.sightings[1]] {
        assert!(!everything.contains(word), "{word}");
    }
}

/// Every address of the API, by its own document: a constituent is served at a few, and turned away from the rest.
fn is_turned_away_where_staff_work(staff: &Desk<'_>, bank: &Desk<'_>) {
    let document = bank.get("/api/v1/openapi.json").expect(200).json();
    let served = [
        ("get", "/api/v1/channels"),
        ("get", "/api/v1/channels/{channel}"),
        ("get", "/api/v1/records"),
        ("get", "/api/v1/records/{id}"),
        ("get", "/api/v1/records/{id}/related"),
        ("get", "/api/v1/records/{id}/sightings"),
        ("get", "/api/v1/records/{id}/worth"),
        ("get", "/api/v1/sightings"),
        ("get", "/api/v1/search"),
        ("get", "/api/v1/suggest"),
        ("get", "/api/v1/atom"),
        ("get", "/api/v1/events"),
        ("get", "/api/v1/searches"),
        ("get", "/api/v1/searches/{name}"),
        ("put", "/api/v1/searches/{name}"),
        ("delete", "/api/v1/searches/{name}"),
        ("get", "/api/v1/searches/{name}/records"),
        ("post", "/api/v1/preview"),
        ("get", "/api/v1/lookup"),
        ("post", "/api/v1/lookup"),
        ("post", "/api/v1/channels/{channel}/records"),
        ("post", "/api/v1/channels/{channel}/records/bulk"),
        ("post", "/api/v1/channels/{channel}/records/preview"),
        ("post", "/api/v1/channels/{channel}/withdraw"),
    ];
    let mut turned_away = 0;
    let mut served_all_the_same = Vec::new();
    for (template, operations) in document["paths"].as_object().unwrap() {
        if !template.starts_with("/api/v1/") {
            continue;
        }
        let path = template.replace("{channel}", &escaped(OWN)).replace("{id}", STIX_NOWHERE);
        let path = path
            .replace("{number}", "1")
            .replace("{code}", "harbour-bank")
            .replace("{key}", "x")
            .replace("{name}", "x");
        assert!(!path.contains('{'), "{template} has a place that nobody fills");
        for method in operations.as_object().unwrap().keys().filter(|method| *method != "parameters") {
            if served.contains(&(method.as_str(), template.as_str())) {
                continue;
            }
            let ask = |desk: &Desk<'_>| desk.member.ask_as(&desk.token, &method.to_uppercase(), &path, b"{}");
            let answer = ask(bank);
            if answer.status != 403 {
                served_all_the_same.push(format!("{method} {template}: {} {}", answer.status, answer.text()));
            }
            turned_away += 1;
        }
    }
    assert!(served_all_the_same.is_empty(), "{served_all_the_same:#?}");
    assert!(turned_away > 20, "{turned_away}");
    staff.get("/api/v1/logs").expect(200);
    staff.get("/api/v1/export?format=stix").expect(200);
    bank.member.operate("GET", "/api/v1/tokens", b"").expect(200);
    bank.member.operate("GET", "/api/v1/organisations/harbour-bank", b"").expect(200);
}

fn publishes_in_its_own_channel_alone(staff: &Desk<'_>, bank: &Desk<'_>, cast: &Cast, dice: &mut Dice) {
    let before = staff.listed("");
    let unknown = bare(&publish(bank.member, &bank.token, "house/reports/nobody", "green", &cast.shown[0].object));
    for channel in [OTHERS, NATIONAL, BILATERAL] {
        let piece = Piece::new(dice);
        assert_eq!(bare(&publish(bank.member, &bank.token, channel, "green", &piece.object)), unknown, "{channel}");
        let bulk = format!("/api/v1/channels/{}/records/bulk", escaped(channel));
        assert_eq!(bank.post(&bulk, &piece.object).status, 404, "{channel}");
    }
    let refused = publish(bank.member, &bank.token, CHANNEL, "green", &Piece::new(dice).object);
    assert!((400..500).contains(&refused.status), "what it is shown is not its own to write in: {}", refused.text());
    assert_eq!(staff.listed(""), before, "nothing came of any of it");

    let withdraw = |desk: &Desk<'_>, channel: &str, id: &str| {
        let path = format!("/api/v1/channels/{}/withdraw", escaped(channel));
        desk.post(&path, &json!({"ids": [id], "reason": "error"}))
    };
    let outcome = |answer: &Answer| answer.json()["results"][0]["outcome"].as_str().unwrap_or_default().to_owned();
    let not_mine = withdraw(bank, OWN, &cast.answer);
    assert!(not_mine.status >= 400 || outcome(&not_mine) != "done", "{}", not_mine.text());
    assert!(withdraw(bank, CHANNEL, &cast.shown[0].id).status >= 400 || bank.listed("").contains(&cast.shown[0].id));
    assert!(bank.listed("").contains(&cast.answer), "what the staff wrote there stays");
    let mine = withdraw(bank, OWN, &cast.report).expect(200);
    assert_eq!(outcome(&mine), "done", "{}", mine.text());
    assert!(!bank.listed("").contains(&cast.report) && !staff.listed("").contains(&cast.report));
    assert_eq!(outcome(&withdraw(staff, OWN, &cast.answer).expect(200)), "done", "its author may");
}

#[test]
fn a_bank_sees_its_own_channel_and_what_is_passed_on_to_it_and_nothing_else() {
    let seed = seed("GOTONG_SEED");
    println!("seed {seed}");
    let mut dice = Dice(seed);
    let region = Region::found();
    region.start();
    let [vn, th, id] = &region.members[..] else { panic!("a region of three") };
    gotong(vn, &["organisation", "add", "river-bank", "--name", "River Bank", "--class", "bank"]).with(0);
    let (bank, river) = (bank_of(&region), token_of(vn, "river-bank"));
    let cast = play(&region, &bank, &river, &mut dice);
    let staff = Desk { member: vn, token: vn.token.clone() };
    let bank = Desk { member: vn, token: bank };
    let river = Desk { member: vn, token: river };
    sees_exactly_its_own(&staff, &bank, &cast, &mut dice);
    is_turned_away_where_staff_work(&staff, &bank);
    // Another class is given something else: more of the region and of the house, and no bank's channel.
    let ministry = Desk { member: vn, token: token_of(vn, "ministry-of-records") };
    let mut given: BTreeSet<String> = cast.sightings.iter().cloned().collect();
    given.extend(
        cast.shown[..2].iter().chain(&cast.hidden[..2]).chain(&cast.hidden[3..4]).map(|piece| piece.id.clone()),
    );
    assert_eq!(ministry.listed(""), given);

    // Nothing of a house goes to another country: searched for where it is first, then where it must not be.
    let of_house: Vec<&str> =
        cast.shown[2..].iter().chain(&cast.hidden[3..]).map(|piece| piece.domain.as_str()).collect();
    let words = [&of_house[..], &["river-bank", "River Bank", cast.hidden[0].domain.as_str()]].concat();
    let stored = |member: &Member| words_in(&member.data.join("store"), &words);
    assert_eq!(stored(vn).len(), words.len(), "all of it is at home: {words:?}");
    let last = Piece::new(&mut dice);
    publish(vn, &vn.token, CHANNEL, "green", &last.object).expect(201);
    for other in [th, id] {
        let desk = Desk { member: other, token: other.token.clone() };
        wait_for("what came after all of it", || !desk.hits(&last.domain).is_empty());
        let only: BTreeSet<&str> = [cast.hidden[0].domain.as_str()].into();
        assert_eq!(stored(other), only, "{} has what was shared with it, and no more", other.code);
    }

    publishes_in_its_own_channel_alone(&staff, &bank, &cast, &mut dice);
    assert!(!river.hits(&cast.hidden[5].domain).is_empty(), "the other bank sees its own");
    gotong(vn, &["organisation", "end", "harbour-bank"]).with(0);
    bank.get("/api/v1/channels").expect(401);
    assert_eq!(publish(vn, &bank.token, OWN, "green", &Piece::new(&mut dice).object).status, 401);
    river.get("/api/v1/channels").expect(200);
    let shown = gotong(vn, &["organisation", "show", "harbour-bank", "--json"]).with(0).json().remove(0);
    assert!(shown["ended"].is_string());
    gotong(vn, &["token", "create", "late", "--constituent", "harbour-bank"]).with(1);
}

const PARTNERS: &str = r#"
handle = "partners"
title = "With partners"
purpose = "testing"
legal_basis = "none"
parties = ["vn", "th"]
parties_clause = "1"
dates_clause = "1"
from = 2026-01-01
[[clauses]]
number = "1"
title = "All of it"
text = "Warnings are for partners too, cases are not."
[[channel_types]]
type = "cases"
clause = "1"
ceiling = "amber"
purpose = "testing"
[[channel_types]]
type = "warnings"
clause = "1"
ceiling = "amber"
purpose = "testing"
[accession]
clause = "1"
candidates = ["id"]
types = ["warnings"]
consent = "none"
"#;

#[test]
fn a_partner_that_joined_is_given_exactly_the_types_that_the_agreement_names() {
    let seed = seed("GOTONG_SEED");
    println!("seed {seed}");
    let mut dice = Dice(seed);
    let region = Region::found();
    region.start();
    let [vn, th, id] = &region.members[..] else { panic!("a region of three") };
    let file = |name: &str| region.dir.join(name).to_str().unwrap().to_owned();
    let root = |member: &Member| member.data.join("root/root.key").to_str().unwrap().to_owned();
    std::fs::write(file("p.toml"), PARTNERS).unwrap();
    let (note, charter, accession) = (file("p.note"), file("charter.note"), file("accede.note"));
    run(&["agreement", "new", &file("p.toml"), "--charter", &charter, "--out", &note]).with(0);
    for member in [vn, th] {
        run(&["agreement", "sign", &note, "--charter", &charter, "--root", &root(member)]).with(0);
    }
    for member in [vn, th, id] {
        gotong(member, &["agreement", "accept", &note]).with(0);
    }
    let [vn, th, id] = [vn, th, id].map(|member| Desk { member, token: member.token.clone() });
    let [warning, case] = [Piece::new(&mut dice), Piece::new(&mut dice)];
    publish(vn.member, &vn.token, "partners/warnings", "amber", &warning.object).expect(201);
    publish(vn.member, &vn.token, "partners/cases", "amber", &case.object).expect(201);
    wait_for("both at the other party", || [&warning, &case].iter().all(|piece| !th.hits(&piece.domain).is_empty()));
    assert!(id.hits(&warning.domain).is_empty(), "it has not joined yet");
    gotong(
        id.member,
        &["agreement", "accede", "--agreement", "partners", "--root", &root(id.member), "--out", &accession],
    )
    .with(0);
    gotong(id.member, &["agreement", "accept", &accession]).with(0);
    wait_for("the warning", || !id.hits(&warning.domain).is_empty());
    let later = Piece::new(&mut dice);
    publish(vn.member, &vn.token, "partners/cases", "amber", &later.object).expect(201);
    let last = Piece::new(&mut dice);
    publish(vn.member, &vn.token, "partners/warnings", "amber", &last.object).expect(201);
    wait_for("the last warning", || !id.hits(&last.domain).is_empty());
    let of_agreement = |desk: &Desk<'_>| -> Vec<String> {
        desk.channels()
            .into_iter()
            .filter(|handle| handle.starts_with("partners/") && !handle.ends_with("/governance"))
            .collect()
    };
    assert_eq!(of_agreement(&th), ["partners/cases", "partners/warnings"]);
    assert_eq!(of_agreement(&id), ["partners/warnings"]);
    let words = [case.domain.as_str(), later.domain.as_str(), warning.domain.as_str()];
    let stored = |member: &Member| words_in(&member.data.join("store"), &words);
    assert_eq!(stored(th.member).len(), 3);
    assert_eq!(stored(id.member), [warning.domain.as_str()].into(), "cases never came to the partner");
    let nowhere = bare(&id.get(&format!("/api/v1/records/{STIX_NOWHERE}")));
    assert_eq!(bare(&id.get(&format!("/api/v1/records/{}", case.id))), nowhere);
    // It writes there as well, as everybody who joined does.
    let own = Piece::new(&mut dice);
    publish(id.member, &id.token, "partners/warnings", "amber", &own.object).expect(201);
    wait_for("its own warning", || !vn.hits(&own.domain).is_empty());
    assert_eq!(publish(id.member, &id.token, "partners/cases", "amber", &own.object).status, 404);
}
