//! A rehearsal by people at terminals: it goes all the way to nodes that run and share, says what it is wherever somebody looks, and mixes in no direction with
//! the real region beside it. Each refusal stands beside what is permitted.

use crate::country::{Country, countries};
use crate::joining::terms;
use crate::program::wait_for;

#[test]
fn a_rehearsal_goes_through_to_a_running_node_and_never_mixes_with_the_real_thing() {
    let scratch = tempfile::tempdir().unwrap();
    let [vn, th, ..] = countries(&scratch);
    let two = [&vn, &th];
    let refused = |country: &Country, line: &str, why: &str| {
        let told = country.types(line).with(1);
        assert!(told.err.contains(why) && told.err.contains("hint:"), "{line}: {}", told.err);
    };
    for country in two {
        let (code, name, address) = (country.code, country.name, country.address());
        let as_member = format!("--member {code} --name \"{name}\"");
        country.types(&format!("gotong keys new --out keys {as_member}")).with(0);
        country.types(&format!("gotong init --data real {as_member} --root keys/root.key --address {address}")).with(0);
        country.types(&format!("gotong keys new --out keys {as_member} --rehearsal")).with(0);
        refused(
            country,
            &format!("gotong init --data x {as_member} --root keys/REHEARSAL-root.key"),
            "key of a rehearsal",
        );
        refused(
            country,
            &format!("gotong init --data x {as_member} --rehearsal --root keys/root.key"),
            "real root key",
        );
        assert!(!country.at("x").exists(), "nothing is made of what cannot be");
        let init = format!(
            "gotong init --data node {as_member} --rehearsal --root keys/REHEARSAL-root.key --address {address}"
        );
        assert!(country.types(&init).with(0).out.starts_with("*** REHEARSAL"));
    }
    for (sort, kept) in [("", "real.toml"), ("REHEARSAL-", "practice.toml")] {
        th.sends(&format!("keys/{sort}member.toml"), &vn, "th.toml");
        let members = [format!("keys/{sort}member.toml"), "th.toml".to_owned()]
            .map(|file| std::fs::read_to_string(vn.at(&file)).unwrap());
        vn.writes(kept, &format!("name = \"Neighbours\"\n{}", members.concat()));
    }
    refused(&vn, "gotong charter new practice.toml --out x.note", "comes from a rehearsal");
    refused(&vn, "gotong charter new real.toml --rehearsal --out x.note", "is real");
    vn.types("gotong charter new real.toml --out real.note").with(0);
    let drafted = vn.types("gotong charter new practice.toml --rehearsal --out charter.note").with(0);
    assert!(drafted.out.starts_with("*** REHEARSAL"), "{}", drafted.out);
    refused(&vn, "gotong charter sign real.note --root keys/REHEARSAL-root.key", "key of a rehearsal");
    refused(&vn, "gotong charter sign charter.note --root keys/root.key", "only rehearses");
    for (file, key) in [("real.note", "root.key"), ("charter.note", "REHEARSAL-root.key")] {
        vn.types(&format!("gotong charter sign {file} --root keys/{key}")).with(0);
        vn.sends(file, &th, file);
        th.types(&format!("gotong charter sign {file} --root keys/{key}")).with(0);
        th.sends(file, &vn, file);
    }
    let shown = vn.types("gotong charter show charter.note").with(0);
    assert!(shown.out.starts_with("*** REHEARSAL") && shown.out.contains("REHEARSAL Neighbours"), "{}", shown.out);
    assert!(!vn.types("gotong charter show real.note").with(0).out.contains("REHEARSAL"), "the control");
    for country in two {
        refused(country, "gotong charter accept charter.note --data real --root keys/root.key", "this node is real");
        refused(
            country,
            "gotong charter accept real.note --data node --root keys/REHEARSAL-root.key",
            "only rehearses",
        );
        refused(country, "gotong charter accept charter.note --data node --root keys/root.key", "is a real root key");
        country.types("gotong charter accept charter.note --data node --root keys/REHEARSAL-root.key").with(0);
        country.types("gotong charter accept real.note --data real --root keys/root.key").with(0);
    }
    // A region keeps its sort: neither by a member nor by a name does it change.
    vn.types("gotong keys new --out my --member my --name Malaysia").with(0);
    vn.types("gotong keys new --out my --member my --name Malaysia --rehearsal").with(0);
    refused(&vn, "gotong charter propose --add-member my/member.toml --data node --out x.note", "is real");
    refused(
        &vn,
        "gotong charter propose --add-member my/REHEARSAL-member.toml --data real --out x.note",
        "comes from a rehearsal",
    );
    let proposed =
        vn.types("gotong charter propose --add-member my/REHEARSAL-member.toml --data node --out c2.note").with(0);
    assert!(proposed.out.contains("new member my"), "{}", proposed.out);
    refused(&vn, "gotong charter propose practice.toml --data real --out x.note", "comes from a rehearsal");

    // An agreement is of its region's sort, whether its file says so or not.
    let day = "2026-01-01";
    vn.writes("warn.toml", &terms("warn", r#""th", "vn""#, "green", "all", day));
    vn.writes("said.toml", &format!("rehearsal = true\n{}", terms("warn", r#""th", "vn""#, "green", "all", day)));
    refused(&vn, "gotong agreement new said.toml --data real --out x.note", "the region is real");
    vn.types("gotong agreement new warn.toml --data real --out real-warn.note").with(0);
    vn.types("gotong agreement new warn.toml --data node --out warn.note").with(0);
    refused(&vn, "gotong agreement sign warn.note --data node --root keys/root.key", "only rehearses");
    refused(
        &vn,
        "gotong agreement sign real-warn.note --data real --root keys/REHEARSAL-root.key",
        "key of a rehearsal",
    );
    refused(&vn, "gotong agreement accept warn.note --data real", "");
    for country in two {
        vn.sends_unless_own("warn.note", country);
        country.types("gotong agreement sign warn.note --data node --root keys/REHEARSAL-root.key").with(0);
        country.sends_unless_own("warn.note", &vn);
    }
    let shown = vn.types("gotong agreement show warn.note --data node").with(0);
    assert!(shown.out.starts_with("REHEARSAL Warnings"), "{}", shown.out);
    for country in two {
        vn.sends_unless_own("warn.note", country);
        country.types("gotong agreement accept warn.note --data node").with(0);
        let (to, name) = if country.code == "vn" { (&th, "vn.statement") } else { (&vn, "th.statement") };
        country.sends("node/statement.note", to, name);
        to.types(&format!("gotong peer add {name} --data node")).with(0);
        refused(to, &format!("gotong peer add {name} --data real"), "");
    }

    // It runs, shares, and says what it is wherever somebody looks.
    for country in two {
        country.serves();
    }
    vn.publishes("warn/indicators", 1, "green").expect(201);
    wait_for("what was published for practice", || th.knows(1));
    for country in two {
        assert!(
            country.served().starts_with("*** REHEARSAL") && country.served().contains("REHEARSAL "),
            "{}",
            country.served()
        );
        for line in ["gotong peer status --data node", "gotong charter show --data node"] {
            assert!(country.types(line).out.starts_with("*** REHEARSAL"), "{line}");
        }
        assert!(country.types("gotong doctor --data node").out.contains("REHEARSAL"));
        country.stops();
    }
    // Who takes the mark away does not get a real node.
    let settings = std::fs::read_to_string(vn.at("node/gotong.toml")).unwrap();
    vn.writes("node/gotong.toml", &settings.replace("rehearsal = true", "rehearsal = false"));
    refused(&vn, "gotong serve --data node", "only rehearses");
    let real = std::fs::read_to_string(vn.at("real/gotong.toml")).unwrap();
    assert!(real.contains("# rehearsal = false"), "{real}");
    vn.writes("real/gotong.toml", &real.replace("# rehearsal = false", "rehearsal = true"));
    refused(&vn, "gotong serve --data real", "this charter is real");
}
