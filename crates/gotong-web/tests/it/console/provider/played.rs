//! An identity provider that the test plays itself, over a real socket: honest by itself, and then in every way that it is told to lie.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use gotong_crypto::{sha256, text};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

pub(super) const CLIENT: &str = "gotong";
pub(super) const SECRET: &str = "a secret: of the client";

/// With what a token is signed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Sign {
    Own,
    /// A key that the provider does not publish, under the name of one that it does.
    Other,
    None,
    /// The public key as a shared secret.
    HmacOfKey,
    /// The client's secret, which the standard allows and we do not.
    HmacOfSecret,
    /// With one bit changed.
    Garbled,
}

/// How it plays.
pub(super) struct Play {
    pub(super) sign: Sign,
    /// Laid over what it would say honestly; `null` takes away.
    pub(super) claims: Value,
    pub(super) metadata: Value,
    /// Whole answers in the place of its own, by path.
    pub(super) answers: HashMap<&'static str, Vec<u8>>,
    /// Paths that are never answered.
    pub(super) silent: Vec<&'static str>,
    pub(super) kid: &'static str,
    pub(super) now_s: i64,
    /// By code: nonce and challenge; taken out when redeemed.
    codes: HashMap<String, (String, String, String)>,
    pub(super) asked: Vec<String>,
    key: EcdsaKeyPair,
}

#[derive(Clone)]
pub(super) struct Played {
    pub(super) issuer: String,
    pub(super) play: Arc<Mutex<Play>>,
}

fn b64(bytes: &[u8]) -> String {
    text::base64(bytes).trim_end_matches('=').replace('+', "-").replace('/', "_")
}

fn new_key() -> EcdsaKeyPair {
    EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap()
}

fn lay(over: &Value, under: &mut Value) {
    for (name, value) in over.as_object().unwrap() {
        if value.is_null() {
            under.as_object_mut().unwrap().remove(name);
        } else {
            under[name] = value.clone();
        }
    }
}

pub(super) fn json_answer(status: &str, body: &Value) -> Vec<u8> {
    let body = body.to_string();
    format!("HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}", body.len())
        .into()
}

impl Play {
    fn jwks(&self) -> Value {
        let point = self.key.public_key().as_ref();
        json!({"keys": [{"kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": self.kid, "x": b64(&point[1..33]), "y": b64(&point[33..])}]})
    }

    /// Other keys from now on, under another name.
    pub(super) fn rotate(&mut self, kid: &'static str) {
        (self.key, self.kid) = (new_key(), kid);
    }

    fn token(&self, issuer: &str, nonce: &str) -> String {
        let mut claims = json!({"iss": issuer, "sub": "subject-1", "aud": CLIENT, "nonce": nonce, "iat": self.now_s, "exp": self.now_s + 300,
            "preferred_username": "ann@ministry.example", "name": "Ann of the Ministry"});
        lay(&self.claims, &mut claims);
        let alg = match self.sign {
            Sign::Own | Sign::Other | Sign::Garbled => "ES256",
            Sign::None => "none",
            Sign::HmacOfKey | Sign::HmacOfSecret => "HS256",
        };
        let head = json!({"alg": alg, "kid": self.kid, "typ": "JWT"});
        let signed = format!("{}.{}", b64(head.to_string().as_bytes()), b64(claims.to_string().as_bytes()));
        let with = |key: &EcdsaKeyPair| key.sign(&SystemRandom::new(), signed.as_bytes()).unwrap().as_ref().to_vec();
        let hmac =
            |key: &[u8]| hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), signed.as_bytes()).as_ref().to_vec();
        let signature = match self.sign {
            Sign::Own => with(&self.key),
            Sign::Other => with(&new_key()),
            Sign::None => Vec::new(),
            Sign::HmacOfKey => {
                let der = AsDer::<PublicKeyX509Der<'_>>::as_der(self.key.public_key()).unwrap();
                hmac(der.as_ref())
            }
            Sign::HmacOfSecret => hmac(SECRET.as_bytes()),
            Sign::Garbled => {
                let mut signature = with(&self.key);
                signature[10] ^= 1;
                signature
            }
        };
        format!("{signed}.{}", b64(&signature))
    }

    fn redeem(&mut self, issuer: &str, head: &str, body: &str) -> Vec<u8> {
        let form: HashMap<String, String> = url::form_urlencoded::parse(body.as_bytes()).into_owned().collect();
        let basic = format!("basic {}", text::base64(b"gotong:a+secret%3A+of+the+client"));
        let is_client =
            head.lines().any(|line| line.to_lowercase() == format!("authorization: {}", basic.to_lowercase()));
        let no = |error: &str| json_answer("400 Bad Request", &json!({"error": error}));
        if !is_client || form["grant_type"] != "authorization_code" {
            return no("invalid_client");
        }
        let Some((nonce, challenge, redirect)) = self.codes.remove(&form["code"]) else { return no("invalid_grant") };
        let shown = b64(sha256(form["code_verifier"].as_bytes()).as_bytes());
        if shown != challenge || form["redirect_uri"] != redirect {
            return no("invalid_grant");
        }
        let token = self.token(issuer, &nonce);
        json_answer(
            "200 OK",
            &json!({"access_token": "t", "token_type": "Bearer", "expires_in": 60, "id_token": token}),
        )
    }

    fn answer(&mut self, issuer: &str, head: &str, body: &str) -> Vec<u8> {
        let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
        self.asked.push(path.clone());
        if let Some(answer) = self.answers.get(path.as_str()) {
            return answer.clone();
        }
        match path.as_str() {
            "/.well-known/openid-configuration" => {
                let mut metadata = json!({"issuer": issuer, "authorization_endpoint": format!("{issuer}/authorise"),
                    "token_endpoint": format!("{issuer}/token"), "jwks_uri": format!("{issuer}/keys"), "end_session_endpoint": format!("{issuer}/end"),
                    "response_types_supported": ["code"], "subject_types_supported": ["public"],
                    "id_token_signing_alg_values_supported": ["ES256", "HS256", "none"], "authorization_response_iss_parameter_supported": true});
                lay(&self.metadata, &mut metadata);
                json_answer("200 OK", &metadata)
            }
            "/keys" => json_answer("200 OK", &self.jwks()),
            "/token" => self.redeem(issuer, head, body),
            _ => json_answer("404 Not Found", &json!({})),
        }
    }
}

