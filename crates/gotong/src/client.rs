//! How commands reach a node: over HTTP at an address, through the socket of a data folder, or by opening the folder themselves where no
//! node runs. In the last case the same routes answer, on a private socket, so that a command never has two ways of doing one thing.
//!
//! Plain HTTP only: a node listens on loopback, and whoever is farther away comes through a proxy or a tunnel.

mod request;

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use http_body_util::{BodyExt, Either, Full};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, HOST, RETRY_AFTER};
use hyper::{Method, Request, Response, StatusCode, Uri};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::{TcpStream, UnixStream};

pub(crate) use request::{Bytes as ByteStream, Lines, Pieces, encode, query};

use crate::fault::{failure, usage};
use crate::home::{Home, SocketPath};
use crate::output::{list_at, text_at};
use crate::wiring;

/// How often a request that the node asked to repeat is repeated.
const REPEATS_MAX: usize = 4;
/// The longest pause before repeating.
const PAUSE_S_MAX: u64 = 30;

/// Where the node is that a command talks to.
#[derive(clap::Args, Clone, Debug, Default)]
#[command(next_help_heading = "Which node")]
pub(crate) struct Reach {
    /// Address of a running node: http, host and port.
    #[arg(long, env = "GOTONG_SERVER", hide_env_values = true, value_name = "URL")]
    pub(crate) server: Option<String>,
    /// API token for it.
    #[arg(long, env = "GOTONG_TOKEN", hide_env_values = true, value_name = "TOKEN")]
    pub(crate) token: Option<String>,
    /// Data folder of a node on this machine: its socket if it runs, else the folder itself.
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
}

enum Place {
    Tcp(String),
    Socket(PathBuf),
}

/// What a request carries.
pub(crate) type Outgoing = Either<Full<Bytes>, Pieces>;

/// What a node says to a stream.
pub(crate) enum Streamed {
    /// Its answer, line by line.
    Lines(Lines),
    /// It is busy: try again after this long.
    Later(Duration, anyhow::Error),
}

/// A way to one node.
pub(crate) struct Client {
    place: Place,
    token: Option<String>,
    sender: Option<SendRequest<Outgoing>>,
    // The node itself, where this process opened it.
    local: Option<wiring::Local>,
}

impl Client {
    /// Finds the node.
    pub(crate) async fn open(reach: &Reach) -> Result<Self> {
        // What is said on the command line counts more than the environment.
        if let Some(data) = &reach.data {
            return Self::open_folder(data).await;
        }
        match &reach.server {
            Some(server) => Self::at(server, reach.token.clone()),
            None => Err(usage(
                "no node was named",
                "name a running node with --server URL --token TOKEN (or GOTONG_SERVER, GOTONG_TOKEN), or a data folder with --data DIR",
            )),
        }
    }

    /// The node at an address.
    pub(crate) fn at(server: &str, token: Option<String>) -> Result<Self> {
        let uri: Uri = server
            .trim_end_matches('/')
            .parse()
            .map_err(|_| usage(format!("{server:?} is no address of a node"), "write it as http://127.0.0.1:8401"))?;
        if uri.scheme_str() == Some("https") {
            return Err(usage(
                "this program's commands speak plain HTTP only, not https",
                "run the command on the node's machine with --data DIR, or through a tunnel: ssh -L 8401:127.0.0.1:8401 HOST",
            ));
        }
        let authority = uri.authority().filter(|_| uri.scheme_str() == Some("http"));
        let authority = authority
            .ok_or_else(|| usage(format!("{server:?} is no address of a node"), "write it as http://127.0.0.1:8401"))?;
        let port = authority.port_u16().unwrap_or(80);
        let place = Place::Tcp(format!("{}:{port}", authority.host()));
        Ok(Self { place, token, sender: None, local: None })
    }

    async fn open_folder(dir: &Path) -> Result<Self> {
        let home = Home::open(dir)?;
        let through = |socket: PathBuf, local| Self { place: Place::Socket(socket), token: None, sender: None, local };
        let mut running = through(home.socket(), None);
        if running.connect().await.is_ok() {
            return Ok(running);
        }
        let local = wiring::Local::start(&home).await?;
        Ok(through(local.socket().to_owned(), Some(local)))
    }

    /// Whether this process opened the folder itself.
    pub(crate) fn is_local(&self) -> bool {
        self.local.is_some()
    }

    /// Ends the connection, and the node where this process opened it.
    pub(crate) async fn close(mut self) {
        self.sender = None;
        if let Some(local) = self.local.take() {
            local.stop().await;
        }
    }

    /// The address as people write it.
    pub(crate) fn name(&self) -> String {
        match &self.place {
            Place::Tcp(authority) => format!("http://{authority}"),
            Place::Socket(path) => path.display().to_string(),
        }
    }

