//! Out: records in the formats of defenders' tools, as streams that are written while the records come.
//!
//! A [`Writer`] is told the [`Header`] and each [`Item`], and gives bytes. It refuses by itself what must not be in an export: what is stricter
//! than the header's label, revoked, expired, not yet valid, a combination, or harmless to everyone else ([`Reason`]). Nothing is left out
//! uncounted ([`Summary`]). Pure: the caller decides who may see what, and sends the bytes. Read next: `out/block.rs`, then a format.

mod block;
mod csv;
mod ecs;
mod form;
mod format;
mod item;
mod lists;
mod never;
mod reason;
mod rpz;
mod rules;
mod target;
mod text;
mod zeek;

use std::collections::{BTreeMap, BTreeSet};

use gotong_model::Tlp;
use uuid::Uuid;

use crate::draft::Loss;
use crate::stix21::{BundleWriter, ObservableValue, ValueKind, mark_copy};
pub use block::block_values;
use block::{BlockValue, Service};
pub use csv::{COLUMNS as CSV_COLUMNS, row as csv_row};
use form::{Entry, Form};
pub use format::Format;
use item::Details;
pub use item::{Header, Item, Options, Policy, ZoneName};
pub use reason::Reason;
pub use target::HashKind;
use target::Target;

/// Losses that are kept with their words; all are counted.
const LOSSES_KEPT_MAX: usize = 100;
/// Values that are remembered so that none comes twice; beyond them some may, which every format bears.
const VALUES_REMEMBERED_MAX: usize = 2_000_000;
/// Under which values are remembered.
const VALUES: Uuid = Uuid::from_u128(0x1d8c_94a6_0b3e_4f57_8a21_5fd0_c3b7_6e9a);

/// What became of the records.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Summary {
    /// Records that were pushed.
    pub records: u64,
    /// Values, rows or objects that were written.
    pub values: u64,
    /// The strictest label among what was written.
    pub strictest: Option<Tlp>,
    /// How many records or values were left out for each reason.
    pub left_out: BTreeMap<Reason, u64>,
    /// The first of them, in words.
    pub losses: Vec<Loss>,
}

/// An export in the making.
pub struct Writer {
    format: Format,
    header: Header,
    options: Options,
    form: Option<Box<dyn Form>>,
    bundle: Option<BundleWriter>,
    out: String,
    told: BTreeSet<Uuid>,
    /// Where the export is fetched from and leads to: whoever blocked that would never hear of a withdrawal.
    own: Vec<Target>,
    summary: Summary,
}

/// Why a value is not listed, and in which list of good values it stands, where it does.
struct Refusal {
    reason: Reason,
    list: String,
}

impl From<Reason> for Refusal {
    fn from(reason: Reason) -> Self {
        Self { reason, list: String::new() }
    }
}

/// Says in which list a value is known to be good, where it is.
pub type Allow<'a> = &'a dyn Fn(&ObservableValue) -> Option<String>;

impl Writer {
    /// Begins an export and writes its head.
    pub fn start(format: Format, header: Header, options: Options) -> Self {
        let (mut out, mut form) = (String::new(), form::of(&format));
        if let Some(form) = &mut form {
            form.head(&mut out, format.title(), &header, &options);
        }
        if format == Format::Csv {
            csv::row(&csv::COLUMNS, &mut out);
        }
        let own = own(&header, &options);
        let bundle = if let Format::StixBundle { uuid } = &format { Some(BundleWriter::start(*uuid)) } else { None };
        Self { format, header, options, form, bundle, out, told: BTreeSet::new(), own, summary: Summary::default() }
    }

    /// Adds a record, as far as the format may carry it.
    pub fn push(&mut self, item: &Item<'_>, allow: Allow<'_>) {
        self.summary.records += 1;
        if item.label > self.header.label_max {
            return self.lose(item, "", Reason::Label);
        }
        if self.form.is_some() {
            return self.values(item, allow);
        }
        if self.format == Format::Csv {
            return self.rows(item, allow);
        }
        let copy = mark_copy(item.body, item.label);
        if let Some(bundle) = &mut self.bundle {
            bundle.object(&copy);
        } else {
            // In JSON a line end stands only between tokens, where a space says the same.
            let text = String::from_utf8_lossy(&copy);
            self.out.extend(text.chars().map(|letter| if matches!(letter, '\n' | '\r') { ' ' } else { letter }));
            self.out.push('\n');
        }
        self.wrote(item);
    }

