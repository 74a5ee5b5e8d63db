"""The client against a region that runs: every method, hostile names, long streams, refusals, a node that dies in the middle.

`GOTONG_TEST_REGION` names a JSON file with `base`, `token`, `reader` (a token that only reads), `other_base`, `other_token` (another member) and `restart`, a
path: whoever makes a file there has the first node killed, and the file removed once it is gone; it is started again at once.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import unittest
import uuid
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

from gotong import Forbidden, Gotong, NotFound, Refused, Unauthenticated

CHANNEL = "rti/indicators"
VARIABLE = "GOTONG_TEST_REGION"
PATIENCE_S = 90.0


def indicator(name: str, domain: str, **more: Any) -> dict[str, Any]:
    return {
        "type": "indicator",
        "spec_version": "2.1",
        "id": f"indicator--{uuid.uuid4()}",
        "created": "2026-11-01T00:00:00.000Z",
        "modified": "2026-11-01T00:00:00.000Z",
        "name": name,
        "pattern": f"[domain-name:value = '{domain}']",
        "pattern_type": "stix",
        "valid_from": "2026-11-01T00:00:00Z",
        **more,
    }


class Region(unittest.TestCase):
    region: dict[str, str]

    @classmethod
    def setUpClass(cls) -> None:
        named = os.environ.get(VARIABLE)
        if named is None:
            raise unittest.SkipTest(f"{VARIABLE} names no region; `cargo nextest run -p gotong python_client` starts one")
        with open(named) as file:
            cls.region = json.load(file)

    def setUp(self) -> None:
        self.node = Gotong(self.region["base"], self.region["token"], patience_s=PATIENCE_S)
        self.other = Gotong(self.region["other_base"], self.region["other_token"], patience_s=PATIENCE_S)
        self.reader = Gotong(self.region["base"], self.region["reader"], patience_s=PATIENCE_S)

    def published(self, *objects: dict[str, Any], node: Gotong | None = None, tlp: str = "green") -> list[str]:
        told = list((node or self.node).publish(CHANNEL, objects, tlp=tlp))
        self.assertEqual({one["outcome"] for one in told}, {"new"}, told)
        return [thing["id"] for thing in objects]

    def wait_for(self, what: str, holds: Callable[[], bool]) -> None:
        begun = time.monotonic()
        while not holds():
            self.assertLess(time.monotonic() - begun, PATIENCE_S, f"waited too long for {what}")
            time.sleep(0.1)

    def is_known(self, node: Gotong, id: str) -> bool:
        try:
            node.record(id)
        except NotFound:
            return False
        return True

    def restart(self) -> None:
        with open(self.region["restart"], "w"):
            pass
        self.wait_for("the end of the node", lambda: not os.path.exists(self.region["restart"]))

    def test_an_indicator_goes_out_is_found_everywhere_and_is_taken_back(self) -> None:
        domain = f"{uuid.uuid4().hex}.example"
        first, second = indicator("A page that asks for passwords", domain), indicator("The same page again", domain)
        seen = {
            "type": "sighting",
            "spec_version": "2.1",
            "id": f"sighting--{uuid.uuid4()}",
            "created": "2026-11-02T00:00:00.000Z",
            "modified": "2026-11-02T00:00:00.000Z",
            "sighting_of_ref": first["id"],
            "count": 7,
        }
        ids = self.published(first, second)
        channels = {channel["handle"]: channel for channel in self.node.channels()}
        self.assertTrue(channels[CHANNEL]["may_publish"])
        self.assertFalse(channels[CHANNEL]["exercise"])

        self.wait_for("the other member", lambda: all(self.is_known(self.other, id) for id in ids))
        self.published(seen, node=self.other)
        self.wait_for("the sighting", lambda: self.is_known(self.node, seen["id"]))

        versions = self.node.record(first["id"])["versions"]
        self.assertEqual([(one["tlp"], one["object"]) for one in versions], [("green", first)])
        found = list(self.other.lookup([domain, "nobody.example"]))
        self.assertEqual([(one["value"], len(one["hits"])) for one in found], [(domain, 2), ("nobody.example", 0)])
        with_objects = next(self.other.lookup([domain], objects=True))
        self.assertIn(first, [hit["object"] for hit in with_objects["hits"]])
        related = self.node.related(first["id"])["related"]
        self.assertTrue({second["id"], seen["id"]} <= {hit["id"] for group in related for hit in group["hits"]}, related)
        self.assertEqual([one["seen"] for one in self.node.sightings(domain)["sightings"]], [7])
        self.assertEqual([one["seen"] for one in self.node.sightings_of(first["id"])["sightings"]], [7])
        publications = self.node.explain(first["id"])["publications"]
        self.assertEqual([one["channel"] for one in publications], [CHANNEL])
        receipt = versions[0]
        self.assertEqual(len(self.node.explain(log=receipt["log"], index=receipt["index"])["publications"]), 1)
        self.assertIn(domain.encode(), b"".join(self.other.export(CHANNEL, "text")))

        acts = self.node.withdraw([*ids, f"indicator--{uuid.uuid4()}"], CHANNEL, "error")
        self.assertEqual([act["outcome"] for act in acts], ["done", "done", "not_found"])
        with self.assertRaises(NotFound):
            self.node.record(first["id"])
        self.wait_for("the withdrawal", lambda: not self.is_known(self.other, first["id"]))
        self.assertEqual(next(self.other.lookup([domain]))["hits"], [])
        self.assertNotIn(domain.encode(), b"".join(self.other.export(CHANNEL, "text")))
        told = self.other.withdrawals(CHANNEL)["withdrawals"]
        self.assertTrue(any(one["first"] <= receipt["index"] <= one["last"] for one in told if one["log"] == receipt["log"]), told)

    def test_records_come_page_by_page_each_once(self) -> None:
        ids = set(self.published(*[indicator("One of many", f"{uuid.uuid4().hex}.example") for _ in range(7)]))
        for page in (1, 3, 1000):
            listed = [(record["log"], record["index"], record["id"]) for record in self.node.records(channel=CHANNEL, page=page)]
            self.assertEqual(len(listed), len(set(listed)))
            self.assertTrue(ids <= {id for _, _, id in listed})
        self.assertTrue(all(one["type"] == "indicator" for one in self.node.records(channel=CHANNEL, type="indicator")))
        self.assertEqual(list(self.node.records(channel=CHANNEL, type="tool")), [])
        since = datetime(2026, 10, 31, tzinfo=timezone.utc)
        self.assertTrue(ids <= {one["id"] for one in self.node.records(channel=CHANNEL, since=since)})
        later = [one["id"] for one in self.node.records(channel=CHANNEL, since=since + timedelta(days=3650))]
        self.assertEqual(later, [])
        # Other requests are made while a list is being read.
        read = 0
        for record in self.node.records(channel=CHANNEL, page=2):
            self.node.record(record["id"])
            read += 1
        self.assertGreaterEqual(read, 7)

    def test_formats_are_written_as_asked_or_refused_by_name(self) -> None:
        domain = f"{uuid.uuid4().hex}.example"
        (id,) = self.published(indicator("Listed", domain))
        bundle = json.loads(b"".join(self.node.export(CHANNEL, "stix", since=datetime(2026, 1, 1, tzinfo=timezone.utc))))
        self.assertIn(id, [thing["id"] for thing in bundle["objects"]])
        file = self.region["restart"] + ".export"
        self.assertEqual(self.node.export_to(file, CHANNEL, "stix"), os.path.getsize(file))
        lines = b"".join(self.node.export(CHANNEL, "list", tlp_max="green", kind="domain")).decode().splitlines()
        domains = [line for line in lines if not line.startswith("#")]
        self.assertIn("End of the export", lines[-1])
        self.assertIn(domain, domains)
        with self.assertRaises(Refused) as told:
            self.node.export_to(file, CHANNEL, "no-such-format")
        self.assertIn("format", told.exception.detail or "")
        with open(file) as kept:
            self.assertIn(id, kept.read())

    def test_refusals_name_the_clause_the_field_and_the_next_step(self) -> None:
        domain = f"{uuid.uuid4().hex}.example"
        good, strict, broken = indicator("good", domain), indicator("strict", domain), indicator("broken", domain)
        broken["created"] = "yesterday"
        strict["object_marking_refs"] = ["marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"]
        told = {one["line"]: one for one in self.node.publish(CHANNEL, [good, strict, broken, "no JSON", b"\xff"], tlp="green")}
        self.assertEqual([told[at]["outcome"] for at in (1, 2, 3, 4, 5)], ["new", "refused", "refused", "refused", "refused"])
        self.assertTrue(any("clause" in why for why in told[2]["why"]), told[2])
        self.assertEqual(told[3]["why"][0]["pointer"], "/created")
        again = list(self.node.publish(CHANNEL, [good], tlp="green"))
        self.assertEqual([one["outcome"] for one in again], ["known"])
        explained = self.node.explain_channel(CHANNEL, type="indicator", tlp="red")
        self.assertFalse(explained["permitted"])
        self.assertTrue(self.node.explain_channel(CHANNEL, type="indicator", tlp="green")["permitted"])

        with self.assertRaises(Forbidden) as forbidden:
            list(self.reader.publish(CHANNEL, [good]))
        self.assertIn("publish", forbidden.exception.detail or "")
        with self.assertRaises(Forbidden):
            self.reader.withdraw([good["id"]], CHANNEL, "error")
        self.assertTrue(self.is_known(self.reader, good["id"]), "it reads")
        stranger = Gotong(self.region["base"], self.region["token"][:-1] + "!")
        with self.assertRaises(Unauthenticated) as unknown:
            stranger.channels()
        self.assertEqual(unknown.exception.type, "/problems/unauthenticated")
        self.assertTrue(unknown.exception.next)
        self.assertNotIn(self.region["token"][:-1], str(unknown.exception) + repr(unknown.exception) + repr(stranger))
        with self.assertRaises(Refused) as refused:
            self.node.withdraw([good["id"]], CHANNEL, "no such reason")
        self.assertIn("/reason", refused.exception.pointers)
        with self.assertRaises(Refused):
            self.node.records(channel=CHANNEL, since="yesterday").__next__()

    def test_hostile_names_reach_the_node_as_they_are_and_nothing_else(self) -> None:
        names = ["../../etc/passwd", "a/../..", "%2e%2e", "a?b=c&d", "a#b", "a b", "\r\nX-Other: 1", "\0", "\u202e", "🦆" * 50, "a" * 3000, "'; drop", "*", "{id}"]
        self.assertEqual([one["value"] for one in self.node.lookup(names)], names)
        for name in names:
            with self.subTest(name[:20]):
                for ask in (self.node.record, self.node.related, self.node.explain, self.node.explain_channel, self.node.withdrawals):
                    with self.assertRaises((NotFound, Refused)):
                        ask(name)
                with self.assertRaises((NotFound, Refused)):
                    list(self.node.records(channel=name))
                with self.assertRaises((NotFound, Refused)):
                    list(self.node.publish(name, [indicator("never", "never.example")]))
                with self.assertRaises((NotFound, Refused)):
                    self.node.withdraw(["indicator--1"], name, "error")
                self.assertEqual(self.node.sightings(name)["of"], name)
        with self.assertRaises(Refused) as told:
            list(self.node.lookup(["short.example", "a" * 5000]))
        self.assertEqual(told.exception.pointers, ("/values/1",))
        hostile = indicator("<script>\u202e\"'\n\t=1+1\u2028", f"{uuid.uuid4().hex}.example", description="\\u0000 {{ }}")
        (id,) = self.published(hostile)
        self.assertEqual(self.node.record(id)["versions"][0]["object"], hostile)

    def example(self, name: str, *arguments: str, given: str = "") -> tuple[list[str], str]:
        here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
        found = {"GOTONG_SERVER": self.region["base"], "GOTONG_TOKEN": self.region["token"], "PYTHONPATH": here}
        script = os.path.join(here, "examples", name)
        ran = subprocess.run([sys.executable, "-B", script, *arguments], input=given, capture_output=True, text=True, env={**os.environ, **found})
        self.assertEqual(ran.returncode, 0, ran.stderr)
        # Not `splitlines`: names may hold line breaks of other kinds.
        return ran.stdout.split("\n")[:-1], ran.stderr

    def test_the_examples_do_what_the_recipes_say(self) -> None:
        mark = uuid.uuid4().hex
        hostile, victim = f"c2.{mark}.example", f"victim.{mark}.example"
        address = f"2001:db8:{mark[:4]}:{mark[4:8]}::1"
        at = "2026-11-22T09:00:00+00:00"
        given = [
            {"time.source": at, "classification.type": "c2-server", "source.fqdn": hostile, "source.ip": address, "tlp": "GREEN"},
            {"time.source": at, "classification.type": "infected-system", "source.fqdn": victim},
        ]
        known = f"{self.region['restart']}.{mark}"
        told, counts = self.example("events.py", "--from", "intelmq", "--channel", CHANNEL, given="\n".join(json.dumps(one) for one in given))
        self.assertEqual([json.loads(line)["outcome"] for line in told], ["new"])
        self.assertIn("'infected-system': 1", counts)
        found = [[hit["tlp"] for hit in one["hits"]] for one in self.node.lookup([hostile, victim, address])]
        self.assertEqual(found, [["green"], [], []], "the label is the event's, and the victim is named nowhere")
        self.assertEqual(self.example("gone.py", "--channel", CHANNEL, "--known", known)[0], [])

        events = [{"time": "2026-11-22T08:00:00Z", "category": "malurl", "restriction": "need-to-know", "url": f"http://n6.{mark}.example/it's"}]
        events[0]["expires"] = "2027-01-01T00:00:00Z"
        events.append({**events[0], "restriction": "internal", "url": f"http://internal.{mark}.example/"})
        events.append({**events[0], "status": "delisted", "url": f"http://delisted.{mark}.example/"})
        told, counts = self.example("events.py", "--from", "n6", "--channel", CHANNEL, "--tlp", "amber", given=json.dumps(events))
        self.assertEqual([json.loads(line)["outcome"] for line in told], ["new"])
        found = [[hit["tlp"] for hit in one["hits"]] for one in self.node.lookup([one["url"] for one in events])]
        self.assertEqual(found, [["amber"], [], []])

        bulk = [json.loads(line) for line in self.example("elastic_bulk.py", "--channel", CHANNEL, "--index", "gotong-1")[0]]
        self.assertEqual({line["index"]["_index"] for line in bulk[::2]}, {"gotong-1"})
        self.assertEqual(len({line["index"]["_id"] for line in bulk[::2]}), len(bulk) // 2)
        self.assertIn(hostile, [line["threat"]["indicator"].get("url", {}).get("domain") for line in bulk[1::2]])

        (id,) = [hit["id"] for hit in next(self.node.lookup([hostile]))["hits"]]
        self.node.withdraw([id], CHANNEL, "error")
        self.assertEqual(self.example("gone.py", "--channel", CHANNEL, "--known", known)[0], [id])
        self.assertEqual(self.example("gone.py", "--channel", CHANNEL, "--known", known)[0], [], "told once")

    def test_long_streams_go_through_a_bounded_window_and_a_dying_node(self) -> None:
        # The node is killed while objects are gathered, within an answer, and between two pages of a list.
        mark = uuid.uuid4().hex[:12]
        count = 3_000 if "GOTONG_TEST_QUICK" in os.environ else 12_000
        given = 0
        largest_lead = 0
        answered: set[int] = set()

        def source() -> Iterator[dict[str, Any]]:
            nonlocal given, largest_lead
            for number in range(count):
                if number == count * 5 // 12:
                    self.restart()
                given += 1
                largest_lead = max(largest_lead, given - len(answered))
                yield indicator(f"{mark} {number}", f"n{number}.{mark}.example")

        outcomes: dict[str, int] = {}
        for one in self.node.publish(CHANNEL, source(), tlp="green"):
            self.assertNotIn(one["line"], answered)
            answered.add(one["line"])
            outcomes[one["outcome"]] = outcomes.get(one["outcome"], 0) + 1
            if len(answered) == count // 2:
                self.restart()
        self.assertEqual(len(answered), count)
        self.assertEqual(outcomes.get("new", 0) + outcomes.get("known", 0), count, outcomes)
        self.assertLessEqual(largest_lead, 10_000, "what is held does not grow with the stream")

        # A list that is being read when the node dies is read to its end.
        numbers: set[str] = set()
        for record in self.node.records(channel=CHANNEL, page=1000):
            name = record.get("name") or ""
            if name.startswith(mark):
                self.assertNotIn(name, numbers)
                numbers.add(name)
                if len(numbers) == count // 4:
                    self.restart()
        self.assertEqual(len(numbers), count, "nothing is lost and nothing is there twice")

        # More values than one request takes; every hundredth is known.
        values = (f"n{number}.{mark}.example" if number % 100 == 0 else f"n{number}.unknown.example" for number in range(100_001))
        hits = [one["value"] for one in self.reader.lookup(values) if one["hits"]]
        self.assertEqual(hits, [f"n{number}.{mark}.example" for number in range(0, count, 100)])


if __name__ == "__main__":
    unittest.main()
