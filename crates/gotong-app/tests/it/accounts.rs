//! Accounts and sessions: who gets in, what ends a session, what a link and a code are worth, and that nobody acts beyond the own role.

use std::sync::atomic::Ordering;

use gotong_app::account::entry::{self, Begun};
use gotong_app::account::link::{self, Opened, Wish};
use gotong_app::account::manage::{self, Invitation, Refusal};
use gotong_app::account::second::{self, Answer};
use gotong_app::account::{self, AccountName, Demands};
use gotong_app::caller::Caller;
use gotong_app::role::{ROLES, Role};
use gotong_app::session::{self, From, Stage};
use gotong_app::{Node, organisation};
use gotong_crypto::one_time::OneTime;
use gotong_model::Slug;
use gotong_model::document::Purpose;

use crate::region::Region;

const GOOD: &str = "rice boat lantern seven";
const OTHER: &str = "seven lantern boats in rain";
const DEMANDS: Demands = Demands { second_factor: true };
const LENIENT: Demands = Demands { second_factor: false };

fn name(text: &str) -> AccountName {
    AccountName::parse(text).unwrap()
}

fn later(region: &Region, ms: u64) {
    region.advance_ms(i64::try_from(ms).unwrap());
}

fn from() -> From {
    From { network: "v4:192.0.2.7".to_owned(), agent: "a browser".to_owned(), provider: None }
}

fn invitation(who: &str, role: Role) -> Invitation {
    let valid_ms = link::USUAL_MS;
    Invitation { name: name(who), full_name: String::new(), role, constituent: None, valid_ms }
}

fn invited(node: &Node, who: &str, role: Role) -> String {
    manage::invite(node, &Caller::operator(), &invitation(who, role)).unwrap().unwrap().key
}

fn opened(node: &Node, key: &str, demands: Demands) -> Begun {
    let wish = Wish { password: GOOD.to_owned(), ..Wish::default() };
    match link::open(node, key, &wish, &from(), demands).unwrap() {
        Opened::In(begun) => begun,
        other => panic!("{other:?}"),
    }
}

/// Somebody with a password and no second factor; what is in the cookie.
fn person(node: &Node, who: &str, role: Role) -> String {
    let key = invited(node, who, role);
    opened(node, &key, LENIENT).cookie
}

fn log_in(node: &Node, who: &str, password: &str) -> Option<Begun> {
    entry::log_in(node, who, password, &from(), DEMANDS).unwrap()
}

fn is_in(node: &Node, cookie: &str) -> bool {
    session::find(node, cookie).unwrap().is_some_and(|session| session.stage == Stage::Whole)
}

/// The code of an app at the node's present.
fn code(node: &Node, secret: &str) -> String {
    OneTime::from_text(secret).unwrap().code(u64::try_from(node.now().micros()).unwrap() / 30_000_000)
}

/// Somebody with a second factor: the secret of the app, and recovery codes.
fn with_second(node: &Node, who: &str, role: Role) -> (String, Vec<String>) {
    let key = invited(node, who, role);
    let begun = opened(node, &key, DEMANDS);
    assert_eq!(begun.stage, Stage::SetUp);
    let secret = session::find(node, &begun.cookie).unwrap().unwrap().pending.unwrap();
    let confirmed = second::confirm(node, &begun.cookie, &code(node, &secret), &from()).unwrap().unwrap();
    assert!(is_in(node, &confirmed.cookie) && !is_in(node, &begun.cookie), "the half-way session is not made whole");
    (secret, confirmed.codes)
}

