//! The configuration of a node: one TOML file in its data folder, and the environment above it (`GOTONG_<SECTION>_<KEY>`).
//!
//! Every setting stands once, in the table of its section's file; the reference and the commented file that `init` writes come from those tables. What
//! nobody knows is refused with its name, in the file and in the environment, so that a slip of the pen does not pass for a default.

pub(crate) mod console;
pub(crate) mod federation;
pub(crate) mod log;
pub(crate) mod mail;
pub(crate) mod misp;
pub(crate) mod node;
pub(crate) mod oidc;
pub(crate) mod sources;
pub(crate) mod store;
pub(crate) mod web;

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context, Result};
use serde::Deserialize;
use toml::{Table, Value};

use crate::fault::failure;

/// One setting of a section.
pub(crate) struct Setting {
    /// Its name within the section.
    pub(crate) key: &'static str,
    /// What its value is.
    pub(crate) kind: Kind,
    /// What holds where nothing is said, as TOML; `None` where it must be said.
    pub(crate) default: Option<&'static str>,
    /// What it is for.
    pub(crate) about: &'static str,
}

/// What a setting's value is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A text.
    Text,
    /// A whole number.
    Number,
    /// `true` or `false`.
    Switch,
    /// A table of texts; in the environment as `a=x,b=y`.
    Texts,
    /// A list of texts; in the environment as `a,b`.
    List,
}

/// A section and its settings.
pub(crate) struct Section {
    /// Its name.
    pub(crate) name: &'static str,
    /// What it is about.
    pub(crate) about: &'static str,
    /// Its settings.
    pub(crate) settings: &'static [Setting],
}

/// All sections in the order of the file.
pub(crate) const SECTIONS: &[Section] = &[
    node::SECTION,
    web::SECTION,
    console::SECTION,
    oidc::SECTION,
    federation::SECTION,
    misp::SECTION,
    sources::SECTION,
    mail::SECTION,
    store::SECTION,
    log::SECTION,
];

/// Variables of the environment that begin like settings and are none.
const NO_SETTINGS: &[&str] = &[
    "GOTONG_SERVER",
    "GOTONG_TOKEN",
    "GOTONG_REAL_DATA",
    "GOTONG_PROGRAM",
    "GOTONG_TEST_QUICK",
    "GOTONG_ARCHIVES",
    "GOTONG_CLIENTS_PYTHON",
];

/// A node's configuration.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// Whose node it is.
    pub(crate) node: node::Node,
    /// Pages and API.
    #[serde(default)]
    pub(crate) web: web::Web,
    /// Pages for people.
    #[serde(default)]
    pub(crate) console: console::Console,
    /// The identity provider.
    #[serde(default)]
    pub(crate) oidc: oidc::Oidc,
    /// Other nodes.
    #[serde(default)]
    pub(crate) federation: federation::Federation,
    /// Programs of MISP.
    #[serde(default)]
    pub(crate) misp: misp::Misp,
    /// What may be reached outside.
    #[serde(default)]
    pub(crate) outward: sources::Outward,
    /// The server that takes e-mail.
    #[serde(default)]
    pub(crate) mail: mail::Mail,
    /// The store.
    #[serde(default)]
    pub(crate) store: store::Store,
    /// The program log.
    #[serde(default)]
    pub(crate) log: log::Log,
}

impl Config {
    /// Files that it names, wherever they are.
    pub(crate) fn files_elsewhere(&self) -> Vec<String> {
        let mail = [&self.mail.password_file, &self.mail.authorities_file];
        let named = mail.into_iter().map(|path| path.display().to_string()).chain([self.outward.authorities.clone()]);
        named.filter(|path| !path.is_empty()).collect()
    }

    /// Reads the file and lays the environment over it.
    pub(crate) fn load(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).with_context(|| format!("could not read {}", path.display()))?;
        Self::from_parts(&text, std::env::vars())
            .with_context(|| format!("the configuration {} does not hold", path.display()))
    }

    /// Reads a text with these variables above it.
    pub(crate) fn from_parts(text: &str, variables: impl Iterator<Item = (String, String)>) -> Result<Self> {
        let mut table: Table = text.parse()?;
        for (name, value) in
            variables.filter(|(name, _)| name.starts_with("GOTONG_") && !NO_SETTINGS.contains(&name.as_str()))
        {
            let (section, setting) = setting_of(&name).ok_or_else(|| {
                failure(
                    format!("the variable {name} names no setting"),
                    "docs/book/configuration.md lists them all: GOTONG_<SECTION>_<KEY>",
                )
            })?;
            let value = read(setting.kind, &value).with_context(|| format!("the variable {name}"))?;
            let section = table.entry(section.name).or_insert_with(|| Value::Table(Table::new()));
            if let Value::Table(section) = section {
                section.insert(setting.key.to_owned(), value);
            }
        }
        let config: Self = Value::Table(table).try_into()?;
        config.check()?;
        Ok(config)
    }

    /// Whether the values hold.
    pub(crate) fn check(&self) -> Result<()> {
        self.node.check()?;
        self.web.check()?;
        self.console.options()?;
        self.oidc.check(&self.console.address)?;
        self.federation.check()?;
        self.outward.check()?;
        self.log.check()
    }
}

