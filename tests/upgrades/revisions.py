"""The revisions there are, and the way to one of them."""

import asyncio

from alembic import command
from alembic.script import ScriptDirectory

from qa_api import migrate


def migrate_to(url: str, revision: str) -> None:
    """As `qa-api migrate` does it."""
    asyncio.run(migrate.with_owner(url, lambda config: command.upgrade(config, revision)))


def revisions(at_once: int, since: str = "") -> list[tuple[str, str]]:
    """Every so many revisions in their order, first and last too, and their files' names.

    Those before `since` are left out: its first is that one.
    """
    scripts = ScriptDirectory.from_config(migrate.alembic_config()).walk_revisions()
    told = [
        (script.revision, script.path.rpartition("/")[2].removesuffix(".py")) for script in scripts
    ]
    in_order = [(revision, name) for revision, name in told[::-1] if revision >= since]
    return [in_order[0], *in_order[1:-1:at_once], in_order[-1]]
