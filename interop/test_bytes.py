"""Tests of the verifier's building blocks: Ed25519, ids, times, JSON, trees and proofs.

Where a standard gives examples (RFC 8032, RFC 8785, the proquint paper), they are used.
Run: python3 interop/test_bytes.py
"""

import json
import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import builder  # noqa: E402
import ed25519  # noqa: E402
import gotong_bytes as gb  # noqa: E402
from builder import tree_root  # noqa: E402


class Bytes(unittest.TestCase):
    def refused(self, reason, function, *arguments):
        with self.assertRaisesRegex(gb.Refused, reason):
            function(*arguments)

    def test_ed25519(self):
        seed = bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
        public = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
        good = (
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
            "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        )
        self.assertEqual(ed25519.public_key(seed).hex(), public)  # RFC 8032, section 7.1, test 2
        self.assertEqual(ed25519.sign(seed, b"\x72").hex(), good)
        public, good = bytes.fromhex(public), bytes.fromhex(good)
        self.assertTrue(ed25519.verify(public, b"\x72", good))
        self.assertFalse(ed25519.verify(public, b"\x73", good))
        larger = int.from_bytes(good[32:], "little") + ed25519.ORDER
        self.assertFalse(ed25519.verify(public, b"\x72", good[:32] + larger.to_bytes(32, "little")))

    def test_ed25519_small_order(self):
        identity = b"\x01" + bytes(31)
        self.assertFalse(ed25519.verify(identity, b"any", identity + bytes(32)))
        self.assertFalse(ed25519.good_key((ed25519.P + 1).to_bytes(32, "little")))  # y not reduced
        self.assertFalse(ed25519.good_key(b"\x01" + bytes(30) + b"\x80"))  # negative zero
        self.assertFalse(ed25519.good_key(bytes(32)))  # order 4
        # R of small order, with S such that the equation holds.
        scalar, _ = ed25519._expand(builder.seed("x"))
        public = ed25519.public_key(builder.seed("x"))
        k = ed25519._hash_to_scalar(identity, public, b"any")
        s = k * scalar % ed25519.ORDER
        self.assertFalse(ed25519.verify(public, b"any", identity + s.to_bytes(32, "little")))

    def test_ids(self):
        raw = bytes(range(32))
        self.assertEqual(gb.id_bytes(gb.id_text(raw)), raw)
        self.assertEqual(gb.words_bytes(gb.id_words(raw)), raw)
        self.assertEqual(gb.id_words(b"\x7f\x00" + bytes(30))[:5], "lusab")
        self.assertEqual(len(gb.id_text(bytes(16))), 26)
        self.refused("non-zero trailing bits", gb.id_bytes, "a" * 25 + "b", 16)
        self.refused("not 52", gb.id_bytes, gb.id_text(raw) + "====")
        self.refused("not a proquint", gb.words_bytes, gb.id_words(raw)[:-1] + "x")

    def test_times(self):
        gb.check_time("1970-01-01T00:00:00.000000Z")
        for text in ("1969-12-31T23:59:59.999999Z", "2026-01-01T24:00:00.000000Z", "2026-01-01T00:00:00.00000Z"):
            self.refused("", gb.check_time, text)

    def test_moved_times(self):
        for time, amount, moved in (
            ("2026-01-01T00:00:00.000000Z", {"days": 90}, "2026-04-01T00:00:00.000000Z"),
            ("2024-02-29T12:00:00.000001Z", {"hours": -36}, "2024-02-28T00:00:00.000001Z"),
            ("1970-01-01T00:00:00.000000Z", {"hours": -8760}, "1969-01-01T00:00:00.000000Z"),
            ("9999-12-31T23:59:59.999999Z", {"days": 36500}, "~"),
        ):
            self.assertEqual(gb.shift_time(time, **amount), moved)
        self.assertLess("9999-12-31T23:59:59.999999Z", "~")

    def test_bounds_of_text(self):
        gb.check_text("\u00e9", "x", 2, 2)
        self.refused("more than 1 bytes", gb.check_text, "\u00e9", "x", 1)
        self.refused("less than 1 bytes", gb.check_text, "", "x", 1, 1)

    def test_json(self):
        texts = ["", "{}x", "01", "NaN", "1e999", "-9007199254740992", "\ufeff{}"]
        for text in texts + ['"\\ud800"', '"\t"', '{"a":1,"a":1}']:
            self.refused("", gb.read_json, text.encode("utf-8"))
        self.refused("UTF-8", gb.read_json, b'"\xed\xa0\x80"')
        gb.read_json(b"[" * 32 + b"]" * 32)
        self.refused("deeper", gb.read_json, b"[" * 33 + b"]" * 33)
        self.refused("deeper", gb.read_json, b"[" * 100000 + b"]" * 100000)
        self.assertFalse(gb.is_integer(gb.read_json(b"-0")) or gb.is_integer(gb.read_json(b"1.0")))

    def test_canonical_json(self):
        numbers = {
            1e21: "1e+21", 1e20: "100000000000000000000", 1e-6: "0.000001", 1e-7: "1e-7", 4.5: "4.5", 2e-3: "0.002",
            333333333.33333329: "333333333.3333333", -1.5e300: "-1.5e+300", 5e-324: "5e-324", 123.0: "123", -0.0: "0",
        }
        for number, text in numbers.items():
            self.assertEqual(gb.canonical(number).decode(), text)
        names = {"\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\U0001f600": 5, "\u0080": 6, "\u00f6": 7}
        order = [2, 4, 6, 7, 1, 5, 3]  # RFC 8785, section 3.2.3
        self.assertEqual(list(json.loads(gb.canonical(names)).values()), order)
        self.assertEqual(gb.canonical('\u20ac$\u000f\nA\'"\\/\x7f').decode(), '"\u20ac$\\u000f\\nA\'\\"\\\\/\x7f"')

    def test_trees_and_proofs(self):
        hashes = [gb.leaf_hash(bytes([n])) for n in range(11)]
        tree = gb.Tree()
        self.assertEqual(tree.root(), tree_root([]))
        for size in range(1, 12):
            tree.append(hashes[size - 1])
            self.assertEqual(tree.root(), tree_root(hashes[:size]))
            for first in range(size):
                for count in range(1, size - first + 1):
                    outside = builder.proof(hashes[:size], first, count)
                    found = gb.root_from_proof(hashes[first : first + count], first, size, outside)
                    self.assertEqual(found, tree.root())


if __name__ == "__main__":
    unittest.main()
