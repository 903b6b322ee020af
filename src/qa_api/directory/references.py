"""What case systems call workers and teams: whose a reference is, and what waits to be known.

A case system knows people by names of its own: `SmithJ`, `AB1234`, an e-mail address. The directory
has them beside its codes, per case system and dated, compared without case; a code is a reference
too where nobody has claimed it. What nobody has claimed is kept and listed, and nothing is lost.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any, Final, Literal, NamedTuple
from uuid import UUID

from sqlalchemy import (
    Text,
    any_,
    cast,
    delete,
    func,
    insert,
    literal,
    null,
    or_,
    select,
    text,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY, DATERANGE, Range
from sqlalchemy.dialects.postgresql import insert as insert_or

from qa_api import problems
from qa_api.db import Prepared, parameter
from qa_api.directory.dated_schemas import CalledIn
from qa_api.directory.reaching import related_to, tell_of_reach
from qa_api.directory.reference_schemas import ReferenceClaim
from qa_api.events import ReferencesChanged
from qa_api.models.base import new_id
from qa_api.models.directory import CaseSystemReference, Team, Worker
from qa_api.problems import InputError
from qa_api.rules.decision import AlreadySo
from qa_api.rules.local_time import local_date
from qa_api.rules.references import fold
from qa_api.rules.unchanging import Unchanging
from qa_api.values.preconditions import Precondition
from qa_api.work import Work

Kind = Literal["team", "worker"]
KINDS: Final[tuple[Kind, ...]] = ("team", "worker")

SINCE_EVER: Final[Range[date]] = Range(None, None, bounds="[)")


class Reference(Unchanging):
    """A worker or a team as a case system calls them, and the day that is spoken of."""

    system: str
    kind: Kind
    text: str
    on: date

    @property
    def folded(self) -> str:
        """The reference as it is compared."""
        return fold(self.text)


def day_of(at: datetime | None, today: date) -> date:
    """The day on which a reference is looked up: that of the allocation, today where none is known.

    A day ahead of us is today: who will have a reference then is not known yet.
    """
    return today if at is None else min(local_date(at), today)


class _Claim(NamedTuple):
    """Whom a reference means, and the day from which it does no longer."""

    code: str
    until: date | None


class Claims:
    """Whose some references are, as the directory has them."""

    def __init__(self, rows: Iterable[Any]) -> None:
        self._claims: dict[tuple[str, Kind, str], list[_Claim]] = defaultdict(list)
        self._codes: set[tuple[Kind, str]] = set()
        for row in rows:
            if row.system is None:
                self._codes.add((row.kind, row.code))
            else:
                claim = _Claim(row.code, row.until)
                self._claims[row.system, row.kind, row.folded].append(claim)

    def code(self, each: Reference) -> str | None:
        """The code of whoever a reference means; None where nobody has claimed it."""
        return self._of(each.system, each.kind, each.folded, lambda: each.on)

    def of(
        self, system: str, kind: Kind, folded: str, at: datetime | None, today: date
    ) -> str | None:
        """The same, of what is called so at an instant (`day_of`)."""
        return self._of(system, kind, folded, lambda: day_of(at, today))

    def _of(self, system: str, kind: Kind, folded: str, on: Callable[[], date]) -> str | None:
        claims = self._claims.get((system, kind, folded))
        code = _on_the_day(claims, on()) if claims else None
        return folded if code is None and (kind, folded) in self._codes else code

    @property
    def every_code(self) -> frozenset[str]:
        """The codes that any of the references means, on any day."""
        claimed = {claim.code for claims in self._claims.values() for claim in claims}
        return frozenset(claimed | {code for _, code in self._codes})


async def claims_of(work: Work, names: Iterable[str]) -> Claims:
    """Whose the references of these names are, each as it is compared (`fold`)."""
    await work.flush()
    return Claims(await work.run(_known(), names=sorted(set(names))))


async def whose(work: Work, asked: Iterable[Reference]) -> dict[Reference, str]:
    """The codes of the workers or teams that references mean; unclaimed references are left out.

    It is whoever has the reference on the day, else the first who has it later: an entry that
    begins on the day it was made also counts for the time before, if nobody else had the reference
    then.
    """
    asked = set(asked)
    if not asked:
        return {}
    claims = await claims_of(work, (each.folded for each in asked))
    return {each: code for each in asked if (code := claims.code(each)) is not None}


def _on_the_day(claims: Iterable[_Claim], on: date) -> str | None:
    """Of claims by their first day, the first that has not ended by then."""
    return next((code for code, until in claims if until is None or until > on), None)


_NAMES: Any = parameter("names", ARRAY(Text()))
_CLAIMED = or_(CaseSystemReference.worker.is_not(None), CaseSystemReference.team.is_not(None))
_UNCLAIMED = ~_CLAIMED
_REFERENCE = select(
    CaseSystemReference.system,
    CaseSystemReference.kind,
    CaseSystemReference.folded,
    func.coalesce(CaseSystemReference.worker, CaseSystemReference.team).label("code"),
    CaseSystemReference.valid,
).where(CaseSystemReference.folded == any_(_NAMES), _CLAIMED)


def _codes(table: type[Team] | type[Worker], kind: Kind) -> Any:
    return select(
        cast(null(), Text),
        literal(kind, Text),
        table.code,
        table.code,
        cast(null(), DATERANGE),
    ).where(table.code == any_(_NAMES))


@cache
def _known() -> Prepared:
    every = union_all(_REFERENCE, _codes(Team, "team"), _codes(Worker, "worker")).subquery()
    until = func.upper(every.c.valid).label("until")
    columns = (every.c.system, every.c.kind, every.c.folded, every.c.code, until)
    return Prepared.of(select(*columns).order_by(func.lower(every.c.valid).nulls_first()))


async def keep_unclaimed(work: Work, references: Iterable[Reference]) -> None:
    """List references that nobody has claimed, once each: somebody of Q&S says whose they are."""
    asked = {(each.system, each.kind, each.folded): each for each in references}
    if not asked:
        return
    names = sorted({folded for _, _, folded in asked})
    listed = await work.run(_listed(), names=names)
    there = {(row.system, row.kind, row.folded) for row in listed}
    new = [
        {
            "id": new_id(),
            "system": each.system,
            "kind": each.kind,
            "reference": each.text,
            "folded": each.folded,
            "valid": SINCE_EVER,
            "first_told_at": work.now,
            "version": 1,
        }
        for name, each in sorted(asked.items())
        if name not in there
    ]
    if new:
        await work.session.execute(insert_or(CaseSystemReference).on_conflict_do_nothing(), new)


@cache
def _listed() -> Prepared:
    columns = (CaseSystemReference.system, CaseSystemReference.kind, CaseSystemReference.folded)
    named = CaseSystemReference.folded == any_(_NAMES)
    return Prepared.of(select(*columns).where(named, _UNCLAIMED))


async def names_of(work: Work, kind: Kind, code: str) -> frozenset[str]:
    """Everything that an entry of the directory is called anywhere, as it is compared."""
    column = CaseSystemReference.worker if kind == "worker" else CaseSystemReference.team
    called = await work.session.scalars(select(CaseSystemReference.folded).where(column == code))
    return frozenset({code, *called})


async def settle_claimed(work: Work) -> None:
    """Take references off the waiting list that have been claimed, or are a code by now."""
    other = CaseSystemReference.__table__.alias("other")
    claimed = (
        select(other.c.id)
        .where(
            other.c.system == CaseSystemReference.system,
            other.c.kind == CaseSystemReference.kind,
            other.c.folded == CaseSystemReference.folded,
            or_(other.c.worker.is_not(None), other.c.team.is_not(None)),
            or_(func.upper(other.c.valid).is_(None), func.upper(other.c.valid) > work.today),
        )
        .exists()
    )
    codes = {
        kind: select(table.code).where(
            CaseSystemReference.kind == kind, table.code == CaseSystemReference.folded
        )
        for kind, table in (("team", Team), ("worker", Worker))
    }
    await work.session.execute(
        delete(CaseSystemReference).where(
            _UNCLAIMED, or_(claimed, *(known.exists() for known in codes.values()))
        )
    )


async def claim(
    work: Work, reference_id: UUID, expected: Precondition, body: ReferenceClaim
) -> None:
    """Say whom a case system means; every case that waited for the reference goes to them at once.

    A reference that somebody has already is changed in that person's or team's entry.
    """
    row = await work.find(
        select(CaseSystemReference).where(CaseSystemReference.id == reference_id).with_for_update()
    )
    if row.worker is not None or row.team is not None:
        raise AlreadySo("case_system_reference")
    expected.check(row.version)
    table: type[Team | Worker] = Worker if row.kind == "worker" else Team
    if await work.session.get(table, body.code) is None:
        detail = f"There is no {row.kind} of this code."
        raise problems.business_rule(
            "The directory", detail, [InputError.at(["code"], "unknown-code", detail)]
        )
    ended = await work.session.scalar(
        select(func.max(func.upper(CaseSystemReference.valid))).where(
            CaseSystemReference.system == row.system,
            CaseSystemReference.kind == row.kind,
            CaseSystemReference.folded == row.folded,
            _CLAIMED,
        )
    )
    before = await related_to(work, row.kind, body.code)
    # Whoever had it before keeps the days on which they did.
    row.valid = Range(ended, None, bounds="[)")
    if row.kind == "worker":
        row.worker = body.code
    else:
        row.team = body.code
    await work.session.flush()
    await tell_of_reach(work, row.kind, body.code, before)


TURN_OF_READERS: Final = "pg_advisory_xact_lock_shared(hashtext('references'))"
"""Taken before a case is registered or handed over by what its system calls people, in SQL.

