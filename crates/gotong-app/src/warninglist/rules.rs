//! Rules about warninglists: for a list or all, in a channel or all, at a moment: block, inform, or nothing.
//!
//! They stand in the list's own row, so that replacing a list keeps them and removing it takes them away. A change needs no compiling.
//! Read next: `keep.rs`; `gotong_formats::warninglist::judge` for which of several rules counts.

use std::sync::{Arc, PoisonError};

use gotong_formats::warninglist::{Action, Moment, Rule};
use gotong_model::ChannelId;

use super::Warninglists;
use super::keep::{self, Row};
use super::words::{action_word, moment_word};
use crate::caller::Caller;
use crate::gate::Priority;
use crate::node::{Node, NodeFault};
use crate::publish::{Why, note_act};

/// Every moment, in the order in which people read of them.
pub const MOMENTS: [Moment; 3] = [Moment::Import, Moment::Publish, Moment::Export];
/// Rules of one list.
const RULES_MAX: usize = 1_000;

/// What is to hold from now on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RuleChange {
    /// The list's name; `None`: every list that is here.
    pub list: Option<String>,
    /// The channel; `None`: all channels that have no rule of their own.
    pub channel: Option<ChannelId>,
    /// When.
    pub on: Vec<Moment>,
    /// What is to be done; `None`: the rule is taken away.
    pub action: Option<Action>,
}

/// The rules of a list that nobody has said anything about: it informs everywhere and blocks nothing.
pub(super) fn initial(list: &str) -> Vec<Rule> {
    let rule = |on| Rule { list: list.to_owned(), channel: None, action: Action::Inform, on };
    MOMENTS.into_iter().map(rule).collect()
}

/// Sets or takes away rules, all or none; answers how many lists that changed.
pub fn set_rules(node: &Node, caller: &Caller, change: &RuleChange) -> Result<Result<usize, Why>, NodeFault> {
    let current = node.warninglists()?;
    let _turn = node.shelf.changing.lock().unwrap_or_else(PoisonError::into_inner);
    let changed = node.transact(Priority::People, |writing| {
        let mut rows = keep::rows(writing.tx.as_ref())?;
        if let Some(name) = &change.list {
            rows.retain(|row| row.name == *name);
            if rows.is_empty() {
                let text = format!("there is no warninglist {name:?} here");
                return Ok(Err(Why { pointer: Some("/list".to_owned()), ..Why::plain("warninglist.unknown", text) }));
            }
        }
        let mut changed: Vec<(String, Vec<Rule>)> = Vec::new();
        for mut row in rows {
            let before = row.rules()?;
            let after = applied(&row, &before, change);
            if after.len() > RULES_MAX {
                let text = format!("the list {:?} would have more than {RULES_MAX} rules", row.name);
                return Ok(Err(Why::plain("warninglist.rules", text)));
            }
            if after != before {
                row.set_rules(&after);
                keep::put_row(writing.tx.as_mut(), &row)?;
                changed.push((row.name, after));
            }
        }
        let channel = change.channel.as_ref().map(ToString::to_string);
        let on: Vec<&str> = change.on.iter().map(|on| moment_word(*on)).collect();
        let action = change.action.map_or("none", action_word);
        let what = serde_json::json!({"list": change.list, "channel": channel, "on": on, "action": action, "changed": changed.len()});
        note_act(writing, node.now(), &caller.id, "warninglist-rule", &what)?;
        Ok(Ok(changed))
    })?;
    let changed = match changed {
        Ok(changed) => changed,
        Err(why) => return Ok(Err(why)),
    };
    // What was compiled meanwhile by somebody else counts, not what was current above.
    let current = node.shelf.known().unwrap_or(current);
    let mut lists = current.lists.clone();
    for list in &mut lists {
        if let Some((_, rules)) = changed.iter().find(|(name, _)| *name == list.name) {
            list.rules.clone_from(rules);
        }
    }
    let (matcher, troubles) = (Arc::clone(&current.matcher), Arc::clone(&current.troubles));
    node.shelf.put(Some(Arc::new(Warninglists { matcher, lists, troubles })));
    Ok(Ok(changed.len()))
}

fn applied(row: &Row, before: &[Rule], change: &RuleChange) -> Vec<Rule> {
    let is_meant = |rule: &Rule| rule.channel == change.channel && change.on.contains(&rule.on);
    let mut rules: Vec<Rule> = before.iter().filter(|rule| !is_meant(rule)).cloned().collect();
    if let Some(action) = change.action {
        let on = MOMENTS.into_iter().filter(|on| change.on.contains(on));
        rules.extend(on.map(|on| Rule { list: row.name.clone(), channel: change.channel, action, on }));
    }
    // One order, so that the same rules are the same text.
    let place = |rule: &Rule| (rule.channel.map(|channel| channel.to_string()), moment_word(rule.on));
    rules.sort_by_key(place);
    rules
}
