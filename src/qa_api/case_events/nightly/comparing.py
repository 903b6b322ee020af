"""Comparing the tables of one night with what their case system told before."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import IO, Any, Final

import orjson
from sqlalchemy import select

from qa_api.case_events.nightly.children import Child
from qa_api.case_events.nightly.differences import REOPENED, Event, Telling
from qa_api.case_events.nightly.known import known_of, of_another_child
from qa_api.case_events.nightly.tables import EPISODES, INVOLVEMENTS, FileFault
from qa_api.directory.references import KINDS, Kind, claims_of
from qa_api.models.subjects import CaseSystem
from qa_api.rules.references import fold
from qa_api.rules.unchanging import Unchanging
from qa_api.values.fields import read_instant
from qa_api.work import Work

MOST_REOPENED: Final = 10
"""Cases that open again in one night, where no case at all is closed any more."""


class Compared(Unchanging):
    """What came of it."""

    events: Sequence[Event]
    """All that the tables tell and nobody told before."""
    unknown: Sequence[FileFault]
    """Workers and teams in them whom the directory does not know: their cases wait (C1)."""
    faults: Sequence[FileFault]


class NotRegistered(Exception):
    """The case system that is meant is not known, or not said; the words say so."""


async def sender_of(work: Work, code: str | None) -> CaseSystem:
    """The case system of this code; without one the only one there is."""
    asked = select(CaseSystem).order_by(CaseSystem.code)
    systems = (await work.session.scalars(asked)).all()
    found = [each for each in systems if code in (None, each.code)]
    if len(found) == 1:
        return found[0]
    if code is None and found:
        raise NotRegistered(
            "there are several case systems: say by --system whose tables these are"
        )
    raise NotRegistered("no case system is registered by this code")


async def compare(
    work: Work, sender: CaseSystem, children: Sequence[Child], drawn_at: datetime
) -> Compared:
    """Find what differs. Reads only; needs the service's reach."""
    system, source = sender.code, sender.source
    known = await known_of(work, system, children)
    faults = await of_another_child(work, system, children, known)
    telling = Telling(source, drawn_at, (await work.policy()).in_use_from)
    told = [(child, telling.told_of(child, known.get(child.row.ref))) for child in children]
    unknown = await _unknown(work, system, told)
    events = [event for _, each in told for event in each]
    return Compared(events, unknown, [*faults, *_of_no_closing(children, events)])


def _of_no_closing(children: Sequence[Child], events: Sequence[Event]) -> Iterator[FileFault]:
    """Tables whose closings are gone: they would open many cases again, to close them tomorrow."""
    reopened = sum(event["type"] == REOPENED for event in events)
    if reopened > MOST_REOPENED and not any(
        row.closed_on for child in children for row in child.episodes
    ):
        detail = "cine_close_date: No row has one, though many of these cases were closed."
        yield FileFault(EPISODES.file, None, detail)


def write_events(events: Sequence[Event], content: IO[bytes]) -> None:
    """Write them down as a file of events, one to a line."""
    for event in events:
        content.write(orjson.dumps(event) + b"\n")
    content.seek(0)


async def _unknown(
    work: Work, system: str, told: Sequence[tuple[Child, Sequence[Event]]]
) -> list[FileFault]:
    named = list(_named(told))
    claims = await claims_of(work, {fold(name) for _, _, name, _ in named})
    found: dict[tuple[Kind, str], FileFault] = {}
    for line, kind, name, at in named:
        if claims.of(system, kind, fold(name), at, work.today) is None:
            fault = FileFault(INVOLVEMENTS.file, line, _UNKNOWN[kind])
            found.setdefault((kind, fold(name)), fault)
    return sorted(found.values(), key=lambda fault: fault.line or 0)


_UNKNOWN: Final[dict[Kind, str]] = {
    "worker": "invo_professional_id: The directory does not know this worker by `prof_staff_id`.",
    "team": "invo_professional_team: The directory does not know this team.",
}


def _named(
    told: Sequence[tuple[Child, Sequence[Event]]],
) -> Iterator[tuple[int, Kind, str, datetime]]:
    """The workers and teams that hold cases by these events: line, kind, name, and since when."""
    for child, events in told:
        for event in events:
            data: dict[str, Any] = event["data"]
            for kind in KINDS:
                name = data.get("allocation", {}).get(kind)
                if name is not None and child.holder is not None:
                    yield child.holder.line, kind, name, read_instant(data["occurred_at"])
