//! A region in one call: charter, keys from a seed, statements, agreements with their channel types, and a node of a member on a given store.
//!
//! Everything is signed with real keys and read back by the product's own parsers. For tests, demonstrations of formats, and the simulated region.

mod documents;

use std::collections::BTreeMap;
use std::sync::Arc;

use gotong_app::node::{self, Ports};
use gotong_app::{Node, NodeFault};
use gotong_crypto::note::{self, Note};
use gotong_crypto::{Digest, Entropy, SeededEntropy, SigningKey};
use gotong_model::agreement::{ChannelType, Clause, Terms};
use gotong_model::charter::{Charter, Member, MemberRole, Texts};
use gotong_model::document::{self, Purpose, Role};
use gotong_model::statement::Statement;
use gotong_model::{AgreementId, ChannelId, MemberCode, RegionId, Slug, Timestamp, Tlp};
use gotong_store::Store;
use serde_json::Value;

/// A channel type that an agreement opens.
#[derive(Clone, Debug)]
pub struct ChannelPlan {
    /// Its name.
    pub name: &'static str,
    /// Who reads and writes it: places in the list of members, ascending.
    pub audience: Vec<usize>,
    /// Record kinds.
    pub kinds: Vec<&'static str>,
    /// The strictest label.
    pub ceiling: Tlp,
}

/// An agreement.
#[derive(Clone, Debug)]
pub struct AgreementPlan {
    /// Its handle.
    pub handle: &'static str,
    /// Places in the list of members, ascending.
    pub parties: Vec<usize>,
    /// Until when.
    pub until: Option<Timestamp>,
    /// What it opens, in order of name.
    pub channels: Vec<ChannelPlan>,
}

/// A member with all its keys.
#[derive(Clone, Debug)]
pub struct Keys {
    /// Its code.
    pub code: MemberCode,
    /// The root, which signs documents.
    pub root: SigningKey,
    /// The node key, which signs checkpoints and acknowledgements.
    pub node: SigningKey,
    /// The digest of the key of its certificate.
    pub tls: Digest,
    /// Its statement as signed.
    pub statement: Vec<u8>,
}

/// An agreement as signed, with what it opens.
#[derive(Clone, Debug)]
pub struct Signed {
    /// Its id.
    pub id: AgreementId,
    /// The note.
    pub note: Vec<u8>,
    /// Places of the parties.
    pub parties: Vec<usize>,
    /// Its channels in order of name.
    pub channels: Vec<ChannelId>,
}

/// Everything that is signed before the first record.
#[derive(Clone, Debug)]
pub struct Founding {
    /// The region.
    pub region: RegionId,
    /// The charter as signed by all.
    pub charter: Vec<u8>,
    /// The members in order of code.
    pub members: Vec<Keys>,
    /// The agreements.
    pub agreements: Vec<Signed>,
}

/// An English text.
pub fn english(text: &str) -> Texts {
    BTreeMap::from([("en".to_owned(), text.to_owned())])
}

impl Founding {
    /// Founds a region. Codes ascend; all members are states and voters.
    pub fn new(seed: u64, codes: &[&str], plans: &[AgreementPlan], at: Timestamp) -> Self {
        let entropy = SeededEntropy::new(seed);
        let digest = || {
            let mut bytes = [0; 32];
            entropy.fill(&mut bytes);
            Digest(bytes)
        };
        let mut members: Vec<Keys> = codes
            .iter()
            .map(|code| Keys {
                code: MemberCode::from_text(code).expect("a member code"),
                root: SigningKey::from_seed(&digest().0),
                node: SigningKey::from_seed(&digest().0),
                tls: digest(),
                statement: Vec::new(),
            })
            .collect();
        let charter = Charter {
            number: 1,
            previous: None,
            from: at,
            founded_at: at,
            name: english("Simulated region"),
            members: members.iter().map(|keys| (keys.code.clone(), member(keys))).collect(),
            voters: members.iter().map(|keys| keys.code.clone()).collect(),
            at_least: members.len(),
            grace_hours: 24,
        };
        let region = charter.region();
        let all: Vec<usize> = (0..members.len()).collect();
        let note = signed(&region, Purpose::Charter, &charter.to_value(), &members, &all);
        for (port, keys) in (9_401..).zip(&mut members) {
            keys.statement = statement(keys, port, at).sign(&region, &keys.root).into_bytes();
        }
        let agreements = plans
            .iter()
            .map(|plan| {
                let mut nonce = [0; 16];
                nonce.copy_from_slice(&digest().0[..16]);
                let terms = terms(plan, &members, nonce, at);
                let note = signed(&region, Purpose::Agreement, &terms.to_value(), &members, &plan.parties);
                let id = AgreementId(terms.hash(&region));
                let channel = |kind: &ChannelType| ChannelId::standing(&region, &id, &kind.name);
                let channels = terms.channel_types.iter().map(channel).collect();
                Signed { id, note, parties: plan.parties.clone(), channels }
            })
            .collect();
        Self { region, charter: note, members, agreements }
    }

