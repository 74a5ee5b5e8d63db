//! The asking side: what to ask next, and what an answer does to the node that asked.

use gotong_app::receive::{Applied, PreparedFrame};
use gotong_app::{acknowledge, rows};
use gotong_ledger::{Encoding, Frame};
use gotong_model::LogId;
use gotong_sync::wire::{ChangesAnswer, split_frames};
use gotong_sync::{Ask, News, PeerFault};

use super::{Exchange, Stage, Stashed};
use crate::breakage::Breakage;
use crate::oracle::{Violation, broken};
use crate::region::Region;

/// Logs that the client keeps cursors of.
const CURSORS_MAX: usize = 6;

impl Region {
    /// Puts the next request on the line.
    pub(super) fn ask(&mut self, at: usize) -> Result<(), Violation> {
        let (client, server) = (self.links[at].client, self.links[at].server);
        let mut sent = Vec::new();
        let fetching = self.links[at].puller.as_ref().is_some_and(gotong_sync::Puller::is_fetching);
        if !fetching {
            let Some(node) = self.nodes[client].node.as_ref() else { return Ok(()) };
            let due = node.due_acknowledgements(&self.nodes[server].code, 512);
            let Some(due) = self.settle(client, due)? else { return Ok(()) };
            sent = due;
            if self.breakage == Some(Breakage::EarlyAcknowledgement) {
                self.claim_erasure(client, &mut sent);
            }
            for (_, note) in &sent {
                self.watch_acknowledgement(client, note)?;
            }
        }
        let mut notes: Vec<String> = sent.iter().map(|(_, note)| note.clone()).collect();
        if !fetching && self.dice.chance(20) {
            notes.extend(self.told_to_others(client, server)?);
        }
        let Some(puller) = self.links[at].puller.as_ref() else { return Ok(()) };
        let ask = puller.ask(notes, 0);
        let encoding = if self.dice.chance(50) { Encoding::Plain } else { Encoding::Zstd };
        let bytes = match &ask {
            Ask::Changes(bytes) => bytes.clone(),
            Ask::Frames(log, from) => {
                let (channel, author, epoch) = (log.channel, &log.author, log.epoch);
                format!(
                    "GET /federation/v1/frames/{channel}/{author}/{epoch}?from={from}&encoding={}",
                    encoding.number()
                )
                .into_bytes()
            }
        };
        self.links[at].stage = Stage::Asked(Exchange { ask, encoding, bytes, sent, tampered: false });
        Ok(())
    }

    /// The client's newest acknowledgements of third members' logs, for a server that reads those too: it passes them on to their authors.
    fn told_to_others(&mut self, client: usize, server: usize) -> Result<Vec<String>, Violation> {
        let Some(node) = self.nodes[client].node.as_ref() else { return Ok(Vec::new()) };
        let tx = self.nodes[client].store.look();
        let mut notes = Vec::new();
        for ((author, channel), log) in &self.oracle.logs {
            let both = self.reads(client, *channel, client) && self.reads(client, *channel, server);
            if *author == client || *author == server || !both {
                continue;
            }
            let Some(row) = rows::log_by_id(tx.as_ref(), &log.id).ok().flatten() else { continue };
            let known = acknowledge::known(node, tx.as_ref(), row.no);
            let known = known.map_err(|fault| Violation { invariant: "4", text: fault.to_string() })?;
            notes.extend(known.into_iter().filter(|(said, _)| said.member == node.member).map(|(_, note)| note));
        }
        Ok(notes)
    }

    /// Applies an answer.
    pub(super) fn take(&mut self, at: usize, exchange: &Exchange) -> Result<(), Violation> {
        let client = self.links[at].client;
        let news = {
            let Some(puller) = self.links[at].puller.as_mut() else { return Ok(()) };
            match &exchange.ask {
                Ask::Changes(_) => puller.changes(&exchange.bytes),
                Ask::Frames(..) => puller.frames(&exchange.bytes),
            }
        };
        let news = match news {
            Ok(news) => news,
            Err(fault) => {
                let excused = exchange.tampered || matches!(fault, PeerFault::Missing(_));
                if !excused {
                    return broken("2", format!("an honest answer is refused: {fault}"));
                }
                self.note("refused", || fault.to_string());
                self.links[at].hang_up();
                return Ok(());
            }
        };
        for item in news {
            if !self.take_news(at, item)? {
                self.links[at].hang_up();
                break;
            }
        }
        self.check_node(client)?;
        if let (Ask::Changes(_), Some(node), true) =
            (&exchange.ask, self.nodes[client].node.as_ref(), self.links[at].puller.is_some())
        {
            let noted = node.acknowledged(&self.nodes[self.links[at].server].code, &exchange.sent);
            self.settle(client, noted)?;
        }
        let link = &mut self.links[at];
        if let Some(cursor) =
            link.puller.as_ref().filter(|puller| !puller.is_fetching()).and_then(|puller| puller.cursor())
        {
            link.settled.push(cursor.to_owned());
            if link.settled.len() > CURSORS_MAX {
                link.settled.remove(0);
            }
        }
        Ok(())
    }

