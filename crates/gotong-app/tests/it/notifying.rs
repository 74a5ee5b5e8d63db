//! Notifications without a network: who is told what, when and under which words; what never stands in a letter; and that a killed node tells neither less nor
//! twice in the page.

use gotong_app::caller::Caller;
use gotong_app::notify::address::{self, Confirmed, Refusal};
use gotong_app::notify::letter::{self, Failure, Letter, Next};
use gotong_app::notify::{self, Mail, Rule, Said, Wanted};
use gotong_app::role::Role;
use gotong_app::subscription::{self, Filter};
use gotong_app::token::{self, NewToken};
use gotong_app::view::Words;
use gotong_app::withdraw::Selection;
use gotong_formats::stix21;
use gotong_language::Language;
use gotong_model::control::Reason;
use gotong_model::{ChannelId, Slug, Tlp};

use crate::region::{Peer, Region, Treaty, indicator, indicator_id, indicator_with, marked};

const LINK: Option<&str> = Some("https://gotong.example");

fn slug(text: &str) -> Slug {
    Slug::from_text(text).unwrap()
}

fn reader(peer: &Peer, channels: Option<Vec<ChannelId>>) -> (String, Caller) {
    let new = NewToken { name: "reader".to_owned(), channels, role: Role::Reader, ..NewToken::default() };
    let (id, secret) = token::create(&peer.node, &Caller::operator(), &new).unwrap().unwrap();
    (id, token::authenticate(&peer.node, &secret).unwrap().unwrap())
}

fn green(n: u32) -> String {
    indicator_with(n, "2026-03-01T00:00:00.000Z", &marked(stix21::id_of_label(Tlp::Green)))
}

fn wants(peer: &Peer, caller: &Caller, filter: &Filter, mail: Mail) {
    subscription::put(&peer.node, caller, &slug("oleander"), filter).unwrap().unwrap();
    let rule = Rule { wanted: Wanted::Search(slug("oleander")), in_page: true, mail };
    notify::put(&peer.node, caller, &rule).unwrap().unwrap();
}

fn collect(peer: &Peer) {
    while notify::collect(&peer.node).unwrap() {}
}

fn next(peer: &Peer) -> Option<Letter> {
    match letter::next(&peer.node, LINK).unwrap() {
        Next::Send(letter) => Some(*letter),
        Next::At(_) | Next::Quiet => None,
    }
}

fn code_in(letter: &Letter) -> String {
    letter
        .text
        .lines()
        .map(str::trim)
        .find(|line| line.len() == 8 && line.bytes().all(|byte| byte.is_ascii_digit()))
        .unwrap()
        .to_owned()
}

/// Gives somebody an address that they confirmed.
fn settle(peer: &Peer, caller: &Caller, at: &str) {
    address::ask(&peer.node, caller, at, Language::English).unwrap().unwrap();
    let letter = next(peer).unwrap();
    assert_eq!(letter.to, at);
    assert_eq!(address::confirm(&peer.node, caller, &code_in(&letter)).unwrap(), Confirmed::Yes);
    letter::sent(&peer.node, &letter).unwrap();
}

#[test]
fn a_letter_names_what_is_green_and_of_what_is_above_says_only_that_it_is_there() {
    let region = Region::usual();
    let id = region.open("id");
    let (_, caller) = reader(&id, None);
    settle(&id, &caller, "ann@cert.example");
    wants(&id, &caller, &Filter::default(), Mail::Once);
    id.publish(id.channel(), &[green(1)]);
    collect(&id);
    let letter = next(&id).expect("a letter");
    assert_eq!(letter.subject, "[TLP:GREEN] [Gotong id] secret name 000001");
    assert!(
        letter.text.contains(&format!("https://gotong.example/intelligence/{}", indicator_id(1))),
        "{}",
        letter.text
    );
    letter::sent(&id.node, &letter).unwrap();
    region.advance_ms(600_000);
    // One above among others is enough.
    id.publish(id.channel(), &[green(2), indicator(3)]);
    collect(&id);
    let letter = next(&id).expect("a letter");
    assert_eq!(letter.subject, "[Gotong id] Something new up to TLP:AMBER: log in to see it");
    let whole = format!("{}{}", letter.subject, letter.text);
    for secret in ["secret name", "evil-", "indicator--", "oleander", "rti/"] {
        assert!(!whole.contains(secret), "{secret}: {whole}");
    }
    assert!(letter.text.contains("https://gotong.example/notifications"));
    letter::sent(&id.node, &letter).unwrap();
    assert_eq!(letter::standing(&id.node).unwrap().sent, 3, "a code and two letters");
    // The page says all of it, to this reader alone.
    let notices = notify::list(&id.node, &caller).unwrap();
    let Said::Found { count, events, .. } = &notices[0].said else { panic!("{notices:?}") };
    assert_eq!((notices.len(), *count, events.len()), (1, 3, 3), "one notice grows while it is unread");
    assert_eq!(notify::count(&id.node, &caller).unwrap(), 1);
    let (_, other) = reader(&id, None);
    assert_eq!((notify::count(&id.node, &other).unwrap(), notify::list(&id.node, &other).unwrap().len()), (0, 0));
    assert!(!notify::read_one(&id.node, &other, &notices[0].id).unwrap(), "nobody marks another's");
    assert!(notify::read_one(&id.node, &caller, &notices[0].id).unwrap());
    assert_eq!((notify::count(&id.node, &caller).unwrap(), notify::read_all(&id.node, &caller).unwrap().len()), (0, 0));
    // And back: the own alone, and what is not there counts for nothing.
    let own = [notices[0].id.clone(), "none".to_owned()];
    assert_eq!(notify::unread(&id.node, &other, &own).unwrap(), 0, "nobody marks another's");
    assert_eq!((notify::unread(&id.node, &caller, &own).unwrap(), notify::count(&id.node, &caller).unwrap()), (1, 1));
    assert_eq!(notify::read_all(&id.node, &caller).unwrap(), own[..1]);
}

