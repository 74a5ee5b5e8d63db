//! One e-mail: who sent it by what way, what it says, where its links lead, what is attached; and a report that names all of it.
//!
//! Addresses of those who received it are nobody's indicator: they become nothing. Where a mail was forwarded as an attachment, the inner one is
//! meant, and the outer sender is its reporter. Holds one bounded mail. Read next: `mail/bounds.rs`, `mail/html.rs`, `docs/records/text.md`.

mod bounds;
mod html;

use super::emit::{
    DESCRIPTION_BYTES_MAX, Emitter, Json, Made, Part, Said, cut, fault, harmless, loss, observable_id, write_text,
};
use super::extract::{extract, extract_counting};
use super::host;
use super::options::Options;
use super::prose::{Report, Story};
use super::shapes;
use super::value::Value;
use crate::draft::{Draft, Piece, Reader};
use crate::stix21::ValueKind;
use gotong_model::Timestamp;
use mail_parser::{Address, HeaderName, HeaderValue, Message, MessageParser, MessagePart, MimeHeaders as _, PartType};
use md5::{Digest as _, Md5};
use sha2::Sha256;
use std::collections::{HashSet, VecDeque};
use std::net::IpAddr;

/// Bytes of one mail.
pub const MAIL_BYTES_MAX: usize = 16 << 20;
/// Messages within messages that are read.
const DEPTH_MAX: usize = 8;
/// Parts of which a mail's own observable tells.
const PARTS_TOLD_MAX: usize = 64;
/// Bytes of an attachment's name.
const FILE_NAME_BYTES_MAX: usize = 512;

/// Reads one e-mail.
pub struct MailReader {
    bytes: Vec<u8>,
    too_long: bool,
    emitter: Emitter,
    queue: VecDeque<Piece>,
    done: bool,
}

impl MailReader {
    /// A reader at the beginning of a mail.
    pub fn new(options: Options) -> Self {
        Self { bytes: Vec::new(), too_long: false, emitter: Emitter::new(options), queue: VecDeque::new(), done: false }
    }

    fn read(&mut self) {
        if self.too_long {
            let text = format!(
                "is longer than the {MAIL_BYTES_MAX} bytes that a mail may have; take its attachments out and send it again"
            );
            return self.queue.push_back(fault(1, "", "text.mail.too-long", text));
        }
        let bytes = std::mem::take(&mut self.bytes);
        if let Some(flaw) = bounds::flaw(&bytes) {
            return self.queue.push_back(fault(1, "", "text.mail.bounds", flaw));
        }
        // A line of an mbox file before the headers is no header.
        let start = if bytes.starts_with(b"From ") {
            bytes.iter().position(|byte| *byte == b'\n').map_or(0, |at| at + 1)
        } else {
            0
        };
        let bytes = bytes.get(start..).unwrap_or_default();
        let message = MessageParser::default()
            .parse(bytes)
            .filter(|message| message.headers().iter().any(|header| !matches!(header.name, HeaderName::Other(_))));
        let Some(message) = message else {
            let text = "has no headers of a mail; save the mail whole, with its headers, as .eml";
            return self.queue.push_back(fault(1, "", "text.mail.none", text));
        };
        let mut walk =
            Walk { emitter: &self.emitter, story: Story::new(), out: &mut self.queue, not_meant: HashSet::new() };
        walk.spare(&message, 0);
        walk.message(&message, 0);
        let body = walk.without_recipients(&body_text(&message));
        let digest = Sha256::digest(bytes);
        let published = date(&message).filter(|date| *date <= self.emitter.options.now);
        let report = Report {
            name: message.subject().unwrap_or("Mail without a subject"),
            text: cut(&body, DESCRIPTION_BYTES_MAX),
            cut: body.len() > DESCRIPTION_BYTES_MAX,
            published,
            digest: &digest,
        };
        let story = walk.story;
        story.report(&self.emitter, &report, &mut self.queue);
    }
}

impl Reader for MailReader {
    fn push(&mut self, bytes: &[u8]) {
        if self.too_long || self.bytes.len() + bytes.len() > MAIL_BYTES_MAX {
            self.too_long = true;
            self.bytes = Vec::new();
        } else {
            self.bytes.extend_from_slice(bytes);
        }
    }

    fn finish(&mut self) {
        if !std::mem::replace(&mut self.done, true) {
            self.read();
        }
    }

    fn next(&mut self) -> Option<Piece> {
        self.queue.pop_front()
    }
}

