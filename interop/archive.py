"""Archive files (docs/protocol.md, section 9): reading, and verifying all that is in one.

`verify_archive` returns a `Report` or raises `ArchiveRefused`, which names the section, its
kind, its offset in the file and the reason. Sections are read one by one; of entries only
leaf hashes and verdicts are kept, so that large archives fit into memory.
"""

import os

from agreements import Agreement, Notice
from documents import MAX_NOTE, MAX_SMALL_NOTE, Acknowledgement, Charter, Charters, Statement, Statements
from entries import judge
from frames import MAX_FRAME, Frame
from governance import Governance
from gotong_bytes import Refused, Tree, base64_text, id_text, id_words, require

MAGIC = b"gotong archive 0\n"
CHARTER, STATEMENT, AGREEMENT, FRAME, ACKNOWLEDGEMENT, NOTICE = 1, 2, 3, 4, 5, 6
KINDS = {
    CHARTER: ("charter", MAX_NOTE),
    STATEMENT: ("statement", MAX_SMALL_NOTE),
    AGREEMENT: ("agreement", MAX_NOTE),
    FRAME: ("frame", MAX_FRAME),
    ACKNOWLEDGEMENT: ("acknowledgement", MAX_SMALL_NOTE),
    NOTICE: ("notice", MAX_NOTE),
}
WHOLE, ERASED = 0, 1


class ArchiveRefused(Exception):
    """Where and why an archive does not verify. Section 0 is the file's own first line."""

    def __init__(self, section, kind, offset, reason):
        super().__init__("section %d (%s) at byte %d: %s" % (section, kind, offset, reason))
        self.section, self.kind, self.offset, self.reason = section, kind, offset, str(reason)


class Section:
    """Where one section lies in the file."""

    def __init__(self, number, type_, offset, length):
        self.number, self.type, self.offset, self.length = number, type_, offset, length
        self.kind = KINDS[type_][0]

    def refused(self, reason):
        return ArchiveRefused(self.number, self.kind, self.offset, reason)

    def bytes(self, file):
        file.seek(self.offset + 5)
        return file.read(self.length)


def list_sections(file):
    """All sections of the file, without their contents."""
    end = file.seek(0, os.SEEK_END)
    file.seek(0)
    if file.read(len(MAGIC)) != MAGIC:
        raise ArchiveRefused(0, "magic", 0, "not a gotong archive: wrong first line")
    sections, offset = [], len(MAGIC)
    while offset < end:
        number = len(sections) + 1
        file.seek(offset)
        head = file.read(5)
        kind, most = KINDS.get(head[0], (None, 0))
        if kind is None:
            raise ArchiveRefused(number, "unknown", offset, "unknown section type %d" % head[0])
        if len(head) < 5:
            raise ArchiveRefused(number, kind, offset, "the file ends within a section")
        length = int.from_bytes(head[1:], "big")
        if length > most:
            raise ArchiveRefused(number, kind, offset, "section of %d bytes, more than %d" % (length, most))
        if offset + 5 + length > end:
            raise ArchiveRefused(number, kind, offset, "the file ends within a section")
        sections.append(Section(number, head[0], offset, length))
        offset += 5 + length
    if not sections or sections[0].type != CHARTER:
        raise ArchiveRefused(1, "charter", len(MAGIC), "the charter does not come first")
    for before, section in zip(sections, sections[1:]):
        if section.type == CHARTER and before.type != CHARTER:
            raise section.refused("a charter that does not stand behind the charters before it")
    return sections


