//! From a parcel's bytes to what would come of each object, and, when its time has come, to what came of it. Both go the same way, through the same use
//! cases as an import over the API, so that the check page shows exactly what the sending will do.

use std::collections::BTreeMap;

use gotong_app::act::{Act, Ending, LINES_MAX, Line, Told};
use gotong_app::caller::Caller;
use gotong_app::import::{BATCH_BYTES, BATCH_OBJECTS, Import};
use gotong_app::parcel::{Parcel, Settings};
use gotong_app::publish::{Fate, Foreseen, Intent, Prepared, Submission, Why};
use gotong_app::{Node, Priority};
use gotong_formats::stix21::{self, InputKind};
use gotong_formats::text;
use gotong_model::{ChannelId, Tlp};

use crate::api::bulk::ImportParams;
use crate::api::bulk::intake::{Came, Intake, name_of};
use crate::api::preview::word;
use crate::api::who::Who;
use crate::problem::Problem;

/// Objects on the check page.
pub(super) const OBJECTS_SHOWN: usize = 500;
/// Things that could not be read, and things that were not carried, on the check page, each.
pub(super) const LOST_SHOWN: usize = 200;

/// What a parcel would become.
#[derive(Default)]
pub(super) struct Check {
    /// The format it is read as, and why where nobody said so.
    pub(super) format: &'static str,
    pub(super) reason: Option<&'static str>,
    /// Of a table, what its columns are taken for, to be corrected.
    pub(super) mapping: Option<text::Mapping>,
    pub(super) objects: Vec<Seen>,
    pub(super) objects_more: usize,
    /// How many are foreseen for which fate.
    pub(super) counts: BTreeMap<&'static str, usize>,
    pub(super) types: BTreeMap<String, usize>,
    /// The labels under which something would be published, with how many.
    pub(super) labels: BTreeMap<Tlp, usize>,
    pub(super) lost: Vec<(u64, Why)>,
    pub(super) lost_count: usize,
    pub(super) losses: Vec<(u64, String)>,
    pub(super) losses_count: usize,
    /// Whether values were read here and no list is loaded that could have told false alarms.
    pub(super) is_unchecked: bool,
}

/// An object of the check page.
pub(super) struct Seen {
    pub(super) line: u64,
    pub(super) id: String,
    pub(super) name: String,
    pub(super) object_type: String,
    pub(super) values: Vec<String>,
    pub(super) fate: &'static str,
    pub(super) label: Option<Tlp>,
    pub(super) why: Vec<Why>,
}

/// The settings as an import over the API has them.
fn params(settings: &Settings) -> ImportParams {
    ImportParams::of_form(|name| {
        let value = match name {
            "tlp" => &settings.tlp,
            "personal_data" => &settings.personal_data,
            "purpose" => &settings.purpose,
            "format" => &settings.format,
            "name" => &settings.name,
            "mapping" => &settings.mapping,
            "charset" => &settings.charset,
            _ => return None,
        };
        (!value.is_empty()).then(|| value.clone())
    })
}

/// A parcel under way: what is common to checking and sending.
struct Carrier<'a> {
    node: &'a Node,
    import: Import,
    intake: Intake,
    batch: Vec<Submission>,
    bytes: usize,
}

impl<'a> Carrier<'a> {
    fn new(
        node: &'a Node,
        caller: &Caller,
        channel: ChannelId,
        settings: &Settings,
        body: &[u8],
    ) -> Result<Self, Problem> {
        let params = params(settings);
        let intent: Intent = params.publish().intent(&Who(caller.clone()), channel)?;
        let choice = params.choice(InputKind::Auto, node.now(), channel.to_string())?;
        let mut intake = Intake::new(node, choice)?;
        intake.push(body);
        intake.finish();
        let mut import = Import::new(intent);
        if intake.is_of_now() {
            import.settle();
        }
        Ok(Self { node, import, intake, batch: Vec::new(), bytes: 0 })
    }

