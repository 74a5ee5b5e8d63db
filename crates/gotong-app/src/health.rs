//! How a node is, check by check: its place in the region's governance, its store, its views. What `gotong doctor` and the page of operation both tell.
//!
//! Every check has an id, under which pages say it in other languages, a sentence in English, and where something is to be done, what. It changes nothing.
//! What only a data folder tells (permissions, copies of keys) is `doctor`'s own.

use gotong_model::governance::Governance;
use gotong_model::statement::Statement;
use gotong_model::{MemberCode, Timestamp};

use crate::act::Told;
use crate::backup;
use crate::node::Node;

/// What a check came to; a greater one is worse.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Verdict {
    /// All is well.
    Good,
    /// A person should look at it.
    Mind,
    /// Something does not work.
    Wrong,
}

/// One check.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// What it came to.
    pub verdict: Verdict,
    /// Its id, with what stands in its sentence.
    pub said: Told,
    /// The sentence in English.
    pub text: String,
    /// What to do, in English; empty where there is nothing.
    pub hint: &'static str,
    /// The command that does it, where one does.
    pub command: Option<&'static str>,
}

impl Finding {
    fn new(verdict: Verdict, said: Told, text: impl Into<String>) -> Self {
        Self { verdict, said, text: text.into(), hint: "", command: None }
    }

    fn good(said: Told, text: impl Into<String>) -> Self {
        Self::new(Verdict::Good, said, text)
    }

    fn hinting(mut self, hint: &'static str) -> Self {
        self.hint = hint;
        self
    }

    fn by(mut self, command: &'static str) -> Self {
        self.command = Some(command);
        self
    }
}

const SIGN_STATEMENT: &str = "gotong charter accept CHARTER --data DIR --root FILE";

/// The cheap checks, for every view of a page.
pub fn node(node: &Node) -> Vec<Finding> {
    let own = node.node_key.public();
    let mut found = governance(node, &|statement| statement.node_key == own);
    found.push(store(node));
    found.push(views(node));
    found.extend(mail(node));
    found.push(backup(node));
    found
}

/// Its place in the governance. `is_own` says whether a statement names the keys that this node has.
pub fn governance(node: &Node, is_own: &dyn Fn(&Statement) -> bool) -> Vec<Finding> {
    let governance = node.governance();
    let mut found = Vec::new();
    if !governance.charter.members.contains_key(&node.member) {
        let said = Told::of("member-none").text("member", node.member.as_str());
        let text = format!("the charter names no member {}", node.member);
        return vec![Finding::new(Verdict::Wrong, said, text).hinting("this node cannot take part")];
    }
    let region = governance.charter.name.get("en").cloned().unwrap_or_default();
    let said = Told::of("member").text("member", node.member.as_str()).text("region", region.as_str());
    let text = format!("{} is a member of {region}, region {}", node.member, governance.region.to_words());
    found.push(Finding::good(said, text));
    statement(&governance, &node.member, is_own, &mut found);
    let members = governance.charter.members.keys();
    let unknown: Vec<&str> =
        members.filter(|code| governance.statement(code).is_none()).map(MemberCode::as_str).collect();
    if !unknown.is_empty() {
        let names = unknown.join(", ");
        let said = Told::of("statements-missing").text("names", names.as_str());
        let finding = Finding::new(Verdict::Mind, said, format!("no statement is known of {names}"));
        let hint = "ask them for statement.note: gotong peer add FILE --data DIR";
        found.push(finding.hinting(hint).by("gotong peer add FILE --data DIR"));
    }
    agreements(&governance, node.now(), &mut found);
    found
}

fn statement(
    governance: &Governance,
    member: &MemberCode,
    is_own: &dyn Fn(&Statement) -> bool,
    found: &mut Vec<Finding>,
) {
    let hint = "sign a statement: gotong charter accept CHARTER --data DIR --root FILE";
    let wrong =
        |id: &str, text: String| Finding::new(Verdict::Wrong, Told::of(id), text).hinting(hint).by(SIGN_STATEMENT);
    let Some(statement) = governance.statement(member) else {
        found.push(wrong("statement-none", "this node has no statement, so no peer accepts it".to_owned()));
        return;
    };
    let serial = statement.serial;
    if is_own(statement) {
        let said = Told::of("statement").count("serial", usize::try_from(serial).unwrap_or(usize::MAX));
        found.push(Finding::good(said, format!("statement {serial} names this node's keys")));
    } else {
        found.push(wrong("statement-other-keys", format!("statement {serial} names other keys than this node's")));
    }
    if statement.addresses.is_empty() {
        let text = "the statement names no address, so peers cannot dial this node";
        let finding = Finding::new(Verdict::Mind, Told::of("statement-no-address"), text);
        found.push(finding.hinting("set federation.address, then sign a statement").by(SIGN_STATEMENT));
    }
}

fn agreements(governance: &Governance, now: Timestamp, found: &mut Vec<Finding>) {
    if governance.agreements.is_empty() {
        let text = "no agreement is known, so nothing can be shared";
        let command = "gotong agreement accept FILE --data DIR";
        found.push(Finding::new(Verdict::Mind, Told::of("agreements-none"), text).hinting(command).by(command));
    }
    for agreement in governance.agreements.values() {
        let handle = &agreement.terms.handle;
        let said = |id: &str| Told::of(id).text("name", handle.as_str());
        if agreement.terms.dates_hold(now) {
            found.push(Finding::good(said("agreement"), format!("the agreement {handle} is in force")));
        } else {
            let text = format!("the agreement {handle} is outside its dates");
            let finding = Finding::new(Verdict::Mind, said("agreement-over"), text);
            found.push(finding.hinting("check the machine's clock, and the dates"));
        }
    }
}

