"""Board reports: frozen, versioned, disseminated, printable (R4.7.2)."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from html.parser import HTMLParser
from itertools import islice

import pytest

from tests.api import Api, Json, held_elsewhere
from tests.board.conftest import NARRATIVE
from tests.board.test_updates import begun
from tests.conftest import Database, execute
from tests.http.test_waiting import locked, wait_until
from tests.responses.casework import Casework

QUARTER = "2026-27 Q2"


def drafted(board: Api, **changes: str) -> str:
    body = {"quarter": QUARTER, "title": "July to September", **changes}
    answer = board.create("/v1/board-reports", body)
    assert answer.status_code == 201, answer.text
    return str(answer.headers["location"])


def presented(board: Api, **changes: str) -> str:
    path = drafted(board, **changes)
    answer = board.act(f"{path}/present")
    assert answer.status_code == 200, answer.text
    return path


def contacts(report: Json) -> Json:
    figures = report["snapshot"]["figures"]["figures"]
    return next(dict(one) for one in figures if one["key"] == "family_contact")


@pytest.fixture(autouse=True)
def _today(casework: Casework) -> None:
    """The Monday on which casework begins, after the quarter."""


@pytest.mark.long
def test_a_late_audit_and_a_late_update_change_nothing_in_a_presented_report(
    casework: Casework, board: Api, at: Callable[[str], None]
) -> None:
    own = "2027-28 Q3"
    at("2027-11-15T09:00:00Z")
    for _ in range(5):
        casework.completed_audit()
    at("2028-02-21T09:30:00Z")
    path = presented(board, quarter=own)
    before = board.get(path).json()
    at("2027-11-16T09:00:00Z")
    for _ in range(5):  # enough to be told anew
        casework.completed_audit()
    at("2028-02-22T09:30:00Z")
    head = board.as_("hos-corporate-parenting")
    update = begun(board, "corporate-parenting", own)
    head.change("PUT", update, NARRATIVE)
    assert head.act(f"{update}/submit").status_code == 200
    assert board.get(path).json() == before
    again = board.get(presented(board, quarter=own)).json()
    assert again["number"] == before["number"] + 1
    count = contacts(before)["denominator"]["count"]
    assert contacts(again)["denominator"]["count"] == count + 5
    said = {one["service"]: one for one in again["snapshot"]["updates"]}
    assert said["corporate-parenting"]["late"]
    assert said["corporate-parenting"]["narrative"] == NARRATIVE


@pytest.mark.long
def test_of_drafts_presented_at_once_one_is_the_next_version_and_the_others_stay_drafts(
    board: Api, board_database: Database
) -> None:
    quarter = "2025-26 Q1"
    drafts = [drafted(board, quarter=quarter) for _ in range(3)]
    with ThreadPoolExecutor(3) as pool:
        with locked(
            board_database, "SELECT pg_advisory_xact_lock(hashtextextended('board reports', 0))"
        ):
            asked = [pool.submit(board.act, f"{path}/present") for path in drafts]
            # However long the first one takes: it has not ended when the others are answered.
            refused = [one.result() for one in islice(as_completed(asked), 2)]
        answers = [one.result() for one in asked]
    assert [one.status_code for one in refused] == [409, 409]
    assert sorted(one.status_code for one in answers) == [200, 409, 409]
    for answer in refused:
        said = answer.json()["detail"]
        assert "Another version of the report on this quarter is being presented" in said
    states = [board.get(path).json()["state"] for path in drafts]
    assert sorted(states) == ["draft", "draft", "presented"]
    left = drafts[states.index("draft")]
    assert board.act(f"{left}/present").status_code == 200
    assert board.get(left).json()["number"] == 2


@pytest.mark.long
def test_who_is_refused_while_another_is_presented_is_not_told_that_it_was_if_that_one_fails(
    board: Api, board_database: Database
) -> None:
    """The first one waits for the report of another quarter, and is cut off while it waits."""
    quarter = "2025-26 Q2"
    first, second = (drafted(board, quarter=quarter) for _ in range(2))
    waiting = "FROM pg_locks WHERE NOT granted AND locktype = 'advisory'"
    with (
        ThreadPoolExecutor(1) as pool,
        locked(
            board_database, "SELECT pg_advisory_xact_lock(hashtextextended('board reports', 0))"
        ),
    ):
        asked = pool.submit(board.act, f"{first}/present")
        wait_until(board_database, f"EXISTS (SELECT {waiting})")
        refused = board.act(f"{second}/present")
        execute(board_database.database_url, f"SELECT pg_terminate_backend(pid) {waiting}")
        assert asked.result().status_code >= 500
    assert refused.status_code == 409
    said = refused.json()["detail"]
    assert "is being presented" in said
    assert "If it was not, present yours again" in said
    assert board.get(first).json()["state"] == "draft"
    assert board.act(f"{second}/present").status_code == 200
    assert board.get(second).json()["number"] == 1


def test_a_draft_for_the_board_is_edited(board: Api) -> None:
    path = drafted(board)
    edited = board.change("PUT", path, {"title": "The second quarter"})
    assert (edited.status_code, edited.json()["title"]) == (200, "The second quarter")


def test_what_was_presented_is_not_edited(board: Api) -> None:
    path = presented(board)
    assert board.change("PUT", path, {"title": "Another"}).status_code == 409
    assert board.act(f"{path}/present").status_code == 409


def test_a_report_is_disseminated_with_receipts(board: Api) -> None:
    path = presented(board)
    worker = board.as_("sw1-lincoln-fast")
    assert worker.get(path).status_code == 404
    sent = board.act(f"{path}/disseminate", {"recipients": ["sw1-lincoln-fast"]})
    assert sent.status_code == 200, sent.text
    assert sent.json()["receipts"][0]["received_at"] is None
    received = worker.act(f"{path}/receipts")
    assert received.status_code == 200, received.text
    assert received.json()["receipts"] == []  # who else has it is not theirs to know
    assert board.get(path).json()["receipts"][0]["received_at"]
    assert held_elsewhere(board.as_("slt-1").act(f"{path}/receipts"), "board_report:acknowledge")


def test_decisions_are_added_to_a_presented_report_only(board: Api) -> None:
    path = drafted(board)
    decision = {"decision": "Closure audits everywhere.", "owner": "hos-fast"}
    assert board.act(f"{path}/decisions", decision).status_code == 409
    board.act(f"{path}/present")
    found = board.act(f"{path}/decisions", decision)
    assert found.json()["decisions"][0]["owner"] == "hos-fast"


def decided(board: Api, **decision: str) -> str:
    """The path of a decision upon a report that was presented."""
    path = presented(board)
    body = {"decision": "Closure audits everywhere.", **decision}
    answer = board.act(f"{path}/decisions", body)
    assert answer.status_code == 200, answer.text
    return f"/v1/board-decisions/{answer.json()['decisions'][-1]['id']}"


def in_work(board: Api, person: str, path: str) -> Json | None:
    items = board.as_(person).work("kind=do")
    return next((dict(item) for item in items if item["path"] == path), None)


@pytest.mark.long
def test_a_decision_is_in_its_owner_s_work_until_it_is_done(board: Api) -> None:
    owner = "tm-lincoln-fast"
    path = decided(board, owner=owner, due_on="2026-11-20")
    item = in_work(board, owner, path)
    assert item is not None
    assert (item["due_on"], item["overdue"]) == ("2026-11-20", True)
    assert in_work(board, "hos-fast", path) is in_work(board, "qs-1", path) is None
    # Its owner reads the decision, although the report itself was not sent to them.
    whole = board.as_(owner).get(path).json()
    assert (whole["allowed_actions"], whole["overdue"]) == (["complete"], True)
    assert board.as_(owner).get(f"/v1/board-reports/{whole['report_id']}").status_code == 404
    listed = board.as_(owner).get(f"/v1/board-decisions?owner={owner}&done=false&limit=500")
    assert whole["id"] in {row["id"] for row in listed.json()["items"]}
    assert board.as_("sw1-lincoln-fast").get(path).status_code == 404
    leader = board.as_("hos-fast")
    refused = leader.act(f"{path}/complete", {"how": "Done."})
    assert held_elsewhere(refused, "board_decision:complete")
    done = board.as_(owner).act(f"{path}/complete", {"how": "Every team has had one."})
    assert done.status_code == 200, done.text
    assert (done.json()["done_by"], done.json()["allowed_actions"]) == (owner, [])
    assert in_work(board, owner, path) is None
    assert board.as_(owner).act(f"{path}/complete", {"how": "Again."}).status_code == 409
    report = board.get(f"/v1/board-reports/{whole['report_id']}").json()
    assert report["decisions"][-1]["done_how"] == "Every team has had one."


@pytest.mark.long
def test_a_decision_without_an_owner_is_in_the_work_of_quality_and_standards(board: Api) -> None:
    path = decided(board)
    assert in_work(board, "qs-1", path)
    assert board.act(f"{path}/complete", {"how": "Seen to."}).status_code == 200
    assert in_work(board, "qs-1", path) is None


def test_drafts_are_for_quality_and_standards(board: Api) -> None:
    path = drafted(board)
    assert board.as_("slt-1").get(path).status_code == 404
    board.act(f"{path}/present")
    assert board.as_("slt-1").get(path).status_code == 200


class Elements(HTMLParser):
    """What stands in a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_the_page_stands_alone_and_says_what_people_wrote_as_text(board: Api) -> None:
    hostile = '<script>alert("x")</script> & <img src=x>'
    path = presented(board, title=hostile, summary=hostile)
    answer = board.get(path, headers={"accept": "text/html"})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["vary"] == "Accept"
    page = Elements()
    page.feed(answer.text)
    tags = {tag for tag, _ in page.found}
    assert not tags & {"script", "img", "link", "iframe", "object"}
    for _, attributes in page.found:
        assert not {"src", "href", "onload", "onclick"} & set(attributes)
    assert not re.search(r"@import|url\((?!#)", answer.text)
    assert "&lt;script&gt;" in answer.text


def test_every_chart_is_named_and_described_and_every_table_captioned(board: Api) -> None:
    page = board.get(presented(board), headers={"accept": "text/html"}).text
    charts = re.findall(r'<svg role="img".*?</svg>', page, re.DOTALL)
    assert charts
    for chart in charts:
        (named,) = re.findall(r'aria-labelledby="([^"]*)"', chart)
        for key in named.split():
            assert chart.count(f'id="{key}"') == 1
    assert page.count("<table>") == page.count("<table><caption>")


def test_the_page_has_a_tag_of_its_own_and_other_forms_are_refused(board: Api) -> None:
    path = presented(board)
    page = board.get(path, headers={"accept": "text/html"})
    assert page.headers["etag"] != board.get(path).headers["etag"]
    asked = {"accept": "text/html", "if-none-match": page.headers["etag"]}
    assert board.get(path, headers=asked).status_code == 304
