//! Purity: the crates that decide and prove touch no file, network, clock, process or environment, and reach no crate that does.
//!
//! So that they can be run in a simulated region, checked by themselves and read without wondering what else happens. Types that only
//! hold an address are free. Must not look at tests: those may read their vectors from files.

use super::{Finding, is_of, numbered};
use crate::workspace::{Text, Tree, Workspace};

const PURE: &[&str] = &[
    "gotong-crypto",
    "gotong-model",
    "gotong-policy",
    "gotong-ledger",
    "gotong-formats",
    "gotong-sync",
    "gotong-language",
];

/// Crates that bring I/O, however far down.
const CRATES: &[&str] = &[
    "tokio",
    "mio",
    "rusqlite",
    "libsqlite3-sys",
    "tokio-postgres",
    "axum",
    "hyper",
    "reqwest",
    "rustls",
    "tokio-rustls",
];

/// Crates of randomness, which is a parameter; others may need them further down.
const DIRECT: &[&str] = &["getrandom", "rand", "rand_core"];

/// Modules of the standard library that reach out of the program, and what takes their place.
const MODULES: &[(&str, &str)] = &[
    ("fs", "files come in through a port of gotong-app"),
    ("net", "connections come in through gotong-web; types that only hold an address are free"),
    ("env", "what is configured is a parameter"),
    ("process", "only the program starts and ends processes"),
    ("thread", "who calls decides where it runs"),
    ("time::SystemTime", "time is a parameter: take a Clock"),
    ("time::Instant", "time is a parameter: take a Clock"),
];

/// Types of `std::net` that hold an address and do nothing.
const ADDRESSES: &[&str] =
    &["IpAddr", "Ipv4Addr", "Ipv6Addr", "SocketAddr", "SocketAddrV4", "SocketAddrV6", "AddrParseError"];

/// What the pure crates reach that they must not.
pub(super) fn check(workspace: &Workspace, tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for name in PURE {
        let Some(package) = workspace.packages.get(*name) else { continue };
        for reached in CRATES.iter().filter(|reached| package.reached.contains(**reached)) {
            let what = format!(
                "{name} is pure and reaches {reached}; find the dependency with `cargo tree -p {name} -i {reached}`"
            );
            findings.push(Finding::new(&package.manifest, 1, what));
        }
        for used in DIRECT.iter().filter(|used| package.direct.contains(**used)) {
            let what = format!("{name} is pure and uses {used}; randomness is a parameter: take an Entropy");
            findings.push(Finding::new(&package.manifest, 1, what));
        }
        let sources = format!("crates/{name}/src/");
        for text in tree.texts.iter().filter(|text| text.path.starts_with(&sources) && is_of(&text.path, "rs")) {
            findings.extend(scan(text));
        }
    }
    findings
}

fn scan(text: &Text) -> Vec<Finding> {
    if text.path.ends_with("/tests.rs") || text.path.contains("/tests/") {
        return Vec::new();
    }
    let mut findings = Vec::new();
    let product = product_part(&text.text);
    for (line, code) in numbered(product) {
        let code = code.split("//").next().unwrap_or_default();
        for (module, instead) in MODULES.iter().filter(|(module, _)| names_directly(code, module)) {
            findings.push(Finding::new(&text.path, line, format!("a pure crate uses std::{module}; {instead}")));
        }
    }
    findings.extend(grouped(text, product));
    findings
}

/// The file up to its tests, which stand at its end.
fn product_part(text: &str) -> &str {
    let mut from = 0;
    while let Some(at) = text.get(from..).and_then(|rest| rest.find("#[cfg(test)]\nmod ")).map(|at| at + from) {
        let rest = text.get(at..).unwrap_or_default();
        if rest.lines().nth(1).is_some_and(|line| line.ends_with('{')) {
            return text.get(..at).unwrap_or_default();
        }
        from = at + 1;
    }
    text
}

/// Whether the code says `std::module` with nothing more in the last word.
fn names_directly(code: &str, module: &str) -> bool {
    let path = format!("std::{module}");
    code.match_indices(&path).any(|(at, _)| {
        let before = code.get(..at).and_then(|before| before.chars().next_back());
        let after = code.get(at + path.len()..).unwrap_or_default();
        let is_other = before.is_some_and(is_word) || after.starts_with(is_word);
        !is_other && (module != "net" || !only_addresses(after))
    })
}

/// Whether what follows `net` names types that hold an address, and nothing else.
fn only_addresses(after: &str) -> bool {
    let Some(named) = after.strip_prefix("::") else { return false };
    let named = named
        .strip_prefix('{')
        .map_or_else(|| vec![named.chars().take_while(|&character| is_word(character)).collect()], items);
    named.iter().filter(|name| !name.is_empty()).all(|name| ADDRESSES.contains(&name.as_str()))
}

