"""Requests to one node over HTTP/1.1: bounded in time and memory, repeated only where that is safe, over verified TLS.

Must not follow redirects, use proxies of the environment, or let the token into any text. Read next: `client.py`.
"""

from __future__ import annotations

import http.client
import ipaddress
import json
import logging
import math
import random
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NoReturn, TypeVar
from urllib.parse import quote, urlencode, urlsplit

from .errors import BadAnswer, GotongError, Interrupted, Problem, Unreachable, problem_of

T = TypeVar("T")

ANSWER_BYTES_MAX = 512 << 20
"""The longest answer that is read whole: a lookup of 100,000 values that all are found."""
PROBLEM_BYTES_MAX = 1 << 20
PIECE_BYTES = 256 << 10
WHOLE_S_MAX = 600
_WAIT_FIRST_S = 0.2
_WAIT_MAX_S = 10.0
_NOBODY_S_MAX = 3.0
"""How long is waited where nobody listens at an address that has never answered: most often it is not a node's. A node that has answered is waited for."""
_NOT_NOW = (429, 502, 503, 504)
_LOG = logging.getLogger("gotong")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def segment(text: str) -> str:
    """A piece of a path, from whatever text. What a path would take for a step up or for nothing is refused."""
    if text in ("", ".", ".."):
        raise ValueError(f"{text!r} cannot stand in an address")
    try:
        return quote(text, safe="")
    except UnicodeEncodeError as fault:
        raise ValueError("the name holds half of a character (a lone surrogate)") from fault


def query(parameters: Mapping[str, str | int | bool | None]) -> str:
    """The part of an address behind the path; what is `None` is left out."""
    words = {True: "true", False: "false"}
    given = {name: words[value] if isinstance(value, bool) else str(value) for name, value in parameters.items() if value is not None}
    try:
        return f"?{urlencode(given)}" if given else ""
    except UnicodeEncodeError as fault:
        raise ValueError("a parameter holds half of a character (a lone surrogate)") from fault


class Answer:
    """An answer whose head has come, with the connection that it comes over."""

    def __init__(self, connection: http.client.HTTPConnection, response: http.client.HTTPResponse) -> None:
        self._connection = connection
        self._response = response
        self.status = response.status
        self.media = (response.getheader("content-type") or "").split(";")[0].strip().lower()

    def header(self, name: str) -> str | None:
        """A header's value."""
        return self._response.getheader(name)

    def close(self) -> None:
        """Ends the connection, whatever is left of the answer."""
        self._response.close()
        self._connection.close()

    def pieces(self, size: int = PIECE_BYTES) -> Iterator[bytes]:
        """The body as it comes. Raises `Interrupted` where it breaks off."""
        while True:
            # `read1` hides that a body of a told length ended early, so what is left is looked at afterwards.
            try:
                piece = self._response.read1(size)
            except (OSError, http.client.HTTPException, ValueError) as fault:
                raise Interrupted(f"the answer broke off: {_said(fault)}") from fault
            if piece:
                yield piece
            elif self._response.length:
                raise Interrupted("the answer broke off before its told length")
            else:
                return

    def lines(self, line_bytes_max: int) -> Iterator[bytes]:
        """The body line by line, each whole."""
        rest = b""
        for piece in self.pieces():
            *lines, rest = (rest + piece).split(b"\n")
            yield from lines
            if len(rest) > line_bytes_max:
                raise BadAnswer(f"a line of the answer is longer than {line_bytes_max} bytes")
        if rest:
            raise Interrupted("the answer broke off within a line")

    def whole(self, bytes_max: int) -> bytes:
        """The whole body, if it is no longer than this and comes in time."""
        pieces: list[bytes] = []
        size = 0
        begun = time.monotonic()
        for piece in self.pieces():
            size += len(piece)
            if size > bytes_max:
                raise BadAnswer(f"the answer is longer than {bytes_max} bytes")
            if time.monotonic() - begun > WHOLE_S_MAX:
                raise Interrupted(f"the answer was not whole after {WHOLE_S_MAX} seconds")
            pieces.append(piece)
        return b"".join(pieces)

    def json(self) -> dict[str, Any]:
        """The body as a JSON object; ends the connection."""
        try:
            return parse(self.whole(ANSWER_BYTES_MAX))
        finally:
            self.close()


