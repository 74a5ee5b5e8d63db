//! One peer, as the side that pulls: dials, says hello, then asks for changes and fetches what changed, for as long as the program runs. It dials
//! again after pauses that grow, and at once when what the link stands on changes. Read next: `session.rs`, what happens on one connection.

use std::sync::Arc;

use gotong_app::Node;
use gotong_model::MemberCode;
use gotong_model::governance::Governance;
use tokio::sync::watch;
use tokio::time::sleep;
use tokio_rustls::TlsConnector;

use super::apply::Applier;
use super::backoff::Backoff;
use super::fault::LinkFault;
use super::footing::Footing;
use super::memory::Memory;
use super::patience::Patience;
use super::session::Session;
use super::status::{LinkState, LinkStatus, Links};
use super::stopped;

/// A link to one peer.
pub(crate) struct Link {
    pub(crate) node: Arc<Node>,
    pub(crate) peer: MemberCode,
    /// The address that the operator gave, if any.
    pub(crate) given: Option<String>,
    pub(crate) tls: TlsConnector,
    pub(crate) links: Links,
    pub(crate) patience: Patience,
}

impl Link {
    /// Runs until told to stop.
    pub(crate) async fn run(self, mut governance: watch::Receiver<Arc<Governance>>, mut stop: watch::Receiver<bool>) {
        let applier = Applier::start(Arc::clone(&self.node), self.peer.clone(), self.links.clone());
        let mut memory = Memory::default();
        let mut backoff = Backoff::new(self.patience.redial, self.patience.redial_max);
        let mut footing = self.footing(&governance.borrow_and_update().clone());
        loop {
            let mut changed = governance.clone();
            let ended = tokio::select! {
                () = stopped(&mut stop) => break,
                next = self.changed(&footing, &mut changed) => Err(next),
                fault = self.session(&footing, &mut memory, &applier) => Ok(fault),
            };
            let fault = match ended {
                Ok(fault) => fault,
                Err(next) => {
                    // Something else is shared, or with other keys: logs that were passed over may be readable now.
                    footing = next;
                    memory = Memory::default();
                    backoff.reset();
                    continue;
                }
            };
            if std::mem::take(&mut memory.went_well) {
                backoff.reset();
            }
            let pause = backoff.pause(self.node.entropy());
            if !matches!(fault, LinkFault::Anew) {
                self.note_fault(&fault);
            }
            tokio::select! {
                () = stopped(&mut stop) => break,
                next = self.changed(&footing, &mut changed) => {
                    footing = next;
                    memory = Memory::default();
                    backoff.reset();
                }
                () = sleep(pause) => {}
            }
        }
        applier.finish().await;
    }

    fn footing(&self, governance: &Governance) -> Footing {
        Footing::new(governance, &self.node.member, &self.peer, self.given.as_ref())
    }

    /// Ends when the footing is another one.
    async fn changed(&self, footing: &Footing, governance: &mut watch::Receiver<Arc<Governance>>) -> Footing {
        loop {
            let now = Arc::clone(&governance.borrow_and_update());
            let next = self.footing(&now);
            if next != *footing {
                return next;
            }
            if governance.changed().await.is_err() {
                // The program ends; `stopped` says so.
                std::future::pending::<()>().await;
            }
        }
    }

    /// One connection from dialling to its end, which is always a fault of some kind.
    async fn session(&self, footing: &Footing, memory: &mut Memory, applier: &Applier) -> LinkFault {
        let now = self.node.now();
        if !footing.holds() {
            self.note(|link| link.enter(LinkState::Idle, now));
            return std::future::pending().await;
        }
        self.note(|link| {
            if link.state != LinkState::Unreachable {
                link.enter(LinkState::Dialling, now);
            }
        });
        let mut last = None;
        for address in &footing.addresses {
            self.note(|link| link.address = Some(address.clone()));
            let opened = Session::open(self, address, memory).await;
            match opened {
                Ok(mut session) => {
                    let fault = session.run(memory, applier).await;
                    self.note(|link| link.enter(LinkState::Dialling, self.node.now()));
                    return fault;
                }
                Err(fault) => last = Some(fault),
            }
        }
        self.note(|link| link.enter(LinkState::Unreachable, self.node.now()));
        last.unwrap_or(LinkFault::Late("answer"))
    }

    pub(crate) fn note(&self, change: impl FnOnce(&mut LinkStatus)) {
        self.links.note(&self.peer, self.node.now(), change);
    }

    pub(crate) fn note_fault(&self, fault: &LinkFault) {
        let now = self.node.now();
        tracing::info!(peer = %self.peer, %fault, "a fault on a link");
        self.note(|link| link.fault(&fault.to_string(), now));
    }
}
