"""Rules of single entries (docs/protocol.md, section 7).

`judge` looks at one whole entry in the state of its log and returns a `Verdict`: faulty with a
reason, unknown to this version, or good, with what it does. Nothing here refuses a frame.
"""

from documents import LABELS, MAX_LOG_SIZE, check_language
from gotong_bytes import (
    MEMBER_CODE,
    SLUG,
    Refused,
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
    read_canonical,
    read_json,
    require,
    u8,
)

RESERVED = ("admit", "remove", "evidence", "governance")
CONTROL_KINDS = ("open", "basis", "tombstone", "relabel") + RESERVED
ENVELOPE = (
    "kind version published_at basis size tlp organisation pap language purpose after blobs critical".split()
)
REASONS = "error superseded source-request legal privacy retention relabelled other".split()

# Marking definitions of STIX 2.1 (TLP 1) and of the OASIS TLP 2.0 extension.
MARKINGS = {
    "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9": "clear",
    "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da": "green",
    "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82": "amber",
    "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed": "red",
    "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487": "clear",
    "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb": "green",
    "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421": "amber",
    "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003": "amber+strict",
    "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1": "red",
}


class Unknown(Exception):
    """An entry of a kind, version or critical member that this version does not know."""


class UnknownAgreement(Refused):
    """Entry 0 names an agreement that the archive does not hold: no fault of the entry."""


class Verdict:
    """What became of one entry."""

    def __init__(self, raw):
        self.control = raw.control
        self.critical = raw.critical
        self.fault = None  # a reason, when faulty
        self.unknown = None  # a reason, when unknown
        self.kind = None
        self.published_at = None
        self.value = None  # the body of a good control entry

    @property
    def stops(self):
        """Whether the log is no longer shown from this entry on."""
        if self.fault is not None:
            return self.critical and self.control
        return self.unknown is not None


class Open:
    """What a good entry 0 says."""

    def __init__(self, channel_type, value):
        self.channel_type = channel_type
        self.predecessor = value["predecessor"]
        self.opener = value["opened"]["opener"] if value["opened"] else None


def judge(log, index, raw, governance):
    """The verdict on a whole entry at `index`, the log's state being that before it."""
    verdict = Verdict(raw)
    try:
        if raw.control:
            _control(log, index, raw, governance, verdict)
        else:
            require(index > 0, "entry 0 is not an open entry")
            _record(log, raw, verdict)
    except UnknownAgreement:
        raise
    except Refused as reason:
        verdict.fault = str(reason)
    except Unknown as reason:
        verdict.unknown = str(reason)
    return verdict


def _envelope_basics(log, raw, envelope, verdict):
    verdict.kind = check_match(envelope["kind"], SLUG, "kind")
    check_integer(envelope["version"], "version", 1)
    published_at = check_time(envelope["published_at"])
    require(published_at >= log.control_time, "published_at is before that of the newest control entry")
    require(check_integer(envelope["basis"], "basis") == log.basis, "basis is not %d" % log.basis)
    require(check_integer(envelope["size"], "size") == len(raw.body), "size is not that of the body")
    verdict.published_at = published_at


# Records


def _record(log, raw, verdict):
    envelope = read_json(raw.envelope)
    require(isinstance(envelope, dict), "envelope is not an object")
    for name in ("kind", "version", "published_at", "basis", "size", "tlp"):
        require(name in envelope, "envelope lacks member %r" % name)
    _envelope_basics(log, raw, envelope, verdict)
    kind, version = envelope["kind"], envelope["version"]
    require(kind not in CONTROL_KINDS, "a record of control kind %s" % kind)
    require(envelope["tlp"] in LABELS, "tlp is not a label")
    label = LABELS.index(envelope["tlp"])
    _optional_members(log, envelope)
    for name in envelope.get("critical", []):
        if name not in ENVELOPE:
            raise Unknown("critical member %r" % name)
    if log.open is not None:
        require(label <= log.open.channel_type.ceiling, "label above the ceiling of the type")
    known = (kind, version) == ("stix", 1)
    stix_type = _stix(raw.body, label) if known else None
    if log.open is not None:
        kinds = log.open.channel_type.kinds
        allowed = kind in kinds or (known and "stix." + stix_type in kinds)
        allowed = allowed or (kind == "stix" and not known and any(k.startswith("stix.") for k in kinds))
        require(allowed, "the type does not allow kind %s" % kind)
    if not known and raw.critical:
        raise Unknown("critical record of kind %s, version %d" % (kind, version))


