//! `[mail]`: the server that takes e-mail for people's notifications. Without one no e-mail is sent. Must not decide what a letter says. Read next:
//! `docs/book/notifications.md`.

use std::path::PathBuf;

use anyhow::{Context, Result};
use gotong_web::mail::{self, MailOptions, MailTls};
use serde::Deserialize;

use super::{Kind, Section, Setting};
use crate::fault::failure;

pub(super) const SECTION: Section = Section {
    name: "mail",
    about: "The server that takes e-mail for notifications. Without one no e-mail is sent.",
    settings: &[
        Setting { key: "server", kind: Kind::Text, default: Some("\"\""), about: "Its name, such as mail.example." },
        Setting {
            key: "port",
            kind: Kind::Number,
            default: Some("587"),
            about: "Its port: 587 for starttls, 465 for tls.",
        },
        Setting {
            key: "tls",
            kind: Kind::Text,
            default: Some("\"starttls\""),
            about: "How the way there is closed: starttls, tls, or none, which is for a server on this machine alone.",
        },
        Setting {
            key: "user",
            kind: Kind::Text,
            default: Some("\"\""),
            about: "The name to log in with, where it wants one.",
        },
        Setting {
            key: "password_file",
            kind: Kind::Text,
            default: Some("\"\""),
            about: "A file with the password; read at the start.",
        },
        Setting {
            key: "from",
            kind: Kind::Text,
            default: Some("\"\""),
            about: "The address that letters come from, such as gotong@cert.example.",
        },
        Setting {
            key: "authorities_file",
            kind: Kind::Text,
            default: Some("\"\""),
            about: "A PEM file of an authority that is believed besides the public ones, for a server with a certificate of your own.",
        },
    ],
};

/// The server that takes e-mail.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Mail {
    /// Its name; empty: no e-mail is sent.
    pub(crate) server: String,
    /// Its port.
    pub(crate) port: u16,
    /// `starttls`, `tls` or `none`.
    pub(crate) tls: String,
    /// The name to log in with; empty: none.
    pub(crate) user: String,
    /// Where the password is.
    pub(crate) password_file: PathBuf,
    /// From whom letters come.
    pub(crate) from: String,
    /// Authorities besides the public ones.
    pub(crate) authorities_file: PathBuf,
}

impl Default for Mail {
    fn default() -> Self {
        Self {
            server: String::new(),
            port: 587,
            tls: "starttls".to_owned(),
            user: String::new(),
            password_file: PathBuf::new(),
            from: String::new(),
            authorities_file: PathBuf::new(),
        }
    }
}

impl Mail {
    /// What the server is told; `None`: no e-mail is sent.
    pub(crate) fn options(&self) -> Result<Option<MailOptions>> {
        if self.server.is_empty() {
            return Ok(None);
        }
        let tls = match self.tls.as_str() {
            "starttls" => MailTls::StartTls,
            "tls" => MailTls::Whole,
            "none" => MailTls::Off,
            other => return Err(failure(format!("mail.tls is {other:?}"), "write starttls, tls or none")),
        };
        let login = if self.user.is_empty() {
            None
        } else {
            let path = &self.password_file;
            let password = std::fs::read_to_string(path)
                .with_context(|| format!("could not read mail.password_file, {}", path.display()))?;
            Some((self.user.clone(), password.trim_end_matches(['\r', '\n']).to_owned()))
        };
        let authorities = if self.authorities_file.as_os_str().is_empty() {
            None
        } else {
            let path = &self.authorities_file;
            Some(
                std::fs::read(path)
                    .with_context(|| format!("could not read mail.authorities_file, {}", path.display()))?,
            )
        };
        let options = MailOptions {
            server: self.server.clone(),
            port: self.port,
            tls,
            login,
            from: self.from.clone(),
            authorities,
        };
        mail::check(&options).map_err(|text| {
            failure(format!("[mail] cannot stand: {text}"), "docs/book/notifications.md has an example")
        })?;
        Ok(Some(options))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail(server: &str, tls: &str, from: &str) -> Mail {
        let [server, tls, from] = [server, tls, from].map(ToOwned::to_owned);
        Mail { server, tls, from, ..Mail::default() }
    }

    #[test]
    fn without_tls_letters_go_to_this_machine_alone() {
        assert!(Mail::default().options().unwrap().is_none(), "no server, no e-mail");
        for (server, tls) in
            [("mail.example", "starttls"), ("mail.example", "tls"), ("127.0.0.1", "none"), ("localhost", "none")]
        {
            let options = mail(server, tls, "gotong@cert.example").options().unwrap().unwrap();
            assert!(!format!("{options:?}").is_empty());
        }
        for (server, tls, from) in [
            ("mail.example", "none", "gotong@cert.example"),
            ("192.0.2.1", "none", "gotong@cert.example"),
            ("mail.example", "maybe", "gotong@cert.example"),
            ("mail.example", "tls", "nobody"),
            ("mail.example", "tls", ""),
            ("mail.example", "tls", "a@cert.example\r\nBcc: eve@x.test"),
        ] {
            assert!(mail(server, tls, from).options().is_err(), "{server} {tls} {from:?}");
        }
        let unread = Mail {
            user: "gotong".to_owned(),
            password_file: "/no/such/file".into(),
            ..mail("mail.example", "tls", "a@b.example")
        };
        assert!(unread.options().unwrap_err().to_string().contains("mail.password_file"));
    }
}