struct Walk<'w> {
    emitter: &'w Emitter,
    story: Story,
    out: &'w mut VecDeque<Piece>,
    /// Values that must not become indicators: addresses of recipients and of the reporter, and what links only pretend to be.
    not_meant: HashSet<String>,
}

impl Walk<'_> {
    /// Collects what is not meant, of all messages, before anything is taken.
    fn spare(&mut self, message: &Message<'_>, depth: usize) {
        let inner = has_message(message);
        for header in message.headers() {
            #[expect(
                clippy::wildcard_enum_match_arm,
                reason = "of more than a hundred headers those are meant that are named"
            )]
            let recipient = match &header.name {
                HeaderName::To
                | HeaderName::Cc
                | HeaderName::Bcc
                | HeaderName::DeliveredTo
                | HeaderName::ResentTo
                | HeaderName::ResentCc
                | HeaderName::ApparentlyTo
                | HeaderName::OriginalRecipient => true,
                HeaderName::From | HeaderName::ReplyTo | HeaderName::Sender | HeaderName::ReturnPath => inner,
                HeaderName::Other(name) => ["x-original-to", "envelope-to", "x-envelope-to", "x-forwarded-to"]
                    .iter()
                    .any(|own| name.eq_ignore_ascii_case(own)),
                _ => false,
            };
            if recipient {
                self.not_meant.extend(addresses(&header.value).filter_map(|address| address_of(&address)));
            }
        }
        for part in &message.parts {
            match &part.body {
                PartType::Html(html) => {
                    let page = html::page(html);
                    let targets: HashSet<String> =
                        page.targets.iter().flat_map(|target| extract(target)).map(|found| found.value).collect();
                    let pretended = page.link_texts.iter().flat_map(|text| extract(text)).map(|found| found.value);
                    self.not_meant.extend(pretended.filter(|value| !targets.contains(value)));
                }
                PartType::Message(message) if depth < DEPTH_MAX => self.spare(message, depth + 1),
                PartType::Message(_)
                | PartType::Text(_)
                | PartType::Binary(_)
                | PartType::InlineBinary(_)
                | PartType::Multipart(_) => {}
            }
        }
    }

    fn message(&mut self, message: &Message<'_>, depth: usize) {
        if depth > DEPTH_MAX {
            let text =
                format!("messages within messages are read to a depth of {DEPTH_MAX}; what is deeper was left out");
            return self.out.push_back(loss(1, "message/rfc822", "text.loss.depth", &text));
        }
        let mut files = Vec::new();
        for (at, part) in message.parts.iter().enumerate() {
            let attached = u32::try_from(at).is_ok_and(|at| message.attachments.contains(&at));
            match &part.body {
                PartType::Text(text) if !attached => self.text(text),
                PartType::Html(html) if !attached => self.page(html),
                PartType::Text(_) | PartType::Html(_) | PartType::Binary(_) | PartType::InlineBinary(_) => {
                    files.push((at, self.file(part)));
                }
                PartType::Message(inner) => self.message(inner, depth + 1),
                PartType::Multipart(_) => {}
            }
        }
        if let Some(subject) = message.subject() {
            self.text(subject);
        }
        self.mail(message, &files);
        // What carries another message was sent by whoever reports it.
        if !has_message(message) {
            for name in [HeaderName::From, HeaderName::ReplyTo, HeaderName::Sender, HeaderName::ReturnPath] {
                for address in message.header(name).map(addresses).into_iter().flatten() {
                    if let Some(address) = address_of(&address) {
                        self.take(&Value::new(ValueKind::Email, address));
                    }
                }
            }
        }
    }

    /// A text without the addresses of those who received it.
    fn without_recipients(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut copied = 0;
        for found in
            extract(text).iter().filter(|found| found.kind == ValueKind::Email && self.not_meant.contains(&found.value))
        {
            out.push_str(text.get(copied..found.range.start).unwrap_or_default());
            out.push_str("[recipient]");
            copied = found.range.end;
        }
        out.push_str(text.get(copied..).unwrap_or_default());
        out
    }

    fn take(&mut self, value: &Value) {
        if self.not_meant.contains(&value.text) {
            return;
        }
        let mut pieces = VecDeque::new();
        if let Some(made) = self.emitter.value(1, value, &Said::default(), &mut pieces)
            && self.story.note(made)
        {
            self.out.append(&mut pieces);
        }
    }

    fn text(&mut self, text: &str) {
        let (all, too_long) = extract_counting(text);
        if too_long > 0 {
            let text = format!("{too_long} values are longer than {} bytes and were left out", super::VALUE_BYTES_MAX);
            self.out.push_back(loss(1, "body", "text.loss.value-too-long", &text));
        }
        for found in all {
            self.take(&found.to_value());
        }
    }

    fn page(&mut self, html: &str) {
        let page = html::page(html);
        self.text(&page.prose);
        for target in &page.targets {
            self.text(target);
        }
    }

    fn observe(&mut self, value: &Value) -> Option<Made> {
        let mut pieces = VecDeque::new();
        let made = self.emitter.observable(1, value, self.emitter.options.tlp, &mut pieces)?;
        if self.story.note(made) {
            self.out.append(&mut pieces);
        }
        Some(made)
    }

    /// An attachment: the file that it is, and, unless it is a picture within the text, an indicator of its hash.
    fn file(&mut self, part: &MessagePart<'_>) -> Made {
        let contents = part.contents();
        let md5 = hex(&Md5::digest(contents));
        let sha256 = hex(&Sha256::digest(contents));
        let name = part
            .attachment_name()
            .map(|name| harmless(cut(name.trim(), FILE_NAME_BYTES_MAX), false).into_owned())
            .filter(|name| !name.is_empty());
        // Of several hashes the first by preference makes the id (STIX 2.1 section 2.9): MD5.
        let chosen = format!("{{\"MD5\":\"{md5}\"}}");
        let mut parts = vec![Part::Raw("hashes", &chosen)];
        parts.extend(name.as_deref().map(|name| Part::Text("name", name)));
        let made = observable_id("file", &parts);
        if self.story.note(made) {
            let mut json = Json::new("file", &made.to_string());
            json.raw("hashes", &format!("{{\"MD5\":\"{md5}\",\"SHA-256\":\"{sha256}\"}}"));
            json.raw("size", &contents.len().to_string());
            if let Some(name) = &name {
                json.text("name", name);
            }
            json.marking(self.emitter.options.tlp);
            self.out.push_back(Piece::Draft(Draft { line: 1, body: json.into_bytes() }));
        }
        let picture = matches!(part.body, PartType::InlineBinary(_))
            || part.content_type().is_some_and(|kind| kind.ctype().eq_ignore_ascii_case("image"));
        if !picture && !contents.is_empty() && !self.emitter.options.observables {
            self.take(&Value::new(ValueKind::Hash, sha256));
        }
        made
    }

    /// The message itself, with its sender and the addresses that it came by.
    fn mail(&mut self, message: &Message<'_>, files: &[(usize, Made)]) {
        let sender = message.from().and_then(Address::first).and_then(|address| address.address()).and_then(address_of);
        let sender = if has_message(message) { None } else { sender };
        let from = sender
            .and_then(|address| self.observe(&Value::new(ValueKind::Email, address)))
            .map(|made| made.to_string());
        for received in message.received_all() {
            let address = received.from_ip().map(|address| match address {
                IpAddr::V4(address) => {
                    (!shapes::is_idle_ipv4(address)).then(|| Value::new(ValueKind::Ipv4, address.to_string()))
                }
                IpAddr::V6(address) => {
                    shapes::is_plausible_ipv6(address).then(|| Value::new(ValueKind::Ipv6, address.to_string()))
                }
            });
            if let Some(value) = address.flatten() {
                self.observe(&value);
            }
        }
        let subject = message.subject().map(|subject| harmless(cut(subject, 1_024), false).into_owned());
        let multipart = message.parts.len() > 1 || !files.is_empty();
        let body = message
            .parts
            .first()
            .and_then(|part| part.text_contents())
            .filter(|body| !multipart && body.len() <= DESCRIPTION_BYTES_MAX);
        let body = body.map(|body| harmless(&self.without_recipients(body), true).into_owned());
        let mut parts = Vec::new();
        parts.extend(body.as_deref().map(|body| Part::Text("body", body)));
        parts.extend(from.as_deref().map(|from| Part::Text("from_ref", from)));
        parts.extend(subject.as_deref().map(|subject| Part::Text("subject", subject)));
        if parts.is_empty() {
            return;
        }
        let made = observable_id("email-message", &parts);
        if !self.story.note(made) {
            return;
        }
        let mut json = Json::new("email-message", &made.to_string());
        json.raw("is_multipart", if multipart { "true" } else { "false" });
        for part in &parts {
            match part {
                Part::Text(key, value) => json.text(key, value),
                Part::Raw(key, value) => json.raw(key, value),
            }
        }
        if let Some(date) = date(message) {
            json.text("date", &date.to_string());
        }
        if let Some(id) = message.message_id() {
            json.text("message_id", &harmless(cut(&format!("<{id}>"), 1_000), false));
        }
        let told = told(message, files);
        if multipart && !told.is_empty() {
            json.raw("body_multipart", &format!("[{}]", told.join(",")));
        }
        json.marking(self.emitter.options.tlp);
        self.out.push_back(Piece::Draft(Draft { line: 1, body: json.into_bytes() }));
    }
}

