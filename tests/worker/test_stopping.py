"""How a worker ends while the database takes nothing down."""

from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import pytest

from qa_api.work import Workshop
from qa_api.worker import delivery
from tests.conftest import Database
from tests.http.test_waiting import locked
from tests.worker.conftest import of_no_case, pass_time, until
from tests.worker.receiving import Answer, Received, Receiver


@pytest.mark.long
async def test_what_is_not_taken_down_in_time_is_sent_again_under_its_id(
    workshop: Workshop,
    worker_database: Database,
    receiver: Receiver,
    register: Any,
    record: Any,
    delivering: Any,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(delivery, "TAKEN_DOWN_WITHIN", 0.1)
    await register(receiver.url, system=None)
    with ExitStack() as held:

        def answer(_: Received) -> Answer:
            held.enter_context(locked(worker_database, "LOCK TABLE deliveries IN SHARE MODE"))
            return Answer()

        receiver.answer = answer
        async with delivering(webhook_timeout_seconds=0.5):
            event = await record(of_no_case())
            await until(lambda: len(receiver.came) == 1)
        assert "1 deliveries are left to their leases" in caplog.messages
    receiver.answer = lambda _: Answer()
    await pass_time(workshop, timedelta(minutes=2))
    async with delivering():
        await until(lambda: len(receiver.came) == 2)
    assert {came.id for came in receiver.came} == {str(event)}
