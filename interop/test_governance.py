"""Tests of charters, amendments, notices and what is in force.

Tables of good and spoilt documents; archives are made and signed by builder.py.
Run: python3 interop/test_governance.py
"""

import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import archive  # noqa: E402
import builder  # noqa: E402
import gotong_bytes as gb  # noqa: E402
from builder import CODES, FOUNDED, Log, World  # noqa: E402
from region import Region, ZERO, day, two_party_type  # noqa: E402
from test_verify import AGREEMENT, CHARTER, NOTICE, STATEMENT, verified  # noqa: E402


class CharterRules(Region):
    def test_bounds(self):
        rules = (
            ("grace_hours is not an integer from 0 to 8760", {"grace_hours": 8761}),
            ("from of number 1 is not founded_at", {"from": day(2)}),
            ("not an object from language to text with en", {"name": {"id": "Kawasan"}}),
            ("has less than 1 bytes", {"name": {"en": ""}}),
            ("has more than 65536 bytes", {"name": {"en": "x" * 65537}}),
            ("at_least is not an integer from 1 to 2", {"rule": {"at_least": 3}}),
            ("not more than half", {"rule": {"at_least": 1}}),
            ("previous of number 1 is not null", {"previous": ZERO}),
            ("number is not an integer from 1 to 1", {"number": 2, "previous": ZERO}),
        )
        for reason, changes in rules:
            world = World()
            world.charter_value.update(changes)
            world.set_region()
            self.assertRefused([(CHARTER, world.charter())], reason, "charter")

    def second(self, signers=CODES, **changes):
        value = self.world.next_charter(self.world.charter_value, **changes)
        return value, [(CHARTER, self.world.charter()), (CHARTER, self.world.charter(value, signers))]

    def test_joining_members(self):
        four = sorted(self.world.charter_value["members"] + [self.member("jp")], key=lambda m: m["code"])
        _, sections = self.second(CODES + ("jp",), members=four)
        self.assertTrue(verified(sections)["ok"])
        self.assertRefused(self.second(members=four)[1], "jp/root, who joins", "charter")
        self.assertRefused(self.second(("id", "th", "jp"), members=four)[1], "signed by 2 voters, not the 3", "charter")

    def test_succession_of_a_key(self):
        members = [dict(m) for m in self.world.charter_value["members"]]
        members[2]["root_key"] = World.public("new vn")
        value = self.world.next_charter(self.world.charter_value, members=members)
        old = [self.world.root(code) for code in CODES]
        new = (old[2][0], builder.seed("new vn"))
        cases = ((old, "vn/root, who joins"), (old[:2] + [new], "signed by 2 voters"), (old + [new], ""))
        for signers, reason in cases:
            sections = [(CHARTER, self.world.charter()), (CHARTER, self.world.document("charter", value, signers))]
            if reason:
                self.assertRefused(sections, reason, "charter")
            else:
                for key in (old[2], new):  # any valid charter's key will do
                    note = self.world.document("statement", self.world.statement_value("vn"), [key])
                    self.assertTrue(verified(sections + [(STATEMENT, note)])["ok"])
                stolen = dict(self.world.statement_value("vn"), node_key=World.public("new vn"))
                note = self.world.statement("vn", stolen)
                self.assertRefused(sections + [(STATEMENT, note)], "the node key is a root key")

    def test_rule_of_the_number_below(self):
        self.world.charter_value["rule"] = {"at_least": 2}
        self.world.set_region()
        self.assertTrue(verified(self.second(("id", "vn"), rule="all")[1])["ok"])
        self.assertRefused(self.second(("id",))[1], "signed by 1 voters, not the 2", "charter")
        two, sections = self.second(("id", "th"), rule="all")
        three = self.world.next_charter(two)
        late = [(CHARTER, self.world.charter(three, ("id", "th")))]
        self.assertRefused(sections + late, "signed by 2 voters, not the 3", "charter")

    def test_chain(self):
        rules = (
            ("previous is not a charter before it", {"previous": ZERO}),
            ("previous is not of the number before", {"number": 3}),
            ("number is not an integer from 2", {"number": 1}),
            ("founded_at is not that", {"founded_at": day(2)}),
            ("from is before that of the charter before", {"from": "2025-12-31T00:00:00.000000Z"}),
        )
        for reason, changes in rules:
            value = dict(self.world.next_charter(self.world.charter_value), **changes)
            sections = [(CHARTER, self.world.charter()), (CHARTER, self.world.charter(value))]
            self.assertRefused(sections, reason, "charter")
        two, sections = self.second()
        three = (CHARTER, self.world.charter(self.world.next_charter(two)))
        self.assertTrue(verified(sections + [three])["ok"])
        self.assertRefused(sections + [three] + sections[1:], "the same charter twice")
        other = self.second(grace_hours=1)[1][1]
        self.assertRefused(sections + [three, other], "not in order of number")
        self.assertRefused([sections[0], (STATEMENT, self.world.statement("vn")), sections[1]], "does not stand behind")

    def test_in_force_and_former_members(self):
        self.start()
        self.charter(**dict(self.without("vn"), **{"from": day(5)}))
        view = self.view()
        cases = ((day(0), 0, None), (day(1), 3, "active"), (day(4, 23), 3, "active"), (day(5), 2, None))
        for time, count, part in cases:
            self.assertEqual((len(view.members_at(time)), view.part("vn", time)), (count, part), time)

    def test_disputed_number(self):
        self.start()
        two = self.charter(**{"from": day(5)})
        other = self.charter(**dict(self.without("vn"), **{"from": day(9)}))
        self.charter(two, **{"from": day(10)})
        self.assertEqual(sorted(self.view().members_at(day(20))), ["id", "th"])
        logs = [Log(self.world, code) for code in ("th", "vn")]
        for log in logs:
            log.record(published_at=day(2, 1))
            for value in (two, other, self.world.next_charter(two, **{"from": day(10)})):
                log.basis_entry(charter=gb.id_text(self.world.charter_hash(value)))
                log.record(published_at=day(2, 1))
        self.assertEqual([(log["held"], log["faulty"]) for log in self.logs(*logs)], [(3, 0), (3, 1)])


    def test_disputed_key(self):
        self.start()
        self.charter(**{"from": day(5)})
        members = [dict(m) for m in self.world.charter_value["members"]]
        members[2]["root_key"] = World.public("new vn")
        value = self.world.next_charter(self.world.charter_value, members=members)
        signers = [self.world.root(code) for code in CODES]
        signers.append((signers[2][0], builder.seed("new vn")))
        self.charters.append((CHARTER, self.world.document("charter", value, signers)))
        self.assertEqual(sorted(self.view().members_at(day(2))), ["id", "th"])


