"""Agreements, their amendments, and notices (docs/protocol.md, sections 5 and 5.1).

Each class reads one signed note and checks every member of its JSON. What has to be known of
other documents (previous versions, ends of parts) is checked by governance.py.
"""

import re

from documents import LABELS, MAX_GRACE, MAX_PURPOSE, check_codes, check_translations
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
    require,
)
from notes import MAX_NOTE, read_document

RECORD_KIND = re.compile(r"[a-z][a-z0-9-]{0,31}(\.[a-z][a-z0-9-]{0,63})?")
CLAUSE_NUMBER = re.compile(r"[A-Za-z0-9.()-]{1,16}")
MAX_DAYS = 36500
MAX_MINUTES = 52560000
MAX_RULES = 256
MAX_ANY = 1 << 20  # of lists that the page does not bound: the note does
NOTICES = ("suspend", "resume", "terminate", "accede", "consent")
ACTS = ("publish", "read", "onward")
DUTIES = ("acknowledge", "answer", "notify", "delete")


def check_choice(value, name, choices):
    require(isinstance(value, str) and value in choices, "%s is none of %s" % (name, ", ".join(choices)))
    return value


def check_clause(value, name, clauses):
    require(isinstance(value, str) and value in clauses, "%s names no clause: %r" % (name, value))


def check_kinds(value, least, most):
    for kind in check_list(value, "kinds", least, most):
        check_match(kind, RECORD_KIND, "record kind")
    return check_sorted(value, "kinds")


def check_types(value, least):
    for type_ in check_list(value, "types", least, MAX_ANY):
        check_match(type_, SLUG, "channel type")
    return check_sorted(value, "types")


class ChannelType:
    """One entry of an agreement's channel_types."""

    def __init__(self, value, parties, clauses):
        names = (
            "audience backlog ceiling ceiling_clause clause exercise exit exit_clause kinds kinds_clause onward "
            "onward_clause personal_data personal_data_clause purpose retention_clause retention_days type writers"
        )
        check_members(value, names.split(), "channel type")
        self.type = check_match(value["type"], SLUG, "channel type")
        require(self.type not in ("charter", "governance"), "%s is no name of a channel type" % self.type)
        self.audience = check_codes(value["audience"], "audience", 1, 256)
        require(set(self.audience) <= set(parties), "the audience of %s has a non-party" % self.type)
        self.writers = check_codes(value["writers"], "writers", 1, 256)
        require(set(self.writers) <= set(self.audience), "a writer of %s is not of its audience" % self.type)
        require(value["ceiling"] in LABELS, "ceiling is not a label")
        self.ceiling = LABELS.index(value["ceiling"])
        self.kinds = check_kinds(value["kinds"], 1, 64)
        require(isinstance(value["exercise"], bool), "exercise is not true or false")
        self.exercise = value["exercise"]
        check_choice(value["backlog"], "backlog", ("all", "none"))
        check_choice(value["exit"], "exit", ("keep", "freeze", "erase"))
        check_choice(value["onward"], "onward", ("none", "constituents", "public"))
        check_choice(value["personal_data"], "personal_data", ("none", "pseudonymised", "permitted"))
        check_text(value["purpose"], "purpose", MAX_PURPOSE, 1)
        if value["retention_days"] is not None:
            check_integer(value["retention_days"], "retention_days", 1, MAX_DAYS)
        for name in names.split():
            if name.endswith("clause"):
                check_clause(value[name], name, clauses)


class Prohibition:
    """One entry of an agreement's prohibitions."""

    def __init__(self, value, clauses):
        check_members(value, "act clause kinds members tlp_above types".split(), "prohibition")
        self.act = check_choice(value["act"], "act", ACTS)
        check_clause(value["clause"], "clause", clauses)
        self.kinds, self.members, self.types = check_fitting(value)
        require(value["tlp_above"] is None or value["tlp_above"] in LABELS, "tlp_above is not a label")
        self.above = -1 if value["tlp_above"] is None else LABELS.index(value["tlp_above"])
        self.clause = value["clause"]

    def bites(self, act, member, type_, kinds, label):
        """`kinds` are all the names by which a kind list may name the record."""
        fits = act == self.act and label > self.above
        fits = fits and (not self.members or member in self.members)
        fits = fits and (not self.types or type_ in self.types)
        return fits and (not self.kinds or any(kind in self.kinds for kind in kinds))


def check_fitting(value):
    kinds = check_kinds(value["kinds"], 0, MAX_ANY)
    return kinds, check_codes(value["members"], "members", 0, MAX_ANY), check_types(value["types"], 0)


def check_duty(value, clauses):
    check_members(value, "clause duty kinds members types within_minutes".split(), "duty")
    check_clause(value["clause"], "clause", clauses)
    check_choice(value["duty"], "duty", DUTIES)
    check_fitting(value)
    check_integer(value["within_minutes"], "within_minutes", 1, MAX_MINUTES)


class Accession:
    """Who may join without an amendment."""

    def __init__(self, value, parties, clauses):
        check_members(value, "candidates clause consent types".split(), "accession")
        self.candidates = check_codes(value["candidates"], "candidates", 1, 256)
        require(not set(self.candidates) & set(parties), "a candidate is a party")
        check_clause(value["clause"], "clause", clauses)
        self.consent = check_choice(value["consent"], "consent", ("all", "none"))
        self.types = check_types(value["types"], 1)


