//! Paths for people: relative to where the command runs, with `/`.

use std::path::{Component, Path, PathBuf};

/// The path relative to where the command runs, when it lies below; it opens the same file.
pub fn relative(path: &Path) -> PathBuf {
    if path.is_relative() {
        return path.to_owned();
    }
    let here = std::env::current_dir().unwrap_or_default();
    match path.strip_prefix(&here) {
        Ok(below) if !here.as_os_str().is_empty() => below.to_owned(),
        _ => path.to_owned(),
    }
}

/// A path as shown: with `/`, without `./`; bytes that are no UTF-8 stand as `\xff`, so that two
/// paths which differ there look different.
pub fn shown(path: &Path) -> String {
    let plain: PathBuf = relative(path).components().filter(|c| *c != Component::CurDir).collect();
    let mut text = String::new();
    for chunk in plain.as_os_str().as_encoded_bytes().utf8_chunks() {
        let valid = chunk.valid();
        text += &if std::path::MAIN_SEPARATOR == '\\' {
            valid.replace('\\', "/")
        } else {
            valid.to_owned()
        };
        for byte in chunk.invalid() {
            text += &format!("\\x{byte:02x}");
        }
    }
    if text.is_empty() { ".".to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_shown_from_here() {
        let here = std::env::current_dir().unwrap();
        for (path, wanted) in [
            (PathBuf::from("./a/./b.txt"), "a/b.txt"),
            (PathBuf::from("a//b.txt"), "a/b.txt"),
            (PathBuf::from("../b.txt"), "../b.txt"),
            (PathBuf::from("."), "."),
            (here.clone(), "."),
            (here.join("a/b.txt"), "a/b.txt"),
            (PathBuf::from("/elsewhere/b.txt"), "/elsewhere/b.txt"),
        ] {
            assert_eq!(shown(&path), wanted);
        }
    }

    #[cfg(unix)]
    #[test]
    fn names_that_are_no_text_stay_apart() {
        use std::os::unix::ffi::OsStrExt;
        let of = |bytes: &[u8]| shown(Path::new(std::ffi::OsStr::from_bytes(bytes)));
        assert_eq!(
            (of(b"a\xff.txt"), of(b"a\xfe.txt")),
            ("a\\xff.txt".into(), "a\\xfe.txt".into())
        );
    }
}
