//! What a verified ID token says of somebody, in the words of the node: subject, name, the one role that groups give, whether a second factor was asked for.
//!
//! Must only be given claims whose token has been verified. What is missing or ambiguous gives nothing. Read next: `gotong_app::account::provider`.

use std::collections::BTreeSet;

use gotong_app::account::provider::{Proven, is_name, is_subject};
use gotong_app::role::Role;
use gotong_model::Slug;
use serde_json::Value;

use super::{ProviderFault, ProviderOptions};

/// Groups that are looked at; a token of 256 KiB holds no more that matter.
const VALUES_MAX: usize = 2_000;

/// Reads verified claims.
pub(crate) fn proven(options: &ProviderOptions, claims: &Value) -> Result<Proven, ProviderFault> {
    let subject = text(claims, "sub").filter(|subject| is_subject(subject));
    let subject = subject.ok_or_else(|| ProviderFault::Unproven("sub is no subject".to_owned()))?;
    // An address that nobody has verified is whatever somebody typed.
    let is_sound = options.name_claim != "email" || claims.get("email_verified") == Some(&Value::Bool(true));
    let name = text(claims, &options.name_claim).filter(|name| is_sound && is_name(name));
    Ok(Proven {
        issuer: options.issuer.clone(),
        subject: subject.to_owned(),
        name: name.map(ToOwned::to_owned),
        full_name: text(claims, "name").map(|name| name.trim().to_owned()),
        role: role(options, claims),
        has_second: has_second(options, claims),
    })
}

fn text<'a>(claims: &'a Value, name: &str) -> Option<&'a str> {
    claims.get(name)?.as_str()
}

/// A claim by its name, else by a path of names with dots between, such as `realm_access.roles`.
fn at<'a>(claims: &'a Value, name: &str) -> Option<&'a Value> {
    claims.get(name).or_else(|| name.split('.').try_fold(claims, |value, part| value.get(part)))
}

/// The texts of a claim, which is one or a list.
fn values(claim: Option<&Value>) -> Vec<&str> {
    match claim {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(all)) => all.iter().take(VALUES_MAX).filter_map(Value::as_str).collect(),
        Some(_) | None => Vec::new(),
    }
}

/// The one role that the groups give: nobody gets to choose between two.
fn role(options: &ProviderOptions, claims: &Value) -> Option<(Role, Option<Slug>)> {
    if options.role_claim.is_empty() {
        return None;
    }
    let given = values(at(claims, &options.role_claim)).into_iter().filter_map(|value| options.roles.get(value));
    let mut different: BTreeSet<&(Role, Option<Slug>)> = given.collect();
    different.pop_first().filter(|_| different.is_empty()).cloned()
}

fn has_second(options: &ProviderOptions, claims: &Value) -> bool {
    let is_method = values(claims.get("amr")).iter().any(|amr| options.second_amr.iter().any(|known| known == amr));
    let is_class = text(claims, "acr").is_some_and(|acr| options.second_acr.iter().any(|known| known == acr));
    is_method || is_class
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::outward::fetch::Fetcher;
    use crate::outward::guard::Guard;
    use crate::outward::trust;

    fn options() -> ProviderOptions {
        let roles = [("analysts", (Role::Analyst, None)), ("bank", (Role::Constituent, Slug::from_text("bank")))];
        ProviderOptions {
            issuer: "https://id.example".to_owned(),
            client: "gotong".to_owned(),
            secret: None,
            name: "Ministry".to_owned(),
            scopes: Vec::new(),
            name_claim: "preferred_username".to_owned(),
            role_claim: "realm_access.roles".to_owned(),
            roles: roles.into_iter().map(|(value, role)| (value.to_owned(), role)).collect(),
            makes_accounts: true,
            second_amr: vec!["otp".to_owned()],
            second_acr: vec!["gold".to_owned()],
            fetcher: Fetcher::new(Guard::default(), trust::client(None).unwrap()),
        }
    }

    #[test]
    fn groups_give_one_role_or_none() {
        let of = |groups: Value| role(&options(), &json!({"realm_access": {"roles": groups}}));
        assert_eq!(of(json!(["x", "analysts", "analysts"])), Some((Role::Analyst, None)));
        assert_eq!(of(json!("bank")).map(|(role, _)| role), Some(Role::Constituent));
        for none in
            [json!(["analysts", "bank"]), json!(["Analysts"]), json!([]), json!({"analysts": true}), json!(null)]
        {
            assert_eq!(of(none.clone()), None, "{none}");
        }
        let flat = ProviderOptions { role_claim: "groups".to_owned(), ..options() };
        assert!(role(&flat, &json!({"groups": ["analysts"]})).is_some());
        assert_eq!(role(&ProviderOptions { role_claim: String::new(), ..options() }, &json!({"": "analysts"})), None);
    }

    #[test]
    fn a_second_factor_counts_where_the_configuration_names_it() {
        for (claims, is_there) in [
            (json!({"amr": ["pwd", "otp"]}), true),
            (json!({"acr": "gold"}), true),
            (json!({"amr": ["pwd"], "acr": "silver"}), false),
            (json!({"amr": "otp"}), true),
            (json!({}), false),
        ] {
            assert_eq!(has_second(&options(), &claims), is_there, "{claims}");
        }
        let none = ProviderOptions { second_amr: Vec::new(), second_acr: Vec::new(), ..options() };
        assert!(!has_second(&none, &json!({"amr": ["otp", "mfa"], "acr": "gold"})));
    }

    #[test]
    fn an_address_that_nobody_verified_names_nobody() {
        let by_mail = ProviderOptions { name_claim: "email".to_owned(), ..options() };
        let of = |claims: Value| proven(&by_mail, &claims).unwrap().name;
        assert_eq!(
            of(json!({"sub": "1", "email": "a@b.example", "email_verified": true})).as_deref(),
            Some("a@b.example")
        );
        for doubtful in [
            json!({"sub": "1", "email": "a@b.example"}),
            json!({"sub": "1", "email": "a@b.example", "email_verified": "true"}),
        ] {
            assert_eq!(of(doubtful), None);
        }
        assert!(proven(&by_mail, &json!({"sub": ""})).is_err() && proven(&by_mail, &json!({"sub": 1})).is_err());
    }
}
