//! The region under test: a charter of a few members, agreements, nodes, and a link that moves what two nodes say to each other.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use gotong_app::import::Import;
use gotong_app::node::{self, Ports};
use gotong_app::ports::{Bell, CheckpointFile, Mark};
use gotong_app::publish::{Intent, Markings, Outcome, Submission};
use gotong_app::receive::Applied;
use gotong_app::{Node, Priority};
use gotong_crypto::{Digest, Entropy, SeededEntropy, SigningKey, note};
use gotong_ledger::{Checkpoint, Encoding, Frame, VerifiedFrame};
use gotong_model::agreement::{ChannelType, Clause, Terms};
use gotong_model::charter::{Charter, Member, MemberRole, Texts};
use gotong_model::document::{self, Purpose, Role};
use gotong_model::statement::Statement;
use gotong_model::{ChannelId, Clock, LogId, MemberCode, Origin, RegionId, Slug, Timestamp, Tlp};
use gotong_store::{Fault, MemoryStore, Store};
use gotong_sync::wire::split_frames;

pub(crate) struct TestClock(pub(crate) AtomicI64);

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::SeqCst)).unwrap()
    }
}

/// Outlives the node that writes it, as a file does.
#[derive(Clone, Default)]
pub(crate) struct TestFile(Arc<Mutex<Option<Mark>>>);

impl CheckpointFile for TestFile {
    fn load(&self) -> Result<Option<Mark>, Fault> {
        Ok(*self.0.lock().unwrap())
    }

    fn swap(&self, mark: Mark) -> Result<(), Fault> {
        *self.0.lock().unwrap() = Some(mark);
        Ok(())
    }
}

struct Silent;

impl Bell for Silent {
    fn ring(&self) {}
}

/// Randomness that is always the same, so that what one transaction draws changes nothing of another.
pub(crate) struct Constant;

impl Entropy for Constant {
    fn fill(&self, out: &mut [u8]) {
        out.fill(7);
    }
}

pub(crate) fn code(text: &str) -> MemberCode {
    MemberCode::from_text(text).unwrap()
}

pub(crate) fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

fn english(text: &str) -> Texts {
    Texts::from([("en".to_owned(), text.to_owned())])
}

struct Keys {
    code: MemberCode,
    root: SigningKey,
    node: SigningKey,
}

/// The documents and the time of a region.
pub(crate) struct Region {
    pub(crate) id: RegionId,
    pub(crate) clock: Arc<TestClock>,
    charter: String,
    statements: Vec<String>,
    pub(crate) agreements: Vec<String>,
    keys: Vec<Keys>,
    seed: u64,
}

/// What an agreement of a test says; the rest is the same in all.
pub(crate) struct Treaty<'a> {
    pub(crate) handle: &'a str,
    pub(crate) parties: &'a [&'a str],
    pub(crate) ceiling: Tlp,
    pub(crate) kinds: &'a [&'a str],
    pub(crate) until: Option<&'a str>,
}

impl Default for Treaty<'_> {
    fn default() -> Self {
        Self { handle: "rti", parties: &["id", "th", "vn"], ceiling: Tlp::Amber, kinds: &["stix"], until: None }
    }
}

