"""Tests of the verifier: a good archive as positive control, and many that are spoilt.

Every spoilt archive has to be refused (or its entry reported as faulty) for the reason that
the test names. builder.py makes and signs the archives. Run: python3 interop/test_verify.py
"""

import contextlib
import io
import json
import os
import sys
import tempfile
import unittest
import unittest.mock

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import archive  # noqa: E402
import builder  # noqa: E402
import frames  # noqa: E402
import gotong_bytes as gb  # noqa: E402
import verify  # noqa: E402
from builder import Log, World, tree_root  # noqa: E402

CHARTER, STATEMENT, AGREEMENT, FRAME, ACK, NOTICE = 1, 2, 3, 4, 5, 6


def verified(sections):
    """The JSON report of an archive of these sections (or of these bytes)."""
    data = sections if isinstance(sections, bytes) else builder.archive(sections)
    return archive.verify_archive(io.BytesIO(data)).as_json()


def governance(world, codes=builder.CODES):
    sections = [(CHARTER, world.charter())]
    sections += [(STATEMENT, world.statement(code)) for code in codes]
    return sections + [(AGREEMENT, world.agreement_note())]


def sample(world):
    """A log of vn with eight entries: open, records, a tombstone for 2 and 3 (2 erased), a relabel, a record."""
    log = Log(world, "vn")
    for _ in range(4):
        log.record()
    log.tombstone(log.ranges((2, 3)), "superseded")
    log.relabel(log.ranges((1, 1)))
    log.record(organisation="CERT", language="vi", after={"th/" + log.epoch_text: 3}, unheard_of=[1.5])
    log.erase(2)
    log.erase(3)
    return log


class Case(unittest.TestCase):
    """Asserts on whole archives."""

    def setUp(self):
        self.world = World()

    def assertRefused(self, sections, reason, kind=None):
        with self.assertRaises(archive.ArchiveRefused) as caught:
            verified(sections)
        self.assertIn(reason, str(caught.exception))
        if kind:
            self.assertEqual(caught.exception.kind, kind)
        return caught.exception

    def with_frames(self, *frames_):
        return governance(self.world) + [(FRAME, frame) for frame in frames_]

    def only(self, *frames_):
        """The report on the single log of these frames."""
        report = verified(self.with_frames(*frames_))
        self.assertEqual(len(report["logs"]), 1)
        return report["logs"][0]

    def assertFaulty(self, log, index, reason):
        report = self.only(log.frame())
        self.assertEqual([fault["index"] for fault in report["faults"]], [index], report["faults"])
        self.assertIn(reason, report["faults"][0]["reason"])
        return report

    def counts(self, report):
        return [report[name] for name in ("size", "whole", "erased", "withheld", "faulty")]


class PositiveControl(Case):
    def sections(self):
        log = sample(self.world)
        frames_ = [(FRAME, log.frame(0, 3)), (FRAME, log.frame(3, 5))]
        return log, governance(self.world) + frames_ + [(ACK, self.world.acknowledgement("th", log, 8))]

    def test_valid_archive(self):
        log, sections = self.sections()
        report = verified(sections)
        self.assertTrue(report["ok"])
        self.assertEqual(report["region"], self.world.region_text)
        (found,) = report["logs"]
        self.assertEqual(found["origin"], log.origin)
        self.assertEqual(found["root"], gb.base64_text(tree_root(log.leaf_hashes())))
        self.assertEqual(self.counts(found), [8, 6, 2, 0, 0])
        self.assertEqual(report["acknowledgements"][0]["verified"], 8)

    def test_flipped_bits_everywhere(self):
        """Each bit of an archive counts: one flipped anywhere is refused."""
        data = builder.archive(self.sections()[1])
        for number, position in enumerate(range(0, len(data), 89)):
            spoilt = bytearray(data)
            spoilt[position] ^= 1 << number % 8
            with self.assertRaises(archive.ArchiveRefused, msg="byte %d" % position):
                verified(bytes(spoilt))

    def test_cut_short_anywhere(self):
        _, sections = self.sections()
        data = builder.archive(sections)
        for length in range(len(data) - 1, len(data) - len(sections[-1][1]) - 5, -97):
            self.assertRefused(data[:length], "the file ends within a section", "acknowledgement")

    def test_same_checkpoint_newer_checkpoint_and_interleaved_logs(self):
        log, other = sample(self.world), Log(self.world, "th")
        other.record()
        report = verified(self.with_frames(log.frame(0, 3, 5), other.frame(), log.frame(3, 5)))
        self.assertEqual([found["size"] for found in report["logs"]], [8, 2])

    def test_command_line(self):
        _, sections = self.sections()
        words = gb.id_words(self.world.region)
        with tempfile.TemporaryDirectory() as folder:
            good, bad = os.path.join(folder, "good.gta"), os.path.join(folder, "bad.gta")
            for path, data in ((good, builder.archive(sections)), (bad, builder.archive(sections)[:-1])):
                with open(path, "wb") as file:
                    file.write(data)
            code, text = self.run_verify(good, "--region", words)
            self.assertEqual(code, 0)
            self.assertIn("withheld", text)
            code, text = self.run_verify(good, "--json", "--region", self.world.region_text)
            self.assertEqual((code, json.loads(text)["ok"]), (0, True))
            code, text = self.run_verify(good, "--region", gb.id_words(bytes(32)))
            self.assertEqual(code, 1)
            self.assertIn("of another region", text)
            code, text = self.run_verify(bad, "--json")
            found = json.loads(text)
            self.assertEqual((code, found["ok"], found["section"], found["kind"]), (1, False, 8, "acknowledgement"))
            for arguments in ([], [good, "--what"], [good, "--region", "lusab"], [os.path.join(folder, "none")]):
                self.assertEqual(self.run_verify(*arguments)[0], 2)

    @staticmethod
    def run_verify(*arguments):
        out = io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()):
            try:
                code = verify.main(list(arguments))
            except SystemExit as left:
                code = left.code
        return code, out.getvalue()


