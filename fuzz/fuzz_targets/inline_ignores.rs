//! Ignore comments: any text can be read as one, and whatever it says, no finding disappears and
//! every notice names a line that exists.

#![no_main]

use authward::adopt::ignores::{self, Ignores, Run};
use authward::artifact::{Artifact, Window};
use authward::finding::NoticeKind;
use authward_fuzz::{at, book, scan};
use libfuzzer_sys::fuzz_target;

/// Lines of code with a credential each, between which the input stands.
const LEAK: &str = "curl 'https://h.example/?access_token=Zk3vQ9xT7mLp2WcR8yBn4HsD' ";

fuzz_target!(|data: &[u8]| {
    if let Ok(text) = std::str::from_utf8(data)
        && let Some(Ok(directive)) = ignores::parse(text)
    {
        assert!(!directive.lints.is_empty());
        assert!(directive.lints.iter().all(|l| !l.is_empty() && l.trim() == l), "{directive:?}");
        assert_eq!(directive.reason.trim(), directive.reason);
    }
    let text =
        [b"# ", data, b"\n", LEAK.as_bytes(), b"# ", data, b"\n", LEAK.as_bytes(), b"\n"].concat();
    let artifact = Artifact::file("jobs/a.sh");
    let lints: Vec<&str> = book().lints.iter().map(|l| l.written.id.as_str()).collect();
    let run = Run { artifact: &artifact, at: at(), lints: &lints };
    let before = scan("jobs/a.sh", &text).findings;
    let mut after = before.clone();
    let (mut ignores, mut notices) = (Ignores::default(), Vec::new());
    ignores.gather(&Window::whole(&text), &run, &mut notices);
    ignores.judge(&mut after.iter_mut().collect::<Vec<_>>());
    ignores.pass(&Window::whole(&text), &run, &mut notices);
    ignores.finish(&artifact, &mut notices);
    assert_eq!(before.len(), after.len());
    for (old, new) in before.iter().zip(&mut after) {
        if let Some(suppression) = new.suppressed.take() {
            assert_eq!(suppression.kind, "inline");
        }
        assert_eq!(old, new);
    }
    let lines = text.iter().filter(|b| **b == b'\n').count() as u64;
    for notice in &notices {
        assert!(!matches!(notice.kind, NoticeKind::Internal));
        let line = notice.message.strip_prefix("line ").and_then(|m| m.split(':').next());
        let line: u64 = line.and_then(|l| l.parse().ok()).expect("a notice names its line");
        assert!((1..=lines).contains(&line), "{notice:?} in {lines} lines");
    }
});