/// Imports in braces: `use std::{fs, net::TcpStream}` and `use std::time::{Duration, SystemTime}`.
fn grouped(text: &Text, product: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (prefix, inside) in [("std::{", ""), ("std::time::{", "time::")] {
        for (at, _) in product.match_indices(prefix) {
            let body = product.get(at + prefix.len()..).unwrap_or_default();
            let body = body.split(';').next().unwrap_or_default();
            let line = product.get(..at).map_or(1, |before| before.matches('\n').count() + 1);
            for item in items(body) {
                let named = format!("{inside}{item}");
                for (module, instead) in MODULES.iter().filter(|(module, _)| starts_path(&named, module)) {
                    findings.push(Finding::new(
                        &text.path,
                        line,
                        format!("a pure crate uses std::{module}; {instead}"),
                    ));
                }
            }
        }
    }
    findings
}

/// The items of a brace group up to its end, each without white space; an item keeps the braces within it.
fn items(body: &str) -> Vec<String> {
    let mut items = vec![String::new()];
    let mut depth = 0_usize;
    for character in body.chars().filter(|character| !character.is_whitespace()) {
        match character {
            '}' if depth == 0 => break,
            ',' if depth == 0 => {
                items.push(String::new());
                continue;
            }
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if let Some(item) = items.last_mut() {
            item.push(character);
        }
    }
    items
}

fn starts_path(item: &str, module: &str) -> bool {
    if let Some(rest) = item.strip_prefix(module).filter(|rest| !rest.starts_with(is_word)) {
        return module != "net" || !only_addresses(rest);
    }
    // `time::{Duration, SystemTime}` inside `std::{…}`.
    let Some((outer, inner)) = module.split_once("::") else { return false };
    let group = item.strip_prefix(outer).and_then(|rest| rest.strip_prefix("::{"));
    group.is_some_and(|group| items(group).iter().any(|item| item == inner))
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::tests::sample;

    fn lines(source: &str) -> Vec<usize> {
        scan(&Text { path: "crates/gotong-model/src/a.rs".to_owned(), text: source.to_owned() })
            .into_iter()
            .map(|finding| finding.line)
            .collect()
    }

    #[test]
    fn a_crate_that_brings_input_and_output_is_found_however_far_down() {
        let findings = check(&sample(), &Tree::default());
        assert_eq!(findings.len(), 1, "{findings:?}");
        assert!(
            findings[0]
                .to_string()
                .starts_with("crates/gotong-model/Cargo.toml:1: gotong-model is pure and reaches tokio;")
        );
    }

    #[test]
    fn a_crate_of_randomness_used_directly_is_found() {
        let mut workspace = sample();
        let model = workspace.packages.get_mut("gotong-model").expect("the sample has it");
        model.reached.clear();
        model.direct.insert("getrandom".to_owned());
        let findings = check(&workspace, &Tree::default());
        assert_eq!(findings.len(), 1, "{findings:?}");
        assert!(findings[0].what.contains("take an Entropy"));
    }

    #[test]
    fn what_reaches_out_of_the_program_is_found_in_every_spelling() {
        assert_eq!(lines("use std::fs;\n"), [1]);
        assert_eq!(lines("fn f() {\n    let _ = std::env::var(\"A\");\n}\n"), [2]);
        assert_eq!(lines("use std::net::TcpStream;\n"), [1]);
        assert_eq!(lines("use std::net::{IpAddr, UdpSocket};\n"), [1]);
        assert_eq!(lines("use std::{fmt, net::{IpAddr, ToSocketAddrs}};\n"), [1]);
        assert_eq!(lines("use std::net;\n"), [1], "what is used of it cannot be seen");
        assert_eq!(lines("use std::time::SystemTime;\n"), [1]);
        assert_eq!(lines("use std::time::{Duration, SystemTime};\n"), [1]);
        assert_eq!(lines("\nuse std::{collections::{BTreeMap, BTreeSet}, fs, io};\n"), [2]);
        assert_eq!(lines("use std::{\n    fmt,\n    time::{Duration, Instant},\n};\n"), [1]);
    }

    #[test]
    fn what_does_not_reach_out_is_free() {
        assert_eq!(lines("use core::net::IpAddr;\nuse std::time::Duration;\nuse std::{fmt, io};\n"), [0; 0]);
        assert_eq!(
            lines("use std::net::{Ipv4Addr, Ipv6Addr};\nlet a: std::net::IpAddr;\nuse std::{fmt, net::IpAddr};\n"),
            [0; 0]
        );
        assert_eq!(lines("// std::fs would be wrong here\nlet a = my_std::fs_like;\n"), [0; 0]);
        assert_eq!(lines("fn f() {}\n\n#[cfg(test)]\nmod tests {\n    use std::fs;\n}\n"), [0; 0]);
        assert_eq!(
            lines("#[cfg(test)]\nmod tests;\nuse std::fs;\n"),
            [3],
            "what follows a test module elsewhere is product"
        );
    }
}