#[test]
fn a_name_and_its_password_let_in_and_nothing_secret_is_kept() {
    let region = Region::usual();
    let id = region.open("id");
    let cookie = person(&id.node, "ann", Role::Reader);
    assert!(is_in(&id.node, &cookie));
    let begun = log_in(&id.node, " Ann ", GOOD).unwrap();
    assert_eq!((begun.stage, begun.cookie.len()), (Stage::Whole, 68));
    let session = session::find(&id.node, &begun.cookie).unwrap().unwrap();
    assert_eq!((session.caller.role, session.caller.name.as_str()), (Role::Reader, "ann"));
    assert!(session.caller.id.starts_with("account:"));
    assert!(id.store.contains_bytes(b"argon2id"), "the test can see what is kept");
    for secret in [GOOD, begun.cookie.as_str(), &begun.cookie[16..]] {
        assert!(!id.store.contains_bytes(secret.as_bytes()), "{secret} is kept");
    }
    for (who, password) in [("ann", OTHER), ("ann", ""), ("anna", GOOD), ("", GOOD), ("ann\0", GOOD), ("a/nn", GOOD)] {
        assert_eq!(log_in(&id.node, who, password), None, "{who:?} {password:?}");
    }
    let mut other = begun.cookie.clone().into_bytes();
    other[67] = if other[67] == b'a' { b'b' } else { b'a' };
    for wrong in ["", "x", &begun.cookie[..67], &begun.cookie.to_uppercase(), std::str::from_utf8(&other).unwrap()] {
        assert_eq!(session::find(&id.node, wrong).unwrap(), None, "{wrong}");
    }
}

#[test]
fn an_unknown_name_costs_as_much_work_as_a_known_one_and_has_the_same_answer() {
    let region = Region::usual();
    let id = region.open("id");
    person(&id.node, "ann", Role::Reader);
    person(&id.node, "bo", Role::Reader);
    manage::disable(&id.node, &Caller::operator(), &name("bo")).unwrap().unwrap();
    let long = "x".repeat(5_000);
    for (who, password) in
        [("ann", OTHER), ("nobody", OTHER), ("bo", GOOD), ("../..", OTHER), ("ann", &long), ("no", &long)]
    {
        let before = id.node.hashes.load(Ordering::Relaxed);
        assert_eq!(log_in(&id.node, who, password), None, "{who}");
        assert_eq!(id.node.hashes.load(Ordering::Relaxed) - before, 1, "{who}");
    }
    assert_eq!(entry::tries_of_unknown_names(&id.node).unwrap(), 3, "and each is one transaction");
    assert!(log_in(&id.node, "ann", GOOD).is_some());
}

#[test]
fn a_session_ends_by_idleness_by_age_and_by_hand() {
    let region = Region::usual();
    let id = region.open("id");
    let idle = person(&id.node, "ann", Role::Reader);
    later(&region, session::IDLE_MS - 1);
    assert!(is_in(&id.node, &idle), "and this counts as use");
    later(&region, session::IDLE_MS - 1);
    assert!(is_in(&id.node, &idle));
    later(&region, session::IDLE_MS);
    assert!(!is_in(&id.node, &idle));

    let old = log_in(&id.node, "ann", GOOD).unwrap().cookie;
    for _ in 0..(session::LIFE_MS / 3_600_000 - 1) {
        later(&region, 3_600_000);
        assert!(is_in(&id.node, &old));
    }
    later(&region, 3_600_000);
    assert!(!is_in(&id.node, &old), "however much it is used");

    let (here, there) = (log_in(&id.node, "ann", GOOD).unwrap().cookie, log_in(&id.node, "ann", GOOD).unwrap().cookie);
    let caller = session::find(&id.node, &here).unwrap().unwrap().caller;
    let listed = session::list(&id.node, &name("ann")).unwrap();
    assert_eq!((listed.len(), listed[0].agent.as_str(), listed[0].network.as_str()), (2, "a browser", "v4:192.0.2.7"));
    let its_id = session::find(&id.node, &there).unwrap().unwrap().id;
    assert!(session::end_one(&id.node, &caller, &name("ann"), &its_id).unwrap());
    assert!(!session::end_one(&id.node, &caller, &name("ann"), &its_id).unwrap());
    assert!(is_in(&id.node, &here) && !is_in(&id.node, &there));
    let more = log_in(&id.node, "ann", GOOD).unwrap().cookie;
    assert_eq!(session::end_others(&id.node, &caller, &name("ann"), Some(&here)).unwrap(), 1);
    assert!(is_in(&id.node, &here) && !is_in(&id.node, &more));
    session::end(&id.node, &here).unwrap();
    assert!(!is_in(&id.node, &here));
    assert_eq!(session::find(&id.node, &its_id).unwrap(), None, "what is listed opens nothing");
}

