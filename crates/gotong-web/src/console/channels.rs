//! Channels: every channel that this person may read, and one with its clauses, readers and writers, duties, logs, withdrawals and what will change.
//!
//! What may be read is asked of `view::channel`; only then is the agreement opened for what else it says of the channel. A constituent is shown its
//! channels and what they allow, and neither the audience nor how much stands there. Read next: `console/agreements.rs`.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use gotong_app::caller::Caller;
use gotong_app::explain::{self, Change, Turn, agreement_named};
use gotong_app::view::{self, ChannelView, LogView, Withdrawal, Withdrawals};
use gotong_app::{Node, NodeFault};
use gotong_language::Arg;
use gotong_model::charter::Texts;
use gotong_model::governance::Governance;
use gotong_model::{AgreementId, MemberCode, Timestamp};

use super::person::Person;
use super::shell::Shell;
use super::show;
use super::shown::{Label, When};
use crate::api::Web;
use crate::problem::{Problem, table};

/// Withdrawals on the page; the API answers all.
const WITHDRAWALS: usize = 100;
/// Instants on the page at which something changes.
pub(super) const TURNS: usize = 20;

pub(super) fn routes() -> Router<Web> {
    Router::new().route("/channels", get(page)).route("/channels/{*name}", get(one_page))
}

/// Words in the language of the page where they are there, else in English, else in whatever there is; with the language, so that they are read right.
pub(super) struct Worded {
    pub(super) text: String,
    pub(super) lang: String,
}

impl Worded {
    pub(super) fn of(texts: &Texts, language: &str) -> Self {
        let found = texts.get_key_value(language).or_else(|| texts.get_key_value("en"));
        let (lang, text) = found.or_else(|| texts.first_key_value()).unzip();
        Self { text: text.cloned().unwrap_or_default(), lang: lang.cloned().unwrap_or_default() }
    }
}

/// What a member is called in a language, whichever charter named it last.
pub(super) fn member_name(governance: &Governance, code: &MemberCode, language: &str) -> String {
    let member = governance.charters.iter().rev().find_map(|charter| charter.members.get(code));
    member.map_or_else(|| code.to_string(), |member| Worded::of(&member.name, language).text)
}

/// Members by name.
pub(super) fn names<'a>(
    governance: &Governance,
    codes: impl IntoIterator<Item = &'a MemberCode>,
    language: &str,
) -> Vec<String> {
    codes.into_iter().map(|code| member_name(governance, code, language)).collect()
}

/// What is written otherwise in a segment of an address.
const ENCODED: percent_encoding::AsciiSet = percent_encoding::NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.');

/// One segment of an address.
pub(super) fn segment(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, &ENCODED).to_string()
}

/// The address of a channel's page.
pub(super) fn channel_path(handle: &str) -> String {
    let parts: Vec<String> = handle.split('/').map(segment).collect();
    format!("/channels/{}", parts.join("/"))
}

/// Where a channel's page lists what was withdrawn in it.
pub(super) fn withdrawals_path(handle: &str) -> String {
    format!("{}#withdrawals", channel_path(handle))
}

/// The address of an agreement's page: by its handle, or by its id where two have that handle. `None`: it is the charter's or a house rule's.
pub(super) fn agreement_path(governance: &Governance, id: &AgreementId) -> Option<String> {
    let found = governance.agreements.get(id).or_else(|| governance.proposals.get(id))?;
    let handle = found.terms.handle.as_str();
    let is_known = agreement_named(governance, handle) == Some(*id);
    Some(format!("/agreements/{}", if is_known { handle.to_owned() } else { id.to_string() }))
}

#[derive(Template)]
#[template(path = "console/channels.html")]
struct ChannelsPage {
    shell: Shell,
    rows: Vec<Row>,
    governing: Vec<Row>,
}

struct Row {
    path: String,
    handle: String,
    purpose: String,
    ceiling: Label,
    audience: Vec<String>,
    agreement: Worded,
    agreement_path: Option<String>,
    state: String,
    class: &'static str,
    may_publish: bool,
    is_exercise: bool,
}

async fn page(State(web): State<Web>, person: Person) -> Result<Response, Problem> {
    let asking = person.caller.clone();
    let channels = web.run(move |node| view::channels(node, &asking)).await?;
    let governance = web.node.governance();
    let (governing, rows) = channels.into_iter().partition::<Vec<_>, _>(|channel| channel.is_governance);
    let shown = |all: Vec<ChannelView>| all.into_iter().map(|channel| row(&governance, &person, channel)).collect();
    show(&ChannelsPage { rows: shown(rows), governing: shown(governing), shell: Shell::of(&web, &person, "/channels") })
}

