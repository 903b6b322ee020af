"""What a listener is sent, as Server-Sent Events: thin, and never a child's reference."""

import random
from enum import StrEnum
from typing import Final

import orjson

EARLIEST_RETURN: Final = 1_000
LATEST_RETURN: Final = 10_000
"""Milliseconds after which a listener comes back that was sent away: not all of them at once."""


class Because(StrEnum):
    """Why somebody is to look again, or is told nothing more."""

    STARTED = "started"
    """Listening begins here: read what there is."""
    MISSED = "missed"
    """More has happened than is told one by one."""
    CHANGED = "changed"
    """Something changed that has no address of its own, or that is theirs no longer."""
    TIME = "time"
    """Time alone may have made something due."""
    TOKEN = "token_expired"  # noqa: S105 - a word, no token
    RIGHTS = "not_let_in"
    LONG_ENOUGH = "long_enough"
    """Come back at once: no answer goes on for ever."""
    RESTART = "restart"
    """The service stops here: come back, and it is there again or another is."""


def change(id_: str, kind: str, path: str, version: int) -> str:
    """Something changed that the listener may see."""
    return _event("change", {"kind": kind, "path": path, "version": version}, id_)


def look_again(id_: str, because: Because) -> str:
    """The listener is to read the whole again; it is not said what of it has changed."""
    return _event("look_again", {"because": because}, id_)


def end(id_: str, because: Because) -> str:
    """The last that is said, with when to come back."""
    wait = random.randint(EARLIEST_RETURN, LATEST_RETURN)  # noqa: S311 - spreads, hides nothing
    return f"retry: {wait}\n{_event('end', {'because': because}, id_)}"


def still_here(id_: str) -> str:
    """Keeps the connection, and moves the position on; no client shows it."""
    return f": still here\nid: {id_}\n\n"


def _event(name: str, data: dict[str, object], id_: str) -> str:
    return f"id: {id_}\nevent: {name}\ndata: {orjson.dumps(data).decode()}\n\n"
