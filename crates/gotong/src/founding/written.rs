//! What people write, with the place of every part: TOML as a tree that can be made whole (usual values put in, lists put in order) and still knows where each
//! part stood, so that whatever is wrong with it can be named by line and column. What the parts mean is for `founding/agreement.rs` and `founding/charter.rs`.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use anyhow::Result;
use gotong_model::Timestamp;
use serde_json::{Map, Value, json};
use toml::de::{DeTable, DeValue};

use crate::fault::failure;

/// A part of a file.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    span: Range<usize>,
    kind: Kind,
    /// Whether it was put in: nobody wrote it.
    is_made: bool,
}

#[derive(Clone, Debug)]
enum Kind {
    One(Value),
    List(Vec<Part>),
    Table(BTreeMap<String, (Range<usize>, Part)>),
}

/// A place in a file, counted from 1; columns are characters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Place {
    pub(crate) line: usize,
    pub(crate) column: usize,
}

/// A file made whole: the value, and where each part of it stands.
#[derive(Debug)]
pub(crate) struct Written {
    source: String,
    /// The whole document.
    pub(crate) value: Value,
    names: BTreeMap<String, Range<usize>>,
    values: BTreeMap<String, Range<usize>>,
    made: BTreeSet<String>,
}

impl Written {
    /// Takes a tree that was made whole.
    pub(crate) fn of(source: &str, part: &Part) -> Self {
        let mut written = Self {
            source: source.to_owned(),
            value: Value::Null,
            names: BTreeMap::new(),
            values: BTreeMap::new(),
            made: BTreeSet::new(),
        };
        written.value = written.take(part, "");
        written
    }

    fn take(&mut self, part: &Part, pointer: &str) -> Value {
        self.values.insert(pointer.to_owned(), part.span.clone());
        if part.is_made {
            self.made.insert(pointer.to_owned());
        }
        match &part.kind {
            Kind::One(value) => value.clone(),
            Kind::List(items) => {
                let take = |(at, item): (usize, &Part)| self.take(item, &format!("{pointer}/{at}"));
                Value::Array(items.iter().enumerate().map(take).collect())
            }
            Kind::Table(table) => {
                let mut object = Map::new();
                for (name, (span, part)) in table {
                    let pointer = format!("{pointer}/{name}");
                    self.names.insert(pointer.clone(), span.clone());
                    let value = self.take(part, &pointer);
                    object.insert(name.clone(), value);
                }
                Value::Object(object)
            }
        }
    }

    /// Where the value at a pointer stands; what is not there stands where its table begins.
    pub(crate) fn place(&self, pointer: &str) -> Place {
        let mut pointer = pointer;
        loop {
            if let Some(span) = self.values.get(pointer) {
                return place(&self.source, span.start);
            }
            pointer = pointer.rsplit_once('/').map_or("", |(above, _)| above);
        }
    }

    /// Whether nobody wrote what stands there: it is the usual value, or follows from another.
    pub(crate) fn is_made(&self, pointer: &str) -> bool {
        let mut pointer = pointer;
        loop {
            if self.made.contains(pointer) {
                return true;
            }
            let Some((above, _)) = pointer.rsplit_once('/') else { return false };
            pointer = above;
        }
    }

    /// Where the name of a field stands.
    pub(crate) fn place_of_name(&self, pointer: &str) -> Place {
        self.names.get(pointer).map_or_else(|| self.place(pointer), |span| place(&self.source, span.start))
    }
}

fn place(source: &str, at: usize) -> Place {
    let before = source.get(..at).unwrap_or(source);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    Place { line, column }
}

/// A file that is no TOML: what, and where.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NotToml {
    pub(crate) place: Place,
    pub(crate) what: String,
}

impl Part {
    /// Reads TOML; names everything that is wrong with it.
    pub(crate) fn parse(source: &str) -> Result<Self, Vec<NotToml>> {
        let (table, faults) = DeTable::parse_recoverable(source);
        if faults.is_empty() {
            let span = table.span();
            return Ok(Self { span: span.start..span.start, kind: table_of(table.into_inner()), is_made: false });
        }
        let faults = faults.iter().map(|fault| NotToml {
            place: place(source, fault.span().map_or(0, |span| span.start)),
            what: fault.message().trim().replace('\n', ", "),
        });
        Err(faults.collect())
    }