class FileRules(Case):
    def test_wrong_first_line(self):
        data = builder.archive(governance(self.world))
        self.assertRefused(data.replace(b"archive 0", b"archive 1", 1), "wrong first line", "magic")
        self.assertRefused(b"", "wrong first line")

    def test_section_order_and_types(self):
        sections = governance(self.world)
        self.assertRefused(sections[1:], "the charter does not come first")
        self.assertRefused(sections + sections[:1], "a charter that does not stand behind")
        self.assertRefused(sections + [(7, b"")], "unknown section type 7")
        self.assertRefused([sections[0], sections[2], sections[1]], "not in order of member", "statement")

    def test_bytes_after_the_end(self):
        data = builder.archive(governance(self.world))
        self.assertRefused(data + b"\x04", "the file ends within a section")
        self.assertRefused(data + b"\x00\x00", "unknown section type 0")

    def test_section_too_long_is_refused_unread(self):
        data = builder.archive(governance(self.world)) + b"\x02" + gb.u32(16385) + b"x" * 16385
        self.assertRefused(data, "section of 16385 bytes, more than 16384", "statement")

    def test_offset_is_that_of_the_section(self):
        sections = governance(self.world)
        refused = self.assertRefused(sections + [(FRAME, b"gtfX")], "wrong magic", "frame")
        self.assertEqual(refused.offset, len(builder.archive(sections)))
        self.assertEqual(refused.section, 6)


