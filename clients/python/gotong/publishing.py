"""Objects to lines, lines to requests of a bounded size, and answers back to the objects that they speak of.

One request carries so many objects and bytes at most. Where it breaks off, what was not answered yet is sent again: a node answers what it has already with
`known`, so nothing is published twice. Must not hold more than one request's objects. Read next: `client.py`.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, cast

from .errors import BadAnswer, Interrupted, Problem, Unreachable, problem_of
from .shapes import Outcome
from .transport import Answer, Transport, parse

REQUEST_OBJECTS = 10_000
REQUEST_BYTES = 8 << 20
LINE_BYTES_MAX = 4 << 20
"""The longest line of an answer: a refusal with all its reasons."""
GATHER_S_MAX = 2.0
"""How long a source that gives objects slowly is waited for before what there is goes out."""


def line_of(number: int, thing: Mapping[str, Any] | str | bytes) -> bytes:
    """One object as a line of NDJSON. Text and bytes go as they are, only that line breaks between their words become spaces."""
    if isinstance(thing, bytes):
        text = thing
    else:
        try:
            written = thing if isinstance(thing, str) else json.dumps(thing, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
            text = written.encode()
        except (TypeError, ValueError, RecursionError) as fault:
            raise ValueError(f"object {number} cannot be written as JSON: {fault}") from fault
    # Within a JSON string a line break is always written as an escape.
    text = text.replace(b"\r", b" ").replace(b"\n", b" ")
    if not text.strip():
        raise ValueError(f"object {number} is empty")
    return text + b"\n"


def _requests(objects: Iterable[Mapping[str, Any] | str | bytes]) -> Iterator[dict[int, bytes]]:
    """What goes in one request: lines by the number of their object, from 1."""
    lines: dict[int, bytes] = {}
    size = 0
    begun = time.monotonic()
    for number, thing in enumerate(objects, start=1):
        line = line_of(number, thing)
        if lines and size + len(line) > REQUEST_BYTES:
            yield lines
            lines, size, begun = {}, 0, time.monotonic()
        lines[number] = line
        size += len(line)
        if len(lines) >= REQUEST_OBJECTS or time.monotonic() - begun > GATHER_S_MAX:
            yield lines
            lines, size, begun = {}, 0, time.monotonic()
    if lines:
        yield lines


def publish(
    transport: Transport,
    path: str,
    objects: Iterable[Mapping[str, Any] | str | bytes],
    reached: Callable[[str | None], None],
) -> Iterator[Outcome]:
    """Sends objects to a bulk address and yields what became of each. `reached` is told the position that the node had come to."""
    for lines in _requests(objects):
        patience = transport.patience()
        while lines:
            before = len(lines)
            try:
                yield from _one_request(transport, path, lines, reached)
            except (Unreachable, Interrupted, Problem) as fault:
                if len(lines) < before:
                    patience.begin()
                patience.wait_or_raise(fault)


def _one_request(
    transport: Transport, path: str, lines: dict[int, bytes], reached: Callable[[str | None], None]
) -> Iterator[Outcome]:
    """One request; what is answered is taken off `lines`."""
    numbers = list(lines)
    answer = transport.ask("POST", path, _itself, b"".join(lines.values()), {"Content-Type": "application/x-ndjson"})
    try:
        for text in answer.lines(LINE_BYTES_MAX):
            said = parse(text)
            if "summary" in said:
                position = said.get("position")
                reached(position if isinstance(position, str) else None)
                _ended(said, lines)
                return
            at = said.get("line")
            if not isinstance(at, int) or not 1 <= at <= len(numbers) or numbers[at - 1] not in lines or "outcome" not in said:
                raise BadAnswer("the node answered for an object that was not sent")
            number = numbers[at - 1]
            del lines[number]
            said["line"] = number
            yield cast(Outcome, said)
        raise Interrupted("the answer ended before its summary")
    finally:
        answer.close()


def _itself(answer: Answer) -> Answer:
    return answer


def _ended(summary: dict[str, Any], lines: dict[int, bytes]) -> None:
    """The import's last line: everything was answered, or why not."""
    problem = summary.get("problem")
    if isinstance(problem, dict):
        status = problem.get("status")
        raise problem_of(status if isinstance(status, int) else 500, problem)
    if lines or summary.get("complete") is not True:
        raise _Unanswered(f"the node left {len(lines)} objects without an answer")


class _Unanswered(BadAnswer):
    """The node said that it was done, and was not: sending again would not end."""