class AgreementRules(Region):
    def refused(self, reason, type_=None, **changes):
        world = World()
        world.agreement_value.update(changes)
        world.agreement_value["channel_types"][0].update(type_ or {})
        self.assertRefused([(1, world.charter()), (3, world.agreement_note())], reason, "agreement")

    def test_types(self):
        self.refused("not named: 'motto'", {"motto": ""})
        for reason, members in {
            "governance is no name": {"type": "governance"},
            "charter is no name": {"type": "charter"},
            "audience has 0 elements": {"audience": []},
            "writers has 0 elements": {"writers": []},
            "writers is not sorted": {"writers": ["vn", "id"]},
            "a writer of indicators is not of its audience": {"audience": ["id", "th"]},
            "kinds has 65 elements": {"kinds": ["k%02d" % n for n in range(65)]},
            "kinds has 0 elements": {"kinds": []},
            "exercise is not true or false": {"exercise": 0},
            "backlog is none of": {"backlog": "some"},
            "exit is none of": {"exit": None},
            "onward is none of": {"onward": "all"},
            "personal_data is none of": {"personal_data": "some"},
            "retention_days is not an integer from 1 to 36500": {"retention_days": 0},
            "purpose has less than 1": {"purpose": ""},
            "purpose has more than 1024": {"purpose": "x" * 1025},
            "onward_clause names no clause": {"onward_clause": "99"},
            "personal_data_clause names no clause": {"personal_data_clause": None},
            "retention_clause names no clause": {"retention_clause": "99", "retention_days": None},
            "exit_clause names no clause": {"exit_clause": "99"},
        }.items():
            self.refused(reason, members)
        types = [World.channel_type(type=name) for name in ("b", "a")]
        self.refused("channel_types is not sorted", channel_types=types)

    def test_terms(self):
        clause = {"number": "1", "text": {"en": "x"}, "title": {"en": "x"}}
        for reason, members in {
            "amendment_clause names no clause": {"amendment_clause": "99"},
            "suspension_clause names no clause": {"suspension_clause": "99"},
            "clause of termination names no clause": {"termination": {"clause": "99", "notice_days": 0}},
            "notice_days is not an integer from 0 to 36500": {"termination": {"clause": "12", "notice_days": 36501}},
            "clauses has 1025 elements": {"clauses": [clause] * 1025},
            "clause number is misspelt": {"clauses": [dict(clause, number="1" * 17)]},
            "from is not before until": {"until": FOUNDED},
            "supersedes has 65 elements": {"supersedes": [ZERO] * 65},
            "grace_hours is not an integer": {"grace_hours": -1},
            "the handle charter is taken": {"handle": "charter"},
            "legal_basis has less than 1": {"legal_basis": ""},
            "title is not an object": {"title": {"fr": "x"}},
            "parties has 1 elements": {"parties": ["id"]},
            "previous of number 1 is not null": {"previous": ZERO},
            "lacks member 'duties'": {},
        }.items():
            if not members:
                world = World()
                del world.agreement_value["duties"]
                self.assertRefused([(1, world.charter()), (3, world.agreement_note())], reason)
            else:
                self.refused(reason, **members)

    def test_rules_and_accession(self):
        duty = self.world.agreement_value["duties"][0]
        for reason, changes in {
            "duty is none of": {"duty": "pay"},
            "within_minutes is not an integer from 1 to 52560000": {"within_minutes": 52560001},
            "clause names no clause": {"clause": "99"},
            "kinds is not sorted": {"kinds": ["b", "a"]},
        }.items():
            self.refused(reason, duties=[dict(duty, **changes)])
        self.refused("duties has 257 elements", duties=[duty] * 257)
        for reason, changes in {
            "act is none of": {"act": "write"},
            "tlp_above is not a label": {"tlp_above": "white"},
            "members is not sorted": {"members": ["th", "id"]},
            "types is not sorted": {"types": ["b", "a"]},
            "not named: 'why'": {"why": ""},
        }.items():
            self.refused(reason, prohibitions=[World.prohibition(**changes)])
        self.refused("prohibitions has 257", prohibitions=[World.prohibition()] * 257)
        for reason, changes in {
            "a candidate is a party": {"candidates": ["vn"]},
            "candidates has 0 elements": {"candidates": []},
            "types has 0 elements": {"types": []},
            "consent is none of": {"consent": "most"},
            "clause names no clause": {"clause": "99"},
            "jp is not a member of any charter": {"candidates": ["jp"]},
        }.items():
            self.refused(reason, accession=World.accession(**dict({"candidates": ["jp"]}, **changes)))

    def test_lines_that_do_not_verify_spoil_nothing(self):
        name, _ = self.world.root("vn")
        forged = builder.signature_line(name, builder.seed("root vn"), b"another text\n").encode()
        for note, good in ((self.world.agreement_note(), True), (self.world.agreement_note(("id", "th")), False)):
            sections = [(CHARTER, self.world.charter()), (AGREEMENT, note + forged)]
            if good:
                self.assertTrue(verified(sections)["ok"])
            else:
                self.assertRefused(sections, "no signature by party vn", "agreement")