/// The parts of a message, as far as they are files.
fn told(message: &Message<'_>, files: &[(usize, Made)]) -> Vec<String> {
    let mut all = Vec::new();
    for (at, made) in files.iter().take(PARTS_TOLD_MAX) {
        let kind = message.parts.get(*at).and_then(|part| part.content_type());
        let kind = kind.map(|kind| format!("{}/{}", kind.ctype(), kind.subtype().unwrap_or("octet-stream")));
        let kind = kind
            .filter(|kind| kind.bytes().all(|byte| byte.is_ascii_graphic()))
            .unwrap_or_else(|| "application/octet-stream".into());
        let mut part = format!("{{\"body_raw_ref\":\"{made}\",\"content_type\":").into_bytes();
        write_text(cut(&kind, 256), &mut part);
        part.push(b'}');
        all.push(String::from_utf8(part).unwrap_or_default());
    }
    all
}

fn has_message(message: &Message<'_>) -> bool {
    message.parts.iter().any(|part| matches!(part.body, PartType::Message(_)))
}

/// What the report says of the mail: its text, or that of its page, or of the first message within it.
fn body_text(message: &Message<'_>) -> String {
    let own = message.parts.iter().enumerate().find_map(|(at, part)| {
        let PartType::Text(text) = &part.body else { return None };
        let attached = u32::try_from(at).is_ok_and(|at| message.attachments.contains(&at));
        (!attached && !text.trim().is_empty()).then(|| text.trim().to_owned())
    });
    let page = || {
        message.parts.iter().find_map(|part| {
            if let PartType::Html(html) = &part.body { Some(html::page(html).visible.trim().to_owned()) } else { None }
        })
    };
    let text = own.or_else(page).unwrap_or_default();
    let inner = message
        .parts
        .iter()
        .find_map(|part| if let PartType::Message(inner) = &part.body { Some(inner) } else { None });
    match inner {
        Some(inner) if text.len() < DESCRIPTION_BYTES_MAX => {
            let said = inner.parts.iter().find_map(|part| part.text_contents()).unwrap_or_default();
            let subject = inner.subject().unwrap_or_default();
            format!("{text}\n\n{subject}\n\n{}", cut(said.trim(), DESCRIPTION_BYTES_MAX)).trim().to_owned()
        }
        _ => text,
    }
}

