"""Whether a record is restricted, as a fold of what the case system said about it (X3, C6)."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from enum import StrEnum

from qa_api.rules.telling import Telling, counts_at, known_times
from qa_api.rules.unchanging import Unchanging


class RestrictionKind(StrEnum):
    """Why a record is hidden from everyone without a grant; the gravest reason first."""

    PRE_ADOPTION = "pre_adoption"
    STAFF = "staff"
    OTHER = "other"


class RestrictionEvent(Unchanging):
    """One reason put on a record, or taken off it; in order as the event's ``Telling`` is."""

    event_id: str
    kind: RestrictionKind
    on: bool
    occurred_at: datetime
    received_at: datetime | None = None
    stream: str | None = None
    source_version: int | None = None

    @property
    def told(self) -> Telling:
        """What decides where the event stands in the order of events."""
        return Telling(
            self.event_id, self.occurred_at, self.received_at, self.stream, self.source_version
        )


def restriction_now(events: Iterable[RestrictionEvent]) -> RestrictionKind | None:
    """The gravest reason that stands, or None if the record is open (X3).

    Each reason stands or falls by itself: a record that is restricted for two reasons is not opened
    when one is lifted. A reason stands until an event lifts it that plainly comes later: by its
    version, or by a time that can be right and is later. So if both say the same instant, the
    record stays restricted, and a clock that is ahead opens nothing.
    """
    told = list(events)
    times = known_times(event.told for event in told)
    stands = {
        put_on.kind
        for put_on in told
        if put_on.on and not any(_lifts(event, put_on, times) for event in told)
    }
    return next((kind for kind in RestrictionKind if kind in stands), None)


def ever_pre_adoption(events: Collection[RestrictionEvent]) -> bool:
    """Whether it was ever said to be from before an adoption, even if that was taken back (C6)."""
    return any(event.on and event.kind is RestrictionKind.PRE_ADOPTION for event in events)


def _lifts(
    off: RestrictionEvent, on: RestrictionEvent, times: Mapping[Telling, datetime | None]
) -> bool:
    if off.on or off.kind is not on.kind:
        return False
    if off.told.numbered_with(on.told):
        return (off.source_version or 0) > (on.source_version or 0)
    # An `on` from a clock that is ahead stood from its receipt at the latest.
    since = counts_at(on.occurred_at, on.received_at)
    at, put_on_at = times[off.told], times[on.told]
    if since != on.occurred_at:
        at = off.told.ranked_at
    return at is not None and at > max(since, put_on_at or since)
