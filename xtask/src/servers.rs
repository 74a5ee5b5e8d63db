//! Programs of Debian's that tests work with: the browser that walks the console, and the name servers that load our zones, BIND, Knot and Unbound.
//!
//! Installed where this may be done without asking anyone, as root on a machine with apt; elsewhere named, with the command that brings them. Must not start
//! any: tests start their own, on loopback. Read next: `test`, `crates/gotong-formats/tests/it/out_dns.rs`.

use std::path::Path;

use anyhow::Result;

use crate::run;

/// Programs, how to ask whether they are there, and the packages that bring them. The first is the browser.
const NEEDED: &[(&str, &[&str], &str)] = &[
    ("chromium", &["--version"], BROWSER),
    ("named", &["-v"], "bind9"),
    ("named-checkzone", &["-v"], "bind9-utils"),
    ("dig", &["-v"], "bind9-dnsutils"),
    ("knotd", &["--version"], "knot"),
    ("unbound", &["-V"], "unbound"),
];

const BROWSER: &str = "chromium";

/// The variable that says that there are no name servers; tests then say so too.
const VARIABLE: &str = "GOTONG_DNS_SERVERS";

/// Makes sure that they are there. `false`: they are not, and what brings them was said.
pub(crate) fn present(root: &Path) -> Result<bool> {
    let mut missing = missing(root);
    if std::env::var(VARIABLE).is_ok_and(|value| value == "none") {
        eprintln!("xtask: {VARIABLE}=none, so no real name server judges the exported zones");
        missing.retain(|package| *package == BROWSER);
    }
    if missing.is_empty() {
        return Ok(true);
    }
    let command = format!("apt-get install --no-install-recommends {}", missing.join(" "));
    if !may_install(root) {
        eprintln!("xtask: programs are missing; `{command}` brings them (without name servers: {VARIABLE}=none)");
        return Ok(false);
    }
    eprintln!("xtask: installing: {command}");
    let mut update = run::command("apt-get", root);
    update.args(["update", "--quiet=2"]);
    let mut install = run::command("apt-get", root);
    install.args(["install", "--yes", "--quiet=2", "--no-install-recommends"]).args(&missing);
    // Debian starts what it installs; with this it starts nothing.
    for command in [&mut update, &mut install] {
        command.env("DEBIAN_FRONTEND", "noninteractive").env("RUNLEVEL", "1");
    }
    Ok(run::succeeds(&mut update)? && run::succeeds(&mut install)?)
}

fn missing(root: &Path) -> Vec<&'static str> {
    let absent = NEEDED.iter().filter(|(program, arguments, _)| !run::is_present(program, arguments, root));
    absent.map(|(.., package)| *package).collect()
}

/// Root on a machine with apt.
fn may_install(root: &Path) -> bool {
    let is_root = run::command("id", root).arg("-u").output().is_ok_and(|id| id.stdout.trim_ascii() == b"0");
    is_root && run::is_present("apt-get", &["--version"], root)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_named_by_its_package() {
        let root = crate::workspace::root().expect("the root");
        let known: Vec<&str> = NEEDED.iter().map(|(.., package)| *package).collect();
        assert!(missing(&root).iter().all(|package| known.contains(package)));
        assert!(!run::is_present("no-such-name-server", &["-v"], &root), "what is not there is seen not to be there");
    }
}
