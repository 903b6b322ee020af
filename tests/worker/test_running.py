"""Worker processes: killed at any moment they lose nothing; asked to stop they finish."""

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from pydantic import SecretStr

from qa_api.db import UnsafeDatabaseRole
from qa_api.events import ResponseAccepted, ResponseOverdue
from qa_api.models.base import new_id
from qa_api.settings import Settings
from qa_api.work import Workshop
from qa_api.worker.running import run_worker
from tests.conftest import Database
from tests.worker.conftest import ask, until, until_stored
from tests.worker.receiving import Answer, Receiver

Start = Callable[..., "subprocess.Popen[bytes]"]
WAITING = "SELECT count(*) FROM deliveries WHERE endpoint_id = :endpoint AND delivered_at IS NULL"
LISTENING = (
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND application_name = 'qa_api deliveries'"
)


@pytest.fixture
def start_worker(settings: Settings) -> Iterator[Start]:
    """Starts `qa-api worker` as its own process."""
    started: list[subprocess.Popen[bytes]] = []

    def start(**environment: str) -> "subprocess.Popen[bytes]":
        process = subprocess.Popen(
            [sys.executable, "-m", "qa_api", "worker"],
            env={
                **{
                    name: value
                    for name, value in os.environ.items()
                    if not name.startswith(("QA_", "PYTHONDONTWRITE"))
                },
                "QA_ENVIRONMENT": "development",
                "QA_DATABASE_URL": settings.database_url.get_secret_value(),
                "QA_READ_URL": settings.read_url.get_secret_value(),
                "QA_WEBHOOK_TARGETS": "http://127.0.0.1",
                "QA_LEASE_SECONDS": "1",
                "QA_LOG_LEVEL": "error",
                **environment,
            },
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()


@pytest.mark.long
async def test_a_killed_worker_loses_nothing_and_a_stopped_one_finishes(
    workshop: Workshop, receiver: Receiver, register: Any, record: Any, start_worker: Start
) -> None:
    # A whole worker sweeps too, and finds what other tests left: its events are not looked for.
    endpoint_id, _ = await register(receiver.url, system=None, types=[ResponseAccepted.type])
    await record(ResponseOverdue(about=new_id(), audit_id=new_id(), due_on=date(2026, 11, 2)))
    subjects = [new_id() for _ in range(5)]
    events = [
        ResponseAccepted(about=subject, audit_id=new_id(), round=number)
        for number in range(1, 9)
        for subject in subjects
    ]
    workers = [start_worker() for _ in range(2)]
    await until_stored(workshop, f"SELECT 1 WHERE ({LISTENING}) = 2")

    def answer(_: Any) -> Answer:
        # In the middle of sending, with others under way.
        if len(receiver.came) == 13:
            workers.pop().kill()
        return Answer()

    receiver.answer = answer
    event_ids = [str(await record(event)) for event in events]
    await until_stored(workshop, f"SELECT 1 WHERE ({WAITING}) = 0", endpoint=endpoint_id)
    came = Counter(request.id for request in receiver.came)
    assert set(came) == set(event_ids)
    for subject in subjects:
        first_time = list(
            dict.fromkeys(
                request.message["data"]["round"]
                for request in receiver.came
                if request.about == str(subject)
            )
        )
        assert first_time == sorted(first_time), "a case's events came out of order"

    # Asked to stop, the one that is left finishes what it is sending.
    (worker,) = workers

    def stop(_: Any) -> Answer:
        worker.send_signal(signal.SIGTERM)
        return Answer()

    receiver.answer = stop
    event_id = await record(ResponseAccepted(about=new_id(), audit_id=new_id(), round=1))
    await until(lambda: worker.poll() is not None)
    assert worker.returncode == 0
    async with workshop.open_as_service("test") as work:
        delivered = "SELECT delivered_at FROM deliveries WHERE event_id = :event"
        assert await ask(work, delivered, event=event_id) is not None


async def test_a_worker_refuses_a_role_that_could_step_around_the_policies(
    worker_database: Database, settings: Settings
) -> None:
    unsafe = settings.model_copy(update={"database_url": SecretStr(worker_database.migrate_url)})
    with pytest.raises(UnsafeDatabaseRole):
        await run_worker(unsafe)
