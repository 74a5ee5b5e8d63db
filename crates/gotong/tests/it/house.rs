//! The house rule and the register of organisations at the command line: what is wrong is told with its place and what to do, nothing is begun anew by accident,
//! and what counts at the end is what was signed. What organisations are shown by it: `constituents.rs`.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::json;

use crate::constituents::gotong;
use crate::harness::{Member, Region};
use crate::program::run;

/// The text of a file, changed.
fn change(path: &Path, from: &str, to: &str) -> String {
    let text = std::fs::read_to_string(path).unwrap();
    assert!(text.contains(from), "{from}");
    let text = text.replace(from, to);
    std::fs::write(path, &text).unwrap();
    text
}

#[test]
fn a_house_rule_is_drafted_checked_signed_accepted_and_amended_and_each_fault_has_its_place() {
    let region = Region::found();
    let vn = &region.members[0];
    let file = |name: &str| region.dir.join(name).to_str().unwrap().to_owned();
    let (toml, next, charter) = (file("house.toml"), file("next.note"), file("charter.note"));
    let root = |member: &Member| member.data.join("root/root.key").to_str().unwrap().to_owned();
    run(&["house", "new", "-o", &toml]).with(2);
    gotong(vn, &["house", "new", "-o", &toml]).with(0);
    assert!(run(&["house", "new", "--member", "vn", "-o", &toml]).with(1).err.contains("is there already"));
    let told = gotong(vn, &["house", "check", &toml]).with(0);
    assert!(told.out.contains("0 errors, 0 warnings"), "the draft is one to begin from: {}", told.out);
    // Each fault with its line and column.
    let whole = std::fs::read_to_string(&toml).unwrap();
    let line = |word: &str| whole.lines().position(|line| line.starts_with(word)).unwrap() + 1;
    for (from, to, place, what) in [
        (
            "own = \"reports\" ",
            "own = \"raports\" ",
            format!("{}:7: error", line("own = \"reports\" ")),
            "no channel type raports",
        ),
        ("\nlegal_basis", "\nlegal_bases", format!("{}:1: error", line("legal_basis")), "write legal_basis"),
        (
            "types = [\"national\"]",
            "types = [\"reports\"]",
            format!("{}:10: error", line("types = [\"national\"]")),
            "organisations' own",
        ),
        (
            "[[classes.reads]]\nceiling = \"green\"",
            "[[classes.reads]]\nagreement = \"rtx\"\nceiling = \"green\"",
            String::from("13: warning"),
            "no agreement called rtx",
        ),
        ("member = \"vn\" ", "member = \"xx\" ", String::from("4:10: error"), "xx is no member of the charter"),
        ("member = \"vn\" ", "", String::from(": error"), "member is missing"),
        ("\nclass = \"isp\"", "\nclass = \"bank\"", String::from(": error"), "bank stands twice"),
    ] {
        change(Path::new(&toml), from, to);
        let told = gotong(vn, &["house", "check", &toml]);
        assert_eq!(told.status, i32::from(place.ends_with("error")), "{what}: {}", told.out);
        assert!(told.out.contains(&place) && told.out.contains(what), "{place} {what}: {}", told.out);
        std::fs::write(&toml, &whole).unwrap();
    }
    // One that counts already is amended, never begun anew by accident.
    assert!(
        gotong(vn, &["house", "sign", &toml, "--root", &root(vn), "-o", &next]).with(1).err.contains("house amend")
    );
    run(&["house", "sign", &toml, "--root", &root(vn), "--charter", &charter, "-o", &file("anew.note")]).with(0);
    assert!(gotong(vn, &["house", "accept", &file("anew.note")]).with(1).err.contains("--anew"));
    let drafted = gotong(vn, &["house", "amend", &toml, "-o", &next]).with(0);
    for words in [
        "number 2",
        "~ changed class of organisations bank",
        "every agreement: every channel type up to amber (clause 4)",
    ] {
        assert!(drafted.out.contains(words), "{words}: {}", drafted.out);
    }
    gotong(vn, &["house", "check", &next]).with(1);
    gotong(vn, &["house", "accept", &next]).with(1);
    let stranger = root(&region.members[1]);
    assert!(run(&["house", "sign", &next, "--root", &stranger, "--charter", &charter]).with(1).err.contains("hint:"));
    run(&["house", "sign", &next, "--root", &root(vn), "--charter", &charter]).with(0);
    gotong(vn, &["house", "check", &next]).with(0);
    assert!(gotong(&region.members[1], &["house", "accept", &next]).with(1).err.contains("th"), "another's stays out");
    gotong(vn, &["house", "accept", &next]).with(0);
    let shown = gotong(vn, &["house", "show", "--json"]).with(0).json().remove(0);
    assert_eq!((&shown["number"], &shown["state"]), (&json!(2), &json!("in force")));
    assert_eq!(
        shown["classes"][0]["reads"][0]["now"][1],
        json!({"channel": "rti/indicators", "ceiling": "amber", "onward_clause": "4"})
    );
    assert_eq!(shown["classes"][2]["reads_house"][0]["channels"], json!(["house/national"]));
    assert!(gotong(vn, &["house", "amend", &toml, "-o", &next]).with(1).err.contains("says the same"));
    change(Path::new(&toml), "own = \"reports\"\n", "own = \"national\"\n");
    let told = gotong(vn, &["house", "check", &toml]).with(1);
    assert!(told.out.contains("national"), "{}", told.out);
}