    /// What is written so far and not yet taken, to be sent on while the export grows.
    #[must_use]
    pub fn take(&mut self) -> Vec<u8> {
        match &mut self.bundle {
            Some(bundle) => bundle.take(),
            None => std::mem::take(&mut self.out).into_bytes(),
        }
    }

    /// How many bytes wait to be taken, except of a bundle.
    pub fn waiting_bytes(&self) -> usize {
        self.out.len()
    }

    /// Ends the export: the bytes not yet taken, and what became of the records.
    #[must_use]
    pub fn finish(mut self) -> (Vec<u8>, Summary) {
        if let Some(bundle) = self.bundle.take() {
            return (bundle.finish(), self.summary);
        }
        if let Some(form) = &mut self.form {
            form.end(&mut self.out, &self.summary);
        }
        (self.out.into_bytes(), self.summary)
    }

    /// Whether the record's time or word excludes it from everything but STIX, which carries both itself.
    fn over(&self, item: &Item<'_>, details: &Details) -> Option<Reason> {
        let now = self.header.made_at;
        if item.facts.revoked {
            Some(Reason::Revoked)
        } else if item.facts.valid_until.is_some_and(|until| until <= now) {
            Some(Reason::Expired)
        } else if details.valid_from().is_some_and(|from| from > now) {
            Some(Reason::NotYetValid)
        } else {
            None
        }
    }

    /// The values of a record that each stand for what it warns of.
    fn meant(&self, item: &Item<'_>, details: &Details) -> Result<Vec<BlockValue>, Reason> {
        let least = self.options.confidence_min;
        if least > 0 && details.confidence.is_none_or(|confidence| confidence < least) {
            return Err(Reason::Confidence);
        }
        // `Clear` and `Green` permit to act; whoever said nothing restricted nothing (PAP).
        let is_bound = item.pap.is_some_and(|pap| pap > gotong_model::Pap::Green);
        if is_bound && self.format.acts(&self.options) {
            return Err(Reason::Pap);
        }
        if item.facts.object_type != "indicator" {
            return if self.options.observables {
                block::observable_values(item.facts)
            } else {
                Err(Reason::NotIndicator)
            };
        }
        if details.indicator_types.iter().any(|kind| kind == "benign") {
            return Err(Reason::Benign);
        }
        match (&details.pattern, &details.pattern_type) {
            (Some(pattern), Some(language)) => block_values(pattern, language),
            _ => Err(Reason::NoValues),
        }
    }

    /// A value that may be listed, as what it is.
    fn listed(&self, found: &BlockValue, allow: Allow<'_>) -> Result<Target, Refusal> {
        // The address alone would stand for all else that it serves.
        if found.service.is_some() && !self.format.says_ports() {
            return Err(Reason::Composite.into());
        }
        let target = Target::of(&found.value, found.is_of_certificate)?;
        if let Some(reason) = never::reason(&target) {
            return Err(reason.into());
        }
        if self.own.iter().any(|own| target.covers(own)) {
            return Err(Reason::Own.into());
        }
        match allow(&found.value) {
            Some(list) => Err(Refusal { reason: Reason::Allowed, list }),
            None => Ok(target),
        }
    }

    fn values(&mut self, item: &Item<'_>, allow: Allow<'_>) {
        let details = Details::of(item.body);
        let meant = match self.over(item, &details) {
            Some(reason) => Err(reason),
            None => self.meant(item, &details),
        };
        let meant = match meant {
            Ok(meant) => meant,
            Err(reason) => return self.lose(item, "", reason),
        };
        for found in &meant {
            match self.listed(found, allow) {
                Ok(target) => {
                    let host = if self.options.url_hosts { target.host() } else { None };
                    self.value(item, &details, &target, found.service);
                    if let Some(host) = host {
                        self.host(item, &details, &host, allow);
                    }
                }
                Err(reason) => self.lose(item, &found.value.text, reason),
            }
        }
    }

    /// The host of a listed URL goes through the same gates as a name that a record lists.
    fn host(&mut self, item: &Item<'_>, details: &Details, host: &Target, allow: Allow<'_>) {
        let value = ObservableValue { kind: host.value_kind(), text: host.text() };
        match self.listed(&BlockValue { value, is_of_certificate: false, service: None }, allow) {
            Ok(host) => self.value(item, details, &host, None),
            Err(reason) => self.lose(item, &host.text(), reason),
        }
    }