impl Region {
    pub(crate) fn new(seed: u64, codes: &[&str]) -> Self {
        let entropy = SeededEntropy::new(seed);
        let keys: Vec<Keys> = codes
            .iter()
            .map(|text| Keys {
                code: code(text),
                root: SigningKey::generate(&entropy),
                node: SigningKey::generate(&entropy),
            })
            .collect();
        let member = |keys: &Keys| {
            let name = english(&format!("Member {}", keys.code));
            let member =
                Member { code: keys.code.clone(), name, role: MemberRole::State, root_key: keys.root.public() };
            (keys.code.clone(), member)
        };
        let mut voters: Vec<MemberCode> = keys.iter().map(|keys| keys.code.clone()).collect();
        voters.sort();
        let charter = Charter {
            number: 1,
            previous: None,
            from: at("2026-01-01T00:00:00Z"),
            founded_at: at("2026-01-01T00:00:00Z"),
            name: english("Test region"),
            members: keys.iter().map(member).collect(),
            at_least: voters.len(),
            voters,
            grace_hours: 24,
        };
        let id = charter.region();
        let mut region = Self {
            id,
            clock: Arc::new(TestClock(AtomicI64::new(at("2026-06-01T00:00:00Z").micros()))),
            charter: String::new(),
            statements: Vec::new(),
            agreements: Vec::new(),
            keys,
            seed,
        };
        let all: Vec<&str> = codes.to_vec();
        region.charter = region.sign(Purpose::Charter, &charter.to_value(), &all);
        let statement = |keys: &Keys| {
            Statement {
                member: keys.code.clone(),
                serial: 1,
                previous: None,
                issued_at: at("2026-01-01T00:00:00Z"),
                node_key: keys.node.public(),
                tls_keys: vec![Digest([9; 32])],
                sealing_key: None,
                addresses: vec!["127.0.0.1:9401".to_owned()],
            }
            .sign(&id, &keys.root)
        };
        region.statements = region.keys.iter().map(statement).collect();
        region
    }

    /// The region of most tests: three members and one agreement, `rti/indicators` up to amber.
    pub(crate) fn usual() -> Self {
        let mut region = Self::new(1, &["id", "th", "vn"]);
        region.agree(&Treaty::default());
        region
    }

    fn keys_of(&self, member: &str) -> &Keys {
        self.keys.iter().find(|keys| keys.code.as_str() == member).unwrap()
    }

    pub(crate) fn sign(&self, purpose: Purpose, value: &serde_json::Value, signers: &[&str]) -> String {
        let text = document::text(&self.id, purpose, value);
        let line = |member: &&str| {
            let keys = self.keys_of(member);
            note::sign_line(&text, &document::signer_name(&self.id, &keys.code, Role::Root), &keys.root)
        };
        let lines = signers.iter().map(line).collect();
        note::Note { text, lines }.encode()
    }

    /// Signs an agreement; nodes opened later know it. Its one channel is `<handle>/indicators`.
    pub(crate) fn agree(&mut self, treaty: &Treaty<'_>) -> ChannelId {
        self.agree_with(treaty, |_| {})
    }

    /// [`Self::agree`] with terms changed before they are signed.
    pub(crate) fn agree_with(&mut self, treaty: &Treaty<'_>, change: impl FnOnce(&mut Terms)) -> ChannelId {
        let parties: Vec<MemberCode> = treaty.parties.iter().map(|text| code(text)).collect();
        let clause = |number: &str, title: &str| Clause {
            number: number.to_owned(),
            title: english(title),
            text: english(&format!("The words of {title}.")),
        };
        let indicators = Slug::from_text("indicators").unwrap();
        let clauses = vec![
            clause("1", "Parties"),
            clause("2", "Dates"),
            clause("3", "Indicators"),
            clause("3.1", "Kinds"),
            clause("3.2", "Ceiling"),
        ];
        let channel_type = ChannelType {
            kinds: treaty.kinds.iter().map(|kind| (*kind).to_owned()).collect(),
            kinds_clause: "3.1".to_owned(),
            ceiling: treaty.ceiling,
            ceiling_clause: "3.2".to_owned(),
            ..ChannelType::usual(indicators.clone(), "3", parties.clone(), "sharing indicators")
        };
        let handle = Slug::from_text(treaty.handle).unwrap();
        let mut terms = Terms {
            until: treaty.until.map(at),
            dates_clause: "2".to_owned(),
            channel_types: vec![channel_type],
            nonce: [3; 16],
            ..Terms::usual(handle, parties, at("2026-02-01T00:00:00Z"), clauses)
        };
        change(&mut terms);
        let agreement = gotong_model::AgreementId(terms.hash(&self.id));
        self.agreements.push(self.sign(Purpose::Agreement, &terms.to_value(), treaty.parties));
        ChannelId::standing(&self.id, &agreement, &indicators)
    }

