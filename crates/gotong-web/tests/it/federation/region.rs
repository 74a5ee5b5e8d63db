//! A small region for these tests: real keys, certificates, addresses and stores in memory; and the ways to wait for something with a limit.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use gotong_app::caller::Caller;
use gotong_app::node::Ports;
use gotong_app::publish::{Fate, Intent, Markings, Submission};
use gotong_app::rows;
use gotong_app::{Node, Priority, view};
use gotong_crypto::SeededEntropy;
use gotong_model::acknowledgement::Acknowledgement;
use gotong_model::governance::Governance;
use gotong_model::statement::Statement;
use gotong_model::{ChannelId, LogId, MemberCode, Timestamp, Tlp};
use gotong_store::{MemoryStore, Store};
use gotong_testkit::builders::{AgreementPlan, ChannelPlan, Founding};
use gotong_testkit::clock::SimClock;
use gotong_testkit::disk::{Disk, SimFile};
use gotong_web::federation::certificate::generate_key_pem;
use gotong_web::federation::{Federation, FederationOptions, LinkStatus, Listen, Patience, TlsIdentity, WatchBell};
use tokio::net::TcpListener;
use tokio::time::{Instant, sleep, timeout_at};

/// How long any of these tests waits for what must come.
pub(crate) const DEADLINE: Duration = Duration::from_secs(40);

/// Channels in the order in which the founding lists them.
pub(crate) const ADVISORIES: usize = 0;
pub(crate) const INDICATORS: usize = 1;
pub(crate) const PRIVATE: usize = 2;

/// Members by place.
pub(crate) const ID: usize = 0;
pub(crate) const TH: usize = 1;
pub(crate) const VN: usize = 2;

pub(crate) struct Region {
    pub(crate) founding: Founding,
    pub(crate) tls: Vec<String>,
    pub(crate) addresses: Vec<SocketAddr>,
    sockets: Vec<Option<std::net::TcpListener>>,
    clock: Arc<SimClock>,
}

pub(crate) struct Member {
    pub(crate) node: Arc<Node>,
    pub(crate) bell: Arc<WatchBell>,
    pub(crate) federation: Option<Federation>,
}

/// Impatient enough for a test, patient enough for a machine with other work.
pub(crate) fn patience() -> Patience {
    Patience {
        redial: Duration::from_millis(10),
        redial_max: Duration::from_millis(200),
        suspend: Duration::from_millis(100),
        suspend_max: Duration::from_millis(400),
        ..Patience::default()
    }
}

fn plan(handle: &'static str, channels: Vec<ChannelPlan>, parties: &[usize]) -> AgreementPlan {
    AgreementPlan { handle, parties: parties.to_vec(), until: None, channels }
}

fn channel(name: &'static str, audience: &[usize]) -> ChannelPlan {
    ChannelPlan { name, audience: audience.to_vec(), kinds: vec!["stix"], ceiling: Tlp::Amber }
}

impl Region {
    /// Indonesia, Thailand and Viet Nam share advisories and indicators; Indonesia and Viet Nam a channel of their own. The second agreement is for
    /// tests that adopt it later.
    pub(crate) fn new(seed: u64) -> Self {
        let start = Timestamp::from_canonical("2026-11-22T00:00:00.000000Z").unwrap();
        let all = [ID, TH, VN];
        let plans = [
            plan(
                "rti",
                vec![channel("advisories", &all), channel("indicators", &all), channel("private", &[ID, VN])],
                &all,
            ),
            plan("later", vec![channel("joined", &all)], &all),
        ];
        let mut founding = Founding::new(seed, &["id", "th", "vn"], &plans, start);
        let mut region = Self {
            tls: founding.members.iter().map(|_| generate_key_pem().unwrap()).collect(),
            addresses: Vec::new(),
            sockets: Vec::new(),
            clock: Arc::new(SimClock::new(start)),
            founding: founding.clone(),
        };
        for at in 0..founding.members.len() {
            let socket = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
            region.addresses.push(socket.local_addr().unwrap());
            region.sockets.push(Some(socket));
            let statement = region.statement(at, 1, None, &[region.addresses[at]], &[&region.tls[at]]);
            founding.members[at].statement = statement.sign(&founding.region, &founding.members[at].root).into_bytes();
        }
        region.founding = founding;
        region
    }

    pub(crate) fn identity(&self, member: usize) -> TlsIdentity {
        TlsIdentity::from_key_pem(&self.tls[member]).unwrap()
    }