class Log:
    """One log: its leaves, what became of its entries, and the checkpoints seen."""

    def __init__(self, checkpoint):
        self.origin = checkpoint.origin
        self.region_text = checkpoint.region_text
        self.channel = checkpoint.channel
        self.member = checkpoint.member
        self.epoch_text = checkpoint.epoch_text
        self.leaf_hashes = []
        self.forms = bytearray()
        self.control = bytearray()
        self.faults = {}
        self.stops_at = None  # (index, reason)
        self.unknown_control = []
        self.held = {}
        self.open = None
        self.reached = {}  # the numbers and serials of its bases
        self.governing = None  # the newest good Basis; None in governance channels
        self.basis = 0
        self.control_time = ""
        self.tombstones = []  # (index, targets)
        self.relabels = []
        self.checkpoints = []  # (checkpoint, section)
        self.roots = {}
        self.notes = []

    def add_frame(self, frame, section, governance):
        raw_entries = frame.entries()
        held = len(self.leaf_hashes)
        self._check_position(frame, raw_entries, held)
        self.checkpoints.append((frame.checkpoint, section))
        for position, raw in enumerate(raw_entries):
            self._add(held + position, raw, governance)

    def _check_position(self, frame, raw_entries, held):
        for index, raw in enumerate(raw_entries[: max(held - frame.first, 0)], frame.first):
            same = self.leaf_hashes[index] == raw.leaf_hash
            require(same, "two histories: entry %d differs from the one in an earlier frame" % index)
        require(frame.first <= held, "gap: the frame begins at %d, the log stands at %d" % (frame.first, held))
        require(frame.first >= held, "overlap: the frame begins at %d, the log stands at %d" % (frame.first, held))

    def _add(self, index, raw, governance):
        if raw.envelope is None:
            self.forms.append(ERASED)
            if index == 0:
                self.fault(0, "entry 0 is not an open entry", True)
        else:
            verdict = judge(self, index, raw, governance)
            self._apply(index, verdict)
            self.forms.append(WHOLE)
        self.control.append(raw.control)
        self.leaf_hashes.append(raw.leaf_hash)

    def _apply(self, index, verdict):
        if verdict.fault is not None:
            self.fault(index, verdict.fault, verdict.stops or index == 0)
            return
        if verdict.stops:
            self.stop(index, "unknown: " + verdict.unknown)
            if verdict.control:
                self.unknown_control.append(index)
        if verdict.held is not None:
            self.held[index] = verdict.held
        if verdict.control:
            self.control_time = verdict.published_at
        if verdict.value is not None:
            if verdict.kind in ("open", "basis"):
                self.basis = index
            elif verdict.kind == "tombstone":
                self.tombstones.append((index, verdict.value))
            else:
                self.relabels.append((index, verdict.value))

    def fault(self, index, reason, stops):
        self.faults[index] = reason
        if stops:
            self.stop(index, "faulty: " + reason)

    def stop(self, index, reason):
        if self.stops_at is None or index < self.stops_at[0]:
            self.stops_at = (index, reason)

    # After the last frame

    def compute_roots(self, sizes):
        """Roots over the first n leaves, for every n wanted and held."""
        wanted = set(sizes) | {len(self.leaf_hashes)}
        tree = Tree()
        if 0 in wanted:
            self.roots[0] = tree.root()
        for hashed in self.leaf_hashes:
            tree.append(hashed)
            if tree.size in wanted:
                self.roots[tree.size] = tree.root()

    def check_checkpoints(self):
        held = len(self.leaf_hashes)
        newest = max([c.size for c, _ in self.checkpoints if c.current], default=-1)
        for checkpoint, section in self.checkpoints:
            if checkpoint.size <= held:
                if self.roots[checkpoint.size] != checkpoint.root:
                    raise section.refused(
                        "two histories: the root at size %d is not that of the entries" % checkpoint.size
                    )
                if not checkpoint.current and checkpoint.size > newest:
                    raise section.refused(
                        "checkpoint under an old key of %s, and none under the newest at its size or above"
                        % self.member
                    )
        for checkpoint, section in self.checkpoints:
            if checkpoint.size > held:
                raise section.refused("the log ends at %d, its checkpoint has size %d" % (held, checkpoint.size))

    def known_from_start(self):
        """Up to which index all control entries are good and known."""
        bad = [index for index in self.faults if self.control[index] or index == 0]
        return min(bad + self.unknown_control, default=len(self.leaf_hashes))

    def finish(self, ranges):
        """Counts, given the ranges that good tombstones of this author and channel name here."""
        named = bytearray(len(self.leaf_hashes))
        for first, last in ranges:
            last = min(last, len(named) - 1)
            if first <= last:
                named[first : last + 1] = b"\x01" * (last + 1 - first)
        self.whole = self.erased = self.withheld = self.carried = 0
        for index, form in enumerate(self.forms):
            if named[index] and not self.control[index]:
                self.erased += 1
                self.carried += form == WHOLE
                self.faults.pop(index, None)
                self.held.pop(index, None)
            elif form == WHOLE:
                self.whole += 1
            else:
                self.withheld += 1
        if self.carried:
            self.notes.append("%d entries arrived whole although a tombstone names them" % self.carried)
        if self.withheld:
            self.notes.append("incomplete: %d entries are withheld" % self.withheld)
        if self.open is not None and self.open.held:
            self.notes.append("held as a whole: %s" % self.open.held)
        elif self.held:
            reasons = ", ".join(sorted(set(self.held.values())))
            self.notes.append("%d entries are held: %s" % (len(self.held), reasons))
        if self.stops_at:
            self.notes.append("not shown from entry %d on: %s" % self.stops_at)

    def as_json(self):
        size = len(self.leaf_hashes)
        return {
            "origin": self.origin,
            "size": size,
            "root": base64_text(self.roots[size]),
            "whole": self.whole,
            "erased": self.erased,
            "withheld": self.withheld,
            "faulty": len(self.faults),
            "held": len(self.held),
            "faults": [{"index": index, "reason": self.faults[index]} for index in sorted(self.faults)],
            "notes": self.notes,
        }


