//! Exercise data over the API: marked as an exercise, refused where there is no channel for them, and nothing of them is served to an organisation.

use super::door::Door;
use super::roles::serving;

const PATH: &str = "/api/v1/exercise-data";

#[tokio::test]
async fn without_a_channel_for_exercises_it_is_refused_and_not_marked() {
    let door = serving(611).await;
    let token = door.token(true, true, None);
    let state = door.get(PATH, &token).await;
    assert_eq!(state.expect(200, "").json()["loaded"], 0);
    assert!(state.json()["channel"].is_null() && state.header("gotong-exercise").is_empty());
    let refused = door.post(PATH, &token, "").await;
    assert_eq!(refused.expect(422, "refused").json()["errors"][0]["id"], "exercise.no-channel");
    assert!(refused.header("gotong-exercise").is_empty());
    let removed = door.delete(PATH, &token).await;
    assert_eq!(removed.expect(200, "").json()["objects"], 0);
    door.stop().await;
}

#[tokio::test]
async fn who_may_not_publish_loads_nothing_and_who_may_not_withdraw_removes_nothing() {
    let door = Door::open(612).await;
    let (reader, operator) = (door.token(false, false, None), door.token(false, true, None));
    for token in [&reader, &operator] {
        door.get(PATH, token).await.expect(200, "");
        door.post(PATH, token, "").await.expect(403, "forbidden");
        door.delete(PATH, token).await.expect(403, "forbidden");
    }
    door.get(PATH, "").await.expect(401, "unauthenticated");
    door.stop().await;
}
