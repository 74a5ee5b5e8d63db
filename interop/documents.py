"""Charter, statements, agreements, acknowledgements (docs/protocol.md, sections 3, 4, 5, 10).

Each class reads one signed note, checks every member of its JSON and every signature, and
keeps what the rest of the verifier needs. Anything not as the page says raises `Refused`.
"""

import re

import ed25519
from gotong_bytes import (
    MEMBER_CODE,
    SLUG,
    base64_bytes,
    check_integer,
    check_list,
    check_match,
    check_members,
    check_sorted,
    check_text,
    check_time,
    digest,
    id_bytes,
    id_text,
    require,
)
from notes import MAX_NOTE, MAX_SMALL_NOTE, read_document

ROLES = ("state", "partner", "coordinator")
LABELS = ("clear", "green", "amber", "amber+strict", "red")
MAX_TITLE = 1 << 10
MAX_CLAUSE = 64 << 10
MAX_LOG_SIZE = 1 << 36
LANGUAGE = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")
RECORD_KIND = re.compile(r"[a-z][a-z0-9-]{0,31}(\.[a-z][a-z0-9-]{0,63})?")


def check_language(value, name):
    check_text(value, name, 35)
    return check_match(value, LANGUAGE, name)


def check_translations(value, name, most):
    """An object from language to text."""
    require(isinstance(value, dict) and value, "%s is not an object from language to text" % name)
    for language, text in value.items():
        check_language(language, "language of %s" % name)
        check_text(text, name, most)


def check_codes(value, name, least, most):
    check_list(value, name, least, most)
    for code in value:
        check_match(code, MEMBER_CODE, "code in %s" % name)
    return check_sorted(value, name)


def check_key(value, name):
    raw = base64_bytes(value, 32)
    require(ed25519.good_key(raw), "%s is not a good Ed25519 key" % name)
    return raw


class Charter:
    """Members, voters, root keys; proves its own region."""

    def __init__(self, data):
        note, region_text, value, raw = read_document(data, MAX_NOTE, "charter")
        self.region = digest("gotong/v0/charter", raw)
        self.region_text = id_text(self.region)
        require(region_text == self.region_text, "the charter's hash is not the region of its first line")
        names = "founded_at gotong grace_hours members name number previous rule version voters"
        check_members(value, names.split(), "charter")
        check_time(value["founded_at"])
        check_integer(value["grace_hours"], "grace_hours")
        check_translations(value["name"], "name", MAX_TITLE)
        check_integer(value["number"], "number", 1, 1)
        require(value["previous"] is None, "previous is not null")
        self._members(value["members"])
        self.voters = check_codes(value["voters"], "voters", 1, 256)
        for code in self.voters:
            require(self.roles.get(code) == "state", "voter %s is not a member of role state" % code)
        self._rule(value["rule"])
        note.require_all([self.root_signer(code) for code in self.voters])

    def _members(self, members):
        check_list(members, "members", 1, 256)
        self.roles, self.root_keys = {}, {}
        for member in members:
            check_members(member, ["code", "name", "role", "root_key"], "member")
            code = check_match(member["code"], MEMBER_CODE, "member code")
            check_translations(member["name"], "member name", MAX_TITLE)
            require(member["role"] in ROLES, "role of %s is none of %s" % (code, ", ".join(ROLES)))
            self.roles[code] = member["role"]
            self.root_keys[code] = check_key(member["root_key"], "root key of %s" % code)
        check_sorted([member["code"] for member in members], "members")
        require(len(set(self.root_keys.values())) == len(members), "a root key is used twice")

    def _rule(self, rule):
        if rule != "all":
            check_members(rule, ["at_least"], "rule")
            count = check_integer(rule["at_least"], "at_least", 1, len(self.voters))
            require(2 * count > len(self.voters), "rule at_least is not more than half of the voters")

    def root_signer(self, code):
        return "gotong/%s/%s/root" % (self.region_text, code), self.root_keys[code]

    def node_signer_name(self, code):
        return "gotong/%s/%s/node" % (self.region_text, code)


