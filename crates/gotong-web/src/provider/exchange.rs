//! What goes between the node and a provider: its metadata and keys, the address to send a browser to, the code that comes back, the token for it.
//!
//! The crate `openidconnect` builds and verifies; bytes go through the guarded fetcher, with bounds of size and time and without redirects. The issuer's own
//! origin may lie inside, since the operator has named it; whatever else it names is judged like any address. Read next: `claims.rs`.

use std::pin::Pin;
use std::time::Duration;

use chrono::{DateTime, Utc};
use gotong_crypto::text;
use gotong_model::Timestamp;
use hyper::StatusCode;
use hyper::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use openidconnect::core::{
    CoreAuthDisplay, CoreClaimName, CoreClaimType, CoreClient, CoreClientAuthMethod, CoreGrantType, CoreIdToken,
    CoreIdTokenVerifier, CoreJsonWebKey, CoreJsonWebKeySet, CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm, CoreJwsSigningAlgorithm, CoreResponseMode, CoreResponseType,
    CoreSubjectIdentifierType,
};
use openidconnect::{
    AdditionalProviderMetadata, AsyncHttpClient, AuthType, AuthenticationContextClass, AuthenticationFlow,
    AuthorizationCode, ClaimsVerificationError, ClientId, ClientSecret, CsrfToken, DiscoveryError, EndpointMaybeSet,
    EndpointNotSet, EndpointSet, HttpRequest, HttpResponse, IssuerUrl, Nonce, PkceCodeChallenge, PkceCodeVerifier,
    ProviderMetadata, RedirectUrl, RequestTokenError, Scope, SignatureVerificationError, TokenResponse,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::Mutex;
use tokio::time::Instant;
use url::Url;

use super::{ProviderFault, ProviderOptions};
use crate::outward::download::Bounds;
use crate::outward::fault::FetchFault;
use crate::outward::fetch::{Ask, Fetcher};
use crate::outward::guard::Target;

/// What one answer of a provider may take.
const BOUNDS: Bounds = Bounds { bytes_max: 256 << 10, total: Duration::from_secs(15), idle: Duration::from_secs(8) };
/// How long metadata and keys are believed.
const FRESH: Duration = Duration::from_hours(1);
/// Unknown keys make the node look for new ones at most this often.
const LOOK_AGAIN: Duration = Duration::from_secs(30);
/// How long a provider that did not answer is not asked again.
const FAILED: Duration = Duration::from_secs(5);
/// How far the clocks of node and provider may differ.
const SKEW_S: i64 = 60;
/// How old a token may be that was asked for just now.
const TOKEN_S: i64 = 600;
/// Signatures that are taken: with public keys alone, and never none.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// What the metadata says that the crate has no words for.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct More {
    /// RP-Initiated Logout 1.0.
    end_session_endpoint: Option<String>,
    /// RFC 9207: what comes back always says from whom.
    authorization_response_iss_parameter_supported: Option<bool>,
}

impl AdditionalProviderMetadata for More {}

type Metadata = ProviderMetadata<
    More,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

type Client =
    CoreClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointMaybeSet, EndpointMaybeSet>;

struct Known {
    metadata: Metadata,
    at: Instant,
    /// When keys were last looked for because one was missing.
    looked: Option<Instant>,
}

/// What is known of a provider, and when it last could not be asked.
#[derive(Default)]
struct State {
    known: Option<Known>,
    failed: Option<(Instant, String)>,
}

/// What belongs to one way to the provider and back, and is known to node and browser alone.
#[derive(Clone)]
pub(crate) struct Trip {
    /// Comes back with the code.
    pub(crate) state: String,
    /// Comes back in the token.
    pub(crate) nonce: String,
    /// Shows that who redeems the code has asked for it (RFC 7636).
    pub(crate) verifier: String,
}

/// What came back through the browser.
#[derive(Clone, Debug, Default)]
pub(crate) struct Back {
    pub(crate) code: String,
    pub(crate) iss: Option<String>,
}

/// How the crate reaches the provider.
#[derive(Clone)]
struct Http {
    fetcher: Fetcher,
    issuer: String,
}

impl<'c> AsyncHttpClient<'c> for Http {
    type Error = FetchFault;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, FetchFault>> + Send>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        let http = self.clone();
        Box::pin(async move { http.send(request).await })
    }
}

impl Http {
    /// Sends one request of the crate.
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, FetchFault> {
        let (parts, body) = request.into_parts();
        let target = Target::parse(&parts.uri.to_string())?;
        let issuer = Target::parse(&self.issuer)?;
        let is_own = target.is_same_origin(&issuer);
        if !(target.is_tls() || is_own) {
            return Err(FetchFault::Downgrade);
        }
        let mut ask = Ask { is_trusted: is_own, stays: true, ..Ask::new(target) };
        if let Some(accept) = parts.headers.get(ACCEPT).and_then(|value| value.to_str().ok()) {
            accept.clone_into(&mut ask.accept);
        }
        if let Some(credentials) = parts.headers.get(AUTHORIZATION) {
            let mut credentials = credentials.clone();
            credentials.set_sensitive(true);
            ask.credentials = Some((AUTHORIZATION, credentials));
        }
        if !body.is_empty() {
            ask.body = Some((body.into(), "application/x-www-form-urlencoded"));
        }
        let answer = self.fetcher.ask(&ask, BOUNDS).await?;
        let media = answer.headers.get(CONTENT_TYPE).cloned();
        let mut response = HttpResponse::new(answer.body.all().await?);
        *response.status_mut() = StatusCode::OK;
        if let Some(media) = media {
            response.headers_mut().insert(CONTENT_TYPE, media);
        }
        Ok(response)
    }
}

