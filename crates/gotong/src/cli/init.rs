//! `gotong init`: a node's home and keys.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use gotong_crypto::{SigningKey, text};
use gotong_model::{MemberCode, RegionId};
use serde_json::json;

use super::Ending;
use crate::config;
use crate::entropy::SystemEntropy;
use crate::fault::usage;
use crate::home::{self, Founding, Home};
use crate::output::{REHEARSAL_BANNER, print, print_json};
use crate::practice;
use crate::wiring;

/// Make a node's data folder and keys.
///
/// Makes the member's root key as well, unless one is named. What a charter has to say of the member stands afterwards in
/// `root/member.toml`; whoever drafts the charter needs that file.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Example:\n  gotong init --data ./vn --member vn --name \"Viet Nam\" --address vn.example.net:9400\n  gotong init --data ./practice --member vn --name \"Viet Nam\" --rehearsal --root keys/REHEARSAL-root.key\n  gotong init --data ./try --member vn --name \"Viet Nam\" --practice"
)]
pub(crate) struct Arguments {
    /// The folder to make.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// The member's code in the charter.
    #[arg(long, value_name = "CODE")]
    member: String,
    /// The member's name, as pages show it.
    #[arg(long, value_name = "NAME")]
    name: String,
    /// The region to belong to: its signed charters in one file (gotong charter export), or its sixteen words.
    #[arg(long, value_name = "FILE|WORDS")]
    region: Option<String>,
    /// The member's root key, where it has one already.
    #[arg(long, value_name = "FILE")]
    root: Option<PathBuf>,
    /// Make no root key: the member's stays where it is, on a machine without a network, and signs there (gotong keys request, sign, state).
    #[arg(long, conflicts_with = "root")]
    no_root: bool,
    /// Make a node that only rehearses: with a rehearsal's key, for a rehearsal's region, and marked so for good.
    #[arg(long)]
    rehearsal: bool,
    /// Make a node to try at once: a rehearsal for one, with keys, a charter and a house rule of its own. Nothing of it is real, and it stays so for good.
    #[arg(long, conflicts_with_all = ["rehearsal", "root", "no_root", "region", "address"])]
    practice: bool,
    /// Where pages and API will answer.
    #[arg(long, value_name = "ADDR")]
    listen: Option<String>,
    /// Where other nodes will be answered.
    #[arg(long, value_name = "ADDR")]
    federation_listen: Option<String>,
    /// Where other nodes reach this one.
    #[arg(long, value_name = "HOST:PORT")]
    address: Option<String>,
}

enum Region {
    Unknown,
    Pinned(RegionId),
    Charter(Vec<u8>),
}

pub(crate) fn run(arguments: &Arguments, json: bool) -> Result<Ending> {
    let code = MemberCode::from_text(&arguments.member).ok_or_else(|| {
        usage(
            format!("{:?} is no member code", arguments.member),
            "a code has 2 to 16 small letters, digits and hyphens and begins with a letter: vn, asec",
        )
    })?;
    let region = region(arguments.region.as_deref())?;
    let entropy = SystemEntropy;
    let is_rehearsal = arguments.rehearsal || arguments.practice;
    let node_key = SigningKey::generate(&entropy);
    let root_key = match &arguments.root {
        Some(path) => Some(home::root_key_of_sort(path, is_rehearsal, "node")?),
        None if arguments.no_root => None,
        None => Some(SigningKey::generate(&entropy)),
    };
    let papers = match &region {
        Region::Charter(file) => Some(wiring::read_papers(wiring::split_notes(file))?),
        Region::Unknown | Region::Pinned(_) => None,
    };
    if let Some(papers) = &papers {
        papers.check(&code, root_key.as_ref(), is_rehearsal)?;
    }
    let founding = Founding {
        member: code.as_str(),
        name: &arguments.name,
        settings: settings(arguments, &region),
        node_key: &node_key,
        root_key: root_key.as_ref().filter(|_| arguments.root.is_none()),
        tls_key_pem: &wiring::new_tls_key()?,
        is_rehearsal,
    };
    let home = Home::create(&arguments.data, &founding)?;
    let mark = if is_rehearsal { "REHEARSAL-" } else { "" };
    let member_file = home.dir().join(format!("root/{mark}member.toml"));
    if let Some(root_key) = &root_key {
        let member = member_toml(code.as_str(), &arguments.name, root_key, is_rehearsal);
        home::write_private(&member_file, member.as_bytes())?;
    }
    home.config()?;
    if let Some(papers) = &papers {
        wiring::accept_charter(&home, papers, root_key.as_ref())?;
    }
    if let Some(root_key) = root_key.as_ref().filter(|_| arguments.practice) {
        let region = practice::found(&home, &code, &arguments.name, root_key)?;
        return report_practice(&home, arguments, &region, json);
    }
    match &root_key {
        Some(root_key) => report(&home, arguments, root_key, &member_file, json),
        None => report_without(&home, arguments, papers.is_some(), json),
    }
}

