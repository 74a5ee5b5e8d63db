//! What banks and providers read and write under their member's house rule, each permit beside its refusal, and what is as if it were not there.

use gotong_crypto::Digest;
use gotong_model::Tlp::{self, Amber, Clear, Green, Red};
use gotong_model::agreement::{Act as Forbidden, Onward, Prohibition};
use gotong_model::control::Basis;
use gotong_model::governance::{ChannelKind, Missing};
use gotong_model::house::{Class, HouseRule, Organisation, Organisations, Reads, ReadsHouse};
use gotong_model::{ChannelId, Personal, Timestamp};
use gotong_policy::{Act, Cache, Constituent, Decision, Effect, Question, Reader, ReaderClass, Row, Subject, decide};

use super::support::Expect::{self, No, Nothing, Yes};
use super::support::{Desk, channel_type, check, code, day, house_rule, prohibition, slug, terms};

pub(crate) const ORGANISATIONS: &[(&str, &str)] =
    &[("bank-abc", "bank"), ("bank-xyz", "bank"), ("net-one", "isp"), ("net-two", "isp")];
const INDICATOR: &str = "stix.indicator";
const MAY: &str = "2026-05-01";

/// Terms of `rti` with a type that goes on to constituents and one that does not.
pub(crate) fn rti() -> gotong_model::agreement::Terms {
    let members = ["id", "th", "vn"];
    let mut indicators = channel_type("indicators", &members, &["stix"], Amber);
    indicators.onward = Onward::Constituents;
    let incidents = channel_type("incidents", &members, &["stix"], Amber);
    let mut rti = terms("rti", &members, indicators);
    rti.channel_types = vec![incidents, rti.channel_types.remove(0)];
    rti
}

/// Thailand's rule: banks report, providers tell of incidents; both are given some of what is shared.
pub(crate) fn rule() -> HouseRule {
    let kind = |name: &str, kinds: &[&str]| channel_type(name, &["th"], kinds, Amber);
    let kinds = vec![kind("incidents", &["stix"]), kind("notices", &["stix"]), kind("reports", &["stix.indicator"])];
    let reads = |agreement: &str, types: &[&str], ceiling, clause: &str| Reads {
        agreement: Some(slug(agreement)),
        types: types.iter().map(|name| slug(name)).collect(),
        ceiling,
        clause: clause.to_owned(),
    };
    let notices =
        |ceiling, clause: &str| ReadsHouse { types: vec![slug("notices")], ceiling, clause: clause.to_owned() };
    let class = |name: &str, own: &str| Class { own: Some(slug(own)), ..super::support::class(name) };
    let bank = Class {
        reads: vec![reads("rti", &["incidents", "indicators"], Green, "3.1")],
        reads_house: vec![notices(Amber, "3.2")],
        ..class("bank", "reports")
    };
    let isp = Class { reads_house: vec![notices(Clear, "4")], ..class("isp", "incidents") };
    let mut rule = house_rule("th", kinds, vec![bank, isp]);
    rule.terms.from = day("2026-02-01");
    rule.terms.until = Some(day("2027-02-01"));
    rule.terms.nonce = [6; 16];
    rule
}

/// A desk where this rule is Thailand's, with its organisations.
pub(crate) fn house_desk(rule: &HouseRule) -> Desk {
    let mut desk = Desk::of(&rti());
    desk.sign_house(rule);
    let mut register = Organisations::new(code("th"));
    for (name, class) in ORGANISATIONS {
        let (code, class) = (slug(name), slug(class));
        register.put(Organisation { code, name: name.to_uppercase(), class, former_classes: Vec::new() });
    }
    desk.governance = desk.governance.clone().with_organisations(register);
    desk
}