    pub(crate) fn advance_ms(&self, ms: i64) {
        self.clock.0.fetch_add(ms * 1_000, Ordering::SeqCst);
    }

    pub(crate) fn open(&self, member: &str) -> Peer {
        let seed = self.seed * 1_000 + member.bytes().map(u64::from).sum::<u64>();
        self.open_with(member, || Arc::new(SeededEntropy::new(seed)))
    }

    /// Opens a member's node again on the store that it had.
    pub(crate) fn reopen(&self, member: &str, store: Arc<MemoryStore>) -> Peer {
        self.reopen_with(member, store, TestFile::default())
    }

    /// The node ends and begins again, with all that was on its disk.
    pub(crate) fn restart(&self, member: &str, peer: Peer) -> Peer {
        self.reopen_with(member, peer.store, peer.file)
    }

    fn reopen_with(&self, member: &str, store: Arc<MemoryStore>, file: TestFile) -> Peer {
        let seed = self.seed * 1_000_000 + member.bytes().map(u64::from).sum::<u64>();
        let ports = Ports {
            clock: Arc::clone(&self.clock) as Arc<dyn Clock>,
            entropy: Arc::new(SeededEntropy::new(seed)),
            checkpoint_file: Box::new(file.clone()),
            bell: Arc::new(Silent),
        };
        let key = self.keys_of(member).node.clone();
        let name = format!("{member} node");
        let node = Node::open(code(member), name, key, Arc::clone(&store) as Arc<dyn Store>, ports).unwrap();
        Peer { node, store, file }
    }

    /// Opens a member's node on a new store; agreements that the member is no party of stay out.
    pub(crate) fn open_with(&self, member: &str, entropy: impl Fn() -> Arc<dyn Entropy>) -> Peer {
        let store = Arc::new(MemoryStore::new(entropy().as_ref()));
        node::found(store.as_ref(), self.charter.as_bytes()).unwrap();
        let file = TestFile::default();
        let ports = Ports {
            clock: Arc::clone(&self.clock) as Arc<dyn Clock>,
            entropy: entropy(),
            checkpoint_file: Box::new(file.clone()),
            bell: Arc::new(Silent),
        };
        let key = self.keys_of(member).node.clone();
        let name = format!("{member} node");
        let node = Node::open(code(member), name, key, Arc::clone(&store) as Arc<dyn Store>, ports).unwrap();
        for statement in &self.statements {
            node.adopt_statements(&[statement.clone().into_bytes()]).unwrap();
        }
        for agreement in self.agreements.iter().filter(|note| note.contains(&format!("/{member}/root "))) {
            node.adopt_agreement(agreement.as_bytes()).unwrap();
        }
        Peer { node, store, file }
    }
}

/// What a test publishes with.
pub(crate) fn intent(channel: ChannelId) -> Intent {
    Intent {
        channel,
        default_tlp: None,
        organisation: None,
        constituent: None,
        pap: None,
        personal_data: None,
        purpose: None,
        caller: "test".to_owned(),
    }
}

/// One member's node, with its store in reach of the test.
pub(crate) struct Peer {
    pub(crate) node: Node,
    pub(crate) store: Arc<MemoryStore>,
    pub(crate) file: TestFile,
}

impl Peer {
    /// The channel of [`Region::usual`].
    pub(crate) fn channel(&self) -> ChannelId {
        self.node.governance().channel_by_name("rti/indicators").unwrap().id
    }

