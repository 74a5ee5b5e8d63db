"""Writes a channel for Elasticsearch's bulk address: an action and a document for each value, on standard output.

    python examples/elastic_bulk.py --channel rti/indicators --index gotong-20261122 > bulk.ndjson

The address of the node and the token come from GOTONG_SERVER and GOTONG_TOKEN. Each run is meant for an index of its own: what was withdrawn is not in it.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys

from gotong import Gotong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--channel", required=True)
    parser.add_argument("--index", required=True)
    parser.add_argument("--tlp-max", default=None)
    asked = parser.parse_args()
    node = Gotong(os.environ["GOTONG_SERVER"], os.environ["GOTONG_TOKEN"])
    rest = b""
    for piece in node.export(asked.channel, "ecs", tlp_max=asked.tlp_max):
        *lines, rest = (rest + piece).split(b"\n")
        for line in lines:
            document = json.loads(line)
            same = [document["labels"]["gotong_id"], document["threat"]["indicator"]]
            named = hashlib.sha256(json.dumps(same, sort_keys=True).encode()).hexdigest()
            print(json.dumps({"index": {"_index": asked.index, "_id": named}}))
            print(line.decode())
    return 0


if __name__ == "__main__":
    sys.exit(main())
