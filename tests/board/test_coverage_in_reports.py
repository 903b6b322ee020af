"""A report tells who of the open children was looked at; its caseload stands (R4.4.4, R4.7.3)."""

from collections.abc import Callable, Sequence
from uuid import UUID

import pytest
from sqlalchemy import select

from qa_api.models.audits import Audit
from qa_api.models.subjects import Subject
from qa_api.retention.caseloads import forget_old_caseloads
from qa_api.work import Work
from tests.api import Api, Json
from tests.board.test_readers import given
from tests.board.test_reports import presented
from tests.moderation.moderating import Moderating
from tests.reporting.copies import REPORTER, Copy
from tests.responses.casework import Casework

QUARTER, LAST_DAY, THEN = "2040-41 Q1", "2040-06-30", "2040-05-15T09:00:00Z"
TEAMS = ("boston-fast", "nk-and-sk-early-help", "lincoln-fast", "lac-south", "lac-north", "cwd")
AFTER = "2040-08-20T09:30:00Z"


@pytest.fixture(autouse=True)
def _today(casework: Casework) -> None:
    """The clock stands, and casework begins."""


def send(board: Api, day: str, children: Sequence[Json], tag: str | None = None) -> int:
    """The case system sends who was open on a day; the status of the answer."""
    headers = {"if-match": tag} if tag else {"if-none-match": "*"}
    answer = board.as_("case-system-mosaic").request(
        "PUT", f"/v1/caseloads/{day}", json={"children": [*children]}, headers=headers
    )
    return answer.status_code


def audited_in(casework: Casework, moderating: Moderating, team: str, number: int) -> list[str]:
    """The references of so many children of a team who were audited in the quarter."""
    ids = moderating.audits(*[THEN] * number, team=team, worker=f"sw1-{team}")

    async def named(work: Work) -> list[str]:
        found = select(Subject.ref).join(Audit, Audit.subject_id == Subject.id)
        return [*await work.session.scalars(found.where(Audit.id.in_([UUID(id_) for id_ in ids])))]

    return casework.as_service(named)


def coverage(board: Api, path: str, person: str = "slt-1") -> Json:
    found: Json = board.as_(person).get(path).json()["snapshot"]["coverage"]
    return found


@pytest.mark.long
def test_a_report_tells_the_coverage_at_its_end_and_its_caseload_stands(
    casework: Casework, board: Api, new_ref: Callable[[], str], at: Callable[[str], None]
) -> None:
    moderating = Moderating(casework.service, board, new_ref, at)
    many = {team: audited_in(casework, moderating, team, 6) for team in TEAMS[:2]}

    def open_in(team: str, refs: Sequence[str]) -> list[Json]:
        return [{"ref": ref, "team": team, "status": "open"} for ref in refs]

    children = [one for team, refs in many.items() for one in open_in(team, refs)]
    for team, number in zip(TEAMS, (20, 20, 20, 20, 20, 3), strict=True):
        children += open_in(team, [new_ref() for _ in range(number)])
    at("2040-07-01T09:30:00Z")
    assert send(board, "2040-06-20", children[:30]) == 201, "further from the end"
    assert send(board, LAST_DAY, children) == 201
    # Its days are over, and its report is still to come.
    at(AFTER)
    while casework.as_service(forget_old_caseloads):
        pass
    assert board.get("/v1/caseloads/2040-06-20").status_code == 404
    path = presented(board, quarter=QUARTER)
    found = coverage(board, path)
    assert (found["day"], found["audited_from"]) == (LAST_DAY, "2039-07-01")
    assert (found["covered"]["audited"], found["covered"]["children"]) == (12, 115)
    assert found["covered"]["interval"]["low"] < 12 / 115 < found["covered"]["interval"]["high"]
    teams = {part["code"]: part["covered"] for part in found["parts"] if part["by"] == "team"}
    assert "cwd" not in teams, "three children, and a code would say that there are some"
    assert teams["boston-fast"]["children"] == 26
    assert found == board.as_("slt-1").get(f"/v1/caseloads/{LAST_DAY}/coverage").json()
    page = board.get(path, headers={"accept": "text/html"}).text
    assert "<h2>Who is looked at</h2>" in page
    assert "12 of 115" in page
    shown = page.partition("<h2>Who is looked at</h2>")[2].partition("<h2>")[0]
    assert "boston-fast" in shown
    assert "cwd" not in shown
    assert "open on 30 June 2040" in page
    _the_dataset_says_the_same(board, path, found)

    # Neither a late audit, nor another caseload of the day, nor time changes what it tells.
    audited_in(casework, moderating, TEAMS[0], 1)
    at("2040-08-21T09:30:00Z")
    tag = board.as_("case-system-mosaic").tag(f"/v1/caseloads/{LAST_DAY}")
    assert send(board, LAST_DAY, children[1:], tag) == 422  # too long ago
    assert coverage(board, presented(board, quarter=QUARTER)) == found
    at("2042-01-10T09:30:00Z")
    while casework.as_service(forget_old_caseloads):
        pass
    verified = board.as_("case-system-mosaic").post(f"/v1/caseloads/{LAST_DAY}/verify").json()
    assert (verified["same_count"], verified["same_hash"]) == (True, True)
    assert coverage(board, path) == found


