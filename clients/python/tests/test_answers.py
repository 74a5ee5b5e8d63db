"""What the client makes of answers that no good node gives: cut, endless, slow, misleading; and when it asks again."""

from __future__ import annotations

import json
import os
import pickle
import socket
import ssl
import tempfile
import threading
import time
import unittest
from collections.abc import Callable
from typing import Any
from unittest import mock

from gotong import BadAnswer, Busy, Gotong, GotongError, Interrupted, Problem, Refused, Unreachable

TOKEN = "gtk_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
PEM = os.path.join(os.path.dirname(__file__), "localhost.pem")


def answer(status: int, body: bytes | str | dict[str, Any], media: str = "application/json", **headers: str) -> bytes:
    """An answer with its told length."""
    data = json.dumps(body).encode() if isinstance(body, dict) else body.encode() if isinstance(body, str) else body
    head = [f"HTTP/1.1 {status} Said", f"content-type: {media}", f"content-length: {len(data)}"]
    head += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + data


def problem(status: int, slug: str, **headers: str) -> bytes:
    return answer(status, {"type": f"/problems/{slug}", "title": slug, "status": status, "next": "Wait."}, "application/problem+json", **headers)


def chunked(*pieces: bytes, media: str = "application/x-ndjson", ends: bool = True) -> bytes:
    body = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces)
    return f"HTTP/1.1 200 OK\r\ncontent-type: {media}\r\ntransfer-encoding: chunked\r\n\r\n".encode() + body + (b"0\r\n\r\n" if ends else b"")


def outcomes(*lines: dict[str, Any], complete: bool = True, **more: Any) -> bytes:
    said = [*lines, {"summary": {}, "complete": complete, "position": "p", **more}]
    return chunked(b"".join(json.dumps(line).encode() + b"\n" for line in said))


