//! The neighbourhood of an object as a graph: rings by distance, laid out here and the same for everybody who may see the same. At most 150 nodes are
//! drawn; what is beyond is told. Below stands the same as a table, and everything a click does a link does too.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use gotong_app::Node;
use gotong_app::caller::Caller;
use gotong_app::view::{self, ViewFault};

use super::person::Person;
use super::shell::Shell;
use super::show;
use super::shown::object_path;
use crate::api::Web;
use crate::problem::{Problem, table};

/// Nodes that are drawn.
const NODES_MAX: usize = 150;
/// How far one looks from the object.
const DISTANCE_MAX: usize = 2;
/// Neighbours of one node that are looked at.
const NEIGHBOURS_MAX: usize = 60;
/// Letters of a name in the picture.
const NAME_CHARS: usize = 28;
const WIDTH: f64 = 1_200.0;
const HEIGHT: f64 = 820.0;

#[derive(Template)]
#[template(path = "console/graph.html")]
struct GraphPage {
    shell: Shell,
    path: String,
    name: String,
    nodes: Vec<Dot>,
    edges: Vec<Line>,
    is_cut: bool,
    summary: String,
}

/// A node in the picture.
struct Dot {
    path: String,
    x: String,
    y: String,
    name: String,
    short: String,
    object_type: String,
    is_focus: bool,
    /// `start`, `middle` or `end`.
    anchor: &'static str,
}

/// An edge in the picture, and a row of the table.
struct Line {
    from: (String, String),
    to: (String, String),
    from_name: String,
    from_path: String,
    to_name: String,
    to_path: String,
    how: String,
}

/// What was found around an object.
#[derive(Default)]
struct Around {
    /// Ids in the order in which they were met, with their distance.
    order: Vec<(String, usize)>,
    places: BTreeMap<String, usize>,
    names: BTreeMap<String, (String, String)>,
    edges: Vec<(usize, usize, &'static str)>,
    is_cut: bool,
}

pub(super) async fn page(State(web): State<Web>, person: Person, Path(id): Path<String>) -> Result<Response, Response> {
    answer(&web, &person, id).await.map_err(IntoResponse::into_response)
}

async fn answer(web: &Web, person: &Person, id: String) -> Result<Response, Problem> {
    let asking = person.caller.clone();
    let wanted = id.clone();
    let around = web.run(move |node| around(node, &asking, &wanted)).await?;
    if around.order.is_empty() {
        return Err(Problem::of(&table::NOT_FOUND));
    }
    let spots = layout(&around);
    let name_of = |id: &str| around.names.get(id).map_or_else(|| (id.to_owned(), String::new()), Clone::clone);
    let spot = |at: usize| spots.get(at).map_or_else(Default::default, |(x, y)| (round(*x), round(*y)));
    let mut nodes = Vec::new();
    for (at, (id, distance)) in around.order.iter().enumerate() {
        let (name, object_type) = name_of(id);
        let (x, y) = spot(at);
        let is_left = spots.get(at).is_some_and(|(x, _)| *x < WIDTH / 2.0 - 1.0);
        let short: String = name.chars().take(NAME_CHARS).collect();
        let anchor = match (*distance, is_left) {
            (0, _) => "middle",
            (_, true) => "end",
            (_, false) => "start",
        };
        let path = if *distance == 0 { object_path(id) } else { format!("{}/graph", object_path(id)) };
        nodes.push(Dot { path, x, y, short, name, object_type, is_focus: *distance == 0, anchor });
    }
    let id_at = |at: usize| around.order.get(at).map(|(id, _)| id.clone()).unwrap_or_default();
    let edges = around.edges.iter().map(|(from, to, how)| {
        let (a, b) = (id_at(*from), id_at(*to));
        Line {
            from: spot(*from),
            to: spot(*to),
            from_name: name_of(&a).0,
            from_path: object_path(&a),
            to_name: name_of(&b).0,
            to_path: object_path(&b),
            how: person.words.t(&format!("object-how-{how}")),
        }
    });
    let graph = GraphPage {
        edges: edges.collect(),
        name: name_of(&id).0,
        path: object_path(&id),
        is_cut: around.is_cut,
        summary: person.words.count("graph-summary", around.order.len()),
        nodes,
        shell: Shell::of(web, person, "/intelligence"),
    };
    show(&graph)
}

/// What is related to an object, and to that again, as far as this caller may see and as much as is drawn.
fn around(node: &Node, caller: &Caller, id: &str) -> Result<Around, ViewFault> {
    let mut around = Around::default();
    if view::read(node, caller, id)?.is_empty() {
        return Ok(around);
    }
    around.meet(id, 0);
    let mut at = 0;
    while let Some((id, distance)) = around.order.get(at).cloned() {
        let versions = view::read(node, caller, &id)?;
        if let Some(newest) = versions.iter().find(|version| version.is_newest).or_else(|| versions.first()) {
            let name = newest.name.clone().unwrap_or_else(|| id.clone());
            around.names.insert(id.clone(), (name, newest.object_type.clone()));
        }
        if distance < DISTANCE_MAX
            && let Some(related) = view::related(node, caller, &id)?
        {
            around.is_cut |= related.more;
            around.add(at, distance, related);
        }
        at += 1;
    }
    Ok(around)
}

impl Around {
    fn meet(&mut self, id: &str, distance: usize) -> Option<usize> {
        if let Some(at) = self.places.get(id) {
            return Some(*at);
        }
        if self.order.len() >= NODES_MAX {
            self.is_cut = true;
            return None;
        }
        let at = self.order.len();
        self.order.push((id.to_owned(), distance));
        self.places.insert(id.to_owned(), at);
        Some(at)
    }