#[test]
fn what_is_withdrawn_or_may_not_be_read_any_more_is_in_no_notice_and_no_letter() {
    let mut region = Region::usual();
    let hidden = region.agree(&Treaty { handle: "second", ..Treaty::default() });
    let id = region.open("id");
    let first = id.channel();
    let (_, narrow) = reader(&id, Some(vec![first]));
    let (wide_id, wide) = reader(&id, None);
    settle(&id, &narrow, "narrow@cert.example");
    settle(&id, &wide, "wide@cert.example");
    for caller in [&narrow, &wide] {
        wants(&id, caller, &Filter::default(), Mail::Once);
    }
    id.publish(hidden, &[green(1)]);
    collect(&id);
    assert_eq!((notify::count(&id.node, &narrow).unwrap(), notify::count(&id.node, &wide).unwrap()), (0, 1));
    // The letter to who may see it waits; before it goes the record is withdrawn.
    let select = Selection {
        channel: hidden,
        ids: vec![indicator_id(1)],
        modified: None,
        constituent: None,
        caller: "test".to_owned(),
    };
    id.node.withdraw(&select, Reason::Error).unwrap();
    id.node.finish_erasures().unwrap();
    assert_eq!(next(&id), None, "nothing is left to be told");
    let notices = notify::list(&id.node, &wide).unwrap();
    assert!(matches!(&notices[0].said, Said::Found { events, .. } if events.is_empty()), "{notices:?}");
    // Somebody who has ended is told nothing; the other still is.
    region.advance_ms(600_000);
    id.publish(first, &[green(2)]);
    collect(&id);
    token::revoke(&id.node, &Caller::operator(), &wide_id).unwrap();
    let letter = next(&id).expect("the letter to who is still there");
    assert_eq!(letter.to, "narrow@cert.example");
    letter::sent(&id.node, &letter).unwrap();
    assert_eq!(next(&id), None);
}

#[test]
fn words_that_somebody_saved_tell_of_new_records_that_have_them_and_that_they_may_read() {
    let mut region = Region::usual();
    let hidden = region.agree(&Treaty { handle: "second", ..Treaty::default() });
    let id = region.open("id");
    let first = id.channel();
    let (_, narrow) = reader(&id, Some(vec![first]));
    let (_, wide) = reader(&id, None);
    let (_, other) = reader(&id, None);
    let with = |text: &str| Filter { words: Some(Words::parse(text).unwrap()), ..Filter::default() };
    id.publish(first, &[green(7)]);
    for caller in [&narrow, &wide] {
        wants(&id, caller, &with("secret -000008"), Mail::Off);
    }
    wants(&id, &other, &with("\"name secret\""), Mail::Off);
    collect(&id);
    let counts = || [&narrow, &wide, &other].map(|caller| notify::count(&id.node, caller).unwrap());
    assert_eq!(counts(), [0, 0, 0], "what was there before is not new");
    // The node may be killed between: the rules are looked at again from the place that was written down.
    id.publish(first, &[green(8)]);
    id.publish(hidden, &[green(9)]);
    collect(&id);
    assert_eq!(
        counts(),
        [0, 1, 0],
        "the second channel is nobody's who does not read it, and an excluded word keeps out"
    );
    id.publish(first, &[green(10)]);
    collect(&id);
    assert_eq!(counts(), [1, 1, 0], "one notice grows while it is unread");
    let told = |caller: &Caller| {
        let notices = notify::list(&id.node, caller).unwrap();
        let Said::Found { events, .. } = &notices[0].said else { panic!("{notices:?}") };
        events.len()
    };
    assert_eq!((told(&narrow), told(&wide)), (1, 2));
    // What is withdrawn is told to nobody, words or not.
    let select = Selection {
        channel: first,
        ids: vec![indicator_id(10)],
        modified: None,
        constituent: None,
        caller: "test".to_owned(),
    };
    id.node.withdraw(&select, Reason::Error).unwrap();
    id.node.finish_erasures().unwrap();
    assert_eq!((told(&narrow), told(&wide)), (0, 1));
}

