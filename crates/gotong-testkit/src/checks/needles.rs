//! The search for many short byte strings in one long one.

/// What is looked for.
#[derive(Debug, Default)]
pub struct Needles {
    list: Vec<Vec<u8>>,
    /// A bit for each pair of bytes with which one of them begins.
    starts: Vec<u64>,
}

impl Needles {
    /// Takes needles of at least two bytes.
    pub fn new(list: impl IntoIterator<Item = Vec<u8>>) -> Self {
        let list: Vec<Vec<u8>> = list.into_iter().collect();
        let mut starts = vec![0; 1_024];
        for needle in &list {
            let start = usize::from(needle[0]) << 8 | usize::from(needle[1]);
            starts[start / 64] |= 1 << (start % 64);
        }
        Self { list, starts }
    }

    /// The first that occurs.
    pub fn find(&self, hay: &[u8]) -> Option<&[u8]> {
        if self.list.is_empty() {
            return None;
        }
        for (at, [one, two]) in hay.array_windows().enumerate() {
            let start = usize::from(*one) << 8 | usize::from(*two);
            if self.starts[start / 64] >> (start % 64) & 1 == 1 {
                let found = self.list.iter().find(|needle| hay[at..].starts_with(needle));
                if let Some(found) = found {
                    return Some(found);
                }
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_is_found_wherever_it_stands() {
        let needles = Needles::new([b"abc".to_vec(), b"bd".to_vec()]);
        assert_eq!(needles.find(b"xxabc"), Some(b"abc".as_slice()));
        assert_eq!(needles.find(b"bd"), Some(b"bd".as_slice()));
        assert_eq!(needles.find(b"abxbcd"), None);
        assert_eq!(Needles::default().find(b"abc"), None);
    }
}