/// What to say where the root key stays elsewhere.
fn report_without(home: &Home, arguments: &Arguments, is_in_region: bool, json: bool) -> Result<Ending> {
    if json {
        print_json(&json!({"data": home.dir(), "member": arguments.member, "rehearsal": arguments.rehearsal}))?;
        return Ok(Ending::Done);
    }
    if arguments.rehearsal {
        print(REHEARSAL_BANNER)?;
    }
    let dir = home.dir().display();
    print(&format!("Made the data folder of {} at {dir}, without a root key\n\nNext: ", arguments.member))?;
    if !is_in_region {
        print(&format!("once the charter is signed: gotong charter accept CHARTER --data {dir}\nThen: "))?;
    }
    print(&format!("gotong keys request --data {dir} --out statement.txt, to be signed where the root key is kept\n"))?;
    Ok(Ending::Done)
}

/// What to say of a practice node.
fn report_practice(home: &Home, arguments: &Arguments, region: &RegionId, json: bool) -> Result<Ending> {
    if json {
        print_json(&json!({"data": home.dir(), "member": arguments.member, "rehearsal": true, "practice": true,
            "region": region.to_string(), "channels": practice::CHANNELS}))?;
        return Ok(Ending::Done);
    }
    print(REHEARSAL_BANNER)?;
    let dir = home.dir().display();
    print(&format!(
        "Made a practice node of {} at {dir}\n  it is alone in a region of its own, and marked as a rehearsal for good\n  channels   {}\n\n\
         Next: gotong serve --data {dir}\n\
         It prints an address and a link that makes the first account. When you have seen enough, end it and remove {dir}.\n",
        arguments.member,
        practice::CHANNELS.join(", ")
    ))?;
    Ok(Ending::Done)
}

fn settings<'a>(arguments: &'a Arguments, region: &Region) -> Vec<(&'a str, &'a str, String)> {
    let mut settings = Vec::new();
    if arguments.rehearsal || arguments.practice {
        settings.push(("node", "rehearsal", "true".to_owned()));
    }
    if arguments.practice {
        settings.extend(practice::settings(arguments.federation_listen.is_some()));
    }
    if let Region::Pinned(region) = region {
        settings.push(("node", "region", config::quoted(&region.to_words())));
    }
    let given = [
        ("web", "listen", &arguments.listen),
        ("federation", "listen", &arguments.federation_listen),
        ("federation", "address", &arguments.address),
    ];
    settings.extend(
        given.into_iter().filter_map(|(section, key, value)| Some((section, key, config::quoted(value.as_ref()?)))),
    );
    settings
}

fn region(given: Option<&str>) -> Result<Region> {
    let Some(given) = given else { return Ok(Region::Unknown) };
    if let Some(region) = RegionId::from_text_or_words(given) {
        return Ok(Region::Pinned(region));
    }
    if Path::new(given).is_file() {
        return Ok(Region::Charter(std::fs::read(given).with_context(|| format!("could not read {given}"))?));
    }
    Err(usage(
        format!("{given:?} is neither a file nor a region's sixteen words"),
        "`gotong charter show` prints the words of a charter",
    ))
}

/// What a charter says of a member.
pub(crate) fn member_toml(code: &str, name: &str, root: &SigningKey, is_rehearsal: bool) -> String {
    let (first, last) =
        if is_rehearsal { ("# REHEARSAL: this key signs nothing real.\n", "rehearsal = true\n") } else { ("", "") };
    format!(
        "{first}# What a charter says of this member.\n[[members]]\ncode = {}\nname = {}\nrole = \"state\"\nroot_key = {}\n{last}",
        config::quoted(code),
        config::quoted(name),
        config::quoted(&root.public().to_text())
    )
}

fn report(home: &Home, arguments: &Arguments, root: &SigningKey, member_file: &Path, json: bool) -> Result<Ending> {
    let (root_key, words) = (root.public().to_text(), text::words(&root.public().to_bytes()));
    let is_member = home.statement_file().is_file();
    if json {
        print_json(&json!({"data": home.dir(), "member": arguments.member, "root_key": root_key, "words": words,
            "member_file": member_file, "rehearsal": arguments.rehearsal}))?;
        return Ok(Ending::Done);
    }
    let dir = home.dir().display();
    if arguments.rehearsal {
        print(REHEARSAL_BANNER)?;
    }
    print(&format!(
        "Made the data folder of {} at {dir}\n  root key   {root_key}\n  its words  {words}\n  for the charter   {}\n",
        arguments.member,
        member_file.display()
    ))?;
    if arguments.root.is_none() {
        print(&format!(
            "\nThe ROOT KEY is {}. Move it to a place without a network: {dir}/root/README says how.\n",
            home.root_key_file().display()
        ))?;
    }
    print(&if is_member {
        format!("\nNext: gotong serve --data {dir}\n")
    } else {
        format!(
            "\nNext: hand {} to whoever drafts the charter, and read the words to them over the phone.\n\
             Once the charter is signed: gotong charter accept CHARTER --data {dir} --root KEY\n",
            member_file.display()
        )
    })?;
    Ok(Ending::Done)
}
