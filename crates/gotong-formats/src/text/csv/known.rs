//! Columns and types by the names that others give them: MISP, `AbuseIPDB`, abuse.ch, OTX and tables made by hand, in the languages of the region.
//!
//! Names only; what they lead to is a proposal that a person sees first. Read next: `guess.rs`.

use super::mapping::Meaning;
use crate::stix21::ValueKind;

/// Exports that are known by their columns: what they are, and columns that all must be there.
pub(super) const EXPORTS: [(&str, &[&str]); 8] = [
    ("MISP", &["uuid", "event_id", "category", "type", "value", "to_ids"]),
    ("ThreatFox", &["ioc_value", "ioc_type", "threat_type"]),
    ("URLhaus", &["dateadded", "url", "url_status", "threat"]),
    ("Feodo Tracker", &["first_seen_utc", "dst_ip", "dst_port", "malware"]),
    ("MalwareBazaar", &["sha256_hash", "md5_hash", "sha1_hash", "signature"]),
    ("SSL blacklist", &["listingdate", "sha1", "listingreason"]),
    ("AbuseIPDB", &["ip", "abuse confidence score"]),
    ("OTX", &["indicator type", "indicator"]),
];

/// What a column of this name means. `known` is the export, where it is one.
pub(super) fn meaning_of(name: &str, known: Option<&str>) -> Option<(Meaning, Option<ValueKind>)> {
    let lower = name.trim().trim_matches(['"', '\'']).to_lowercase();
    let plain: String =
        lower.chars().map(|letter| if matches!(letter, ' ' | '-' | '.') { '_' } else { letter }).collect();
    if let Some(own) = of_export(&plain, known) {
        return Some(own);
    }
    Some(match plain.as_str() {
        "value"
        | "indicator"
        | "ioc"
        | "ioc_value"
        | "observable"
        | "giá_trị"
        | "chỉ_báo"
        | "nilai"
        | "indikator"
        | "ค่า"
        | "ตัวบ่งชี้" => (Meaning::Value, None),
        "ip" | "ipaddress" | "ip_address" | "ip_addr" | "src_ip" | "dst_ip" | "dstip" | "address" | "địa_chỉ_ip"
        | "alamat_ip" | "ไอพี" => (Meaning::Value, Some(ValueKind::Ipv4)),
        "domain" | "hostname" | "host" | "fqdn" | "tên_miền" | "domain_name" | "โดเมน" => {
            (Meaning::Value, Some(ValueKind::Domain))
        }
        "url" | "uri" => (Meaning::Value, Some(ValueKind::Url)),
        "hash" | "md5" | "sha1" | "sha256" | "sha512" | "sha256_hash" | "md5_hash" | "sha1_hash" | "file_hash" => {
            (Meaning::Value, Some(ValueKind::Hash))
        }
        "email" | "e_mail" | "email_address" => (Meaning::Value, Some(ValueKind::Email)),
        "cve" | "cve_id" => (Meaning::Value, Some(ValueKind::Vulnerability)),
        "type" | "ioc_type" | "indicator_type" | "loại" | "tipe" | "jenis" | "ประเภท" => {
            (Meaning::Type, None)
        }
        "name" | "title" | "tên" | "nama" | "ชื่อ" => (Meaning::Name, None),
        "description"
        | "comment"
        | "comments"
        | "note"
        | "notes"
        | "mô_tả"
        | "ghi_chú"
        | "deskripsi"
        | "keterangan"
        | "คำอธิบาย"
        | "หมายเหตุ"
        | "threat"
        | "malware"
        | "reason"
        | "listingreason" => (Meaning::Description, None),
        "tags" | "labels" | "attribute_tag" | "nhãn" => (Meaning::Tags, None),
        "label" | "category" | "threat_type" | "malware_printable" | "family" | "signature" => (Meaning::Label, None),
        "tlp" | "marking" => (Meaning::Tlp, None),
        "confidence" | "confidence_level" | "score" | "abuseconfidencescore" | "abuse_confidence_score" => {
            (Meaning::Confidence, None)
        }
        "first_seen" | "firstseen" | "first_seen_utc" | "dateadded" | "date_added" | "listingdate" | "date"
        | "ngày" | "tanggal" | "วันที่" => (Meaning::FirstSeen, None),
        "last_seen" | "lastseen" | "last_seen_utc" | "last_online" | "last_reported_at" | "lastreportedat" => {
            (Meaning::LastSeen, None)
        }
        "valid_until" | "expires" | "expiry" | "expiration" | "expiration_date" => (Meaning::ValidUntil, None),
        "to_ids" => (Meaning::Actionable, None),
        _ => return None,
    })
}

