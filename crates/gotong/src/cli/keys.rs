//! `gotong keys`: a member's root key, made, looked at, split among people and joined again, by somebody who need not know cryptography. Files out, files in;
//! every step says what to do next and what could go wrong. `--rehearsal` makes keys that sign nothing real.
//!
//! A key is split after Shamir over GF(256): fewer shares than needed say nothing about it.

mod statement;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use blahaj::{Share, Sharks};
use clap::Subcommand;
use gotong_crypto::{PublicKey, SigningKey, sha256, text};
use gotong_model::MemberCode;
use serde_json::json;

use super::Ending;
use super::documents::read_text;
use super::init::member_toml;
use crate::entropy::SystemEntropy;
use crate::fault::{failure, usage};
use crate::home::{self, RootKey};
use crate::output::{print, print_json};

const SHARE: &str = "gotong root key share 0";
const SHARE_REHEARSAL: &str = "gotong REHEARSAL root key share 0, of a key that signs nothing real";

/// Make a root key, show its words, split it among people, join it again; sign where it is kept what a node needs.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Example:\n  gotong keys new --out keys --member vn --name \"Viet Nam\" --rehearsal\n  gotong keys split keys/REHEARSAL-root.key --shares 5 --need 3 --out shares\n  gotong keys join shares/share-1-of-5.txt shares/share-3-of-5.txt shares/share-4-of-5.txt --out joined.key"
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand, Debug)]
enum What {
    New(New),
    Show(Show),
    Split(Split),
    Join(Join),
    Request(statement::Request),
    Sign(statement::Sign),
    State(statement::State),
}

/// Make a root key, on a machine without a network.
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  gotong keys new --out keys --member vn --name \"Viet Nam\"")]
struct New {
    /// The folder to put it in; it is made.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// The member's code, to write what a charter says of it.
    #[arg(long, value_name = "CODE", requires = "name")]
    member: Option<String>,
    /// The member's name.
    #[arg(long, value_name = "NAME", requires = "member")]
    name: Option<String>,
    /// Only rehearse: the key signs nothing real.
    #[arg(long)]
    rehearsal: bool,
}

/// Show a key's words, to be compared over the phone.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Takes a key, a share, a member.toml or a public key.\n\nExample:\n  gotong keys show keys/root.key"
)]
struct Show {
    /// The file.
    file: PathBuf,
}

/// Split a root key into shares, some of which together are the key.
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  gotong keys split keys/root.key --shares 5 --need 3 --out shares")]
struct Split {
    /// The key.
    file: PathBuf,
    /// How many shares to make.
    #[arg(long, value_name = "N")]
    shares: u8,
    /// How many of them it takes.
    #[arg(long, value_name = "M")]
    need: u8,
    /// The folder to put them in; it is made.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

/// Join shares to the key that they are of.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Example:\n  gotong keys join share-1-of-5.txt share-3-of-5.txt share-4-of-5.txt --out root.key"
)]
struct Join {
    /// The shares, as many as it takes.
    #[arg(required = true)]
    shares: Vec<PathBuf>,
    /// Where the key goes.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

pub(crate) fn run(arguments: &Arguments, json: bool) -> Result<Ending> {
    match &arguments.what {
        What::New(new) => make(new, json),
        What::Show(show) => describe(&show.file, json),
        What::Split(split) => take_apart(split, json),
        What::Join(join) => put_together(join, json),
        What::Request(request) => statement::request(request, json),
        What::Sign(sign) => statement::sign(sign, json),
        What::State(state) => statement::state(state, json),
    }
}

fn words(key: &PublicKey) -> String {
    text::words(&key.to_bytes())
}

fn refuse_existing(path: &Path) -> Result<()> {
    if path.exists() {
        let what = format!("{} is there already", path.display());
        return Err(failure(what, "name another place; a key that is overwritten is gone"));
    }
    Ok(())
}

fn make(new: &New, json: bool) -> Result<Ending> {
    let code = new.member.as_deref().map(|code| {
        MemberCode::from_text(code).ok_or_else(|| {
            usage(format!("{code:?} is no member code"), "a code has 2 to 16 small letters, digits and hyphens")
        })
    });
    let code = code.transpose()?;
    let mark = if new.rehearsal { "REHEARSAL-" } else { "" };
    let file = new.out.join(format!("{mark}root.key"));
    refuse_existing(&file)?;
    home::make_folder(&new.out)?;
    let key = SigningKey::generate(&SystemEntropy);
    let public = key.public();
    home::write_root_key(&file, &key, new.rehearsal)?;
    let first = if new.rehearsal { "# REHEARSAL: this key signs nothing real.\n" } else { "" };
    home::write_whole(
        &new.out.join(format!("{mark}root.pub")),
        format!("{first}{}\n", public.to_text()).as_bytes(),
        0o644,
    )?;
    let mut member_file = None;
    if let (Some(code), Some(name)) = (&code, &new.name) {
        let path = new.out.join(format!("{mark}member.toml"));
        home::write_whole(&path, member_toml(code.as_str(), name, &key, new.rehearsal).as_bytes(), 0o644)?;
        member_file = Some(path);
    }
    if json {
        print_json(
            &json!({"file": file, "root_key": public.to_text(), "words": words(&public), "member": member_file, "rehearsal": new.rehearsal}),
        )?;
        return Ok(Ending::Done);
    }
    let shown = file.display();
    let handed = member_file.as_ref().map_or_else(|| format!("{mark}root.pub"), |path| path.display().to_string());
    let charter = member_file.map_or_else(String::new, |path| format!("  for the charter   {}\n", path.display()));
    print(&format!(
        "Made the root key {shown}{}\n  its words   {}\n{charter}",
        rehearsed(new.rehearsal),
        words(&public)
    ))?;
    print(&format!(
        "\nNext: write the words down. Hand {handed} to whoever drafts the charter, and read the words to them over the phone;\n\
         the charter shows the same words beside the member (gotong charter show).\n\
         Then keep the key apart from any network: on two pieces of media in two places, or in shares (gotong keys split {shown}).\n\
         What could go wrong: whoever copies the file can speak for the member; if every copy is lost, only a new charter gives the member a new key.\n"
    ))?;
    Ok(Ending::Done)
}

fn rehearsed(is_rehearsal: bool) -> &'static str {
    if is_rehearsal { " (REHEARSAL: it signs nothing real)" } else { "" }
}

