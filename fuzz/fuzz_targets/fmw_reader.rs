//! The reader of workspaces: it never fails, everything it decodes leads back into the file, and
//! everything found in it stands there.

#![no_main]

use authward::format::{Format, fmw::Fmw};
use authward_fuzz::{findings_inside, maps_inside, same_again, scan};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let reading = Fmw.read(data);
    for field in &reading.fields {
        maps_inside(&field.value, data.len());
    }
    for text in &reading.texts {
        maps_inside(text, data.len());
    }
    let found = scan("workspace.fmw", data);
    findings_inside(&found.findings, data);
    same_again(&found, &scan("workspace.fmw", data));
});