fn of_export(name: &str, known: Option<&str>) -> Option<(Meaning, Option<ValueKind>)> {
    Some(match (known?, name) {
        // Of the three hashes of one file one is its name; the others would be two more indicators of the same thing, which is what they are for.
        ("MalwareBazaar", "file_name") => (Meaning::Name, None),
        ("Feodo Tracker", "dst_port" | "c2_status") | ("URLhaus", "url_status") | ("ThreatFox", "reference") => {
            (Meaning::Description, None)
        }
        ("MISP", "category") => (Meaning::Label, None),
        // MISP's `date` is the time of the attribute in seconds.
        ("MISP", "date") => (Meaning::FirstSeen, None),
        ("MISP", "uuid" | "event_id" | "object_uuid" | "object_relation" | "object_name" | "object_meta_category")
        | ("AbuseIPDB", "country" | "country_code") => (Meaning::Ignore, None),
        _ => return None,
    })
}

/// What the words of a type column mean: the kinds of the parts that `|` divides. `None`: the type is not known; empty: it names nothing that is searched for.
pub(super) fn kinds_of_type(word: &str) -> Option<&'static [ValueKind]> {
    use ValueKind::{
        AutonomousSystem, Domain, Email, FileName, Hash, Ipv4, Mac, Mutex, RegistryKey, Url, Vulnerability,
    };
    let lower = word.trim().to_ascii_lowercase();
    Some(match lower.as_str() {
        "ip" | "ip-src" | "ip-dst" | "ipv4" | "ipv6" | "ipv4-addr" | "ipv6-addr" | "ip:port" | "ip-src|port"
        | "ip-dst|port" | "cidr" => &[Ipv4],
        "domain" | "hostname" | "domain-name" | "host" | "hostname|port" | "fqdn" => &[Domain],
        "domain|ip" => &[Domain, Ipv4],
        "url" | "uri" | "link" => &[Url],
        "email" | "email-src" | "email-dst" | "email-addr" | "email-reply-to" => &[Email],
        "md5"
        | "sha1"
        | "sha256"
        | "sha512"
        | "sha-1"
        | "sha-256"
        | "sha-512"
        | "hash"
        | "md5_hash"
        | "sha1_hash"
        | "sha256_hash"
        | "filehash-md5"
        | "filehash-sha1"
        | "filehash-sha256"
        | "x509-fingerprint-sha1" => &[Hash],
        "filename|md5" | "filename|sha1" | "filename|sha256" | "filename|sha512" | "malware-sample" => {
            &[FileName, Hash]
        }
        "filename" | "file-name" => &[FileName],
        "regkey" | "registry-key" | "windows-registry-key" => &[RegistryKey],
        "mutex" => &[Mutex],
        "mac-address" | "mac" | "mac-addr" => &[Mac],
        "as" | "asn" | "autonomous-system" => &[AutonomousSystem],
        "vulnerability" | "cve" => &[Vulnerability],
        "comment" | "text" | "other" | "attachment" | "datetime" | "size-in-bytes" | "float" | "boolean"
        | "counter" => &[],
        _ => return None,
    })
}
