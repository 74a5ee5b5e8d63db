//! Small things that every page shows alike: a label in its own colours, an instant with its zone and in UTC, a value that can be copied, a record as a row.
//! They write themselves as HTML; what comes from records is escaped by the templates.

use askama::Template;
use askama::filters::HtmlSafe;
use gotong_app::view::RecordView;
use gotong_language::{Moment, Moments};
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