    /// One piece of news. `false`: the client's machine failed, and the rest is for another time.
    fn take_news(&mut self, at: usize, item: News) -> Result<bool, Violation> {
        let client = self.links[at].client;
        let Some(node) = self.nodes[client].node.as_ref() else { return Ok(false) };
        match item {
            News::Log(mut wanted) => {
                let here = node.leaves_here(&wanted.log);
                let Some(here) = self.settle(client, here)? else { return Ok(false) };
                let Some(have) = here else {
                    if !self.is_read(client, &wanted.log) {
                        return Ok(true);
                    }
                    return broken("5", format!("{} does not read a log that it may read", self.name(client)));
                };
                let Some(node) = self.nodes[client].node.as_ref() else { return Ok(false) };
                let noted = node.note_checkpoint(&wanted.log, &wanted.checkpoint, &wanted.note);
                let Some(noted) = self.settle(client, noted)? else { return Ok(false) };
                self.no_contradiction(client, &noted)?;
                wanted.have = have;
                if let Some(puller) = self.links[at].puller.as_mut() {
                    puller.want(*wanted);
                }
                Ok(true)
            }
            News::Acknowledgements(notes) => {
                let taken = node.take_acknowledgements(&notes);
                Ok(self.settle(client, taken)?.is_some())
            }
            News::Frame(log, frame) => {
                let prepared = node.prepare_frame(&log, *frame);
                let Some(prepared) = self.settle(client, prepared)? else { return Ok(false) };
                let Some(applied) = self.apply(client, &log, prepared)? else { return Ok(false) };
                self.no_contradiction(client, &applied)?;
                if applied == Applied::NotReadable && !self.is_read(client, &log) {
                    return Ok(false);
                }
                let (Applied::Stored { size, .. } | Applied::Elsewhere(size)) = applied else {
                    return broken("2", format!("{} does not store an honest frame: {applied:?}", self.name(client)));
                };
                if let Some(puller) = self.links[at].puller.as_mut() {
                    puller.stored(&log, size);
                }
                if matches!(applied, Applied::Stored { erasing: true, .. }) && self.dice.chance(40) {
                    self.finish_erasures(client)?;
                }
                Ok(true)
            }
        }
    }

    /// Applies a prepared frame, and counts how often bodies are missing and how often they come after all.
    fn apply(&mut self, at: usize, log: &LogId, prepared: PreparedFrame) -> Result<Option<Applied>, Violation> {
        let missing = |region: &Self| {
            let row = rows::log_by_id(region.nodes[at].store.look().as_ref(), log);
            row.ok().flatten().map_or((0, 0), |row| (row.withheld, row.size()))
        };
        let before = missing(self);
        let Some(node) = self.nodes[at].node.as_ref() else { return Ok(None) };
        let applied = node.apply_frame(prepared);
        let applied = self.settle(at, applied)?;
        let after = missing(self);
        if after.0 > before.0 {
            self.note("withheld", || format!("{at} {}", after.0));
            // Now an older answer would bring the bodies that the author has erased meanwhile.
            let late = |stashed: &Stashed| stashed.client == at && stashed.log.as_ref() == Some(log);
            if let Some(place) = self.stash.iter().position(late).filter(|_| !self.calm) {
                self.play(place)?;
            }
        } else if after.0 < before.0 && after.1 == before.1 {
            self.note("filled", || format!("{at} {}", after.0));
        }
        Ok(applied)
    }

    fn no_contradiction(&self, client: usize, applied: &Applied) -> Result<(), Violation> {
        if *applied == Applied::TwoHistories {
            return broken("8", format!("{} finds two histories of a log", self.name(client)));
        }
        Ok(())
    }

    /// Somebody asks for the whole of a log, and the answer is long on its way: bodies that are withdrawn meanwhile are still in it.
    pub(crate) fn ask_slowly(&mut self) -> Result<(), Violation> {
        let link = self.dice.below(self.links.len());
        let (client, server) = (self.links[link].client, self.links[link].server);
        let channel = self.dice.below(self.oracle.channels.len());
        self.ask_slowly_for(client, server, channel)
    }