    pub(crate) fn code(&self, member: usize) -> MemberCode {
        self.founding.members[member].code.clone()
    }

    pub(crate) fn channel(&self, at: usize) -> ChannelId {
        self.founding.agreements[0].channels[at]
    }

    fn statement(
        &self,
        member: usize,
        serial: u64,
        previous: Option<&Statement>,
        addresses: &[SocketAddr],
        tls: &[&String],
    ) -> Statement {
        let keys = &self.founding.members[member];
        Statement {
            member: keys.code.clone(),
            serial,
            previous: previous.map(Statement::hash),
            issued_at: Timestamp::from_canonical("2026-11-22T00:00:00.000000Z").unwrap(),
            node_key: keys.node.public(),
            tls_keys: tls.iter().map(|pem| TlsIdentity::from_key_pem(pem).unwrap().key_digest()).collect(),
            sealing_key: None,
            addresses: addresses.iter().map(ToString::to_string).collect(),
        }
    }

    /// The member's chain with a second statement: another address, another key.
    pub(crate) fn second_statement(&self, member: usize, address: SocketAddr, tls: &String) -> Vec<Vec<u8>> {
        let keys = &self.founding.members[member];
        let mut governance = Governance::from_charter(&self.founding.charter).unwrap();
        governance.add_statement_notes([keys.statement.as_slice()]).unwrap();
        let first = governance.statement(&keys.code).unwrap();
        let second = self.statement(member, 2, Some(first), &[address], &[tls]);
        vec![keys.statement.clone(), second.sign(&self.founding.region, &keys.root).into_bytes()]
    }

    /// A member's node, without sockets. It knows the first agreement and everyone's first statement.
    pub(crate) fn member(&self, member: usize) -> Member {
        let known: Vec<usize> = (0..self.founding.members.len()).collect();
        self.member_who_knows(member, &known)
    }

    pub(crate) fn member_who_knows(&self, member: usize, known: &[usize]) -> Member {
        let seed = 100 + u64::try_from(member).unwrap();
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new(&SeededEntropy::new(seed)));
        let bell = Arc::new(WatchBell::new());
        let ports = Ports {
            clock: Arc::clone(&self.clock) as _,
            entropy: Arc::new(SeededEntropy::new(1_000 + seed)),
            checkpoint_file: Box::new(SimFile(Disk::new(None))),
            bell: Arc::clone(&bell) as _,
        };
        let mut founding = self.founding.clone();
        founding.agreements.truncate(1);
        let node = founding.first_start(member, store, ports).unwrap();
        for other in known.iter().filter(|other| **other != member) {
            node.adopt_statements(std::slice::from_ref(&founding.members[*other].statement)).unwrap();
        }
        Member { node: Arc::new(node), bell, federation: None }
    }

    /// The socket at the address that a member's first statement names.
    pub(crate) fn socket(&mut self, member: usize) -> TcpListener {
        let socket = self.sockets[member].take().unwrap();
        socket.set_nonblocking(true).unwrap();
        TcpListener::from_std(socket).unwrap()
    }

    pub(crate) fn options(&mut self, member: usize) -> FederationOptions {
        let mut options = FederationOptions::new(Listen::Socket(self.socket(member)), self.identity(member));
        options.patience = patience();
        options
    }

    /// A member's node with its federation running at its address.
    pub(crate) async fn start(&mut self, member: usize) -> Member {
        let options = self.options(member);
        let mut started = self.member(member);
        started.start(options).await;
        started
    }

    /// The same, with other addresses of peers.
    pub(crate) async fn start_dialling(&mut self, member: usize, overrides: &[(usize, SocketAddr)]) -> Member {
        let mut options = self.options(member);
        options.overrides = self.overrides(overrides);
        let mut started = self.member(member);
        started.start(options).await;
        started
    }

    pub(crate) fn overrides(&self, overrides: &[(usize, SocketAddr)]) -> BTreeMap<MemberCode, String> {
        overrides.iter().map(|(member, address)| (self.code(*member), address.to_string())).collect()
    }
}

impl Member {
    pub(crate) async fn start(&mut self, options: FederationOptions) {
        let federation = Federation::start(Arc::clone(&self.node), options, Arc::clone(&self.bell)).await.unwrap();
        self.federation = Some(federation);
    }

    pub(crate) async fn stop(&mut self) {
        self.federation.take().unwrap().stop().await;
    }