#[test]
fn sessions_of_another_account_are_not_ended_by_their_id() {
    let region = Region::usual();
    let id = region.open("id");
    let (ann, bo) = (person(&id.node, "ann", Role::Reader), person(&id.node, "bo", Role::Reader));
    let of_bo = session::find(&id.node, &bo).unwrap().unwrap().id;
    let caller = session::find(&id.node, &ann).unwrap().unwrap().caller;
    assert!(!session::end_one(&id.node, &caller, &name("ann"), &of_bo).unwrap());
    assert!(is_in(&id.node, &bo));
    assert!(session::end_one(&id.node, &caller, &name("bo"), &of_bo).unwrap());
}

#[test]
fn an_account_has_a_bounded_number_of_sessions() {
    let region = Region::usual();
    let id = region.open("id");
    let first = person(&id.node, "ann", Role::Reader);
    for _ in 0..session::SESSIONS_MAX {
        later(&region, 1_000);
        log_in(&id.node, "ann", GOOD).unwrap();
    }
    assert_eq!(session::list(&id.node, &name("ann")).unwrap().len(), session::SESSIONS_MAX);
    assert!(!is_in(&id.node, &first), "the oldest ended");
}

#[test]
fn what_changes_an_account_ends_its_sessions_at_once() {
    let region = Region::usual();
    let id = region.open("id");
    let operator = Caller::operator();
    let ann = name("ann");
    let in_again = || log_in(&id.node, "ann", GOOD).unwrap().cookie;
    let cookie = person(&id.node, "ann", Role::Reader);
    manage::change_role(&id.node, &operator, &ann, Role::ProgrammeOfficer).unwrap().unwrap();
    assert!(!is_in(&id.node, &cookie), "role");
    let cookie = in_again();
    assert_eq!(session::find(&id.node, &cookie).unwrap().unwrap().caller.role, Role::ProgrammeOfficer);
    manage::end_sessions(&id.node, &operator, &ann).unwrap().unwrap();
    assert!(!is_in(&id.node, &cookie), "ended");
    let cookie = in_again();
    manage::reset(&id.node, &operator, &ann).unwrap().unwrap();
    assert!(!is_in(&id.node, &cookie), "reset");
    let cookie = in_again();
    manage::disable(&id.node, &operator, &ann).unwrap().unwrap();
    assert!(!is_in(&id.node, &cookie), "disabled");
    assert_eq!(log_in(&id.node, "ann", GOOD), None);
    manage::enable(&id.node, &operator, &ann).unwrap().unwrap();
    assert!(!is_in(&id.node, &cookie), "what ended does not come back");
    let (here, there) = (in_again(), in_again());
    let session = session::find(&id.node, &here).unwrap().unwrap();
    let wrong = entry::change_password(&id.node, &session, (OTHER, OTHER), &from()).unwrap().unwrap_err();
    assert_eq!(wrong[0].id, "password.wrong");
    let common = entry::change_password(&id.node, &session, (GOOD, "password1234"), &from()).unwrap().unwrap_err();
    assert_eq!(common[0].id, "password.common");
    assert!(is_in(&id.node, &here) && is_in(&id.node, &there), "a refusal ends nothing");
    let next = entry::change_password(&id.node, &session, (GOOD, OTHER), &from()).unwrap().unwrap();
    assert!(is_in(&id.node, &next) && !is_in(&id.node, &here) && !is_in(&id.node, &there));
    assert!(log_in(&id.node, "ann", GOOD).is_none() && log_in(&id.node, "ann", OTHER).is_some());
}

