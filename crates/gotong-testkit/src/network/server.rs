//! The answering side: bytes of a request to bytes of an answer, through the node that is asked. What leaves it is looked at: checkpoints must be durable and
//! never contradict each other.

use gotong_ledger::{Checkpoint, Encoding, Frame};
use gotong_model::{EpochId, LogId};
use gotong_sync::Ask;
use gotong_sync::wire::{ChangesRequest, push_frame, split_frames};

use super::Exchange;
use crate::breakage::Breakage;
use crate::oracle::{Violation, broken};
use crate::region::Region;

impl Region {
    /// Lets the server answer. `None`: it does not, or its machine failed; the line breaks.
    pub(super) fn answer(&mut self, at: usize, exchange: Exchange) -> Result<Option<Exchange>, Violation> {
        let (client, server) = (self.links[at].client, self.links[at].server);
        let bytes = match &exchange.ask {
            Ask::Changes(_) => self.answer_changes(client, server, &exchange)?,
            Ask::Frames(log, from) => self.answer_frames(client, server, (log, *from), exchange.encoding)?,
        };
        self.check_node(server)?;
        Ok(bytes.map(|bytes| Exchange { bytes, tampered: false, ..exchange }))
    }

    fn answer_changes(
        &mut self,
        client: usize,
        server: usize,
        exchange: &Exchange,
    ) -> Result<Option<Vec<u8>>, Violation> {
        let request = match ChangesRequest::decode(&exchange.bytes) {
            Ok(request) => request,
            Err(_) if exchange.tampered => return Ok(None),
            Err(fault) => return broken("7", format!("an honest request is refused: {fault}")),
        };
        let Some(node) = self.nodes[server].node.as_ref() else { return Ok(None) };
        let taken = node.take_acknowledgements(&request.acknowledgements);
        if self.settle(server, taken)?.is_none() {
            return Ok(None);
        }
        let Some(node) = self.nodes[server].node.as_ref() else { return Ok(None) };
        let peer = &self.nodes[client].code;
        let mut answer = node.changes_for(peer, request.cursor.as_deref(), self.calm);
        if matches!(answer, Ok(None)) {
            // Nothing new: it waits, and then answers all the same.
            answer = node.changes_for(peer, request.cursor.as_deref(), true);
        }
        let Some(answer) = self.settle(server, answer)? else { return Ok(None) };
        let Some(answer) = answer else { return broken("2", "no answer where one was due now") };
        for log in &answer.logs {
            self.watch_checkpoint(server, log.checkpoint.as_bytes())?;
            let told = Checkpoint::parse_unverified(log.checkpoint.as_bytes()).ok();
            let told = told.and_then(|checkpoint| gotong_model::Origin::from_text(&checkpoint.origin));
            if !told.is_some_and(|origin| self.is_served(server, &origin.log, client)) {
                return broken(
                    "1",
                    format!("{} tells {} of a log that it may not read", self.name(server), self.name(client)),
                );
            }
        }
        let encoded = answer.encode();
        self.note("changes", || {
            format!("{client} {server} {} logs, {} acknowledgements", answer.logs.len(), answer.acknowledgements.len())
        });
        Ok(Some(encoded))
    }

    pub(super) fn answer_frames(
        &mut self,
        client: usize,
        server: usize,
        (log, from): (&LogId, u64),
        encoding: Encoding,
    ) -> Result<Option<Vec<u8>>, Violation> {
        let Some(node) = self.nodes[server].node.as_ref() else { return Ok(None) };
        let mut answer = node.frames_for(&self.nodes[client].code, log, from, encoding);
        if self.breakage == Some(Breakage::ServesFormer) && matches!(answer, Ok(None)) {
            answer = node.frames_for(&log.author, log, from, encoding);
        }
        let Some(answer) = self.settle(server, answer)? else { return Ok(None) };
        let may = self.is_served(server, log, client);
        if answer.is_some() && !may {
            return broken(
                "1",
                format!("{} serves {}, which is not of the audience", self.name(server), self.name(client)),
            );
        }
        if let Some(channel) = self.oracle.channels.iter().position(|channel| channel.id == log.channel).filter(|_| may)
        {
            let size = self.oracle.logs.get(&(server, channel)).map_or(0, crate::oracle::LogModel::size);
            self.watch.entitle(client, (server, channel), size);
        }
        let Some(mut bytes) = answer else {
            if !may {
                return Ok(None);
            }
            return broken(
                "2",
                format!("{} does not answer frames of its own log to {}", self.name(server), self.name(client)),
            );
        };
        for frame in split_frames(&bytes).unwrap_or_default() {
            let frame = Frame::decode(frame).map_err(|fault| Violation { invariant: "2", text: fault.to_string() })?;
            self.watch_checkpoint(server, &frame.checkpoint_note)?;
        }
        if !self.calm && self.dice.chance(30) {
            bytes = self.recut(server, log, &bytes, encoding)?;
        }
        if self.breakage == Some(Breakage::UnverifiedFrame) && self.dice.chance(20) {
            bytes = self.forge(client, server, log, &bytes)?;
        }
        self.note("frames", || format!("{client} {server} from {from}, {} bytes", bytes.len()));
        Ok(Some(bytes))
    }