fn date(message: &Message<'_>) -> Option<Timestamp> {
    let date = message.date().filter(|date| date.is_valid())?;
    Timestamp::from_micros(date.to_timestamp().checked_mul(1_000_000)?)
}

/// The addresses of a header.
fn addresses<'v>(value: &'v HeaderValue<'_>) -> impl Iterator<Item = String> + 'v {
    let listed = value
        .as_address()
        .into_iter()
        .flat_map(Address::iter)
        .filter_map(|address| address.address().map(str::to_owned));
    let written = value
        .as_text()
        .into_iter()
        .flat_map(|text| extract(text).into_iter().map(|found| found.value).collect::<Vec<_>>());
    let texts = value.as_text_list().into_iter().flatten().map(ToString::to_string);
    listed.chain(written).chain(texts)
}

/// An address in its one spelling.
fn address_of(address: &str) -> Option<String> {
    let (local, host) = address.trim().trim_matches(['<', '>']).rsplit_once('@')?;
    let host = host::domain(host).ok()?;
    shapes::is_local(local).then(|| format!("{local}@{host}"))
}

fn hex(digest: &[u8]) -> String {
    digest.iter().fold(String::with_capacity(digest.len() * 2), |mut text, byte| {
        let digit = |value: u8| char::from_digit(u32::from(value), 16).unwrap_or('0');
        text.push(digit(byte >> 4));
        text.push(digit(byte & 15));
        text
    })
}