    async fn connect(&mut self) -> Result<&mut SendRequest<Outgoing>> {
        if self.sender.as_ref().is_none_or(SendRequest::is_closed) {
            let connected = match &self.place {
                Place::Tcp(authority) => match TcpStream::connect(authority).await {
                    Ok(stream) => {
                        let _ = stream.set_nodelay(true);
                        Ok(begin(stream).await?)
                    }
                    Err(fault) => Err(fault),
                },
                Place::Socket(path) => match UnixStream::connect(SocketPath::of(path)?.path()).await {
                    Ok(stream) => Ok(begin(stream).await?),
                    Err(fault) => Err(fault),
                },
            };
            let sender = connected.map_err(|fault| {
                failure(
                    format!("nobody answers at {}: {fault}", self.name()),
                    "start the node with `gotong serve --data DIR`, or check the address",
                )
            })?;
            self.sender = Some(sender);
        }
        self.sender.as_mut().ok_or_else(|| anyhow!("no connection"))
    }

    fn request(&self, method: Method, path: &str) -> hyper::http::request::Builder {
        let host = match &self.place {
            Place::Tcp(authority) => authority.as_str(),
            Place::Socket(_) => "localhost",
        };
        // What begins with a stroke is an address beside the API, such as MISP's.
        let uri = if path.starts_with('/') { path.to_owned() } else { format!("/api/v1/{path}") };
        let request = Request::builder().method(method).uri(uri).header(HOST, host);
        match &self.token {
            Some(token) => request.header(AUTHORIZATION, format!("Bearer {token}")),
            None => request,
        }
    }

    async fn send(&mut self, request: Request<Outgoing>) -> Result<Response<Incoming>> {
        let name = self.name();
        if self.connect().await?.ready().await.is_err() {
            // A connection that was idle may have been closed by the node meanwhile.
            self.sender = None;
            self.connect().await?.ready().await.with_context(|| format!("the connection to {name} broke"))?;
        }
        let sent = self.connect().await?.send_request(request).await;
        sent.with_context(|| format!("the connection to {name} broke"))
    }

    /// Asks and reads an answer in JSON; `null` where there is none. A node that is busy is asked again.
    pub(crate) async fn ask(&mut self, method: Method, path: &str, body: Option<&Value>) -> Result<Value> {
        let answer = self.ask_raw(method, path, body).await?;
        let bytes = answer.into_body().collect().await?.to_bytes();
        if bytes.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_slice(&bytes).context("the node's answer is no JSON")
    }

