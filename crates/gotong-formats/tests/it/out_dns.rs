//! Response policy zones, judged by those who read them: BIND and Unbound as resolvers with the zone as policy, Knot as the server that hands
//! it out, and their checkers. Each runs as a process of its own on a free port of the loopback, with a scratch folder, and ends with its test.
//!
//! Where a server is not installed the tests fail and name the package. `GOTONG_DNS_SERVERS=none` says that there are none, and is told.

use std::fmt::Write as _;
use std::net::{TcpListener, UdpSocket};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use gotong_formats::out::{Format, Header, Options, Policy, ZoneName};
use serde_json::json;
use tempfile::TempDir;

use crate::out::{Record, header, indicator, of_value, write};

const PACKAGES: &str = "apt-get install bind9 bind9-dnsutils knot unbound";
/// How long a server may take to begin, or a query to be answered.
const PATIENCE: Duration = Duration::from_secs(20);

/// What the upstream answers as long as nobody steps between: the whole DNS as these tests know it.
const UPSTREAM: &str = "$ORIGIN .\n$TTL 60\n. IN SOA localhost. nobody.invalid. 1 60 60 60 60\n. IN NS localhost.\n\
    evil.example. IN A 203.0.113.1\n*.evil.example. IN A 203.0.113.1\nnotevil.example. IN A 203.0.113.2\ngood.example. IN A 203.0.113.2\n\
    _dmarc.evil-too.example. IN A 203.0.113.3\nxn--bcher-kva.example. IN A 203.0.113.4\n\
    bad4.example. IN A 198.51.100.7\nnear4.example. IN A 198.51.100.8\nnet4.example. IN A 203.0.114.200\n\
    bad6.example. IN AAAA 2001:db8::bad\nnear6.example. IN AAAA 2001:db8::bae\nnet6.example. IN AAAA 2001:db8:1:2::99\n\
    mid6.example. IN AAAA 2001:db8:0:1:2:3:4:5\n\
    com. IN A 203.0.113.9\nbank.example. IN A 203.0.113.5\nwarn.garden.example. IN A 203.0.113.77\n";

fn records() -> Vec<Record> {
    vec![
        of_value("domain-name:value", "evil.example").into(),
        of_value("domain-name:value", "_dmarc.evil-too.example").into(),
        of_value("domain-name:value", "bücher.example").into(),
        of_value("ipv4-addr:value", "198.51.100.7").into(),
        of_value("ipv4-addr:value", "203.0.114.0/24").into(),
        of_value("ipv6-addr:value", "2001:db8::bad").into(),
        of_value("ipv6-addr:value", "2001:db8:1::/48").into(),
        of_value("ipv6-addr:value", "2001:db8:0:1:2:3:4:5").into(),
        // What must not get in, or must not break what is in.
        of_value("domain-name:value", "com").into(),
        of_value("domain-name:value", "evil.example\n$INCLUDE /etc/passwd").into(),
        of_value("domain-name:value", "a\" IN CNAME .\n*").into(),
        of_value("domain-name:value", "8.0.0.203.rpz-ip").into(),
        of_value("domain-name:value", &format!("{}.example", "a".repeat(64))).into(),
        of_value("domain-name:value", &format!("{}example", "a.".repeat(123))).into(),
        of_value("ipv4-addr:value", "0.0.0.0/0").into(),
        indicator("[domain-name:value = 'bank.example' AND file:name = 'x']", &json!({})).into(),
    ]
}

fn zone(policy: Policy) -> String {
    let options = Options { policy, ..Options::default() };
    // A channel or a node's name may have what means something in a zone.
    let header = Header { node: "vn ก \"; )\n$INCLUDE /etc/passwd\n* IN CNAME .".to_owned(), ..header() };
    write(Format::Rpz, &header, &options, &records()).0
}

/// Whether the servers are here; the tests may not pass in silence without them.
#[allow(clippy::disallowed_methods, reason = "the servers are other programs")]
fn installed(programs: &[&str]) -> bool {
    if std::env::var("GOTONG_DNS_SERVERS").is_ok_and(|value| value == "none") {
        println!("skipped: GOTONG_DNS_SERVERS=none, so {programs:?} do not judge the zones ({PACKAGES})");
        return false;
    }
    for program in programs {
        let found = Command::new(path(program))
            .arg("-V")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .stdin(Stdio::null())
            .status();
        assert!(found.is_ok(), "{program} is not installed: {PACKAGES}, or set GOTONG_DNS_SERVERS=none");
    }
    true
}