    /// The same, where the first fault is the end.
    pub(crate) fn read(source: &str) -> Result<Self> {
        Self::parse(source).map_err(|faults| {
            let told =
                faults.first().map(|fault| format!("{}:{}: {}", fault.place.line, fault.place.column, fault.what));
            failure(format!("line {}", told.unwrap_or_default()), "it must be TOML: see `--help` for the file")
        })
    }

    /// What is put in stands where its table does.
    fn new(value: Value, span: Range<usize>) -> Self {
        let kind = match value {
            Value::Array(items) => Kind::List(items.into_iter().map(|item| Self::new(item, span.clone())).collect()),
            Value::Object(object) => {
                let put = |(name, value)| (name, (span.clone(), Self::new(value, span.clone())));
                Kind::Table(object.into_iter().map(put).collect())
            }
            one @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => Kind::One(one),
        };
        Self { span, kind, is_made: false }
    }

    /// A part by name.
    pub(crate) fn at(&mut self, name: &str) -> Option<&mut Self> {
        match &mut self.kind {
            Kind::Table(table) => table.get_mut(name).map(|(_, part)| part),
            Kind::One(_) | Kind::List(_) => None,
        }
    }

    /// Its tables, where it is a list of them.
    pub(crate) fn tables(&mut self, name: &str) -> impl Iterator<Item = &mut Self> {
        let items = match self.at(name).map(|part| &mut part.kind) {
            Some(Kind::List(items)) => items.as_mut_slice(),
            Some(Kind::One(_) | Kind::Table(_)) | None => &mut [],
        };
        items.iter_mut().filter(|item| matches!(item.kind, Kind::Table(_)))
    }

    /// The value without its places.
    pub(crate) fn value(&self) -> Value {
        match &self.kind {
            Kind::One(value) => value.clone(),
            Kind::List(items) => Value::Array(items.iter().map(Self::value).collect()),
            Kind::Table(table) => {
                Value::Object(table.iter().map(|(name, (_, part))| (name.clone(), part.value())).collect())
            }
        }
    }

    /// The value of a part by name.
    pub(crate) fn value_at(&mut self, name: &str) -> Option<Value> {
        self.at(name).map(|part| part.value())
    }

    /// A text by name; empty where there is none.
    pub(crate) fn text_at(&self, name: &str) -> String {
        let Kind::Table(table) = &self.kind else { return String::new() };
        match table.get(name).map(|(_, part)| &part.kind) {
            Some(Kind::One(Value::String(text))) => text.clone(),
            Some(Kind::One(_) | Kind::List(_) | Kind::Table(_)) | None => String::new(),
        }
    }

    /// Puts a value in, whatever was there.
    pub(crate) fn put(&mut self, name: &str, value: Value) {
        let span = self.span.clone();
        if let Kind::Table(table) = &mut self.kind {
            let is_made = !table.contains_key(name);
            let (name_span, value_span) =
                table.get(name).map_or((span.clone(), span), |(name, part)| (name.clone(), part.span.clone()));
            let part = Self { is_made, ..Self::new(value, value_span) };
            table.insert(name.to_owned(), (name_span, part));
        }
    }

    /// Puts a value in where there is none.
    pub(crate) fn usual(&mut self, name: &str, value: Value) {
        if self.at(name).is_none() {
            self.put(name, value);
        }
    }

    /// What stands under a name becomes the only item of a list under another, in its place.
    pub(crate) fn put_in_list(&mut self, name: &str, list: &str) {
        if let Kind::Table(table) = &mut self.kind
            && let Some((name_span, part)) = table.remove(name)
        {
            let whole = Self { span: part.span.clone(), kind: Kind::List(vec![part]), is_made: false };
            table.insert(list.to_owned(), (name_span, whole));
        }
    }