    fn value(&mut self, item: &Item<'_>, details: &Details, target: &Target, service: Option<Service>) {
        let text = match service {
            Some(Service { port, protocol }) => format!("{} {} {port}", target.text(), protocol.unwrap_or("any")),
            None => target.text(),
        };
        if !self.options.takes(target.kind()) {
            return;
        }
        // A store of logs follows each record; other tools take a value once.
        let record = if self.format == Format::Ecs { item.facts.id.as_str() } else { "" };
        let name = Uuid::new_v5(&VALUES, format!("{} {record} {text}", target.kind()).as_bytes());
        if self.told.contains(&name) {
            return;
        }
        let Some(form) = &mut self.form else { return };
        let entry = Entry { item, details, target, service, text: &text };
        match form.value(&mut self.out, &entry, &self.header, &self.options) {
            Ok(()) => {
                if self.told.len() < VALUES_REMEMBERED_MAX {
                    self.told.insert(name);
                }
                self.wrote(item);
            }
            Err(reason) => self.lose(item, &text, reason),
        }
    }

    fn rows(&mut self, item: &Item<'_>, allow: Allow<'_>) {
        let details = Details::of(item.body);
        if let Some(reason) = self.over(item, &details) {
            return self.lose(item, "", reason);
        }
        let meant = self.meant(item, &details);
        if item.facts.values.is_empty() {
            return self.row(item, &details, ("", ""), "");
        }
        for value in &item.facts.values {
            let found = meant.as_ref().map(|meant| meant.iter().find(|found| found.value == *value));
            let found = match found {
                Ok(Some(found)) => self.listed(found, allow),
                Ok(None) => Err(Reason::NotCarried.into()),
                Err(reason) => Err((*reason).into()),
            };
            let block = found.as_ref().err().map_or("yes", |refusal| refusal.reason.code());
            let kind = match &found {
                Ok(target) => target.kind(),
                Err(_) => value.kind.as_str(),
            };
            if self.options.takes(kind) {
                self.row(item, &details, (&value.text, kind), block);
            }
        }
    }

    fn row(&mut self, item: &Item<'_>, details: &Details, (text, kind): (&str, &str), block: &str) {
        let confidence = details.confidence.map_or(String::new(), |number| number.to_string());
        let from = details.valid_from().map_or(String::new(), |from| from.to_string());
        let until = item.facts.valid_until.map_or(String::new(), |until| until.to_string());
        let published = item.published_at.to_string();
        let cells = [
            text,
            kind,
            block,
            item.label.as_str(),
            &item.facts.id,
            &item.facts.object_type,
            item.facts.name.as_deref().unwrap_or_default(),
            &confidence,
            &from,
            &until,
            item.author,
            item.channel,
            &published,
            item.pap.map_or("", gotong_model::Pap::as_str),
            if self.header.is_exercise { "yes" } else { "no" },
        ];
        csv::row(&cells, &mut self.out);
        self.wrote(item);
    }

    fn wrote(&mut self, item: &Item<'_>) {
        self.summary.values += 1;
        self.summary.strictest = self.summary.strictest.max(Some(item.label));
    }

    fn lose(&mut self, item: &Item<'_>, value: &str, refusal: impl Into<Refusal>) {
        let Refusal { reason, list } = refusal.into();
        *self.summary.left_out.entry(reason).or_insert(0) += 1;
        if self.summary.losses.len() < LOSSES_KEPT_MAX {
            let value = text::visible(value, "", 200);
            let what = if value.is_empty() { String::new() } else { format!("{value} ") };
            let list = if list.is_empty() { list } else { format!(": {}", text::visible(&list, "", 200)) };
            let text = format!("{what}left out: {reason}{list}");
            let line = self.summary.records;
            self.summary.losses.push(Loss { line, place: item.facts.id.clone(), code: reason.code(), text });
        }
    }
}

/// The host of the address of the export, and the walled garden.
fn own(header: &Header, options: &Options) -> Vec<Target> {
    let address = ObservableValue { kind: ValueKind::Url, text: header.fetch.clone() };
    let host = Target::of(&address, false).ok().and_then(|address| address.host());
    let garden = match &options.policy {
        Policy::Garden(name) => Some(Target::Domain(name.as_str().to_owned())),
        Policy::NxDomain | Policy::NoData | Policy::PassThru => None,
    };
    host.into_iter().chain(garden).collect()
}
