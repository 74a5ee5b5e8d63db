"""Rules of single entries (docs/protocol.md, section 7).

`judge` looks at one whole entry in the state of its log and returns a `Verdict`: faulty with a
reason, unknown to this version, or good, with what it does. Nothing here refuses a frame.
"""

from documents import LABELS, MAX_LOG_SIZE, check_language
from governance import Basis
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
from notes import MAX_NOTE, MAX_SMALL_NOTE, read_document

GOVERNANCE = ("charter", "governance")
DOCUMENTS = ("charter", "agreement", "notice", "statement")
MAX_CONTROL_BODY = 64 << 10
RESERVED = ("admit", "remove", "evidence", "governance")
CONTROL_KINDS = ("open", "basis", "tombstone", "relabel") + RESERVED
ENVELOPE = (
    "kind version published_at basis size tlp organisation pap personal_data language purpose after blobs critical".split()
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


class Verdict:
    """What became of one entry."""

    def __init__(self, raw):
        self.control = raw.control
        self.critical = raw.critical
        self.fault = None  # a reason, when faulty
        self.unknown = None  # a reason, when unknown
        self.held = None  # a reason, when a record cannot be judged yet
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
    """What a good entry 0 says; `held` is the reason why it cannot be judged."""

    def __init__(self, value, agreement, held=None):
        self.agreement, self.type, self.held = agreement, value["type"], held
        self.governs = self.type in GOVERNANCE
        self.predecessor = value["predecessor"]
        self.opener = value["opened"]["opener"] if value["opened"] else None

    def audience(self, governance):
        """All who ever were of the channel's audience; None when that is not known."""
        if self.type == "charter":
            charters = governance.charters.by_hash.values()
            return {code for charter in charters for code in charter.root_keys}
        if self.held or self.agreement not in governance.chains:
            return None
        versions = [version for version in governance.versions.values() if version.id == self.agreement]
        found = set()
        for version in versions:
            if self.type == "governance":
                found.update(version.parties, version.candidates)
            elif self.type in version.types:
                found.update(version.types[self.type].audience)
            if version.accession and self.type in version.accession.types:
                found.update(version.candidates)
        return found


class Record:
    """What admission asks of a record: its label, and by which names lists of kinds may name it."""

    def __init__(self, kind, label, stix_type):
        self.kind, self.label = kind, label
        self.any_stix = kind == "stix" and stix_type is None  # of a version that this one does not know
        self.names = [kind] + (["stix." + stix_type] if stix_type is not None else [])

    def allowed_by(self, kinds):
        if any(name in kinds for name in self.names):
            return True
        return self.any_stix and any(kind.startswith("stix.") for kind in kinds)


def judge(log, index, raw, governance):
    """The verdict on a whole entry at `index`, the log's state being that before it."""
    verdict = Verdict(raw)
    try:
        if raw.control:
            _control(log, index, raw, governance, verdict)
        else:
            require(index > 0, "entry 0 is not an open entry")
            _record(log, raw, verdict, governance)
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


def _record(log, raw, verdict, governance):
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
    if log.open is not None and log.open.governs:
        require((kind, version) == ("document", 1), "a record of a governance channel that is no document")
        require(envelope["tlp"] == "amber", "the label of a document is not amber")
        _document(raw.body, governance)
        return
    known = (kind, version) == ("stix", 1)
    record = Record(kind, label, _stix(raw.body, label) if known else None)
    if log.open is not None:
        if log.open.held or log.governing.held:
            verdict.held = log.open.held or log.governing.held
        else:
            log.governing.check_record(log.member, log.open.type, record, verdict.published_at)
    if not known and raw.critical:
        raise Unknown("critical record of kind %s, version %d" % (kind, version))


def _document(body, governance):
    """One signed note of a governing purpose; who signed it is no matter of the log."""
    line = body.split(b"\n", 1)[0].decode("utf-8", "replace").rsplit("/", 1)
    require(line[-1] in DOCUMENTS, "the body is no document of governance")
    most = MAX_SMALL_NOTE if line[-1] == "statement" else MAX_NOTE
    read_document(body, most, line[-1], governance.charters.region_text)


def _optional_members(log, envelope):
    if "organisation" in envelope:
        check_text(envelope["organisation"], "organisation", 256)
    if "pap" in envelope:
        require(envelope["pap"] in ("clear", "green", "amber", "red"), "pap is misspelt")
    if "personal_data" in envelope:
        require(envelope["personal_data"] in ("none", "pseudonymised", "identified"), "personal_data is misspelt")
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
    if kind in ("tombstone", "relabel") and log.open is not None:
        require(not log.open.governs, "a %s in a governance channel" % kind)
    if kind == "open":
        _open(log, value, governance, verdict.published_at)
    elif kind == "basis":
        check_members(value, ["agreement_hash", "charter", "notices"], "body of basis")
        _basis(log, value, governance)
    elif kind == "tombstone":
        check_members(value, ["reason", "targets"], "body of tombstone")
        require(value["reason"] in REASONS, "reason is misspelt")
        value = _targets(log, index, value["targets"])
    else:
        check_members(value, ["targets", "tlp"], "body of relabel")
        require(value["tlp"] in LABELS, "tlp is not a label")
        _check_relabel(log, LABELS.index(value["tlp"]), verdict.published_at)
        value = _targets(log, index, value["targets"])
    verdict.value = value


def _check_relabel(log, label, published_at):
    if log.open is not None and not log.open.held and not log.governing.held:
        channel_type = log.governing.terms_for(log.member, published_at).types.get(log.open.type)
        fits = channel_type is None or label <= channel_type.ceiling
        require(fits, "relabel above the ceiling of the type")


def _check_basis_form(value):
    for name in ("charter", "agreement_hash"):
        id_bytes(value[name])
    for notice in check_list(value["notices"], "notices", 0, MAX_CONTROL_BODY):
        id_bytes(notice)
    check_sorted(value["notices"], "notices")


def _basis(log, value, governance):
    _check_basis_form(value)
    if log.open is None:
        return
    if log.open.governs:
        _check_governance_basis(value)
        return
    basis = Basis(value, log.open.agreement, governance)
    basis.check_after(log.reached)
    log.governing = basis


def _check_governance_basis(value):
    zero = id_bytes(value["agreement_hash"]) == bytes(32)
    require(zero and value["notices"] == [], "a governance channel's basis names an agreement or notices")


def _open(log, value, governance, published_at):
    names = "agreement agreement_hash author channel charter epoch exercise notices opened predecessor region type"
    check_members(value, names.split(), "body of open")
    require(value["region"] == log.region_text, "open names another region")
    require(value["channel"] == id_text(log.channel), "open names another channel")
    require(value["author"] == log.member, "open names another author")
    require(value["epoch"] == log.epoch_text, "open names another epoch")
    agreement = id_bytes(value["agreement"])
    type_name = check_match(value["type"], SLUG, "type")
    require(isinstance(value["exercise"], bool), "exercise is not true or false")
    channel = _channel_id(log, value, agreement, type_name, governance)
    require(channel == log.channel, "the channel id is not what section 6 computes")
    _check_basis_form(value)
    _predecessor(log, value["predecessor"])
    if type_name in GOVERNANCE:
        require(value["opened"] is None, "a governance channel that is opened")
        require(value["exercise"] is False, "a governance channel that is an exercise")
        own = agreement == governance.charters.region
        require(own == (type_name == "charter"), "no channel of type %s has this agreement id" % type_name)
        _check_governance_basis(value)
        log.open = Open(value, agreement)
        return
    basis = Basis(value, agreement, governance)
    if basis.held is None:
        _check_author(log, value, basis, published_at)
    log.open, log.governing = Open(value, agreement, basis.held), basis
    basis.check_after(log.reached)


def _check_author(log, value, basis, published_at):
    """The rules of entry 0 that its own basis decides."""
    name = value["type"]
    terms = basis.terms_for(log.member, published_at)
    channel_type = terms.types.get(name) or basis.version.types.get(name)
    require(channel_type is not None, "the agreement has no channel type %s" % name)
    if value["opened"] is None:
        require(value["exercise"] == channel_type.exercise, "exercise is not that of the type")
    acceded = basis.view(log.member, published_at).acceded(log.member, published_at) or ()
    require(log.member in channel_type.writers or name in acceded, "the author is not of the writers")


def _channel_id(log, value, agreement_id, type_name, governance):
    region, opened = governance.charters.region, value["opened"]
    if opened is None:
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
