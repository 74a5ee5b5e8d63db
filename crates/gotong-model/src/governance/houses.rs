//! House rules as they count: which versions of which member's, what is in force, and the channels of organisations under the one whose register is
//! here (`docs/protocol.md` sections 5.3 and 6). Another member's house note changes nothing of one's own.
//!
//! Who reads what of it is for policy. Read next: `house/register.rs`.

use std::collections::BTreeMap;

use gotong_crypto::Digest;

use super::channels::{Channel, ChannelKind};
use super::paper::Paper;
use super::{Governance, law};
use crate::agreement::{Agreement, ChannelType, HOUSE_HANDLE, Version};
use crate::document::DocumentFault;
use crate::house::{self, Class, HouseRule, Organisation, Organisations, Plan};
use crate::{AgreementId, ChannelId, MemberCode, RegionId, Slug};

/// A member's house rule: its versions that count.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct House {
    /// Whose it is.
    pub member: MemberCode,
    /// Its versions, put as an agreement of one party: the id is the house id and hashes are house hashes.
    pub agreement: Agreement,
    /// The classes of each version.
    classes: Vec<Vec<Class>>,
}

/// A type of which organisations have channels of their own.
#[derive(Clone, Debug)]
pub(super) struct OwnType {
    scope: ChannelId,
    channel_type: ChannelType,
}

impl House {
    fn begin(member: MemberCode, hash: Digest, paper: &Paper<HouseRule>, note: Vec<u8>) -> Self {
        let terms = paper.body.terms.clone();
        let agreement = Agreement {
            id: AgreementId(hash),
            hash,
            terms: terms.clone(),
            note: note.clone(),
            versions: vec![Version { hash, terms, note }],
            notices: BTreeMap::new(),
        };
        Self { member, agreement, classes: vec![paper.body.classes.clone()] }
    }

    /// The classes of a version of it.
    pub fn classes(&self, version: &Version) -> &[Class] {
        let at = self.agreement.versions.iter().position(|other| other.hash == version.hash);
        at.and_then(|at| self.classes.get(at)).map(Vec::as_slice).unwrap_or_default()
    }

    /// A class in a version of it.
    pub fn class(&self, version: &Version, name: &Slug) -> Option<&Class> {
        self.classes(version).iter().find(|class| class.class == *name)
    }

    /// Whether a rule, once its member has signed it, is the next version.
    pub fn check_next(&self, next: &HouseRule) -> Result<(), DocumentFault> {
        let unfit = |text: &str| Err(DocumentFault::Unfit(text.to_owned()));
        let newest = self.agreement.versions.last();
        if next.member() != Some(&self.member) {
            return unfit("it is the house rule of another member");
        }
        if newest.is_none_or(|newest| next.terms.number != newest.terms.number + 1) {
            return unfit("its number does not follow that of the newest version");
        }
        if newest.is_none_or(|newest| next.terms.previous != Some(newest.hash)) {
            return unfit("\"previous\" is not the hash of the newest version");
        }
        if newest.is_none_or(|newest| next.terms.from < newest.terms.from) {
            return unfit("\"from\" is before that of the newest version");
        }
        for (version, classes) in self.agreement.versions.iter().zip(&self.classes) {
            for kind in &version.terms.channel_types {
                let Some(then) = next.terms.channel_type(&kind.name) else { continue };
                if then.exercise != kind.exercise {
                    return Err(DocumentFault::Unfit(format!("the type {} cannot change its \"exercise\"", kind.name)));
                }
                if next.is_own(&kind.name) != house::is_own(classes, &kind.name) {
                    return Err(DocumentFault::Unfit(format!(
                        "the type {} cannot change between organisations' own and standing: use another name",
                        kind.name
                    )));
                }
            }
        }
        Ok(())
    }

    /// Types that any version has, as the newest that has them says, and whether they are organisations' own.
    pub(super) fn types(&self) -> BTreeMap<&Slug, (&ChannelType, bool)> {
        let mut types = BTreeMap::new();
        for (version, classes) in self.agreement.versions.iter().zip(&self.classes) {
            for kind in &version.terms.channel_types {
                types.insert(&kind.name, (kind, house::is_own(classes, &kind.name)));
            }
        }
        // What is in force counts before what is to come.
        for kind in &self.agreement.terms.channel_types {
            if let Some((found, _)) = types.get_mut(&kind.name) {
                *found = kind;
            }
        }
        types
    }

    fn plan(&self, region: RegionId) -> Plan {
        let own = self.types().into_iter().filter(|(_, (_, is_own))| *is_own);
        let types: Vec<Slug> = own.map(|(name, _)| name.clone()).collect();
        let mut classes: BTreeMap<Slug, Vec<usize>> = BTreeMap::new();
        for class in self.classes.iter().flatten() {
            let place = class.own.as_ref().and_then(|own| types.iter().position(|name| name == own));
            let places = classes.entry(class.class.clone()).or_default();
            places.extend(place.filter(|place| !places.contains(place)));
        }
        Plan { region, house: self.agreement.id, types, classes }
    }
}

impl Governance {
    /// A member's house rule, if one of its counts.
    pub fn house(&self, member: &MemberCode) -> Option<&House> {
        self.houses.get(member)
    }

    /// Every member's house rule that is known here and counts.
    pub fn houses(&self) -> impl Iterator<Item = &House> {
        self.houses.values()
    }

