//! `[oidc]`: the organisation's own identity provider, with which people may log in to the console. Without an issuer there is none. Must not decide who gets in.
//! Read next: `docs/book/accounts.md`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Context, Result};
use gotong_app::role::Role;
use gotong_model::Slug;
use gotong_web::outward::fetch::Fetcher;
use gotong_web::provider::ProviderOptions;
use serde::Deserialize;
use url::{Host, Url};

use super::{Kind, Section, Setting};
use crate::fault::failure;

pub(super) const SECTION: Section = Section {
    name: "oidc",
    about: "Log-in with an identity provider of your own (OpenID Connect). Without an issuer there is none. Needs console.address.",
    settings: &[
        Setting {
            key: "issuer",
            kind: Kind::Text,
            default: Some("\"\""),
            about: "The provider's issuer, letter by letter as it writes it itself, such as https://id.example/realms/ministry.",
        },
        Setting {
            key: "client",
            kind: Kind::Text,
            default: Some("\"\""),
            about: "The client id under which this node is registered there. The redirect address is console.address with /log-in/provider/back behind it.",
        },
        Setting {
            key: "secret_file",
            kind: Kind::Text,
            default: Some("\"\""),
            about: "A file with the client's secret; read at the start. Without one the node is a public client, which PKCE alone protects.",
        },
        Setting {
            key: "name",
            kind: Kind::Text,
            default: Some("\"\""),
            about: "What people call the provider: it stands on the button, such as Ministry account.",
        },
        Setting {
            key: "scopes",
            kind: Kind::List,
            default: Some("[\"profile\"]"),
            about: "What is asked for besides openid.",
        },
        Setting {
            key: "name_claim",
            kind: Kind::Text,
            default: Some("\"preferred_username\""),
            about: "The claim of the ID token that says what somebody is called there. It names an account that is made, and the person of a link that waits; never whoever is linked already.",
        },
        Setting {
            key: "role_claim",
            kind: Kind::Text,
            default: Some("\"\""),
            about: "The claim of the ID token with groups or roles, such as groups or realm_access.roles.",
        },
        Setting {
            key: "roles",
            kind: Kind::Texts,
            default: Some("{}"),
            about: "What a value of that claim makes of a new account: { analysts = \"analyst\", bank = \"constituent@harbour-bank\" }, with the code of the organisation for its people.",
        },
        Setting {
            key: "makes_accounts",
            kind: Kind::Switch,
            default: Some("false"),
            about: "Whoever comes with a group of oidc.roles gets an account at the first log-in. Otherwise an administrator links accounts, or people do it themselves.",
        },
        Setting {
            key: "second_factor_amr",
            kind: Kind::List,
            default: Some("[]"),
            about: "Values of the claim amr, such as mfa or otp, each of which stands for our own second factor. Without any, ours is asked for.",
        },
        Setting {
            key: "second_factor_acr",
            kind: Kind::List,
            default: Some("[]"),
            about: "Values of the claim acr, each of which stands for our own second factor. They are also asked for.",
        },
    ],
};

/// The organisation's own identity provider.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Oidc {
    /// Its issuer; empty: there is none.
    pub(crate) issuer: String,
    /// As whom the node is registered there.
    pub(crate) client: String,
    /// Where the secret is.
    pub(crate) secret_file: PathBuf,
    /// What people call it.
    pub(crate) name: String,
    /// What is asked for besides `openid`.
    pub(crate) scopes: Vec<String>,
    /// The claim with somebody's name.
    pub(crate) name_claim: String,
    /// The claim with groups.
    pub(crate) role_claim: String,
    /// What groups make of somebody.
    pub(crate) roles: BTreeMap<String, String>,
    /// Whether accounts are made.
    pub(crate) makes_accounts: bool,
    /// Methods that stand for a second factor.
    pub(crate) second_factor_amr: Vec<String>,
    /// Classes that stand for a second factor.
    pub(crate) second_factor_acr: Vec<String>,
}

impl Default for Oidc {
    fn default() -> Self {
        Self {
            issuer: String::new(),
            client: String::new(),
            secret_file: PathBuf::new(),
            name: String::new(),
            scopes: vec!["profile".to_owned()],
            name_claim: "preferred_username".to_owned(),
            role_claim: String::new(),
            roles: BTreeMap::new(),
            makes_accounts: false,
            second_factor_amr: Vec::new(),
            second_factor_acr: Vec::new(),
        }
    }
}

impl Oidc {
    /// Whether the values hold; `address` is where browsers reach the console.
    pub(super) fn check(&self, address: &str) -> Result<()> {
        if self.issuer.is_empty() {
            return Ok(());
        }
        self.issuer()?;
        for (setting, value) in [("client", &self.client), ("name", &self.name), ("name_claim", &self.name_claim)] {
            let is_line = !value.trim().is_empty() && value.len() <= 200 && !value.contains(char::is_control);
            if !is_line {
                return Err(failure(format!("oidc.{setting} is {value:?}"), "write one line of at most 200 bytes"));
            }
        }
        let is_word = |text: &String| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
        let words = [&self.scopes, &self.second_factor_amr, &self.second_factor_acr];
        if let Some(bad) = words.into_iter().flatten().find(|text| !is_word(text)) {
            return Err(failure(format!("[oidc] names {bad:?}"), "scopes, amr and acr are words without blanks"));
        }
        if address.is_empty() {
            return Err(failure(
                "oidc.issuer is set, and console.address is not",
                "write where browsers reach the pages, such as https://gotong.example: the provider sends them back there",
            ));
        }
        let roles = self.roles()?;
        if self.role_claim.is_empty() != roles.is_empty() {
            return Err(failure("oidc.role_claim and oidc.roles go together", "write both or neither"));
        }
        if self.makes_accounts && roles.is_empty() {
            return Err(failure(
                "oidc.makes_accounts is true, and oidc.roles says nobody's role",
                "say which group gets which role, such as roles = { analysts = \"analyst\" }",
            ));
        }
        Ok(())
    }