Whoever changes what it calls them waits until those cases are there, and then moves them too."""
_TURN_TO_READ: Final = text(f"SELECT {TURN_OF_READERS}")
_TURN_OF_CHANGES: Final = text("SELECT pg_advisory_xact_lock(hashtext('references'))")


async def take_turn_to_read(work: Work) -> None:
    """Wait for whoever changes references; they wait until this work ends."""
    await work.session.execute(_TURN_TO_READ)


async def take_turn_to_change(work: Work) -> None:
    """Wait for all who hand cases over by references as they are; others wait until this ends.

    Before anything else is locked: who reads references locks what this work may want to change.
    """
    await work.session.execute(_TURN_OF_CHANGES)


async def put_references(
    work: Work, kind: Kind, given: Mapping[str, Sequence[CalledIn] | None]
) -> frozenset[str]:
    """What case systems call some workers or teams, in place of what they called them; by code.

    None leaves those of an entry as they are. All of the old go before any of the new come, so that
    a reference can go from one to another. The cases of whoever had one or has one now may be
    others': `tell_of_change` says whose, when all is written.
    """
    said = {code: called for code, called in given.items() if called is not None}
    if not said:
        return frozenset()
    column = CaseSystemReference.worker if kind == "worker" else CaseSystemReference.team
    had = CaseSystemReference
    gone = await work.session.execute(
        delete(had)
        .where(column.in_(said))
        .returning(column.label("code"), had.system, had.folded, had.valid)
    )
    before = {(row.code, row.system, row.folded, row.valid) for row in gone}
    rows = [row for code, called in said.items() for row in _rows(kind, code, called)]
    if rows:
        await work.session.execute(insert(CaseSystemReference), rows)
    changed = before ^ {(row[kind], row["system"], row["folded"], row["valid"]) for row in rows}
    if not changed:
        return frozenset()
    names: set[str] = {folded for _, _, folded, _ in changed}
    others = select(column).where(CaseSystemReference.folded.in_(names), column.is_not(None))
    theirs: set[str] = {code for code, *_ in changed} | set(await work.session.scalars(others))
    # A code is a reference too where nobody has claimed it.
    return frozenset(theirs | names)


async def tell_of_change(work: Work, kind: Kind, codes: Collection[str]) -> None:
    """Hand the cases of these references to whoever they mean now, if a reference has changed."""
    if codes:
        moved = ReferencesChanged(about=new_id(), what=kind, codes=tuple(sorted(codes)))
        await work.record(moved)


def _rows(kind: Kind, code: str, given: Iterable[CalledIn]) -> list[dict[str, Any]]:
    return [
        {
            "id": new_id(),
            "system": one.system,
            "kind": kind,
            "reference": one.reference,
            "folded": fold(one.reference),
            "worker": code if kind == "worker" else None,
            "team": code if kind == "team" else None,
            "valid": Range(one.from_, one.to, bounds="[)"),
            "version": 1,
        }
        for one in given
    ]
