#!/usr/bin/env python3
"""Walks through the console in a real browser.

    run.py SUITE FOLDER [READY_FILE]

SUITE is one of the modules beside this file that have CHECKS; pictures go to FOLDER; READY_FILE is what `gotong demo --ready-file` wrote (only `controls` needs
none). Prints one line of JSON for each check, goes on after one that fails, and ends with exit code 1 if any did. Needs the packages of
../requirements.txt and Debian's package chromium; GOTONG_CHROMIUM names another browser.
"""

import importlib
import json
import os
import shutil
import sys
import time
import traceback

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from people import CHROMIUM, Crowd  # noqa: E402


class Stage:
    """What a check is given: a browser, the region, and a way to say figures."""

    def __init__(self, crowd, ready):
        self.crowd, self.ready, self.figures = crowd, ready, {}

    def member(self, code):
        return next(member for member in self.ready["members"] if member["code"] == code)


def perform(check, stage):
    begun, stage.figures = time.monotonic(), {}
    try:
        check(stage)
        failed = "; ".join(stage.crowd.trouble()) or None
    except Exception as fault:  # Whatever it was, the other checks still run.
        where = traceback.extract_tb(fault.__traceback__)
        lines = ["%s:%d" % (os.path.basename(frame.filename), frame.lineno) for frame in where if "browser" in frame.filename]
        failed = "%s: %s (%s)%s" % (type(fault).__name__, fault, " < ".join(reversed(lines[-4:])), "".join("; " + line for line in stage.crowd.trouble()))
        for person in stage.crowd.people:
            try:
                person.shot("failed", whole=False)
            except Exception:
                continue
    for person in stage.crowd.people:
        person.context.close()
    stage.crowd.people = []
    print(json.dumps({"check": check.__name__, "failed": failed, "seconds": round(time.monotonic() - begun, 1), **stage.figures}, ensure_ascii=False), flush=True)
    return failed is None


def main():
    if not 3 <= len(sys.argv) <= 4:
        print(__doc__, file=sys.stderr)
        return 2
    if not os.path.exists(CHROMIUM):
        print("%s is not there; the Debian package chromium brings it" % CHROMIUM, file=sys.stderr)
        return 1
    suite, folder = sys.argv[1], sys.argv[2]
    ready = None
    if len(sys.argv) == 4:
        with open(sys.argv[3], encoding="utf-8") as file:
            ready = json.load(file)
    checks = importlib.import_module(suite).CHECKS
    wanted = os.environ.get("GOTONG_BROWSER_ONLY", "")
    checks = [check for check in checks if wanted in check.__name__]
    crowd = Crowd(folder)
    stage = Stage(crowd, ready)
    passed = 0
    try:
        for check in checks:
            crowd.pictures = os.path.join(folder, check.__name__)
            shutil.rmtree(crowd.pictures, ignore_errors=True)
            passed += perform(check, stage)
    finally:
        crowd.close()
    return 0 if checks and passed == len(checks) else 1


if __name__ == "__main__":
    sys.exit(main())
