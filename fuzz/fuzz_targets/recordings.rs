//! The second river from end to end: any bytes under any file name, through every reader of
//! recordings, the diagnosis and its reports. Nothing panics, and no report shows what was sent.

#![no_main]

use authward::diagnose::{Diagnoser, Scene as Facts};
use authward::exchange::{Exchange, Observation, Spot};
use authward::format::recording::{LINE_MAX, LINED, RECORDINGS};
use authward::report::diagnoses::{Diagnoses, OUTPUTS, Scene, Told};
use authward::rule::load::SOURCES;
use authward::secret::Key;
use authward::source;
use authward::text::lossless;
use authward_fuzz::{at, book, first_line};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    // The first line is the file's name, the rest its bytes.
    let (name, bytes) = first_line(data);
    let name = String::from_utf8_lossy(name);
    let mut all: Vec<(Spot, Exchange)> = Vec::new();
    for format in RECORDINGS {
        format.recognises(&name, bytes);
        // A notice says where and what, and is shown as it is: its words are ours.
        for notice in format.read(bytes, &mut |spot, exchange| all.push((spot, exchange))) {
            assert!(notice.len() < 200, "a notice that repeats: {notice}");
        }
    }
    for format in LINED {
        format.recognises(&name, bytes);
        let read = source::lines(bytes, LINE_MAX, &mut |number, line| {
            if let Some((exchange, logical)) = format.call(line) {
                all.push((Spot { logical, ..Spot::line(number) }, exchange));
            }
        });
        assert!(read.is_ok(), "bytes in memory cannot fail");
    }
    // Few calls a run: the readers are what is fuzzed.
    for (spot, exchange) in all.into_iter().take(12) {
        tell(spot, exchange);
    }
});

fn tell(mut spot: Spot, exchange: Exchange) {
    let diagnoser = Diagnoser { book: book(), at: Some(at()), key: Key::default() };
    let observation = Observation { exchange, trials: Vec::new() };
    let Some(diagnosis) = diagnoser.diagnose(&observation) else { return };
    spot.logical = spot.logical.map(|name| diagnoser.name(&observation, &name));
    let mut told = Diagnoses::default();
    told.told.push(Told { path: "x".to_owned(), spot, diagnosis });
    let scene = Scene { color: false, book: book(), verbosity: 1 };
    let facts = Facts::read(book(), &observation, Some(at()));
    for output in OUTPUTS {
        let text = output.write(&told, &scene);
        for sent in &facts.sent {
            hides(&text, sent.secret.expose(), output.name());
        }
    }
}

/// No report shows a value of more than eight bytes that was sent. The words of the rules and of the
/// program may happen to be somebody's value.
fn hides(text: &str, value: &[u8], output: &str) {
    let value = lossless(value).into_owned();
    let mut kinds: Vec<char> = value.chars().collect();
    kinds.sort_unstable();
    kinds.dedup();
    let folded = value.to_lowercase();
    let said = kinds.len() < 5
        || SOURCES.iter().any(|(_, _, text)| text.to_lowercase().contains(&folded));
    assert!(value.len() <= 8 || !text.contains(&value) || said, "{output} shows what was sent");
}
