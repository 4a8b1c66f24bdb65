//! FME workspaces (stub while the reader is being written).
use super::{Format, Reading};
/// The reader of workspaces.
#[derive(Debug)]
pub struct Fmw;
impl Format for Fmw {
    fn id(&self) -> &'static str {
        "fmw"
    }
    fn recognises(&self, _name: &str, _head: &[u8]) -> bool {
        false
    }
    fn read<'a>(&self, _bytes: &'a [u8]) -> Reading<'a> {
        Reading::default()
    }
}
