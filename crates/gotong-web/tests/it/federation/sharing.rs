//! What honest nodes promise each other: what one publishes the others read, withdrawals reach everyone, and nothing that breaks on the way is lost.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use gotong_app::withdraw::Selection;
use gotong_model::control::Reason;
use gotong_web::federation::certificate::generate_key_pem;
use gotong_web::federation::{FederationOptions, LinkState, Listen, TlsIdentity};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::region::{ADVISORIES, ID, INDICATORS, PRIVATE, Region, TH, VN, patience};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_publishes_the_others_read_and_acknowledge() {
    let mut region = Region::new(1);
    let id = region.start(ID).await;
    let th = region.start(TH).await;
    let vn = region.start(VN).await;
    let (indicators, private) = (region.channel(INDICATORS), region.channel(PRIVATE));
    let shared = id.publish(indicators, 3);
    let own = id.publish(private, 1);
    for peer in [&th, &vn] {
        peer.until("the indicators of id", |peer| shared.iter().all(|one| peer.shows(one))).await;
        let code = peer.node.member.to_string();
        id.until("the acknowledgement of all four entries", |id| {
            id.acknowledgement(indicators, &code).is_some_and(|read| read.verified == 4 && read.missing == 0)
        })
        .await;
    }
    vn.until("the private record", |vn| vn.shows(&own[0])).await;
    assert!(!th.shows(&own[0]) && th.log(private, "id").is_none(), "no trace of it outside its audience");
    let back = th.publish(indicators, 1);
    id.until("the other way round", |id| id.shows(&back[0])).await;
    // Counters follow the storing.
    id.until("the counters", |id| id.link("th").entries >= 2).await;
    let link = id.link("th");
    assert_eq!(link.state, LinkState::Connected);
    assert_eq!((link.faults, link.protocol), (0, Some(0)), "{link:?}");
    assert!(link.frames >= 1 && link.bytes_in > 0 && link.bytes_out > 0 && link.connections_in == 1, "{link:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_withdrawal_reaches_every_holder_and_its_erasure_is_acknowledged() {
    let mut region = Region::new(2);
    let id = region.start(ID).await;
    let th = region.start(TH).await;
    let indicators = region.channel(INDICATORS);
    let ids = id.publish(indicators, 2);
    th.until("both records", |th| ids.iter().all(|one| th.shows(one))).await;
    let selection = Selection {
        channel: indicators,
        ids: vec![ids[0].clone()],
        modified: None,
        constituent: None,
        caller: "test".to_owned(),
    };
    id.node.withdraw(&selection, Reason::Error).unwrap();
    th.until("the withdrawal", |th| !th.shows(&ids[0])).await;
    assert!(th.shows(&ids[1]), "nothing else went with it");
    // Entries: open, two records, the tombstone.
    id.until("the acknowledged erasure", |id| {
        id.acknowledgement(indicators, "th").is_some_and(|read| read.verified == 4 && read.erased == 4)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_that_is_cut_again_and_again_still_brings_everything() {
    let mut region = Region::new(3);
    let th = region.start(TH).await;
    let indicators = region.channel(INDICATORS);
    let ids = th.publish(indicators, 6_000);
    let more = th.publish(region.channel(ADVISORIES), 1);
    let cut = Cutter::start(region.addresses[TH], 150 << 10).await;
    let id = region.start_dialling(ID, &[(TH, cut.address)]).await;
    id.until("every record", |id| id.size(indicators, "th") == 6_001 && id.shows(&more[0])).await;
    assert!(ids.iter().all(|one| id.shows(one)));
    let cuts = cut.cuts.load(Ordering::SeqCst);
    assert!(cuts >= 2, "the link was cut {cuts} times: the test has to cut it");
    id.until("the counters", |id| id.link("th").entries >= 6_001 + 2).await;
    let link = id.link("th");
    assert_eq!(link.entries, 6_001 + 2, "no entry came twice, though the link was cut: {link:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_was_away_catches_up() {
    let mut region = Region::new(4);
    let th = region.start(TH).await;
    let indicators = region.channel(INDICATORS);
    let mut id = region.start(ID).await;
    let first = th.publish(indicators, 1);
    id.until("the first record", |id| id.shows(&first[0])).await;
    id.stop().await;
    let second = th.publish(indicators, 1);
    let mut options = FederationOptions::new(Listen::Address("127.0.0.1:0".parse().unwrap()), region.identity(ID));
    options.patience = patience();
    id.start(options).await;
    id.until("the second record", |id| id.shows(&second[0])).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_moved_address_and_a_new_key_count_at_once() {
    let mut region = Region::new(5);
    let id = region.start(ID).await;
    let mut th = region.start(TH).await;
    let indicators = region.channel(INDICATORS);
    let first = th.publish(indicators, 1);
    id.until("the first record", |id| id.shows(&first[0])).await;
    th.stop().await;
    let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let pem = generate_key_pem().unwrap();
    let chain = region.second_statement(TH, socket.local_addr().unwrap(), &pem);
    th.node.adopt_statements(&chain).unwrap();
    let mut options = FederationOptions::new(Listen::Socket(socket), TlsIdentity::from_key_pem(&pem).unwrap());
    options.patience = patience();
    th.start(options).await;
    let second = th.publish(indicators, 1);
    // Thailand dials with its new key and chain; Indonesia learns the new address from that hello alone.
    id.until("the record at the new address", |id| id.shows(&second[0])).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_peer_whose_statement_is_unknown_is_met_at_the_address_given_by_the_operator() {
    let mut region = Region::new(6);
    let th = region.start(TH).await;
    let mut options = region.options(ID);
    options.overrides = region.overrides(&[(TH, region.addresses[TH])]);
    let mut id = region.member_who_knows(ID, &[]);
    id.start(options).await;
    let ids = th.publish(region.channel(INDICATORS), 1);
    id.until("the record", |id| id.shows(&ids[0])).await;
    let back = id.publish(region.channel(INDICATORS), 1);
    th.until("the record of the other side", |th| th.shows(&back[0])).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_agreement_opens_its_channels_at_once_even_where_the_author_was_first() {
    let mut region = Region::new(7);
    let id = region.start(ID).await;
    let th = region.start(TH).await;
    let later = region.founding.agreements[1].clone();
    th.node.adopt_agreement(&later.note).unwrap();
    let ids = th.publish(later.channels[0], 1);
    // Another channel's record shows that the answer which also told of the new log has been read.
    let other = th.publish(region.channel(INDICATORS), 1);
    id.until("the other record", |id| id.shows(&other[0])).await;
    assert!(!id.shows(&ids[0]));
    id.node.adopt_agreement(&later.note).unwrap();
    id.until("the record of the new channel", |id| id.shows(&ids[0])).await;
}

/// Passes bytes on, and cuts each connection after so many bytes from the server.
struct Cutter {
    address: SocketAddr,
    cuts: Arc<AtomicUsize>,
}

impl Cutter {
    async fn start(to: SocketAddr, after_bytes: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let cuts = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&cuts);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let counted = Arc::clone(&counted);
                tokio::spawn(async move {
                    let server = TcpStream::connect(to).await.unwrap();
                    let (mut from_client, mut to_client) = client.into_split();
                    let (mut from_server, mut to_server) = server.into_split();
                    let up = tokio::spawn(async move { tokio::io::copy(&mut from_client, &mut to_server).await });
                    let mut left = after_bytes;
                    let mut buffer = vec![0; 16 << 10];
                    while let Ok(read) = from_server.read(&mut buffer).await {
                        if read == 0 || to_client.write_all(&buffer[..read]).await.is_err() {
                            break;
                        }
                        left = left.saturating_sub(read);
                        if left == 0 {
                            counted.fetch_add(1, Ordering::SeqCst);
                            break;
                        }
                    }
                    up.abort();
                });
            }
        });
        Self { address, cuts }
    }
}
