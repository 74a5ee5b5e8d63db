//! What holds for any set of documents, made by chance from seeds: the order of their coming leaves no trace, notices that take away never give, and
//! `changes_at` never comes too late. A failure names its seed.

use std::collections::BTreeMap;

use gotong_crypto::{Digest, note};
use gotong_model::agreement::{Consent, Notice, NoticeKind, PartState, Terms};
use gotong_model::charter::Charter;
use gotong_model::document::Purpose;
use gotong_model::governance::Governance;
use gotong_model::{MemberCode, Slug, Timestamp};
use serde_json::Value;

use crate::support::{Dice, Region, accession, add, channel_type, code, codes, day, key, state, succeeding};

const MEMBERS: [&str; 6] = ["id", "jp", "my", "sg", "th", "vn"];

fn seeds() -> std::ops::Range<u64> {
    0..if std::env::var_os("GOTONG_TEST_QUICK").is_some() { 2 } else { 6 }
}

fn some_day(dice: &mut Dice, from_month: usize) -> Timestamp {
    let month = from_month + dice.roll(13 - from_month);
    day(&format!("{month:02}-{:02}", 1 + dice.roll(3) * 9))
}

fn subset<'a>(dice: &mut Dice, all: &[&'a str], least: usize) -> Vec<&'a str> {
    let mut some = all.to_vec();
    dice.shuffle(&mut some);
    some.truncate(least + dice.roll(all.len() + 1 - least));
    some.sort_unstable();
    some
}

/// A set of documents, cut into notes with some of the lines each.
struct World {
    region: Region,
    notes: Vec<String>,
    /// Each chain's last, or its last two where it ends in a split.
    tips: Vec<Notice>,
}

impl World {
    fn new(seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let mut region = Region::with_quorum(&MEMBERS, 4);
        region.roots.insert(code("kh"), key(50));
        let mut world = Self { region, notes: Vec::new(), tips: Vec::new() };
        world.charters(&mut dice);
        for nonce in 0..2 {
            world.agreement(&mut dice, nonce);
        }
        world
    }

    fn put(&mut self, dice: &mut Dice, purpose: Purpose, value: &Value, signers: &[&str]) {
        let whole = note::parse(self.region.sign(purpose, value, signers).as_bytes()).unwrap();
        let mut cuts = [Vec::new(), Vec::new(), Vec::new()];
        for line in whole.lines {
            let repeated = dice.roll(4) == 0;
            let (first, second) = (dice.roll(3), dice.roll(3));
            cuts[first].push(line.clone());
            if repeated && second != first {
                cuts[second].push(line);
            }
        }
        for mut lines in cuts.into_iter().filter(|lines| !lines.is_empty()) {
            if dice.roll(4) == 0 {
                let mut junk = lines[0].clone();
                junk.signature[9] ^= 4;
                lines.insert(0, junk);
            }
            self.notes.push(note::Note { text: whole.text.clone(), lines }.encode());
        }
    }

    fn charters(&mut self, dice: &mut Dice) {
        let mut known = vec![self.region.charter.clone()];
        for _ in 0..=dice.roll(4) {
            let before = known[dice.roll(known.len())].clone();
            let mut next: Charter = succeeding(&before, some_day(dice, 1).max(before.from));
            next.grace_hours = u64::try_from(dice.roll(100)).unwrap();
            if dice.roll(2) == 0 {
                next.members.insert(code("kh"), state("kh", &self.region.roots[&code("kh")]));
            } else {
                let leaves = code(MEMBERS[dice.roll(6)]);
                next.members.remove(&leaves);
                next.voters.retain(|voter| *voter != leaves);
                next.at_least = next.voters.len() / 2 + 1;
                if next.at_least == next.voters.len() {
                    continue;
                }
            }
            let mut signers = if dice.roll(4) == 0 { subset(dice, &MEMBERS, 2) } else { MEMBERS.to_vec() };
            signers.push("kh");
            self.put(dice, Purpose::Charter, &next.to_value(), &signers);
            known.push(next);
        }
    }

