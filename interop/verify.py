#!/usr/bin/env python3
"""Verifies a gotong archive file, independently of the program that wrote it.

    verify.py ARCHIVE [--region WORDS|ID] [--json]

Written from docs/protocol.md alone. Exit code 0: everything verifies, and a table of the logs
(or JSON) is printed; 1: something does not, with section, offset and reason; 2: usage.
"""

import argparse
import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from archive import ArchiveRefused, verify_archive  # noqa: E402
from gotong_bytes import Refused, id_bytes, words_bytes  # noqa: E402


def region_id(text):
    """A region id given as words or as base32."""
    try:
        return words_bytes(text) if "-" in text else id_bytes(text)
    except Refused as reason:
        raise argparse.ArgumentTypeError(str(reason))


def table(report):
    """The report as lines of text."""
    lines = ["region %(region)s" % report, "       %(words)s" % report, ""]
    rows = [["size", "whole", "erased", "withheld", "faulty", "held", "root", "origin"]]
    for log in report["logs"]:
        rows.append([str(log[name]) for name in rows[0]])
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        cells = [cell.rjust(width) for cell, width in zip(row[:6], widths)]
        lines.append("  ".join(cells + [row[6].ljust(widths[6]), row[7]]))
    for log in report["logs"]:
        for note in log["notes"]:
            lines.append("%s: %s" % (log["origin"], note))
        for fault in log["faults"]:
            lines.append("%s: entry %d is faulty: %s" % (log["origin"], fault["index"], fault["reason"]))
    for found in report["acknowledgements"]:
        lines.append("%(member)s holds %(verified)d, erased up to %(erased)d, of %(log)s (%(at)s)" % found)
    return lines


def main(arguments=None):
    parser = argparse.ArgumentParser(description="Verifies a gotong archive file.")
    parser.add_argument("archive", metavar="ARCHIVE")
    parser.add_argument("--region", metavar="WORDS|ID", type=region_id, help="the region that it has to be of")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args(arguments)
    try:
        with open(options.archive, "rb") as file:
            report = verify_archive(file, options.region).as_json()
    except OSError as error:
        print("verify.py: cannot read %s: %s" % (options.archive, error.strerror), file=sys.stderr)
        return 2
    except ArchiveRefused as refused:
        if options.json:
            found = {name: getattr(refused, name) for name in ("section", "kind", "offset", "reason")}
            print(json.dumps(dict(found, ok=False), indent=1, ensure_ascii=False))
        else:
            print("refused: %s" % refused)
        return 1
    print(json.dumps(report, indent=1, ensure_ascii=False) if options.json else "\n".join(table(report)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