#[test]
fn the_first_link_makes_one_administrator_and_opens_no_more() {
    let region = Region::usual();
    let id = region.open("id");
    let old = link::first(&id.node).unwrap().unwrap();
    let made = link::first(&id.node).unwrap().unwrap();
    assert!(made.path().starts_with("/welcome?key=gin_") && !id.store.contains_bytes(made.key.as_bytes()));
    assert_eq!(link::look(&id.node, &old.key).unwrap(), None, "a newer one takes its place");
    assert_eq!(link::look(&id.node, &made.key).unwrap().unwrap().role, Role::Administrator);
    let open = |key: &str, who: &str, password: &str| {
        let wish = Wish { name: who.to_owned(), full_name: String::new(), password: password.to_owned() };
        link::open(&id.node, key, &wish, &from(), DEMANDS).unwrap()
    };
    for (who, password, why) in
        [("", GOOD, "account.name"), ("ann", "password1234", "password.common"), ("ann", "short", "password.short")]
    {
        let Opened::Refused(refused) = open(&made.key, who, password) else { panic!("{who} {password}") };
        assert_eq!(refused[0].id, why);
    }
    let Opened::In(begun) = open(&made.key, "ann", GOOD) else { panic!("not in") };
    assert_eq!(begun.stage, Stage::SetUp, "an administrator needs a second factor");
    assert!(!is_in(&id.node, &begun.cookie));
    assert_eq!(open(&made.key, "bo", GOOD), Opened::Gone, "once");
    assert_eq!(link::first(&id.node).unwrap(), None, "there is an account");

    let late = region.open("th");
    let made = link::first(&late.node).unwrap().unwrap();
    later(&region, link::FIRST_MS - 1);
    assert!(link::look(&late.node, &made.key).unwrap().is_some());
    later(&region, 1);
    assert_eq!(link::look(&late.node, &made.key).unwrap(), None, "fifteen minutes");
    for wrong in ["", "gin_", &made.key[..55], &format!("{}x", made.key)] {
        assert_eq!(link::look(&late.node, wrong).unwrap(), None);
    }
}

#[test]
fn an_invitation_gives_what_was_decided_and_a_reset_gives_a_way_back() {
    let region = Region::usual();
    let id = region.open("id");
    let operator = Caller::operator();
    let (secret, codes) = with_second(&id.node, "ann", Role::Analyst);
    let taken = manage::invite(&id.node, &operator, &invitation("ann", Role::Reader)).unwrap().unwrap_err();
    assert!(matches!(taken, Refusal::Unfit(whys) if whys[0].id == "account.name-taken"));
    let key = manage::reset(&id.node, &operator, &name("ann")).unwrap().unwrap().key;
    assert!(log_in(&id.node, "ann", GOOD).is_some(), "a link that nobody uses changes nothing");
    let wish = Wish { name: "root".to_owned(), password: OTHER.to_owned(), ..Wish::default() };
    let Opened::In(begun) = link::open(&id.node, &key, &wish, &from(), DEMANDS).unwrap() else { panic!("not in") };
    let session = session::find(&id.node, &begun.cookie).unwrap().unwrap();
    assert_eq!(
        (session.account.name.as_str(), session.stage),
        ("ann", Stage::SetUp),
        "it is her account, whatever was typed"
    );
    assert!(log_in(&id.node, "ann", GOOD).is_none());
    let again = log_in(&id.node, "ann", OTHER).unwrap();
    assert_eq!(again.stage, Stage::SetUp, "the old app counts no more");
    assert_eq!(second::answer(&id.node, &again.cookie, &codes[0], &from(), true).unwrap(), Answer::Ended);
    assert!(second::confirm(&id.node, &again.cookie, &code(&id.node, &secret), &from()).unwrap().is_none());
    let key = manage::reset(&id.node, &operator, &name("ann")).unwrap().unwrap().key;
    manage::disable(&id.node, &operator, &name("ann")).unwrap().unwrap();
    let wish = Wish { password: OTHER.to_owned(), ..Wish::default() };
    assert_eq!(link::open(&id.node, &key, &wish, &from(), DEMANDS).unwrap(), Opened::Gone, "disabled is disabled");
}

