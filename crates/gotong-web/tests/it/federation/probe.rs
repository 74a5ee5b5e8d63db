//! A peer that says what it likes, byte by byte, over real TLS; and a server that answers what it likes.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;

use gotong_sync::wire::Hello;
use gotong_testkit::tls;
use gotong_web::federation::TlsIdentity;
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_rustls::client::TlsStream;
use tokio_rustls::{TlsAcceptor, TlsConnector};

use super::region::{DEADLINE, Region};

pub(crate) const HELLO: &str = "/federation/v1/hello";
pub(crate) const CHANGES: &str = "/federation/v1/changes";

/// TLS as a client: with a key's certificate, or with none.
pub(crate) fn client(pem: Option<&str>) -> Arc<ClientConfig> {
    let identity = pem.map(|pem| (TlsIdentity::from_key_pem(pem).unwrap(), pem));
    tls::client(identity.as_ref().map(|(identity, pem)| (identity.certificate(), *pem)))
}

/// An open TLS connection and what was read of it beyond an answer.
pub(crate) struct Probe {
    pub(crate) stream: TlsStream<TcpStream>,
}

/// An answer: all its bytes, and where its body begins.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Raw {
    pub(crate) bytes: Vec<u8>,
    body: usize,
}

impl Raw {
    pub(crate) fn status(&self) -> u16 {
        String::from_utf8_lossy(&self.bytes[9..12]).parse().unwrap()
    }

    pub(crate) fn body(&self) -> &[u8] {
        &self.bytes[self.body..]
    }
}

impl Probe {
    pub(crate) async fn connect(address: SocketAddr, pem: &str) -> Self {
        Self::connect_with(address, client(Some(pem))).await.unwrap()
    }

    pub(crate) async fn connect_with(address: SocketAddr, config: Arc<ClientConfig>) -> std::io::Result<Self> {
        let socket = TcpStream::connect(address).await?;
        Ok(Self { stream: TlsConnector::from(config).connect(tls::anyone(), socket).await? })
    }

    pub(crate) async fn send(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.stream.write_all(bytes).await?;
        self.stream.flush().await
    }

    /// Reads one answer by its content length or its chunks; `None` where the connection ends first.
    pub(crate) async fn read(&mut self) -> Option<Raw> {
        timeout(DEADLINE, async {
            let mut bytes = Vec::new();
            let mut chunk = vec![0; 16 << 10];
            loop {
                if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
                    let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
                    if head.contains("transfer-encoding: chunked") {
                        if let Some(body) = whole_chunks(&bytes[end + 4..]) {
                            return Some(Raw { bytes: [&bytes[..end + 4], &body].concat(), body: end + 4 });
                        }
                    } else {
                        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
                        let length: usize = length.map_or(0, |length| length.trim().parse().unwrap());
                        if bytes.len() >= end + 4 + length {
                            return Some(Raw { bytes, body: end + 4 });
                        }
                    }
                }
                match self.stream.read(&mut chunk).await {
                    Ok(0) | Err(_) => return None,
                    Ok(read) => bytes.extend_from_slice(&chunk[..read]),
                }
            }
        })
        .await
        .expect("an answer or an end in time")
    }

    pub(crate) async fn ask(&mut self, method: &str, path: &str, body: &[u8]) -> Option<Raw> {
        let head = format!("{method} {path} HTTP/1.1\r\nhost: peer\r\ncontent-length: {}\r\n\r\n", body.len());
        self.send(&[head.as_bytes(), body].concat()).await.ok()?;
        self.read().await
    }

    pub(crate) async fn hello(&mut self, hello: &Hello) -> Option<Raw> {
        self.ask("POST", HELLO, &hello.encode()).await
    }
}

/// The body of a chunked answer (RFC 9112 section 7.1), once its last chunk is there.
fn whole_chunks(mut bytes: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end = bytes.windows(2).position(|two| two == b"\r\n")?;
        let length = usize::from_str_radix(std::str::from_utf8(&bytes[..end]).unwrap(), 16).unwrap();
        bytes = &bytes[end + 2..];
        if length == 0 {
            return Some(body);
        }
        body.extend_from_slice(bytes.get(..length)?);
        bytes = bytes.get(length + 2..)?;
    }
}

/// A member's hello, as it would say it.
pub(crate) fn hello_of(region: &Region, member: usize) -> Hello {
    Hello {
        protocols: vec![0],
        region: region.founding.region.to_string(),
        software: "probe".to_owned(),
        statements: vec![String::from_utf8(region.founding.members[member].statement.clone()).unwrap()],
        protocol: None,
    }
}

/// Serves HTTP on a socket under a key; every request is answered by `answer`.
pub(crate) fn serve<F, A>(listener: TcpListener, pem: &str, answer: A)
where
    A: Fn(String, String, Vec<u8>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = (u16, Vec<u8>)> + Send + 'static,
{
    let identity = TlsIdentity::from_key_pem(pem).unwrap();
    let acceptor = TlsAcceptor::from(tls::server((identity.certificate(), pem)));
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            let (acceptor, answer) = (acceptor.clone(), answer.clone());
            tokio::spawn(async move {
                let Ok(stream) = acceptor.accept(socket).await else { return };
                let service = hyper::service::service_fn(move |request: Request<Incoming>| {
                    let answer = answer.clone();
                    async move {
                        let (method, uri) = (request.method().to_string(), request.uri().to_string());
                        let body = request
                            .into_body()
                            .collect()
                            .await
                            .map_or_else(|_| Vec::new(), |body| body.to_bytes().to_vec());
                        let (status, body) = answer(method, uri, body).await;
                        let mut response = Response::new(Full::new(Bytes::from(body)));
                        *response.status_mut() = StatusCode::from_u16(status).unwrap();
                        Ok::<_, std::convert::Infallible>(response)
                    }
                });
                let _ =
                    hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
            });
        }
    });
}
