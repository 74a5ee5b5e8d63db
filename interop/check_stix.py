"""Asks clients of others whether STIX 2.1 objects are what they take for such.

Reads objects, one a line, from standard input. Each is checked by stix2-validator and parsed by stix2. Prints one line of JSON for each
that is refused and a last one with the counts; ends with 1 where any was refused, and with 2 where there was nothing to check.
"""

import json
import sys

import stix2
from stix2validator import ValidationOptions, validate_instance

# What a type is, and not what one would do: unknown types of the open vocabularies are warnings.
OPTIONS = ValidationOptions(version="2.1")


def faults(body):
    """What the clients say against one object."""
    said = []
    results = validate_instance(body, OPTIONS)
    if not results.is_valid:
        said += ["validator: " + str(error.message) for error in results.errors]
    try:
        parsed = stix2.parse(body, allow_custom=False, version="2.1")
        if json.loads(parsed.serialize()).get("id") != body.get("id"):
            said.append("stix2: gives back another id")
    except Exception as error:  # every refusal is a finding, of whatever kind
        said.append(f"stix2: {type(error).__name__}: {error}")
    return said


def main():
    checked, refused, seen = 0, 0, set()
    for number, line in enumerate(sys.stdin, 1):
        if not line.strip() or line in seen:
            continue
        seen.add(line)
        body = json.loads(line)
        checked += 1
        said = faults(body)
        if said:
            refused += 1
            print(json.dumps({"line": number, "id": body.get("id"), "faults": said}))
    print(json.dumps({"checked": checked, "refused": refused}))
    return 2 if checked == 0 else min(refused, 1)


if __name__ == "__main__":
    sys.exit(main())
