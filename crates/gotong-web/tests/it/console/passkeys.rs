//! Passkeys against a device that the test plays itself, honest first and then in every way that it can lie. A real browser does the same in `interop/browser`.

use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use gotong_app::account::passkey::{CHALLENGE_MS, as_browsers_write};
use gotong_app::account::{AccountName, manage};
use gotong_app::caller::Caller;
use gotong_app::role::Role;
use gotong_crypto::{sha256, text};
use serde_json::json;

use crate::api::accounts::{GOOD, cookies, form, get, person, post, token_in};
use crate::api::door::{ADDRESS, Answer, Door};

const PRESENT_AND_VERIFIED: u8 = 0x05;

/// A device with one passkey, which says what it is told to say.
struct Device {
    key: EcdsaKeyPair,
    id: Vec<u8>,
    count: u32,
    flags: u8,
    origin: String,
    host: String,
    kind: Option<&'static str>,
    crosses: bool,
}

impl Device {
    fn new(id: &str) -> Self {
        Self {
            key: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap(),
            id: id.as_bytes().to_vec(),
            count: 0,
            flags: PRESENT_AND_VERIFIED,
            origin: ADDRESS.to_owned(),
            host: "gotong.example".to_owned(),
            kind: None,
            crosses: false,
        }
    }

    fn client(&self, kind: &str, challenge: &str) -> Vec<u8> {
        let (kind, challenge) = (self.kind.unwrap_or(kind), as_browsers_write(challenge));
        json!({"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": self.crosses})
            .to_string()
            .into()
    }

    fn data(&self, flags: u8) -> Vec<u8> {
        let name = sha256(self.host.as_bytes());
        [name.as_bytes().as_slice(), &[flags], &self.count.to_be_bytes()].concat()
    }

    fn makes(&self, challenge: &str) -> Vec<(&'static str, String)> {
        let length = u16::try_from(self.id.len()).unwrap().to_be_bytes();
        let data = [self.data(self.flags | 0x40), vec![0; 16], length.to_vec(), self.id.clone(), vec![0xa0]].concat();
        let key = AsDer::<PublicKeyX509Der<'_>>::as_der(self.key.public_key()).unwrap();
        vec![
            ("client", text::base64(&self.client("webauthn.create", challenge))),
            ("data", text::base64(&data)),
            ("key", text::base64(key.as_ref())),
            ("algorithm", "-7".to_owned()),
        ]
    }

    fn signs(&self, challenge: &str) -> Vec<(&'static str, String)> {
        let (client, data) = (self.client("webauthn.get", challenge), self.data(self.flags));
        let message = [data.as_slice(), sha256(&client).as_bytes()].concat();
        let signature = self.key.sign(&SystemRandom::new(), &message).unwrap();
        vec![
            ("challenge", challenge.to_owned()),
            ("id", text::base64(&self.id)),
            ("client", text::base64(&client)),
            ("data", text::base64(&data)),
            ("signature", text::base64(signature.as_ref())),
        ]
    }
}

