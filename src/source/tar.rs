//! Tar archives: members one after the other behind headers of 512 bytes, read as they come.

use std::cell::Cell;
use std::io::{self, Read};

use super::Visitor;
use super::archive::{MEMBERS_MAX, STORED, member_stream};
use crate::artifact::{Artifact, Origin};
use crate::finding::{Notice, NoticeKind};
use crate::text::lossless;

/// The size of a header, to which members are padded.
pub(super) const BLOCK: usize = 512;
/// The largest name that stands in a member of its own, in bytes.
const NAME_MAX: u64 = 64 << 10;

/// How many blocks of zeros are passed over: the end mark has two, and is filled up to a few more.
const ZEROS_MAX: usize = 2048;

/// Whether this is the header of a tar archive: its sum must be right, and old ones, which have no
/// mark, must be called so.
pub(super) fn begins(name: &str, head: &[u8]) -> bool {
    let is_named =
        || name.get(name.len().saturating_sub(4)..).is_some_and(|e| e.eq_ignore_ascii_case(".tar"));
    head.len() >= BLOCK && (field(head, 257, 5) == b"ustar" || is_named()) && is_header(head)
}

fn field(header: &[u8], at: usize, length: usize) -> &[u8] {
    header.get(at..at + length).unwrap_or_default()
}

/// The sum is taken with its own field as blanks.
fn is_header(block: &[u8]) -> bool {
    let sum: u64 = block.iter().take(BLOCK).map(|b| u64::from(*b)).sum();
    let own: u64 = field(block, 148, 8).iter().map(|b| u64::from(*b)).sum();
    octal(field(block, 148, 8)) == Some(sum - own + 8 * u64::from(b' '))
}

fn octal(field: &[u8]) -> Option<u64> {
    let digits = field.trim_ascii_start();
    let end = digits.iter().position(|b| !b.is_ascii_digit()).unwrap_or(digits.len());
    u64::from_str_radix(std::str::from_utf8(digits.get(..end)?).ok()?, 8).ok()
}

/// Octal digits, or a binary number behind a first bit of one.
fn size(header: &[u8]) -> Option<u64> {
    let written = field(header, 124, 12);
    match written.split_first()? {
        (first, rest) if first & 0x80 != 0 => {
            let low = rest.get(3..)?.first_chunk::<8>()?;
            Some(u64::from_be_bytes(*low))
        }
        _ => octal(written),
    }
}

fn text(field: &[u8]) -> String {
    let end = field.iter().position(|b| *b == 0).unwrap_or(field.len());
    lossless(field.get(..end).unwrap_or_default()).into_owned()
}

fn name(header: &[u8]) -> String {
    let (prefix, name) = (text(field(header, 345, 155)), text(field(header, 0, 100)));
    let has_prefix = field(header, 257, 6) == b"ustar\0" && !prefix.is_empty();
    if has_prefix { format!("{prefix}/{name}") } else { name }
}

/// What a member says about the one behind it: `30 path=a/long/name`.
fn word(records: &str, key: &str) -> Option<String> {
    let records = records.lines().filter_map(|line| line.split_once(' ')?.1.split_once('='));
    records.filter(|(name, _)| *name == key).map(|(_, value)| value.to_owned()).next_back()
}

/// What does not fit into a header stands in a member of its own before it.
#[derive(Default)]
struct Announced {
    name: Option<String>,
    size: Option<u64>,
}

impl Announced {
    fn read(&mut self, kind: u8, body: &mut dyn Read) {
        let mut records = Vec::new();
        let _ = body.take(NAME_MAX).read_to_end(&mut records);
        let records = text(&records);
        if kind == b'L' {
            self.name = Some(records);
        } else {
            self.name = word(&records, "path").or_else(|| self.name.take());
            self.size = word(&records, "size").and_then(|size| size.parse().ok());
        }
    }
}

/// Reads every member.
pub(super) fn read(
    reader: &mut dyn Read,
    artifact: &Artifact,
    depth: usize,
    budget: &Cell<u64>,
    visitor: &mut dyn Visitor,
) {
    let say = |kind, message: String, visitor: &mut dyn Visitor| {
        visitor.notice(Notice { path: artifact.path.clone(), kind, message });
    };
    let mut announced = Announced::default();
    let mut members = 0;
    let mut zeros = 0;
    loop {
        let mut header = Vec::with_capacity(BLOCK);
        // Why a reader ended is told where it was opened.
        let _ = Read::take(&mut *reader, BLOCK as u64).read_to_end(&mut header);
        if header.is_empty() {
            if zeros == 0 {
                let what = "has no end mark, so it may be cut; what is there was searched";
                say(NoticeKind::Undecoded, what.to_owned(), visitor);
            }
            return;
        }
        // Zeros mark the end; archives that were joined go on behind them.
        if header.iter().all(|b| *b == 0) {
            zeros += 1;
            if zeros > ZEROS_MAX {
                let what = "goes on with nothing but zeros, and was read no further".to_owned();
                return say(NoticeKind::Limit, what, visitor);
            }
            continue;
        }
        zeros = 0;
        let declared = size(&header).filter(|_| header.len() == BLOCK && is_header(&header));
        let Some(declared) = declared else {
            let what =
                format!("cannot be read behind member {members}; what came before was searched");
            return say(NoticeKind::Undecoded, what, visitor);
        };
        let kind = field(&header, 156, 1).first().copied().unwrap_or_default();
        let is_file = matches!(kind, b'0' | 0 | b'7' | b'S');
        let size = announced.size.take().filter(|_| is_file).unwrap_or(declared);
        let mut body = Read::take(&mut *reader, size);
        if matches!(kind, b'L' | b'x') {
            announced.read(kind, &mut body);
        } else {
            let name = announced.name.take().unwrap_or_else(|| name(&header));
            if is_file {
                members += 1;
                let path = format!("{}!{name}", artifact.path);
                let member = Artifact { path, origin: Origin::Member };
                member_stream(&mut body, &Cell::new(STORED), &member, depth, budget, visitor);
            }
        }
        let _ = io::copy(&mut body, &mut io::sink());
        if body.limit() > 0 {
            let what = "ends in the middle of a member; what came before was searched".to_owned();
            return say(NoticeKind::Undecoded, what, visitor);
        }
        let padding = (BLOCK as u64 - size % BLOCK as u64) % BLOCK as u64;
        let _ = io::copy(&mut Read::take(&mut *reader, padding), &mut io::sink());
        if members >= MEMBERS_MAX {
            let what = format!("has more than {MEMBERS_MAX} members; the first were searched");
            return say(NoticeKind::Limit, what, visitor);
        }
    }
}
