//! Log-in at a real node with an identity provider of others: Authlib's, in another process with a browser that runs no scripts (`interop/oidc_client.py`).
//! Lies are told in `crates/gotong-web/tests/it/console/provider.rs`.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use crate::program::{Demo, Ended, base_port, command, run, wait_for};

const SECRET: &str = "of the client: & more";

struct Served(Child);

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[allow(clippy::disallowed_methods, reason = "the provider of others is another program")]
fn client(arguments: &[&str]) -> Ended {
    let script: PathBuf = [env!("CARGO_MANIFEST_DIR"), "..", "..", "interop", "oidc_client.py"].iter().collect();
    let mut python = Command::new(gotong_testkit::clients::python());
    python.arg("-B").arg(script).args(arguments).env("OIDC_SECRET", SECRET).output().unwrap().into()
}

#[test]
fn a_provider_of_others_lets_the_linked_in_and_nobody_else() {
    let mut demo = Demo::start(&["--empty"]);
    assert_eq!(demo.end(), 0);
    let data = demo.data("vn").to_str().unwrap().to_owned();
    let listen = demo.member("vn")["base"].as_str().unwrap().trim_start_matches("http://").to_owned();
    let base = format!("http://localhost:{}", listen.rsplit(':').next().unwrap());
    let port = base_port(1).to_string();
    let secret = demo.dir.join("oidc-secret");
    std::fs::write(&secret, format!("{SECRET}\n")).unwrap();

    let settings = [
        ("GOTONG_CONSOLE_ADDRESS", base.clone()),
        ("GOTONG_OIDC_ISSUER", format!("http://localhost:{port}")),
        ("GOTONG_OIDC_CLIENT", "gotong".to_owned()),
        ("GOTONG_OIDC_SECRET_FILE", secret.to_str().unwrap().to_owned()),
        ("GOTONG_OIDC_NAME", "Ministry".to_owned()),
    ];
    let child = command()
        .args(["serve", "--data", &data, "--listen", &listen])
        .envs(settings)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let _served = Served(child.unwrap());
    wait_for("the node", || std::net::TcpStream::connect(&listen).is_ok());

    let welcome = run(&["user", "invite", "ann", "--role", "reader", "--data", &data]).with(0).out;
    // An account is there once its link has been opened; what is linked before that is nobody's.
    let early = run(&["user", "link", "ann", "--subject", "subject-of-ann", "--data", &data]);
    assert_ne!(early.status, 0, "{}", early.out);
    let opened = client(&["--open", &base, welcome.trim()]);
    assert_eq!(opened.status, 0, "{}{}", opened.out, opened.err);
    run(&["user", "link", "ann", "--subject", "subject-of-ann", "--data", &data]).with(0);
    let said = client(&["--log-in", &base, &port]);
    assert_eq!(said.status, 0, "{}{}", said.out, said.err);
    assert_eq!(said.json()[0]["in"], "subject-of-ann");

    let listed = run(&["user", "list", "--json", "--data", &data]).with(0).json();
    let ann = listed[0]["users"].as_array().unwrap().iter().find(|user| user["name"] == "ann").unwrap().clone();
    assert_eq!(ann["provider"]["subject"], "subject-of-ann", "{ann}");
    assert!(ann["provider"]["last_in"].is_string(), "{ann}");
    run(&["user", "unlink", "ann", "--data", &data]).with(0);
    let listed = run(&["user", "list", "--data", &data]).with(0).out;
    assert!(!listed.contains("subject-of-ann"), "{listed}");
    run(&["user", "unlink", "ann", "--data", &data]).with(1);
}