    fn parties(&self, dice: &mut Dice, terms: Terms) -> Terms {
        let all = ["id", "jp", "kh", "my", "sg", "th", "vn"];
        let from: &[&str] = if dice.roll(3) == 0 { &all } else { &MEMBERS };
        let parties = subset(dice, from, 2);
        let others: Vec<&str> = MEMBERS.into_iter().filter(|code| !parties.contains(code)).collect();
        let consent = if dice.roll(2) == 0 { Consent::All } else { Consent::None };
        let accession = (dice.roll(3) > 0 && !others.is_empty()).then(|| accession(&subset(dice, &others, 1), consent));
        let notice_days = [0, 30, 90][dice.roll(3)];
        let channel_types = vec![channel_type("indicators", &parties)];
        Terms { parties: codes(&parties), channel_types, accession, notice_days, ..terms }
    }

    fn agreement(&mut self, dice: &mut Dice, nonce: u8) {
        let first =
            Terms { nonce: [nonce; 16], from: some_day(dice, 1), until: None, ..self.region.terms(&["id", "th"]) };
        let first = self.parties(dice, first);
        let id = self.region.agreement_id(&first);
        let everyone = ["id", "jp", "kh", "my", "sg", "th", "vn"];
        self.put(dice, Purpose::Agreement, &first.to_value(), &everyone);
        let mut known = vec![first];
        for _ in 0..dice.roll(6) {
            let before = known[dice.roll(known.len())].clone();
            let mut next = self.region.amended(&before, some_day(dice, 1));
            next.from = next.from.max(before.from);
            next.until = (dice.roll(4) == 0).then(|| next.from.plus_ms(60 * 86_400_000));
            if dice.roll(2) == 0 {
                next = self.parties(dice, next);
            }
            let signers = if dice.roll(3) == 0 { subset(dice, &everyone, 4) } else { everyone.to_vec() };
            self.put(dice, Purpose::Agreement, &next.to_value(), &signers);
            known.push(next);
        }
        for member in MEMBERS {
            let mut before: Option<Notice> = None;
            for _ in 0..dice.roll(5) {
                let siblings = 1 + usize::from(dice.roll(6) == 0);
                let mut tips = Vec::new();
                for _ in 0..siblings {
                    let kind = NoticeKind::ALL[dice.roll(5)];
                    let given = some_day(dice, 2).max(before.as_ref().map_or(day("01-01"), |last| last.published_at));
                    let mut notice = self.region.notice(id, member, kind, given, before.as_ref());
                    notice.effective = given.max(some_day(dice, 1));
                    notice.subject = (kind == NoticeKind::Consent).then(|| code(MEMBERS[dice.roll(6)]));
                    self.put(dice, Purpose::Notice, &notice.to_value(), &[member]);
                    tips.push(notice);
                }
                before = tips.pop();
            }
            self.tips.extend(before);
        }
    }

    fn in_order(&self, dice: &mut Dice) -> Governance {
        let mut notes = self.notes.clone();
        let again: Vec<String> = (0..6).map(|_| notes[dice.roll(notes.len())].clone()).collect();
        notes.extend(again);
        dice.shuffle(&mut notes);
        let mut governance = self.region.governance().at(some_day(dice, 1));
        if dice.roll(2) == 0 {
            add(&mut governance, &notes);
        } else {
            governance.add_all(notes.iter().map(String::as_bytes)).unwrap();
        }
        governance
    }
}

type View = BTreeMap<(Digest, MemberCode), (PartState, Option<Vec<Slug>>)>;

/// What stands at an instant: versions, and parts of each agreement.
fn view(governance: &Governance, at: Timestamp) -> (Vec<Option<Digest>>, View) {
    let mut versions = Vec::new();
    let mut parts = BTreeMap::new();
    for (id, agreement) in &governance.agreements {
        let standing = governance.standing(agreement, at);
        versions.push(standing.version.map(|version| version.hash));
        for (member, part) in standing.parts {
            parts.insert((id.0, member), (part.state, part.acceded));
        }
    }
    (versions, parts)
}

fn instants() -> Vec<Timestamp> {
    let days = (1..=12).flat_map(|month| [1, 10, 11, 19, 27].map(|of| day(&format!("{month:02}-{of:02}"))));
    days.flat_map(|at| [Timestamp::from_micros(at.micros().max(1) - 1).unwrap(), at]).collect()
}

