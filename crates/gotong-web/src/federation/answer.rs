//! What a connection's requests are answered: hello, changes, frames (`docs/protocol.md` section 10). Whoever has not said a good hello, is not
//! in the audience, or asks for what does not exist or cannot be read, gets one and the same 404; who may read what, `gotong-app` decides.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use gotong_app::serve::Piece;
use gotong_app::{Node, NodeFault};
use gotong_crypto::Digest;
use gotong_model::{ChannelId, EpochId, LogId, MemberCode, limits};
use gotong_sync::Encoding;
use gotong_sync::identity::{Identified, IdentityFault, identify};
use gotong_sync::wire::{ChangesAnswer, ChangesRequest, Hello, PROTOCOLS};
use hyper::body::Incoming;
use hyper::{Method, Request, Response, StatusCode};
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio::time::{Duration, Instant, sleep_until, timeout_at};

use super::body::{Answer, read_body};
use super::doors::{ASKING, Place, Room, WRITING};
use super::meter::Traffic;
use super::server::Server;
use super::{CHANGES_PATH, FRAMES_PATH, HELLO_PATH, SOFTWARE, blocking, stopped};

/// Refused requests after which a connection is closed.
const REFUSALS_MAX: u32 = 32;
/// Hellos that one connection may try.
const HELLOS_MAX: u32 = 3;
/// How often a waiting request looks for news at most, however often the bell rings.
const LOOK_AGAIN: Duration = Duration::from_millis(5);
/// How long a request for frames waits for a checkpoint that is about to be released.
const RELEASE_WAIT: Duration = Duration::from_secs(1);
/// Frames made ahead of the one being sent.
const FRAMES_AHEAD: usize = 2;

/// The connection is to be closed without another word.
#[derive(Debug, thiserror::Error)]
#[error("the connection is closed")]
pub(crate) struct HangUp;

type Answered = Result<Response<Answer>, HangUp>;

/// Who is on the other side of one connection.
pub(crate) struct Caller {
    server: Arc<Server>,
    key: Digest,
    traffic: Arc<Traffic>,
    state: Mutex<State>,
}

struct State {
    place: Option<Place>,
    known: Option<Known>,
    hellos: u32,
    refusals: u32,
}

#[derive(Clone)]
struct Known {
    member: MemberCode,
    room: Arc<Room>,
}

impl Caller {
    pub(crate) fn new(server: Arc<Server>, key: Digest, place: Place, traffic: Arc<Traffic>) -> Self {
        let state = Mutex::new(State { place: Some(place), known: None, hellos: 0, refusals: 0 });
        Self { server, key, traffic, state }
    }

    pub(crate) fn is_identified(&self) -> bool {
        self.state().known.is_some()
    }