    fn issuer(&self) -> Result<()> {
        let wrong = || {
            failure(
                format!("oidc.issuer is {:?}, which is no issuer", self.issuer),
                "write https:// and what the provider's own metadata say under issuer; http is for a provider on this machine",
            )
        };
        let url = Url::parse(&self.issuer).map_err(|_| wrong())?;
        let is_here = match url.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(ip)) => ip.is_loopback(),
            Some(Host::Ipv6(ip)) => ip.is_loopback(),
            None => return Err(wrong()),
        };
        let is_safe = url.scheme() == "https" || (url.scheme() == "http" && is_here);
        let is_plain = url.query().is_none() && url.fragment().is_none();
        if is_safe && is_plain && url.username().is_empty() && url.password().is_none() { Ok(()) } else { Err(wrong()) }
    }

    fn roles(&self) -> Result<BTreeMap<String, (Role, Option<Slug>)>> {
        let read = |(value, text): (&String, &String)| {
            let (role, organisation) = match text.split_once('@') {
                Some((role, code)) => (role, Some(Slug::from_text(code))),
                None => (text.as_str(), None),
            };
            let role = Role::from_text(role).filter(|role| role.is_for_constituents() == organisation.is_some());
            match (role, organisation) {
                (Some(role), None) => Ok((value.clone(), (role, None))),
                (Some(role), Some(Some(code))) => Ok((value.clone(), (role, Some(code)))),
                _ => Err(failure(
                    format!("oidc.roles makes {text:?} of {value:?}"),
                    "write a role (`gotong token roles` lists them), and for people of an organisation role@code",
                )),
            }
        };
        self.roles.iter().map(read).collect()
    }

    /// What the server is told; `None`: there is no provider.
    pub(crate) fn options(&self, fetcher: Fetcher) -> Result<Option<ProviderOptions>> {
        if self.issuer.is_empty() {
            return Ok(None);
        }
        let secret = if self.secret_file.as_os_str().is_empty() {
            None
        } else {
            let path = &self.secret_file;
            let secret = std::fs::read_to_string(path)
                .with_context(|| format!("could not read oidc.secret_file, {}", path.display()))?;
            let secret = secret.trim_end_matches(['\r', '\n']);
            if secret.is_empty() {
                return Err(failure(
                    format!("oidc.secret_file, {}, is empty", path.display()),
                    "put the secret into it",
                ));
            }
            Some(secret.to_owned())
        };
        Ok(Some(ProviderOptions {
            issuer: self.issuer.clone(),
            client: self.client.clone(),
            secret,
            name: self.name.trim().to_owned(),
            scopes: self.scopes.clone(),
            name_claim: self.name_claim.clone(),
            role_claim: self.role_claim.clone(),
            roles: self.roles()?,
            makes_accounts: self.makes_accounts,
            second_amr: self.second_factor_amr.clone(),
            second_acr: self.second_factor_acr.clone(),
            fetcher,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn good() -> Oidc {
        Oidc {
            issuer: "https://id.example/realms/ministry".to_owned(),
            client: "gotong".to_owned(),
            name: "Ministry".to_owned(),
            ..Oidc::default()
        }
    }

    #[test]
    fn what_a_provider_can_be_is_taken_and_all_else_is_named() {
        let told = |oidc: &Oidc| oidc.check("https://gotong.example").map_err(|fault| format!("{fault:#}"));
        assert!(Oidc::default().check("").is_ok(), "no issuer, no provider");
        assert_eq!(told(&good()), Ok(()));
        assert!(good().check("").unwrap_err().to_string().contains("console.address"));
        for issuer in ["https://id.example", "http://localhost:9000", "http://127.0.0.1:9000/x"] {
            assert_eq!(told(&Oidc { issuer: issuer.to_owned(), ..good() }), Ok(()), "{issuer}");
        }
        for issuer in
            ["id.example", "http://id.example", "https://u:p@id.example", "https://id.example/?a=b", "file:///x"]
        {
            assert!(
                told(&Oidc { issuer: issuer.to_owned(), ..good() }).unwrap_err().contains("oidc.issuer"),
                "{issuer}"
            );
        }
        assert!(told(&Oidc { client: String::new(), ..good() }).unwrap_err().contains("oidc.client"));
        assert!(told(&Oidc { makes_accounts: true, ..good() }).unwrap_err().contains("oidc.makes_accounts"));
        assert!(told(&Oidc { role_claim: "groups".to_owned(), ..good() }).unwrap_err().contains("go together"));
        let mapped = |text: &str| Oidc {
            role_claim: "groups".to_owned(),
            roles: [("a".to_owned(), text.to_owned())].into(),
            makes_accounts: true,
            ..good()
        };
        for text in ["analyst", "constituent@harbour-bank"] {
            assert_eq!(told(&mapped(text)), Ok(()), "{text}");
        }
        for text in ["chief", "constituent", "analyst@harbour-bank", "constituent@Harbour Bank", ""] {
            assert!(told(&mapped(text)).unwrap_err().contains("oidc.roles"), "{text}");
        }
    }
}
