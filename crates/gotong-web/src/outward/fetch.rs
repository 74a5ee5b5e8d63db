//! One question to a server outside, and its answer: guarded, timed, following few redirects, each guarded anew. One connection for each question, made to the
//! very address that was judged.
//!
//! hyper and rustls are used directly: they are built for the peers' side anyway, and the connection must be made by hand for the guard. Credentials go to
//! the server they were given for and to no other. Read next: `download.rs`.

use std::sync::Arc;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1;
use hyper::header::{
    ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, ETAG, HOST, HeaderMap, HeaderName,
    HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED, LOCATION, RETRY_AFTER, USER_AGENT,
};
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::task::AbortHandle;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_rustls::TlsConnector;

use super::download::{Bounds, Download};
use super::fault::FetchFault;
use super::guard::{Guard, Network, Target};

/// How often an answer may lead on.
const REDIRECTS_MAX: usize = 5;
/// Addresses tried of those that a name has.
const TRIED_MAX: usize = 3;
const HEADER_BYTES_MAX: usize = 32 << 10;
const BUFFER_BYTES_MAX: usize = 256 << 10;
/// Bytes of a validator that are kept.
const VALIDATOR_BYTES_MAX: usize = 512;
/// Bytes read of the answer of a server that says no, and characters shown of it.
const TOLD_BYTES_MAX: u64 = 16 << 10;
const TOLD_CHARS_MAX: usize = 300;
const AGENT: &str = concat!("gotong/", env!("CARGO_PKG_VERSION"));

/// What is asked.
#[derive(Clone, Debug)]
#[allow(clippy::struct_excessive_bools, reason = "each is a choice of its own, said by name where it is made")]
pub struct Ask {
    /// Where.
    pub target: Target,
    /// What would be taken.
    pub accept: String,
    /// Where the caller is known from. Marked as sensitive, so that nothing prints it.
    pub credentials: Option<(HeaderName, HeaderValue)>,
    /// Further headers, for the server that was named and no other.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// What is here already, so that it need not come again.
    pub validators: Validators,
    /// What is sent, with its media type; without it the question is a GET.
    pub body: Option<(Bytes, &'static str)>,
    /// What stands there is to be taken away: a DELETE.
    pub deletes: bool,
    /// A person at this machine named the address: it may lie inside. Where it leads on is judged all the same.
    pub is_trusted: bool,
    /// The answer counts from this very address alone: where it leads on, nobody goes.
    pub stays: bool,
    /// A name that ends in `.gz` is unpacked.
    pub unpacks_files: bool,
}

/// What a server says of the state of something (RFC 9110 section 8.8).
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Validators {
    /// `ETag`.
    pub etag: Option<String>,
    /// `Last-Modified`, as it came.
    pub last_modified: Option<String>,
}

/// An answer whose body has not been read.
pub struct Answer {
    /// The status: 200 to 299, or 304.
    pub status: StatusCode,
    /// Headers.
    pub headers: HeaderMap,
    /// What to send next time.
    pub validators: Validators,
    /// Where it came from in the end.
    pub target: Target,
    /// The body.
    pub body: Download,
}

/// Asks servers outside. Cheap to clone.
#[derive(Clone)]
pub struct Fetcher {
    guard: Guard,
    tls: Arc<ClientConfig>,
}

impl std::fmt::Debug for Fetcher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Fetcher").field("guard", &self.guard).finish_non_exhaustive()
    }
}

impl Ask {
    /// A plain question.
    pub fn new(target: Target) -> Self {
        Self {
            target,
            accept: "*/*".to_owned(),
            credentials: None,
            headers: Vec::new(),
            validators: Validators::default(),
            body: None,
            deletes: false,
            is_trusted: false,
            stays: false,
            unpacks_files: false,
        }
    }
}

impl Fetcher {
    /// Through this guard, with these certificates.
    pub fn new(guard: Guard, tls: Arc<ClientConfig>) -> Self {
        Self { guard, tls }
    }

