//! Panics say where they happened and nothing else: their message could hold a secret.

use std::cell::RefCell;
use std::panic;

thread_local! {
    static PLACE: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Replaces the panic message by the place, kept for a notice.
pub fn quiet() {
    panic::set_hook(Box::new(|info| {
        let place = info.location().map(|l| format!("{}:{}", l.file(), l.line()));
        PLACE.with(|slot| *slot.borrow_mut() = place);
    }));
}

/// ` (file:line)` of the last panic of this thread, once.
pub fn take_place() -> String {
    PLACE
        .with(|slot| slot.borrow_mut().take())
        .map(|place| format!(" ({place})"))
        .unwrap_or_default()
}
