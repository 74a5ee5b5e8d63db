//! Links between nodes, driven one message at a time through the product's own state machines, with real bytes both ways.
//!
//! A message may be lost, come twice, stand still while the world goes on, or arrive with a bit turned; answers are kept and played again later. Read next:
//! `network/client.rs`, `network/server.rs`.

mod client;
mod forge;
mod server;

use gotong_ledger::Encoding;
use gotong_model::LogId;
use gotong_store::LogNo;
use gotong_sync::identity::identify;
use gotong_sync::wire::{Hello, PROTOCOLS};
use gotong_sync::{Ask, Puller};

use crate::breakage::Breakage;
use crate::oracle::{Violation, broken};
use crate::region::Region;

/// Answers that are kept.
const STASHED_MAX: usize = 48;

/// Where an exchange stands.
pub(crate) enum Stage {
    /// Nothing is under way.
    Idle,
    /// A request is.
    Asked(Exchange),
    /// An answer is.
    Answered(Exchange),
}

/// A request or its answer under way.
#[derive(Clone)]
pub(crate) struct Exchange {
    pub(crate) ask: Ask,
    pub(crate) encoding: Encoding,
    pub(crate) bytes: Vec<u8>,
    /// Acknowledgements that went with the request.
    pub(crate) sent: Vec<(LogNo, String)>,
    /// Whether a bit was turned.
    pub(crate) tampered: bool,
}

/// One direction between two nodes: who asks and who answers.
pub struct Link {
    /// Who asks.
    pub client: usize,
    /// Who answers.
    pub server: usize,
    puller: Option<Puller>,
    stage: Stage,
    /// Cursors behind which everything was fetched, newest last.
    settled: Vec<String>,
    /// The channels that both share, as the client knows it.
    pub(super) footing: Vec<gotong_model::ChannelId>,
    /// The governance by which that was looked at.
    looked_at: Option<(u64, gotong_model::Timestamp)>,
    /// Steps until the line works again.
    pub(crate) cut: usize,
}

/// An answer that was seen, to be played again.
pub struct Stashed {
    pub(crate) client: usize,
    pub(crate) server: usize,
    /// The log of frames; `None` for changes.
    pub(crate) log: Option<LogId>,
    pub(crate) bytes: Vec<u8>,
}

impl Link {
    pub(crate) fn new(client: usize, server: usize) -> Self {
        Self {
            client,
            server,
            puller: None,
            stage: Stage::Idle,
            settled: Vec::new(),
            footing: Vec::new(),
            looked_at: None,
            cut: 0,
        }
    }

    /// The connection is gone; what was under way is lost.
    pub(crate) fn hang_up(&mut self) {
        self.puller = None;
        self.stage = Stage::Idle;
    }

    /// The client has lost its memory.
    pub(crate) fn forget(&mut self) {
        self.settled.clear();
    }

    /// Whether nothing is under way.
    pub(crate) fn is_idle(&self) -> bool {
        matches!(self.stage, Stage::Idle) && self.puller.as_ref().is_none_or(|puller| !puller.is_fetching())
    }
}

impl Region {
    /// Moves one link by one message.
    pub(crate) fn tick(&mut self, at: usize) -> Result<(), Violation> {
        let (client, server) = (self.links[at].client, self.links[at].server);
        if self.nodes[client].node.is_none() || self.nodes[server].node.is_none() {
            self.links[at].hang_up();
            return Ok(());
        }
        if self.links[at].cut > 0 {
            self.links[at].hang_up();
            return Ok(());
        }
        self.stand(at);
        if self.links[at].puller.is_none() {
            return self.connect(at);
        }
        if !self.calm && self.dice.chance(6) {
            self.note("lost", || format!("{client} {server}"));
            // A lost answer may only be late: it can still arrive when the world has moved on.
            if let Stage::Answered(exchange) = std::mem::replace(&mut self.links[at].stage, Stage::Idle) {
                self.keep_for_later(at, &exchange);
            }
            if self.dice.chance(50) {
                self.links[at].hang_up();
            }
            return Ok(());
        }
        match std::mem::replace(&mut self.links[at].stage, Stage::Idle) {
            Stage::Idle => self.ask(at),
            Stage::Asked(exchange) => {
                self.seen(client, server, &exchange.bytes, exchange.tampered)?;
                if !self.calm && self.dice.chance(5) {
                    // The request comes twice; only the second answer arrives.
                    self.answer(at, exchange.clone())?;
                    if self.nodes[server].node.is_none() {
                        return Ok(());
                    }
                }
                match self.answer(at, exchange)? {
                    Some(answer) => self.links[at].stage = Stage::Answered(answer),
                    None => self.links[at].hang_up(),
                }
                Ok(())
            }
            Stage::Answered(mut exchange) => {
                self.maybe_turn_a_bit(&mut exchange);
                self.seen(server, client, &exchange.bytes, exchange.tampered)?;
                self.keep_for_later(at, &exchange);
                self.take(at, &exchange)
            }
        }
    }

    /// A link whose footing changed starts again and is told of every log anew, as the product's links do.
    fn stand(&mut self, at: usize) {
        let link = &self.links[at];
        let (Some(node), peer) = (self.nodes[link.client].node.as_ref(), &self.nodes[link.server].code) else { return };
        let governance = node.governance();
        let looked_at = Some((governance.generation(), governance.as_of));
        if link.looked_at == looked_at {
            return;
        }
        let both =
            |id: &gotong_model::ChannelId| governance.in_audience(id, &node.member) && governance.in_audience(id, peer);
        let shared: Vec<_> = governance.channels().map(|channel| channel.id).filter(both).collect();
        let link = &mut self.links[at];
        link.looked_at = looked_at;
        if link.footing != shared {
            link.footing = shared;
            if self.breakage != Some(Breakage::OldFooting) {
                link.hang_up();
                link.forget();
            }
        }
    }

