//! What somebody typed into a form whose session had ended: it travels through the pages of the log-in as one hidden field, and is shown to whoever is in then,
//! with a button that sends it. Nothing is ever sent by itself, and nothing is kept at the node, but for ten minutes on the way to an identity provider.
//!
//! INVARIANT of this file: no password and no value of a session travels; what came back from the browser is read as hostile. Read next: `log_in.rs`.

use askama::Template;
use axum::body::Body;
use axum::extract::multipart::Multipart;
use axum::extract::{FromRequest, FromRequestParts, Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use gotong_app::session::{self, Stage};
use gotong_language::Words;
use serde::{Deserialize, Serialize};

use super::{LogInPage, Way, form, next, session_of, visitor};
use crate::api::Web;
use crate::console::form::is_ours;
use crate::console::person::{Person, Visitor, see};
use crate::console::shell::Shell;
use crate::console::{show, show_as};
use crate::problem::Problem;

/// Bytes of what is kept of one form.
pub(super) const KEPT_BYTES_MAX: usize = 256 << 10;
/// Bytes that are read to find what can be kept: files stand beside what was typed.
const READ_BYTES_MAX: usize = 2 << 20;
const FIELDS_MAX: usize = 1_000;
const NAME_BYTES_MAX: usize = 128;

/// A form that came too late.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Kept {
    /// Where it was sent.
    path: String,
    /// Its fields but those that no page may carry.
    fields: Vec<(String, String)>,
    /// Whether its page sends files, which cannot travel.
    has_files: bool,
    /// What could not be kept.
    lost: Lost,
}

/// What of a form could not be kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Lost {
    Nothing,
    File,
    /// All of it: it has a password in it.
    Secret,
    /// All of it: it is too large.
    Size,
}

/// Whether a field never travels. Values of sessions are made anew.
fn is_secret(path: &str, name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let is_weighty = path.starts_with("/me/") && path != "/me/settings";
    is_weighty || ["password", "secret", "current"].iter().any(|word| name.contains(word))
}

impl Kept {
    fn of(path: &str, has_files: bool, fields: Vec<(String, String)>, lost: Lost) -> Self {
        let mut kept = Self { path: path.to_owned(), has_files, lost, fields };
        kept.fields.retain(|(name, _)| name != "form_token");
        if kept.fields.iter().any(|(name, _)| is_secret(path, name)) {
            kept.lost = Lost::Secret;
        } else if kept.to_text().len() > KEPT_BYTES_MAX || !kept.is_sound() {
            kept.lost = Lost::Size;
        }
        if matches!(kept.lost, Lost::Secret | Lost::Size) {
            kept.fields.clear();
        }
        kept
    }

    /// Reads what a page of the log-in carried. `None`: nothing, or nothing that one of ours would carry.
    pub(super) fn parse(text: &str) -> Option<Self> {
        if text.is_empty() || text.len() > KEPT_BYTES_MAX {
            return None;
        }
        serde_json::from_str::<Self>(text).ok().filter(Self::is_sound)
    }

    fn is_sound(&self) -> bool {
        let is_field = |(name, _): &(String, String)| {
            !name.is_empty() && name.len() <= NAME_BYTES_MAX && name != "form_token" && !is_secret(&self.path, name)
        };
        next(&self.path) == self.path
            && !self.path.contains(['?', '#'])
            && self.fields.len() <= FIELDS_MAX
            && self.fields.iter().all(is_field)
    }

    pub(super) fn to_text(&self) -> String {
        // Texts and a flag are always written.
        serde_json::to_string(self).unwrap_or_default()
    }

    fn is_there(&self) -> bool {
        matches!(self.lost, Lost::Nothing | Lost::File)
    }

    /// What is told of it above the log-in.
    pub(super) fn about(&self, words: Words) -> Vec<String> {
        let ids: &[&str] = match self.lost {
            Lost::Nothing => &["log-in-kept-about"],
            Lost::File => &["log-in-kept-about", "log-in-kept-file"],
            Lost::Secret => &["log-in-kept-secret"],
            Lost::Size => &["log-in-kept-size"],
        };
        ids.iter().map(|id| words.t(id)).collect()
    }

