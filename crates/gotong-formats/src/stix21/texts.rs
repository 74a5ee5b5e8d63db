//! What people wrote in an object: names, aliases, descriptions, notes. This is what a search for words reads; values are found by `values.rs`.
//!
//! Nothing is interpreted and nothing changed. Of one object at most [`TEXTS_BYTES_MAX`] are told, in the order of the document.

use super::json::{Entries, Node, field};

/// Bytes of texts that are told of one object.
pub const TEXTS_BYTES_MAX: usize = 128 << 10;
/// Texts that are told of one object.
pub const TEXTS_MAX: usize = 256;

/// What a text is to its object.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum TextPlace {
    /// What it is called: `name`, `abstract`, `subject`.
    Name,
    /// What it is called besides: `aliases`, and the ids that others have given it.
    Alias,
    /// What is said of it: `description`, `content`, `explanation`, the body of a message.
    Text,
}

/// A text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Text {
    /// What it is.
    pub place: TextPlace,
    /// As it was written.
    pub text: String,
}

/// The texts of an object, in one pass over its properties.
pub(super) fn texts(entries: &Entries<'_>) -> Vec<Text> {
    let mut told = Told { texts: Vec::new(), left: TEXTS_BYTES_MAX };
    for (key, node) in entries {
        match (key.as_ref(), node) {
            ("name" | "abstract" | "subject" | "display_name" | "product", Node::Text(text)) => {
                told.add(TextPlace::Name, text);
            }
            ("description" | "content" | "explanation" | "body" | "objective", Node::Text(text)) => {
                told.add(TextPlace::Text, text);
            }
            ("aliases" | "x_mitre_aliases", Node::List(items)) => {
                items.iter().filter_map(Node::text).for_each(|alias| told.add(TextPlace::Alias, alias));
            }
            ("external_references", Node::List(items)) => {
                let ids = items.iter().filter_map(|item| field(item.map()?, "external_id")?.text());
                ids.for_each(|id| told.add(TextPlace::Alias, id));
            }
            _ => {}
        }
    }
    told.texts
}

struct Told {
    texts: Vec<Text>,
    left: usize,
}

impl Told {
    fn add(&mut self, place: TextPlace, text: &str) {
        if text.is_empty() || self.texts.len() >= TEXTS_MAX {
            return;
        }
        let Some(text) = text.get(..text.floor_char_boundary(self.left)).filter(|text| !text.is_empty()) else {
            return;
        };
        self.left -= text.len();
        // Some stores cannot hold U+0000, and no word has it.
        let text = if text.contains('\0') { text.replace('\0', " ") } else { text.to_owned() };
        self.texts.push(Text { place, text });
    }
}
