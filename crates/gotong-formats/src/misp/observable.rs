//! Parts of values as comparisons of a STIX pattern and as observables with the ids that their content gives (STIX 2.1 section 2.9).
//!
//! INVARIANT: nothing of an event goes onto an observable but its TLP, so the same value is the same bytes in every event of one label.
//! Read next: `attribute.rs`, `group.rs`.

use super::body::Body;
use super::types::Part;
use crate::stix21::canon::write_text;
use crate::stix21::id::{derived_uuid, uuid_text};
use gotong_model::Tlp;

/// One comparison of a pattern.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Comparison {
    pub(super) root: &'static str,
    pub(super) path: String,
    pub(super) test: String,
}

/// One observable.
pub(super) struct Observable {
    pub(super) id: String,
    pub(super) body: Vec<u8>,
}

/// A constant of a pattern, with its escapes.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('\'');
    for letter in text.chars() {
        if matches!(letter, '\'' | '\\') {
            out.push('\\');
        }
        out.push(letter);
    }
    out.push('\'');
    out
}

fn equals(root: &'static str, path: impl Into<String>, text: &str) -> Comparison {
    Comparison { root, path: path.into(), test: format!("= {}", quoted(text)) }
}

fn address_type(text: &str) -> &'static str {
    if text.contains(':') { "ipv6-addr" } else { "ipv4-addr" }
}

/// What the parts of one value say in a pattern.
pub(super) fn comparisons(parts: &[(Part, String)]) -> Vec<Comparison> {
    match parts {
        [(Part::Domain, domain), (Part::Ip, ip)] => {
            vec![equals("domain-name", "value", domain), equals("domain-name", "resolves_to_refs[*].value", ip)]
        }
        [(Part::Ip | Part::Domain, host), (Part::Port, port)] => vec![
            equals("network-traffic", "dst_ref.value", host),
            Comparison { root: "network-traffic", path: "dst_port".into(), test: format!("= {port}") },
        ],
        _ => parts.iter().map(|(part, text)| comparison(*part, text)).collect(),
    }
}

fn comparison(part: Part, text: &str) -> Comparison {
    match part {
        // A network is meant with all that is in it.
        Part::Ip if text.contains('/') => {
            let test = format!("ISSUBSET {}", quoted(text));
            Comparison { root: address_type(text), path: "value".into(), test }
        }
        Part::Ip => equals(address_type(text), "value", text),
        Part::Domain => equals("domain-name", "value", text),
        Part::Url | Part::BareUrl => equals("url", "value", text),
        Part::Email => equals("email-addr", "value", text),
        Part::Mac => equals("mac-addr", "value", text),
        Part::Mutex => equals("mutex", "name", text),
        Part::FileName => equals("file", "name", text),
        Part::Hash(algorithm, _) => equals("file", hash_path(algorithm), text),
        Part::CertificateHash(algorithm, _) => equals("x509-certificate", hash_path(algorithm), text),
        Part::ImportHash => equals("file", "extensions.'windows-pebinary-ext'.imphash", text),
        Part::MimeType => equals("file", "mime_type", text),
        Part::Port => Comparison { root: "network-traffic", path: "dst_port".into(), test: format!("= {text}") },
        Part::Key | Part::BareKey => equals("windows-registry-key", "key", text),
        Part::KeyData => equals("windows-registry-key", "values[*].data", text),
        Part::System => Comparison { root: "autonomous-system", path: "number".into(), test: format!("= {text}") },
        Part::Subject => equals("email-message", "subject", text),
        Part::UserAgent => equals("network-traffic", "extensions.'http-request-ext'.request_header.'User-Agent'", text),
        Part::Account(_) => equals("user-account", "account_login", text),
    }
}

fn hash_path(algorithm: &str) -> String {
    if algorithm.contains('-') { format!("hashes.'{algorithm}'") } else { format!("hashes.{algorithm}") }
}

/// What is compared with one property, by its path.
type Paths<'c> = Vec<(&'c str, Vec<&'c str>)>;

