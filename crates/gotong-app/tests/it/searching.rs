//! Search in the languages of the region: words that must be found and words that must not, ranking, what is hidden, what is withdrawn, and a naive reading of
//! everything visible that has to agree.

use std::fmt::Write as _;

use std::collections::BTreeSet;

use gotong_app::caller::Caller;
use gotong_app::view::{self, FoundBy, Net, SearchAnswer, SearchQuery, ViewFault};
use gotong_app::withdraw::Selection;
use gotong_model::ChannelId;
use gotong_model::control::Reason;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::region::{Peer, Region, Treaty, indicator, indicator_id};

fn malware_id(n: usize) -> String {
    format!("malware--{n:08x}-0000-4000-8000-000000000000")
}

fn malware_at(n: usize, day: u32, name: &str, description: &str) -> String {
    serde_json::json!({
        "type": "malware", "spec_version": "2.1", "id": malware_id(n), "created": "2026-03-01T00:00:00.000Z",
        "modified": format!("2026-03-{day:02}T00:00:00.000Z"), "name": name, "description": description, "is_family": false,
    })
    .to_string()
}

fn malware(n: usize, name: &str, description: &str) -> String {
    malware_at(n, 1, name, description)
}

fn ask(text: &str) -> SearchQuery {
    SearchQuery { text: text.to_owned(), ..SearchQuery::default() }
}

fn search(peer: &Peer, text: &str) -> SearchAnswer {
    view::search(&peer.node, &Caller::operator(), &ask(text)).unwrap()
}

/// The numbers of the malware found as typed, the best first.
fn found(peer: &Peer, text: &str) -> Vec<usize> {
    let answer = search(peer, text);
    let rows = answer.rows.iter().filter(|_| answer.net == Net::Typed);
    rows.map(|row| usize::from_str_radix(row.id.get(9..17).unwrap(), 16).unwrap()).collect()
}

/// A node with these texts, each the description of an object of its own.
fn with(texts: &[&str]) -> Peer {
    let region = Region::usual();
    let id = region.open("id");
    let bodies: Vec<String> =
        texts.iter().enumerate().map(|(n, text)| malware(n, &format!("object{n}"), text)).collect();
    id.publish(id.channel(), &bodies);
    id
}

/// Language, sentence, what must find it, what must not.
type Sentence = (&'static str, &'static str, &'static [&'static str], &'static [&'static str]);

const SENTENCES: [Sentence; 14] = [
    (
        "en",
        "The attackers reused an old login page of the bank.",
        &["attackers", "login page", "BANK", "attack", "\"old login\""],
        &["logic", "\"login old\"", "pages-"],
    ),
    (
        "vi",
        "Ngân hàng bị tấn công bằng mã độc tống tiền.",
        &["ngân hàng", "ngan hang", "NGÂN HÀNG", "mã độc", "tong tien"],
        &["ngăn hạng", "nhà nước"],
    ),
    (
        "fr",
        "L'hôpital a été visé par une élève malveillante.",
        &["hôpital", "hopital", "été", "ete", "élève", "éleve"],
        &["hotel", "èté", "hôpitaux"],
    ),
    (
        "id",
        "Serangan siber terhadap kementerian keuangan.",
        &["serangan", "kementerian keuangan", "kementer"],
        &["keuntungan"],
    ),
    ("ms", "Penipuan dalam talian menyasarkan pesara.", &["penipuan", "dalam talian", "pesara"], &["\"talian dalam\""]),
    (
        "th",
        "ธนาคารแห่งชาติถูกโจมตีด้วยมัลแวร์เรียกค่าไถ่",
        &["ธนาคาร", "โจมตี", "มัลแวร์", "ค่าไถ่", "ถูกโจมตี"],
        &["โรงพยาบาล", "ธนาคม"],
    ),
    ("fil", "Nakompromiso ang mga account ng mga guro.", &["nakompromiso", "guro", "mga guro"], &["gurong"]),
    ("km", "ធនាគារជាតិត្រូវបានវាយប្រហារដោយមេរោគ", &["ធនាគារ", "មេរោគ", "វាយប្រហារ"], &["មន្ទីរពេទ្យ"]),
    ("lo", "ທະນາຄານແຫ່ງຊາດຖືກໂຈມຕີດ້ວຍມັນແວ", &["ທະນາຄານ", "ໂຈມຕີ", "ມັນແວ"], &["ໂຮງໝໍ"]),
    ("my", "ဗဟိုဘဏ်သည် ဆိုက်ဘာတိုက်ခိုက်မှုခံရသည်", &["ဘဏ်", "တိုက်ခိုက်", "ဆိုက်ဘာ"], &["ဆေးရုံ"]),
    ("zh", "中央银行遭到勒索软件攻击", &["银行", "勒索软件", "攻击", "中央银行", "行遭"], &["医院", "银攻"]),
    ("ta", "வங்கி மீது இணையத் தாக்குதல் நடத்தப்பட்டது", &["வங்கி", "தாக்குதல்", "இணையத் தாக்குதல்"], &["வாங்கி", "மருத்துவமனை"]),
    (
        "pt",
        "A comunicação da fundação não chegou à direção.",
        &["comunicação", "comunicacao", "fundação", "direcao", "não"],
        &["comunhão"],
    ),
    ("tet", "Ataka sibernétiku hasoru banku sentrál.", &["sibernétiku", "sibernetiku", "banku sentral"], &["bankur"]),
];

