"""The service of a cluster: two APIs and two workers, none of which is started again."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from qa_api import dev_run
from qa_api.children import Children
from qa_api.embedded.addresses import Urls
from tests.kills.machines import SETTINGS

ALL: Final = ("API", "API 2", "worker", "worker 2")


@dataclass
class Two:
    """Two of each, where they are, and their processes."""

    urls: list[str]
    processes: Children

    def pids(self) -> list[int]:
        """Who works; nobody has ended."""
        assert self.processes.ended() == {}
        return [self.processes.pid(name) for name in ALL]


@contextmanager
def two_of_each(data: Path, database: Urls) -> Iterator[Two]:
    """They work on a database of somebody else's until the block ends."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("QA_")]:
            patch.delenv(name)
        for name, url in database.as_environment().items():
            patch.setenv(name, url)
        with (
            dev_run.service(0, data, lambda _line: None, **SETTINGS) as (place, processes),
            socket.create_server((dev_run.HOST, 0)) as listener,
        ):
            descriptor = listener.fileno()
            processes.start("API 2", "serve", "--fd", str(descriptor), keep=descriptor)
            processes.start("worker 2", "worker")
            second = f"http://{dev_run.HOST}:{listener.getsockname()[1]}"
            yield Two([place.url, second], processes)
