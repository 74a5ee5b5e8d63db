//! The house rule of each of the demo's members, the three organisations that it serves, and the token of one of them. The organisations are invented; every
//! member serves three of the same codes, which are its own and known to nobody else.

use anyhow::{Context, Result, bail};
use gotong_app::caller::Caller;
use gotong_app::role::Role;
use gotong_app::token::{self, NewToken};
use gotong_app::{Node, organisation};
use gotong_crypto::SigningKey;
use gotong_model::governance::Governance;
use gotong_model::{MemberCode, Slug, Timestamp};

use crate::entropy::SystemEntropy;
use crate::founding;

/// The code of the bank that each member serves.
pub(super) const BANK: &str = "harbour-bank";
/// Its name.
pub(super) const BANK_NAME: &str = "Harbour Bank (harbour-bank.example)";
/// Its own channel.
pub(super) const BANK_CHANNEL: &str = "house/reports/harbour-bank";

/// Code, name and class of each organisation.
const ORGANISATIONS: [(&str, &str, &str); 3] = [
    (BANK, BANK_NAME, "bank"),
    ("lantern-net", "Lantern Net (lantern-net.example)", "isp"),
    ("ministry-of-records", "Ministry of Records (records.example)", "ministry"),
];

/// The rule; `MEMBER` and `FROM` are filled in.
const RULE: &str = r#"
member = "MEMBER"
title = "House rule of the national CERT (demo)"
purpose = "To warn the organisations that we serve, and to hear from them"
legal_basis = "None: this is a demonstration, with keys made for it alone"
parties_clause = "1"
dates_clause = "1"
from = "FROM"

[[clauses]]
number = "1"
title = "Whose rule"
text = "This is the rule of the national CERT for its own channels and for the organisations that it serves, from the day before its signature."
[[clauses]]
number = "2"
title = "The national channel"
text = "The staff keep here what stays in the country."
[[clauses]]
number = "3"
title = "Reports"
text = "Each bank and each internet provider has a channel of its own. It and the staff alone read and write there."
[[clauses]]
number = "4"
title = "Banks"
text = "Banks are told what the region shares up to TLP:GREEN."
[[clauses]]
number = "5"
title = "Internet providers"
text = "Internet providers are told what the region shares up to TLP:GREEN."
[[clauses]]
number = "6"
title = "Ministries"
text = "Ministries are told what the region shares up to TLP:AMBER, and read the national channel up to TLP:GREEN."

[[channel_types]]
type = "national"
clause = "2"
ceiling = "amber+strict"
purpose = "What stays in the country"
[[channel_types]]
type = "reports"
clause = "3"
ceiling = "amber"
purpose = "What an organisation reports, and what it is answered"

[[classes]]
class = "bank"
name = "Banks"
clause = "4"
own = "reports"
[[classes.reads]]
agreement = "rti"
ceiling = "green"
[[classes]]
class = "isp"
name = "Internet providers"
clause = "5"
own = "reports"
[[classes.reads]]
agreement = "rti"
ceiling = "green"
[[classes]]
class = "ministry"
name = "Ministries"
clause = "6"
[[classes.reads]]
agreement = "rti"
ceiling = "amber"
[[classes.reads_house]]
types = ["national"]
ceiling = "green"
"#;

/// Gives a node its house rule and its organisations; answers the token of its bank, which may publish.
pub(super) fn serve(
    node: &Node,
    known: &Governance,
    member: &MemberCode,
    root: &SigningKey,
    from: Timestamp,
) -> Result<String> {
    let source = RULE.replace("MEMBER", member.as_str()).replace("FROM", &from.to_string());
    let rule = founding::house_from_toml(&source, known, &SystemEntropy)?;
    node.adopt(founding::signed_house(&rule, known, root)?.as_bytes())?;
    let slug = |text: &str| Slug::from_text(text).context("a short name");
    let organisations =
        ORGANISATIONS.iter().map(|(code, name, class)| Ok((slug(code)?, (*name).to_owned(), slug(class)?)));
    let organisations = organisations.collect::<Result<Vec<_>>>()?;
    if let Err(refused) = organisation::put(node, &Caller::operator(), &organisations)? {
        bail!("the demo's organisations were refused: {refused:?}");
    }
    let desk = NewToken {
        name: "the bank's security desk".to_owned(),
        constituent: Some(slug(BANK)?),
        role: Role::Constituent,
        ..NewToken::default()
    };
    Ok(token::create(node, &Caller::operator(), &desk)?
        .map_err(|_| anyhow::anyhow!("the operator may make every token"))?
        .1)
}