    /// Asks, and follows where the answer leads. An answer that is neither good nor 304 is a fault.
    pub async fn ask(&self, ask: &Ask, bounds: Bounds) -> Result<Answer, FetchFault> {
        let until = Instant::now() + bounds.total;
        let mut target = ask.target.clone();
        for _ in 0..=REDIRECTS_MAX {
            let asked = timeout_at(until, self.ask_one(ask, &target, bounds));
            let (response, driver) = asked.await.map_err(|_| FetchFault::Slow(bounds.total))??;
            let status = response.status();
            let (parts, body) = response.into_parts();
            let download = Download::new(body, bounds, until, driver);
            if status.is_success() || status == StatusCode::NOT_MODIFIED {
                return answer(status, parts.headers, download, target, ask);
            }
            if !matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308) || ask.body.is_some() || ask.deletes || ask.stays
            {
                return Err(said_no(status, &parts.headers, download).await);
            }
            let location = parts.headers.get(LOCATION).and_then(|value| value.to_str().ok());
            let next = target.redirected(location.ok_or(FetchFault::NoLocation)?)?;
            if target.is_tls() && !next.is_tls() {
                return Err(FetchFault::Downgrade);
            }
            target = next;
        }
        Err(FetchFault::Redirects(REDIRECTS_MAX))
    }

    async fn ask_one(
        &self,
        ask: &Ask,
        target: &Target,
        bounds: Bounds,
    ) -> Result<(Response<Incoming>, Driver), FetchFault> {
        let is_first = target.is_same_origin(&ask.target);
        let socket = self.connect(target, ask.is_trusted && is_first, bounds).await?;
        let (mut sender, driver) = if target.is_tls() {
            let tls = |fault: String| FetchFault::Tls { host: target.host(), fault };
            let name = ServerName::try_from(target.host()).map_err(|fault| tls(fault.to_string()))?;
            let connecting = TlsConnector::from(Arc::clone(&self.tls)).connect(name, socket);
            let stream = timeout(bounds.idle, connecting).await;
            let stream = stream.map_err(|_| FetchFault::Late("finish its TLS handshake"))?;
            speak(stream.map_err(|fault| tls(fault.to_string()))?).await?
        } else {
            speak(socket).await?
        };
        let request = request(ask, target, is_first)?;
        let answered = timeout(bounds.idle, sender.send_request(request)).await;
        let answered = answered.map_err(|_| FetchFault::Late("answer"))?;
        Ok((answered.map_err(|fault| FetchFault::Broken(fault.to_string()))?, driver))
    }

    /// Resolves once, and connects to what was judged and to nothing else.
    async fn connect(&self, target: &Target, is_trusted: bool, bounds: Bounds) -> Result<TcpStream, FetchFault> {
        let found = if is_trusted {
            let everything = ["0.0.0.0/0", "::/0"].into_iter().filter_map(Network::parse).collect();
            Guard::new(everything).resolve(target).await?
        } else {
            self.guard.resolve(target).await?
        };
        let mut last = String::new();
        for address in found.into_iter().take(TRIED_MAX) {
            match timeout(bounds.idle, TcpStream::connect(address)).await {
                Ok(Ok(socket)) => return Ok(socket),
                Ok(Err(fault)) => last = fault.to_string(),
                Err(_) => "no answer in time".clone_into(&mut last),
            }
        }
        Err(FetchFault::Unreachable { host: format!("{}:{}", target.host(), target.port), fault: last })
    }
}

/// The task that moves the bytes of one connection; it ends with whoever reads them.
pub(super) struct Driver(AbortHandle);

impl Drop for Driver {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn speak<S>(stream: S) -> Result<(http1::SendRequest<Full<Bytes>>, Driver), FetchFault>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let handshake = http1::Builder::new()
        .max_buf_size(BUFFER_BYTES_MAX)
        .max_header_size(HEADER_BYTES_MAX)
        .handshake(TokioIo::new(stream));
    let (sender, connection) = handshake.await.map_err(|fault| FetchFault::Broken(fault.to_string()))?;
    let driver = tokio::spawn(async move {
        // Its end shows in the request that waits for it.
        let _ = connection.await;
    });
    Ok((sender, Driver(driver.abort_handle())))
}

