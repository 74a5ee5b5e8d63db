//! From a verdict to grounds: which clause, what it does, and in words what is missing. Decides nothing: each condition comes with Cedar's answer.

use gotong_model::agreement::{Act, HOUSE_HANDLE, Onward, PartState, PersonalData, Prohibition, Terms};
use gotong_model::governance::Governance;
use gotong_model::{MemberCode, Personal, Slug, Timestamp, Tlp};

use crate::case::{Action, Case};
use crate::decision::{Effect, Ground};
use crate::engine::Verdict;
use crate::rules::{BanKind, Rules, What};

/// The grounds of a verdict. A refusal has at least one that forbids.
pub(crate) fn grounds(governance: &Governance, case: &Case<'_>, rules: &Rules, verdict: &Verdict) -> Vec<Ground> {
    let who = case.given.as_ref().map(|given| organisation(governance, given.organisation));
    let this = Explanation { case, who: who.unwrap_or_else(|| name(governance, case.member)) };
    let mut all = Vec::new();
    for (at, condition) in
        rules.permits.get(verdict.rule).into_iter().flat_map(|rule| rule.conditions.iter().enumerate())
    {
        let effect = if verdict.unmet.contains(&at) { Effect::Forbid } else { Effect::Permit };
        all.extend(this.condition(condition.what, &condition.clause, effect));
    }
    all.extend(verdict.bans.iter().map(|ban| this.ban(*ban)));
    if verdict.permitted {
        all.retain(|ground| ground.effect == Effect::Permit);
    } else if !all.iter().any(|ground| ground.effect == Effect::Forbid) {
        let text = "the rules of this channel could not be evaluated, and what no rule permits is refused".to_owned();
        all.push(this.ground(&case.channel_type.clause, Effect::Forbid, "policy.refused", text));
    }
    all
}

/// The ground where the terms that count do not open the type any more.
pub(crate) fn dropped(case: (&gotong_model::agreement::Agreement, &Terms), channel_type: &str) -> Ground {
    let (_, terms) = case;
    let text = format!(
        "version {} of {} does not open {channel_type} any more: nothing new may be published in it",
        terms.number, terms.handle
    );
    Ground::new(case, &terms.amendment_clause, Effect::Forbid, "policy.type-dropped", text)
}

struct Explanation<'a> {
    case: &'a Case<'a>,
    who: String,
}

