//! Verifying an archive file without a node (`docs/protocol.md` section 9): everything in it is read as if a stranger had sent it. What it says of
//! itself is proved from the charter on; whether the charter is the right one, its words tell, and a person compares them.

use std::collections::BTreeMap;
use std::io::Read;

use anyhow::{Context, Result, bail};
use gotong_crypto::PublicKey;
use gotong_ledger::{ArchiveReader, Follower, Frame, FrameEntry, Section, SectionKind, VerifiedFrame};
use gotong_model::acknowledgement::Acknowledgement;
use gotong_model::control::{Control, ControlKind, TargetRange};
use gotong_model::envelope::{Envelope, Kind};
use gotong_model::governance::Governance;
use gotong_model::{ChannelId, LogId, MemberCode, Origin};
use serde_json::{Value, json};

const PIECE_BYTES: usize = 256 << 10;

/// A log of an archive.
struct Log {
    id: LogId,
    follower: Follower,
    whole: u64,
    /// Indexes of entries without content.
    bare: Vec<u64>,
}

/// An archive being read.
#[derive(Default)]
struct Reading {
    governance: Option<Governance>,
    /// The statements of one member, until another's begin.
    chain: Vec<Vec<u8>>,
    logs: BTreeMap<String, Log>,
    /// The newest log's origin: frames of one log stand together.
    current: Option<String>,
    /// What tombstones name, by channel and author.
    named: BTreeMap<(ChannelId, MemberCode), Vec<TargetRange>>,
    acknowledgements: Vec<Vec<u8>>,
}

/// Reads and verifies an archive; answers what is in it, or fails with what does not hold.
pub(crate) fn verify(mut input: impl Read) -> Result<Value> {
    let mut reader = ArchiveReader::new();
    let mut reading = Reading::default();
    let mut buffer = vec![0; PIECE_BYTES];
    let mut number = 0_u64;
    loop {
        while let Some(section) = reader.next_section().context("the archive cannot be read")? {
            number += 1;
            reading.take(section).with_context(|| format!("section {number} does not hold"))?;
        }
        let count = input.read(&mut buffer)?;
        if count == 0 {
            break;
        }
        reader.feed(buffer.get(..count).unwrap_or_default());
    }
    reader.finish().context("the archive cannot be read")?;
    reading.end()
}

impl Reading {
    fn governance(&mut self) -> Result<&mut Governance> {
        self.governance.as_mut().context("no charter came before it")
    }

    fn take(&mut self, section: Section) -> Result<()> {
        if section.kind != SectionKind::Statement {
            self.end_chain()?;
        }
        match section.kind {
            SectionKind::Charter => match &mut self.governance {
                None => self.governance = Some(Governance::from_charter(&section.bytes)?),
                Some(governance) => {
                    governance.add(&section.bytes)?;
                }
            },
            SectionKind::Statement => {
                // A chain begins anew with serial 1, which names no statement before it.
                let first = section.bytes.split(|byte| *byte == b'\n').nth(1).unwrap_or_default();
                let value = gotong_model::json::parse(first)?;
                if value.get("serial").and_then(Value::as_u64) == Some(1) {
                    self.end_chain()?;
                }
                self.chain.push(section.bytes);
            }
            SectionKind::Agreement => {
                self.governance()?.add_agreement(&section.bytes)?;
            }
            SectionKind::Notice => {
                self.governance()?.add(&section.bytes)?;
            }
            SectionKind::Frame => self.frame(&section.bytes)?,
            SectionKind::Acknowledgement => self.acknowledgements.push(section.bytes),
        }
        Ok(())
    }

    fn end_chain(&mut self) -> Result<()> {
        let chain = std::mem::take(&mut self.chain);
        if !chain.is_empty() {
            self.governance()?.add_statement_notes(chain.iter().map(Vec::as_slice))?;
        }
        Ok(())
    }

    fn frame(&mut self, bytes: &[u8]) -> Result<()> {
        let frame = Frame::decode(bytes)?;
        let name = frame.checkpoint_unverified()?.origin;
        let (id, key) = self.author(&name)?;
        let frame = frame.verify(&key, &name)?;
        if self.current.as_ref() != Some(&name) {
            if self.logs.contains_key(&name) {
                bail!("the frames of {name} do not stand together");
            }
            let log = Log { id: id.clone(), follower: Follower::new(name.clone()), whole: 0, bare: Vec::new() };
            self.logs.insert(name.clone(), log);
            self.current = Some(name.clone());
        }
        let log = self.logs.get_mut(&name).context("its log")?;
        log.follower.admit(&frame)?;
        let named = entries(log, &frame);
        self.named.entry((id.channel, id.author)).or_default().extend(named);
        Ok(())
    }

