//! Founding the demo's region: keys, charter, statements, agreements, and a data folder for each member that has them all. The keys are real ones, made
//! anew for each demo; the root keys lie in the members' folders, as after `gotong init`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result};
use gotong_app::caller::Caller;
use gotong_app::role::Role;
use gotong_app::token::{self, NewToken};
use gotong_app::{Node, node};
use gotong_crypto::{Entropy, SigningKey};
use gotong_model::agreement::{ChannelType, Clause, Onward, Terms};
use gotong_model::charter::{Charter, Member, MemberRole, Texts};
use gotong_model::governance::Governance;
use gotong_model::{AgreementId, Clock, MemberCode, RegionId, Slug, Timestamp, Tlp};

use super::members::{STATES, State};
use super::people::{self, Person};
use super::{Wish, api_port, federation_port, house, loopback};
use crate::clock::SystemClock;
use crate::config::quoted;
use crate::entropy::SystemEntropy;
use crate::founding::{self, NodeFacts};
use crate::home::{self, Founding, Home};
use crate::wiring::{self, Silence};

const DAY_MS: u64 = 86_400_000;
/// Page caches of one node, where many share a machine.
const CACHE_MIB_OF_MANY: u32 = 16;
/// From how many members on the machine is shared by many.
const MANY: usize = 6;

/// A founded region.
pub(super) struct Region {
    /// Its id.
    pub(super) id: RegionId,
    /// Its name.
    pub(super) name: String,
    /// Its members, in the order of their ports.
    pub(super) members: Vec<Founded>,
    /// The agreement of all.
    pub(super) shared: Shared,
    /// The agreement of the first two.
    pub(super) bilateral: Shared,
}

/// A member with its folder.
pub(super) struct Founded {
    /// Its code.
    pub(super) code: MemberCode,
    /// Its name.
    pub(super) name: &'static str,
    /// Its data folder.
    pub(super) dir: PathBuf,
    /// Port of its pages and API.
    pub(super) port: u16,
    /// Token of an analyst who may publish.
    pub(super) token: String,
    /// Token of the bank that it serves, which may publish.
    pub(super) bank_token: String,
    /// People who can log in.
    pub(super) people: Vec<Person>,
}

impl Founded {
    /// Where it answers.
    pub(super) fn base(&self) -> String {
        format!("http://{}", loopback(self.port))
    }
}

/// An agreement and what it opens.
pub(super) struct Shared {
    /// Its id.
    pub(super) id: AgreementId,
    /// Its terms.
    pub(super) terms: Terms,
}

impl Shared {
    /// Its channels' handles.
    pub(super) fn channels(&self) -> Vec<String> {
        self.terms.channel_types.iter().map(|kind| format!("{}/{}", self.terms.handle, kind.name)).collect()
    }
}

/// What a member brings to the founding.
struct Seat {
    state: &'static State,
    code: MemberCode,
    home: Home,
    root: SigningKey,
    port: u16,
    address: String,
}

impl Region {
    /// Makes keys and folders, and lets all sign.
    pub(super) fn found(dir: &Path, wish: &Wish<'_>) -> Result<Self> {
        let now = SystemClock.now();
        let states = STATES.iter().take(wish.members).enumerate();
        let seats = states.map(|(place, state)| Seat::take(dir, wish, place, state)).collect::<Result<Vec<_>>>()?;
        let charter = charter(&seats, now);
        let region = charter.region();
        let roots: Vec<&SigningKey> = seats.iter().map(|seat| &seat.root).collect();
        let charter_note = founding::signed_charter(&charter, &roots)?;
        let known = Governance::from_charter(charter_note.as_bytes())?;
        let codes: Vec<MemberCode> = seats.iter().map(|seat| seat.code.clone()).collect();
        let shared = shared_terms(&codes, now)?;
        let pair = codes.get(..2).context("a demo has at least two members")?;
        let bilateral = bilateral_terms(pair, now)?;
        let sign = |terms: &Terms| {
            let mine = |seat: &&Seat| terms.parties.contains(&seat.code);
            let roots: Vec<&SigningKey> = seats.iter().filter(mine).map(|seat| &seat.root).collect();
            founding::signed_agreement(terms, &known, &roots)
        };
        let (shared_note, bilateral_note) = (sign(&shared)?, sign(&bilateral)?);
        let statements = seats.iter().map(|seat| seat.statement(&region, now)).collect::<Result<Vec<_>>>()?;
        for (file, note) in [("charter.note", &charter_note), ("agreement.note", &shared_note)] {
            home::write_whole(&dir.join(file), note.as_bytes(), 0o644)?;
        }
        let mut members = Vec::new();
        for seat in seats {
            let node = seat.open(&charter_note)?;
            for statement in &statements {
                node.adopt_statements(&[statement.clone().into_bytes()])?;
            }
            node.adopt_agreement(shared_note.as_bytes())?;
            if bilateral.parties.contains(&seat.code) {
                node.adopt_agreement(bilateral_note.as_bytes())?;
            }
            let analyst = NewToken { name: "analyst".to_owned(), role: Role::ReleasingOfficer, ..NewToken::default() };
            let (_, token) = token::create(&node, &Caller::operator(), &analyst)?
                .map_err(|_| anyhow::anyhow!("the operator may make every token"))?;
            let bank_token = house::serve(&node, &known, &seat.code, &seat.root, day_before(now))?;
            let people = people::welcome(&node)?;
            members.push(Founded {
                code: seat.code,
                name: seat.state.name,
                dir: seat.home.dir().to_owned(),
                port: seat.port,
                token,
                bank_token,
                people,
            });
        }
        let whole = |terms: Terms| Shared { id: AgreementId(terms.hash(&region)), terms };
        Ok(Self { id: region, name: region_name(), members, shared: whole(shared), bilateral: whole(bilateral) })
    }
}

