"""Forty urgent findings on two audits of one child at once, over HTTP, each with a key."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from qa_api.auth.development import DevelopmentIssuer
from qa_api.settings import Settings
from qa_api.work import Workshop
from tests.api import Api, Server, serving
from tests.audits.auditing import FINDING, SUPERVISOR, of_new_child
from tests.worker.conftest import ask, until
from tests.worker.receiving import Receiver

AT_ONCE = 40

IN_PLACE = """
SELECT string_agg(event_id::text, ' ' ORDER BY position) FROM deliveries
WHERE endpoint_id = :endpoint AND lane = 'escalation'
"""
RAISED = """
SELECT count(*) FROM escalations WHERE audit_id::text = ANY (:audits)
"""


@pytest.fixture
def api_of_worker(settings: Settings, issuer: DevelopmentIssuer) -> Iterator[Server]:
    """An API over the worker's database."""
    with serving(settings) as server:
        yield server


@pytest.mark.long
async def test_forty_findings_about_one_child_at_once_are_each_delivered_once_in_their_order(
    workshop: Workshop,
    receiver: Receiver,
    register: Any,
    delivering: Any,
    issuer: DevelopmentIssuer,
    api_of_worker: Server,
    new_ref: Any,
) -> None:
    with Api(api_of_worker, issuer) as api:
        case = of_new_child(api, new_ref)
        audits = [case.started(type=type_) for type_ in ("closure", "tac")]
        supervisor = api.as_(SUPERVISOR)
        supervisor.token()
        # Only what comes from now on is what this test is about.
        endpoint_id, _ = await register(receiver.url)

        def find(number: int) -> list[httpx.Response]:
            """Raise one; the same again for as long as the service says to come back."""
            path, key = f"{audits[number % 2]}/urgent-findings", f"finding-{case.ref}-{number}"
            answers = [supervisor.create(path, FINDING, key=key)]
            while answers[-1].status_code == 503:
                assert int(answers[-1].headers["retry-after"]) > 0
                answers.append(supervisor.create(path, FINDING, key=key))
            return answers

        def find_all() -> list[list[httpx.Response]]:
            with ThreadPoolExecutor(AT_ONCE) as pool:
                return list(pool.map(find, range(AT_ONCE)))

        async with delivering(), delivering():
            found = await asyncio.to_thread(find_all)
            await until(lambda: len(set(ids(receiver))) == AT_ONCE)
            # And once more, as a client does that never saw its answer.
            again = await asyncio.to_thread(find_all)
    assert {answers[-1].status_code for answers in found + again} == {201}
    made = [answers[-1].json()["id"] for answers in found]
    assert len(set(made)) == AT_ONCE
    assert [answers[-1].json()["id"] for answers in again] == made
    async with workshop.open_as_service("test") as work:
        in_place = (await ask(work, IN_PLACE, endpoint=endpoint_id)).split()
        raised = await ask(work, RAISED, audits=[path.rpartition("/")[2] for path in audits])
    assert raised == AT_ONCE
    assert Counter(ids(receiver)) == Counter(dict.fromkeys(in_place, 1)), "none lost, none twice"
    assert ids(receiver) == in_place


def ids(receiver: Receiver) -> list[str]:
    """Of the escalations that came, in the order in which they came."""
    return [one.id for one in receiver.came if one.message["type"] == "escalation.raised"]