#[test]
fn a_code_counts_once_and_a_recovery_code_too() {
    let region = Region::usual();
    let id = region.open("id");
    let (secret, codes) = with_second(&id.node, "ann", Role::Analyst);
    assert_eq!((codes.len(), codes[0].len()), (10, 19));
    let half = || log_in(&id.node, "ann", GOOD).unwrap();
    let answer = |cookie: &str, code: &str| second::answer(&id.node, cookie, code, &from(), false).unwrap();
    let begun = half();
    assert_eq!(begun.stage, Stage::Second);
    assert!(!is_in(&id.node, &begun.cookie));
    assert_eq!(answer(&begun.cookie, &code(&id.node, &secret)), Answer::Wrong, "the code of the setting-up was spent");
    later(&region, 60_000);
    let next = code(&id.node, &secret);
    let Answer::In { cookie, told, by_recovery } = answer(&begun.cookie, &next) else { panic!("not in") };
    assert_eq!((told.count, told.second, by_recovery), (1, 1, false), "the owner is told of what failed");
    assert!(is_in(&id.node, &cookie) && session::find(&id.node, &begun.cookie).unwrap().is_none());
    assert_eq!(answer(&half().cookie, &next), Answer::Wrong, "a code that somebody saw");
    let Answer::In { by_recovery, .. } = answer(&half().cookie, &codes[3].to_uppercase()) else { panic!("not in") };
    assert!(by_recovery);
    assert_eq!(answer(&half().cookie, &codes[3]), Answer::Wrong);
    assert_eq!(account::lookup(&id.node, &name("ann")).unwrap().unwrap().recovery_left, 9);
    assert!(!id.store.contains_bytes(codes[4].replace('-', "").as_bytes()));
    assert_eq!(answer(&cookie, &code(&id.node, &secret)), Answer::Ended, "who is in is asked nothing");
}

#[test]
fn codes_cannot_be_guessed_one_after_another() {
    let region = Region::usual();
    let id = region.open("id");
    let (secret, _) = with_second(&id.node, "ann", Role::Analyst);
    later(&region, 60_000);
    let wrong = |cookie: &str| second::answer(&id.node, cookie, "000000", &from(), false).unwrap();
    for _ in 0..2 {
        let begun = log_in(&id.node, "ann", GOOD).unwrap();
        assert_eq!((0..4).map(|_| wrong(&begun.cookie)).collect::<Vec<_>>(), vec![Answer::Wrong; 4]);
        assert_eq!(wrong(&begun.cookie), Answer::Ended);
        let right = second::answer(&id.node, &begun.cookie, &code(&id.node, &secret), &from(), false).unwrap();
        assert_eq!(right, Answer::Ended, "the password is asked for again");
    }
    let begun = log_in(&id.node, "ann", GOOD).unwrap();
    assert!(matches!(wrong(&begun.cookie), Answer::Later(seconds) if seconds <= 60));
    let known = second::answer(&id.node, &begun.cookie, &code(&id.node, &secret), &from(), true).unwrap();
    assert!(matches!(known, Answer::In { .. }), "the owner's device waits for nothing: {known:?}");
}

#[test]
fn a_session_half_way_sets_up_nothing_over_an_app_that_there_is() {
    let region = Region::usual();
    let id = region.open("id");
    let (secret, _) = with_second(&id.node, "ann", Role::Analyst);
    later(&region, 60_000);
    let begun = log_in(&id.node, "ann", GOOD).unwrap();
    let session = session::find(&id.node, &begun.cookie).unwrap().unwrap();
    assert_eq!((session.stage, session.pending), (Stage::Second, None));
    assert!(second::confirm(&id.node, &begun.cookie, &code(&id.node, &secret), &from()).unwrap().is_none());
    later(&region, session::HALF_WAY_MS);
    let late = second::answer(&id.node, &begun.cookie, &code(&id.node, &secret), &from(), true).unwrap();
    assert_eq!(late, Answer::Ended, "half-way is not for ever");
}

