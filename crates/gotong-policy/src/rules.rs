//! From terms to rules: what Cedar is given, in its words, and what each condition of a rule is called when it has to be explained.
//!
//! A rule is a permit whose conditions all have to hold; a ban is a forbid. Who has which part comes with the question as groups, so that a suspension
//! changes no text. Must not decide anything. Read next: `engine.rs`.

use std::fmt::Write as _;

use gotong_model::agreement::{Act, ChannelType, Exit, Onward, Prohibition, Terms};
use gotong_model::governance::ChannelKind;
use gotong_model::{MemberCode, Personal, Tlp};

use crate::case::Action;

/// The schema that every compiled agreement and house rule keeps to.
pub const SCHEMA: &str = r#"entity Group;
entity Member in [Group];
entity Class;
entity Organisation in [Class, Group];
entity ChannelType;
type Asked = {
  "now": Long,       // microseconds since 1970
  "others": Long,    // how many other parts are taken
  "kinds": Set<String>, // the record kind and the families that it belongs to
  "row": Bool,       // whether the question is about one record
  "labelled": Bool,  // whether its label is known
  "tlp": Long,       // 0 clear, 1 green, 2 amber, 3 amber+strict, 4 red, 5 not known
  "personal": Long,  // what it holds of people: 0 nothing, 1 pseudonymised, 2 identified
};
action publish, open, read, constituent, onward, export, withdraw, relabel
  appliesTo { principal: [Member], resource: [ChannelType], context: Asked };
// What a constituent does under its member's house rule; channel types are named with their agreement's handle.
action given, contribute
  appliesTo { principal: [Organisation], resource: [ChannelType], context: Asked };
"#;

/// Why a condition stands in a rule.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum What {
    /// Being of the type's audience.
    Audience,
    /// Having acceded to the type.
    Acceded,
    /// Having a part that is taken, or that still allows this.
    Part,
    /// Being among the writers.
    Writer,
    /// The dates.
    Dates,
    /// Somebody else's part.
    Others,
    /// The record kind.
    Kind,
    /// The ceiling.
    Ceiling,
    /// The rule for personal data.
    Personal,
    /// Onward sharing at all.
    Onward,
    /// Onward sharing of this label.
    OnwardLabel,
    /// What nobody may do.
    Never,
    /// Being of a class.
    Class,
    /// The channel being one's own.
    Own,
    /// What a house rule gives a class, up to a label.
    Given(Tlp),
}

/// One condition of a rule.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Condition {
    pub(crate) what: What,
    pub(crate) clause: String,
    /// In Cedar's words; `None` never holds.
    pub(crate) holds: Option<String>,
}

/// A permit.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Rule {
    pub(crate) id: String,
    pub(crate) clause: String,
    pub(crate) conditions: Vec<Condition>,
}

/// What a ban carries out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum BanKind {
    /// The prohibition of this index.
    Prohibition(usize),
    /// Red, which is for named recipients.
    Red,
}

/// A forbid.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Ban {
    pub(crate) id: String,
    pub(crate) clause: String,
    pub(crate) kind: BanKind,
    pub(crate) bites: String,
}

/// All that counts for one action in one channel type.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Rules {
    pub(crate) action: Action,
    pub(crate) channel_type: String,
    pub(crate) permits: Vec<Rule>,
    pub(crate) bans: Vec<Ban>,
}

/// The rules for a member's action in a channel type; `place` is what the channel is.
pub(crate) fn rules(terms: &Terms, kind: &ChannelType, place: ChannelKind, action: Action) -> Rules {
    let governing = place.is_governing();
    let name = format!("agr.{}.{}.{}.{}", terms.handle, terms.number, kind.name, action.rule());
    let mut permits = vec![Rule {
        id: name.clone(),
        clause: kind.clause.clone(),
        conditions: conditions(terms, kind, place, action, None),
    }];
    let joined = terms.accession.as_ref().filter(|rule| !governing && rule.types.contains(&kind.name));
    if let Some(accession) = joined {
        permits.push(Rule {
            id: format!("{name}.acceded"),
            clause: accession.clause.clone(),
            conditions: conditions(terms, kind, place, action, Some(&accession.clause)),
        });
    }
    let mut bans = Vec::new();
    if !governing {
        let fits = |rule: &Prohibition| {
            action.bans().contains(&rule.act) && (rule.types.is_empty() || rule.types.contains(&kind.name))
        };
        for (index, rule) in terms.prohibitions.iter().enumerate().filter(|(_, rule)| fits(rule)) {
            let members = (!rule.members.is_empty()).then(|| among(&rule.members));
            bans.push(prohibition(terms, index, rule, members));
        }
    }
    if action == Action::Publish {
        bans.push(red(kind));
    }
    Rules { action, channel_type: kind.name.to_string(), permits, bans }
}

