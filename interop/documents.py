"""Charters, statements, acknowledgements (docs/protocol.md, sections 3, 4, 10).

Each class reads one signed note, checks every member of its JSON and every signature, and
keeps what the rest of the verifier needs. Anything not as the page says raises `Refused`.
"""

import re

import ed25519
from gotong_bytes import (
    MEMBER_CODE,
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
MAX_PURPOSE = 1 << 10
MAX_WORDS = 64 << 10
MAX_GRACE = 8760
MAX_LOG_SIZE = 1 << 36
LANGUAGE = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")


def check_language(value, name):
    check_text(value, name, 35)
    return check_match(value, LANGUAGE, name)


def check_translations(value, name):
    """An object from language to text, with at least English."""
    require(isinstance(value, dict) and "en" in value, "%s is not an object from language to text with en" % name)
    for language, text in value.items():
        check_language(language, "language of %s" % name)
        check_text(text, name, MAX_WORDS, 1)


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
    """One charter: members, voters, root keys. Number 1 proves its own region."""

    def __init__(self, data, charters=None):
        """`charters` are those before it in the archive; None for number 1."""
        region = charters.region_text if charters else None
        note, region_text, value, raw = read_document(data, MAX_NOTE, "charter", region)
        self.hash = digest("gotong/v0/charter", raw)
        self.region_text = region_text
        same = charters or region_text == id_text(self.hash)
        require(same, "the charter's hash is not the region of its first line")
        names = "founded_at from gotong grace_hours members name number previous rule version voters"
        check_members(value, names.split(), "charter")
        self.founded_at, self.begins = check_time(value["founded_at"]), check_time(value["from"])
        self.grace_hours = check_integer(value["grace_hours"], "grace_hours", 0, MAX_GRACE)
        check_translations(value["name"], "name")
        self._members(value["members"])
        self.voters = check_codes(value["voters"], "voters", 1, 256)
        for code in self.voters:
            require(self.roles.get(code) == "state", "voter %s is not a member of role state" % code)
        self._rule(value["rule"])
        self.previous = None
        if charters is None:
            check_integer(value["number"], "number", 1, 1)
            require(value["previous"] is None, "previous of number 1 is not null")
            require(self.begins == self.founded_at, "from of number 1 is not founded_at")
            note.require_all([self.root_signer(code) for code in self.voters])
        else:
            self._succession(note, value, charters)
        self.number = value["number"]

    def _members(self, members):
        check_list(members, "members", 1, 256)
        self.roles, self.root_keys = {}, {}
        for member in members:
            check_members(member, ["code", "name", "role", "root_key"], "member")
            code = check_match(member["code"], MEMBER_CODE, "member code")
            check_translations(member["name"], "member name")
            require(member["role"] in ROLES, "role of %s is none of %s" % (code, ", ".join(ROLES)))
            self.roles[code] = member["role"]
            self.root_keys[code] = check_key(member["root_key"], "root key of %s" % code)
        check_sorted([member["code"] for member in members], "members")
        require(len(set(self.root_keys.values())) == len(members), "a root key is used twice")

    def _rule(self, rule):
        self.quorum = len(self.voters)
        if rule != "all":
            check_members(rule, ["at_least"], "rule")
            self.quorum = check_integer(rule["at_least"], "at_least", 1, len(self.voters) - 1)
            require(2 * self.quorum > len(self.voters), "rule at_least is not more than half of the voters")

    def _succession(self, note, value, charters):
        """What a charter above number 1 owes to the one that it names as previous."""
        number = check_integer(value["number"], "number", 2)
        before = self.previous = charters.by_hash.get(id_bytes(value["previous"]))
        require(before is not None, "previous is not a charter before it in the archive")
        require(before.number == number - 1, "previous is not of the number before")
        require(before.founded_at == self.founded_at, "founded_at is not that of the charter before")
        require(before.begins <= self.begins, "from is before that of the charter before")
        voters = [before.root_signer(code) for code in before.voters]
        joining = [self.root_signer(code) for code, key in self.root_keys.items() if before.root_keys.get(code) != key]
        signed = note.signers(voters + joining)
        for signer in joining:
            require(signer in signed, "no signature by %s, who joins or succeeds a key" % signer[0])
        votes = sum(signer in signed for signer in voters)
        require(votes >= before.quorum, "signed by %d voters, not the %d of the rule" % (votes, before.quorum))

    def root_signer(self, code):
        return "gotong/%s/%s/root" % (self.region_text, code), self.root_keys[code]


class Charters:
    """All charters of an archive, every one of them valid."""

    def __init__(self, first):
        self.region, self.region_text = first.hash, first.region_text
        self.by_hash, self.by_number, self.last = {}, {}, 1
        self.add(first)

    def add(self, charter):
        require(charter.hash not in self.by_hash, "the same charter twice")
        require(charter.number >= self.last, "charters are not in order of number")
        self.last = charter.number
        self.by_hash[charter.hash] = charter
        self.by_number.setdefault(charter.number, []).append(charter)

    def root_signers(self, code):
        """Name and key for each root key that any charter names for the member."""
        found = []
        for charter in self.by_hash.values():
            if code in charter.root_keys and charter.root_signer(code) not in found:
                found.append(charter.root_signer(code))
        return found

    def is_root_key(self, key):
        return any(key in charter.root_keys.values() for charter in self.by_hash.values())

    def node_signer_name(self, code):
        return "gotong/%s/%s/node" % (self.region_text, code)

    def counting(self):
        """Those that count, in order of number, and the members of the last who count (None: all)."""
        found, number = [], 1
        while len(self.by_number.get(number, ())) == 1:
            found += self.by_number[number]
            number += 1
        disputed = self.by_number.get(number)
        if not disputed:
            return found, None
        agreed = set()
        for code in found[-1].root_keys if found else ():
            keys = {charter.root_keys.get(code) for charter in disputed}
            if len(keys) == 1 and None not in keys:
                agreed.add(code)
        return found, agreed


class Statement:
    """One statement of a member, signed by its root key."""

    def __init__(self, data, charters):
        note, _, value, raw = read_document(data, MAX_SMALL_NOTE, "statement", charters.region_text)
        names = "addresses gotong issued_at member node_key previous sealing_key serial tls_keys version"
        check_members(value, names.split(), "statement")
        self.member = check_match(value["member"], MEMBER_CODE, "member")
        require(charters.root_signers(self.member), "%s is not a member of any charter" % self.member)
        note.require_any(charters.root_signers(self.member))
        self.digest = digest("gotong/v0/statement", raw)
        self.serial = check_integer(value["serial"], "serial", 1)
        self.previous = None
        if self.serial == 1:
            require(value["previous"] is None, "previous of serial 1 is not null")
        else:
            self.previous = id_bytes(value["previous"])
        check_time(value["issued_at"])
        self.node_key = check_key(value["node_key"], "node key")
        require(not charters.is_root_key(self.node_key), "the node key is a root key")
        if value["sealing_key"] is not None:
            base64_bytes(value["sealing_key"], 32)
        for key in check_list(value["tls_keys"], "tls_keys", 1, 4):
            id_bytes(key)
        for address in check_list(value["addresses"], "addresses", 0, 8):
            self._address(address)

    @staticmethod
    def _address(address):
        check_text(address, "address", 256)
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


class Acknowledgement:
    """What one member says that it holds of another's log; compared with the log by archive.py."""

    def __init__(self, data, charters, statements):
        note, _, value, _ = read_document(data, MAX_SMALL_NOTE, "acknowledgement", charters.region_text)
        names = "at erased gotong held log member missing root verified version"
        check_members(value, names.split(), "acknowledgement")
        self.member = check_match(value["member"], MEMBER_CODE, "member")
        require(charters.root_signers(self.member), "%s is not a member of any charter" % self.member)
        keys = statements.node_keys(self.member)
        name = charters.node_signer_name(self.member)
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
