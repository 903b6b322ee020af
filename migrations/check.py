"""Holds the migrations: they run on an empty database, end where the models are, and lint clean.

Run by `./dev check` on a server of its own.
"""

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

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


def main() -> int:
    """Migrate, compare, lint; the exit code of the first that is not content."""
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.lstrip().upper().startswith("SELECT"):
            statements.append(statement.strip().rstrip(";") + ";\n")

    with (
        tempfile.TemporaryDirectory() as directory,
        running(Path(directory), fsync=False) as server,
    ):
        address = server.urls().migrate_url
        event.listen(Engine, "before_cursor_execute", note)
        migrate.upgrade(address)
        event.remove(Engine, "before_cursor_execute", note)
        migrate.check(address)
    locking = [*indexes_that_lock(statements, Path(__file__).with_name("sql"))]
    sys.stdout.writelines(f"{said}\n" for said in locking)
    # What was executed, not what a dry run would print: that is what the database will see.
    linted = subprocess.run(
        [
            *(SQUAWK, "--assume-in-transaction", "--pg-version", "15"),
            *("--exclude", ",".join(DECIDED_OTHERWISE), "--stdin-filepath", "executed"),
        ],
        input="\n".join(statements),
        text=True,
        check=False,
    ).returncode
    return linted or bool(locking)


def indexes_that_lock(statements: Sequence[str], scripts: Path) -> Iterator[str]:
    """What new migrations make while nobody can write: indexes of tables that were there before.

    At a million audits one takes seconds, and a migration that makes several holds all their tables
    until the last is there. `scripts` has what is executed beside the statements.
    """
    of_this_one: list[str] = []
    for statement in statements:
        of_this_one.append(statement)
        done = _DONE.match(statement)
        if done is None:
            continue
        revision, said = done[1], "\n".join(of_this_one)
        of_this_one.clear()
        if revision > MEASURED:
            said += "".join(file.read_text() for file in scripts.glob(f"{revision}_*.sql"))
            new = set(_TABLE.findall(said))
            for index, table in _INDEX.findall(said):
                if table not in new:
                    yield f"{revision}: {index} locks {table}: make it CONCURRENTLY"


if __name__ == "__main__":
    sys.exit(main())