fn describe(file: &Path, json: bool) -> Result<Ending> {
    let content = read_text(file)?;
    let is_rehearsal = content.contains("REHEARSAL");
    let (what, public) = if let Ok(share) = Piece::parse(&content) {
        (format!("share {} of {}; {} make the key", share.number(), share.of, share.need), share.key)
    } else if let Ok(RootKey::Real(key) | RootKey::Rehearsal(key)) = home::read_any_root_key(file) {
        ("root key".to_owned(), key.public())
    } else {
        let table: Option<toml::Table> = content.parse().ok();
        let member = table.as_ref().and_then(|table| table.get("members")?.get(0)?.get("root_key")?.as_str());
        let bare: String = content.lines().filter(|line| !line.starts_with('#')).collect();
        let bytes = text::from_base64_array::<32>(member.unwrap_or(bare.trim()));
        let key = bytes.and_then(|bytes| PublicKey::from_bytes(&bytes).ok()).ok_or_else(|| {
            failure(
                format!("{} is no key, share or member.toml, or it is damaged", file.display()),
                "name the right file, or take it from its copy",
            )
        })?;
        ("public key".to_owned(), key)
    };
    if json {
        print_json(
            &json!({"what": what, "root_key": public.to_text(), "words": words(&public), "rehearsal": is_rehearsal}),
        )?;
    } else {
        print(&format!(
            "{what}{}\n  root key   {}\n  its words   {}\n",
            rehearsed(is_rehearsal),
            public.to_text(),
            words(&public)
        ))?;
    }
    Ok(Ending::Done)
}

/// One share, as its file says it.
struct Piece {
    need: u8,
    of: u8,
    key: PublicKey,
    bytes: Vec<u8>,
    is_rehearsal: bool,
}

impl Piece {
    fn number(&self) -> u8 {
        self.bytes.first().copied().unwrap_or(0)
    }

    fn body(&self) -> String {
        let first = if self.is_rehearsal { SHARE_REHEARSAL } else { SHARE };
        let groups: Vec<String> = text::base32(&self.bytes)
            .as_bytes()
            .chunks(4)
            .map(|four| String::from_utf8_lossy(four).into_owned())
            .collect();
        format!("{first}\nneed {}\nof {}\nkey {}\nshare {}\n", self.need, self.of, self.key.to_text(), groups.join(" "))
    }

    fn encode(&self) -> String {
        let body = self.body();
        format!("{body}check {}\n", check(&body))
    }

    fn parse(content: &str) -> Result<Self> {
        let damaged = || {
            failure(
                "it is no share, or it was not copied right",
                "compare it with the original letter by letter: the last line checks the others",
            )
        };
        let line =
            |name: &str| content.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')).map(str::trim);
        let first = content.lines().next().unwrap_or_default();
        let is_rehearsal = first == SHARE_REHEARSAL;
        if !(is_rehearsal || first == SHARE) {
            return Err(damaged());
        }
        let number = |name: &str| line(name).and_then(|text| text.parse::<u8>().ok()).ok_or_else(damaged);
        let key =
            line("key").and_then(text::from_base64_array::<32>).and_then(|bytes| PublicKey::from_bytes(&bytes).ok());
        let letters: String = line("share").ok_or_else(damaged)?.split_whitespace().collect();
        let bytes = text::from_base32::<33>(&letters.to_ascii_lowercase()).ok_or_else(damaged)?;
        let piece = Self {
            need: number("need")?,
            of: number("of")?,
            key: key.ok_or_else(damaged)?,
            bytes: bytes.to_vec(),
            is_rehearsal,
        };
        if line("check") == Some(check(&piece.body()).as_str()) { Ok(piece) } else { Err(damaged()) }
    }
}

