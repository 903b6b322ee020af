"""One listener: what waits to be sent to them, and when something must be said."""

import asyncio
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from qa_api import clock
from qa_api.auth.roles import Permission
from qa_api.auth.tokens import Caller
from qa_api.live import messages
from qa_api.live.messages import Because
from qa_api.live.positions import Position
from qa_api.reads.cursors import Cursors
from qa_api.rules.local_time import local_date
from qa_api.rules.unchanging import Unchanging
from qa_api.settings import Settings

MOST_WAITING: Final = 100
"""Messages that wait for a client; with more it is told to look again, once."""


class Change(Unchanging):
    """A change of a record that somebody sees."""

    position: Position
    kind: str
    path: str
    version: int
    audit_id: UUID | None
    work: bool
    """Whether it may change what waits for them."""


class Listener:
    """Somebody who listens to what waits for them, or to one audit."""

    __slots__ = (
        "_cursors",
        "_day",
        "_ends_at",
        "_looked_at",
        "_over",
        "_said_at",
        "_settings",
        "_waiting",
        "audit_id",
        "caller",
        "permission",
        "position",
        "principal_id",
        "ring",
        "time_is_over",
        "wake",
    )

    def __init__(
        self,
        caller: Caller,
        principal_id: UUID,
        *,
        audit_id: UUID | None,
        position: Position | None,
        cursors: Cursors,
        settings: Settings,
    ) -> None:
        """`position`: what they have been told already; None where they begin."""
        now = asyncio.get_running_loop().time()
        self.caller = caller
        self.principal_id = principal_id
        self.audit_id = audit_id
        self.permission = Permission.AUDIT_READ if audit_id else Permission.SELF_READ
        self.position = position
        self.wake = asyncio.Event()
        self.ring: Callable[[], None] = _nobody_hears
        self.time_is_over = False
        self._cursors = cursors
        self._settings = settings
        self._waiting: list[str] = []
        self._over = False
        self._said_at, self._looked_at = now, clock.now()
        self._ends_at = now + settings.live_longest_seconds
        self._day = local_date(clock.now())

    # --- what is to be said ---

    def tell(self, changes: Iterable[Change], *, look_again: bool, until: Position) -> None:
        """Tell what of these changes is for this listener; `until` is where that ends."""
        for one in changes:
            wanted = one.audit_id == self.audit_id if self.audit_id else one.work
            if wanted and (self.position is None or one.position > self.position):
                id_ = one.position.written(self._cursors)
                self._say(messages.change(id_, one.kind, one.path, one.version))
        if self.position is None or self.position < until:
            self.position = until
        if look_again and self.audit_id is None:
            self.look_again(Because.CHANGED)

    def look_again(self, because: Because) -> None:
        """Have them read the whole again."""
        self._looked_at = clock.now()
        if because is Because.TIME:
            self.time_is_over, self._day = False, local_date(self._looked_at)
        self._say(messages.look_again(self._id, because))

    def end(self, because: Because) -> None:
        """Say that nothing more follows."""
        if not self._over:
            self._waiting.append(messages.end(self._id, because))
            self._over = True
            self.wake.set()

    def _say(self, text: str) -> None:
        if self._over:
            return
        if len(self._waiting) >= MOST_WAITING:
            text = messages.look_again(self._id, Because.MISSED)
            self._waiting.clear()
        self._waiting.append(text)
        self.wake.set()

    @property
    def _id(self) -> str:
        return self.position.written(self._cursors) if self.position else ""

    # --- what the stream asks ---

    @property
    def seconds(self) -> float:
        """After how many seconds something must be said, or the end may have come."""
        now = asyncio.get_running_loop().time()
        quiet = self._said_at + self._settings.live_heartbeat_seconds
        return max(0.0, min(quiet - now, self._ends_at - now, self._token_holds.total_seconds()))

    def take(self) -> str:
        """What is to be sent now; a sign of life where nothing else is."""
        now = asyncio.get_running_loop().time()
        self._look_at_the_time(now)
        self.wake.clear()
        text = "".join(self._waiting)
        self._waiting.clear()
        self._said_at = now
        return text or messages.still_here(self._id)

    @property
    def over(self) -> bool:
        """Whether nothing follows what is taken next."""
        return self._over

    def restart(self) -> None:
        """The service stops: send them away, to come back."""
        self.end(Because.RESTART)

    @property
    def _token_holds(self) -> timedelta:
        leeway = timedelta(seconds=self._settings.token_leeway_seconds)
        return self.caller.expires_at + leeway - clock.now()

    def _look_at_the_time(self, now: float) -> None:
        if self._token_holds <= timedelta():
            self._waiting.clear()
            self.end(Because.TOKEN)
        elif now >= self._ends_at:
            self.end(Because.LONG_ENOUGH)
        elif not self.time_is_over and self._must_look_again(clock.now()):
            self.time_is_over = True
            self.ring()

    def _must_look_again(self, now: datetime) -> bool:
        """Whether an hour, or the day, is over since they looked; or the clock was put back."""
        looked = self._looked_at
        most = timedelta(seconds=self._settings.live_look_again_seconds)
        return local_date(now) != self._day or not looked <= now < looked + most


def _nobody_hears() -> None:
    pass
