//! Measure 5: looking values up over HTTP, with token and policy, one at a time and many in one call, beside reads of the plain table's index.
//!
//! Times are taken at the client, so they bound the server's time from above: both ways through the loopback are in them.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::demo::Demo;
use super::fault::{Fault, While, say};
use super::http::Client;
use super::options::{Measure, Options};
use super::plain::Plain;
use super::report::{Figure, Report, Required, Unit};
use super::times::Times;

const PATH: &str = "/api/v1/lookup";
/// Values in the call that asks for many.
const MANY: usize = 100_000;
/// Bytes of a request body that the API takes.
const BODY_BYTES_MAX: usize = 4 << 20;
/// Calls for many, of which the median counts.
const MANY_CALLS: usize = 5;
/// Lookups by one caller: as many as a node answers one who was silent before, without asking for a pause.
const LOOKUPS_PER_TOKEN: usize = 900;

/// A question and whether something is to be found.
struct Question {
    value: String,
    is_there: bool,
}

/// Every second value is in the corpus; the others look alike and are not.
fn questions(values: &[String], count: usize) -> Vec<Question> {
    // A stride that shares no factor with most lengths spreads the questions over the whole corpus.
    let known = (0..).map(|at: usize| values.get(at.wrapping_mul(7_919) % values.len()));
    let pair = |(at, value): (usize, Option<&String>)| {
        let is_there = at % 2 == 0;
        let value = value.cloned().unwrap_or_default();
        // A name of a reserved domain, as long as what is there; putting something before a URL would only be cleaned away by the look-up.
        let absent = || format!("absent-{at}-{}.example.invalid", value.len());
        Question { value: if is_there { value.clone() } else { absent() }, is_there }
    };
    (0..count).zip(known).map(pair).collect()
}

/// Asks until the node has room, and says how long the answer took that it gave.
fn ask(client: &mut Client, body: &[u8], pauses: &mut u64) -> Result<(Vec<u8>, Duration), Fault> {
    let (answer, took) = client.patiently(pauses, |client| client.post(PATH, body))?;
    Ok((answer.good()?, took))
}

fn body(questions: &[Question]) -> Vec<u8> {
    let values: Vec<&str> = questions.iter().map(|question| question.value.as_str()).collect();
    json!({ "values": values }).to_string().into_bytes()
}

/// Whether each value was answered as it must be. A lookup that finds nothing is fast, and wrong.
fn check(questions: &[Question], answer: &[u8]) -> Result<(), Fault> {
    let answer: Value = serde_json::from_slice(answer).during(PATH)?;
    let results = answer.get("results").and_then(Value::as_array).during("the answer has no results")?;
    if results.len() != questions.len() {
        return Err(Fault::new(format!("{} answers to {} values", results.len(), questions.len())));
    }
    for (question, result) in questions.iter().zip(results) {
        let is_found = result.pointer("/hits/0").is_some();
        if is_found != question.is_there {
            return Err(Fault::new(format!("{:?} was {}found", question.value, if is_found { "" } else { "not " })));
        }
    }
    Ok(())
}

/// Fails unless each of these values is found at a node.
pub(crate) fn expect_found(client: &mut Client, values: &[String]) -> Result<(), Fault> {
    let ask_for = |value: &String| Question { value: value.clone(), is_there: true };
    let questions: Vec<Question> = values.iter().map(ask_for).collect();
    let (answer, _) = ask(client, &body(&questions), &mut 0)?;
    check(&questions, &answer)
}

/// Rows of the table.
pub(crate) fn figures(demo: &Demo, plain: &Plain, options: &Options, report: &mut Report) -> Result<(), Fault> {
    if plain.values.is_empty() {
        return Err(Fault::new("the corpus has no observable values"));
    }
    let node = demo.nodes.first().during("the region has no node")?;
    many(&mut node.connect()?, plain, report)?;
    one_by_one(node, &mut node.connect()?, plain, options, report)
}

