//! The charter's page: who belongs to the region, whose key is whose, and who may change it; the file that signing needs.

use gotong_app::role::Role;
use gotong_crypto::text;
use gotong_model::governance::Governance;

use crate::api::accounts::{get, person};
use crate::api::door::Door;

#[tokio::test]
async fn the_region_its_members_and_their_keys_can_be_read_out() {
    let door = Door::open(331).await;
    let ann = person(&door, "ann", Role::Reader);
    assert_eq!(get(&door, "/charter", "").await.status, 303);
    let page = get(&door, "/charter", &ann).await.expect(200, "").text();
    let governance = door.node.governance();
    assert!(page.contains(&governance.region.to_words()) && page.contains("Simulated region"));
    for (code, member) in &governance.charter.members {
        assert!(page.contains(&format!("<b class=\"code\">{code}</b>")), "{code}");
        assert!(page.contains(&text::words(&member.root_key.to_bytes())), "the words of {code}");
    }
    assert_eq!(page.matches("may change the charter").count(), 3, "three voters: {page}");
    assert!(page.contains("all of them") && page.contains("in force") && page.contains("No member has suspended"));
    // The own node is told from the others.
    assert_eq!(page.matches("tile self").count(), 1);
    door.stop().await;
}

#[tokio::test]
async fn the_charter_as_a_file_is_what_a_command_far_from_any_node_needs() {
    let door = Door::open(332).await;
    let (ann, lia) = (person(&door, "ann", Role::Reader), person(&door, "lia", Role::Liaison));
    assert!(!get(&door, "/charter", &ann).await.text().contains("/charter/documents"));
    get(&door, "/charter/documents", &ann).await.expect(403, "forbidden");
    assert!(get(&door, "/charter", &lia).await.text().contains("/charter/documents"));
    let file = get(&door, "/charter/documents", &lia).await;
    file.expect(200, "");
    assert_eq!(file.header("content-disposition"), "attachment; filename=\"charter.note\"");
    let known = Governance::from_charter(&file.body).unwrap();
    assert_eq!(known.region, door.node.governance().region);
    door.stop().await;
}
