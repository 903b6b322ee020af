"""A name server of a test's own, and processes that ask it: look-ups by the system's library.

Processes get it by a `resolv.conf` that they alone see (a mount namespace): that takes root.
"""

import os
import shlex
import socket
import socketserver
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final, Literal

import dns.exception
import dns.flags
import dns.message
import dns.rcode
import dns.rrset

ZONE: Final = "neighbours.test"
AT: Final = "127.0.0.1"
"""Where every name is."""
TRIED: Final = "timeout:8 attempts:5"
"""One that is silent is asked five times, for 40 s: longer than a process may take to end."""
Way = Literal["answers", "is silent", "fails", "knows none"]


class Resolver:
    """Answers for the names of one zone; `ways` says otherwise of some."""

    def __init__(self) -> None:
        self.ways: dict[str, Way] = {}
        """By name, without the zone; `*` for all."""
        self.asked: Counter[str] = Counter()
        """How often each name was asked for."""

    def way_of(self, name: str) -> Way:
        """What becomes of questions for a name."""
        return self.ways.get(name, self.ways.get("*", "answers"))

    def answer(self, question: bytes) -> bytes | None:
        """What is sent back; None for nothing."""
        asked = dns.message.from_wire(question)
        name = asked.question[0].name.to_text(omit_final_dot=True).lower()
        short = name.removesuffix(f".{ZONE}")
        self.asked[short] += 1
        way = self.way_of(short)
        if way == "is silent":
            return None
        answer = dns.message.make_response(asked)
        answer.flags |= dns.flags.RA
        if way == "fails":
            answer.set_rcode(dns.rcode.SERVFAIL)
        elif way == "knows none" or short == name:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        elif asked.question[0].rdtype == dns.rdatatype.A:
            answer.answer.append(dns.rrset.from_text(asked.question[0].name, 0, "IN", "A", AT))
        return answer.to_wire()


@contextmanager
def resolving(directory: Path) -> Iterator[tuple[Resolver, Path] | None]:
    """The name server, and a program that starts Python with it; None where neither can be made."""
    resolver = Resolver()

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            question, end = self.request
            with suppress(dns.exception.DNSException):
                if (told := resolver.answer(question)) is not None:
                    end.sendto(told, self.client_address)

    number = os.getpid()
    address = f"127.53.{number >> 8 & 255}.{number & 255}"
    try:
        server = socketserver.ThreadingUDPServer((address, 53), Handler)
    except OSError:
        yield None
        return
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        python = _python_that_asks(address, directory)
        yield (resolver, python) if _asks(python, resolver) else None
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _python_that_asks(address: str, directory: Path) -> Path:
    """A program that becomes Python, for which `address` is the only name server."""
    directory.mkdir()
    told, order = directory / "resolv.conf", directory / "nsswitch.conf"
    told.write_text(f"nameserver {address}\noptions {TRIED}\n")
    order.write_text("hosts: files dns\npasswd: files\ngroup: files\n")
    mounts = " && ".join(
        f"mount --bind {shlex.quote(str(file))} /etc/{file.name}" for file in (told, order)
    )
    inside = f'{mounts} && exec {shlex.quote(sys.executable)} "$@"'
    program = directory / "python"
    program.write_text(f'#!/bin/sh\nexec unshare --mount sh -c {shlex.quote(inside)} sh "$@"\n')
    program.chmod(0o755)
    return program


def _asks(python: Path, resolver: Resolver) -> bool:
    words = ["-c", f"import socket; print(socket.gethostbyname('tried.{ZONE}'))"]
    try:
        told = subprocess.run([python, *words], check=False, capture_output=True, text=True)
    except OSError:
        return False
    return told.stdout.strip() == AT and resolver.asked["tried"] > 0


@contextmanager
def forwarded(to: Path) -> Iterator[int]:
    """A port that leads to a socket of the file system: what is there has no name otherwise."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with socket.socket(socket.AF_UNIX) as there, suppress(OSError):
                there.connect(str(to))
                back = threading.Thread(target=_carry, args=(there, self.request))
                back.start()
                _carry(self.request, there)
                back.join()

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        request_queue_size = 256

    with Server((AT, 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


def _carry(one: Any, other: Any) -> None:
    with suppress(OSError):
        while part := one.recv(1 << 16):
            other.sendall(part)
    for each in (one, other):
        with suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)
