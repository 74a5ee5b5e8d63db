//! Who of a member may do what: rights, and roles as named sets of them. The table is closed and stands here alone; a token carries one role.
//!
//! A right opens an act, never a channel: what of a channel is read or published there is decided by the policy, for every role alike. An act that no right
//! names belongs to nobody. Read next: `caller.rs`, and `api/who.rs` of the HTTP edge, which asks.

use std::fmt;

/// An act, or acts that always go together.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Right {
    /// Read what the policy shows: records, look-ups, channels.
    Read,
    /// See what concerns the member as a whole: peers, logs, changes, duties, explanations, export.
    Oversee,
    /// Publish records, and see what of it waits for a person.
    Publish,
    /// Take records back and relabel them.
    Withdraw,
    /// Decide on what waits: release it into a log, or drop it.
    Release,
    /// Note that the member has met a duty that no log shows.
    Answer,
    /// Hand in documents that govern, and try what a draft would change.
    Documents,
    /// Read the register of sharing, evidence and documents; verify the logs, and carry them away to be verified.
    Audit,
    /// Keep the register of organisations that the member serves.
    Organisations,
    /// Load warninglists, say what they block, and keep the blocklists of MISP.
    Warninglists,
    /// Keep the sources outside the region that are read, and what they may publish.
    Sources,
    /// Register addresses outside to which events are sent.
    Webhooks,
    /// Make, list and end tokens, and look after people's accounts.
    Tokens,
    /// Run the node: its state, building views again.
    Operate,
}

/// What somebody is for the member. A token has one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub enum Role {
    /// A person or program of the staff that reads, and no more.
    #[default]
    Reader,
    /// Works on incidents and indicators.
    Analyst,
    /// On watch: an analyst who also answers for what is due.
    DutyOfficer,
    /// Decides what leaves the country.
    ReleasingOfficer,
    /// Speaks with other members: agreements, and what they ask.
    Liaison,
    /// Answers for the law: agreements, and what was shared under them.
    Legal,
    /// Runs an exercise.
    ExerciseDirector,
    /// Surveys needs and runs courses.
    ProgrammeOfficer,
    /// An organisation that the member serves, which publishes in its own channel.
    Constituent,
    /// An organisation that the member serves, which only reads.
    ConstituentReader,
    /// Looks at what was done, and changes nothing.
    Auditor,
    /// Runs the node, and publishes nothing.
    Operator,
    /// Whoever does everything: the person at the node's own machine.
    Administrator,
}

/// Every right, in the order in which people read of them.
pub const RIGHTS: [Right; 14] = [
    Right::Read,
    Right::Oversee,
    Right::Publish,
    Right::Withdraw,
    Right::Release,
    Right::Answer,
    Right::Documents,
    Right::Audit,
    Right::Organisations,
    Right::Warninglists,
    Right::Sources,
    Right::Webhooks,
    Right::Tokens,
    Right::Operate,
];

/// Every role, in the same order.
pub const ROLES: [Role; 13] = [
    Role::Reader,
    Role::Analyst,
    Role::DutyOfficer,
    Role::ReleasingOfficer,
    Role::Liaison,
    Role::Legal,
    Role::ExerciseDirector,
    Role::ProgrammeOfficer,
    Role::Constituent,
    Role::ConstituentReader,
    Role::Auditor,
    Role::Operator,
    Role::Administrator,
];

impl Right {
    /// Its name in the API, the program and refusals.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Oversee => "oversee",
            Self::Publish => "publish",
            Self::Withdraw => "withdraw",
            Self::Release => "release",
            Self::Answer => "answer",
            Self::Documents => "documents",
            Self::Audit => "audit",
            Self::Organisations => "organisations",
            Self::Warninglists => "warninglists",
            Self::Sources => "sources",
            Self::Webhooks => "webhooks",
            Self::Tokens => "tokens",
            Self::Operate => "operate",
        }
    }

    /// What it lets one do, to follow *may*.
    pub fn means(self) -> &'static str {
        match self {
            Self::Read => "read records, look-ups and channels",
            Self::Oversee => {
                "see what concerns the member as a whole: peers, logs, changes, duties, explanations, export"
            }
            Self::Publish => "publish records, and see which of them wait for a person",
            Self::Withdraw => "withdraw and relabel records",
            Self::Release => "release or drop what waits for a person",
            Self::Answer => "note that a duty was met",
            Self::Documents => "hand in charters, agreements and notices, and try what a draft would change",
            Self::Audit => "read the register of sharing, evidence and documents, and verify and archive the logs",
            Self::Organisations => "keep the register of organisations that the member serves",
            Self::Warninglists => "load warninglists, say what they block, and keep blocklists",
            Self::Sources => "keep the sources outside the region that are read",
            Self::Webhooks => "register addresses outside to which events are sent",
            Self::Tokens => "make, list and end tokens, and look after accounts",
            Self::Operate => "run the node",
        }
    }

    /// The right of this name.
    pub fn from_text(text: &str) -> Option<Self> {
        RIGHTS.into_iter().find(|right| right.as_str() == text)
    }

    /// Whether it reaches beyond single channels, so that a limit to channels beside it would promise what it does not keep.
    pub fn is_beyond_channels(self) -> bool {
        matches!(
            self,
            Self::Documents | Self::Audit | Self::Organisations | Self::Warninglists | Self::Tokens | Self::Operate
        )
    }

    /// The roles that have it, by name.
    pub fn roles(self) -> impl Iterator<Item = Role> {
        ROLES.into_iter().filter(move |role| role.may(self))
    }
}

