"""The ways in, walked as people walk them: the form of the log-in, a one-time link, and an app with codes where the node asks for one."""

import base64
import hmac
import json
import os
import struct
import subprocess
import time

from people import Trouble

PASSWORD = "harvest moon over the quiet delta 7"
STEP_S = 30


def code_of(secret, at=None):
    """What an app shows for a secret (RFC 6238, SHA-1, six digits)."""
    key = base64.b32decode("".join(secret.split()).upper() + "=" * (-len("".join(secret.split())) % 8))
    counter = struct.pack(">Q", int((time.time() if at is None else at) // STEP_S))
    mac = hmac.new(key, counter, "sha1").digest()
    start = mac[-1] & 15
    return "%06d" % ((struct.unpack(">I", mac[start:start + 4])[0] & 0x7FFFFFFF) % 1_000_000)


def gotong(*arguments):
    """The program, asked for JSON; its last line."""
    program = os.environ.get("GOTONG_PROGRAM", "gotong")
    clean = {name: value for name, value in os.environ.items() if not name.startswith("GOTONG_")}
    ended = subprocess.run([program, *arguments, "--json"], capture_output=True, text=True, env=clean, timeout=60)
    if ended.returncode:
        raise Trouble("gotong %s ended with %d: %s" % (" ".join(arguments[:2]), ended.returncode, ended.stderr[:300]))
    return json.loads(ended.stdout.splitlines()[-1])


def invite(member, name, role, constituent=None):
    """A one-time link for somebody, made at the node's own machine; the path to open."""
    more = ["--constituent", constituent] if constituent else []
    made = gotong("user", "invite", name, "--role", role, "--data", member["data"], *more)
    link = made["link"]
    return link[link.index("/welcome"):]


def _pass_second(person):
    """Sets an app up where the node asks for one, and goes on."""
    page = person.page
    if "/log-in/set-up" not in page.url:
        return
    secret = page.locator("code.value").first.inner_text()
    page.locator("input[name=code]").fill(code_of(secret))
    page.locator("main form button[type=submit]").first.click()
    page.locator(".codes").wait_for()
    page.locator("main .acts a.button").first.click()
    page.wait_for_load_state("load")


def open_link(person, path, password=PASSWORD, name=None):
    """Opens a one-time link and chooses a password; the person is in afterwards."""
    page = person.page
    person.visit(path)
    if name and page.locator("input[name=name]").count():
        page.locator("input[name=name]").fill(name)
    page.locator("input[name=password]").fill(password)
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_load_state("load")
    _pass_second(person)
    return expect_in(person)


def log_in(person, name, password=PASSWORD):
    person.visit("/log-in")
    page = person.page
    page.locator("input[name=name]").fill(name)
    page.locator("input[name=password]").fill(password)
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_load_state("load")
    _pass_second(person)
    return expect_in(person)


def expect_in(person):
    if person.page.locator(".person").count() == 0:
        raise Trouble("%s is not in: %s" % (person.name, person.text("body")[:300]))
    return person


def seat(stage, code, role, constituent=None, **wishes):
    """Somebody of this role at a member, who has an account and is in; who comes again meets the same account."""
    member = stage.member(code)
    name = "%s.%s" % (role, constituent or code)
    person = stage.crowd.person(member["base"], "%s at %s" % (name, code), **wishes)
    admin = member.get("admin")
    if role == "administrator" and admin:
        return log_in(person, admin["user"], admin["password"])
    try:
        path = invite(member, name, role, constituent)
    except Trouble as trouble:
        if "already" not in str(trouble):
            raise
        return log_in(person, name)
    return open_link(person, path)