class Amendments(Region):
    def refused(self, reason):
        self.assertRefused(self.documents(), reason, "agreement")

    def test_good_and_terms(self):
        one = self.start(until=day(20))
        two = self.amend(one, **{"from": day(5)})
        self.amend(two, **{"from": day(10), "until": day(12)})
        view = self.view()
        for time, number in ((day(0), 0), (day(1), 1), (day(5), 2), (day(9, 23), 2), (day(10), 3), (day(12), 0)):
            terms = view.terms_at(time)
            self.assertEqual(terms.number if terms else 0, number, time)
            self.assertEqual(view.in_force(time), number > 0)

    def test_spoilt(self):
        for reason, changes in {
            "previous is not a version before it": {"previous": ZERO},
            "previous is not of the number before": {"number": 3},
            "another handle": {"handle": "other"},
            "from is before that of the version amended": {"from": "2025-01-01T00:00:00.000000Z"},
            "exercise of type indicators changes": {"channel_types": [World.channel_type(exercise=True)]},
        }.items():
            self.versions = []
            value = dict(self.world.amended(self.start()), **changes)
            self.versions.append((AGREEMENT, self.world.agreement_note(CODES, value)))
            self.refused(reason)

    def test_exercise_of_a_type_that_went_away(self):
        other = World.channel_type(type="other")
        two = self.amend(self.start(), channel_types=[other])
        self.amend(two, channel_types=[World.channel_type(exercise=True), other])
        self.refused("exercise of type indicators changes")

    def test_order(self):
        one = self.start()
        self.amend(one, title={"en": "a"})
        self.versions.reverse()
        self.refused("previous is not a version before it")
        self.versions.reverse()
        two = self.world.amended(one, title={"en": "a"})
        self.amend(two)
        self.amend(one, title={"en": "b"})
        self.refused("not in order of number")

    def test_signatures(self):
        leaves = {"parties": ["id", "th"], "channel_types": [two_party_type()], "from": day(10)}
        cases = (
            (CODES, [], None),
            (("id", "th"), [], "no signature by party vn"),
            (("id", "vn"), [], "no signature by party th"),
            (("id", "th"), [("vn", "terminate", day(2))], None),  # 0 days: ended at its from
            (("id", "th"), [("vn", "terminate", day(10))], None),
            (("id", "th"), [("vn", "terminate", day(11))], "no signature by party vn"),
            (("id", "th"), [("vn", "suspend", day(2))], "no signature by party vn"),
            (("id",), [("th", "terminate", day(2))], "no signature by party th"),  # a party of both
        )
        for signers, notices, reason in cases:
            self.versions, self.notices = [], []
            one = self.start(termination={"clause": "12", "notice_days": 0})
            self.amend(one, signers, **leaves)
            for notice in notices:
                self.notice(*notice)
            if reason:
                self.refused(reason)
            else:
                self.assertEqual(self.view().terms_at(day(10)).number, 2)

    def test_former_member_need_not_sign(self):
        one = self.start()
        self.charter(**dict(self.without("vn"), **{"from": day(5)}))
        self.amend(one, ("id", "th"), parties=["id", "th"], channel_types=[two_party_type()], **{"from": day(6)})
        self.assertEqual(self.view().terms_at(day(6)).number, 2)
        self.versions.pop()
        self.amend(one, ("id", "th"), parties=["id", "th"], channel_types=[two_party_type()], **{"from": day(4)})
        self.refused("no signature by party vn")

    def test_two_versions_of_one_number(self):
        one = self.start()
        early = self.amend(one, title={"en": "early"}, **{"from": day(5)})
        late = self.amend(one, title={"en": "late"}, **{"from": day(6)})
        same = self.amend(one, title={"en": "same"}, **{"from": day(6)})
        view = self.view()
        self.assertEqual(view.terms_at(day(5)).number, 1)
        wanted = max(self.world.version_hash(value) for value in (late, same))
        self.assertEqual(view.terms_at(day(6)).hash, wanted)
        self.assertNotEqual(wanted, self.world.version_hash(early))