    /// Somebody outside asks for a log whose name it has heard; the answer must be that for a log that does not exist.
    pub(crate) fn probe(&mut self, asker: usize, server: usize, log: &LogId) -> Result<(), Violation> {
        let Some(node) = self.nodes[server].node.as_ref() else { return Ok(()) };
        let peer = &self.nodes[asker].code;
        let nowhere = LogId { epoch: EpochId([0xee; 16]), ..log.clone() };
        let mut real = node.frames_for(peer, log, 0, Encoding::Plain);
        let nothing = node.frames_for(peer, &nowhere, 0, Encoding::Plain);
        if self.breakage == Some(Breakage::AnyoneReads) {
            real = node.frames_for(&log.author, log, 0, Encoding::Plain);
            let party = (0..self.nodes.len()).find(|party| *party != server && self.is_served(server, log, *party));
            if let Some(party) = party {
                real = node.frames_for(&self.nodes[party].code, log, 0, Encoding::Plain);
            }
        }
        let was_served = |channel| self.watch.entitled(asker, (server, channel)) > 0;
        let channel = self.oracle.channels.iter().position(|channel| channel.id == log.channel);
        if self.breakage == Some(Breakage::ServesFormer) && channel.is_some_and(was_served) {
            real = node.frames_for(&log.author, log, 0, Encoding::Plain);
        }
        let (Some(real), Some(nothing)) = (self.settle(server, real)?, self.settle(server, nothing)?) else {
            return Ok(());
        };
        self.note("probe", || format!("{asker} {server}"));
        if let Some(bytes) = &real {
            self.seen(server, asker, bytes, false)?;
        }
        if real != nothing {
            return broken("1", format!("{} answers an outsider differently where there is a log", self.name(server)));
        }
        Ok(())
    }

    /// Whether a member may have a server's own log by what the server knows.
    fn is_served(&self, server: usize, log: &LogId, member: usize) -> bool {
        match self.oracle.channels.iter().position(|channel| channel.id == log.channel) {
            Some(channel) => self.reads(server, channel, member),
            None => self.governs(server, &log.channel, member),
        }
    }

    /// The same entries in other frames, as another honest server might cut them, or fewer of them.
    fn recut(&mut self, server: usize, log: &LogId, bytes: &[u8], encoding: Encoding) -> Result<Vec<u8>, Violation> {
        let mut out = Vec::new();
        let mut budget = 1 + self.dice.below(12);
        for frame in split_frames(bytes).unwrap_or_default() {
            let frame = Frame::decode(frame).map_err(|fault| Violation { invariant: "2", text: fault.to_string() })?;
            let mut rest = frame.entries.clone();
            let mut first = frame.first;
            while !rest.is_empty() && budget > 0 {
                let length = (1 + self.dice.below(12)).min(rest.len());
                let entries: Vec<_> = rest.drain(..length).collect();
                let proof = self.prove(server, log, first, entries.len() as u64, &frame)?;
                let piece = Frame { checkpoint_note: frame.checkpoint_note.clone(), first, proof, entries };
                push_frame(
                    &mut out,
                    &piece.encode(encoding).map_err(|fault| Violation { invariant: "2", text: fault.to_string() })?,
                );
                first += length as u64;
                budget -= 1;
            }
        }
        Ok(out)
    }
}
