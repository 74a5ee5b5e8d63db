//! What waits for a person: well-formed, but doubtful. It is in no log, so releasing and dropping it are this member's own affair.

use gotong_crypto::Entropy;
use gotong_model::{Timestamp, Tlp};
use gotong_store::Book;

use super::{Intent, Why};
use crate::node::{NodeFault, Writing};
use crate::rows::to_json;
use crate::status;

/// Something that waits for a person.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct Quarantined {
    /// The channel it was meant for.
    pub channel: String,
    /// Its STIX id.
    pub id: String,
    /// The label it would have.
    pub tlp: String,
    /// Who of the member speaks.
    pub organisation: Option<String>,
    /// Permissible actions.
    #[serde(default)]
    pub pap: Option<String>,
    /// What its sender says it holds of people.
    #[serde(default)]
    pub personal_data: Option<String>,
    /// What it is shared for.
    #[serde(default)]
    pub purpose: Option<String>,
    /// Who sent it.
    pub caller: String,
    /// When it came.
    pub at: String,
    /// Why it waits.
    pub why: Vec<Why>,
    /// Its bytes, in base64.
    pub body: String,
}

/// Keeps an object until a person decides; returns its number.
pub(super) fn quarantine(
    writing: &mut Writing<'_>,
    (entropy, at): (&dyn Entropy, Timestamp),
    intent: &Intent,
    id: Option<&str>,
    (label, body): (Tlp, &[u8]),
    why: &[Why],
) -> Result<u64, NodeFault> {
    let number = quarantine_number(writing, entropy, at)?;
    let row = Quarantined {
        channel: intent.channel.to_string(),
        id: id.unwrap_or_default().to_owned(),
        tlp: label.as_str().to_owned(),
        organisation: intent.organisation.clone(),
        pap: intent.pap.map(|pap| pap.as_str().to_owned()),
        personal_data: intent.personal_data.map(|personal| personal.as_str().to_owned()),
        purpose: intent.purpose.clone(),
        caller: intent.caller.clone(),
        at: at.to_string(),
        why: why.to_vec(),
        body: gotong_crypto::text::base64(body),
    };
    writing.tx.put(Book::Quarantine, &number.to_be_bytes(), &to_json(&row))?;
    status::change(writing.tx.as_mut(), |counts| counts.quarantined += 1)?;
    Ok(number)
}

/// A number in order of time that does not tell how much waits for other channels: milliseconds, then random bits. Below 2^53 until the year 2109.
fn quarantine_number(writing: &Writing<'_>, entropy: &dyn Entropy, at: Timestamp) -> Result<u64, NodeFault> {
    let mut random = [0_u8; 2];
    entropy.fill(&mut random);
    let millis = u64::try_from(at.micros() / 1_000).unwrap_or(0);
    let mut number = (millis << 11) | u64::from(u16::from_be_bytes(random) >> 5);
    while writing.tx.fetch(Book::Quarantine, &number.to_be_bytes())?.is_some() {
        number += 1;
    }
    Ok(number)
}
