//! One connection that this node dialled: hello, and then in turn changes, frames, acknowledgements. Frames are stored in order beside the reading of
//! the next; before changes are asked for again everything fetched is stored, so that its acknowledgement goes along.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use gotong_app::NodeFault;
use gotong_app::receive::Applied;
use gotong_crypto::PublicKey;
use gotong_model::{LogId, limits};
use gotong_sync::identity::{IdentityFault, identify};
use gotong_sync::wire::{Hello, PROTOCOLS};
use gotong_sync::{Ask, News, PeerFault, Puller, Wanted};
use hyper::StatusCode;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep};

use super::answer::own_hello;
use super::apply::{Applier, Job, Outcome};
use super::client::{Line, dial};
use super::fault::LinkFault;
use super::link::Link;
use super::memory::Memory;
use super::status::LinkState;
use super::tail::Tail;
use super::{CHANGES_PATH, FRAMES_PATH, HELLO_PATH, blocking};

/// Answers in a row without anything new for this node, after which they are paced.
const IDLE_ANSWERS_MAX: u32 = 64;
/// Answers in a row with nothing at all that came before their time; more are paced. The first one without a cursor is such a one.
const EMPTY_ANSWERS_MAX: u32 = 2;
/// The pace of those.
const IDLE_PAUSE: Duration = Duration::from_secs(1);

/// A panic: a defect here that this log brings to light. Other logs must not wait for it.
const UNREADABLE: &str = "its entries cannot be read by this program";

/// One open connection to an identified peer.
pub(crate) struct Session<'a> {
    link: &'a Link,
    line: Line,
    puller: Puller,
    node_key: PublicKey,
    queue: VecDeque<Wanted>,
    outcomes: mpsc::UnboundedReceiver<Outcome>,
    told: mpsc::UnboundedSender<Outcome>,
    outstanding: usize,
    erasing: bool,
    idle_answers: u32,
    empty_answers: u32,
    begun: Instant,
}

