//! What an object holds of people by its nature: what every node has to read alike, because whether a record shows hangs on it.

use gotong_formats::stix21::read;
use gotong_model::Personal::{self, Identified, None as Nobody};

fn personal(body: &str) -> Personal {
    read(body.as_bytes()).unwrap_or_else(|faults| panic!("{body}: {faults:?}")).personal
}

fn domain(object_type: &str, more: &str) -> String {
    format!(
        r#"{{"type":"{object_type}","spec_version":"2.1","id":"{object_type}--11111111-1111-4111-8111-111111111111","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z"{more}}}"#
    )
}

fn observable(object_type: &str, more: &str) -> String {
    format!(
        r#"{{"type":"{object_type}","spec_version":"2.1","id":"{object_type}--11111111-1111-4111-8111-111111111111"{more}}}"#
    )
}

#[test]
fn people_are_seen_and_what_only_looks_like_them_is_not() {
    let account = "user-account--33333333-3333-4333-8333-333333333333";
    let address = "email-addr--22222222-2222-4222-8222-222222222222";
    for (body, expected) in [
        (domain("identity", r#","name":"Siti","identity_class":"individual""#), Identified),
        (domain("identity", r#","name":"A bank","identity_class":"organization""#), Nobody),
        // An open vocabulary, compared as it is written: nothing is guessed.
        (domain("identity", r#","name":"Siti","identity_class":"Individual""#), Nobody),
        (domain("identity", r#","name":"Nobody in particular""#), Nobody),
        (observable("user-account", r#","user_id":"1001""#), Identified),
        (observable("email-message", &format!(r#","is_multipart":false,"from_ref":"{address}""#)), Identified),
        (observable("email-message", &format!(r#","is_multipart":false,"to_refs":["{address}"]"#)), Identified),
        (observable("email-message", &format!(r#","is_multipart":false,"bcc_refs":["{address}"]"#)), Identified),
        (observable("email-message", r#","is_multipart":false,"subject":"An invoice""#), Nobody),
        // Technical facts there.
        (observable("email-addr", r#","value":"phish@example.test""#), Nobody),
        // With the name of somebody, or the account, they are not.
        (observable("email-addr", r#","value":"siti@example.test","display_name":"Siti""#), Identified),
        (
            observable("email-addr", &format!(r#","value":"siti@example.test","belongs_to_ref":"{account}""#)),
            Identified,
        ),
        (observable("ipv4-addr", r#","value":"192.0.2.1""#), Nobody),
    ] {
        assert_eq!(personal(&body), expected, "{body}");
    }
}

#[test]
fn what_is_observed_counts_by_what_was_seen() {
    let seen = |objects: &str| {
        let more = format!(
            r#","first_observed":"2026-01-01T00:00:00Z","last_observed":"2026-01-01T00:00:00Z","number_observed":1,"objects":{{{objects}}}"#
        );
        domain("observed-data", &more)
    };
    assert_eq!(personal(&seen(r#""0":{"type":"ipv4-addr","value":"192.0.2.1"}"#)), Nobody);
    assert_eq!(
        personal(&seen(r#""0":{"type":"ipv4-addr","value":"192.0.2.1"},"1":{"type":"user-account","user_id":"7"}"#)),
        Identified
    );
    // What lies deeper is not followed: a hostile object does not choose how long reading takes.
    let nested = r#""0":{"type":"observed-data","objects":{"0":{"type":"user-account","user_id":"7"}}}"#;
    assert_eq!(personal(&seen(nested)), Nobody);
}
