//! Saved searches, and how somebody is told what they find: in the page, by e-mail at once or once a day. And the address that e-mail goes to.
//!
//! A search is no right: what it finds is what its person may see then. Webhooks, which follow searches too, are made over the API. Read next:
//! `gotong_app::notify`.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use gotong_app::NodeFault;
use gotong_app::account::AccountName;
use gotong_app::act::{Act, Ending, Line, Told};
use gotong_app::notify::address::{self, Address, Confirmed, Refusal};
use gotong_app::notify::{self, Mail, Rule, Wanted};
use gotong_app::publish::Why;
use gotong_app::role::Right;
use gotong_app::subscription::{self, Filter, Search};
use gotong_app::view::{NoWords, Words};
use gotong_formats::stix21;
use gotong_model::{MemberCode, Slug, Tlp};
use serde::Deserialize;

use super::form::Sent;
use super::outcome::tell;
use super::person::Person;
use super::shell::Shell;
use super::{show, show_as};
use crate::api::Web;
use crate::api::who::expect_right;
use crate::problem::{Problem, table};

pub(super) fn routes() -> Router<Web> {
    Router::new()
        .route("/searches", get(page))
        .route("/searches/save", post(save))
        .route("/searches/remove", post(remove))
        .route("/searches/tell", post(tell_me))
        .route("/searches/address", post(ask))
        .route("/searches/address/code", post(code))
        .route("/searches/address/forget", post(forget))
        .route("/searches/address/set", post(set))
}

#[derive(Template)]
#[template(path = "console/searches.html")]
struct SearchesPage {
    shell: Shell,
    rows: Vec<Row>,
    waiting: Ways,
    address: Address,
    /// Whether this node sends e-mail.
    has_mail: bool,
    may_hook: bool,
    /// Whether this person looks after others' accounts.
    may_set: bool,
    typed: String,
    wrong: Option<String>,
}

struct Row {
    name: String,
    /// The same question on the page of intelligence.
    path: String,
    parts: Vec<String>,
    ways: Ways,
}

/// How a rule tells.
#[derive(Clone, Copy)]
struct Ways {
    in_page: bool,
    mail: &'static str,
}

impl Ways {
    fn of(rules: &[Rule], wanted: &Wanted) -> Self {
        let rule = rules.iter().find(|rule| rule.wanted == *wanted);
        rule.map_or(Self { in_page: false, mail: Mail::Off.as_str() }, |rule| Self {
            in_page: rule.in_page,
            mail: rule.mail.as_str(),
        })
    }
}

fn row(web: &Web, search: &Search, rules: &[Rule]) -> Row {
    let Filter { channel, object_type, author, label_max, values, words } = &search.filter;
    let governance = web.node.governance();
    let channel = channel.map(|id| governance.channel(&id).map_or_else(|| id.to_string(), |channel| channel.handle()));
    let label = label_max.map(|label| format!("≤ TLP:{}", label.as_str().to_ascii_uppercase()));
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in [
        ("q", words.as_ref().map(Words::as_str).or_else(|| values.first().map(String::as_str))),
        ("type", object_type.as_deref()),
        ("channel", channel.as_deref()),
        ("author", author.as_ref().map(MemberCode::as_str)),
        ("label_max", label_max.map(Tlp::as_str)),
    ] {
        if let Some(value) = value {
            query.append_pair(name, value);
        }
    }
    let parts = values
        .iter()
        .take(10)
        .cloned()
        .chain(words.as_ref().map(|words| words.as_str().to_owned()))
        .chain(object_type.clone())
        .chain(channel)
        .chain(author.as_ref().map(ToString::to_string))
        .chain(label);
    Row {
        path: format!("/intelligence?{}", query.finish()),
        parts: parts.collect(),
        ways: Ways::of(rules, &Wanted::Search(search.name.clone())),
        name: search.name.to_string(),
    }
}