    /// Founds a member's node on an empty store: charter, own statement, and the agreements it is party to.
    pub fn first_start(&self, member: usize, store: Arc<dyn Store>, ports: Ports) -> Result<Node, NodeFault> {
        node::found(store.as_ref(), &self.charter)?;
        let node = self.start(member, store, ports)?;
        node.adopt_statements(std::slice::from_ref(&self.members[member].statement))?;
        for agreement in self.agreements.iter().filter(|agreement| agreement.parties.contains(&member)) {
            node.adopt_agreement(&agreement.note)?;
        }
        Ok(node)
    }

    /// Opens a member's node on a store that has been founded.
    pub fn start(&self, member: usize, store: Arc<dyn Store>, ports: Ports) -> Result<Node, NodeFault> {
        let keys = &self.members[member];
        Node::open(keys.code.clone(), keys.code.to_string(), keys.node.clone(), store, ports)
    }

    /// The place of a member.
    pub fn place(&self, code: &MemberCode) -> Option<usize> {
        self.members.iter().position(|keys| keys.code == *code)
    }
}

fn member(keys: &Keys) -> Member {
    Member {
        code: keys.code.clone(),
        name: english(keys.code.as_str()),
        role: MemberRole::State,
        root_key: keys.root.public(),
    }
}

fn statement(keys: &Keys, port: u16, at: Timestamp) -> Statement {
    Statement {
        member: keys.code.clone(),
        serial: 1,
        previous: None,
        issued_at: at,
        node_key: keys.node.public(),
        tls_keys: vec![keys.tls],
        sealing_key: None,
        addresses: vec![format!("192.0.2.1:{port}")],
    }
}

fn clause(number: &str, title: &str) -> Clause {
    Clause { number: number.to_owned(), title: english(title), text: english(&format!("What {title} means here.")) }
}

fn terms(plan: &AgreementPlan, members: &[Keys], nonce: [u8; 16], at: Timestamp) -> Terms {
    let codes = |places: &[usize]| places.iter().map(|at| members[*at].code.clone()).collect::<Vec<_>>();
    let channel_type = |channel: &ChannelPlan| ChannelType {
        kinds: channel.kinds.iter().map(|kind| (*kind).to_owned()).collect(),
        kinds_clause: "3.1".to_owned(),
        ceiling: channel.ceiling,
        ceiling_clause: "3.2".to_owned(),
        ..ChannelType::usual(Slug::from_text(channel.name).expect("a slug"), "3", codes(&channel.audience), "Tests")
    };
    let clauses = vec![
        clause("1", "Parties"),
        clause("2", "Dates"),
        clause("3", "Channels"),
        clause("3.1", "Kinds"),
        clause("3.2", "Ceiling"),
    ];
    Terms {
        until: plan.until,
        dates_clause: "2".to_owned(),
        channel_types: plan.channels.iter().map(channel_type).collect(),
        nonce,
        ..Terms::usual(Slug::from_text(plan.handle).expect("a slug"), codes(&plan.parties), at, clauses)
    }
}

fn signed(region: &RegionId, purpose: Purpose, value: &Value, members: &[Keys], signers: &[usize]) -> Vec<u8> {
    let text = document::text(region, purpose, value);
    let sign = |at: &usize| {
        let keys = &members[*at];
        note::sign_line(&text, &document::signer_name(region, &keys.code, Role::Root), &keys.root)
    };
    let lines = signers.iter().map(sign).collect();
    Note { text: text.clone(), lines }.encode().into_bytes()
}
