"""What a replica answers is exact, says how far it may be behind, and rights are the primary's.

In each case that it cannot answer, the primary does; without a primary nobody is answered.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime
from typing import Any, Final

import asyncpg
import httpx
import pytest
from pydantic import SecretStr

from qa_api import clock
from qa_api.auth.development import DevelopmentIssuer
from qa_api.embedded import EmbeddedPostgres
from qa_api.settings import Settings
from tests.api import Api, serving
from tests.conftest import Accounts, Database, execute
from tests.replica.standby import Pair, following
from tests.reporting.copies import REPORTER, download, kept, ndjson, set_restriction
from tests.responses.casework import Casework

AS_AT: Final = "data-as-at"
DUE: Final = "UPDATE audits SET due_on = due_on + 1 WHERE id = '{}'"
LINES: Final = """
SELECT count(*) FROM access_log WHERE detail ->> 'dataset' = 'audits' AND $1 = ANY (subject_ids)
"""

Reading = Callable[..., Api]


@pytest.fixture(scope="module")
def pair(database: Database) -> Iterator[Pair]:
    """The server of this run, and one that follows it."""
    if database.log is None:
        pytest.skip("the server is not ours: no other can follow it")
    with following(EmbeddedPostgres(database.log.parent)) as made:
        yield made


@pytest.fixture
def reading(pair: Pair, authority: Settings, issuer: DevelopmentIssuer) -> Iterator[Reading]:
    """Serves the shared database to the reporting tool, with the standby for its reports."""
    with ExitStack() as stack:

        def served(database: Database, **changed: Any) -> Api:
            url = SecretStr(pair.standby.urls(database.name).read_url)
            settings = authority.model_copy(update={"report_url": url, **changed})
            server = stack.enter_context(serving(settings))
            return stack.enter_context(Api(server, issuer)).as_(REPORTER)

        yield served


def sent_once(api: Api, token: str) -> list[str]:
    """The ids of what changed since a token, which is nothing again afterwards."""
    rows, following_ = ndjson(api, "audits", changed_since=token)
    assert ndjson(api, "audits", changed_since=following_)[0] == []
    return [row["id"] for row in rows]


@pytest.mark.long
def test_a_download_from_a_replica_is_the_primarys_and_its_token_misses_and_repeats_nothing(
    casework: Casework, reading: Reading, pair: Pair, database: Database
) -> None:
    case, other = casework.completed_audit(), casework.completed_audit()
    replica, primary = reading(database), casework.api.as_(REPORTER)
    lines = pair.primary.urls(database.name).superuser_url

    async def pulled_while_one_is_open() -> tuple[httpx.Response, str, str]:
        held = await asyncpg.connect(database.migrate_url)
        seen = await asyncpg.connect(lines)
        try:
            before = await seen.fetchval(LINES, case.subject_id)
            transaction = held.transaction()
            await transaction.start()
            async with held.transaction():  # a transaction within: its id is no stamp
                await held.execute(DUE.format(case.audit_id))
            await seen.execute(DUE.format(other.audit_id))
            await asyncio.to_thread(pair.catch_up)
            answer = await asyncio.to_thread(download, replica, "audits", "ndjson")
            assert await seen.fetchval(LINES, case.subject_id) == before + 1
            here = await asyncio.to_thread(ndjson, primary, "audits")
            await transaction.commit()
            return answer, answer.headers["changes-token"], here[1]
        finally:
            await held.close()
            await seen.close()

    expected = download(primary, "audits", "ndjson")
    assert AS_AT not in expected.headers
    answer, token, at_primary = asyncio.run(pulled_while_one_is_open())
    assert AS_AT in answer.headers
    assert {line[:50] for line in answer.text.splitlines()} == {
        line[:50] for line in expected.text.splitlines()
    }
    assert kept(primary, answer)["state"] == "finished"
    assert sent_once(primary, token) == sent_once(primary, at_primary) == [str(case.audit_id)]
    pair.catch_up()
    assert sent_once(replica, token) == [str(case.audit_id)]
    assert download(replica, "audits", "csv").content == download(primary, "audits", "csv").content
    assert AS_AT in download(replica, "services", "csv").headers
    figures = "/v1/reporting/metrics/2026-27 Q3"
    told = replica.get(figures)
    assert AS_AT in told.headers
    assert told.json()["figures"] == primary.get(figures).json()["figures"]
    assert AS_AT not in replica.as_("qs-1").get(figures).headers, "people see what they just did"


@pytest.mark.long
def test_who_is_behind_answers_only_what_is_not_newer_and_whom_the_primary_lets_in(
    casework: Casework, reading: Reading, pair: Pair, database: Database, accounts: Accounts
) -> None:
    case = casework.completed_audit()
    replica, primary = reading(database), casework.api.as_(REPORTER)
    impatient = reading(database, report_lag_seconds=0.001)
    another = accounts.another(None, "reporting")
    pair.hold()
    try:
        told = download(replica, "audits", "ndjson", from_="2020-01-01")
        as_at = datetime.fromisoformat(told.headers[AS_AT])
        late = casework.completed_audit()
        assert str(late.audit_id) not in download(replica, "audits", "ndjson").text
        behind = datetime.fromisoformat(download(replica, "audits", "csv").headers[AS_AT])
        assert (as_at, behind < as_at) == (clock.now(), True)

        newer = ndjson(primary, "audits")[1]
        assert AS_AT not in download(replica, "audits", "csv", changed_since=newer).headers
        assert AS_AT not in download(impatient, "audits", "csv").headers
        assert str(late.audit_id) in download(impatient, "audits", "ndjson").text

        assert AS_AT in download(replica.as_(another), "audits", "csv").headers
        ended = f"UPDATE principals SET disabled_at = now() WHERE subject = '{another}'"
        execute(database.migrate_url, ended)
        refused = replica.as_(another).get("/v1/reporting/audits", params={"format": "csv"})
        assert refused.status_code == 401

        set_restriction(casework, case, "staff")
        answer = download(replica, "audits", "ndjson")
        assert AS_AT not in answer.headers
        assert str(case.audit_id) not in answer.text
    finally:
        pair.let_go()
    assert AS_AT in download(replica, "audits", "csv").headers


@pytest.mark.long
def test_without_a_replica_the_primary_answers_and_without_a_primary_nobody(
    reading: Reading, casework: Casework, database: Database, pair: Pair
) -> None:
    nowhere = "postgresql://qa_read@127.0.0.1:1/qa"
    alone = reading(database, report_url=SecretStr(nowhere))
    assert AS_AT not in download(alone, "services", "csv").headers
    of_primary = reading(database, report_url=SecretStr(database.read_url))
    assert AS_AT not in download(of_primary, "services", "csv").headers
    as_superuser = SecretStr(pair.standby.urls(database.name).superuser_url)
    unguarded = reading(database, report_url=as_superuser)
    assert AS_AT not in download(unguarded, "audits", "csv").headers

    lost = reading(database, read_url=SecretStr(nowhere), database_url=SecretStr(nowhere))
    for path in ("services?format=csv", "metrics/2026-27 Q3"):
        answer = lost.get(f"/v1/reporting/{path}")
        assert answer.status_code == 503
        assert int(answer.headers["retry-after"]) > 0
