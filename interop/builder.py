"""Builds small archives for the tests: keys, documents, logs, frames, all of them signed.

The keys are derived from fixed words, so every archive built is the same each time. Nothing
here is shared with the verifier but bytes, hashes and the Ed25519 arithmetic; proofs and
trees are computed a second way, straight from the definitions.
"""

import hashlib

import ed25519
from gotong_bytes import base64_text, canonical, digest, id_text, lp, sha256, u8, u32, u64

FOUNDED = "2026-01-01T00:00:00.000000Z"
LATER = "2026-02-01T00:00:00.000000Z"
CODES = ("id", "th", "vn")


def seed(words):
    return sha256(words.encode("utf-8"))


def signature_line(name, key_seed, text):
    public = ed25519.public_key(key_seed)
    key = sha256(name.encode("utf-8") + b"\n\x01" + public)[:4]
    return "\u2014 %s %s\n" % (name, base64_text(key + ed25519.sign(key_seed, text)))


def note(text, signers):
    """A signed note; `signers` are (name, seed) pairs."""
    raw = text.encode("utf-8")
    return (text + "\n" + "".join(signature_line(name, key, raw) for name, key in signers)).encode("utf-8")


def tree_root(hashed):
    """RFC 6962, section 2.1, as it stands there, over leaf hashes."""
    if not hashed:
        return hashlib.sha256(b"").digest()
    if len(hashed) == 1:
        return hashed[0]
    half = 1
    while half * 2 < len(hashed):
        half *= 2
    return sha256(b"\x01" + tree_root(hashed[:half]) + tree_root(hashed[half:]))


def proof(hashed, first, count):
    """The hashes outside a range, from left to right."""

    def walk(low, high):
        if high <= first or low >= first + count:
            return [tree_root(hashed[low:high])]
        if high - low == 1:
            return []
        half = 1
        while half * 2 < high - low:
            half *= 2
        return walk(low, low + half) + walk(low + half, high)

    return walk(0, len(hashed))