class Documents(Case):
    def refused_charter(self, reason, **changes):
        self.assertRefused([(CHARTER, self.world.charter(**changes))], reason, "charter")

    def spoil_charter(self, reason, **members):
        world = World()
        world.charter_value.update(members)
        world.set_region()
        self.assertRefused([(CHARTER, world.charter())], reason, "charter")

    def test_charter_signatures(self):
        good = self.world.charter().decode("utf-8")
        first, last = good.index("\u2014 "), good.rindex("\u2014 ")
        one = good[last:]
        self.assertRefused([(1, good[:last].encode())], "no signature by gotong/")
        self.assertRefused([(1, (good + one).encode())], "two signature lines by")
        stranger = builder.signature_line("somebody", builder.seed("x"), b"x")
        self.assertEqual(verified([(1, (good + stranger).encode())])["logs"], [])
        forged = builder.signature_line(one.split(" ")[1], builder.seed("root vn"), b"another text\n")
        self.assertRefused([(1, (good[:last] + forged).encode())], "bad signature by gotong/")
        other_key = builder.signature_line(one.split(" ")[1], builder.seed("x"), good[: first - 1].encode())
        self.assertRefused([(1, (good[:last] + other_key).encode())], "no signature by gotong/")
        self.assertRefused([(1, good[:last].encode() + b"junk\n")], "malformed signature line")
        self.assertRefused([(1, (good + stranger * 300).encode())], "more than 300 signature lines")

    def test_bad_base64_in_a_signature_line(self):
        good = self.world.charter().decode("utf-8")
        self.assertRefused([(1, (good[:-2] + "\n").encode())], "bad base64")  # padding left out
        self.assertRefused([(1, (good[:-2] + " \n").encode())], "malformed signature line")
        self.assertTrue(good.endswith("==\n") or good.endswith("=\n"))
        letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        body = good.rstrip("=\n")
        spare = body[:-1] + letters[letters.index(body[-1]) + 1]  # a bit set that nothing stands for
        self.assertRefused([(1, (spare + good[len(body) :]).encode())], "base64 is not canonical")

    def test_charter_region_and_first_line(self):
        other = gb.id_text(bytes(32))
        self.refused_charter("not the region of its first line", line="gotong/%s/charter" % other)
        self.refused_charter("first line names purpose", line="gotong/%s/agreement" % self.world.region_text)
        self.refused_charter("first line is not", line="gotong/charter")

    def test_charter_json(self):
        good = gb.canonical(self.world.charter_value)
        twice = good[:-1] + b',"version":0}'
        self.refused_charter("duplicate member name 'version'", raw=twice)
        self.refused_charter("JSON is not canonical", raw=good.replace(b'"number":1', b'"number": 1'))
        self.refused_charter("JSON is not canonical", raw=good.replace(b"A region", b"\\u0041 region"))
        self.refused_charter("JSON is not canonical", raw=b'{"version":0,' + good[1:].replace(b',"version":0', b""))
        self.refused_charter("not JSON", raw=good + b"{}")
        deep = good.replace(b'"rule":"all"', b'"rule":' + b"[" * 40 + b"]" * 40)
        self.refused_charter("nested deeper than 32", raw=deep)
        self.spoil_charter("not named: 'extra'", extra=1)
        self.spoil_charter("version is not 0", version=1)
        self.spoil_charter("number is not an integer from 1 to 1", number=2)

    def test_charter_members(self):
        members = self.world.charter_value["members"]
        self.spoil_charter("members is not sorted", members=members[::-1])
        same_key = [dict(member, root_key=members[0]["root_key"]) for member in members]
        self.spoil_charter("root key is used twice", members=same_key)
        small = gb.base64_text(b"\x01" + bytes(31))
        self.spoil_charter("not a good Ed25519 key", members=[dict(members[0], root_key=small)] + members[1:])
        self.spoil_charter("bad base64", members=[dict(members[0], root_key="A" * 43)] + members[1:])
        self.spoil_charter("is not a member of role state", members=[dict(members[0], role="partner")] + members[1:])
        self.spoil_charter("not more than half", voters=["id", "vn"], rule={"at_least": 1})
        self.spoil_charter("is not a time", founded_at="2026-01-01T00:00:00Z")

    def statement(self, reason, code="vn", serial=1, previous=None, **members):
        value = self.world.statement_value(code, serial, previous)
        value.update(members)
        before = governance(self.world)[:3]
        self.assertRefused(before + [(STATEMENT, self.world.statement(code, value))], reason, "statement")

    def test_statements(self):
        zero = gb.id_text(bytes(32))
        self.statement("previous of serial 1", previous=zero)
        self.statement("broken chain: serial 2 of vn follows 0", serial=2, previous=zero)
        self.statement("lower-case base32", tls_keys=[zero.upper()])
        self.statement("non-zero trailing bits", tls_keys=[zero[:-1] + "b"])
        self.statement("the node key is a root key", node_key=World.public("root id"))
        self.statement("not host:port", addresses=["nowhere"])
        self.statement("tls_keys has 0 elements", tls_keys=[])
        self.statement("not named", telephone="1")
        wrong = self.world.document("statement", self.world.statement_value("vn"), [self.world.root("th")])
        self.assertRefused(governance(self.world)[:3] + [(STATEMENT, wrong)], "no signature by", "statement")

    def test_statement_chain(self):
        start = governance(self.world)[:4]
        good = start + [(STATEMENT, self.world.second_statement("vn"))]
        self.assertEqual(verified(good)["logs"], [])
        bad = self.world.statement("vn", self.world.statement_value("vn", 2, gb.id_text(bytes(32))))
        self.assertRefused(start + [(STATEMENT, bad)], "previous is not the statement before")
        self.assertRefused(start + start[-1:], "the same statement twice")
        other = dict(self.world.statement_value("vn"), addresses=[])
        self.assertRefused(good + [(STATEMENT, self.world.statement("vn", other))], "split: two different statements")

    def agreement(self, reason, signers=builder.CODES, type_=None, **members):
        world = World()
        world.agreement_value.update(members)
        world.agreement_value["channel_types"][0].update(type_ or {})
        self.assertRefused([(1, world.charter()), (3, world.agreement_note(signers))], reason, "agreement")

    def test_agreements(self):
        self.agreement("no signature by", signers=("id", "vn"))
        self.agreement("dates_clause names no clause: '13'", dates_clause="13")
        self.agreement("ceiling_clause names no clause", type_={"ceiling_clause": "3.3"})
        self.agreement("used twice", clauses=self.world.agreement_value["clauses"] * 2)
        self.agreement("parties is not sorted", parties=["th", "id", "vn"])
        self.agreement("audience of indicators has a non-party", parties=["id", "vn"])
        self.agreement("ceiling is not a label", type_={"ceiling": "white"})
        self.agreement("kinds is not sorted", type_={"kinds": ["stix", "stix"]})
        self.agreement("base64 holds 15 bytes", nonce=gb.base64_text(bytes(15)))
        self.agreement("not a member of any charter", parties=["id", "th", "vn", "xx"])
        good = self.world.agreement_note()
        self.assertRefused([(1, self.world.charter()), (3, good), (3, good)], "the same agreement twice")

    def test_acknowledgements(self):
        log = sample(self.world)
        world = self.world

        def refused(reason, note, *more):
            self.assertRefused(self.with_frames(log.frame()) + list(more) + [(ACK, note)], reason, "acknowledgement")

        wrong = {"root": gb.base64_text(bytes(32))}
        refused("the root acknowledged is not", world.acknowledgement("th", log, 8, changes=wrong))
        refused("verified is above the size", world.acknowledgement("th", log, 9))
        refused("erased is not an integer from 0 to 7", world.acknowledgement("th", log, 7, changes={"erased": 8}))
        refused("no signature by", world.acknowledgement("th", log, 7, serial=2))
        refused("log that is not in the archive", world.acknowledgement("th", log, 7, changes={"log": log.origin[:-1]}))
        good = world.acknowledgement("id", log, 5)
        refused("not newer", good, (ACK, good))
        other = sample(world)
        other.control("basis", {})
        sections = self.with_frames(other.frame()) + [(ACK, world.acknowledgement("th", other, 9))]
        self.assertRefused(sections, "erased passes a control entry", "acknowledgement")