    /// The next batch, prepared; everything that came out of the parcel is shown on its way.
    fn next(&mut self, look: &mut dyn FnMut(&Came)) -> Result<Option<Prepared>, Problem> {
        while self.batch.len() < BATCH_OBJECTS && self.bytes < BATCH_BYTES {
            let Some(came) = self.intake.next() else { break };
            look(&came);
            if let Came::Object { line, body } = came {
                self.bytes += body.len();
                self.batch.push(Submission { line, body });
            }
        }
        if self.batch.is_empty() {
            return Ok(None);
        }
        self.bytes = 0;
        let batch = std::mem::take(&mut self.batch);
        Ok(Some(self.import.prepare(self.node, batch)?))
    }
}

/// What would come of a parcel in this channel, if its person sent it now.
pub(super) fn check(
    node: &Node,
    caller: &Caller,
    channel: ChannelId,
    settings: &Settings,
    body: &[u8],
) -> Result<Check, Problem> {
    let mut carrier = Carrier::new(node, caller, channel, settings, body)?;
    let mut check = Check::default();
    // The objects' own names and values, for those that are shown: told on the way, since preparing packs them.
    let mut texts: BTreeMap<String, (String, String, Vec<String>)> = BTreeMap::new();
    while let Some(prepared) = carrier.next(&mut |came| check.look(came, &mut texts))? {
        check.foresee(&prepared);
    }
    let rest = carrier.import.finish(node)?;
    check.foresee(&rest);
    for seen in &mut check.objects {
        // By their ids: all objects of a MISP event or a bundle stand in one line.
        if let Some(told) = texts.get(&seen.id) {
            (seen.name, seen.object_type, seen.values) = told.clone();
        }
    }
    let said = said_format(settings);
    let found = carrier.intake.found();
    let format = said.or(found.map(|(format, _)| format)).unwrap_or(text::Format::Stix);
    check.format = name_of(format);
    check.is_unchecked = carrier.intake.is_of_now() && node.warninglists()?.lists().is_empty();
    check.reason = found.map(|(_, reason)| reason);
    if format == text::Format::Csv {
        let own = serde_json::from_str(&settings.mapping).ok();
        check.mapping = Some(own.unwrap_or_else(|| text::guess(body, None).mapping));
    }
    Ok(check)
}

fn said_format(settings: &Settings) -> Option<text::Format> {
    let format = (!settings.format.is_empty()).then_some(settings.format.as_str());
    crate::api::bulk::intake::format(format).ok().flatten()
}

impl Check {
    fn foresee(&mut self, prepared: &Prepared) {
        for forecast in prepared.forecast() {
            let label = match forecast.fate {
                Foreseen::Publish(label) | Foreseen::Wait(label) => Some(label),
                Foreseen::Refuse | Foreseen::Known => None,
            };
            *self.counts.entry(word(forecast.fate)).or_default() += 1;
            if let Foreseen::Publish(label) = forecast.fate {
                *self.labels.entry(label).or_default() += 1;
            }
            if self.objects.len() >= OBJECTS_SHOWN {
                self.objects_more += 1;
                continue;
            }
            self.objects.push(Seen {
                line: forecast.line,
                id: forecast.id.unwrap_or_default().to_owned(),
                name: String::new(),
                object_type: String::new(),
                values: Vec::new(),
                fate: word(forecast.fate),
                label,
                why: forecast.why.to_vec(),
            });
        }
    }

    fn look(&mut self, came: &Came, texts: &mut BTreeMap<String, (String, String, Vec<String>)>) {
        match came {
            Came::Lost(outcome) => {
                self.lost_count += 1;
                if let Fate::Refused(why) = &outcome.fate
                    && self.lost.len() < LOST_SHOWN
                {
                    self.lost.extend(why.iter().map(|why| (outcome.line, why.clone())));
                }
            }
            Came::NotCarried(loss) => {
                self.losses_count += 1;
                if self.losses.len() < LOST_SHOWN {
                    self.losses.push((loss.line, loss.text.clone()));
                }
            }
            Came::Object { line: _, body } => {
                let Ok(facts) = stix21::read(body) else { return };
                *self.types.entry(facts.object_type.clone()).or_default() += 1;
                if texts.len() < OBJECTS_SHOWN {
                    let values = facts.values.into_iter().take(8).map(|value| value.text).collect();
                    texts.insert(facts.id, (facts.name.unwrap_or_default(), facts.object_type, values));
                }
            }
        }
    }