/// The provider, and what is known of it.
pub(crate) struct Provider {
    pub(crate) options: ProviderOptions,
    /// Where it sends browsers back to.
    redirect: Url,
    state: Mutex<State>,
}

impl Provider {
    pub(crate) fn new(options: ProviderOptions, redirect: Url) -> Self {
        Self { options, redirect, state: Mutex::default() }
    }

    /// The metadata and keys, fetched where they are not fresh. `looks_again`: a key is missing.
    async fn metadata(&self, looks_again: bool) -> Result<Metadata, ProviderFault> {
        // One at a time: a crowd that comes at once makes one question.
        let mut state = self.state.lock().await;
        if let Some(known) = &state.known {
            let is_enough = if looks_again {
                known.looked.is_some_and(|at| at.elapsed() < LOOK_AGAIN)
            } else {
                known.at.elapsed() < FRESH
            };
            if is_enough {
                return Ok(known.metadata.clone());
            }
        }
        // Whoever waited while another asked in vain is told the same.
        if let Some((_, told)) = state.failed.as_ref().filter(|(at, _)| at.elapsed() < FAILED) {
            return Err(ProviderFault::Away(told.clone()));
        }
        let issuer = IssuerUrl::new(self.options.issuer.clone()).map_err(|fault| away(&fault))?;
        let http = self.http();
        let at = Instant::now();
        match Metadata::discover_async(issuer, &http).await {
            Ok(metadata) => {
                let known = Known { metadata: metadata.clone(), at, looked: looks_again.then_some(at) };
                *state = State { known: Some(known), failed: None };
                Ok(metadata)
            }
            Err(fault) => {
                let fault = discovery(&fault);
                state.failed = Some((Instant::now(), fault.to_string()));
                Err(fault)
            }
        }
    }

    /// An address of the provider to which a browser may be sent.
    fn browsers(&self, address: &Url) -> Result<(), ProviderFault> {
        let issuer = Url::parse(&self.options.issuer).map_err(|fault| away(&fault))?;
        if address.scheme() == "https" || (address.origin() == issuer.origin() && address.scheme() == "http") {
            Ok(())
        } else {
            Err(ProviderFault::Away(format!("it names {address}, which is not under https")))
        }
    }

    fn client(&self, metadata: &Metadata) -> Client {
        let secret = self.options.secret.clone().map(ClientSecret::new);
        let client =
            CoreClient::from_provider_metadata(metadata.clone(), ClientId::new(self.options.client.clone()), secret);
        // RFC 8414: where nothing is said, the secret goes into the header.
        let ways = metadata.token_endpoint_auth_methods_supported().cloned().unwrap_or_default();
        let only_body = ways.contains(&CoreClientAuthMethod::ClientSecretPost)
            && !ways.contains(&CoreClientAuthMethod::ClientSecretBasic);
        client.set_auth_type(if only_body { AuthType::RequestBody } else { AuthType::BasicAuth })
    }

    fn http(&self) -> Http {
        Http { fetcher: self.options.fetcher.clone(), issuer: self.options.issuer.clone() }
    }

    fn redirect(&self) -> RedirectUrl {
        RedirectUrl::from_url(self.redirect.clone())
    }

