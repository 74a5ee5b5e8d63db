"""What is in force (docs/protocol.md, sections 5 to 5.2), and what a basis names (section 7).

A `View` is a pure function of charters, versions of one agreement, and notices. The view of all
that an archive holds decides which amendments are valid; the view that a `Basis` names decides
which records are admitted.
"""

from gotong_bytes import Refused, id_bytes, require, shift_time

NEVER = "~"  # later than every time as text


class Governance:
    """The verified documents of an archive."""

    def __init__(self, charters, statements):
        self.charters, self.statements = charters, statements
        self.versions = {}  # by hash
        self.chains = {}  # agreement id → member → Chain
        self.notices = {}  # by hash

    def add_version(self, version):
        require(version.hash not in self.versions, "the same agreement twice")
        others = [other.number for other in self.versions.values() if other.id == version.id]
        require(version.number >= max(others, default=1), "versions are not in order of number")
        self.versions[version.hash] = version
        self.chains.setdefault(version.id, {})

    def add_notice(self, notice):
        require(notice.hash not in self.notices, "the same notice twice")
        chains = self.chains.get(notice.agreement)
        require(chains is not None, "a notice of an agreement that is not in the archive")
        last = max(chains, default="")
        require(last <= notice.member, "notices are not in order of member")
        chains.setdefault(notice.member, Chain()).add(notice)
        self.notices[notice.hash] = notice

    def check_version(self, version):
        """Whether all have signed whose signature the version needs; those before it are checked."""
        needed = set(version.parties)
        if version.previous is not None:
            view = self.view(version.id, version.previous)
            members = view.members_at(version.begins)
            for code in version.previous.parties:
                if code in members and view.ends_at(code) > version.begins:
                    needed.add(code)
        for code in sorted(needed):
            require(code in version.signed, "no signature by party %s" % code)

    def counting_versions(self, agreement):
        """Of each number the one that counts."""
        counting = {}
        for version in self.versions.values():
            if version.id == agreement:
                other = counting.get(version.number)
                if other is None or (other.begins, other.hash) < (version.begins, version.hash):
                    counting[version.number] = version
        return [counting[number] for number in sorted(counting)]

    def view(self, agreement, version=None):
        """Of all that is known; with `version`, of it and those below alone."""
        charters, agreed = self.charters.counting()
        versions = self.counting_versions(agreement) if version is None else below(version)
        chains = self.chains.get(agreement, {})
        return View(charters, agreed, versions, {member: chain.counting() for member, chain in chains.items()})


class Chain:
    """All notices of one member about one agreement."""

    def __init__(self):
        self.by_serial, self.last = {}, 1
        self._counting = None

    def add(self, notice):
        require(notice.serial >= self.last, "notices are not in order of serial")
        self.last = notice.serial
        self.by_serial.setdefault(notice.serial, []).append(notice)
        self._counting = None

    def counting(self):
        """The unbroken chain, and what a split of it leaves."""
        if self._counting is None:
            self._counting = self._count()
        return self._counting

    def _count(self):
        found, before = [], None
        while True:
            here = self.by_serial.get(len(found) + 1, [])
            if len(here) != 1:
                return found + [n for n in here if n.kind in ("suspend", "terminate", "consent")]
            notice = here[0]
            if notice.previous != (before and before.hash):
                return found
            if before is not None and notice.published_at < before.published_at:
                return found
            found.append(notice)
            before = notice


def below(document):
    """A charter or version and all before it, in order of number."""
    found = []
    while document is not None:
        found.append(document)
        document = document.previous
    return found[::-1]


def highest(documents, t):
    """The last of these that has begun at t."""
    return next((document for document in reversed(documents) if document.begins <= t), None)