#[test]
fn each_language_finds_its_words_and_no_others() {
    let texts: Vec<&str> = SENTENCES.iter().map(|sentence| sentence.1).collect();
    let id = with(&texts);
    for (n, (language, _, yes, no)) in SENTENCES.iter().enumerate() {
        for word in *yes {
            assert!(found(&id, word).contains(&n), "{language}: {word} is not found");
        }
        for word in *no {
            assert!(!found(&id, word).contains(&n), "{language}: {word} is found");
        }
    }
    id.assert_sound();
}

#[test]
fn marks_as_typed_come_first_and_other_marks_do_not_come() {
    let id = with(&["ngan hang khong dau", "ngân hàng có dấu", "ngăn hạng khác nghĩa"]);
    assert_eq!(found(&id, "ngân hàng"), [1, 0], "the same marks, then none; other marks are another word");
    let plain = found(&id, "ngan hang");
    assert_eq!(plain[0], 0, "typed without marks, texts without marks are nearest");
    assert_eq!(plain.len(), 3);
}

#[test]
fn unseen_characters_and_composition_make_no_difference() {
    let thai = "ธนาคาร\u{200b}แห่งชาติ\u{200b}ถูกโจมตี";
    // The same French word composed, taken apart, and with a soft hyphen.
    let id = with(&[thai, "hôpital", "ho\u{302}pital", "hô\u{ad}pital", "ＡＢＣ対策"]);
    assert_eq!(found(&id, "ธนาคารแห่งชาติ"), [0]);
    assert_eq!(found(&id, "ธนา\u{200b}คาร"), [0]);
    for spelling in ["hôpital", "ho\u{302}pital"] {
        assert_eq!(found(&id, spelling).len(), 3, "{spelling:?}");
    }
    assert_eq!(found(&id, "abc"), [4], "full-width letters are letters");
    // What is shown is what was written, with its places.
    let answer = search(&id, "ธนาคาร");
    let shown: String = answer.rows[0].snippets[0].segments.iter().map(|segment| segment.text.as_str()).collect();
    assert_eq!(shown, thai);
    let hit = answer.rows[0].snippets[0].segments.iter().find(|segment| segment.is_hit).unwrap();
    assert_eq!(hit.text, "ธนาคาร");
}