    /// The connection is over: its place is free again.
    pub(crate) fn leave(&self) {
        let (place, known) = {
            let mut state = self.state();
            (state.place.take(), state.known.take())
        };
        drop(place);
        if let Some(known) = known {
            self.note(&known.member);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, member: &MemberCode) {
        let connections = u64::try_from(self.server.doors.connections_of(member)).unwrap_or(u64::MAX);
        self.server.links.note(member, self.server.node.now(), |link| {
            link.traffic(self.traffic.take());
            link.connections_in = connections;
        });
    }

    /// Answers one request.
    pub(crate) async fn answer(self: Arc<Self>, request: Request<Incoming>) -> Answered {
        let known = self.state().known.clone();
        if let Some(known) = &known {
            // A key that the newest known statement no longer lists ends the connection, whatever was asked.
            self.check_listed(known)?;
            known.room.pace(ASKING).await;
        }
        let is_hello = request.method() == Method::POST && request.uri().path() == HELLO_PATH;
        let answered = match known {
            _ if is_hello => self.hello(request).await?,
            Some(known) => self.ask(&known, request).await?,
            None => None,
        };
        if let Some(known) = self.state().known.clone() {
            let now = self.server.node.now();
            self.server.links.note(&known.member, now, |link| {
                link.requests_served = link.requests_served.saturating_add(1);
                link.contact(now);
            });
            self.note(&known.member);
        }
        answered.map_or_else(|| self.refuse(), Ok)
    }

    async fn ask(&self, known: &Known, request: Request<Incoming>) -> Result<Option<Response<Answer>>, HangUp> {
        let path = request.uri().path();
        if request.method() == Method::POST && path == CHANGES_PATH {
            self.changes(known, request).await
        } else if request.method() == Method::GET && path.starts_with(FRAMES_PATH) {
            self.frames(known, &request).await
        } else {
            Ok(None)
        }
    }

    fn refuse(&self) -> Answered {
        let mut state = self.state();
        state.refusals += 1;
        if state.refusals > REFUSALS_MAX { Err(HangUp) } else { Ok(Answer::not_found()) }
    }

    fn check_listed(&self, known: &Known) -> Result<(), HangUp> {
        if is_listed(&self.server, known, &self.key) { Ok(()) } else { Err(HangUp) }
    }

    async fn hello(&self, request: Request<Incoming>) -> Result<Option<Response<Answer>>, HangUp> {
        {
            let mut state = self.state();
            state.hellos += 1;
            if state.hellos > HELLOS_MAX {
                return Ok(None);
            }
        }
        let Some(body) = read_body(request, limits::HELLO_BYTES_MAX, self.server.patience.body).await else {
            return Ok(None);
        };
        // Judging a chain costs up to 256 signatures; strangers share few places for it.
        let Ok(_turn) = self.server.hellos.acquire().await else { return Err(HangUp) };
        let (node, key) = (Arc::clone(&self.server.node), self.key);
        match blocking(move || judge(&node, &key, &body)).await {
            Ok(Judged::Known(member, answer)) => {
                Ok(self.welcome(member)?.then(|| Answer::json(StatusCode::OK, answer)))
            }
            Ok(Judged::NoCommonProtocol) => {
                let list = serde_json::json!({ "protocols": PROTOCOLS }).to_string();
                Ok(Some(Answer::json(StatusCode::BAD_REQUEST, list.into_bytes())))
            }
            Ok(Judged::Unknown(why)) => {
                tracing::debug!(%why, "a hello was refused");
                Ok(None)
            }
            Err(fault) => {
                tracing::warn!(%fault, "a hello could not be judged");
                Ok(None)
            }
        }
    }

    /// Gives a member its place. `false`: one connection cannot speak for two members.
    fn welcome(&self, member: MemberCode) -> Result<bool, HangUp> {
        let mut state = self.state();
        if state.known.as_ref().is_some_and(|known| known.member != member) {
            return Ok(false);
        }
        let room = state.place.as_mut().and_then(|place| place.identify(&member)).ok_or(HangUp)?;
        state.known = Some(Known { member, room });
        Ok(true)
    }

    async fn changes(&self, known: &Known, request: Request<Incoming>) -> Result<Option<Response<Answer>>, HangUp> {
        let Some(body) = read_body(request, limits::CHANGES_BYTES_MAX, self.server.patience.body).await else {
            return Ok(None);
        };
        let Ok(asked) = ChangesRequest::decode(&body) else { return Ok(None) };
        let until = Instant::now() + Duration::from_millis(asked.wait_ms);
        let ChangesRequest { acknowledgements, cursor, .. } = asked;
        if !acknowledgements.is_empty() {
            known.room.pace(WRITING).await;
            let taken = self.work(known, move |node| node.take_acknowledgements(&acknowledgements)).await?;
            if taken.is_err() {
                return Ok(Some(Answer::unavailable()));
            }
        }
        let mut bell = self.server.bell.clone();
        let mut stop = self.server.stop.clone();
        loop {
            bell.mark_unchanged();
            self.check_listed(known)?;
            let is_ending = *stop.borrow() || stop.has_changed().is_err();
            let answer_now = is_ending || Instant::now() >= until;
            match self.look(known, cursor.clone(), answer_now).await? {
                Ok(Some(answer)) => return Ok(Some(Answer::json(StatusCode::OK, answer.encode()))),
                Ok(None) if is_ending => return Err(HangUp),
                Ok(None) => {}
                Err(()) => return Ok(Some(Answer::unavailable())),
            }
            let again = Instant::now() + LOOK_AGAIN;
            let waited = tokio::select! {
                waited = timeout_at(until, bell.changed()) => waited,
                () = stopped(&mut stop) => continue,
            };
            match waited {
                // The program ends.
                Ok(Err(_)) => return Err(HangUp),
                Ok(Ok(())) => sleep_until(again.min(until)).await,
                Err(_) => {}
            }
        }
    }

    async fn look(
        &self,
        known: &Known,
        cursor: Option<String>,
        answer_now: bool,
    ) -> Result<Result<Option<ChangesAnswer>, ()>, HangUp> {
        let peer = known.member.clone();
        self.work(known, move |node| node.changes_for(&peer, cursor.as_deref(), answer_now)).await
    }

    async fn frames(&self, known: &Known, request: &Request<Incoming>) -> Result<Option<Response<Answer>>, HangUp> {
        let uri = request.uri();
        let path = uri.path().strip_prefix(FRAMES_PATH).unwrap_or_default();
        let (Some(log), Some((from, encoding))) = (log_of(path), tail_of(uri.query().unwrap_or_default())) else {
            return Ok(None);
        };
        let sending = Arc::clone(&known.room.sending);
        let Ok(permit) = sending.acquire_owned().await else { return Err(HangUp) };
        let mut bell = self.server.bell.clone();
        let until = Instant::now() + RELEASE_WAIT;
        loop {
            bell.mark_unchanged();
            self.check_listed(known)?;
            let asked = (known.member.clone(), log.clone());
            match self.work(known, move |node| node.frame_for(&asked.0, &asked.1, from, encoding)).await? {
                Err(()) => return Ok(Some(Answer::unavailable())),
                Ok(None) => return Ok(None),
                // Entries that are committed but not yet released are on their way: the next ring tells of them.
                Ok(Some(first)) if first.bytes.is_empty() && Instant::now() < until => {
                    if let Ok(Err(_)) = timeout_at(until, bell.changed()).await {
                        return Err(HangUp);
                    }
                }
                Ok(Some(Piece { bytes, next, is_end })) => {
                    let (sender, more) = mpsc::channel(FRAMES_AHEAD);
                    if !is_end {
                        let who = (known.clone(), self.key);
                        let behind = (next, bytes.len());
                        tokio::spawn(send_on(Arc::clone(&self.server), who, (log, encoding), behind, sender));
                    }
                    return Ok(Some(Answer::frames(bytes, more, permit)));
                }
            }
        }
    }

    async fn work<T: Send + 'static>(
        &self,
        known: &Known,
        work: impl FnOnce(&Node) -> Result<T, NodeFault> + Send + 'static,
    ) -> Result<Result<T, ()>, HangUp> {
        work_for(&self.server, known, work).await
    }
}

