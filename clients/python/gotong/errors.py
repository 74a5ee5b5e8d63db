"""What can go wrong. A `Problem` is an answer of the node (RFC 9457); the others mean that no proper answer came.

No text here holds a token.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

REASONS_MAX = 1_000
TEXT_MAX = 4_096


class GotongError(Exception):
    """Anything that this package raises about a node."""


class Unreachable(GotongError):
    """The node could not be asked: no connection, no certificate that counts, or no answer in time."""


class Interrupted(GotongError):
    """An answer broke off. What came before holds; a file that was being written is not whole."""


class BadAnswer(GotongError):
    """Something answered, and not as a node does: a proxy, a page, an answer beyond every bound."""


@dataclass(frozen=True)
class Reason:
    """One field, line or clause that stands in the way."""

    id: str
    """Message id, for programs and translations."""
    text: str
    """The sentence in English."""
    pointer: str | None = None
    """JSON pointer (RFC 6901) to the field in what was sent."""
    clause: str | None = None
    """The clause that decided, as `<agreement> <number>`."""


class Problem(GotongError):
    """The node said no, and why."""

    def __init__(
        self,
        status: int,
        type: str,
        title: str,
        detail: str | None = None,
        next: str | None = None,
        errors: tuple[Reason, ...] = (),
        request_id: str | None = None,
        retry_after_s: float | None = None,
    ) -> None:
        self.status = status
        """The status of the answer."""
        self.type = type
        """Which kind, as `/problems/<slug>`: the path of a page on the node that explains it."""
        self.title = title
        """What happened, for every problem of this kind."""
        self.detail = detail
        """What happened this time."""
        self.next = next
        """What to do next."""
        self.errors = errors
        """Each field, line or clause that stands in the way."""
        self.request_id = request_id
        """Under this id the node's own log tells of the request."""
        self.retry_after_s = retry_after_s
        """After how many seconds trying again makes sense, where the node says so."""
        super().__init__(status, type, title)

    @property
    def pointers(self) -> tuple[str, ...]:
        """The fields that the reasons point at."""
        return tuple(reason.pointer for reason in self.errors if reason.pointer is not None)

    @property
    def clauses(self) -> tuple[str, ...]:
        """The clauses that decided."""
        return tuple(reason.clause for reason in self.errors if reason.clause is not None)

    def __str__(self) -> str:
        parts = [f"{self.title} ({self.status})"]
        if self.detail:
            parts.append(self.detail)
        for reason in self.errors[:10]:
            where = reason.pointer or reason.clause
            parts.append(f"{where}: {reason.text}" if where else reason.text)
        if self.next:
            parts.append(f"Next: {self.next}")
        return ". ".join(part.rstrip(".") for part in parts)


class Unauthenticated(Problem):
    """401: no token, or none that counts."""


class Forbidden(Problem):
    """403: the token's role lacks a right, or a clause forbids it."""


class NotFound(Problem):
    """404: nothing is there for this caller; what is hidden and what is absent are one answer."""


class Conflict(Problem):
    """409: the same version is there with other content, or an earlier one has a stricter label."""


class Refused(Problem):
    """400, 406, 413, 415, 422: what was sent is not what belongs there."""


class Busy(Problem):
    """408, 429, 503: not now. Where repeating was safe it has been repeated already."""


_KINDS: dict[int, type[Problem]] = {
    400: Refused,
    401: Unauthenticated,
    403: Forbidden,
    404: NotFound,
    406: Refused,
    408: Busy,
    409: Conflict,
    413: Refused,
    415: Refused,
    422: Refused,
    429: Busy,
    503: Busy,
}


def _text(value: Any) -> str | None:
    return value[:TEXT_MAX] if isinstance(value, str) else None


def problem_of(
    status: int, document: dict[str, Any], request_id: str | None = None, retry_after_s: float | None = None
) -> Problem:
    """The exception for a problem document, whatever is missing in it."""
    reasons = []
    listed = document.get("errors")
    for entry in (listed if isinstance(listed, list) else [])[:REASONS_MAX]:
        if isinstance(entry, dict):
            reasons.append(
                Reason(
                    id=_text(entry.get("id")) or "unnamed",
                    text=_text(entry.get("text")) or "",
                    pointer=_text(entry.get("pointer")),
                    clause=_text(entry.get("clause")),
                )
            )
    return _KINDS.get(status, Problem)(
        status,
        _text(document.get("type")) or "about:blank",
        _text(document.get("title")) or f"The answer was {status}",
        _text(document.get("detail")),
        _text(document.get("next")),
        tuple(reasons),
        request_id,
        retry_after_s,
    )
