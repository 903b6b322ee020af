"""What a receiver's answer is about: the message, the endpoint or this moment.

A message that its receiver refuses is settled, so that those behind it are sent. Everything else is
tried again, in order, without end. Only a message that keeps failing while its endpoint takes
others is set aside: then the message itself is at fault.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

MESSAGE_REFUSED: Final = frozenset({400, 409, 413, 422})
"""What the receiver says of this very message: the same message will never be taken."""
GONE: Final = 410
PASSING: Final = frozenset({408, 421, 425, 429})
"""What a receiver says that is set up rightly and cannot take it at this moment."""

LONGEST_SILENCE: Final = timedelta(hours=16)
"""A night: when an endpoint took nothing for longer, it was not seen to take messages meanwhile."""


class Meaning(StrEnum):
    """What came of an attempt."""

    TAKEN = "taken"
    REFUSED = "refused"
    """This message, for good."""
    GONE = "gone"
    """The receiver wants nothing more at this address."""
    MISCONFIGURED = "misconfigured"
    """Address or credentials are wrong: somebody must put them right, and is told at once."""
    NOT_NOW = "not_now"


def meaning_of(status: int | None, failure: str | None = None) -> Meaning:
    """What an HTTP status means, or the reason why there is none."""
    if status is None:
        return Meaning.MISCONFIGURED if failure == "target_not_allowed" else Meaning.NOT_NOW
    if 200 <= status < 300:
        return Meaning.TAKEN
    if status in MESSAGE_REFUSED:
        return Meaning.REFUSED
    if status == GONE:
        return Meaning.GONE
    if 300 <= status < 500 and status not in PASSING:
        return Meaning.MISCONFIGURED
    return Meaning.NOT_NOW


def alone_since(
    before: datetime | None,
    now: datetime,
    *,
    tried_at: datetime | None,
    took_others_for: timedelta | None,
    failed_others: bool,
) -> datetime | None:
    """Since when a message fails that its endpoint singles out; None where it does not.

    Asked at each failure. `tried_at`: the attempt before this one. `took_others_for`: how much of
    the time since the endpoint was seen to take others, from one that it took to the next; None
    where it took none. `failed_others`: another one failed there since.
    Only that time counts: an outage may have begun at any moment after the last that was taken.
    That an endpoint took nothing while it was asked is an outage, and the time begins anew. That
    nobody asked it says nothing: the time stands still.
    """
    if tried_at is None or (took_others_for is None and failed_others):
        return None
    if before is None and took_others_for is None:
        return None
    counted = timedelta(0) if before is None else tried_at - before
    return now - counted - (took_others_for or timedelta(0))


def is_to_be_parked(alone: datetime | None, now: datetime, hours: int) -> bool:
    """Whether a message has failed alone for the policy's time, so that its case may go on."""
    return alone is not None and now - alone >= timedelta(hours=hours)


def until_parked(alone: datetime | None, now: datetime, hours: int) -> timedelta | None:
    """How long until it is tried a last time before it is parked; None where it is not alone."""
    return (
        None if alone is None else max(alone + timedelta(hours=hours) - now, timedelta(seconds=5))
    )
