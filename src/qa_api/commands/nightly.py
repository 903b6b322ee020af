"""Bringing in the tables that a case system writes each night: what they tell that nobody told."""

import tempfile
from argparse import Namespace
from typing import TYPE_CHECKING

from qa_api.commands.common import broken_off_in_order, in_workshop, refuse, refuse_file, tell_who
from qa_api.commands.loading import Loading, counted

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from qa_api.case_events.nightly.children import Children
    from qa_api.case_events.nightly.comparing import Compared
    from qa_api.case_events.nightly.tables import FileFault, Tables
    from qa_api.work import Workshop


@broken_off_in_order
def import_ssd(asked: Namespace) -> int:
    """Take what the tables of the Standard Safeguarding Dataset tell and nobody told before."""
    from qa_api.case_events.nightly.children import ALLOCATED_ROLE
    from qa_api.case_events.nightly.tables import read_tables

    try:
        tables, faults = read_tables(asked.directory)
    except OSError as unreadable:
        return refuse(f"{asked.directory} cannot be read: {unreadable.strerror}")
    if faults:
        return _refuse(faults)
    nightly = _Nightly(tables, asked, asked.role or [ALLOCATED_ROLE])
    in_workshop(nightly.compare)
    nightly.take()
    return nightly.tell()


def _refuse(faults: "Sequence[FileFault]") -> int:
    from qa_api.case_events.event_file import MOST_FAULTS

    return refuse_file(faults[:MOST_FAULTS], at_least=len(faults) >= MOST_FAULTS)


class _Nightly:
    def __init__(self, tables: "Tables", asked: Namespace, roles: "Collection[str]") -> None:
        self._tables, self._asked, self._roles = tables, asked, roles
        self._faults: Sequence[FileFault] = ()
        self._refused = ""
        self._compared: Compared | None = None
        self._loading: Loading | None = None
        self._said: list[str] = []

    async def compare(self, workshop: "Workshop") -> None:
        """Compare the tables with what is known."""
        self._compared = await self._compare(workshop)

    def take(self) -> None:
        """Take what differs."""
        from qa_api.case_events.event_file import EventFile
        from qa_api.case_events.nightly.comparing import write_events

        if self._compared is None or not self._compared.events:
            return
        with tempfile.TemporaryFile() as content:
            write_events(self._compared.events, content)
            file = EventFile(content)
            if file.faults:  # our own events: nothing of them is taken
                raise RuntimeError(f"event {file.faults[0]}")
            self._loading = Loading(file, self._asked, "import ssd")
            self._loading.run()

    async def _compare(self, workshop: "Workshop") -> "Compared | None":
        from qa_api.case_events.nightly.children import children_of
        from qa_api.case_events.nightly.comparing import NotRegistered, compare, sender_of
        from qa_api.rules.local_time import local_date

        async with workshop.open_as_service("cli") as work:
            await work.act_as_service()
            try:
                sender = await sender_of(work, self._asked.system)
            except NotRegistered as refused:
                self._refused = str(refused)
                return None
            drawn_at = min(self._asked.drawn_at or self._tables.written_at, work.now)
            children, self._faults = children_of(self._tables, local_date(drawn_at), self._roles)
            if self._faults:
                return None
            compared = await compare(work, sender, children.each, drawn_at)
            self._faults = compared.faults
            if self._faults:
                return None
            self._say(children, compared, drawn_at)
            if not compared.events and not self._asked.dry_run:
                await tell_who(work, "import ssd")
        return compared

    def _say(self, children: "Children", compared: "Compared", drawn_at: "datetime") -> None:
        from qa_api.values.fields import write_instant

        rows = len(self._tables.people), len(self._tables.episodes)
        of_whom = f"{counted(rows[0], 'person')} and {counted(rows[1], 'episode')}"
        told = counted(len(compared.events), "event")
        self._said.append(
            f"compared {of_whom} of {write_instant(drawn_at)} with what is known: {told} to tell"
        )
        if children.ahead:
            days = counted(children.ahead, "day")
            self._said.append(f"{days} after that on which the tables were drawn do not count yet")
        self._said += [str(each) for each in compared.unknown]
        if compared.unknown:
            self._said.append("the cases of those who are not known wait with Quality & Standards")

    def tell(self) -> int:
        """Say what came of it; the exit status."""
        if self._faults:
            return _refuse(self._faults)
        if self._refused:
            return refuse(self._refused)
        for line in self._said:
            print(line)
        return 0 if self._loading is None else self._loading.tell()
