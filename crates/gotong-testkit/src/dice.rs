//! The seed's randomness for everything that is not a key or a salt: which step comes next, what is lost, what a body says.
//!
//! `SplitMix64`, so that the same seed gives the same region on every machine. Never for anything that must be secret.

/// A source of decisions.
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// Dice that fall the same way for the same seed.
    pub fn new(seed: u64) -> Self {
        Self(seed ^ 0x6761_746f_6e67_2e31)
    }

    /// The next 64 bits.
    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `bound`; 0 where the bound is 0.
    pub fn below(&mut self, bound: usize) -> usize {
        let bound = bound.max(1) as u64;
        usize::try_from(self.roll() % bound).unwrap_or(0)
    }

    /// Whether something that happens in so many of a hundred cases happens now.
    pub fn chance(&mut self, per_cent: usize) -> bool {
        self.below(100) < per_cent
    }

    /// One of them. Panics on an empty list.
    pub fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }

    /// Twenty characters that occur nowhere else: what searches for leftovers look for.
    pub fn token(&mut self) -> String {
        const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
        let (mut high, mut low) = (self.roll(), self.roll());
        let mut out = String::with_capacity(20);
        for at in 0..20 {
            let bits = if at < 10 { &mut high } else { &mut low };
            out.push(char::from(LETTERS[usize::try_from(*bits & 31).unwrap_or(0)]));
            *bits >>= 5;
        }
        out
    }

    /// A random (version 4) UUID as text.
    pub fn uuid(&mut self) -> String {
        let (high, low) = (self.roll(), self.roll());
        format!(
            "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
            high >> 32,
            high >> 16 & 0xffff,
            high & 0xfff,
            0x8000 | (low >> 48 & 0x3fff),
            low & 0xffff_ffff_ffff
        )
    }
}
