"""Folding what transactions changed into the sums that reports read (ADR 10)."""

from typing import Final

from sqlalchemy import Integer, func, literal, select

from qa_api.work import Work

AT_MOST: Final = 50_000
"""Changes in one sweep; what is left over is read beside the sums until the next."""


async def fold_rollups(work: Work) -> int:
    """Add up what was appended since the last time; how many changes that were."""
    folded = await work.session.execute(select(func.fold_rollups(literal(AT_MOST, Integer))))
    return int(folded.scalar_one())
