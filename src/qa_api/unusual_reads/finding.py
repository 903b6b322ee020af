"""Looking through the access log, one London day after another, each once (X3).

A day waits in `days_of_reads` until it is looked through; after an outage all missed days are.
Reads from before that list began only count for how much anybody ever read in an hour.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from qa_api.models.access import BusiestHour, DayOfReads, UnusualRead
from qa_api.models.base import new_id
from qa_api.rules.local_time import local_date, start_of_local_day
from qa_api.rules.policy import Policy
from qa_api.rules.policy_values import LookingRule
from qa_api.rules.states import UnusualReadState
from qa_api.rules.unchanging import Unchanging
from qa_api.rules.unusual_reads import (
    Read,
    Unusual,
    busiest_hour,
    is_a_look,
    is_watched,
    more_than_ever,
    out_of_hours,
    outside_teams,
    records_of,
    restricted_staff,
    same_record,
)
from qa_api.unusual_reads import facts
from qa_api.unusual_reads.facts import Reader
from qa_api.work import Work

AT_ONCE: Final = 5
"""Days looked through in one transaction."""
SETTLING: Final = timedelta(minutes=10)
"""How long after midnight a day is taken to be over: a read may still be under way at its end."""
MOST_LINES: Final = 500
MOST_RECORDS: Final = 50


async def look_through_days(work: Work) -> int:
    """Look through the next days that are over and have not been; returns how many."""
    over = local_date(work.now - SETTLING) - timedelta(days=1)
    await facts.await_days(work, over)
    days = await work.session.scalars(
        select(DayOfReads)
        .where(DayOfReads.looked_through_at.is_(None), DayOfReads.day <= over)
        .order_by(DayOfReads.day)
        .limit(AT_ONCE)
        .with_for_update()
    )
    found = days.all()
    for row in found:
        await _look_through(work, row.day, listed=row.listed)
        await work.session.execute(
            update(DayOfReads).where(DayOfReads.day == row.day).values(looked_through_at=work.now)
        )
    return len(found)


async def _look_through(work: Work, day: date, *, listed: bool) -> None:
    staff = await facts.about_staff(work) if listed else {}
    for reader in await facts.readers(work, day):
        reads = await facts.reads(work, reader, day)
        hour = busiest_hour(reads)
        if listed:
            found = await _Day(work, day, reader, reads, staff).unusual(hour)
            await _keep(work, day, reader, found)
        busiest = insert(BusiestHour).values(
            reader=reader.name, day=day, records=len(records_of(hour))
        )
        await work.session.execute(busiest.on_conflict_do_nothing())


class _Day(Unchanging):
    """What somebody read on one day, and what is asked about it."""

    work: Work
    day: date
    reader: Reader
    reads: Sequence[Read]
    staff: facts.AboutStaff

    async def unusual(self, hour: Sequence[Read]) -> list[Unusual]:
        """What each rule that looks at them finds."""
        policy = await self.work.policy_on(self.day)
        calendar = await self.work.calendar()
        looks = [read for read in self.reads if is_a_look(read, policy)]
        since = start_of_local_day(self.day - timedelta(days=policy.looking_window_days - 1))
        own = await facts.own_records(self.work, self.reader, records_of(looks), since, self.day)
        asked = {rule for rule in LookingRule if is_watched(rule, self.reader.roles, policy)}
        found = [
            outside_teams(self.day, looks, own, policy),
            more_than_ever(hour, await facts.most_before(self.work, self.reader, self.day), policy),
            restricted_staff(self.day, self.reads, self._about_staff(), policy),
            await self._same_record(looks, own, policy)
            if LookingRule.SAME_RECORD in asked
            else None,
            out_of_hours(self.day, self.reads, calendar, policy),
        ]
        return [each for each in found if each is not None and each.rule in asked]

    def _about_staff(self) -> Collection[str]:
        """The records about staff; a case system holds its own by its work."""
        system = self.reader.system
        return {record for record, held_in in self.staff.items() if held_in != system}

    async def _same_record(
        self, looks: Sequence[Read], own: Collection[str], policy: Policy
    ) -> Unusual | None:
        anothers = records_of(looks) - set(own)
        if not anothers:
            return None
        first = self.day - timedelta(days=policy.looking_window_days - 1)
        earlier = await facts.reads_of(self.work, self.reader, anothers, first, self.day)
        told = await facts.told_of(self.work, self.reader, first, self.day)
        return same_record(self.day, [*earlier, *looks], own, told, policy)


async def _keep(work: Work, day: date, reader: Reader, found: Iterable[Unusual]) -> None:
    rows: list[dict[str, Any]] = [
        {
            "id": new_id(),
            "state": UnusualReadState.FOUND,
            "version": 1,
            "day": day,
            "rule": each.rule.value,
            "reader": reader.name,
            "worker": reader.worker,
            "system": reader.system,
            "principal_ids": list(reader.accounts),
            "roles": sorted(reader.roles),
            "reads": len(each.reads),
            "records": len(each.records),
            "line_ids": [UUID(read.line) for read in each.reads[:MOST_LINES]],
            "subject_ids": [UUID(record) for record in sorted(each.records)[:MOST_RECORDS]],
            "why": each.why,
            "explanation": each.explanation.as_json(),
            "policy_version": each.explanation.policy_version,
        }
        for each in found
    ]
    if rows:
        kept = insert(UnusualRead).values(rows).on_conflict_do_nothing()
        await work.session.execute(kept)