impl Seat {
    fn take(dir: &Path, wish: &Wish<'_>, place: usize, state: &'static State) -> Result<Self> {
        let (node_key, root) = (SigningKey::generate(&SystemEntropy), SigningKey::generate(&SystemEntropy));
        let port = api_port(wish.base_port, place)?;
        let address = loopback(federation_port(wish.base_port, place)?).to_string();
        let mut settings = vec![
            ("web", "listen", quoted(&loopback(port).to_string())),
            ("federation", "listen", quoted(&address)),
            ("federation", "address", quoted(&address)),
            // Two channels are open to everybody here, and an event of MISP names neither.
            ("misp", "channel", quoted("rti/indicators")),
            // People try it with a name and a password alone.
            ("web", "second_factor", "false".to_owned()),
            // A passkey is made for a name, and this one every machine has.
            ("console", "address", quoted(&format!("http://localhost:{port}"))),
        ];
        if wish.members >= MANY {
            settings.push(("store", "cache_mib", CACHE_MIB_OF_MANY.to_string()));
        }
        let founding = Founding {
            member: state.code,
            name: state.name,
            settings,
            node_key: &node_key,
            root_key: Some(&root),
            tls_key_pem: &wiring::new_tls_key()?,
            is_rehearsal: false,
        };
        let home = Home::create(&dir.join(state.code), &founding)?;
        let code = MemberCode::from_text(state.code).context("a member's code")?;
        Ok(Self { state, code, home, root, port, address })
    }

    fn statement(&self, region: &RegionId, now: Timestamp) -> Result<String> {
        let facts = NodeFacts {
            node_key: self.home.node_key()?.public(),
            tls_key: wiring::tls_identity(&self.home)?.key_digest(),
            addresses: vec![self.address.clone()],
        };
        let note = founding::next_statement(&[], &self.code, &facts, now)
            .context("a first statement")?
            .sign(region, &self.root);
        home::write_whole(&self.home.statement_file(), note.as_bytes(), 0o644)?;
        Ok(note)
    }

    fn open(&self, charter: &str) -> Result<Node> {
        let config = self.home.config()?;
        let store = wiring::open_store(&self.home, &config)?;
        node::found(&store, charter.as_bytes())?;
        drop(store);
        wiring::open_node(&self.home, &config, Arc::new(Silence))
    }
}

fn region_name() -> String {
    "ASEAN (demo)".to_owned()
}

/// What is in force since a day ago, clocks that differ a little agree on.
fn day_before(now: Timestamp) -> Timestamp {
    Timestamp::from_micros(now.micros().saturating_sub(86_400_000_000)).unwrap_or_default()
}

fn english(text: &str) -> Texts {
    BTreeMap::from([("en".to_owned(), text.to_owned())])
}