class Frames(Case):
    def setUp(self):
        super().setUp()
        self.log = sample(self.world)

    def refused(self, reason, *frames_):
        return self.assertRefused(self.with_frames(*frames_), reason, "frame")

    def test_swapped_gap_overlap(self):
        one, two, three = self.log.frame(0, 3), self.log.frame(3, 2), self.log.frame(5, 3)
        self.assertEqual(self.only(one, two, three)["size"], 8)
        self.refused("gap: the frame begins at 3, the log stands at 0", two, one, three)
        self.refused("gap: the frame begins at 5, the log stands at 3", one, three)
        self.refused("overlap: the frame begins at 3, the log stands at 5", one, two, two)
        self.refused("overlap", one, self.log.frame(2, 3), three)
        self.refused("the log ends at 5, its checkpoint has size 8", one, two)

    def test_two_histories(self):
        other = sample(self.world)
        other.entries[1]["body"] = other.entries[1]["body"].replace(b"= 1", b"= 7")
        self.refused("two histories: entry 1 differs", self.log.frame(), other.frame())
        self.refused("two histories: the root at size 8", self.log.frame(0, 3), other.frame(3, 5))
        other.entries = other.entries[:5]
        frames_ = self.log.frame(0, 3), other.frame(3, 2), self.log.frame(5, 3)
        self.refused("two histories: the root at size 5", *frames_)

    def test_checkpoint_size_and_root(self):
        log = self.log
        self.refused("the proof does not give", log.frame(checkpoint=log.checkpoint(root=bytes(32))))
        right = tree_root(log.leaf_hashes())
        self.refused("proof has too few hashes", log.frame(checkpoint=log.checkpoint(9, root=right)))
        self.refused("reaches past", log.frame(checkpoint=log.checkpoint(7, root=right)))
        # A frame from the left does not prove the size; the rest of the log does.
        small = log.frame(0, 3, checkpoint=log.checkpoint(7, root=right))
        self.refused("the log ends at 3, its checkpoint has size 7", small)
        self.refused("two histories: the root at size 7", small, log.frame(3, 5))

    def test_checkpoint_note(self):
        log = self.log

        def refused(reason, text, name=None):
            key = builder.seed(World.node_words("vn"))
            self.refused(reason, log.frame(checkpoint=builder.note(text, [(name or log.origin, key)])))

        good = log.checkpoint().decode("utf-8").split("\n\n")[0] + "\n"
        refused("three lines, not 4", good + "extension\n")
        refused("size is misspelt", good.replace("\n8\n", "\n08\n"))
        refused("size is not below 2^36", good.replace("\n8\n", "\n68719476736\n"))
        refused("no signature of the checkpoint", good, "gotong/%s/vn/node" % self.world.region_text)
        refused("base64 holds 31 bytes", "%s\n8\n%s\n" % (log.origin, gb.base64_text(bytes(31))))
        other = good.replace(self.world.region_text, gb.id_text(bytes(32)))
        refused("another region", other)
        refused("lower-case base32", good.replace(log.epoch_text, log.epoch_text.upper()))
        refused("origin is not", good.replace("/vn/", "/"))
        stranger = log.checkpoint(serial=2)
        self.refused("no signature of the checkpoint", log.frame(checkpoint=stranger))
        line = log.checkpoint().decode("utf-8").split("\n\n")[1]
        self.refused("two signature lines", log.frame(checkpoint=(good + "\n" + line * 2).encode()))

    def test_author_without_statement(self):
        sections = governance(self.world, ("id", "th")) + [(FRAME, self.log.frame())]
        self.assertRefused(sections, "no statement of vn", "frame")

    def test_frame_fields(self):
        log = self.log
        good = log.frame()
        self.refused("1 bytes follow the end of frame", good + b"\x00")
        self.refused("frame ends too early", good[:-1])
        self.refused("wrong magic", b"gtf1" + good[4:])
        self.refused("frame of 0 entries", log.frame(head=(0, 0)))
        self.refused("frame of 1025 entries", log.frame(head=(0, 1025)))
        self.refused("reaches past", log.frame(head=(1, 8)))
        self.refused("reaches past", log.frame(head=(2**64 - 1, 1)))
        self.refused("proof of 129 hashes", log.frame(proof=[bytes(32)] * 129))
        self.refused("hashes left over", log.frame(proof=[bytes(32)]))
        self.refused("proof has too few", log.frame(0, 3, proof=[]))
        self.refused("does not give", log.frame(0, 3, proof=builder.proof(log.leaf_hashes(), 0, 3)[::-1]))
        self.refused("encoding 2", log.frame(encoding=2))
        self.refused("not the 7 promised", log.frame(length=7))
        self.refused("more than 8388608", log.frame(length=8388609))
        packed = log.packed(0, 8)
        self.refused("1 bytes follow the end of entries", log.frame(packed=packed + b"x", length=len(packed) + 1))
        self.refused("form 2", log.frame(packed=b"\x02" + packed[1:]))
        self.refused("unknown flag bits", log.frame(packed=b"\x00\x04" + packed[2:]))
        self.refused("does not give", log.frame(packed=packed.replace(b"CERT", b"cert")))
        salt = log.entries[0]["salts"][0]
        self.refused("does not give", log.frame(packed=packed.replace(salt, bytes(32))))

    def test_bounds_of_entries(self):
        self.log.record(body=b" " * (1 << 20))
        self.log.record(body=b" " * ((1 << 20) + 1))
        self.refused("body has 1048577 bytes", self.log.frame())
        log = Log(self.world, "vn")
        log.control("basis", None, raw=b" " * 65537)
        self.refused("body has 65537 bytes", log.frame())
        log = Log(self.world, "vn")
        log.record(padding="x" * 16384)
        self.refused("envelope has", log.frame())

    def test_erased_control_entry(self):
        self.log.erase(5)
        self.refused("a control entry without its body", self.log.frame())

    def test_old_key(self):
        log = self.log
        start = governance(self.world)
        start.insert(4, (STATEMENT, self.world.second_statement("vn")))
        old, new = log.frame(0, 3), log.frame(3, 5, checkpoint=log.checkpoint(serial=2))
        self.assertRefused(start + [(FRAME, log.frame())], "checkpoint under an old key of vn", "frame")
        self.assertEqual(verified(start + [(FRAME, old), (FRAME, new)])["logs"][0]["size"], 8)
        early = log.frame(0, 3, 5, checkpoint=log.checkpoint(5, serial=2))
        self.assertRefused(start + [(FRAME, early), (FRAME, log.frame(3, 5))], "under an old key", "frame")
        ack = (ACK, self.world.acknowledgement("vn", log, 8))
        self.assertRefused(start + [(FRAME, old), (FRAME, new), ack], "signed under an old key of vn")

    def test_zstd_without_the_package(self):
        with unittest.mock.patch.object(frames, "zstandard", None):
            self.refused("the Python package zstandard is not installed", self.log.frame(encoding=1))

    @unittest.skipIf(frames.zstandard is None, "the Python package zstandard is not installed")
    def test_zstd(self):
        packed = self.log.packed(0, 8)
        small = frames.zstandard.ZstdCompressor().compress(packed)
        parts = {"encoding": 1, "length": len(packed)}
        self.assertEqual(self.only(self.log.frame(packed=small, **parts))["size"], 8)
        writer = frames.zstandard.ZstdCompressor(write_content_size=False).compressobj()
        unsized = writer.compress(packed) + writer.flush()
        self.assertEqual(self.only(self.log.frame(packed=unsized, **parts))["size"], 8)
        self.refused("1 bytes follow the zstd frame", self.log.frame(packed=small + b"x", **parts))
        self.refused("bytes follow the zstd frame", self.log.frame(packed=small + small, **parts))
        self.refused("zstd", self.log.frame(packed=small[:-1], **parts))
        self.refused("promised", self.log.frame(packed=small, encoding=1, length=len(packed) + 1))
        self.refused("more bytes than promised", self.log.frame(packed=unsized, encoding=1, length=len(packed) - 1))
        self.refused("not a zstd frame", self.log.frame(packed=b"\x50\x2a\x4d\x18\x00\x00\x00\x00" + small, **parts))
        wide = frames.zstandard.ZstdCompressionParameters(window_log=24)
        writer = frames.zstandard.ZstdCompressor(compression_params=wide).compressobj()
        large = writer.compress(packed) + writer.flush()
        self.refused("window is larger", self.log.frame(packed=large, **parts))


