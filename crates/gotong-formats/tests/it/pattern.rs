//! Patterns read, taken apart and matched: golden vectors of `testdata/pattern/`, bounds, and whatever bytes come.
//!
//! Every answer in `matching.json` but those that `docs/records/patterns.md` lists was also given by a matcher of others.

use gotong_formats::stix21::pattern::{
    Observation, PATH_STEPS_MAX, PATTERN_DEPTH_MAX, PATTERN_TERMS_MAX, Pattern, Unanswered, alternatives, matches,
};
use proptest::prelude::*;
use serde_json::{Value, json};

fn vectors(name: &str) -> Value {
    let path = format!("{}/../../testdata/pattern/{name}", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

#[test]
fn what_the_grammar_has_is_read_and_what_it_has_not_says_where() {
    let vectors = vectors("grammar.json");
    for pattern in vectors["accepted"].as_array().unwrap() {
        let pattern = pattern.as_str().unwrap();
        let read = Pattern::parse(pattern).unwrap_or_else(|fault| panic!("{pattern:?}: {fault}"));
        assert!(
            read.nodes().iter().all(|node| pattern.get(node.span()).is_some_and(|text| !text.is_empty())),
            "{pattern}"
        );
    }
    for refused in vectors["refused"].as_array().unwrap() {
        let pattern = refused["pattern"].as_str().unwrap();
        let fault = Pattern::parse(pattern).expect_err(pattern);
        assert_eq!(fault.offset as u64, refused["offset"].as_u64().unwrap(), "{pattern:?}: {fault}");
        assert!(!fault.expected.is_empty());
        assert_eq!(matches(pattern, &[]), Ok(false), "what cannot be read matches nothing");
    }
}

/// A pattern with a parenthesis around each operator, as it binds.
pub(crate) fn shape(pattern: &str) -> String {
    let read = Pattern::parse(pattern).unwrap();
    let (mut stack, mut comparisons): (Vec<String>, _) = (Vec::new(), read.comparisons().iter());
    for node in read.nodes() {
        let name = node.name();
        let text = match name {
            "comparison" => comparisons.next().unwrap().object_type.to_owned(),
            "observation" => format!("[{}]", stack.pop().unwrap()),
            "within" | "repeats" | "window" => format!("({} {name})", stack.pop().unwrap()),
            _ => {
                let (right, left) = (stack.pop().unwrap(), stack.pop().unwrap());
                format!("({left} {name} {right})")
            }
        };
        stack.push(text);
    }
    assert_eq!(stack.len(), 1, "{pattern}");
    stack.pop().unwrap()
}

#[test]
fn operators_bind_as_the_standard_says_and_to_the_left() {
    for (pattern, expected) in [
        ("[a:x=1 OR b:x=1 AND c:x=1]", "[(a or (b and c))]"),
        ("[a:x=1 AND b:x=1 OR c:x=1]", "[((a and b) or c)]"),
        ("[(a:x=1 OR b:x=1) AND c:x=1]", "[((a or b) and c)]"),
        ("[a:x=1 AND b:x=1 AND c:x=1]", "[((a and b) and c)]"),
        (
            "[a:x=1] FOLLOWEDBY [b:x=1] OR [c:x=1] AND [d:x=1]",
            "([a] followed-by ([b] either-observed ([c] both-observed [d])))",
        ),
        (
            "[a:x=1] AND [b:x=1] OR [c:x=1] FOLLOWEDBY [d:x=1]",
            "((([a] both-observed [b]) either-observed [c]) followed-by [d])",
        ),
        ("[a:x=1] FOLLOWEDBY [b:x=1] FOLLOWEDBY [c:x=1]", "(([a] followed-by [b]) followed-by [c])"),
        ("[a:x=1] AND [b:x=1] REPEATS 2 TIMES WITHIN 5 SECONDS", "([a] both-observed (([b] repeats) within))"),
        ("([a:x=1] AND [b:x=1]) WITHIN 5 SECONDS OR [c:x=1]", "((([a] both-observed [b]) within) either-observed [c])"),
    ] {
        assert_eq!(shape(pattern), expected, "{pattern}");
    }
    let read = Pattern::parse("[a:x = 1] OR [b:x = 2 AND b:y = 3]").unwrap();
    let spans: Vec<_> = read.nodes().iter().map(|node| read.text().get(node.span()).unwrap()).collect();
    assert_eq!(
        spans,
        ["a:x = 1", "[a:x = 1]", "b:x = 2", "b:y = 3", "b:x = 2 AND b:y = 3", "[b:x = 2 AND b:y = 3]", read.text()]
    );
    assert_eq!(Pattern::parse("[a : b /* c */ . 'd' [ * ] = 1]").unwrap().comparisons()[0].path, "b.'d'[*]");
}

/// Bytes of the observed-data objects and of the observables of a list of observations as the vectors have them.
struct Bytes(Vec<(Vec<u8>, Vec<Vec<u8>>)>);

impl Bytes {
    fn of(observations: &Value) -> Self {
        let one = |observation: &Value| {
            let objects = observation["objects"].as_array().unwrap();
            let observed = json!({
                "type": "observed-data", "first_observed": observation["first"], "last_observed": observation["last"],
                "number_observed": observation["number"],
                "object_refs": objects.iter().map(|object| object["id"].clone()).collect::<Vec<_>>(),
            });
            let bytes = |value: &Value| serde_json::to_vec(value).unwrap();
            (bytes(&observed), objects.iter().map(bytes).collect())
        };
        Self(observations.as_array().unwrap().iter().map(one).collect())
    }

    fn observations(&self) -> Vec<Observation<'_>> {
        self.0
            .iter()
            .map(|(observed, objects)| {
                let objects: Vec<&[u8]> = objects.iter().map(Vec::as_slice).collect();
                Observation::parse(observed, &objects).unwrap()
            })
            .collect()
    }
}

#[test]
fn patterns_match_what_the_standard_says_and_nothing_else() {
    let vectors = vectors("matching.json");
    let bytes = Bytes::of(&vectors["observations"]);
    let observations = bytes.observations();
    let cases = vectors["cases"].as_array().unwrap();
    let mut wrong = Vec::new();
    for case in cases {
        let (pattern, expected) = (case["pattern"].as_str().unwrap(), case["matches"].as_bool().unwrap());
        let answer = matches(pattern, &observations);
        if answer != Ok(expected) {
            wrong.push(format!("{pattern}: {answer:?}"));
        }
        assert_eq!(matches(pattern, &[]), Ok(false), "without observations nothing is matched: {pattern}");
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    let yes = cases.iter().filter(|case| case["matches"] == true).count();
    assert!(yes > 40 && cases.len() - yes > 40, "{yes} of {}", cases.len());
}

#[test]
fn alternatives_match_each_alone() {
    let pattern = "[domain-name:value IN ('a.example', 'b.example') OR ipv4-addr:value = '198.51.100.7'] OR [url:value = 'http://c.example/']";
    let found = alternatives(&Pattern::parse(pattern).unwrap()).unwrap();
    assert_eq!(found.len(), 4);
    for one in found {
        let observations = |value: &str| {
            json!([{"first": "2025-03-01T08:00:00Z", "last": "2025-03-01T08:00:00Z", "number": 1,
                "objects": [{"type": one.object_type, "id": "x--1", "value": value}]}])
        };
        let bytes = Bytes::of(&observations(&one.text));
        assert_eq!(matches(pattern, &bytes.observations()), Ok(true), "{one:?}");
        let other = Bytes::of(&observations("other"));
        assert_eq!(matches(pattern, &other.observations()), Ok(false), "{one:?}");
    }
}

#[test]
fn depth_terms_steps_and_size_are_bounded_and_everything_within_is_read() {
    let nested = |depth: usize| format!("{}[a:b = 1]{}", "(".repeat(depth), ")".repeat(depth));
    assert!(Pattern::parse(&nested(PATTERN_DEPTH_MAX)).is_ok());
    assert_eq!(Pattern::parse(&nested(PATTERN_DEPTH_MAX + 1)).unwrap_err().offset, PATTERN_DEPTH_MAX);
    let inner = |depth: usize| format!("[{}a:b = 1{}]", "(".repeat(depth), ")".repeat(depth));
    assert!(Pattern::parse(&inner(PATTERN_DEPTH_MAX)).is_ok());
    assert!(Pattern::parse(&inner(PATTERN_DEPTH_MAX + 1)).is_err());
    let list = |count: usize| format!("[a:b IN ({})]", vec!["1"; count].join(","));
    assert!(Pattern::parse(&list(PATTERN_TERMS_MAX - 1)).is_ok());
    assert!(Pattern::parse(&list(PATTERN_TERMS_MAX)).is_err());
    let path = |steps: usize| format!("[a:b{} = 1]", ".c".repeat(steps - 1));
    assert!(Pattern::parse(&path(PATH_STEPS_MAX)).is_ok());
    assert!(Pattern::parse(&path(PATH_STEPS_MAX + 1)).is_err());
    // Sixty thousand operators in a row need no stack of their own.
    let chain = vec!["[a:b = 1]"; 60_000].join(" AND ");
    assert_eq!(Pattern::parse(&chain).unwrap().nodes().len(), 179_999);
    assert_eq!(matches(&chain, &[]), Ok(false));
    let long = format!("[a:b = '{}']", "x".repeat(1 << 20));
    assert!(Pattern::parse(&long).is_err());
}

#[test]
fn work_is_bounded_and_what_cannot_be_told_is_not_called_no() {
    let one = |nth: usize| {
        json!({"first": format!("2025-03-01T08:{:02}:{:02}Z", nth / 60, nth % 60), "last": "2025-03-01T09:59:59Z", "number": 1,
            "objects": [{"type": "file", "id": "file--1", "name": "aaaa", "size": nth}]})
    };
    let bytes = Bytes::of(&Value::Array((0..60).map(one).collect()));
    let observations = bytes.observations();
    assert_eq!(matches("[file:size >= 0] REPEATS 60 TIMES", &observations), Ok(true));
    assert_eq!(matches("[file:size >= 0] REPEATS 61 TIMES", &observations), Ok(false));
    // Twenty pairs, of which the last can never be: every order of the others would have to be tried.
    let pairs = vec!["([file:size >= 0] FOLLOWEDBY [file:size >= 0])"; 20].join(" AND ");
    let endless = format!("({pairs} AND [file:name = 'aaaa']) AND [file:name = 'none']");
    assert_eq!(matches(&endless, &observations), Err(Unanswered::Work));
    assert_eq!(matches(&pairs, &observations), Ok(true), "the control: it is the last bracket that never holds");
    assert_eq!(matches("[file:name MATCHES '(a)\\\\1']", &observations), Err(Unanswered::Expression { offset: 1 }));
    assert_eq!(matches("[url:value MATCHES '(a)\\\\1']", &observations), Ok(false), "it was never needed");
    assert_eq!(matches("[file:name MATCHES '(a+)+$']", &observations), Ok(true), "and nothing takes exponential time");
    // What a single object claims to stand for does not make the lists of the search grow without end.
    let many = json!([{"first": "2025-03-01T08:00:00Z", "last": "2025-03-01T08:00:00Z", "number": 999_999_999,
        "objects": [{"type": "file", "id": "file--1", "name": "a"}]}]);
    let many = Bytes::of(&many);
    assert_eq!(matches("[file:name = 'a'] REPEATS 999999999 TIMES", &many.observations()), Err(Unanswered::Work));
    assert_eq!(matches("[file:name = 'a'] REPEATS 9999 TIMES", &many.observations()), Ok(true));
    let expressions = vec!["file:name MATCHES 'b'"; 200].join(" OR ");
    assert_eq!(matches(&format!("[{expressions}]"), &observations), Err(Unanswered::Work), "each takes memory");
    let huge = "[file:name MATCHES '((a{100}){100}){100}']";
    assert!(matches!(matches(huge, &observations), Err(Unanswered::Expression { .. })));
}

#[test]
fn an_observation_says_what_it_lacks_and_what_is_wrong_with_it() {
    let observed =
        br#"{"type":"observed-data","first_observed":"2025-03-01T08:00:00Z","last_observed":"2025-03-01T08:00:00Z",
        "number_observed":1,"object_refs":["file--1","file--2"]}"#;
    let file = br#"{"type":"file","id":"file--1","name":"a"}"#.as_slice();
    let other = br#"{"type":"file","id":"file--9","name":"b"}"#.as_slice();
    let observation = Observation::parse(observed, &[file, other]).unwrap();
    assert_eq!(observation.missing(), ["file--2"]);
    assert_eq!(matches("[file:name = 'a']", std::slice::from_ref(&observation)), Ok(true));
    assert_eq!(matches("[file:name = 'b']", &[observation]), Ok(false), "it is not of this observation");
    let older =
        br#"{"type":"observed-data","first_observed":"2025-03-01T08:00:00Z","last_observed":"2025-03-01T08:00:00Z",
        "objects":{"0":{"type":"file","name":"a","parent_directory_ref":"1"},"1":{"type":"directory","path":"/x"}}}"#;
    let observation = Observation::parse(older, &[]).unwrap();
    assert_eq!(matches("[file:parent_directory_ref.path = '/x']", &[observation]), Ok(true));
    for (body, pointer) in [
        ("[]", ""),
        (r#"{"type":"file"}"#, "/type"),
        (r#"{"type":"observed-data"}"#, "/first_observed"),
        (r#"{"type":"observed-data","first_observed":"2025-03-01T08:00:00Z"}"#, "/last_observed"),
        (
            r#"{"type":"observed-data","first_observed":"2025-03-01T08:00:01Z","last_observed":"2025-03-01T08:00:00Z"}"#,
            "/last_observed",
        ),
        (
            r#"{"type":"observed-data","first_observed":"2025-03-01T08:00:00Z","last_observed":"2025-03-01T08:00:00Z","number_observed":0}"#,
            "/number_observed",
        ),
    ] {
        assert_eq!(Observation::parse(body.as_bytes(), &[]).unwrap_err().pointer, pointer, "{body}");
    }
}

proptest! {
    #[test]
    fn any_words_are_answered_with_an_offset_inside_and_never_a_panic(
        words in proptest::collection::vec(prop_oneof![
            Just("["), Just("]"), Just("("), Just(")"), Just("'v'"), Just("'"), Just("\\"), Just("="), Just("!="), Just(" IN "),
            Just(" NOT "), Just(" AND "), Just(" OR "), Just(" FOLLOWEDBY "), Just("a:b"), Just("a:b='v'"), Just("[a:b='v']"),
            Just("ü"), Just("t'"), Just(","), Just("/*"), Just("*/"), Just("5"), Just("."), Just(" REPEATS 2 TIMES"),
            Just(" WITHIN 2 SECONDS"), Just("EXISTS "), Just("[*]"), Just("\u{a0}")
        ], 0..40)
    ) {
        let pattern = words.concat();
        match Pattern::parse(&pattern) {
            Ok(read) => prop_assert!(read.nodes().iter().all(|node| pattern.get(node.span()).is_some())),
            Err(fault) => prop_assert!(pattern.is_char_boundary(fault.offset)),
        }
        prop_assert!(matches(&pattern, &[]).is_ok());
    }
}
