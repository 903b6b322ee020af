"""A machine of a test's own: the service with a durable PostgreSQL, each part started again."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest

from qa_api import children, clock, dev_run
from qa_api.embedded.addresses import Urls
from qa_api.embedded.server import find_running
from tests.api import Api
from tests.kept import KEPT
from tests.kills.killing import Machine

MANY: Final = 100_000
"""Restarts that are allowed: what is killed on purpose does not keep ending by itself."""
SETTINGS: Final[dict[str, Any]] = {
    "QA_LEASE_SECONDS": "2",
    "QA_SWEEP_INTERVAL_SECONDS": "1",
    "QA_LOG_LEVEL": "error",
}


@contextmanager
def machine_in(
    data: Path, clock_file: Path | None = None, told: Mapping[str, str] | None = None
) -> Iterator[Machine]:
    """It stops, its database too, when the block ends.

    Its processes are `told` other settings than a machine's own, where they are given. `clock_file`
    moves the clock of API and worker, not that of the database or of who asks.
    """
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("QA_")]:
            patch.delenv(name)
        patch.setattr(children, "MOST_RESTARTS", MANY)
        with dev_run.service(
            0, data, lambda _line: None, clock_file=clock_file, **SETTINGS | dict(told or {})
        ) as (
            place,
            processes,
        ):
            clock.reset()
            urls = find_running(data)
            assert urls is not None
            yield Machine(place.url, data, urls, processes, clock_file)
            KEPT.close()


def asked(urls: Urls, question: str) -> list[Any]:
    """The first column of what the owner of the database finds."""
    return [row[0] for row in KEPT.ask(urls.migrate_url, lambda kept: kept.fetch(question))]


def send_changes_of_gates(api: Api, url: str) -> None:
    """From now on the case system is sent there what changes about its cases."""
    wanted = {
        "system": "mosaic",
        "url": url,
        "event_types": ["closure_gate.opened", "closure_gate.changed"],
    }
    assert api.as_("admin-1").create("/v1/webhook-endpoints", wanted).status_code == 201
