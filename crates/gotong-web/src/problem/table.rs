//! The one table of problems: slug, title, status, what it means, what to do next. `docs/problems/<slug>.md` is written from
//! it. A slug never changes its meaning; a problem that nobody answers any more keeps its row, so that old answers stay explained.

use std::fmt::Write as _;

/// One kind of problem.
#[derive(PartialEq, Eq, Debug)]
pub struct Kind {
    /// Its name in addresses.
    pub slug: &'static str,
    /// What happened, in a few words.
    pub title: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// What it means.
    pub means: &'static str,
    /// What to do next.
    pub next: &'static str,
}

impl Kind {
    /// The `type` of the problem: a path on the node itself.
    pub fn uri(&self) -> String {
        format!("/problems/{}", self.slug)
    }

    /// The page of documentation.
    pub fn page(&self) -> String {
        let mut out = String::new();
        let _ = write!(
            out,
            "# {}\n\n`{}` · status {}\n\n{}\n\n## What to do next\n\n{}\n",
            self.title,
            self.uri(),
            self.status,
            self.means,
            self.next
        );
        out
    }
}

/// 400.
pub static BAD_JSON: Kind = Kind {
    slug: "bad-json",
    title: "The body is not JSON",
    status: 400,
    means: "What was sent cannot be read as JSON. The detail names the line and column where reading stopped.",
    next: "Mend the body and send it again. Nothing was kept.",
};
/// 400.
pub static BAD_PARAMETER: Kind = Kind {
    slug: "bad-parameter",
    title: "A parameter of the address is not understood",
    status: 400,
    means: "A part of the query, or an id in the path, is unknown, twice there, or has a value of the wrong shape. The detail names it.",
    next: "Compare the address with /api/v1/docs. A cursor or position counts only for the token that got it, and only until the node is restored.",
};
/// 400.
pub static BAD_ENCODING: Kind = Kind {
    slug: "bad-encoding",
    title: "The compressed body cannot be unpacked",
    status: 400,
    means: "The body is not what its Content-Encoding says, ends too early, or unpacks to more than is allowed for its size.",
    next: "Send the body again, uncompressed or in smaller parts. What was answered line by line before the fault is kept; sending it again is safe.",
};
/// 401.
pub static UNAUTHENTICATED: Kind = Kind {
    slug: "unauthenticated",
    title: "A token is needed",
    status: 401,
    means: "There was no token, or none that this node knows, or one that was revoked or has expired.",
    next: "Send `Authorization: Bearer TOKEN`. Who operates the node makes tokens with `gotong token create`.",
};
/// 403.
pub static FORBIDDEN: Kind = Kind {
    slug: "forbidden",
    title: "The token may not do this",
    status: 403,
    means: "The token is good, but the act needs a right that its role does not have. The detail names the right and the roles that have it.",
    next: "Use a token of such a role, or ask who makes the tokens. `gotong token roles` shows which role may do what.",
};
/// 403.
pub static FORBIDDEN_BY_CLAUSE: Kind = Kind {
    slug: "forbidden-by-clause",
    title: "A clause of the agreement forbids it",
    status: 403,
    means: "The agreement that opens the channel does not allow this record, label or date there. Each error names the clause that decided.",
    next: "Read the clause with `gotong agreement show`, or ask beforehand at /api/v1/channels/{channel}/explain. Nothing was published.",
};
/// 403.
pub static CROSS_SITE: Kind = Kind {
    slug: "cross-site",
    title: "The request came from another site",
    status: 403,
    means: "A form of this node was sent from a page that is not this node's.",
    next: "Open the node's own page and try again there.",
};
/// 404.
pub static NOT_FOUND: Kind = Kind {
    slug: "not-found",
    title: "There is nothing here",
    status: 404,
    means: "Nothing is at this address for this caller. What is elsewhere, withdrawn, or none of the caller's concern is answered alike.",
    next: "Check the address and the id, and that the token reads the channel.",
};
/// 405.
pub static METHOD_NOT_ALLOWED: Kind = Kind {
    slug: "method-not-allowed",
    title: "The address does not take this method",
    status: 405,
    means: "There is something at this address, but not for this method. The Allow header lists those that work.",
    next: "Use one of the methods in Allow.",
};
/// 406.
pub static NOT_ACCEPTABLE: Kind = Kind {
    slug: "not-acceptable",
    title: "No type of answer that this address has is accepted",
    status: 406,
    means: "The Accept header leaves no room for the only type that this address answers with. The detail names it.",
    next: "Name that type in Accept, or leave the header out.",
};
/// 408.
pub static TIMEOUT: Kind = Kind {
    slug: "timeout",
    title: "The request took too long",
    status: 408,
    means: "The body did not arrive, or the answer was not ready, within the time that a request has.",
    next: "Try again; send large amounts through the bulk endpoint, which has no limit in all as long as bytes keep coming.",
};
/// 409.
pub static CONFLICT: Kind = Kind {
    slug: "conflict",
    title: "The same version is there with other content",
    status: 409,
    means: "This member has published the id with the same `modified` time in this channel, and the content differs. A version never changes.",
    next: "Give the correction a later `modified` time and send it again.",
};
/// 409.
pub static LABEL_CONFLICT: Kind = Kind {
    slug: "label-conflict",
    title: "An earlier version is labelled more strictly",
    status: 409,
    means: "A newer version may not be laxer than what it replaces by accident.",
    next: "Relabel the earlier version first, or send this one with a label at least as strict.",
};
/// 413.
pub static TOO_LARGE: Kind = Kind {
    slug: "too-large",
    title: "It is larger than allowed",
    status: 413,
    means: "The body, or one object in it, is larger than this address takes. A record has at most 1 MiB.",
    next: "Send less at once, or through the bulk endpoint, which takes any number of records.",
};
/// 415.
pub static UNSUPPORTED_MEDIA: Kind = Kind {
    slug: "unsupported-media",
    title: "This type or encoding of body is not taken here",
    status: 415,
    means: "The Content-Type or Content-Encoding is none that this address reads.",
    next: "Send application/json; the bulk endpoint also takes application/x-ndjson, and gzip or zstd as Content-Encoding. TAXII takes application/taxii+json;version=2.1, uncompressed.",
};
/// 422.
pub static REFUSED: Kind = Kind {
    slug: "refused",
    title: "The content is not valid",
    status: 422,
    means: "It is JSON, but not what belongs here. Each error points at the field and says what would be right.",
    next: "Mend the fields named and send it again. Nothing was kept.",
};
/// 422.
pub static IDEMPOTENCY_KEY: Kind = Kind {
    slug: "idempotency-key",
    title: "The idempotency key does not fit",
    status: 422,
    means: "The key was used for another request within the last day, or it is empty or longer than 128 characters.",
    next: "Use a new key for a new request, and the same key only to repeat the same request.",
};
/// 429.
pub static TOO_MANY: Kind = Kind {
    slug: "too-many-requests",
    title: "Too many requests",
    status: 429,
    means: "The caller has used up its share for now.",
    next: "Wait as long as Retry-After says. Send many records through the bulk endpoint, and look up many values in one call.",
};
/// 500.
pub static INTERNAL: Kind = Kind {
    slug: "internal",
    title: "The node made a mistake",
    status: 500,
    means: "Something failed that should not. The node's own log says what, under the id of the request (header X-Request-Id).",
    next: "Report the id of the request to who operates the node. Repeating a write is safe.",
};
/// 503.
pub static BUSY: Kind = Kind {
    slug: "busy",
    title: "The node is busy",
    status: 503,
    means: "It cannot take the request right now.",
    next: "Wait as long as Retry-After says and repeat it. Repeating a write is safe.",
};
/// 503.
pub static RESTORED: Kind = Kind {
    slug: "restored",
    title: "The node was restored and does not publish yet",
    status: 503,
    means: "What the node holds is older than what it has signed. Until its peers have told it what is missing, it takes no writes, so that its logs never fork.",
    next: "Who operates the node runs `gotong doctor`. Reading works meanwhile.",
};
/// 503.
pub static BEHIND: Kind = Kind {
    slug: "behind",
    title: "The views are not that far yet",
    status: 503,
    means: "The position asked for with `after` is not in the views yet, because they are being built again.",
    next: "Repeat the request after the time in Retry-After, or leave `after` out.",
};
/// 507.
pub static STORE_FULL: Kind = Kind {
    slug: "store-full",
    title: "The disk is full",
    status: 507,
    means: "The node could not write. Nothing of the write was kept, nothing else was lost, and reading works.",
    next: "Free some room on the node's disk, then repeat the request: repeating is safe.",
};

