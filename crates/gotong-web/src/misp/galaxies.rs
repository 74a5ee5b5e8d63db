//! Galaxies: threat actors, malware, techniques and the like that are records here, as clusters, grouped by the galaxy from which they came or by their type.
//!
//! A cluster is changed as the STIX that it is. Must not show what the caller may not read, and says the label that counts. Read next:
//! `gotong_formats::misp::cluster_of`.

use std::collections::{BTreeMap, HashSet};

use gotong_app::Node;
use gotong_app::view::{self, Query};
use gotong_formats::misp::{CLUSTER_TYPES, cluster_of};
use serde_json::{Value, json};

use super::ask::Ask;
use super::json::{Json, text, uuid_from};
use super::place;
use super::reply::{Reply, Stop};
use super::search::filter::is_like;

/// Records that one question reads.
const READ_MAX: usize = 20_000;

pub(super) fn route(node: &Node, ask: &Ask) -> Result<Reply, Stop> {
    match (ask.arg(0), ask.arg(1), ask.arg(2)) {
        ("galaxies", "index" | "", _) => index(node, ask),
        ("galaxies", "view", key) => galaxy(node, ask, key),
        ("galaxyclusters", "index", key) => clusters_of(node, ask, key),
        ("galaxyclusters", "view", key) => cluster(node, ask, key),
        // A MISP asks for the clusters that were made on an instance; those of records travel in events.
        ("galaxyclusters", "restsearch", _) => Ok(Reply::json(&json!({"response": []}))),
        (
            _,
            "add"
            | "edit"
            | "delete"
            | "publish"
            | "unpublish"
            | "update"
            | "import"
            | "pushcluster"
            | "attachcluster"
            | "attachmultipleclusters"
            | "detach"
            | "restore"
            | "toggle",
            _,
        ) => Err(Stop::forbidden(
            "Galaxies and clusters are not made or changed here.",
            json!(
                "Publish a STIX threat-actor, malware, attack-pattern or the like at /api/v1/, or send the cluster in Galaxy of an event: what is a record here is a cluster."
            ),
        )),
        _ => Err(super::about::not_here(ask)),
    }
}

/// Clusters by galaxy, and whether there are more than were read.
fn all(node: &Node, ask: &Ask) -> Result<(BTreeMap<String, Vec<Json>>, bool), Stop> {
    let mut galaxies: BTreeMap<String, Vec<Json>> = BTreeMap::new();
    let (mut met, mut read) = (HashSet::new(), 0_usize);
    for object_type in CLUSTER_TYPES {
        let mut query = Query { object_type: Some(object_type.to_owned()), ..Query::default() };
        loop {
            let page = view::list(node, ask.caller(), &query)?;
            for record in page.rows {
                read += 1;
                if read > READ_MAX {
                    return Ok((galaxies, true));
                }
                if !record.is_newest || !met.insert(record.id.clone()) {
                    continue;
                }
                let Some(mut cluster) = cluster_of(&record.body) else { continue };
                cluster.insert("tlp".into(), json!(record.label.to_string()));
                cluster.insert("author".into(), json!(record.author.to_string()));
                galaxies.entry(text(&cluster, "type").to_owned()).or_default().push(cluster);
            }
            match page.next {
                Some(next) => query.after = Some(next),
                None => break,
            }
        }
    }
    Ok((galaxies, false))
}

fn galaxy_head(kind: &str) -> Value {
    let uuid = uuid_from(&["galaxy", kind]);
    json!({
        "id": view::number_of(&uuid).to_string(), "uuid": uuid, "name": kind, "type": kind,
        "description": format!("Clusters of {kind} that are records here"), "version": "1", "icon": "globe", "namespace": "gotong",
        "enabled": true, "local_only": false, "kill_chain_order": null,
    })
}

fn is_galaxy(kind: &str, key: &str) -> bool {
    let head = galaxy_head(kind);
    ["id", "uuid", "type"]
        .iter()
        .any(|name| head.get(name).and_then(Value::as_str).is_some_and(|said| said.eq_ignore_ascii_case(key)))
}

