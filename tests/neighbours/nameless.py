"""What a resolver can do to a machine that knows its neighbours by name."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Final

import httpx

from tests.kept import KEPT
from tests.kills.killing import Machine
from tests.neighbours.named import DEAF, KEYS, STORE
from tests.neighbours.resolver import Resolver, Way

Nameless = Callable[[Machine, Resolver], AbstractContextManager[None]]
CUT: Final = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename ~ '^qa_'"
"""Whoever works for the service loses the connection, and must ask where the database is."""


def unresolved(name: str, way: Way, *, begins_anew: bool = False) -> Nameless:
    """A name, or every one, that the resolver gives no address for, while all must ask for it.

    `begins_anew`: the API is started again meanwhile, and never knew where anything is.
    """

    @contextmanager
    def trouble(machine: Machine, resolver: Resolver) -> Iterator[None]:
        resolver.ways[name] = way
        if begins_anew:
            machine.kill("API")
            machine.stays_until(lambda: _lives(machine))
        if name in {STORE, "*"}:
            cut(machine)
        try:
            yield
        finally:
            resolver.ways.clear()

    return trouble


def cut(machine: Machine) -> None:
    """End every connection of the service to its database."""
    KEPT.ask(machine.urls.superuser_url, lambda kept: kept.execute(CUT))
    KEPT.close()


def _lives(machine: Machine) -> bool:
    try:
        return httpx.get(f"{machine.url}/healthz", timeout=10).status_code == 200
    except httpx.HTTPError:
        return False


STARTING: Final[dict[str, Nameless]] = {
    "the name of who has the keys that hangs": unresolved(KEYS, "is silent", begins_anew=True),
    "a resolver that hangs, an API that starts": unresolved("*", "is silent", begins_anew=True),
}
"""They take half a minute each: an API is loaded anew, and waits for its resolver."""
NAMELESS: Final[dict[str, Nameless]] = {
    "a receiver's name that hangs": unresolved(DEAF, "is silent"),
    "a receiver's name that is gone": unresolved(DEAF, "knows none"),
    "the database's name that hangs": unresolved(STORE, "is silent"),
    "the database's name that fails": unresolved(STORE, "fails"),
    "a resolver that fails": unresolved("*", "fails"),
    "a resolver that hangs": unresolved("*", "is silent"),
    **STARTING,
}
