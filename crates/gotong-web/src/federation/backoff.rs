//! Pauses that double up to a bound, each shortened by chance so that nodes that lost each other together do not come back together.

use std::time::Duration;

use gotong_crypto::Entropy;

/// The next pause.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Backoff {
    first: Duration,
    longest: Duration,
    next: Duration,
}

impl Backoff {
    pub(crate) fn new(first: Duration, longest: Duration) -> Self {
        Self { first, longest, next: first }
    }

    /// All is well again.
    pub(crate) fn reset(&mut self) {
        self.next = self.first;
    }

    /// Between half of the pause and the whole of it; the one after is twice as long.
    pub(crate) fn pause(&mut self, entropy: &dyn Entropy) -> Duration {
        let mut chance = [0_u8; 2];
        entropy.fill(&mut chance);
        let whole = self.next.min(self.longest);
        self.next = (whole * 2).min(self.longest);
        whole.mul_f64(0.5 + f64::from(u16::from_be_bytes(chance)) / 131_070.0)
    }
}

#[cfg(test)]
mod tests {
    use gotong_crypto::SeededEntropy;

    use super::*;

    #[test]
    fn pauses_double_up_to_their_bound_and_begin_anew() {
        let entropy = SeededEntropy::new(5);
        let mut backoff = Backoff::new(Duration::from_millis(250), Duration::from_secs(30));
        let mut whole = Duration::from_millis(250);
        for _ in 0..20 {
            let pause = backoff.pause(&entropy);
            assert!(pause >= whole / 2 && pause <= whole, "{pause:?} of {whole:?}");
            whole = (whole * 2).min(Duration::from_secs(30));
        }
        backoff.reset();
        assert!(backoff.pause(&entropy) <= Duration::from_millis(250));
    }
}
