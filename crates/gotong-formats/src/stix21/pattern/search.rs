//! Finds different observations for the square brackets of a pattern such that its operators and qualifiers hold.
//!
//! A search with backtracking over lists that are kept here, without recursion: goals that are still to be reached,
//! scopes of time that are open, and the choices to come back to. An observation that breaks an open scope is never
//! picked, so spans of time cut the search short. Every step counts as work. Read next: `evaluate.rs`.

use super::evaluate::{Unanswered, Work};
use super::literal::Instant;
use super::observation::Observation;
use super::{Node, NodeKind};

/// The end of a list.
const NONE: usize = usize::MAX;
/// What a step of the search costs: each may leave something in the lists, so this bounds their memory too.
const STEP_WORK: usize = 16;

#[derive(Clone, Copy)]
enum Goal {
    /// Find observations for a node.
    Solve(usize),
    /// Find them so many times more; of one pair of brackets, from that candidate on.
    Repeat { node: usize, left: u32, from: usize },
    /// Find them for the right side of FOLLOWEDBY, whose left side has the picks from there on.
    Then { node: usize, picks: usize },
    /// Back to the scopes that were open before.
    Leave(usize),
}

/// What every pick must keep to while it is open.
#[derive(Clone, Copy)]
enum Scope {
    /// All picks from there on within a length of time.
    Within { picks: usize, length: Instant },
    /// From an instant until before another.
    Window { start: Instant, stop: Instant },
    /// Not over before an instant.
    After(Instant),
}

#[derive(Clone, Copy)]
enum Resume {
    /// The other side of OR.
    Solve(usize),
    /// The next candidate.
    Pick { node: usize, from: usize, left: u32 },
}

struct Choice {
    resume: Resume,
    goals: usize,
    scopes: usize,
    picks: usize,
    goal_list: usize,
    scope_list: usize,
}

pub(super) struct Search<'s, 'a> {
    nodes: &'s [Node],
    /// For each pair of square brackets the observations in which it holds.
    found: Vec<Vec<usize>>,
    observations: &'s [Observation<'a>],
    /// How often each observation is picked.
    used: Vec<u32>,
    picks: Vec<usize>,
    /// Lists as they are linked; what was added since a choice goes when it is come back to.
    goal_list: Vec<(Goal, usize)>,
    scope_list: Vec<(Scope, usize)>,
    goals: usize,
    scopes: usize,
    choices: Vec<Choice>,
}

