//! A request as MISP's programs write it: parts of the path, parameters that stand in the path too, and a JSON body, each within bounds.
//!
//! Must not decide anything but who asks. Read next: `misp.rs`, which has the addresses.

use axum::extract::{FromRequestParts, Request};
use axum::http::header::{AUTHORIZATION, IF_NONE_MATCH};
use axum::http::{HeaderName, Method};
use gotong_app::caller::Caller;
use gotong_app::role::Right;
use gotong_formats::misp;
use gotong_model::Timestamp;
use serde_json::{Map, Value};

use super::reply::Stop;
use super::{BODY_BYTES_MAX, BODY_VALUES_MAX};
use crate::api::Web;
use crate::api::input::{self, expect_json};
use crate::api::who::{Served, Who, expect_right};
use crate::problem::{Problem, table};

/// Parts of a path, parameters among them.
const PARTS_MAX: usize = 64;
/// Bytes of a body from which on a request counts as large.
const LARGE_BYTES: usize = 256 << 10;

/// A request.
pub(super) struct Ask {
    pub(super) who: Who,
    pub(super) method: Method,
    /// Controller and action in one spelling, then what stands behind them as it was sent.
    parts: Vec<String>,
    named: Vec<(String, String)>,
    pub(super) body: Value,
    pub(super) is_large: bool,
    /// The `ETag` that the caller has.
    pub(super) known: Option<String>,
    /// The channel that the configuration names for events of MISP.
    pub(super) channel: Option<String>,
    pub(super) now: Timestamp,
}

impl Ask {
    pub(super) async fn read(web: &Web, request: Request) -> Result<Self, Stop> {
        let (mut parts, body) = request.into_parts();
        // PyMISP can be told to use this header in place of Authorization.
        let other = HeaderName::from_static("x-misp-auth");
        if let Some(token) = parts.headers.get(&other).cloned()
            && !parts.headers.contains_key(AUTHORIZATION)
        {
            parts.headers.insert(AUTHORIZATION, token);
        }
        let Served(who) = Served::from_request_parts(&mut parts, web).await?;
        let (path, named) = path_of(parts.uri.path(), parts.uri.query().unwrap_or_default())?;
        let is_bare = matches!(parts.method, Method::GET | Method::HEAD);
        let (mut value, mut is_large) = (Value::Null, false);
        if !is_bare {
            expect_json(&parts.headers)?;
            input::expect_at_most(&parts.headers, BODY_BYTES_MAX)?;
            let bytes = input::read_whole(body, BODY_BYTES_MAX).await?;
            is_large = bytes.len() > LARGE_BYTES;
            if !bytes.trim_ascii().is_empty() {
                value = misp::parse(&bytes, BODY_BYTES_MAX, BODY_VALUES_MAX)
                    .map_err(|fault| Problem::of(&table::BAD_JSON).at(&fault.pointer, fault.code, fault.text))?;
            }
        }
        let known = parts.headers.get(IF_NONE_MATCH).and_then(|value| value.to_str().ok()).map(str::to_owned);
        Ok(Self {
            who,
            method: parts.method,
            parts: path,
            named,
            body: value,
            is_large,
            known,
            channel: web.options.misp_channel.clone(),
            now: web.node.now(),
        })
    }

    pub(super) fn caller(&self) -> &Caller {
        &self.who.0
    }

    /// A part of the path, counted from 0; empty where there is none.
    pub(super) fn arg(&self, at: usize) -> &str {
        self.parts.get(at).map_or("", String::as_str)
    }

    /// The path as it was understood, for answers.
    pub(super) fn path(&self) -> String {
        self.parts.join("/")
    }

    /// The member of a body of this name, or the body where it is not wrapped.
    pub(super) fn wrapped(&self, name: &str) -> Option<&Map<String, Value>> {
        let body = self.body.as_object()?;
        body.get(name).map_or(Some(body), Value::as_object)
    }

    /// A parameter: of the path, else of the body, which may wrap them in `request`.
    pub(super) fn param(&self, name: &str) -> Option<Value> {
        let mut found: Vec<&str> = Vec::new();
        for (key, value) in &self.named {
            if key == name || key.strip_suffix("[]").is_some_and(|key| key == name) {
                found.push(value);
            }
        }
        match found.as_slice() {
            [] => {}
            [one] => return Some(Value::String((*one).to_owned())),
            many => return Some(many.iter().map(|one| Value::String((*one).to_owned())).collect()),
        }
        let body = self.wrapped("request")?;
        body.get(name).filter(|value| !value.is_null()).cloned()
    }

    /// The words of a parameter, which may be one or a list.
    pub(super) fn words(&self, name: &str) -> Vec<String> {
        self.param(name).map(|value| words_of(&value)).unwrap_or_default()
    }

