"""Bringing in what a case system tells in files: its events of years past."""

import gc
import hashlib
import shutil
import sys
import tempfile
from argparse import Namespace
from collections import Counter
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from time import monotonic
from typing import IO, TYPE_CHECKING, Final, TypeVar

from qa_api.commands.common import broken_off_in_order, in_workshop, refuse, refuse_file, tell_who

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from qa_api.case_events.event_file import EventFile
    from qa_api.case_events.groups import Group
    from qa_api.case_events.old_closings import ClosingsOfFile
    from qa_api.case_events.past_ahead import Ahead
    from qa_api.work import Work, Workshop

Taken = TypeVar("Taken")

STDIN: Final = "-"
AT_ONCE: Final = 4_000
"""Events of years past in one piece of work. While it is written the system's own events wait."""
LONG: Final = AT_ONCE
"""Events of a file for which more processes are worth their while."""
PROCESSES: Final = 2
"""Those that work out what comes next, while this one writes."""
WAITS_AT_MOST: Final = 1_800
"""Seconds for which a piece of work waits until others have taken theirs."""
EVERY: Final = 1.0
"""Seconds between two lines that say how far it is."""


@broken_off_in_order
def import_events(asked: Namespace) -> int:
    """Take the events of a file, one CloudEvent to a line, as if they had been sent."""
    from qa_api.case_events.event_file import EventFile

    with ExitStack() as held:
        try:
            content = held.enter_context(opened(asked.file))
            digest = _digest(content)
            file = EventFile(content)
        except (OSError, ValueError) as unreadable:
            why = getattr(unreadable, "strerror", None) or unreadable
            return refuse(f"{asked.file} cannot be read: {why}")
        events = counted(len(file), "event")
        if file.faults:
            return refuse_file(file.faults, at_least=file.was_given_up)
        if not len(file):
            return refuse("the file holds no event")
        print(f"read {events}, sha256 {digest}", flush=True)
        if asked.count not in (None, len(file)):
            return refuse(f"{NOT_WHOLE}: it has {events}, and {asked.count:,} are to be in it")
        if asked.sha256 not in (None, digest):
            return refuse(f"{NOT_WHOLE}: its sha256 is another")
        loading = Loading(file, asked, "import events")
        loading.run()
        return loading.tell()


def _digest(content: IO[bytes]) -> str:
    """The SHA-256 of all that is in it."""
    found = hashlib.sha256()
    while part := content.read(2**20):
        found.update(part)
    content.seek(0)
    return found.hexdigest()


NOT_WHOLE: Final = "nothing was imported: this is not the whole file, or another one"


@contextmanager
def opened(name: str) -> "Iterator[IO[bytes]]":
    """The file, which is read more than once; stdin and a pipe are set down first."""
    with ExitStack() as held:
        is_stdin = name == STDIN
        content: IO[bytes] = (
            sys.stdin.buffer if is_stdin else held.enter_context(Path(name).open("rb"))
        )
        if is_stdin or not content.seekable():
            kept = held.enter_context(tempfile.TemporaryFile())
            shutil.copyfileobj(content, kept)
            kept.seek(0)
            content = kept
        yield content


_WAITS: Final = (
    "qa-api: waits until others have taken what they tell of this case system: another import"
    " runs, or its own events come in"
)
_OTHERS: Final = (
    f"others still take what they tell of this case system after {WAITS_AT_MOST // 60} minutes:"
    " what was taken is kept; start again with the same file, and it goes on"
)
_CHANGED: Final = (
    "the file was cut or written anew while it was loaded: what was taken is kept;"
    " start again with the whole file, and it goes on"
)
_ENDED_EARLY: Final = (
    "a process that works out what comes next was ended: what was taken is kept;"
    " start again with the same file, and it goes on"
)