class Entries(Case):
    def setUp(self):
        super().setUp()
        self.log = Log(self.world, "vn")

    def opening(self, reason, **members):
        report = self.assertFaulty(Log(self.world, "vn", opening=members), 0, reason)
        self.assertIn("not shown from entry 0 on", report["notes"][0])

    def test_entry_zero(self):
        zero = gb.id_text(bytes(32))
        self.opening("names another channel", channel=zero)
        self.opening("names another region", region=zero)
        self.opening("names another author", author="th")
        self.opening("names another epoch", epoch="a" * 26)
        self.opening("channel id is not what", agreement=zero)
        self.opening("channel id is not what", type="cases")
        self.opening("exercise is not true or false", exercise=0)
        self.opening("exercise is not that of the type", exercise=True)
        self.opening("notices is not sorted", notices=[zero, zero])
        self.opening("not named: 'motto'", motto="")
        own = self.log.epoch_text
        self.opening("its own predecessor", predecessor={"epoch": own, "root": zero, "size": 0})

    def test_wrong_epoch_in_entry_zero(self):
        other = Log(self.world, "vn", 2)
        other.entries[0] = self.log.entries[0]
        self.assertFaulty(other, 0, "names another epoch")

    def test_entry_zero_is_no_open(self):
        self.log.entries, self.log.minute = [], 0
        self.log.record()
        self.assertFaulty(self.log, 0, "entry 0 is not an open entry")
        self.log.entries = []
        self.log.basis_entry()
        self.assertFaulty(self.log, 0, "entry 0 is not an open entry")

    def test_author_outside_the_writers(self):
        self.world.agreement_value["channel_types"][0]["writers"] = ["id", "th"]
        self.world.set_agreement()
        self.assertFaulty(Log(self.world, "vn"), 0, "not of the writers")

    def test_log_held_as_a_whole(self):
        self.log.record()
        report = verified(governance(self.world)[:4] + [(FRAME, self.log.frame())])["logs"][0]
        self.assertEqual((self.counts(report), report["held"]), ([2, 2, 0, 0, 0], 1))
        self.assertIn("held as a whole: agreement_hash is not in the archive", report["notes"])
        for name in ("charter", "agreement_hash", "notices"):
            zero = gb.id_text(bytes(32))
            log = Log(self.world, "vn", opening={name: [zero] if name == "notices" else zero})
            log.record()
            log.basis_entry(notices=[zero] if name == "notices" else [])
            log.record()
            report = self.only(log.frame())
            self.assertEqual((self.counts(report), report["held"]), ([4, 4, 0, 0, 0], 2))

    def test_opened_channel(self):
        opened = ("th", bytes(range(32)), 1)
        guest, opener = Log(self.world, "vn", opened=opened), Log(self.world, "th", opened=opened)
        self.assertIn("not shown: the log of the opener", self.only(guest.frame())["notes"][0])
        report = verified(self.with_frames(guest.frame(), opener.frame()))
        self.assertEqual([log["notes"] for log in report["logs"]], [[], []])
        false = Log(self.world, "vn", opened=opened, opening={"exercise": False})
        self.assertFaulty(false, 0, "channel id is not what section 6 computes")

    def record(self, reason, **changes):
        log = Log(self.world, "vn")
        log.record(**changes)
        self.assertFaulty(log, 1, reason)

    def test_records(self):
        self.record("tlp is not a label", tlp="white")
        self.record("above the ceiling", tlp="red")
        self.record("size is not that of the body", size=3)
        self.record("basis is not 0", basis=1)
        self.record("before that of the newest control entry", published_at="2026-01-01T00:00:00.000000Z")
        self.record("is no instant", published_at="2026-02-30T00:00:00.000000Z")
        self.record("is no instant", published_at="2026-01-02T23:59:60.000000Z")
        self.record("version is not an integer", version=1.5)
        self.record("does not allow kind misp", kind="misp")
        self.record("record of control kind basis", kind="basis")
        self.record("body has no text member id", body=b'{"type":"indicator"}')
        self.record("duplicate member name 'a'", body=b'{"type":"x","id":"y","b":[{"a":1,"\\u0061":2}]}')
        self.record("body is not an object", body=b"[]")
        self.record("lone surrogate", body=b'{"type":"x","id":"\\ud800"}')
        self.record("begins with a byte order mark", body=b'\xef\xbb\xbf{"type":"x","id":"y"}')
        self.record("integer out of range", body=b'{"type":"x","id":"y","n":9007199254740992}')
        self.record("organisation has more than 256", organisation="\u00e9" * 129)
        self.record("after names the log itself", after={"vn/" + self.log.epoch_text: 1})
        self.record("has 25 characters, not 26", after={"vn/" + "a" * 25: 1})
        self.record("pap is misspelt", pap="amber+strict")
        self.record("personal_data is misspelt", personal_data="permitted")

    def test_markings(self):
        red = "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"
        amber = "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82"
        for marking, faulty in ((red, True), (amber, False)):
            body = gb.canonical({"id": "x", "object_marking_refs": [marking], "type": "indicator"})
            log = Log(self.world, "vn")
            log.record(body=body, tlp="amber")
            if faulty:
                self.assertFaulty(log, 1, "laxer than a marking")
            else:
                self.assertEqual(self.only(log.frame())["faulty"], 0)

    def test_envelope_is_strict_but_need_not_be_canonical(self):
        good = self.log.envelope("stix", b'{"type":"x","id":"y"}', tlp="green")
        spaced = json.dumps(good).encode()
        self.log.add(0, spaced, b'{"type":"x","id":"y"}')
        self.assertEqual(self.only(self.log.frame())["faulty"], 0)
        self.log.add(0, spaced[:-1] + b', "tlp": "green"}', b'{"type":"x","id":"y"}')
        self.assertFaulty(self.log, 2, "duplicate member name 'tlp'")

    def test_kind_of_one_stix_type(self):
        self.world.agreement_value["channel_types"][0]["kinds"] = ["stix.indicator"]
        self.world.set_agreement()
        log = Log(self.world, "vn")
        log.record()
        log.record(body=b'{"type":"malware","id":"y"}')
        self.assertFaulty(log, 2, "does not allow kind stix")

    def test_critical_members_and_kinds(self):
        for changes in ({"critical": ["embargo"], "embargo": 1}, {"version": 2, "flags": 1}):
            log = Log(self.world, "vn")
            log.record()
            log.record(**changes)
            report = self.only(log.frame())
            self.assertEqual(self.counts(report), [3, 3, 0, 0, 0])
            self.assertIn("not shown from entry 2 on: unknown", report["notes"][0])
        log.record(critical=["tlp"])
        self.assertEqual(self.only(log.frame())["faulty"], 0)

    def control(self, reason, kind, body, **changes):
        log = Log(self.world, "vn")
        log.record()
        log.control(kind, body, **changes)
        self.assertFaulty(log, 2, reason)

    def test_control_entries(self):
        basis = {"agreement_hash": gb.id_text(self.world.agreement), "charter": self.world.region_text, "notices": []}
        self.control("an open entry at index 2", "open", self.log.open_body())
        self.control("wrong critical flag", "tombstone", {}, flags=2)
        self.control("wrong critical flag", "novelty", {}, flags=2)
        self.control("not canonical", "basis", None, raw=gb.canonical(basis) + b" ")
        self.control("not named: 'note'", "basis", dict(basis, note="x"))
        self.control("not named: 'tlp'", "basis", basis, tlp="green")
        log = Log(self.world, "vn")
        raw = gb.canonical(basis)
        log.add(2, gb.canonical(log.envelope("basis", raw)) + b" ", raw)
        self.assertFaulty(log, 1, "not canonical")
        log = Log(self.world, "vn")
        log.basis_entry()
        log.record()
        log.record(basis=0)
        self.assertFaulty(log, 3, "basis is not 1")

    def test_unknown_control_entry_stops_showing_but_not_erasing(self):
        self.log.record()
        self.log.control("admit", {"anything": 1})
        self.log.tombstone(self.log.ranges((1, 1)))
        self.log.erase(1)
        report = self.only(self.log.frame())
        self.assertEqual(self.counts(report), [4, 3, 1, 0, 0])
        self.assertIn("not shown from entry 2 on: unknown", report["notes"][0])

    def tombstone(self, reason, targets, why="error"):
        log = Log(self.world, "vn")
        for _ in range(4):
            log.record()
        log.tombstone(targets, why)
        report = self.assertFaulty(log, 5, reason)
        self.assertIn("not shown from entry 5 on", report["notes"][0])

    def test_tombstones(self):
        own = self.log.ranges
        self.tombstone("above its last", own((3, 2)))
        self.tombstone("to the entry itself or past it", own((1, 5)))
        self.tombstone("ranges are not ascending", own((3, 3), (1, 1)))
        self.tombstone("ranges overlap", own((1, 3), (3, 4)))
        self.tombstone("targets has 0 elements", [])
        self.tombstone("targets has 1025 elements", own((1, 1)) * 1025)
        self.tombstone("reason is misspelt", own((1, 1)), "whim")
        self.tombstone("last is not an integer", own((1, 2**36)))
        epochs = sorted([self.log.epoch_text, "a" * 26], reverse=True)
        self.tombstone("epochs of ranges are not ascending", [{"epoch": e, "first": 1, "last": 1} for e in epochs])
        self.tombstone("has 3 characters, not 26", [{"epoch": "abc", "first": 1, "last": 1}])

    def test_erased_and_withheld(self):
        for _ in range(3):
            self.log.record()
        self.log.erase(1)
        self.log.erase(2)
        report = self.only(self.log.frame())
        self.assertEqual(self.counts(report), [4, 2, 0, 2, 0])
        self.assertIn("incomplete: 2 entries are withheld", report["notes"])
        self.log.tombstone(self.log.ranges((0, 1)))  # names entry 0 too, which it cannot touch
        self.assertEqual(self.counts(self.only(self.log.frame())), [5, 3, 1, 1, 0])

    def test_named_entry_that_arrives_whole(self):
        self.log.record(tlp="white")
        self.log.tombstone(self.log.ranges((1, 1)))
        report = self.only(self.log.frame())
        self.assertEqual(self.counts(report), [3, 2, 1, 0, 0])
        self.assertIn("arrived whole although a tombstone names them", report["notes"][0])

    def test_tombstone_of_another_epoch(self):
        self.log.record()
        self.log.erase(1)
        root = gb.id_text(tree_root(self.log.leaf_hashes()))
        before = {"epoch": self.log.epoch_text, "root": root, "size": 2}
        later = Log(self.world, "vn", 2, opening={"predecessor": before})
        later.tombstone([{"epoch": self.log.epoch_text, "first": 0, "last": 2**36 - 1}])
        report = verified(self.with_frames(self.log.frame(), later.frame()))
        self.assertEqual(self.counts(report["logs"][0]), [2, 1, 1, 0, 0])
        self.assertEqual(report["logs"][1]["notes"], [])
        self.log.tombstone([{"epoch": later.epoch_text, "first": 0, "last": 5}])
        report = verified(self.with_frames(self.log.frame(), later.frame()))
        self.assertIn("comes after this one", report["logs"][0]["faults"][0]["reason"])
        before["root"] = gb.id_text(bytes(32))
        wrong = Log(self.world, "vn", 2, opening={"predecessor": before})
        report = verified(self.with_frames(self.log.frame(), wrong.frame()))
        self.assertIn("the predecessor's root at size 2", report["logs"][1]["notes"][0])

    def test_relabels(self):
        for targets, tlp, reason in (
            (self.log.ranges((1, 1)), "red", "above the ceiling"),
            (self.log.ranges((1, 1)), "amber-strict", "not a label"),
            (self.log.ranges((1, 2)), "amber", "to the entry itself or past it"),
        ):
            log = Log(self.world, "vn")
            log.record()
            log.relabel(targets, tlp)
            self.assertFaulty(log, 2, reason)


if __name__ == "__main__":
    unittest.main()
