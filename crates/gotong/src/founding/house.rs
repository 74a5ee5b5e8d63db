//! House rules as people write them: TOML made whole, and signed by the one member whose rule it is (`docs/protocol.md` section 5.3). Whether one holds, the
//! model decides. Read next: `founding/check/house.rs` (what is doubtful in one), `cli/house.rs` (the commands).

use anyhow::Result;
use gotong_crypto::{Entropy, SigningKey};
use gotong_model::agreement::{HOUSE_HANDLE, Version};
use gotong_model::document::{self, Purpose};
use gotong_model::governance::{Governance, House};
use gotong_model::house::HouseRule;
use gotong_model::{MemberCode, RegionId};
use serde_json::{Value, json};

use super::agreement::{Before, make_whole, of_its_region};
use super::charter::placed;
use super::written::{Part, Written};
use super::{Paper, draft, keys_of, rehearses};
use crate::fault::failure;

/// A house rule as people write it, made whole: the first version, or the one after those that count of the same member.
pub(crate) fn house_from_toml(source: &str, known: &Governance, entropy: &dyn Entropy) -> Result<HouseRule> {
    let mut part = Part::read(source)?;
    of_its_region(&mut part, known)?;
    let house = house_of(&mut part, known);
    let written = house_written(source, &mut part, house, entropy);
    let rule = HouseRule::from_value(written.value.clone()).map_err(|fault| placed(&written, fault))?;
    if let Some(stranger) = rule.terms.stranger(&known.charters) {
        let what = format!("{stranger} is no member of the charter");
        return Err(failure(what, "write the code of your own member: member = \"CODE\""));
    }
    if let Some(house) = house {
        house.check_next(&rule)?;
    }
    Ok(rule)
}

/// The house rule that counts here of the member that a file names.
pub(super) fn house_of<'a>(part: &mut Part, known: &'a Governance) -> Option<&'a House> {
    let member = part.value_at("member")?;
    known.house(&MemberCode::from_text(member.as_str()?)?)
}

/// A file's tree made whole. Whatever does not fit is left for the model to refuse.
pub(super) fn house_written(source: &str, part: &mut Part, house: Option<&House>, entropy: &dyn Entropy) -> Written {
    part.put_in_list("member", "parties");
    part.put("handle", json!(HOUSE_HANDLE));
    part.usual("channel_types", json!([]));
    part.usual("classes", json!([]));
    let newest = house.and_then(|house| house.agreement.versions.last());
    let before = newest.map(|version| Before { terms: &version.terms, hash: version.hash });
    make_whole(part, before.as_ref(), entropy);
    part.put("gotong", json!(Purpose::House.as_str()));
    for class in part.tables("classes") {
        class.words("name");
        class.usual("own", Value::Null);
        let clause = class.value_at("clause").unwrap_or_default();
        for list in ["reads", "reads_house"] {
            class.usual(list, json!([]));
            for rule in class.tables(list) {
                rule.usual("clause", clause.clone());
                rule.usual("types", json!([]));
                rule.sort("types");
            }
        }
        for rule in class.tables("reads") {
            rule.usual("agreement", Value::Null);
        }
    }
    part.sort_by("classes", "class");
    Written::of(source, part)
}

/// A house rule as a note that nobody has signed yet.
pub(crate) fn house_draft(rule: &HouseRule, region: &RegionId) -> String {
    draft(region, Purpose::House, &rule.to_value())
}

/// Reads a house rule that may lack its signature.
pub(crate) fn open_house(bytes: &[u8], known: &Governance) -> Result<(Paper, HouseRule)> {
    let opened = document::open(bytes, Some(&known.region), Purpose::House)?;
    let rule = HouseRule::from_value(opened.value.clone())?;
    let member = rule.terms.parties.first().filter(|_| rule.terms.stranger(&known.charters).is_none());
    let Some(member) = member else {
        let what = "it is the house rule of nobody in the charter";
        return Err(failure(what, "name the charter of the member's own region with --charter FILE"));
    };
    let signers = keys_of(member, known);
    Ok((Paper { opened, signers, is_rehearsal: rehearses(known) }, rule))
}

/// A house rule that its member has signed.
pub(crate) fn signed_house(rule: &HouseRule, known: &Governance, root: &SigningKey) -> Result<String> {
    let (mut paper, _) = open_house(house_draft(rule, &known.region).as_bytes(), known)?;
    paper.sign(root)?;
    Ok(paper.encode())
}

/// The newest version that counts of a house.
pub(crate) fn newest_of(house: &House) -> Option<&Version> {
    house.agreement.versions.last()
}
