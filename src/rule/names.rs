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

/// With which three characters a name worth looking up can end: the filter of the hot path.
#[derive(Debug, Clone)]
pub struct Endings(Box<[u64; 512]>);

/// The classes of characters that endings are told by: a letter, a digit, a separator, another.
const DIGIT: u8 = 27;
const SEPARATOR: u8 = 28;
const OTHER: u8 = 29;

impl Default for Endings {
    fn default() -> Self {
        Self(Box::new([0; 512]))
    }
}

impl Endings {
    /// Lets names pass that end as this folded one does, a separator between its characters or
    /// digits behind them (`token_1`).
    pub fn add(&mut self, name: &str) {
        let [digit, separator, other] = [DIGIT, SEPARATOR, OTHER].map(usize::from);
        let mut last = name.bytes().rev().map(class);
        let (c, b, a) = (last.next().unwrap_or(other), last.next(), last.next());
        let before = |known: Option<usize>| known.map_or(0..32, |class| class..class + 1);
        for b in before(b) {
            for a in before(a) {
                self.set(a, b, c);
            }
            self.set(b, separator, c);
            self.set(separator, b, c);
            self.set(b, c, digit);
        }
        self.set(c, digit, digit);
        self.set(c, separator, digit);
        self.set(separator, c, digit);
        self.set(separator, digit, digit);
        self.set(digit, digit, digit);
    }

    fn set(&mut self, a: usize, b: usize, c: usize) {
        let bit = a << 10 | b << 5 | c;
        if let Some(word) = self.0.get_mut(bit >> 6) {
            *word |= 1 << (bit & 63);
        }
    }

    /// Whether a name ending so could be worth a look-up.
    pub fn allow(&self, [a, b, c]: [u8; 3]) -> bool {
        let bit = class(a) << 10 | class(b) << 5 | class(c);
        self.0.get(bit >> 6).is_some_and(|word| word >> (bit & 63) & 1 == 1)
    }
}

/// The class of a character: one look-up, for it is asked three times at each separator.
fn class(byte: u8) -> usize {
    usize::from(CLASSES.get(usize::from(byte)).copied().unwrap_or(OTHER))
}

static CLASSES: [u8; 256] = {
    let mut classes = [OTHER; 256];
    let mut rest: &mut [u8] = &mut classes;
    let mut byte = 0;
    while let Some((class, behind)) = rest.split_first_mut() {
        *class = match byte {
            b'a'..=b'z' => byte - b'a' + 1,
            b'A'..=b'Z' => byte - b'A' + 1,
            b'0'..=b'9' => DIGIT,
            b'-' | b'_' | b'.' | b' ' | b'[' | b']' => SEPARATOR,
            _ => OTHER,
        };
        rest = behind;
        byte = byte.wrapping_add(1);
    }
    classes
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_pass_and_most_others_do_not() {
        let mut endings = Endings::default();
        endings.add("apikey");
        endings.add("tk");
        let allow = |text: &[u8; 3]| endings.allow(*text);
        for text in [b"key", b"KEY", b"e_y", b"_ey", b"ey1", b"y_2", b"y12", b"123", b"xtk", b"=tk"]
        {
            assert!(allow(text), "{}", text.escape_ascii());
        }
        for text in [b"eye", b"ton", b"xey", b"tok"] {
            assert!(!allow(text), "{}", text.escape_ascii());
        }
    }
}
