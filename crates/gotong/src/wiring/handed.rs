//! Listening sockets that whoever started the program has opened already (`LISTEN_FDS`, as systemd does). They stay open while one process ends and the
//! next begins, so callers wait a moment and nobody is turned away.

use std::net::{SocketAddr, TcpListener};

use anyhow::{Context, Result};
use listenfd::ListenFd;

use crate::config::Config;
use crate::fault::failure;

/// The sockets that were handed over.
#[derive(Debug, Default)]
pub(crate) struct Handed {
    /// For pages and API.
    pub(crate) web: Option<TcpListener>,
    /// For other nodes.
    pub(crate) federation: Option<TcpListener>,
}

impl Handed {
    /// Takes them. Only before the first thread begins: they leave the environment.
    pub(crate) fn take(config: &Config) -> Result<Self> {
        let names = std::env::var("LISTEN_FDNAMES").unwrap_or_default();
        let mut names = names.split(':');
        let mut given = ListenFd::from_env();
        let (web, federation) = (config.web.address()?, config.federation.listen()?);
        let mut handed = Self::default();
        for place in 0..given.len() {
            let name = names.next().unwrap_or_default();
            let listener = given.take_tcp_listener(place).map_err(|fault| {
                failure(
                    format!("a socket that was handed over is none: {fault}"),
                    "hand over TCP sockets alone: ListenStream=",
                )
            })?;
            let listener = listener.context("a socket that was handed over is missing")?;
            let at = listener.local_addr()?;
            let slot = match purpose(name, at, web, federation) {
                Some(Purpose::Web) => &mut handed.web,
                Some(Purpose::Federation) => &mut handed.federation,
                None => {
                    return Err(failure(
                        format!(
                            "a socket at {at} was handed over, and neither web.listen ({web}) nor federation.listen ({federation}) has its port"
                        ),
                        "name the same ports in gotong.toml and in the ListenStream= lines of gotong.socket",
                    ));
                }
            };
            if slot.is_some() {
                return Err(failure(
                    format!("two sockets for the same purpose were handed over; the second is at {at}"),
                    "keep one ListenStream= for pages and API, and one for other nodes",
                ));
            }
            // The runtime waits for many things at once and must never be held by one.
            listener.set_nonblocking(true)?;
            *slot = Some(listener);
        }
        Ok(handed)
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Purpose {
    Web,
    Federation,
}

/// What a socket is for: as its name says, else by its port.
fn purpose(name: &str, at: SocketAddr, web: SocketAddr, federation: SocketAddr) -> Option<Purpose> {
    match name {
        "web" => Some(Purpose::Web),
        "federation" => Some(Purpose::Federation),
        _ if at.port() == web.port() => Some(Purpose::Web),
        _ if at.port() == federation.port() => Some(Purpose::Federation),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_socket_is_told_by_its_name_and_else_by_its_port() {
        let at = |port: u16| SocketAddr::from(([127, 0, 0, 1], port));
        let purpose = |name, port| super::purpose(name, at(port), at(8400), at(9400));
        assert_eq!(purpose("web", 1), Some(Purpose::Web));
        assert_eq!(purpose("federation", 1), Some(Purpose::Federation));
        assert_eq!(purpose("gotong.socket", 8400), Some(Purpose::Web));
        assert_eq!(purpose("", 9400), Some(Purpose::Federation));
        assert_eq!(purpose("gotong.socket", 1), None);
    }
}