    /// Whose log it is, and the key that must have signed its checkpoint.
    fn author(&mut self, name: &str) -> Result<(LogId, PublicKey)> {
        let governance = self.governance()?;
        let origin = Origin::from_text(name).filter(|origin| origin.region == governance.region);
        let id = origin.with_context(|| format!("{name} is no log of this region"))?.log;
        if !governance.in_audience(&id.channel, &id.author) {
            bail!("no agreement here lets {} write {name}", id.author);
        }
        let key = governance
            .node_key(&id.author)
            .copied()
            .with_context(|| format!("no statement of {} came before it", id.author))?;
        Ok((id, key))
    }

    fn end(mut self) -> Result<Value> {
        self.end_chain()?;
        self.check_acknowledgements()?;
        let governance = self.governance.as_ref().context("the archive has no charter")?;
        let mut logs = Vec::new();
        for (name, log) in &self.logs {
            if !log.follower.promised().is_empty() {
                bail!("{name} ends before the checkpoint that its frames name");
            }
            let named = self.named.get(&(log.id.channel, log.id.author.clone())).map(Vec::as_slice).unwrap_or_default();
            let named = merged(named.iter().filter(|range| range.epoch == log.id.epoch));
            let erased = log.bare.iter().filter(|index| covers(&named, **index)).count();
            let frontier = log.follower.frontier();
            logs.push(
                json!({"log": name, "size": frontier.size(), "root": frontier.root().to_text(), "whole": log.whole,
                "erased": erased, "withheld": log.bare.len() - erased}),
            );
        }
        Ok(json!({"region": governance.region.to_string(), "words": governance.region.to_words(), "logs": logs,
            "acknowledgements": self.acknowledgements.len()}))
    }

    fn check_acknowledgements(&mut self) -> Result<()> {
        let notes = std::mem::take(&mut self.acknowledgements);
        let governance = self.governance()?;
        for note in &notes {
            let (acknowledgement, opened) = Acknowledgement::open(note, &governance.region)?;
            let key = governance
                .node_key(&acknowledgement.member)
                .context("an acknowledgement of a member without a statement")?;
            acknowledgement.verify(&opened, &governance.region, key)?;
        }
        self.acknowledgements = notes;
        Ok(())
    }
}

/// Ranges in order, those that touch made one.
fn merged<'a>(ranges: impl Iterator<Item = &'a TargetRange>) -> Vec<(u64, u64)> {
    let mut sorted: Vec<(u64, u64)> = ranges.map(|range| (range.first, range.last)).collect();
    sorted.sort_unstable();
    let mut merged: Vec<(u64, u64)> = Vec::with_capacity(sorted.len());
    for (first, last) in sorted {
        match merged.last_mut().filter(|before| first <= before.1.saturating_add(1)) {
            Some(before) => before.1 = before.1.max(last),
            None => merged.push((first, last)),
        }
    }
    merged
}

fn covers(ranges: &[(u64, u64)], index: u64) -> bool {
    let behind = ranges.partition_point(|(first, _)| *first <= index);
    behind.checked_sub(1).and_then(|at| ranges.get(at)).is_some_and(|(_, last)| index <= *last)
}

/// Counts a frame's entries; answers what tombstones among them name.
fn entries(log: &mut Log, frame: &VerifiedFrame) -> Vec<TargetRange> {
    let mut named = Vec::new();
    for (index, (entry, leaf)) in (frame.first..).zip(&frame.entries) {
        let FrameEntry::Whole { envelope, body, .. } = entry else {
            log.bare.push(index);
            continue;
        };
        log.whole += 1;
        if !leaf.is_control() {
            continue;
        }
        let Ok(envelope) = Envelope::parse(envelope, true) else { continue };
        if envelope.kind != Kind::Control(ControlKind::Tombstone) || envelope.version != 1 {
            continue;
        }
        if let Ok(Some(Control::Tombstone { targets, .. })) = Control::parse(ControlKind::Tombstone, body) {
            named.extend(targets);
        }
    }
    named
}

#[cfg(test)]
mod tests {
    use gotong_model::EpochId;

    use super::*;

    #[test]
    fn ranges_cover_what_they_name_and_nothing_else() {
        let range = |first, last| TargetRange { epoch: EpochId([0; 16]), first, last };
        let ranges = [range(8, 9), range(2, 4), range(3, 6), range(7, 7), range(20, 20)];
        let merged = merged(ranges.iter());
        assert_eq!(merged, [(2, 9), (20, 20)]);
        let covered: Vec<u64> = (0..25).filter(|index| covers(&merged, *index)).collect();
        assert_eq!(covered, [2, 3, 4, 5, 6, 7, 8, 9, 20]);
        assert!(!covers(&[], 0));
    }

    #[test]
    fn what_is_no_archive_is_refused() {
        assert!(verify(&b"no archive"[..]).is_err());
        assert!(verify(&b"gotong archive 0\n"[..]).is_err(), "it has no charter");
    }
}
