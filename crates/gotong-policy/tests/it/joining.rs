//! A partner who joins what it was invited to, and what others may know of it before they do: accession, bases, graces.

use gotong_crypto::Digest;
use gotong_model::Tlp::{Amber, Green};
use gotong_model::agreement::{Accession, Consent, NoticeKind, Onward};
use gotong_model::governance::Missing;
use gotong_policy::Act;

use super::support::Expect::{No, Nothing, Yes};
use super::support::{Desk, channel_type, check, codes, slug, terms};

const INDICATOR: &str = "stix.indicator";

fn narrow() -> Desk {
    let mut advisories = channel_type("advisories", &["th", "vn"], &["stix"], Green);
    advisories.onward = Onward::Constituents;
    let incidents = channel_type("incidents", &["th", "vn"], &["stix"], Amber);
    let mut terms = terms("pair", &["th", "vn"], advisories);
    terms.channel_types.push(incidents);
    terms.accession = Some(Accession {
        clause: "9".to_owned(),
        candidates: codes(&["jp"]),
        types: vec![slug("advisories")],
        consent: Consent::All,
    });
    let mut desk = Desk::of(&terms);
    desk.notice("jp", NoticeKind::Accede, None, "2026-04-01");
    desk.notice("th", NoticeKind::Consent, Some("jp"), "2026-04-10");
    desk.notice("vn", NoticeKind::Consent, Some("jp"), "2026-05-01");
    desk.notice("jp", NoticeKind::Suspend, None, "2026-07-01");
    desk
}

#[test]
fn a_partner_joins_what_it_was_invited_to_and_nothing_else() {
    let desk = narrow();
    let publish = |member, channel, tlp, on| desk.publish(member, channel, INDICATOR, tlp, on);
    check(&[
        ("before all have consented", publish("jp", "advisories", Green, "2026-04-20"), Nothing),
        ("reading before that", desk.view("jp", "advisories", None, "2026-04-20"), Nothing),
        ("after that", publish("jp", "advisories", Green, "2026-06-01"), Yes),
        ("reading after that", desk.view("jp", "advisories", None, "2026-06-01"), Yes),
        ("what it was not invited to", publish("jp", "incidents", Green, "2026-06-01"), Nothing),
        ("nor to read", desk.view("jp", "incidents", None, "2026-06-01"), Nothing),
        ("above the ceiling", publish("jp", "advisories", Amber, "2026-06-01"), No("3.2", "policy.above-ceiling")),
        ("to its constituents", desk.constituent("jp", "advisories", Some((INDICATOR, Green)), "2026-06-01"), Yes),
        ("after it suspended its part", publish("jp", "advisories", Green, "2026-07-02"), No("11", "policy.suspended")),
        ("while the parties go on", publish("th", "advisories", Green, "2026-07-02"), Yes),
        ("and it reads what it has", desk.view("jp", "advisories", None, "2026-07-02"), Yes),
        (
            "and passes nothing on",
            desk.act("jp", "advisories", Act::Onward, None, "2026-07-02"),
            No("11", "policy.suspended"),
        ),
        ("somebody who was never invited", publish("id", "advisories", Green, "2026-06-01"), Nothing),
        ("the invited knows of the agreement", desk.view("jp", "governance", None, "2026-03-02"), Yes),
        ("who is not invited does not", desk.view("id", "governance", None, "2026-03-02"), Nothing),
    ]);
    let decision = publish("jp", "advisories", Green, "2026-06-01");
    assert!(decision.grounds.iter().any(|ground| (ground.clause.as_str(), ground.id) == ("9", "policy.acceded")));
}

#[test]
fn a_record_is_judged_by_what_its_author_knew() {
    let mut desk = Desk::of(&terms("rti", &["th", "vn"], channel_type("indicators", &["th", "vn"], &["stix"], Amber)));
    let first = desk.basis();
    let mut stricter = desk.amend("2026-06-01");
    stricter.channel_types[0].ceiling = Green;
    desk.sign(&stricter);
    let second = desk.basis();
    check(&[
        ("under the first", desk.admit(&first, "th", (INDICATOR, Amber), "2026-05-01"), Yes),
        ("within the grace of the second", desk.admit(&first, "th", (INDICATOR, Amber), "2026-06-02"), Yes),
        (
            "beyond the grace",
            desk.admit(&first, "th", (INDICATOR, Amber), "2026-06-03"),
            No("3.2", "policy.above-ceiling"),
        ),
        ("what both allow", desk.admit(&first, "th", (INDICATOR, Green), "2026-06-03"), Yes),
        (
            "who names the second",
            desk.admit(&second, "th", (INDICATOR, Amber), "2026-06-01"),
            No("3.2", "policy.above-ceiling"),
        ),
    ]);
    let late = desk.admit(&first, "th", (INDICATOR, Amber), "2026-06-03");
    assert_eq!(late.refusal().unwrap().version, 2, "the version that refuses is named");
    // A termination of another, dated back, takes nothing of the author away before its basis names it.
    desk.notice("vn", NoticeKind::Suspend, None, "2026-04-01");
    check(&[
        ("others' notices do not reach back", desk.admit(&first, "th", (INDICATOR, Amber), "2026-05-01"), Yes),
        ("one's own do", desk.admit(&first, "vn", (INDICATOR, Amber), "2026-05-01"), No("11", "policy.suspended")),
        (
            "those that are named do",
            desk.admit(&desk.basis(), "th", (INDICATOR, Green), "2026-05-01"),
            No("1", "policy.too-few-parts"),
        ),
    ]);
    let mut unknown = first.clone();
    unknown.agreement_hash = Digest([9; 32]);
    let held = desk.admit(&unknown, "th", (INDICATOR, Green), "2026-05-01");
    assert_eq!(held.held, Some(Missing::Version(Digest([9; 32]))));
    assert!(!held.permitted && held.grounds.is_empty());
}