    /// The same for one log.
    pub(crate) fn ask_slowly_for(&mut self, client: usize, server: usize, channel: usize) -> Result<(), Violation> {
        let reads = client != server && self.reads(server, channel, client);
        let Some(log) = self.oracle.logs.get(&(server, channel)).filter(|_| reads) else { return Ok(()) };
        let log = log.id.clone();
        if let Some(bytes) = self.answer_frames(client, server, (&log, 0), Encoding::Zstd)? {
            self.put_by(Stashed { client, server, log: Some(log), bytes });
        }
        self.check_node(server)
    }

    /// Plays an old answer again, as a second connection or a slow one would.
    pub(crate) fn play_again(&mut self) -> Result<(), Violation> {
        if self.stash.is_empty() {
            return Ok(());
        }
        let place = self.dice.below(self.stash.len());
        self.play(place)
    }

    fn play(&mut self, place: usize) -> Result<(), Violation> {
        let Stashed { client, server, log, bytes } = &self.stash[place];
        let (client, server, log, bytes) = (*client, *server, log.clone(), bytes.clone());
        if self.nodes[client].node.is_none() {
            return Ok(());
        }
        self.note("again", || format!("{client} {server} {}", bytes.len()));
        let key = self.founding.members[server].node.public();
        let region = self.founding.region;
        let Some(log) = log else {
            let mut puller = gotong_sync::Puller::new(region, self.nodes[server].code.clone(), key, None);
            if let Ok(news) = puller.changes(&bytes) {
                for item in news {
                    let Some(node) = self.nodes[client].node.as_ref() else { break };
                    match item {
                        News::Log(wanted) => {
                            let noted = node.note_checkpoint(&wanted.log, &wanted.checkpoint, &wanted.note);
                            if let Some(noted) = self.settle(client, noted)? {
                                self.no_contradiction(client, &noted)?;
                            }
                        }
                        News::Acknowledgements(notes) => {
                            let taken = node.take_acknowledgements(&notes);
                            self.settle(client, taken)?;
                        }
                        News::Frame(..) => {}
                    }
                }
            }
            debug_assert!(ChangesAnswer::decode(&bytes).is_ok());
            return self.check_node(client);
        };
        let origin = log.origin(&region).to_string();
        for bytes in split_frames(&bytes).unwrap_or_default() {
            let frame = Frame::decode(bytes).and_then(|frame| frame.verify(&key, &origin));
            let frame = frame.map_err(|fault| Violation { invariant: "2", text: format!("an old frame: {fault}") })?;
            let Some(node) = self.nodes[client].node.as_ref() else { break };
            let prepared = node.prepare_frame(&log, frame);
            let Some(prepared) = self.settle(client, prepared)? else { break };
            let Some(applied) = self.apply(client, &log, prepared)? else { break };
            self.no_contradiction(client, &applied)?;
        }
        self.check_node(client)
    }

    /// Whether a node reads a log by what it knows: both it and the author are of the audience.
    fn is_read(&self, at: usize, log: &LogId) -> bool {
        let Some(author) = self.founding.place(&log.author) else { return false };
        match self.oracle.channels.iter().position(|channel| channel.id == log.channel) {
            Some(channel) => self.reads(at, channel, at) && self.reads(at, channel, author),
            None => self.governs(at, &log.channel, at) && self.governs(at, &log.channel, author),
        }
    }

    /// A frame of a channel comes to somebody outside: it is not taken, and nothing of it stays.
    pub(crate) fn misdeliver(&mut self, to: usize) -> Result<(), Violation> {
        let hidden = |log: &gotong_model::LogId| !self.is_read(to, log) && self.founding.place(&log.author) != Some(to);
        let Some(stashed) = self.stash.iter().find(|stashed| stashed.log.as_ref().is_some_and(hidden)) else {
            return Ok(());
        };
        let (Some(log), server, bytes) = (stashed.log.clone(), stashed.server, stashed.bytes.clone()) else {
            return Ok(());
        };
        let key = self.founding.members[server].node.public();
        let origin = log.origin(&self.founding.region).to_string();
        self.note("misdelivered", || format!("{to}"));
        for bytes in split_frames(&bytes).unwrap_or_default() {
            let Some(node) = self.nodes[to].node.as_ref() else { break };
            let Ok(frame) = Frame::decode(bytes).and_then(|frame| frame.verify(&key, &origin)) else { continue };
            let applied = node.prepare_frame(&log, frame).and_then(|prepared| node.apply_frame(prepared));
            if self.settle(to, applied)?.is_some_and(|applied| applied != Applied::NotReadable) {
                return broken("1", format!("{} takes a frame of a channel that it does not read", self.name(to)));
            }
        }
        self.check_node(to)
    }
}
