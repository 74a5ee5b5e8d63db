//! `Gotong-Position`: how far the node had come when it answered a write, sealed for the caller, so that a later read can insist on
//! having come at least as far. Positions of a restored store do not open, which its readers notice.

use std::time::Duration;

use axum::http::HeaderValue;
use axum::http::header::HeaderName;
use axum::response::Response;
use gotong_app::Node;
use gotong_app::caller::Caller;

use super::Web;
use crate::problem::{Problem, table};

/// The header.
const HEADER: HeaderName = HeaderName::from_static("gotong-position");
const PURPOSE: &str = "position";
/// How long a read waits for the views.
const WAIT: Duration = Duration::from_secs(5);
const STEP: Duration = Duration::from_millis(100);

impl Web {
    /// The position up to which everything is in the store now, sealed for the caller.
    pub(crate) async fn position(&self, caller: &Caller) -> Result<String, Problem> {
        let key = self.node.positions_of(&caller.id);
        let head = self.run(Node::position).await?;
        Ok(key.seal(PURPOSE, u128::from(head), self.node.entropy()))
    }

    /// Adds the position to the answer of a write. The write stands whatever becomes of this.
    pub(crate) async fn add_position(&self, caller: &Caller, response: &mut Response) {
        let sealed = self.position(caller).await.unwrap_or_default();
        if let Ok(value) = HeaderValue::from_str(&sealed) {
            response.headers_mut().insert(HEADER, value);
        }
    }

    /// Whether this is a position of a write, and no cursor of a list.
    pub(crate) fn is_position(&self, caller: &Caller, sealed: &str) -> bool {
        self.node.positions_of(&caller.id).open(PURPOSE, sealed).is_some()
    }

    /// Waits until the views hold everything up to a position. Usually they do at once: only a rebuild leaves them behind.
    pub(crate) async fn reach(&self, caller: &Caller, sealed: Option<&str>) -> Result<(), Problem> {
        let Some(sealed) = sealed else { return Ok(()) };
        let wanted = self.node.positions_of(&caller.id).open(PURPOSE, sealed).ok_or_else(|| {
            Problem::of(&table::BAD_PARAMETER)
                .saying("the position was made for another token, or before the node was restored")
        })?;
        let deadline = tokio::time::Instant::now() + WAIT;
        let mut rings = self.bell.listen();
        loop {
            let (head, lag) =
                self.run(|node| Ok::<_, gotong_app::NodeFault>((node.position()?, node.projection_lag()?))).await?;
            if u128::from(head.saturating_sub(lag)) >= wanted {
                return Ok(());
            }
            if tokio::time::Instant::now() >= deadline {
                return Err(Problem::of(&table::BEHIND).retry_after_s(2));
            }
            // The projector rings when it has come further; a ring that is missed costs a step.
            let _ = tokio::time::timeout(STEP, rings.changed()).await;
        }
    }
}