    fn add(&mut self, at: usize, distance: usize, related: view::Related) {
        let mut taken = 0;
        for group in related.groups {
            self.is_cut |= group.more;
            let how = group.how.as_str();
            for hit in group.hits {
                if taken >= NEIGHBOURS_MAX {
                    self.is_cut = true;
                    return;
                }
                taken += 1;
                let Some(other) = self.meet(&hit.id, distance + 1) else { continue };
                // An edge has two ends and is drawn once: what refers is its beginning.
                let (from, to, how) = if how == "referred-by" { (other, at, "refers-to") } else { (at, other, how) };
                let is_known = self.edges.iter().any(|(a, b, known)| {
                    *known == how && ((*a, *b) == (from, to) || (how != "refers-to" && (*b, *a) == (from, to)))
                });
                if !is_known && from != to {
                    self.edges.push((from, to, how));
                }
            }
        }
    }
}

/// Places on rings: the object in the middle, each ring's nodes at even distances, beginning where their neighbours on the ring within are.
#[allow(clippy::cast_precision_loss, reason = "at most 150 nodes")]
fn layout(around: &Around) -> Vec<(f64, f64)> {
    let mut angles = vec![0.0_f64; around.order.len()];
    let mut spots = vec![(WIDTH / 2.0, HEIGHT / 2.0); around.order.len()];
    for ring in 1..=DISTANCE_MAX {
        let mut members: Vec<(f64, usize)> = Vec::new();
        for (at, _) in around.order.iter().enumerate().filter(|(_, (_, distance))| *distance == ring) {
            let inner = around.edges.iter().find_map(|(from, to, _)| {
                let other = if *from == at {
                    *to
                } else if *to == at {
                    *from
                } else {
                    return None;
                };
                around.order.get(other).filter(|(_, distance)| *distance + 1 == ring).map(|_| other)
            });
            members.push((inner.and_then(|inner| angles.get(inner)).copied().unwrap_or_default(), at));
        }
        members.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let count = members.len().max(1) as f64;
        let share = ring as f64 / DISTANCE_MAX as f64;
        for (place, (_, at)) in members.into_iter().enumerate() {
            let angle = std::f64::consts::TAU * (place as f64 / count) + 0.25 * ring as f64;
            if let (Some(known), Some(spot)) = (angles.get_mut(at), spots.get_mut(at)) {
                *known = angle;
                *spot = (
                    WIDTH / 2.0 + angle.cos() * (WIDTH / 2.0 - 230.0) * share,
                    HEIGHT / 2.0 + angle.sin() * (HEIGHT / 2.0 - 40.0) * share,
                );
            }
        }
    }
    spots
}

fn round(number: f64) -> String {
    format!("{number:.1}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_node_has_a_place_of_its_own_within_the_picture() {
        let mut around = Around::default();
        around.meet("a", 0);
        for number in 0..300 {
            let met = around.meet(&format!("n{number}"), 1 + number % DISTANCE_MAX);
            if let Some(at) = met {
                around.edges.push((0, at, "value"));
            }
        }
        assert_eq!(around.order.len(), NODES_MAX);
        assert!(around.is_cut);
        let mut spots: Vec<(String, String)> = layout(&around).into_iter().map(|(x, y)| (round(x), round(y))).collect();
        assert!(layout(&around).iter().all(|(x, y)| (0.0..=WIDTH).contains(x) && (0.0..=HEIGHT).contains(y)));
        spots.sort();
        spots.dedup();
        assert_eq!(spots.len(), NODES_MAX);
    }
}
