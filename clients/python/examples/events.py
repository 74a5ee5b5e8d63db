"""Publishes hostile addresses, names and URLs from events of IntelMQ or n6 (one JSON object a line, or one array) on standard input.

    python examples/events.py --from intelmq --channel house/national --tlp amber < events.json

Only what the event calls hostile is published, as an indicator: in most events the source is a victim, and its address must not end in a block list. The
address of the node and the token come from GOTONG_SERVER and GOTONG_TOKEN. Each object's outcome goes to standard output, counts to standard error.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import uuid
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

from gotong import Gotong

# Kinds of events whose source is the attacker's, and what STIX calls that.
HOSTILE = {
    "intelmq": {"c2-server": "command-and-control", "malware-distribution": "malicious-activity", "phishing": "phishing"},
    "n6": {"cnc": "command-and-control", "malurl": "malicious-activity", "phish": "phishing"},
}
MARKINGS = {
    "clear": "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487",
    "white": "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487",
    "green": "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
    "amber": "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421",
    "amber+strict": "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003",
    "red": "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1",
}
# Ids follow from the value, so that the next event about it is a newer version and no second object.
NAMESPACE = uuid.UUID("9d3a6a52-5a0f-4b57-8b0e-6a3c1f7d2e94")
VALID_FOR = timedelta(days=30)
STIX_TIME = "%Y-%m-%dT%H:%M:%S.000Z"


def events() -> Iterator[dict[str, Any]]:
    first = sys.stdin.readline()
    if first.lstrip().startswith("["):
        yield from json.loads(first + sys.stdin.read())
        return
    for line in [first, *sys.stdin]:
        if line.strip():
            yield json.loads(line)


def values(event: dict[str, Any], origin: str) -> list[tuple[str, str]]:
    """What the event says of its source, as left sides of a pattern and values; the narrowest alone."""
    n6 = origin == "n6"
    url = event.get("url" if n6 else "source.url")
    name = event.get("fqdn" if n6 else "source.fqdn")
    addresses = [one.get("ip") for one in event.get("address", [])] if n6 else [event.get("source.ip")]
    if url:
        return [("url:value", url)]
    if name:
        return [("domain-name:value", name)]
    return [("ipv6-addr:value" if ":" in one else "ipv4-addr:value", one) for one in addresses if one]


def instant(text: str) -> datetime:
    at = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return at.replace(tzinfo=at.tzinfo or timezone.utc).astimezone(timezone.utc)


def indicator(event: dict[str, Any], origin: str, kind: str, left: str, value: str) -> dict[str, Any]:
    at = instant(event["time"] if origin == "n6" else event["time.source"])
    text = at.strftime(STIX_TIME)
    until = instant(event["expires"]) if origin == "n6" and "expires" in event else at + VALID_FOR
    quoted = value.replace("\\", "\\\\").replace("'", "\\'")
    made: dict[str, Any] = {
        "type": "indicator",
        "spec_version": "2.1",
        "id": f"indicator--{uuid.uuid5(NAMESPACE, f'{left} {value}')}",
        # One instant for all versions: who makes the next one does not know when the first was made.
        "created": "2020-01-01T00:00:00.000Z",
        "modified": text,
        "name": event.get("name" if origin == "n6" else "malware.name") or kind,
        "indicator_types": ["malicious-activity"],
        "labels": [kind],
        "pattern": f"[{left} = '{quoted}']",
        "pattern_type": "stix",
        "valid_from": text,
        "valid_until": until.strftime(STIX_TIME),
    }
    label = str(event.get("tlp", "")).lower().removeprefix("tlp:")
    if label in MARKINGS:
        made["object_marking_refs"] = [MARKINGS[label]]
    return made


def objects(origin: str, left_out: Counter[str]) -> Iterator[dict[str, Any]]:
    kinds = HOSTILE[origin]
    for event in events():
        said = str(event.get("category" if origin == "n6" else "classification.type"))
        if said not in kinds:
            left_out[said] += 1
        elif origin == "n6" and event.get("restriction") == "internal":
            left_out["restriction internal"] += 1
        elif origin == "n6" and event.get("status", "active") != "active":
            left_out["no longer in its list"] += 1
        else:
            found = values(event, origin)
            if not found:
                left_out["nothing to name"] += 1
            for left, value in found:
                yield indicator(event, origin, kinds[said], left, value)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--from", dest="origin", choices=sorted(HOSTILE), required=True)
    parser.add_argument("--channel", required=True)
    parser.add_argument("--tlp", default="amber", help="the label of what carries none")
    asked = parser.parse_args()
    node = Gotong(os.environ["GOTONG_SERVER"], os.environ["GOTONG_TOKEN"])
    left_out: Counter[str] = Counter()
    told: Counter[str] = Counter()
    for outcome in node.publish(asked.channel, objects(asked.origin, left_out), tlp=asked.tlp):
        told[outcome["outcome"]] += 1
        print(json.dumps(outcome))
    print(f"published: {dict(told)}; left out as not hostile: {dict(left_out)}", file=sys.stderr)
    return 1 if told["refused"] else 0


if __name__ == "__main__":
    sys.exit(main())