/// Whether a member's newest statement still names the key of its connection.
fn is_listed(server: &Server, known: &Known, key: &Digest) -> bool {
    let governance = server.node.governance();
    governance.statement(&known.member).is_some_and(|newest| newest.tls_keys.contains(key))
}

/// Makes the frames of an answer while those before are sent. Each is decided and read by itself; where one cannot be had the answer ends before it,
/// and the peer asks again from there.
async fn send_on(
    server: Arc<Server>,
    (known, key): (Known, Digest),
    (log, encoding): (LogId, Encoding),
    (mut next, mut sent): (u64, usize),
    sender: mpsc::Sender<Vec<u8>>,
) {
    for _ in 1..limits::FRAMES_PER_ANSWER_MAX {
        if sent >= limits::FRAMES_ANSWER_BYTES_TARGET || !is_listed(&server, &known, &key) {
            return;
        }
        let asked = (known.member.clone(), log.clone());
        let piece = work_for(&server, &known, move |node| node.frame_for(&asked.0, &asked.1, next, encoding)).await;
        let Ok(Ok(Some(piece))) = piece else { return };
        next = piece.next;
        sent = sent.saturating_add(piece.bytes.len());
        if piece.bytes.is_empty() || sender.send(piece.bytes).await.is_err() || piece.is_end {
            return;
        }
    }
}

/// Runs one piece of a member's work; each member has one place for it.
async fn work_for<T: Send + 'static>(
    server: &Server,
    known: &Known,
    work: impl FnOnce(&Node) -> Result<T, NodeFault> + Send + 'static,
) -> Result<Result<T, ()>, HangUp> {
    let Ok(permit) = Arc::clone(&known.room.work).acquire_owned().await else { return Err(HangUp) };
    let node = Arc::clone(&server.node);
    // The place is kept until the work ends, even where the connection ends first.
    let work = move |_permit: OwnedSemaphorePermit| work(&node);
    Ok(blocking(move || work(permit)).await.map_err(|fault| {
        tracing::warn!(%fault, member = %known.member, "a peer could not be answered");
    }))
}

