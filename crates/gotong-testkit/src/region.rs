//! A region in one process: nodes on simulated machines, links between them, and a scheduler that takes every decision from one seed.
//!
//! Nothing here knows what the product should do: that is `oracle.rs`, and `checks.rs` compares. Read next: `region/steps.rs` (what can happen), `network.rs`.

mod acts;
mod governing;
mod heal;
pub mod house;
mod publishing;
mod quarantine;
mod steps;

use std::collections::VecDeque;
use std::sync::Arc;

use gotong_app::node::Ports;
use gotong_app::ports::{Bell, Mark};
use gotong_app::{Node, NodeFault};
use gotong_crypto::{Digest, SeededEntropy};
use gotong_model::{ChannelId, Clock as _, MemberCode, Slug, Timestamp, Tlp};
use gotong_store::{Book, Store};

use crate::breakage::Breakage;
use crate::builders::Founding;
use crate::checks::Watch;
use crate::clock::{SimClock, SkewedClock};
use crate::dice::Dice;
use crate::disk::{Disk, SimFile};
use crate::law::{Body, DocumentNo, TermsLaw, TypeLaw};
use crate::network::{Link, Stashed};
use crate::oracle::{ChannelModel, Knowledge, Opened, Oracle, Violation, broken};
use crate::store::SimStore;

const CODES: [&str; 5] = ["id", "my", "ph", "th", "vn"];
/// Steps that are kept for whoever looks into a failure.
const TAIL: usize = 40;

/// A machine with a member's node on it.
pub struct SimNode {
    /// Whose.
    pub code: MemberCode,
    /// Its disk.
    pub disk: Arc<Disk>,
    /// Its store.
    pub store: Arc<SimStore>,
    /// The running program; `None` while the machine stands still.
    pub node: Option<Node>,
    entropy: Arc<SeededEntropy>,
    clock: Arc<SkewedClock>,
    /// Steps until somebody starts it again.
    down: usize,
    /// Steps until somebody frees the disk.
    full: usize,
}

struct NoBell;

impl Bell for NoBell {
    fn ring(&self) {}
}

impl SimNode {
    fn ports(&self) -> Ports {
        Ports {
            clock: Arc::clone(&self.clock) as Arc<_>,
            entropy: Arc::clone(&self.entropy) as Arc<_>,
            checkpoint_file: Box::new(SimFile(Arc::clone(&self.disk))),
            bell: Arc::new(NoBell),
        }
    }
}

/// What a run came to.
#[derive(Clone, Debug)]
pub struct Report {
    /// The seed.
    pub seed: u64,
    /// Steps taken, healing not counted.
    pub steps: usize,
    /// The same for the same seed: everything that was done and sent.
    pub trace: u64,
    /// The promise that was broken, if one was.
    pub violation: Option<Violation>,
    /// The last steps.
    pub tail: Vec<String>,
    /// Every document, and who holds it with whose signatures.
    pub documents: Vec<String>,
    /// How often what happened, for a look at what the seeds cover.
    pub counts: std::collections::BTreeMap<&'static str, u64>,
}

/// The region.
pub struct Region {
    pub(crate) founding: Founding,
    pub(crate) clock: Arc<SimClock>,
    pub(crate) dice: Dice,
    pub(crate) nodes: Vec<SimNode>,
    pub(crate) links: Vec<Link>,
    pub(crate) stash: Vec<Stashed>,
    pub(crate) oracle: Oracle,
    pub(crate) watch: Watch,
    /// Signatures that are still to come: the document, who signs, and whether at another node than its own.
    pub(crate) unsigned: Vec<(DocumentNo, usize, bool)>,
    /// The channels in which documents travel: the charter's, and each agreement's own.
    pub(crate) governing_channels: Vec<(ChannelId, Option<usize>)>,
    pub(crate) breakage: Option<Breakage>,
    /// No more mischief: the end of a run.
    pub(crate) calm: bool,
    pub(crate) step: usize,
    trace: u64,
    tail: VecDeque<String>,
    counts: std::collections::BTreeMap<&'static str, u64>,
}

/// Runs one seed.
pub fn run(seed: u64, steps: usize, breakage: Option<Breakage>) -> Report {
    let mut region = Region::new(seed, breakage);
    let result = region.live(steps).and_then(|()| region.heal());
    Report {
        seed,
        steps: region.step,
        trace: region.trace,
        violation: result.err(),
        documents: region.documents(),
        tail: region.tail.into(),
        counts: region.counts,
    }
}