fn charter(seats: &[Seat], now: Timestamp) -> Charter {
    let member = |seat: &Seat| {
        let mut name = english(seat.state.name);
        name.insert(seat.state.own.0.to_owned(), seat.state.own.1.to_owned());
        (
            seat.code.clone(),
            Member { code: seat.code.clone(), name, role: MemberRole::State, root_key: seat.root.public() },
        )
    };
    let members: BTreeMap<MemberCode, Member> = seats.iter().map(member).collect();
    let voters: Vec<MemberCode> = members.keys().cloned().collect();
    Charter {
        number: 1,
        previous: None,
        from: now,
        founded_at: now,
        name: english(&region_name()),
        members,
        at_least: voters.len(),
        voters,
        grace_hours: 24,
    }
}

fn clause(number: &str, title: &str, text: &str) -> Clause {
    Clause { number: number.to_owned(), title: english(title), text: english(text) }
}

fn slug(text: &str) -> Result<Slug> {
    Slug::from_text(text).context("a short name")
}

fn terms(handle: &str, title: &str, purpose: &str, parties: &[MemberCode], now: Timestamp) -> Result<Terms> {
    let mut nonce = [0_u8; 16];
    SystemEntropy.fill(&mut nonce);
    let mut parties = parties.to_vec();
    parties.sort();
    let from = day_before(now);
    let clauses = vec![
        clause("1", "Parties", "The parties are those whose authorities have signed below."),
        clause("2", "Dates", "This agreement is in force from the day before its signature and for one year."),
    ];
    Ok(Terms {
        title: english(title),
        purpose: purpose.to_owned(),
        legal_basis: "None: this is a demonstration, with keys made for it alone".to_owned(),
        until: Some(now.plus_ms(365 * DAY_MS)),
        dates_clause: "2".to_owned(),
        nonce,
        ..Terms::usual(slug(handle)?, parties, from, clauses)
    })
}

fn channel_type(name: &str, clause: &str, ceiling: Tlp, kinds: &[&str], parties: &[MemberCode]) -> Result<ChannelType> {
    let purpose = "Defence of networks in the parties' territories";
    Ok(ChannelType {
        kinds: kinds.iter().map(|kind| (*kind).to_owned()).collect(),
        kinds_clause: format!("{clause}.1"),
        ceiling,
        ceiling_clause: format!("{clause}.2"),
        onward: Onward::Constituents,
        ..ChannelType::usual(slug(name)?, clause, parties.to_vec(), purpose)
    })
}

/// What all members agree on.
fn shared_terms(parties: &[MemberCode], now: Timestamp) -> Result<Terms> {
    let mut terms = terms("rti", "Regional threat information", "To warn each other of threats at once", parties, now)?;
    terms.clauses.extend([
        clause("3", "Advisories", "The parties share advisories that may go to their constituents."),
        clause(
            "3.1",
            "What an advisory is",
            "Reports, notes, vulnerabilities and who speaks. Indicators go where clause 4 puts them.",
        ),
        clause("3.2", "How confidential", "Advisories are at most TLP:GREEN."),
        clause(
            "4",
            "Indicators",
            "The parties share indicators of compromise, what they indicate, and sightings of them.",
        ),
        clause("4.1", "What belongs there", "Objects of STIX 2.1 of every type."),
        clause("4.2", "How confidential", "At most TLP:AMBER."),
    ]);
    let advisories = ["stix.identity", "stix.note", "stix.report", "stix.vulnerability"];
    terms.channel_types = vec![
        ChannelType {
            onward: Onward::Public,
            ..channel_type("advisories", "3", Tlp::Green, &advisories, &terms.parties)?
        },
        channel_type("indicators", "4", Tlp::Amber, &["stix"], &terms.parties)?,
    ];
    Ok(terms)
}

/// What the first two share, and nobody else knows of.
fn bilateral_terms(pair: &[MemberCode], now: Timestamp) -> Result<Terms> {
    let mut codes: Vec<&str> = pair.iter().map(MemberCode::as_str).collect();
    codes.sort_unstable();
    let handle = codes.join("-");
    let mut terms =
        terms(&handle, "Bilateral exchange on incidents", "To resolve incidents that concern both", pair, now)?;
    terms.clauses.extend([
        clause("3", "Incidents", "The two parties share what they learn in incidents that concern both."),
        clause("3.1", "What belongs there", "Objects of STIX 2.1 of every type."),
        clause("3.2", "How confidential", "At most TLP:AMBER+STRICT."),
    ]);
    let incidents = channel_type("incidents", "3", Tlp::AmberStrict, &["stix"], &terms.parties)?;
    terms.channel_types = vec![ChannelType { onward: Onward::None, ..incidents }];
    Ok(terms)
}