async fn searches(web: &Web, person: &Person, typed: String, wrong: Option<String>) -> Result<SearchesPage, Problem> {
    let (asking, language) = (person.caller.clone(), person.words.language());
    let (searches, rules, address) = web
        .run(move |node| {
            let searches = subscription::list(node, &asking)?;
            address::speaks(node, &asking, language)?;
            Ok::<_, NodeFault>((searches, notify::rules(node, &asking)?, address::lookup(node, &asking)?))
        })
        .await?;
    Ok(SearchesPage {
        rows: searches.into_iter().map(|search| row(web, &search, &rules)).collect(),
        waiting: Ways::of(&rules, &Wanted::Waiting),
        address,
        has_mail: web.options.mail.is_some(),
        may_hook: person.caller.may(Right::Webhooks),
        may_set: person.caller.is_staff() && person.caller.may(Right::Tokens),
        typed,
        wrong,
        shell: Shell::of(web, person, "/notifications"),
    })
}

async fn page(State(web): State<Web>, person: Person) -> Result<Response, Problem> {
    show(&searches(&web, &person, String::new(), None).await?)
}

fn refused(whys: Vec<Why>) -> Act {
    let act = Act::new(Ending::Refused, Told::of("searches-refused"));
    whys.into_iter().fold(act, |act, why| {
        let about = why.pointer.clone().unwrap_or_default();
        // What a search holds is its person's own, and these sentences quote nothing of it.
        act.line(Line::of(Ending::Refused, about, Told::of("searches-refused-why")).because(Some(why)))
    })
}

/// What the form beside the filters sends: a name, and the question of the page.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Saving {
    name: String,
    q: String,
    #[serde(rename = "type")]
    object_type: String,
    channel: String,
    author: String,
    label_max: String,
    in_page: String,
}

impl Saving {
    /// `Err`: why some part of it reads as nothing; without that part the search would be wider than it was meant.
    fn filter(&self, channel_of: impl Fn(&str) -> Option<gotong_model::ChannelId>) -> Result<Filter, String> {
        let unread = || "a part of the question could not be understood".to_owned();
        let part = |given: &str| Some(given.trim().to_owned()).filter(|given| !given.is_empty());
        let channel = match part(&self.channel) {
            None => None,
            Some(name) => Some(channel_of(&name).ok_or_else(unread)?),
        };
        let author = match part(&self.author) {
            None => None,
            Some(code) => Some(MemberCode::from_text(&code).ok_or_else(unread)?),
        };
        let label_max = match part(&self.label_max) {
            None => None,
            Some(label) => Some(Tlp::from_text(&label).ok_or_else(unread)?),
        };
        let (values, words) = match part(&self.q) {
            Some(q) => match Words::parse(&q) {
                Err(why @ NoWords::Filter) => return Err(format!("the words {why}")),
                // A value is looked up in all its ways of writing; everything else is words.
                _ if is_value(&q) => (vec![q], None),
                Ok(words) => (Vec::new(), Some(words)),
                Err(why) => return Err(format!("the words {why}")),
            },
            None => (Vec::new(), None),
        };
        Ok(Filter { channel, object_type: part(&self.object_type), author, label_max, values, words })
    }
}

/// Whether what stands in the box is one observable value: an address, a name of a host, a hash. Words that hold a digit are words, which find values as well.
fn is_value(q: &str) -> bool {
    let is_one = !q.starts_with('-') && !q.contains(|c: char| c.is_whitespace() || c == '"');
    let is_hash = q.len() >= 32 && q.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_one && (is_hash || q.contains(['.', ':', '/', '@', '\\'])) && !stix21::lookup_keys(q).is_empty()
}

/// A name as people type it, as the name of a search: lower-case letters, digits and dashes.
fn slug(given: &str) -> Option<Slug> {
    let dashed: String = given
        .trim()
        .to_ascii_lowercase()
        .chars()
        .map(|one| if matches!(one, ' ' | '_' | '.') { '-' } else { one })
        .collect();
    Slug::from_text(&dashed)
}

