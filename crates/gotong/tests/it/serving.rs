//! A duty officer who has never done it, at a terminal with the book alone: drafts and signs the house rule, puts organisations into the register, makes a token
//! for one, and hears from it. What is typed and read is what `docs/book/constituents.md` shows.

use crate::captures::Captures;
use crate::country::Country;
use crate::program::indicator;

const AGREEMENT: &str = r#"
handle = "warn"
title = "Warnings between neighbours"
purpose = "To warn each other of threats"
legal_basis = "Memorandum of understanding, article 4"
parties = ["th", "vn"]
parties_clause = "1"
dates_clause = "1"
from = 2026-01-01
[[clauses]]
number = "1"
title = "Parties and dates"
text = "Those who sign, from the day named until one of them ends it."
[[clauses]]
number = "2"
title = "Indicators"
text = "They share indicators of threats up to TLP:AMBER."
[[clauses]]
number = "2.1"
title = "Passing on"
text = "Each party may pass indicators on to the organisations that it serves."
[[channel_types]]
type = "indicators"
clause = "2"
kinds = ["stix.indicator"]
ceiling = "amber"
purpose = "To warn each other of threats"
onward = "constituents"
onward_clause = "2.1"
"#;

const ORGANISATIONS: &str = "code,name,class\nlantern-net,Lantern Net,isp\nriver-bank,\"River Bank, Ltd.\",bank\nministry-of-records,Ministry of Records,ministry\nold mill,Old Mill,bank\nhill-bank,Hill Bank,banks\n";

/// Two countries with a charter and an agreement; the node of the first runs.
fn found(vn: &Country, th: &Country) {
    let done = |country: &Country, line: &str| country.types(line).with(0);
    for country in [vn, th] {
        let (code, name, address) = (country.code, country.name, country.address());
        done(country, &format!("gotong keys new --out keys --member {code} --name \"{name}\""));
        done(
            country,
            &format!(
                "gotong init --data node --member {code} --name \"{name}\" --root keys/root.key --address {address}"
            ),
        );
    }
    let members = [vn, th].map(|country| std::fs::read_to_string(country.at("keys/member.toml")).unwrap());
    vn.writes("charter.toml", &format!("name = \"Neighbours\"\n{}", members.concat()));
    done(vn, "gotong charter new charter.toml --out charter.note");
    for country in [vn, th] {
        vn.sends_unless_own("charter.note", country);
        done(country, "gotong charter sign charter.note --root keys/root.key");
        country.sends_unless_own("charter.note", vn);
    }
    vn.writes("warn.toml", AGREEMENT);
    done(vn, "gotong agreement new warn.toml --charter charter.note --out warn.note");
    for country in [vn, th] {
        vn.sends_unless_own("warn.note", country);
        done(country, "gotong agreement sign warn.note --charter charter.note --root keys/root.key");
        country.sends_unless_own("warn.note", vn);
    }
    done(vn, "gotong charter accept charter.note --data node --root keys/root.key");
    done(vn, "gotong agreement accept warn.note --data node");
    vn.serves();
}

#[test]
fn an_officer_serves_a_bank_with_the_book_alone() {
    let scratch = tempfile::tempdir().unwrap();
    let [vn, th] =
        [("vn", "Viet Nam"), ("th", "Thailand")].map(|(code, name)| Country::new(scratch.path(), code, name));
    // The bank has a terminal, and no node.
    let bank = Country::new(scratch.path(), "bank", "Harbour Bank");
    let mut captures = Captures::new(&[&vn, &th]);
    found(&vn, &th);

    captures.types("house-new", &vn, 0, "gotong house new --data node -o house.toml");
    let draft = std::fs::read_to_string(vn.at("house.toml")).unwrap();
    let from = draft.lines().find(|line| line.starts_with("from = ")).unwrap();
    captures.today(&from[7..17]);
    // A slip of the finger.
    vn.writes("house.toml", &draft.replacen("own = \"reports\" ", "own = \"report\" ", 1));
    captures.types("house-wrong", &vn, 1, "gotong house check house.toml --data node");
    vn.writes("house.toml", &draft);
    captures.types("house-check", &vn, 0, "gotong house check house.toml --data node");
    captures.types("house-sign", &vn, 0, "gotong house sign house.toml --root keys/root.key --charter charter.note");
    captures.types("house-accept", &vn, 0, "gotong house accept house.note --data node");
    captures.types("house-show", &vn, 0, "gotong house show --data node");

    captures.types(
        "organisation-add",
        &vn,
        0,
        "gotong organisation add harbour-bank --name \"Harbour Bank\" --class bank --data node",
    );
    vn.writes("organisations.csv", ORGANISATIONS);
    captures.types("organisation-file", &vn, 1, "gotong organisation add --from organisations.csv --data node");
    captures.types("organisation-list", &vn, 0, "gotong organisation list --data node");
    let line = "gotong token create desk --constituent harbour-bank --role constituent --data node";
    let made = vn.types(line).with(0);
    captures.shows(made.err.trim().rsplit(' ').next().unwrap(), "b3f2c1a46d0e4c57");
    captures.keeps("token", &vn, line, &format!("{}{}", made.out, made.err));
    let reach = format!("--server http://127.0.0.1:{} --token {}", vn.web, made.out.trim());

    vn.publishes("warn/indicators", 1, "amber").expect(201);
    vn.publishes("house/national", 2, "green").expect(201);
    captures.types("bank", &bank, 0, &format!("gotong channel list {reach}"));
    captures.types("bank", &bank, 0, &format!("gotong lookup n1.example n2.example {reach}"));
    bank.writes("seen.json", &indicator("00000000-0000-4000-8000-000000000009", "refund.example"));
    captures.types(
        "bank-report",
        &bank,
        0,
        &format!("gotong import seen.json --channel house/reports/harbour-bank {reach}"),
    );
    captures.types("staff", &vn, 0, "gotong lookup refund.example n2.example --data node");
    let refused = bank.types(&format!("gotong import seen.json --channel house/reports/river-bank {reach}"));
    assert_eq!(refused.status, 1, "{}", refused.out);

    let wider = draft.replacen(
        "providers are told of threats up to TLP:GREEN",
        "providers are told of threats up to TLP:AMBER",
        1,
    );
    vn.writes("house.toml", &wider.replacen("ceiling = \"green\"", "ceiling = \"amber\"", 1));
    captures.types("house-amend", &vn, 0, "gotong house amend house.toml --data node -o house-2.note");
    captures.types("others", &vn, 0, "gotong house sign house-2.note --root keys/root.key --charter charter.note");
    captures.types("others", &vn, 0, "gotong house accept house-2.note --data node");
    captures.types("end", &vn, 0, "gotong organisation end harbour-bank --data node");
    captures.types("end", &bank, 1, &format!("gotong channel list {reach}"));
    captures.compare(&["docs/book/constituents.md"], &[]);
}