    /// Asks and hands over the answer as it comes in.
    pub(crate) async fn ask_raw(
        &mut self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Response<Incoming>> {
        for again in 0.. {
            let mut request = self.request(method.clone(), path);
            if body.is_some() {
                request = request.header(CONTENT_TYPE, "application/json");
            }
            let bytes = body.map(|body| Bytes::from(body.to_string())).unwrap_or_default();
            let answer = self.send(request.body(Either::Left(Full::new(bytes)))?).await?;
            if answer.status().is_success() {
                return Ok(answer);
            }
            let pause = retry_after(&answer).filter(|_| again < REPEATS_MAX);
            let problem = problem(answer).await?;
            match pause {
                Some(pause) => tokio::time::sleep(pause).await,
                None => return Err(problem),
            }
        }
        Err(anyhow!("the node did not answer"))
    }

    /// Whether the node answers and is ready.
    pub(crate) async fn is_ready(&mut self) -> bool {
        let request =
            Request::builder().uri("/readyz").header(HOST, "localhost").body(Either::Left(Full::new(Bytes::new())));
        let Ok(request) = request else { return false };
        match self.send(request).await {
            Ok(answer) => {
                let is_ready = answer.status().is_success();
                answer.into_body().collect().await.is_ok() && is_ready
            }
            Err(_) => false,
        }
    }

    /// Asks with `GET`.
    pub(crate) async fn get(&mut self, path: &str) -> Result<Value> {
        self.ask(Method::GET, path, None).await
    }

    /// Asks with `POST`.
    pub(crate) async fn post(&mut self, path: &str, body: &Value) -> Result<Value> {
        self.ask(Method::POST, path, Some(body)).await
    }

    /// Asks an address beside the API, for the node's own socket, and hands over the answer as it comes in.
    pub(crate) async fn bytes(&mut self, path: &str) -> Result<ByteStream> {
        let request = Request::builder().uri(path).header(HOST, "localhost").body(Either::Left(Full::default()))?;
        let answer = self.send(request).await?;
        if answer.status().is_success() { Ok(ByteStream::new(answer.into_body())) } else { Err(problem(answer).await?) }
    }

    /// Tells something at such an address.
    pub(crate) async fn post_at(&mut self, path: &str, body: &Value) -> Result<()> {
        let request = Request::builder().method(Method::POST).uri(path).header(HOST, "localhost");
        let request = request.header(CONTENT_TYPE, "application/json");
        let answer = self.send(request.body(Either::Left(Full::new(Bytes::from(body.to_string()))))?).await?;
        if !answer.status().is_success() {
            return Err(problem(answer).await?);
        }
        answer.into_body().collect().await?;
        Ok(())
    }

    /// Sends bytes with `POST` and reads an answer in JSON.
    pub(crate) async fn post_bytes(&mut self, path: &str, bytes: Vec<u8>) -> Result<Value> {
        let request = self.request(Method::POST, path).header(CONTENT_TYPE, "application/octet-stream");
        let answer = self.send(request.body(Either::Left(Full::new(Bytes::from(bytes))))?).await?;
        if !answer.status().is_success() {
            return Err(problem(answer).await?);
        }
        let bytes = answer.into_body().collect().await?.to_bytes();
        serde_json::from_slice(&bytes).context("the node's answer is no JSON")
    }

    /// Sends a stream with `PUT` and reads an answer in JSON.
    pub(crate) async fn put_stream(&mut self, path: &str, media: &str, is_gzip: bool, pieces: Pieces) -> Result<Value> {
        let mut request = self.request(Method::PUT, path).header(CONTENT_TYPE, media);
        if is_gzip {
            request = request.header(CONTENT_ENCODING, "gzip");
        }
        let answer = self.send(request.body(Either::Right(pieces))?).await?;
        if !answer.status().is_success() {
            let problem = problem(answer).await?;
            // The rest of what was being sent would be taken for the next request.
            self.sender = None;
            return Err(problem);
        }
        serde_json::from_slice(&answer.into_body().collect().await?.to_bytes()).context("the node's answer is no JSON")
    }

    /// Sends a stream and reads the lines that answer it, both at once.
    pub(crate) async fn stream(&mut self, path: &str, media: &str, is_gzip: bool, pieces: Pieces) -> Result<Streamed> {
        let mut request = self.request(Method::POST, path).header(CONTENT_TYPE, media);
        if is_gzip {
            request = request.header(CONTENT_ENCODING, "gzip");
        }
        let answer = self.send(request.body(Either::Right(pieces))?).await?;
        if answer.status().is_success() {
            return Ok(Streamed::Lines(Lines::new(answer.into_body())));
        }
        let pause = retry_after(&answer);
        let problem = problem(answer).await?;
        // The rest of what was being sent would be taken for the next request.
        self.sender = None;
        match pause {
            Some(pause) => Ok(Streamed::Later(pause, problem)),
            None => Err(problem),
        }
    }
}

async fn begin<S>(stream: S) -> Result<SendRequest<Outgoing>>
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
{
    let (sender, connection) = handshake(TokioIo::new(stream)).await?;
    tokio::spawn(async move {
        // A fault of the connection shows at the request that waits for it.
        let _ = connection.await;
    });
    Ok(sender)
}

fn retry_after(answer: &Response<Incoming>) -> Option<Duration> {
    let is_busy = matches!(answer.status(), StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE);
    let seconds: u64 = answer.headers().get(RETRY_AFTER)?.to_str().ok()?.parse().ok()?;
    is_busy.then(|| Duration::from_secs(seconds.min(PAUSE_S_MAX)))
}

/// What the node said instead of an answer (RFC 9457), with its advice.
async fn problem(answer: Response<Incoming>) -> Result<anyhow::Error> {
    let status = answer.status();
    let bytes = answer.into_body().collect().await?.to_bytes();
    let document: Value = serde_json::from_slice(&bytes).unwrap_or_default();
    // MISP's addresses say it in MISP's shape.
    let title = [text_at(&document, "/title"), text_at(&document, "/message")];
    let title = title.into_iter().find(|title| !title.is_empty()).unwrap_or_default();
    let mut what = if title.is_empty() { format!("the node answered {status}") } else { title.to_owned() };
    let detail = text_at(&document, "/detail");
    if !detail.is_empty() {
        what = format!("{what}: {detail}");
    }
    for reason in list_at(&document, "/errors") {
        let pointer = text_at(reason, "/pointer");
        let place = if pointer.is_empty() { String::new() } else { format!("{pointer}: ") };
        what = format!("{what}\n  {place}{}", text_at(reason, "/text"));
    }
    for (field, text) in document.get("errors").and_then(Value::as_object).into_iter().flatten() {
        what = format!("{what}\n  {field}: {}", text.as_str().unwrap_or_default());
    }
    let next = text_at(&document, "/next");
    let next = if next.is_empty() { "the node's program log says more" } else { next };
    Ok(failure(crate::output::visible_lines(&what), next))
}
