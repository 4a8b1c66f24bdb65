//! What a JWT claims of where it comes from and goes to, for people. The claims stand in base64, where
//! no carrier has read them, so nothing in them is believed to be harmless.

use crate::shape::looks_random;
use crate::token::jwt::Claims;
use crate::veil::Veil;

/// How much of a claim is shown, in characters.
const SHOWN_MAX: usize = 60;
/// From this length on a part of a claim that looks drawn at random is not shown, in bytes.
const PART_MAX: usize = 12;

/// `claims: issued by …, for …, HS256`
pub(super) fn in_words(claims: &Claims, veil: &Veil) -> Option<String> {
    let short = |text: &String| {
        // Covered before it is cut: half of a secret is not known for one.
        let whole = veil.cover(&harmless(text));
        let mut shown: String = whole.chars().take(SHOWN_MAX).collect();
        if shown.len() < whole.len() {
            shown.push('…');
        }
        shown
    };
    let parts = [
        claims.issuer.as_ref().map(|issuer| format!("issued by {}", short(issuer))),
        claims.audience.as_ref().map(|audience| format!("for {}", short(audience))),
        claims.algorithm.as_ref().map(short),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| format!("claims: {}", parts.join(", ")))
}

/// A claim without the user, the password and the query of an address, and without any part that looks
/// like a secret.
fn harmless(text: &str) -> String {
    let address = text.get(..text.find(['?', '#']).unwrap_or(text.len())).unwrap_or(text);
    let parts = address.split('/').map(|part| {
        let own = part.rsplit('@').next().unwrap_or_default();
        if looks_random(own.as_bytes(), PART_MAX) { "…" } else { own }
    });
    parts.collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Secret;

    fn said(issuer: &str, secrets: &[Secret]) -> String {
        let claims = Claims {
            issuer: Some(issuer.to_owned()),
            audience: Some("maps".to_owned()),
            algorithm: Some("HS256".to_owned()),
            ..Claims::default()
        };
        in_words(&claims, &Veil::over(secrets.iter())).unwrap()
    }

    #[test]
    fn claims_are_told_shortly() {
        assert_eq!(
            said("https://login.example.org", &[]),
            "claims: issued by https://login.example.org, for maps, HS256"
        );
        let long = said(&"é".repeat(100), &[]);
        assert_eq!(long, format!("claims: issued by {}…, for maps, HS256", "é".repeat(60)));
    }

    #[test]
    fn nothing_secret_in_a_claim_is_told() {
        let token = "5d1c7e90b2a3".repeat(3);
        let lamp = ["Harbour9", "Lamp"].concat();
        for issuer in [
            format!("https://svc:{lamp}@idp.example.org/a"),
            format!("https://idp.example.org/tenants/{token}/x"),
            format!("https://idp.example.org/?token={token}"),
            format!("https://idp.example.org/#{token}"),
            token,
        ] {
            let said = said(&issuer, &[]);
            assert!(!said.contains("Harbour9") && !said.contains("5d1c"), "{said}");
        }
        // A known one across the place where the claim is cut.
        let known = "plain-words-that-are-known-as-a-secret-of-this-run";
        let said = said(&format!("{}{known}", "x".repeat(40)), &[Secret::new(known.as_bytes())]);
        assert!(!said.contains("plain-words"), "{said}");
    }
}