#[test]
fn the_order_of_coming_leaves_no_trace() {
    let mut agreed = 0;
    for seed in seeds() {
        let world = World::new(seed);
        let mut dice = Dice::new(seed ^ 0xffff);
        let now = some_day(&mut dice, 1);
        let first = world.in_order(&mut dice).at(now);
        agreed += first.agreements.values().filter(|agreement| agreement.versions.len() > 1).count();
        for _ in 0..4 {
            let other = world.in_order(&mut dice).at(now);
            assert_eq!(first.charters, other.charters, "seed {seed}");
            assert_eq!(first.charter, other.charter, "seed {seed}");
            assert_eq!(first.agreements, other.agreements, "seed {seed}");
            assert_eq!(first.drafts, other.drafts, "seed {seed}");
            assert_eq!(first.notes(), other.notes(), "seed {seed}");
            for at in instants() {
                assert_eq!(view(&first, at), view(&other, at), "seed {seed} at {at}");
            }
        }
        // What is handed on brings another to the same.
        let mut other = world.region.governance().at(now);
        add(&mut other, first.notes());
        assert_eq!((&first.charters, &first.agreements), (&other.charters, &other.agreements), "seed {seed}");
        assert_eq!(first.drafts.keys().collect::<Vec<_>>(), other.drafts.keys().collect::<Vec<_>>(), "seed {seed}");
    }
    assert!(agreed > 0, "only {agreed} agreements were amended: the documents show nothing");
}

#[test]
fn resting_and_ending_never_make_anyone_active() {
    let mut taken = 0;
    for seed in seeds() {
        let world = World::new(seed);
        let before = world.in_order(&mut Dice::new(seed));
        for tip in &world.tips {
            for kind in [NoticeKind::Suspend, NoticeKind::Terminate] {
                let above = world.region.notice(tip.agreement, tip.member.as_str(), kind, tip.effective, Some(tip));
                let effective = tip.published_at.plus_ms(7 * 86_400_000);
                let beside = Notice { notice: kind, subject: None, effective, ..tip.clone() };
                for notice in [above, beside] {
                    let mut after = before.clone();
                    add(&mut after, [world.region.noticed(&notice)]);
                    for at in instants() {
                        let ((_, old), (_, new)) = (view(&before, at), view(&after, at));
                        // An ending takes a say away, too: only its giver is sure to gain nothing by it.
                        let seen =
                            new.iter().filter(|((_, member), _)| kind == NoticeKind::Suspend || *member == tip.member);
                        for (whose, (state, _)) in seen.filter(|(_, (state, _))| *state == PartState::Active) {
                            let was = old.get(whose).map(|(state, _)| *state);
                            assert_eq!(was, Some(*state), "seed {seed} at {at}: {whose:?} by {notice:?}");
                        }
                        taken += usize::from(old != new);
                    }
                }
            }
        }
    }
    assert!(taken > 10, "only {taken} standings changed: the notices show nothing");
}

#[test]
fn nothing_changes_before_changes_at() {
    let mut changes = 0;
    for seed in seeds() {
        let world = World::new(seed);
        let mut governance = world.in_order(&mut Dice::new(seed)).at(day("01-01"));
        while let Some(next) = governance.changes_at() {
            assert!(next > governance.as_of, "seed {seed}");
            let start = governance.as_of;
            let last = Timestamp::from_micros(next.micros() - 1).unwrap();
            let between = instants().into_iter().filter(|at| (start..next).contains(at)).chain([last]);
            for at in between {
                assert_eq!(view(&governance, start), view(&governance, at), "seed {seed}: {start} to {at}");
                let then = governance.clone().at(at);
                assert_eq!(governance.charter, then.charter, "seed {seed}: {start} to {at}");
                let channels = |governance: &Governance| -> Vec<String> {
                    let with_readers = governance.channels().map(|channel| {
                        let reads = |member: &&str| governance.in_audience(&channel.id, &code(member));
                        let readers: Vec<&str> = MEMBERS.iter().copied().filter(|member| reads(member)).collect();
                        format!("{} {} {readers:?}", channel.id, channel.handle())
                    });
                    with_readers.collect()
                };
                assert_eq!(channels(&governance), channels(&then), "seed {seed}: {start} to {at}");
            }
            changes += usize::from(view(&governance, start) != view(&governance, next));
            governance = governance.at(next);
        }
        let end = governance.as_of;
        for at in instants().into_iter().filter(|at| *at > end) {
            assert_eq!(view(&governance, end), view(&governance, at), "seed {seed}: after {end}");
        }
    }
    assert!(changes > 3, "only {changes} changes: the documents show nothing");
}