#[test]
fn one_box_takes_values_ids_phrases_exclusions_and_filters() {
    let region = Region::usual();
    let id = region.open("id");
    let channel = id.channel();
    id.publish(
        channel,
        &[
            malware(1, "Lokibot", "steals passwords from evil-000007.example"),
            malware(2, "Loader", "drops lokibot on hosts; tested twice"),
            malware(3, "Other", "lokibots of another kind"),
            indicator(7),
        ],
    );
    assert_eq!(found(&id, "lokibot")[0], 1, "the exact name is first");
    assert_eq!(search(&id, "lokibot").rows[0].matched[0], ("name", FoundBy::Exact));
    assert_eq!(found(&id, "lokibot").len(), 3, "and words that begin so come, too");
    assert_eq!(found(&id, "lokibot -tested"), [1, 3]);
    assert_eq!(found(&id, "\"drops lokibot\""), [2]);
    assert_eq!(found(&id, "\"lokibot drops\""), [0_usize; 0]);
    let by_value = search(&id, "hxxp://evil-000007[.]example");
    assert!(by_value.rows.iter().any(|row| row.id == indicator_id(7)), "{by_value:?}");
    let by_value = search(&id, "evil-000007[.]example");
    assert_eq!(by_value.rows[0].id, indicator_id(7));
    assert_eq!(by_value.rows[0].matched[0].1, FoundBy::Value);
    assert_eq!(search(&id, &indicator_id(7)).rows[0].matched[0].1, FoundBy::Id);
    assert_eq!(search(&id, "lokibot type:indicator").total, 0);
    assert_eq!(search(&id, "lokibot type:malware author:id label:red").total, 3);
    assert_eq!(search(&id, "lokibot author:th").total, 0);
    assert_eq!(search(&id, "lokibot channel:no/such").total, 0);
    let unknown = |text: &str| -> Vec<(&str, String)> {
        let unknown = search(&id, text).searched.unknown;
        unknown.into_iter().map(|(named, value)| (named.as_str(), value)).collect()
    };
    let named = |filter: &'static str, value: &str| vec![(filter, value.to_owned())];
    // What is mistyped is said, and what is only not there is not.
    assert_eq!(unknown("lokibot label:purple"), named("label", "purple"));
    assert_eq!(unknown("lokibot channel:no/such"), named("channel", "no/such"));
    assert_eq!(unknown("lokibot type:nonsense"), named("type", "nonsense"));
    assert_eq!(unknown("lokibot author:zz"), named("author", "zz"));
    for said in ["lokibot type:indicator", "lokibot author:th", "lokibot label:clear", "nothing.such"] {
        assert_eq!((search(&id, said).total, unknown(said)), (0, vec![]), "{said}");
    }
    let handle = search(&id, "lokibot").rows[0].channel_handle.to_string();
    assert_eq!(search(&id, &format!("lokibot channel:{handle}")).total, 3);
    // Typos are the last resort, and said to be.
    let similar = search(&id, "lokbiot");
    assert_eq!((similar.net, similar.rows[0].id.as_str()), (Net::Similar, malware_id(1).as_str()));
    let nothing = search(&id, "zebra");
    assert_eq!((nothing.total, nothing.searched.terms.len()), (0, 1));
    assert!(nothing.searched.channels.contains(&handle), "{nothing:?}");
    let suggested = view::suggest(&id.node, &Caller::operator(), "drops lok", None).unwrap();
    let texts: Vec<&str> = suggested.suggestions.iter().map(|suggestion| suggestion.text.as_str()).collect();
    assert_eq!(texts, ["drops lokibot", "drops lokibots"]);
}

#[test]
fn facets_and_pages_are_exact_and_a_cursor_belongs_to_its_question() {
    let region = Region::usual();
    let id = region.open("id");
    let bodies: Vec<String> = (0..60).map(|n| malware(n, &format!("thing {n}"), "common words here")).collect();
    id.publish(id.channel(), &bodies);
    let mut query = SearchQuery { limit: 7, ..ask("common words") };
    let mut seen = Vec::new();
    loop {
        let page = view::search(&id.node, &Caller::operator(), &query).unwrap();
        assert_eq!((page.total, page.more, page.types[0].count), (60, false, 60));
        seen.extend(page.rows.into_iter().map(|row| row.id));
        let Some(next) = page.next else { break };
        let other = SearchQuery { after: Some(next.clone()), ..ask("common") };
        assert!(matches!(view::search(&id.node, &Caller::operator(), &other), Err(ViewFault::Cursor)));
        query.after = Some(next);
    }
    assert_eq!(seen.len(), 60);
    assert_eq!(seen.into_iter().collect::<BTreeSet<_>>().len(), 60, "each once");
}

