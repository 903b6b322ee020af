"""A server with the world of `tests/matrix`, which stands while faults are judged over it.

Everything that judges reads, or takes back what it wrote: the world is made once. As a command it
makes one under a folder, says so, and stops where nobody listens any more.
"""

import asyncio
import pickle
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Self

import asyncpg
import pytest

from qa_api import migrate
from qa_api.auth.development import DevelopmentIssuer
from qa_api.embedded import running
from tests.conftest import Database, cloning, created, load_authority, settings_for
from tests.drill import NO_HURRY
from tests.matrix import conftest as of_matrix
from tests.matrix import in_sql, test_first_lock
from tests.matrix.near import BY_NAME, TABLES, Model
from tests.matrix.shown import Shows
from tests.matrix.world import PEOPLE, built

KEPT = "world.pickle"
Found = dict[str, Any]
"""By what was asked, and by all that was said before it in the transaction."""


class Row(tuple[Any, ...]):  # noqa: SLOT001  # pickled with its names
    """A row that was found, as asyncpg gives it: by place and by name."""

    names: tuple[str, ...]

    @classmethod
    def of(cls, record: Any) -> Self:
        """The same, to keep."""
        row = cls(record.values())
        row.names = tuple(record.keys())
        return row

    def keys(self) -> tuple[str, ...]:
        """The names."""
        return self.names

    def items(self) -> Iterator[tuple[str, Any]]:
        """Each with its name."""
        return zip(self.names, tuple(self), strict=True)

    def __getitem__(self, at: Any) -> Any:
        return super().__getitem__(self.names.index(at) if isinstance(at, str) else at)


@dataclass
class Remembering:
    """A connection that is opened for what was not found before."""

    url: str
    known: Found
    said: list[tuple[str, tuple[Any, ...]]] = field(default_factory=list)
    """In this transaction, and whether for real."""
    open: Any = None
    within: Any = None

    def transaction(self) -> "Remembering":
        """Itself: there is one at a time."""
        return self

    async def start(self) -> None:
        """Begins as soon as something is asked for real."""
        self.said, self.within = [], None

    async def rollback(self) -> None:
        """Takes back what was said for real."""
        if self.within is not None:
            await self.within.rollback()

    async def close(self) -> None:
        """Closes what is open."""
        if self.open is not None:
            await self.open.close()

    async def execute(self, *asked: Any) -> None:
        """Changes something, when the rest is asked for real."""
        await self._find("execute", asked, lambda _: None)

    async def fetch(self, *asked: Any) -> Any:
        """All rows."""
        return await self._find("fetch", asked, lambda rows: [*map(Row.of, rows)])

    async def fetchrow(self, *asked: Any) -> Any:
        """One row."""
        return await self._find("fetchrow", asked, lambda row: None if row is None else Row.of(row))

    async def fetchval(self, *asked: Any) -> Any:
        """One value."""
        return await self._find("fetchval", asked, lambda value: value)

    async def _find(self, how: str, asked: Any, keep: Callable[[Any], Any]) -> Any:
        before, self.said = self.said, [*self.said, (how, asked)]
        key = sha256(repr(self.said).encode()).hexdigest()
        if key not in self.known or self.within is not None:
            if self.within is None:
                self.open = self.open or await asyncpg.connect(self.url)
                self.within = self.open.transaction()
                await self.within.start()
                for earlier, words in before:
                    await getattr(self.open, earlier)(*words)
            self.known[key] = keep(await getattr(self.open, how)(*asked))
        return self.known[key]


def main() -> None:
    """Make it, say so, and keep it until standard input ends."""
    place = Path(sys.argv[1])
    place.mkdir(parents=True, exist_ok=True)
    issuer = DevelopmentIssuer.open(place)
    with running(place / "data", fsync=False) as server:
        urls = server.urls()
        at = Database("qa", urls.database_url, urls.read_url, urls.migrate_url)
        with created(at, "qa_template") as template:
            migrate.upgrade(template.migrate_url)
            with cloning(at, template, "empty") as clone:
                loaded = clone()
                settings = settings_for(loaded, issuer, **NO_HURRY)
                asyncio.run(load_authority(settings, issuer))
                with cloning(at, loaded, "authority") as clone_of_authority:
                    with built(clone_of_authority, settings, issuer) as world:
                        kept = (world.url, issuer.settings.issuer, world.tables())
                    (place / KEPT).write_bytes(pickle.dumps(kept))
                    print("made", flush=True)
                    sys.stdin.read()


def take_on(place: Path) -> None:
    """Let the tests of this process have the world that is kept there; once for all it begins."""
    if "matrix.conftest" in sys.modules:
        return
    url, issuer, tables = pickle.loads((place / KEPT).read_bytes())  # noqa: S301  # ours
    model = Model(tables)
    people = {name: Shows(model, model.person(name)) for name in PEOPLE}
    for name in test_first_lock.SEEN:
        for row in model.tables[TABLES[name]]:
            for shows in people.values():
                model.sight(shows.person, BY_NAME[name], row)
    issuers = [SimpleNamespace(issuer=issuer)]
    world = SimpleNamespace(url=url, settings=SimpleNamespace(token_issuers=issuers))
    # Pytest calls what lies in a package by the package's name.
    for name in [*sys.modules]:
        if name.startswith("tests.matrix"):
            sys.modules[name.removeprefix("tests.")] = sys.modules[name]
    of_matrix.world = pytest.fixture(scope="session")(lambda: world)
    of_matrix.people = pytest.fixture(scope="session")(lambda: people)


def remember(known: Found) -> None:
    """Find at once what the same statement found before, in the same context, for the same values.

    A fault that leaves a statement as it was is judged by what follows from its rows all the same.
    """

    async def connect(url: str) -> Remembering:
        return Remembering(url, known)

    vars(in_sql)["asyncpg"] = SimpleNamespace(connect=connect)


if __name__ == "__main__":
    main()
