"""A dump, and its way into another cluster, as the guide for operators says."""

import subprocess
from pathlib import Path
from urllib.parse import urlsplit

from qa_api.embedded import EmbeddedPostgres
from qa_api.embedded.binaries import find_binaries
from tests.conftest import Database, execute


def dump(migrate_url: str, file: Path) -> None:
    """What `qa_backup` dumps of a database, named by its owner's address."""
    backup = urlsplit(migrate_url)
    address = backup._replace(netloc=backup.netloc.replace("qa_owner", "qa_backup")).geturl()
    program = find_binaries() / "pg_dump"
    command: list[str | Path] = [program, "--enable-row-security", "--format=custom"]
    command.append("--exclude-schema=pg_catalog")
    subprocess.run([*command, f"--file={file}", address], check=True, capture_output=True)


def restore(file: Path, into: EmbeddedPostgres, name: str) -> Database:
    """A new database of another cluster, and in it what a dump holds."""
    urls = into.urls(name)
    execute(into.urls("postgres").migrate_url, f"CREATE DATABASE {name}")
    program = find_binaries() / "pg_restore"
    command: list[str | Path] = [program, "--no-owner", f"--dbname={urls.migrate_url}", file]
    subprocess.run(command, check=True, capture_output=True)
    return Database(name, urls.database_url, urls.read_url, urls.migrate_url)