/// Whether the store is where its checkpoint file says.
pub fn store(node: &Node) -> Finding {
    if node.is_restored() {
        let hint = "it does not publish until its peers have been asked; the checkpoint file must never be copied or removed by hand";
        let text = "the store is older than what was signed from it";
        Finding::new(Verdict::Wrong, Told::of("store-restored"), text).hinting(hint)
    } else {
        Finding::good(Told::of("store"), "the store is not behind its checkpoint file")
    }
}

/// The database, read through: this takes as long as it is large.
pub fn database(node: &Node) -> Vec<Finding> {
    let wrong = |text: String| {
        let said = Told::of("database-wrong").text("why", text.as_str());
        Finding::new(Verdict::Wrong, said, text).hinting("restore the store from a backup")
    };
    match node.store.check() {
        Ok(findings) if findings.is_empty() => vec![Finding::good(Told::of("database"), "the database is whole")],
        Ok(findings) => findings.into_iter().map(wrong).collect(),
        Err(fault) => vec![wrong(fault.to_string())],
    }
}

/// How e-mail stands, where letters are or were on their way.
pub fn mail(node: &Node) -> Option<Finding> {
    let standing = match crate::notify::letter::standing(node) {
        Ok(standing) => standing,
        Err(fault) => {
            let text = fault.to_string();
            return Some(Finding::new(Verdict::Wrong, Told::of("mail-wrong").text("why", text.as_str()), text));
        }
    };
    if let Some(fault) = standing.last_fault.filter(|_| standing.failing_since.is_some()) {
        let text = format!("e-mail does not go out, and {} letters wait: {fault}", standing.waiting);
        let said = Told::of("mail-failing").count("count", standing.waiting).text("why", fault);
        return Some(
            Finding::new(Verdict::Mind, said, text)
                .hinting("look at [mail] in the configuration, and at the mail server"),
        );
    }
    (standing.sent > 0).then(|| Finding::good(Told::of("mail"), "e-mail goes out"))
}

/// When the newest backup was made.
pub fn backup(node: &Node) -> Finding {
    let newest = node.store.read().and_then(|tx| backup::newest(tx.as_ref()));
    match newest {
        Ok(made) => backed_up(made.map(|made| made.age_days(node.now()))),
        Err(fault) => {
            let text = format!("when the newest backup was made cannot be read: {fault}");
            let said = Told::of("backup-wrong").text("why", fault.to_string());
            Finding::new(Verdict::Wrong, said, text).hinting("look at the disk; then make a backup")
        }
    }
}

/// What there is to say of a newest backup that is so many whole days old; `None`: there is none.
pub fn backed_up(age_days: Option<u64>) -> Finding {
    const COMMAND: &str = "gotong backup --data DIR --out FILE --passphrase-file FILE";
    let count = |days: u64| usize::try_from(days).unwrap_or(usize::MAX);
    let mind = |said: Told, text: String| {
        let hint =
            "make one, and keep it on another machine: gotong backup --data DIR --out FILE --passphrase-file FILE";
        Finding::new(Verdict::Mind, said, text).hinting(hint).by(COMMAND)
    };
    match age_days {
        None => mind(Told::of("backup-none"), "no backup of this node has been made".to_owned()),
        Some(days) if days >= backup::OLD_DAYS => {
            mind(Told::of("backup-old").count("count", count(days)), format!("the newest backup is {days} days old"))
        }
        Some(days) => {
            let below = days.saturating_add(1);
            let text = if below == 1 { "one day".to_owned() } else { format!("{below} days") };
            let said = Told::of("backup").count("count", count(below));
            Finding::good(said, format!("the newest backup is less than {text} old"))
        }
    }
}

/// Whether the views follow the logs.
pub fn views(node: &Node) -> Finding {
    match node.projection_lag() {
        Ok(0) => Finding::good(Told::of("views"), "the views are up to date"),
        Ok(lag) => {
            let said = Told::of("views-behind").count("count", usize::try_from(lag).unwrap_or(usize::MAX));
            let text = format!("the views are {lag} arrivals behind");
            Finding::new(Verdict::Mind, said, text).hinting("they catch up while the node runs")
        }
        Err(fault) => {
            let text = fault.to_string();
            let command = "gotong rebuild --data DIR";
            let said = Told::of("views-wrong").text("why", text.as_str());
            Finding::new(Verdict::Wrong, said, text).hinting(command).by(command)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backup_that_is_missing_or_a_week_old_is_to_be_looked_at() {
        let verdict = |days| backed_up(days).verdict;
        assert_eq!([verdict(Some(0)), verdict(Some(6))], [Verdict::Good; 2]);
        assert_eq!([verdict(None), verdict(Some(7)), verdict(Some(u64::MAX))], [Verdict::Mind; 3]);
        assert_eq!(backed_up(Some(0)).text, "the newest backup is less than one day old");
    }
}
