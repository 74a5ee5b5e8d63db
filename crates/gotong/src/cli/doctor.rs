//! `gotong doctor`: looks at a data folder and says what is wrong with it, and what to do.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Result;
use gotong_app::Node;
use gotong_app::health::{self, Finding, Verdict};
use gotong_model::statement::Statement;
use gotong_model::{Clock, Timestamp};
use serde_json::{Value, json};

use super::{Ending, runtime};
use crate::client::{Client, Reach};
use crate::clock::SystemClock;
use crate::home::{self, Home};
use crate::output::{list_at, number_at, print, print_json, text_at};
use crate::wiring::{self, Silence};

/// Look at a node's data folder: keys, permissions, configuration, store, governance.
#[derive(clap::Args, Debug)]
#[command(after_help = "Changes nothing. Exit status 1 if anything is wrong.\n\nExample:\n  gotong doctor --data ./vn")]
pub(crate) struct Arguments {
    /// The data folder.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Check that this copy of the root key reads back and is the member's.
    #[arg(long, value_name = "FILE")]
    root: Option<PathBuf>,
}

const DAY_US: u64 = 86_400_000_000;

fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Good => "ok",
        Verdict::Mind => "mind",
        Verdict::Wrong => "WRONG",
    }
}

/// What is told of one thing: a check of the node, or what only the folder says.
struct Told {
    verdict: Verdict,
    what: String,
    hint: String,
}

#[derive(Default)]
struct Examination(Vec<Told>);

impl Examination {
    fn good(&mut self, what: impl Into<String>) {
        self.0.push(Told { verdict: Verdict::Good, what: what.into(), hint: String::new() });
    }

    fn mind(&mut self, what: impl Into<String>, hint: &str) {
        self.0.push(Told { verdict: Verdict::Mind, what: what.into(), hint: hint.to_owned() });
    }

    fn all(&mut self, findings: Vec<Finding>) {
        let told =
            |finding: Finding| Told { verdict: finding.verdict, what: finding.text, hint: finding.hint.to_owned() };
        self.0.extend(findings.into_iter().map(told));
    }

    fn wrong(&mut self, what: impl Into<String>, hint: &str) {
        self.0.push(Told { verdict: Verdict::Wrong, what: what.into(), hint: hint.to_owned() });
    }
}

pub(crate) fn run(arguments: &Arguments, json: bool) -> Result<Ending> {
    let home = Home::open(&arguments.data)?;
    let mut examination = Examination::default();
    let root = arguments.root.as_deref().map(|path| {
        // Of a folder whose configuration does not read, only whether the copy reads back is looked at.
        let is_rehearsal = home.config().is_ok_and(|config| config.node.rehearsal);
        home::root_key_of_sort(path, is_rehearsal, "node")
    });
    if let Some(Err(fault)) = &root {
        examination.wrong(format!("{fault:#}"), "this copy is of no use: make another");
    }
    files(&home, &mut examination);
    match home.config() {
        Err(fault) => examination.wrong(format!("{fault:#}"), "mend gotong.toml, or the variable that is named"),
        Ok(config) => {
            examination.good("the configuration holds");
            if config.node.rehearsal {
                examination
                    .mind("REHEARSAL: this node only rehearses", "for the real region a node of its own is made");
            }
            match wiring::open_node(&home, &config, Arc::new(Silence)) {
                Ok(node) => {
                    governance(&home, &node, root.and_then(Result::ok).as_ref(), &mut examination);
                    store(&node, &mut examination);
                }
                Err(fault) => runtime()?.block_on(running(arguments, &fault, &mut examination)),
            }
        }
    }
    report(&examination, json)
}

