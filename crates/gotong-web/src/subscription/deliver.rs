//! Webhooks on their way out, signed as Standard Webhooks has it. Each has its own task while it is at work: a receiver that is slow or gone holds up itself.
//!
//! Goes through the guard of `outward.rs`, follows no redirects, reads of an answer only its status. Read next: `gotong_app::subscription`, which keeps what
//! is owed.

use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderName, HeaderValue};
use gotong_app::subscription::{self, Message, Next, Note, Owed};
use gotong_app::{Node, NodeFault};
use gotong_crypto::{hmac_sha256, text};
use gotong_model::Timestamp;
use hyper::StatusCode;
use serde::Serialize;
use tokio::sync::watch;

use super::lock;
use super::shapes::EventBody;
use crate::api::Web;
use crate::outward::download::Bounds;
use crate::outward::fault::FetchFault;
use crate::outward::fetch::{Ask, Fetcher};
use crate::outward::guard::Target;
use crate::outward::retry;

/// What every secret begins with.
const SECRET_PREFIX: &str = "whsec_";
/// How often webhooks are looked at without news.
const LOOK: Duration = Duration::from_secs(20);
/// How often it is looked whose owner has ended.
const SWEEP: Duration = Duration::from_mins(1);
/// What a receiver may take.
const BOUNDS: Bounds = Bounds { bytes_max: 64 << 10, total: Duration::from_secs(20), idle: Duration::from_secs(10) };
/// The first pause after a failure; each further one is twice as long, up to a day.
const PAUSE_S: u64 = 2;

/// A secret as people keep it.
pub(crate) fn secret_text(secret: &[u8; 32]) -> String {
    format!("{SECRET_PREFIX}{}", text::base64(secret))
}

/// The body of a message.
#[derive(Serialize)]
struct MessageBody<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    timestamp: String,
    data: Data<'a>,
}

#[derive(Serialize)]
struct Data<'a> {
    webhook: &'a str,
    search: &'a str,
    events: Vec<EventBody>,
}

fn payload(message: &Message) -> Vec<u8> {
    let events = message.events.iter().cloned().map(EventBody::outside).collect();
    let data = Data { webhook: message.webhook.as_str(), search: message.search.as_str(), events };
    let body = MessageBody { kind: "events", timestamp: message.at.to_string(), data };
    serde_json::to_vec(&body).unwrap_or_default()
}

/// `v1,` and the code of id, time and body, divided by dots.
fn signature(secret: &[u8; 32], id: &str, unix_s: i64, payload: &[u8]) -> String {
    let signed = [id.as_bytes(), b".", unix_s.to_string().as_bytes(), b".", payload].concat();
    format!("v1,{}", text::base64(&hmac_sha256(secret, &signed)))
}

/// The pause after so many failures in a row, shortened by up to a quarter by chance.
fn pause(failures: u32, chance: u16) -> Duration {
    let doubled = PAUSE_S.saturating_mul(1 << failures.saturating_sub(1).min(20));
    let whole = Duration::from_secs(doubled).min(retry::PAUSE_MAX);
    whole.mul_f64(1.0 - f64::from(chance) / f64::from(u16::MAX) / 4.0)
}

async fn blocking<T: Send + 'static>(
    web: &Web,
    work: impl FnOnce(&Node) -> Result<T, NodeFault> + Send + 'static,
) -> Option<T> {
    let node = Arc::clone(&web.node);
    match tokio::task::spawn_blocking(move || work(&node)).await {
        Ok(Ok(value)) => Some(value),
        Ok(Err(fault)) => {
            tracing::warn!(%fault, "webhooks could not be looked at; it is tried again");
            None
        }
        Err(panic) => {
            tracing::error!(%panic, "work for a webhook panicked");
            None
        }
    }
}

/// Looks after webhooks until the server stops. A message under way then is sent again at the next start, under the same id.
pub(crate) async fn run(web: Web, mut stopping: watch::Receiver<bool>) {
    let Some(outward) = web.options.outward.clone() else { return };
    let mut news = web.subscriptions.listen();
    let mut swept: Option<tokio::time::Instant> = None;
    while !*stopping.borrow() {
        news.borrow_and_update();
        let mut sleep = LOOK;
        if !web.node.is_restored() {
            if swept.is_none_or(|at| at.elapsed() >= SWEEP) {
                swept = Some(tokio::time::Instant::now());
                blocking(&web, subscription::sweep).await;
            }
            for owed in blocking(&web, subscription::all_due).await.unwrap_or_default() {
                let wait = owed.next_try.saturating_sub(web.node.now().micros());
                match u64::try_from(wait) {
                    Ok(wait) if wait > 0 => sleep = sleep.min(Duration::from_micros(wait)),
                    _ => start(&web, &outward.fetcher, owed),
                }
            }
        }
        tokio::select! {
            () = tokio::time::sleep(sleep) => {}
            changed = news.changed() => if changed.is_err() { return },
            () = web.subscriptions.wake.notified() => {}
            _ = stopping.changed() => {}
        }
    }
}

