"""One draw of a group stands for a month, and many tests share a database: a month each."""

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass
class Months:
    """Which test of this run drew which month, also where another process ran it.

    Two tests of one month would fail only in the runs that give both to the same process.
    """

    directory: Path
    by: str | None = None  # whose the months are, where a file's tests share what one of them drew

    def claim(self, group: str | None, month: str) -> None:
        """Fails where another test of the run has drawn this group's month."""
        test = self.by or os.environ["PYTEST_CURRENT_TEST"].rpartition(" ")[0]
        claimed = self.directory / f"{group}-{month}"
        try:
            with claimed.open("x", encoding="utf-8") as file:
                file.write(test)
        except FileExistsError:
            first = claimed.read_text(encoding="utf-8")
            assert first in (test, ""), f"{test} and {first} both draw group {group} in {month}"