#[test]
fn organisations_come_from_a_file_and_each_bad_line_is_named() {
    let region = Region::found();
    let vn = &region.members[0];
    vn.start();
    vn.wait_until_ready();
    let file = region.dir.join("organisations.csv");
    let mut lines = String::from("code,name,class\n");
    for number in 0..2_300 {
        writeln!(lines, "bank-{number:04},\"Bank, number {number}\",bank").unwrap();
    }
    lines.push_str(
        "Bad Code,X,bank\nisp-1,Net,isps\nbank-0001,Again,bank\nshort,bank\n\nisp-1,\"Net \"\"One\"\"\",isp\n",
    );
    std::fs::write(&file, &lines).unwrap();
    let add = ["organisation", "add", "--from", file.to_str().unwrap()];
    let told = gotong(vn, &add).with(1);
    for wrong in [
        "2302: \"Bad Code\" is no code",
        "2303: the house rule has no class \"isps\"",
        "2304: bank-0001 stands",
        "2305: has 2 fields",
    ] {
        assert!(told.out.contains(wrong), "{wrong}: {}", told.out);
    }
    assert!(told.out.contains("2301 organisations put into the register, 4 lines left out"), "{}", told.out);
    let listed = gotong(vn, &["organisation", "list", "--json"]).with(0).json();
    assert_eq!(listed.len(), 2_301 + 3, "page after page");
    let isps = gotong(vn, &["organisation", "list", "--class", "isp", "--json"]).with(0).json();
    assert_eq!(isps.iter().map(|one| one["name"].as_str().unwrap()).collect::<Vec<_>>()[0], "Net \"One\"");
    let shown = gotong(vn, &["organisation", "show", "bank-2299", "--json"]).with(0).json().remove(0);
    assert_eq!(shown["channels"], json!(["house/reports/bank-2299"]));
    assert!(gotong(vn, &["organisation", "show", "nobody"]).with(1).err.contains("organisation list"));
    assert!(gotong(vn, &["organisation", "end", "nobody"]).with(1).err.contains("organisation list"));
    let refused = gotong(vn, &["organisation", "add", "x", "--name", "X", "--class", "nothing"]).with(1);
    assert!(refused.err.contains("no class nothing"), "{}", refused.err);
    run(&["organisation", "add", "x", "--name", "X", "--data", vn.data.to_str().unwrap()]).with(2);
    // The register is for whoever operates the node; an analyst's token does not open it.
    let analyst = ["--server", &format!("http://{}", vn.address), "--token", &vn.token];
    run(&[&["organisation", "list"], &analyst[..]].concat()).with(1);
}