fn start_of_time() -> Timestamp {
    Timestamp::parse("2026-03-01T08:00:00Z").unwrap_or_default()
}

/// The agreements of a run: what their first versions say.
const HANDLES: [&str; 2] = ["pair", "rti"];
/// All types that any version of them has.
const TYPES: [(usize, &str); 4] = [(0, "cases"), (1, "alerts"), (1, "indicators"), (1, "reports")];

fn plans(dice: &mut Dice, nodes: usize) -> Vec<TermsLaw> {
    let all: Vec<usize> = (0..nodes).collect();
    let first = dice.below(nodes);
    let second = (first + 1 + dice.below(nodes - 1)) % nodes;
    let pair = vec![first.min(second), first.max(second)];
    let some: Vec<usize> = all.iter().copied().filter(|at| *at != dice.below(nodes)).collect();
    let until = dice.chance(30).then(|| start_of_time().plus_ms(3_600_000 * (1 + dice.below(4) as u64)));
    let kind = |name, audience: &[usize], kinds: &[&'static str], ceiling, onward| TypeLaw {
        name,
        audience: audience.to_vec(),
        writers: audience.to_vec(),
        kinds: kinds.to_vec(),
        ceiling,
        onward,
    };
    let cases = kind("cases", &pair, &["stix"], Tlp::AmberStrict, false);
    let indicators = kind("indicators", &all, &["stix"], Tlp::Amber, true);
    let some = if some.len() < 2 { all.clone() } else { some };
    let reports = kind("reports", &some, &["stix.indicator", "stix.malware", "stix.note"], Tlp::Green, false);
    let from = start_of_time();
    let grace = |dice: &mut Dice| *dice.pick(&[None, Some(0), Some(3_600_000)]);
    let terms = |agreement, parties, until, types, grace_ms| TermsLaw {
        agreement,
        number: 1,
        from,
        until,
        parties,
        types,
        grace_ms,
        accession: None,
    };
    let mut pair = terms(0, pair, until, vec![cases], grace(dice));
    let outside: Vec<usize> = all.iter().copied().filter(|at| !pair.parties.contains(at)).collect();
    if dice.chance(50) {
        pair.accession = Some((outside, vec!["cases"], dice.chance(50)));
    }
    vec![pair, terms(1, all, None, vec![indicators, reports], grace(dice))]
}

impl Region {
    /// Founds a region from a seed.
    pub fn new(seed: u64, breakage: Option<Breakage>) -> Self {
        let mut dice = Dice::new(seed);
        let count = 3 + dice.below(3);
        let founding = Founding::new(seed, &CODES[..count], &[], start_of_time());
        let clock = Arc::new(SimClock::new(start_of_time().plus_ms(600_000)));
        let mut oracle = Oracle { law: founding.begin_law(&HANDLES, start_of_time()), ..Oracle::default() };
        let firsts: Vec<DocumentNo> = plans(&mut dice, count)
            .into_iter()
            .map(|terms| founding.write(&mut oracle.law, Body::Terms(terms)))
            .collect();
        for (agreement, name) in TYPES {
            let id = founding.agreement_id(&oracle.law, agreement);
            let id = ChannelId::standing(&founding.region, &id, &Slug::from_text(name).expect("a slug"));
            oracle.channels.push(ChannelModel { id, opened: Opened::Agreement(agreement), name });
        }
        oracle.known = vec![Knowledge::default(); count];
        let nodes = (0..count).map(|at| Self::machine(seed, at, &founding, &clock, &mut dice, breakage)).collect();
        let pairs = (0..count).flat_map(|client| (0..count).map(move |server| (client, server)));
        let links = pairs.filter(|(client, server)| client != server).map(|(client, server)| Link::new(client, server));
        let links = links.collect();
        let mut region = Self {
            founding,
            clock,
            dice,
            nodes,
            links,
            stash: Vec::new(),
            oracle,
            watch: Watch::default(),
            unsigned: Vec::new(),
            governing_channels: Vec::new(),
            breakage,
            calm: false,
            step: 0,
            trace: seed,
            tail: VecDeque::new(),
            counts: std::collections::BTreeMap::new(),
        };
        region.found(&firsts);
        region
    }