/// Every kind, in order of status and slug.
pub static TABLE: &[&Kind] = &[
    &BAD_ENCODING,
    &BAD_JSON,
    &BAD_PARAMETER,
    &UNAUTHENTICATED,
    &CROSS_SITE,
    &FORBIDDEN,
    &FORBIDDEN_BY_CLAUSE,
    &NOT_FOUND,
    &METHOD_NOT_ALLOWED,
    &NOT_ACCEPTABLE,
    &TIMEOUT,
    &CONFLICT,
    &LABEL_CONFLICT,
    &TOO_LARGE,
    &UNSUPPORTED_MEDIA,
    &IDEMPOTENCY_KEY,
    &REFUSED,
    &TOO_MANY,
    &INTERNAL,
    &BEHIND,
    &BUSY,
    &RESTORED,
    &STORE_FULL,
];

/// A kind by its slug.
pub fn lookup(slug: &str) -> Option<&'static Kind> {
    TABLE.iter().copied().find(|kind| kind.slug == slug)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order_and_no_slug_comes_twice() {
        for pair in TABLE.windows(2) {
            assert!(
                (pair[0].status, pair[0].slug) < (pair[1].status, pair[1].slug),
                "{} {}",
                pair[0].slug,
                pair[1].slug
            );
        }
    }

    #[test]
    fn every_problem_has_its_page() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/problems");
        for kind in TABLE {
            let path = folder.join(format!("{}.md", kind.slug));
            if std::env::var_os("GOTONG_WRITE_GENERATED").is_some() {
                std::fs::create_dir_all(&folder).unwrap();
                std::fs::write(&path, kind.page()).unwrap();
            }
            let page = std::fs::read_to_string(&path).unwrap_or_default();
            assert_eq!(page, kind.page(), "{} differs: run this test with GOTONG_WRITE_GENERATED=1", path.display());
        }
        for file in std::fs::read_dir(&folder).unwrap() {
            let name = file.unwrap().file_name().into_string().unwrap();
            if name == "README.md" {
                continue;
            }
            assert!(lookup(name.trim_end_matches(".md")).is_some(), "{name} explains no problem of the table");
        }
    }
}