impl<'a> Session<'a> {
    /// Dials, and checks that the member is the one that was meant before anything but the hello is sent.
    pub(crate) async fn open(link: &'a Link, address: &str, memory: &Memory) -> Result<Session<'a>, LinkFault> {
        let mut line = dial(address, &link.tls, link.patience).await?;
        let own = {
            let node = Arc::clone(&link.node);
            blocking(move || own_hello(&node)).await?
        };
        let Some(own) = own else {
            return Err(NodeFault::Unfit("this node's member has signed no statement for it yet".to_owned()).into());
        };
        let (status, bytes) = line.post(HELLO_PATH, own.encode(), limits::HELLO_BYTES_MAX, Duration::ZERO).await?;
        match status {
            StatusCode::OK => {}
            StatusCode::BAD_REQUEST => {
                let list: serde_json::Value = serde_json::from_slice(&bytes).unwrap_or_default();
                let numbers = list.get("protocols").and_then(serde_json::Value::as_array);
                let numbers = numbers.into_iter().flatten().filter_map(serde_json::Value::as_u64).take(16).collect();
                return Err(IdentityFault::NoCommonProtocol(numbers).into());
            }
            _ => return Err(LinkFault::Refused(status.as_u16())),
        }
        let hello = Hello::decode(&bytes)?;
        let governance = link.node.governance();
        let identified = identify(&hello, &line.key, &governance, &link.node.member, Some(&link.peer))?;
        let protocol = hello.protocol.filter(|number| PROTOCOLS.contains(number)).unwrap_or(identified.protocol);
        let Some(node_key) = identified.chain.last().map(|newest| newest.node_key) else {
            return Err(IdentityFault::Statements("none".to_owned()).into());
        };
        if identified.notes.len() > governance.statements.get(&link.peer).map_or(0, Vec::len) {
            let node = Arc::clone(&link.node);
            blocking(move || node.adopt_statements(&identified.notes)).await?;
        }
        let now = link.node.now();
        link.note(|link| {
            link.enter(LinkState::Connected, now);
            link.protocol = Some(protocol);
            link.contact(now);
            link.round_trips = link.round_trips.saturating_add(1);
            link.traffic(line.traffic());
        });
        let puller = Puller::new(governance.region, link.peer.clone(), node_key, memory.cursor.clone());
        let (told, outcomes) = mpsc::unbounded_channel();
        Ok(Self {
            link,
            line,
            puller,
            node_key,
            queue: VecDeque::new(),
            outcomes,
            told,
            outstanding: 0,
            erasing: true,
            idle_answers: 0,
            empty_answers: 0,
            begun: Instant::now(),
        })
    }

    /// Goes on until the connection is of no more use.
    pub(crate) async fn run(&mut self, memory: &mut Memory, applier: &Applier) -> LinkFault {
        loop {
            let step = match self.queue.pop_front() {
                Some(wanted) => self.fetch(wanted, memory, applier).await,
                None => self.catch_up(memory).await,
            };
            let now = self.link.node.now();
            let (traffic, suspended) = (self.line.traffic(), memory.suspended());
            self.link.note(|link| {
                link.traffic(traffic);
                link.logs_suspended = suspended;
                if step.is_ok() {
                    link.contact(now);
                    link.round_trips = link.round_trips.saturating_add(1);
                }
            });
            if let Err(fault) = step {
                // The next connection begins where the logs stand, so what is under way ends first.
                while self.outstanding > 0 && self.outcomes.recv().await.is_some() {
                    self.outstanding -= 1;
                }
                return fault;
            }
        }
    }

    /// Fetches one log's tail. A log on which connection after connection ends at one place is suspended, lest those behind it never have their turn.
    async fn fetch(&mut self, wanted: Wanted, memory: &mut Memory, applier: &Applier) -> Result<(), LinkFault> {
        let region = self.link.node.governance().region;
        let mut next = wanted.have;
        let tail = Tail::new(region, self.link.peer.clone(), self.node_key, wanted.clone());
        let fetched = self.fetch_tail(tail, &wanted, &mut next, memory, applier).await;
        match &fetched {
            Ok(()) => memory.stuck = None,
            // This node's own fault, or one that has suspended the log already.
            Err(LinkFault::Node(_) | LinkFault::Anew) => {}
            Err(fault) => {
                let place = Some((wanted.log.clone(), next));
                if memory.stuck == place {
                    self.suspend(memory, wanted, fault);
                    memory.stuck = None;
                    return Err(LinkFault::Anew);
                }
                memory.stuck = place;
            }
        }
        fetched
    }

    /// Hands a tail's frames on, in order. A fault of the log suspends it; a fault of the connection or of this node ends the session.
    async fn fetch_tail(
        &mut self,
        mut tail: Tail,
        wanted: &Wanted,
        next: &mut u64,
        memory: &mut Memory,
        applier: &Applier,
    ) -> Result<(), LinkFault> {
        let run = applier.next_run();
        while tail.next < tail.until {
            let path = frames_path(tail.log(), tail.next);
            let Some(mut stream) = self.line.frames(&path).await? else {
                self.suspend(memory, wanted.clone(), &LinkFault::Status { what: "a request for frames", status: 404 });
                return Ok(());
            };
            let before = tail.next;
            let mut arrived = stream.next().await;
            loop {
                let bytes = match arrived {
                    Ok(Some(bytes)) => bytes,
                    Ok(None) => break,
                    Err(fault @ LinkFault::Peer(_)) => return Err(self.give_up(memory, wanted, &fault)),
                    Err(fault) => return Err(fault),
                };
                let verifying = blocking(move || {
                    let verified = tail.verify(&bytes);
                    Ok((tail, verified))
                });
                let (verified, after) = tokio::join!(verifying, stream.next());
                let Ok((back, verified)) = verified else {
                    return Err(self.give_up(memory, wanted, &LinkFault::Log(UNREADABLE)));
                };
                arrived = after;
                tail = back;
                *next = tail.next;
                let (frame, entries) = match verified {
                    Ok(Some(verified)) => verified,
                    Ok(None) => continue,
                    Err(fault) => return Err(self.give_up(memory, wanted, &fault.into())),
                };
                let (node, log) = (Arc::clone(&self.link.node), tail.log().clone());
                let frame = tokio::task::spawn_blocking(move || node.prepare_frame(&log, frame));
                self.outstanding += 1;
                applier.give(Job { run, frame, entries, told: self.told.clone() }).await;
                while let Ok(outcome) = self.outcomes.try_recv() {
                    if let Some(fault) = self.learn(outcome, wanted, memory)? {
                        // What is left of the answer is of no use, and so neither is the connection it stands on.
                        return Err(self.give_up(memory, wanted, &fault));
                    }
                }
            }
            if tail.next == before {
                let fault = PeerFault::Missing(Box::new(wanted.log.clone()));
                self.suspend(memory, wanted.clone(), &fault.into());
                return Ok(());
            }
        }
        if let Some(fault) = self.settle(wanted, memory).await? {
            self.suspend(memory, wanted.clone(), &fault);
            return Ok(());
        }
        memory.restore(&wanted.log);
        Ok(())
    }

    /// Waits until everything handed over is stored.
    async fn settle(&mut self, wanted: &Wanted, memory: &mut Memory) -> Result<Option<LinkFault>, LinkFault> {
        let mut first = None;
        while self.outstanding > 0 {
            let Some(outcome) = self.outcomes.recv().await else { break };
            let fault = self.learn(outcome, wanted, memory)?;
            first = first.or(fault);
        }
        Ok(first)
    }

    /// Takes in what became of a frame; `Some`: its log cannot go on.
    fn learn(
        &mut self,
        outcome: Outcome,
        wanted: &Wanted,
        memory: &mut Memory,
    ) -> Result<Option<LinkFault>, LinkFault> {
        self.outstanding = self.outstanding.saturating_sub(1);
        match outcome {
            Outcome::PassedOver => Ok(None),
            Outcome::Unreadable => Ok(Some(LinkFault::Log(UNREADABLE))),
            Outcome::Applied(Ok(Applied::Stored { erasing, .. })) => {
                self.erasing |= erasing;
                memory.went_well = true;
                Ok(None)
            }
            Outcome::Applied(Ok(Applied::Elsewhere(have))) => {
                // Another connection, or a restored store: the log is asked for from where it stands.
                self.queue.push_back(Wanted { have, ..wanted.clone() });
                Ok(None)
            }
            Outcome::Applied(Ok(applied)) => Ok(Some(LinkFault::Log(said(&applied)))),
            Outcome::Applied(Err(fault)) => Err(fault.into()),
        }
    }

    fn suspend(&self, memory: &mut Memory, wanted: Wanted, fault: &LinkFault) {
        self.link.note_fault(fault);
        memory.suspend(wanted, self.link.patience, self.link.node.entropy());
    }

    /// The log is suspended and the connection ends; those that waited behind it are told again on the next.
    fn give_up(&self, memory: &mut Memory, wanted: &Wanted, fault: &LinkFault) -> LinkFault {
        self.suspend(memory, wanted.clone(), fault);
        LinkFault::Anew
    }

    /// Nothing is to be fetched: finishes erasures, hands over acknowledgements, and asks what changed.
    async fn catch_up(&mut self, memory: &mut Memory) -> Result<(), LinkFault> {
        if self.resume_suspended(memory).await? {
            return Ok(());
        }
        // Everything told so far is stored or suspended.
        memory.cursor = self.puller.cursor().map(str::to_owned);
        if self.erasing {
            let node = Arc::clone(&self.link.node);
            match blocking(move || node.finish_erasures()).await {
                Ok(_) => self.erasing = false,
                // What it must not do is to keep other entries out; it is tried again before the next request.
                Err(fault) => self.link.note_fault(&fault.into()),
            }
        }
        let (node, peer) = (Arc::clone(&self.link.node), self.link.peer.clone());
        let due = blocking(move || node.due_acknowledgements(&peer, limits::ACKNOWLEDGEMENTS_MAX)).await?;
        let wait =
            if due.len() == limits::ACKNOWLEDGEMENTS_MAX { Duration::ZERO } else { memory.wait(self.link.patience) };
        let wait_ms = u64::try_from(wait.as_millis()).unwrap_or(limits::WAIT_MS_MAX);
        let notes = due.iter().map(|(_, note)| note.clone()).collect();
        // This puller's own queue stays empty: tails are fetched by pullers of their own.
        let Ask::Changes(body) = self.puller.ask(notes, wait_ms) else { return Err(LinkFault::Anew) };
        let asked = Instant::now();
        let (status, bytes) = self.line.post(CHANGES_PATH, body, limits::CHANGES_ANSWER_BYTES_MAX, wait).await?;
        if status != StatusCode::OK {
            return Err(LinkFault::Status { what: "a request for changes", status: status.as_u16() });
        }
        memory.went_well |= self.begun.elapsed() > self.link.patience.redial_max;
        if !due.is_empty() {
            let (node, peer) = (Arc::clone(&self.link.node), self.link.peer.clone());
            blocking(move || node.acknowledged(&peer, &due)).await?;
        }
        let news = self.puller.changes(&bytes)?;
        let early = asked.elapsed() < wait / 2;
        let is_empty = news.is_empty();
        let is_new = self.take(news, memory).await?;
        self.pace(is_new, is_empty && early).await;
        Ok(())
    }

    /// Applies an answer's news; `true` where there was something for this node.
    async fn take(&mut self, news: Vec<News>, memory: &mut Memory) -> Result<bool, LinkFault> {
        let node = Arc::clone(&self.link.node);
        let looked = blocking(move || look(&node, news)).await?;
        let mut is_new = looked.acknowledgements > 0;
        for (wanted, fault) in looked.doubtful {
            self.suspend(memory, wanted, &LinkFault::Log(fault));
        }
        for wanted in looked.wanted {
            is_new = true;
            // One that is suspended waits for its time; then its newest checkpoint counts.
            if let Some(wanted) = memory.unless_suspended(wanted) {
                self.queue.push_back(wanted);
            }
        }
        Ok(is_new)
    }

    /// A peer that always has news and never any for this node, or that never waits, is asked less often.
    async fn pace(&mut self, is_new: bool, is_hasty: bool) {
        self.idle_answers = if is_new { 0 } else { self.idle_answers.saturating_add(1) };
        self.empty_answers = if is_hasty { self.empty_answers.saturating_add(1) } else { 0 };
        if self.idle_answers > IDLE_ANSWERS_MAX || self.empty_answers > EMPTY_ANSWERS_MAX {
            sleep(IDLE_PAUSE).await;
        }
    }

    /// Queues the suspended logs whose time has come.
    async fn resume_suspended(&mut self, memory: &mut Memory) -> Result<bool, LinkFault> {
        for id in memory.due() {
            let node = Arc::clone(&self.link.node);
            let asked = id.clone();
            let here = blocking(move || node.leaves_here(&asked)).await?;
            self.queue.extend(memory.resume(&id, here, self.link.patience));
        }
        Ok(!self.queue.is_empty())
    }
}

fn said(applied: &Applied) -> &'static str {
    match applied {
        Applied::TwoHistories => "its author has signed two histories; both checkpoints are kept as evidence",
        Applied::TooManyPending => "too many of its checkpoints wait for their entries",
        Applied::NotReadable => "it is not read here any more",
        Applied::Stored { .. } | Applied::Elsewhere(_) => "its entries were not taken",
    }
}