impl Explanation<'_> {
    fn ground(&self, clause: &str, effect: Effect, id: &'static str, text: String) -> Ground {
        Ground::new((self.case.agreement, self.case.terms), clause, effect, id, text)
    }

    /// What a condition says; nothing where it holds and goes without saying.
    fn condition(&self, what: What, clause: &str, effect: Effect) -> Option<Ground> {
        let (case, who) = (self.case, &self.who);
        let channel = case.given.as_ref().map(|given| given.resource(case.channel_type));
        let channel = channel.unwrap_or_else(|| format!("{}/{}", case.terms.handle, case.channel_type.name));
        let holds = effect == Effect::Permit;
        let (id, text) = match what {
            What::Audience if holds => ("policy.audience", format!("{who} is of the audience of {channel}")),
            What::Audience => {
                if case.state.is_none() && case.channel_type.audience.contains(case.member) {
                    // It lacks a part, which is said by itself.
                    return None;
                }
                let text = format!("{who} is not of the audience of {channel} under version {}", case.terms.number);
                ("policy.audience", text)
            }
            What::Acceded if holds => ("policy.acceded", format!("{who} has acceded, and takes part in {channel}")),
            What::Acceded => ("policy.acceded", format!("{who} has not acceded to {channel}")),
            What::Part => return self.part(effect),
            What::Writer | What::Others | What::OnwardLabel if holds => return None,
            What::Writer => {
                let writers: Vec<&str> = case.channel_type.writers.iter().map(MemberCode::as_str).collect();
                let text =
                    format!("{who} reads {channel} and does not publish in it; those who do: {}", writers.join(", "));
                ("policy.not-writer", text)
            }
            What::Dates => return Some(self.dates(clause, effect)),
            What::Others => {
                ("policy.too-few-parts", "no other part in the agreement is taken, and it takes two".to_owned())
            }
            What::Kind => self.kind(holds),
            What::Ceiling => self.ceiling(holds)?,
            What::Personal => self.personal(holds)?,
            What::Onward => self.onward(holds),
            What::OnwardLabel => {
                let label = case.row.and_then(|row| row.tlp);
                let label =
                    label.map_or_else(|| "a record without a label".to_owned(), |tlp| format!("TLP:{}", upper(tlp)));
                (
                    "policy.onward-label",
                    format!("{label} is not passed on to constituents; TLP:AMBER is the strictest that is"),
                )
            }
            What::Class => ("policy.class", self.class(holds)),
            What::Own if holds => ("policy.own", format!("the channel is {who}'s own")),
            What::Own => ("policy.own", format!("the channel is not {who}'s own")),
            What::Given(ceiling) => self.given(holds, ceiling, &channel),
            What::Never => ("policy.governing", "documents that govern are not taken back or relabelled".to_owned()),
        };
        Some(self.ground(clause, effect, id, text))
    }

    fn part(&self, effect: Effect) -> Option<Ground> {
        let (case, who) = (self.case, &self.who);
        let terms = case.terms;
        let since = case.since.map_or_else(String::new, |since| format!(" since {}", day(since)));
        let holds = effect == Effect::Permit;
        let (clause, id, text) = match case.state {
            Some(PartState::Active) => return None,
            Some(PartState::Suspended) => {
                let text = match (case.action.is_new(), holds) {
                    (true, _) => format!("{who}'s part has been suspended{since}; it publishes again once it resumes"),
                    (false, true) => {
                        format!("{who}'s part has been suspended{since}; it keeps what it received before")
                    }
                    (false, false) => {
                        format!(
                            "{who}'s part has been suspended{since}; until it resumes nothing is passed on or exported"
                        )
                    }
                };
                (&terms.suspension_clause, "policy.suspended", text)
            }
            Some(PartState::Ended) if case.action.is_new() => {
                (&terms.termination_clause, "policy.ended", format!("{who}'s part has ended{since}"))
            }
            Some(PartState::Ended) => {
                let clause = &case.channel_type.exit_clause;
                let exit = case.channel_type.exit.as_str();
                if holds {
                    (
                        clause,
                        "policy.ended",
                        format!("{who}'s part has ended{since}; what it received is left to it ({exit})"),
                    )
                } else if case.action == Action::Read || exit == "erase" {
                    (
                        clause,
                        "policy.ended",
                        format!("{who}'s part has ended{since}, and what it received is to be erased"),
                    )
                } else {
                    let text =
                        format!("{who}'s part has ended{since}; what it received stays readable and goes no further");
                    (clause, "policy.onward-frozen", text)
                }
            }
            None if case.at < terms.from => return Some(self.dates(&terms.dates_clause, effect)),
            None => (&terms.parties_clause, "policy.ended", format!("{who} has no part in the agreement at this time")),
        };
        Some(self.ground(clause, effect, id, text))
    }

    fn dates(&self, clause: &str, effect: Effect) -> Ground {
        let (terms, at) = (self.case.terms, self.case.at);
        let until =
            terms.until.map_or_else(|| "until further notice".to_owned(), |until| format!("until {}", day(until)));
        let what = if self.case.agreement.terms.handle.as_str() == HOUSE_HANDLE { "house rule" } else { "agreement" };
        let span = format!("the {what} is in force from {} {until}", day(terms.from));
        match effect {
            Effect::Permit => self.ground(clause, effect, "policy.in-force", span),
            Effect::Forbid => {
                self.ground(clause, effect, "policy.out-of-force", format!("{span}, and this is {}", day(at)))
            }
        }
    }

    fn kind(&self, holds: bool) -> (&'static str, String) {
        let wanted = self.case.row.map(|row| row.kind).unwrap_or_default();
        let list = self.case.channel_type.kinds.join(", ");
        if holds {
            ("policy.kind-named", format!("records of kind {wanted} are among those allowed ({list})"))
        } else {
            ("policy.kind-unnamed", format!("no clause names records of kind {wanted}; allowed are: {list}"))
        }
    }

    fn ceiling(&self, holds: bool) -> Option<(&'static str, String)> {
        let tlp = self.case.row.and_then(|row| row.tlp)?;
        let (id, verb) =
            if holds { ("policy.below-ceiling", "is not above") } else { ("policy.above-ceiling", "is above") };
        Some((id, format!("TLP:{} {verb} the ceiling TLP:{}", upper(tlp), upper(self.case.channel_type.ceiling))))
    }

    /// Where there is nothing of people, the rule goes without saying.
    fn personal(&self, holds: bool) -> Option<(&'static str, String)> {
        let (rule, personal) = (self.case.channel_type.personal_data, self.case.personal);
        let allowed = match rule {
            PersonalData::None => "no personal data may be published here",
            PersonalData::Pseudonymised => "people appear here under pseudonyms only",
            PersonalData::Permitted => "personal data may be published here",
        };
        match (holds, personal) {
            (true, Personal::None) => None,
            (true, _) => {
                Some(("policy.personal-data-allowed", format!("{allowed}; it counts as {}", personal.as_str())))
            }
            (false, _) => {
                let text = format!(
                    "{allowed}, and this counts as {}; take out what tells who it is, or, if it tells nobody, say so with personal_data",
                    personal.as_str()
                );
                Some(("policy.personal-data", text))
            }
        }
    }

    fn onward(&self, holds: bool) -> (&'static str, String) {
        match self.case.channel_type.onward {
            _ if !holds => {
                ("policy.onward-none", "what is received here is not passed on beyond the parties".to_owned())
            }
            Onward::Public => ("policy.onward-named", "what is received here may be passed on to anyone".to_owned()),
            Onward::Constituents | Onward::None => (
                "policy.onward-named",
                "what is received here may be passed on to a party's own constituents".to_owned(),
            ),
        }
    }

    fn class(&self, holds: bool) -> String {
        let class = self.case.given.as_ref().map(|given| given.class);
        let name = class.map(|class| class.name.get("en").map_or(class.class.as_str(), String::as_str));
        let (who, name) = (&self.who, name.unwrap_or_default());
        if holds { format!("{who} is of the class {name}") } else { format!("{who} is not of the class {name}") }
    }

    fn given(&self, holds: bool, ceiling: Tlp, channel: &str) -> (&'static str, String) {
        let most = upper(ceiling);
        if holds {
            return ("policy.given", format!("what stands in {channel} is given to its class up to TLP:{most}"));
        }
        let label = self.case.row.and_then(|row| row.tlp);
        let label = label.map_or_else(|| "a record without a label".to_owned(), |tlp| format!("TLP:{}", upper(tlp)));
        ("policy.given-label", format!("of {channel} its class is given what is up to TLP:{most}, and this is {label}"))
    }

    fn ban(&self, ban: BanKind) -> Ground {
        let prohibition = match ban {
            BanKind::Prohibition(index) => self.case.terms.prohibitions.get(index),
            BanKind::Red => None,
        };
        if let Some(rule) = prohibition {
            return self.ground(&rule.clause, Effect::Forbid, "policy.prohibited", forbidden(rule));
        }
        let text = "TLP:RED is for named recipients only, and this version cannot seal a record to recipients yet";
        self.ground(&self.case.channel_type.ceiling_clause, Effect::Forbid, "policy.red-unsealed", text.to_owned())
    }
}

