//! What stands around every page: the bar with its one box, the places that this person's role opens, the foot. Pages give it who looks and where they are.

use gotong_app::role::Right;
use gotong_language::Words;

use super::assets;
use super::person::Person;
use crate::api::Web;

/// The frame of a page.
#[allow(clippy::struct_excessive_bools, reason = "each is a fact of its own that the frame shows")]
pub(crate) struct Shell {
    words: Words,
    pub(crate) lang: &'static str,
    pub(crate) theme: &'static str,
    pub(crate) member_code: String,
    pub(crate) member_name: String,
    pub(crate) version: &'static str,
    /// Whether single keys act.
    pub(crate) keys: bool,
    /// Whether somebody is logged in.
    pub(crate) is_seated: bool,
    pub(crate) person_name: String,
    /// Notifications that this person has not read.
    pub(crate) unread: usize,
    pub(crate) role_name: String,
    pub(crate) form_token: String,
    /// What stands in the box.
    pub(crate) asked: String,
    /// Whether the visitor's machine may lack letters of the page's language.
    pub(crate) needs_fonts: bool,
    here: &'static str,
    rights: Vec<Right>,
    pub(crate) is_staff: bool,
}

/// Places under one heading.
pub(crate) struct Group {
    pub(crate) title: String,
    pub(crate) places: Vec<Place>,
}

/// Somewhere to go.
pub(crate) struct Place {
    pub(crate) path: &'static str,
    /// Safe to be shown as markup: our own words with breaks between them.
    pub(crate) title: String,
    pub(crate) key: Option<char>,
    pub(crate) is_here: bool,
    pub(crate) waiting: usize,
}