/// A webhook at work. Where there was news for it meanwhile, it is looked at again.
struct Working(Web, Vec<u8>);

impl Drop for Working {
    fn drop(&mut self) {
        if lock(&self.0.subscriptions.working).remove(&self.1) == Some(true) {
            self.0.subscriptions.wake();
        }
    }
}

fn start(web: &Web, fetcher: &Fetcher, owed: Owed) {
    {
        let mut working = lock(&web.subscriptions.working);
        if let Some(news) = working.get_mut(owed.id()) {
            *news = true;
            return;
        }
        working.insert(owed.id().to_vec(), false);
    }
    let (web, fetcher) = (web.clone(), fetcher.clone());
    tokio::spawn(async move {
        let _working = Working(web.clone(), owed.id().to_vec());
        let owed = Arc::new(owed);
        while send_next(&web, &fetcher, &owed).await {}
    });
}

/// Sends the next message; whether there may be another to send now.
async fn send_next(web: &Web, fetcher: &Fetcher, owed: &Arc<Owed>) -> bool {
    let asked = Arc::clone(owed);
    let Some(Next::Send(message)) = blocking(web, move |node| subscription::next_message(node, &asked)).await else {
        return false;
    };
    let message = Arc::new(*message);
    let sent = send(web, fetcher, &message).await;
    let (owed, now) = (Arc::clone(owed), web.node.now());
    let events = message.events.len();
    match sent {
        Ok(()) => {
            tracing::debug!(webhook = %message.webhook, events, "a message was taken");
            blocking(web, move |node| subscription::delivered(node, &owed, &message)).await.is_some()
        }
        Err(fault) => {
            let mut chance = [0_u8; 2];
            web.node.entropy().fill(&mut chance);
            let wait = pause(message.failures.saturating_add(1), u16::from_be_bytes(chance))
                .max(fault.retry_after(now).unwrap_or_default());
            let next_try = now.plus_ms(u64::try_from(wait.as_millis()).unwrap_or(u64::MAX));
            // 410: the receiver says that it will never take anything again.
            let is_over = matches!(fault, FetchFault::Status { status: 410, .. });
            let note = Note { id: fault.code().to_owned(), text: fault.to_string() };
            tracing::info!(webhook = %message.webhook, why = note.id, failures = message.failures + 1, "a message was not taken");
            let told = blocking(web, move |node| subscription::failed(node, &owed, note, next_try, is_over)).await;
            if told == Some(true) {
                tracing::warn!(webhook = %message.webhook, "a webhook is paused until a person resumes it");
            }
            web.subscriptions.wake();
            false
        }
    }
}

async fn send(web: &Web, fetcher: &Fetcher, message: &Message) -> Result<(), FetchFault> {
    let payload = payload(message);
    let unix_s = seconds(web.node.now());
    let signature = signature(&message.secret, &message.id, unix_s, &payload);
    let header = |name: &'static str, value: &str| {
        let value =
            HeaderValue::from_str(value).map_err(|_| FetchFault::Broken("a header cannot be written".to_owned()));
        value.map(|value| (HeaderName::from_static(name), value))
    };
    let ask = Ask {
        body: Some((payload.into(), "application/json")),
        headers: vec![
            header("webhook-id", &message.id)?,
            header("webhook-timestamp", &unix_s.to_string())?,
            header("webhook-signature", &signature)?,
        ],
        ..Ask::new(Target::parse(&message.url)?)
    };
    // What has a body follows no redirect: where it leads to was not registered by anybody.
    let answer = fetcher.ask(&ask, BOUNDS).await?;
    if answer.status == StatusCode::NOT_MODIFIED {
        return Err(FetchFault::Status { status: 304, retry_after: None, told: String::new() });
    }
    Ok(())
}

fn seconds(at: Timestamp) -> i64 {
    at.micros().div_euclid(1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_a_day_and_all_of_them_take_more_than_a_week() {
        assert_eq!((pause(1, 0).as_secs(), pause(2, 0).as_secs(), pause(5, 0).as_secs()), (2, 4, 32));
        assert_eq!(pause(u32::MAX, 0), retry::PAUSE_MAX);
        assert_eq!(pause(3, u16::MAX).as_secs(), 6);
        let all: u64 = (1..subscription::FAILURES_MAX).map(|failures| pause(failures, u16::MAX).as_secs()).sum();
        assert!(all > 5 * 86_400, "{all}");
    }

    #[test]
    fn a_secret_says_what_it_is() {
        let text = secret_text(&[7; 32]);
        assert!(text.starts_with("whsec_"));
        assert_eq!(gotong_crypto::text::from_base64(text.trim_start_matches("whsec_")), Some(vec![7; 32]));
    }
}
