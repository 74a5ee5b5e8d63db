//! Checkpoints: the published examples are read as published, and every other spelling is refused with its reason.

use gotong_crypto::note::{self, NoteFault};
use gotong_crypto::{PublicKey, SigningKey, text};
use gotong_ledger::{Checkpoint, CheckpointFault};
use proptest::prelude::*;

/// The example of c2sp.org/tlog-checkpoint (its key is not published).
const EXAMPLE: &str = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n\u{2014} example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n";

/// The example of c2sp.org/signed-note with its key: a note that verifies and is no checkpoint.
const NOTE: &str = "This is an example message.\n\n\u{2014} example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";
const NOTE_KEY: &str = "AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";

fn key() -> SigningKey {
    SigningKey::from_seed(&[7; 32])
}

fn sample() -> Checkpoint {
    Checkpoint { origin: "gotong/test".into(), size: 5, root: gotong_crypto::sha256(b"root") }
}

#[test]
fn the_published_checkpoint_is_read_as_published() {
    let checkpoint = Checkpoint::parse_unverified(EXAMPLE.as_bytes()).unwrap();
    assert_eq!(checkpoint.origin, "example.com/behind-the-sofa");
    assert_eq!(checkpoint.size, 20_852_163);
    assert_eq!(checkpoint.text(), EXAMPLE.split_once("\n\n").unwrap().0.to_owned() + "\n");
    // Under a key that did not sign, the line is one by an unknown signer.
    let fault = Checkpoint::parse_verified(EXAMPLE.as_bytes(), &key().public(), None);
    assert_eq!(fault, Err(CheckpointFault::Unsigned));
}

#[test]
fn the_published_note_verifies_and_is_no_checkpoint() {
    let bytes = text::from_base64(NOTE_KEY).unwrap();
    let key = PublicKey::from_bytes(bytes[1..].try_into().unwrap()).unwrap();
    let signer = note::Signer { name: "example.com/foo".into(), key };
    assert_eq!(note::parse(NOTE.as_bytes()).unwrap().verify(&[signer]).unwrap().len(), 1);
    assert_eq!(Checkpoint::parse_verified(NOTE.as_bytes(), &key, None), Err(CheckpointFault::Lines));
}

#[test]
fn a_signed_checkpoint_is_read_by_who_expects_it() {
    let note = sample().sign(&key());
    let read = |origin| Checkpoint::parse_verified(note.as_bytes(), &key().public(), origin);
    assert_eq!(read(None), Ok(sample()));
    assert_eq!(read(Some("gotong/test")), Ok(sample()));
    assert_eq!(read(Some("gotong/other")), Err(CheckpointFault::OtherLog("gotong/test".into())));
    let other = SigningKey::from_seed(&[8; 32]);
    assert_eq!(Checkpoint::parse_verified(note.as_bytes(), &other.public(), None), Err(CheckpointFault::Unsigned));
    let forged = note.replace("\n5\n", "\n6\n");
    assert_eq!(
        Checkpoint::parse_verified(forged.as_bytes(), &key().public(), None),
        Err(CheckpointFault::Note(NoteFault::BadSignature("gotong/test".into())))
    );
}

#[test]
fn a_checkpoint_signed_under_another_name_counts_as_unsigned() {
    let note = note::sign(sample().text(), "gotong/test/node", &key()).encode();
    assert_eq!(Checkpoint::parse_verified(note.as_bytes(), &key().public(), None), Err(CheckpointFault::Unsigned));
}

