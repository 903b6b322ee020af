"""What becomes of the closings of a file, by the day from which closings are looked after (C3)."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Final

from qa_api.case_events.groups import Noted
from qa_api.case_events.messages import EPISODE_TYPES
from qa_api.rules.closure import EpisodeEventType
from qa_api.rules.local_time import local_date
from qa_api.rules.policy_values import FIRST_DAY
from qa_api.rules.telling import counts_at
from qa_api.rules.unchanging import Unchanging

OLD_DAYS: Final = 30
"""A closing that is older is not told while it happens: it belongs to the past that is loaded."""


class ClosingsOfFile(Unchanging):
    """The closings of a file, counted once for each event that tells of one."""

    in_use_from: date
    """The policy's value today."""
    closings: int
    looked_after: int
    """Those that are not history: each needs an audit, unless its reason is exempt."""
    old: int
    """Those looked after that are older than `OLD_DAYS`."""

    @property
    def is_not_set(self) -> bool:
        """Whether the authority has not said from which day on closings are looked after."""
        return self.in_use_from == FIRST_DAY

    @property
    def are_unwanted(self) -> bool:
        """Whether old closings would be closings without an audit, as nobody has set the day."""
        return self.is_not_set and self.old > 0


def closings_of(
    events: Iterable[Noted], in_use_from: date, now: datetime, today: date
) -> ClosingsOfFile:
    """Count them; `now` is when they would be received, `today` the London day of it."""
    at = {
        event.id: now if event.occurred_at is None else counts_at(event.occurred_at, now)
        for event in events
        if EPISODE_TYPES.get(event.type) is EpisodeEventType.CASE_CLOSED
    }
    days = [local_date(each) for each in at.values()]
    looked_after = [day for day in days if day >= in_use_from]
    old = sum(day < today - timedelta(days=OLD_DAYS) for day in looked_after)
    return ClosingsOfFile(in_use_from, len(days), len(looked_after), old)