def _optional_members(log, envelope):
    if "organisation" in envelope:
        check_text(envelope["organisation"], "organisation", 256)
    if "pap" in envelope:
        require(envelope["pap"] in ("clear", "green", "amber", "red"), "pap is misspelt")
    if "language" in envelope:
        check_language(envelope["language"], "language")
    if "purpose" in envelope:
        check_text(envelope["purpose"], "purpose", 256)
    if "after" in envelope:
        after = envelope["after"]
        require(isinstance(after, dict) and len(after) <= 200, "after is not an object of at most 200 members")
        for name, size in after.items():
            member, _, epoch = name.partition("/")
            check_match(member, MEMBER_CODE, "member in after")
            id_bytes(epoch, 16)
            require((member, epoch) != (log.member, log.epoch_text), "after names the log itself")
            check_integer(size, "size in after", 0, MAX_LOG_SIZE - 1)
    if "blobs" in envelope:
        for blob in check_list(envelope["blobs"], "blobs", 0, 1024):
            check_members(blob, ["digest", "size"], "blob")
            id_bytes(blob["digest"])
            check_integer(blob["size"], "size of blob")
    if "critical" in envelope:
        for name in check_list(envelope["critical"], "critical", 0, 1024):
            require(isinstance(name, str), "critical is not an array of member names")


def _stix(body, label):
    value = read_json(body)
    require(isinstance(value, dict), "body is not an object")
    for name in ("type", "id"):
        require(isinstance(value.get(name), str), "body has no text member %s" % name)
    references = value.get("object_marking_refs", [])
    references = list(references) if isinstance(references, list) else []
    granular = value.get("granular_markings", [])
    for marking in granular if isinstance(granular, list) else []:
        if isinstance(marking, dict):
            references.append(marking.get("marking_ref"))
    for reference in references:
        if isinstance(reference, str) and reference in MARKINGS:
            require(label >= LABELS.index(MARKINGS[reference]), "label laxer than a marking of the body")
    return value["type"]


# Control entries


def _control(log, index, raw, governance, verdict):
    envelope = read_canonical(raw.envelope)
    check_members(envelope, ["kind", "version", "published_at", "basis", "size"], "envelope of a control entry")
    _envelope_basics(log, raw, envelope, verdict)
    kind, version = envelope["kind"], envelope["version"]
    if index == 0:
        require(kind == "open", "entry 0 is not an open entry")
    known = version == 1 and kind in CONTROL_KINDS and kind not in RESERVED
    require(raw.critical == (not known or kind != "basis"), "wrong critical flag for control kind %s" % kind)
    value = read_canonical(raw.body)
    if not known:
        raise Unknown("control entry of kind %s, version %d" % (kind, version))
    require(kind != "open" or index == 0, "an open entry at index %d" % index)
    if kind == "open":
        log.open = _open(log, value, governance)
    elif kind == "basis":
        check_members(value, ["agreement_hash", "charter", "notices"], "body of basis")
        _governance(log, value, governance)
    elif kind == "tombstone":
        check_members(value, ["reason", "targets"], "body of tombstone")
        require(value["reason"] in REASONS, "reason is misspelt")
        value = _targets(log, index, value["targets"])
    else:
        check_members(value, ["targets", "tlp"], "body of relabel")
        require(value["tlp"] in LABELS, "tlp is not a label")
        if log.open is not None:
            ceiling = log.open.channel_type.ceiling
            require(LABELS.index(value["tlp"]) <= ceiling, "relabel above the ceiling of the type")
        value = _targets(log, index, value["targets"])
    verdict.value = value


