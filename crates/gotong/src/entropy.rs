//! The operating system's randomness.

use std::sync::{Mutex, PoisonError};

use gotong_crypto::Entropy;

/// Bytes taken from the system at a time. An import needs 64 for each object, and a system call for each of them is a twentieth of its work.
const POOL_BYTES: usize = 8_192;
/// Requests longer than this go to the system themselves.
const SHARE_BYTES_MAX: usize = 256;

/// Bytes of the system's that nobody has had yet; what is handed out is wiped here.
static POOL: Mutex<([u8; POOL_BYTES], usize)> = Mutex::new(([0; POOL_BYTES], 0));

/// Random bytes from the operating system.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&self, out: &mut [u8]) {
        if out.len() > SHARE_BYTES_MAX {
            return from_system(out);
        }
        let mut pool = POOL.lock().unwrap_or_else(PoisonError::into_inner);
        let (bytes, left) = &mut *pool;
        if *left < out.len() {
            from_system(bytes);
            *left = POOL_BYTES;
        }
        // From the end, so that what is left is a length.
        let share = bytes.get_mut(*left - out.len()..*left).unwrap_or_default();
        out.copy_from_slice(share);
        share.fill(0);
        *left -= out.len();
    }
}

#[allow(clippy::disallowed_methods, reason = "the one place where the program takes randomness from outside")]
fn from_system(out: &mut [u8]) {
    if let Err(fault) = getrandom::fill(out) {
        // Keys made of anything else would be worse than no node at all.
        eprintln!("error: the operating system gives no randomness: {fault}");
        std::process::abort();
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_bytes_are_given_twice_whatever_is_asked_for_by_however_many() {
        let ask = |thread: usize| {
            let mut seen = Vec::new();
            for round in 0..2_000 {
                let mut out = vec![0; 16 + (round * 7 + thread) % (SHARE_BYTES_MAX + 16)];
                SystemEntropy.fill(&mut out);
                seen.push(out);
            }
            seen
        };
        let threads: Vec<_> = (0..4).map(|thread| std::thread::spawn(move || ask(thread))).collect();
        let mut heads = HashSet::new();
        for out in threads.into_iter().flat_map(|thread| thread.join().unwrap()) {
            for chunk in out.chunks_exact(16) {
                assert!(heads.insert(chunk.to_vec()), "sixteen bytes came twice, or were left as they were");
            }
        }
    }
}
