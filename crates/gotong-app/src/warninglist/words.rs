//! The words for moments, actions and kinds of lists, the same in the API, the program and the store.

use gotong_formats::warninglist::{Action, MatchType, Moment};

use super::MOMENTS;

/// The word for a moment: `import`, `publish`, `export`.
pub fn moment_word(on: Moment) -> &'static str {
    match on {
        Moment::Import => "import",
        Moment::Publish => "publish",
        Moment::Export => "export",
    }
}

/// The moment of this word.
pub fn moment_of(text: &str) -> Option<Moment> {
    MOMENTS.into_iter().find(|on| moment_word(*on) == text)
}

/// The word for an action: `block`, `inform`.
pub fn action_word(action: Action) -> &'static str {
    match action {
        Action::Inform => "inform",
        Action::Block => "block",
    }
}

/// The action of this word.
pub fn action_of(text: &str) -> Option<Action> {
    [Action::Inform, Action::Block].into_iter().find(|action| action_word(*action) == text)
}

/// MISP's word for how a list is compared.
pub(super) fn type_word(match_type: MatchType) -> &'static str {
    match match_type {
        MatchType::String => "string",
        MatchType::Substring => "substring",
        MatchType::Hostname => "hostname",
        MatchType::Cidr => "cidr",
        MatchType::Regex => "regex",
    }
}
