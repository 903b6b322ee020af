"""A machine of a test's own: the service with a durable PostgreSQL, each part started again."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest

from qa_api import children, dev_run
from qa_api.embedded.server import find_running
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
def machine_in(data: Path) -> Iterator[Machine]:
    """It stops, its database too, when the block ends."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("QA_")]:
            patch.delenv(name)
        patch.setattr(children, "MOST_RESTARTS", MANY)
        with dev_run.service(0, data, lambda _line: None, **SETTINGS) as (place, processes):
            urls = find_running(data)
            assert urls is not None
            yield Machine(place.url, data, urls, processes)
            KEPT.close()
