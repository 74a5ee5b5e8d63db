//! A practice node: a rehearsal for one, founded in one command. It is a member alone in a region of its own, with keys that sign nothing real, a house rule with
//! one channel for the staff and one for exercises, and the mark of a rehearsal for good.
//!
//! Nothing here is another way into a region: charter, statement and house rule are made, signed and taken in as everybody's are. Read next: `cli/init.rs`.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::Result;
use gotong_crypto::SigningKey;
use gotong_model::charter::{Charter, Member, MemberRole, Texts};
use gotong_model::{Clock, MemberCode, RegionId, Timestamp};

use crate::clock::SystemClock;
use crate::config::quoted;
use crate::entropy::SystemEntropy;
use crate::founding;
use crate::home::Home;
use crate::wiring::{self, Silence};

/// The channels of the house rule.
pub(crate) const CHANNELS: [&str; 2] = ["house/exercise", "house/national"];

/// The rule; `MEMBER` and `FROM` are filled in.
const RULE: &str = r#"
member = MEMBER
title = "REHEARSAL House rule of a practice node"
purpose = "To try what a node does before there is a real one"
legal_basis = "None: this is for practice, with keys that sign nothing real"
parties_clause = "1"
dates_clause = "1"
from = "FROM"

[[clauses]]
number = "1"
title = "Whose rule"
text = "This is the rule of a practice node, for channels of its own."
[[clauses]]
number = "2"
title = "The national channel"
text = "The staff keep here what stays in the country."
[[clauses]]
number = "3"
title = "The channel for exercises"
text = "What stands here is of an exercise, and nothing of it is real. It stays in the country."

[[channel_types]]
type = "national"
clause = "2"
ceiling = "amber+strict"
purpose = "What stays in the country"
[[channel_types]]
type = "exercise"
clause = "3"
ceiling = "amber+strict"
purpose = "Exercises: nothing here is real"
exercise = true
"#;

/// What the settings of a practice node are besides those of every rehearsal.
pub(crate) fn settings(has_listen: bool) -> Vec<(&'static str, &'static str, String)> {
    // People try it with a name and a password alone.
    let mut settings = vec![("web", "second_factor", "false".to_owned())];
    if !has_listen {
        // It is alone in its region: nobody dials it, so any free port of this machine will do.
        settings.push(("federation", "listen", quoted("127.0.0.1:0")));
    }
    settings
}

/// Makes a new folder's node the one member of a region that only rehearses, and gives it its house rule.
pub(crate) fn found(home: &Home, code: &MemberCode, name: &str, root: &SigningKey) -> Result<RegionId> {
    let now = SystemClock.now();
    let charter = charter(code, name, root, now);
    let note = founding::signed_charter(&charter, &[root])?;
    let papers = wiring::read_papers(vec![note.into_bytes()])?;
    let region = wiring::accept_charter(home, &papers, Some(root))?;
    let node = wiring::open_node(home, &home.config()?, Arc::new(Silence))?;
    let known = node.governance();
    let source = RULE.replace("MEMBER", &quoted(code.as_str())).replace("FROM", &charter.from.to_string());
    let rule = founding::house_from_toml(&source, &known, &SystemEntropy)?;
    node.adopt(founding::signed_house(&rule, &known, root)?.as_bytes())?;
    Ok(region)
}

fn charter(code: &MemberCode, name: &str, root: &SigningKey, now: Timestamp) -> Charter {
    let english = |text: String| -> Texts { BTreeMap::from([("en".to_owned(), text)]) };
    let member =
        Member { code: code.clone(), name: english(name.to_owned()), role: MemberRole::State, root_key: root.public() };
    Charter {
        number: 1,
        previous: None,
        from: now,
        founded_at: now,
        name: english(format!("{} Practice of {name}", founding::REHEARSAL)),
        members: BTreeMap::from([(code.clone(), member)]),
        voters: vec![code.clone()],
        at_least: 1,
        grace_hours: 24,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gotong_crypto::SeededEntropy;
    use gotong_model::governance::Governance;

    #[test]
    fn a_practice_region_is_a_rehearsal_with_one_channel_for_exercises_and_one_that_is_not() {
        let root = SigningKey::generate(&SeededEntropy::new(5));
        let code = MemberCode::from_text("vn").unwrap();
        let now = Timestamp::from_canonical("2026-11-22T08:00:00.000000Z").unwrap();
        let charter = charter(&code, "Viet \"Nam\"", &root, now);
        assert!(charter.is_rehearsal());
        let note = founding::signed_charter(&charter, &[&root]).unwrap();
        let known = Governance::from_charter(note.as_bytes()).unwrap();
        let source = RULE.replace("MEMBER", &quoted("vn")).replace("FROM", &now.to_string());
        let rule = founding::house_from_toml(&source, &known, &SeededEntropy::new(6)).unwrap();
        assert!(founding::signed_house(&rule, &known, &root).is_ok());
        let types = rule.terms.channel_types.iter();
        let types: Vec<(String, bool)> = types.map(|kind| (format!("house/{}", kind.name), kind.exercise)).collect();
        let named: Vec<&str> = types.iter().map(|(handle, _)| handle.as_str()).collect();
        assert_eq!(named, CHANNELS);
        assert_eq!(types.iter().map(|(_, is_exercise)| *is_exercise).collect::<Vec<_>>(), [true, false]);
    }
}