fn conditions(
    terms: &Terms,
    kind: &ChannelType,
    place: ChannelKind,
    action: Action,
    acceded: Option<&str>,
) -> Vec<Condition> {
    let governing = place.is_governing();
    let mut all = Vec::new();
    let mut add = |what, clause: &str, holds| all.push(Condition { what, clause: clause.to_owned(), holds });
    match acceded {
        Some(clause) => add(What::Acceded, clause, Some(in_group(&acceded_group(kind.name.as_str())))),
        None if governing => add(What::Audience, &kind.clause, Some(in_group("parties"))),
        None => {
            let holds = format!("{} && {}", in_group("parties"), among(&kind.audience));
            add(What::Audience, &kind.clause, Some(holds));
        }
    }
    let (part, states) = part(terms, kind, action);
    add(What::Part, part, Some(states));
    let writes = matches!(action, Action::Publish | Action::Open);
    if writes && !governing {
        if acceded.is_none() {
            add(What::Writer, &kind.clause, Some(among(&kind.writers)));
        }
        add(What::Dates, &terms.dates_clause, Some(dates(terms)));
        if !place.is_of_house() {
            add(What::Others, &terms.parties_clause, Some("context.others >= 1".to_owned()));
        }
    }
    if action == Action::Publish {
        add(What::Kind, &kind.kinds_clause, Some(of_kinds(&kind.kinds)));
    }
    if matches!(action, Action::Publish | Action::Relabel) {
        add(What::Ceiling, &kind.ceiling_clause, Some(below_ceiling(kind)));
    }
    if action == Action::Publish && !governing {
        add(What::Personal, &kind.personal_data_clause, Some(personal(kind)));
    }
    if matches!(action, Action::Onward | Action::Constituent) {
        let holds = (kind.onward != Onward::None).then(|| "true".to_owned());
        add(What::Onward, &kind.onward_clause, holds);
        let holds = format!("!context.row || (context.labelled && context.tlp <= {})", rank(Some(Tlp::Amber)));
        add(What::OnwardLabel, &kind.onward_clause, Some(holds));
    }
    if governing && matches!(action, Action::Withdraw | Action::Relabel) {
        add(What::Never, &kind.clause, None);
    }
    all
}

/// Which state of a part allows an action, and the clause to name where it is not so.
fn part<'a>(terms: &'a Terms, kind: &'a ChannelType, action: Action) -> (&'a str, String) {
    let states: &[&str] = match (action, kind.exit) {
        (Action::Withdraw | Action::Relabel, _) | (Action::Read, Exit::Keep | Exit::Freeze) => {
            &["active", "suspended", "ended"]
        }
        (Action::Read, Exit::Erase) => &["active", "suspended"],
        (Action::Onward | Action::Constituent | Action::Export, Exit::Keep) => &["active", "ended"],
        // What constituents do themselves has rules of its own, in `house.rs`.
        (
            Action::Publish
            | Action::Open
            | Action::Onward
            | Action::Constituent
            | Action::Export
            | Action::Given
            | Action::Contribute,
            _,
        ) => &["active"],
    };
    let groups: Vec<String> = states.iter().map(|state| in_group(state)).collect();
    let clause =
        if matches!(action, Action::Publish | Action::Open) { &terms.parties_clause } else { &kind.exit_clause };
    (clause, groups.join(" || "))
}

/// Within the dates.
pub(crate) fn dates(terms: &Terms) -> String {
    let until = terms.until.map_or_else(String::new, |until| format!(" && context.now < {}", until.micros()));
    format!("context.now >= {}{until}", terms.from.micros())
}

/// Not above the ceiling; control entries have no label.
pub(crate) fn below_ceiling(kind: &ChannelType) -> String {
    format!("!context.labelled || context.tlp <= {}", rank(Some(kind.ceiling)))
}

/// No more of people than the type's rule allows.
pub(crate) fn personal(kind: &ChannelType) -> String {
    format!("context.personal <= {}", personal_rank(kind.personal_data.most()))
}

/// How much of people a record holds, as a number.
pub(crate) fn personal_rank(personal: Personal) -> i64 {
    match personal {
        Personal::None => 0,
        Personal::Pseudonymised => 1,
        Personal::Identified => 2,
    }
}

/// The ban on red, which is for named recipients.
pub(crate) fn red(kind: &ChannelType) -> Ban {
    Ban {
        id: "gotong.red-unsealed".to_owned(),
        clause: kind.ceiling_clause.clone(),
        kind: BanKind::Red,
        bites: format!("context.labelled && context.tlp == {}", rank(Some(Tlp::Red))),
    }
}

/// A prohibition as a ban; `members` says in Cedar's words that it bites this asker, where it does not bite everybody.
pub(crate) fn prohibition(terms: &Terms, index: usize, rule: &Prohibition, members: Option<String>) -> Ban {
    Ban {
        id: format!("agr.{}.{}.prohibition.{}", terms.handle, terms.number, index + 1),
        clause: rule.clause.clone(),
        kind: BanKind::Prohibition(index),
        bites: bites(rule, members),
    }
}

