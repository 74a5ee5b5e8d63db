//! Every text of the pages by its id. English is the only language yet; others will stand beside it under the same ids.

/// Says texts in one language.
#[derive(Clone, Copy)]
pub(crate) struct Say(&'static [(&'static str, &'static str)]);

/// English.
pub(crate) const ENGLISH: Say = Say(&[
    ("docs.intro", "Every address of the API, from the same source as the machine-readable description."),
    ("docs.machine", "OpenAPI 3.1 document"),
    ("docs.title", "API"),
    ("docs.token", "Send a token as “Authorization: Bearer TOKEN”. Lists, limits and errors work alike everywhere."),
    ("home.all-channels", "Channels"),
    ("home.ceiling", "up to"),
    ("home.channels.none", "This token reads no channel."),
    ("home.entries", "entries"),
    ("home.entry", "entry"),
    ("home.exercise", "exercise"),
    ("home.given", "passed on to you, as far as it may be"),
    ("home.health", "Health"),
    ("home.health.behind", "building its views again"),
    ("home.health.good", "well"),
    ("home.health.restored", "restored, not publishing yet"),
    ("home.health.unknown", "the store does not answer"),
    ("home.incomplete", "incomplete"),
    ("home.log-in", "Log in"),
    (
        "home.log-in.hint",
        "With an API token, such as “gotong token create” makes. The node remembers it until you log out, eight hours at most; the browser never does.",
    ),
    ("home.log-in.wrong", "This node knows no such token."),
    ("home.log-out", "Log out"),
    ("home.newest", "Newest records"),
    ("home.newest.none", "Nothing has arrived yet."),
    ("home.newest.since", "The newest 20 by the objects’ own time."),
    ("home.no-contact", "no contact yet"),
    ("home.not-in-force", "not in force"),
    ("home.own", "read and written by you and the staff of the national CERT"),
    ("home.peers", "Peers"),
    ("home.peers.none", "No other member shares a channel that this token reads."),
    ("home.quarantine", "In quarantine"),
    ("home.quarantine.some", "Objects that wait for a person: “gotong quarantine list”."),
    ("home.region", "Region"),
    ("home.region.words", "Compare these words by voice with another member: the same words mean the same charter."),
    ("home.states", "read and written by"),
    ("home.token", "Token"),
    ("home.who", "Logged in as"),
    ("link.connected", "connected"),
    ("link.dialling", "dialling"),
    ("link.idle", "idle"),
    ("link.unreachable", "unreachable"),
    ("page.skip", "To the content"),
    ("problem.all", "All problems"),
    ("problem.next", "What to do next"),
    ("problem.status", "Status"),
    ("problems.intro", "What the API answers when it does not do what was asked (RFC 9457)."),
    ("problems.title", "Problems"),
    ("register.author", "Shared by"),
    ("register.basis", "Legal basis:"),
    ("register.channel", "Channel"),
    ("register.clauses", "Clauses"),
    ("register.kind", "What"),
    ("register.label", "Label"),
    ("register.none", "Nothing was shared under this agreement in this period."),
    ("register.period", "Period:"),
    ("register.personal", "Personal data"),
    ("register.recipients", "With"),
    ("register.records", "Records"),
    ("register.title", "Register of transfers"),
    ("register.when", "First and last"),
    ("register.withdrawn", "records of this period were withdrawn since; what they were is gone."),
    ("table.author", "Author"),
    ("table.channel", "Channel"),
    ("table.label", "Label"),
    ("table.last", "Last contact"),
    ("table.member", "Member"),
    ("table.name", "Name"),
    ("table.state", "State"),
    ("table.time", "Time"),
    ("table.type", "Type"),
]);

impl Say {
    /// The text of an id; the id itself where there is none, which the tests do not let pass.
    pub(crate) fn it(self, id: &'static str) -> &'static str {
        let at = self.0.binary_search_by_key(&id, |(known, _)| known);
        at.ok().and_then(|at| self.0.get(at)).map_or(id, |(_, text)| text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_in_order_and_every_one_that_a_template_asks_for_is_there() {
        for pair in ENGLISH.0.windows(2) {
            assert!(pair[0].0 < pair[1].0, "{} {}", pair[0].0, pair[1].0);
        }
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
        let mut asked = 0;
        for file in std::fs::read_dir(folder).unwrap() {
            let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
            for part in text.split("say.it(\"").skip(1) {
                let id = part.split('"').next().unwrap();
                assert!(ENGLISH.0.iter().any(|(known, _)| *known == id), "{id}");
                asked += 1;
            }
        }
        assert!(asked > 20);
    }
}
