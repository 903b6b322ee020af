"""Bringing in the caseload of a day from a file of any size, piece by piece; it alone resumes."""

import sys
from argparse import Namespace
from contextlib import ExitStack
from datetime import UTC, date, datetime
from pathlib import Path
from time import monotonic
from typing import IO, TYPE_CHECKING, Final

from qa_api.commands.common import broken_off_in_order, in_workshop, refuse, refuse_file, tell_who
from qa_api.commands.loading import EVERY, NOT_WHOLE, STDIN, opened

if TYPE_CHECKING:
    from qa_api.caseloads.sheets import Fault, Form
    from qa_api.caseloads.staging import Staging
    from qa_api.work import Workshop

_AT_ONCE: Final = 2_000
"""Rows that are set down in one piece of work: what was is there when it goes on."""


@broken_off_in_order
def import_caseload(asked: Namespace) -> int:
    """Take everybody whose case is open on a day from a file of NDJSON or CSV, whole or not."""
    from qa_api.caseloads.staging import ReadInByAnother
    from qa_api.caseloads.taking import source_of
    from qa_api.problems import Problem
    from qa_api.rules.decision import RuleRefused

    with ExitStack() as holding:
        try:
            content = holding.enter_context(opened(asked.file))
        except (OSError, ValueError) as unreadable:
            why = getattr(unreadable, "strerror", None) or unreadable
            return refuse(f"{asked.file} cannot be read: {why}")
        if asked.sha256 not in (None, source_of(content)):
            return refuse(f"{NOT_WHOLE}: its sha256 is another")
        importing = _Importing(content, asked)
        try:
            in_workshop(importing.run)
        except Problem as refused:
            said = [error.detail for error in refused.errors] or [refused.detail]
            return refuse(" ".join(said))
        except (RuleRefused, ReadInByAnother) as refused:
            return refuse(str(refused))
        return importing.tell()


class _Importing:
    def __init__(self, content: IO[bytes], asked: Namespace) -> None:
        self._content, self._asked = content, asked
        self.faults: list[Fault] = []
        self.said = ""
        self.is_cut = False
        """Whether it has more or fewer children than there are to be."""

    @property
    def _day(self) -> date:
        """The day that is named; without one that on which the file was written, in London."""
        from qa_api import clock
        from qa_api.rules.local_time import local_date

        named: date | None = self._asked.on
        if named is not None:
            return named
        if self._asked.file == STDIN:
            return local_date(clock.now())
        written = Path(self._asked.file).stat().st_mtime
        return local_date(datetime.fromtimestamp(written, UTC))

    @property
    def _form(self) -> "Form":
        from qa_api.caseloads.sheets import Form

        named = Path(self._asked.file).suffix.lower() == ".csv"
        return Form.CSV if self._asked.csv or named else Form.NDJSON

    def tell(self) -> int:
        """Say what came of it; the exit status."""
        from qa_api.caseloads.sheets import MOST_FAULTS

        if self.faults:
            return refuse_file(self.faults, at_least=len(self.faults) >= MOST_FAULTS)
        if self.is_cut:
            return refuse(self.said)
        print(self.said)
        return 0

    async def run(self, workshop: "Workshop") -> None:
        """Set the rows down in as many pieces of work as it takes, then take them in one."""
        from qa_api.caseloads.sheets import Row, rows_of
        from qa_api.caseloads.staging import Staging, in_batches
        from qa_api.caseloads.taking import refuse_wrong_day, sender_of, source_of

        async with workshop.open_as_service("cli") as work:
            system = await sender_of(work, self._asked.system)
            await refuse_wrong_day(work, self._day)
            source = source_of(self._content)
            staging = await Staging.begin_or_go_on(work, system, self._day, source)
            if not self._asked.dry_run:
                await tell_who(work, "import caseload")
        there = staging.last_line
        if there:
            _say(f"going on after line {there:,}")
        told = _Progress()
        rows = (
            row
            for row in rows_of(self._content, self._form)
            if not isinstance(row, Row) or row.line > there
        )
        for batch in in_batches(rows, _AT_ONCE):
            async with workshop.open_as_service("cli") as work:
                await staging.add(work, batch)
            if staging.is_given_up:
                break
            told.tell(len(staging))
        self.faults = list(staging.faults)
        await self._end(workshop, staging, system)

    async def _end(self, workshop: "Workshop", staging: "Staging", system: str) -> None:
        from qa_api.caseloads.sheets import Fault
        from qa_api.caseloads.taking import caseload_of, take_staged
        from qa_api.values.preconditions import Precondition

        async with workshop.open_as_service("cli") as work:
            if not self.faults and not len(staging):
                self.faults = [Fault(0, "too_few", "There is no child in it.")]
            children = "1 child" if len(staging) == 1 else f"{len(staging):,} children"
            asked = self._asked
            if not self.faults and asked.count not in (None, len(staging)):
                await staging.end(work)
                self.is_cut = True
                self.said = f"{NOT_WHOLE}: it has {children}, and {asked.count:,} are to be in it"
                return
            if self.faults or asked.dry_run:
                await staging.end(work)
                self.said = f"the file is sound, it has {children}; nothing was kept"
                return
            there = await caseload_of(work, system, self._day)
            anything = Precondition(any_version=True, must_not_exist=there is None)
            await take_staged(work, staging, system, self._day, anything)
            self.said = f"taken: {children} with an open case on {self._day} in {system}"


class _Progress:
    def __init__(self) -> None:
        self._began = self._said = monotonic()

    def tell(self, so_far: int) -> None:
        """Say how many rows there are by now, not more than once a second."""
        now = monotonic()
        if now - self._said >= EVERY:
            self._said = now
            rate = so_far / max(now - self._began, 0.001)
            _say(f"{so_far:,} children, {rate:,.0f} a second")


def _say(line: str) -> None:
    print(f"qa-api: {line}", file=sys.stderr, flush=True)
