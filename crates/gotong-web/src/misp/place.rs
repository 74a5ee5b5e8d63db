//! Where an event goes, and the channels as MISP's sharing groups: one for each channel that the caller may read, with the channel's audience as organisations.
//!
//! Must not widen anything: what MISP keeps to an organisation or a sharing group goes to the house or to that channel, or nowhere. Read next: `save.rs`.

use gotong_app::caller::Caller;
use gotong_app::view::{self, ChannelView};
use gotong_app::{Node, NodeFault};
use gotong_model::governance::ChannelKind;
use gotong_model::{ChannelId, MemberCode};
use serde_json::{Value, json};

use super::ask::Ask;
use super::json::{Json, uuid_from, word};
use super::reply::Stop;

/// The channels of real traffic that this caller may read: these are the sharing groups.
pub(super) fn channels(node: &Node, caller: &Caller) -> Result<Vec<ChannelView>, NodeFault> {
    let mut channels = view::channels(node, caller)?;
    channels.retain(|channel| !channel.is_governance && !channel.exercise);
    Ok(channels)
}

/// A member state as an organisation of MISP.
pub(super) fn organisation(node: &Node, member: &MemberCode) -> Json {
    let governance = node.governance();
    let name = governance
        .charter
        .members
        .get(member)
        .and_then(|member| member.name.get("en").or_else(|| member.name.values().next()).cloned());
    let name = name.unwrap_or_else(|| member.to_string().to_uppercase());
    named(&name, &uuid_from(&["member", &governance.region.to_string(), member.as_str()]))
}

/// The organisation that this caller speaks for.
pub(super) fn organisation_of(node: &Node, caller: &Caller) -> Json {
    let code = caller.constituent.as_ref().map(ToString::to_string).or_else(|| caller.organisation.clone());
    let Some(code) = code else { return organisation(node, &node.member) };
    let region = node.governance().region.to_string();
    named(&code, &uuid_from(&["organisation", &region, node.member.as_str(), &code]))
}

fn named(name: &str, uuid: &str) -> Json {
    let mut organisation = Json::new();
    organisation.insert("id".into(), json!(view::number_of(uuid).to_string()));
    organisation.insert("name".into(), json!(name));
    organisation.insert("uuid".into(), json!(uuid));
    organisation
}

/// The number of a channel as a sharing group.
pub(super) fn group_number(channel: &ChannelId) -> String {
    view::number_of(&view::collection_id(channel)).to_string()
}

/// A channel as a sharing group.
pub(super) fn sharing_group(node: &Node, channel: &ChannelView) -> Value {
    let uuid = view::collection_id(&channel.id);
    let id = group_number(&channel.id);
    let own = organisation(node, &node.member);
    let organisations: Vec<Value> = channel
        .audience
        .iter()
        .map(|member| {
            let organisation = self::organisation(node, member);
            json!({"id": organisation.get("id"), "sharing_group_id": id, "org_id": organisation.get("id"), "extend": false, "Organisation": organisation})
        })
        .collect();
    let up_to = channel.ceiling.as_str().to_uppercase();
    json!({
        "SharingGroup": {
            "id": id, "uuid": uuid, "name": channel.handle, "description": channel.purpose,
            "releasability": format!("The parties of {}, up to TLP:{up_to}", channel.handle),
            "roaming": false, "active": channel.in_force, "local": true, "org_id": own.get("id"), "sync_user_id": "0",
            "organisation_uuid": own.get("uuid"), "created": channel.from.to_string(), "modified": channel.from.to_string(),
        },
        "Organisation": own,
        "SharingGroupOrg": organisations,
        "SharingGroupServer": [],
        "editable": false,
        "deletable": false,
        "may_publish": channel.may_publish,
    })
}

/// The sharing group with this number, UUID or name.
pub(super) fn group<'c>(channels: &'c [ChannelView], key: &str) -> Option<&'c ChannelView> {
    channels.iter().find(|channel| {
        let uuid = view::collection_id(&channel.id);
        channel.handle == key || uuid.eq_ignore_ascii_case(key) || group_number(&channel.id) == key
    })
}

