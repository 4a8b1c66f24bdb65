//! Archives, read in memory with caps: `.zip`, `.fmwt`, `.fpkg`, `.fsproject`, `.gz`, `.tar`. Nothing is
//! ever unpacked to disk, so a member's name can do no harm.

use std::cell::Cell;
use std::io::{self, Cursor, Read, Seek};

use flate2::read::MultiGzDecoder;

use super::patient::Patient;
use super::{Visitor, tar};
use crate::artifact::{Artifact, Origin};
use crate::finding::{Notice, NoticeKind, Skip};

/// The most members of one archive that are read.
pub(super) const MEMBERS_MAX: usize = 20_000;
/// The most bytes that one archive may unfold to.
const TOTAL_MAX: u64 = 2 << 30;
/// Beyond this many bytes, a member that unfolds more than [`RATIO_MAX`] times is a bomb.
const RATIO_FROM: u64 = 16 << 20;
/// See [`RATIO_FROM`]. Text rarely unfolds thirty times, logs of one line a hundred times.
const RATIO_MAX: u64 = 300;
/// The packed size of a member that is not packed: it counts where it was unpacked, or lies on disk.
pub(super) const STORED: u64 = u64::MAX;
/// The largest zip archive inside an archive or in a stream, in bytes: it must be held whole.
const HELD_MAX: u64 = 256 << 20;
/// How many bytes tell an archive.
pub(super) const HEAD: usize = tar::BLOCK;
/// The same as a length to read.
pub(super) const MAGIC: u64 = HEAD as u64;
/// How deep archives in archives are followed.
const DEPTH_MAX: usize = 3;

/// The kinds of archives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Members with names.
    Zip,
    /// One compressed stream.
    Gzip,
    /// Members one after the other, not compressed.
    Tar,
}

/// The archive kind of an artifact: its first bytes count for more than its name.
pub fn kind_of(name: &str, head: &[u8]) -> Option<Kind> {
    let is_tar = || tar::begins(name, head).then_some(Kind::Tar);
    by_magic(head).or_else(is_tar).or_else(|| by_name(name))
}

fn by_magic(head: &[u8]) -> Option<Kind> {
    match head {
        [b'P', b'K', 3, 4, ..] => Some(Kind::Zip),
        [0x1F, 0x8B, 8, ..] => Some(Kind::Gzip),
        _ => None,
    }
}

fn by_name(name: &str) -> Option<Kind> {
    let (_, extension) = name.rsplit_once('.')?;
    match extension.to_ascii_lowercase().as_str() {
        "zip" | "fmwt" | "fpkg" | "fsproject" | "fsconfig" | "jar" | "war" | "nupkg" | "whl"
        | "kmz" => Some(Kind::Zip),
        "gz" | "tgz" => Some(Kind::Gzip),
        _ => None,
    }
}

/// Reads an archive that lies on disk.
pub fn read(
    kind: Kind,
    mut reader: impl Read + Seek,
    artifact: &Artifact,
    visitor: &mut dyn Visitor,
) {
    let budget = Cell::new(TOTAL_MAX);
    match kind {
        Kind::Zip => zip(reader, artifact, 1, &budget, visitor),
        Kind::Gzip => gzip(&mut reader, artifact, 1, &budget, visitor),
        Kind::Tar => tar::read(&mut reader, artifact, 1, &budget, visitor),
    }
}

/// Reads an archive that comes as a stream.
pub fn stream(kind: Kind, reader: &mut dyn Read, artifact: &Artifact, visitor: &mut dyn Visitor) {
    unpack(kind, reader, artifact, 1, &Cell::new(TOTAL_MAX), visitor);
}

