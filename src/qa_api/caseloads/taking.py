"""Taking a caseload whole: its rows are there together, or none is (§4.4, R4.4.4)."""

import hashlib
from collections.abc import Callable, Iterator
from datetime import date
from typing import IO, Final
from uuid import UUID

from sqlalchemy import func, literal, select

from qa_api import events, problems
from qa_api.auth.roles import Permission
from qa_api.caseloads.forgetting import forget_caseload
from qa_api.caseloads.schemas import CaseloadIn
from qa_api.caseloads.sheets import Fault, Form, Row, rows_of, rows_of_body
from qa_api.caseloads.staging import AT_ONCE, Staging, in_batches
from qa_api.caseloads.stated import Stated
from qa_api.caseloads.telling import tell_coverage
from qa_api.models.base import new_id
from qa_api.models.caseloads import Caseload
from qa_api.models.subjects import CaseSystem
from qa_api.problems import InputError
from qa_api.rules.caseloads import kept_until
from qa_api.values.preconditions import Precondition
from qa_api.work import Work

_PART: Final = 2**20


async def put_lines(
    work: Work,
    day: date,
    system: str | None,
    content: IO[bytes],
    form: Form,
    expected: Precondition,
    stated: Stated,
) -> UUID:
    """Take the caseload of a file, as `put_caseload`; faults are told by their lines."""
    stated.check_content(content)
    rows = rows_of(content, form)
    return await _put(work, day, system, expected, rows, Fault.of_line, stated)


async def put_caseload(
    work: Work,
    day: date,
    system: str | None,
    body: CaseloadIn,
    expected: Precondition,
    stated: Stated,
) -> UUID:
    """Take the caseload of a day in place of the one there was, if there was one; its id.

    The same caseload sent again is the one that is there, whatever version it was based on. One
    that something was drawn from, or that a presented report tells of, stands.
    """
    rows = rows_of_body(body.children)
    return await _put(work, day, system, expected, rows, Fault.of_body, stated)


def source_of(content: IO[bytes]) -> str:
    """SHA-256 of a file, by which it is known again."""
    content.seek(0)
    digest = hashlib.sha256()
    while part := content.read(_PART):
        digest.update(part)
    return digest.hexdigest()


async def _put(
    work: Work,
    day: date,
    system: str | None,
    expected: Precondition,
    rows: Iterator[Row | Fault],
    pointed: Callable[[Fault], InputError],
    stated: Stated,
) -> UUID:
    sender = await sender_of(work, system)
    await work.act_as_service()
    await _take_turn(work, sender, day)
    if await caseload_of(work, sender, day) is None:
        expected.check(None)
    await refuse_wrong_day(work, day)
    staging = await Staging.begin(work, sender, day)
    for batch in in_batches(rows, AT_ONCE):
        await staging.add(work, batch)
        if staging.is_given_up:
            break
    if staging.faults:
        raise problems.validation([pointed(fault) for fault in staging.faults])
    if not len(staging):
        raise problems.validation([pointed(Fault(0, "too_few", "There is no child in it."))])
    stated.check_count(len(staging))
    return await take_staged(work, staging, sender, day, expected)


async def sender_of(work: Work, system: str | None) -> str:
    """The case system whose caseload it is: the caller's own, the one named, or the only one."""
    own = work.actor.system
    if own is not None:
        if system not in {None, own}:
            raise problems.out_of_reach(Permission.CASELOAD_SEND)
        return own
    codes = (await work.session.scalars(select(CaseSystem.code).order_by(CaseSystem.code))).all()
    found = [code for code in codes if system in (None, code)]
    if len(found) != 1:
        detail = "There is no such case system." if system else "Which case system's is it?"
        code = "unknown" if system else "missing"
        raise problems.validation([InputError.of("system", code, detail)])
    return str(found[0])


async def refuse_wrong_day(work: Work, day: date) -> None:
    """Refuse a caseload of a day that is ahead, or so long ago that it would go at once.

    Nobody knows whose cases will be open; and an old caseload is kept for the days of policy only.
    """
    if day > work.today:
        detail = "The day is still ahead."
        raise problems.validation([InputError.of("date", "ahead", detail)])
    policy = await work.policy()
    if kept_until(day, policy) < work.today:
        kept = policy.caseload_kept_days
        detail = f"The day is too long ago: a caseload is kept for {kept} days after its day."
        raise problems.validation([InputError.of("date", "past", detail)])


async def _take_turn(work: Work, system: str, day: date) -> None:
    """Wait for who takes a caseload of the same day; they wait until this work ends."""
    turn = func.hashtextextended(literal(f"caseload {system} {day.isoformat()}"), 0)
    await work.session.execute(select(func.pg_advisory_xact_lock(turn)))


async def caseload_of(work: Work, system: str, day: date) -> Caseload | None:
    """The caseload of a case system on a day, if there is one."""
    found: Caseload | None = await work.session.scalar(
        select(Caseload).where(Caseload.system == system, Caseload.taken_on == day)
    )
    return found


async def take_staged(
    work: Work, staging: Staging, system: str, day: date, expected: Precondition
) -> UUID:
    """Take what was set down; nobody sees a part of it. Needs the service's reach."""
    await _take_turn(work, system, day)
    hashes = (await work.driver.fetch(_HASHES, staging.id, system))[0]
    staging.check_whole(hashes["children"])
    before = await caseload_of(work, system, day)
    if before is not None and before.content_hash == hashes["content"]:
        await staging.end(work)
        return before.id
    expected.check(before.version if before else None)
    if before is not None:
        await forget_caseload(work, before)
    taken = Caseload(
        id=new_id(),
        system=system,
        taken_on=day,
        children=hashes["children"],
        content_hash=hashes["content"],
        rows_hash=hashes["rows"],
        unrestricted=hashes["children"] - hashes["restricted"],
        removed=0,
        taken_at=work.now,
        taken_by=work.actor.worker,
        version=before.version + 1 if before else 1,
    )
    work.session.add(taken)
    await work.flush()
    await work.driver.execute(_TAKE, taken.id, system, staging.id)
    await staging.end(work)
    await tell_coverage(work, day)
    await work.record(
        events.CaseloadTaken(
            about=taken.id,
            system=system,
            taken_on=day,
            children=taken.children,
            rows_hash=taken.rows_hash,
        )
    )
    return taken.id


_HASHES: Final = """
SELECT count(*) AS children,
       encode(sha256(string_agg(fingerprint::bytea, '' ORDER BY fingerprint COLLATE "C")), 'hex')
           AS content,
       encode(sha256(string_agg(digest::bytea, '' ORDER BY digest COLLATE "C")), 'hex') AS rows,
       (SELECT count(*) FROM subjects s
        JOIN subject_aliases a ON a.subject_id = s.id AND a.stands_for IS NULL AND a.system = $2
        JOIN caseload_lines l ON l.upload_id = $1 AND l.ref = a.ref
        WHERE s.restricted) AS restricted
FROM caseload_lines WHERE upload_id = $1
"""
_TAKE: Final = """
INSERT INTO caseload_children
    (caseload_id, digest, system, ref, team, worker, status, open_since, strata, salt)
SELECT $1, digest, $2, ref, team, worker, status, open_since, strata, salt
FROM caseload_lines WHERE upload_id = $3
"""
