//! Small things that every page shows alike: a label in its own colours, an instant with its zone and in UTC, a value that can be copied, a record as a row.
//! They write themselves as HTML; what comes from records is escaped by the templates.

use askama::Template;
use askama::filters::HtmlSafe;
use gotong_app::view::RecordView;
use gotong_app::{Effect, Ground};
use gotong_language::{Language, Moment, Moments, Words};
use gotong_model::governance::Governance;
use gotong_model::{MemberCode, Timestamp, Tlp};

/// A TLP label. Its word is never translated and never left out: two labels share a colour.
#[derive(Template)]
#[template(source = r#"<span class="tlp {{ class }}">{{ text }}</span>"#, ext = "html")]
pub(crate) struct Label {
    pub(crate) text: String,
    class: &'static str,
}

impl Label {
    pub(crate) fn of(tlp: Tlp) -> Self {
        let class = match tlp {
            Tlp::Clear => "tlp-clear",
            Tlp::Green => "tlp-green",
            Tlp::Amber | Tlp::AmberStrict => "tlp-amber",
            Tlp::Red => "tlp-red",
        };
        Self { text: format!("TLP:{}", tlp.as_str().to_ascii_uppercase()), class }
    }
}

impl HtmlSafe for Label {}

/// An instant: local time with its zone, and UTC beside it, always both.
#[derive(Template)]
#[template(
    source = r#"<time datetime="{{ moment.iso }}">{{ moment.local }} {{ moment.zone }}{% if !moment.is_utc() %} <span class="utc">({{ moment.utc }})</span>{% endif %}</time>"#,
    ext = "html"
)]
pub(crate) struct When {
    moment: Moment,
}

impl When {
    pub(crate) fn at(moments: &Moments, at: Timestamp) -> Self {
        Self { moment: moments.at(at.micros()) }
    }
}

impl HtmlSafe for When {}

/// A reason: in the words of the page, where they have a sentence for its id, and as the program puts it in English, which names the particulars.
#[derive(Template)]
#[template(
    source = r#"{% if let Some(own) = own %}{{ own }} <bdi lang="en" class="quiet">{{ english }}</bdi>{% else %}<bdi lang="en">{{ english }}</bdi>{% endif %}"#,
    ext = "html"
)]
pub(crate) struct Because {
    own: Option<String>,
    english: String,
}

impl Because {
    /// Why something was refused, or waits.
    pub(crate) fn refused(words: Words, id: &str, english: String) -> Self {
        Self { own: sentence(words, &format!("reasons-{}", id.replace('.', "-"))), english }
    }

    /// What a clause says, for or against.
    pub(crate) fn ground(words: Words, ground: &Ground) -> Self {
        match ground.effect {
            Effect::Forbid => Self::refused(words, ground.id, ground.text.clone()),
            Effect::Permit => {
                let tail = ground.id.strip_prefix("policy.").unwrap_or(ground.id);
                Self { own: sentence(words, &format!("reasons-permit-{tail}")), english: ground.text.clone() }
            }
        }
    }
}

impl HtmlSafe for Because {}

/// The sentence of an id, or of what it belongs to: `reasons-stix-time-syntax` is one of `reasons-stix`. None in English, which says it better already.
fn sentence(words: Words, id: &str) -> Option<String> {
    if words.language() == Language::English {
        return None;
    }
    let mut rest = id;
    loop {
        if words.has(rest) {
            return Some(words.t(rest));
        }
        rest = rest.rsplit_once('-')?.0;
    }
}

/// A record as a row of a table.
pub(crate) struct RecordRow {
    /// The address of its page.
    pub(crate) path: String,
    pub(crate) name: String,
    /// Whether the name is only its id.
    pub(crate) is_unnamed: bool,
    pub(crate) object_type: String,
    pub(crate) author: String,
    pub(crate) channel: String,
    pub(crate) label: Label,
    pub(crate) at: When,
    pub(crate) revoked: bool,
}

impl RecordRow {
    pub(crate) fn of(record: RecordView, moments: &Moments) -> Self {
        Self {
            path: object_path(&record.id),
            at: When::at(moments, record.modified.unwrap_or(record.published_at)),
            is_unnamed: record.name.is_none(),
            name: record.name.unwrap_or(record.id),
            object_type: record.object_type,
            author: record.author.to_string(),
            channel: record.channel_handle,
            label: Label::of(record.label),
            revoked: record.revoked,
        }
    }

    /// The same where what is new comes first: with the time at which its author published it, by which such a list can be followed.
    pub(crate) fn arrived(record: RecordView, moments: &Moments) -> Self {
        let at = When::at(moments, record.published_at);
        Self { at, ..Self::of(record, moments) }
    }
}

/// What a member is called in English, or its code where the charter names it no more.
pub(crate) fn english_name(governance: &Governance, code: &MemberCode) -> String {
    governance.charter.members.get(code).map_or_else(|| code.to_string(), |member| member.english().to_owned())
}

/// The address of an object's page.
pub(crate) fn object_path(id: &str) -> String {
    let id = percent_encoding::utf8_percent_encode(id, percent_encoding::NON_ALPHANUMERIC);
    // Dashes stay readable: ids are a type, two dashes and a UUID.
    format!("/intelligence/{}", id.to_string().replace("%2D", "-"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::table;

    #[test]
    fn every_reason_of_the_policy_and_every_problem_has_a_sentence() {
        let words = Words::of(Language::English);
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../gotong-policy/src");
        let mut ids = std::collections::BTreeSet::new();
        for file in std::fs::read_dir(folder).unwrap() {
            let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
            ids.extend(
                text.split('"').filter_map(|piece| piece.strip_prefix("policy.")).map(str::to_owned).filter(|tail| {
                    !tail.is_empty() && tail.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
                }),
            );
        }
        assert!(ids.len() > 25, "{ids:?}");
        let lacking: Vec<&String> = ids
            .iter()
            .filter(|tail| {
                !words.has(&format!("reasons-policy-{tail}")) && !words.has(&format!("reasons-permit-{tail}"))
            })
            .collect();
        assert!(lacking.is_empty(), "{lacking:?}");
        for kind in table::TABLE {
            assert!(words.has(&format!("problem-next-{}", kind.slug)), "{}", kind.slug);
        }
    }

    #[test]
    fn a_reason_is_told_in_the_words_of_the_page_and_in_english() {
        let english = "TLP:AMBER is above the <ceiling>".to_owned();
        let told = |language, id: &str| Because::refused(Words::of(language), id, english.clone()).render().unwrap();
        let own = Words::of(Language::Thai).t("reasons-policy-above-ceiling");
        let shown = told(Language::Thai, "policy.above-ceiling");
        assert!(shown.starts_with(&own) && shown.contains("TLP:AMBER is above the &#60;ceiling&#62;"), "{shown}");
        // What belongs to a standard is told as such, and what nobody has a sentence for in English alone.
        let standard = Words::of(Language::Thai).t("reasons-stix");
        assert!(told(Language::Thai, "stix.time.syntax").starts_with(&standard));
        for (language, id) in [(Language::Thai, "nobody.knows"), (Language::English, "policy.above-ceiling")] {
            assert!(told(language, id).starts_with("<bdi lang=\"en\">"), "{id}");
        }
    }
}
