//! What is related to an object, as its page shows it: one table for each way of being related, with names. A few rows of each, the rest counted; all of one
//! way stand at the same address with `related`.

use gotong_app::Node;
use gotong_app::caller::Caller;
use gotong_app::view::{self, Group, Hit, How, ViewFault};
use gotong_model::ChannelId;

use super::person::Person;
use super::shown::{Label, object_path};

/// Rows of each way on the page.
const FEW: usize = 12;
/// Rows where all of one way are asked for.
const MANY: usize = 500;

/// Objects that are related in one way.
pub(super) struct Found {
    how: How,
    rows: Vec<(Hit, Through, Name)>,
    /// How many there are; the bound of the answer may have cut that short.
    total: usize,
    more: bool,
}

/// What two objects share, where that is not one of them; what one is called, where it is called anything.
type Through = Option<String>;
type Name = Option<String>;

/// One way as a table.
pub(super) struct Table {
    pub(super) heading: String,
    pub(super) total: String,
    pub(super) more: bool,
    pub(super) rows: Vec<Row>,
    /// Where all of them are.
    pub(super) all: Option<String>,
}

pub(super) struct Row {
    pub(super) path: String,
    pub(super) name: String,
    pub(super) is_unnamed: bool,
    pub(super) through: Through,
    pub(super) object_type: String,
    pub(super) author: String,
    pub(super) label: Label,
}

/// Finds what is related, with the names of what will be shown; `wanted` is the way of which all is asked for. With it, whether something was left out.
pub(super) fn find(
    node: &Node,
    caller: &Caller,
    (id, within): (&str, Option<&ChannelId>),
    wanted: &str,
) -> Result<(Vec<Found>, bool), ViewFault> {
    let Some(related) = view::related_about(node, caller, id, within)? else { return Ok((Vec::new(), false)) };
    let mut ways: Vec<Found> = Vec::new();
    for Group { how, through, hits, more, .. } in related.groups {
        let through = matches!(how, How::Value | How::Network | How::Host).then_some(through);
        if ways.last().is_none_or(|way| way.how != how) {
            ways.push(Found { how, rows: Vec::new(), total: 0, more: false });
        }
        let Some(way) = ways.last_mut() else { continue };
        way.more |= more;
        for hit in hits {
            let is_there = |(other, ..): &(Hit, Through, Name)| other.id == hit.id && other.author == hit.author;
            if way.rows.len() < MANY {
                if way.rows.iter().any(is_there) {
                    continue;
                }
                way.rows.push((hit, through.clone(), None));
            }
            way.total += 1;
        }
    }
    for way in &mut ways {
        way.rows.truncate(if way.how.as_str() == wanted { MANY } else { FEW });
        for (hit, _, name) in &mut way.rows {
            let versions = view::read_about(node, caller, &hit.id, within)?;
            let own = versions.into_iter().find(|version| version.author == hit.author && version.is_newest);
            *name = own.and_then(|version| version.name);
        }
    }
    Ok((ways, related.more))
}

/// The ways as tables of the page at `path`. What leads on from an exercise stays in it: `more` is what every address ends with.
pub(super) fn tables(person: &Person, found: Vec<Found>, (path, more): (&str, &str)) -> Vec<Table> {
    let with = |path: &str, query: &str| match (query.is_empty(), more.is_empty()) {
        (true, true) => path.to_owned(),
        (false, true) => format!("{path}?{query}"),
        (true, false) => format!("{path}?{more}"),
        (false, false) => format!("{path}?{query}&{more}"),
    };
    let row = |(hit, through, name): (Hit, Through, Name)| Row {
        path: with(&object_path(&hit.id), ""),
        is_unnamed: name.is_none(),
        name: name.unwrap_or(hit.id),
        through,
        object_type: hit.object_type,
        author: hit.author.to_string(),
        label: Label::of(hit.label),
    };
    let table = |way: Found| Table {
        heading: person.words.t(&format!("object-how-{}", way.how.as_str())),
        total: person.words.number(i64::try_from(way.total).unwrap_or(i64::MAX)),
        all: (way.rows.len() < way.total.min(MANY))
            .then(|| format!("{}#related", with(path, &format!("related={}", way.how.as_str())))),
        more: way.more || way.total > MANY,
        rows: way.rows.into_iter().map(row).collect(),
    };
    found.into_iter().map(table).collect()
}
