//! The words in braces of a rule's sentences, with what is known of one call in their place.

use super::Teller;
use crate::rule::schema::ServiceWritten;
use crate::time::{Instant, in_words};
use crate::token::jwt::harmless;

/// Every word with its value, safe to show.
pub(super) fn words(teller: &Teller<'_>) -> Vec<(&'static str, String)> {
    let mut all = of_service(teller);
    all.extend(of_claims(teller));
    all.extend(of_call(teller));
    all
}

fn or(text: String, otherwise: &str) -> String {
    if text.is_empty() { otherwise.to_owned() } else { text }
}

fn of_service(teller: &Teller<'_>) -> Vec<(&'static str, String)> {
    let services = &teller.scene.services;
    let pick = |field: &dyn Fn(&ServiceWritten) -> Option<String>| {
        services.iter().find_map(|service| field(&service.written)).unwrap_or_default()
    };
    let issue = "make a new credential where this service issues them";
    vec![
        ("{form}", or(pick(&|s| s.header.clone()), "Authorization: <scheme> <credential>")),
        ("{issue}", or(pick(&|s| s.issue.clone()), issue)),
        ("{revoke}", or(pick(&|s| s.revoke.clone()), "where it was issued")),
        ("{service}", or(pick(&|s| Some(s.name.clone())), "the server")),
    ]
}

fn of_claims(teller: &Teller<'_>) -> Vec<(&'static str, String)> {
    let scene = teller.scene;
    let known = &scene.known;
    let join = |words: &[String]| {
        let shown: Vec<String> =
            words.iter().map(|word| format!("`{}`", teller.shown(word))).collect();
        shown.join(", ")
    };
    let missing = known.missing(&scene.needed).unwrap_or_default();
    let missing = if missing.is_empty() { &scene.needed } else { &missing };
    let audience: Vec<String> = known.audience.iter().map(|name| harmless(name)).collect();
    let asked = "what the server asks for";
    let moment = |moment: Option<Instant>| {
        moment.map_or_else(|| "unknown".to_owned(), |moment| moment.to_string())
    };
    let ago = match (known.expires, scene.at) {
        (Some(end), Some(at)) => in_words(at.since(end).abs()),
        _ => "some time".to_owned(),
    };
    let skew = scene.skew.map_or_else(|| "unknown".to_owned(), |skew| in_words(skew.abs()));
    let shown =
        |text: &Option<String>| teller.shown(&harmless(text.as_deref().unwrap_or_default()));
    vec![
        ("{needed}", or(join(&scene.needed), asked)),
        ("{missing}", or(join(missing), asked)),
        ("{have}", or(join(&known.scopes), "nothing that it names")),
        ("{skew}", skew),
        ("{expires}", moment(known.expires)),
        ("{starts}", moment(known.starts)),
        ("{at}", moment(scene.at)),
        ("{ago}", ago),
        ("{audience}", or(join(&audience), "nobody")),
        ("{issuer}", or(shown(&known.issuer), "nobody")),
        ("{algorithm}", or(shown(&known.algorithm), "unknown")),
    ]
}

fn of_call(teller: &Teller<'_>) -> Vec<(&'static str, String)> {
    let scene = teller.scene;
    let sent = scene.credential();
    let fact = |word: &str| teller.shown(scene.facts.first(word).unwrap_or_default());
    let mut offered: Vec<String> =
        scene.challenges.iter().map(|c| format!("`{}`", teller.shown(&c.scheme))).collect();
    offered.dedup();
    let realm = scene.challenges.iter().find_map(|c| c.parameter("realm")).unwrap_or_default();
    let named = scene.body.sentences.iter().find_map(|s| super::named_user(s));
    let user = named.or(sent.and_then(|s| s.user.as_deref())).unwrap_or("the caller");
    let scheme = sent.map(|s| s.written.as_str()).filter(|s| !s.is_empty()).unwrap_or("no scheme");
    vec![
        ("{realm}", or(teller.shown(realm), "the server")),
        ("{host}", or(teller.shown(&scene.address.host), "the server")),
        ("{path}", teller.shown(&scene.address.path)),
        ("{name}", teller.shown(sent.map_or("credential", |s| &s.name))),
        ("{scheme}", teller.shown(scheme)),
        ("{offered}", or(offered.join(", "), "none that it names")),
        ("{user}", teller.shown(user)),
        ("{method}", fact("request.method")),
        ("{said}", fact("refusal.words")),
        ("{location}", fact("redirect.path")),
    ]
}
