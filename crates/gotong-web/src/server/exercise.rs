//! Marks every good answer about an exercise's channel with `Gotong-Exercise`, so that no client takes it for real. Which channel is asked about stands in the
//! address; whether the caller may know of it has been decided by then.

use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, Uri};
use axum::middleware::Next;
use axum::response::Response;

use crate::api::Web;

const EXERCISE: HeaderName = HeaderName::from_static("gotong-exercise");
const CHANNELS: &str = "/channels/";

/// Goes around the addresses of the API.
pub(super) async fn mark(State(web): State<Web>, request: Request, next: Next) -> Response {
    let channel = channel_of(request.uri());
    let mut response = next.run(request).await;
    if let Some(name) = channel.filter(|_| response.status().is_success()) {
        let governance = web.node.governance();
        if governance.channel_by_name(&name).is_some_and(|channel| channel.channel_type.exercise) {
            response.headers_mut().insert(EXERCISE, HeaderValue::from_static("true"));
        }
    }
    response
}

/// The channel that an address names: in its path, as the parameter `channel`, or as part of a log's origin in the parameter `log`.
fn channel_of(uri: &Uri) -> Option<String> {
    let in_path = uri.path().split_once(CHANNELS).map(|(_, rest)| rest.split('/').next().unwrap_or_default());
    let in_query = |name: &str| uri.query()?.split('&').find_map(|pair| pair.strip_prefix(name));
    let decoded =
        |text: &str| percent_encoding::percent_decode_str(text).decode_utf8().ok().map(std::borrow::Cow::into_owned);
    if let Some(name) = in_path.or_else(|| in_query("channel=")) {
        return decoded(name);
    }
    // `gotong/<region>/<channel>/<member>/<epoch>`.
    decoded(in_query("log=")?)?.split('/').nth(2).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_channel_is_found_in_path_and_parameters() {
        let of = |text: &'static str| channel_of(&Uri::from_static(text));
        assert_eq!(of("/api/v1/channels/rti%2Findicators/records").as_deref(), Some("rti/indicators"));
        assert_eq!(of("/api/v1/channels/rti%2Findicators").as_deref(), Some("rti/indicators"));
        assert_eq!(of("/api/v1/records?limit=5&channel=drill%2Finjects").as_deref(), Some("drill/injects"));
        assert_eq!(of("/api/v1/explain?index=1&log=gotong%2Fr%2Fc%2Fid%2Fe").as_deref(), Some("c"));
        assert_eq!(of("/api/v1/explain?index=1&log=gotong/r/c/id/e").as_deref(), Some("c"));
        assert_eq!(of("/api/v1/explain?index=1&log=x"), None);
        assert_eq!(of("/api/v1/records?limit=5"), None);
        assert_eq!(of("/api/v1/channels"), None);
    }
}
