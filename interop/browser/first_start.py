"""From an empty host with nothing but the program to a person who is in and sees exercise data: commands and steps counted, and what it took in seconds.

The bar is that of usability (docs/book/first-start.md): three commands and three steps, within 300 seconds. A step is something activated or filled in, after the
link was opened; the page that an act leads to belongs to the act.
"""

import os
import re
import signal
import socket
import subprocess
import tempfile
import time

from entry import PASSWORD, expect_in
from people import Trouble
import sight

COMMANDS, STEPS, SECONDS = 3, 3, 300
# The name of one object of the case, how many there are, and how many rows they have: one was corrected, and both of its versions are listed.
OBJECT = "EXERCISE: TideLoader"
OBJECTS, ROWS = 17, 18


class Terminal:
    """A machine's terminal: what is typed is counted."""

    def __init__(self):
        self.program = os.environ.get("GOTONG_PROGRAM", "gotong")
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("GOTONG_")}
        self.typed = 0

    def types(self, *words):
        self.typed += 1
        ended = subprocess.run([self.program, *words], capture_output=True, text=True, env=self.environment, timeout=60)
        if ended.returncode:
            raise Trouble("gotong %s ended with %d: %s" % (words[0], ended.returncode, ended.stderr[:300]))
        return ended.stdout

    def serves(self, *words):
        """Starts a node and leaves it running: the process, and the link that it prints."""
        self.typed += 1
        process = subprocess.Popen([self.program, *words], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=self.environment)
        said = ""
        for line in process.stdout:
            said += line
            found = re.search(r"^  (http://\S+)(/welcome\?key=\S+)$", line)
            if found:
                return process, found.group(1), found.group(2), said
        raise Trouble("no link was printed: %s" % said)


def free_port():
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return listening.getsockname()[1]


def outcome(person, ending):
    box = person.page.locator("main .outcome").first
    box.wait_for()
    if ending not in box.get_attribute("class").split():
        raise Trouble("the outcome is not %s: %s" % (ending, person.text()[:300]))


def expect_no_barrier(person, where):
    found = sight.all_of(person.page, is_thorough=False)
    if found:
        raise Trouble("%s: %s" % (where, "; ".join(found[:10])))


def from_an_empty_host_to_exercise_data_and_back(stage):
    with tempfile.TemporaryDirectory() as host:
        begun, terminal = time.monotonic(), Terminal()
        data = os.path.join(host, "vn")
        told = terminal.types("init", "--data", data, "--member", "vn", "--name", "Viet Nam", "--practice")
        if "REHEARSAL" not in told or "gotong serve" not in told:
            raise Trouble("init does not say what it made and what is next: %s" % told)
        process, base, path, _ = terminal.serves("serve", "--data", data, "--listen", "127.0.0.1:%d" % free_port())
        try:
            _walk(stage, terminal, base, path, begun)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=30)


def _walk(stage, terminal, base, path, begun):
    person = stage.crowd.person(base, "newcomer")
    person.visit(path)
    person.shot("link")
    if person.page.locator("input[name=name]").input_value() != "admin":
        raise Trouble("the name is not there already")
    expect_no_barrier(person, "the link's page")
    person.steps = 0
    person.fill("input[name=password]", PASSWORD)
    person.shot("password")
    person.click("main form button[type=submit]")
    person.page.wait_for_load_state("load")
    expect_in(person)
    person.shot("in")
    person.click("form[action='/start/load'] button")
    outcome(person, "done")
    took = time.monotonic() - begun
    person.sees("%d exercise objects are loaded" % OBJECTS)
    person.shot("loaded")
    stage.figures.update({"commands": terminal.typed, "steps": person.steps, "took_s": round(took, 1)})
    if terminal.typed > COMMANDS or person.steps > STEPS or took > SECONDS:
        raise Trouble("it took %d commands, %d steps and %d seconds; at most %d, %d and %d" % (terminal.typed, person.steps, took, COMMANDS, STEPS, SECONDS))
    _look(person)
    _remove(person)
    person.expect_quiet()


def _look(person):
    """The data are there, say what they are on every page, and are among nothing that is real."""
    person.click("main .next a[href^='/intelligence?channel=']")
    person.page.locator("main p.exercise").wait_for()
    if person.page.locator("main table.rows tbody tr").count() != ROWS:
        raise Trouble("not all are listed: %s" % person.text()[:400])
    person.shot("list")
    expect_no_barrier(person, "the list of exercise data")
    person.page.get_by_role("link", name=OBJECT).first.click()
    person.page.locator("main p.exercise").wait_for()
    person.shot("object")
    expect_no_barrier(person, "an exercise's object")
    # What is beside it leads on within the exercise.
    person.click("#related ~ table a")
    person.page.locator("main p.exercise").wait_for()
    for path in ("/intelligence", "/"):
        person.visit(path)
        if "EXERCISE:" in person.text():
            raise Trouble("an exercise is among what is real at %s" % path)


def _remove(person):
    person.visit("/")
    person.sees("Remove exercise data")
    person.shot("now-with-data")
    expect_no_barrier(person, "the first page with the first steps")
    person.click("main form[action='/start/away'] button")
    outcome(person, "done")
    person.visit("/")
    if "A second person" in person.text():
        raise Trouble("the list is still on the first page")
    person.sees("Remove exercise data")
    person.shot("now-put-away")
    person.click("form[action='/start/remove'] button")
    outcome(person, "done")
    person.sees("%d exercise objects are removed" % OBJECTS)
    person.shot("removed")
    person.visit("/")
    if "xercise data" in person.text():
        raise Trouble("something is still said of exercise data: %s" % person.text()[:300])
    person.visit("/intelligence?channel=house%2Fexercise")
    if OBJECT in person.text():
        raise Trouble("it is still there")
    person.visit("/start")
    person.sees("Load exercise data")
    person.shot("start")
    expect_no_barrier(person, "the page of the first steps")


CHECKS = [from_an_empty_host_to_exercise_data_and_back]