fn frames_path(log: &LogId, from: u64) -> String {
    format!("{FRAMES_PATH}{}/{}/{}?from={from}&encoding=1", log.channel, log.author, log.epoch)
}

/// What an answer came to, once compared with what is here.
#[derive(Default)]
struct Looked {
    wanted: Vec<Wanted>,
    doubtful: Vec<(Wanted, &'static str)>,
    acknowledgements: usize,
}

fn look(node: &gotong_app::Node, news: Vec<News>) -> Result<Looked, NodeFault> {
    let mut looked = Looked::default();
    for news in news {
        match news {
            News::Log(mut wanted) => {
                // A log that this node does not read may become readable with an agreement; then everything is asked anew.
                let Some(have) = node.leaves_here(&wanted.log)? else { continue };
                wanted.have = have;
                match node.note_checkpoint(&wanted.log, &wanted.checkpoint, &wanted.note)? {
                    Applied::Stored { .. } if have < wanted.checkpoint.size => looked.wanted.push(*wanted),
                    Applied::Stored { .. } | Applied::NotReadable => {}
                    applied @ (Applied::Elsewhere(_) | Applied::TwoHistories | Applied::TooManyPending) => {
                        looked.doubtful.push((*wanted, said(&applied)));
                    }
                }
            }
            News::Acknowledgements(notes) => looked.acknowledgements += node.take_acknowledgements(&notes)?,
            // Answers to a request for changes bring none.
            News::Frame(..) => {}
        }
    }
    Ok(looked)
}
