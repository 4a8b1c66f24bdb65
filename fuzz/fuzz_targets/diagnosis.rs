//! The second river: any call in the notation of `curl -v`, through challenges, bodies, claims, facts
//! and ranking, into every output. No output shows a credential that was sent.

#![no_main]

use authward::diagnose::{Diagnoser, sent};
use authward::exchange::{Exchange, Observation, Spot};
use authward::report::diagnoses::{Diagnoses, OUTPUTS, Scene, Told};
use authward::secret::Key;
use authward_fuzz::{at, book};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let Ok(exchange) = Exchange::parse(&text) else { return };
    let diagnoser = Diagnoser { book: book(), at: Some(at()), key: Key::default() };
    let sent = sent::credentials(book(), &exchange.request);
    let observation = Observation { exchange, trials: Vec::new() };
    let Some(diagnosis) = diagnoser.diagnose(&observation) else { return };
    assert_eq!(diagnoser.diagnose(&observation).as_ref(), Some(&diagnosis));
    let told = Told { path: "x".to_owned(), spot: Spot::line(1), diagnosis };
    let diagnoses = Diagnoses { told: vec![told], notices: Vec::new(), calls: 1 };
    let scene = Scene { color: false, book: book(), verbosity: 1 };
    for output in OUTPUTS {
        let shown = output.write(&diagnoses, &scene);
        for one in sent.iter().filter(|s| s.value == sent::Value::Literal) {
            // What is as short as a word may be one of our own.
            let secret = one.secret.clone();
            let long = secret.char_count() >= 12;
            assert!(!long || !holds(&shown, &secret), "{} shows a credential", output.name());
        }
    }
});

#[expect(clippy::disallowed_methods, reason = "the fuzzer looks for the value in what is shown")]
fn holds(shown: &str, secret: &authward::secret::Secret) -> bool {
    std::str::from_utf8(secret.expose()).is_ok_and(|value| shown.contains(value))
}
