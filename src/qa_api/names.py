"""Asking where a host's name is, so that a resolver that hangs holds up nobody else.

The system looks names up, in threads. The event loops keep few of those for it, uvloop two: two
names that hang would keep every other from being looked up; and Python's own loop waits for them at
its end. Here each name that is asked for has a thread of its own, one at a time however many wait
for it, and no end waits for the thread (ADR 69).
"""

import asyncio
import logging
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from importlib import import_module
from ipaddress import ip_address
from typing import Any, Final
from weakref import WeakKeyDictionary

Found = list[tuple[Any, Any, int, str, tuple[Any, ...]]]
"""What `socket.getaddrinfo` gives."""
Question = tuple[Any, ...]
"""What it is asked: host, port, family, type, protocol and flags."""
_Asked = asyncio.Future[Found]

KNOWN_AFTER: Final = 1.0
"""Seconds that a resolver has before a connection is made to where the name was the last time."""
_IS_NOWHERE: Final = frozenset({socket.EAI_NONAME, getattr(socket, "EAI_NODATA", None)})
"""The resolver has answered: there is no such name, or nothing of that kind by it."""

log = logging.getLogger(__name__)


class Names:
    """The names that one event loop asks for."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._asked: dict[Question, _Asked] = {}
        self._last: dict[Question, Found] = {}

    async def find(self, *question: Any) -> Found:
        """Where a name is now. Waits for as long as the system does, and raises OSError as that."""
        return await asyncio.shield(self._ask(question))

    async def find_or_remember(self, *question: Any) -> Found:
        """The same; where no resolver answers soon, where the name was the last time."""
        asked = self._ask(question)
        last = self._last.get(question)
        if last is not None:
            await asyncio.wait({asked}, timeout=KNOWN_AFTER)
            if not asked.done() or _is_no_answer(asked.exception()):
                log.warning("a name is not resolved now; it is taken to be where it was before")
                return last
        return await asyncio.shield(asked)

    def _ask(self, question: Question) -> _Asked:
        asked = self._asked.get(question)
        if asked is None:
            asked = self._asked[question] = self._loop.create_future()
            asked.add_done_callback(partial(self._ended, question))
            threading.Thread(target=self._look_up, args=(question, asked), daemon=True).start()
        return asked

    def _ended(self, question: Question, asked: _Asked) -> None:
        del self._asked[question]
        if not asked.cancelled() and asked.exception() is None:  # perhaps nobody waits any more
            self._last[question] = asked.result()

    def _look_up(self, question: Question, asked: _Asked) -> None:
        """In a thread. By the time the system answers the loop may be closed."""
        tell: Callable[[], None]
        try:
            tell = partial(_settle, asked, found=socket.getaddrinfo(*question))
        except (OSError, ValueError) as fault:
            tell = partial(_settle, asked, fault=fault)
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(tell)


def _settle(asked: _Asked, *, found: Found | None = None, fault: Exception | None = None) -> None:
    if asked.done():
        return
    if fault is not None:
        asked.set_exception(fault)
    else:
        asked.set_result(found or [])


def _is_no_answer(fault: BaseException | None) -> bool:
    return fault is not None and getattr(fault, "errno", None) not in _IS_NOWHERE


_NAMES: WeakKeyDictionary[asyncio.AbstractEventLoop, Names] = WeakKeyDictionary()


def names() -> Names:
    """Those that the running event loop asks for."""
    loop = asyncio.get_running_loop()
    found = _NAMES.get(loop)
    if found is None:
        found = _NAMES[loop] = Names(loop)
    return found


class _Asking(asyncio.AbstractEventLoop):
    """What an event loop does otherwise: it asks for names by `Names`."""

    async def getaddrinfo(
        self,
        host: bytes | str | None,
        port: bytes | str | int | None,
        *,
        family: int = 0,
        type: int = 0,  # noqa: A002 - it is called so
        proto: int = 0,
        flags: int = 0,
    ) -> Any:
        if _is_no_name(host):
            how = {"family": family, "type": type, "proto": proto, "flags": flags}
            return await super().getaddrinfo(host, port, **how)
        return await names().find(host, port, family, type, proto, flags)

    async def create_connection(  # type: ignore[override]  # its overloads differ in what it is given
        self, protocol: Any, host: Any = None, port: Any = None, **how: Any
    ) -> Any:
        """To a name: to its addresses in turn, and whoever answers proves the name (TLS)."""
        if how.get("sock") is not None or _is_no_name(host):
            return await super().create_connection(protocol, host, port, **how)
        if how.get("ssl"):
            how.setdefault("server_hostname", host)
        family, proto, flags = (how.pop(each, 0) for each in ("family", "proto", "flags"))
        question = (host, port, family, socket.SOCK_STREAM, proto, flags)
        faults: list[OSError] = []
        for *_, address in await names().find_or_remember(*question):
            try:
                return await super().create_connection(protocol, address[0], address[1], **how)
            except OSError as fault:
                faults.append(fault)
        raise faults[0] if faults else OSError("a name has no address")


def _is_no_name(host: bytes | str | None) -> bool:
    """Whether nobody need be asked: an address, or none at all."""
    if not host:
        return True
    try:
        ip_address(host.decode("ascii", "replace") if isinstance(host, bytes) else host)
    except ValueError:
        return False
    return True


class PlainLoop(_Asking, asyncio.SelectorEventLoop):  # type: ignore[misc]  # the same overloads
    """Python's own event loop."""


def new_loop() -> asyncio.AbstractEventLoop:
    """The event loop that serves: uvloop's, where the system has it."""
    try:
        quick: Any = import_module("uvloop").Loop
    except ImportError:
        return PlainLoop()
    made: asyncio.AbstractEventLoop = type("QuickLoop", (_Asking, quick), {})()
    return made
