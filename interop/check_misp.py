"""Asks PyMISP whether MISP events are what it takes for such.

Reads events, one a line, from standard input. Each is loaded, written again, and compared: what PyMISP gives back must say the same of
every attribute, object, tag and reference. Prints one line of JSON for each that differs and a last one with the counts; ends with 1 where
any did, and with 2 where there was nothing to check.
"""

import json
import sys
from datetime import datetime

from pymisp import MISPEvent

PLAIN = ["uuid", "type", "category", "value", "comment", "object_relation", "timestamp", "to_ids", "deleted", "distribution"]


def value(one):
    """A value as both sides mean it: PyMISP writes times its own way, and of a sample without its data the name alone."""
    text = str(one.get("value", "")).strip()
    if one.get("type") == "datetime":
        return datetime.fromisoformat(text).timestamp()
    if one.get("type") == "malware-sample":
        return text.split("|")[0]
    return text


def attribute(one):
    kept = {name: str(one.get(name, "")).strip() for name in PLAIN if name in one}
    kept["value"] = value(one)
    for name in ("to_ids", "deleted"):
        kept[name] = bool(one.get(name))
    if one.get("category") is None:
        kept.pop("category", None)
    kept["Tag"] = sorted(tag["name"] for tag in one.get("Tag", []))
    kept["Sighting"] = sorted(sighting.get("uuid", "") for sighting in one.get("Sighting", []))
    return kept


def by_uuid(records, view):
    return {record["uuid"]: view(record) for record in records}


def thing(one):
    kept = {name: str(one.get(name, "")) for name in ("uuid", "name", "meta-category", "template_uuid", "timestamp")}
    kept["Attribute"] = by_uuid(one.get("Attribute", []), attribute)
    kept["ObjectReference"] = by_uuid(
        one.get("ObjectReference", []), lambda ref: (ref["referenced_uuid"], ref["relationship_type"])
    )
    return kept


def view(event):
    return {
        "head": {name: str(event.get(name, "")) for name in ("uuid", "info", "date", "timestamp", "analysis", "threat_level_id")},
        "Orgc": event.get("Orgc", {}).get("uuid"),
        "Tag": sorted(tag["name"] for tag in event.get("Tag", [])),
        "Attribute": by_uuid(event.get("Attribute", []), attribute),
        "Object": by_uuid(event.get("Object", []), thing),
        "EventReport": by_uuid(event.get("EventReport", []), lambda report: (report["name"], report["content"])),
        "ShadowAttribute": by_uuid(event.get("ShadowAttribute", []), lambda one: (one["type"], one["value"])),
    }


def differences(a, b, place=""):
    if isinstance(a, dict) and isinstance(b, dict):
        said = []
        for key in sorted(set(a) | set(b)):
            if key not in a or key not in b:
                said.append(f"{place}/{key} only on one side")
            else:
                said += differences(a[key], b[key], f"{place}/{key}")
        return said
    return [] if a == b else [f"{place}: {a!r} became {b!r}"]


def check(line):
    try:
        ours = json.loads(line)
        event = MISPEvent()
        event.load(json.loads(line), metadata_only=False)
        theirs = json.loads(event.to_json())
        return differences(view(ours["Event"]), view(theirs))
    except Exception as error:  # every refusal is a finding, of whatever kind
        return [f"{type(error).__name__}: {error}"]


def main():
    checked, refused = 0, 0
    for number, line in enumerate(sys.stdin, 1):
        if not line.strip():
            continue
        checked += 1
        said = check(line)
        if said:
            refused += 1
            print(json.dumps({"line": number, "differs": said[:20]}))
    print(json.dumps({"checked": checked, "refused": refused}))
    return 2 if checked == 0 else min(refused, 1)


if __name__ == "__main__":
    sys.exit(main())