enum Judged {
    Known(MemberCode, Vec<u8>),
    NoCommonProtocol,
    Unknown(String),
}

fn judge(node: &Node, key: &Digest, body: &[u8]) -> Result<Judged, NodeFault> {
    let hello = match Hello::decode(body) {
        Ok(hello) => hello,
        Err(fault) => return Ok(Judged::Unknown(fault.to_string())),
    };
    let governance = node.governance();
    let Identified { member, notes, protocol, .. } = match identify(&hello, key, &governance, &node.member, None) {
        Ok(identified) => identified,
        Err(IdentityFault::NoCommonProtocol(_)) => return Ok(Judged::NoCommonProtocol),
        Err(fault) => return Ok(Judged::Unknown(fault.to_string())),
    };
    let known = governance.statements.get(&member).map_or(0, Vec::len);
    if notes.len() > known {
        match node.adopt_statements(&notes) {
            Ok(_) => {}
            // Another connection brought another chain meanwhile.
            Err(NodeFault::Document(fault)) => return Ok(Judged::Unknown(fault.to_string())),
            Err(fault) => return Err(fault),
        }
    }
    let Some(mut answer) = own_hello(node)? else {
        return Ok(Judged::Unknown("this node has no statement of its own to answer with".to_owned()));
    };
    answer.protocol = Some(protocol);
    Ok(Judged::Known(member, answer.encode()))
}

/// This node's hello; `None` before its member has signed a statement for it.
pub(crate) fn own_hello(node: &Node) -> Result<Option<Hello>, NodeFault> {
    let notes = node.statement_notes(&node.member)?;
    let statements: Option<Vec<String>> = notes.into_iter().map(|note| String::from_utf8(note).ok()).collect();
    let statements = statements.filter(|statements| !statements.is_empty());
    Ok(statements.map(|statements| Hello {
        protocols: PROTOCOLS.to_vec(),
        region: node.governance().region.to_string(),
        software: SOFTWARE.to_owned(),
        statements,
        protocol: None,
    }))
}

fn log_of(path: &str) -> Option<LogId> {
    let mut parts = path.split('/');
    let channel = ChannelId::from_text(parts.next()?)?;
    let author = MemberCode::from_text(parts.next()?)?;
    let epoch = EpochId::from_text(parts.next()?)?;
    parts.next().is_none().then_some(LogId { channel, author, epoch })
}

/// Reads `from=N&encoding=0|1`, in either order, each once, numbers in their one spelling.
fn tail_of(query: &str) -> Option<(u64, Encoding)> {
    let (mut from, mut encoding) = (None, None);
    for pair in query.split('&') {
        let (name, value) = pair.split_once('=')?;
        let slot = match name {
            "from" => &mut from,
            "encoding" => &mut encoding,
            _ => return None,
        };
        let number = value.parse::<u64>().ok().filter(|number| number.to_string() == value)?;
        if slot.replace(number).is_some() {
            return None;
        }
    }
    let encoding = match encoding? {
        0 => Encoding::Plain,
        1 => Encoding::Zstd,
        _ => return None,
    };
    Some((from?, encoding))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tail_is_named_in_one_way() {
        assert_eq!(tail_of("from=7&encoding=1"), Some((7, Encoding::Zstd)));
        assert_eq!(tail_of("encoding=0&from=0"), Some((0, Encoding::Plain)));
        let bad = ["", "from=7", "encoding=1", "from=07&encoding=1", "from=7&encoding=2", "from=7&from=7&encoding=1"];
        for query in bad.into_iter().chain([
            "from=-1&encoding=0",
            "from=7&encoding=1&x=1",
            "from=18446744073709551616&encoding=0",
        ]) {
            assert_eq!(tail_of(query), None, "{query}");
        }
    }

    #[test]
    fn a_log_is_named_by_three_parts() {
        let (channel, epoch) = (ChannelId(Digest([3; 32])), EpochId([4; 16]));
        let path = format!("{channel}/vn/{epoch}");
        assert_eq!(log_of(&path).unwrap().author.as_str(), "vn");
        for bad in [format!("{path}/"), path.to_uppercase(), format!("/{path}"), path.replace("/vn/", "/../")] {
            assert_eq!(log_of(&bad), None, "{bad}");
        }
    }
}
