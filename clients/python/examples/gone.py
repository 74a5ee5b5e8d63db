"""Says which ids a channel no longer has since the last run: withdrawn, or no longer permitted. One id a line, for a program that must delete them.

    python examples/gone.py --channel rti/indicators --known known.txt

Some programs read what comes and never hear of what goes (TAXII has no word for it). `known.txt` holds the ids of the last run; it is replaced once all
were read and printed. The address of the node and the token come from GOTONG_SERVER and GOTONG_TOKEN.
"""

from __future__ import annotations

import argparse
import os
import sys

from gotong import Gotong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--channel", required=True)
    parser.add_argument("--known", required=True)
    asked = parser.parse_args()
    node = Gotong(os.environ["GOTONG_SERVER"], os.environ["GOTONG_TOKEN"])
    now = {record["id"] for record in node.records(channel=asked.channel, page=500) if not record["revoked"]}
    before: set[str] = set()
    if os.path.exists(asked.known):
        with open(asked.known) as file:
            before = {line.strip() for line in file}
    for id in sorted(before - now):
        print(id)
    sys.stdout.flush()
    with open(asked.known + ".new", "w") as file:
        file.writelines(f"{id}\n" for id in sorted(now))
    os.replace(asked.known + ".new", asked.known)
    return 0


if __name__ == "__main__":
    sys.exit(main())
