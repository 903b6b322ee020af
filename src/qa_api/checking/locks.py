"""Nothing completed can change: the locks that the database holds for that are all in force."""

from typing import Final

from qa_api.checking.answers import Answer, Row
from qa_api.models.frozen import FROZEN
from qa_api.work import Workshop

_IN_FORCE: Final = """
SELECT tgrelid::regclass::text, tgname FROM pg_trigger
WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')
"""


async def every_lock_is_in_force(workshop: Workshop) -> Answer:
    """No trigger that keeps what is settled from being written over is missing or switched off."""
    async with workshop.open_as_service("check") as work:
        found = {Row(*row) for row in await work.driver.fetch(_IN_FORCE)}
    wanted = {Row(entry.table, entry.trigger) for entry in FROZEN}
    return Answer.of(len(wanted), wanted - found)