    /// Publishes bodies in one go.
    pub(crate) fn publish(&self, channel: ChannelId, bodies: &[String]) -> Vec<Outcome> {
        let submissions =
            bodies.iter().zip(1..).map(|(body, line)| Submission { line, body: body.clone().into_bytes() });
        let prepared = self.node.prepare(&intent(channel), submissions.collect(), &Markings::new(), false).unwrap();
        self.node.commit(Priority::People, prepared).unwrap()
    }

    pub(crate) fn publish_one(&self, channel: ChannelId, body: &str) -> Outcome {
        self.publish(channel, &[body.to_owned()]).remove(0)
    }

    /// Imports bodies as a stream would, marking definitions first or last.
    pub(crate) fn import(&self, channel: ChannelId, bodies: &[String]) -> Vec<Outcome> {
        let mut import = Import::new(intent(channel));
        let submissions =
            bodies.iter().zip(1..).map(|(body, line)| Submission { line, body: body.clone().into_bytes() });
        let first = import.prepare(&self.node, submissions.collect()).unwrap();
        let mut outcomes = self.node.commit(Priority::Bulk, first).unwrap();
        let rest = import.finish(&self.node).unwrap();
        outcomes.extend(self.node.commit(Priority::Bulk, rest).unwrap());
        outcomes.sort_by_key(|outcome| outcome.line);
        outcomes
    }

    /// Takes in everything that `from` has for this node, and acknowledges it. Answers what applying came to, frame by frame.
    pub(crate) fn pull(&self, from: &Self) -> Vec<Applied> {
        let mut applied = Vec::new();
        let answer = from.node.changes_for(&self.node.member, None, true).unwrap().unwrap();
        for log in &answer.logs {
            applied.extend(self.pull_log(from, &log.checkpoint));
            if applied.last().is_some_and(|last| !matches!(last, Applied::Stored { .. })) {
                return applied;
            }
        }
        self.node.take_acknowledgements(&answer.acknowledgements).unwrap();
        self.acknowledge(from);
        applied
    }

    /// Fetches one log up to a checkpoint of its author's; nothing where it is not read here.
    pub(crate) fn pull_log(&self, from: &Self, checkpoint: &str) -> Vec<Applied> {
        let mut applied = Vec::new();
        let (log, checkpoint) = self.checkpoint(from, checkpoint);
        let Some(mut have) = self.node.leaves_here(&log).unwrap() else { return applied };
        while have < checkpoint.size {
            let frames = self.frames(from, &log, have);
            assert!(!frames.is_empty());
            for frame in frames {
                let result = self.apply(&log, frame);
                applied.push(result.clone());
                match result {
                    Applied::Stored { size, .. } => have = size,
                    _ => return applied,
                }
            }
        }
        applied
    }

    /// Tells `author` what is here of its logs.
    pub(crate) fn acknowledge(&self, author: &Self) {
        self.node.finish_erasures().unwrap();
        let due = self.node.due_acknowledgements(&author.node.member, 512).unwrap();
        let notes: Vec<String> = due.iter().map(|(_, note)| note.clone()).collect();
        author.node.take_acknowledgements(&notes).unwrap();
        self.node.acknowledged(&author.node.member, &due).unwrap();
    }

    fn checkpoint(&self, from: &Self, note: &str) -> (LogId, Checkpoint) {
        let governance = self.node.governance();
        let key = governance.node_key(&from.node.member).unwrap();
        let checkpoint = Checkpoint::parse_verified(note.as_bytes(), key, None).unwrap();
        (Origin::from_text(&checkpoint.origin).unwrap().log, checkpoint)
    }

    /// Verified frames of a log of `from`, from an index.
    pub(crate) fn frames(&self, from: &Self, log: &LogId, first: u64) -> Vec<VerifiedFrame> {
        let bytes = from.node.frames_for(&self.node.member, log, first, Encoding::Plain).unwrap().unwrap();
        split_frames(&bytes).unwrap().into_iter().map(|bytes| self.verify(from, log, bytes)).collect()
    }

