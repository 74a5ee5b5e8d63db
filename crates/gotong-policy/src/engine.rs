//! Cedar: compiles rules once for each version of an agreement and asks them. Its answer is the answer; which conditions hold is asked of it as well.
//!
//! What does not compile or cannot be evaluated permits nothing. No Cedar type leaves this file.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use cedar_policy::{
    Authorizer, Context, Decision, Entities, Entity, EntityId, EntityTypeName, EntityUid, Policy, PolicyId, PolicySet,
    Request, RestrictedExpression,
};
use gotong_model::agreement::PartState;

use crate::case::{Action, Case, Role};
use crate::house;
use crate::rules::{self, BanKind, Rule, Rules};

/// How many (version, type, action) are kept compiled.
const COMPILED_MAX: usize = 4_096;

/// Rules, and the same as Cedar has them.
pub(crate) struct Compiled {
    pub(crate) rules: Rules,
    deciding: PolicySet,
    asking: PolicySet,
}

/// What Cedar says of a case.
pub(crate) struct Verdict {
    pub(crate) permitted: bool,
    /// The permit that allows, or that came nearest.
    pub(crate) rule: usize,
    /// Its conditions that do not hold.
    pub(crate) unmet: Vec<usize>,
    /// What forbids.
    pub(crate) bans: Vec<BanKind>,
}

type Key = ([u8; 32], String, Action);

/// Compiled text is a function of its key, so who asked first cannot be told from the answer.
static COMPILED: LazyLock<Mutex<HashMap<Key, Arc<Compiled>>>> = LazyLock::new(Mutex::default);

/// The compiled rules for a case.
pub(crate) fn compiled(case: &Case<'_>) -> Arc<Compiled> {
    let name = case.channel_type.name.to_string();
    // A slug has no bar, so what a class is given is not taken for a member's rules.
    let name = case
        .given
        .as_ref()
        .map_or(name, |given| format!("{}|{}", given.class.class, given.resource(case.channel_type)));
    let key = (case.hash, name, case.action);
    if let Some(found) = COMPILED.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
        return Arc::clone(found);
    }
    let rules = match &case.given {
        Some(given) => house::rules(case.terms, case.channel_type, case.member, given, case.action),
        None => rules::rules(case.terms, case.channel_type, case.kind, case.action),
    };
    let compiled = Arc::new(Compiled::new(rules));
    let mut all = COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
    if all.len() >= COMPILED_MAX {
        all.clear();
    }
    all.insert(key, Arc::clone(&compiled));
    compiled
}

impl Compiled {
    fn new(rules: Rules) -> Self {
        let deciding = policy_set(rules.policies()).unwrap_or_default();
        let asking = policy_set(rules.questions()).unwrap_or_default();
        Self { rules, deciding, asking }
    }

    /// Asks.
    pub(crate) fn verdict(&self, case: &Case<'_>) -> Verdict {
        let Some((request, entities)) = request(case) else { return Verdict::refused(Vec::new(), Vec::new()) };
        let authorizer = Authorizer::new();
        let response = authorizer.is_authorized(&request, &self.deciding, &entities);
        let reasons: Vec<&str> = response.diagnostics().reason().map(AsRef::as_ref).collect();
        // A forbid that cannot be evaluated would otherwise be as if it did not stand there.
        let is_sound = response.diagnostics().errors().next().is_none();
        if response.decision() == Decision::Allow && is_sound {
            let rule = self.rules.permits.iter().position(|rule| reasons.contains(&rule.id.as_str()));
            return Verdict { permitted: true, rule: rule.unwrap_or(0), unmet: Vec::new(), bans: Vec::new() };
        }
        let bans =
            self.rules.bans.iter().filter(|ban| reasons.contains(&ban.id.as_str())).map(|ban| ban.kind).collect();
        let held = authorizer.is_authorized(&request, &self.asking, &entities);
        let held: Vec<&str> = held.diagnostics().reason().map(AsRef::as_ref).collect();
        let unmet = self.rules.permits.iter().enumerate().map(|(at, rule)| unmet(at, rule, &held)).collect();
        Verdict::refused(unmet, bans)
    }
}

