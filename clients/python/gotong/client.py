"""The client: one method for each thing that people do with a node.

    node = Gotong("https://node.example", token)

Must use the public API alone (`/api/v1/docs` on every node). How requests travel is in `transport.py`, how objects are published in `publishing.py`.
"""

from __future__ import annotations

import json
import os
import ssl
import tempfile
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timezone
from functools import partial
from itertools import islice
from typing import Any, TypeVar, cast

from . import publishing
from .errors import BadAnswer, Refused
from .shapes import Act, Channel, LookupResult, Outcome, Record, Related, Sightings, Versions
from .transport import Answer, Transport, query, segment

API = "/api/v1"
LOOKUP_VALUES_MAX = 100_000
LOOKUP_OBJECTS_MAX = 1_000
WITHDRAW_IDS_MAX = 1_000
PAGE_ROWS_MAX = 1_000

T = TypeVar("T")


class Gotong:
    """A node, as one token may see and use it.

    `url` is the node's address, such as `https://node.example`; plain HTTP is taken for this machine alone. `timeout_s` is how long the node may be silent.
    What is safe to repeat is repeated for `patience_s` seconds where the node cannot be reached, is busy (503) or asks to wait (429, with `Retry-After`):
    reading always is, publishing is because a node knows what it has, and withdrawing is by its idempotency key. `tls` is for an authority of your own
    (`ssl.create_default_context(cafile=…)`); a context that verifies nothing is refused.

    Each further try is told as a warning of the logger `gotong`. Where nobody listens and no answer has come before, the tries end after 3 seconds.

    What this client has written is in what it reads afterwards (lists, records, lookups).

    Channels are named by their handle (`rti/indicators`) or id. Times are RFC 3339 texts in UTC or aware `datetime`s. May be used by several threads.
    """

    def __init__(
        self,
        url: str,
        token: str,
        *,
        timeout_s: float = 60.0,
        patience_s: float = 60.0,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._transport = Transport(url, token, timeout_s, patience_s, tls)
        # How far the node was when it last answered a write: what is read afterwards has come at least as far.
        self._position: str | None = None

    def __repr__(self) -> str:
        return f"Gotong({self._transport.shown!r})"

    def __enter__(self) -> Gotong:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing stays open between two calls; this is for whoever likes `with`."""

    def __reduce__(self) -> Any:
        raise TypeError("a client holds a token and is not written down")

    # Reading

    def channels(self) -> list[Channel]:
        """The channels that the token may read."""
        return cast("list[Channel]", _list(self._get("/channels"), "channels"))

    def records(
        self,
        *,
        channel: str | None = None,
        type: str | None = None,
        author: str | None = None,
        since: str | datetime | None = None,
        until: str | datetime | None = None,
        tlp_max: str | None = None,
        page: int = 100,
    ) -> Iterator[Record]:
        """Records, page by page while they are read: in order of arrival, or newest first where a type or a time is given.

        `since` and `until` bound the object's own time. `page` is how many rows are held at once, 1 to 1,000.
        """
        if not 1 <= page <= PAGE_ROWS_MAX:
            raise ValueError(f"page is 1 to {PAGE_ROWS_MAX}")
        asked = {
            "channel": channel,
            "type": type,
            "author": author,
            "since": _time(since),
            "until": _time(until),
            "tlp_max": tlp_max,
            "limit": page,
        }
        query(asked)
        return self._pages(asked)

    def _pages(self, asked: dict[str, str | int | None]) -> Iterator[Record]:
        after: str | None = None
        while True:
            answer = self._get_after_writes("/records", {**asked, "after": after})
            yield from cast("list[Record]", _list(answer, "records"))
            following = answer.get("next")
            if following is None:
                return
            if not isinstance(following, str) or following == after:
                raise BadAnswer("the next page is the same page again")
            after = following

    def record(self, id: str) -> Versions:
        """One object: every version of every author that the token may read. `NotFound` where there is none."""
        answer = self._get_after_writes(f"/records/{segment(id)}", {})
        _list(answer, "versions")
        return cast(Versions, answer)

    def lookup(self, values: Iterable[str], *, objects: bool = False) -> Iterator[LookupResult]:
        """What each value is named by, in the order asked: addresses, names, hashes, URLs. Any number of values, 100,000 in one request.

        `objects`: with the objects themselves, 1,000 in one request.
        """
        if isinstance(values, str):
            raise TypeError("values is a list of texts, and not one text")
        return self._lookup(values, objects)

    def _lookup(self, values: Iterable[str], objects: bool) -> Iterator[LookupResult]:
        for part in _parts(values, LOOKUP_OBJECTS_MAX if objects else LOOKUP_VALUES_MAX):
            asked = {"values": part, "objects": objects}
            answer = self._after_writes(partial(self._look, asked))
            results = _list(answer, "results")
            if len(results) != len(part):
                raise BadAnswer("the node answered for another number of values than it was asked for")
            yield from cast("list[LookupResult]", results)

    def _look(self, asked: dict[str, Any], past: dict[str, str]) -> dict[str, Any]:
        return self._post("/lookup", {**asked, **past})

    def related(self, id: str) -> Related:
        """What shares a value, a network or a host with an object, refers to it, or is referred to by it."""
        return cast(Related, self._get(f"/records/{segment(id)}/related"))

    def sightings(self, value: str) -> Sightings:
        """Who has seen a value (an address, a name, a hash, a URL), how often and when."""
        return cast(Sightings, self._get("/sightings", {"value": value}))

    def sightings_of(self, id: str) -> Sightings:
        """Who has seen what one object names."""
        return cast(Sightings, self._get(f"/records/{segment(id)}/sightings"))

    def export(self, channel: str | None = None, format: str = "stix", **options: str | int | bool | datetime | None) -> Iterator[bytes]:
        """An export as pieces of bytes while it is written: `stix`, `ndjson`, `list`, `csv`, `rpz`, `suricata`, `zeek`, `ecs` and the others of the node.

        Options are the address's own: `since`, `tlp_max`, `kind`, `confidence_min`, `policy` and so on. Raises `Interrupted` where it breaks off; what
        came before is then no whole export. To replace a file that a program loads, use `export_to`.
        """
        asked: dict[str, str | int | bool | None] = {"channel": channel, "format": format}
        for name, value in options.items():
            asked[name] = _time(value) if isinstance(value, datetime) else value
        path = f"{API}/export{query(asked)}"
        return self._stream(path)

    def _stream(self, path: str) -> Iterator[bytes]:
        answer = self._transport.ask("GET", path, _itself)
        try:
            yield from answer.pieces()
        finally:
            answer.close()

    def export_to(self, file: str | os.PathLike[str], channel: str | None = None, format: str = "stix", **options: str | int | bool | datetime | None) -> int:
        """Writes an export into a file and returns its size in bytes. The file is replaced only once the whole export is on the disk.

        Whatever fails, the file stays as it was. A file that was there keeps its permissions; a new one is for its owner alone.
        """
        target = os.path.abspath(os.fspath(file))
        size = 0
        made, beside = tempfile.mkstemp(dir=os.path.dirname(target), prefix=".gotong-")
        try:
            with os.fdopen(made, "wb") as out:
                for piece in self.export(channel, format, **options):
                    out.write(piece)
                    size += len(piece)
                out.flush()
                os.fsync(out.fileno())
            if os.path.exists(target):
                os.chmod(beside, os.stat(target).st_mode & 0o777)
            os.replace(beside, target)
        except BaseException:
            os.unlink(beside)
            raise
        return size

    def explain(self, id: str | None = None, *, log: str | None = None, index: int | None = None, member: str | None = None) -> dict[str, Any]:
        """Why a record is where it is: by which clause, how long, who receives it, who has it. By the object's id, or by its place in a log."""
        if (id is None) == (log is None) or (log is None) != (index is None):
            raise ValueError("name a record by its id, or by log and index")
        return self._get("/explain", {"id": id, "log": log, "index": index, "member": member})

    def explain_channel(
        self, channel: str, *, type: str | None = None, kind: str | None = None, tlp: str | None = None, personal_data: str | None = None
    ) -> dict[str, Any]:
        """What publishing something in a channel would meet: `permitted`, the clauses, and who would receive it. Publishes nothing."""
        asked = {"type": type, "kind": kind, "tlp": tlp, "personal_data": personal_data}
        return self._get(f"/channels/{segment(channel)}/explain", asked)

    def withdrawals(self, channel: str) -> dict[str, Any]:
        """What was withdrawn in a channel, and who has erased it. Never what stood there."""
        return self._get(f"/channels/{segment(channel)}/withdrawals")

    # Writing

    def publish(
        self,
        channel: str,
        objects: Iterable[Mapping[str, Any] | str | bytes],
        *,
        tlp: str | None = None,
        pap: str | None = None,
        personal_data: str | None = None,
        purpose: str | None = None,
    ) -> Iterator[Outcome]:
        """Publishes STIX objects and yields what became of each: `new`, `updated`, `known`, `refused` or `quarantined`. Nothing is sent until it is iterated.

        One object each: a mapping, or its JSON as text or bytes, which goes as it is. `line` of an outcome counts the objects from 1; the order is that of
        requests and batches, not always that of the objects. One bad object costs only itself. `tlp` is the label of what carries no marking; without it,
        the channel's ceiling counts, and never TLP:CLEAR.

        Objects go in requests of 10,000 or 8 MiB, so any number may be given, from a generator as well. A request that breaks off is sent again as far as it
        was not answered: what had arrived is then `known`. Give marking definitions before the objects that name them.
        """
        asked = {"tlp": tlp, "pap": pap, "personal_data": personal_data, "purpose": purpose}
        path = f"{API}/channels/{segment(channel)}/records/bulk{query(asked)}"
        if isinstance(objects, (str, bytes, Mapping)):
            raise TypeError("objects is a list of objects, and not one object")
        return publishing.publish(self._transport, path, objects, self._reached)

    def withdraw(self, ids: Iterable[str], channel: str, reason: str, *, modified: str | datetime | None = None) -> list[Act]:
        """Takes back what this member published under the ids in the channel: every holder erases it. What became of each, in the order given.

        `reason` is `error`, `superseded`, `source-request`, `legal`, `privacy`, `retention`, `relabelled` or `other`. `modified`: only that version.
        Where it fails in the middle, calling again is safe.
        """
        if isinstance(ids, str):
            raise TypeError("ids is a list of texts, and not one text")
        path = f"/channels/{segment(channel)}/withdraw"
        acts: list[Act] = []
        for part in _parts(ids, WITHDRAW_IDS_MAX):
            body: dict[str, Any] = {"ids": part, "reason": reason}
            if modified is not None:
                body["modified"] = _time(modified)
            # The key stays for every try of this request, so that it is done once.
            answer = self._post(path, body, {"Idempotency-Key": str(uuid.uuid4())}, self._reached)
            acts.extend(cast("list[Act]", _list(answer, "results")))
        return acts

    # Requests

    def _get(self, path: str, parameters: Mapping[str, str | int | bool | None] | None = None) -> dict[str, Any]:
        return self._transport.ask_json("GET", f"{API}{path}{query(parameters or {})}")

    def _get_after_writes(self, path: str, parameters: Mapping[str, str | int | bool | None]) -> dict[str, Any]:
        return self._after_writes(lambda past: self._get(path, {**parameters, **past}))

    def _after_writes(self, ask: Callable[[dict[str, str]], dict[str, Any]]) -> dict[str, Any]:
        """A read that shows this client's own writes."""
        position = self._position
        if position is None:
            return ask({})
        try:
            return ask({"after_position": position})
        except Refused as fault:
            # A node that was restored does not know positions from before. Whatever else is wrong is wrong without it too.
            if not fault.type.endswith("/bad-parameter"):
                raise
            self._position = None
            return ask({})

    def _reached(self, position: str | None) -> None:
        if position:
            self._position = position

    def _post(
        self,
        path: str,
        body: Mapping[str, Any],
        headers: Mapping[str, str] | None = None,
        reached: Callable[[str | None], None] | None = None,
    ) -> dict[str, Any]:
        try:
            text = json.dumps(body, ensure_ascii=False, allow_nan=False).encode()
        except UnicodeEncodeError as fault:
            raise ValueError("a text holds half of a character (a lone surrogate)") from fault

        def read(answer: Answer) -> dict[str, Any]:
            if reached is not None:
                reached(answer.header("gotong-position"))
            return answer.json()

        return self._transport.ask("POST", f"{API}{path}", read, text, {"Content-Type": "application/json", **(headers or {})})


def _itself(answer: Answer) -> Answer:
    return answer


def _list(answer: dict[str, Any], name: str) -> list[Any]:
    found = answer.get(name)
    if not isinstance(found, list):
        raise BadAnswer(f"the answer has no list {name}")
    return found


def _parts(things: Iterable[T], most: int) -> Iterator[list[T]]:
    rest = iter(things)
    while part := list(islice(rest, most)):
        yield part


def _time(at: str | datetime | None) -> str | None:
    if not isinstance(at, datetime):
        return at
    if at.tzinfo is None:
        raise ValueError("a time without its zone could be any hour; give an aware datetime")
    return at.astimezone(timezone.utc).isoformat(timespec="microseconds").replace("+00:00", "Z")