def _governance(log, value, governance, agreement=None):
    charter = id_bytes(value["charter"])
    require(charter == governance.charter.region, "charter is not one that is known")
    hashed = id_bytes(value["agreement_hash"])
    agreement = agreement or log.agreement
    require(agreement is None or hashed == agreement.hash, "agreement_hash is not that of the agreement")
    for notice in check_list(value["notices"], "notices", 0, 1024):
        id_bytes(notice)
    check_sorted(value["notices"], "notices")


def _open(log, value, governance):
    names = "agreement agreement_hash author channel charter epoch exercise notices opened predecessor region type"
    check_members(value, names.split(), "body of open")
    require(value["region"] == log.region_text, "open names another region")
    require(value["channel"] == id_text(log.channel), "open names another channel")
    require(value["author"] == log.member, "open names another author")
    require(value["epoch"] == log.epoch_text, "open names another epoch")
    agreement_id = id_bytes(value["agreement"])
    type_name = check_match(value["type"], SLUG, "type")
    require(isinstance(value["exercise"], bool), "exercise is not true or false")
    channel = _channel_id(log, value, agreement_id, type_name, governance)
    require(channel == log.channel, "the channel id is not what section 6 computes")
    agreement = governance.agreements.get(agreement_id)
    if agreement is None:
        raise UnknownAgreement("entry 0 names an agreement that is not in the archive")
    _governance(log, value, governance, agreement)
    channel_type = agreement.types.get(type_name)
    require(channel_type is not None, "the agreement has no channel type %s" % type_name)
    require(log.member in channel_type.audience, "the author is not of the audience")
    if value["opened"] is not None:
        require(value["opened"]["opener"] in channel_type.audience, "the opener is not of the audience")
    _predecessor(log, value["predecessor"])
    log.agreement = agreement
    return Open(channel_type, value)


def _channel_id(log, value, agreement_id, type_name, governance):
    region, opened = governance.charter.region, value["opened"]
    if opened is None:
        require(value["exercise"] is False, "a standing channel that is an exercise")
        return digest("gotong/v0/channel", region, agreement_id, type_name)
    check_members(opened, ["nonce", "opener"], "opened")
    opener = check_match(opened["opener"], MEMBER_CODE, "opener")
    nonce = base64_bytes(opened["nonce"], 32)
    exercise = u8(1 if value["exercise"] else 0)
    return digest("gotong/v0/channel-opened", region, agreement_id, type_name, opener, nonce, exercise)


def _predecessor(log, value):
    if value is not None:
        check_members(value, ["epoch", "root", "size"], "predecessor")
        id_bytes(value["epoch"], 16)
        require(value["epoch"] != log.epoch_text, "the log is its own predecessor")
        id_bytes(value["root"])
        check_integer(value["size"], "size of predecessor", 0, MAX_LOG_SIZE - 1)


def _targets(log, index, value):
    """[(epoch as text, first, last), …], checked."""
    targets = []
    for target in check_list(value, "targets", 1, 1024):
        check_members(target, ["epoch", "first", "last"], "target")
        id_bytes(target["epoch"], 16)
        first = check_integer(target["first"], "first", 0, MAX_LOG_SIZE - 1)
        last = check_integer(target["last"], "last", 0, MAX_LOG_SIZE - 1)
        require(first <= last, "a range whose first is above its last")
        if target["epoch"] == log.epoch_text:
            require(last < index, "a range that reaches to the entry itself or past it")
        if targets and targets[-1][0] == target["epoch"]:
            require(targets[-1][1] < first, "ranges are not ascending")
            require(targets[-1][2] < first, "ranges overlap")
        elif targets:
            require(targets[-1][0] < target["epoch"], "epochs of ranges are not ascending")
        targets.append((target["epoch"], first, last))
    return targets
