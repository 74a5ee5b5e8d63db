//! Many records in one request: nothing is lost, nothing grows, nothing hangs.

use std::io::Write;
use std::time::Duration;

use axum::body::Body;
use hyper::body::Bytes;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::door::{Answer, Door, doubtful, indicator};

const BULK: &str = "/api/v1/channels/rti%2Findicators/records/bulk?tlp=green";

async fn import(door: &Door, token: &str, media: &str, encoding: &str, body: Vec<u8>) -> Answer {
    let request = door.request("POST", BULK, token).header("content-type", media);
    let request = if encoding.is_empty() { request } else { request.header("content-encoding", encoding) };
    door.send(request.body(Body::from(body)).unwrap()).await
}

fn ndjson(objects: impl IntoIterator<Item = Value>) -> Vec<u8> {
    objects.into_iter().flat_map(|object| format!("{object}\n").into_bytes()).collect()
}

fn summary(answer: &Answer) -> Value {
    answer.lines().last().unwrap().clone()
}

#[tokio::test]
async fn one_bad_line_never_loses_the_rest() {
    let door = Door::open(21).await;
    let token = door.token(true, false, None);
    let mut body = Vec::new();
    for number in 1..=4_000_u64 {
        match number % 100 {
            7 => body.extend_from_slice(b"{\"type\":\"indicator\"\n"),
            8 => body.extend(ndjson([json!({"type": "indicator", "id": "x"})])),
            9 => body.extend(ndjson([doubtful(number)])),
            10 => body.extend_from_slice(b"\xff\xfe not even text\n"),
            _ => body.extend(ndjson([indicator(number, &format!("198.51.{}.{}", number / 256, number % 256))])),
        }
    }
    let answer = import(&door, &token, "application/x-ndjson", "", body.clone()).await;
    let lines = answer.expect(200, "").lines();
    assert_eq!(lines.len(), 4_001);
    let mut seen: Vec<u64> = lines.iter().filter_map(|line| line["line"].as_u64()).collect();
    seen.sort_unstable();
    assert_eq!(seen, (1..=4_000).collect::<Vec<_>>(), "each line has its fate, once");
    let expected = json!({"new": 3_840, "known": 0, "updated": 0, "refused": 120, "quarantined": 40, "not_carried": 0, "noted": 0});
    assert_eq!(summary(&answer)["summary"], expected);
    assert_eq!(summary(&answer)["complete"], true);
    let refused = lines.iter().find(|line| line["outcome"] == "refused").unwrap();
    assert!(refused["why"][0]["text"].as_str().unwrap().len() > 10);
    // Everything again: nothing twice.
    let again = summary(&import(&door, &token, "application/x-ndjson", "", body).await);
    assert_eq!((&again["summary"]["known"], &again["summary"]["new"]), (&json!(3_840), &json!(0)));
    // The position of the summary reads one's own writes.
    let after = again["position"].as_str().unwrap();
    door.get(&format!("/api/v1/records?after={after}&limit=1"), &token).await.expect(200, "");
    door.stop().await;
}

#[tokio::test]
async fn bundles_and_compressed_bodies_are_read_too() {
    let door = Door::open(22).await;
    let token = door.token(true, false, None);
    let objects =
        |from: u64| (from..from + 300).map(|number| indicator(number, &format!("198.51.100.{}", number % 250)));
    let bundle = json!({"type": "bundle", "id": "bundle--00000001-0000-4000-8000-000000000001", "objects": objects(1).collect::<Vec<_>>()});
    let answer = import(&door, &token, "application/json", "", bundle.to_string().into_bytes()).await;
    assert_eq!(summary(&answer)["summary"]["new"], 300);
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(&ndjson(objects(1_000))).unwrap();
    let answer = import(&door, &token, "application/x-ndjson", "gzip", gzip.finish().unwrap()).await;
    assert_eq!(summary(&answer)["summary"]["new"], 300);
    let packed = zstd::encode_all(ndjson(objects(2_000)).as_slice(), 3).unwrap();
    let answer = import(&door, &token, "application/x-ndjson", "zstd", packed).await;
    assert_eq!(summary(&answer)["summary"]["new"], 300);
    import(&door, &token, "application/x-ndjson", "br", Vec::new()).await.expect(415, "unsupported-media");
    import(&door, &token, "text/csv", "", Vec::new()).await.expect(415, "unsupported-media");
    let empty = import(&door, &token, "application/x-ndjson", "", Vec::new()).await;
    assert_eq!(empty.expect(200, "").lines().len(), 1);
    door.stop().await;
}

#[tokio::test]
async fn a_line_of_ten_megabytes_costs_itself_alone() {
    let door = Door::open(23).await;
    let token = door.token(true, false, None);
    let mut body = ndjson([indicator(1, "198.51.100.1")]);
    body.extend(std::iter::repeat_n(b'x', 10 << 20));
    body.push(b'\n');
    body.extend(ndjson([indicator(2, "198.51.100.2")]));
    let answer = import(&door, &token, "application/x-ndjson", "", body).await;
    let lines = answer.expect(200, "").lines();
    assert_eq!(lines[1]["why"][0]["id"], "stix.split.too-large");
    assert_eq!(lines[1]["line"], 2);
    assert_eq!(summary(&answer)["summary"]["new"], 2);
    door.stop().await;
}

