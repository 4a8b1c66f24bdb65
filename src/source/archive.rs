//! Archives, read in memory with caps: `.zip`, `.fmwt`, `.fpkg`, `.fsproject`, `.gz`. Nothing is
//! ever unpacked to disk, so a member's name can do no harm.

use std::io::{self, Cursor, Read, Seek};

use flate2::read::MultiGzDecoder;

use super::Visitor;
use crate::artifact::{Artifact, Origin};
use crate::finding::{Notice, NoticeKind};

/// The most members of one archive that are read.
const MEMBERS_MAX: usize = 20_000;
/// The most bytes that one archive may unfold to.
const TOTAL_MAX: u64 = 2 << 30;
/// Beyond this many bytes, a member that unfolds more than [`RATIO_MAX`] times is a bomb.
const RATIO_FROM: u64 = 16 << 20;
/// See [`RATIO_FROM`]. Text rarely unfolds thirty times, logs of one line a hundred times.
const RATIO_MAX: u64 = 300;
/// The largest archive inside an archive, in bytes: it must be held whole.
const NESTED_MAX: u64 = 64 << 20;
/// How deep archives in archives are followed.
const DEPTH_MAX: usize = 3;

/// The kinds of archives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Members with names.
    Zip,
    /// One compressed stream.
    Gzip,
}

/// The archive kind of a file name.
pub fn kind_of(name: &str) -> Option<Kind> {
    let extension = name.rsplit('.').next()?.to_ascii_lowercase();
    match extension.as_str() {
        "zip" | "fmwt" | "fpkg" | "fsproject" | "fsconfig" | "jar" | "war" | "nupkg" | "whl"
        | "kmz" => Some(Kind::Zip),
        "gz" => Some(Kind::Gzip),
        _ => None,
    }
}

/// Reads an archive.
pub fn read(kind: Kind, reader: impl Read + Seek, artifact: &Artifact, visitor: &mut dyn Visitor) {
    let mut budget = TOTAL_MAX;
    dispatch(kind, reader, artifact, 1, &mut budget, visitor);
}

fn dispatch(
    kind: Kind,
    mut reader: impl Read + Seek,
    artifact: &Artifact,
    depth: usize,
    budget: &mut u64,
    visitor: &mut dyn Visitor,
) {
    match kind {
        Kind::Zip => zip(reader, artifact, depth, budget, visitor),
        Kind::Gzip => {
            let size = reader
                .seek(io::SeekFrom::End(0))
                .and_then(|size| reader.rewind().map(|()| size))
                .unwrap_or(0);
            let member = artifact.path.strip_suffix(".gz").unwrap_or(&artifact.path).to_owned();
            let name = member.rsplit(['/', '!']).next().unwrap_or_default();
            let inner =
                Artifact { path: format!("{}!{name}", artifact.path), origin: Origin::Member };
            member_stream(MultiGzDecoder::new(reader), size, &inner, depth, budget, visitor);
        }
    }
}

fn zip(
    reader: impl Read + Seek,
    artifact: &Artifact,
    depth: usize,
    budget: &mut u64,
    visitor: &mut dyn Visitor,
) {
    let mut archive = match zip::ZipArchive::new(reader) {
        Ok(archive) => archive,
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
        if *budget == 0 {
            break;
        }
        match archive.by_index(index) {
            Ok(member) if member.is_dir() => {}
            Ok(member) => {
                let inner = Artifact {
                    path: format!("{}!{}", artifact.path, name_of(&member, index)),
                    origin: Origin::Member,
                };
                let packed = member.compressed_size();
                member_stream(member, packed, &inner, depth, budget, visitor);
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

fn member_stream(
    reader: impl Read,
    packed: u64,
    member: &Artifact,
    depth: usize,
    budget: &mut u64,
    visitor: &mut dyn Visitor,
) {
    let mut guarded = Guarded { inner: reader, packed, given: 0, budget };
    match kind_of(&member.path) {
        Some(kind) if depth < DEPTH_MAX => {
            let mut bytes = Vec::new();
            let read = guarded.by_ref().take(NESTED_MAX + 1).read_to_end(&mut bytes);
            let message = match read {
                Ok(size) if size as u64 <= NESTED_MAX => {
                    let budget = guarded.budget;
                    return dispatch(kind, Cursor::new(bytes), member, depth + 1, budget, visitor);
                }
                Ok(_) => format!(
                    "is larger than {} MiB inside an archive and was not searched",
                    NESTED_MAX >> 20
                ),
                Err(error) => format!("could not be unpacked: {error}"),
            };
            visitor.notice(Notice { path: member.path.clone(), kind: NoticeKind::Limit, message });
        }
        Some(_) => visitor.notice(Notice {
            path: member.path.clone(),
            kind: NoticeKind::Limit,
            message: format!("lies {DEPTH_MAX} archives deep and was not searched"),
        }),
        None => match super::window::each(member, &mut guarded, visitor) {
            Ok(super::window::Outcome::Searched(bytes)) => visitor.searched(member, bytes),
            Ok(super::window::Outcome::Binary) => visitor.binary(member),
            Err(error) => {
                let kind = if error.kind() == io::ErrorKind::QuotaExceeded {
                    NoticeKind::Limit
                } else {
                    NoticeKind::Undecoded
                };
                let message = format!(
                    "could not be unpacked to its end: {error}; what came before was searched"
                );
                visitor.notice(Notice { path: member.path.clone(), kind, message });
            }
        },
    }
}

/// Stops a member that unfolds beyond all measure.
struct Guarded<'b, R> {
    inner: R,
    packed: u64,
    given: u64,
    budget: &'b mut u64,
}

impl<R: Read> Read for Guarded<'_, R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(out)?;
        self.given += read as u64;
        *self.budget = self.budget.saturating_sub(read as u64);
        let quota = |message: String| io::Error::new(io::ErrorKind::QuotaExceeded, message);
        if self.given > RATIO_FROM && self.given / self.packed.max(1) > RATIO_MAX {
            return Err(quota(format!(
                "it unfolds more than {RATIO_MAX} times its size, like a zip bomb"
            )));
        }
        if *self.budget == 0 {
            return Err(quota(format!("the archive unfolds to more than {} GiB", TOTAL_MAX >> 30)));
        }
        Ok(read)
    }
}
