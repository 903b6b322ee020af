"""Facts for the rules of unusual reads: who read what, what is theirs, what they read before."""

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final, TypeAlias
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Date,
    DateTime,
    Text,
    Uuid,
    and_,
    bindparam,
    cast,
    func,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from qa_api.models.access import AccessLog, Principal
from qa_api.rules.local_time import end_of_local_day, start_of_local_day
from qa_api.rules.unchanging import Unchanging
from qa_api.rules.unusual_reads import Read
from qa_api.work import Work

AboutStaff: TypeAlias = Mapping[str, str]
"""The records that are restricted because they are about staff, each with its case system."""


class Reader(Unchanging):
    """One person under all their accounts, or one client that belongs to nobody, as of a day."""

    name: str
    """The worker's code, or the account's id."""
    worker: str | None
    system: str | None
    accounts: tuple[UUID, ...]
    roles: frozenset[str]
    teams: frozenset[str]
    """Those that they led, supervised or were a member of on the day."""


_INSTANT: Final = DateTime(timezone=True)
_OF_THE_LIST: Final = "unusual_read:read"
_CHANGES: Final = ("post", "put", "patch", "delete")

# The first time there is such a list, what is older than the last day is not listed.
_AWAIT_DAYS: Final = text("""
INSERT INTO days_of_reads (day, listed)
SELECT d::date, begun.newest IS NOT NULL OR d::date = :over
FROM (SELECT max(day) AS newest FROM days_of_reads) begun,
     (SELECT least((min(at) AT TIME ZONE 'Europe/London')::date, :over) AS oldest
      FROM access_log) log,
     generate_series(coalesce(begun.newest + 1, log.oldest)::timestamp,
                     CAST(:over AS timestamp), interval '1 day') AS d
ON CONFLICT DO NOTHING""").bindparams(bindparam("over", type_=Date))

_HELD: Final = text("""
SELECT r.role, coalesce(r.team, s.team) AS team
FROM role_assignments r
LEFT JOIN team_services s ON s.service = r.service AND s.valid @> :day
WHERE r.principal_id = ANY (:accounts) AND r.valid @> :day
UNION
SELECT NULL, m.team FROM team_memberships m WHERE m.worker = :worker AND m.valid @> :day
""").bindparams(
    bindparam("day", type_=Date),
    bindparam("accounts", type_=ARRAY(Uuid)),
    bindparam("worker", type_=Text),
)

_ABOUT_STAFF: Final = text("SELECT id, system FROM subjects WHERE restriction_kind = 'staff'")

# Their own work: what a team of theirs holds or was audited for, what is theirs to do or was, what
# they did to it, and what somebody let them in to.
_OWN: Final = text("""
SELECT s.id FROM subjects s LEFT JOIN subjects p ON p.id = s.merged_into_id
WHERE s.id = ANY (:records) AND (
    s.team = ANY (:teams) OR p.team = ANY (:teams)
    OR :worker IN (s.worker, p.worker)
    OR s.system = :system
    OR EXISTS (SELECT FROM audits a WHERE a.subject_id IN (s.id, p.id)
               AND (:worker IN (a.auditor, a.worker, a.audited_worker)
                    OR a.team = ANY (:teams) OR a.audited_team = ANY (:teams)))
    OR EXISTS (SELECT FROM moderation_outcomes o WHERE o.subject_id IN (s.id, p.id)
               AND :worker IN (o.moderator, o.auditor, o.moderated_by))
    OR EXISTS (SELECT FROM escalation_recipients e WHERE e.subject_id IN (s.id, p.id)
               AND (:worker IN (e.recipient, e.acknowledged_by) OR e.for_team = ANY (:teams)))
    OR EXISTS (SELECT FROM restorative_actions x WHERE x.subject_id IN (s.id, p.id)
               AND :worker IN (x.owner, x.done_by, x.verified_by))
    OR EXISTS (SELECT FROM audit_responses r WHERE r.subject_id IN (s.id, p.id)
               AND :worker = r.handed_to)
    OR EXISTS (SELECT FROM learning_actions n WHERE n.subject_id IN (s.id, p.id)
               AND :worker IN (n.owner, n.set_by))
    OR EXISTS (SELECT FROM restriction_grants g WHERE g.subject_id IN (s.id, p.id)
               AND g.principal_id = ANY (:accounts)
               AND g.granted_at < :until AND g.expires_at > :begins)
    OR EXISTS (SELECT FROM events v WHERE v.subject_id IN (s.id, p.id)
               AND v.principal_id = ANY (:accounts) AND v.at >= :since AND v.at < :until)
)""").bindparams(
    bindparam("records", type_=ARRAY(Uuid)),
    bindparam("teams", type_=ARRAY(Text)),
    bindparam("worker", type_=Text),
    bindparam("system", type_=Text),
    bindparam("accounts", type_=ARRAY(Uuid)),
    bindparam("begins", type_=_INSTANT),
    bindparam("since", type_=_INSTANT),
    bindparam("until", type_=_INSTANT),
)