impl Role {
    /// Its name in the API, the program and the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Reader => "reader",
            Self::Analyst => "analyst",
            Self::DutyOfficer => "duty-officer",
            Self::ReleasingOfficer => "releasing-officer",
            Self::Liaison => "liaison",
            Self::Legal => "legal",
            Self::ExerciseDirector => "exercise-director",
            Self::ProgrammeOfficer => "programme-officer",
            Self::Constituent => "constituent",
            Self::ConstituentReader => "constituent-reader",
            Self::Auditor => "auditor",
            Self::Operator => "operator",
            Self::Administrator => "administrator",
        }
    }

    /// The role of this name.
    pub fn from_text(text: &str) -> Option<Self> {
        ROLES.into_iter().find(|role| role.as_str() == text)
    }

    /// The table: which role has which rights. What is not written here is refused.
    pub fn rights(self) -> &'static [Right] {
        use Right::{
            Answer, Audit, Documents, Operate, Organisations, Oversee, Publish, Read, Release, Sources, Tokens,
            Warninglists, Webhooks, Withdraw,
        };
        match self {
            Self::Reader | Self::ProgrammeOfficer => &[Read, Oversee],
            Self::Analyst | Self::ExerciseDirector => &[Read, Oversee, Publish, Withdraw],
            Self::DutyOfficer => &[Read, Oversee, Publish, Withdraw, Answer],
            Self::ReleasingOfficer => &[Read, Oversee, Publish, Withdraw, Release, Answer, Sources, Webhooks],
            Self::Liaison => &[Read, Oversee, Answer, Documents, Audit],
            Self::Legal => &[Read, Oversee, Documents, Audit],
            Self::Constituent => &[Read, Publish, Withdraw],
            Self::ConstituentReader => &[Read],
            Self::Auditor => &[Read, Oversee, Audit],
            Self::Operator => &[Read, Oversee, Documents, Audit, Organisations, Warninglists, Tokens, Operate],
            Self::Administrator => &RIGHTS,
        }
    }

    /// Whether the table gives it this right.
    pub fn may(self, right: Right) -> bool {
        self.rights().contains(&right)
    }

    /// Whether it is for organisations that the member serves, and not for its staff.
    pub fn is_for_constituents(self) -> bool {
        matches!(self, Self::Constituent | Self::ConstituentReader)
    }

    /// Whether some right of it reaches beyond single channels.
    pub fn is_beyond_channels(self) -> bool {
        self.rights().iter().any(|right| right.is_beyond_channels())
    }

    /// The role of a token that was made before there were roles: the least that lets it do what it could.
    pub(crate) fn of_former(is_constituent: bool, may_publish: bool, may_operate: bool) -> Self {
        match (is_constituent, may_publish, may_operate) {
            (true, true, _) => Self::Constituent,
            (true, false, _) => Self::ConstituentReader,
            (false, false, false) => Self::Reader,
            (false, true, false) => Self::ReleasingOfficer,
            (false, false, true) => Self::Operator,
            (false, true, true) => Self::Administrator,
        }
    }
}

impl fmt::Display for Right {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_stands_for_one_thing_and_is_read_again() {
        for role in ROLES {
            assert_eq!(Role::from_text(role.as_str()), Some(role));
            let mut sorted = role.rights().to_vec();
            sorted.sort_unstable();
            sorted.dedup();
            assert_eq!(sorted, role.rights(), "{role}: each right once, in their order");
        }
        for right in RIGHTS {
            assert_eq!(Right::from_text(right.as_str()), Some(right));
            assert!(right.roles().count() > 0, "{right}: somebody has it");
        }
        assert_eq!((Role::from_text("root"), Role::from_text("Analyst"), Right::from_text("")), (None, None, None));
    }

    #[test]
    fn who_serves_a_country_and_who_is_served_share_no_role() {
        for role in ROLES {
            assert_eq!(role.may(Right::Oversee), !role.is_for_constituents(), "{role}");
        }
        assert!(!Role::Operator.may(Right::Publish), "who runs the node speaks for nobody");
        assert!([Right::Publish, Right::Withdraw, Right::Release].iter().all(|right| !Role::Auditor.may(*right)));
    }

    #[test]
    fn a_token_from_before_roles_keeps_what_it_could_do() {
        let of = |constituent, publish, operate| Role::of_former(constituent, publish, operate);
        for (publish, operate) in [(false, false), (false, true), (true, false), (true, true)] {
            let role = of(false, publish, operate);
            for right in [Right::Publish, Right::Withdraw, Right::Release, Right::Answer] {
                assert_eq!(role.may(right), publish, "{role} {right}");
            }
            for right in [Right::Documents, Right::Audit, Right::Organisations, Right::Tokens, Right::Operate] {
                assert_eq!(role.may(right), operate, "{role} {right}");
            }
        }
        assert_eq!((of(true, false, true), of(true, true, true)), (Role::ConstituentReader, Role::Constituent));
    }
}
