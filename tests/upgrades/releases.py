"""Older commits as releases: their code, their contract, their service."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from tarfile import TarFile
from typing import Final

import orjson

from qa_api.dev_place import Place
from tests.api import Json
from tests.spelled import spelled_out
from tests.test_main import until

ROOT: Final = Path(__file__).parents[2]
NEEDED: Final = ("src", "migrations", "openapi")
"""What of a commit its service takes; the packages are those that are installed."""
VERSIONS: Final = "migrations/versions"


def git(*words: str) -> bytes:
    """What git says of this checkout."""
    return subprocess.run(["git", *words], cwd=ROOT, check=True, capture_output=True).stdout


def commit_of_release() -> str:
    """The commit at which the newest release that is kept was made."""
    return _newest("--diff-filter=A", "--", "openapi/released")


def commit_before(revision: str) -> str:
    """The newest commit that lacks a migration, and has none that is not ours."""
    (file,) = (ROOT / VERSIONS).glob(f"{revision}_*")
    commit = git("log", "--format=%H", "--diff-filter=A", "--", f"{VERSIONS}/{file.name}")
    ours = {each.name for each in file.parent.glob("[0-9]*.py")}
    for older in git("rev-list", f"{commit.decode().split()[-1]}^").decode().split():
        theirs = _migrations_of(older)
        if theirs <= ours and max(theirs) < file.name:
            return older
    raise LookupError(revision)


def _newest(*words: str) -> str:
    return git("log", "-1", "--format=%H", *words).decode().strip()


def _migrations_of(commit: str) -> set[str]:
    listed = git("ls-tree", "--name-only", commit, f"{VERSIONS}/").decode().split()
    return {name.rpartition("/")[2] for name in listed if name[len(VERSIONS) + 1].isdigit()}


@dataclass(frozen=True)
class Release:
    """The code of a commit, unpacked."""

    commit: str
    code: Path

    @classmethod
    def of(cls, commit: str, into: Path) -> "Release":
        """Unpack a commit."""
        code = into / "code"
        with TarFile(fileobj=BytesIO(git("archive", commit, *NEEDED))) as packed:
            packed.extractall(code, filter="data")
        return cls(git("rev-parse", "--short", commit).decode().strip(), code)

    @property
    def revision(self) -> str:
        """Its newest migration."""
        return max(file.name[:4] for file in (self.code / VERSIONS).glob("[0-9]*.py"))

    @property
    def contract(self) -> Json:
        """What it promises."""
        return spelled_out(orjson.loads((self.code / "openapi/openapi.json").read_bytes()))

    @contextmanager
    def serving(self, data: Path) -> Iterator[str]:
        """Its database, API and worker on a data directory until the block ends; the API's URL."""
        log = data / "release.log"
        command = [sys.executable, "-m", "qa_api", "dev-run", "--port", "0", "--data", str(data)]
        with (
            log.open("wb") as said,
            subprocess.Popen(
                command, env=self._environment(), cwd=self.code, stdout=said, stderr=said
            ) as process,
        ):

            def place() -> Place | None:
                assert process.poll() is None, f"{self.commit} has ended: {log.read_text()}"
                return Place.find(data)

            try:
                yield until(place).url
                assert process.poll() is None, f"{self.commit} has ended: {log.read_text()}"
            finally:
                process.terminate()

    def _environment(self) -> dict[str, str]:
        ours = ("QA_", "PYTHONDONTWRITE")
        told = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        return told | {"PYTHONPATH": str(self.code / "src")}
