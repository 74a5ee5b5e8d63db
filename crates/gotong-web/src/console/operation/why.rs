//! Why something has or has not reached a member: the rule that decides with its clause, what is known of the delivery, how the link is, and who can change
//! it. For one object, by its id; what the person may not see is not there.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use gotong_app::explain::{self, MemberReception, Reception, Said, StoredExplanation};
use gotong_app::role::{Right, Role};
use gotong_app::{NodeFault, quarantine, view};
use gotong_language::{Arg, Words};
use gotong_model::{MemberCode, Timestamp};
use serde::Deserialize;

use super::{expect_staff, link};
use crate::api::Web;
use crate::api::input::Parameters;
use crate::console::object::provenance_path;
use crate::console::person::Person;
use crate::console::shell::Shell;
use crate::console::show;
use crate::console::shown::{Because, Label, When};
use crate::federation::{LinkState, LinkStatus};
use crate::problem::Problem;

/// Publications of one object that are explained.
const VERSIONS_MAX: usize = 20;
/// Characters of an id.
const ID_BYTES_MAX: usize = 1_024;

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Asked {
    id: String,
    member: String,
}

#[derive(Template)]
#[template(path = "console/operation_why.html")]
struct WhyPage {
    shell: Shell,
    id: String,
    member: String,
    members: Vec<(String, String)>,
    is_asked: bool,
    waiting: Vec<Waiting>,
    publications: Vec<Publication>,
}

/// Something under this id that waits for a person of ours.
struct Waiting {
    channel: String,
    label: Label,
    at: When,
    why: Vec<(Because, Option<String>)>,
    owner: String,
}

/// One publication.
struct Publication {
    channel: String,
    author: String,
    label: Option<Label>,
    at: Option<When>,
    state: String,
    reason: Option<String>,
    provenance: String,
    answers: Vec<Answer>,
}

/// What holds for one member.
struct Answer {
    code: String,
    name: String,
    class: &'static str,
    word: String,
    rules: Vec<Rule>,
    delivery: Option<String>,
    link: Option<(String, &'static str)>,
    contact: Option<When>,
    fault: Option<String>,
    owner: String,
}

struct Rule {
    clause: String,
    title: String,
    text: Because,
}

pub(super) async fn page(
    State(web): State<Web>,
    person: Person,
    Parameters(asked): Parameters<Asked>,
) -> Result<Response, Problem> {
    expect_staff(&person, Right::Oversee)?;
    let id = asked.id.trim().to_owned();
    let is_asked = !id.is_empty() && id.len() <= ID_BYTES_MAX;
    let (asking, wanted) = (person.caller.clone(), id.clone());
    let (waiting, found) = web
        .run(move |node| {
            if !is_asked {
                return Ok((Vec::new(), Vec::new()));
            }
            let mut waiting = quarantine::named(node, &asking, &wanted)?;
            waiting.truncate(VERSIONS_MAX);
            let mut found = Vec::new();
            for version in view::read(node, &asking, &wanted)?.into_iter().take(VERSIONS_MAX) {
                if let Some((log, index)) = version.place.open() {
                    found.extend(explain::stored(node, &asking, log, index)?);
                }
            }
            Ok::<_, NodeFault>((waiting, found))
        })
        .await?;
    let governance = web.node.governance();
    let members = governance.charter.members.iter();
    let members = members.map(|(code, member)| (code.to_string(), member.english().to_owned())).collect();
    let only = MemberCode::from_text(asked.member.trim());
    // How links stand is told to nobody who is limited to channels: it speaks of traffic elsewhere.
    let links = if person.caller.channels.is_some() { Vec::new() } else { web.links.snapshot() };
    let links: BTreeMap<String, LinkStatus> = links.into_iter().map(|link| (link.member.clone(), link)).collect();
    let roles: Vec<String> =
        Right::Release.roles().map(|role: Role| person.words.t(&format!("shell-role-{}", role.as_str()))).collect();
    let waiting = waiting.into_iter().map(|view| Waiting {
        channel: view.channel_handle,
        label: Label::of(view.label),
        at: When::at(&person.moments, view.at),
        why: view.why.into_iter().map(|why| (Because::refused(person.words, &why.id, why.text), why.clause)).collect(),
        owner: person.words.with("operation-owner-release", &[("roles", Arg::Plain(&roles.join(", ")))]),
    });
    let told = Teller { person: &person, links: &links, own: &web.node.member };
    show(&WhyPage {
        waiting: waiting.collect(),
        publications: found.into_iter().map(|found| told.publication(found, only.as_ref())).collect(),
        member: only.map(|code| code.to_string()).unwrap_or_default(),
        members,
        is_asked,
        id,
        shell: Shell::of(&web, &person, "/operation"),
    })
}

/// What the sentences of one answer need.
struct Teller<'a> {
    person: &'a Person,
    links: &'a BTreeMap<String, LinkStatus>,
    own: &'a MemberCode,
}

