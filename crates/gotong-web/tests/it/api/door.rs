//! A node behind its public side, and a client as plain as can be.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, Method, Request};
use gotong_app::Node;
use gotong_app::caller::Caller;
use gotong_app::node::Ports;
use gotong_app::role::Role;
use gotong_app::token::{self, NewToken};
use gotong_crypto::SeededEntropy;
use gotong_crypto::note::{self, Note};
use gotong_model::agreement::{ChannelType, Clause, Terms};
use gotong_model::document::{self, Purpose};
use gotong_model::{ChannelId, Slug, Timestamp, Tlp};
use gotong_testkit::builders::{AgreementPlan, ChannelPlan, Founding, Keys, english};
use gotong_testkit::clock::SimClock;
use gotong_testkit::disk::{Disk, SimFile};
use gotong_testkit::store::SimStore;
use gotong_web::federation::{Links, WatchBell};
use gotong_web::server::{self, ConsoleOptions, Rate, Server, ServerOptions};
use http_body_util::BodyExt;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, UnixStream};

pub(crate) const START: &str = "2026-11-22T00:00:00.000000Z";

/// Where people would reach its pages.
pub(crate) const ADDRESS: &str = "https://gotong.example";

/// A node of Indonesia, which shares `rti/advisories` (up to green, only reports and indicators), `rti/indicators` (up to amber) with Thailand and Viet Nam,
/// and, where there is one, `two/hidden` with Viet Nam.
pub(crate) struct Door {
    pub(crate) node: Arc<Node>,
    pub(crate) disk: Arc<Disk>,
    pub(crate) clock: Arc<SimClock>,
    pub(crate) socket: PathBuf,
    pub(crate) addr: SocketAddr,
    server: Option<Server>,
    _folder: tempfile::TempDir,
}

/// What came back.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.text()))
    }

    pub(crate) fn lines(&self) -> Vec<Value> {
        self.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    /// Insists on a status and, where it is a problem, on its kind.
    pub(crate) fn expect(&self, status: u16, problem: &str) -> &Self {
        assert_eq!(self.status, status, "{}", self.text());
        if !problem.is_empty() {
            assert_eq!(self.json()["type"], format!("/problems/{problem}"), "{}", self.text());
            assert_eq!(self.header("content-type"), "application/problem+json");
        }
        self
    }
}

pub(crate) fn channel(name: &'static str, audience: &[usize], kinds: &[&'static str], ceiling: Tlp) -> ChannelPlan {
    ChannelPlan { name, audience: audience.to_vec(), kinds: kinds.to_vec(), ceiling }
}

pub(crate) fn plans(with_hidden: bool) -> Vec<AgreementPlan> {
    let all = [0, 1, 2];
    let mut plans = vec![AgreementPlan {
        handle: "rti",
        parties: all.to_vec(),
        until: Timestamp::from_canonical("2027-11-22T00:00:00.000000Z"),
        channels: vec![
            channel("advisories", &all, &["stix.indicator", "stix.report"], Tlp::Green),
            channel("indicators", &all, &["stix"], Tlp::Amber),
        ],
    }];
    if with_hidden {
        plans.push(AgreementPlan {
            handle: "two",
            parties: vec![0, 2],
            until: None,
            channels: vec![channel("hidden", &[0, 2], &["stix"], Tlp::Amber)],
        });
    }
    plans
}

impl Door {
    pub(crate) async fn open(seed: u64) -> Self {
        Self::with(seed, plans(true), Rate { per_second: 10_000.0, burst: 100_000.0 }).await
    }

    pub(crate) async fn with(seed: u64, plans: Vec<AgreementPlan>, rate: Rate) -> Self {
        Self::with_options(seed, plans, rate, |_| {}).await
    }

    /// With more that is said to the server.
    pub(crate) async fn with_options(
        seed: u64,
        plans: Vec<AgreementPlan>,
        rate: Rate,
        change: impl FnOnce(&mut ServerOptions),
    ) -> Self {
        let start = Timestamp::from_canonical(START).unwrap();
        let founding = Founding::new(seed, &["id", "th", "vn"], &plans, start);
        let clock = Arc::new(SimClock::new(start));
        clock.advance_ms(1_000);
        let disk = Disk::new(None);
        let bell = Arc::new(WatchBell::new());
        let ports = Ports {
            clock: Arc::clone(&clock) as _,
            entropy: Arc::new(SeededEntropy::new(seed + 1)),
            checkpoint_file: Box::new(SimFile(Arc::clone(&disk))),
            bell: Arc::clone(&bell) as _,
        };
        let store = Arc::new(SimStore::new(seed + 2, Arc::clone(&disk)));
        let node = Arc::new(founding.first_start(0, store, ports).unwrap());
        // The documents of the start take their way first, so that what follows is the same each time.
        while node.govern().unwrap() {}
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("node.sock");
        let mut options = ServerOptions {
            listen: Some("127.0.0.1:0".parse().unwrap()),
            socket: Some(socket.clone()),
            rate,
            replication_wait: Duration::from_millis(50),
            console: ConsoleOptions { address: Some(ADDRESS.parse().unwrap()), ..ConsoleOptions::default() },
            ..ServerOptions::default()
        };
        change(&mut options);
        let server = server::start(Arc::clone(&node), options, Links::default(), bell).await.unwrap();
        let addr = server.addr.unwrap();
        Self { node, disk, clock, socket, addr, server: Some(server), _folder: folder }
    }

    pub(crate) fn id_of(&self, handle: &str) -> ChannelId {
        self.node.governance().channel_by_name(handle).unwrap().id
    }

