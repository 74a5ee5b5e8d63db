//! An organisation's own identity provider (OpenID Connect Core 1.0), as far as the console asks it who somebody is: the code flow with PKCE, and nothing else.
//!
//! Here a token is fetched and verified; whose account that is, is decided in `gotong_app::account::provider`, and pages are in `console/provider.rs`. Must not
//! trust a provider's word on anybody before signature, issuer, audience, nonce and time have been checked. Read next: `provider/exchange.rs`.

pub(crate) mod claims;
pub(crate) mod exchange;

use std::collections::BTreeMap;

use gotong_app::role::Role;
use gotong_model::Slug;

use crate::outward::fetch::Fetcher;

/// A provider, as the configuration has it.
#[derive(Clone)]
pub struct ProviderOptions {
    /// Its issuer, letter by letter as it writes it itself.
    pub issuer: String,
    /// As whom the node is registered there.
    pub client: String,
    /// The secret of that registration; `None` for a public client, which PKCE alone protects.
    pub secret: Option<String>,
    /// What people call it: it stands on the button.
    pub name: String,
    /// What is asked for besides `openid`.
    pub scopes: Vec<String>,
    /// The claim that says what somebody is called.
    pub name_claim: String,
    /// The claim with groups or roles; empty where none are read.
    pub role_claim: String,
    /// What a value of that claim makes of somebody here.
    pub roles: BTreeMap<String, (Role, Option<Slug>)>,
    /// Whether somebody unknown gets an account.
    pub makes_accounts: bool,
    /// Values of `amr`, each of which stands for a second factor.
    pub second_amr: Vec<String>,
    /// Values of `acr`, each of which stands for a second factor; they are also asked for.
    pub second_acr: Vec<String>,
    /// How it is reached.
    pub fetcher: Fetcher,
}

impl std::fmt::Debug for ProviderOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ProviderOptions")
            .field("issuer", &self.issuer)
            .field("client", &self.client)
            .finish_non_exhaustive()
    }
}

/// Why somebody cannot come this way now. The texts are for the node's log, and never hold a code, token or secret.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ProviderFault {
    /// It does not answer, or not as a provider does. Trying again may help.
    #[error("the identity provider cannot be asked: {0}")]
    Away(String),
    /// It does not take the code.
    #[error("the identity provider did not take the code: {0}")]
    Refused(String),
    /// What it sent proves nothing.
    #[error("what the identity provider sent does not hold: {0}")]
    Unproven(String),
}
