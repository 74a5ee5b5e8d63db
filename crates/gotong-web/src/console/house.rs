//! The house rule: who reads which channel up to which label by it, its versions with what changed, and its clauses. Below it the page that drafts the next.
//!
//! What is shown is what the policy answers (`gotong_app::house`). Nothing is signed here: the root key is kept offline. It is for staff alone, and the
//! organisations that are served never see it. Read next: `house/draft.rs`, `console/agreements/hand_in.rs`.

mod draft;
mod would;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use gotong_app::house::{self, Ruling, Sees};
use gotong_app::role::Right;
use gotong_model::agreement::Version;
use gotong_model::document::{self, Purpose};
use gotong_model::governance::{Governance, House};
use gotong_model::house::HouseRule;
use gotong_model::{Slug, Tlp};

use super::agreements::{Difference, compare_houses, expect_overseer};
use super::channels::{Worded, channel_path};
use super::person::Person;
use super::shell::Shell;
use super::show;
use super::shown::{Label, When};
use crate::api::Web;
use crate::problem::{Problem, table};

pub(super) use would::{Would, would};

pub(super) fn routes() -> Router<Web> {
    Router::new().route("/house", get(page)).route("/house/draft", get(draft::page).post(draft::check))
}

#[derive(Template)]
#[template(path = "console/house.html")]
struct HousePage {
    shell: Shell,
    /// `None`: no house rule counts here.
    rule: Option<Shown>,
    may_draft: bool,
}

/// A house rule as it stands.
struct Shown {
    id: String,
    title: Worded,
    purpose: String,
    legal_basis: String,
    number: u64,
    state: String,
    class: &'static str,
    from: When,
    until: Option<When>,
    dates_clause: String,
    staff: Vec<Row>,
    classes: Vec<ClassShown>,
    more: bool,
    versions: Vec<VersionShown>,
    clauses: Vec<(String, Worded, Worded)>,
}

/// A class of organisations, with what one of it is shown.
struct ClassShown {
    code: String,
    name: Worded,
    clause: String,
    served: String,
    rows: Vec<Row>,
}

/// A channel that is read.
struct Row {
    channel: String,
    path: Option<String>,
    label: Option<Label>,
    kinds: String,
    except: String,
    clauses: Vec<String>,
    is_own: bool,
    is_exercise: bool,
}

struct VersionShown {
    number: u64,
    from: When,
    state: String,
    class: &'static str,
    differences: Vec<Difference>,
}

/// Staff who are not limited to some channels. For everybody else there is no such page.
fn expect_staff(person: &Person) -> Result<(), Problem> {
    expect_overseer(person)?;
    if house::may_know(&person.caller) { Ok(()) } else { Err(Problem::of(&table::NOT_FOUND)) }
}

/// A version as it was signed.
fn read(governance: &Governance, version: &Version) -> Option<HouseRule> {
    let opened = document::open(&version.note, Some(&governance.region), Purpose::House).ok()?;
    HouseRule::from_value(opened.value).ok()
}

async fn page(State(web): State<Web>, person: Person) -> Result<Response, Problem> {
    expect_staff(&person)?;
    let asking = person.caller.clone();
    let ruling = web.run(move |node| house::ruling(node, &asking)).await?;
    let governance = web.node.governance();
    let counted = governance.house(&web.node.member).zip(ruling);
    show(&HousePage {
        rule: counted.and_then(|(house, ruling)| shown(&web, &person, &governance, house, ruling)),
        may_draft: person.caller.may(Right::Documents),
        shell: Shell::of(&web, &person, "/charter"),
    })
}