fn setting_of(variable: &str) -> Option<(&'static Section, &'static Setting)> {
    SECTIONS.iter().find_map(|section| {
        let setting = section.settings.iter().find(|setting| variable_of(section, setting) == variable)?;
        Some((section, setting))
    })
}

/// The variable that lies above a setting.
pub(crate) fn variable_of(section: &Section, setting: &Setting) -> String {
    format!("GOTONG_{}_{}", section.name, setting.key).to_ascii_uppercase()
}

fn read(kind: Kind, text: &str) -> Result<Value> {
    Ok(match kind {
        Kind::Text => Value::String(text.to_owned()),
        Kind::Number => Value::Integer(text.trim().parse().context("must be a whole number")?),
        Kind::Switch => Value::Boolean(text.trim().parse().context("must be true or false")?),
        Kind::Texts => {
            let mut table = Table::new();
            for pair in text.split(',').filter(|pair| !pair.trim().is_empty()) {
                let (key, value) = pair.split_once('=').context("must be a list such as a=x,b=y")?;
                table.insert(key.trim().to_owned(), Value::String(value.trim().to_owned()));
            }
            Value::Table(table)
        }
        Kind::List => {
            let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
            Value::Array(parts.map(|part| Value::String(part.to_owned())).collect())
        }
    })
}

/// The commented file of a new node: what `chosen` says (section, key, TOML) is written, all else stands as a comment with its default.
pub(crate) fn template(chosen: &[(&str, &str, String)]) -> String {
    let mut out = String::from(
        "# The node's configuration. A variable GOTONG_<SECTION>_<KEY> in the environment lies above it.\n",
    );
    for section in SECTIONS {
        let _ = write!(out, "\n# {}\n[{}]\n", section.about, section.name);
        for setting in section.settings {
            let _ = writeln!(out, "# {}", setting.about);
            let value = chosen.iter().find(|(name, key, _)| *name == section.name && *key == setting.key);
            let _ = match value {
                Some((_, _, value)) => writeln!(out, "{} = {value}", setting.key),
                None => writeln!(out, "# {} = {}", setting.key, setting.default.unwrap_or("\"\"")),
            };
        }
    }
    out
}

/// A text as TOML.
pub(crate) fn quoted(text: &str) -> String {
    Value::String(text.to_owned()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALLEST: &str = "[node]\nmember = \"vn\"\nname = \"Viet Nam\"\n";

    fn with(variables: &[(&str, &str)]) -> Result<Config> {
        Config::from_parts(SMALLEST, variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())))
    }

    #[test]
    fn the_environment_lies_above_the_file() {
        let config = with(&[
            ("GOTONG_WEB_LISTEN", "127.0.0.1:9999"),
            ("GOTONG_STORE_CACHE_MIB", "8"),
            ("GOTONG_FEDERATION_PEERS", "th=127.0.0.1:9402, id=[::1]:9403"),
            ("GOTONG_SERVER", "http://127.0.0.1:1"),
            ("PATH", "/bin"),
        ])
        .unwrap();
        assert_eq!(config.web.listen, "127.0.0.1:9999");
        assert_eq!(config.store.cache_mib, 8);
        assert_eq!(config.federation.peers["id"], "[::1]:9403");
        assert_eq!(with(&[]).unwrap().web.listen, web::Web::default().listen);
    }

    #[test]
    fn what_nobody_knows_is_refused_by_name() {
        let told = |result: Result<Config>| format!("{:#}", result.unwrap_err());
        assert!(told(with(&[("GOTONG_WEB_LISTN", "x")])).contains("GOTONG_WEB_LISTN"));
        assert!(told(with(&[("GOTONG_STORE_CACHE_MIB", "much")])).contains("GOTONG_STORE_CACHE_MIB"));
        let text = format!("{SMALLEST}[web]\nlistne = \"x\"\n");
        assert!(told(Config::from_parts(&text, std::iter::empty())).contains("listne"));
        assert!(Config::from_parts("[node]\nmember = \"V N\"\nname = \"x\"\n", std::iter::empty()).is_err());
    }

    #[test]
    fn plain_http_stays_on_loopback_unless_a_proxy_is_in_front() {
        assert!(with(&[("GOTONG_WEB_LISTEN", "0.0.0.0:8400")]).is_err());
        assert!(with(&[("GOTONG_WEB_LISTEN", "0.0.0.0:8400"), ("GOTONG_WEB_BEHIND_PROXY", "true")]).is_ok());
        assert!(with(&[("GOTONG_WEB_LISTEN", "[::1]:8400")]).is_ok());
    }

    #[test]
    fn the_commented_file_reads_back_and_its_comments_are_the_defaults() {
        let chosen = [("node", "member", quoted("vn")), ("node", "name", quoted("Viet \"Nam\""))];
        let text = template(&chosen);
        let written = Config::from_parts(&text, std::iter::empty()).unwrap();
        assert_eq!(written.node.name, "Viet \"Nam\"");
        let mut all = chosen.to_vec();
        for section in SECTIONS {
            let settings = section.settings.iter();
            all.extend(settings.filter_map(|setting| Some((section.name, setting.key, setting.default?.to_owned()))));
        }
        let said = template(&all);
        let said = Config::from_parts(&said, std::iter::empty()).unwrap();
        assert_eq!(format!("{said:?}"), format!("{written:?}"), "a default said aloud changes nothing");
    }
}
