"""Two versions of a report beside each other tell of nobody (R4.7.3, ADR 67)."""

from collections.abc import Callable
from uuid import UUID

import pytest

from qa_api.board.quarter_cells import SECTIONS, section_of
from qa_api.models.board import BoardReport
from qa_api.rules.rollups import FACTS
from qa_api.work import Work
from tests.api import Api, Json
from tests.board.conftest import NARRATIVE
from tests.board.test_metrics import metrics
from tests.board.test_publishing import counts, judgements
from tests.board.test_reports import presented
from tests.board.test_updates import begun
from tests.moderation.moderating import Moderating
from tests.reporting.copies import REPORTER
from tests.responses.casework import Casework

QUARTER, THEN = "2044-45 Q1", "2044-05-16T09:00:00Z"
NEXT = "2044-45 Q2"
TEAMS = ("boston-fast", "nk-and-sk-early-help", "lac-south")
SECTION = "audits/completed"


@pytest.fixture
def moderating(
    casework: Casework, board: Api, new_ref: Callable[[], str], at: Callable[[str], None]
) -> Moderating:
    return Moderating(casework.service, board, new_ref, at)


def audits(moderating: Moderating, each: int, judgement: str, quarter: str = THEN) -> list[str]:
    """So many of each of three teams."""
    return [
        audit
        for team in TEAMS
        for audit in moderating.audits(
            *[quarter] * each, judgement=judgement, team=team, worker=f"sw1-{team}"
        )
    ]


def report(board: Api, quarter: str = QUARTER) -> tuple[Json, str]:
    path = presented(board, quarter=quarter)
    found: Json = board.as_("qs-1").get(path).json()
    page = board.get(path, headers={"accept": "text/html"}).text
    return found, page


def told(figures: Json) -> tuple[object, ...]:
    """Everything that is told of completed audits."""
    doubts = [one for one in figures["doubts"] or () if one["rows"].startswith("/v1/audits?comp")]
    return (
        judgements(figures),
        figures["joined"],
        counts(figures, "family_contact"),
        figures["themes"],
        doubts,
    )


def standing(figures: Json) -> dict[str, Json]:
    return {one["section"]: one for one in figures["stands"]}


@pytest.mark.long
def test_no_difference_of_versions_tells_how_the_one_audit_was_judged_that_left(
    board: Api, moderating: Moderating, at: Callable[[str], None]
) -> None:
    """36 audits, 18 good and 18 requiring improvement; then 35, of which 17."""
    audits(moderating, 6, "good")
    left, *_ = audits(moderating, 6, "requires_improvement")
    at("2044-07-04T09:00:00Z")
    first, page = report(board)
    figures = first["snapshot"]["figures"]
    assert judgements(figures) == {
        "outstanding": 0,
        "good": 18,
        "requires_improvement": 18,
        "inadequate": 0,
    }
    assert figures["stands"] == []
    assert "As presented before" not in page

    moderating.restrict(left)
    at("2044-07-05T09:00:00Z")
    assert judgements(metrics(board, "qs-1", QUARTER))["requires_improvement"] == 17
    second, page = report(board)
    again = second["snapshot"]["figures"]
    assert told(again) == told(figures)
    assert second["snapshot"]["trend"][-1]["judgements"] == again["judgements"]
    charts = [
        [(one["chart"], one["points"]) for one in each["snapshot"]["charts"]]
        for each in (first, second)
    ]
    assert charts[0] == charts[1]
    said = standing(again)[SECTION]
    assert (said["presented_in"], said["number"]) == (QUARTER, first["number"])
    assert "it could tell of single ones" in said["sentence"]
    assert "<h2>As presented before</h2>" in page
    assert said["sentence"] in page
    assert told(metrics(board, REPORTER, QUARTER)) == told(figures), (
        "a tool reads what is presented"
    )

    # A service that submits late is told of as at the same instant as the whole.
    head = board.as_("hos-fast")
    update = begun(board, "fast", QUARTER)
    head.change("PUT", update, NARRATIVE)
    assert head.act(f"{update}/submit").status_code == 200
    third, _ = report(board)
    (own,) = (one["figures"] for one in third["snapshot"]["updates"] if one["figures"])
    assert counts(own, "family_contact")[1] == 12
    assert SECTION in standing(own)

    # The next quarter's trend and charts tell of it as it was presented.
    at("2044-10-04T09:00:00Z")
    following, _ = report(board, NEXT)
    (trend,) = (one for one in following["snapshot"]["trend"] if one["quarter"] == QUARTER)
    assert trend["judgements"] == again["judgements"]
    months = {
        point["month"]: point["number"]
        for one in following["snapshot"]["charts"]
        if one["chart"] == "audits_completed"
        for point in one["points"]
    }
    assert months.get("2044-05", 36) == 36


@pytest.mark.long
def test_what_came_is_told_anew_where_there_is_enough_of_it_and_a_few_more_are_not(
    board: Api, moderating: Moderating, at: Callable[[str], None]
) -> None:
    quarter, then = "2045-46 Q1", "2045-05-16T09:00:00Z"
    audits(moderating, 6, "good", then)
    audits(moderating, 6, "requires_improvement", then)
    at("2045-07-04T09:00:00Z")
    first, _ = report(board, quarter)
    _, amended, *_ = audits(moderating, 5, "good", then)
    at("2045-07-05T09:00:00Z")
    second, _ = report(board, quarter)
    found = second["snapshot"]["figures"]
    assert judgements(found)["good"] == 33
    assert SECTION not in standing(found)
    moderating.amend(amended, "requires_improvement")
    third, _ = report(board, quarter)
    said = standing(third["snapshot"]["figures"])[SECTION]
    assert said["number"] == second["number"]
    assert told(third["snapshot"]["figures"]) == told(found)

    # What a report of the first release was counted from nobody kept: it is repeated as it is.
    async def forget(work: Work) -> None:
        old = BoardReport(
            id=UUID(int=45),
            quarter=quarter,
            number=third["number"] + 1,
            title="As it was",
            state="draft",
            drafted_at=work.now,
            policy_version=work.policy_version,
        )
        work.session.add(old)
        await work.session.flush()
        like = await work.session.get_one(BoardReport, UUID(first["id"]))
        old.state, old.presented_at, old.snapshot = "presented", work.now, like.snapshot

    at("2045-07-06T09:00:00Z")
    moderating.service.work(forget)
    at("2045-07-07T09:00:00Z")
    report(board, quarter)
    fourth, page = report(board, quarter)
    repeated = fourth["snapshot"]["figures"]
    assert told(repeated) == told(first["snapshot"]["figures"])
    assert standing(repeated).keys() == SECTIONS.keys()
    assert fourth["snapshot"]["charts"] == first["snapshot"]["charts"]
    assert "As presented before" in page


def test_every_series_of_figures_is_in_a_section() -> None:
    assert {section_of(series) for series in FACTS} <= SECTIONS.keys()