class Statement:
    """One statement of a member, signed by its root key."""

    def __init__(self, data, charter):
        note, _, value, raw = read_document(data, MAX_SMALL_NOTE, "statement", charter.region_text)
        names = "addresses gotong issued_at member node_key previous sealing_key serial tls_keys version"
        check_members(value, names.split(), "statement")
        self.member = check_match(value["member"], MEMBER_CODE, "member")
        require(self.member in charter.root_keys, "%s is not a member of the charter" % self.member)
        note.require_all([charter.root_signer(self.member)])
        self.digest = digest("gotong/v0/statement", raw)
        self.serial = check_integer(value["serial"], "serial", 1)
        self.previous = None
        if self.serial == 1:
            require(value["previous"] is None, "previous of serial 1 is not null")
        else:
            self.previous = id_bytes(value["previous"])
        check_time(value["issued_at"])
        self.node_key = check_key(value["node_key"], "node key")
        require(self.node_key not in charter.root_keys.values(), "the node key is a root key")
        if value["sealing_key"] is not None:
            base64_bytes(value["sealing_key"], 32)
        for key in check_list(value["tls_keys"], "tls_keys", 1, 4):
            id_bytes(key)
        for address in check_list(value["addresses"], "addresses", 0, 8):
            self._address(address)

    @staticmethod
    def _address(address):
        check_text(address, "address", 300)
        host, _, port = address.rpartition(":")
        good = host and re.fullmatch(r"[1-9][0-9]{0,4}", port) and int(port) < 65536
        require(good and " " not in host, "%r is not host:port" % address)


class Statements:
    """The chains of all members, in order of member and serial."""

    def __init__(self):
        self.chains = {}
        self.last = None

    def add(self, statement):
        chain = self.chains.get(statement.member, [])
        if 1 <= statement.serial <= len(chain):
            same = chain[statement.serial - 1].digest == statement.digest
            what = "%s, serial %d" % (statement.member, statement.serial)
            require(same, "split: two different statements of %s" % what)
            require(False, "the same statement twice: %s" % what)
        require(self.last is None or self.last <= statement.member, "statements are not in order of member")
        require(
            statement.serial == len(chain) + 1,
            "broken chain: serial %d of %s follows %d" % (statement.serial, statement.member, len(chain)),
        )
        before = chain[-1].digest if chain else None
        require(statement.previous == before, "broken chain: previous is not the statement before")
        self.last = statement.member
        self.chains[statement.member] = chain + [statement]

    def node_keys(self, member):
        """The member's node keys, newest first, each once."""
        keys = []
        for statement in reversed(self.chains.get(member, [])):
            if statement.node_key not in keys:
                keys.append(statement.node_key)
        require(keys, "no statement of %s in the archive" % member)
        return keys


class ChannelType:
    """One entry of an agreement's channel_types."""

    def __init__(self, value, parties, clauses):
        names = "audience ceiling ceiling_clause clause kinds kinds_clause onward personal_data purpose type"
        check_members(value, names.split(), "channel type")
        self.type = check_match(value["type"], SLUG, "channel type")
        self.audience = check_codes(value["audience"], "audience", 1, 256)
        require(set(self.audience) <= set(parties), "the audience of %s has a non-party" % self.type)
        require(value["ceiling"] in LABELS, "ceiling is not a label")
        self.ceiling = LABELS.index(value["ceiling"])
        self.kinds = check_list(value["kinds"], "kinds", 1, 1024)
        for kind in self.kinds:
            check_match(kind, RECORD_KIND, "record kind")
        check_sorted(self.kinds, "kinds")
        require(value["onward"] in ("none", "constituents", "public"), "onward is misspelt")
        require(value["personal_data"] in ("none", "pseudonymised", "permitted"), "personal_data is misspelt")
        check_text(value["purpose"], "purpose", MAX_TITLE)
        for name in ("clause", "ceiling_clause", "kinds_clause"):
            check_clause(value[name], name, clauses)