#[test]
fn every_other_spelling_is_refused_with_its_reason() {
    let root = text::base64(&[9; 32]);
    let long = "x".repeat(257);
    let cases: &[(String, CheckpointFault)] = &[
        ("a\n5\n".into(), CheckpointFault::Lines),
        (format!("a\n5\n{root}\nextension\n"), CheckpointFault::Lines),
        (format!("a\n5\n{root}\n\n"), CheckpointFault::Lines),
        (format!("a b\n5\n{root}\n"), CheckpointFault::Origin),
        (format!("a\u{a0}b\n5\n{root}\n"), CheckpointFault::Origin),
        (format!("a+b\n5\n{root}\n"), CheckpointFault::Origin),
        (format!("\n5\n{root}\n"), CheckpointFault::Origin),
        (format!("{long}\n5\n{root}\n"), CheckpointFault::Origin),
        (format!("a\n\n{root}\n"), CheckpointFault::Size),
        (format!("a\n05\n{root}\n"), CheckpointFault::Size),
        (format!("a\n00\n{root}\n"), CheckpointFault::Size),
        (format!("a\n+5\n{root}\n"), CheckpointFault::Size),
        (format!("a\n-0\n{root}\n"), CheckpointFault::Size),
        (format!("a\n5 \n{root}\n"), CheckpointFault::Size),
        (format!("a\n0x5\n{root}\n"), CheckpointFault::Size),
        (format!("a\n\u{0665}\n{root}\n"), CheckpointFault::Size),
        (format!("a\n68719476736\n{root}\n"), CheckpointFault::Size),
        (format!("a\n18446744073709551616\n{root}\n"), CheckpointFault::Size),
        (format!("a\n5\n{}\n", root.trim_end_matches('=')), CheckpointFault::Root),
        (format!("a\n5\n{root} \n"), CheckpointFault::Root),
        (format!("a\n5\n{}\n", text::base64(&[9; 31])), CheckpointFault::Root),
        (format!("a\n5\n{}\n", text::base64(&[9; 33])), CheckpointFault::Root),
        (format!("a\n5\n{}\n", root.replace("k=", "l=")), CheckpointFault::Root),
    ];
    for (body, fault) in cases {
        let note = note::sign(body.clone(), "a", &key()).encode();
        assert_eq!(Checkpoint::parse_unverified(note.as_bytes()), Err(fault.clone()), "{body:?}");
        assert_eq!(Checkpoint::parse_verified(note.as_bytes(), &key().public(), None), Err(fault.clone()), "{body:?}");
    }
    let crlf = note::sign(format!("a\r\n5\r\n{root}\r\n"), "a", &key()).encode();
    assert!(matches!(Checkpoint::parse_unverified(crlf.as_bytes()), Err(CheckpointFault::Note(_))));
    let largest = note::sign(format!("a\n68719476735\n{root}\n"), "a", &key()).encode();
    assert_eq!(Checkpoint::parse_unverified(largest.as_bytes()).unwrap().size, (1 << 36) - 1);
}

#[test]
fn two_roots_of_one_size_contradict_each_other_and_nothing_else_does() {
    let one = sample();
    let other_root = Checkpoint { root: gotong_crypto::sha256(b"other"), ..one.clone() };
    assert!(one.contradicts(&other_root));
    assert!(!one.contradicts(&one));
    assert!(!one.contradicts(&Checkpoint { size: 6, ..other_root.clone() }));
    assert!(!one.contradicts(&Checkpoint { origin: "gotong/other".into(), ..other_root }));
}

proptest! {
    #[test]
    fn what_is_signed_is_read_again(size in 0_u64..(1 << 36), root in any::<[u8; 32]>(), origin in "[a-z0-9/.-]{1,256}") {
        let checkpoint = Checkpoint { origin, size, root: gotong_crypto::Digest(root) };
        let note = checkpoint.sign(&key());
        prop_assert_eq!(Checkpoint::parse_verified(note.as_bytes(), &key().public(), Some(&checkpoint.origin)), Ok(checkpoint));
    }

    #[test]
    fn a_changed_byte_is_refused_or_changes_nothing_that_is_signed(at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut note = sample().sign(&key()).into_bytes();
        let at = at.index(note.len());
        note[at] = byte;
        if let Ok(read) = Checkpoint::parse_verified(&note, &key().public(), None) {
            prop_assert_eq!(read, sample());
        }
    }
}