impl Played {
    pub(super) async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let play = Play {
            sign: Sign::Own,
            claims: json!({}),
            metadata: json!({}),
            answers: HashMap::new(),
            silent: Vec::new(),
            kid: "one",
            now_s: 0,
            codes: HashMap::new(),
            asked: Vec::new(),
            key: new_key(),
        };
        let played = Self { issuer, play: Arc::new(Mutex::new(play)) };
        let it = played.clone();
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let it = it.clone();
                // What a client that has had enough does to us is no fault of the test.
                tokio::spawn(async move {
                    let _ = it.serve(socket).await;
                });
            }
        });
        played
    }

    async fn serve(&self, mut socket: TcpStream) -> std::io::Result<()> {
        let mut all = Vec::new();
        let (head, body) = loop {
            let mut piece = [0; 2_048];
            let count = socket.read(&mut piece).await?;
            if count == 0 {
                return Ok(());
            }
            all.extend_from_slice(&piece[..count]);
            let text = String::from_utf8_lossy(&all).into_owned();
            let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
            let length =
                head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
            if body.len() >= length.unwrap_or(0) {
                break (head.to_owned(), body.to_owned());
            }
        };
        let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
        if self.play.lock().unwrap().silent.iter().any(|silent| *silent == path) {
            return std::future::pending().await;
        }
        let answer = self.play.lock().unwrap().answer(&self.issuer, &head, &body);
        socket.write_all(&answer).await?;
        socket.shutdown().await
    }

    pub(super) fn change(&self, change: impl FnOnce(&mut Play)) {
        change(&mut self.play.lock().unwrap());
    }

    /// Whoever is sent to this address says yes: what the browser brings back.
    pub(super) fn consent(&self, address: &str) -> HashMap<String, String> {
        let url = url::Url::parse(address).unwrap();
        assert_eq!(url.origin().ascii_serialization(), self.issuer, "the browser goes to the provider");
        let asked: HashMap<String, String> = url.query_pairs().into_owned().collect();
        for (name, value) in [("response_type", "code"), ("client_id", CLIENT), ("code_challenge_method", "S256")] {
            assert_eq!(asked[name], value, "{name}");
        }
        assert_eq!(asked["redirect_uri"], "https://gotong.example/log-in/provider/back");
        assert!(asked["scope"].split(' ').any(|scope| scope == "openid"));
        let mut play = self.play.lock().unwrap();
        let code = format!("code-{}", play.codes.len() + play.asked.len() * 1_000);
        let kept = (asked["nonce"].clone(), asked["code_challenge"].clone(), asked["redirect_uri"].clone());
        play.codes.insert(code.clone(), kept);
        [
            ("code".to_owned(), code),
            ("state".to_owned(), asked["state"].clone()),
            ("iss".to_owned(), self.issuer.clone()),
        ]
        .into()
    }
}
