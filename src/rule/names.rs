//! The filters of the hot path: nearly every name in a source tree is of no use to any rule, and is
//! told off here without an allocation.

/// A set of folded names with a hash that costs a multiplication a byte: the names come from the
/// rule book, so nobody gains by making them collide.
#[derive(Debug, Default)]
pub struct NameSet {
    /// A power of two of buckets; each holds the names whose hash ends so.
    buckets: Vec<Vec<Box<[u8]>>>,
}

impl NameSet {
    /// The set of these names.
    pub fn new<'n>(names: impl Iterator<Item = &'n str>) -> Self {
        let names: Vec<&[u8]> = names.map(str::as_bytes).collect();
        let mut buckets = vec![Vec::new(); (names.len() * 4).next_power_of_two()];
        let mask = buckets.len() - 1;
        for name in names {
            let Some(bucket) = buckets.get_mut(Self::hash(name) & mask) else { continue };
            if !bucket.contains(&Box::from(name)) {
                bucket.push(name.into());
            }
        }
        Self { buckets }
    }

    fn hash(name: &[u8]) -> usize {
        // FNV-1a; the high half is folded down because the low bits alone pick the bucket.
        let hash = name.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
        });
        usize::try_from((hash ^ hash >> 32) & 0xffff_ffff).unwrap_or_default()
    }

    /// Whether the folded name is in it.
    pub fn contains(&self, name: &[u8]) -> bool {
        let mask = self.buckets.len().wrapping_sub(1);
        self.buckets
            .get(Self::hash(name) & mask)
            .is_some_and(|bucket| bucket.iter().any(|n| **n == *name))
    }
}

/// Which pairs of characters a name worth looking up can end with: the filter of the hot path.
#[derive(Debug, Clone)]
pub struct Endings(Box<[u64; 1024]>);

impl Default for Endings {
    fn default() -> Self {
        Self(Box::new([0; 1024]))
    }
}

impl Endings {
    /// Lets names pass that end as this folded one does.
    pub fn add(&mut self, name: &str) {
        // `token_1`, `token12`: one of several.
        for digit in b'0'..=b'9' {
            for before in name.bytes().last().into_iter().chain(b'0'..=b'9') {
                self.set(before, digit);
            }
        }
        if let [.., a, b] = name.as_bytes() {
            self.set(*a, *b);
        } else if let [b] = name.as_bytes() {
            for a in 0..=255 {
                self.set(a, *b);
            }
        }
    }

    fn set(&mut self, a: u8, b: u8) {
        // Names are folded: a separator may stand before the last character (`x-k`).
        for a in [a, b'-', b'_', b'.'] {
            let bit = Self::bit(a, b);
            if let Some(word) = self.0.get_mut(bit >> 6) {
                *word |= 1 << (bit & 63);
            }
        }
    }

    fn bit(a: u8, b: u8) -> usize {
        usize::from(a.to_ascii_lowercase()) << 8 | usize::from(b.to_ascii_lowercase())
    }

    /// Whether a name ending so could be worth a look-up.
    pub fn allow(&self, a: u8, b: u8) -> bool {
        let bit = Self::bit(a, b);
        self.0.get(bit >> 6).is_some_and(|word| word >> (bit & 63) & 1 == 1)
    }
}
