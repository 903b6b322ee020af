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


def git(*words: str) -> bytes:
    """What git says of this checkout."""
    return subprocess.run(["git", *words], cwd=ROOT, check=True, capture_output=True).stdout


@dataclass(frozen=True)
class Release:
    """The code of a commit, unpacked."""

    commit: str
    code: Path

    @classmethod
    def of(cls, commit: str, into: Path) -> "Release":
        """Unpack a commit."""
        code = into / commit
        with TarFile(fileobj=BytesIO(git("archive", commit, *NEEDED))) as packed:
            packed.extractall(code, filter="data")
        return cls(commit, code)

    @property
    def revision(self) -> str:
        """Its newest migration."""
        return max(file.name[:4] for file in (self.code / "migrations/versions").glob("[0-9]*.py"))

    @property
    def contract(self) -> Json:
        """What it promises."""
        return spelled_out(orjson.loads((self.code / "openapi/openapi.json").read_bytes()))

    @contextmanager
    def serving(self, data: Path) -> Iterator[Place]:
        """Its whole service on a data directory, until the block ends."""
        ours = ("QA_", "PYTHONDONTWRITE")
        told = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        told["PYTHONPATH"] = str(self.code / "src")
        command = [sys.executable, "-m", "qa_api", "dev-run", "--port", "0", "--data", str(data)]
        with (
            (data / "release.log").open("wb") as log,
            subprocess.Popen(command, env=told, cwd=self.code, stdout=log, stderr=log) as process,
        ):
            try:
                yield until(lambda: self._place(process, data))
            finally:
                process.terminate()

    def _place(self, process: "subprocess.Popen[bytes]", data: Path) -> Place | None:
        said = (data / "release.log").read_text()
        assert process.poll() is None, f"{self.commit} did not start: {said}"
        return Place.find(data)