    fn machine(
        seed: u64,
        at: usize,
        founding: &Founding,
        clock: &Arc<SimClock>,
        dice: &mut Dice,
        breakage: Option<Breakage>,
    ) -> SimNode {
        let own = seed.wrapping_mul(31).wrapping_add(at as u64 + 1);
        let disk = Disk::new(breakage);
        let skew_ms = i64::try_from(dice.below(200_000)).unwrap_or(0) - 100_000;
        let mut machine = SimNode {
            code: founding.members[at].code.clone(),
            store: Arc::new(SimStore::new(own, Arc::clone(&disk))),
            disk,
            node: None,
            entropy: Arc::new(SeededEntropy::new(own ^ 0x5eed)),
            clock: Arc::new(SkewedClock { clock: Arc::clone(clock), skew_ms }),
            down: 0,
            full: 0,
        };
        let store = Arc::clone(&machine.store) as Arc<dyn Store>;
        machine.node = Some(founding.first_start(at, store, machine.ports()).expect("a node on an empty store"));
        machine
    }

    /// Notes what happened, for the trace and for whoever reads the tail.
    pub(crate) fn note(&mut self, what: &'static str, text: impl FnOnce() -> String) {
        *self.counts.entry(what).or_default() += 1;
        let line = format!("{:4} {what} {}", self.step, text());
        self.fold(line.as_bytes());
        if self.tail.len() == TAIL {
            self.tail.pop_front();
        }
        self.tail.push_back(line);
    }

    /// Adds bytes to the trace.
    pub(crate) fn fold(&mut self, bytes: &[u8]) {
        let mut hash = self.trace ^ bytes.len() as u64;
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            hash = (hash ^ u64::from_le_bytes(word)).wrapping_mul(0x2127_599b_f432_5c37).rotate_left(29);
        }
        self.trace = hash;
    }

    /// A machine's own time.
    pub(crate) fn now_of(&self, at: usize) -> Timestamp {
        self.nodes[at].clock.now()
    }

    /// Whether a member is of a channel's audience now, by what a node knows.
    pub(crate) fn reads(&self, knower: usize, channel: usize, member: usize) -> bool {
        self.oracle.reads(knower, channel, member, self.now_of(knower))
    }

    /// A node's own name, for people.
    pub(crate) fn name(&self, at: usize) -> String {
        self.nodes[at].code.to_string()
    }

    /// What a call on a node came to: `None` where a fault of its machine excuses it. A machine that stopped takes its program with it.
    pub(crate) fn settle<T>(&mut self, at: usize, result: Result<T, NodeFault>) -> Result<Option<T>, Violation> {
        let machine = &mut self.nodes[at];
        let fired = machine.disk.take_fired();
        if machine.disk.is_dead() {
            self.stop(at);
        }
        match result {
            Ok(value) => Ok(Some(value)),
            Err(NodeFault::Store(fault)) if fired && fault.retry_helps() => {
                self.note("fault", || fault.to_string());
                Ok(None)
            }
            Err(fault) => broken("2", format!("{} failed for no reason of its machine: {fault}", self.name(at))),
        }
    }

    /// The machine stands still; everything in memory is gone.
    pub(crate) fn stop(&mut self, at: usize) {
        if self.nodes[at].node.take().is_none() {
            return;
        }
        self.nodes[at].disk.crash();
        self.nodes[at].down = 1 + self.dice.below(6);
        for link in self.links.iter_mut().filter(|link| link.client == at || link.server == at) {
            link.hang_up();
            if link.client == at {
                link.forget();
            }
        }
        let name = self.name(at);
        self.note("crash", || name);
    }

    /// Starts a machine again, on what its disk holds.
    pub(crate) fn restart(&mut self, at: usize) -> Result<(), Violation> {
        let machine = &mut self.nodes[at];
        let mut file = None;
        if let Some(found) = machine.store.after_crash() {
            if self.breakage == Some(Breakage::OldBackup) {
                file = Some(newest_batch(&found));
            }
            machine.store = Arc::new(found);
        }
        machine.disk.restart(file);
        let store = Arc::clone(&machine.store) as Arc<dyn Store>;
        let opened = self.founding.start(at, store, machine.ports());
        let Some(node) = self.settle(at, opened)? else { return Ok(()) };
        let restored = node.is_restored();
        self.nodes[at].node = Some(node);
        let name = self.name(at);
        self.note("restart", || name);
        if restored {
            return broken("8", format!("the crash of {} looks like a restore", self.name(at)));
        }
        self.check_node(at)
    }
}

fn newest_batch(store: &SimStore) -> Option<Mark> {
    let (key, value) = store.look().last(Book::Batch, &[], &[]).ok()??;
    let number = u64::from_be_bytes(key.as_slice().try_into().ok()?);
    Some(Mark { number, chain: Digest(*value.first_chunk::<32>()?) })
}