/// A place as the table has it: heading, path, message, key, the right that opens it (`None`: everybody who reads).
type Row = (&'static str, &'static str, &'static str, char, Option<Right>);

/// The staff's places.
const PLACES: &[Row] = &[
    ("shell-group-work", "/", "shell-now", 'n', None),
    ("shell-group-work", "/intelligence", "shell-intelligence", 'i', None),
    ("shell-group-work", "/share", "shell-share", 's', Some(Right::Publish)),
    ("shell-group-work", "/waiting", "shell-waiting", 'w', Some(Right::Publish)),
    ("shell-group-together", "/channels", "shell-channels", 'c', Some(Right::Oversee)),
    ("shell-group-together", "/agreements", "shell-agreements", 'a', Some(Right::Oversee)),
    ("shell-group-together", "/charter", "shell-charter", 'm', Some(Right::Oversee)),
    ("shell-group-node", "/sources", "shell-sources", 'f', Some(Right::Sources)),
    ("shell-group-node", "/logs", "shell-logs", 'l', Some(Right::Audit)),
    ("shell-group-node", "/users", "shell-users", 'u', Some(Right::Tokens)),
    ("shell-group-node", "/tokens", "shell-tokens", 't', Some(Right::Tokens)),
    ("shell-group-node", "/audit", "shell-audit", 'd', Some(Right::Audit)),
    ("shell-group-node", "/operation", "shell-operation", 'o', Some(Right::Oversee)),
];

/// What a constituent's people see.
const PORTAL: &[Row] = &[
    ("shell-group-work", "/", "shell-now", 'n', None),
    ("shell-group-work", "/report", "shell-report", 'r', Some(Right::Publish)),
    ("shell-group-work", "/intelligence", "shell-received", 'i', None),
    ("shell-group-work", "/downloads", "portal-downloads", 'd', None),
    ("shell-group-work", "/programs", "portal-programs", 'p', None),
    ("shell-group-work", "/me", "shell-me", 'm', None),
];

impl Shell {
    /// The frame around a page of somebody's, at one of the places above.
    pub(crate) fn of(web: &Web, person: &Person, here: &'static str) -> Self {
        Self {
            is_seated: true,
            keys: person.keys,
            person_name: person.name.clone(),
            unread: person.unread,
            role_name: person.words.t(&format!("shell-role-{}", person.caller.role.as_str())),
            form_token: person.form_token.clone(),
            rights: gotong_app::role::RIGHTS.into_iter().filter(|right| person.caller.may(*right)).collect(),
            is_staff: person.caller.is_staff(),
            here,
            ..Self::for_visitor(web, person.words, person.theme)
        }
    }

    /// The frame of a page that anybody may see.
    pub(crate) fn for_visitor(web: &Web, words: Words, theme: &'static str) -> Self {
        Self {
            words,
            lang: words.lang(),
            theme,
            member_code: web.node.member.to_string(),
            member_name: web.node.name.clone(),
            version: env!("CARGO_PKG_VERSION"),
            keys: true,
            is_seated: false,
            person_name: String::new(),
            unread: 0,
            role_name: String::new(),
            form_token: String::new(),
            asked: String::new(),
            needs_fonts: matches!(words.lang(), "th" | "lo" | "km" | "my" | "ta"),
            here: "",
            rights: Vec::new(),
            is_staff: false,
        }
    }

    /// With the sheet of fonts, whatever its language: it names every language in its own script, and no visitor's machine has to know them all.
    pub(crate) fn naming_languages(mut self) -> Self {
        self.needs_fonts = true;
        self
    }

    /// With these words in the box.
    pub(crate) fn asking(mut self, asked: &str) -> Self {
        asked.clone_into(&mut self.asked);
        self
    }

    /// The words that the page speaks.
    pub(crate) fn words(&self) -> Words {
        self.words
    }

    /// A text of the page.
    pub(crate) fn t(&self, id: &str) -> String {
        self.words.t(id)
    }

    /// A text whose id ends in a word of ours: a format, a state.
    pub(crate) fn join(&self, begin: &str, end: &str) -> String {
        self.words.t(&format!("{begin}{end}"))
    }

    /// A text with a count in it.
    #[allow(clippy::trivially_copy_pass_by_ref, reason = "templates hand over what they hold by reference")]
    pub(crate) fn count(&self, id: &str, count: &usize) -> String {
        self.words.count(id, *count)
    }

    /// What a status means, in a line.
    #[allow(clippy::trivially_copy_pass_by_ref, reason = "templates hand over what they hold by reference")]
    pub(crate) fn status(&self, status: &u16) -> String {
        self.join("problem-", &status.to_string())
    }

    /// The same as HTML, with breaks between words where the language writes none.
    pub(crate) fn html(&self, id: &str) -> String {
        self.words.html(id)
    }

    /// Where an asset is.
    #[allow(clippy::unused_self, reason = "templates reach functions through their page")]
    pub(crate) fn asset(&self, name: &str) -> String {
        assets::address(name)
    }

    /// The places that the person's role opens, under their headings.
    pub(crate) fn places(&self) -> Vec<Group> {
        let mut groups: Vec<(&str, Group)> = Vec::new();
        let rows = if self.is_staff { PLACES } else { PORTAL };
        for (heading, path, title, key, right) in rows {
            if right.is_some_and(|right| !self.rights.contains(&right)) {
                continue;
            }
            let place =
                Place { path, title: self.words.html(title), key: Some(*key), is_here: *path == self.here, waiting: 0 };
            match groups.last_mut().filter(|(last, _)| last == heading) {
                Some((_, group)) => group.places.push(place),
                None => groups.push((heading, Group { title: self.words.t(heading), places: vec![place] })),
            }
        }
        groups.into_iter().map(|(_, group)| group).collect()
    }

    /// Whether one is at this place.
    pub(crate) fn is_at(&self, place: &str) -> bool {
        self.here == place
    }

    /// The page of help for where one is.
    pub(crate) fn help_path(&self) -> String {
        match self.here {
            "/" | "" | "/notifications" | "/downloads" | "/programs" => "/help".to_owned(),
            here => format!("/help{here}"),
        }
    }
}