async fn save(State(web): State<Web>, Sent(person, saving): Sent<Saving>) -> Result<Response, Problem> {
    let back = |act: Act| act.then("/searches", Told::of("searches-title"));
    let Some(name) = slug(&saving.name) else {
        let act = Act::new(Ending::Refused, Told::of("searches-wrong-name"))
            .then("/intelligence", Told::of("searches-again"));
        return tell(&web, &person.caller, back(act)).await;
    };
    let (caller, in_page) = (person.caller.clone(), !saving.in_page.is_empty());
    let shown = name.to_string();
    let done = web
        .run(move |node| {
            let filter = match saving.filter(|name| caller.channel(node, name)) {
                Ok(filter) => filter,
                Err(why) => return Ok::<_, NodeFault>(Err(vec![Why::plain("search.field", why)])),
            };
            // A name that is taken would change what a rule or a webhook follows already.
            if subscription::lookup(node, &caller, &name)?.is_some() {
                return Ok(Err(vec![Why::plain(
                    "search.taken",
                    "you have a search of this name already: choose another, or remove that one",
                )]));
            }
            if let Err(whys) = subscription::put(node, &caller, &name, &filter)? {
                return Ok(Err(whys));
            }
            if in_page {
                return notify::put(node, &caller, &Rule { wanted: Wanted::Search(name), in_page, mail: Mail::Off });
            }
            Ok(Ok(()))
        })
        .await?;
    let act = match done {
        Ok(()) => Act::new(Ending::Done, Told::of("searches-saved").text("name", shown)),
        Err(whys) => refused(whys).then("/intelligence", Told::of("searches-again")),
    };
    tell(&web, &person.caller, back(act)).await
}

#[derive(Deserialize)]
struct Named {
    name: String,
}

fn named(name: &str) -> Result<Slug, Problem> {
    Slug::from_text(name).ok_or_else(|| Problem::of(&table::NOT_FOUND))
}

async fn remove(State(web): State<Web>, Sent(person, Named { name }): Sent<Named>) -> Result<Response, Problem> {
    let (caller, name) = (person.caller.clone(), named(&name)?);
    let shown = name.to_string();
    let done = web
        .run(move |node| {
            let removed = subscription::remove(node, &caller, &name)?;
            if removed == Some(true) {
                notify::remove(node, &caller, &Wanted::Search(name))?;
            }
            Ok::<_, NodeFault>(removed)
        })
        .await?
        .ok_or_else(|| Problem::of(&table::NOT_FOUND))?;
    let (ending, id) = if done { (Ending::Done, "searches-removed") } else { (Ending::Refused, "searches-followed") };
    let act = Act::new(ending, Told::of(id).text("name", shown)).then("/searches", Told::of("searches-title"));
    tell(&web, &person.caller, act).await
}

#[derive(Deserialize)]
struct Telling {
    /// Empty: what waits.
    #[serde(default)]
    name: String,
    #[serde(default)]
    in_page: String,
    mail: String,
}

async fn tell_me(State(web): State<Web>, Sent(person, telling): Sent<Telling>) -> Result<Response, Problem> {
    let wanted = if telling.name.is_empty() { Wanted::Waiting } else { Wanted::Search(named(&telling.name)?) };
    let mail = Mail::from_text(&telling.mail)
        .ok_or_else(|| Problem::of(&table::REFUSED).saying("mail is off, once or daily"))?;
    let rule = Rule { wanted, in_page: !telling.in_page.is_empty(), mail };
    let caller = person.caller.clone();
    let (done, address) = web
        .run(move |node| Ok::<_, NodeFault>((notify::put(node, &caller, &rule)?, address::lookup(node, &caller)?)))
        .await?;
    let act = match done {
        Ok(()) if mail != Mail::Off && web.options.mail.is_none() => {
            Act::new(Ending::Partly, Told::of("searches-told-no-mail"))
        }
        Ok(()) if mail != Mail::Off && address.confirmed.is_none() => {
            Act::new(Ending::Partly, Told::of("searches-told-no-address"))
        }
        Ok(()) => Act::new(Ending::Done, Told::of("searches-told")),
        Err(whys) => refused(whys),
    };
    tell(&web, &person.caller, act.then("/searches", Told::of("searches-title"))).await
}

#[derive(Deserialize)]
struct Asking {
    address: String,
}