    /// The page to look at where the form itself cannot be sent again: its first folder, which is a place.
    fn place(&self) -> String {
        let first = self.path.trim_start_matches('/').split('/').next().unwrap_or_default();
        next(&format!("/{first}"))
    }
}

/// Lets a request on that somebody with a session sent, or that is no form; a form without a session becomes the log-in over it.
pub(crate) async fn instead(web: &Web, parts: &mut Parts, body: Body) -> Result<Body, Response> {
    let path = parts.uri.path();
    let is_of_log_in = ["/log-in", "/log-out", "/welcome"].iter().any(|own| path.starts_with(own));
    if parts.method != Method::POST || is_of_log_in || !is_ours(&parts.headers) {
        return Ok(body);
    }
    let found = session_of(web, parts).await.map_err(IntoResponse::into_response)?;
    if found.is_some_and(|(_, session)| session.stage == Stage::Whole) {
        return Ok(body);
    }
    let kept = read(parts, body).await;
    let visitor = visitor(web, parts).await;
    Err(log_in_over(web, &visitor, kept).unwrap_or_else(IntoResponse::into_response))
}

fn log_in_over(web: &Web, visitor: &Visitor, kept: Kept) -> Result<Response, Problem> {
    let way = if kept.is_there() {
        Way { next: "/".to_owned(), kept: Some(kept) }
    } else {
        let about = kept.about(visitor.words);
        let way = Way { next: kept.place(), kept: None };
        let page = LogInPage::of(web, visitor, String::new(), &way, None);
        return show_as(StatusCode::UNAUTHORIZED, &LogInPage { about_kept: about, ..page });
    };
    show_as(StatusCode::UNAUTHORIZED, &LogInPage::of(web, visitor, String::new(), &way, None))
}

/// The log-in again for somebody whose half-way session has ended too; whoever carries nothing goes where the session stands.
pub(super) fn or_again(web: &Web, visitor: &Visitor, way: &Way, elsewhere: Response) -> Response {
    if way.kept.is_none() {
        return elsewhere;
    }
    let page = LogInPage::of(web, visitor, String::new(), way, None);
    show_as(StatusCode::UNAUTHORIZED, &page).unwrap_or_else(IntoResponse::into_response)
}

async fn read(parts: &Parts, body: Body) -> Kept {
    let media = parts.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let path = parts.uri.path().to_owned();
    let has_files = media.starts_with("multipart/form-data");
    let Ok(bytes) = axum::body::to_bytes(body, READ_BYTES_MAX).await else {
        return Kept::of(&path, has_files, Vec::new(), Lost::Size);
    };
    if !has_files {
        let fields = url::form_urlencoded::parse(&bytes).into_owned().take(FIELDS_MAX + 1).collect();
        return Kept::of(&path, false, fields, Lost::Nothing);
    }
    let again = Request::from_parts(parts.clone(), Body::from(bytes));
    match typed(again).await {
        Some((fields, lost)) => Kept::of(&path, true, fields, lost),
        None => Kept::of(&path, true, Vec::new(), Lost::Size),
    }
}

/// What was typed beside files. `None`: the parts cannot be told from each other.
async fn typed(request: Request) -> Option<(Vec<(String, String)>, Lost)> {
    let mut multipart = Multipart::from_request(request, &()).await.ok()?;
    let (mut fields, mut lost) = (Vec::new(), Lost::Nothing);
    while let Some(field) = multipart.next_field().await.ok()? {
        let Some(name) = field.name().map(ToOwned::to_owned) else { continue };
        match field.file_name().map(ToOwned::to_owned) {
            // A field of files into which nothing was put sends an empty name.
            Some(file) if !file.is_empty() => lost = Lost::File,
            Some(_) => {}
            None => fields.push((name, field.text().await.ok()?)),
        }
        if fields.len() > FIELDS_MAX {
            break;
        }
    }
    Some((fields, lost))
}

#[derive(Template)]
#[template(path = "console/log_in_kept.html")]
struct SendPage {
    shell: Shell,
    form_token: String,
    path: String,
    is_multipart: bool,
    lost_file: bool,
    fields: Vec<(String, String)>,
}

