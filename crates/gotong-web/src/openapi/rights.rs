//! Which rights each operation asks for, as the API's document says it to people and generated clients. What is said here does not decide: the doors in
//! `api/who.rs` do, and a test asks every operation with every role whether the two agree. Read next: `gotong_app::role`, the table of roles.

use gotong_app::role::{ROLES, Right, Role};
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::SecurityRequirement;

/// What an operation asks for: every right of the list. `None`: nobody has said.
pub(crate) fn needed(method: &str, path: &str) -> Option<&'static [Right]> {
    use Right::{
        Answer, Audit, Documents, Operate, Organisations, Oversee, Publish, Read, Release, Sources, Tokens,
        Warninglists, Webhooks, Withdraw,
    };
    let path = path.strip_prefix("/api/v1/").unwrap_or(path);
    let rights: &[Right] = match (method, path) {
        (
            "get",
            "channels"
            | "channels/{channel}"
            | "lookup"
            | "atom"
            | "events"
            | "records"
            | "records/{id}"
            | "records/{id}/related"
            | "records/{id}/sightings"
            | "records/{id}/worth"
            | "search"
            | "sightings"
            | "suggest",
        )
        | ("post", "lookup" | "preview")
        | (_, "searches" | "searches/{name}" | "searches/{name}/records") => &[Read],
        (
            "post",
            "channels/{channel}/records" | "channels/{channel}/records/bulk" | "channels/{channel}/records/preview",
        ) => &[Read, Publish],
        ("post", "channels/{channel}/withdraw") => &[Read, Withdraw],
        ("post", "channels/{channel}/relabel") => &[Read, Oversee, Withdraw],
        ("get", "quarantine" | "quarantine/{number}") => &[Read, Oversee, Publish],
        ("post", "quarantine/{number}/release") | ("delete", "quarantine/{number}") => &[Read, Oversee, Release],
        ("post", "duties/{id}/done") => &[Read, Oversee, Answer],
        ("post", "documents" | "what-if") => &[Read, Oversee, Documents],
        ("get", "documents" | "evidence" | "register" | "logs/verify" | "archive") => &[Read, Oversee, Audit],
        (_, "organisations" | "organisations/{code}") => &[Read, Oversee, Organisations],
        ("put", "warninglists") | ("post", "warninglists/rules") | ("delete", "warninglists/{number}") => {
            &[Read, Oversee, Warninglists]
        }
        (_, path) if path == "sources" || path.starts_with("sources/") => &[Read, Oversee, Sources],
        (_, path) if path == "targets" || path.starts_with("targets/") => &[Read, Oversee, Sources],
        (_, path) if path == "webhooks" || path.starts_with("webhooks/") => &[Read, Oversee, Webhooks],
        (_, "tokens" | "tokens/{id}") => &[Read, Oversee, Tokens],
        (_, path) if path == "users" || path.starts_with("users/") => &[Read, Oversee, Tokens],
        ("post", "exercise-data") => &[Read, Oversee, Publish],
        ("delete", "exercise-data") => &[Read, Oversee, Withdraw],
        ("post", "rebuild") => &[Read, Oversee, Operate],
        // What only reads is for all of the staff, and for nobody who is served.
        ("get", _) | ("post", "warninglists/check") => &[Read, Oversee],
        _ => return None,
    };
    Some(rights)
}

/// Writes it into the document: as security requirements, and as a sentence with the roles.
pub(crate) fn tell(method: &str, path: &str, operation: &mut Operation) {
    let Some(rights) = needed(method, path) else { return };
    let names: Vec<&str> = rights.iter().map(|right| right.as_str()).collect();
    let schemes = ["bearer", "basic"];
    operation.security = Some(schemes.iter().map(|scheme| SecurityRequirement::new(*scheme, names.clone())).collect());
    let roles: Vec<&str> = ROLES
        .iter()
        .filter(|role| rights.iter().all(|right| role.may(*right)))
        .map(|role: &Role| role.as_str())
        .collect();
    let rights: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    let roles = if roles.len() == ROLES.len() { "all".to_owned() } else { roles.join(", ") };
    let sentence = format!("Needs {}. Roles: {roles}.", rights.join(", "));
    let description = operation.description.take().filter(|text| !text.is_empty());
    operation.description = Some(description.map_or_else(|| sentence.clone(), |text| format!("{text}\n\n{sentence}")));
}
