"""Whether a record is restricted, as a fold of what the case system said about it (X3, C6)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class RestrictionKind(StrEnum):
    """Why a record is hidden from everyone without a grant; the gravest reason first."""

    PRE_ADOPTION = "pre_adoption"
    STAFF = "staff"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class RestrictionEvent:
    """One reason put on a record, or taken off it."""

    event_id: str
    kind: RestrictionKind
    on: bool
    occurred_at: datetime


def restriction_now(events: Iterable[RestrictionEvent]) -> RestrictionKind | None:
    """The gravest reason that stands, or None where the record is open (X3).

    Each reason stands or falls by its own newest event, whatever order they arrived in: a
    record that is restricted for two reasons is not opened by taking away one.
    """
    stands: dict[RestrictionKind, bool] = {}
    for event in sorted(events, key=lambda e: (e.occurred_at, e.event_id)):
        stands[event.kind] = event.on
    return next((kind for kind in RestrictionKind if stands.get(kind)), None)
