//! The Python package of `clients/python` against a region that runs: its own tests, all of them, while the node that they speak to is killed and started
//! again whenever they ask for it.
//!
//! Must not count a test that was left out as one that passed. Read next: `clients/python/tests/test_node.py`.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::json;

use crate::harness::Region;
use crate::program::now;

/// How long all of them may take: two processors, a debug build, and 12,000 objects through three kills.
const SUITE_MAX: Duration = Duration::from_secs(420);
/// Tests that need a region; fewer means that some were not found.
const OF_REGION: usize = 7;

fn package() -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "..", "..", "clients", "python"].iter().collect()
}

#[allow(clippy::disallowed_methods, reason = "the package runs in another program")]
fn suite(folder: &Path, region: Option<&Path>) -> Command {
    let mut command = Command::new(gotong_testkit::clients::python());
    command.args(["-B", "-W", "error::ResourceWarning", "-m", "unittest", "discover", "-v", "-s", "tests", "-t", "."]);
    command.current_dir(package()).stdin(Stdio::null()).stdout(Stdio::null());
    command.stderr(File::create(folder.join("said")).unwrap());
    match region {
        Some(region) => command.env("GOTONG_TEST_REGION", region),
        None => command.env_remove("GOTONG_TEST_REGION"),
    };
    command
}

#[test]
fn the_package_keeps_its_promises_at_a_node_that_is_killed_meanwhile() {
    let region = Region::found();
    region.start();
    let (node, other) = (&region.members[0], &region.members[1]);
    let reader = json!({"name": "reader", "role": "reader"}).to_string();
    let reader = node.operate("POST", "/api/v1/tokens", reader.as_bytes()).expect(201).json();
    let scratch = tempfile::tempdir().unwrap();
    let (restart, described) = (scratch.path().join("restart"), scratch.path().join("region.json"));
    let description = json!({
        "base": format!("http://{}", node.address), "token": node.token, "reader": reader["token"],
        "other_base": format!("http://{}", other.address), "other_token": other.token, "restart": restart,
    });
    std::fs::write(&described, description.to_string()).unwrap();

    let said = || std::fs::read_to_string(scratch.path().join("said")).unwrap();
    let mut child = suite(scratch.path(), Some(&described)).spawn().unwrap();
    let (begun, mut kills) = (now(), 0);
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if begun.elapsed() > SUITE_MAX {
            child.kill().unwrap();
            child.wait().unwrap();
            panic!("the tests of the package did not end:\n{}\n{}", said(), node.last_words());
        }
        if restart.exists() {
            assert!(node.kill(), "it ran");
            kills += 1;
            std::fs::remove_file(&restart).unwrap();
            node.start();
            node.wait_until_ready();
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    let said = said();
    assert!(status.success(), "{said}\n{}", node.last_words());
    assert!(said.trim_end().ends_with("OK"), "none was left out: {said}");
    assert_eq!(
        said.lines().filter(|line| line.contains("test_node.") && line.ends_with("ok")).count(),
        OF_REGION,
        "{said}"
    );
    assert_eq!(kills, 3);
    assert_eq!(said.matches(&node.token).count(), 0, "no token in what is said");
    let (holds, report) = node.verify();
    assert!(holds, "{report}");
}

#[test]
fn without_a_region_the_package_says_what_was_left_out() {
    let scratch = tempfile::tempdir().unwrap();
    assert!(suite(scratch.path(), None).status().unwrap().success());
    let said = std::fs::read_to_string(scratch.path().join("said")).unwrap();
    assert!(said.contains("GOTONG_TEST_REGION names no region"), "{said}");
    assert!(said.trim_end().ends_with("OK (skipped=1)"), "{said}");
}
