"""Tests of the exports in testdata/out, read with Python's own libraries and none of ours.

What each format must hold, and what none may, is said here again from docs/book/exports.md.
Where stix2 and stix2-validator are installed, they judge the STIX; otherwise that is said.
Run: python3 interop/test_exports.py
"""

import base64
import csv
import importlib.util
import io
import ipaddress
import json
import os
import re
import unittest

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "testdata", "out")

# Values that no list may carry, each for a reason of its own.
NEVER = ("bank.example", "revoked.example", "expired.example", "later.example", "red.example", "co.uk", "10.0.0.1", "gotong.example", "fine.example", "seen.example")
# Formats on which tools act: PAP:AMBER is not for them.
ACTING = ("gotong.txt", "gotong.hosts", "gotong.rpz.zone")


def read(name):
    with open(os.path.join(FOLDER, name), encoding="utf-8", newline="") as file:
        return file.read()


def lines(name, mark="#"):
    return [line for line in read(name).splitlines() if line and not line.startswith(mark)]


def turned_back(cell):
    cell = cell[1:] if cell.startswith("'") else cell
    return re.sub("<U\\+([0-9A-F]{4,6})>", lambda found: chr(int(found.group(1), 16)), cell)


def records():
    return [json.loads(line) for line in read("records.ndjson").splitlines()]