/// One pattern of all comparisons: for each kind of observable one observation, what is said twice of one property joined by OR.
pub(super) fn pattern(comparisons: &[Comparison]) -> String {
    let mut roots: Vec<(&str, Paths<'_>)> = Vec::new();
    for comparison in comparisons {
        let at = roots.iter().position(|(root, _)| *root == comparison.root).unwrap_or_else(|| {
            roots.push((comparison.root, Vec::new()));
            roots.len() - 1
        });
        let Some((_, paths)) = roots.get_mut(at) else { continue };
        let at = paths.iter().position(|(path, _)| *path == comparison.path).unwrap_or_else(|| {
            paths.push((&comparison.path, Vec::new()));
            paths.len() - 1
        });
        let Some((_, tests)) = paths.get_mut(at) else { continue };
        if !tests.contains(&comparison.test.as_str()) {
            tests.push(&comparison.test);
        }
    }
    let observation = |(root, paths): &(&str, Paths<'_>)| {
        let several = paths.len() > 1;
        let path = |(path, tests): &(&str, Vec<&str>)| {
            let all: Vec<_> = tests.iter().map(|test| format!("{root}:{path} {test}")).collect();
            let text = all.join(" OR ");
            if several && all.len() > 1 { format!("({text})") } else { text }
        };
        format!("[{}]", paths.iter().map(path).collect::<Vec<_>>().join(" AND "))
    };
    roots.iter().map(observation).collect::<Vec<_>>().join(" AND ")
}

/// The observables of the parts of one value, or of all values of one MISP object.
#[derive(Default)]
pub(super) struct Observables {
    pub(super) list: Vec<Observable>,
    file: File,
    certificate: Vec<(&'static str, String)>,
    label: Option<Tlp>,
}

#[derive(Default)]
struct File {
    name: Option<String>,
    hashes: Vec<(&'static str, String)>,
}

impl Observables {
    pub(super) fn new(label: Option<Tlp>) -> Self {
        Self { label, ..Self::default() }
    }

    /// Adds the parts of a value. A second name or hash of one kind begins another file.
    pub(super) fn add(&mut self, parts: &[(Part, String)]) {
        match parts {
            [(Part::Ip | Part::Domain, _), (Part::Port, port)] => {
                let [(part, host), _] = parts else { return };
                let host_type = if *part == Part::Domain { "domain-name" } else { address_type(host) };
                let protocol = match host_type {
                    "ipv4-addr" => "ipv4",
                    "ipv6-addr" => "ipv6",
                    _ => "ip",
                };
                let id = self.simple(host_type, "value", &json_text(host));
                let contributing =
                    format!("{{\"dst_port\":{port},\"dst_ref\":\"{id}\",\"protocols\":[\"{protocol}\"]}}");
                self.finished("network-traffic", contributing.as_bytes(), contributing.as_bytes());
            }
            [(Part::Key, key), (Part::KeyData, data)] => {
                let contributing =
                    format!("{{\"key\":{},\"values\":[{{\"data\":{}}}]}}", json_text(key), json_text(data));
                self.finished("windows-registry-key", contributing.as_bytes(), contributing.as_bytes());
            }
            _ => parts.iter().for_each(|(part, text)| self.part(*part, text)),
        }
    }

    fn part(&mut self, part: Part, text: &str) {
        match part {
            Part::Ip => drop(self.simple(address_type(text), "value", &json_text(text))),
            Part::Domain => drop(self.simple("domain-name", "value", &json_text(text))),
            Part::Url => drop(self.simple("url", "value", &json_text(text))),
            Part::Email => drop(self.simple("email-addr", "value", &json_text(text))),
            Part::Mac => drop(self.simple("mac-addr", "value", &json_text(text))),
            Part::Mutex => drop(self.simple("mutex", "name", &json_text(text))),
            Part::Key => drop(self.simple("windows-registry-key", "key", &json_text(text))),
            Part::System => drop(self.simple("autonomous-system", "number", text)),
            Part::Account(kind) => {
                let contributing = format!("{{\"account_login\":{},\"account_type\":\"{kind}\"}}", json_text(text));
                self.finished("user-account", contributing.as_bytes(), contributing.as_bytes());
            }
            Part::Subject => {
                let contributing = format!("{{\"subject\":{}}}", json_text(text));
                let members = format!("{{\"is_multipart\":false,\"subject\":{}}}", json_text(text));
                self.finished("email-message", contributing.as_bytes(), members.as_bytes());
            }
            Part::FileName => {
                if self.file.name.as_deref().is_some_and(|name| name != text) {
                    self.flush_file();
                }
                self.file.name = Some(text.to_owned());
            }
            Part::Hash(algorithm, _) => {
                if self.file.hashes.iter().any(|(known, hash)| *known == algorithm && hash != text) {
                    self.flush_file();
                }
                if !self.file.hashes.iter().any(|(known, _)| *known == algorithm) {
                    self.file.hashes.push((algorithm, text.to_owned()));
                }
            }
            Part::CertificateHash(algorithm, _) => {
                if !self.certificate.iter().any(|(known, _)| *known == algorithm) {
                    self.certificate.push((algorithm, text.to_owned()));
                }
            }
            // No observable of the standard is known by one of these alone.
            Part::BareUrl
            | Part::BareKey
            | Part::KeyData
            | Part::Port
            | Part::UserAgent
            | Part::ImportHash
            | Part::MimeType => {}
        }
    }

    fn flush_file(&mut self) {
        let mut file = std::mem::take(&mut self.file);
        let Some((contributing, mut members)) =
            hashes_json(&mut file.hashes).or_else(|| file.name.is_some().then(Default::default))
        else {
            return;
        };
        let mut contributing = contributing;
        if let Some(name) = &file.name {
            let name = format!("{}\"name\":{}", if contributing.is_empty() { "" } else { "," }, json_text(name));
            contributing.push_str(&name);
            members.push_str(&name);
        }
        self.finished("file", format!("{{{contributing}}}").as_bytes(), format!("{{{members}}}").as_bytes());
    }

    /// What is stored with an attribute: base64, of which the caller knows that it is.
    pub(super) fn artifact(&mut self, data: &str, infected: bool) {
        let contributing = format!("{{\"payload_bin\":{}}}", json_text(data));
        let members = if infected {
            // How MISP packs samples: a ZIP with this password.
            format!(
                "{{\"decryption_key\":\"infected\",\"encryption_algorithm\":\"mime-type-indicated\",\"mime_type\":\"application/zip\",\"payload_bin\":{}}}",
                json_text(data)
            )
        } else {
            contributing.clone()
        };
        self.finished("artifact", contributing.as_bytes(), members.as_bytes());
    }

    pub(super) fn finish(mut self) -> Vec<Observable> {
        self.flush_file();
        if let Some((contributing, members)) = hashes_json(&mut std::mem::take(&mut self.certificate)) {
            let (contributing, members) = (format!("{{{contributing}}}"), format!("{{{members}}}"));
            self.finished("x509-certificate", contributing.as_bytes(), members.as_bytes());
        }
        self.list
    }

    fn simple(&mut self, object_type: &'static str, name: &str, json: &str) -> String {
        let contributing = format!("{{\"{name}\":{json}}}");
        self.finished(object_type, contributing.as_bytes(), contributing.as_bytes())
    }

    /// `members` is a JSON object of the properties.
    fn finished(&mut self, object_type: &'static str, contributing: &[u8], members: &[u8]) -> String {
        let id = format!("{object_type}--{}", uuid_text(derived_uuid(contributing)));
        if !self.list.iter().any(|known| known.id == id) {
            let mut body = Body::new(object_type, &id);
            body.members(members).marking(self.label);
            self.list.push(Observable { id: id.clone(), body: body.finish() });
        }
        id
    }
}

/// The member `hashes` with the one hash that the id derives from, and with all.
fn hashes_json(hashes: &mut [(&'static str, String)]) -> Option<(String, String)> {
    const PREFERRED: [&str; 4] = ["MD5", "SHA-1", "SHA-256", "SHA-512"];
    let rank = |name: &str| PREFERRED.iter().position(|known| *known == name).unwrap_or(PREFERRED.len());
    hashes.sort_by_key(|(name, _)| (rank(name), *name));
    let (name, hash) = hashes.first()?;
    let all: Vec<_> = hashes.iter().map(|(name, hash)| format!("\"{name}\":{}", json_text(hash))).collect();
    Some((format!("\"hashes\":{{\"{name}\":{}}}", json_text(hash)), format!("\"hashes\":{{{}}}", all.join(","))))
}

/// A JSON string in its canonical spelling.
pub(super) fn json_text(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len() + 2);
    write_text(text, &mut out);
    String::from_utf8(out).unwrap_or_default()
}