class Server:
    """Gives one scripted answer to each connection, and keeps what was asked. `b""` hangs up without a word."""

    def __init__(self, *script: bytes, tls: bool = False, silent_s: float = 0.0) -> None:
        self.asked: list[bytes] = []
        self.connections = 0
        self._script = list(script)
        self._silent_s = silent_s
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._context: ssl.SSLContext | None = None
        if tls:
            self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._context.load_cert_chain(PEM)
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self._socket.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._socket.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            try:
                with connection:
                    connection.settimeout(20)
                    if self._context is not None:
                        connection = self._context.wrap_socket(connection, server_side=True)
                    self.asked.append(self._request(connection))
                    time.sleep(self._silent_s)
                    connection.sendall(self._script.pop(0) if self._script else b"")
                    connection.close()
            except OSError:
                continue

    @staticmethod
    def _request(connection: socket.socket) -> bytes:
        data = b""
        while b"\r\n\r\n" not in data:
            data += connection.recv(65536) or b"\r\n\r\n"
        head, _, body = data.partition(b"\r\n\r\n")
        length = next((int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")), 0)
        while len(body) < length:
            body += connection.recv(65536) or b" " * length
        return head + b"\r\n\r\n" + body


class Answers(unittest.TestCase):
    def server(self, *script: bytes, tls: bool = False, silent_s: float = 0.0) -> Server:
        server = Server(*script, tls=tls, silent_s=silent_s)
        self.addCleanup(server.close)
        return server

    def test_a_node_that_asks_to_wait_is_asked_again_after_its_time(self) -> None:
        server = self.server(problem(429, "too-many-requests", retry_after="1"), problem(503, "busy"), answer(200, {"channels": []}))
        begun = time.monotonic()
        self.assertEqual(Gotong(server.url, TOKEN).channels(), [])
        self.assertEqual(len(server.asked), 3)
        self.assertGreaterEqual(time.monotonic() - begun, 1.0)

    def test_a_wait_beyond_the_patience_is_told_at_once(self) -> None:
        server = self.server(problem(503, "busy", retry_after="600"))
        begun = time.monotonic()
        with self.assertRaises(Busy) as told:
            Gotong(server.url, TOKEN, patience_s=30).channels()
        self.assertLess(time.monotonic() - begun, 10)
        self.assertEqual((told.exception.retry_after_s, told.exception.type, told.exception.next), (600, "/problems/busy", "Wait."))

    def test_each_further_try_is_told(self) -> None:
        server = self.server(b"", problem(503, "busy", retry_after="0"), answer(200, {"channels": []}))
        with self.assertLogs("gotong", "WARNING") as told:
            self.assertEqual(Gotong(server.url, TOKEN).channels(), [])
        self.assertEqual(len(told.output), 2)
        self.assertIn("gave no answer", told.output[0])
        self.assertNotIn(TOKEN, "".join(told.output))
        server = self.server(problem(503, "busy\n\x1b[31mforged"), answer(200, {"channels": []}))
        with self.assertLogs("gotong", "WARNING") as told:
            Gotong(server.url, TOKEN).channels()
        self.assertTrue("forged" in told.output[0] and all(char.isprintable() for char in told.output[0]), told.output)
        server = self.server(answer(200, {"channels": []}))
        with self.assertNoLogs("gotong"):
            Gotong(server.url, TOKEN).channels()

    def test_where_nobody_listens_it_ends_soon_and_a_node_that_answered_is_waited_for(self) -> None:
        server = self.server(answer(200, {"channels": []}))
        node = Gotong(server.url, TOKEN, patience_s=60)
        slept: list[float] = []
        now = [0.0]

        def sleep(wait_s: float) -> None:
            slept.append(wait_s)
            now[0] += wait_s

        with mock.patch("gotong.transport.time.sleep", sleep), mock.patch("gotong.transport.time.monotonic", lambda: now[0]):
            never = Gotong("http://127.0.0.1:1", TOKEN, patience_s=60)
            with self.assertLogs("gotong"), self.assertRaisesRegex(Unreachable, "nobody listens"):
                never.channels()
            self.assertTrue(0 < len(slept) and sum(slept) <= 3, slept)
            self.assertEqual(node.channels(), [])
            server.close()
            slept.clear()
            now[0] = 0.0
            with self.assertLogs("gotong"), self.assertRaises(Unreachable):
                node.channels()
            self.assertTrue(30 < sum(slept) <= 60, slept)

    def test_what_was_refused_is_not_asked_again(self) -> None:
        for status, slug in [(400, "bad-parameter"), (403, "forbidden"), (409, "conflict"), (422, "refused"), (507, "store-full"), (503, "restored")]:
            server = self.server(problem(status, slug), answer(200, {"channels": []}))
            with self.subTest(slug), self.assertRaises(Problem) as told:
                Gotong(server.url, TOKEN).channels()
            self.assertEqual((told.exception.status, len(server.asked)), (status, 1))

    def test_a_withdrawal_whose_answer_was_lost_is_repeated_under_its_key(self) -> None:
        done = answer(200, {"results": [{"id": "a", "outcome": "done"}]})
        server = self.server(b"", done[:-5], done, done)
        node = Gotong(server.url, TOKEN)
        self.assertEqual(node.withdraw(["a"], "rti/indicators", "error"), [{"id": "a", "outcome": "done"}])
        keys = [line for asked in server.asked for line in asked.split(b"\r\n") if line.lower().startswith(b"idempotency-key")]
        self.assertEqual((len(keys), len(set(keys))), (3, 1), "one key for every try")
        node.withdraw(["a"], "rti/indicators", "error")
        self.assertNotIn(keys[0], server.asked[3], "another request has another key")

    def test_many_ids_and_values_go_in_parts(self) -> None:
        def results(count: int) -> bytes:
            return answer(200, {"results": [{"id": "x", "outcome": "done", "value": "x", "hits": [], "more": False}] * count})

        server = self.server(results(1000), results(1), results(100_000), results(2), results(3))
        node = Gotong(server.url, TOKEN)
        self.assertEqual(len(node.withdraw((f"a{at}" for at in range(1001)), "c", "error")), 1001)
        self.assertEqual(sum(1 for _ in node.lookup(f"v{at}" for at in range(100_002))), 100_002)
        with self.assertRaises(BadAnswer):
            list(node.lookup(["one", "two"]))

    def test_a_publication_goes_on_where_it_broke_off(self) -> None:
        first = chunked(b'{"line":2,"outcome":"new"}\n', b'{"line":1,"out', ends=False)
        server = self.server(first, problem(503, "busy"), outcomes({"line": 2, "outcome": "known"}, {"line": 1, "outcome": "new"}))
        told = [(one["line"], one["outcome"]) for one in Gotong(server.url, TOKEN).publish("a/b", [{"n": 1}, b'{"n":\r\n2}', '{"n":3}'])]
        self.assertEqual(told, [(2, "new"), (3, "known"), (1, "new")], "each object has one outcome, under its own number")
        bodies = [asked.partition(b"\r\n\r\n")[2] for asked in server.asked]
        self.assertEqual(bodies[0], b'{"n":1}\n{"n":  2}\n{"n":3}\n')
        self.assertEqual(bodies[1:], [b'{"n":1}\n{"n":3}\n'] * 2, "what was answered is not sent again")

    def test_what_was_written_is_insisted_on_until_the_node_does_not_know_it(self) -> None:
        refused = problem(400, "bad-parameter")
        page = answer(200, {"records": [], "position": "q"})
        found = answer(200, {"results": [{"value": "x", "hits": [], "more": False}]})
        server = self.server(outcomes({"line": 1, "outcome": "new"}), page, found, refused, page, page)
        node = Gotong(server.url, TOKEN)
        list(node.publish("a/b", [{"n": 1}]))
        list(node.records())
        list(node.lookup(["x"]))
        list(node.records())
        list(node.records())
        said = [b"after_position" in asked for asked in server.asked]
        self.assertEqual(said, [False, True, True, True, False, False])

    def test_a_publication_that_ended_early_says_why(self) -> None:
        full = {"type": "/problems/store-full", "title": "The disk is full", "status": 507, "next": "Free some room"}
        server = self.server(outcomes({"line": 1, "outcome": "new"}, complete=False, problem=full))
        told = Gotong(server.url, TOKEN).publish("a/b", [{"n": 1}, {"n": 2}])
        self.assertEqual(next(told)["outcome"], "new")
        with self.assertRaises(Problem) as why:
            next(told)
        self.assertEqual((why.exception.status, len(server.asked)), (507, 1))

    def test_outcomes_that_fit_no_object_are_not_believed(self) -> None:
        strange: list[bytes] = [
            outcomes({"line": 2, "outcome": "new"}),
            outcomes({"line": 0, "outcome": "new"}),
            outcomes({"line": "1", "outcome": "new"}),
            outcomes({"line": 1, "outcome": "new"}, {"line": 1, "outcome": "new"}),
            outcomes({"line": 1}),
            outcomes(),
            chunked(b"[1]\n"),
            chunked(b'{"a":' * 100_000 + b"\n"),
        ]
        for script in strange:
            server = self.server(script)
            with self.subTest(script[-120:]), self.assertRaises(BadAnswer):
                list(Gotong(server.url, TOKEN).publish("a/b", [{"n": 1}]))
            self.assertEqual(len(server.asked), 1)

    def test_an_endless_line_and_an_endless_answer_end(self) -> None:
        with mock.patch("gotong.publishing.LINE_BYTES_MAX", 1000), self.assertRaises(BadAnswer):
            list(Gotong(self.server(chunked(b"x" * 5000)).url, TOKEN).publish("a/b", [{"n": 1}]))
        with mock.patch("gotong.transport.ANSWER_BYTES_MAX", 1000), self.assertRaises(BadAnswer):
            Gotong(self.server(answer(200, {"channels": ["x" * 5000]})).url, TOKEN).channels()

    def test_an_export_that_breaks_off_is_no_export(self) -> None:
        whole = chunked(b"192.0.2.1\n", b"192.0.2.2\n", media="text/plain")
        server = self.server(whole)
        self.assertEqual(b"".join(Gotong(server.url, TOKEN).export(format="list")), b"192.0.2.1\n192.0.2.2\n")
        with tempfile.TemporaryDirectory() as folder:
            file = os.path.join(folder, "block.txt")
            with open(file, "w") as out:
                out.write("as it was")
            os.chmod(file, 0o640)
            cut = [whole[:-5], whole[:-12], answer(200, b"half of it", "text/plain")[:-4]]
            for script in cut:
                with self.subTest(script[-20:]), self.assertRaises(Interrupted):
                    Gotong(self.server(script).url, TOKEN).export_to(file, format="list")
                with open(file) as now:
                    self.assertEqual(now.read(), "as it was")
            self.assertEqual(Gotong(self.server(whole).url, TOKEN).export_to(file, format="list"), 20)
            with open(file) as now:
                self.assertEqual(now.read(), "192.0.2.1\n192.0.2.2\n")
            self.assertEqual((os.stat(file).st_mode & 0o777, os.listdir(folder)), (0o640, ["block.txt"]), "nothing is left beside it")

    def test_what_is_no_node_is_told_so(self) -> None:
        strange = [
            answer(200, "<html>", "text/html"),
            answer(404, "<html>", "text/html"),
            answer(500, "x", "text/plain"),
            answer(302, "", location="https://elsewhere.example/"),
            answer(200, "[]"),
            answer(200, {"channels": 5}),
            answer(200, '{"a":' * 100_000),
            answer(422, "[]", "application/problem+json"),
        ]
        for script in strange:
            server = self.server(script)
            with self.subTest(script[:60]), self.assertRaises(BadAnswer) as told:
                Gotong(server.url, TOKEN).channels()
            self.assertEqual(server.connections, 1)
            self.assertNotIn(TOKEN, str(told.exception))
        gone = self.server(answer(502, "<html>", "text/html"), answer(200, {"channels": []}))
        self.assertEqual(Gotong(gone.url, TOKEN).channels(), [], "a proxy whose node starts again is asked again")

    def test_a_problem_of_strange_shape_is_still_a_problem(self) -> None:
        document = {"type": 5, "title": "t" * 9000, "detail": {}, "errors": [1, {"id": "x"}, {"text": "no", "pointer": "/a", "clause": "rti 2"}]}
        server = self.server(answer(422, document, "application/problem+json", x_request_id="abc"))
        with self.assertRaises(Refused) as told:
            Gotong(server.url, TOKEN).channels()
        fault = told.exception
        self.assertEqual((fault.type, len(fault.title), fault.detail, fault.request_id), ("about:blank", 4096, None, "abc"))
        self.assertEqual((fault.pointers, fault.clauses, len(fault.errors)), (("/a",), ("rti 2",), 2))
        self.assertIn("/a: no", str(fault))

    def test_a_page_that_leads_to_itself_ends(self) -> None:
        page = answer(200, {"records": [], "next": "again", "position": "p"})
        with self.assertRaises(BadAnswer):
            list(Gotong(self.server(page, page, page).url, TOKEN).records())

    def test_silence_ends(self) -> None:
        server = self.server(answer(200, {"channels": []}), silent_s=3)
        begun = time.monotonic()
        with self.assertRaises(Unreachable):
            Gotong(server.url, TOKEN, timeout_s=0.3, patience_s=0).channels()
        self.assertLess(time.monotonic() - begun, 2.5)

    def test_certificates_are_verified_before_the_token_is_sent(self) -> None:
        server = self.server(*[answer(200, {"channels": []})] * 3, tls=True)
        with self.assertRaises(Unreachable) as told:
            Gotong(server.url, TOKEN).channels()
        self.assertIn("certificate", str(told.exception))
        self.assertEqual((server.asked, server.connections), ([], 1), "nothing was sent, and nothing tried again")
        known = ssl.create_default_context(cafile=PEM)
        self.assertEqual(Gotong(server.url.replace("127.0.0.1", "localhost"), TOKEN, tls=known).channels(), [])
        with self.assertRaises(Unreachable) as told:
            Gotong(server.url, TOKEN, tls=known).channels()
        self.assertIn("certificate", str(told.exception))
        self.assertEqual(len(server.asked), 1, "a certificate for another name does not count")
        for blind in (ssl._create_unverified_context(), _without_names()):
            with self.assertRaises(ValueError):
                Gotong(server.url, TOKEN, tls=blind)


class Beginnings(unittest.TestCase):
    def test_addresses_that_would_show_the_token_are_refused(self) -> None:
        for good in ("http://127.0.0.1:8401", "http://localhost", "http://[::1]:1/", "https://node.example/gotong/"):
            Gotong(good, TOKEN)
        bad = ["http://node.example", "http://10.0.0.1", "http://127.0.0.1.example", "http://[::]", "ftp://localhost", "node.example", "", "https://"]
        bad += ["https://user:word@node.example", "https://node.example?a=b", "https://node.example#a", "https://node.example:port", "https://a\r\nb", "https://[", "https://a b"]
        for url in bad:
            with self.subTest(url), self.assertRaises(ValueError):
                Gotong(url, TOKEN)

    def test_the_token_shows_nowhere(self) -> None:
        node = Gotong("https://node.example", TOKEN)
        self.assertEqual(repr(node), "Gotong('https://node.example:443')")
        with self.assertRaises(TypeError):
            pickle.dumps(node)
        for token in ("", "two words", "line\r\nX-Other: 1", "é"):
            with self.assertRaises(ValueError) as told:
                Gotong("https://node.example", token)
            self.assertNotIn(token or "\0", str(told.exception))

    def test_what_cannot_be_meant_is_refused_before_anything_is_sent(self) -> None:
        node = Gotong("http://127.0.0.1:1", TOKEN, patience_s=0)
        tries: list[Callable[[], object]] = [
            lambda: node.records(page=0),
            lambda: node.records(page=1001),
            lambda: node.records(channel="\ud800"),
            lambda: node.record(""),
            lambda: node.record(".."),
            lambda: node.record("\udfff"),
            lambda: list(node.lookup(["\ud800"])),
            lambda: node.explain(),
            lambda: node.explain("a", log="b", index=1),
            lambda: list(node.publish("a/b", [{"n": float("nan")}])),
            lambda: list(node.publish("a/b", ["{}", " \n"])),
            lambda: list(node.publish("a/b", ["\ud800"])),
            lambda: list(node.publish("a/b", [{"n": object()}])),
        ]
        for number, attempt in enumerate(tries):
            with self.subTest(number), self.assertRaises(ValueError):
                attempt()
        slips: list[Callable[[], object]] = [
            lambda: node.lookup("one.example"),
            lambda: node.publish("a/b", {"n": 1}),
            lambda: node.withdraw("indicator--1", "a/b", "error"),
        ]
        for slip in slips:
            with self.assertRaises(TypeError):
                slip()
        with self.assertRaises(GotongError):
            node.channels()


def _without_names() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname = False
    return context


if __name__ == "__main__":
    unittest.main()