fn unpack(
    kind: Kind,
    reader: &mut dyn Read,
    artifact: &Artifact,
    depth: usize,
    budget: &Cell<u64>,
    visitor: &mut dyn Visitor,
) {
    match kind {
        Kind::Gzip => return gzip(reader, artifact, depth, budget, visitor),
        Kind::Tar => return tar::read(reader, artifact, depth, budget, visitor),
        Kind::Zip => {}
    }
    let mut bytes = Vec::new();
    let message = match reader.take(HELD_MAX + 1).read_to_end(&mut bytes) {
        Ok(size) if size as u64 <= HELD_MAX => {
            return zip(Cursor::new(bytes), artifact, depth, budget, visitor);
        }
        Ok(_) => format!(
            "is an archive of more than {} MiB that comes as a stream and was not searched; \
             unpack it first",
            HELD_MAX >> 20
        ),
        Err(error) => format!("could not be unpacked: {error}"),
    };
    let path = artifact.path.clone();
    visitor.notice(Notice { path, kind: NoticeKind::Limit, message });
}

fn gzip(
    reader: &mut dyn Read,
    artifact: &Artifact,
    depth: usize,
    budget: &Cell<u64>,
    visitor: &mut dyn Visitor,
) {
    let packed = Cell::new(0);
    let mut decoder = MultiGzDecoder::new(Counted { inner: reader, count: &packed });
    let path = format!("{}!{}", artifact.path, unpacked_name(artifact.name()));
    let member = Artifact { path, origin: Origin::Member };
    member_stream(&mut decoder, &packed, &member, depth, budget, visitor);
}

/// What a compressed stream is called when it is unpacked.
fn unpacked_name(name: &str) -> String {
    let stem = match name.rsplit_once('.') {
        Some((stem, extension)) if extension.eq_ignore_ascii_case("gz") => stem.to_owned(),
        Some((stem, extension)) if extension.eq_ignore_ascii_case("tgz") => format!("{stem}.tar"),
        // It is no such archive as its name says.
        _ if by_name(name).is_some() => String::new(),
        _ => name.to_owned(),
    };
    if stem.is_empty() || stem == ".tar" { "content".to_owned() } else { stem }
}

fn zip(
    mut reader: impl Read + Seek,
    artifact: &Artifact,
    depth: usize,
    budget: &Cell<u64>,
    visitor: &mut dyn Visitor,
) {
    let mut archive = match zip::ZipArchive::new(&mut reader) {
        Ok(archive) => archive,
        // Only its first bytes looked like one.
        Err(_) if by_name(artifact.name()) != Some(Kind::Zip) => {
            if reader.rewind().is_err() {
                return visitor.skipped(artifact, Skip::Binary);
            }
            return super::stream(artifact, reader, visitor);
        }
        Err(error) => {
            let message = format!("is no archive that can be read ({error}); it was not searched");
            return visitor.notice(Notice {
                path: artifact.path.clone(),
                kind: NoticeKind::Undecoded,
                message,
            });
        }
    };
    let count = archive.len();
    if count > MEMBERS_MAX {
        let message = format!("has {count} members; the first {MEMBERS_MAX} were searched");
        visitor.notice(Notice { path: artifact.path.clone(), kind: NoticeKind::Limit, message });
    }
    for index in 0..count.min(MEMBERS_MAX) {
        if budget.get() == 0 {
            break;
        }
        match archive.by_index(index) {
            Ok(member) if member.is_dir() => {}
            Ok(mut member) => {
                let inner = Artifact {
                    path: format!("{}!{}", artifact.path, name_of(&member, index)),
                    origin: Origin::Member,
                };
                let packed = Cell::new(member.compressed_size());
                member_stream(&mut member, &packed, &inner, depth, budget, visitor);
            }
            Err(error) => {
                let what = match error {
                    zip::result::ZipError::UnsupportedArchive(why) => {
                        format!("member {index} cannot be read: {why}")
                    }
                    other => format!("member {index} cannot be read: {other}"),
                };
                visitor.notice(Notice {
                    path: artifact.path.clone(),
                    kind: NoticeKind::Undecoded,
                    message: what,
                });
            }
        }
    }
}

/// The member's name as it stands in the archive; it is only ever shown.
fn name_of<R: Read>(member: &zip::read::ZipFile<'_, R>, index: usize) -> String {
    member.name().map_or_else(|_| format!("#{index}"), std::borrow::Cow::into_owned)
}

