"""A machine that knows its neighbours by name: its database, who has its keys, two receivers."""

import json
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

import pytest

from qa_api.auth.development import DevelopmentIssuer
from qa_api.embedded.account import available_account
from qa_api.embedded.addresses import DATABASE, PORT
from qa_api.embedded.layout import binaries_for, lay_out
from tests.neighbours.resolver import AT, ZONE, Resolver, forwarded, resolving

KEYS, STORE, DEAF, HEARING = "keys", "store", "deaf", "hearing"
"""The names: of who has the key set, of the database, and of a receiver by each of two."""


@dataclass
class Named:
    """What a machine is told, and who resolves the names in it."""

    settings: dict[str, str] = field(default_factory=dict)
    resolver: Resolver | None = None
    """None where there can be none: then everything is known by its address."""

    def finds(self, name: str) -> bool:
        """Whether that name is resolved now."""
        return self.resolver is not None and self.resolver.way_of(name) == "answers"

    def place(self, name: str, url: str) -> str:
        """A URL of this machine, by a name."""
        if self.resolver is None:
            return url
        parts = urlsplit(url)
        return parts._replace(netloc=f"{name}.{ZONE}:{parts.port}").geturl()


@contextmanager
def named(data: Path, directory: Path) -> Iterator[Named]:
    """For the machine of a data directory; what it starts meanwhile asks our name server."""
    with ExitStack() as stack:
        made = stack.enter_context(resolving(directory))
        if made is None:
            yield Named()
            return
        resolver, python = made
        account = available_account()
        sockets = lay_out(data, account, binaries_for(account)[1]).socket_dir
        port = stack.enter_context(forwarded(sockets / f".s.PGSQL.{PORT}"))
        keys = DevelopmentIssuer.open(data / "keys")
        published = stack.enter_context(_published(keys.directory))
        by_name = keys.settings.model_dump(mode="json", exclude_none=True)
        del by_name["jwks_file"]
        by_name["jwks_url"] = f"http://{KEYS}.{ZONE}:{published}/jwks.json"
        stack.enter_context(pytest.MonkeyPatch.context()).setattr(sys, "executable", str(python))
        place = f"{STORE}.{ZONE}:{port}/{DATABASE}"
        yield Named(
            {
                "QA_DATABASE_URL": f"postgresql://qa_app@{place}",
                "QA_READ_URL": f"postgresql://qa_read@{place}",
                "QA_TOKEN_ISSUERS": json.dumps([by_name]),
                "QA_WEBHOOK_TARGETS": f"http://{AT}/32",
            },
            resolver,
        )


@contextmanager
def _published(directory: Path) -> Iterator[int]:
    """The port at which the files of a directory can be had."""

    class Handler(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer((AT, 0), partial(Handler, directory=str(directory))) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()