fn request(ask: &Ask, target: &Target, is_first: bool) -> Result<Request<Full<Bytes>>, FetchFault> {
    let broken = |_| FetchFault::Broken("the question cannot be written".to_owned());
    let url = &target.url;
    let path = match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    };
    let host = url.host_str().unwrap_or_default();
    let host = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    let method = match &ask.body {
        _ if ask.deletes => Method::DELETE,
        Some(_) => Method::POST,
        None => Method::GET,
    };
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header(HOST, host)
        .header(USER_AGENT, AGENT)
        .header(ACCEPT, &ask.accept)
        .header(ACCEPT_ENCODING, "gzip");
    if let Some((_, media)) = &ask.body {
        request = request.header(CONTENT_TYPE, *media);
    }
    if let Some(etag) = &ask.validators.etag {
        request = request.header(IF_NONE_MATCH, etag);
    }
    if let Some(at) = &ask.validators.last_modified {
        request = request.header(IF_MODIFIED_SINCE, at);
    }
    // Whoever is led to in the end is not who the credentials were given for.
    if let Some((name, value)) = ask.credentials.as_ref().filter(|_| is_first) {
        request = request.header(name, value);
    }
    for (name, value) in ask.headers.iter().filter(|_| is_first) {
        request = request.header(name, value);
    }
    let body = ask.body.as_ref().map(|(body, _)| body.clone()).unwrap_or_default();
    request.body(Full::new(body)).map_err(broken)
}

fn answer(
    status: StatusCode,
    headers: HeaderMap,
    download: Download,
    target: Target,
    ask: &Ask,
) -> Result<Answer, FetchFault> {
    let text = |name: HeaderName| {
        let value = headers.get(name)?.to_str().ok()?;
        (value.len() <= VALIDATOR_BYTES_MAX).then(|| value.to_owned())
    };
    let validators = Validators { etag: text(ETAG), last_modified: text(LAST_MODIFIED) };
    download.expect_fit()?;
    let encoding = headers.get(CONTENT_ENCODING).map(|value| value.to_str().unwrap_or("?").trim().to_ascii_lowercase());
    let body = match encoding.as_deref() {
        // What is not there has no encoding.
        _ if status == StatusCode::NOT_MODIFIED => download,
        None | Some("" | "identity") if ask.unpacks_files && is_packed(&target) => download.unpacking(".gz"),
        None | Some("" | "identity") => download,
        Some("gzip" | "x-gzip") => download.unpacking("gzip"),
        Some(other) => return Err(FetchFault::Encoding(other.chars().take(32).collect())),
    };
    Ok(Answer { status, headers, validators, target, body })
}

/// Whether the name of a file says that it is packed.
fn is_packed(target: &Target) -> bool {
    target.url.path().rsplit_once('.').is_some_and(|(_, ending)| ending.eq_ignore_ascii_case("gz"))
}

/// What a server that says no says about it: little, and never as more than text.
async fn said_no(status: StatusCode, headers: &HeaderMap, download: Download) -> FetchFault {
    let retry_after = headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let is_json =
        headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).is_some_and(|media| media.contains("json"));
    let mut told = String::new();
    if is_json
        && let Ok(body) = download.at_most(TOLD_BYTES_MAX).await
        && let Ok(error) = serde_json::from_slice::<serde_json::Value>(&body)
    {
        let parts = ["title", "error", "error_description", "description", "detail", "message"];
        let parts = parts.iter().filter_map(|name| error.get(*name)?.as_str());
        told = parts.collect::<Vec<_>>().join("; ").chars().filter(|c| !c.is_control()).take(TOLD_CHARS_MAX).collect();
    }
    FetchFault::Status { status: status.as_u16(), retry_after, told }
}

/// Credentials as a header that nothing prints.
pub fn basic(user: &str, password: &str) -> Option<(HeaderName, HeaderValue)> {
    let pair = gotong_crypto::text::base64(format!("{user}:{password}").as_bytes());
    sensitive(AUTHORIZATION, &format!("Basic {pair}"))
}

/// The same for a token.
pub fn bearer(token: &str) -> Option<(HeaderName, HeaderValue)> {
    sensitive(AUTHORIZATION, &format!("Bearer {token}"))
}

/// The same for any header, such as the key of a MISP server.
pub fn header(name: &str, value: &str) -> Option<(HeaderName, HeaderValue)> {
    sensitive(HeaderName::from_bytes(name.as_bytes()).ok()?, value)
}

fn sensitive(name: HeaderName, value: &str) -> Option<(HeaderName, HeaderValue)> {
    let mut value = HeaderValue::from_str(value).ok()?;
    value.set_sensitive(true);
    Some((name, value))
}