    /// Takes a part out.
    pub(crate) fn remove(&mut self, name: &str) -> Option<Value> {
        match &mut self.kind {
            Kind::Table(table) => table.remove(name).map(|(_, part)| part.value()),
            Kind::One(_) | Kind::List(_) => None,
        }
    }

    /// A text alone is English.
    pub(crate) fn words(&mut self, name: &str) {
        if let Some(part) = self.at(name)
            && let Kind::One(value @ Value::String(_)) = &part.kind
        {
            *part = Self::new(json!({"en": value}), part.span.clone());
        }
    }

    /// Days and times in UTC become the protocol's one spelling; what is no time stays as it is.
    pub(crate) fn time(&mut self, name: &str) {
        if let Some(part) = self.at(name)
            && let Kind::One(Value::String(text)) = &mut part.kind
        {
            let spelled = if text.len() == 10 { format!("{text}T00:00:00Z") } else { text.clone() };
            if let Some(time) = Timestamp::parse(&spelled) {
                *text = time.to_string();
            }
        }
    }

    /// Puts a list of texts in order.
    pub(crate) fn sort(&mut self, name: &str) {
        if let Some(Self { kind: Kind::List(items), .. }) = self.at(name) {
            items.sort_by_key(|item| item.value().as_str().unwrap_or_default().to_owned());
        }
    }

    /// Puts a list of tables in order of a text of each.
    pub(crate) fn sort_by(&mut self, name: &str, field: &str) {
        if let Some(Self { kind: Kind::List(items), .. }) = self.at(name) {
            items.sort_by_key(|item| item.text_at(field));
        }
    }
}

fn table_of(table: DeTable<'_>) -> Kind {
    let part = |(name, value): (toml::Spanned<_>, toml::Spanned<_>)| {
        let name: toml::Spanned<std::borrow::Cow<'_, str>> = name;
        let span = name.span();
        (name.into_inner().into_owned(), (span, part_of(value)))
    };
    Kind::Table(table.into_iter().map(part).collect())
}

fn part_of(value: toml::Spanned<DeValue<'_>>) -> Part {
    let span = value.span();
    let kind = match value.into_inner() {
        DeValue::String(text) => Kind::One(Value::String(text.into_owned())),
        DeValue::Integer(number) => {
            let read = i64::from_str_radix(number.as_str(), number.radix());
            Kind::One(read.map_or_else(|_| json!(number.to_string()), |number| json!(number)))
        }
        DeValue::Float(number) => Kind::One(json!(number.as_str().parse::<f64>().unwrap_or_default())),
        DeValue::Boolean(switch) => Kind::One(Value::Bool(switch)),
        DeValue::Datetime(time) => Kind::One(Value::String(time.to_string())),
        DeValue::Array(items) => Kind::List(items.into_iter().map(part_of).collect()),
        DeValue::Table(table) => table_of(table),
    };
    Part { span, kind, is_made: false }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_knows_its_place_after_it_was_put_in_order() {
        let source = "name = \"x\"\nlist = [\"ü\", \"b\", \"a\"]\n[[row]]\n  key = 1\n";
        let mut part = Part::parse(source).unwrap();
        part.sort("list");
        part.usual("more", json!({"deep": [1]}));
        let written = Written::of(source, &part);
        assert_eq!(written.value["list"], json!(["a", "b", "ü"]));
        let at = |pointer: &str| (written.place(pointer).line, written.place(pointer).column);
        assert_eq!(at("/list/0"), (2, 19), "columns are characters");
        assert_eq!(at("/row/0"), (3, 1));
        assert_eq!(at("/row/0/key"), (4, 9));
        assert_eq!(at("/row/0/missing"), (3, 1));
        assert_eq!(at("/more/deep/0"), (1, 1));
        let name = written.place_of_name("/row/0/key");
        assert_eq!((name.line, name.column), (4, 3));
    }

    #[test]
    fn what_is_no_toml_is_told_with_its_place() {
        let faults = Part::parse("a = 1\nb = = 2\n").unwrap_err();
        assert_eq!((faults[0].place.line, faults[0].place.column), (2, 5), "{faults:?}");
    }
}
