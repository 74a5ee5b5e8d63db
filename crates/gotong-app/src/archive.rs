//! Exporting an archive file (`docs/protocol.md` section 9): logs with everything that proves them, for anyone to verify offline.

use std::collections::BTreeSet;

pub use gotong_ledger::Encoding;
use gotong_ledger::{ArchiveFault, ArchiveWriter, Checkpoint, SectionKind};
use gotong_model::{AgreementId, ChannelId, MemberCode};

use crate::acknowledge;
use crate::caller::Caller;
use crate::node::{Node, NodeFault};
use crate::rows::{self, LogRow};
use crate::serve;
use crate::view::scope::Scope;

/// Which logs.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Filter {
    /// Only of this channel.
    pub channel: Option<ChannelId>,
    /// Only by this author.
    pub author: Option<MemberCode>,
    /// Only this log.
    pub origin: Option<String>,
}

/// What was exported.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Exported {
    /// Logs.
    pub logs: u64,
    /// Entries in them.
    pub entries: u64,
    /// Bytes written.
    pub bytes: u64,
    /// Logs that are left out, with the reason.
    pub skipped: Vec<(String, String)>,
}

/// Why an export ended early; what was written by then is no archive.
#[derive(Debug, thiserror::Error)]
pub enum ExportFault {
    /// Where it should go did not take it.
    #[error("the archive cannot be written: {0}")]
    Write(#[from] std::io::Error),
    /// The node failed.
    #[error(transparent)]
    Node(#[from] NodeFault),
}

impl From<gotong_store::Fault> for ExportFault {
    fn from(fault: gotong_store::Fault) -> Self {
        Self::Node(fault.into())
    }
}

struct Out<'a> {
    writer: ArchiveWriter,
    write: &'a mut dyn FnMut(&[u8]) -> std::io::Result<()>,
    bytes: u64,
}

impl Out<'_> {
    fn section(&mut self, kind: SectionKind, bytes: &[u8]) -> Result<(), ExportFault> {
        let section = self.writer.section(kind, bytes);
        let section = section.map_err(|fault: ArchiveFault| NodeFault::Unfit(fault.to_string()))?;
        self.bytes += section.len() as u64;
        Ok((self.write)(&section)?)
    }
}

/// Writes an archive of the logs that the caller may read and asks for. Each log is exported as it stands when its turn comes; agreements and
/// acknowledgements are those of the logs exported and no others.
pub fn export(
    node: &Node,
    caller: &Caller,
    filter: &Filter,
    write: &mut dyn FnMut(&[u8]) -> std::io::Result<()>,
) -> Result<Exported, ExportFault> {
    export_encoded(node, caller, filter, Encoding::Zstd, write)
}

/// [`export`] with frames written as asked for: plain ones are for verifiers without zstd.
pub fn export_encoded(
    node: &Node,
    caller: &Caller,
    filter: &Filter,
    encoding: Encoding,
    write: &mut dyn FnMut(&[u8]) -> std::io::Result<()>,
) -> Result<Exported, ExportFault> {
    let scope = Scope::new(node, caller);
    let mut exported = Exported::default();
    let mut chosen = Vec::new();
    {
        let tx = node.store.read()?;
        for channel in scope.governance.channels() {
            // What stands under the house rule stays with the member.
            let wanted = filter.channel.is_none_or(|wanted| wanted == channel.id) && !channel.kind.is_of_house();
            if !wanted || scope.channel(&channel.id).is_none() {
                continue;
            }
            for row in rows::logs_in(tx.as_ref(), &channel.id)? {
                let origin = row.id.origin(&scope.governance.region).to_string();
                let wanted = filter.author.as_ref().is_none_or(|author| *author == row.id.author)
                    && filter.origin.as_ref().is_none_or(|wanted| *wanted == origin);
                if wanted && row.size() > 0 {
                    match checkpoint(&scope, &row) {
                        Ok(note) => chosen.push((row, note, channel.agreement.id)),
                        Err(reason) => exported.skipped.push((origin, reason)),
                    }
                }
            }
        }
    }
    let mut out = Out { writer: ArchiveWriter::new(), write, bytes: 0 };
    out.section(SectionKind::Charter, &node.charter_note()?)?;
    for note in scope.governance.later_charter_notes() {
        out.section(SectionKind::Charter, note.as_bytes())?;
    }
    for member in scope.governance.statements.keys() {
        for note in node.statement_notes(member)? {
            out.section(SectionKind::Statement, &note)?;
        }
    }
    let agreements: BTreeSet<AgreementId> = chosen.iter().map(|(_, _, agreement)| *agreement).collect();
    for agreement in agreements.iter().filter_map(|id| scope.governance.agreements.get(id)) {
        for version in &agreement.versions {
            out.section(SectionKind::Agreement, &version.note)?;
        }
        for note in scope.governance.notice_notes(agreement) {
            out.section(SectionKind::Notice, note.as_bytes())?;
        }
    }
    for (row, note, _) in &chosen {
        frames(node, (row, note), encoding, &mut out)?;
        exported.logs += 1;
        exported.entries += row.size();
    }
    for (row, _, _) in &chosen {
        let known = acknowledge::known(node, node.store.read()?.as_ref(), row.no)?;
        for (ack, note) in known {
            // One that came after the log's turn covers leaves that are not in the archive.
            if ack.verified <= row.size() {
                out.section(SectionKind::Acknowledgement, note.as_bytes())?;
            }
        }
    }
    exported.bytes = out.bytes;
    Ok(exported)
}

/// The checkpoint of exactly what is here.
fn checkpoint(scope: &Scope<'_>, row: &LogRow) -> Result<String, String> {
    if row.id.author == scope.node.member {
        let signed = scope.node.sequencer.checkpoint(row, &scope.governance.region, &scope.node.node_key);
        return signed.ok_or_else(|| "its newest entries are being synced, or this node may not sign".to_owned());
    }
    match Checkpoint::parse_unverified(row.checkpoint.as_bytes()) {
        Ok(checkpoint) if checkpoint.size == row.size() => Ok(row.checkpoint.clone()),
        Ok(checkpoint) => Err(format!(
            "{} of {} entries are here; it can be proven once the rest has arrived",
            row.size(),
            checkpoint.size
        )),
        Err(fault) => Err(fault.to_string()),
    }
}

fn frames(node: &Node, (row, note): (&LogRow, &str), encoding: Encoding, out: &mut Out<'_>) -> Result<(), ExportFault> {
    let mut first = 0;
    while first < row.size() {
        // A snapshot for each frame: an export takes longer than a snapshot may.
        let frame = {
            let tx = node.store.read()?;
            serve::frame(tx.as_ref(), row, note, first)?
        };
        first += frame.entries.len() as u64;
        let bytes = frame.encode(encoding).map_err(|fault| NodeFault::Unfit(fault.to_string()))?;
        out.section(SectionKind::Frame, &bytes)?;
    }
    Ok(())
}
