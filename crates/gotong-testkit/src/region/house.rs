//! One member's house rule: its constituents publish into channels of their own, and are shown what the rule and the agreements give them and nothing else.
//!
//! The rule stays as it is through a run; what agreements let go on to constituents changes with their documents.

use std::collections::BTreeSet;

use gotong_app::caller::Caller;
use gotong_app::view::{self, Place, Query};
use gotong_app::{organisation, rows};
use gotong_model::{ChannelId, MemberCode, Slug, Tlp};

use super::{Region, start_of_time};
use crate::breakage::Breakage;
use crate::law::Verdict;
use crate::oracle::{ChannelModel, Opened, Violation, broken};

/// The organisations and their classes.
pub const ORGANISATIONS: [(&str, &str); 3] = [("bank-a", "bank"), ("bank-b", "bank"), ("isp-a", "isp")];
/// The class that is given something.
const GIVEN: &str = "bank";

/// Rows of a list: channel, author and place, as the organisation is told it.
type Rows = BTreeSet<(ChannelId, MemberCode, Place)>;

/// Somebody of an organisation.
fn of(code: &str) -> Caller {
    Caller { id: format!("of {code}"), constituent: Some(slug(code)), ..Caller::operator() }
}

fn slug(text: &str) -> Slug {
    Slug::from_text(text).expect("a slug")
}

impl Region {
    /// One member takes in its rule and registers its organisations.
    pub(super) fn found_house(&mut self) {
        let member = self.dice.below(self.nodes.len());
        let keys = &self.founding.members[member];
        let rule = self.founding.house_rule(member, &["bank", "isp"], start_of_time());
        let note = rule.sign(&self.founding.region, &keys.code, &keys.root);
        let node = self.nodes[member].node.as_ref().expect("a node that has just begun");
        node.adopt(note.as_bytes()).expect("a house rule");
        let new = ORGANISATIONS.map(|(code, class)| (slug(code), code.to_owned(), slug(class)));
        let put = organisation::put(node, &Caller::operator(), &new).expect("a register that can be written");
        put.expect("organisations of the rule's classes");
        let governance = node.governance();
        let id =
            |name: &str| governance.channel_by_name(name).map(|channel| channel.id).expect("a channel of the house");
        let mut channels = vec![(id("house/notices"), "notices", None)];
        for (place, (code, _)) in ORGANISATIONS.iter().enumerate() {
            channels.push((id(&format!("house/reports/{code}")), "reports", Some(place)));
        }
        for (id, name, organisation) in channels {
            let opened = Opened::House { member, organisation };
            self.oracle.channels.push(ChannelModel { id, opened, name });
        }
    }

    /// Who publishes in a channel: in an organisation's own that organisation, elsewhere the member's staff.
    pub(crate) fn publisher(&self, channel: usize) -> Option<Slug> {
        match self.oracle.channels[channel].opened {
            Opened::House { organisation: Some(place), .. } => Some(slug(ORGANISATIONS[place].0)),
            Opened::House { .. } | Opened::Agreement(_) => None,
        }
    }

    /// The organisations of a member look at their lists.
    pub(crate) fn look_around(&mut self, at: usize) -> Result<(), Violation> {
        if self.judged(at)? {
            self.check_lists(at)?;
        }
        Ok(())
    }

    /// [`Self::look_around`] at every node.
    pub(crate) fn check_constituents(&mut self) -> Result<(), Violation> {
        for at in 0..self.nodes.len() {
            self.check_lists(at)?;
        }
        Ok(())
    }

