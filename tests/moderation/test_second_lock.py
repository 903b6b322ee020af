"""The second lock: what the database itself shows to a moderator, and until when."""

import asyncio

import asyncpg
import pytest

from qa_api.settings import Settings
from tests.moderation.moderating import Moderating

CONTEXT = "SELECT set_config('qa.reach', 'rows', true), set_config('qa.worker', $1, true)"
SHOWN = {
    "audits": "SELECT count(*) FROM audits WHERE id = $1",
    "moderation_outcomes": "SELECT count(*) FROM moderation_outcomes WHERE audit_id = $1",
    "subjects": (
        "SELECT count(*) FROM subjects s JOIN audits a ON a.subject_id = s.id WHERE a.id = $1"
    ),
    "moderation_members": "SELECT count(*) FROM moderation_members WHERE audit_id = $1",
}


def shown_to(settings: Settings, worker: str, audit: str) -> set[str]:
    """The tables of which the database shows the worker the audit's rows."""
    url = settings.read_url or settings.database_url

    async def look() -> set[str]:
        connection = await asyncpg.connect(url.get_secret_value())
        try:
            async with connection.transaction():
                await connection.fetch(CONTEXT, worker)
                return {
                    table
                    for table, statement in SHOWN.items()
                    if await connection.fetchval(statement, audit)
                }
        finally:
            await connection.close()

    return asyncio.run(look())


@pytest.mark.long
def test_the_database_shows_a_moderator_what_is_theirs_to_moderate_until_it_is_closed(
    moderating: Moderating, authority: Settings
) -> None:
    audit = moderating.audit("2020-07-10T10:00:00Z")
    sample = moderating.drawn(now="2020-08-03T09:00:00Z")
    moderator = sample["items"][0]["moderator"]
    assert shown_to(authority, moderator, audit) == {
        "audits",
        "moderation_outcomes",
        "subjects",
    }
    assert shown_to(authority, "ps-cwd", audit) == set()
    moderating.close(sample)
    assert "audits" not in shown_to(authority, moderator, audit)
    assert "subjects" not in shown_to(authority, moderator, audit)