fn row(governance: &Governance, person: &Person, channel: ChannelView) -> Row {
    let language = person.words.lang();
    let is_staff = person.caller.is_staff();
    let (state, class) = state_of(person, &channel);
    Row {
        path: channel_path(&channel.handle),
        ceiling: Label::of(channel.ceiling),
        audience: if is_staff { names(governance, &channel.audience, language) } else { Vec::new() },
        agreement: Worded::of(&channel.title, language),
        agreement_path: agreement_path(governance, &channel.agreement).filter(|_| is_staff),
        state,
        class,
        may_publish: channel.may_publish,
        is_exercise: channel.exercise,
        purpose: channel.purpose,
        handle: channel.handle,
    }
}

fn state_of(person: &Person, channel: &ChannelView) -> (String, &'static str) {
    let (id, class) = if channel.in_force { ("channels-in-force", "good") } else { ("channels-not-in-force", "calm") };
    (person.words.t(id), class)
}

#[derive(Template)]
#[template(path = "console/channel.html")]
struct ChannelPage {
    shell: Shell,
    row: Row,
    legal_basis: String,
    kinds: Vec<String>,
    from: When,
    until: Option<When>,
    onward: String,
    personal: String,
    /// What the agreement says beside; staff alone.
    more: Option<More>,
    clauses: Vec<(String, Worded, Worded)>,
    logs: Vec<Log>,
    withdrawals: Vec<Gone>,
    withdrawals_more: bool,
    turns: Vec<Happens>,
    intelligence: String,
    is_governance: bool,
}

struct More {
    writers: Vec<String>,
    retention: String,
    exit: String,
    backlog: String,
    duties: Vec<(String, String)>,
    prohibitions: Vec<(String, String)>,
}

struct Log {
    author: String,
    name: String,
    origin: String,
    size: String,
    state: String,
    class: &'static str,
}

struct Gone {
    author: String,
    range: String,
    reason: String,
    at: Option<When>,
    erased: Vec<String>,
    waiting: Vec<String>,
}

/// Something that will change, and for whom.
pub(super) struct Happens {
    pub(super) at: When,
    pub(super) causes: Vec<(String, Option<String>)>,
    pub(super) effects: Vec<(String, Option<String>)>,
}

impl Happens {
    /// What happens in an agreement; of one channel, only what concerns it.
    pub(super) fn of(person: &Person, turn: Turn, channel: Option<&str>) -> Self {
        let said = |change: Change| match change.channel.filter(|_| channel.is_none()) {
            Some(named) => (format!("{named}: {}", change.text), change.clause),
            None => (change.text, change.clause),
        };
        let concerns = |change: &Change| match (channel, &change.channel) {
            (Some(wanted), Some(named)) => wanted == named,
            _ => true,
        };
        Self {
            at: When::at(&person.moments, turn.at),
            causes: turn.causes.into_iter().map(said).collect(),
            effects: turn.effects.into_iter().filter(concerns).map(said).collect(),
        }
    }
}

/// What is to come in an agreement.
pub(super) fn coming(node: &Node, caller: &Caller, id: &AgreementId) -> Result<Vec<Turn>, NodeFault> {
    let period = (node.now(), Timestamp::MAX);
    Ok(explain::changes(node, caller, Some(*id), period)?.map(|changes| changes.turns).unwrap_or_default())
}

async fn one_page(State(web): State<Web>, person: Person, Path(name): Path<String>) -> Result<Response, Response> {
    one(&web, &person, &name).await.map_err(IntoResponse::into_response)
}

async fn one(web: &Web, person: &Person, name: &str) -> Result<Response, Problem> {
    let asking = person.caller.clone();
    let id = asking.channel(&web.node, name).ok_or_else(|| Problem::of(&table::NOT_FOUND))?;
    let is_told = asking.oversees();
    let (channel, withdrawals, turns) = web
        .find(move |node| {
            let Some(channel) = view::channel(node, &asking, &id)? else { return Ok::<_, NodeFault>(None) };
            let withdrawals = if is_told { view::withdrawals(node, &asking, &id)? } else { None };
            let turns = if is_told { coming(node, &asking, &channel.agreement)? } else { Vec::new() };
            Ok(Some((channel, withdrawals, turns)))
        })
        .await?;
    let governance = web.node.governance();
    let (language, words) = (person.words.lang(), person.words);
    let more = if is_told { more(&governance, person, &channel) } else { None };
    let mut turns: Vec<Happens> =
        turns.into_iter().map(|turn| Happens::of(person, turn, Some(&channel.handle))).collect();
    turns.truncate(TURNS);
    let logs = channel.logs.iter().map(|log| log_of(&governance, person, log)).collect();
    let withdrawals = withdrawals.unwrap_or(Withdrawals { rows: Vec::new(), more: false });
    let withdrawn = withdrawals.rows.len();
    let shown = withdrawals.rows.into_iter().rev().take(WITHDRAWALS);
    let clauses = channel
        .clauses
        .iter()
        .map(|clause| (clause.number.clone(), Worded::of(&clause.title, language), Worded::of(&clause.text, language)));
    show(&ChannelPage {
        legal_basis: channel.legal_basis.clone(),
        kinds: channel.kinds.clone(),
        from: When::at(&person.moments, channel.from),
        until: channel.until.map(|until| When::at(&person.moments, until)),
        onward: words.t(&format!("channels-onward-{}", channel.onward.as_str())),
        personal: words.t(&format!("channels-personal-{}", channel.personal_data.as_str())),
        clauses: clauses.collect(),
        withdrawals: shown.map(|one| gone(&governance, person, &one)).collect(),
        withdrawals_more: withdrawals.more || withdrawn > WITHDRAWALS,
        intelligence: format!(
            "/intelligence?channel={}",
            url::form_urlencoded::byte_serialize(channel.handle.as_bytes()).collect::<String>()
        ),
        is_governance: channel.is_governance,
        row: row(&governance, person, channel),
        shell: Shell::of(web, person, "/channels"),
        more,
        logs,
        turns,
    })
}

