//! The check of what somebody drops: every object by its own name and values, however many stand in one line.

use gotong_app::role::Role;

use crate::api::accounts::{get, person, post_parts, token_in};
use crate::api::door::{Answer, Door};

async fn drop_in(door: &Door, cookie: &str, fields: &[(&str, &str)]) -> Answer {
    let form = token_in(&get(door, "/share", cookie).await.expect(200, "").text());
    let fields = [fields, &[("form_token", form.as_str())]].concat();
    post_parts(door, "/share", cookie, &fields).await
}

#[tokio::test]
async fn a_text_beside_a_file_is_not_left_behind_in_silence() {
    let door = Door::open(352).await;
    let officer = person(&door, "officer", Role::ReleasingOfficer);
    let file = [("file\"; filename=\"list.txt", "198.51.100.7"), ("channel", "rti/indicators")];
    let both = [&file[..], &[("text", "198.51.100.8")]].concat();
    let page = drop_in(&door, &officer, &both).await.expect(422, "").text();
    assert!(page.contains("share one, then the other") && page.contains("198.51.100.8"), "{page}");
    // Blanks are no text.
    for fields in [file.to_vec(), [&file[..], &[("text", " \r\n")]].concat()] {
        let answer = drop_in(&door, &officer, &fields).await;
        let page = get(&door, answer.header("location"), &officer).await.expect(200, "").text();
        assert!(page.contains("198.51.100.7"), "{page}");
        assert!(page.contains("No warninglist is loaded. So nothing here"), "{page}");
    }
    door.stop().await;
}

#[tokio::test]
async fn each_object_of_an_event_in_one_line_is_told_apart() {
    let door = Door::open(351).await;
    let officer = person(&door, "officer", Role::ReleasingOfficer);
    let event = r#"{"Event":{"uuid":"c1f0d3a4-0000-4000-8000-000000000001","info":"Letters to banks","date":"2026-11-01","timestamp":"1793000000","Tag":[{"name":"tlp:green"}],"Attribute":[
        {"uuid":"c1f0d3a4-0000-4000-8000-000000000002","type":"domain","category":"Network activity","value":"first.example","to_ids":false,"timestamp":"1793000000"},
        {"uuid":"c1f0d3a4-0000-4000-8000-000000000003","type":"sha256","category":"Payload delivery","value":"0000000000000000000000000000000000000000000000000000000000000abc","to_ids":false,"timestamp":"1793000000"}]}}"#
        .replace('\n', "");
    let answer = drop_in(&door, &officer, &[("text", &event), ("channel", "rti/indicators"), ("tlp", "green")]).await;
    let page = get(&door, answer.header("location"), &officer).await.expect(200, "").text();
    // What others made is not asked about: it is theirs to answer for.
    assert!(!page.contains("No warninglist is loaded"), "{page}");
    let rows: Vec<&str> = page.split("<tr><th scope=\"row\">").skip(1).collect();
    let of = |name: &str| rows.iter().find(|row| row.contains(&format!("<bdi>{name}</bdi>")));
    for (name, object_type) in [
        ("Letters to banks", "report"),
        ("first.example", "domain-name"),
        // A file without a name is told apart by its hash.
        ("0000000000000000000000000000000000000000000000000000000000000abc", "file"),
    ] {
        let row = of(name).unwrap_or_else(|| panic!("{name} is not told: {page}"));
        assert!(row.contains(&format!(">{object_type}</td>")), "{name}: {row}");
    }
    door.stop().await;
}