    /// The house rule of the member whose register of organisations is here.
    pub fn own_house(&self) -> Option<&House> {
        self.house(self.organisations.as_ref()?.member())
    }

    /// The register of organisations that was handed in; a copy of it is cheap.
    pub fn organisations(&self) -> Option<&Organisations> {
        self.organisations.as_ref()
    }

    /// The same with a register of organisations. Only with one are there channels under a house rule, those of its member: a node hands its own in.
    #[must_use]
    pub fn with_organisations(mut self, organisations: Organisations) -> Self {
        let is_same_member = self.organisations.as_ref().map(Organisations::member) == Some(organisations.member());
        self.organisations = Some(organisations);
        if is_same_member {
            self.fit_organisations();
        } else {
            self.work_out();
        }
        self
    }

    /// Puts an organisation into the register; nothing is worked out anew, and the generation stays. Says whether there is a register.
    pub fn put_organisation(&mut self, organisation: Organisation) -> bool {
        let register = self.organisations.as_mut();
        register.map(|register| register.put(organisation)).is_some()
    }

    /// Takes an organisation out of the register. Says whether it was there.
    pub fn remove_organisation(&mut self, code: &Slug) -> bool {
        self.organisations.as_mut().is_some_and(|register| register.remove(code))
    }

    pub(super) fn work_out_houses(&mut self) {
        let mut signed: BTreeMap<MemberCode, Vec<(Digest, &Paper<HouseRule>)>> = BTreeMap::new();
        for paper in self.house_papers.values() {
            if let Some(member) = paper.body.member()
                && self.unsigned(paper, std::slice::from_ref(member)).is_empty()
            {
                signed.entry(member.clone()).or_default().push((paper.body.hash(&self.region), paper));
            }
        }
        let mut houses = BTreeMap::new();
        for (member, papers) in signed {
            // Of two of one number the one that begins last is the member's last word.
            let last_word = |fits: &dyn Fn(&HouseRule) -> bool| {
                let found = papers.iter().filter(|(_, paper)| fits(&paper.body));
                found.max_by_key(|(hash, paper)| (paper.body.terms.from, *hash)).copied()
            };
            let Some((hash, paper)) = last_word(&|rule| rule.terms.number == 1) else { continue };
            let mut house = House::begin(member.clone(), hash, paper, self.note_of(paper));
            while let Some((hash, paper)) = last_word(&|rule| house.check_next(rule).is_ok()) {
                let (terms, note) = (paper.body.terms.clone(), self.note_of(paper));
                house.agreement.versions.push(Version { hash, terms, note });
                house.classes.push(paper.body.classes.clone());
            }
            law::make_current(&mut house.agreement, self.as_of);
            houses.insert(member, house);
        }
        self.houses = houses;
        self.own_types = self.own_house().map(|house| self.own_types_of(house)).unwrap_or_default();
        self.fit_organisations();
    }

    fn own_types_of(&self, house: &House) -> Vec<OwnType> {
        let own = house.types().into_values().filter(|(_, is_own)| *is_own);
        let of = |(kind, _): (&ChannelType, bool)| OwnType {
            scope: house.agreement.channel(&self.region, kind),
            channel_type: kind.clone(),
        };
        own.map(of).collect()
    }

    fn fit_organisations(&mut self) {
        let plan = self.own_house().map(|house| house.plan(self.region));
        if let Some(register) = self.organisations.as_mut() {
            register.fit(plan);
        }
    }

    /// An organisation's own channel by id.
    pub(super) fn own_channel(&self, id: &ChannelId) -> Option<Channel<'_>> {
        let (organisation, place) = self.organisations.as_ref()?.of_channel(id)?;
        let own = self.own_types.get(place)?;
        Some(Channel {
            id: *id,
            kind: ChannelKind::Own,
            agreement: &self.own_house()?.agreement,
            channel_type: &own.channel_type,
            scope: own.scope,
            organisation: Some(organisation),
        })
    }

    /// An organisation's own channel by a name such as `house/reports/bank-abc`.
    pub(super) fn own_channel_by_name(&self, name: &str) -> Option<Channel<'_>> {
        let mut parts = name.split('/');
        if parts.next() != Some(HOUSE_HANDLE) {
            return None;
        }
        let (channel_type, code) = (Slug::from_text(parts.next()?)?, Slug::from_text(parts.next()?)?);
        if parts.next().is_some() {
            return None;
        }
        self.own_channel(&self.organisations.as_ref()?.channel_id(&channel_type, &code)?)
    }

    /// The scopes of organisations' own channels: one for each type.
    pub fn own_scopes(&self) -> impl Iterator<Item = ChannelId> {
        self.own_types.iter().map(|own| own.scope)
    }

    /// The own channels of one organisation.
    pub fn channels_of(&self, code: &Slug) -> Vec<Channel<'_>> {
        let types = self.own_types.iter().map(|own| &own.channel_type.name);
        let ids = types.filter_map(|name| self.organisations.as_ref()?.channel_id(name, code));
        ids.filter_map(|id| self.own_channel(&id)).collect()
    }

    /// Every organisation's own channels, those of classes that it was of before among them: there may be hundreds of thousands.
    pub fn own_channels(&self) -> impl Iterator<Item = Channel<'_>> {
        let ids = self.organisations.iter().flat_map(Organisations::channel_ids);
        ids.filter_map(|id| self.own_channel(&id))
    }
}