#[test]
fn a_letter_stays_the_same_until_it_is_taken_whatever_is_killed() {
    let region = Region::usual();
    let id = region.open("id");
    let (_, caller) = reader(&id, None);
    settle(&id, &caller, "ann@cert.example");
    wants(&id, &caller, &Filter::default(), Mail::Once);
    id.publish(id.channel(), &[green(1)]);
    collect(&id);
    let before = next(&id).expect("a letter");
    // Killed while it was under way: it comes again, under the same id, and what is new meanwhile is another letter.
    id.publish(id.channel(), &[green(2)]);
    let id = region.reopen("id", id.store);
    collect(&id);
    assert_eq!(next(&id).as_ref(), Some(&before));
    assert!(!letter::failed(&id.node, &before, Failure::ForNow, "the server said\r\nX-Evil: yes").unwrap());
    assert_eq!(next(&id), None, "there is a pause after a failure");
    let standing = letter::standing(&id.node).unwrap();
    assert_eq!((standing.failures, standing.waiting), (1, 2));
    assert!(standing.last_fault.unwrap().starts_with("the server said  X-Evil"), "one line");
    region.advance_ms(31_000);
    assert_eq!(next(&id).as_ref(), Some(&before));
    letter::sent(&id.node, &before).unwrap();
    region.advance_ms(600_000);
    let second = next(&id).expect("the next letter");
    assert!(second.id != before.id && second.subject.contains("000002"), "{second:?}");
    // An address that takes nothing is given up at once, and its owner reads why.
    assert!(letter::failed(&id.node, &second, Failure::Address, "the mail server answered 550").unwrap());
    let standing = letter::standing(&id.node).unwrap();
    assert_eq!((standing.lost, standing.waiting), (1, 0));
    assert_eq!(address::lookup(&id.node, &caller).unwrap().fault.as_deref(), Some("the mail server answered 550"));
    collect(&id);
    assert_eq!(notify::list(&id.node, &caller).unwrap().len(), 1, "in the page everything was told once");
}

#[test]
fn a_days_letter_comes_once_a_day_and_nothing_goes_without_a_confirmed_address() {
    let region = Region::usual();
    let id = region.open("id");
    let (_, caller) = reader(&id, None);
    wants(&id, &caller, &Filter::default(), Mail::Daily);
    id.publish(id.channel(), &[green(1)]);
    collect(&id);
    assert_eq!(next(&id), None);
    assert_eq!(notify::count(&id.node, &caller).unwrap(), 1, "the page tells at once");
    region.advance_ms(86_400_000);
    collect(&id);
    assert_eq!(next(&id), None, "there is no address yet");
    address::ask(&id.node, &caller, "ann@cert.example", Language::English).unwrap().unwrap();
    let code = next(&id).unwrap();
    assert_eq!(address::confirm(&id.node, &caller, "x").unwrap(), Confirmed::Wrong);
    collect(&id);
    letter::sent(&id.node, &code).unwrap();
    assert_eq!(next(&id), None, "an address that was not confirmed gets nothing but its code");
    assert_eq!(address::confirm(&id.node, &caller, &code_in(&code)).unwrap(), Confirmed::Yes);
    collect(&id);
    let letter = next(&id).expect("the day's letter");
    assert!(letter.subject.starts_with("[TLP:GREEN]"));
    letter::sent(&id.node, &letter).unwrap();
    id.publish(id.channel(), &[green(2), green(3)]);
    collect(&id);
    assert_eq!(next(&id), None, "the day has just begun");
    region.advance_ms(86_400_000);
    collect(&id);
    assert!(next(&id).expect("the next day's").text.contains("secret name 000003"));
}

#[test]
fn codes_are_few_and_wrong_ones_end_them() {
    let region = Region::usual();
    let id = region.open("id");
    let (_, caller) = reader(&id, None);
    for wrong in ["", "ann", "ann@cert.example\r\nBcc: eve@x.example", "a@b, c@d"] {
        let asked = address::ask(&id.node, &caller, wrong, Language::English).unwrap();
        assert_eq!(asked, Err(Refusal::NotAnAddress), "{wrong:?}");
    }
    for _ in 0..5 {
        address::ask(&id.node, &caller, "ann@cert.example", Language::English).unwrap().unwrap();
    }
    let asked = address::ask(&id.node, &caller, "ann@cert.example", Language::English).unwrap();
    assert_eq!(asked, Err(Refusal::TooOften));
    assert_eq!(letter::standing(&id.node).unwrap().waiting, 1, "a new code takes the place of the one before");
    let right = code_in(&next(&id).unwrap());
    let wrong = if right == "00000000" { "00000001" } else { "00000000" };
    for _ in 0..5 {
        assert_eq!(address::confirm(&id.node, &caller, wrong).unwrap(), Confirmed::Wrong);
    }
    assert_eq!(
        address::confirm(&id.node, &caller, &right).unwrap(),
        Confirmed::Over,
        "guessing ends the right one too"
    );
    region.advance_ms(3_700_000);
    address::ask(&id.node, &caller, "ann@cert.example", Language::English).unwrap().unwrap();
    let right = code_in(&next(&id).unwrap());
    region.advance_ms(3_700_000);
    assert_eq!(address::confirm(&id.node, &caller, &right).unwrap(), Confirmed::Over, "an hour is over");
}