#[tokio::test]
async fn a_bomb_is_refused_and_what_came_before_it_is_kept() {
    let door = Door::open(24).await;
    let token = door.token(true, false, None);
    let mut plain = ndjson([indicator(1, "198.51.100.1")]);
    plain.extend(std::iter::repeat_n(b'\n', 128 << 20));
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(&plain).unwrap();
    for (encoding, packed) in
        [("gzip", gzip.finish().unwrap()), ("zstd", zstd::encode_all(plain.as_slice(), 1).unwrap())]
    {
        let answer = import(&door, &token, "application/x-ndjson", encoding, packed).await;
        let last = summary(&answer);
        assert_eq!(last["complete"], false, "{encoding}");
        assert_eq!(last["problem"]["type"], "/problems/bad-encoding");
        assert_eq!(answer.lines().len(), 2, "{encoding}");
    }
    for encoding in ["gzip", "zstd"] {
        let answer = import(&door, &token, "application/x-ndjson", encoding, b"no such thing at all".to_vec()).await;
        assert_eq!(summary(&answer)["problem"]["type"], "/problems/bad-encoding");
    }
    door.stop().await;
}

#[tokio::test]
async fn a_store_that_fails_in_the_middle_says_what_was_committed() {
    let door = Door::open(25).await;
    let token = door.token(true, false, None);
    let begun = door.node.position().unwrap();
    let objects = |range: std::ops::Range<u64>| {
        ndjson(range.map(|number| indicator(number, &format!("198.51.100.{}", number % 250))))
    };
    let (sender, receiver) = tokio::sync::mpsc::channel::<Result<Bytes, std::io::Error>>(4);
    let request = door.request("POST", BULK, &token).header("content-type", "application/x-ndjson");
    let request = request.body(Body::new(Pieces(receiver))).unwrap();
    let sending = async {
        sender.send(Ok(objects(1..101).into())).await.unwrap();
        // A pause: what is complete is committed and answered.
        let until = tokio::time::Instant::now() + Duration::from_secs(30);
        while door.node.position().unwrap() < begun + 2 {
            assert!(tokio::time::Instant::now() < until, "the first part is committed during the pause");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        door.disk.fill(true);
        sender.send(Ok(objects(101..2_301).into())).await.unwrap();
        drop(sender);
    };
    let (answer, ()) = tokio::join!(door.send(request), sending);
    let last = summary(&answer);
    assert_eq!((&last["complete"], &last["summary"]["new"]), (&json!(false), &json!(100)));
    assert_eq!(last["problem"]["type"], "/problems/store-full");
    assert!(last["problem"]["next"].as_str().unwrap().contains("repeating is safe"));
    door.disk.heal();
    let again = import(&door, &token, "application/x-ndjson", "", objects(1..2_301)).await;
    assert_eq!(
        summary(&again)["summary"],
        json!({"new": 2_200, "known": 100, "updated": 0, "refused": 0, "quarantined": 0, "not_carried": 0, "noted": 0})
    );
    door.stop().await;
}

#[tokio::test]
async fn a_sender_that_goes_away_leaves_nothing_behind_but_what_was_whole() {
    let door = Door::open(26).await;
    let token = door.token(true, false, None);
    for round in 0..12_u64 {
        let mut stream = door.connect().await;
        let head = format!(
            "POST {BULK} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\ncontent-type: application/x-ndjson\r\ncontent-length: 9999999\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let body = ndjson((0..50).map(|number| indicator(1_000 * round + number, "198.51.100.9")));
        stream.write_all(&body[..body.len() - 30]).await.unwrap();
        if round % 2 == 0 {
            // 200, or 503 while the ones before are still being noticed.
            let mut begun = [0; 9];
            stream.read_exact(&mut begun).await.unwrap();
            assert_eq!(&begun, b"HTTP/1.1 ");
        }
        drop(stream);
    }
    // Each of them gave its place back: four may run at once, and this one does.
    let until = tokio::time::Instant::now() + Duration::from_secs(30);
    loop {
        let answer =
            import(&door, &token, "application/x-ndjson", "", ndjson([indicator(99_999, "198.51.100.9")])).await;
        if answer.status == 200 {
            assert_eq!(summary(&answer)["complete"], true);
            break;
        }
        answer.expect(503, "busy");
        assert!(tokio::time::Instant::now() < until, "imports of senders that are gone end");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    door.stop().await;
}

#[tokio::test]
async fn a_marking_defined_later_in_the_stream_counts() {
    let door = Door::open(27).await;
    let token = door.token(true, false, None);
    let marking = "marking-definition--00000001-0000-4000-8000-00000000aaaa";
    let mut marked = indicator(1, "198.51.100.1");
    marked["object_marking_refs"] = json!([marking]);
    let definition = json!({"type": "marking-definition", "spec_version": "2.1", "id": marking, "created": "2026-01-01T00:00:00.000Z",
        "definition_type": "tlp", "definition": {"tlp": "amber"}, "name": "TLP:AMBER"});
    let answer = import(&door, &token, "application/x-ndjson", "", ndjson([marked.clone(), definition])).await;
    let lines = answer.lines();
    let fate = |line: u64| lines.iter().find(|row| row["line"] == line).unwrap()["outcome"].clone();
    assert_eq!(fate(1), "new", "{}", answer.text());
    let read = door.get(&format!("/api/v1/records/{}", marked["id"].as_str().unwrap()), &token).await;
    assert_eq!(read.json()["versions"][0]["tlp"], "amber");
    door.stop().await;
}

/// A body whose pieces come when the test says.
struct Pieces(tokio::sync::mpsc::Receiver<Result<Bytes, std::io::Error>>);

impl hyper::body::Body for Pieces {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<hyper::body::Frame<Bytes>, Self::Error>>> {
        self.0.poll_recv(context).map(|piece| piece.map(|piece| piece.map(hyper::body::Frame::data)))
    }
}
