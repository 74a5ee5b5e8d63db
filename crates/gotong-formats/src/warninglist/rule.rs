//! What a hit means: rules say for a list, a channel and a moment whether to block or to inform.
//!
//! A rule for one channel stands before a rule for all; between equals, blocking wins. A list that no rule names at that
//! moment is not in use there. Pure: what is done about a verdict is the caller's. Read next: `matcher.rs`.

use super::matcher::{Hit, Matcher};
use gotong_model::ChannelId;

/// What is to be done about a value that is on a list. Blocking is the stricter.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Action {
    /// Say so, and go on.
    Inform,
    /// Do not go on.
    Block,
}

/// When values are checked.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Moment {
    /// Objects come from a file or another tool.
    Import,
    /// Objects go into a channel.
    Publish,
    /// Values go to a tool that acts on them.
    Export,
}

/// One rule.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rule {
    /// The list's name.
    pub list: String,
    /// The channel; `None`: all.
    pub channel: Option<ChannelId>,
    /// What is to be done.
    pub action: Action,
    /// When.
    pub on: Moment,
}

/// One hit that a rule is about.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// The list's name.
    pub list: String,
    /// Its entry.
    pub entry: String,
    /// What is to be done.
    pub action: Action,
}

/// What the rules come to for one value.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Verdict {
    /// The strictest action; `None`: no rule is about any hit.
    pub action: Option<Action>,
    /// Every hit that a rule is about.
    pub findings: Vec<Finding>,
}

/// Judges the hits of one value in one channel at one moment.
pub fn judge(rules: &[Rule], matcher: &Matcher, hits: &[Hit], channel: &ChannelId, on: Moment) -> Verdict {
    let mut verdict = Verdict::default();
    for hit in hits {
        let Some(list) = matcher.list(hit.list) else { continue };
        let about = |rule: &&Rule| rule.on == on && rule.list == list.name;
        let own = rules.iter().filter(about).filter(|rule| rule.channel.as_ref() == Some(channel));
        let general = rules.iter().filter(about).filter(|rule| rule.channel.is_none());
        let strictest = |action: Option<Action>, rule: &Rule| action.max(Some(rule.action));
        let Some(action) = own.fold(None, strictest).or_else(|| general.fold(None, strictest)) else { continue };
        verdict.action = verdict.action.max(Some(action));
        verdict.findings.push(Finding { list: list.name.clone(), entry: hit.entry.clone(), action });
    }
    verdict
}