class World:
    """A region of three members with one agreement."""

    def __init__(self):
        self.charter_value = {
            "founded_at": FOUNDED,
            "from": FOUNDED,
            "gotong": "charter",
            "grace_hours": 24,
            "members": [
                {"code": code, "name": {"en": code.upper()}, "role": "state", "root_key": self.public("root " + code)}
                for code in CODES
            ],
            "name": {"en": "A region", "id": "Sebuah kawasan"},
            "number": 1,
            "previous": None,
            "rule": "all",
            "version": 0,
            "voters": list(CODES),
        }
        self.set_region()
        self.agreement_value = self.new_agreement()
        self.set_agreement()

    @staticmethod
    def public(words):
        return base64_text(ed25519.public_key(seed(words)))

    def set_region(self):
        self.region = digest("gotong/v0/charter", canonical(self.charter_value))
        self.region_text = id_text(self.region)

    def set_agreement(self):
        self.agreement = digest("gotong/v0/agreement", self.region, canonical(self.agreement_value))

    def root(self, code):
        return "gotong/%s/%s/root" % (self.region_text, code), seed("root " + code)

    def document(self, purpose, value, signers, raw=None, line=None):
        line = line or "gotong/%s/%s" % (self.region_text, purpose)
        body = (raw if raw is not None else canonical(value)).decode("utf-8")
        return note(line + "\n" + body + "\n", signers)

    def charter(self, value=None, signers=CODES, **changes):
        return self.document("charter", value or self.charter_value, [self.root(code) for code in signers], **changes)

    def statement_value(self, code, serial=1, previous=None):
        return {
            "addresses": ["127.0.0.1:9401"],
            "gotong": "statement",
            "issued_at": FOUNDED,
            "member": code,
            "node_key": self.public(self.node_words(code, serial)),
            "previous": previous,
            "sealing_key": None,
            "serial": serial,
            "tls_keys": [id_text(seed("tls " + code))],
            "version": 0,
        }

    @staticmethod
    def node_words(code, serial=1):
        return "node %s %d" % (code, serial)

    def statement(self, code, value=None, **changes):
        return self.document("statement", value or self.statement_value(code), [self.root(code)], **changes)

    def second_statement(self, code):
        before = digest("gotong/v0/statement", canonical(self.statement_value(code)))
        return self.statement(code, self.statement_value(code, 2, id_text(before)))

    def new_agreement(self):
        numbers = "1 2 3 3.1 3.2 4 5 5.2 6 7 8 9 10 11 12".split()
        return {
            "accession": None,
            "amendment_clause": "8",
            "channel_types": [self.channel_type()],
            "clauses": [
                {"number": number, "text": {"en": "Clause %s." % number}, "title": {"en": "Title"}}
                for number in numbers
            ],
            "dates_clause": "2",
            "duties": [
                {
                    "clause": "6",
                    "duty": "answer",
                    "kinds": ["stix.incident"],
                    "members": [],
                    "types": ["indicators"],
                    "within_minutes": 240,
                }
            ],
            "from": FOUNDED,
            "gotong": "agreement",
            "grace_hours": None,
            "handle": "rti",
            "legal_basis": "a treaty",
            "nonce": base64_text(bytes(range(16))),
            "number": 1,
            "parties": ["id", "th", "vn"],
            "parties_clause": "1",
            "previous": None,
            "prohibitions": [self.prohibition(kinds=["stix.email-addr"])],
            "purpose": "sharing what was seen",
            "supersedes": [],
            "suspension_clause": "11",
            "termination": {"clause": "12", "notice_days": 90},
            "title": {"en": "Regional threat information"},
            "until": None,
            "version": 0,
        }

    @staticmethod
    def channel_type(**changes):
        value = {
            "audience": ["id", "th", "vn"],
            "backlog": "all",
            "ceiling": "amber",
            "ceiling_clause": "3.2",
            "clause": "3",
            "exercise": False,
            "exit": "keep",
            "exit_clause": "10",
            "kinds": ["stix"],
            "kinds_clause": "3.1",
            "onward": "none",
            "onward_clause": "4",
            "personal_data": "none",
            "personal_data_clause": "5",
            "purpose": "early warning",
            "retention_clause": "7",
            "retention_days": 365,
            "type": "indicators",
            "writers": ["id", "th", "vn"],
        }
        value.update(changes)
        return value

    @staticmethod
    def prohibition(**changes):
        value = {"act": "publish", "clause": "5.2", "kinds": [], "members": [], "tlp_above": None, "types": []}
        value.update(changes)
        return value

    @staticmethod
    def accession(**changes):
        value = {"candidates": ["vn"], "clause": "9", "consent": "none", "types": ["indicators"]}
        value.update(changes)
        return value

    def agreement_note(self, signers=CODES, value=None, **changes):
        value = value or self.agreement_value
        return self.document("agreement", value, [self.root(code) for code in signers], **changes)

    def version_hash(self, value):
        return digest("gotong/v0/agreement", self.region, canonical(value))

    def amended(self, value, **changes):
        """The next version after a version."""
        number, before = value["number"] + 1, id_text(self.version_hash(value))
        return dict(value, number=number, previous=before, **changes)

    @staticmethod
    def charter_hash(value):
        return digest("gotong/v0/charter", canonical(value))

    def next_charter(self, value, **changes):
        before = id_text(self.charter_hash(value))
        return dict(value, number=value["number"] + 1, previous=before, **changes)

    def notice_hash(self, value):
        return digest("gotong/v0/notice", self.region, canonical(value))

    def notice_value(self, member, kind, at, before=None, **changes):
        """A notice of that kind, published and effective at a time, after the one before."""
        value = {
            "agreement": id_text(self.agreement),
            "effective": at,
            "gotong": "notice",
            "member": member,
            "notice": kind,
            "previous": id_text(self.notice_hash(before)) if before else None,
            "published_at": at,
            "reason": None,
            "serial": before["serial"] + 1 if before else 1,
            "subject": None,
            "version": 0,
        }
        value.update(changes)
        return value

    def notice(self, value, signer=None, **changes):
        return self.document("notice", value, [self.root(signer or value["member"])], **changes)

    def acknowledgement(self, code, log, verified, serial=1, changes=None):
        value = {
            "at": LATER,
            "erased": verified,
            "gotong": "acknowledgement",
            "held": 0,
            "log": log.origin,
            "member": code,
            "missing": 0,
            "root": base64_text(tree_root(log.leaf_hashes()[:verified])),
            "verified": verified,
            "version": 0,
        }
        value.update(changes or {})
        name = "gotong/%s/%s/node" % (self.region_text, code)
        return self.document("acknowledgement", value, [(name, seed(self.node_words(code, serial)))])