    pub(crate) fn link(&self, peer: &str) -> LinkStatus {
        let peer = MemberCode::from_text(peer).unwrap();
        self.federation.as_ref().unwrap().links().lookup(&peer).unwrap()
    }

    /// Publishes so many indicators and returns their ids.
    pub(crate) fn publish(&self, channel: ChannelId, count: u64) -> Vec<String> {
        let intent = Intent {
            channel,
            default_tlp: Some(Tlp::Green),
            organisation: None,
            constituent: None,
            pap: None,
            personal_data: None,
            purpose: None,
            caller: "test".to_owned(),
        };
        let mut seed = [0_u8; 8];
        self.node.entropy().fill(&mut seed);
        let seed = u64::from_be_bytes(seed);
        let (ids, bodies): (Vec<String>, Vec<Vec<u8>>) = (0..count).map(|at| indicator(seed, at)).unzip();
        let submissions = (1..).zip(bodies).map(|(line, body)| Submission { line, body }).collect();
        let prepared = self.node.prepare(&intent, submissions, &Markings::new(), false).unwrap();
        let outcomes = self.node.commit(Priority::People, prepared).unwrap();
        assert!(outcomes.iter().all(|outcome| matches!(outcome.fate, Fate::New(_))), "{:?}", outcomes.first());
        ids
    }

    /// Whether an object is shown here.
    pub(crate) fn shows(&self, id: &str) -> bool {
        !view::read(&self.node, &Caller::operator(), id).unwrap().is_empty()
    }

    /// The first log of an author in a channel, with its number of entries here.
    pub(crate) fn log(&self, channel: ChannelId, author: &str) -> Option<(LogId, u64)> {
        let author = MemberCode::from_text(author).unwrap();
        let tx = self.node.store.read().unwrap();
        let row = rows::logs_of(tx.as_ref(), &channel, &author).unwrap().into_iter().next()?;
        Some((row.id.clone(), row.size()))
    }

    pub(crate) fn size(&self, channel: ChannelId, author: &str) -> u64 {
        self.log(channel, author).map_or(0, |(_, size)| size)
    }

    /// What a peer has acknowledged of this node's own log.
    pub(crate) fn acknowledgement(&self, channel: ChannelId, peer: &str) -> Option<Acknowledgement> {
        let tx = self.node.store.read().unwrap();
        let row = rows::logs_of(tx.as_ref(), &channel, &self.node.member).unwrap().into_iter().next()?;
        let known = gotong_app::acknowledge::known(&self.node, tx.as_ref(), row.no).unwrap();
        known.into_iter().map(|(read, _)| read).find(|read| read.member.as_str() == peer)
    }

    /// Waits until a condition on this node holds; looks again whenever its bell rings.
    pub(crate) async fn until(&self, what: &str, holds: impl Fn(&Self) -> bool) {
        let mut bell = self.bell.listen();
        let deadline = Instant::now() + DEADLINE;
        loop {
            bell.mark_unchanged();
            if holds(self) {
                return;
            }
            // Counters of links change without a ring.
            let again = (Instant::now() + Duration::from_millis(20)).min(deadline);
            let _ = timeout_at(again, bell.changed()).await;
            assert!(
                Instant::now() < deadline,
                "waited in vain: {what}; links: {:#?}",
                self.federation.as_ref().map(|federation| federation.links().snapshot())
            );
        }
    }
}

/// Waits until a condition holds.
pub(crate) async fn until(what: &str, holds: impl Fn() -> bool) {
    let deadline = Instant::now() + DEADLINE;
    while !holds() {
        assert!(Instant::now() < deadline, "waited in vain: {what}");
        sleep(Duration::from_millis(5)).await;
    }
}

fn indicator(seed: u64, at: u64) -> (String, Vec<u8>) {
    let id = format!(
        "indicator--{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}",
        seed >> 32,
        seed >> 16 & 0xffff,
        seed >> 4 & 0xfff,
        seed & 0xfff,
        at
    );
    let pattern = format!("[ipv4-addr:value = '198.51.{}.{}']", at / 256 % 256, at % 256);
    let body = serde_json::json!({
        "type": "indicator", "spec_version": "2.1", "id": id, "created": "2026-11-22T00:00:00.000Z", "modified": "2026-11-22T00:00:00.000Z",
        "name": format!("indicator {at} of {seed:x}"), "pattern": pattern, "pattern_type": "stix", "valid_from": "2026-11-22T00:00:00Z",
        "indicator_types": ["malicious-activity"],
    });
    (id, body.to_string().into_bytes())
}