def _the_dataset_says_the_same(board: Api, path: str, found: Json) -> None:
    copy = Copy(board.as_(REPORTER), "board-coverage").begin()
    rows = [one for one in copy.rows.values() if path.endswith(one["board_report"])]
    assert len(rows) == 1 + len(found["parts"])
    (whole,) = (row for row in rows if row["by"] == "authority")
    assert (whole["quarter"], whole["day"]) == (QUARTER, LAST_DAY)
    assert (whole["audited"], whole["children"], whole["enough"]) == (
        12,
        115,
        found["covered"]["enough"],
    )
    assert whole["low"] == found["covered"]["interval"]["low"]
    told = {(row["by"], row["part"]): row["children"] for row in rows if row is not whole}
    assert told == {
        (part["by"], part["code"]): part["covered"]["children"] for part in found["parts"]
    }


@pytest.mark.long
def test_a_caseload_that_a_report_tells_of_is_not_replaced(
    board: Api, new_ref: Callable[[], str], at: Callable[[str], None]
) -> None:
    day = "2041-03-31"
    at("2041-04-01T09:30:00Z")
    children = [{"ref": new_ref(), "team": TEAMS[0], "status": "open"} for _ in range(12)]
    assert send(board, day, children) == 201
    presented(board, quarter="2040-41 Q4")
    tag = board.as_("case-system-mosaic").tag(f"/v1/caseloads/{day}")
    assert send(board, day, children[1:], tag) == 409


def test_a_quarter_without_a_caseload_near_its_end_tells_none_and_keeps_none(
    casework: Casework, board: Api, new_ref: Callable[[], str], at: Callable[[str], None]
) -> None:
    day = "2041-10-15"
    at("2041-10-16T09:30:00Z")
    assert send(board, day, [{"ref": new_ref(), "team": TEAMS[0], "status": "open"}]) == 201
    path = presented(board, quarter="2041-42 Q2")
    assert coverage(board, path) is None
    assert "Who is looked at" not in board.get(path, headers={"accept": "text/html"}).text
    at("2041-11-25T09:30:00Z")
    while casework.as_service(forget_old_caseloads):
        pass
    assert board.get(f"/v1/caseloads/{day}").status_code == 404


@pytest.mark.long
def test_coverage_stands_against_whoever_leads_several_teams(
    casework: Casework, board: Api, new_ref: Callable[[], str], at: Callable[[str], None]
) -> None:
    """Seventeen children: with the manager of two teams and a colleague fifteen are known."""
    moderating = Moderating(casework.service, board, new_ref, at)

    def told(day: str) -> object:
        open_in = {"lincoln-fast": 5, "nk-and-sk-early-help": 5, "cwd": 5, "lac-south": 2}
        children = [
            {"ref": new_ref(), "team": team, "status": "open"}
            for team, number in open_in.items()
            for _ in range(number)
        ]
        at(f"{day}T19:30:00Z")
        assert send(board, day, children) == 201
        found: Json = board.as_("slt-1").get(f"/v1/caseloads/{day}/coverage").json()
        return found["covered"] and found["covered"]["children"]

    assert told("2043-06-29") == 17
    role = {"role": "team_manager", "scope": "team", "team": "cwd"}
    given(moderating, "tm-lincoln-fast", "2043-06-30", "2043-07-05", **role)
    assert told("2043-06-30") is None