fn refs<'a>(fields: &'a [(&'static str, String)]) -> Vec<(&'a str, &'a str)> {
    fields.iter().map(|(name, value)| (*name, value.as_str())).collect()
}

fn challenge_in(page: &str) -> String {
    let (_, rest) = page.split_once("name=\"challenge\" value=\"").expect("a challenge");
    rest.split('"').next().unwrap().to_owned()
}

async fn add(
    door: &Door,
    cookie: &str,
    device: &Device,
    password: &str,
    change: impl Fn(&mut Vec<(&str, String)>),
) -> Answer {
    let page = get(door, "/me", cookie).await.expect(200, "").text();
    let challenge = challenge_in(&page);
    let mut fields = device.makes(&challenge);
    fields.extend([
        ("form_token", token_in(&page)),
        ("challenge", challenge),
        ("current", password.to_owned()),
        ("name", "<b>laptop".to_owned()),
    ]);
    change(&mut fields);
    post(door, "/me/passkeys", cookie, &refs(&fields)).await
}

async fn asked(door: &Door) -> String {
    challenge_in(&get(door, "/log-in", "").await.expect(200, "").text())
}

async fn enter(door: &Door, fields: &[(&'static str, String)]) -> Answer {
    post(door, "/log-in/passkey", "", &refs(fields)).await
}

#[tokio::test]
async fn a_passkey_lets_its_owner_in_without_password_and_second_factor() {
    let door = Door::open(241).await;
    let ann = person(&door, "ann", Role::Analyst);
    let mut device = Device::new("ann's device");
    let made = add(&door, &ann, &device, GOOD, |_| {}).await;
    assert_eq!(made.status, 303, "{}", made.text());
    let page = get(&door, "/me", &ann).await.text();
    assert!(page.contains("&#60;b&#62;laptop") && !page.contains("<b>laptop"), "its name is text");
    device.count = 7;
    let fields = device.signs(&asked(&door).await);
    let mut onward = fields.clone();
    onward.push(("next", "/intelligence".to_owned()));
    let entered = enter(&door, &onward).await;
    assert_eq!((entered.status, entered.header("location")), (303, "/intelligence"), "{}", entered.text());
    get(&door, "/me", &cookies(&entered)).await.expect(200, "");
    // What was signed counts once, and a copy of the key that has counted less betrays itself.
    assert_eq!(enter(&door, &fields).await.status, 401, "the same again");
    for count in [7, 6, 0] {
        device.count = count;
        let copied = enter(&door, &device.signs(&asked(&door).await)).await;
        assert_eq!((copied.status, copied.header("set-cookie")), (401, ""), "{count}");
    }
    device.count = 8;
    let entered = enter(&door, &device.signs(&asked(&door).await)).await;
    assert_eq!(entered.header("location"), "/me?next=%2F", "the owner is told of the copy");
    door.stop().await;
}

/// A node of its own, at which a passkey is known: five wrong tries in a row make strangers wait.
async fn known(seed: u64) -> (Door, Device) {
    let door = Door::open(seed).await;
    let ann = person(&door, "ann", Role::Reader);
    let device = Device::new("ann's device");
    assert_eq!(add(&door, &ann, &device, GOOD, |_| {}).await.status, 303);
    (door, device)
}

/// Four things that go wrong, and then the same device in earnest.
/// A lie that a device tells, with a word for it.
type Lie<'a> = (&'a str, &'a (dyn Fn(&mut Device) + Sync));

async fn none_counts(seed: u64, lies: &[Lie<'_>]) {
    let (door, device) = known(seed).await;
    for (lie, change) in lies {
        let mut lying = Device::new("ann's device");
        lying.key = EcdsaKeyPair::from_private_key_der(&ECDSA_P256_SHA256_ASN1_SIGNING, &private(&device)).unwrap();
        change(&mut lying);
        let answer = enter(&door, &lying.signs(&asked(&door).await)).await;
        assert_eq!((answer.status, answer.header("set-cookie")), (401, ""), "{lie}");
    }
    assert_eq!(enter(&door, &device.signs(&asked(&door).await)).await.status, 303, "the same device in earnest");
    door.stop().await;
}

#[tokio::test]
async fn every_lie_of_a_device_is_refused_at_the_log_in() {
    let another_key =
        |device: &mut Device| device.key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap();
    none_counts(
        242,
        &[
            ("another key", &another_key),
            ("another origin", &|device| device.origin = "https://evil.example".to_owned()),
            ("plain HTTP", &|device| device.origin = "http://gotong.example".to_owned()),
            ("another name", &|device| device.host = "evil.example".to_owned()),
        ],
    )
    .await;
    none_counts(
        244,
        &[
            ("a frame of another site", &|device| device.crosses = true),
            ("nobody verified", &|device| device.flags = 0x01),
            ("nobody there", &|device| device.flags = 0x04),
            ("made and not used", &|device| device.kind = Some("webauthn.create")),
        ],
    )
    .await;
    none_counts(
        245,
        &[
            ("an unknown passkey", &|device| device.id = b"another".to_vec()),
            ("no id", &|device| device.id = Vec::new()),
            ("a long id", &|device| device.id = vec![0; 5_000]),
        ],
    )
    .await;
}

#[tokio::test]
async fn a_challenge_that_is_old_made_up_or_for_something_else_counts_for_nothing() {
    let (door, device) = known(246).await;
    let old = asked(&door).await;
    door.clock.advance_ms(CHALLENGE_MS);
    assert_eq!(enter(&door, &device.signs(&old)).await.status, 401, "an old challenge");
    let made_up = format!("{}x", asked(&door).await);
    assert_eq!(enter(&door, &device.signs(&made_up)).await.status, 401, "a challenge that was never given");
    let bo = person(&door, "bo", Role::Reader);
    let of_session = challenge_in(&get(&door, "/me", &bo).await.text());
    assert_eq!(enter(&door, &device.signs(&of_session)).await.status, 401, "a challenge for something else");
    let mut foreign = form(&door, "/log-in/passkey", "", &refs(&device.signs(&asked(&door).await)));
    foreign.headers_mut().insert("sec-fetch-site", "cross-site".parse().unwrap());
    door.send(foreign).await.expect(403, "cross-site");
    assert_eq!(enter(&door, &device.signs(&asked(&door).await)).await.status, 303);
    door.stop().await;
}

#[tokio::test]
async fn what_cannot_be_read_opens_nothing() {
    for (seed, field) in [(247, "client"), (248, "data"), (249, "signature")] {
        let (door, device) = known(seed).await;
        for broken in ["", "!", "AAAA", &"A".repeat(100_000)] {
            let mut fields = device.signs(&asked(&door).await);
            fields.iter_mut().filter(|(name, _)| *name == field).for_each(|(_, value)| broken.clone_into(value));
            let answer = enter(&door, &fields).await;
            assert_eq!((answer.status, answer.header("set-cookie")), (401, ""), "{field} {broken:.8}");
        }
        door.stop().await;
    }
}

fn private(device: &Device) -> Vec<u8> {
    use aws_lc_rs::encoding::EcPrivateKeyRfc5915Der;
    AsDer::<EcPrivateKeyRfc5915Der<'_>>::as_der(&device.key.private_key()).unwrap().as_ref().to_vec()
}

#[tokio::test]
async fn a_passkey_is_made_by_its_owner_alone_and_opens_nothing_once_it_is_gone() {
    let door = Door::open(243).await;
    let (ann, eve) = (person(&door, "ann", Role::Reader), person(&door, "eve", Role::Reader));
    let device = Device::new("ann's device");
    let wrong = add(&door, &ann, &device, "not the password", |_| {}).await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.text().contains("not your password now"));
    add(&door, &ann, &device, GOOD, |fields| fields.retain(|(name, _)| *name != "form_token"))
        .await
        .expect(403, "cross-site");
    let foreign = challenge_in(&get(&door, "/me", &eve).await.text());
    let changed = |name: &'static str, value: String| {
        move |fields: &mut Vec<(&str, String)>| {
            fields.iter_mut().filter(|(field, _)| *field == name).for_each(|(_, old)| old.clone_from(&value));
        }
    };
    for (name, value) in [
        ("challenge", foreign),
        ("key", String::new()),
        ("key", text::base64(&[0; 91])),
        ("algorithm", "-8".to_owned()),
        ("algorithm", "-65535".to_owned()),
        ("data", text::base64(&[0; 37])),
        ("name", " ".to_owned()),
        ("name", "x".repeat(65)),
    ] {
        let refused = add(&door, &ann, &device, GOOD, changed(name, value)).await;
        assert_eq!(refused.status, 422, "{name}");
    }
    assert_eq!(add(&door, &ann, &device, GOOD, |_| {}).await.status, 303);
    let taken = add(&door, &eve, &device, GOOD, |_| {}).await;
    assert_eq!(taken.status, 422, "one credential is one person's");
    assert_eq!(enter(&door, &device.signs(&asked(&door).await)).await.status, 303);
    let page = get(&door, "/me", &ann).await.text();
    let (_, rest) = page.split_once("type=\"radio\" name=\"id\" value=\"").unwrap();
    let (id, token) = (rest.split('"').next().unwrap().to_owned(), token_in(&page));
    let hers = token_in(&get(&door, "/me", &eve).await.text());
    let theft = [("form_token", hers.as_str()), ("current", GOOD), ("id", id.as_str())];
    assert_eq!(post(&door, "/me/passkeys/remove", &eve, &theft).await.status, 422, "nobody else's");
    let gone = [("form_token", token.as_str()), ("current", GOOD), ("id", id.as_str())];
    assert_eq!(post(&door, "/me/passkeys/remove", &ann, &gone).await.status, 303);
    assert_eq!(enter(&door, &device.signs(&asked(&door).await)).await.status, 401);
    // A closed account's passkey opens nothing either.
    assert_eq!(add(&door, &ann, &device, GOOD, |_| {}).await.status, 303);
    manage::disable(&door.node, &Caller::operator(), &AccountName::parse("ann").unwrap()).unwrap().unwrap();
    assert_eq!(enter(&door, &device.signs(&asked(&door).await)).await.status, 401);
    door.stop().await;
}
