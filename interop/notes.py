"""Signed notes (docs/protocol.md, section 2; c2sp.org/signed-note).

`Note` reads one strictly; `signers` says which of the expected keys signed it. `read_document`
reads a note whose text is `gotong/<region>/<purpose>` and one line of canonical JSON.
"""

import ed25519
from gotong_bytes import Refused, base64_bytes, is_integer, read_canonical, require, sha256

MAX_NOTE = 1 << 20
MAX_SMALL_NOTE = 16 << 10
MAX_LINES = 300


def key_id(name, public_key):
    return sha256(name.encode("utf-8") + b"\n\x01" + public_key)[:4]


class Note:
    """A text and its signature lines, not yet verified."""

    def __init__(self, data, most):
        require(len(data) <= most, "note has more than %d bytes" % most)
        try:
            whole = data.decode("utf-8")
        except UnicodeDecodeError:
            raise Refused("note is not UTF-8")
        require(all(c >= " " or c == "\n" for c in whole), "note has a control character")
        require(whole.endswith("\n"), "note does not end in a newline")
        text, gap, below = whole.rpartition("\n\n")
        require(gap and text and below, "note has no empty line before its signatures")
        self.text = (text + "\n").encode("utf-8")
        self.lines = text.split("\n")
        require(below.count("\n") <= MAX_LINES, "note has more than %d signature lines" % MAX_LINES)
        self.signatures = []
        for line in below[:-1].split("\n"):
            self.signatures.append(self._signature(line))

    @staticmethod
    def _signature(line):
        parts = line.split(" ")
        require(len(parts) == 3 and parts[0] == "\u2014" and parts[1], "malformed signature line %r" % line[:80])
        raw = base64_bytes(parts[2])
        require(len(raw) > 4, "malformed signature line %r" % line[:80])
        return parts[1], raw[:4], raw[4:]

    def signers(self, expected):
        """Which of the expected (name, public key) pairs signed; refuses a bad or doubled line of one."""
        found = []
        for name, public_key in expected:
            wanted = (name, key_id(name, public_key))
            own = [s[2] for s in self.signatures if s[:2] == wanted]
            require(len(own) <= 1, "two signature lines by %s" % name)
            if own:
                require(ed25519.verify(public_key, self.text, own[0]), "bad signature by %s" % name)
                found.append((name, public_key))
        return found

    def good_signers(self, expected):
        """Which of the expected pairs signed; a line that does not verify spoils nothing."""
        found = []
        for name, public_key in expected:
            wanted = (name, key_id(name, public_key))
            if any(s[:2] == wanted and ed25519.verify(public_key, self.text, s[2]) for s in self.signatures):
                found.append((name, public_key))
        return found

    def require_any(self, expected):
        require(self.signers(expected), "no signature by %s" % expected[0][0])

    def require_all(self, expected):
        found = self.signers(expected)
        for name, public_key in expected:
            require((name, public_key) in found, "no signature by %s" % name)


def read_document(data, most, purpose, region=None):
    """(note, region as text in its first line, JSON object, JSON bytes) of a document."""
    note = Note(data, most)
    require(len(note.lines) == 2, "a document has two lines of text, not %d" % len(note.lines))
    parts = note.lines[0].split("/")
    require(len(parts) == 3 and parts[0] == "gotong", "first line is not gotong/<region>/<purpose>")
    require(parts[2] == purpose, "first line names purpose %r, not %s" % (parts[2][:40], purpose))
    require(region is None or parts[1] == region, "first line names another region")
    raw = note.lines[1].encode("utf-8")
    value = read_canonical(raw)
    require(isinstance(value, dict), "document is not a JSON object")
    require(value.get("gotong") == purpose, "member gotong does not repeat the purpose")
    require(is_integer(value.get("version"), 0, 0), "document version is not 0")
    return note, parts[1], value, raw