fn files(home: &Home, examination: &mut Examination) {
    let loose = home.loose_files();
    if loose.is_empty() {
        examination.good("nobody but the owner reads keys and configuration");
    }
    for path in loose {
        examination.wrong(format!("others may read {}", path.display()), "chmod go= on it");
    }
    match home.node_key() {
        Ok(_) => examination.good("the node key reads back"),
        Err(fault) => examination.wrong(format!("{fault:#}"), "bring it back from a backup"),
    }
    if let Err(fault) = wiring::tls_identity(home) {
        examination.wrong(format!("{fault:#}"), "bring it back from a backup");
    }
    if home.root_key_file().is_file() {
        let hint = "copy it to two places without a network, check a copy with doctor --root COPY, then remove it here";
        examination.mind(format!("the root key is still in {}", home.root_key_file().display()), hint);
    }
}

fn governance(home: &Home, node: &Node, root: Option<&gotong_crypto::SigningKey>, examination: &mut Examination) {
    let is_own = |statement: &Statement| {
        home.node_key().is_ok_and(|key| key.public() == statement.node_key)
            && wiring::tls_identity(home).is_ok_and(|tls| statement.tls_keys.contains(&tls.key_digest()))
    };
    examination.all(health::governance(node, &is_own));
    let governance = node.governance();
    let member = governance.charter.members.get(&node.member);
    match root.zip(member) {
        Some((root, member)) if root.public() == member.root_key => examination.good("the root key is the member's"),
        Some(_) => examination.wrong("the root key named is not the one in the charter", "find the right copy"),
        None => {}
    }
}

fn store(node: &Node, examination: &mut Examination) {
    examination.all(vec![health::store(node)]);
    examination.all(health::database(node));
    examination.all(vec![health::views(node), health::backup(node)]);
    examination.all(health::mail(node).into_iter().collect());
}

/// The folder cannot be opened. If a node runs on it, that one is asked; what only the folder tells is left out.
async fn running(arguments: &Arguments, fault: &anyhow::Error, examination: &mut Examination) {
    let reach = Reach { data: Some(arguments.data.clone()), ..Reach::default() };
    let asked = async {
        let mut client = Client::open(&reach).await?;
        let status = client.get("status").await?;
        let peers = client.get("peers").await?;
        client.close().await;
        anyhow::Ok((status, peers))
    };
    let Ok((status, peers)) = asked.await else {
        examination.wrong(format!("{fault:#}"), crate::fault::hint(fault).unwrap_or("see above"));
        return;
    };
    examination.good(format!(
        "a node runs here: {} entries, {} bytes",
        number_at(&status, "/store/entries"),
        number_at(&status, "/store/bytes")
    ));
    if status.get("restored") == Some(&Value::Bool(true)) {
        examination.wrong("the store is older than what was signed from it", "stop the node and run doctor again");
    }
    let made = Timestamp::parse(text_at(&status, "/store/last_backup"));
    let now = SystemClock.now();
    let days = |made: Timestamp| u64::try_from(now.micros().saturating_sub(made.micros())).unwrap_or(0) / DAY_US;
    examination.all(vec![health::backed_up(made.map(days))]);
    for peer in list_at(&peers, "/peers").iter().filter(|peer| text_at(peer, "/state") == "unreachable") {
        let fault = text_at(peer, "/link/last_fault/text");
        examination
            .mind(format!("{} cannot be reached: {fault}", text_at(peer, "/member")), "gotong peer status --data DIR");
    }
    examination.mind("the database was not read through", "stop the node and run doctor again, or gotong log verify");
}

fn report(examination: &Examination, json: bool) -> Result<Ending> {
    for Told { verdict, what, hint } in &examination.0 {
        if json {
            print_json(&json!({"verdict": word(*verdict).to_lowercase(), "what": what, "hint": hint}))?;
            continue;
        }
        let hint = if hint.is_empty() { String::new() } else { format!("\n         {hint}") };
        print(&crate::output::visible_lines(&format!("{:<6} {what}{hint}\n", word(*verdict))))?;
    }
    Ok(Ending::of(examination.0.iter().all(|told| told.verdict != Verdict::Wrong)))
}
