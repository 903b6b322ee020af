"""Holds the migrations: they run on an empty database, end where the models are, and lint clean.

Run by `./dev check` on a server of its own.
"""

import subprocess
import sys
import tempfile
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
    # What was executed, not what a dry run would print: that is what the database will see.
    return subprocess.run(
        [
            *(SQUAWK, "--assume-in-transaction", "--pg-version", "15"),
            *("--exclude", ",".join(DECIDED_OTHERWISE), "--stdin-filepath", "executed"),
        ],
        input="\n".join(statements),
        text=True,
        check=False,
    ).returncode


if __name__ == "__main__":
    sys.exit(main())
