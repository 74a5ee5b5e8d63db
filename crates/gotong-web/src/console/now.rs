//! The first page: what waits for this person, how the region is connected, what is new. For a constituent's people, what is new for them.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use gotong_app::deed::{self, Deed};
use gotong_app::duty::{self, DutyQuery, DutyState};
use gotong_app::role::Right;
use gotong_app::view::{self, Order, Query, ViewFault};
use gotong_app::{parcel, quarantine, status};
use gotong_language::Arg;

use super::bulk;
use super::person::Person;
use super::report;
use super::share::{self, ParcelRow};
use super::shell::Shell;
use super::show;
use super::shown::{RecordRow, When, object_path};
use super::start::{self, Steps};
use crate::api::Web;
use crate::api::operation::PeerBody;
use crate::federation::LinkState;
use crate::problem::Problem;

/// Records on the page.
const NEWEST: usize = 20;
/// Beyond this the page says "more than".
const WAITING_COUNTED_MAX: usize = 1_000;
/// Duties on the page, the nearest first.
const DUTIES: usize = 9;

#[derive(Template)]
#[template(path = "console/now.html")]
struct Now {
    shell: Shell,
    /// First steps, while the node is young, and exercise data.
    steps: Option<Steps>,
    /// What is wrong with the node itself.
    trouble: Option<String>,
    waiting: usize,
    waiting_shown: String,
    duties: Vec<Duty>,
    /// What this person does to many records, held or being done.
    deeds: Vec<Doing>,
    /// What they are sharing and has not left, and what waits for them as the second person.
    parcels: Vec<ParcelRow>,
    tiles: Vec<Tile>,
    caption: String,
    rows: Vec<RecordRow>,
    /// What somebody of a constituent has reported, with what became of it.
    reported: Vec<report::Reported>,
    may_report: bool,
}

struct Doing {
    path: String,
    title: String,
    /// When it begins; `None`: it has begun.
    until: Option<When>,
}

struct Duty {
    path: String,
    name: String,
    text: String,
    clause: String,
    due: When,
    is_overdue: bool,
}

/// A member of the region: no map, no border.
struct Tile {
    code: String,
    name: String,
    state: String,
    class: &'static str,
    since: Option<String>,
}

pub(super) async fn page(State(web): State<Web>, person: Person) -> Result<Response, Problem> {
    let is_staff = person.caller.is_staff();
    let peers =
        if is_staff && person.caller.may(Right::Oversee) { web.peers(&person.caller).await? } else { Vec::new() };
    let trouble = web.run(status::node).await;
    let steps = start::on_now(&web, &person).await?;
    let asking = person.caller.clone();
    let (newest, waiting, duties, deeds, parcels) = web
        .run(move |node| {
            // What is new here, whatever date it gives itself.
            let query = Query { order: Order::NewestArrival, limit: NEWEST, ..Query::default() };
            let newest = view::list(node, &asking, &query)?.rows;
            let waiting = if is_staff && asking.may(Right::Publish) {
                Some(quarantine::list(node, &asking, None, WAITING_COUNTED_MAX)?)
            } else {
                None
            };
            let open = DutyQuery { limit: DUTIES, ..DutyQuery::default() };
            let duties = if is_staff && asking.may(Right::Oversee) {
                duty::list(node, &asking, &open)?.duties
            } else {
                Vec::new()
            };
            let parcels = if asking.may(Right::Publish) { parcel::list(node, &asking)? } else { Vec::new() };
            Ok::<_, ViewFault>((newest, waiting, duties, deed::list(node, &asking)?, parcels))
        })
        .await?;
    let words = person.words;
    let count = waiting.as_ref().map_or(0, |waiting| waiting.rows.len());
    let shown = words.number(i64::try_from(count).unwrap_or(i64::MAX));
    let is_more = waiting.is_some_and(|waiting| waiting.next.is_some());
    let duties = duties.into_iter().filter(|duty| duty.state != DutyState::Met).map(|duty| Duty {
        path: object_path(&duty.object),
        text: duty.text(),
        name: duty.name.clone().unwrap_or_else(|| duty.object.clone()),
        clause: format!("{} {}", duty.clause.0, duty.clause.1),
        due: When::at(&person.moments, duty.due),
        is_overdue: duty.state == DutyState::Overdue,
    });
    let own = Tile {
        code: web.node.member.to_string(),
        name: web.node.name.clone(),
        state: words.t("now-here"),
        class: "self",
        since: None,
    };
    let now = Now {
        steps,
        trouble: match trouble {
            Ok(status) if status.restored => Some(words.t("now-restored")),
            Ok(status) if status.projection_lag > 0 => {
                let lag = i64::try_from(status.projection_lag).unwrap_or(i64::MAX);
                Some(words.with("now-behind", &[("count", Arg::Number(lag))]))
            }
            Ok(_) => None,
            Err(_) => Some(words.t("now-silent-store")),
        },
        waiting: count,
        waiting_shown: if is_more { format!("> {shown}") } else { shown },
        duties: duties.collect(),
        deeds: deeds.iter().map(|deed| doing(&person, deed)).collect(),
        // A constituent's people have their own list of what they report.
        parcels: parcels.iter().filter(|_| is_staff).map(|parcel| share::row(&person, parcel)).collect(),
        tiles: std::iter::once(own).chain(peers.into_iter().map(|peer| tile(&person, peer))).collect(),
        reported: if is_staff { Vec::new() } else { report::reported(&web, &person).await? },
        may_report: person.caller.may(Right::Publish),
        caption: words.t("now-news-caption"),
        rows: newest
            .into_iter()
            .filter(|record| record.is_newest)
            .map(|record| RecordRow::arrived(record, &person.moments))
            .collect(),
        shell: Shell::of(&web, &person, "/"),
    };
    show(&now)
}

fn doing(person: &Person, deed: &Deed) -> Doing {
    let until = match deed.state {
        deed::State::Held { until } => gotong_model::Timestamp::from_micros(until),
        deed::State::Open | deed::State::Running => None,
    };
    Doing {
        path: format!("/bulk/{}", deed.id),
        title: bulk::title(person.words, deed),
        until: until.map(|until| When::at(&person.moments, until)),
    }
}

fn tile(person: &Person, peer: PeerBody) -> Tile {
    let (state, class) = match peer.state {
        LinkState::Connected => ("now-connected", "good"),
        LinkState::Dialling => ("now-dialling", "calm"),
        LinkState::Idle => ("now-idle", "calm"),
        LinkState::Unreachable => ("now-unreachable", "bad"),
    };
    let since = peer.last_contact.as_deref().and_then(gotong_model::Timestamp::parse);
    Tile {
        code: peer.member,
        name: peer.name,
        state: person.words.t(state),
        class,
        since: since.map(|since| person.moments.at(since.micros()).short()),
    }
}
