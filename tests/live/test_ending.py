"""How listening ends: and what a lost connection to the database does to it."""

import asyncio
import threading

import asyncpg
import pytest

from qa_api.auth.development import DevelopmentIssuer
from qa_api.live import hub
from qa_api.settings import Settings
from tests.api import Api, serving
from tests.audits.auditing import SUPERVISOR, Auditing
from tests.conftest import Database, execute
from tests.live.listening import begun, listening


@pytest.mark.long
def test_a_stop_sends_everybody_away_to_come_back(
    live_settings: Settings, issuer: DevelopmentIssuer
) -> None:
    with (
        serving(live_settings) as server,
        Api(server, issuer, SUPERVISOR) as person,
        begun(person) as stream,
    ):
        assert server.running is not None
        server.running.should_exit = True
        told = stream.next()
        assert (told.name, told.data) == ("end", {"because": "restart"})
        assert told.retry is not None
        assert 1_000 <= told.retry <= 10_000
        with pytest.raises(StopIteration):
            stream.next()


@pytest.mark.long
def test_who_has_missed_too_much_is_told_to_look_again(
    live: Api, case: Auditing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub, "MOST_TOLD", 3)
    with begun(live.as_(SUPERVISOR)) as stream:
        at = stream.sign_of_life()
    case.completed()
    with listening(live.as_(SUPERVISOR), last=at) as again:
        assert again.next().data == {"because": "missed"}


@pytest.mark.long
def test_a_lost_connection_to_the_database_loses_no_change(
    live: Api, case: Auditing, database: Database
) -> None:
    with begun(live.as_(SUPERVISOR)) as stream:
        execute(
            database.database_url,
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'qa_api happened'",
        )
        audit = f"/v1/audits/{case.plan(auditor=SUPERVISOR)['id']}"
        told = stream.next()
        assert told.data["path"] == audit


def test_of_one_transaction_one_notice_is_sent_which_is_a_position(
    live: Api, case: Auditing, database: Database
) -> None:
    """A completed audit is several events; what listens hears once, and a number alone."""
    heard: list[str] = []
    filled = case.filled()
    ready, done, told = threading.Event(), threading.Event(), threading.Event()

    def hears(*said: object) -> None:
        heard.append(str(said[-1]))
        told.set()

    async def hear() -> None:
        connection = await asyncpg.connect(database.migrate_url)
        try:
            await connection.add_listener("happened", hears)
            ready.set()
            await asyncio.to_thread(done.wait)
            await connection.execute("SELECT 1")
        finally:
            await connection.close()

    ear = threading.Thread(target=lambda: asyncio.run(hear()))
    ear.start()
    assert ready.wait(10)
    try:
        body = {"overall": {"judgement": "good", "rationale": "In time."}}
        answer = live.as_(SUPERVISOR).act(f"{filled}/complete", body)
        assert answer.status_code == 200, answer.text
        assert told.wait(10)
    finally:
        done.set()
        ear.join()
    (said,) = heard
    assert said.isdigit()