def parse(text: bytes) -> dict[str, Any]:
    """JSON of a node: always an object."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as fault:
        raise BadAnswer("the answer is not JSON that a node writes") from fault
    if not isinstance(value, dict):
        raise BadAnswer("the answer is JSON, and not an object")
    return value


def _one_line(fault: BaseException) -> str:
    """What a fault says as one line that shows nothing else: some of it comes from the other side."""
    line = " ".join(str(fault).split())[:500]
    return "".join(char if char.isprintable() else "\ufffd" for char in line)


def _said(fault: BaseException) -> str:
    return str(fault) or type(fault).__name__


class Transport:
    """The way to one node. Each request has a connection of its own, so one answer may be read while other requests are made, by any thread."""

    def __init__(self, url: str, token: str, timeout_s: float, patience_s: float, tls: ssl.SSLContext | None) -> None:
        self._host, self._port, self._is_tls, self._prefix = _address(url)
        if not token or any(not 0x21 <= ord(char) <= 0x7E for char in token):
            raise ValueError("the token is empty, or holds what no token holds (a space or a line break?)")
        if not (math.isfinite(timeout_s) and timeout_s > 0 and math.isfinite(patience_s) and patience_s >= 0):
            raise ValueError("timeout_s is above 0 and patience_s at least 0")
        if tls is not None and (tls.verify_mode != ssl.CERT_REQUIRED or not tls.check_hostname):
            raise ValueError("the TLS context does not verify certificates and names; give one that knows your authority")
        self._authorization = f"Bearer {token}"
        self._timeout_s = timeout_s
        self._patience_s = patience_s
        self._tls = (tls or ssl.create_default_context()) if self._is_tls else None
        self._has_answered = False

    @property
    def shown(self) -> str:
        """The address without anything secret."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"{'https' if self._is_tls else 'http'}://{host}:{self._port}{self._prefix}"

    def ask_json(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        """One request that is safe to repeat, and the JSON object that answers it."""
        return self.ask(method, path, Answer.json, body, headers)

    def ask(
        self,
        method: str,
        path: str,
        read: Callable[[Answer], T],
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> T:
        """One request that is safe to repeat: it is sent again, within the patience, where no answer came or the node says *not now*.

        `read` takes the good answer (2xx); anything else is raised as a `Problem`.
        """
        patience = Patience(self._patience_s)
        while True:
            try:
                return read(self._once(method, path, body, headers))
            except (Unreachable, Problem, Interrupted) as fault:
                patience.wait_or_raise(fault)

    def patience(self) -> Patience:
        """What a longer work waits with, between tries of its own."""
        return Patience(self._patience_s)

    def _once(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str] | None) -> Answer:
        connection = self._connection()
        fields = {"Authorization": self._authorization, "User-Agent": "gotong-python", "Accept-Encoding": "identity"}
        sending: OSError | None = None
        try:
            try:
                connection.request(method, f"{self._prefix}{path}", body=body, headers={**fields, **(headers or {})})
            except (BrokenPipeError, ConnectionResetError) as fault:
                # Whoever refuses early answers before the body is whole; the answer says why.
                sending = fault
                if connection.sock is None:
                    raise
            answer = Answer(connection, connection.getresponse())
            self._has_answered = True
            if not 200 <= answer.status < 300:
                self._refused(answer)
            return answer
        except ssl.SSLCertVerificationError as fault:
            connection.close()
            raise _Untrusted(f"the certificate of {self.shown} does not count: {fault.verify_message}") from fault
        except ConnectionRefusedError as fault:
            connection.close()
            told = f"{self.shown} gave no answer: nobody listens there; is this its address, and does it run?"
            raise (Unreachable if self._has_answered else _Nobody)(told) from fault
        except (OSError, http.client.HTTPException, ValueError) as fault:
            connection.close()
            raise Unreachable(f"{self.shown} gave no answer: {_said(sending or fault)}") from fault
        except BaseException:
            connection.close()
            raise

    def _connection(self) -> http.client.HTTPConnection:
        if self._is_tls:
            return http.client.HTTPSConnection(self._host, self._port, timeout=self._timeout_s, context=self._tls)
        return http.client.HTTPConnection(self._host, self._port, timeout=self._timeout_s)

    def _refused(self, answer: Answer) -> NoReturn:
        document: dict[str, Any] = {}
        if answer.media == "application/problem+json":
            document = parse(answer.whole(PROBLEM_BYTES_MAX))
        elif 300 <= answer.status < 400:
            raise BadAnswer(f"{self.shown} sends elsewhere ({answer.status}), and the token is not sent on; name the node's own address")
        elif answer.status not in _NOT_NOW:
            raise BadAnswer(f"{self.shown} answered {answer.status} and not as a node does; is this its address?")
        raise problem_of(answer.status, document, answer.header("x-request-id"), _seconds(answer.header("retry-after")))


class Patience:
    """How often and how long something is tried again. For one work."""

    def __init__(self, most_s: float) -> None:
        self._most_s = most_s
        self.begin()

    def begin(self) -> None:
        """Begins anew: the work went on."""
        self._begun = time.monotonic()
        self._tries = 0

    def wait_or_raise(self, fault: GotongError) -> None:
        """Waits before the next try, or raises where none can help or the patience would end."""
        self._tries += 1
        wait_s = _wait_s(fault, self._tries)
        most_s = min(self._most_s, _NOBODY_S_MAX) if isinstance(fault, _Nobody) else self._most_s
        left_s = self._begun + most_s - time.monotonic()
        if not _passes(fault) or wait_s > left_s:
            raise fault
        _LOG.warning("%s; tried again in %.1f s, and for %.0f s at most", _one_line(fault), wait_s, left_s)
        time.sleep(wait_s)


class _Nobody(Unreachable):
    """Nobody listens where no answer has ever come from."""


class _Untrusted(Unreachable):
    """The certificate does not count: trying again does not help."""


def _address(url: str) -> tuple[str, int, bool, str]:
    """Host, port, TLS or not, and what stands before every path."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as fault:
        raise ValueError("the address of the node is not a URL") from fault
    if parts.scheme not in ("http", "https") or not host or any(ord(char) <= 0x20 or ord(char) == 0x7F for char in url):
        raise ValueError("the address of the node is like https://node.example")
    if parts.username is not None or parts.password is not None:
        raise ValueError("the address of the node holds a log-in; give the token apart from it")
    if parts.query or parts.fragment:
        raise ValueError("the address of the node ends before any ? or #")
    is_tls = parts.scheme == "https"
    if not is_tls and not _is_loopback(host):
        raise ValueError(f"{host} is not this machine, and plain HTTP would show the token on the way; use https://")
    try:
        prefix = parts.path.rstrip("/")
        prefix.encode("ascii")
    except UnicodeEncodeError as fault:
        raise ValueError("the path of the node's address is not ASCII") from fault
    return host, port if port is not None else (443 if is_tls else 80), is_tls, prefix


def _passes(fault: GotongError) -> bool:
    """Whether trying again may help."""
    if isinstance(fault, Problem):
        # A node that was restored waits for its operator.
        return fault.status in _NOT_NOW and not fault.type.endswith("/restored")
    return not isinstance(fault, _Untrusted)


def _wait_s(fault: GotongError, tries: int) -> float:
    if isinstance(fault, Problem) and fault.retry_after_s is not None:
        return fault.retry_after_s
    # Many clients that lost one node must not come back in one moment.
    return min(_WAIT_MAX_S, _WAIT_FIRST_S * 2.0 ** min(tries, 10)) * random.uniform(0.5, 1.0)


def _seconds(text: str | None) -> float | None:
    if text is None or not text.isascii() or not text.isdigit() or len(text) > 6:
        return None
    return float(text)