class View:
    """A pure function of charters and versions (each in order of number) and notices by member."""

    def __init__(self, charters, agreed, versions, notices):
        self.charters, self.agreed, self.versions, self.notices = charters, agreed, versions, notices

    def _of(self, member, *kinds):
        return [notice for notice in self.notices.get(member, ()) if notice.kind in kinds]

    def members_at(self, t):
        """The members of the charter in force who count."""
        charter = highest(self.charters, t)
        if charter is None:
            return frozenset()
        if charter is self.charters[-1] and self.agreed is not None:
            return self.agreed
        return charter.root_keys.keys()

    def terms_at(self, t):
        version = highest(self.versions, t)
        return None if version is None or version.has_ended(t) else version

    def ends_at(self, member):
        """When the member's part ends by its own notice."""
        ends = [NEVER]
        for notice in self._of(member, "terminate"):
            terms = self.terms_at(notice.published_at)
            days = terms.notice_days if terms else 0
            ends.append(max(notice.effective, shift_time(notice.published_at, days=days)))
        return min(ends)

    def suspended(self, member, t):
        begun = [n for n in self._of(member, "suspend", "resume") if n.effective <= t]
        return bool(begun) and max(begun, key=lambda n: (n.effective, n.serial)).kind == "suspend"

    def acceded(self, member, t):
        """The channel types in which the member has a part at t because it acceded; None if it has not."""
        if self.ends_at(member) <= t:
            return None
        for notice in self._of(member, "accede"):
            terms = self.terms_at(notice.effective)
            if terms is None or member not in terms.candidates:
                continue
            begins = self._accession_begins(notice, terms)
            if begins <= t and not self._was_party(member, begins, t):
                return terms.accession.types
        return None

    def _accession_begins(self, notice, terms):
        begins = notice.effective
        if terms.accession.consent == "all":
            for party in terms.parties:
                consents = [n.effective for n in self._of(party, "consent") if n.subject == notice.member]
                begins = max(begins, min(consents + [self.ends_at(party)]))
        return begins

    def _was_party(self, member, since, t):
        times = [since] + [version.begins for version in self.versions if since < version.begins <= t]
        terms = [self.terms_at(time) for time in times]
        return any(version is not None and member in version.parties for version in terms)

    def part(self, member, t):
        """"active", "suspended", or None without a part."""
        terms = self.terms_at(t)
        party = terms is not None and member in terms.parties
        if member not in self.members_at(t) or self.ends_at(member) <= t:
            return None
        if not party and self.acceded(member, t) is None:
            return None
        return "suspended" if self.suspended(member, t) else "active"

    def in_force(self, t):
        terms = self.terms_at(t)
        if terms is None:
            return False
        joined = [member for member in self.notices if member not in terms.parties and self._of(member, "accede")]
        active = 0
        for member in terms.parties + joined:
            active += self.part(member, t) == "active"
            if active == 2:
                return True
        return False

    def in_audience(self, member, type_, t):
        return self._named(member, type_, t, "audience") and self.part(member, t) == "active"

    def is_writer(self, member, type_, t):
        """Whether the terms name the member as a writer of the type, or it acceded to the type."""
        return self._named(member, type_, t, "writers")

    def _named(self, member, type_, t, role):
        terms = self.terms_at(t)
        if terms is None or type_ not in terms.types:
            return False
        return member in getattr(terms.types[type_], role) or type_ in (self.acceded(member, t) or ())

    def check_record(self, author, type_name, record, t):
        """Refuses what the author may not publish at t. `record` has label, names and allowed_by."""
        require(self.terms_at(t) is not None, "the agreement has no terms at %s" % t)
        require(self.in_force(t), "the agreement is not in force at %s" % t)
        require(self.part(author, t) == "active", "the part of %s is not active at %s" % (author, t))
        terms = self.terms_at(t)
        type_ = terms.types.get(type_name)
        require(type_ is not None, "the terms have no channel type %s" % type_name)
        require(self.is_writer(author, type_name, t), "%s is not among the writers" % author)
        require(record.label <= type_.ceiling, "label above the ceiling of the type")
        require(record.allowed_by(type_.kinds), "the type does not allow kind %s" % record.kind)
        for rule in terms.prohibitions:
            bites = rule.bites("publish", author, type_name, record.names, record.label)
            require(not bites, "prohibited by clause %s" % rule.clause)


