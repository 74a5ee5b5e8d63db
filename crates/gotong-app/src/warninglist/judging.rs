//! What warninglists say of an object that comes in, and of a value that goes out.
//!
//! Only indicators and observables are judged: a report that mentions a public resolver raises no alarm. Says, and does nothing.
//! Read next: `publish/work.rs`, which acts on it; `gotong_formats::warninglist::judge` for which rule counts.

use gotong_formats::stix21::{Facts, Family, ObservableValue, family};
use gotong_formats::warninglist::{Action, Finding, Moment, judge};
use gotong_model::ChannelId;

use super::Warninglists;
use crate::publish::Why;

/// Findings of one object that are told; the others are counted.
const TOLD_MAX: usize = 16;
/// Letters of a value, an entry or a name that are told.
const LETTERS_MAX: usize = 120;

/// What the lists say of an object.
#[derive(Default, Debug)]
pub(crate) struct Judged {
    /// Why it is blocked.
    pub(crate) blocks: Vec<Why>,
    /// What else to know of it.
    pub(crate) notes: Vec<Why>,
}

impl Warninglists {
    /// Judges an object's values at one or more moments that come together; the strictest counts.
    pub(crate) fn judge_object(&self, facts: &Facts, channel: &ChannelId, moments: &[Moment]) -> Judged {
        let mut told = Judged::default();
        if self.lists.is_empty() || moments.is_empty() || !is_judged(facts) {
            return told;
        }
        let (mut blocks_more, mut notes_more) = (0, 0);
        for value in &facts.values {
            for finding in self.findings(value, channel, moments) {
                let (list, more) = match finding.action {
                    Action::Block => (&mut told.blocks, &mut blocks_more),
                    Action::Inform => (&mut told.notes, &mut notes_more),
                };
                if list.len() < TOLD_MAX { list.push(why(value, &finding)) } else { *more += 1 }
            }
        }
        for (list, more) in [(&mut told.blocks, blocks_more), (&mut told.notes, notes_more)] {
            if more > 0 {
                list.push(Why::plain("warninglist.more", format!("{more} more hits on warninglists")));
            }
        }
        told
    }

    /// The name of a list that blocks this value on export, if one does.
    pub fn blocks_export(&self, value: &ObservableValue, channel: &ChannelId) -> Option<String> {
        let findings = self.findings(value, channel, &[Moment::Export]);
        findings.into_iter().find(|finding| finding.action == Action::Block).map(|finding| finding.list)
    }

    /// Every hit of a value that a rule is about; of each list the strictest.
    fn findings(&self, value: &ObservableValue, channel: &ChannelId, moments: &[Moment]) -> Vec<Finding> {
        let mut found: Vec<Finding> = Vec::new();
        for hit in self.matcher.hits(value.kind, &value.text) {
            let Some(list) = self.lists.get(usize::from(hit.list)) else { continue };
            let at = |on: &Moment| judge(&list.rules, &self.matcher, std::slice::from_ref(&hit), channel, *on).findings;
            found.extend(moments.iter().flat_map(at).max_by_key(|finding| finding.action));
        }
        found
    }
}

fn is_judged(facts: &Facts) -> bool {
    !facts.values.is_empty() && (facts.object_type == "indicator" || family(&facts.object_type) == Family::Observable)
}

fn why(value: &ObservableValue, finding: &Finding) -> Why {
    let (value, list, entry) = (short(&value.text), short(&finding.list), short(&finding.entry));
    let entry = if entry == value { String::new() } else { format!(" (entry {entry})") };
    match finding.action {
        Action::Block => {
            Why::plain("warninglist.block", format!("{value} is on the warninglist {list:?}{entry}, which blocks here"))
        }
        Action::Inform => Why::plain("warninglist.inform", format!("{value} is on the warninglist {list:?}{entry}")),
    }
}

fn short(text: &str) -> String {
    let mut letters = text.chars();
    let mut short: String = letters.by_ref().take(LETTERS_MAX).collect();
    if letters.next().is_some() {
        short.push('…');
    }
    short
}
