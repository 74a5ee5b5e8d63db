//! The eleven states of ASEAN, in the order in which a demo takes them.

/// Fewest members of a demo: two that share something apart, and one that must not see it.
pub(crate) const MEMBERS_MIN: usize = 3;
/// Most members of a demo.
pub(crate) const MEMBERS_MAX: usize = STATES.len();

/// A state.
pub(super) struct State {
    /// Its code.
    pub(super) code: &'static str,
    /// Its name in English.
    pub(super) name: &'static str,
    /// Its name in a language of its own, with the tag.
    pub(super) own: (&'static str, &'static str),
}

/// All of them.
pub(super) const STATES: [State; 11] = [
    State { code: "vn", name: "Viet Nam", own: ("vi", "Việt Nam") },
    State { code: "th", name: "Thailand", own: ("th", "ประเทศไทย") },
    State { code: "id", name: "Indonesia", own: ("id", "Indonesia") },
    State { code: "sg", name: "Singapore", own: ("ms", "Singapura") },
    State { code: "my", name: "Malaysia", own: ("ms", "Malaysia") },
    State { code: "ph", name: "Philippines", own: ("fil", "Pilipinas") },
    State { code: "kh", name: "Cambodia", own: ("km", "កម្ពុជា") },
    State { code: "la", name: "Lao PDR", own: ("lo", "ສປປ ລາວ") },
    State { code: "mm", name: "Myanmar", own: ("my", "မြန်မာ") },
    State { code: "bn", name: "Brunei Darussalam", own: ("ms", "Brunei Darussalam") },
    State { code: "tl", name: "Timor-Leste", own: ("tet", "Timor Lorosa'e") },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_a_member_code_and_stands_once() {
        let codes: std::collections::BTreeSet<_> = STATES.iter().map(|state| state.code).collect();
        assert_eq!(codes.len(), MEMBERS_MAX);
        assert!(STATES.iter().all(|state| gotong_model::MemberCode::from_text(state.code).is_some()));
    }
}
