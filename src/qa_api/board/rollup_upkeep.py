"""Folding what transactions changed into the sums that reports read, and checking them (ADR 13)."""

from typing import TYPE_CHECKING, Final

from sqlalchemy import Integer, func, literal, select

from qa_api.work import Work

if TYPE_CHECKING:
    import asyncpg

AT_MOST: Final = 50_000
"""Changes in one sweep; what is left over is read beside the sums until the next."""


class FiguresWrong(Exception):
    """A sum differs from the rows that it counts; the message says which one, and how."""


async def fold_rollups(work: Work) -> int:
    """Add up what was appended since the last time; how many changes that were."""
    folded = await work.session.execute(select(func.fold_rollups(literal(AT_MOST, Integer))))
    return int(folded.scalar_one())


async def check_rollups(owner: "asyncpg.Connection[asyncpg.Record]") -> int:
    """Compare what is kept with the rows themselves; how many rows are counted.

    Raises FiguresWrong with the first that differs. Sees one instant, and holds up nobody.
    """
    async with owner.transaction(isolation="repeatable_read", readonly=True):
        wrong = await owner.fetchrow("SELECT * FROM wrong_rollups() LIMIT 1")
        if wrong is not None:
            raise FiguresWrong(f"{wrong['what']}: counted as {wrong['kept']}, is {wrong['found']}")
        return int(await owner.fetchval("SELECT count(*) FROM rollup_rows"))


async def rebuild_rollups(owner: "asyncpg.Connection[asyncpg.Record]") -> None:
    """Count every row again. Writers wait until it is done."""
    await owner.execute("SELECT rebuild_rollups()")
