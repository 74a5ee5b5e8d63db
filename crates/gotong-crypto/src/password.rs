//! Passwords as they are kept: Argon2id (RFC 9106) with a salt of their own, written as a PHC string, so that what was kept with other costs is still read.
//!
//! It hashes and compares, and knows nothing of accounts. Each call takes [`MEMORY_KIB`] of memory and tens of milliseconds: whoever calls it bounds how
//! many run at once. Read next: `one_time.rs`.

use argon2::{Algorithm, Argon2, Params, Version};
use data_encoding::BASE64_NOPAD;
use zeroize::Zeroizing;

use crate::entropy::Entropy;

/// Memory of one hash. With [`PASSES`] and one lane these are the costs that OWASP's cheat sheet on password storage puts first.
pub const MEMORY_KIB: u32 = 19_456;
/// Passes over the memory.
pub const PASSES: u32 = 2;
const LANES: u32 = 1;
const SALT_BYTES: usize = 16;
const HASH_BYTES: usize = 32;
/// What a kept hash may ask for: a damaged or planted row must not be able to take the machine's memory.
const MEMORY_KIB_MAX: u32 = 1 << 18;
const PASSES_MAX: u32 = 16;
const LANES_MAX: u32 = 8;
/// Bytes of a password; a longer one is nobody's.
pub const PASSWORD_BYTES_MAX: usize = 1_024;
const KEPT_BYTES_MAX: usize = 256;

/// What a password hash is made with, and what it came to.
struct Kept {
    params: Params,
    salt: Vec<u8>,
    hash: Vec<u8>,
}

/// The password as it is kept. `None`: it is longer than any password may be.
pub fn hash_password(password: &str, entropy: &dyn Entropy) -> Option<String> {
    let mut salt = [0_u8; SALT_BYTES];
    entropy.fill(&mut salt);
    let params = Params::new(MEMORY_KIB, PASSES, LANES, Some(HASH_BYTES)).ok()?;
    let hash = derive(password, &salt, &params, HASH_BYTES)?;
    Some(format!(
        "$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p={LANES}${}${}",
        BASE64_NOPAD.encode(&salt),
        BASE64_NOPAD.encode(&hash)
    ))
}

/// Whether this is the password that was kept. What cannot be read as a kept password matches nothing.
pub fn is_password(password: &str, kept: &str) -> bool {
    let Some(kept) = read(kept) else { return false };
    derive(password, &kept.salt, &kept.params, kept.hash.len()).is_some_and(|hash| is_same(&hash, &kept.hash))
}

/// Whether it was kept with the costs of today.
pub fn is_current(kept: &str) -> bool {
    read(kept).is_some_and(|kept| {
        (kept.params.m_cost(), kept.params.t_cost(), kept.params.p_cost()) == (MEMORY_KIB, PASSES, LANES)
    })
}

/// Compares without saying by its time where the two differ.
pub fn is_same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0_u8, |different, (a, b)| std::hint::black_box(different | (a ^ b))) == 0
}

fn derive(password: &str, salt: &[u8], params: &Params, bytes: usize) -> Option<Zeroizing<Vec<u8>>> {
    if password.len() > PASSWORD_BYTES_MAX {
        return None;
    }
    let mut out = Zeroizing::new(vec![0_u8; bytes]);
    let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone());
    argon.hash_password_into(password.as_bytes(), salt, &mut out).ok()?;
    Some(out)
}

fn read(text: &str) -> Option<Kept> {
    if text.len() > KEPT_BYTES_MAX {
        return None;
    }
    let mut parts = text.strip_prefix("$argon2id$v=19$")?.split('$');
    let (costs, salt, hash) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let mut costs = costs.split(',');
    let mut cost = |name: &str, max: u32| -> Option<u32> {
        let value = costs.next()?.strip_prefix(name)?.parse().ok()?;
        (value <= max).then_some(value)
    };
    let (memory, passes, lanes) = (cost("m=", MEMORY_KIB_MAX)?, cost("t=", PASSES_MAX)?, cost("p=", LANES_MAX)?);
    let (salt, hash) = (BASE64_NOPAD.decode(salt.as_bytes()).ok()?, BASE64_NOPAD.decode(hash.as_bytes()).ok()?);
    if !(8..=64).contains(&salt.len()) || !(16..=64).contains(&hash.len()) {
        return None;
    }
    Some(Kept { params: Params::new(memory, passes, lanes, Some(hash.len())).ok()?, salt, hash })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entropy::SeededEntropy;

    #[test]
    fn a_password_is_known_again_and_another_is_not() {
        let entropy = SeededEntropy::new(1);
        let kept = hash_password("correct horse battery", &entropy).unwrap();
        assert!(kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$") && !kept.contains("horse"));
        assert!(is_password("correct horse battery", &kept) && is_current(&kept));
        for wrong in ["", "correct horse batter", "correct horse battery ", "Correct horse battery"] {
            assert!(!is_password(wrong, &kept), "{wrong}");
        }
        let again = hash_password("correct horse battery", &entropy).unwrap();
        assert_ne!(kept, again, "each has a salt of its own");
        let long = "x".repeat(PASSWORD_BYTES_MAX + 1);
        assert_eq!(hash_password(&long, &entropy), None);
        assert!(!is_password(&long, &kept));
    }

    /// Made with the reference program `argon2` of the authors of Argon2 (salt `somesalt`, `-id -t 2 -k 65536 -p 1 -l 24`), as its own tests have it.
    const OF_OTHERS: &str = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";

    #[test]
    fn what_others_kept_is_read_and_counts_as_made_with_other_costs() {
        assert!(is_password("password", OF_OTHERS));
        assert!(!is_password("Password", OF_OTHERS));
        assert!(!is_current(OF_OTHERS));
    }

    #[test]
    fn damaged_and_planted_rows_match_nothing_and_cost_nothing() {
        let kept = hash_password("correct horse battery", &SeededEntropy::new(1)).unwrap();
        let costly = kept.replace("m=19456", "m=4294967295");
        for damaged in [
            String::new(),
            "plain".to_owned(),
            costly,
            kept.replace("t=2", "t=4294967295"),
            kept.replace("argon2id", "argon2i"),
            kept.replace("v=19", "v=16"),
            format!("{kept}$more"),
            kept.split_at(kept.len() - 30).0.to_owned(),
            "$".repeat(4_000),
        ] {
            assert!(!is_password("correct horse battery", &damaged), "{damaged:.80}");
            assert!(!is_current(&damaged), "{damaged:.80}");
        }
    }
}