class Log:
    """A log under construction: entries are dictionaries of their bytes."""

    def __init__(self, world, member, epoch=1, opened=None, opening=None, type_="indicators"):
        self.world, self.member, self.type = world, member, type_
        self.agreement = world.region if type_ == "charter" else world.agreement
        self.epoch_text = id_text(sha256(b"epoch %d" % epoch)[:16])
        self.opened = opened
        self.channel = self.channel_id()
        self.origin = "gotong/%s/%s/%s/%s" % (world.region_text, id_text(self.channel), member, self.epoch_text)
        self.entries = []
        self.basis = 0
        self.minute = 0
        body = self.open_body()
        body.update(opening or {})
        self.control("open", body)

    def channel_id(self):
        world = self.world
        if self.opened is None:
            return digest("gotong/v0/channel", world.region, self.agreement, self.type)
        opener, nonce, exercise = self.opened
        return digest(
            "gotong/v0/channel-opened", world.region, self.agreement, self.type, opener, nonce, u8(exercise)
        )

    def open_body(self):
        opened = None
        if self.opened is not None:
            opened = {"nonce": base64_text(self.opened[1]), "opener": self.opened[0]}
        governs = self.type in ("charter", "governance")
        return {
            "agreement": id_text(self.agreement),
            "agreement_hash": id_text(bytes(32) if governs else self.agreement),
            "author": self.member,
            "channel": id_text(self.channel),
            "charter": self.world.region_text,
            "epoch": self.epoch_text,
            "exercise": bool(self.opened and self.opened[2]),
            "notices": [],
            "opened": opened,
            "predecessor": None,
            "region": self.world.region_text,
            "type": self.type,
        }

    def now(self):
        self.minute += 1
        return "2026-01-02T%02d:%02d:00.000000Z" % divmod(self.minute, 60)

    def add(self, flags, envelope, body):
        """Appends an entry from bytes, and returns its index."""
        number = len(self.entries)
        salts = [seed("%s %d %d" % (self.origin, number, which)) for which in (1, 2)]
        self.entries.append({"flags": flags, "salts": salts, "envelope": envelope, "body": body, "erased": False})
        return number

    def envelope(self, kind, body, **changes):
        value = {"basis": self.basis, "kind": kind, "published_at": self.now(), "size": len(body), "version": 1}
        value.update(changes)
        return value

    def control(self, kind, body, flags=None, raw=None, **changes):
        raw = raw if raw is not None else canonical(body)
        flags = flags if flags is not None else (2 if kind == "basis" else 3)
        index = self.add(flags, canonical(self.envelope(kind, raw, **changes)), raw)
        if kind == "basis":
            self.basis = index
        return index

    def basis_entry(self, **changes):
        body = {"agreement_hash": id_text(self.world.agreement), "charter": self.world.region_text, "notices": []}
        return self.control("basis", dict(body, **changes))

    def record(self, body=None, flags=0, **changes):
        number = len(self.entries)
        stix = {"id": "indicator--%d" % number, "pattern": "[a:b = %d]" % number, "type": "indicator"}
        body = body if body is not None else canonical(stix)
        changes.setdefault("tlp", "green")
        kind = changes.pop("kind", "stix")
        return self.add(flags, canonical(self.envelope(kind, body, **changes)), body)

    def ranges(self, *ranges):
        """Targets in this log, from (first, last) pairs."""
        return [{"epoch": self.epoch_text, "first": first, "last": last} for first, last in ranges]

    def tombstone(self, targets, reason="error", **changes):
        return self.control("tombstone", {"reason": reason, "targets": targets}, **changes)

    def relabel(self, targets, tlp="amber"):
        return self.control("relabel", {"targets": targets, "tlp": tlp})

    def erase(self, index):
        self.entries[index]["erased"] = True

    def commitment(self, entry):
        salt1, salt2 = entry["salts"]
        return digest(
            "gotong/v0/leaf",
            self.origin,
            digest("gotong/v0/envelope", salt1, entry["envelope"]),
            digest("gotong/v0/body", salt2, entry["body"]),
        )

    def leaf_hashes(self):
        return [sha256(b"\x00" + b"\x00" + u8(e["flags"]) + self.commitment(e)) for e in self.entries]

    def checkpoint(self, size=None, serial=1, origin=None, root=None, name=None):
        size = len(self.entries) if size is None else size
        root = root or tree_root(self.leaf_hashes()[:size])
        text = "%s\n%d\n%s\n" % (origin or self.origin, size, base64_text(root))
        return note(text, [(name or origin or self.origin, seed(World.node_words(self.member, serial)))])

    def packed(self, first, count):
        result = b""
        for entry in self.entries[first : first + count]:
            if entry["erased"]:
                result += b"\x01" + u8(entry["flags"]) + self.commitment(entry)
            else:
                result += b"\x00" + u8(entry["flags"]) + b"".join(entry["salts"])
                result += lp(entry["envelope"]) + lp(entry["body"])
        return result

    def frame(self, first=0, count=None, size=None, **parts):
        """A frame; `parts` replaces single fields: checkpoint, proof, encoding, length, packed, head."""
        size = len(self.entries) if size is None else size
        count = size - first if count is None else count
        hashes = parts.get("proof", proof(self.leaf_hashes()[:size], first, count))
        packed = self.packed(first, count)
        head = parts.get("head", (first, count))
        return (
            b"gtf0"
            + lp(parts.get("checkpoint") or self.checkpoint(size))
            + u64(head[0])
            + u32(head[1])
            + u32(len(hashes))
            + b"".join(hashes)
            + u8(parts.get("encoding", 0))
            + u32(parts.get("length", len(packed)))
            + lp(parts.get("packed", packed))
        )


def archive(sections):
    """An archive file from (type, bytes) pairs."""
    return b"gotong archive 0\n" + b"".join(u8(type_) + lp(data) for type_, data in sections)