class Loading:
    """Takes the events of a file of one case system, as `command`."""

    def __init__(self, file: "EventFile", asked: Namespace, command: str) -> None:
        self._file, self._dry_run, self._command = file, asked.dry_run, command
        self._at_once, self._old_closings_too = asked.at_once, asked.old_closings_too
        self._closings: ClosingsOfFile | None = None
        self._done: Counter[str] = Counter()
        self._began = self._said = monotonic()
        self.refused = ""

    def run(self) -> None:
        """Take all events, in as many pieces of work as it takes."""
        from qa_api.case_events.event_file import FileChanged
        from qa_api.case_events.loading import NotTheirTurn
        from qa_api.case_events.past_ahead import EndedEarly, ahead_of

        is_long = len(self._file) >= LONG and not self._dry_run
        if is_long:
            gc.freeze()  # what is noted of the file stays until the end
            gc.set_threshold(50_000, 50, 50)  # and a batch leaves few cycles
        processes = PROCESSES if is_long else 0
        try:
            with ahead_of(self._file, self._at_once, processes=processes) as ahead:
                in_workshop(lambda workshop: self._run(workshop, ahead))
        except FileChanged:
            self.refused = _CHANGED
        except EndedEarly:
            self.refused = _ENDED_EARLY
        except NotTheirTurn:
            self.refused = _OTHERS

    async def _run(self, workshop: "Workshop", ahead: "Ahead") -> None:
        from qa_api.case_events.event_file import in_batches
        from qa_api.case_events.loading import system_of

        async with workshop.open_as_service("cli") as work:
            system = await system_of(work, self._file)
            if system is None:
                self.refused = "line 1: /source: No case system is registered by this name."
                return
            await self._look_at_closings(work)
            if self.refused or self._dry_run:
                return
            await tell_who(work, self._command)
        for batch in in_batches(self._file.groups(), self._at_once):
            await self._take(workshop, system, batch, ahead)

    async def _look_at_closings(self, work: "Work") -> None:
        from qa_api.case_events.old_closings import OLD_DAYS, closings_of

        in_use_from = (await work.policy()).in_use_from
        found = closings_of(self._file.events, in_use_from, work.now, work.today)
        self._closings = found
        if found.are_unwanted and not self._old_closings_too:
            self.refused = (
                f"nothing was imported: the policy key in_use_from is not set, so"
                f" {counted(found.old, 'closing')} of more than {OLD_DAYS} days ago would need an"
                " audit, which cannot be undone. Set in_use_from to the first day on which closings"
                " are looked after here, or take them all the same with --old-closings-too"
            )

    async def _take(
        self, workshop: "Workshop", system: str, batch: "list[Group]", ahead: "Ahead"
    ) -> None:
        from qa_api.case_events.loading import ONE_BY_ONE, take_one_by_one, take_past
        from qa_api.case_events.past_rows import TakenMeanwhile

        names = await ahead.names()
        try:
            done, others = await self._in_turn(
                workshop,
                lambda work: take_past(work, system, self._file, batch, ahead, names),
            )
        except TakenMeanwhile:
            done, others = Counter(), batch
        self._count(done)
        places = sorted(place for group in others for place in group)
        for first in range(0, len(places), ONE_BY_ONE):
            read = self._file.read(places[first : first + ONE_BY_ONE])
            self._count(
                await self._in_turn(workshop, partial(take_one_by_one, system=system, read=read))
            )

    async def _in_turn(
        self, workshop: "Workshop", take: "Callable[[Work], Awaitable[Taken]]"
    ) -> "Taken":
        """Do a piece of work; while others take the system's events, say so, and try again."""
        from qa_api.case_events.loading import NotTheirTurn

        said, until = False, monotonic() + WAITS_AT_MOST
        while True:
            try:
                async with workshop.open_as_service("cli") as work:
                    return await take(work)
            except NotTheirTurn:
                if monotonic() > until:
                    raise
            if not said:
                print(_WAITS, file=sys.stderr, flush=True)
                said = True

    def _count(self, done: "Counter[str]") -> None:
        self._done += done
        now, so_far = monotonic(), self._done.total()
        if now - self._said < EVERY and so_far < len(self._file):
            return
        self._said = now
        rate = so_far / max(now - self._began, 0.001)
        line = f"qa-api: {so_far:,} of {len(self._file):,} events, {rate:,.0f} a second"
        print(line, file=sys.stderr, flush=True)

    def tell(self) -> int:
        """Say what came of it; the exit status."""
        for line in self._told():
            print(line)
        return refuse(self.refused) if self.refused else 0

    def _told(self) -> "Iterator[str]":
        events = counted(len(self._file), "event")
        if self._dry_run:
            if self._closings is not None:
                yield f"the file is sound, it has {events}; nothing was kept"
                yield _about(self._closings)
        elif not self.refused:
            new = len(self._file) - self._done["duplicate"]
            did = ", ".join(f"{outcome} {count:,}" for outcome, count in self._done.most_common())
            if new:
                yield f"loaded {events}, {new:,} of them new: {did}"
            else:
                yield f"nothing new: {events}, there before"


def _about(closings: "ClosingsOfFile") -> str:
    """Which closings would be looked after, as of today."""
    looked_after = f"{closings.looked_after:,} of {counted(closings.closings, 'closing')}"
    not_set = ", as nobody has set it" if closings.is_not_set else ""
    return (
        f"{looked_after} would need an audit, unless the reason is exempt:"
        f" in_use_from is {closings.in_use_from}{not_set}"
    )


def counted(count: int, what: str) -> str:
    """So many of something, in words."""
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"