class Exports(unittest.TestCase):
    def test_what_no_list_may_carry(self):
        for name in sorted(os.listdir(FOLDER)):
            if name in ("README.md", "records.ndjson", "gotong.csv") or "stix" in name:
                continue
            text = "\n".join(line for line in read(name).splitlines() if not line.startswith(("#", ";")) or line.startswith("#fields"))
            if name == "gotong-domains.lst":
                text = "\n".join(base64.b64decode(line).decode() for line in text.splitlines())
            for value in NEVER:
                found = re.search("(^|[^a-z0-9.])" + re.escape(value) + "($|[^a-z0-9./])", text, re.M)
                self.assertIsNone(found, "%s has %s" % (name, value))
            self.assertEqual("watch.example" in text and name in ACTING, False, name)
        self.assertIn("evil.example", read("gotong.txt").splitlines(), "the control")
        self.assertIn("watch.example", read("gotong.intel.dat"), "the control")

    def test_csv(self):
        rows = list(csv.DictReader(io.StringIO(read("gotong.csv")), strict=True))
        self.assertTrue(rows)
        names = {record["body"]["id"]: record["body"].get("name", record["body"].get("value")) for record in records()}
        for row in rows:
            self.assertNotIn(None, row)
            self.assertEqual(turned_back(row["name"]), names[row["id"]])
            self.assertIn(row["tlp"], ("clear", "green", "amber"))
            for cell in row.values():
                self.assertNotRegex(cell, "^\\s*[=+@-]")
        self.assertEqual({row["value"] for row in rows if row["block"] == "yes"} & set(NEVER), set())
        self.assertEqual([row["block"] for row in rows if row["value"] == "bank.example"], ["out.loss.composite"])

    def test_zone(self):
        owners = set()
        for line in lines("gotong.rpz.zone", ";"):
            if line.startswith(("$", "@")):
                continue
            owner, target = re.fullmatch("(\\S+) IN CNAME (\\S+)", line).groups()
            self.assertEqual(target, ".")
            owners.add(owner)
        addresses = set()
        for owner in owners:
            if owner.endswith(".rpz-ip"):
                length, *groups = owner[: -len(".rpz-ip")].split(".")
                if "zz" in groups or len(groups) == 8:
                    text = ":".join(reversed(groups)).replace("zz", "")
                    text = text if "::" in text or len(groups) == 8 else text.replace(":", "::", 1)
                else:
                    text = ".".join(reversed(groups))
                addresses.add(str(ipaddress.ip_network("%s/%s" % (text, length))))
        self.assertEqual(addresses, {"198.51.100.7/32", "203.0.113.0/24", "2001:db8::bad/128"})
        names = {owner for owner in owners if not owner.endswith(".rpz-ip")}
        self.assertEqual(names, {"evil.example", "*.evil.example", "xn--bcher-kva.example", "*.xn--bcher-kva.example"})

    def test_rules(self):
        for name in ("gotong.suricata.rules", "gotong.snort.rules"):
            numbers = set()
            for line in lines(name):
                head, options = re.fullmatch("(alert [^(]+) \\((.*;)\\)", line).groups()
                self.assertIn(len(head.split()), (2, 7))
                sid = re.findall("(?:^|; )sid:([0-9]+);", options)
                self.assertEqual(len(sid), 1, line)
                numbers.add(int(sid[0]))
                self.assertEqual(options.count("msg:"), 1)
                self.assertEqual(options.count('"') % 2, 0)
            self.assertEqual(len(numbers), len(lines(name)), "numbers are unique")
            self.assertTrue(all(1_000_000_000 <= number < 2_000_000_000 for number in numbers))

    def test_lists(self):
        for line in lines("gotong.hosts"):
            self.assertRegex(line, "^0\\.0\\.0\\.0 [a-z0-9._-]+$")
        for name, length in (("gotong-md5.list", 32), ("gotong-sha1.list", 40), ("gotong-sha256.list", 64)):
            self.assertTrue(lines(name))
            for line in lines(name):
                self.assertRegex(line, "^[0-9a-f]{%d}$" % length)
        names = [base64.b64decode(line, validate=True).decode() for line in read("gotong-domains.lst").splitlines()]
        self.assertTrue(names[0].startswith("# Gotong export TLP:AMBER"))
        self.assertIn("evil.example", names)
        for line in lines("gotong-addresses.list"):
            address, category, score = line.split(",")
            ipaddress.ip_network(address)
            self.assertEqual(category, "1")
            self.assertTrue(1 <= int(score) <= 127)

    def test_zeek(self):
        text = read("gotong.intel.dat").split("\n")
        fields = [line for line in text if line.startswith("#fields\t")]
        self.assertEqual(len(fields), 1)
        columns = fields[0].split("\t")[1:]
        for line in lines("gotong.intel.dat"):
            row = dict(zip(columns, line.split("\t"), strict=True))
            self.assertTrue(all(row.values()))
            if row["indicator_type"] in ("Intel::ADDR", "Intel::SUBNET"):
                ipaddress.ip_network(row["indicator"])
            if row["indicator_type"] == "Intel::URL":
                self.assertNotIn("://", row["indicator"])

    def test_ecs(self):
        for line in read("gotong.ecs.ndjson").splitlines():
            found = json.loads(line)
            self.assertEqual(found["event"]["kind"], "enrichment")
            self.assertIn(found["threat"]["indicator"]["marking"]["tlp"], ("CLEAR", "GREEN", "AMBER"))

    def test_stix(self):
        bundle = json.loads(read("gotong.stix.json"))
        objects = [json.loads(line) for line in read("gotong.stix.ndjson").splitlines()]
        sent = {record["body"]["id"]: record["body"] for record in records() if record["label"] != "red"}
        self.assertEqual({found["id"] for found in objects}, set(sent))
        for found in objects:
            self.assertEqual(len(found.pop("object_marking_refs")), 1)
            self.assertEqual(found, sent[found["id"]])
        self.assertEqual(len(bundle["objects"]), len(objects) + 3, "with the definitions of three labels")
        if importlib.util.find_spec("stix2") is None or importlib.util.find_spec("stix2validator") is None:
            print("test_exports: stix2 and stix2-validator are not installed, so they did not judge the bundle")
            return
        import stix2
        import stix2validator

        self.assertEqual(len(stix2.parse(bundle, allow_custom=True)["objects"]), len(bundle["objects"]))
        options = stix2validator.ValidationOptions(version="2.1", disabled="all")
        report = stix2validator.validate_string(read("gotong.stix.json"), options)
        self.assertTrue(report.is_valid, [str(error) for error in report.errors])


if __name__ == "__main__":
    unittest.main()