async fn ask(
    State(web): State<Web>,
    Sent(person, Asking { address: given }): Sent<Asking>,
) -> Result<Response, Problem> {
    let (caller, language, typed) = (person.caller.clone(), person.words.language(), given.clone());
    if web.options.mail.is_none() {
        let act = Act::new(Ending::Refused, Told::of("searches-no-mail")).then("/searches", Told::of("searches-title"));
        return tell(&web, &person.caller, act).await;
    }
    let act = match web.run(move |node| address::ask(node, &caller, &given, language)).await? {
        Ok(()) => {
            web.letters.notify_one();
            Act::new(Ending::Waits, Told::of("searches-code-sent"))
        }
        Err(Refusal::NotAnAddress | Refusal::Unknown) => {
            let wrong = Some(person.words.t("searches-wrong-address"));
            return show_as(StatusCode::UNPROCESSABLE_ENTITY, &searches(&web, &person, typed, wrong).await?);
        }
        Err(Refusal::TooOften) => Act::new(Ending::Refused, Told::of("searches-too-often")),
    };
    tell(&web, &person.caller, act.then("/searches", Told::of("searches-enter-code"))).await
}

#[derive(Deserialize)]
struct Coded {
    code: String,
}

async fn code(State(web): State<Web>, Sent(person, Coded { code }): Sent<Coded>) -> Result<Response, Problem> {
    let caller = person.caller.clone();
    let (ending, id) = match web.run(move |node| address::confirm(node, &caller, &code)).await? {
        Confirmed::Yes => (Ending::Done, "searches-code-right"),
        Confirmed::Wrong => (Ending::Refused, "searches-code-wrong"),
        Confirmed::Over => (Ending::Refused, "searches-code-over"),
    };
    tell(&web, &person.caller, Act::new(ending, Told::of(id)).then("/searches", Told::of("searches-title"))).await
}

#[derive(Deserialize)]
struct Nothing {}

async fn forget(State(web): State<Web>, Sent(person, Nothing {}): Sent<Nothing>) -> Result<Response, Problem> {
    let caller = person.caller.clone();
    web.run(move |node| address::forget(node, &caller)).await?;
    let act = Act::new(Ending::Done, Told::of("searches-forgotten")).then("/searches", Told::of("searches-title"));
    tell(&web, &person.caller, act).await
}

#[derive(Deserialize)]
struct Setting {
    account: String,
    address: String,
}

/// Sets the address of somebody else, without a code.
async fn set(State(web): State<Web>, Sent(person, setting): Sent<Setting>) -> Result<Response, Problem> {
    expect_right(&person.caller, Right::Tokens)?;
    let (caller, language) = (person.caller.clone(), person.words.language());
    let done = match AccountName::parse(&setting.account) {
        Some(name) => web.run(move |node| address::set(node, &caller, &name, &setting.address, language)).await?,
        None => Err(Refusal::Unknown),
    };
    let (ending, id) = match done {
        Ok(()) => (Ending::Done, "searches-set-done"),
        Err(Refusal::NotAnAddress) => (Ending::Refused, "searches-wrong-address"),
        Err(Refusal::Unknown | Refusal::TooOften) => (Ending::Refused, "searches-set-unknown"),
    };
    tell(&web, &person.caller, Act::new(ending, Told::of(id)).then("/searches", Told::of("searches-title"))).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_box_holds_one_value_or_words() {
        for value in [
            "198.51.100[.]9",
            "2001:db8::1",
            "bad.example",
            "https://bad.example/x",
            "ann@cert.example",
            &"ab".repeat(16),
        ] {
            assert!(is_value(value), "{value}");
        }
        for words in
            ["oleander", "-fraud", "apt28", "\"two words\"", "bad.example fraud", "-bad.example", "CVE-2026-1234", ""]
        {
            assert!(!is_value(words), "{words}");
        }
    }

    #[test]
    fn a_question_that_cannot_be_kept_whole_is_not_kept() {
        let of = |q: &str| Saving { q: q.to_owned(), ..Saving::default() }.filter(|_| None);
        assert_eq!(of("oleander -fraud").unwrap().words.unwrap().as_str(), "oleander -fraud");
        assert_eq!(of("bad.example").unwrap().values, ["bad.example"]);
        assert_eq!(of(" ").unwrap(), Filter::default());
        for wrong in ["-fraud", "type:malware", "oleander label:green", &"a ".repeat(100)] {
            assert!(of(wrong).unwrap_err().starts_with("the words must"), "{wrong}");
        }
        assert!(Saving { channel: "none".to_owned(), ..Saving::default() }.filter(|_| None).is_err());
    }
}