class Report:
    """What a verified archive holds."""

    def __init__(self, region, logs, acknowledgements):
        self.region, self.logs, self.acknowledgements = region, logs, acknowledgements

    def as_json(self):
        acknowledged = [
            {"member": a.member, "log": a.log, "verified": a.verified, "erased": a.erased, "at": a.at}
            for a in self.acknowledgements
        ]
        return {
            "ok": True,
            "region": id_text(self.region),
            "words": id_words(self.region),
            "logs": [log.as_json() for log in self.logs],
            "acknowledgements": acknowledged,
        }


def verify_archive(file, region=None):
    """Verify everything in an open archive file; `region` is the expected id, if any."""
    sections = list_sections(file)

    def each(type_):
        for section in sections:
            if section.type == type_:
                yield section, section.bytes(file)

    governance = read_documents(sections, each, region)
    logs = {}
    for section, data in each(FRAME):
        guarded(section, _frame, data, section, governance, logs)
    acknowledgements = []
    for section, data in each(ACKNOWLEDGEMENT):
        found = guarded(section, Acknowledgement, data, governance.charters, governance.statements)
        acknowledgements.append((section, found))
    for log in logs.values():
        sizes = [checkpoint.size for checkpoint, _ in log.checkpoints]
        log.compute_roots(sizes + [a.verified for _, a in acknowledgements if a.log == log.origin])
        log.check_checkpoints()
    _finish_channels(logs)
    known = {}
    for section, found in acknowledgements:
        guarded(section, _acknowledgement, found, logs, known, governance)
    return Report(governance.charters.region, list(logs.values()), [found for _, found in acknowledgements])


