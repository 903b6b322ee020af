"""Copies of this process that work beside it; each is told and answers through a pipe."""

import multiprocessing
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection


@contextmanager
def in_a_copy(act: Callable[[Connection], None]) -> Iterator[Connection]:
    """Have a copy of this process `act`; our end of the pipe to it.

    It ends with the block, and with us. It has none of our threads, and must not touch a connection
    of ours: so nothing else may go on here yet.
    """
    ours, theirs = multiprocessing.Pipe()
    copy = multiprocessing.get_context("fork").Process(
        target=_act, args=(act, theirs, ours), daemon=True
    )
    copy.start()
    theirs.close()
    try:
        yield ours
    finally:
        ours.close()
        copy.join()


def _act(act: Callable[[Connection], None], ours: Connection, theirs: Connection) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever has copied itself says when it is over
    theirs.close()  # or the end of it would never come
    with suppress(EOFError, ConnectionError):
        act(ours)
