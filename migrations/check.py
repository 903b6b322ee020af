"""Holds the migrations: they run on an empty database, end where the models are, and lint clean.

Run by `./dev check` on a server of its own.
"""

import asyncio
import subprocess
import sys
import tempfile
from io import StringIO
from pathlib import Path

from alembic import command
from alembic.config import Config

from qa_api import migrate
from qa_api.embedded import running

# Every rule but those that the house decides otherwise.
SQUAWK = [Path(sys.executable).with_name("squawk"), "--assume-in-transaction", "--pg-version", "15"]


def main() -> int:
    """Migrate, compare, lint; the exit code of the first that is not content."""
    with (
        tempfile.TemporaryDirectory() as directory,
        running(Path(directory), fsync=False) as server,
    ):
        address = server.urls().migrate_url
        statements = StringIO()

        def write_statements(config: Config) -> None:
            config.output_buffer = statements
            command.upgrade(config, "head", sql=True)

        asyncio.run(migrate.with_owner(address, write_statements))
        migrate.upgrade(address)
        migrate.check(address)
    return subprocess.run(
        [*SQUAWK, "--stdin-filepath", "migrations.sql"],
        input=statements.getvalue(),
        text=True,
        check=False,
    ).returncode


if __name__ == "__main__":
    sys.exit(main())
