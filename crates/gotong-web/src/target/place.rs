//! Which collection of a server is meant, whether it may be written to, and how much it takes at once: from discovery, an API root or the collection's own address.
//!
//! Must not go on with a collection that does not say `can_write`. Read next: `push.rs`.

use serde_json::Value;

use super::{Job, RunFault, Told};
use crate::outward::guard::Target as Address;

/// Collections told of where the right one must be named.
const TOLD_MAX: usize = 20;
/// Bytes of one envelope, whatever a server would take.
const ENVELOPE_BYTES_MAX: u64 = 4 << 20;

/// A collection that may be written to.
pub(super) struct Place {
    root: Address,
    id: String,
    /// Bytes of one envelope.
    pub(super) bytes_max: usize,
}

impl Place {
    /// Where objects are added.
    pub(super) fn objects(&self, job: &Job) -> Result<Address, RunFault> {
        below(job, &self.root, &format!("collections/{}/objects/", self.id))
    }

    /// Where one object is taken back, in all its versions.
    pub(super) fn object(&self, job: &Job, id: &str) -> Result<Address, RunFault> {
        let mut address = below(job, &self.root, &format!("collections/{}/objects/{id}/", self.id))?;
        address.url.query_pairs_mut().append_pair("match[version]", "all");
        Ok(address)
    }

    /// Where is told what became of what was sent.
    pub(super) fn status(&self, job: &Job, id: &str) -> Result<Address, RunFault> {
        below(job, &self.root, &format!("status/{id}/"))
    }
}

/// Whether a text of a server may stand in an address: whatever is no plain word would lead elsewhere.
pub(super) fn is_word(text: &str) -> bool {
    (1..=128).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// Another path of the same server, below its API root.
fn below(job: &Job, root: &Address, path: &str) -> Result<Address, RunFault> {
    let path = format!("{}/{path}", root.url.path().trim_end_matches('/'));
    root.redirected(&path).map_err(|refusal| job.fault(&refusal.into()))
}

/// Finds it.
pub(super) async fn find(job: &Job, told: &mut Told) -> Result<Place, RunFault> {
    let given = job.address()?;
    let path = given.url.path().to_owned();
    let (root, about, collection) = if let Some((root, rest)) = path.split_once("/collections/") {
        let id = rest.split('/').next().unwrap_or_default().to_owned();
        let root = given.redirected(&format!("{root}/")).map_err(|refusal| job.fault(&refusal.into()))?;
        // A server may keep its root closed to those who only write to a collection.
        let about = match job.describe(root.clone()).await {
            Err(fault) if matches!(fault.status, Some(401 | 403 | 404)) => Value::Null,
            about => about?,
        };
        if !is_word(&id) {
            return Err(RunFault::new("target.collection", "the address names no collection: correct it"));
        }
        let about_it = job.describe(below(job, &root, &format!("collections/{id}/"))?).await?;
        (root, about, about_it)
    } else {
        let (root, about) = root_of(job, given).await?;
        let list = job.describe(below(job, &root, "collections/")?).await?;
        let list = list.get("collections").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        (root, about, choose(list, job.target().collection.as_deref())?.clone())
    };
    let id = collection.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
    if collection.get("can_write").and_then(Value::as_bool) != Some(true) || !is_word(&id) {
        return Err(RunFault::new(
            "target.read-only",
            "the server does not let this node write to the collection: ask whoever runs it for that right",
        ));
    }
    let most = about.get("max_content_length").and_then(Value::as_u64);
    if most.is_none() {
        tracing::debug!(target = %job.target().name, "the server does not say how much it takes at once");
    }
    if most == Some(0) {
        told.note("target.max-content-length", "the server says that it takes nothing at all; it is tried anyway");
    }
    let most = most.filter(|most| *most > 0).unwrap_or(ENVELOPE_BYTES_MAX).min(ENVELOPE_BYTES_MAX);
    Ok(Place { root, id, bytes_max: usize::try_from(most).unwrap_or(usize::MAX) })
}

/// The API root that is meant, and what it says of itself.
async fn root_of(job: &Job, given: Address) -> Result<(Address, Value), RunFault> {
    let about = job.describe(given.clone()).await?;
    let Some(roots) = about.get("api_roots").and_then(Value::as_array) else { return Ok((given, about)) };
    let default = about.get("default").and_then(Value::as_str);
    let root = default.or_else(|| roots.first()?.as_str());
    let root = root.ok_or_else(|| RunFault::new("target.no-root", "the server names no API root"))?;
    let root = given.redirected(root).map_err(|refusal| job.fault(&refusal.into()))?;
    let about = job.describe(root.clone()).await?;
    Ok((root, about))
}

/// The collection that is meant: the one named, or the only one that may be written to.
fn choose<'a>(list: &'a [Value], named: Option<&str>) -> Result<&'a Value, RunFault> {
    let text = |one: &Value, name: &str| one.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let may_write = |one: &&Value| one.get("can_write").and_then(Value::as_bool) == Some(true);
    let found: Vec<&Value> = match named {
        // One that is named and closed is refused by its own reason.
        Some(named) => {
            list.iter().filter(|one| ["id", "alias", "title"].iter().any(|name| text(one, name) == named)).collect()
        }
        None => list.iter().filter(may_write).collect(),
    };
    if let [one] = found.as_slice() {
        return Ok(one);
    }
    if !list.iter().any(|one| may_write(&one)) {
        return Err(RunFault::new(
            "target.read-only",
            "the server has no collection that this node may write to: ask whoever runs it for that right",
        ));
    }
    let names: Vec<String> = list
        .iter()
        .filter(may_write)
        .take(TOLD_MAX)
        .map(|one| text(one, "title").chars().filter(|c| !c.is_control()).take(100).collect())
        .collect();
    let text = "the collection must be named, by id, alias or title; this server lets one write to:";
    Err(RunFault::new("target.collection", format!("{text} {}", names.join(", "))))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_collection_is_chosen_by_name_or_because_it_is_the_only_one_to_write_to() {
        let list = [
            json!({"id": "a", "title": "Ours", "alias": "ours", "can_write": true}),
            json!({"id": "b", "title": "Closed", "can_write": false}),
        ];
        let chosen =
            |list: &[Value], named| choose(list, named).map(|one| one["id"].clone()).map_err(|fault| fault.note.id);
        for named in [None, Some("a"), Some("ours"), Some("Ours")] {
            assert_eq!(chosen(&list, named), Ok(json!("a")), "{named:?}");
        }
        assert_eq!(chosen(&list, Some("Closed")), Ok(json!("b")), "which is refused by its own reason");
        assert_eq!(chosen(&list, Some("Other")), Err("target.collection".to_owned()));
        let two = [list[0].clone(), json!({"id": "c", "title": "Other", "can_write": true})];
        assert_eq!(chosen(&two, None), Err("target.collection".to_owned()));
        assert_eq!(chosen(&[], None), Err("target.read-only".to_owned()));
        assert_eq!(chosen(&list[1..], None), Err("target.read-only".to_owned()));
    }

    #[test]
    fn what_leads_elsewhere_is_no_word() {
        assert!(is_word("91a7b528-80eb-42ed-a74d-c6fbd5a26116"));
        for odd in ["", "../admin", "a/b", "a?b", "a#b", "%2e%2e", &"a".repeat(129)] {
            assert!(!is_word(odd), "{odd}");
        }
    }
}
