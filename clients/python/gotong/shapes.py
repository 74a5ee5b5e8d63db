"""The shapes of the API's answers as types. They describe and check nothing: an answer is the JSON that the node sent.

Fields that not every answer has stand in the classes without `Required`; the node's own document of them is at `/api/v1/docs`.
"""

from __future__ import annotations

from typing import Any, TypedDict

StixObject = dict[str, Any]
"""A STIX 2.1 object as its author wrote it."""


class Why(TypedDict, total=False):
    """Why something was not done."""

    id: str
    pointer: str
    clause: str
    text: str


class Place(TypedDict, total=False):
    """Where something stands: `log` and `index` for the member's staff; for an organisation that the member serves `entry`, a name that it knows it again by."""

    log: str
    index: int
    entry: str


class _Receipt(TypedDict):
    leaf: str


class Receipt(_Receipt, Place):
    """Where a record stands in its author's log."""


class _Outcome(TypedDict):
    line: int
    outcome: str


class Outcome(_Outcome, total=False):
    """What became of one published object: `new`, `updated`, `known`, `refused` or `quarantined`; `line` counts the objects from 1."""

    id: str
    receipt: Receipt
    quarantine: int
    why: list[Why]


class _Act(TypedDict):
    id: str
    outcome: str


class Act(_Act, total=False):
    """What became of one id of a withdrawal: `done`, `not_found` or `refused`."""

    entries: int
    quarantined: int
    log: str
    index: int
    entry: str
    why: list[Why]


class _Channel(TypedDict):
    id: str
    handle: str
    agreement: str
    title: dict[str, str]
    exercise: bool
    purpose: str
    legal_basis: str
    ceiling: str
    kinds: list[str]
    audience: list[str]
    onward: str
    personal_data: str
    in_force: bool
    may_publish: bool
    clauses: list[dict[str, Any]]
    logs: list[dict[str, Any]]


class Channel(_Channel, total=False):
    """A channel that the token may read. `exercise`: nothing in it is real."""

    until: str | None
    entries: int | None


class _Record(TypedDict):
    id: str
    type: str
    channel: str
    channel_id: str
    author: str
    kind: str
    tlp: str
    tlp_strictest: str
    personal_data: str
    published_at: str
    newest: bool
    revoked: bool
    object: StixObject


class Record(_Record, Place, total=False):
    """One publication of an object. `tlp` is the label that counts, whatever the object's own marking says."""

    name: str | None
    modified: str | None
    valid_until: str | None
    pap: str | None
    organisation: str | None
    purpose: str | None
    language: str | None
    also_by: list[dict[str, Any]]


class Versions(TypedDict):
    """Every version of one id, by author, newest first."""

    id: str
    versions: list[Record]


class _Hit(TypedDict):
    id: str
    type: str
    channel: str
    author: str
    tlp: str


class Hit(_Hit, Place, total=False):
    """A record that names a value. `published_at` and `object` come only where objects are asked for.

    `why` is missing where it names the value itself; it is `network` where it names a network that holds it, and `within` where it names
    what lies in the network that was asked for, `domain` where it names a domain above the host, and `url` where it names an URL on it.
    `through` is then what it names, of an URL its host.
    """

    why: str
    through: str
    modified: str
    published_at: str
    object: StixObject


class _LookupResult(TypedDict):
    value: str
    hits: list[Hit]
    more: bool


class LookupResult(_LookupResult, total=False):
    """What one value is named by. `more`: there are more than the node lists. `outside_only`: it is a network that was not looked into."""

    outside_only: bool


class _RelatedGroup(TypedDict):
    how: str
    through: str
    hits: list[Hit]
    more: bool


class RelatedGroup(_RelatedGroup, total=False):
    """Objects related in one way: `value`, `network`, `host`, `refers-to` or `referred-by`."""

    value: str


class Related(TypedDict):
    """What is related to one object, the nearest relation first."""

    id: str
    related: list[RelatedGroup]
    more: bool


class _SightingCount(TypedDict):
    author: str
    channel: str
    sightings: int
    seen: int


class SightingCount(_SightingCount, total=False):
    """Sightings by one author in one channel."""

    latest: str
    first_seen: str
    last_seen: str


class _Sightings(TypedDict):
    of: str
    sightings: list[SightingCount]
    more: bool


class Sightings(_Sightings, total=False):
    """Who has seen a value, or what an id names."""

    days: list[dict[str, Any]]
