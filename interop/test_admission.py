"""Tests of admission, archives with governance, and governance channels.

Archives are made and signed by builder.py. Run: python3 interop/test_admission.py
"""

import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import archive  # noqa: E402
import builder  # noqa: E402
import gotong_bytes as gb  # noqa: E402
from builder import Log, World  # noqa: E402
from region import Region, ZERO, day, two_party_type  # noqa: E402
from test_verify import ACK, AGREEMENT, FRAME, verified  # noqa: E402


class Admission(Region):
    def one(self, log):
        (found,) = self.logs(log)
        return found

    def check(self, log, index, reason):
        """The record at `index` alone is faulty for the reason; nothing is when it is None."""
        found = self.one(log)
        faults = [(fault["index"], fault["reason"]) for fault in found["faults"]]
        if reason is None:
            self.assertEqual((faults, found["held"]), ([], 0))
        else:
            self.assertEqual([fault[0] for fault in faults], [index], faults)
            self.assertIn(reason, faults[0][1])

    def test_prohibitions(self):
        for changes, reason in (
            ({}, "prohibited by clause 5.2"),
            ({"act": "read"}, None),
            ({"act": "onward"}, None),
            ({"kinds": ["stix"]}, "prohibited"),
            ({"kinds": ["stix.indicator"]}, "prohibited"),
            ({"kinds": ["stix.malware"]}, None),
            ({"members": ["vn"]}, "prohibited"),
            ({"members": ["id", "th"]}, None),
            ({"types": ["indicators"]}, "prohibited"),
            ({"types": ["cases"]}, None),
            ({"tlp_above": "clear"}, "prohibited"),
            ({"tlp_above": "green"}, None),
            ({"kinds": ["stix"], "members": ["id"]}, None),  # all that it names has to fit
        ):
            self.versions = []
            self.start(prohibitions=[World.prohibition(**changes)])
            log = Log(self.world, "vn")
            log.record()
            self.check(log, 1, reason)

    def test_exercise_of_a_standing_channel(self):
        self.start(channel_types=[World.channel_type(exercise=True)])
        self.check(Log(self.world, "vn", opening={"exercise": True}), 0, None)
        self.check(Log(self.world, "vn"), 0, "exercise is not that of the type")

    def test_own_notices_count_unnamed(self):
        self.start()
        out = self.notice("th", "suspend", day(3))
        self.notice("vn", "suspend", day(3))
        log = Log(self.world, "vn")
        log.record(published_at=day(2, 1))
        log.record(published_at=day(4))
        self.check(log, 2, "the part of vn is not active")
        other = Log(self.world, "id")
        other.record(published_at=day(4))
        self.check(other, 1, None)  # others' notices count when named
        other.basis_entry(notices=sorted(self.hashes(out)))
        other.record(published_at=day(4))
        self.check(other, 1, None)

    def hashes(self, *values):
        return [gb.id_text(self.world.notice_hash(value)) for value in values]

    def test_named_notice_stands_for_those_below(self):
        self.start(parties=["id", "th"], channel_types=[two_party_type()])
        out = self.notice("th", "suspend", day(1))
        more = self.notice("th", "consent", day(1), out, subject="vn")
        log = Log(self.world, "id", opening={"notices": self.hashes(more)})
        log.record()
        self.check(log, 1, "the agreement is not in force")

    def test_agreement_no_longer_in_force(self):
        self.start(parties=["id", "th"], channel_types=[two_party_type()], until=day(20))
        out = self.notice("th", "suspend", day(3))
        log = Log(self.world, "id")
        log.record(published_at=day(4))
        log.basis_entry(notices=self.hashes(out))
        log.record(published_at=day(4))
        self.check(log, 3, "the agreement is not in force")
        log = Log(self.world, "id")
        log.record(published_at=day(21))
        self.check(log, 1, "the agreement has no terms")

    def test_version_past_the_grace(self):
        one = self.start(grace_hours=48)
        stricter = [World.channel_type(ceiling="clear")]
        two = self.amend(one, channel_types=stricter, **{"from": day(5)})
        for at, reason in ((day(5, 1), None), (day(7), None), (day(7, 1), "past the grace: label above the ceiling")):
            log = Log(self.world, "vn")
            log.record(published_at=at)
            self.check(log, 1, reason)
        for at, reason in ((day(4, 23), None), (day(5), "label above the ceiling")):  # named: at once
            log = Log(self.world, "vn")
            log.basis_entry(agreement_hash=self.text_of(two))
            log.record(published_at=at)
            self.check(log, 2, reason)

    def test_new_right_at_once(self):
        one = self.start(channel_types=[World.channel_type(ceiling="clear")])
        two = self.amend(one, channel_types=[World.channel_type()], **{"from": day(5)})
        log = Log(self.world, "vn")
        log.record(published_at=day(5, 1), tlp="green")
        self.check(log, 1, "label above the ceiling")
        log = Log(self.world, "vn")
        log.basis_entry(agreement_hash=self.text_of(two))
        log.record(published_at=day(5, 1), tlp="green")
        self.check(log, 2, None)

    def test_charter_past_the_grace(self):
        self.start()
        self.charter(**dict(self.without("vn"), **{"from": day(5)}))
        for at, reason in ((day(6), None), (day(6, 1), "past the grace: the part of vn")):
            log = Log(self.world, "vn")
            log.record(published_at=at)
            self.check(log, 1, reason)

    def test_accession(self):
        self.start(parties=["id", "th"], channel_types=[two_party_type()], accession=World.accession(consent="all"))
        consents = [self.notice(code, "consent", day(1), subject="vn") for code in ("id", "th")]
        accede = self.notice("vn", "accede", day(1))
        named = sorted(self.hashes(accede, *consents))
        log = Log(self.world, "vn", opening={"notices": named})
        log.record()
        self.check(log, 1, None)
        few = sorted(self.hashes(accede, consents[0]))
        self.check(Log(self.world, "vn", opening={"notices": few}), 0, "not of the writers")
        self.check(Log(self.world, "vn", opening={"notices": sorted(self.hashes(*consents))}), 0, None)  # its own

    def test_held(self):
        two = self.world.amended(self.start())
        out = self.world.notice_value("th", "suspend", day(1))
        for changes in (
            {"charter": ZERO},
            {"agreement_hash": self.text_of(two)},
            {"notices": self.hashes(out)},
        ):
            log = Log(self.world, "vn")
            log.record()
            log.basis_entry(**changes)
            log.record()
            log.record(tlp="white")  # faulty whatever is held
            log.basis_entry()
            log.record()
            found = self.one(log)
            faulty = [fault["index"] for fault in found["faults"]]
            self.assertEqual((found["held"], faulty), (1, [4]), changes)
            self.assertIn("1 entries are held", found["notes"][0])

    def test_held_for_a_notice_of_a_broken_chain(self):
        self.start()
        out = self.notice("th", "suspend", day(1))
        far = self.notice("th", "resume", day(2), out, previous=ZERO)
        log = Log(self.world, "vn")
        log.basis_entry(notices=self.hashes(far))
        log.record()
        self.assertEqual(self.one(log)["held"], 1)

    def test_basis_entries(self):
        one = self.start()
        two = self.amend(one, title={"en": "b"})
        charter = gb.id_text(self.world.charter_hash(self.charter(grace_hours=1)))
        out = self.notice("th", "suspend", day(1))
        back = self.notice("th", "resume", day(1), out)
        first, second = (self.hashes(value) for value in (out, back))
        for reason, before, after in (
            ("the number of the charter falls", {"charter": charter}, {}),
            ("the number of the agreement falls", {"agreement_hash": self.text_of(two)}, {}),
            ("the number of the newest notice of th falls", {"notices": second}, {"notices": first}),
            ("names no newest notice of th any more", {"notices": second}, {}),
            ("two notices of th", {}, {"notices": sorted(first + second)}),
            (None, {"notices": first}, {"notices": second, "charter": charter}),
            (None, {}, {"notices": first, "agreement_hash": self.text_of(two)}),
        ):
            log = Log(self.world, "vn")
            log.basis_entry(**before)
            log.basis_entry(**after)
            self.check(log, 2, reason)

    def test_basis_of_another_agreement(self):
        mine = self.world.agreement
        self.start(handle="other")
        other = gb.id_text(self.world.agreement)
        out = self.notice("vn", "suspend", day(1))
        self.world.agreement, self.world.agreement_value = mine, self.world.new_agreement()
        self.versions.append((AGREEMENT, self.world.agreement_note()))
        for changes, reason in (
            ({"agreement_hash": other}, "not one of the agreement"),
            ({"notices": self.hashes(out)}, "a notice of another agreement"),
        ):
            log = Log(self.world, "vn")
            log.basis_entry(**changes)
            self.check(log, 1, reason)