impl<'s, 'a> Search<'s, 'a> {
    pub(super) fn new(nodes: &'s [Node], found: Vec<Vec<usize>>, observations: &'s [Observation<'a>]) -> Self {
        Self {
            nodes,
            found,
            observations,
            used: vec![0; observations.len()],
            picks: Vec::new(),
            goal_list: Vec::new(),
            scope_list: Vec::new(),
            goals: NONE,
            scopes: NONE,
            choices: Vec::new(),
        }
    }

    pub(super) fn run(mut self, work: &mut Work) -> Result<bool, Unanswered> {
        self.add(Goal::Solve(self.nodes.len().saturating_sub(1)));
        loop {
            work.spend(STEP_WORK)?;
            let Some((goal, next)) = self.goal_list.get(self.goals).copied() else { return Ok(true) };
            self.goals = next;
            let alive = match goal {
                Goal::Solve(node) => self.solve(node, work)?,
                Goal::Repeat { node, left, from } => self.repeat(node, left, from, work)?,
                Goal::Then { node, picks } => {
                    self.then(node, picks);
                    true
                }
                Goal::Leave(scopes) => {
                    self.scopes = scopes;
                    true
                }
            };
            if !alive && !self.come_back(work)? {
                return Ok(false);
            }
        }
    }

    fn add(&mut self, goal: Goal) {
        self.goal_list.push((goal, self.goals));
        self.goals = self.goal_list.len() - 1;
    }

    /// Opens a scope for `node` alone.
    fn enter(&mut self, scope: Scope, node: usize) {
        self.add(Goal::Leave(self.scopes));
        self.scope_list.push((scope, self.scopes));
        self.scopes = self.scope_list.len() - 1;
        self.add(Goal::Solve(node));
    }

    fn choose(&mut self, resume: Resume) {
        self.choices.push(Choice {
            resume,
            goals: self.goals,
            scopes: self.scopes,
            picks: self.picks.len(),
            goal_list: self.goal_list.len(),
            scope_list: self.scope_list.len(),
        });
    }

    /// Goes back to the last choice that has something left; `false` where there is none.
    fn come_back(&mut self, work: &mut Work) -> Result<bool, Unanswered> {
        while let Some(choice) = self.choices.pop() {
            self.goals = choice.goals;
            self.scopes = choice.scopes;
            self.goal_list.truncate(choice.goal_list);
            self.scope_list.truncate(choice.scope_list);
            for pick in self.picks.drain(choice.picks.min(self.picks.len())..) {
                if let Some(used) = self.used.get_mut(pick) {
                    *used = used.saturating_sub(1);
                }
            }
            match choice.resume {
                Resume::Solve(node) => {
                    self.add(Goal::Solve(node));
                    return Ok(true);
                }
                Resume::Pick { node, from, left } => {
                    if self.pick(node, from, left, work)? {
                        return Ok(true);
                    }
                }
            }
        }
        Ok(false)
    }

    fn solve(&mut self, at: usize, work: &mut Work) -> Result<bool, Unanswered> {
        let Some(node) = self.nodes.get(at) else { return Ok(false) };
        let right = at.wrapping_sub(1);
        let left = || right.wrapping_sub(self.nodes.get(right).map_or(0, |node| node.size as usize));
        match node.kind {
            NodeKind::Observation => return self.pick(at, 0, 0, work),
            NodeKind::BothObserved => {
                let left = left();
                self.add(Goal::Solve(right));
                self.add(Goal::Solve(left));
            }
            NodeKind::EitherObserved => {
                let left = left();
                self.choose(Resume::Solve(right));
                self.add(Goal::Solve(left));
            }
            NodeKind::FollowedBy => {
                let left = left();
                self.add(Goal::Then { node: right, picks: self.picks.len() });
                self.add(Goal::Solve(left));
            }
            NodeKind::Within(length) => self.enter(Scope::Within { picks: self.picks.len(), length }, right),
            NodeKind::Window { start: Some(start), stop: Some(stop) } if start < stop => {
                self.enter(Scope::Window { start, stop }, right);
            }
            NodeKind::Repeats(times) if times > 0 => {
                return self.repeat(right, times, 0, work);
            }
            // No event is in an empty span of time, nothing repeats no times, and comparisons stand in brackets.
            NodeKind::Window { .. } | NodeKind::Repeats(_) | NodeKind::Comparison(_) | NodeKind::And | NodeKind::Or => {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn then(&mut self, node: usize, picks: usize) {
        let firsts = self.picks.iter().skip(picks).filter_map(|pick| self.observations.get(*pick)).map(|one| one.first);
        match firsts.max() {
            Some(latest) => self.enter(Scope::After(latest), node),
            None => self.add(Goal::Solve(node)),
        }
    }

    fn repeat(&mut self, node: usize, left: u32, from: usize, work: &mut Work) -> Result<bool, Unanswered> {
        if left == 0 {
            return Ok(true);
        }
        if self.nodes.get(node).map(|node| node.kind) != Some(NodeKind::Observation) {
            self.add(Goal::Repeat { node, left: left - 1, from: 0 });
            self.add(Goal::Solve(node));
            return Ok(true);
        }
        // Which of them comes first is the same thing, so candidates are taken in their order alone.
        let candidates = self.found.get(node).and_then(|found| found.get(from..)).unwrap_or_default();
        work.spend(candidates.len())?;
        let free = |place: &usize| {
            let times = self.observations.get(*place).map_or(0, |one| one.times);
            u64::from(times.saturating_sub(self.used.get(*place).copied().unwrap_or(0)))
        };
        if candidates.iter().map(free).sum::<u64>() < u64::from(left) {
            return Ok(false);
        }
        self.pick(node, from, left, work)
    }

    /// Picks the first candidate from `from` on that is free and keeps to every open scope. `left`: how often the
    /// brackets repeat, this time included; 0: they do not.
    fn pick(&mut self, node: usize, from: usize, left: u32, work: &mut Work) -> Result<bool, Unanswered> {
        let mut at = from;
        while let Some(place) = self.found.get(node).and_then(|found| found.get(at)).copied() {
            work.spend(1)?;
            if self.is_free(place) && self.keeps_to_scopes(place, work)? {
                self.choose(Resume::Pick { node, from: at + 1, left });
                self.picks.push(place);
                if let Some(used) = self.used.get_mut(place) {
                    *used += 1;
                }
                if left > 1 {
                    self.add(Goal::Repeat { node, left: left - 1, from: at });
                }
                return Ok(true);
            }
            at += 1;
        }
        Ok(false)
    }

    fn is_free(&self, place: usize) -> bool {
        let times = self.observations.get(place).map_or(0, |one| one.times);
        self.used.get(place).is_some_and(|used| *used < times)
    }

    fn keeps_to_scopes(&self, place: usize, work: &mut Work) -> Result<bool, Unanswered> {
        let Some(new) = self.observations.get(place) else { return Ok(false) };
        let mut scopes = self.scopes;
        while let Some((scope, outer)) = self.scope_list.get(scopes) {
            scopes = *outer;
            work.spend(1)?;
            let keeps = match scope {
                Scope::After(instant) => new.last >= *instant,
                Scope::Window { start, stop } => new.last >= *start && new.first < *stop,
                Scope::Within { picks, length } => {
                    let with = self.picks.get(*picks..).unwrap_or_default();
                    work.spend(with.len())?;
                    let (mut ends, mut begins) = (new.last, new.first);
                    for other in with.iter().filter_map(|pick| self.observations.get(*pick)) {
                        ends = ends.min(other.last);
                        begins = begins.max(other.first);
                    }
                    // Instants can be chosen so if the latest beginning is not too far behind the earliest end.
                    begins <= ends.plus(*length)
                }
            };
            if !keeps {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