/// What was typed, shown to whoever is in now, with a button that sends it.
pub(super) fn send_page(web: &Web, shell: Shell, cookie: &str, kept: &Kept) -> Result<Response, Problem> {
    show(&SendPage {
        shell,
        form_token: session::form_token(&web.node, cookie),
        path: kept.path.clone(),
        is_multipart: kept.has_files,
        lost_file: kept.lost == Lost::File,
        fields: kept.fields.clone(),
    })
}

#[derive(Deserialize)]
struct Sent {
    #[serde(default)]
    kept: String,
}

/// The same page for somebody who has just set up a second factor.
pub(super) async fn page(State(web): State<Web>, request: Request) -> Result<Response, Response> {
    let (mut parts, sent): (Parts, Sent) = form(request).await?;
    let Some(kept) = Kept::parse(&sent.kept) else { return Err(see("/")) };
    let Ok(person) = Person::from_request_parts(&mut parts, &web).await else {
        let visitor = visitor(&web, &mut parts).await;
        return log_in_over(&web, &visitor, kept).map_err(IntoResponse::into_response);
    };
    let shell = Shell::of(&web, &person, "");
    send_page(&web, shell, &person.cookie, &kept).map_err(IntoResponse::into_response)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    fn kept(path: &str, pairs: &[(&str, &str)]) -> Kept {
        Kept::of(path, false, fields(pairs), Lost::Nothing)
    }

    #[test]
    fn what_was_typed_comes_back_as_it_was_and_secrets_do_not() {
        let typed = [("purpose", "a \"b\" <c> ฝน"), ("form_token", "t"), ("line", "1"), ("line", "2")];
        let there = kept("/share/x", &typed);
        assert_eq!(there.fields, fields(&[typed[0], typed[2], typed[3]]), "in order, without the session's value");
        assert_eq!(Kept::parse(&there.to_text()), Some(there));
        for (path, name) in [
            ("/me/password", "x"),
            ("/me/second/confirm", "code"),
            ("/x", "password"),
            ("/x", "API-Secret"),
            ("/x", "current"),
        ] {
            let none = kept(path, &[("a", "b"), (name, "hunter2hunter2")]);
            assert_eq!((none.lost, none.is_there()), (Lost::Secret, false), "{path} {name}");
            assert!(!none.to_text().contains("hunter2") && none.fields.is_empty());
        }
        assert!(kept("/me/settings", &[("zone", "UTC")]).is_there());
    }

    #[test]
    fn what_is_too_large_is_not_kept_in_part() {
        let long = "x".repeat(KEPT_BYTES_MAX - 200);
        assert!(kept("/share", &[("text", &long)]).is_there());
        let longer = "x".repeat(KEPT_BYTES_MAX);
        assert_eq!(kept("/share", &[("text", &longer)]).lost, Lost::Size);
        let many: Vec<(&str, &str)> = (0..=FIELDS_MAX).map(|_| ("a", "b")).collect();
        assert_eq!(kept("/share", &many).lost, Lost::Size);
    }

    #[test]
    fn what_a_browser_hands_back_is_read_as_hostile() {
        let text = |path: &str, name: &str| {
            serde_json::json!({"path": path, "fields": [[name, "x"]], "has_files": false, "lost": "nothing"})
                .to_string()
        };
        assert!(Kept::parse(&text("/share", "a")).is_some());
        for (path, name) in [
            ("//evil.example", "a"),
            ("https://evil.example", "a"),
            ("/\\evil.example", "a"),
            ("/log-out", "a"),
            ("/share?x=1", "a"),
            ("/share", "form_token"),
            ("/share", "password"),
            ("/me/password", "a"),
            ("/share", ""),
        ] {
            assert_eq!(Kept::parse(&text(path, name)), None, "{path} {name}");
        }
        let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
        for text in ["", "null", "{}", &deep, &"x".repeat(KEPT_BYTES_MAX + 1)] {
            assert_eq!(Kept::parse(text), None);
        }
    }

    #[test]
    fn a_form_that_cannot_be_kept_leads_to_its_place() {
        for (path, place) in [("/me/password", "/me"), ("/users/ann/disable", "/users"), ("/", "/"), ("/log-out", "/")]
        {
            assert_eq!(kept(path, &[]).place(), place);
        }
    }
}