/// The channel that an event goes to.
pub(super) fn of_event(node: &Node, ask: &Ask, event: &Json) -> Result<ChannelId, Stop> {
    let channels = channels(node, ask.caller())?;
    let governance = node.governance();
    let kind = |channel: &&ChannelView| governance.channel(&channel.id).map(|channel| channel.kind);
    let open: Vec<&ChannelView> = channels.iter().filter(|channel| channel.may_publish).collect();
    let house: Vec<&ChannelView> = open
        .iter()
        .filter(|channel| matches!(kind(channel), Some(ChannelKind::House | ChannelKind::Own)))
        .copied()
        .collect();
    let shared: Vec<&ChannelView> =
        open.iter().filter(|channel| kind(channel) == Some(ChannelKind::Standing)).copied().collect();
    match word(event, "distribution").as_str() {
        "4" => named_group(&channels, event),
        "0" => match house.as_slice() {
            [only] => Ok(only.id),
            [] => Err(Stop::forbidden(
                "Distribution 0 keeps an event within your organisation, and there is no channel of your own house that you may publish in.",
                json!(
                    "Choose a sharing group (distribution 4 and its sharing_group_id), or have a house rule made that opens a channel of your own."
                ),
            )),
            several => {
                Err(choose("Distribution 0 keeps an event within your own house, which has several channels.", several))
            }
        },
        "" | "1" | "2" | "3" => {
            if let [only] = shared.as_slice() {
                return Ok(only.id);
            }
            let named = ask.channel.as_deref().and_then(|name| shared.iter().find(|channel| channel.handle == name));
            match named {
                Some(channel) => Ok(channel.id),
                None if shared.is_empty() => Err(Stop::forbidden(
                    "There is no channel of an agreement that you may publish in.",
                    json!(
                        "Ask whoever makes tokens here for the right to publish, or choose a sharing group that says may_publish."
                    ),
                )),
                None => Err(choose("Several channels could be meant.", &shared)),
            }
        }
        other => Err(Stop::unfit(
            "Event could not be saved: distribution is 0 to 4.",
            json!({"distribution": [format!("{other:?} is no distribution of an event: 0 to 4")]}),
        )),
    }
}

fn named_group(channels: &[ChannelView], event: &Json) -> Result<ChannelId, Stop> {
    let inner = event.get("SharingGroup").and_then(Value::as_object);
    let key = word(event, "sharing_group_id");
    let uuid = inner.map(|group| word(group, "uuid")).unwrap_or_default();
    let found = group(channels, &uuid).or_else(|| group(channels, &key).filter(|_| !key.is_empty()));
    match found {
        Some(channel) if channel.may_publish => Ok(channel.id),
        Some(channel) => Err(Stop::forbidden(
            format!("You may read {} and not publish in it.", channel.handle),
            json!("Choose a sharing group that says may_publish."),
        )),
        None => {
            let open: Vec<&ChannelView> = channels.iter().filter(|channel| channel.may_publish).collect();
            Err(choose("Invalid sharing group: there is none with this id, or none that you may see.", &open))
        }
    }
}

fn choose(message: &str, channels: &[&ChannelView]) -> Stop {
    let list: Vec<Value> = channels
        .iter()
        .map(|channel| {
            let uuid = view::collection_id(&channel.id);
            json!({"sharing_group_id": view::number_of(&uuid).to_string(), "uuid": uuid, "name": channel.handle})
        })
        .collect();
    let next = "Send distribution 4 with the sharing_group_id of one of these, or have [misp] channel set in the node's configuration.";
    Stop::forbidden(format!("{message} {next}"), json!({"sharing_groups": list}))
}

/// Takes out what may not go where the event goes: what is for another sharing group, or for the sender's organisation alone where the event is not. Each by name.
pub(super) fn keep_apart(
    node: &Node,
    ask: &Ask,
    event: &mut Json,
    channel: &ChannelId,
) -> Result<Vec<Value>, NodeFault> {
    let channels = channels(node, ask.caller())?;
    let is_house = word(event, "distribution") == "0";
    let meant = channels.iter().find(|one| one.id == *channel);
    let fits = |record: &Json| match word(record, "distribution").as_str() {
        "0" => is_house,
        "4" => {
            let uuid = record.get("SharingGroup").and_then(Value::as_object).map(|group| word(group, "uuid"));
            let keys = [uuid.unwrap_or_default(), word(record, "sharing_group_id")];
            keys.iter().any(|key| !key.is_empty() && group(&channels, key).map(|one| one.id) == meant.map(|one| one.id))
        }
        _ => true,
    };
    let mut out = Vec::new();
    let mut sift = |record: &mut Json, name: &str| {
        let Some(items) = record.get_mut(name).and_then(Value::as_array_mut) else { return };
        items.retain(|item| {
            let Some(one) = item.as_object() else { return true };
            let stays = fits(one);
            if !stays {
                let text = format!(
                    "{name} {} has a narrower distribution than the event and was not taken",
                    word(one, "uuid")
                );
                out.push(json!({"id": "misp.distribution", "text": text}));
            }
            stays
        });
    };
    for name in ["Attribute", "Object", "EventReport"] {
        sift(event, name);
    }
    for object in event.get_mut("Object").and_then(Value::as_array_mut).into_iter().flatten() {
        if let Some(object) = object.as_object_mut() {
            sift(object, "Attribute");
        }
    }
    Ok(out)
}
