#!/usr/bin/env python3
"""The pictures of the console in docs/book, made anew from a region with samples: `cargo xtask pictures`.

    pictures.py FOLDER

Starts `gotong demo` (GOTONG_PROGRAM), walks to what the book shows and keeps `console-*.png` in FOLDER. One size, one theme and one language but where the book
shows another; instants differ from run to run, and nothing else should. Must not be run by tests: they keep pictures of their own.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import region  # noqa: E402
import walk  # noqa: E402
from entry import seat  # noqa: E402
from people import Crowd, Trouble  # noqa: E402
from run import Stage  # noqa: E402
from stories import CHANNEL, begin_share  # noqa: E402

START_S = 120
# The places that the book shows.
PLACES = ("/", "/intelligence", "/channels", "/agreements", "/logs", "/audit", "/operation")
ADVISORY = """A loader is spread from three addresses:
hxxp://update.sample[.]example/get.php
203.0.113.45
198.51.100.7 (seen since Monday)
"""


def free_base():
    """A port with three more behind it and as many 100 above."""
    for base in range(27_000, 31_000, 20):
        try:
            for port in [*range(base, base + 3), *range(base + 100, base + 103)]:
                with socket.socket() as one:
                    one.bind(("127.0.0.1", port))
            return base
        except OSError:
            continue
    raise Trouble("no free ports")


def demo(folder):
    ready = os.path.join(folder, "ready.json")
    program = os.environ.get("GOTONG_PROGRAM", "gotong")
    arguments = [program, "demo", "--base-port", str(free_base()), "--dir", os.path.join(folder, "region"), "--ready-file", ready]
    child = subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    begun = time.monotonic()
    while not os.path.exists(ready):
        if child.poll() is not None or time.monotonic() - begun > START_S:
            child.kill()
            raise Trouble("the demo did not start: %s" % child.stderr.read()[-500:])
        time.sleep(0.1)
    with open(ready, encoding="utf-8") as file:
        return child, json.load(file)


def take(person, folder, name, whole=False):
    person.page.mouse.move(0, 0)
    person.page.screenshot(path=os.path.join(folder, "console-%s.png" % name), full_page=whole, animations="disabled", caret="hide")


def portray(stage, folder):
    door = stage.crowd.person(stage.member("vn")["base"], "door")
    door.visit("/log-in")
    take(door, folder, "log-in")
    person = seat(stage, "vn", "administrator")
    person.visit("/")
    for place in PLACES:
        if person.visit(place) != 200:
            raise Trouble("%s does not open" % place)
        take(person, folder, place.strip("/").replace("/", "-") or "now")
    person.visit("/intelligence?q=login.bank.example")
    take(person, folder, "search")
    person.page.locator("main table.rows tbody a").first.click()
    person.page.wait_for_load_state("load")
    take(person, folder, "object")
    analyst = seat(stage, "vn", "analyst")
    analyst.visit("/")
    begin_share(analyst, text=ADVISORY, channel=CHANNEL, tlp="amber")
    take(analyst, folder, "share-check")
    analyst.click("button[data-act-key=e]")
    analyst.page.locator("main .outcome").wait_for()
    take(analyst, folder, "share-held")
    analyst.click("button.stop")
    analyst.page.wait_for_load_state("load")
    take(analyst, folder, "outcome")
    analyst.visit("/")
    begin_share(analyst, text="203.0.113.99", channel=CHANNEL, tlp="red")
    take(analyst, folder, "refused")
    dark = seat(stage, "vn", "duty-officer", color_scheme="dark", viewport={"width": 390, "height": 800})
    walk.speak(dark, "th")
    dark.visit("/")
    take(dark, folder, "phone")
    bank = seat(stage, "vn", "constituent", region.BANK)
    bank.visit("/")
    take(bank, folder, "portal")


def main():
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    folder = os.path.abspath(sys.argv[1])
    os.makedirs(folder, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="gotong-pictures-") as scratch:
        child, ready = demo(scratch)
        crowd = Crowd(os.path.join(scratch, "shots"))
        try:
            portray(Stage(crowd, ready), folder)
        finally:
            crowd.close()
            child.send_signal(signal.SIGTERM)
            child.wait(timeout=60)
    return 0


if __name__ == "__main__":
    sys.exit(main())
