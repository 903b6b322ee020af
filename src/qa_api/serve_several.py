"""Serving by several processes on one port, and the worker beside them where that is wanted."""

import os
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from qa_api.children import Children, Say, Stopped, stopped_by_signals
from qa_api.settings import Settings

BACKLOG = 2048


class AddressTaken(RuntimeError):
    """Nothing can listen there; the message says where and why."""


def serve_several(settings: Settings, processes: int, say: Say, *, worker: bool) -> int:
    """Serve until SIGTERM or SIGINT; returns the exit status.

    What ends by itself is started again; after three times in a minute all end, with 1. They end
    with this process, however it ends. Raises AddressTaken.
    """
    try:
        with (
            stopped_by_signals(),
            _listener(settings.host, settings.port) as listener,
            Children(_environment(settings), None) as children,
        ):
            for number in range(1, processes + 1):
                kept = listener.fileno()
                children.start(f"API {number}", "serve", "--fd", str(kept), keep=kept)
            if worker:
                children.start("worker", "worker")
            children.watch(say)
    except Stopped:
        return 0
    return 1


@contextmanager
def _listener(host: str, port: int) -> Iterator[socket.socket]:
    """Kept here, so that whoever asks while a process is started again waits and is answered."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as fault:
        raise AddressTaken(f"port {port} of {host} cannot be used: {fault.strerror}") from None
    with listener:
        yield listener


def _environment(settings: Settings) -> dict[str, str]:
    """A page that one process began is gone on with by another: they share the secret."""
    if settings.cursor_secret is not None:
        return dict(os.environ)
    return {**os.environ, "QA_CURSOR_SECRET": secrets.token_urlsafe()}
