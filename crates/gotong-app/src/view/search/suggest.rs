//! What a person may be about to type: whole words that begin like the last one, from records that this person may see, the most frequent first.
//!
//! Words are learned from those records at the moment of asking; there is no list of words anywhere that could tell of others.

use gotong_model::ChannelId;

use super::super::ViewFault;
use super::super::scope::Scope;
use super::candidates::Finder;
use super::query;
use crate::caller::Caller;
use crate::node::Node;

/// Suggestions of one answer.
const SUGGESTIONS_MAX: usize = 10;
/// Records that are counted for one word.
const COUNT_MAX: usize = 100;

/// A word that may be meant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Suggestion {
    /// What the box would hold: what was typed, with its last word whole.
    pub text: String,
    /// In how many records the word stands, up to a hundred.
    pub count: usize,
}

/// What may be meant.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Suggestions {
    /// The most frequent first.
    pub suggestions: Vec<Suggestion>,
}

/// Suggests words for what is being typed, in one channel or in all. With less than two letters nothing is suggested.
pub fn suggest(node: &Node, caller: &Caller, text: &str, channel: Option<ChannelId>) -> Result<Suggestions, ViewFault> {
    let parsed = query::parse(text)?;
    let ends_in_word = text.chars().last().is_some_and(|c| !c.is_whitespace() && c != '"');
    let last = parsed.clauses.last().filter(|clause| ends_in_word && !clause.is_phrase);
    let Some((clause, word)) = last.and_then(|clause| Some((clause, clause.words.last()?))) else {
        return Ok(Suggestions::default());
    };
    let scope = match &channel {
        Some(channel) => Scope::within(node, caller, channel),
        None => Scope::new(node, caller),
    };
    let is_shown = channel.is_none_or(|channel| scope.channel(&channel).is_some());
    let is_long = word.bare.chars().count() >= if clause.is_cut { 1 } else { 2 };
    if !is_shown || !is_long {
        return Ok(Suggestions::default());
    }
    let tx = node.store.read()?;
    let mut finder = Finder::new(&scope, tx.as_ref(), channel);
    let mut counted = Vec::new();
    for known in finder.beginning_with(word)?.0 {
        counted.push((finder.count(known.below, COUNT_MAX)?, known));
    }
    counted.sort_by(|(a, x), (b, y)| b.cmp(a).then_with(|| x.bare.cmp(&y.bare)));
    counted.dedup_by(|(_, x), (_, y)| x.bare == y.bare);
    let start = before_last(text);
    let suggestions = counted
        .into_iter()
        .take(SUGGESTIONS_MAX)
        .map(|(count, known)| Suggestion { text: format!("{start}{}", known.text), count });
    Ok(Suggestions { suggestions: suggestions.collect() })
}

/// What stands before the last word.
fn before_last(text: &str) -> &str {
    let mut start = 0;
    gotong_language::segment::pieces(text, |piece| {
        if piece.kind == gotong_language::segment::Kind::Word {
            start = piece.start;
        }
        true
    });
    text.get(..start).unwrap_or_default()
}