class Archives(Region):
    def test_all_kinds_of_documents_and_flipped_bits(self):
        """An archive with every kind of document verifies, and no bit of its documents may change."""
        one = self.start()
        two = self.amend(one, title={"en": "second"}, **{"from": day(2)})
        charter = self.charter(grace_hours=1)
        out = self.notice("th", "suspend", day(1), reason={"en": "repairs"})
        self.notice("th", "resume", day(2), out)
        log = Log(self.world, "vn")
        log.basis_entry(
            agreement_hash=self.text_of(two),
            charter=gb.id_text(self.world.charter_hash(charter)),
            notices=[gb.id_text(self.world.notice_hash(out))],
        )
        log.record(published_at=day(3))
        sections = self.documents() + [(FRAME, log.frame())]
        (found,) = verified(sections)["logs"]
        self.assertEqual((self.counts(found), found["held"]), ([3, 3, 0, 0, 0], 0))
        data = builder.archive(sections)
        for number, position in enumerate(range(0, len(data), 211)):
            spoilt = bytearray(data)
            spoilt[position] ^= 1 << number % 8
            with self.assertRaises(archive.ArchiveRefused, msg="byte %d" % position):
                verified(bytes(spoilt))

    def test_retold_when_governance_arrives(self):
        """Held without the amendment, admitted or faulty with it."""
        one = self.start(channel_types=[World.channel_type(ceiling="clear")])
        two = self.amend(one, channel_types=[World.channel_type(ceiling="green")])
        log = Log(self.world, "vn")
        log.basis_entry(agreement_hash=self.text_of(two))
        log.record(published_at=day(2, 1), tlp="green")
        log.record(published_at=day(2, 1), tlp="amber")
        (found,) = self.logs(log)
        self.assertEqual((found["held"], [fault["index"] for fault in found["faults"]]), (0, [3]))
        self.versions.pop()
        (found,) = self.logs(log)
        self.assertEqual((found["held"], found["faults"]), (2, []))

    def test_many_signature_lines(self):
        self.start()
        stranger = builder.signature_line("somebody", builder.seed("x"), b"x").encode()
        for lines, good in ((297, True), (298, False)):
            sections = self.documents()
            sections[-1] = (AGREEMENT, sections[-1][1] + stranger * lines)
            if good:
                self.assertTrue(verified(sections)["ok"])
            else:
                self.assertRefused(sections, "more than 300 signature lines", "agreement")