class NoticeRules(Region):
    def refused(self, reason, *values):
        self.notices = [(NOTICE, self.world.notice(value)) for value in values]
        self.assertRefused(self.documents(), reason, "notice")

    def test_spoilt(self):
        self.start()
        for reason, changes in {
            "notice is none of": {"notice": "leave"},
            "subject of a notice that is no consent": {"subject": "id"},
            "subject is misspelt": {"notice": "consent"},
            "serial is not an integer from 1": {"serial": 0},
            "previous of serial 1 is not null": {"previous": ZERO},
            "effective is before published_at": {"effective": day(1)},
            "not an object from language": {"reason": {}},
            "agreement that is not in the archive": {"agreement": ZERO},
            "not named: 'mood'": {"mood": ""},
        }.items():
            self.refused(reason, self.world.notice_value("vn", "suspend", day(2), **changes))
        value = self.world.notice_value("vn", "suspend", day(2))
        self.refused("the same notice twice", value, value)
        self.refused("not in order of member", value, self.world.notice_value("th", "suspend", day(2)))
        self.refused("not in order of serial", self.world.notice_value("vn", "resume", day(3), value), value)
        self.refused("zz is not a member of any charter", dict(value, member="zz"))
        self.notices = [(NOTICE, self.world.notice(value, "th"))]
        self.assertRefused(self.documents(), "no signature by", "notice")

    def parts(self, *values):
        """vn's part on days 3, 6, 9 and 12 after these notices."""
        self.notices = [(NOTICE, self.world.notice(value)) for value in values]
        view = self.view()
        return " ".join(str(view.part("vn", day(number)))[0] for number in (3, 6, 9, 12))

    def test_suspensions_and_their_chain(self):
        self.start()
        make = self.world.notice_value
        out = make("vn", "suspend", day(5))
        back = make("vn", "resume", day(8), out)
        again = make("vn", "suspend", day(11), back)
        ahead = make("vn", "suspend", day(2), effective=day(11))
        for parts, values in (
            ("a a a a", []),
            ("a s s s", [out]),
            ("a s a a", [out, back]),
            ("a s a s", [out, back, again]),
            ("a a a s", [make("vn", "suspend", day(2), effective=day(11))]),
            ("a a a s", [ahead, make("vn", "resume", day(3), ahead)]),  # in order of effective
            ("a s s s", [out, dict(back, previous=ZERO), again]),  # the chain is broken
            ("a s s s", [out, again]),
            ("a s s s", [out, make("vn", "resume", day(4), out, effective=day(8))]),  # published_at falls
            ("a s s s", [out, back, make("vn", "resume", day(7), out)]),  # a split: resumptions do not count
            ("a a a s", [make("vn", "suspend", day(11)), make("vn", "resume", day(2))]),  # suspensions do
        ):
            self.assertEqual(self.parts(*values), parts, values)

    def test_terminations(self):
        make = self.world.notice_value
        for days, changes, parts in (
            (0, {}, "a N N N"),
            (5, {}, "a a N N"),
            (0, {"effective": day(8)}, "a a N N"),
            (5, {"effective": day(11)}, "a a a N"),
            (36500, {}, "a a a a"),
        ):
            self.versions = []
            self.start(termination={"clause": "12", "notice_days": days})
            self.assertEqual(self.parts(make("vn", "terminate", day(4), **changes)), parts)
        self.versions = []
        one = self.start(termination={"clause": "12", "notice_days": 0})
        self.amend(one, termination={"clause": "12", "notice_days": 7}, **{"from": day(4)})
        self.assertEqual(self.parts(make("vn", "terminate", day(3, 23))), "a N N N")
        self.assertEqual(self.parts(make("vn", "terminate", day(4))), "a a a N")  # days of the version then in force
        ended = make("vn", "terminate", day(2))
        self.assertEqual(self.parts(ended, make("vn", "resume", day(3), ended)), "N N N N")
        self.assertEqual(self.parts(ended, make("vn", "resume", day(3))), "N N N N")  # a split's termination counts

    def joined(self, consent="none", **changes):
        terms = {"parties": ["id", "th"], "channel_types": [two_party_type()]}
        self.versions = []
        return self.start(accession=World.accession(consent=consent), **dict(terms, **changes))

    def test_accessions(self):
        make = self.world.notice_value
        for consent in ("none", "all"):
            self.joined(consent, termination={"clause": "12", "notice_days": 0})
            accede = make("vn", "accede", day(4))
            yes, late = (make(code, "consent", at, subject="vn") for code, at in (("id", day(2)), ("th", day(8))))
            cases = {
                "none": (
                    ("N N N N", []),
                    ("N a a a", [accede]),
                    ("N s s s", [accede, make("vn", "suspend", day(5), accede)]),
                    ("N a N N", [accede, make("vn", "terminate", day(7), accede)]),
                    ("N N N N", [accede, make("vn", "accede", day(5))]),  # a split: accessions do not count
                ),
                "all": (
                    ("N N N N", [accede]),
                    ("N N N N", [yes, accede]),
                    ("N N a a", [yes, late, accede]),
                    ("N N N N", [yes, dict(late, subject="th"), accede]),
                    ("N N a a", [yes, late, make("th", "consent", day(10), late, subject="vn"), accede]),  # the first
                    ("N N a a", [yes, late, dict(late, reason={"en": "x"}), accede]),  # a split: consents count
                    ("N N a a", [yes, make("th", "terminate", day(8)), accede]),  # no part, no consent
                ),
            }
            for parts, values in cases[consent]:
                self.assertEqual(self.parts(*values), parts, (consent, values))

    def test_accession_by_others_and_after(self):
        make = self.world.notice_value

        def accede():
            return make("vn", "accede", day(4))

        one = self.joined()
        self.amend(one, ("id", "th"), accession=None, **{"from": day(5)})
        self.assertEqual(self.parts(accede()), "N a a a")  # once begun it goes on
        self.versions.pop()
        self.amend(one, ("id", "th"), accession=None, **{"from": day(3)})
        self.assertEqual(self.parts(accede()), "N N N N")  # no candidate at its effective
        self.versions.pop()
        self.amend(one, ("id", "th"), accession=None, **{"from": day(5)})
        ahead = make("vn", "accede", day(2), effective=day(6))
        self.assertEqual(self.parts(ahead), "N N N N")  # of the terms at its effective, not before
        self.versions.pop()
        two = self.amend(one, accession=None, parties=list(CODES), **{"from": day(5)})
        self.amend(two, parties=["id", "th"], accession=None, **{"from": day(8)})
        self.assertEqual(self.parts(accede()), "N a N N")  # ended by becoming a party
        self.joined()
        self.parts(accede())
        view = self.view()
        self.assertEqual(view.acceded("vn", day(5)), ["indicators"])
        self.assertTrue(view.in_audience("vn", "indicators", day(5)))
        self.assertFalse(view.is_writer("vn", "indicators", day(3)))

    def test_two_active_parts(self):
        self.start(parties=["id", "th"], channel_types=[two_party_type()])
        for at, force in ((day(4), True), (day(6), False)):
            self.notices = []
            self.notice("id", "suspend", day(5))
            self.assertEqual(self.view().in_force(at), force)

    def test_active_part_by_accession(self):
        self.joined()
        self.notice("id", "suspend", day(5))
        self.assertFalse(self.view().in_force(day(6)))
        self.notice("vn", "accede", day(5))
        self.assertTrue(self.view().in_force(day(6)))

if __name__ == "__main__":
    unittest.main()
