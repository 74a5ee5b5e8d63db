//! Where randomness comes from: a parameter, so that a simulated region can be replayed from its seed.

use std::sync::Mutex;

use crate::digest::tagged;

/// A source of random bytes. The program's own is the operating system's; tests use [`SeededEntropy`].
pub trait Entropy: Send + Sync {
    /// Fills `out` with random bytes. Implementations do not fail: a machine without randomness must not run a node.
    fn fill(&self, out: &mut [u8]);
}

/// A deterministic source for tests and the simulated region: SHA-256 in counter mode over a seed. Never for keys that matter.
pub struct SeededEntropy(Mutex<(u64, u64)>);

impl SeededEntropy {
    /// A source that yields the same bytes for the same seed.
    pub fn new(seed: u64) -> Self {
        Self(Mutex::new((seed, 0)))
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, out: &mut [u8]) {
        let mut state = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        for chunk in out.chunks_mut(32) {
            let block = tagged("gotong/v0/seeded", &[&state.0.to_be_bytes(), &state.1.to_be_bytes()]);
            state.1 = state.1.wrapping_add(1);
            for (slot, byte) in chunk.iter_mut().zip(block.0) {
                *slot = byte;
            }
        }
    }
}
