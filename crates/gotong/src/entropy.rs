//! The operating system's randomness.

use gotong_crypto::Entropy;

/// Random bytes from the operating system.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SystemEntropy;

impl Entropy for SystemEntropy {
    #[allow(clippy::disallowed_methods, reason = "the one place where the program takes randomness from outside")]
    fn fill(&self, out: &mut [u8]) {
        if let Err(fault) = getrandom::fill(out) {
            // Keys made of anything else would be worse than no node at all.
            eprintln!("error: the operating system gives no randomness: {fault}");
            std::process::abort();
        }
    }
}
