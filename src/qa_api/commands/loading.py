"""Bringing in what a case system tells in files: its events of years past."""

import gc
import shutil
import sys
import tempfile
from argparse import Namespace
from collections import Counter
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import IO, TYPE_CHECKING, Final

from qa_api.commands.common import in_workshop, refuse, refuse_file, tell_who

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qa_api.case_events.event_file import EventFile, Group
    from qa_api.work import Workshop

STDIN: Final = "-"
AT_ONCE: Final = 2_000
"""Events of years past in one piece of work. While it is written the system's own events wait."""
EVERY: Final = 1.0
"""Seconds between two lines that say how far it is."""


def import_events(asked: Namespace) -> int:
    """Take the events of a file, one CloudEvent to a line, as if they had been sent."""
    from qa_api.case_events.event_file import EventFile

    try:
        with _opened(asked.file) as content:
            file = EventFile(content)
            if file.faults:
                return refuse_file(file.faults)
            return load(file, "import events", at_once=asked.at_once, dry_run=asked.dry_run)
    except OSError as unreadable:
        return refuse(f"{asked.file} cannot be read: {unreadable.strerror}")


@contextmanager
def _opened(name: str) -> "Iterator[IO[bytes]]":
    """The file, which is read more than once; what comes on stdin is set down first."""
    if name != STDIN:
        with Path(name).open("rb") as content:
            yield content
        return
    with tempfile.TemporaryFile() as content:
        shutil.copyfileobj(sys.stdin.buffer, content)
        content.seek(0)
        yield content


def load(file: "EventFile", command: str, *, at_once: int = AT_ONCE, dry_run: bool = False) -> int:
    """Take the events of a file that has no fault; says what they did."""
    loading = _Loading(file, command, at_once, dry_run=dry_run)
    gc.freeze()  # what is noted of the file stays until the end
    gc.set_threshold(50_000, 50, 50)  # and a batch leaves few cycles
    in_workshop(loading.run)
    if loading.refused:
        return refuse(loading.refused)
    print(loading.told())
    return 0


class _Loading:
    def __init__(self, file: "EventFile", command: str, at_once: int, *, dry_run: bool) -> None:
        self._file, self._command, self._dry_run = file, command, dry_run
        self._at_once = at_once
        self._done: Counter[str] = Counter()
        self._began = self._said = monotonic()
        self.refused = ""

    async def run(self, workshop: "Workshop") -> None:
        """Take all events, in as many pieces of work as it takes."""
        from qa_api.case_events.event_file import in_batches
        from qa_api.case_events.loading import system_of

        if not len(self._file):
            return
        async with workshop.open_as_service("cli") as work:
            system = await system_of(work, self._file)
            if system is not None and not self._dry_run:
                await tell_who(work, self._command)
        if system is None:
            self.refused = "line 1: /source: No case system is registered by this name."
        elif not self._dry_run:
            for batch in in_batches(self._file.groups(), self._at_once):
                await self._take(workshop, system, batch)

    async def _take(self, workshop: "Workshop", system: str, batch: "list[Group]") -> None:
        from qa_api.case_events.loading import ONE_BY_ONE, take_one_by_one, take_past
        from qa_api.case_events.past_rows import TakenMeanwhile

        try:
            async with workshop.open_as_service("cli") as work:
                done, others = await take_past(work, system, self._file, batch)
        except TakenMeanwhile:
            done, others = Counter(), batch
        self._count(done)
        places = sorted(place for group in others for place in group)
        for first in range(0, len(places), ONE_BY_ONE):
            read = self._file.read(places[first : first + ONE_BY_ONE])
            async with workshop.open_as_service("cli") as work:
                done = await take_one_by_one(work, system, read)
            self._count(done)

    def _count(self, done: "Counter[str]") -> None:
        self._done += done
        now, so_far = monotonic(), self._done.total()
        if now - self._said < EVERY and so_far < len(self._file):
            return
        self._said = now
        rate = so_far / max(now - self._began, 0.001)
        line = f"qa-api: {so_far:,} of {len(self._file):,} events, {rate:,.0f} a second"
        print(line, file=sys.stderr, flush=True)

    def told(self) -> str:
        """What came of it."""
        events = len(self._file)
        if self._dry_run:
            return f"the file is sound, it has {events:,} events; nothing was kept"
        new = events - self._done["duplicate"]
        if not new:
            return f"nothing new: {events:,} events, all of which were there"
        did = ", ".join(f"{outcome} {count:,}" for outcome, count in self._done.most_common())
        return f"{events:,} events are loaded, {new:,} of them new: {did}"