pub(crate) type Label = Option<(&'static str, Tlp)>;

impl Desk {
    /// A constituent of a member reads.
    pub(crate) fn given(
        &self,
        member: &str,
        (who, class): (&str, &str),
        channel: ChannelId,
        row: Label,
        on: &str,
    ) -> Decision {
        let (organisation, class, member) = (&slug(who), &slug(class), &code(member));
        let class = ReaderClass::Constituent(Constituent { organisation, class });
        let row = row.map(|(kind, tlp)| Row { kind, tlp: Some(tlp) });
        let reader = Reader { channels: None, class };
        decide(&self.governance, &Question::View { member, channel, reader, row, at: day(on) })
    }

    fn reads(&self, who: (&str, &str), channel: &str, row: Label) -> Decision {
        self.given("th", who, self.named(channel), row, MAY)
    }

    fn named(&self, channel: &str) -> ChannelId {
        self.governance.channel_by_name(channel).unwrap().id
    }

    fn puts(&self, member: &str, who: Option<(&str, &str)>, channel: &str, (kind, tlp): (&str, Tlp)) -> Decision {
        let who = who.map(|(organisation, class)| (slug(organisation), slug(class)));
        let organisation = who.as_ref().map(|(organisation, class)| Constituent { organisation, class });
        let (member, channel) = (&code(member), self.named(channel));
        let subject =
            Subject { member, channel, kind, tlp: Some(tlp), personal: Personal::None, at: day(MAY), organisation };
        decide(&self.governance, &Question::Publish(subject))
    }
}

const BANK: (&str, &str) = ("bank-abc", "bank");
const ISP: (&str, &str) = ("net-one", "isp");
const BITES: Expect = No("5.1", "policy.prohibited");

#[test]
fn banks_and_providers_read_what_their_class_is_given() {
    let desk = house_desk(&rule());
    let row = |tlp| Some((INDICATOR, tlp));
    check(&[
        ("a bank its own, whole", desk.reads(BANK, "house/reports/bank-abc", row(Tlp::AmberStrict)), Yes),
        ("a bank that of another", desk.reads(BANK, "house/reports/bank-xyz", row(Clear)), Nothing),
        ("a provider that of a bank", desk.reads(ISP, "house/reports/bank-abc", None), Nothing),
        (
            "a bank under a class that is not its own",
            desk.reads(("bank-abc", "isp"), "house/reports/bank-abc", None),
            Nothing,
        ),
        ("a bank of no class", desk.reads(("bank-abc", "ministry"), "house/notices", None), Nothing),
        ("a bank an amber notice", desk.reads(BANK, "house/notices", row(Amber)), Yes),
        ("a provider an amber notice", desk.reads(ISP, "house/notices", row(Amber)), No("4", "policy.given-label")),
        ("a provider a clear notice", desk.reads(ISP, "house/notices", row(Clear)), Yes),
        ("a bank a green indicator", desk.reads(BANK, "rti/indicators", row(Green)), Yes),
        ("a bank an amber one", desk.reads(BANK, "rti/indicators", row(Amber)), No("3.1", "policy.given-label")),
        ("a provider any", desk.reads(ISP, "rti/indicators", row(Clear)), Nothing),
        ("the agreement keeps incidents", desk.reads(BANK, "rti/incidents", None), No("4", "policy.onward-none")),
        ("what governs", desk.reads(BANK, "rti/governance", None), Nothing),
        ("the charter", desk.reads(BANK, "charter", None), Nothing),
    ]);
    // Both say a word: the clause of each stands in the answer, and of two refusals the one that lacks less comes first.
    let both = desk.reads(BANK, "rti/indicators", row(Green));
    let handles = |handle: &str| both.grounds.iter().any(|ground| ground.handle == handle);
    assert!(handles("house") && handles("rti"), "{both:#?}");
    let neither = desk.reads(BANK, "rti/incidents", row(Tlp::AmberStrict));
    let forbids: Vec<&str> = neither
        .grounds
        .iter()
        .filter(|ground| ground.effect == Effect::Forbid)
        .map(|ground| ground.handle.as_str())
        .collect();
    assert_eq!(forbids, ["house", "rti", "rti"], "{neither:#?}");
    let staff = |channel, row| desk.view("th", channel, row, MAY);
    check(&[
        ("staff in a bank's channel", staff("house/reports/bank-abc", row(Red)), Yes),
        ("staff in a notice", staff("house/notices", None), Yes),
        ("staff of another member in a bank's", desk.view("vn", "house/reports/bank-abc", None, MAY), Nothing),
        ("staff of another member in a notice", desk.view("vn", "house/notices", None, MAY), Nothing),
        (
            "a bank through another member",
            desk.given("vn", BANK, desk.named("house/reports/bank-abc"), None, MAY),
            Nothing,
        ),
    ]);
}

#[test]
fn what_is_not_there_is_another_s_and_is_not_given_look_alike() {
    let desk = house_desk(&rule());
    let unknown = desk.given("th", BANK, ChannelId(Digest([9; 32])), None, MAY);
    for channel in ["house/reports/bank-xyz", "house/incidents/net-one", "rti/governance"] {
        assert_eq!(desk.reads(BANK, channel, Some((INDICATOR, Clear))), unknown, "{channel}");
    }
    assert_eq!(desk.reads(ISP, "rti/indicators", None), unknown);
    assert!(desk.reads(BANK, "rti/indicators", None).permitted, "it would be seen");
    // Indonesia's rule gives all that goes on to the class `any`; without one nothing is read.
    let indicators = desk.named("rti/indicators");
    assert!(desk.given("id", ("anybody", "any"), indicators, Some((INDICATOR, Amber)), MAY).permitted);
    let bare = house_desk(&HouseRule { classes: vec![], ..rule() });
    assert_eq!(bare.given("th", ("anybody", "any"), bare.named("rti/indicators"), None, MAY), unknown);
}

#[test]
fn who_publishes_in_the_house() {
    let desk = house_desk(&rule());
    let amber = (INDICATOR, Amber);
    check(&[
        ("a bank in its own", desk.puts("th", Some(BANK), "house/reports/bank-abc", amber), Yes),
        ("a bank in that of another", desk.puts("th", Some(BANK), "house/reports/bank-xyz", amber), Nothing),
        ("a bank in a notice", desk.puts("th", Some(BANK), "house/notices", amber), Nothing),
        ("a bank in an agreement", desk.puts("th", Some(BANK), "rti/indicators", amber), Nothing),
        ("a bank in what governs", desk.puts("th", Some(BANK), "rti/governance", ("document", Amber)), Nothing),
        (
            "a bank a kind that is not named",
            desk.puts("th", Some(BANK), "house/reports/bank-abc", ("stix.malware", Amber)),
            No("3.1", "policy.kind-unnamed"),
        ),
        (
            "a bank above the ceiling",
            desk.puts("th", Some(BANK), "house/reports/bank-abc", (INDICATOR, Tlp::AmberStrict)),
            No("3.2", "policy.above-ceiling"),
        ),
        ("staff in a bank's", desk.puts("th", None, "house/reports/bank-abc", amber), Yes),
        ("staff in a notice", desk.puts("th", None, "house/notices", amber), Yes),
        (
            "staff above the ceiling",
            desk.puts("th", None, "house/notices", (INDICATOR, Tlp::AmberStrict)),
            No("3.2", "policy.above-ceiling"),
        ),
        ("another member", desk.puts("vn", None, "house/notices", amber), Nothing),
        ("another member in a bank's", desk.puts("vn", None, "house/reports/bank-abc", amber), Nothing),
        ("another member's bank", desk.puts("vn", Some(BANK), "house/reports/bank-abc", amber), Nothing),
        ("staff opens a bank's log", desk.act("th", "house/reports/bank-abc", Act::Open, None, MAY), Yes),
        ("another member opens one", desk.act("vn", "house/reports/bank-abc", Act::Open, None, MAY), Nothing),
        ("staff takes back", desk.act("th", "house/reports/bank-abc", Act::Withdraw, None, MAY), Yes),
    ]);
}

#[test]
fn nothing_of_another_member_is_admitted_and_what_is_one_s_own_is_not_judged_again() {
    let mut desk = house_desk(&rule());
    let channel = desk.named("house/reports/bank-abc");
    let basis = {
        let house = desk.governance.house(&code("th")).unwrap();
        desk.governance.clone().at(day(MAY)).basis(&house.agreement)
    };
    let admit = |desk: &Desk, member: &str, basis: &Basis| {
        let (member, at) = (&code(member), day(MAY));
        let subject = Subject {
            member,
            channel,
            kind: INDICATOR,
            tlp: Some(Amber),
            personal: Personal::None,
            at,
            organisation: None,
        };
        decide(&desk.governance, &Question::Admit { subject, basis })
    };
    check(&[("its own", admit(&desk, "th", &basis), Yes), ("another member's", admit(&desk, "vn", &basis), Nothing)]);
    let mut next = rule();
    (next.terms.number, next.terms.previous) = (2, Some(rule().hash(&desk.governance.region)));
    next.terms.from = day("2026-03-01");
    next.terms.channel_types[2].ceiling = Clear;
    desk.sign_house(&next);
    check(&[
        ("what was written under the version before", admit(&desk, "th", &basis), Yes),
        (
            "and now",
            desk.puts("th", None, "house/reports/bank-abc", (INDICATOR, Amber)),
            No("3.2", "policy.above-ceiling"),
        ),
    ]);
    let unknown = Digest([7; 32]);
    let strange = Basis { agreement_hash: unknown, ..basis };
    assert_eq!(admit(&desk, "th", &strange).held, Some(Missing::Version(unknown)));
}

#[test]
fn prohibitions_and_dates_of_the_house_bite() {
    let row = Some((INDICATOR, Green));
    let desk = |more: Prohibition| {
        let mut rule = rule();
        rule.terms.prohibitions.push(more);
        house_desk(&rule)
    };
    let of_house = Prohibition { types: vec![slug("notices")], ..prohibition("5.1", Forbidden::Read) };
    let of_all = Prohibition { kinds: vec![INDICATOR.to_owned()], ..prohibition("5.2", Forbidden::Onward) };
    let reports = Prohibition { types: vec![slug("reports")], ..prohibition("5.1", Forbidden::Publish) };
    let elsewhere = Prohibition { types: vec![slug("incidents")], ..prohibition("5.1", Forbidden::Read) };
    check(&[
        ("a notice that none may read", desk(of_house.clone()).reads(BANK, "house/notices", row), BITES),
        ("by staff", desk(of_house.clone()).view("th", "house/notices", row, MAY), BITES),
        ("an indicator is no notice", desk(of_house).reads(BANK, "rti/indicators", row), Yes),
        (
            "what does not go on",
            desk(of_all.clone()).reads(BANK, "rti/indicators", row),
            No("5.2", "policy.prohibited"),
        ),
        ("the channel is there", desk(of_all.clone()).reads(BANK, "rti/indicators", None), Yes),
        (
            "in one's own too",
            desk(of_all.clone()).reads(BANK, "house/reports/bank-abc", row),
            No("5.2", "policy.prohibited"),
        ),
        ("staff reads it", desk(of_all).view("th", "house/reports/bank-abc", row, MAY), Yes),
        ("reports", desk(reports.clone()).puts("th", Some(BANK), "house/reports/bank-abc", (INDICATOR, Green)), BITES),
        ("by staff", desk(reports.clone()).puts("th", None, "house/reports/bank-abc", (INDICATOR, Green)), BITES),
        ("not incidents", desk(reports).puts("th", Some(ISP), "house/incidents/net-one", (INDICATOR, Green)), Yes),
        // A type of the house is not the type of an agreement that has its name.
        ("of the same name", desk(elsewhere).reads(BANK, "rti/incidents", row), No("4", "policy.onward-none")),
    ]);
    let desk = house_desk(&rule());
    let indicators = desk.named("rti/indicators");
    let before = |at: &str| Timestamp::from_micros(day(at).micros() - 1).unwrap();
    for (at, expected) in [
        (before("2026-02-01"), false),
        (day("2026-03-01"), true),
        (before("2027-02-01"), true),
        (day("2027-02-01"), false),
    ] {
        let (organisation, class, member) = (&slug("bank-abc"), &slug("bank"), &code("th"));
        let class = ReaderClass::Constituent(Constituent { organisation, class });
        for channel in [indicators, desk.named("house/notices"), desk.named("house/reports/bank-abc")] {
            let reader = Reader { channels: None, class };
            let question = Question::View { member, channel, reader, row: None, at };
            assert_eq!(decide(&desk.governance, &question).permitted, expected, "{at} {channel}");
        }
    }
    let over = desk.given("th", BANK, desk.named("house/notices"), None, "2027-02-15");
    assert_eq!(over.refusal().map(|ground| (ground.clause.as_str(), ground.id)), Some(("2", "policy.out-of-force")));
    check(&[
        ("staff keeps what there is", desk.view("th", "house/notices", None, "2027-02-15"), Yes),
        (
            "and publishes nothing",
            desk.publish("th", "house/notices", INDICATOR, Green, "2027-02-15"),
            No("2", "policy.out-of-force"),
        ),
    ]);
}

#[test]
fn channels_of_one_scope_share_answers_and_whose_they_are_is_not_lost() {
    let desk = house_desk(&rule());
    let cache = Cache::new();
    let own: Vec<_> = desk.governance.own_channels().map(|channel| (channel.id, channel.scope)).collect();
    assert_eq!(own.len(), ORGANISATIONS.len());
    for _ in 0..2 {
        let mut permitted = 0;
        for (channel, _) in &own {
            for (name, class) in ORGANISATIONS {
                let (organisation, class, member) = (&slug(name), &slug(class), &code("th"));
                let class = ReaderClass::Constituent(Constituent { organisation, class });
                let reader = Reader { channels: None, class };
                let question = Question::View { member, channel: *channel, reader, row: None, at: day(MAY) };
                let kept = cache.permits(&desk.governance, &question);
                assert_eq!(kept, decide(&desk.governance, &question).permitted, "{name} {channel}");
                permitted += usize::from(kept);
            }
        }
        assert_eq!(permitted, ORGANISATIONS.len(), "each reads one");
    }
    let kinds: Vec<ChannelKind> = desk.governance.own_channels().map(|channel| channel.kind).collect();
    assert!(kinds.iter().all(|kind| *kind == ChannelKind::Own));
}

#[test]
fn a_rule_of_the_same_words_gives_nothing_of_another_member_s() {
    let mut desk = house_desk(&rule());
    let mut theirs = rule();
    theirs.terms.parties = vec![code("vn")];
    for kind in &mut theirs.terms.channel_types {
        (kind.audience, kind.writers) = (vec![code("vn")], vec![code("vn")]);
    }
    desk.sign_house(&theirs);
    let row = Some((INDICATOR, Clear));
    for channel in ["house/reports/bank-abc", "house/notices"] {
        let id = desk.named(channel);
        check(&[
            ("its own member's", desk.given("th", BANK, id, row, MAY), Yes),
            ("another's", desk.given("vn", BANK, id, row, MAY), Nothing),
            ("publishing through another", desk.puts("vn", Some(BANK), channel, (INDICATOR, Clear)), Nothing),
            ("the other's staff", desk.view("vn", channel, row, MAY), Nothing),
        ]);
    }
    let indicators = desk.named("rti/indicators");
    assert!(desk.given("vn", BANK, indicators, row, MAY).permitted, "its own rule gives what is shared with it");
}

#[test]
fn kept_answers_about_agreements_turn_with_the_house_rule() {
    let mut desk = house_desk(&rule());
    let cache = Cache::new();
    let (organisation, class, member) = (&slug("bank-abc"), &slug("bank"), &code("th"));
    let class = ReaderClass::Constituent(Constituent { organisation, class });
    let (channel, reader) = (desk.named("rti/indicators"), Reader { channels: None, class });
    let reads = |desk: &Desk, at: &str| {
        let question = Question::View { member, channel, reader, row: None, at: day(at) };
        let kept = cache.permits(&desk.governance, &question);
        assert_eq!(kept, decide(&desk.governance, &question).permitted, "{at}");
        kept
    };
    // The agreement goes on for a month after the house rule is over.
    assert!(reads(&desk, "2027-01-31") && !reads(&desk, "2027-02-01") && reads(&desk, "2027-01-31"));
    let mut next = rule();
    (next.terms.number, next.terms.previous) = (2, Some(rule().hash(&desk.governance.region)));
    next.terms.from = day("2026-06-01");
    next.classes[0].reads.clear();
    desk.sign_house(&next);
    assert!(reads(&desk, "2026-05-31") && !reads(&desk, "2026-06-01"), "what is signed is seen at once");
}
