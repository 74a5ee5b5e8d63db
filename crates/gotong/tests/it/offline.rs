//! The root key stays on a machine without a network: what a node needs of it goes there as a text and comes back signed.

use crate::country::{Country, countries};
use crate::program::wait_for;

/// Whether a file below a folder holds these bytes.
fn holds(folder: &std::path::Path, bytes: &[u8]) -> bool {
    std::fs::read_dir(folder).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        if path.is_dir() {
            return holds(&path, bytes);
        }
        std::fs::read(&path).is_ok_and(|content| content.windows(bytes.len()).any(|window| window == bytes))
    })
}

#[test]
fn a_node_runs_and_shares_although_its_root_key_was_never_near_it() {
    let scratch = tempfile::tempdir().unwrap();
    let [vn, th, ..] = countries(&scratch);
    let refused = |country: &Country, line: &str, why: &str| {
        let told = country.types(line).with(1);
        assert!(told.err.contains(why) && told.err.contains("hint:"), "{line}: {}", told.err);
    };
    for country in [&vn, &th] {
        let (code, name, address) = (country.code, country.name, country.address());
        let as_member = format!("--member {code} --name \"{name}\"");
        country.types(&format!("gotong keys new --out vault {as_member}")).with(0);
        let made = country.types(&format!("gotong init --data node {as_member} --no-root --address {address}")).with(0);
        assert!(made.out.contains("without a root key") && made.out.contains("gotong keys request"), "{}", made.out);
    }
    th.sends("vault/member.toml", &vn, "th.toml");
    let members = ["vault/member.toml", "th.toml"].map(|file| std::fs::read_to_string(vn.at(file)).unwrap());
    vn.writes("region.toml", &format!("name = \"Neighbours\"\n{}", members.concat()));
    vn.types("gotong charter new region.toml --out charter.note").with(0);
    vn.types("gotong charter sign charter.note --root vault/root.key").with(0);
    vn.sends("charter.note", &th, "charter.note");
    th.types("gotong charter sign charter.note --root vault/root.key").with(0);
    th.sends("charter.note", &vn, "charter.note");
    for country in [&vn, &th] {
        let told = country.types("gotong charter accept charter.note --data node").with(1);
        assert!(told.out.contains("gotong keys request"), "{}", told.out);
        let asked = country.types("gotong keys request --data node --out statement.txt").with(0);
        assert!(asked.out.contains("It holds no secret"), "{}", asked.out);
    }

    // What comes back counts only as the member's root signed it, and only at the node whose keys it names.
    vn.sends("statement.txt", &th, "of-vn.txt");
    th.types("gotong keys sign of-vn.txt --root vault/root.key --out forged.note").with(0);
    th.sends("forged.note", &vn, "forged.note");
    refused(&vn, "gotong keys state forged.note --data node", "does not hold");
    vn.writes("other.txt", "gotong/nowhere/statement\n{}\n");
    refused(
        &vn,
        "gotong keys sign other.txt --root vault/root.key --out x.note",
        "no text that gotong keys request wrote",
    );
    let text = std::fs::read_to_string(vn.at("statement.txt")).unwrap();
    vn.writes("moved.txt", &text.replace("127.0.0.1:", "127.0.0.2:"));
    vn.types("gotong keys sign moved.txt --root vault/root.key --out moved.note").with(0);
    refused(&vn, "gotong keys state moved.note --data node", "does not say the keys and the address");
    refused(&vn, "gotong keys sign statement.txt --rehearsal --root vault/root.key --out x.note", "real root key");

    for (country, other) in [(&vn, &th), (&th, &vn)] {
        let signed = country.types("gotong keys sign statement.txt --root vault/root.key --out statement.note").with(0);
        assert!(signed.out.contains(&format!("Signed statement 1 of {}", country.code)), "{}", signed.out);
        let taken = country.types("gotong keys state statement.note --data node").with(0);
        assert!(taken.out.contains("by statement 1"), "{}", taken.out);
        let again = country.types("gotong keys request --data node --out again.txt").with(0);
        assert!(again.out.contains("already") && !country.at("again.txt").exists(), "{}", again.out);
        country.sends("node/statement.note", other, &format!("{}.statement", country.code));
    }
    vn.types("gotong peer add th.statement --data node").with(0);
    th.types("gotong peer add vn.statement --data node").with(0);
    for country in [&vn, &th] {
        country.serves();
    }
    for country in [&vn, &th] {
        wait_for("the other node", || country.types("gotong peer status --data node").out.contains("connected"));
    }
    for country in [&vn, &th] {
        // The key file's second line is the secret.
        let key = std::fs::read_to_string(country.at("vault/root.key")).unwrap();
        let secret = key.lines().nth(1).unwrap().as_bytes().to_vec();
        assert!(holds(&country.at("vault"), &secret), "the control");
        assert!(!holds(&country.at("node"), &secret));
    }
}