/// Reads one member, which may be an archive again. `packed` is its size in the archive, or as much
/// of it as was read so far.
pub(super) fn member_stream(
    reader: &mut dyn Read,
    packed: &Cell<u64>,
    member: &Artifact,
    depth: usize,
    budget: &Cell<u64>,
    visitor: &mut dyn Visitor,
) {
    let guarded = Guarded { inner: reader, packed, given: 0, budget, tripped: None };
    let mut reader = Patient::new(guarded);
    let mut head = Vec::with_capacity(HEAD);
    // The patient reader does not fail: why it ended is asked below.
    let _ = reader.by_ref().take(MAGIC).read_to_end(&mut head);
    let kind = kind_of(member.name(), &head);
    let mut whole = Cursor::new(head).chain(reader.by_ref());
    let searched = match kind {
        Some(kind) if depth < DEPTH_MAX => {
            unpack(kind, &mut whole, member, depth + 1, budget, visitor);
            None
        }
        Some(_) => {
            let message = format!("lies {DEPTH_MAX} archives deep and was not searched");
            let path = member.path.clone();
            visitor.notice(Notice { path, kind: NoticeKind::Limit, message });
            None
        }
        None => Some(super::window::each(member, whole, visitor).searched),
    };
    let failure = reader.failure();
    if let Some(searched) = searched {
        super::report(member, searched, failure.is_some(), visitor);
    }
    if let Some(error) = failure {
        let kind = if error.kind() == io::ErrorKind::QuotaExceeded {
            NoticeKind::Limit
        } else {
            NoticeKind::Undecoded
        };
        let message =
            format!("could not be unpacked to its end: {error}; what came before was searched");
        visitor.notice(Notice { path: member.path.clone(), kind, message });
    }
}

/// Counts what is read.
struct Counted<'c> {
    inner: &'c mut dyn Read,
    count: &'c Cell<u64>,
}

impl Read for Counted<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(out)?;
        self.count.set(self.count.get() + read as u64);
        Ok(read)
    }
}

/// Stops a member that unfolds beyond all measure, after what was unfolded has been given away.
struct Guarded<'g> {
    inner: &'g mut dyn Read,
    packed: &'g Cell<u64>,
    given: u64,
    budget: &'g Cell<u64>,
    tripped: Option<String>,
}

impl Read for Guarded<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if let Some(message) = &self.tripped {
            return Err(io::Error::new(io::ErrorKind::QuotaExceeded, message.clone()));
        }
        let read = self.inner.read(out)?;
        if self.packed.get() == STORED {
            return Ok(read);
        }
        self.given += read as u64;
        self.budget.set(self.budget.get().saturating_sub(read as u64));
        if self.given > RATIO_FROM && self.given / self.packed.get().max(1) > RATIO_MAX {
            self.tripped =
                Some(format!("it unfolds more than {RATIO_MAX} times its size, like a zip bomb"));
        } else if self.budget.get() == 0 && read > 0 {
            self.tripped =
                Some(format!("the archive unfolds to more than {} GiB", TOTAL_MAX >> 30));
        }
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn archives_are_told_by_their_first_bytes_and_by_name() {
        for (name, head, kind) in [
            ("a.ZIP", b"".as_slice(), Some(Kind::Zip)),
            ("a.dat", b"PK\x03\x04", Some(Kind::Zip)),
            ("a.zip", b"\x1f\x8b\x08\0", Some(Kind::Gzip)),
            ("zip", b"text", None),
            ("a.Gz", b"", Some(Kind::Gzip)),
        ] {
            assert_eq!(kind_of(name, head), kind, "{name}");
        }
    }

    #[test]
    fn unpacked_streams_lose_the_end_of_their_name() {
        for (name, unpacked) in [
            ("d.GZ", "d"),
            ("a.log.gz", "a.log"),
            ("e.tgz", "e.tar"),
            (".gz", "content"),
            ("a.dat", "a.dat"),
            ("a.zip", "content"),
            ("a.zip.gz", "a.zip"),
        ] {
            assert_eq!(unpacked_name(name), unpacked);
        }
    }
}