/// A prohibition as a sentence.
fn forbidden(rule: &Prohibition) -> String {
    let act = match rule.act {
        Act::Publish => "publishing",
        Act::Read => "reading or exporting",
        Act::Onward => "passing on",
    };
    let what = if rule.kinds.is_empty() {
        "anything".to_owned()
    } else {
        format!("records of kind {}", rule.kinds.join(", "))
    };
    let whom: Vec<&str> = rule.members.iter().map(MemberCode::as_str).collect();
    let whom = if whom.is_empty() { String::new() } else { format!(" by {}", whom.join(", ")) };
    let above =
        rule.tlp_above.map_or_else(String::new, |tlp| format!(" with a label stricter than TLP:{}", upper(tlp)));
    format!("{act} {what}{above} is forbidden here{whom}")
}

/// What an organisation is called; its code beside it.
fn organisation(governance: &Governance, code: &Slug) -> String {
    let known = governance.organisations().and_then(|register| register.lookup(code));
    known.map_or_else(|| code.to_string(), |known| format!("{} ({code})", known.name))
}

/// What a member is called; its code beside it.
fn name(governance: &Governance, code: &MemberCode) -> String {
    let member = governance.charters.iter().rev().find_map(|charter| charter.members.get(code));
    member.map_or_else(|| code.to_string(), |member| format!("{} ({code})", member.english()))
}

/// An instant to the minute.
fn day(at: Timestamp) -> String {
    let text = at.to_string();
    format!("{} UTC", text.get(..16).unwrap_or(&text).replace('T', " "))
}

fn upper(tlp: Tlp) -> String {
    tlp.as_str().to_ascii_uppercase()
}