class Basis:
    """The governance that an `open` or `basis` entry names; `held` says why it cannot be judged."""

    def __init__(self, value, agreement, governance):
        """`value` is checked in form; refuses what can be known to be wrong."""
        self.agreement, self.governance, self.held = agreement, governance, None
        self.views, self.known = {}, None
        self.charter = governance.charters.by_hash.get(id_bytes(value["charter"]))
        self.version = governance.versions.get(id_bytes(value["agreement_hash"]))
        self.newest, self.unknown_notices = {}, 0  # member → notice
        if self.charter is None:
            self._hold("charter is not in the archive")
        elif self.charter not in governance.charters.counting()[0]:
            self._hold("charter is disputed")
        if self.version is None:
            self._hold("agreement_hash is not in the archive")
        else:
            require(self.version.id == agreement, "agreement_hash is not one of the agreement")
        for text in value["notices"]:
            self._notice(governance.notices.get(id_bytes(text)))

    def _hold(self, reason):
        self.held = self.held or reason

    def _notice(self, notice):
        if notice is None:
            self.unknown_notices += 1
            self._hold("a notice is not in the archive")
            return
        require(notice.agreement == self.agreement, "a notice of another agreement")
        require(notice.member not in self.newest, "two notices of %s" % notice.member)
        self.newest[notice.member] = notice
        if notice not in self.governance.chains[self.agreement][notice.member].counting():
            self._hold("a notice is not of an unbroken chain")

    def check_after(self, reached):
        """Refuses what falls behind earlier bases of the log; `reached` is what they named, as far as known."""
        for name, number in self.numbers().items():
            require(number >= reached.get(name, number), "the number of the %s falls" % name)
        for name in reached:
            named = name in self.numbers() or name in ("charter", "agreement") or self.unknown_notices
            require(named, "names no %s any more" % name)
        reached.update(self.numbers())

    def numbers(self):
        """The numbers and serials named, as far as they are known."""
        found = {"newest notice of " + member: notice.serial for member, notice in self.newest.items()}
        if self.charter is not None:
            found["charter"] = self.charter.number
        if self.version is not None:
            found["agreement"] = self.version.number
        return found

    def _notices(self, author, t):
        """Those named, those below them, and the author's own that are effective by t."""
        found, chains = {}, self.governance.chains[self.agreement]
        for member, newest in self.newest.items():
            counting = chains[member].counting()
            found[member] = [n for n in counting if n.serial < newest.serial or n is newest]
        if author in chains:
            named = found.get(author, [])
            found[author] = [n for n in chains[author].counting() if n in named or n.effective <= t]
        return found

    def view(self, author, t):
        """What it names."""
        own = self._notices(author, t)
        key = len(own.get(author, ()))
        if key not in self.views:
            self.views[key] = View(below(self.charter), None, below(self.version), own)
        return self.views[key]

    def later_view(self, author, t):
        """The same with the charter and version that began more than the grace before t; None if no newer."""
        view = self.view(author, t)
        terms = self.terms_for(author, t)
        grace = terms.grace_hours
        if grace is None:
            grace = (highest(view.charters, t) or self.charter).grace_hours
        limit = shift_time(t, hours=-grace)
        self.known = known = self.known or self.governance.view(self.agreement)
        charters = [c for c in known.charters if c.begins < limit or c.number <= self.charter.number]
        versions = [v for v in known.versions if v.begins < limit]
        agreed = known.agreed if charters[-1] is known.charters[-1] else None
        if not versions or versions[-1].number < self.version.number:
            versions = below(self.version)
        if charters[-1] is self.charter and agreed is None and versions[-1] is self.version:
            return None
        key = (len(charters), versions[-1].hash, len(view.notices.get(author, ())))
        if key not in self.views:
            self.views[key] = View(charters, agreed, versions, view.notices)
        return self.views[key]

    def check_record(self, author, type_name, record, t):
        """Refuses a record that is not admitted."""
        self.view(author, t).check_record(author, type_name, record, t)
        later = self.later_view(author, t)
        if later is not None:
            try:
                later.check_record(author, type_name, record, t)
            except Refused as reason:
                raise Refused("past the grace: %s" % reason)

    def terms_for(self, author, t):
        """The terms at t, or where there are none the version named."""
        return self.view(author, t).terms_at(t) or self.version