def check_clause(value, name, clauses):
    require(isinstance(value, str) and value in clauses, "%s names no clause: %r" % (name, value))


class Agreement:
    """An agreement, signed by all its parties."""

    def __init__(self, data, charter):
        note, _, value, raw = read_document(data, MAX_NOTE, "agreement", charter.region_text)
        names = (
            "channel_types clauses dates_clause from gotong handle legal_basis nonce number parties "
            "parties_clause previous purpose supersedes title until version"
        )
        check_members(value, names.split(), "agreement")
        self.id = digest("gotong/v0/agreement", charter.region, raw)
        self.hash = self.id  # only number 1 is accepted, whose hash is the id
        self.parties = check_codes(value["parties"], "parties", 2, 256)
        for code in self.parties:
            require(code in charter.root_keys, "party %s is not a member of the charter" % code)
        note.require_all([charter.root_signer(code) for code in self.parties])
        check_integer(value["number"], "number", 1, 1)
        require(value["previous"] is None, "previous is not null")
        clauses = self._clauses(value["clauses"])
        for name in ("dates_clause", "parties_clause"):
            check_clause(value[name], name, clauses)
        self.types = {}
        for entry in check_list(value["channel_types"], "channel_types", 1, 64):
            channel_type = ChannelType(entry, self.parties, clauses)
            self.types[channel_type.type] = channel_type
        check_sorted([entry["type"] for entry in value["channel_types"]], "channel_types")
        self._rest(value)

    @staticmethod
    def _clauses(value):
        numbers = set()
        for clause in check_list(value, "clauses", 1, 100000):
            check_members(clause, ["number", "text", "title"], "clause")
            number = check_text(clause["number"], "clause number", 64)
            require(number and number not in numbers, "clause number %r is empty or used twice" % number)
            numbers.add(number)
            check_translations(clause["title"], "clause title", MAX_TITLE)
            check_translations(clause["text"], "clause text", MAX_CLAUSE)
        return numbers

    @staticmethod
    def _rest(value):
        check_match(value["handle"], SLUG, "handle")
        check_text(value["legal_basis"], "legal_basis", MAX_TITLE)
        check_text(value["purpose"], "purpose", MAX_TITLE)
        check_translations(value["title"], "title", MAX_TITLE)
        base64_bytes(value["nonce"], 16)
        check_time(value["from"])
        if value["until"] is not None:
            check_time(value["until"])
        for other in check_list(value["supersedes"], "supersedes", 0, 1024):
            id_bytes(other)


class Acknowledgement:
    """What one member says that it holds of another's log; compared with the log by archive.py."""

    def __init__(self, data, charter, statements):
        note, _, value, _ = read_document(data, MAX_SMALL_NOTE, "acknowledgement", charter.region_text)
        names = "at erased gotong held log member missing root verified version"
        check_members(value, names.split(), "acknowledgement")
        self.member = check_match(value["member"], MEMBER_CODE, "member")
        require(self.member in charter.root_keys, "%s is not a member of the charter" % self.member)
        keys = statements.node_keys(self.member)
        name = charter.node_signer_name(self.member)
        signers = note.signers([(name, key) for key in keys])
        require(signers, "no signature by %s" % name)
        require((name, keys[0]) in signers, "signed under an old key of %s" % self.member)
        self.at = check_time(value["at"])
        self.log = check_text(value["log"], "log", 1024)
        self.root = base64_bytes(value["root"], 32)
        self.verified = check_integer(value["verified"], "verified", 0, MAX_LOG_SIZE - 1)
        for part in ("erased", "held", "missing"):
            check_integer(value[part], part, 0, self.verified)
        self.erased = value["erased"]