#[test]
fn nobody_gives_or_takes_over_more_than_the_own_role_holds() {
    let region = Region::usual();
    let id = region.open("id");
    for (who, role) in
        [("root1", Role::Administrator), ("ann", Role::Analyst), ("aud", Role::Auditor), ("op2", Role::Operator)]
    {
        person(&id.node, who, role);
    }
    let cookie = person(&id.node, "op", Role::Operator);
    let op = session::find(&id.node, &cookie).unwrap().unwrap().caller;
    for role in ROLES.into_iter().filter(|role| !role.is_for_constituents()) {
        let held = role.rights().iter().all(|right| op.may(*right));
        assert_eq!(manage::may_give(&op, role), held, "{role}");
        let invited = manage::invite(&id.node, &op, &invitation(&format!("x-{role}"), role)).unwrap();
        assert_eq!(invited.is_ok(), held, "{role}");
        assert_eq!(manage::change_role(&id.node, &op, &name("aud"), role).unwrap().is_ok(), held, "{role}");
        manage::change_role(&id.node, &Caller::operator(), &name("aud"), Role::Auditor).unwrap().unwrap();
    }
    for (who, role) in [("root1", Role::Administrator), ("ann", Role::Analyst)] {
        let beyond = Err(Refusal::Beyond(role));
        assert_eq!(manage::disable(&id.node, &op, &name(who)).unwrap(), beyond);
        assert_eq!(manage::enable(&id.node, &op, &name(who)).unwrap(), beyond);
        assert_eq!(manage::end_sessions(&id.node, &op, &name(who)).unwrap(), beyond);
        assert_eq!(manage::reset(&id.node, &op, &name(who)).unwrap().map(|_| ()), beyond, "{who} could be taken over");
        assert_eq!(manage::change_role(&id.node, &op, &name(who), Role::Reader).unwrap(), beyond);
    }
    assert_eq!(manage::disable(&id.node, &op, &name("op")).unwrap(), Err(Refusal::Own));
    assert_eq!(manage::disable(&id.node, &op, &name("nobody")).unwrap(), Err(Refusal::Unknown));
    assert_eq!(manage::disable(&id.node, &op, &name("op2")).unwrap(), Ok(()));
}

#[test]
fn the_person_of_a_constituent_is_in_as_long_as_its_organisation_is_served() {
    let region = Region::usual();
    let code = Slug::from_text("harbour-bank").unwrap();
    let id = region.open("id");
    let note = region.sign(Purpose::House, &crate::constituents::house_rule("id").to_value(), &["id"]);
    id.node.adopt(note.as_bytes()).unwrap();
    let bank = (code.clone(), "Harbour Bank".to_owned(), Slug::from_text("bank").unwrap());
    organisation::put(&id.node, &Caller::operator(), &[bank]).unwrap().unwrap();
    let unknown =
        Invitation { constituent: Some(Slug::from_text("nobody").unwrap()), ..invitation("cho", Role::Constituent) };
    assert!(matches!(manage::invite(&id.node, &Caller::operator(), &unknown).unwrap(), Err(Refusal::Unfit(_))));
    for (role, constituent) in [(Role::Constituent, None), (Role::Analyst, Some(code.clone()))] {
        let new = Invitation { constituent, ..invitation("cho", role) };
        let refused = manage::invite(&id.node, &Caller::operator(), &new).unwrap();
        assert!(matches!(refused, Err(Refusal::Unfit(whys)) if whys[0].id == "account.role"), "{role}");
    }
    let new = Invitation { constituent: Some(code.clone()), ..invitation("cho", Role::Constituent) };
    let key = manage::invite(&id.node, &Caller::operator(), &new).unwrap().unwrap().key;
    let cookie = opened(&id.node, &key, LENIENT).cookie;
    let session = session::find(&id.node, &cookie).unwrap().unwrap();
    assert_eq!(
        (session.caller.constituent.as_ref(), session.caller.organisation.as_deref()),
        (Some(&code), Some("harbour-bank"))
    );
    assert!(!session.caller.is_staff());
    let staff = manage::change_role(&id.node, &Caller::operator(), &name("cho"), Role::Administrator).unwrap();
    assert!(matches!(staff, Err(Refusal::Unfit(_))), "a constituent's person never becomes staff");
    assert!(organisation::end(&id.node, &Caller::operator(), &code).unwrap());
    assert!(!is_in(&id.node, &cookie));
    assert_eq!(entry::log_in(&id.node, "cho", GOOD, &from(), LENIENT).unwrap(), None);
}
