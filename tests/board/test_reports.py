"""Board reports: frozen, versioned, disseminated, printable (R4.7.2)."""

import re
from collections.abc import Callable
from html.parser import HTMLParser

import pytest

from tests.api import Api, Json
from tests.board.conftest import NARRATIVE
from tests.board.test_updates import begun
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


def test_a_late_audit_and_a_late_update_change_nothing_in_a_presented_report(
    casework: Casework, board: Api, at: Callable[[str], None]
) -> None:
    at("2026-09-07T09:00:00Z")
    for _ in range(5):
        casework.completed_audit()
    at("2026-11-23T09:30:00Z")
    path = presented(board)
    before = board.get(path).json()
    at("2026-09-08T09:00:00Z")
    casework.completed_audit()
    at("2026-11-24T09:30:00Z")
    head = board.as_("hos-corporate-parenting")
    update = begun(board, "corporate-parenting", QUARTER)
    head.change("PUT", update, NARRATIVE)
    assert head.act(f"{update}/submit").status_code == 200
    assert board.get(path).json() == before
    again = board.get(presented(board)).json()
    assert again["number"] == before["number"] + 1
    count = contacts(before)["denominator"]["count"]
    assert contacts(again)["denominator"]["count"] == count + 1
    said = {one["service"]: one for one in again["snapshot"]["updates"]}
    assert said["corporate-parenting"]["late"]
    assert said["corporate-parenting"]["narrative"] == NARRATIVE


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
    refused = board.as_("slt-1").act(f"{path}/receipts")
    assert (refused.status_code, refused.json()["permission"]) == (403, "board_report:acknowledge")


def test_decisions_are_added_to_a_presented_report_only(board: Api) -> None:
    path = drafted(board)
    decision = {"decision": "Closure audits everywhere.", "owner": "hos-fast"}
    assert board.act(f"{path}/decisions", decision).status_code == 409
    board.act(f"{path}/present")
    found = board.act(f"{path}/decisions", decision)
    assert found.json()["decisions"][0]["owner"] == "hos-fast"


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