/// A cluster as MISP shows it.
fn dressed(node: &Node, kind: &str, cluster: &Json) -> Value {
    let head = galaxy_head(kind);
    let uuid = text(cluster, "uuid");
    let id = view::number_of(&format!("cluster {uuid}")).to_string();
    let mut elements: Vec<Value> = vec![json!({"key": "tlp", "value": text(cluster, "tlp")})];
    for (key, values) in cluster.get("meta").and_then(Value::as_object).into_iter().flatten() {
        let values = values.as_array().map_or_else(|| std::slice::from_ref(values), Vec::as_slice);
        elements.extend(values.iter().filter(|one| one.is_string()).map(|one| json!({"key": key, "value": one})));
    }
    let numbered = elements.into_iter().enumerate().map(|(at, mut one)| {
        if let Some(one) = one.as_object_mut() {
            one.insert("id".into(), json!((at + 1).to_string()));
            one.insert("galaxy_cluster_id".into(), json!(id));
        }
        one
    });
    let own = place::organisation(node, &node.member);
    json!({
        "id": id, "uuid": uuid, "collection_uuid": "", "type": kind, "value": text(cluster, "value"), "tag_name": text(cluster, "tag_name"),
        "description": text(cluster, "description"), "galaxy_id": head.get("id"), "source": text(cluster, "author"), "authors": [text(cluster, "author")],
        // What a label says goes with the record; a MISP is not to pass the cluster on by itself.
        "version": "1", "distribution": "0", "sharing_group_id": null, "org_id": own.get("id"), "orgc_id": own.get("id"), "default": true,
        "locked": true, "extends_uuid": "", "extends_version": "0", "published": false, "deleted": false,
        "GalaxyElement": numbered.collect::<Vec<_>>(), "GalaxyClusterRelation": [], "Galaxy": head,
    })
}

fn with_more(value: &Value, more: bool) -> Reply {
    let reply = Reply::json(value);
    if more { reply.with("gotong-more", "true") } else { reply }
}

fn index(node: &Node, ask: &Ask) -> Result<Reply, Stop> {
    let wanted = ask.word("value").unwrap_or_default().to_lowercase();
    let (all, more) = all(node, ask)?;
    let found = all.keys().filter(|kind| kind.to_lowercase().contains(&wanted));
    Ok(with_more(&found.map(|kind| json!({"Galaxy": galaxy_head(kind)})).collect(), more))
}

fn galaxy(node: &Node, ask: &Ask, key: &str) -> Result<Reply, Stop> {
    let (all, more) = all(node, ask)?;
    let (kind, clusters) = all.iter().find(|(kind, _)| is_galaxy(kind, key)).ok_or_else(|| Stop::absent("galaxy"))?;
    let clusters: Vec<Value> = clusters.iter().map(|one| dressed(node, kind, one)).collect();
    Ok(with_more(&json!({"Galaxy": galaxy_head(kind), "GalaxyCluster": clusters}), more))
}

fn clusters_of(node: &Node, ask: &Ask, key: &str) -> Result<Reply, Stop> {
    let context = ask.word("context").unwrap_or_default();
    if !matches!(context.as_str(), "" | "all" | "default") {
        return Err(Stop::unfit(
            format!("Invalid context {context:?}."),
            json!({"context": ["is all or default: no cluster was made on this instance"]}),
        ));
    }
    let wanted = ask.word("searchall").unwrap_or_default().to_lowercase();
    let (all, more) = all(node, ask)?;
    let (kind, clusters) = all.iter().find(|(kind, _)| is_galaxy(kind, key)).ok_or_else(|| Stop::absent("galaxy"))?;
    let has = |one: &&Json| {
        let says = |name: &str| text(one, name).to_lowercase();
        ["value", "description", "uuid"]
            .iter()
            .any(|name| says(name).contains(&wanted) || is_like(&says(name), &wanted))
    };
    let found = clusters.iter().filter(has).map(|one| json!({"GalaxyCluster": dressed(node, kind, one)}));
    Ok(with_more(&found.collect(), more))
}

fn cluster(node: &Node, ask: &Ask, key: &str) -> Result<Reply, Stop> {
    let (all, _) = all(node, ask)?;
    let is_meant = |one: &Json| {
        let uuid = text(one, "uuid");
        uuid.eq_ignore_ascii_case(key) || view::number_of(&format!("cluster {uuid}")).to_string() == key
    };
    let found = all.iter().find_map(|(kind, list)| Some((kind, list.iter().find(|one| is_meant(one))?)));
    let (kind, one) = found.ok_or_else(|| Stop::absent("galaxy cluster"))?;
    Ok(Reply::json(&json!({"GalaxyCluster": dressed(node, kind, one)})))
}
