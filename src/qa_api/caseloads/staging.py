"""Setting a caseload down row by row before it is taken: what is wrong, and what is meant.

An ordinary table holds the rows meanwhile; nothing counts them. What reads them in may be broken
off and go on, since each row says on which line it stood.
"""

import secrets
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from itertools import islice
from typing import Final, TypeVar
from uuid import UUID

import asyncpg
import orjson
from sqlalchemy import delete, select
from sqlalchemy.exc import DBAPIError

from qa_api.attempts import of_driver
from qa_api.caseloads.sheets import MOST_FAULTS, Fault, Row
from qa_api.directory.references import Claims, Reference, claims_of
from qa_api.models.base import new_id
from qa_api.models.caseloads import CaseloadLine, CaseloadUpload
from qa_api.rules.caseloads import Child, digest_of, fingerprint_of
from qa_api.rules.references import fold
from qa_api.work import Work

T = TypeVar("T")

AT_ONCE: Final = 500
"""Rows that are set down by one statement."""


class ReadInByAnother(Exception):
    """Another command is reading in the same file, or has taken it meanwhile: it is as it is."""

    def __init__(self) -> None:
        super().__init__(
            "another command reads in the same file of the same day: run it again when that has"
            " ended"
        )


_OF_ANOTHER: Final = frozenset(
    {
        "caseload_uploads_system_taken_on_source_hash_key",  # it has begun
        "caseload_lines_pkey",  # it has set the same row down
        "caseload_lines_upload_id_fkey",  # it has taken the rows
    }
)


@contextmanager
def _told_of_another() -> Iterator[None]:
    """Say so where another command reads in the same file at the same time."""
    try:
        yield
    except (DBAPIError, asyncpg.PostgresError) as fault:
        if getattr(of_driver(fault), "constraint_name", None) in _OF_ANOTHER:
            raise ReadInByAnother from None
        raise


class Staging:
    """The rows of one caseload, as far as they have been read."""

    def __init__(self, upload_id: UUID, system: str, day: date) -> None:
        self.id = upload_id
        self._system, self._day = system, day
        self._lines: dict[str, int] = {}
        self.faults: list[Fault] = []

    def __len__(self) -> int:
        return len(self._lines)

    @property
    def is_given_up(self) -> bool:
        """Whether there are so many faults that no more are looked for."""
        return len(self.faults) >= MOST_FAULTS

    @classmethod
    async def begin(cls, work: Work, system: str, day: date) -> "Staging":
        """Begin to read in a caseload in one piece of work. Needs the service's reach.

        What a command left of the same file is neither seen nor touched.
        """
        return await cls._of_source(work, system, day, secrets.token_hex(32))

    @classmethod
    async def begin_or_go_on(
        cls, work: Work, system: str, day: date, source_hash: str
    ) -> "Staging":
        """Begin to read in a file, or go on with the same one. Needs the service's reach."""
        found = await work.session.scalar(
            select(CaseloadUpload.id).where(
                CaseloadUpload.system == system,
                CaseloadUpload.taken_on == day,
                CaseloadUpload.source_hash == source_hash,
            )
        )
        if found is None:
            return await cls._of_source(work, system, day, source_hash)
        staging = cls(found, system, day)
        await staging._go_on(work)
        return staging

    @classmethod
    async def _of_source(cls, work: Work, system: str, day: date, source_hash: str) -> "Staging":
        staging = cls(new_id(), system, day)
        work.session.add(
            CaseloadUpload(
                id=staging.id,
                system=system,
                taken_on=day,
                source_hash=source_hash,
                begun_at=work.now,
            )
        )
        with _told_of_another():
            await work.flush()
        return staging

    async def _go_on(self, work: Work) -> None:
        lines = CaseloadLine
        there = select(lines.ref, lines.line).where(lines.upload_id == self.id)
        self._lines = {row.ref: row.line for row in await work.session.execute(there)}

    @property
    def last_line(self) -> int:
        """The line of the last row that was set down; 0 before the first."""
        return max(self._lines.values(), default=0)

    async def add(self, work: Work, read: Sequence[Row | Fault]) -> None:
        """Set rows down; what is wrong with any is told, and then none is taken in the end."""
        told = [each for each in read if isinstance(each, Fault)]
        rows = [each for each in read if isinstance(each, Row)]
        claims = await claims_of(work, _names(rows))
        kept = []
        for row in rows:
            child = self._child(row, claims)
            if isinstance(child, Fault):
                told.append(child)
            else:
                kept.append(_written(row.line, child))
        told.sort(key=lambda fault: fault.line)
        self.faults += told[: MOST_FAULTS - len(self.faults)]
        if kept and not self.faults:
            with _told_of_another():
                await work.driver.execute(_INSERT, self.id, *zip(*kept, strict=True))

    def _child(self, row: Row, claims: Claims) -> Child | Fault:
        said, line = row.child, row.line
        before = self._lines.setdefault(said.ref, line)
        if before != line:
            return Fault(line, "repeated", f"The same child as on line {before}.", "ref")
        if said.open_since is not None and said.open_since > self._day:
            detail = f"The case was not open yet on {self._day}, the day of the caseload."
            return Fault(line, "ahead", detail, "open_since")
        team = claims.code(Reference(self._system, "team", said.team, self._day))
        if team is None:
            return Fault(line, "unknown", "There is no such team.", "team")
        worker = None
        if said.worker is not None:
            worker = claims.code(Reference(self._system, "worker", said.worker, self._day))
        return Child(said.ref, team, worker, said.status, said.open_since, said.strata)

    def check_whole(self, rows: int) -> None:
        """Refuse to take rows that another command has taken meanwhile."""
        if rows != len(self):
            raise ReadInByAnother

    async def end(self, work: Work) -> None:
        """Put away what was set down."""
        lines, upload = CaseloadLine, CaseloadUpload
        await work.session.execute(delete(lines).where(lines.upload_id == self.id))
        await work.session.execute(delete(upload).where(upload.id == self.id))


def _names(rows: Iterable[Row]) -> Iterator[str]:
    for row in rows:
        yield fold(row.child.team)
        if row.child.worker is not None:
            yield fold(row.child.worker)


def _written(line: int, child: Child) -> tuple[object, ...]:
    salt = secrets.token_hex(16)
    return (
        line,
        child.ref,
        child.team,
        child.worker,
        child.status,
        child.open_since,
        orjson.dumps(dict(child.strata)).decode(),
        salt,
        digest_of(child, salt),
        fingerprint_of(child),
    )


_INSERT: Final = """
INSERT INTO caseload_lines (upload_id, line, ref, team, worker, status, open_since, strata, salt,
                            digest, fingerprint)
SELECT $1::uuid, line, ref, team, worker, status, open_since, strata::jsonb, salt, digest,
       fingerprint
FROM unnest($2::int[], $3::text[], $4::text[], $5::text[], $6::text[], $7::date[], $8::text[],
            $9::text[], $10::text[], $11::text[])
    AS given (line, ref, team, worker, status, open_since, strata, salt, digest, fingerprint)
"""


def in_batches(rows: Iterable[T], size: int) -> Iterator[list[T]]:
    """So many at a time."""
    each = iter(rows)
    while batch := list(islice(each, size)):
        yield batch
