"""A way to PostgreSQL that is cut before or after a statement of a transaction.

It reads the protocol's messages as far as it must: which statement is run, and when its answer is
complete. A cut closes both ends at once, as a network or a server that is gone does.
"""

import asyncio
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, Literal, Protocol
from urllib.parse import parse_qs, urlsplit

When = Literal["before", "after"]
Step = tuple[str, str]
"""A statement of a transaction after the one before it: there are many ways to a commit."""
Cut = tuple[Step, When]
"""A step, and whether the cut comes before it is taken or after."""
_SOCKET: Final = ".s.PGSQL.5432"
_PARSE, _BIND, _EXECUTE, _QUERY = b"P", b"B", b"E", b"Q"
_READY: Final = b"Z"
COMMIT: Final = "COMMIT;"
_ENDS: Final = (COMMIT, "ROLLBACK;")


class Gone(Exception):
    """The connection was cut, or has ended."""


class Cutter:
    """Decides where to cut, and remembers it: every step once before and once after.

    `chosen` says which of those that have not been cut so, one in so many seconds. Where nothing
    was committed between one cut and the next, they are in a row, which lasts for so many seconds:
    whoever begins anew after each comes to an end, however slow the machine.
    """

    def __init__(
        self,
        chosen: Callable[[Cut], bool],
        seconds_apart: float,
        seconds_in_a_row: float,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._chosen, self._now = chosen, now
        self._seconds_apart, self._seconds_in_a_row = seconds_apart, seconds_in_a_row
        self._last_at = 0.0
        self._in_a_row_since: float | None = None
        self._has_begun = False
        self.seen: Counter[Step] = Counter()
        self.cuts: list[Cut] = []

    def begin(self) -> None:
        """From now on; nothing is cut before."""
        self._has_begun = True

    def cuts_here(self, step: Step, when: When) -> bool:
        """Whether this step is cut now, this way."""
        cut: Cut = (step, when)
        now = self._now()
        if self._may_cut(now) and cut not in self.cuts and self._chosen(cut):
            self.cuts.append(cut)
            self._last_at = now
            if self._in_a_row_since is None:
                self._in_a_row_since = now
            return True
        # Whoever is asked of what comes after a statement has let it through.
        if (step[1], when) == (COMMIT, "after"):
            self._in_a_row_since = None
        return False

    def _may_cut(self, now: float) -> bool:
        row = self._in_a_row_since
        ends = row is not None and now >= row + self._seconds_in_a_row
        return self._has_begun and not ends and now >= self._last_at + self._seconds_apart


class OneCut:
    """Cuts one place after the other: each time it is armed the first that was not cut before.

    A place is a step, its number among the same steps since it was armed, and the way in which it
    is cut. So it does not matter that there are fewer statements once something is remembered.
    """

    def __init__(self, skips: Callable[[Cut], bool] = lambda _: False) -> None:
        self._skips = skips
        self._is_armed = False
        self._met: Counter[Step] = Counter()
        self._before: set[tuple[Cut, int]] = set()
        self.seen: Counter[Step] = Counter()
        self.cut: Cut | None = None
        """What was cut since it was armed, if anything was."""
        self.commits = 0
        """How many transactions were committed since, that of the cut among them."""

    def begin(self) -> None:
        """With another request, none of whose places was cut yet."""
        self._before.clear()

    @contextmanager
    def armed(self) -> Iterator[None]:
        """Cut one place while the block lasts."""
        self._met.clear()
        self.cut, self.commits, self._is_armed = None, 0, True
        try:
            yield
        finally:
            self._is_armed = False

    def cuts_here(self, step: Step, when: When) -> bool:
        """Whether this step is cut now, this way."""
        if not self._is_armed:
            return False
        self._met[step] += when == "before"
        # Whoever is asked of what comes after a statement has let it through.
        self.commits += when == "after" and step[1] == COMMIT
        cut, place = (step, when), ((step, when), self._met[step])
        if self.cut is not None or place in self._before or self._skips(cut):
            return False
        self._before.add(place)
        self.cut = cut
        return True


class Decides(Protocol):
    """Who decides where to cut."""

    seen: Counter[Step]

    def cuts_here(self, step: Step, when: When) -> bool: ...


class _Way:
    """One connection of a client, and its own to the server."""

    def __init__(self, cutter: Decides, client: "_End", server: "_End") -> None:
        self._cutter, self._client, self._server = cutter, client, server
        self._texts: dict[bytes, str] = {}
        self._bound = ""
        self._last: str | None = None
        """The statement before in this transaction; none outside of one."""
        self._cut_when_answered = False

    async def carry(self) -> None:
        """Carry messages both ways until either end is gone, or the way is cut."""
        await self._server.send(await self._client.first())
        both = [asyncio.ensure_future(self._up()), asyncio.ensure_future(self._down())]
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in both:
                one.cancel()
            await asyncio.gather(*both, return_exceptions=True)
            for end in (self._client, self._server):
                end.close()

    async def _up(self) -> None:
        while True:
            kind, body = await self._client.message()
            statement = self._statement(kind, body)
            if statement is not None:
                self._look_at(statement)
            await self._server.send(kind + (len(body) + 4).to_bytes(4) + body)

    def _look_at(self, statement: str) -> None:
        """Cut before it, or take note that its answer never arrives. Only within transactions."""
        if self._last is None and not statement.startswith("BEGIN"):
            return
        step = self._last or "", statement
        self._cutter.seen[step] += 1
        if self._cutter.cuts_here(step, "before"):
            raise Gone
        self._cut_when_answered = self._cutter.cuts_here(step, "after")
        self._last = None if statement in _ENDS else statement

    def _statement(self, kind: bytes, body: bytes) -> str | None:
        """The text of what is run now, if anything is."""
        if kind == _PARSE:
            name, text, _ = body.split(b"\0", 2)
            self._texts[name] = " ".join(text.decode().split())
        elif kind == _BIND:
            _, name, _ = body.split(b"\0", 2)
            self._bound = self._texts.get(name, "")
        elif kind == _EXECUTE:
            return self._bound
        elif kind == _QUERY:
            return " ".join(body.rstrip(b"\0").decode().split())
        return None

    async def _down(self) -> None:
        while True:
            kind, body = await self._server.message()
            if kind == _READY and self._cut_when_answered:
                raise Gone
            if not self._cut_when_answered:
                await self._client.send(kind + (len(body) + 4).to_bytes(4) + body)


class _End:
    """One end of a connection, message by message."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def first(self) -> bytes:
        """The client's first message, which has no kind."""
        length = await self._reader.readexactly(4)
        return length + await self._reader.readexactly(int.from_bytes(length) - 4)

    async def message(self) -> tuple[bytes, bytes]:
        """The next message: its kind, and what it says."""
        head = await self._reader.readexactly(5)
        return head[:1], await self._reader.readexactly(int.from_bytes(head[1:]) - 4)

    async def send(self, message: bytes) -> None:
        self._writer.write(message)
        await self._writer.drain()

    def close(self) -> None:
        """At once: what is not sent yet never is."""
        self._writer.transport.abort()


NEVER: Final = Cutter(lambda _: False, 0.0, 0.0)


def _is_worker(client: asyncio.StreamWriter) -> bool:
    """Whether the worker's process is at the other end: its own tests break that off."""
    peer = client.get_extra_info("socket").getsockopt(
        socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i")
    )
    pid, _, _ = struct.unpack("3i", peer)
    return b"worker" in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")


@contextmanager
def cutting(url: str, directory: Path, cutter: Decides) -> Iterator[str]:
    """The same database by a way that is cut; its address, until the block ends."""
    parts = urlsplit(url)
    real = Path(parse_qs(parts.query)["host"][0]) / _SOCKET
    with asyncio.Runner() as runner:
        ended = asyncio.Event()

        async def open_way(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            server = await asyncio.open_unix_connection(str(real))
            chosen = NEVER if _is_worker(writer) else cutter
            with suppress(OSError, asyncio.IncompleteReadError, Gone):
                await _Way(chosen, _End(reader, writer), _End(*server)).carry()

        async def serve() -> None:
            async with opened:
                await ended.wait()

        opened = runner.run(asyncio.start_unix_server(open_way, str(directory / _SOCKET)))
        thread = threading.Thread(target=runner.run, args=(serve(),), daemon=True)
        thread.start()
        try:
            yield parts._replace(query=f"host={directory}&port=5432").geturl()
        finally:
            runner.get_loop().call_soon_threadsafe(ended.set)
            thread.join()
