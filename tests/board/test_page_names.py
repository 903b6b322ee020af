"""On the Board's page workers have their names; nowhere else (R4.7.2)."""

import pytest

from tests.api import Api
from tests.board.test_reports import presented
from tests.conftest import Database, execute
from tests.records.test_page_names import names
from tests.responses.casework import Casework

HTML = {"accept": "text/html"}
OWNER, RECIPIENT = "hos-fast", "sw1-lincoln-fast"


@pytest.fixture
def path(casework: Casework, board: Api) -> str:
    """A presented report with a decision and a recipient."""
    path = presented(board)
    decision = {"decision": "Train all teams.", "owner": OWNER}
    assert board.act(f"{path}/decisions", decision).status_code == 200
    sent = board.act(f"{path}/disseminate", {"recipients": [RECIPIENT]})
    assert sent.status_code == 200, sent.text
    return path


def test_owners_and_recipients_are_called_by_their_names(board: Api, path: str) -> None:
    shown = board.get(path, headers=HTML).text
    for code in (OWNER, RECIPIENT):
        assert f">{names()[code]} ({code})</t" in shown
    assert [name for name in names().values() if name in board.get(path).text] == []


def test_who_may_not_read_the_report_is_told_no_name(board: Api, path: str) -> None:
    for person, status in (("sw2-lincoln-fast", 404), ("case-system-mosaic", 403)):
        answer = board.as_(person).get(path, headers=HTML)
        assert answer.status_code == status
        assert [name for name in names().values() if name in answer.text] == []


def test_a_name_that_went_is_on_no_page_from_then_on(
    board: Api, path: str, board_database: Database
) -> None:
    before = board.get(path, headers=HTML)
    assert names()[OWNER] in before.text
    execute(board_database.migrate_url, f"DELETE FROM worker_names WHERE worker = '{OWNER}'")
    asked = {**HTML, "if-none-match": before.headers["etag"]}
    after = board.get(path, headers=asked)
    assert after.status_code == 200
    assert names()[OWNER] not in after.text
    assert f"<td>{OWNER}</td>" in after.text
    execute(
        board_database.migrate_url,
        f"INSERT INTO worker_names VALUES ('{OWNER}', '<b>{names()[OWNER]}</b>')",
    )
    again = board.get(path, headers=HTML).text
    assert f"&lt;b&gt;{names()[OWNER]}&lt;/b&gt; ({OWNER})" in again
    execute(
        board_database.migrate_url,
        f"UPDATE worker_names SET name = '{names()[OWNER]}' WHERE worker = '{OWNER}'",
    )
