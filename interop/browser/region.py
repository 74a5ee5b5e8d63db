"""The region of the tests: asked over its API, with tokens for every role, and filled with what pages must be able to show."""

import http.client
import json
import os
import socket
import threading
import time
import urllib.error
import urllib.request

STAFF = ["reader", "analyst", "duty-officer", "releasing-officer", "liaison", "legal", "exercise-director", "programme-officer", "auditor", "operator", "administrator"]
SERVED = ["constituent", "constituent-reader"]
ROLES = STAFF + SERVED
BANK = "harbour-bank"
PATIENCE_S = 60


class Asked:
    """An answer of the API or of a page, whatever its status."""

    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def json(self):
        return json.loads(self.body)


class _Still(urllib.request.HTTPRedirectHandler):
    """Moves to another page are answers too."""

    def redirect_request(self, *_):
        return None


_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}), _Still)


def ask(base, method, path, token=None, body=None, headers=None, within_s=30, bytes_max=None):
    """Asks, and reads the answer to its end, or so many bytes of one that has none."""
    sent = dict(headers or {})
    if token:
        sent["Authorization"] = "Bearer " + token
    data = None
    if body is not None:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        sent.setdefault("Content-Type", "application/json")
    request = urllib.request.Request(base + path, data=data, method=method, headers=sent)
    try:
        with _OPENER.open(request, timeout=within_s) as answer:
            return Asked(answer.status, dict(answer.headers), answer.read(bytes_max) if bytes_max is not None else answer.read())
    except urllib.error.HTTPError as answer:
        return Asked(answer.code, dict(answer.headers), answer.read())


def wait_until(what, holds, within_s=PATIENCE_S):
    begun = time.monotonic()
    while not (value := holds()):
        if time.monotonic() - begun > within_s:
            raise AssertionError("waited too long for %s" % what)
        time.sleep(0.05)
    return value


class _Socket(http.client.HTTPConnection):
    """The socket of a node's folder: whoever can open it operates the node."""

    def __init__(self, path):
        super().__init__("localhost", timeout=30)
        self._path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(30)
        self.sock.connect(self._path)


def operate(member, method, path, body=None):
    """Asks as the person at the node's own machine."""
    connection = _Socket(os.path.join(member["data"], "socket"))
    data = None if body is None else json.dumps(body)
    connection.request(method, path, body=data, headers={"Content-Type": "application/json"} if data else {})
    answer = connection.getresponse()
    asked = Asked(answer.status, dict(answer.headers), answer.read())
    connection.close()
    return asked


def token_of(member, role, name=None, **more):
    """A token with a role."""
    wanted = {"name": name or role, "role": role, **more}
    if role in SERVED:
        wanted.setdefault("constituent", BANK)
    answer = operate(member, "POST", "/api/v1/tokens", wanted)
    assert answer.status == 201, (role, answer.status, answer.body)
    return answer.json()["token"]


def indicator(number, value, **more):
    return {
        "type": "indicator", "spec_version": "2.1", "id": "indicator--5f1c8a40-0000-4000-8000-%012d" % number,
        "created": "2026-11-01T00:00:00.000Z", "modified": "2026-11-01T00:00:00.000Z", "name": "about %s" % value,
        "pattern": "[domain-name:value = '%s']" % value, "pattern_type": "stix", "valid_from": "2026-11-01T00:00:00Z", **more,
    }


def publish(member, channel, record, tlp="green", token=None):
    path = "/api/v1/channels/%s/records?tlp=%s" % (channel.replace("/", "%2F"), tlp)
    answer = ask(member["base"], "POST", path, token or member["token"], record)
    assert answer.status in (200, 201, 202), (answer.status, answer.body)
    return answer.json()


def is_known(member, value, token=None):
    answer = ask(member["base"], "POST", "/api/v1/lookup", token or member["token"], {"values": [value]})
    return answer.status == 200 and json.loads(answer.body.splitlines()[0]) and b'"hits":[]' not in answer.body.replace(b" ", b"")


class Stream:
    """A stream of events, read beside everything else; what has come so far is `text`."""

    def __init__(self, base, path, headers):
        request = urllib.request.Request(base + path, headers={**headers, "Accept": "text/event-stream"})
        self._answer = _OPENER.open(request, timeout=120)
        self.text = ""
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        try:
            while chunk := self._answer.read1(4096):
                self.text += chunk.decode("utf-8", "replace")
        except (OSError, ValueError, AttributeError, http.client.HTTPException):
            return  # It was closed, by this side or by the other.

    def close(self):
        self._answer.close()
