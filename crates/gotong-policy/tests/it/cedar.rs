//! What agreements compile to is what Cedar takes under strict validation, and each policy says which clause it is.

use cedar_policy::{Policy, PolicyId, PolicySet, Schema, ValidationMode, Validator};
use gotong_model::Tlp::{Amber, Green};
use gotong_model::agreement::{Accession, Act as Forbidden, Consent, Exit, Onward, Prohibition, Terms};
use gotong_policy::{SCHEMA, house_policies, policies};

use super::support::{channel_type, codes, prohibition, slug, terms};

fn all_kinds() -> Vec<Terms> {
    let mut all = Vec::new();
    for onward in Onward::ALL {
        for exit in Exit::ALL {
            let mut first = channel_type("indicators", &["id", "th"], &["case", "stix.indicator"], Amber);
            first.onward = *onward;
            first.exit = *exit;
            let second = channel_type("reports", &["vn"], &["stix"], Green);
            let mut terms = terms("rti", &["id", "th", "vn"], first);
            terms.channel_types.push(second);
            for act in Forbidden::ALL {
                terms.prohibitions.push(prohibition("5.1", *act));
                terms.prohibitions.push(Prohibition {
                    types: vec![slug("reports")],
                    kinds: vec!["stix.identity".to_owned()],
                    members: codes(&["th"]),
                    tlp_above: Some(Green),
                    ..prohibition("5.2", *act)
                });
            }
            let (candidates, types) = (codes(&["jp"]), vec![slug("indicators")]);
            terms.accession = Some(Accession { clause: "9".to_owned(), candidates, types, consent: Consent::All });
            if *exit == Exit::Erase {
                terms.until = None;
            }
            all.push(terms);
        }
    }
    all
}

fn validator() -> Validator {
    let (schema, warnings) = Schema::from_cedarschema_str(SCHEMA).unwrap();
    assert_eq!(warnings.count(), 0);
    Validator::new(schema)
}

fn is_valid(validator: &Validator, text: &str) -> bool {
    let set: PolicySet = text.parse().unwrap();
    let result = validator.validate(&set, ValidationMode::Strict);
    result.validation_passed_without_warnings()
}

#[test]
fn every_agreement_passes_strict_validation() {
    let validator = validator();
    for terms in all_kinds() {
        let text = policies(&terms);
        assert!(is_valid(&validator, &text), "{text}");
    }
    let bad = r#"permit(principal, action == Action::"publish", resource) when { context.tlpp <= 3 };"#;
    assert!(!is_valid(&validator, bad), "the validator sees what is wrong");
}

#[test]
fn every_policy_has_its_id_and_its_clause() {
    for terms in all_kinds() {
        let text = policies(&terms);
        for part in text.split("\n\n").filter(|part| !part.is_empty()) {
            let (id, policy) = part.split_once('\n').unwrap();
            let id = id.strip_prefix("// ").unwrap();
            assert!(id.starts_with("agr.rti.1.") || id == "gotong.red-unsealed", "{id}");
            let policy = Policy::parse(Some(PolicyId::new(id)), policy).unwrap();
            assert!(terms.clause(policy.annotation("clause").unwrap()).is_some(), "{id}");
        }
        let has = |id: &str| text.contains(&format!("// {id}\n"));
        assert!(has("agr.rti.1.indicators.publish") && has("agr.rti.1.indicators.read"));
        assert!(has("agr.rti.1.indicators.publish.acceded") && !has("agr.rti.1.reports.publish.acceded"));
        assert!(has("agr.rti.1.prohibition.1"));
        assert_eq!(has("agr.rti.1.indicators.onward"), terms.channel_types[0].onward != Onward::None);
    }
}

#[test]
fn every_house_rule_passes_too_and_each_policy_has_its_clause() {
    let validator = validator();
    let mut rule = super::house::rule();
    rule.terms.prohibitions = Forbidden::ALL.iter().map(|act| prohibition("5.1", *act)).collect();
    rule.terms.prohibitions.push(Prohibition {
        types: vec![slug("notices")],
        kinds: vec!["stix.identity".to_owned()],
        members: codes(&["th"]),
        tlp_above: Some(Green),
        ..prohibition("5.2", Forbidden::Read)
    });
    for until in [rule.terms.until, None] {
        rule.terms.until = until;
        let text = house_policies(&rule, &[(slug("rti"), slug("indicators")), (slug("rti"), slug("other"))]);
        assert!(is_valid(&validator, &text), "{text}");
        for part in text.split("\n\n").filter(|part| !part.is_empty()) {
            let (id, policy) = part.split_once('\n').unwrap();
            let policy = Policy::parse(Some(PolicyId::new(id)), policy).unwrap();
            assert!(rule.terms.clause(policy.annotation("clause").unwrap()).is_some(), "{id}");
        }
        let has = |id: &str| text.contains(&format!("// {id}\n"));
        assert!(has("agr.house.1.notices.read") && has("house.1.bank.house/reports.contribute"));
        assert!(has("house.1.bank.rti/indicators.given.1") && !has("house.1.isp.rti/indicators.given.1"));
        assert!(has("house.1.isp.house/notices.given.1") && !text.contains("house.1.isp.house/reports"));
        assert!(!text.contains("rti/other.given"), "what nothing gives has no permit");
    }
    let bad = r#"permit(principal, action == Action::"given", resource) when { principal in ChannelType::"a" };"#;
    assert!(!is_valid(&validator, bad), "the validator sees what is wrong");
}