    /// A message goes from one to the other: nobody may learn of a channel from it who is not of its audience.
    fn seen(&mut self, from: usize, to: usize, bytes: &[u8], tampered: bool) -> Result<(), Violation> {
        self.fold(bytes);
        if tampered {
            return Ok(());
        }
        self.watch.message(&self.oracle, to, bytes).map_err(|mut violation| {
            violation.text = format!("{} told {}: {}", self.name(from), self.name(to), violation.text);
            violation
        })
    }

    fn maybe_turn_a_bit(&mut self, exchange: &mut Exchange) {
        if self.calm || exchange.bytes.is_empty() || !self.dice.chance(6) {
            return;
        }
        let at = self.dice.below(exchange.bytes.len());
        exchange.bytes[at] ^= 1 << self.dice.below(8);
        exchange.tampered = true;
        self.note("bit", || at.to_string());
    }

    fn keep_for_later(&mut self, at: usize, exchange: &Exchange) {
        if self.calm || exchange.tampered || exchange.bytes.len() > 200_000 || !self.dice.chance(70) {
            return;
        }
        let log = match &exchange.ask {
            Ask::Frames(log, _) => Some(log.clone()),
            Ask::Changes(_) => None,
        };
        let (client, server) = (self.links[at].client, self.links[at].server);
        self.put_by(Stashed { client, server, log, bytes: exchange.bytes.clone() });
    }

    fn put_by(&mut self, stashed: Stashed) {
        if self.stash.len() < STASHED_MAX {
            self.stash.push(stashed);
        } else {
            let place = self.dice.below(self.stash.len());
            self.stash[place] = stashed;
        }
    }

    /// Hello, both ways, over bytes.
    fn connect(&mut self, at: usize) -> Result<(), Violation> {
        let (client, server) = (self.links[at].client, self.links[at].server);
        let Some(hello) = self.hello(client, None)? else { return Ok(()) };
        self.seen(client, server, &hello.encode(), false)?;
        let Some(_) = self.accept_hello(server, client, &hello.encode(), false)? else { return Ok(()) };
        let Some(answer) = self.hello(server, Some(0))? else { return Ok(()) };
        self.seen(server, client, &answer.encode(), false)?;
        if !self.calm && self.dice.chance(5) {
            self.note("lost", || format!("hello {client} {server}"));
            return Ok(());
        }
        let Some(key) = self.accept_hello(client, server, &answer.encode(), true)? else { return Ok(()) };
        let cursor = self.cursor(at);
        let peer = self.nodes[server].code.clone();
        self.links[at].puller = Some(Puller::new(self.founding.region, peer, key, cursor));
        self.note("connect", || format!("{client} {server}"));
        Ok(())
    }

    /// The cursor to begin with: mostly the newest, sometimes none, an old one, or another's.
    fn cursor(&mut self, at: usize) -> Option<String> {
        let settled = &self.links[at].settled;
        if self.calm || settled.is_empty() {
            return settled.last().cloned();
        }
        match self.dice.below(10) {
            0 => None,
            1 => Some(self.dice.pick(&self.links[at].settled).clone()),
            2 => Some("AAAA-not-a-cursor".to_owned()),
            3 => {
                let other = self.dice.below(self.links.len());
                self.links[other].settled.last().cloned()
            }
            _ => settled.last().cloned(),
        }
    }

    fn hello(&mut self, from: usize, protocol: Option<u64>) -> Result<Option<Hello>, Violation> {
        let Some(node) = self.nodes[from].node.as_ref() else { return Ok(None) };
        let notes = node.statement_notes(&node.member);
        let Some(notes) = self.settle(from, notes)? else { return Ok(None) };
        let statements = notes.into_iter().map(|note| String::from_utf8(note).expect("a note")).collect();
        Ok(Some(Hello {
            protocols: PROTOCOLS.to_vec(),
            region: self.founding.region.to_string(),
            software: "gotong-testkit/0".to_owned(),
            statements,
            protocol,
        }))
    }

    /// Reads a hello; returns the sender's node key.
    fn accept_hello(
        &mut self,
        at: usize,
        from: usize,
        bytes: &[u8],
        dialled: bool,
    ) -> Result<Option<gotong_crypto::PublicKey>, Violation> {
        let Some(node) = self.nodes[at].node.as_ref() else { return Ok(None) };
        let sender = &self.founding.members[from];
        let hello = Hello::decode(bytes).map_err(|fault| Violation { invariant: "7", text: fault.to_string() })?;
        let dialled = dialled.then_some(&sender.code);
        let identified = match identify(&hello, &sender.tls, &node.governance(), &node.member, dialled) {
            Ok(identified) => identified,
            // A former member's hello is nobody's.
            Err(_) if !self.oracle.in_force(at).is_member(&self.oracle.law, from, self.now_of(at)) => return Ok(None),
            Err(fault) => return broken("1", format!("an honest hello is refused: {fault}")),
        };
        // Somebody else's certificate with the same statements is nobody.
        let other = &self.founding.members[at].tls;
        if self.dice.chance(10) && identify(&hello, other, &node.governance(), &node.member, dialled).is_ok() {
            return broken("1", "a hello is accepted with another's certificate");
        }
        let key = identified.chain.last().map(|newest| newest.node_key);
        let adopted = node.adopt_statements(&identified.notes);
        Ok(self.settle(at, adopted)?.and(key))
    }
}