    /// Where a browser is sent to.
    pub(crate) async fn address(&self, trip: &Trip) -> Result<Url, ProviderFault> {
        let metadata = self.metadata(false).await?;
        self.browsers(metadata.authorization_endpoint().url())?;
        let client = self.client(&metadata).set_redirect_uri(self.redirect());
        let (state, nonce) = (trip.state.clone(), trip.nonce.clone());
        let flow = AuthenticationFlow::<CoreResponseType>::AuthorizationCode;
        let verifier = PkceCodeVerifier::new(trip.verifier.clone());
        let mut request = client
            .authorize_url(flow, move || CsrfToken::new(state), move || Nonce::new(nonce))
            .add_scopes(self.options.scopes.iter().cloned().map(Scope::new))
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier));
        for class in &self.options.second_acr {
            request = request.add_auth_context_value(AuthenticationContextClass::new(class.clone()));
        }
        Ok(request.url().0)
    }

    /// Whether what came back may be of this provider at all (RFC 9207): no code is shown to one that it is not from.
    pub(crate) async fn expect_from(&self, iss: Option<&str>) -> Result<(), ProviderFault> {
        let metadata = self.metadata(false).await?;
        let must = metadata.additional_metadata().authorization_response_iss_parameter_supported == Some(true);
        match iss {
            Some(iss) if iss == self.options.issuer => Ok(()),
            Some(_) => Err(ProviderFault::Unproven("iss names another provider".to_owned())),
            None if must => Err(ProviderFault::Unproven("iss is missing, which it always sends".to_owned())),
            None => Ok(()),
        }
    }

    /// Redeems the code and verifies the token: its claims.
    pub(crate) async fn redeem(&self, back: &Back, trip: &Trip, now: Timestamp) -> Result<Value, ProviderFault> {
        self.expect_from(back.iss.as_deref()).await?;
        let metadata = self.metadata(false).await?;
        let client = self.client(&metadata).set_redirect_uri(self.redirect());
        let request = client.exchange_code(AuthorizationCode::new(back.code.clone())).map_err(|fault| away(&fault))?;
        let http = self.http();
        let answer = request
            .set_pkce_verifier(PkceCodeVerifier::new(trip.verifier.clone()))
            .request_async(&http)
            .await
            .map_err(|fault| match fault {
                RequestTokenError::Request(FetchFault::Status { status, told, .. }) if (400..500).contains(&status) => {
                    ProviderFault::Refused(format!("status {status} {told}"))
                }
                RequestTokenError::Request(fault) => away(&fault),
                RequestTokenError::ServerResponse(said) => ProviderFault::Refused(said.to_string()),
                // What did not read is not told: it may hold a token.
                RequestTokenError::Parse(..) | RequestTokenError::Other(_) => {
                    ProviderFault::Away("its answer to the code does not read".to_owned())
                }
            })?;
        let token = answer.id_token().ok_or_else(|| ProviderFault::Unproven("there is no ID token".to_owned()))?;
        let nonce = Nonce::new(trip.nonce.clone());
        let mut held = self.verify(&metadata, token, &nonce, now);
        let missing = ClaimsVerificationError::SignatureVerification(SignatureVerificationError::NoMatchingKey);
        if held.as_ref().is_err_and(|fault| *fault == missing) {
            // Providers change their keys, and say so by using a new one.
            let metadata = self.metadata(true).await?;
            held = self.verify(&metadata, token, &nonce, now);
        }
        held.map_err(|fault| ProviderFault::Unproven(fault.to_string()))?;
        payload(token)
    }

    fn verify(
        &self,
        metadata: &Metadata,
        token: &CoreIdToken,
        nonce: &Nonce,
        now: Timestamp,
    ) -> Result<(), ClaimsVerificationError> {
        let keys: CoreJsonWebKeySet = metadata.jwks().clone();
        let issuer = metadata.issuer().clone();
        let now = now.micros() / 1_000_000;
        let client = ClientId::new(self.options.client.clone());
        // As a public client's: nothing is ever compared with a shared secret.
        let verifier = CoreIdTokenVerifier::new_public_client(client.clone(), issuer, keys)
            .set_allowed_algs(ALGORITHMS)
            .set_time_fn(move || DateTime::<Utc>::from_timestamp(now - SKEW_S, 0).unwrap_or(DateTime::<Utc>::MAX_UTC))
            .set_issue_time_verifier_fn(move |at| {
                let age = now - at.timestamp();
                if (-SKEW_S..=TOKEN_S).contains(&age) { Ok(()) } else { Err("it was not issued just now".to_owned()) }
            });
        let claims = token.claims(&verifier, nonce)?;
        // The crate leaves this one to us (OpenID Connect Core, section 3.1.3.7, step 5).
        match claims.authorized_party() {
            Some(party) if *party != client => {
                Err(ClaimsVerificationError::InvalidAudience("azp names another client".to_owned()))
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Where a browser ends its session at the provider too, if it has such a place.
    pub(crate) async fn way_out(&self) -> Option<Url> {
        let metadata = self.metadata(false).await.ok()?;
        let mut out = Url::parse(metadata.additional_metadata().end_session_endpoint.as_deref()?).ok()?;
        self.browsers(&out).ok()?;
        let back = self.redirect.join("/log-in").ok()?;
        out.query_pairs_mut()
            .append_pair("client_id", &self.options.client)
            .append_pair("post_logout_redirect_uri", back.as_str());
        Some(out)
    }
}

fn away(fault: &dyn std::fmt::Display) -> ProviderFault {
    ProviderFault::Away(fault.to_string())
}

/// What went wrong with the metadata or the keys, down to the field.
fn discovery(fault: &DiscoveryError<FetchFault>) -> ProviderFault {
    if let DiscoveryError::Request(fault) = fault {
        return away(fault);
    }
    if let DiscoveryError::Parse(fault) = fault {
        return ProviderFault::Away(format!("metadata or keys do not read: {fault}"));
    }
    away(fault)
}

/// The claims of a token that has been verified: the very bytes that were signed.
fn payload(token: &CoreIdToken) -> Result<Value, ProviderFault> {
    let token = token.to_string();
    let read = || {
        let plain = token.split('.').nth(1)?.replace('-', "+").replace('_', "/");
        let padding = "=".repeat((4 - plain.len() % 4) % 4);
        serde_json::from_slice::<Value>(&text::from_base64(&format!("{plain}{padding}"))?).ok()
    };
    read().ok_or_else(|| ProviderFault::Unproven("its claims do not read".to_owned()))
}
