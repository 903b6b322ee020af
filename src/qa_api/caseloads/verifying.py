"""Checking that what is kept of a caseload still says what it said (R4.4.4)."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from sqlalchemy import func, select

from qa_api import problems
from qa_api.caseloads.schemas import VerifiedOut
from qa_api.caseloads.taking import caseload_of, sender_of
from qa_api.models.caseloads import Caseload, CaseloadChild
from qa_api.rules.caseloads import Child, digest_of, hash_of_rows
from qa_api.work import Work


async def verify(work: Work, day: date, system: str | None) -> VerifiedOut:
    """Count the rows of a caseload again, and hash them: of whoever went the digest alone."""
    sender = await sender_of(work, system)
    caseload = await caseload_of(work, sender, day)
    if caseload is None:
        raise problems.not_found()
    whole = await _is_told_of_the_whole(work, caseload)
    await work.act_as_service()
    rows = (
        await work.session.scalars(
            select(CaseloadChild).where(CaseloadChild.caseload_id == caseload.id)
        )
    ).all()
    rows_hash = hash_of_rows(row.digest for row in rows)
    return VerifiedOut(
        id=caseload.id,
        children=len(rows) if whole else None,
        removed=sum(row.ref is None for row in rows) if whole else None,
        rows_hash=rows_hash if whole else None,
        same_count=len(rows) == caseload.children,
        same_hash=rows_hash == caseload.rows_hash,
        same_rows=are_as_taken(rows),
    )


def are_as_taken(rows: Iterable[CaseloadChild]) -> bool:
    """Whether each row that is still there has the digest that was kept of it."""
    return all(digest == again for digest, again in _again(rows))


async def _is_told_of_the_whole(work: Work, caseload: Caseload) -> bool:
    """Whoever sent it knows what they sent; anybody else only if they may see every child of it."""
    actor = work.actor
    if actor.system == caseload.system or (actor.worker and actor.worker == caseload.taken_by):
        return True
    return not await work.session.scalar(select(func.qa_keeps_some_from(caseload.id)))


def _again(rows: Iterable[Any]) -> Iterator[tuple[str, str]]:
    """The kept digest of each row that is there, and the one that it has."""
    for row in rows:
        if row.ref is not None:
            child = Child(row.ref, row.team, row.worker, row.status, row.open_since, row.strata)
            yield row.digest, digest_of(child, row.salt)