fn one_by_one(
    node: &super::node::Node,
    client: &mut Client,
    plain: &Plain,
    options: &Options,
    report: &mut Report,
) -> Result<(), Fault> {
    say(format_args!("looking up {} values one by one", options.lookups));
    let questions = questions(&plain.values, options.lookups);
    let mut pauses = 0;
    let bodies: Vec<Vec<u8>> = questions.iter().map(|question| body(std::slice::from_ref(question))).collect();
    let tokens = node.make_tokens(options.lookups.div_ceil(LOOKUPS_PER_TOKEN))?;
    for body in bodies.iter().take(200) {
        // The first answers fill caches and open the readers' connections.
        ask(client, body, &mut pauses)?;
    }
    let before = node.used()?;
    let mut times = Vec::with_capacity(questions.len());
    for (at, (question, body)) in questions.iter().zip(&bodies).enumerate() {
        if let Some(token) = tokens.get(at / LOOKUPS_PER_TOKEN) {
            client.speak_for(token);
        }
        let (answer, took) = ask(client, body, &mut pauses)?;
        check(std::slice::from_ref(question), &answer)?;
        times.push(took);
    }
    let cpu = node.used()?.cpu.saturating_sub(before.cpu);
    let ours = Times::of(times);
    let mut times = Vec::with_capacity(questions.len());
    for question in &questions {
        let began = Instant::now();
        let found = plain.lookup(&question.value)?;
        times.push(began.elapsed());
        if found.is_some() != question.is_there {
            return Err(Fault::new(format!("the plain table answers {:?} otherwise", question.value)));
        }
    }
    let theirs = Times::of(times);
    let figure = |what: &str, seconds: f64| Figure::new(Measure::Lookup, what, seconds * 1e3, Unit::Milliseconds);
    report.add(figure("one value over HTTP, p50 at the client", ours.p50).beside(theirs.p50 * 1e3, "one SQLite read"));
    report.add(
        figure("one value over HTTP, p99 at the client", ours.p99)
            .beside(theirs.p99 * 1e3, "one SQLite read")
            .must(Required::Below(1.0)),
    );
    let each = cpu.as_secs_f64() / questions.len() as f64;
    report.add(Figure::new(Measure::Lookup, "one value over HTTP, CPU of the node", each * 1e6, Unit::Microseconds));
    if pauses > 0 {
        report.note(format!(
            "The node asked for pauses of {pauses} s in all between lookups (rate limit); they are in no figure."
        ));
    }
    Ok(())
}

fn many(client: &mut Client, plain: &Plain, report: &mut Report) -> Result<(), Fault> {
    let mut questions = questions(&plain.values, MANY);
    let mut bytes = 0;
    // A value, its quotes and its comma; the rest of the body is a few bytes.
    let fits = questions.iter().take_while(|question| {
        bytes += question.value.len() + 3;
        bytes < BODY_BYTES_MAX - 64
    });
    let fitting = fits.count();
    if fitting < questions.len() {
        questions.truncate(fitting);
        report.note(format!(
            "{fitting} values fill the largest body that the API takes, so that many were asked in one call."
        ));
    }
    say(format_args!("looking up {} values in one call", questions.len()));
    let body = body(&questions);
    let mut pauses = 0;
    let mut times = Vec::with_capacity(MANY_CALLS);
    for _ in 0..MANY_CALLS {
        let (answer, took) = ask(client, &body, &mut pauses)?;
        check(&questions, &answer)?;
        times.push(took);
    }
    let ours = Times::of(times).p50;
    let began = Instant::now();
    for question in &questions {
        plain.lookup(&question.value)?;
    }
    let theirs = began.elapsed().as_secs_f64();
    let what = format!("{} values in one call, median of {MANY_CALLS}", questions.len());
    report.add(
        Figure::new(Measure::Lookup, what, ours, Unit::Seconds)
            .beside(theirs, "as many SQLite reads")
            .must(Required::Below(1.0)),
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_the_questions_have_no_answer_and_a_wrong_answer_is_seen() {
        let values = ["a.example".to_owned(), "b.example".to_owned()];
        let asked = questions(&values, 4);
        assert_eq!(asked.iter().filter(|question| question.is_there).count(), 2);
        assert!(asked.iter().all(|question| question.is_there == values.contains(&question.value)));
        let answer = |hits: [Value; 4]| {
            let results: Vec<Value> = hits.into_iter().map(|hits| json!({"value": "x", "hits": hits})).collect();
            json!({ "results": results }).to_string().into_bytes()
        };
        assert!(check(&asked, &answer([json!([1]), json!([]), json!([1]), json!([])])).is_ok());
        assert!(check(&asked, &answer([json!([]), json!([]), json!([1]), json!([])])).is_err());
        assert!(check(&asked, &answer([json!([1]), json!([]), json!([1]), json!([1])])).is_err());
    }
}