    /// The parameters of the path and the query that are none of these: to pass over one would answer more than was asked.
    pub(super) fn expect_named(&self, known: &[&str]) -> Result<(), Stop> {
        let plain = |name: &String| name.strip_suffix("[]").unwrap_or(name).to_owned();
        let unknown = self.named.iter().map(|(name, _)| plain(name)).find(|name| !known.contains(&name.as_str()));
        match unknown {
            None => Ok(()),
            Some(name) => Err(Stop::unfit(
                format!("{name:?} is not known here, and to pass over it would answer more than was asked."),
                serde_json::json!({"known": known}),
            )),
        }
    }

    /// A parameter that is one word.
    pub(super) fn word(&self, name: &str) -> Option<String> {
        self.words(name).into_iter().next()
    }

    /// Whether a parameter says yes.
    pub(super) fn is_on(&self, name: &str) -> bool {
        self.word(name).is_some_and(|word| is_yes(&word))
    }

    /// Seconds since 1970.
    pub(super) fn seconds(&self) -> i64 {
        self.now.micros() / 1_000_000
    }

    /// Refuses what is not sent to be done, and whoever may not publish.
    pub(super) fn expect_publishing(&self, web_node: &gotong_app::Node) -> Result<(), Stop> {
        self.expect_act()?;
        if web_node.is_restored() {
            return Err(Problem::from(gotong_app::NodeFault::Restored).into());
        }
        Ok(expect_right(self.caller(), Right::Publish)?)
    }

    /// Refuses a method that only reads.
    pub(super) fn expect_act(&self) -> Result<(), Stop> {
        if matches!(self.method, Method::POST | Method::PUT | Method::DELETE) {
            return Ok(());
        }
        Err(Problem::of(&table::METHOD_NOT_ALLOWED).saying("this takes POST").into())
    }
}

/// Whether a word says yes, as MISP's programs write it.
pub(super) fn is_yes(word: &str) -> bool {
    matches!(word, "1" | "true" | "True" | "yes")
}

/// The words of a value: text, numbers and switches, one or a list of them.
pub(super) fn words_of(value: &Value) -> Vec<String> {
    match value {
        Value::Null | Value::Object(_) => Vec::new(),
        Value::Bool(on) => vec![if *on { "1" } else { "0" }.to_owned()],
        Value::Number(number) => vec![number.to_string()],
        Value::String(text) => text.split("||").map(str::to_owned).collect(),
        Value::Array(items) => items.iter().flat_map(words_of).collect(),
    }
}

type Parameters = Vec<(String, String)>;

fn path_of(path: &str, query: &str) -> Result<(Vec<String>, Parameters), Stop> {
    let bad = |text: &str| Stop::from(Problem::of(&table::BAD_PARAMETER).saying(text));
    let decode = |text: &str| {
        let text = text.replace('+', " ");
        let decoded = percent_encoding::percent_decode_str(&text).decode_utf8();
        decoded.map(std::borrow::Cow::into_owned).map_err(|_| bad("the address is not UTF-8"))
    };
    let mut parts: Vec<String> = Vec::new();
    let mut named = Vec::new();
    for raw in path.trim_start_matches("/misp").split('/').filter(|part| !part.is_empty()) {
        if parts.len() + named.len() >= PARTS_MAX {
            return Err(bad("the address has too many parts"));
        }
        let part = decode(raw)?;
        match part.split_once(':') {
            Some((name, value)) if !parts.is_empty() => {
                named.push((name.to_owned(), value.trim_end_matches(".json").to_owned()));
            }
            _ => parts.push(part),
        }
    }
    for pair in query.split('&').filter(|pair| !pair.is_empty()).take(PARTS_MAX) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        named.push((decode(name)?, decode(value)?));
    }
    // A feed's files have names; everything else may end in the format that is wanted.
    let is_feed = parts.first().is_some_and(|part| part == "feed");
    if let Some(last) = parts.last_mut().filter(|_| !is_feed)
        && let Some(plain) = last.strip_suffix(".json")
    {
        *last = plain.to_owned();
    }
    let of_admin = parts.first().is_some_and(|part| part == "admin");
    if of_admin {
        parts.remove(0);
    }
    for (at, part) in parts.iter_mut().take(2).enumerate() {
        if at == 0 || !is_feed {
            *part = part.replace('_', "").to_ascii_lowercase();
        }
    }
    Ok((parts, named))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_stand_in_the_path_as_misp_writes_them() {
        let (parts, named) =
            path_of("/misp/events/view/5d1/deleted[]:0/deleted%5B%5D:1/excludeGalaxy:1.json", "a=b").unwrap();
        assert_eq!(parts, ["events", "view", "5d1"]);
        let named: Vec<(&str, &str)> = named.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(named, [("deleted[]", "0"), ("deleted[]", "1"), ("excludeGalaxy", "1"), ("a", "b")]);
        assert_eq!(path_of("/misp/sharing_groups/index.json", "").unwrap().0, ["sharinggroups", "index"]);
        assert_eq!(path_of("/misp/feed/manifest.json", "").unwrap().0, ["feed", "manifest.json"]);
        assert!(path_of(&format!("/misp/{}", "a/".repeat(65)), "").is_err());
        assert!(path_of("/misp/events/%ff", "").is_err());
    }
}