    /// How many would be published.
    pub(super) fn leaving(&self) -> usize {
        self.counts.get("publish").copied().unwrap_or_default()
    }
}

/// Sends a parcel as its person, and says what came of it. A fault of the store leaves it where it is: it is tried again.
pub(super) fn send(node: &Node, caller: &Caller, parcel: &Parcel, body: &[u8]) -> Result<Act, Problem> {
    let Some(channel) = caller.channel(node, &parcel.settings.channel) else {
        let act = Act::new(Ending::Refused, Told::of("share-outcome-no-channel"));
        return Ok(act.then("/share", Told::of("share-outcome-again")));
    };
    let mut carrier = Carrier::new(node, caller, channel, &parcel.settings, body)?;
    let mut told = Tally::default();
    loop {
        let prepared = carrier.next(&mut |came| told.look(came))?;
        let Some(prepared) = prepared else { break };
        told.add(node.commit(Priority::Bulk, prepared)?);
    }
    let rest = carrier.import.finish(node)?;
    if rest.objects() > 0 {
        told.add(node.commit(Priority::Bulk, rest)?);
    }
    Ok(told.act())
}

/// What came of each object of a parcel.
#[derive(Default)]
struct Tally {
    shared: usize,
    known: usize,
    waiting: usize,
    refused: usize,
    lines: Vec<Line>,
}

// INVARIANT (see `act.rs`): ids made of values are as good as the values, so that lines are told by their numbers alone.
impl Tally {
    fn add(&mut self, outcomes: Vec<gotong_app::publish::Outcome>) {
        for outcome in outcomes {
            let about = outcome.line.to_string();
            let (ending, why, reason) = match outcome.fate {
                Fate::New(_) | Fate::Updated(_) => {
                    self.shared += 1;
                    (Ending::Done, "share-line-shared", None)
                }
                Fate::Known(_) => {
                    self.known += 1;
                    (Ending::Done, "share-line-known", None)
                }
                Fate::Quarantined(_, why) => {
                    self.waiting += 1;
                    (Ending::Waits, "share-line-waits", why.into_iter().next())
                }
                Fate::Refused(why) => {
                    self.refused += 1;
                    (Ending::Refused, "share-line-refused", why.into_iter().next())
                }
            };
            self.line(ending, about, why, reason);
        }
    }

    fn look(&mut self, came: &Came) {
        if let Came::Lost(outcome) = came {
            self.refused += 1;
            let reason = if let Fate::Refused(why) = &outcome.fate { why.first().cloned() } else { None };
            self.line(Ending::Refused, outcome.line.to_string(), "share-line-unread", reason);
        }
    }

    fn line(&mut self, ending: Ending, about: String, why: &str, reason: Option<Why>) {
        if self.lines.len() < LINES_MAX {
            // INVARIANT (see `act.rs`): a reason may quote a value, so only what a policy says is kept; what a format says stands on the check page.
            let reason = reason.filter(|reason| reason.clause.is_some());
            self.lines.push(Line::of(ending, about, Told::of(why)).because(reason));
        }
    }

    fn act(self) -> Act {
        let ending = match (self.shared + self.known, self.waiting, self.refused) {
            (0, 0, _) => Ending::Refused,
            (_, 0, 0) => Ending::Done,
            (0, _, 0) => Ending::Waits,
            _ => Ending::Partly,
        };
        let title = Told::of("share-outcome")
            .count("shared", self.shared)
            .count("known", self.known)
            .count("waiting", self.waiting)
            .count("refused", self.refused);
        let mut act = Act::new(ending, title);
        act.lines = self.lines;
        if self.shared > 0 {
            act = act.then("/intelligence", Told::of("share-outcome-look"));
        }
        if self.waiting > 0 {
            act = act.then("/waiting", Told::of("share-outcome-waiting"));
        }
        act.then("/share", Told::of("share-outcome-again"))
    }
}