#[test]
fn a_correction_is_found_under_its_new_words_and_a_withdrawal_under_none() {
    let region = Region::usual();
    let id = region.open("id");
    let channel = id.channel();
    id.publish_one(channel, &malware_at(1, 1, "first", "crocodile"));
    assert_eq!(found(&id, "crocodile"), [1]);
    id.publish_one(channel, &malware_at(1, 2, "first", "alligator"));
    assert_eq!((found(&id, "crocodile").len(), found(&id, "alligator")), (0, vec![1]));
    let ids = vec![malware_id(1)];
    let selection = Selection { channel, ids, modified: None, constituent: None, caller: "test".to_owned() };
    id.node.withdraw(&selection, Reason::Error).unwrap();
    while id.node.finish_erasures().unwrap() {}
    assert_eq!((found(&id, "alligator").len(), found(&id, "first").len()), (0, 0));
    let suggested = view::suggest(&id.node, &Caller::operator(), "allig", None).unwrap();
    assert!(suggested.suggestions.is_empty());
    id.assert_sound();
}

/// What a caller that is limited to one channel is told, whatever else the node holds.
fn told(peer: &Peer, channel: ChannelId) -> String {
    let caller = Caller { channels: Some(vec![channel]), ..Caller::operator() };
    let mut out = String::new();
    for text in
        ["common", "lok", "lokbiot", "secret", "\"common words\"", "-secret common", "ngan", "evil-000007.example"]
    {
        let answer = view::search(&peer.node, &caller, &ask(text)).unwrap();
        let suggested = view::suggest(&peer.node, &caller, text, None).unwrap();
        writeln!(out, "{text}: {answer:?} {suggested:?}").unwrap();
    }
    out
}

#[test]
fn what_may_not_be_read_changes_no_answer() {
    let world = |with_hidden: bool| {
        let mut region = Region::usual();
        let hidden = region.agree(&Treaty { handle: "hidden", parties: &["id", "th"], ..Treaty::default() });
        let id = region.open("id");
        let channel = id.channel();
        id.publish(channel, &[malware(1, "lokibot", "common words"), malware(2, "second", "common ngân hàng")]);
        if with_hidden {
            let many = (10..400).map(|n| malware(n, "lokiboth", "common words secret ngan hang locker"));
            id.publish(hidden, &many.collect::<Vec<_>>());
            id.publish(hidden, &[indicator(7), malware(1, "lokibot", "secret")]);
        }
        (id, channel, hidden)
    };
    let (without, with) = (world(false), world(true));
    assert_eq!(told(&without.0, without.1), told(&with.0, with.1));
    // Positive control: who may read the hidden channel is told of it.
    assert_ne!(told(&without.0, without.2), told(&with.0, with.2));
    assert!(told(&with.0, with.1).contains("lokibot") && !told(&with.0, with.1).contains("lokiboth"));
}

#[test]
fn exercises_are_found_only_where_they_are_asked_about() {
    let mut region = Region::usual();
    let drill = region.agree_with(&Treaty { handle: "drill", ..Treaty::default() }, |terms| {
        terms.channel_types.iter_mut().for_each(|kind| kind.exercise = true);
    });
    let id = region.open("id");
    id.publish(id.channel(), &[malware(1, "real", "common words")]);
    id.publish(drill, &[malware(2, "drill", "common words")]);
    assert_eq!(found(&id, "common"), [1]);
    let asked = search(&id, "common channel:drill/indicators");
    assert_eq!((asked.rows.len(), asked.rows[0].id.clone(), asked.is_exercise), (1, malware_id(2), true));
    assert!(view::suggest(&id.node, &Caller::operator(), "dri", None).unwrap().suggestions.is_empty());
    let within = view::suggest(&id.node, &Caller::operator(), "dri", Some(drill)).unwrap();
    assert_eq!(within.suggestions[0].text, "drill");
}