fn shown(web: &Web, person: &Person, governance: &Governance, house: &House, ruling: Ruling) -> Option<Shown> {
    let (words, language) = (person.words, person.words.lang());
    let now = web.node.now();
    let in_force = governance.standing(&house.agreement, now).version;
    let version = in_force.or_else(|| house.agreement.versions.last())?;
    let terms = &version.terms;
    let (state, class) = match in_force {
        Some(_) => ("house-in-force", "good"),
        None if now < terms.from => ("house-not-yet", "calm"),
        None => ("house-over", "warn"),
    };
    let (staff, others): (Vec<Sees>, Vec<Sees>) = ruling.sees.into_iter().partition(|row| row.class.is_none());
    let classes = house.classes(version).iter().map(|class| ClassShown {
        code: class.class.to_string(),
        name: Worded::of(&class.name, language),
        clause: class.clause.clone(),
        served: words.count("house-served", ruling.served.get(&class.class).copied().unwrap_or_default()),
        rows: others.iter().filter(|row| row.class.as_ref() == Some(&class.class)).map(self::row).collect(),
    });
    let clauses = terms
        .clauses
        .iter()
        .map(|clause| (clause.number.clone(), Worded::of(&clause.title, language), Worded::of(&clause.text, language)));
    Some(Shown {
        id: house.agreement.id.to_string(),
        title: Worded::of(&terms.title, language),
        purpose: terms.purpose.clone(),
        legal_basis: terms.legal_basis.clone(),
        number: terms.number,
        state: words.t(state),
        class,
        from: When::at(&person.moments, terms.from),
        until: terms.until.map(|until| When::at(&person.moments, until)),
        dates_clause: terms.dates_clause.clone(),
        staff: staff.iter().map(self::row).collect(),
        classes: classes.collect(),
        more: ruling.more,
        versions: versions(person, governance, house, in_force),
        clauses: clauses.collect(),
    })
}

fn row(sees: &Sees) -> Row {
    Row {
        channel: sees.channel.clone(),
        path: (!sees.is_own).then(|| channel_path(&sees.channel)),
        label: strictest(&sees.labels),
        kinds: kinds(&sees.kinds),
        except: sees.except.join(", "),
        clauses: sees.clauses.iter().map(|(handle, clause)| format!("{handle} {clause}")).collect(),
        is_own: sees.is_own,
        is_exercise: sees.is_exercise,
    }
}

/// Kinds by name; where all of STIX is meant nothing is said.
fn kinds(kinds: &[String]) -> String {
    let is_all = kinds.iter().any(|kind| kind == gotong_model::record::STIX.slug);
    if is_all { String::new() } else { kinds.join(", ") }
}

/// Labels are permitted from the mildest on: the strictest says it all.
fn strictest(labels: &[Tlp]) -> Option<Label> {
    labels.iter().max().copied().map(Label::of)
}

/// What a class is called, by whichever version names it.
fn class_name(governance: &Governance, person: &Person, class: Option<&Slug>, rule: Option<&HouseRule>) -> Worded {
    let words = person.words;
    let Some(class) = class else {
        return Worded { text: words.t("house-staff"), lang: words.lang().to_owned() };
    };
    let own = governance.own_house();
    let known = own.into_iter().flat_map(|house| house.agreement.versions.iter().rev().map(move |one| (house, one)));
    let named = rule.and_then(|rule| rule.class(class).map(|class| &class.name));
    let named = named.or_else(|| known.into_iter().find_map(|(house, one)| Some(&house.class(one, class)?.name)));
    named.map_or_else(
        || Worded { text: class.to_string(), lang: "en".to_owned() },
        |name| Worded::of(name, words.lang()),
    )
}

fn versions(person: &Person, governance: &Governance, house: &House, in_force: Option<&Version>) -> Vec<VersionShown> {
    let words = person.words;
    let all = &house.agreement.versions;
    let current = in_force.map(|version| version.terms.number);
    let mut before: Option<HouseRule> = None;
    let mut shown = Vec::with_capacity(all.len());
    for version in all {
        let rule = read(governance, version);
        let differences = before.as_ref().zip(rule.as_ref()).map(|(before, rule)| compare_houses(words, before, rule));
        let number = version.terms.number;
        let (state, class) = match current {
            Some(current) if number == current => ("house-in-force", "good"),
            Some(current) if number < current => ("house-followed", "calm"),
            _ if governance.as_of < version.terms.from => ("house-not-yet", "calm"),
            _ => ("house-over", "calm"),
        };
        shown.push(VersionShown {
            number,
            from: When::at(&person.moments, version.terms.from),
            state: words.t(state),
            class,
            differences: differences.unwrap_or_default(),
        });
        before = rule;
    }
    shown.reverse();
    shown
}