fn bites(rule: &Prohibition, members: Option<String>) -> String {
    let mut parts = Vec::new();
    if !rule.kinds.is_empty() || rule.tlp_above.is_some() {
        // What is forbidden of some records does not hide the channel.
        parts.push("context.row".to_owned());
    }
    if !rule.kinds.is_empty() {
        parts.push(of_kinds(&rule.kinds));
    }
    parts.extend(members);
    if let Some(tlp) = rule.tlp_above {
        parts.push(format!("context.tlp > {}", rank(Some(tlp))));
    }
    if parts.is_empty() { "true".to_owned() } else { parts.join(" && ") }
}

impl Rules {
    /// Its policies: those that decide.
    pub(crate) fn policies(&self) -> impl Iterator<Item = (String, String)> {
        let scope = format!(
            "principal, action == Action::{}, resource == ChannelType::{}",
            quoted(self.action.as_str()),
            quoted(&self.channel_type)
        );
        let can = |rule: &&Rule| rule.conditions.iter().all(|condition| condition.holds.is_some());
        let permits: Vec<(String, String)> = self
            .permits
            .iter()
            .filter(can)
            .map(|rule| {
                let holds = rule.conditions.iter().filter_map(|condition| condition.holds.as_deref());
                let when = holds.fold(String::new(), |mut text, holds| {
                    let joint = if text.is_empty() { "" } else { " &&\n  " };
                    let _ = write!(text, "{joint}({holds})");
                    text
                });
                (rule.id.clone(), format!("@clause({})\npermit({scope}) when {{\n  {when}\n}};", quoted(&rule.clause)))
            })
            .collect();
        let bans: Vec<(String, String)> = self
            .bans
            .iter()
            .map(|ban| {
                let text = format!("@clause({})\nforbid({scope}) when {{ {} }};", quoted(&ban.clause), ban.bites);
                (ban.id.clone(), text)
            })
            .collect();
        permits.into_iter().chain(bans)
    }

    /// Each condition as a policy of its own, by its place: those that hold are those that determine.
    pub(crate) fn questions(&self) -> impl Iterator<Item = (String, String)> {
        self.permits.iter().enumerate().flat_map(|(rule, permit)| {
            permit.conditions.iter().enumerate().filter_map(move |(at, condition)| {
                let holds = condition.holds.as_ref()?;
                Some((format!("{rule}.{at}"), format!("permit(principal, action, resource) when {{ {holds} }};")))
            })
        })
    }
}

/// How strict a label is, as a number.
pub(crate) fn rank(tlp: Option<Tlp>) -> i64 {
    match tlp {
        Some(Tlp::Clear) => 0,
        Some(Tlp::Green) => 1,
        Some(Tlp::Amber) => 2,
        Some(Tlp::AmberStrict) => 3,
        Some(Tlp::Red) => 4,
        None => 5,
    }
}

/// The group of those who acceded to a type.
pub(crate) fn acceded_group(channel_type: &str) -> String {
    format!("acceded.{channel_type}")
}

pub(crate) fn in_group(group: &str) -> String {
    format!("principal in Group::{}", quoted(group))
}

fn among(members: &[MemberCode]) -> String {
    let members: Vec<String> = members.iter().map(|code| format!("Member::{}", quoted(code.as_str()))).collect();
    format!("[{}].contains(principal)", members.join(", "))
}

pub(crate) fn of_kinds(kinds: &[String]) -> String {
    let kinds: Vec<String> = kinds.iter().map(|kind| quoted(kind)).collect();
    format!("[{}].containsAny(context.kinds)", kinds.join(", "))
}

/// A text in Cedar's quotes; what stands in terms is plain, and nothing that is not can leave them.
pub(crate) fn quoted(text: &str) -> String {
    format!("\"{}\"", text.escape_debug())
}

impl Action {
    /// Which prohibitions concern it: what constituents read is read and passed on.
    pub(crate) fn bans(self) -> &'static [Act] {
        match self {
            Self::Publish | Self::Open | Self::Contribute => &[Act::Publish],
            Self::Read | Self::Export => &[Act::Read],
            Self::Constituent | Self::Given => &[Act::Read, Act::Onward],
            Self::Onward => &[Act::Onward],
            Self::Withdraw | Self::Relabel => &[],
        }
    }
}

/// All policies of terms, as Cedar reads them: what there is to look at before signing.
pub fn policies(terms: &Terms) -> String {
    let mut all: Vec<(String, String)> = Vec::new();
    for kind in &terms.channel_types {
        for action in Action::ALL {
            all.extend(rules(terms, kind, ChannelKind::Standing, *action).policies());
        }
    }
    written(&all)
}

/// Policies as text, each under its id.
pub(crate) fn written(all: &[(String, String)]) -> String {
    all.iter().fold(String::new(), |mut text, (id, policy)| {
        let _ = write!(text, "// {id}\n{policy}\n\n");
        text
    })
}