/// What shows that a share was copied right.
fn check(body: &str) -> String {
    sha256(body.as_bytes()).to_text().chars().take(8).collect()
}

fn take_apart(split: &Split, json: bool) -> Result<Ending> {
    if split.need < 2 || split.need > split.shares {
        return Err(usage(
            format!("{} of {} shares cannot be", split.need, split.shares),
            "make at least as many shares as it takes, and let it take at least two: --shares 5 --need 3",
        ));
    }
    let (key, is_rehearsal) = match home::read_any_root_key(&split.file)? {
        RootKey::Real(key) => (key, false),
        RootKey::Rehearsal(key) => (key, true),
    };
    let mark = if is_rehearsal { "REHEARSAL-" } else { "" };
    let path = |number: u8| split.out.join(format!("{mark}share-{number}-of-{}.txt", split.shares));
    refuse_existing(&path(1))?;
    home::make_folder(&split.out)?;
    let seed = key.to_seed();
    let mut files = Vec::new();
    for share in Sharks(split.need).dealer(seed.as_slice()).take(usize::from(split.shares)) {
        let piece =
            Piece { need: split.need, of: split.shares, key: key.public(), bytes: Vec::from(&share), is_rehearsal };
        let file = path(piece.number());
        home::write_private(&file, piece.encode().as_bytes())?;
        files.push(file);
    }
    if json {
        print_json(
            &json!({"files": files, "need": split.need, "words": words(&key.public()), "rehearsal": is_rehearsal}),
        )?;
        return Ok(Ending::Done);
    }
    print(&format!(
        "Made {} shares in {}{}; any {} make the key\n  its words   {}\n",
        split.shares,
        split.out.display(),
        rehearsed(is_rehearsal),
        split.need,
        words(&key.public())
    ))?;
    print(
        "\nNext: give each share to another person, on paper or a medium of its own, and join some on a machine without a network (gotong keys join) to see that they do.\n\
         Only then remove the key itself. What could go wrong: shares that lie together are the key; with too few left, it is lost.\n",
    )?;
    Ok(Ending::Done)
}

fn put_together(join: &Join, json: bool) -> Result<Ending> {
    refuse_existing(&join.out)?;
    let mut pieces: Vec<Piece> = Vec::new();
    for file in &join.shares {
        let piece = Piece::parse(&read_text(file)?).with_context(|| format!("{} cannot be used", file.display()))?;
        if pieces.iter().any(|other| other.number() == piece.number()) {
            return Err(failure(format!("{} is a share that was named already", file.display()), "name another one"));
        }
        if let Some(first) = pieces.first()
            && (first.key != piece.key || first.need != piece.need || first.is_rehearsal != piece.is_rehearsal)
        {
            return Err(failure(
                format!("{} is of another key, or of another splitting", file.display()),
                "`gotong keys show` says of which key a share is",
            ));
        }
        pieces.push(piece);
    }
    let first = pieces.first().context("a share")?;
    if pieces.len() < usize::from(first.need) {
        return Err(failure(
            format!("{} shares are here, and it takes {}", pieces.len(), first.need),
            "ask another holder for theirs",
        ));
    }
    let shares: Vec<Share> = pieces.iter().filter_map(|piece| Share::try_from(piece.bytes.as_slice()).ok()).collect();
    let mut secret = Sharks(first.need).recover(&shares).map_err(|fault| failure(fault, "name other shares"))?;
    let seed = <[u8; 32]>::try_from(secret.as_slice());
    secret.fill(0);
    let key = SigningKey::from_seed(&seed.map_err(|_| failure("the shares do not make a key", "name other shares"))?);
    if key.public() != first.key {
        return Err(failure(
            "the shares make another key than the one they name",
            "they are of two splittings of one key: name shares that were made together",
        ));
    }
    home::write_root_key(&join.out, &key, first.is_rehearsal)?;
    if json {
        print_json(
            &json!({"file": join.out, "root_key": key.public().to_text(), "words": words(&key.public()), "rehearsal": first.is_rehearsal}),
        )?;
        return Ok(Ending::Done);
    }
    print(&format!(
        "Joined the root key {}{}\n  its words   {}\n\nNext: sign what is to be signed, then remove the file. What could go wrong: a machine that was ever on a network may keep a copy.\n",
        join.out.display(),
        rehearsed(first.is_rehearsal),
        words(&key.public())
    ))?;
    Ok(Ending::Done)
}
