//! The dialling side of one connection: TCP, TLS, HTTP/1.1 requests with bounded answers. Whose connection it is, the caller checks before it sends
//! anything but its hello. Redirects are not followed: any status that was not asked for is a fault.

use std::sync::Arc;
use std::time::Duration;

use gotong_crypto::Digest;
use gotong_model::limits;
use gotong_sync::wire::WireFault;
use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Bytes, Incoming};
use hyper::client::conn::http1::{self, SendRequest};
use hyper::header::{CONTENT_TYPE, HOST, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use tokio::net::{TcpStream, lookup_host};
use tokio::task::AbortHandle;
use tokio::time::{Instant, timeout};
use tokio_rustls::TlsConnector;

use super::certificate::tls_key_digest;
use super::fault::LinkFault;
use super::meter::{Metered, Traffic};
use super::patience::Patience;

/// Addresses tried of those that a name has.
const RESOLVED_MAX: usize = 4;
/// Header bytes of an answer.
const HEADER_BYTES_MAX: usize = 16 << 10;
const BUFFER_BYTES_MAX: usize = 256 << 10;
/// A whole frame: entries as sent, checkpoint, proof and fields (`docs/protocol.md` section 8).
pub(crate) const FRAME_WIRE_BYTES_MAX: usize = limits::FRAME_BYTES_MAX + (64 << 10) + (16 << 10) + 32 * 128 + 33;
/// Bytes that a body must bring for each second that was waited for it, once the first seconds are over.
const BYTES_PER_SECOND_MIN: u64 = 4 << 10;
/// Bytes of an answer that is only read to keep the connection.
const REST_BYTES_MAX: usize = 4 << 10;

/// An open connection to a peer.
pub(crate) struct Line {
    sender: SendRequest<Full<Bytes>>,
    host: HeaderValue,
    patience: Patience,
    traffic: Arc<Traffic>,
    driver: AbortHandle,
    /// The digest of the public key in the certificate that the peer showed.
    pub(crate) key: Digest,
}

impl Drop for Line {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

/// Connects to the first address that answers and does the TLS handshake.
pub(crate) async fn dial(address: &str, tls: &TlsConnector, patience: Patience) -> Result<Line, LinkFault> {
    let unreachable = |fault: String| LinkFault::Unreachable { address: address.to_owned(), fault };
    let found = timeout(patience.connect, lookup_host(address)).await;
    let found = found.map_err(|_| unreachable("the name was not resolved in time".to_owned()))?;
    let mut last = "the name has no address".to_owned();
    let mut socket = None;
    for place in found.map_err(|fault| unreachable(fault.to_string()))?.take(RESOLVED_MAX) {
        match timeout(patience.connect, TcpStream::connect(place)).await {
            Ok(Ok(open)) => {
                socket = Some(open);
                break;
            }
            Ok(Err(fault)) => last = fault.to_string(),
            Err(_) => "no answer in time".clone_into(&mut last),
        }
    }
    let Some(socket) = socket else { return Err(unreachable(last)) };
    socket.set_nodelay(true).map_err(|fault| unreachable(fault.to_string()))?;
    let traffic = Arc::new(Traffic::default());
    let socket = Metered::new(socket, Arc::clone(&traffic), patience.stall);
    // What stands in the certificate besides its key counts for nothing, so neither does the name that is asked for.
    let name = ServerName::try_from("gotong.invalid").map_err(|fault| unreachable(fault.to_string()))?;
    let stream = timeout(patience.handshake, tls.connect(name, socket)).await;
    let stream = stream.map_err(|_| LinkFault::Late("finish its TLS handshake"))?;
    let stream = stream.map_err(|fault| unreachable(fault.to_string()))?;
    let certificates = stream.get_ref().1.peer_certificates();
    let key = certificates.and_then(<[_]>::first).and_then(|certificate| tls_key_digest(certificate));
    let key = key.ok_or(LinkFault::Certificate)?;
    let (sender, connection) = http1::Builder::new()
        .max_buf_size(BUFFER_BYTES_MAX)
        .max_header_size(HEADER_BYTES_MAX)
        .handshake(TokioIo::new(stream))
        .await?;
    let driver = tokio::spawn(async move {
        // Its end shows in the requests that wait for it.
        let _ = connection.await;
    });
    let host = HeaderValue::from_str(address).map_err(|fault| unreachable(fault.to_string()))?;
    Ok(Line { sender, host, patience, traffic, driver: driver.abort_handle(), key })
}

impl Line {
    /// Bytes since the last call.
    pub(crate) fn traffic(&self) -> (u64, u64) {
        self.traffic.take()
    }

    /// Posts JSON and reads an answer of at most `most` bytes; `wait` is how long the peer was asked to take.
    pub(crate) async fn post(
        &mut self,
        path: &'static str,
        body: Vec<u8>,
        most: usize,
        wait: Duration,
    ) -> Result<(StatusCode, Vec<u8>), LinkFault> {
        let response = self.send(Method::POST, path, body, wait).await?;
        let status = response.status();
        let bytes = Reading::new(response.into_body(), self.patience).all(most).await?;
        Ok((status, bytes))
    }

    /// Asks for frames; `None`: there is no such log for this node.
    pub(crate) async fn frames(&mut self, path: &str) -> Result<Option<FrameStream>, LinkFault> {
        let response = self.send(Method::GET, path, Vec::new(), Duration::ZERO).await?;
        let status = response.status();
        let reading = Reading::new(response.into_body(), self.patience);
        match status {
            StatusCode::OK => Ok(Some(FrameStream { reading, buffer: Vec::new(), frames: 0 })),
            StatusCode::NOT_FOUND => {
                reading.all(REST_BYTES_MAX).await?;
                Ok(None)
            }
            _ => Err(LinkFault::Status { what: "a request for frames", status: status.as_u16() }),
        }
    }

    async fn send(
        &mut self,
        method: Method,
        path: &str,
        body: Vec<u8>,
        wait: Duration,
    ) -> Result<Response<Incoming>, LinkFault> {
        let mut request = Request::new(Full::new(Bytes::from(body)));
        *request.uri_mut() = path.parse().map_err(|_| LinkFault::Broken(format!("{path} is no path")))?;
        if method == Method::POST {
            request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        *request.method_mut() = method;
        request.headers_mut().insert(HOST, self.host.clone());
        let answered = async {
            self.sender.ready().await?;
            self.sender.send_request(request).await
        };
        let answered = timeout(wait + self.patience.answer, answered).await;
        Ok(answered.map_err(|_| LinkFault::Late("answer"))??)
    }
}

/// A body as it arrives. Only time spent waiting for the peer counts against it.
struct Reading {
    body: Incoming,
    patience: Patience,
    waited: Duration,
    received: u64,
}

impl Reading {
    fn new(body: Incoming, patience: Patience) -> Self {
        Self { body, patience, waited: Duration::ZERO, received: 0 }
    }

    async fn next(&mut self) -> Result<Option<Bytes>, LinkFault> {
        loop {
            let begun = Instant::now();
            let frame = timeout(self.patience.stall, self.body.frame()).await;
            let Some(frame) = frame.map_err(|_| LinkFault::Late("go on with its answer"))? else { return Ok(None) };
            self.waited += begun.elapsed();
            // Trailers say nothing here.
            let Ok(bytes) = frame?.into_data() else { continue };
            self.received = self.received.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
            let allowed = self.patience.answer + Duration::from_secs(self.received / BYTES_PER_SECOND_MIN);
            if self.waited > allowed {
                return Err(LinkFault::Late("send its answer"));
            }
            if !bytes.is_empty() {
                return Ok(Some(bytes));
            }
        }
    }

    async fn all(mut self, most: usize) -> Result<Vec<u8>, LinkFault> {
        let announced = usize::try_from(self.body.size_hint().lower()).unwrap_or(usize::MAX);
        let too_large = |bytes| LinkFault::from(WireFault::TooLarge { bytes, most });
        if announced > most {
            return Err(too_large(announced));
        }
        // Nothing is reserved for what is only announced.
        let mut all = Vec::new();
        while let Some(bytes) = self.next().await? {
            if all.len() + bytes.len() > most {
                return Err(too_large(all.len() + bytes.len()));
            }
            all.extend_from_slice(&bytes);
        }
        Ok(all)
    }
}

/// Frames as they arrive, each behind its length.
pub(crate) struct FrameStream {
    reading: Reading,
    buffer: Vec<u8>,
    frames: usize,
}

impl FrameStream {
    /// The next frame with its length before it, as it was sent; `None` at the end.
    pub(crate) async fn next(&mut self) -> Result<Option<Vec<u8>>, LinkFault> {
        loop {
            if let Some((length, _)) = self.buffer.split_first_chunk::<4>() {
                let length = usize::try_from(u32::from_be_bytes(*length)).unwrap_or(usize::MAX);
                if length > FRAME_WIRE_BYTES_MAX {
                    return Err(WireFault::TooLarge { bytes: length, most: FRAME_WIRE_BYTES_MAX }.into());
                }
                if self.frames >= limits::FRAMES_PER_ANSWER_MAX {
                    return Err(WireFault::TooMany { field: "frames", most: limits::FRAMES_PER_ANSWER_MAX }.into());
                }
                if self.buffer.len() >= 4 + length {
                    let rest = self.buffer.split_off(4 + length);
                    self.frames += 1;
                    return Ok(Some(std::mem::replace(&mut self.buffer, rest)));
                }
            }
            match self.reading.next().await? {
                Some(bytes) => self.buffer.extend_from_slice(&bytes),
                None if self.buffer.is_empty() => return Ok(None),
                None => return Err(WireFault::Malformed("frames end in the middle".to_owned()).into()),
            }
        }
    }
}