class GovernanceChannels(Region):
    def setUp(self):
        super().setUp()
        self.start()
        self.body = self.world.charter()

    def log(self, type_, **opening):
        return Log(self.world, "vn", type_=type_, opening=opening)

    def test_documents_are_not_judged(self):
        incomplete = self.world.agreement_note(("id",))
        for type_ in ("charter", "governance"):
            log = self.log(type_)
            log.basis_entry(agreement_hash=ZERO)
            for body in (self.body, incomplete, self.world.statement("vn")):
                log.record(body=body, kind="document", tlp="amber")
            (found,) = self.logs(log)
            self.assertEqual(self.counts(found), [5, 5, 0, 0, 0])
            self.assertEqual((found["held"], found["notes"]), (0, []))

    def test_without_the_agreement(self):
        log = self.log("governance")
        log.record(body=self.body, kind="document", tlp="amber")
        self.versions = []
        (found,) = self.logs(log)
        self.assertEqual((found["faulty"], found["held"]), (0, 0))

    def faulty(self, log, index, reason):
        (found,) = self.logs(log)
        self.assertEqual([fault["index"] for fault in found["faults"]], [index], found["faults"])
        self.assertIn(reason, found["faults"][0]["reason"])

    def test_openings(self):
        some = gb.id_text(self.world.agreement)
        for type_ in ("charter", "governance"):
            for reason, changes in {
                "names an agreement or notices": {"agreement_hash": some},
                "basis names an agreement or": {"notices": [ZERO]},
                "that is an exercise": {"exercise": True},
            }.items():
                self.faulty(self.log(type_, **changes), 0, reason)
        log = Log(self.world, "vn", opened=("vn", bytes(32), 0), type_="governance")
        self.faulty(log, 0, "a governance channel that is opened")
        self.world.agreement = self.world.region
        self.faulty(self.log("governance", agreement_hash=ZERO), 0, "no channel of type governance")

    def test_entries(self):
        stix = b'{"id":"x","type":"indicator"}'
        good = {"kind": "document", "tlp": "amber", "body": self.body}
        for reason, changes in {
            "is no document": {"kind": "stix", "body": stix},
            "a governance channel that is no": {"version": 2},
            "the label of a document is not amber": {"tlp": "green"},
            "the body is no document of governance": {"body": b"hello\n"},
            "note has no empty line": {"body": b"gotong/x/charter\n"},
            "first line names another region": {"body": self.body.replace(b"gotong/", b"gotong/x", 1)},
        }.items():
            log = self.log("charter")
            log.record(**dict(good, **changes))
            self.faulty(log, 1, reason)
        for act in ("tombstone", "relabel"):
            log = self.log("governance")
            log.record(**good)
            getattr(log, act)(log.ranges((1, 1)))
            self.faulty(log, 2, "a %s in a governance channel" % act)
        log = self.log("governance")
        log.basis_entry()
        self.faulty(log, 1, "names an agreement or notices")

    def test_tombstone_there_erases_nothing(self):
        log = self.log("governance")
        log.record(body=self.body, kind="document", tlp="amber")
        log.tombstone(log.ranges((1, 1)))
        log.erase(1)
        (found,) = self.logs(log)
        self.assertEqual(self.counts(found), [3, 2, 0, 1, 1])

    def test_acknowledgements(self):
        """Only members of the audience acknowledge: candidates in the governance channel."""
        self.versions = []
        terms = {"parties": ["id", "th"], "channel_types": [two_party_type()]}
        for joining, type_, good in (
            (World.accession(), "governance", True),
            (None, "governance", False),
            (None, "charter", True),
            (World.accession(), "indicators", True),
            (World.accession(types=["other"]), "indicators", False),
        ):
            self.versions = []
            self.start(accession=joining, **terms)
            log = Log(self.world, "th", type_=type_)
            ack = self.world.acknowledgement("vn", log, 1)
            sections = self.documents() + [(FRAME, log.frame()), (ACK, ack)]
            if good:
                self.assertEqual(len(verified(sections)["acknowledgements"]), 1)
            else:
                self.assertRefused(sections, "vn is not of the audience", "acknowledgement")

    def test_document_elsewhere(self):
        log = Log(self.world, "vn")
        log.record(body=self.body, kind="document", tlp="amber")
        self.faulty(log, 1, "does not allow kind document")

if __name__ == "__main__":
    unittest.main()
