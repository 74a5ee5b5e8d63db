//! What a channel is called as a collection: a UUID that follows from the channel's id, so that it is the same on every node and after every restart.
//!
//! Must not tell whether a collection that the caller may not read is there. Read next: `caller.rs`.

use gotong_model::ChannelId;

use crate::caller::Caller;
use crate::node::Node;

/// The UUID of a channel's collection: the beginning of its id, with the marks of version 4.
pub fn collection_id(channel: &ChannelId) -> String {
    uuid_4(channel.as_bytes().first_chunk::<16>().copied().unwrap_or_default())
}

/// Sixteen bytes as a UUID with the marks of version 4 (RFC 9562).
pub(crate) fn uuid_4(bytes: [u8; 16]) -> String {
    let mut out = String::with_capacity(36);
    for (at, byte) in bytes.into_iter().enumerate() {
        let byte = match at {
            6 => (byte & 0x0f) | 0x40,
            8 => (byte & 0x3f) | 0x80,
            _ => byte,
        };
        if matches!(at, 4 | 6 | 8 | 10) {
            out.push('-');
        }
        for digit in [byte >> 4, byte & 15] {
            out.extend(char::from_digit(u32::from(digit), 16));
        }
    }
    out
}

/// The channel of a collection, by its UUID or by the channel's handle, if the caller may know of it. Where governance travels there are no objects.
pub fn collection_channel(node: &Node, caller: &Caller, name: &str) -> Option<ChannelId> {
    let governance = node.governance();
    let named = |channel: ChannelId| (collection_id(&channel) == name).then_some(channel);
    let listed = || governance.channels().find_map(|channel| named(channel.id));
    let own = || match &caller.constituent {
        Some(code) => governance.channels_of(code).into_iter().find_map(|channel| named(channel.id)),
        None => governance.own_channels().find_map(|channel| named(channel.id)),
    };
    let found = if name.contains('/') { None } else { listed().or_else(own) };
    let channel = match found {
        Some(channel) => caller.channel(node, &channel.to_string())?,
        None => caller.channel(node, name)?,
    };
    governance.channel(&channel).filter(|channel| !channel.kind.is_governing()).map(|channel| channel.id)
}