    fn check_lists(&mut self, at: usize) -> Result<(), Violation> {
        let is_house = |channel: &ChannelModel| matches!(channel.opened, Opened::House { member, .. } if member == at);
        if !self.oracle.channels.iter().any(is_house) || self.nodes[at].node.is_none() {
            return Ok(());
        }
        let tx = self.nodes[at].store.look();
        let projected = rows::number(tx.as_ref(), "projector/objects").ok();
        if projected.is_none() || projected != rows::head(tx.as_ref()).ok() {
            return Ok(());
        }
        drop(tx);
        for (place, (code, _)) in ORGANISATIONS.iter().enumerate() {
            let (expected, open) = self.given(at, place);
            let shown = self.listed(at, place)?;
            let Some(shown) = shown else { return Ok(()) };
            let shown = &shown - &open;
            // What waits for the checkpoint file is not released yet; in the end nothing waits.
            let expected = if self.calm { &expected - &open } else { &(&expected - &open) & &shown };
            if shown != expected {
                let extra: Vec<_> = shown.difference(&expected).take(3).collect();
                let missing: Vec<_> = expected.difference(&shown).take(3).collect();
                return broken(
                    if extra.is_empty() { "5" } else { "1" },
                    format!("{code} of {} is shown {extra:?} beyond its own and not {missing:?}", self.name(at)),
                );
            }
        }
        self.note("lists", || at.to_string());
        Ok(())
    }

    /// What an organisation is to be shown, by the judge; and what is withdrawn by an author whose tombstone has not come: the body may be here or not.
    fn given(&self, at: usize, place: usize) -> (Rows, Rows) {
        let now = self.now_of(at);
        let (mut all, mut open) = (BTreeSet::new(), BTreeSet::new());
        if !self.oracle.in_force(at).is_member(&self.oracle.law, at, now) {
            return (all, open);
        }
        let Some(node) = self.nodes[at].node.as_ref() else { return (all, open) };
        let caller = of(ORGANISATIONS[place].0);
        let is_given = ORGANISATIONS[place].1 == GIVEN;
        for ((author, channel), log) in &self.oracle.logs {
            let model = &self.oracle.channels[*channel];
            let most = match model.opened {
                Opened::House { member, .. } if member != at => None,
                Opened::House { organisation: Some(owner), .. } => (owner == place).then_some(Tlp::Red),
                Opened::House { organisation: None, .. } => is_given.then_some(Tlp::Amber),
                Opened::Agreement(agreement) => {
                    let goes_on = self.oracle.in_force(at).goes_on(&self.oracle.law, (agreement, model.name), at, now);
                    (is_given && goes_on).then_some(Tlp::Green)
                }
            };
            let Some(most) = most else { continue };
            let row = rows::log_by_id(self.nodes[at].store.look().as_ref(), &log.id).ok().flatten();
            let size = row.map_or(0, |row| row.size());
            let origin = log.id.origin(&self.founding.region).to_string().into();
            for (index, record) in log.showing(size) {
                let shows = self.oracle.verdict(at, (*author, *channel), record) == Verdict::Admit;
                let row = (model.id, self.nodes[*author].code.clone(), Place::told(node, &caller, &origin, index));
                if record.withdrawn.is_some() && *author != at {
                    open.insert(row);
                } else if shows && record.label(size) <= most {
                    all.insert(row);
                }
            }
        }
        (all, open)
    }

    /// What it is shown; `None` where the machine failed.
    fn listed(&mut self, at: usize, place: usize) -> Result<Option<Rows>, Violation> {
        let mut callers = vec![ORGANISATIONS[place].0];
        if self.breakage == Some(Breakage::ListsAllOwn) {
            callers.push(ORGANISATIONS[(place + 1) % ORGANISATIONS.len()].0);
        }
        let mut all = BTreeSet::new();
        for code in callers {
            let caller = of(code);
            let mut after = None;
            loop {
                let Some(node) = self.nodes[at].node.as_ref() else { return Ok(None) };
                let page = match view::list(node, &caller, &Query { after: after.clone(), ..Query::default() }) {
                    Ok(page) => page,
                    Err(fault) => {
                        let machine = &mut self.nodes[at];
                        if machine.disk.take_fired() || machine.disk.is_dead() {
                            return Ok(None);
                        }
                        return broken("2", format!("a list fails for no reason of its machine: {fault:?}"));
                    }
                };
                all.extend(page.rows.iter().map(|row| (row.channel, row.author.clone(), row.place.clone())));
                if page.next.is_none() {
                    break;
                }
                after = page.next;
            }
        }
        Ok(Some(all))
    }
}