#[test]
fn hostile_questions_are_refused_or_answered() {
    let id = with(&["a plain sentence of words"]);
    let caller = Caller::operator();
    let refused = |text: &str| matches!(view::search(&id.node, &caller, &ask(text)), Err(ViewFault::TooMany { .. }));
    assert!(refused(&"x".repeat(10 << 20)));
    assert!(refused(&"word ".repeat(1_000)));
    for odd in [
        "\"",
        "-",
        "\"-",
        "* OR 1=1; DROP TABLE entries --",
        "NEAR(plain sentence)",
        "a\0b",
        "[[:alpha:]]+",
        "(a|b)*c",
        "plain^2",
        "\u{202e}plain",
        "{}",
        "plain*",
        "%",
        "type:",
        ":::",
    ] {
        search(&id, odd);
    }
    assert_eq!(found(&id, "\"plain sentence"), [0], "a quote that is never closed");
    assert_eq!(found(&id, "\u{202e}plain"), [0]);
    // An object of nothing but marks, and one of very many words.
    let marks = format!("a{}", "\u{301}".repeat(50_000));
    let words: String = (0..20_000).fold(String::new(), |words, n| words + "w" + &n.to_string() + " ");
    id.publish(id.channel(), &[malware(50, "marks", &marks), malware(51, "many", &words)]);
    assert_eq!(found(&id, "w77"), [51]);
    id.assert_sound();
}

/// Words that share beginnings and letters.
const WORDS: [&str; 12] =
    ["alpha", "alphabet", "beta", "bét", "gamma", "gammon", "delta", "del", "银行", "勒索", "ngân", "ngan"];

#[test]
fn a_search_is_a_reading_of_everything_visible() {
    let words = || proptest::collection::vec(0..WORDS.len(), 1..6);
    let objects = proptest::collection::vec((words(), any::<bool>()), 1..25);
    let questions = proptest::collection::vec((0..WORDS.len(), proptest::option::of(0..WORDS.len())), 1..8);
    let cases = if std::env::var_os("GOTONG_TEST_QUICK").is_some() { 6 } else { 24 };
    let mut runner = TestRunner::new_with_rng(
        Config { cases, ..Config::default() },
        proptest::test_runner::TestRng::from_seed(proptest::test_runner::RngAlgorithm::ChaCha, &[7; 32]),
    );
    runner
        .run(&(objects, questions), |(objects, questions)| {
            let mut region = Region::usual();
            let hidden = region.agree(&Treaty { handle: "hidden", parties: &["id", "th"], ..Treaty::default() });
            let id = region.open("id");
            let channel = id.channel();
            let caller = Caller { channels: Some(vec![channel]), ..Caller::operator() };
            for (n, (words, is_hidden)) in objects.iter().enumerate() {
                let text = words.iter().map(|word| WORDS[*word]).collect::<Vec<_>>().join(" ");
                id.publish_one(if *is_hidden { hidden } else { channel }, &malware(n, &format!("n{n}"), &text));
            }
            for (wanted, without) in questions {
                let has = |words: &[usize], wanted: usize, begins: bool| {
                    words.iter().any(|word| naive(WORDS[*word], WORDS[wanted], begins))
                };
                let expected: BTreeSet<String> = objects
                    .iter()
                    .enumerate()
                    .filter(|(_, (words, is_hidden))| {
                        !is_hidden
                            && has(words, wanted, true)
                            && without.is_none_or(|without| !has(words, without, false))
                    })
                    .map(|(n, _)| malware_id(n))
                    .collect();
                let minus = without.map(|without| format!(" -{}", WORDS[without])).unwrap_or_default();
                let query = SearchQuery { limit: 100, ..ask(&format!("{}{minus}", WORDS[wanted])) };
                let answer = view::search(&id.node, &caller, &query).unwrap();
                let got: BTreeSet<String> =
                    answer.rows.iter().filter(|_| answer.net == Net::Typed).map(|row| row.id.clone()).collect();
                prop_assert_eq!(got, expected, "{}", query.text);
            }
            Ok(())
        })
        .unwrap();
}

/// Whether a word is the word looked for, by a table of our own: what begins like it, and what differs in accents that one side lacks.
fn naive(word: &str, wanted: &str, begins: bool) -> bool {
    let plain = |text: &str| text.replace('é', "e").replace('â', "a");
    let accents_agree = plain(word) == plain(wanted);
    let begins = begins && wanted.chars().count() >= 3 && plain(word).starts_with(&plain(wanted));
    accents_agree || begins
}
