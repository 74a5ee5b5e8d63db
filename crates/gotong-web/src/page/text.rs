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
            let path = file.unwrap().path();
            if path.is_dir() {
                continue;
            }
            let text = std::fs::read_to_string(path).unwrap();
            for part in text.split("say.it(\"").skip(1) {
                let id = part.split('"').next().unwrap();
                assert!(ENGLISH.0.iter().any(|(known, _)| *known == id), "{id}");
                asked += 1;
            }
        }
        assert!(asked > 20);
    }
}