class Agreement:
    """One version of an agreement, and who of those that matter signed it."""

    def __init__(self, data, charters, versions):
        note, _, value, raw = read_document(data, MAX_NOTE, "agreement", charters.region_text)
        names = (
            "accession amendment_clause channel_types clauses dates_clause duties from gotong grace_hours handle "
            "legal_basis nonce number parties parties_clause previous prohibitions purpose supersedes "
            "suspension_clause termination title until version"
        )
        check_members(value, names.split(), "agreement")
        self.hash = digest("gotong/v0/agreement", charters.region, raw)
        self.parties = check_codes(value["parties"], "parties", 2, 256)
        clauses = self._clauses(value["clauses"])
        for name in ("amendment_clause", "dates_clause", "parties_clause", "suspension_clause"):
            check_clause(value[name], name, clauses)
        self._types(value["channel_types"], clauses)
        for duty in check_list(value["duties"], "duties", 0, MAX_RULES):
            check_duty(duty, clauses)
        rules = check_list(value["prohibitions"], "prohibitions", 0, MAX_RULES)
        self.prohibitions = [Prohibition(rule, clauses) for rule in rules]
        joining = value["accession"]
        self.accession = None if joining is None else Accession(joining, self.parties, clauses)
        termination = check_members(value["termination"], ["clause", "notice_days"], "termination")
        check_clause(termination["clause"], "clause of termination", clauses)
        self.notice_days = check_integer(termination["notice_days"], "notice_days", 0, MAX_DAYS)
        self._rest(value)
        self._number(value, versions)
        for code in self.parties + self.candidates:
            require(charters.root_signers(code), "party or candidate %s is not a member of any charter" % code)
        asked = set(self.parties) | set(self.previous.parties if self.previous else ())
        self.signed = {code for code in asked if note.good_signers(charters.root_signers(code))}

    @property
    def candidates(self):
        return self.accession.candidates if self.accession else []

    @staticmethod
    def _clauses(value):
        numbers = set()
        for clause in check_list(value, "clauses", 1, 1024):
            check_members(clause, ["number", "text", "title"], "clause")
            number = check_match(clause["number"], CLAUSE_NUMBER, "clause number")
            require(number not in numbers, "clause number %r is used twice" % number)
            numbers.add(number)
            check_translations(clause["title"], "clause title")
            check_translations(clause["text"], "clause text")
        return numbers

    def _types(self, value, clauses):
        self.types = {}
        for entry in check_list(value, "channel_types", 1, 64):
            channel_type = ChannelType(entry, self.parties, clauses)
            self.types[channel_type.type] = channel_type
        check_sorted([entry["type"] for entry in value], "channel_types")

    def _rest(self, value):
        self.handle = check_match(value["handle"], SLUG, "handle")
        require(self.handle != "charter", "the handle charter is taken")
        check_text(value["legal_basis"], "legal_basis", MAX_PURPOSE, 1)
        check_text(value["purpose"], "purpose", MAX_PURPOSE, 1)
        check_translations(value["title"], "title")
        base64_bytes(value["nonce"], 16)
        self.begins = check_time(value["from"])
        self.until = value["until"]
        if self.until is not None:
            require(self.begins < check_time(self.until), "from is not before until")
        self.grace_hours = value["grace_hours"]
        if self.grace_hours is not None:
            check_integer(self.grace_hours, "grace_hours", 0, MAX_GRACE)
        for other in check_list(value["supersedes"], "supersedes", 0, 64):
            id_bytes(other)

    def _number(self, value, versions):
        """Its place after the version that it names as previous, one of `versions` by hash."""
        self.number = check_integer(value["number"], "number", 1)
        self.previous = None
        self.exercises = {name: type_.exercise for name, type_ in self.types.items()}
        if self.number == 1:
            require(value["previous"] is None, "previous of number 1 is not null")
            self.id = self.hash
            return
        before = self.previous = versions.get(id_bytes(value["previous"]))
        require(before is not None, "previous is not a version before it in the archive")
        self.id = before.id
        require(before.number == self.number - 1, "previous is not of the number before")
        require(before.handle == self.handle, "the amendment has another handle")
        require(before.begins <= self.begins, "from is before that of the version amended")
        for name, exercise in before.exercises.items():
            require(self.exercises.setdefault(name, exercise) == exercise, "exercise of type %s changes" % name)

    def has_ended(self, t):
        return self.until is not None and t >= self.until


class Notice:
    """What one member says of its own part in an agreement."""

    def __init__(self, data, charters):
        note, _, value, raw = read_document(data, MAX_NOTE, "notice", charters.region_text)
        names = "agreement effective gotong member notice previous published_at reason serial subject version"
        check_members(value, names.split(), "notice")
        self.hash = digest("gotong/v0/notice", charters.region, raw)
        self.agreement = id_bytes(value["agreement"])
        self.member = check_match(value["member"], MEMBER_CODE, "member")
        require(charters.root_signers(self.member), "%s is not a member of any charter" % self.member)
        note.require_any(charters.root_signers(self.member))
        self.kind = check_choice(value["notice"], "notice", NOTICES)
        self.subject = value["subject"]
        if self.kind == "consent":
            check_match(self.subject, MEMBER_CODE, "subject")
        else:
            require(self.subject is None, "subject of a notice that is no consent")
        if value["reason"] is not None:
            check_translations(value["reason"], "reason")
        self.serial = check_integer(value["serial"], "serial", 1)
        if self.serial == 1:
            require(value["previous"] is None, "previous of serial 1 is not null")
        self.previous = None if self.serial == 1 else id_bytes(value["previous"])
        self.published_at = check_time(value["published_at"])
        self.effective = check_time(value["effective"])
        require(self.published_at <= self.effective, "effective is before published_at")