/// Servers stand where the search path of people seldom leads.
fn path(program: &str) -> String {
    let found = ["/usr/sbin", "/usr/bin", "/usr/local/sbin", "/usr/local/bin"]
        .iter()
        .find(|folder| Path::new(folder).join(program).exists());
    found.map_or(program.to_owned(), |folder| format!("{folder}/{program}"))
}

/// A port that is free for both protocols now.
fn port() -> u16 {
    loop {
        let udp = UdpSocket::bind(("127.0.0.1", 0)).unwrap();
        let port = udp.local_addr().unwrap().port();
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

/// A server that ends with its test, however that ends.
struct Server {
    child: Child,
    port: u16,
    folder: TempDir,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    #[allow(clippy::disallowed_methods, reason = "the servers are other programs")]
    fn start(program: &str, arguments: &[&str], port: u16, folder: TempDir) -> Self {
        let log = std::fs::File::create(folder.path().join("log")).unwrap();
        let child = Command::new(path(program))
            .args(arguments)
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        Self { child, port, folder }
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    /// Waits until a name is answered with what the server must know; the error says why it never was.
    #[allow(clippy::disallowed_methods, reason = "a test that waits has a limit")]
    fn ready(mut self, name: &str, kind: &str) -> Result<Self, String> {
        let begun = Instant::now();
        while self.ask(name, kind).is_none_or(|answer| answer.starts_with("SERVFAIL") || answer.starts_with("REFUSED"))
        {
            if self.child.try_wait().unwrap().is_some() || begun.elapsed() > PATIENCE {
                return Err(self.log());
            }
        }
        Ok(self)
    }

    /// A server that answers. Between finding a port free and taking it another program may come, so it is tried again.
    fn running(make: impl Fn() -> Self, name: &str, kind: &str) -> Self {
        let mut logs = Vec::new();
        while logs.len() < 3 {
            match make().ready(name, kind) {
                Ok(server) => return server,
                Err(log) => logs.push(log),
            }
        }
        panic!("no server answers for {name}: {logs:?}");
    }

    /// Status and addresses that a query gets, such as `NXDOMAIN` or `NOERROR 203.0.113.1`.
    #[allow(clippy::disallowed_methods, reason = "dig is another program")]
    fn ask(&self, name: &str, kind: &str) -> Option<String> {
        let port = self.port.to_string();
        let output = Command::new(path("dig"))
            .args(["@127.0.0.1", "-p", &port, "+tries=1", "+time=5", "+nocookie", "+norrcomments", name, kind])
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let status = text.split("status: ").nth(1)?.split(',').next()?.to_owned();
        let answers = text.lines().filter(|line| !line.starts_with(';') && !line.is_empty());
        let values = answers.filter_map(|line| {
            let fields: Vec<_> = line.split_whitespace().collect();
            (fields.get(3) == Some(&kind)).then(|| fields[4].to_owned())
        });
        Some(std::iter::once(status).chain(values).collect::<Vec<_>>().join(" "))
    }
}

/// Knot with zones: the upstream of the resolvers, or the zone of the policy itself.
fn knot(zones: &[(&str, &str)]) -> Server {
    let make = || {
        let (folder, port) = (TempDir::new().unwrap(), port());
        std::fs::create_dir(folder.path().join("db")).unwrap();
        let place = folder.path().display().to_string();
        let mut text = format!(
            "server:\n    listen: 127.0.0.1@{port}\n    rundir: \"{place}\"\n    tcp-workers: 1\n    udp-workers: 1\n    background-workers: 1\n\
         database:\n    storage: \"{place}/db\"\n    journal-db-max-size: 20M\nlog:\n  - target: stderr\n    any: info\n\
         acl:\n  - id: loopback\n    address: 127.0.0.1\n    action: transfer\ntemplate:\n  - id: default\n    storage: \"{place}\"\n    \
         semantic-checks: on\n    zonefile-sync: -1\n    journal-content: none\n    acl: loopback\nzone:\n"
        );
        for (at, (name, zone)) in zones.iter().enumerate() {
            std::fs::write(folder.path().join(format!("{at}.zone")), zone).unwrap();
            writeln!(text, "  - domain: {name}\n    file: \"{at}.zone\"").unwrap();
        }
        let file = folder.path().join("knot.conf");
        std::fs::write(&file, text).unwrap();
        let file = file.display().to_string();
        Server::start("knotd", &["-c", &file], port, folder)
    };
    Server::running(make, zones[0].0, "SOA")
}

/// BIND as a resolver that asks `upstream` everything and has the zone as its policy.
fn bind(upstream: u16, zone: &str) -> Server {
    let make = || {
        let (folder, port) = (TempDir::new().unwrap(), port());
        std::fs::write(folder.path().join("gotong.zone"), zone).unwrap();
        let conf = format!(
            "options {{ directory \"{0}\"; pid-file none; session-keyfile none; listen-on port {port} {{ 127.0.0.1; }}; listen-on-v6 {{ none; }};\n\
         recursion yes; allow-recursion {{ 127.0.0.1; }}; dnssec-validation no; qname-minimization off; forward only;\n\
         forwarders {{ 127.0.0.1 port {upstream}; }}; query-source address 127.0.0.1; empty-zones-enable no;\n\
         response-policy {{ zone \"gotong.rpz\"; }}; }};\ncontrols {{ }};\n\
         zone \"gotong.rpz\" {{ type primary; file \"gotong.zone\"; allow-query {{ none; }}; }};\n",
            folder.path().display()
        );
        let file = folder.path().join("named.conf");
        std::fs::write(&file, conf).unwrap();
        let file = file.display().to_string();
        Server::start("named", &["-g", "-n", "1", "-c", &file], port, folder)
    };
    Server::running(make, "good.example", "A")
}

/// Unbound in the same place.
fn unbound(upstream: u16, zone: &str) -> Server {
    let make = || {
        let (folder, port) = (TempDir::new().unwrap(), port());
        std::fs::write(folder.path().join("gotong.zone"), zone).unwrap();
        let place = folder.path().display();
        let conf = format!(
            "server:\n  directory: \"{place}\"\n  chroot: \"\"\n  username: \"\"\n  pidfile: \"\"\n  use-syslog: no\n  interface: 127.0.0.1@{port}\n  \
         do-daemonize: no\n  do-ip6: no\n  num-threads: 1\n  module-config: \"respip iterator\"\n  do-not-query-localhost: no\n  \
         outgoing-interface: 127.0.0.1\n  access-control: 127.0.0.1/32 allow\n\
         remote-control:\n  control-enable: no\nforward-zone:\n  name: \".\"\n  forward-addr: 127.0.0.1@{upstream}\n\
         rpz:\n  name: gotong.rpz\n  zonefile: \"{place}/gotong.zone\"\n"
        );
        let file = folder.path().join("unbound.conf");
        std::fs::write(&file, conf).unwrap();
        let file = file.display().to_string();
        checked("unbound-checkconf", &[&file]);
        Server::start("unbound", &["-d", "-c", &file], port, folder)
    };
    Server::running(make, "good.example", "A")
}

#[allow(clippy::disallowed_methods, reason = "the checkers are other programs")]
fn checked(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(path(program)).args(arguments).output().unwrap();
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{program}: {text}");
    text
}

/// Name, kind, and the answer with the policy NXDOMAIN.
const QUERIES: [(&str, &str, &str); 20] = [
    ("evil.example", "A", "NXDOMAIN"),
    ("EVIL.Example", "A", "NXDOMAIN"),
    ("www.evil.example", "A", "NXDOMAIN"),
    ("a.b.evil.example", "A", "NXDOMAIN"),
    ("_dmarc.evil-too.example", "A", "NXDOMAIN"),
    ("xn--bcher-kva.example", "A", "NXDOMAIN"),
    ("bad4.example", "A", "NXDOMAIN"),
    ("net4.example", "A", "NXDOMAIN"),
    ("bad6.example", "AAAA", "NXDOMAIN"),
    ("net6.example", "AAAA", "NXDOMAIN"),
    ("mid6.example", "AAAA", "NXDOMAIN"),
    // What is beside, above or refused is answered as ever.
    ("good.example", "A", "NOERROR 203.0.113.2"),
    ("notevil.example", "A", "NOERROR 203.0.113.2"),
    ("near4.example", "A", "NOERROR 198.51.100.8"),
    ("near6.example", "AAAA", "NOERROR 2001:db8::bae"),
    ("com", "A", "NOERROR 203.0.113.9"),
    ("bank.example", "A", "NOERROR 203.0.113.5"),
    ("warn.garden.example", "A", "NOERROR 203.0.113.77"),
    ("good.example", "AAAA", "NOERROR"),
    ("evil.example", "AAAA", "NXDOMAIN"),
];

#[test]
fn bind_answers_from_the_zone_for_what_is_listed_and_for_nothing_else() {
    if !installed(&["named", "named-checkzone", "dig", "knotd"]) {
        return;
    }
    let upstream = knot(&[(".", UPSTREAM)]);
    assert_eq!(
        upstream.ask("evil.example", "A").unwrap(),
        "NOERROR 203.0.113.1",
        "the control: without policy it is answered"
    );
    let server = bind(upstream.port, &zone(Policy::NxDomain));
    for (name, kind, expected) in QUERIES {
        assert_eq!(server.ask(name, kind).unwrap(), expected, "{name} {kind}\n{}", server.log());
    }
    let log = server.log();
    let complaints: Vec<_> = log
        .lines()
        .filter(|line| line.contains("rpz") && (line.contains("invalid") || line.contains("error")))
        .collect();
    assert!(complaints.is_empty(), "{complaints:?}");

    let server = bind(upstream.port, &zone(Policy::NoData));
    assert_eq!(server.ask("www.evil.example", "A").unwrap(), "NOERROR");
    let server = bind(upstream.port, &zone(Policy::PassThru));
    assert_eq!(server.ask("evil.example", "A").unwrap(), "NOERROR 203.0.113.1");
    let server = bind(upstream.port, &zone(Policy::Garden(ZoneName::parse("warn.garden.example").unwrap())));
    assert_eq!(server.ask("evil.example", "A").unwrap(), "NOERROR 203.0.113.77");
}

#[test]
fn unbound_answers_from_the_zone_for_what_is_listed_and_for_nothing_else() {
    if !installed(&["unbound", "unbound-checkconf", "dig", "knotd"]) {
        return;
    }
    let upstream = knot(&[(".", UPSTREAM)]);
    let server = unbound(upstream.port, &zone(Policy::NxDomain));
    for (name, kind, expected) in QUERIES {
        assert_eq!(server.ask(name, kind).unwrap(), expected, "{name} {kind}\n{}", server.log());
    }
    let log = server.log();
    assert!(!log.contains("rpz: ") || !log.contains("error"), "{log}");
    let server = unbound(upstream.port, &zone(Policy::NoData));
    assert_eq!(server.ask("www.evil.example", "A").unwrap(), "NOERROR");
    let server = unbound(upstream.port, &zone(Policy::PassThru));
    assert_eq!(server.ask("evil.example", "A").unwrap(), "NOERROR 203.0.113.1");
}

#[test]
fn knot_hands_the_zone_out_whole() {
    if !installed(&["knotd", "knotc", "dig"]) {
        return;
    }
    let zone = zone(Policy::NxDomain);
    let server = knot(&[("gotong.rpz", &zone)]);
    let port = server.port.to_string();
    let transfer = checked("dig", &["@127.0.0.1", "-p", &port, "+tries=1", "+time=5", "gotong.rpz", "AXFR"]);
    let mut handed: Vec<String> = transfer
        .lines()
        .filter(|line| line.contains("CNAME"))
        .map(|line| line.split_whitespace().next().unwrap().trim_end_matches(".gotong.rpz.").to_owned())
        .collect();
    let mut written: Vec<String> = zone
        .lines()
        .filter(|line| !line.starts_with(';') && line.contains(" IN CNAME "))
        .map(|line| line.split(' ').next().unwrap().to_owned())
        .collect();
    handed.sort();
    written.sort();
    assert_eq!(handed, written);
    assert!(written.len() == 11, "three names with what is below, and five addresses: {written:?}");
    assert!(transfer.contains("tlp=amber"), "the label goes along with a transfer");
    let file = server.folder.path().join("knot.conf").display().to_string();
    let text = checked("knotc", &["-c", &file, "zone-check", "gotong.rpz"]);
    assert!(!text.contains("error") && !text.contains("warning"), "{text}");
}

#[test]
fn the_checker_of_bind_takes_the_zone_and_refuses_a_broken_one() {
    if !installed(&["named-checkzone"]) {
        return;
    }
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("gotong.zone");
    for policy in [
        Policy::NxDomain,
        Policy::NoData,
        Policy::PassThru,
        Policy::Garden(ZoneName::parse("warn.garden.example").unwrap()),
    ] {
        std::fs::write(&file, zone(policy)).unwrap();
        let text = checked("named-checkzone", &["gotong.rpz", &file.display().to_string()]);
        assert!(text.contains("loaded serial 1772366400") && text.trim_end().ends_with("OK"), "{text}");
    }
    // The control: the checker notices what the writer keeps out.
    std::fs::write(&file, zone(Policy::NxDomain) + &"a".repeat(64) + " IN CNAME .\n").unwrap();
    #[allow(clippy::disallowed_methods, reason = "the checker is another program")]
    let broken = Command::new(path("named-checkzone")).arg("gotong.rpz").arg(&file).output().unwrap();
    assert!(!broken.status.success());
}
