//! An entry read: what its envelope and body say, or why it is faulty. Shared by author, receiver and rebuild, so that all judge alike
//! (`docs/protocol.md` section 7, *Faulty*).

use crate::control::{Control, ControlKind};
use crate::envelope::{Envelope, Kind};
use crate::json::JsonFault;

/// The leaf flag of entries whose kind a reader must know.
pub const FLAG_CRITICAL: u8 = 1;
/// The leaf flag of control entries.
pub const FLAG_CONTROL: u8 = 2;

/// What an entry says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Reading {
    /// A record: its envelope; the body is interpreted by its kind.
    Record(Envelope),
    /// A control entry.
    Control(Envelope, Control),
    /// An entry whose kind is unknown here and that says it must be known: the log shows no further.
    UnknownCritical,
    /// A record of a kind unknown here: kept and relayed.
    UnknownRecord(Envelope),
}

/// Reads an entry by itself; whether it fits its log and its agreement is judged elsewhere.
pub fn read(flags: u8, envelope: &[u8], body: &[u8]) -> Result<Reading, JsonFault> {
    let is_control = flags & FLAG_CONTROL != 0;
    let is_critical = flags & FLAG_CRITICAL != 0;
    let parsed = match Envelope::parse(envelope, is_control) {
        Ok(parsed) => parsed,
        // A newer program's control kinds and critical members land here; they must not be passed over in silence.
        Err(_) if is_critical && is_control => return Ok(Reading::UnknownCritical),
        Err(fault) if fault.pointer == "/critical" => return Ok(Reading::UnknownCritical),
        Err(fault) => return Err(fault),
    };
    if usize::try_from(parsed.size).ok() != Some(body.len()) {
        return Err(JsonFault::new("/size", "is not the size of the body"));
    }
    match parsed.kind {
        Kind::Control(kind) => {
            let wants_critical = !matches!(kind, ControlKind::Basis);
            if is_critical != wants_critical {
                return Err(JsonFault::new("/kind", "does not fit the critical flag"));
            }
            if parsed.version != 1 {
                return Ok(Reading::UnknownCritical);
            }
            match Control::parse(kind, body)? {
                Some(control) => Ok(Reading::Control(parsed, control)),
                None => Ok(Reading::UnknownCritical),
            }
        }
        Kind::Record(ref slug) => match crate::record::kind(slug.as_str()) {
            Some(known) if parsed.version <= known.version => Ok(Reading::Record(parsed)),
            _ if is_critical => Ok(Reading::UnknownCritical),
            _ => Ok(Reading::UnknownRecord(parsed)),
        },
    }
}