_MOST_BEFORE: Final = text(
    "SELECT max(records) FROM busiest_hours WHERE reader = :reader AND day < :day"
).bindparams(bindparam("reader", type_=Text), bindparam("day", type_=Date))

_TOLD_OF: Final = text("""
SELECT DISTINCT unnest(subject_ids) FROM unusual_reads
WHERE reader = :reader AND rule = 'same_record' AND day >= :first AND day < :day""").bindparams(
    bindparam("reader", type_=Text), bindparam("first", type_=Date), bindparam("day", type_=Date)
)


async def await_days(work: Work, over: date) -> None:
    """Put each day up to one that is over on the list of days to look through, once."""
    await work.session.execute(_AWAIT_DAYS, {"over": over})


async def readers(work: Work, day: date) -> list[Reader]:
    """Everybody who read about anybody on a day, with the roles and teams that they had then."""
    name = func.coalesce(Principal.worker, cast(AccessLog.principal_id, Text))
    found = await work.session.execute(
        select(
            name.label("name"),
            Principal.worker,
            Principal.system,
            func.array_agg(AccessLog.principal_id.distinct()).label("accounts"),
        )
        .select_from(AccessLog)
        .outerjoin(Principal, Principal.id == AccessLog.principal_id)
        .where(_read_between(day, day))
        .group_by(name, Principal.worker, Principal.system)
        .order_by(name)
    )
    return [await _reader(work, row, day) for row in found.all()]


async def _reader(work: Work, row: Any, day: date) -> Reader:
    given = {"day": day, "accounts": row.accounts, "worker": row.worker}
    held = (await work.session.execute(_HELD, given)).all()
    return Reader(
        row.name,
        row.worker,
        row.system,
        tuple(row.accounts),
        frozenset(each.role for each in held if each.role is not None),
        frozenset(each.team for each in held if each.team is not None),
    )


async def reads(work: Work, reader: Reader, day: date) -> list[Read]:
    """What they read on a day, in order."""
    return await _read(work, reader, _read_between(day, day))


async def reads_of(
    work: Work, reader: Reader, records: Collection[str], first: date, before: date
) -> list[Read]:
    """What they read of some records from a first day on, before a day."""
    of_these = AccessLog.subject_ids.op("&&")(_ids(records))
    return await _read(work, reader, _read_between(first, before - timedelta(days=1)), of_these)


async def _read(work: Work, reader: Reader, *conditions: ColumnElement[bool]) -> list[Read]:
    found = await work.session.execute(
        select(AccessLog.id, AccessLog.at, AccessLog.subject_ids)
        .where(AccessLog.principal_id.in_(reader.accounts), *conditions)
        .order_by(AccessLog.at, AccessLog.id)
    )
    return [Read(str(row.id), row.at, frozenset(map(str, row.subject_ids))) for row in found]


def _read_between(first: date, last: date) -> ColumnElement[bool]:
    """Read between two London days, both included.

    Neither what a change answered, which the event log holds as what they did; nor the list of
    unusual reads itself, which would be in it the day after, for ever.
    """
    return and_(
        AccessLog.at >= start_of_local_day(first),
        AccessLog.at < end_of_local_day(last),
        AccessLog.operation != _OF_THE_LIST,
        func.split_part(AccessLog.operation, ":", 1).not_in(_CHANGES),
    )


async def about_staff(work: Work) -> AboutStaff:
    """The records that a restriction of kind `staff` protects now."""
    found = await work.session.execute(_ABOUT_STAFF)
    return {str(row.id): row.system for row in found}


async def own_records(
    work: Work, reader: Reader, records: Collection[str], since: datetime, day: date
) -> frozenset[str]:
    """Those of some records that a team of theirs holds, or on which they have worked since."""
    if not records:
        return frozenset()
    given = {
        "records": _ids(records),
        "teams": sorted(reader.teams),
        "worker": reader.worker,
        "system": reader.system,
        "accounts": list(reader.accounts),
        "begins": start_of_local_day(day),
        "since": since,
        "until": end_of_local_day(day),
    }
    return frozenset(str(id_) for id_ in await work.session.scalars(_OWN, given))


async def most_before(work: Work, reader: Reader, day: date) -> int | None:
    """The most records that they were shown in an hour on any day before; None where none was."""
    most: int | None = await work.session.scalar(_MOST_BEFORE, {"reader": reader.name, "day": day})
    return most


async def told_of(work: Work, reader: Reader, first: date, day: date) -> frozenset[str]:
    """The records that they were reported for coming back to, on these days."""
    given = {"reader": reader.name, "first": first, "day": day}
    return frozenset(str(id_) for id_ in await work.session.scalars(_TOLD_OF, given))


def _ids(records: Collection[str]) -> list[UUID]:
    return [UUID(record) for record in sorted(records)]
