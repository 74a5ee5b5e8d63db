//! The people of each of the demo's members: an administrator, a duty officer, an analyst, and one of the bank that the member serves. Their passwords are
//! made anew for each demo, and told in the table and the ready-file; they have no second factor, which the demo's settings do not demand.

use anyhow::{Context, Result, bail};
use gotong_app::Node;
use gotong_app::account::link::{self, Opened, USUAL_MS, Wish};
use gotong_app::account::manage::{self, Invitation};
use gotong_app::account::{AccountName, Demands};
use gotong_app::caller::Caller;
use gotong_app::role::Role;
use gotong_app::session::{self, From};
use gotong_crypto::{Entropy, text};
use gotong_model::Slug;

use super::house::BANK;
use crate::entropy::SystemEntropy;

/// Name, name for others, role.
const PEOPLE: [(&str, &str, Role); 4] = [
    ("admin", "Administrator (demo)", Role::Administrator),
    ("duty", "Duty officer (demo)", Role::DutyOfficer),
    ("analyst", "Analyst (demo)", Role::Analyst),
    ("bank", "Security desk of the bank (demo)", Role::Constituent),
];
/// Words of a password: sixteen random bits each.
const WORDS: usize = 4;

/// Somebody who can log in.
pub(super) struct Person {
    /// The name.
    pub(super) name: &'static str,
    /// The password.
    pub(super) password: String,
    /// The role.
    pub(super) role: Role,
}

/// Makes the accounts of a member, the administrator's first, the way that everybody's are made: a link, and a password chosen by who opens it.
pub(super) fn welcome(node: &Node) -> Result<Vec<Person>> {
    PEOPLE.into_iter().map(|(name, full_name, role)| person(node, name, full_name, role)).collect()
}

fn person(node: &Node, name: &'static str, full_name: &str, role: Role) -> Result<Person> {
    let constituent =
        if role.is_for_constituents() { Some(Slug::from_text(BANK).context("a short name")?) } else { None };
    let new = Invitation {
        name: AccountName::parse(name).context("a name")?,
        full_name: full_name.to_owned(),
        role,
        constituent,
        valid_ms: USUAL_MS,
    };
    let made = match manage::invite(node, &Caller::operator(), &new)? {
        Ok(made) => made,
        Err(refusal) => bail!("the demo's {name} was refused: {refusal:?}"),
    };
    let mut random = [0_u8; 32];
    SystemEntropy.fill(&mut random);
    let password = text::words(&random).split('-').take(WORDS).collect::<Vec<_>>().join("-");
    let wish = Wish { password: password.clone(), ..Wish::default() };
    let from = From { network: "demo".to_owned(), agent: String::new(), provider: None };
    match link::open(node, &made.key, &wish, &from, Demands { second_factor: false })? {
        Opened::In(begun) => {
            session::end(node, &begun.cookie)?;
            Ok(Person { name, password, role })
        }
        other @ (Opened::Refused(_) | Opened::Gone) => bail!("the demo's {name} did not get in: {other:?}"),
    }
}