    pub(crate) fn verify(&self, from: &Self, log: &LogId, bytes: &[u8]) -> VerifiedFrame {
        let governance = self.node.governance();
        let key = governance.node_key(&from.node.member).unwrap();
        VerifiedFrame::read(bytes, key, &log.origin(&governance.region).to_string()).unwrap()
    }

    pub(crate) fn apply(&self, log: &LogId, frame: VerifiedFrame) -> Applied {
        let prepared = self.node.prepare_frame(log, frame).unwrap();
        self.node.apply_frame(prepared).unwrap()
    }

    /// The logs of an author in a channel, as this node has them, oldest first.
    pub(crate) fn logs_of(&self, channel: ChannelId, author: &str) -> Vec<gotong_app::rows::LogRow> {
        let tx = self.node.store.read().unwrap();
        let mut rows = gotong_app::rows::logs_of(tx.as_ref(), &channel, &code(author)).unwrap();
        rows.sort_by_key(|row| row.no);
        rows
    }

    /// The one log of an author in a channel, as this node has it.
    pub(crate) fn log_of(&self, channel: ChannelId, author: &str) -> gotong_app::rows::LogRow {
        self.logs_of(channel, author).remove(0)
    }

    pub(crate) fn origin_of(&self, channel: ChannelId, author: &str) -> String {
        self.log_of(channel, author).id.origin(&self.node.governance().region).to_string()
    }

    /// Whether logs, indexes and signatures of this node verify, and the counters are those of what is stored.
    pub(crate) fn assert_sound(&self) {
        let report = gotong_app::verify::node(&self.node, &mut |_, _| {}).unwrap();
        assert_eq!(report.findings, Vec::<String>::new());
        let counts = gotong_app::status::node(&self.node).unwrap().counts;
        let counted = (counts.logs, counts.entries(), counts.erased, counts.withheld);
        assert_eq!(counted, (report.logs, report.entries, report.erased, report.withheld));
    }
}

/// A frame that a test has changed, signed again by nobody: what does not verify any more shows itself.
pub(crate) fn encode(frame: &Frame) -> Vec<u8> {
    frame.encode(Encoding::Plain).unwrap()
}

/// An indicator with a value of its own.
pub(crate) fn indicator(n: u32) -> String {
    indicator_with(n, "2026-03-01T00:00:00.000Z", "")
}

pub(crate) fn indicator_id(n: u32) -> String {
    format!("indicator--8e2e2d2b-17d4-4cbf-938f-{n:012x}")
}

/// An indicator with a version and more members, such as markings.
pub(crate) fn indicator_with(n: u32, modified: &str, more: &str) -> String {
    format!(
        r#"{{"type":"indicator","spec_version":"2.1","id":"{}","created":"2026-03-01T00:00:00.000Z","modified":"{modified}","name":"secret name {n:06}","pattern":"[domain-name:value = 'evil-{n:06}.example']","pattern_type":"stix","valid_from":"2026-03-01T00:00:00Z"{more}}}"#,
        indicator_id(n)
    )
}

/// The member that marks an object.
pub(crate) fn marked(id: &str) -> String {
    format!(r#","object_marking_refs":["{id}"]"#)
}

pub(crate) fn sighting(n: u32, of: &str) -> String {
    format!(
        r#"{{"type":"sighting","spec_version":"2.1","id":"sighting--8e2e2d2b-17d4-4cbf-938f-{n:012x}","created":"2026-03-02T00:00:00.000Z","modified":"2026-03-02T00:00:00.000Z","sighting_of_ref":"{of}","count":3}}"#
    )
}

pub(crate) fn identity(n: u32, modified: &str) -> String {
    format!(
        r#"{{"type":"identity","spec_version":"2.1","id":"identity--8e2e2d2b-17d4-4cbf-938f-{n:012x}","created":"{modified}","modified":"{modified}","name":"x"}}"#
    )
}