def read_documents(sections, each, region):
    """The governance of the archive, every document of it verified."""
    first = guarded(sections[0], Charter, next(each(CHARTER))[1])
    if region is not None and region != first.hash:
        raise sections[0].refused("the archive is of another region: %s" % first.region_text)
    governance = Governance(Charters(first), Statements())
    charters = governance.charters
    for section, data in list(each(CHARTER))[1:]:
        guarded(section, lambda: charters.add(Charter(data, charters)))
    for section, data in each(STATEMENT):
        guarded(section, lambda: governance.statements.add(Statement(data, charters)))
    found = []
    for section, data in each(AGREEMENT):
        found.append((section, guarded(section, Agreement, data, charters, governance.versions)))
        guarded(section, governance.add_version, found[-1][1])
    for section, data in each(NOTICE):
        guarded(section, lambda: governance.add_notice(Notice(data, charters)))
    for section, version in found:
        guarded(section, governance.check_version, version)
    return governance


def guarded(section, function, *arguments):
    try:
        return function(*arguments)
    except Refused as reason:
        raise section.refused(reason)


def _frame(data, section, governance, logs):
    frame = Frame(data)
    frame.checkpoint.check_signature(governance.charters, governance.statements)
    log = logs.get(frame.checkpoint.origin)
    if log is None:
        log = Log(frame.checkpoint)
    log.add_frame(frame, section, governance)
    logs[log.origin] = log


def _finish_channels(logs):
    """What the logs of one author and channel say about each other, then the counts."""
    families = {}
    for log in logs.values():
        families.setdefault((log.channel, log.member), {})[log.epoch_text] = log
    openers = {(log.channel, log.member) for log in logs.values() if log.open is not None}
    for family in families.values():
        ranges = {epoch: [] for epoch in family}
        for log in family.values():
            _drop_later_epochs(log, family)
            for _, targets in log.tombstones:
                for epoch, first, last in targets:
                    if epoch in ranges:
                        ranges[epoch].append((first, last))
        for log in family.values():
            log.finish(ranges[log.epoch_text])
            if log.open is not None:
                _check_predecessor(log, family)
                opener = log.open.opener
                if opener is not None and (log.channel, opener) not in openers:
                    log.notes.append("not shown: the log of the opener, %s, is not in the archive" % opener)


def _comes_after(epoch, other, family):
    """Whether `epoch` is known to come after `other`, by predecessors."""
    seen = set()
    while epoch in family and epoch not in seen:
        seen.add(epoch)
        log = family[epoch]
        if log.open is None or log.open.predecessor is None:
            return False
        epoch = log.open.predecessor["epoch"]
        if epoch == other:
            return True
    return False


def _drop_later_epochs(log, family):
    for kind in ("tombstones", "relabels"):
        kept = []
        for index, targets in getattr(log, kind):
            later = [e for e, _, _ in targets if e != log.epoch_text and _comes_after(e, log.epoch_text, family)]
            if later:
                log.fault(index, "a range in an epoch that comes after this one", True)
            else:
                kept.append((index, targets))
        setattr(log, kind, kept)


def _check_predecessor(log, family):
    before = log.open.predecessor
    other = family.get(before["epoch"]) if before else None
    if other is not None and before["size"] <= len(other.leaf_hashes):
        other.compute_roots([before["size"]])
        if id_text(other.roots[before["size"]]) != before["root"]:
            log.notes.append("the predecessor's root at size %d is not the one named" % before["size"])


def _acknowledgement(found, logs, known, governance):
    log = logs.get(found.log)
    require(log is not None, "acknowledges a log that is not in the archive")
    require(log.open is not None, "acknowledges a log whose entry 0 names no audience")
    audience = log.open.audience(governance)
    if audience is not None:
        require(found.member in audience, "%s is not of the audience of the log" % found.member)
    require(found.verified <= len(log.leaf_hashes), "verified is above the size of the log")
    require(log.roots[found.verified] == found.root, "two histories: the root acknowledged is not the author's")
    require(found.erased <= log.known_from_start(), "erased passes a control entry that is faulty or unknown")
    before = known.get((found.member, found.log))
    require(before is None or before < found.at, "an acknowledgement that is not newer than the one before")
    known[found.member, found.log] = found.at
