//! Codes that an app shows for half a minute: TOTP (RFC 6238) over HOTP (RFC 4226), with SHA-1, six digits and thirty seconds, which is what every app takes.
//!
//! SHA-1 stands here because the standard says so and collisions do not matter to HMAC; nothing else in Gotong uses it. That a code counts once is for
//! the caller to see to: [`OneTime::matching`] says which step a code belongs to.

use data_encoding::BASE32_NOPAD;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use zeroize::Zeroizing;

use crate::entropy::Entropy;
use crate::password::is_same;

/// Seconds of one step.
pub const STEP_S: u64 = 30;
/// Digits of a code.
pub const DIGITS: usize = 6;
const SECRET_BYTES: usize = 20;

/// The secret that an app and a node share.
#[derive(Clone)]
pub struct OneTime(Zeroizing<[u8; SECRET_BYTES]>);

impl OneTime {
    /// A new secret.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        let mut secret = Zeroizing::new([0_u8; SECRET_BYTES]);
        entropy.fill(secret.as_mut());
        Self(secret)
    }

    /// Reads what [`Self::to_text`] writes.
    pub fn from_text(text: &str) -> Option<Self> {
        let bytes = Zeroizing::new(BASE32_NOPAD.decode(text.as_bytes()).ok()?);
        Some(Self(Zeroizing::new(bytes.as_slice().try_into().ok()?)))
    }

    /// Base32 in upper case, as apps take it.
    pub fn to_text(&self) -> String {
        BASE32_NOPAD.encode(self.0.as_slice())
    }

    /// The code of a step.
    pub fn code(&self, step: u64) -> String {
        let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(self.0.as_slice()) else { return String::new() };
        mac.update(&step.to_be_bytes());
        let digest = mac.finalize().into_bytes();
        let offset = usize::from(digest.last().copied().unwrap_or_default() & 0x0f);
        let word = digest.iter().skip(offset).take(4).fold(0_u32, |word, byte| (word << 8) | u32::from(*byte));
        format!("{:0DIGITS$}", (word & 0x7fff_ffff) % 1_000_000)
    }

    /// The step that a code belongs to: the present one, or its neighbour where two clocks differ a little. All three are worked out each time.
    pub fn matching(&self, code: &str, unix_s: u64) -> Option<u64> {
        let now = unix_s / STEP_S;
        let mut found = None;
        for step in [now.saturating_sub(1), now, now.saturating_add(1)] {
            if is_same(self.code(step).as_bytes(), code.as_bytes()) {
                found = Some(step);
            }
        }
        found
    }
}

impl std::fmt::Debug for OneTime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("OneTime(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entropy::SeededEntropy;

    fn of_the_rfc() -> OneTime {
        OneTime(Zeroizing::new(*b"12345678901234567890"))
    }

    #[test]
    fn codes_are_those_of_the_standards() {
        // RFC 4226, appendix D.
        let hotp = ["755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"];
        for (step, code) in hotp.into_iter().enumerate() {
            assert_eq!(of_the_rfc().code(step as u64), code, "{step}");
        }
        // RFC 6238, appendix B, whose codes of eight digits end in ours of six.
        for (unix_s, code) in
            [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924"), (20_000_000_000, "353130")]
        {
            assert_eq!(of_the_rfc().code(unix_s / STEP_S), code, "{unix_s}");
        }
    }

    #[test]
    fn a_code_counts_in_its_step_and_in_its_neighbours_alone() {
        let secret = OneTime::generate(&SeededEntropy::new(7));
        let code = secret.code(1_000);
        for (step, counts) in [(998, false), (999, true), (1_000, true), (1_001, true), (1_002, false)] {
            assert_eq!(secret.matching(&code, step * STEP_S + 7), counts.then_some(1_000), "{step}");
        }
        for wrong in ["", "1", "1234567", "abcdef", &format!("{code} ")] {
            assert_eq!(secret.matching(wrong, 30_000), None, "{wrong}");
        }
        assert_eq!(secret.matching(&secret.code(0), 0), Some(0), "at the beginning of time nothing overflows");
    }

    #[test]
    fn a_secret_is_read_again_and_never_shown() {
        let secret = OneTime::generate(&SeededEntropy::new(7));
        assert_eq!(OneTime::from_text(&secret.to_text()).unwrap().code(5), secret.code(5));
        assert_eq!(secret.to_text().len(), 32);
        for wrong in ["", "ABC", "abcdefghijklmnopqrstuvwxyz234567", secret.to_text().get(..31).unwrap()] {
            assert!(OneTime::from_text(wrong).is_none(), "{wrong}");
        }
        assert_eq!(format!("{secret:?}"), "OneTime(…)");
    }
}
