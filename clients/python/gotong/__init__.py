"""Read and publish at a Gotong node, through its public API and with the standard library alone.

    from gotong import Gotong

    with Gotong("https://node.example", token) as node:
        for record in node.records(channel="rti/indicators", type="indicator"):
            print(record["tlp"], record["object"]["name"])

Everything that goes wrong is a `GotongError`. Read next: `client.py`.
"""

from .client import Gotong
from .errors import (
    BadAnswer,
    Busy,
    Conflict,
    Forbidden,
    GotongError,
    Interrupted,
    NotFound,
    Problem,
    Reason,
    Refused,
    Unauthenticated,
    Unreachable,
)
from .shapes import (
    Act,
    Channel,
    Hit,
    LookupResult,
    Outcome,
    Place,
    Receipt,
    Record,
    Related,
    RelatedGroup,
    SightingCount,
    Sightings,
    StixObject,
    Versions,
    Why,
)

__version__ = "0.1.0"

__all__ = [
    "Act",
    "BadAnswer",
    "Busy",
    "Channel",
    "Conflict",
    "Forbidden",
    "Gotong",
    "GotongError",
    "Hit",
    "Interrupted",
    "LookupResult",
    "NotFound",
    "Outcome",
    "Place",
    "Problem",
    "Reason",
    "Receipt",
    "Record",
    "Refused",
    "Related",
    "RelatedGroup",
    "SightingCount",
    "Sightings",
    "StixObject",
    "Unauthenticated",
    "Unreachable",
    "Versions",
    "Why",
]