/// What the agreement says of a channel beyond its own answer. The caller may read the channel, or would not be here.
fn more(governance: &Governance, person: &Person, view: &ChannelView) -> Option<More> {
    let (words, language) = (person.words, person.words.lang());
    let channel = governance.channel(&view.id)?;
    let (terms, kind) = (&channel.agreement.terms, channel.channel_type);
    let duties = terms.duties.iter().filter(|duty| duty.concerns(&kind.name)).map(|duty| {
        let all = || words.t("channels-everybody");
        let who = if duty.members.is_empty() { all() } else { names(governance, &duty.members, language).join(", ") };
        let what = words.t(&format!("channels-duty-{}", duty.duty.as_str()));
        let minutes = usize::try_from(duty.within_minutes).unwrap_or(usize::MAX);
        let within = match minutes {
            days if days % 1_440 == 0 => words.count("channels-within-days", days / 1_440),
            hours if hours % 60 == 0 => words.count("channels-within-hours", hours / 60),
            minutes => words.count("channels-within-minutes", minutes),
        };
        (duty.clause.clone(), format!("{who}: {what} · {within}"))
    });
    let prohibitions =
        terms.prohibitions.iter().filter(|rule| rule.types.is_empty() || rule.types.contains(&kind.name));
    let prohibitions = prohibitions.map(|rule| {
        let mut text = words.t(&format!("channels-forbidden-{}", rule.act.as_str()));
        let mut add = |part: String| text = format!("{text} · {part}");
        if !rule.kinds.is_empty() {
            add(rule.kinds.join(", "));
        }
        if !rule.members.is_empty() {
            add(names(governance, &rule.members, language).join(", "));
        }
        if let Some(above) = rule.tlp_above {
            add(format!("> {}", Label::of(above).text));
        }
        (rule.clause.clone(), text)
    });
    Some(More {
        writers: names(governance, &kind.writers, language),
        retention: kind.retention_days.map_or_else(
            || words.t("channels-retention-none"),
            |days| words.count("channels-retention-days", usize::try_from(days).unwrap_or(usize::MAX)),
        ),
        exit: words.t(&format!("channels-exit-{}", kind.exit.as_str())),
        backlog: words.t(&format!("channels-backlog-{}", kind.backlog.as_str())),
        duties: duties.collect(),
        prohibitions: prohibitions.collect(),
    })
}

fn log_of(governance: &Governance, person: &Person, log: &LogView) -> Log {
    let words = person.words;
    let number = |number: u64| words.number(i64::try_from(number).unwrap_or(i64::MAX));
    let (state, class) = match (log.stopped, log.withheld) {
        (Some(index), _) => (words.with("channels-log-stopped", &[("index", Arg::Plain(&number(index)))]), "bad"),
        (None, 0) => (words.t("channels-log-whole"), "good"),
        (None, withheld) => {
            (words.count("channels-log-withheld", usize::try_from(withheld).unwrap_or(usize::MAX)), "warn")
        }
    };
    Log {
        author: log.author.to_string(),
        name: member_name(governance, &log.author, words.lang()),
        origin: log.origin.clone(),
        size: number(log.size),
        state,
        class,
    }
}

fn gone(governance: &Governance, person: &Person, one: &Withdrawal) -> Gone {
    let language = person.words.lang();
    Gone {
        author: one.author.to_string(),
        range: if one.first == one.last { one.first.to_string() } else { format!("{}–{}", one.first, one.last) },
        reason: person.words.t(&format!("withdraw-reason-{}", one.by.reason.as_str())),
        at: one.by.at.map(|at| When::at(&person.moments, at)),
        erased: names(governance, &one.gone.at, language),
        waiting: names(governance, &one.gone.waiting_for, language),
    }
}