impl Verdict {
    /// What came nearest lacks the least.
    fn refused(unmet: Vec<Vec<usize>>, bans: Vec<BanKind>) -> Self {
        let nearest = unmet.into_iter().enumerate().min_by_key(|(_, unmet)| unmet.len());
        let (rule, unmet) = nearest.unwrap_or_default();
        Self { permitted: false, rule, unmet, bans }
    }
}

fn unmet(place: usize, rule: &Rule, held: &[&str]) -> Vec<usize> {
    let is_unmet = |at: &usize| !held.contains(&format!("{place}.{at}").as_str());
    (0..rule.conditions.len()).filter(is_unmet).collect()
}

fn policy_set(policies: impl Iterator<Item = (String, String)>) -> Option<PolicySet> {
    let mut set = PolicySet::new();
    for (id, text) in policies {
        let policy = Policy::parse(Some(PolicyId::new(id)), text).ok()?;
        set.add(policy).ok()?;
    }
    Some(set)
}

fn request(case: &Case<'_>) -> Option<(Request, Entities)> {
    let mut groups = HashSet::new();
    if let Some(given) = &case.given {
        let principal = uid(&ORGANISATION, given.organisation.as_str())?;
        groups.extend(uid(&CLASS, given.class.class.as_str()));
        groups.extend(given.is_own().then(|| uid(&GROUP, house::OWN)).flatten());
        return asked(case, principal, groups, &given.resource(case.channel_type));
    }
    let principal = uid(&MEMBER, case.member.as_str())?;
    match case.role {
        Role::Party => groups.extend(uid(&GROUP, "parties")),
        Role::Acceded => groups.extend(uid(&GROUP, &rules::acceded_group(case.channel_type.name.as_str()))),
        Role::Nobody => {}
    }
    groups.extend(case.state.and_then(|state| {
        let group = match state {
            PartState::Active => "active",
            PartState::Suspended => "suspended",
            PartState::Ended => "ended",
        };
        uid(&GROUP, group)
    }));
    asked(case, principal, groups, case.channel_type.name.as_str())
}

fn asked(
    case: &Case<'_>,
    principal: EntityUid,
    groups: HashSet<EntityUid>,
    channel_type: &str,
) -> Option<(Request, Entities)> {
    let entities = Entities::from_entities([Entity::new_no_attrs(principal.clone(), groups)], None).ok()?;
    let action = uid(&ACTION, case.action.as_str())?;
    let resource = uid(&CHANNEL_TYPE, channel_type)?;
    Some((Request::new(principal, action, resource, context(case)?, None).ok()?, entities))
}

fn context(case: &Case<'_>) -> Option<Context> {
    let text = |text: &str| RestrictedExpression::new_string(text.to_owned());
    let kind = case.row.map(|row| row.kind).unwrap_or_default();
    let families = kind.match_indices('.').filter_map(|(dot, _)| kind.get(..dot));
    let kinds = RestrictedExpression::new_set(families.chain([kind]).map(text));
    let tlp = case.row.and_then(|row| row.tlp);
    let pairs = [
        ("now", RestrictedExpression::new_long(case.at.micros())),
        ("others", RestrictedExpression::new_long(i64::try_from(case.others).unwrap_or(i64::MAX))),
        ("kinds", kinds),
        ("row", RestrictedExpression::new_bool(case.row.is_some())),
        ("labelled", RestrictedExpression::new_bool(tlp.is_some())),
        ("tlp", RestrictedExpression::new_long(rules::rank(tlp))),
        ("personal", RestrictedExpression::new_long(rules::personal_rank(case.personal))),
    ];
    Context::from_pairs(pairs.map(|(name, value)| (name.to_owned(), value))).ok()
}

type Named = LazyLock<Option<EntityTypeName>>;

static MEMBER: Named = LazyLock::new(|| "Member".parse().ok());
static ORGANISATION: Named = LazyLock::new(|| "Organisation".parse().ok());
static CLASS: Named = LazyLock::new(|| "Class".parse().ok());
static GROUP: Named = LazyLock::new(|| "Group".parse().ok());
static ACTION: Named = LazyLock::new(|| "Action".parse().ok());
static CHANNEL_TYPE: Named = LazyLock::new(|| "ChannelType".parse().ok());

fn uid(name: &Named, id: &str) -> Option<EntityUid> {
    let name = LazyLock::force(name).clone()?;
    Some(EntityUid::from_type_name_and_id(name, EntityId::new(id)))
}
