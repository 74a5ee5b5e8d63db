//! The API as OpenAPI 3.1: paths and shapes from the handlers themselves, and what all of them share. `openapi/v1.json` is this document, checked in.

mod rights;

use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{ComponentsBuilder, InfoBuilder, LicenseBuilder, OpenApi, Ref, RefOr, ResponseBuilder};
use utoipa::{PartialSchema, ToSchema};

use crate::problem::ProblemDocument;
use crate::server;

const ABOUT: &str = "Sharing between national CERTs: what a node takes and gives over HTTP.

Records are STIX 2.1 objects, kept and answered byte for byte. Errors are problems after RFC 9457, each explained at its `type`. Lists have cursors that \
count for one token only. Times are RFC 3339 in UTC. A write answers a `Gotong-Position`; a read with `after` waits until it shows that write. Writes take an \
`Idempotency-Key`. Bulk endpoints stream NDJSON both ways. Who asks too much gets 429 with `Retry-After`. A token has a role, and a role has rights; each \
operation names those that it needs, and the roles that have them.";

const TAGS: [(&str, &str); 6] = [
    ("publish", "Putting records into this member’s logs, and taking them back"),
    ("read", "What the caller may read: records, look-ups, where they come from"),
    ("channels", "Where records are shared, under which clauses, and who has them"),
    ("quarantine", "What waits for a person before it enters a log"),
    ("logs", "What proves everything else"),
    ("operation", "Running the node"),
];

/// The document.
pub(crate) fn api() -> OpenApi {
    let mut api = server::document();
    api.info = InfoBuilder::new()
        .title("Gotong")
        .version("1")
        .description(Some(ABOUT))
        .license(Some(LicenseBuilder::new().name("Apache-2.0").identifier(Some("Apache-2.0")).build()))
        .build();
    api.tags = Some(
        TAGS.iter().map(|(name, about)| TagBuilder::new().name(*name).description(Some(*about)).build()).collect(),
    );
    let mut schemas = Vec::new();
    ProblemDocument::schemas(&mut schemas);
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some("An API token")).build();
    let basic =
        HttpBuilder::new().scheme(HttpAuthScheme::Basic).description(Some("Any user, the token as password")).build();
    let components = api.components.take().unwrap_or_default();
    let mut components = ComponentsBuilder::from(components)
        .schema(ProblemDocument::name(), ProblemDocument::schema())
        .security_scheme("bearer", SecurityScheme::Http(bearer))
        .security_scheme("basic", SecurityScheme::Http(basic));
    for (name, schema) in schemas {
        components = components.schema(name, schema);
    }
    api.components = Some(components.build());
    let none: [&str; 0] = [];
    api.security = Some(vec![SecurityRequirement::new("bearer", none), SecurityRequirement::new("basic", none)]);
    for (path, item) in &mut api.paths.paths {
        let operations =
            [("get", &mut item.get), ("post", &mut item.post), ("put", &mut item.put), ("delete", &mut item.delete)];
        for (method, operation) in operations {
            if let Some(operation) = operation {
                operation.operation_id = Some(operation_id(method, path));
                add_problem(operation);
                rights::tell(method, path, operation);
            }
        }
    }
    api
}

/// A name for generated clients: `get_channels_channel_explain`. Names of handlers would come twice.
fn operation_id(method: &str, path: &str) -> String {
    let path = path.strip_prefix("/api/v1/").unwrap_or(path);
    let parts = path.split('/').map(|part| part.trim_matches(['{', '}']));
    std::iter::once(method).chain(parts).collect::<Vec<_>>().join("_")
}

/// Any operation may answer a problem.
fn add_problem(operation: &mut Operation) {
    let problem = Ref::from_schema_name(ProblemDocument::name());
    let content = ContentBuilder::new().schema(Some(problem)).build();
    let response = ResponseBuilder::new().description("A problem").content("application/problem+json", content).build();
    operation.responses.responses.entry("default".to_owned()).or_insert(RefOr::T(response));
}

/// The document as it is checked in: pretty JSON with a last newline.
pub fn document() -> String {
    let mut text = api().to_pretty_json().unwrap_or_default();
    text.push('\n');
    text
}
