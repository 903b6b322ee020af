"""Holds the migrations: they run on an empty database, end where the models are, and lint clean.

Run by `./dev check` on a server of its own.
"""

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import asyncpg
from sqlalchemy import Engine, event

from qa_api import migrate
from qa_api.embedded import running

SQUAWK = Path(sys.executable).with_name("squawk")
DECIDED_OTHERWISE = (
    "prefer-bigint-over-int",  # positions, months and version numbers stay small
    "prefer-text-field",  # Alembic's own table
    "require-lock-timeout",  # set on the migrator's connection
    "require-statement-timeout",  # the same
)
MEASURED = "0147"
"""Up to here the guide for operators says which lock for long; those stay as they have landed."""
_TABLE = re.compile(r'CREATE TABLE (?:IF NOT EXISTS )?"?(\w+)', re.IGNORECASE)
_INDEX = re.compile(
    r'CREATE (?:UNIQUE )?INDEX (?!CONCURRENTLY)(?:IF NOT EXISTS )?"?(\w+)"?\s+ON (?:ONLY )?"?(\w+)',
    re.IGNORECASE,
)
_DONE = re.compile(r"(?:UPDATE|INSERT INTO) alembic_version .*?'(\d+)'", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True)
class Statement:
    """What was executed: one statement, or a script of many that the driver was given as it is."""

    text: str
    script: bool = False


@dataclass(frozen=True)
class Migration:
    """What one migration executed, to its last statement, which says that it is done."""

    revision: str
    statements: Sequence[Statement]

    @property
    def text(self) -> str:
        """All of it, in its order."""
        return "\n".join(statement.text for statement in self.statements)


def main() -> int:
    """Migrate, compare, lint; 1 where one is not content."""
    with (
        tempfile.TemporaryDirectory() as directory,
        running(Path(directory), fsync=False) as server,
    ):
        address = server.urls().migrate_url
        with executed() as statements:
            migrate.upgrade(address)
        migrate.check(address)
    told = [*by_migration(statements)]
    files = Path(__file__).with_name("versions").glob("[0-9]*.py")
    unseen = {file.name[:4] for file in files} - {each.revision for each in told}
    sys.stdout.writelines(f"{revision}: what it executed was not seen\n" for revision in unseen)
    return 1 if faults(told) or unseen else 0


@contextmanager
def executed() -> Iterator[list[Statement]]:
    """What is executed until the block ends, but for reads: not what a dry run would print.

    SQLAlchemy tells what it is given; scripts go by it, straight to the driver (`run_script`).
    """
    statements: list[Statement] = []
    given_to_the_driver = asyncpg.Connection.execute

    def note(text: str, *, script: bool) -> None:
        if not text.lstrip().upper().startswith(("SELECT", "BEGIN", "COMMIT", "ROLLBACK")):
            statements.append(Statement(text.strip().rstrip(";") + ";\n", script))

    def note_statement(_connection: Any, _cursor: Any, text: str, *_: Any) -> None:
        note(text, script=False)

    async def execute(connection: Any, text: str, *values: Any, **how: Any) -> str:
        note(text, script=True)
        status: str = await given_to_the_driver(connection, text, *values, **how)
        return status

    event.listen(Engine, "before_cursor_execute", note_statement)
    try:
        with patch.object(asyncpg.Connection, "execute", execute):
            yield statements
    finally:
        event.remove(Engine, "before_cursor_execute", note_statement)


def faults(told: Sequence[Migration]) -> bool:
    """Whether there is anything against what they executed; it is printed.

    What has been measured is linted as one, its scripts aside, as it has landed. Each later one is
    linted by itself with its scripts: a table that an earlier one made is there, and in use.
    """
    landed = [each for each in told if each.revision <= MEASURED]
    plain = [one.text for each in landed for one in each.statements if not one.script]
    later = [each for each in told if each.revision > MEASURED]
    wrong = [linted("up to " + MEASURED, "\n".join(plain))] if plain else []
    wrong += [linted(each.revision, each.text) for each in later]
    locking = [said for each in later for said in indexes_that_lock(each)]
    sys.stdout.writelines(f"{said}\n" for said in locking)
    return any(wrong) or bool(locking)


def by_migration(statements: Sequence[Statement]) -> Iterator[Migration]:
    """In their order; what comes after the last of them is no migration's."""
    of_this_one: list[Statement] = []
    for statement in statements:
        of_this_one.append(statement)
        if done := _DONE.match(statement.text):
            yield Migration(done[1], tuple(of_this_one))
            of_this_one.clear()


def linted(name: str, text: str) -> bool:
    """Whether squawk finds anything; it says what."""
    command = [
        *(str(SQUAWK), "--assume-in-transaction", "--pg-version", "15"),
        *("--exclude", ",".join(DECIDED_OTHERWISE), "--stdin-filepath", name),
    ]
    ended = subprocess.run(command, input=text, text=True, check=False, capture_output=True)
    if ended.returncode != 0:
        sys.stdout.write(ended.stdout + ended.stderr)
    return ended.returncode != 0


def indexes_that_lock(migration: Migration) -> Iterator[str]:
    """What a migration makes while nobody can write: indexes of tables that were there before.

    At a million audits one takes seconds, and a migration that makes several holds all their tables
    until the last is there. Squawk does not look into what a function executes.
    """
    new = set(_TABLE.findall(migration.text))
    for index, table in _INDEX.findall(migration.text):
        if table not in new:
            yield f"{migration.revision}: {index} locks {table}: make it CONCURRENTLY"


if __name__ == "__main__":
    sys.exit(main())