    pub(crate) fn token(&self, may_publish: bool, may_operate: bool, channels: Option<&[&str]>) -> String {
        let channels = channels.map(|names| names.iter().map(|name| self.id_of(name)).collect());
        let new = NewToken {
            name: "Ann".to_owned(),
            organisation: Some("id-cert".to_owned()),
            constituent: None,
            channels,
            role: match (may_publish, may_operate) {
                (false, false) => Role::Reader,
                (true, false) => Role::ReleasingOfficer,
                (false, true) => Role::Operator,
                (true, true) => Role::Administrator,
            },
            expires: None,
        };
        token::create(&self.node, &Caller::operator(), &new).unwrap().unwrap().1
    }

    /// Has the three members agree on more: one channel type `indicators` under a handle, as `change` makes it.
    pub(crate) fn agree(&self, seed: u64, handle: &str, change: impl FnOnce(&mut ChannelType)) {
        let start = Timestamp::from_canonical(START).unwrap();
        let founding = Founding::new(seed, &["id", "th", "vn"], &plans(true), start);
        let slug = |text: &str| Slug::from_text(text).unwrap();
        let parties: Vec<_> = founding.members.iter().map(|keys| keys.code.clone()).collect();
        let mut kind = ChannelType::usual(slug("indicators"), "1", parties.clone(), "cooperation");
        change(&mut kind);
        let clause = Clause { number: "1".to_owned(), title: english("All"), text: english("Words.") };
        let terms = Terms {
            channel_types: vec![kind],
            nonce: [5; 16],
            ..Terms::usual(slug(handle), parties, start, vec![clause])
        };
        let text = document::text(&founding.region, Purpose::Agreement, &terms.to_value());
        let name = |keys: &Keys| document::signer_name(&founding.region, &keys.code, document::Role::Root);
        let lines = founding.members.iter().map(|keys| note::sign_line(&text, &name(keys), &keys.root)).collect();
        self.node.adopt_agreement(Note { text, lines }.encode().as_bytes()).unwrap();
    }

    pub(crate) async fn stop(mut self) {
        self.server.take().unwrap().stop().await;
    }

    pub(crate) async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.addr).await.unwrap()
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        exchange(self.connect().await, request).await
    }

    pub(crate) async fn by_socket(&self, method: &str, path: &str, body: impl Into<Body>) -> Answer {
        let request = Request::builder().method(method).uri(path).header("host", "node").body(body.into()).unwrap();
        exchange(UnixStream::connect(&self.socket).await.unwrap(), request).await
    }

    pub(crate) fn request(&self, method: &str, path: &str, token: &str) -> axum::http::request::Builder {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let builder = Request::builder().method(method).uri(path).header("host", self.addr.to_string());
        if token.is_empty() { builder } else { builder.header("authorization", format!("Bearer {token}")) }
    }

    pub(crate) async fn get(&self, path: &str, token: &str) -> Answer {
        self.send(self.request("GET", path, token).body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn post(&self, path: &str, token: &str, body: impl Into<Body>) -> Answer {
        self.send(self.request("POST", path, token).body(body.into()).unwrap()).await
    }

    pub(crate) async fn post_json(&self, path: &str, token: &str, body: &Value) -> Answer {
        let request = self.request("POST", path, token).header("content-type", "application/json");
        self.send(request.body(body.to_string().into()).unwrap()).await
    }

    pub(crate) async fn delete(&self, path: &str, token: &str) -> Answer {
        self.send(self.request("DELETE", path, token).body(Body::empty()).unwrap()).await
    }

    /// Publishes an object that must be new.
    pub(crate) async fn publish(&self, channel: &str, token: &str, object: &Value) -> Answer {
        let path = format!("/api/v1/channels/{}/records?tlp=green", channel.replace('/', "%2F"));
        let answer = self.post(&path, token, object.to_string()).await;
        answer.expect(201, "");
        answer
    }
}

/// One request on a connection of its own; the answer is read while the request is sent.
pub(crate) async fn exchange<S>(stream: S, request: Request<Body>) -> Answer
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let work = async {
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        let answer = sender.send_request(request).await.unwrap();
        let (parts, body) = answer.into_parts();
        let body = body.collect().await.unwrap().to_bytes().to_vec();
        Answer { status: parts.status.as_u16(), headers: parts.headers, body }
    };
    tokio::time::timeout(Duration::from_mins(1), work).await.expect("an answer within a minute")
}

/// An id that no other call with another number gives.
pub(crate) fn uuid(number: u64) -> String {
    format!("{number:08x}-0000-4000-8000-{number:012x}")
}

pub(crate) fn indicator(number: u64, address: &str) -> Value {
    serde_json::json!({
        "type": "indicator", "spec_version": "2.1", "id": format!("indicator--{}", uuid(number)), "created": "2026-11-01T00:00:00.000Z",
        "modified": "2026-11-01T00:00:00.000Z", "name": format!("indicator {number}"), "pattern": format!("[ipv4-addr:value = '{address}']"),
        "pattern_type": "stix", "valid_from": "2026-11-01T00:00:00Z", "indicator_types": ["malicious-activity"],
    })
}

/// An observable whose id is not the one that its value gives: it waits for a person.
pub(crate) fn doubtful(number: u64) -> Value {
    serde_json::json!({
        "type": "ipv4-addr", "spec_version": "2.1", "id": format!("ipv4-addr--{}", uuid(number).replace("-4000-", "-5000-")),
        "value": "198.51.100.200",
    })
}

/// Every operation of the document: method and path template.
pub(crate) fn operations() -> BTreeMap<(String, String), Value> {
    let document: Value = serde_json::from_str(&gotong_web::openapi::document()).unwrap();
    let mut all = BTreeMap::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            all.insert((method.to_uppercase(), path.clone()), operation.clone());
        }
    }
    all
}