impl Teller<'_> {
    fn publication(&self, found: StoredExplanation, only: Option<&MemberCode>) -> Publication {
        let asked = found.members.iter().filter(|member| only.is_none_or(|only| *only == member.code));
        Publication {
            answers: asked.map(|member| self.answer(&found, member)).collect(),
            author: found.author_name.clone(),
            label: found.label.map(Label::of),
            at: found.published_at.map(|at| When::at(&self.person.moments, at)),
            state: self.person.words.t(&format!("operation-state-{}", found.state.replace(' ', "-"))),
            provenance: provenance_path(&found.origin, found.index),
            reason: found.reason,
            channel: found.channel,
        }
    }

    fn answer(&self, found: &StoredExplanation, member: &MemberReception) -> Answer {
        let words = self.person.words;
        // The link says something only of who is to receive it.
        let is_due = member.code != *self.own && member.reception == Reception::Receives;
        let status = self.links.get(member.code.as_str()).filter(|_| is_due);
        let has = member
            .delivery
            .as_ref()
            .is_some_and(|known| matches!(known.id, "delivery.has" | "delivery.here" | "delivery.author"));
        let (class, word) = match (member.reception, has) {
            (Reception::Receives, true) => ("good", "operation-has"),
            (Reception::Receives, false) => ("warn", "operation-not-yet"),
            (Reception::Received, _) => ("calm", "operation-no-longer"),
            (Reception::Never, _) => ("bad", "operation-never"),
        };
        let at = |text: &str| Timestamp::parse(text).map(|at| When::at(&self.person.moments, at));
        Answer {
            code: member.code.to_string(),
            name: member.name.clone(),
            class,
            word: words.t(word),
            rules: member.says.iter().map(|said| rule(words, said)).collect(),
            delivery: member.delivery.as_ref().map(|delivery| delivery.text.clone()),
            link: status.map(|status| link(words, status.state)),
            contact: status.and_then(|status| status.last_contact.as_deref()).and_then(at),
            fault: status
                .filter(|status| !has && status.state != LinkState::Connected)
                .and_then(|status| status.last_fault.as_ref())
                .map(|fault| fault.text.clone()),
            owner: self.owner(found, member, has),
        }
    }

    /// Who can change it.
    fn owner(&self, found: &StoredExplanation, member: &MemberReception, has: bool) -> String {
        let words = self.person.words;
        let named = |id: &str, name: &str| words.with(id, &[("name", Arg::Text(name))]);
        match member.reception {
            Reception::Never | Reception::Received => {
                let agreement = member.says.first().map(|said| said.ground.handle.as_str());
                let handle = agreement.or_else(|| found.channel.split('/').next()).unwrap_or_default();
                named("operation-owner-agreement", handle)
            }
            Reception::Receives if has => words.t("operation-owner-nobody"),
            Reception::Receives if found.author != *self.own => named("operation-owner-author", &found.author_name),
            Reception::Receives => named("operation-owner-member", &member.name),
        }
    }
}

fn rule(words: Words, said: &Said) -> Rule {
    Rule {
        clause: format!("{} {}", said.ground.handle, said.ground.clause),
        title: said.ground.title.clone(),
        text: Because::ground(words, &said.ground),
    }
}
