"""Two versions of a report beside each other tell of nobody (R4.7.3, ADR 67)."""

from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import undefer

from qa_api.board.quarter_cells import (
    PAIRS,
    SECTIONS,
    WORKERS,
    QuarterCells,
    cells_now,
    key_of,
    section_of,
)
from qa_api.board.quarter_rows import QuarterRows
from qa_api.board.serving import WHOLE_AUTHORITY
from qa_api.models.board import BoardReport, BoardReportRows
from qa_api.moderation.figures import PairOfTeam, pairs_by_team
from qa_api.rules.local_time import FinancialQuarter
from qa_api.rules.rollups import FACTS
from qa_api.work import Work
from tests.api import Api, Json
from tests.board.conftest import NARRATIVE
from tests.board.test_metrics import metrics
from tests.board.test_publishing import counts, judgements
from tests.board.test_reports import presented
from tests.board.test_updates import begun
from tests.directory.test_policy_by_two import decide, proposed
from tests.moderation.moderating import Moderating
from tests.moderation.profiles import completed, published_tool
from tests.planning.quarters import Planning
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


def audits(
    moderating: Moderating, each: int, judgement: str, quarter: str = THEN, **facts: Any
) -> list[str]:
    """So many of each of three teams."""
    return [
        audit
        for team in TEAMS
        for audit in moderating.audits(
            *[quarter] * each, judgement=judgement, team=team, worker=f"sw1-{team}", **facts
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


@pytest.mark.long
def test_one_that_left_and_one_that_came_in_its_place_are_seen_and_what_nobody_kept_stands(
    board: Api, moderating: Moderating, at: Callable[[str], None]
) -> None:
    quarter, then = "2046-47 Q1", "2046-05-16T09:00:00Z"
    left, *_ = audits(moderating, 6, "good", then)
    audits(moderating, 6, "requires_improvement", then)
    at("2046-07-04T09:00:00Z")
    first, _ = report(board, quarter)

    # The rows that are kept are those that were counted, and the service alone reads them.
    async def kept(work: Work) -> list[BoardReportRows]:
        found = select(BoardReportRows).where(BoardReportRows.report_id == UUID(first["id"]))
        return list(await work.session.scalars(found))

    async def cells(work: Work) -> Mapping[FinancialQuarter, QuarterCells]:
        return await cells_now(
            replace(work, actor=WHOLE_AUTHORITY), [FinancialQuarter.labelled(quarter)]
        )

    def counted(found: QuarterCells) -> Counter[Hashable]:
        counts = Counter[Hashable]()
        for holder, own in found.cells.items():
            for cell in own:
                counts[holder, key_of(cell)] += cell.number
        return counts

    ((of, now),) = moderating.service.work(cells).items()
    rows = {
        one.section: QuarterRows.read(of, one.section, one.rows)
        for one in moderating.service.work(kept)
        if one.quarter == quarter
    }
    assert counted(rows[SECTION].cells) == counted(now.section(SECTION))
    lists = SECTIONS.keys() - {PAIRS, WORKERS}
    assert sum(counted(now).values()) == sum(
        sum(counted(rows[name].cells).values()) for name in lists
    )

    moderating.restrict(left)
    moderating.audits(then, judgement="good", team=TEAMS[0], worker=f"sw1-{TEAMS[0]}")
    at("2046-07-05T09:00:00Z")
    assert judgements(metrics(board, "qs-1", quarter))["good"] == 18
    second, _ = report(board, quarter)
    said = standing(second["snapshot"]["figures"])[SECTION]
    assert (said["number"], "it could tell of single ones" in said["sentence"]) == (1, True)

    # A report from before rows were kept: whatever changed, its figures are repeated.
    async def before(work: Work) -> None:
        old = BoardReport(
            id=UUID(int=46),
            quarter=quarter,
            number=3,
            title="As it was",
            state="draft",
            drafted_at=work.now,
            policy_version=work.policy_version,
        )
        work.session.add(old)
        await work.session.flush()
        like = await work.session.get_one(
            BoardReport, UUID(first["id"]), options=[undefer(BoardReport.counted)]
        )
        old.state, old.presented_at, old.snapshot = "presented", work.now, like.snapshot
        own = {"quarter": quarter, "number": 3, "as_at": work.now.isoformat()}
        of_own_quarter = (like.counted or {})[quarter]
        old.counted = {quarter: {name: {**one, **own} for name, one in of_own_quarter.items()}}

    moderating.service.work(before)
    audits(moderating, 6, "good", then)
    at("2046-07-06T09:00:00Z")
    third, page = report(board, quarter)
    figures = third["snapshot"]["figures"]
    assert told(figures) == told(first["snapshot"]["figures"])
    assert "it was not kept yet which single ones were counted" in page
    assert "not kept yet" in standing(figures)[SECTION]["sentence"]


@pytest.mark.long
def test_one_audit_that_left_is_in_no_figure_of_themes_moderation_or_agreement(
    board: Api, moderating: Moderating, at: Callable[[str], None]
) -> None:
    quarter, then = "2048-49 Q1", "2048-05-16T09:00:00Z"
    at(then)
    planning = Planning(board.as_("qs-1"), moderating.new_ref)
    theme = planning.theme()
    plan = planning.published(theme, dict.fromkeys(TEAMS, 6), quarter=quarter).rpartition("/")[2]
    good, bad = (
        audits(moderating, 6, one, then, planned=(UUID(plan), theme))
        for one in ("good", "requires_improvement")
    )
    pairs = [*[("good", "good")] * 12, *[("good", "requires_improvement")] * 6]
    moderating.judged([*good, *bad], *pairs, *[("requires_improvement",) * 2] * 18)
    at("2048-07-04T09:00:00Z")
    first, _ = report(board, quarter)
    figures = first["snapshot"]["figures"]
    (said,) = figures["themes"]
    assert (said["theme"], said["completed"]["count"]) == (theme, 36)
    assert [one["count"] for one in said["judgements"][0]["judgements"]] == [0, 18, 18, 0]
    (agreed,) = figures["agreement"]
    assert agreed["figures"][0]["denominator"]["count"] == 36
    assert figures["judgements"][0]["moderated_pairs"] == 36

    # Whose case it is reads both judgements in the record, not who leads the auditor's team.
    async def pairs_now(work: Work) -> Sequence[PairOfTeam]:
        await work.act_as_service()
        kept = replace(work, actor=WHOLE_AUTHORITY)
        return await pairs_by_team(kept, FinancialQuarter.labelled(quarter))

    of_teams = Counter(pair.team for pair in moderating.service.work(pairs_now))
    assert of_teams == dict.fromkeys(TEAMS, 12)

    moderating.restrict(bad[0])
    at("2048-07-05T09:00:00Z")
    now = metrics(board, "qs-1", quarter)
    assert now["themes"][0]["completed"]["count"] == 35
    assert now["agreement"][0]["figures"][0]["denominator"]["count"] == 35
    second, _ = report(board, quarter)
    again = second["snapshot"]["figures"]
    assert {SECTION, PAIRS} <= standing(again).keys()
    for name in ("figures", "judgements", "joined", "themes", "agreement", "beyond_chance"):
        assert again[name] == figures[name], name
    assert again["doubts"] == figures["doubts"]
    assert again["after_moderation"] == figures["after_moderation"]
    assert second["snapshot"]["charts"] == first["snapshot"]["charts"]


@pytest.mark.long
def test_one_audit_that_was_amended_is_in_no_figure_of_domains(
    board: Api, moderating: Moderating, at: Callable[[str], None]
) -> None:
    quarter, then = "2049-50 Q1", "2049-05-16T09:00:00Z"
    at(then)
    tool = published_tool(board.as_("qs-1"), "versions", "four-point", "versions_voice")
    made: list[UUID] = []

    async def complete(work: Work) -> None:
        for team in TEAMS:
            for judgement in ("good", "requires_improvement"):
                for _ in range(6):
                    said = {"versions_voice": judgement}
                    audit = await completed(work, moderating, tool, "four-point", said, team=team)
                    made.append(audit.id)

    moderating.service.work(complete)
    at("2049-07-04T09:00:00Z")
    first, _ = report(board, quarter)
    figures = first["snapshot"]["figures"]
    (scale,) = figures["judgements"]
    assert scale["domain_key"] == "versions_voice"
    assert [one["count"] for one in scale["judgements"]] == [0, 18, 18, 0]

    moderating.amend(str(made[0]), "requires_improvement", "versions_voice")
    at("2049-07-05T09:00:00Z")
    (now,) = metrics(board, "qs-1", quarter)["judgements"]
    assert [one["count"] for one in now["judgements"]] == [0, 17, 19, 0]
    second, _ = report(board, quarter)
    again = second["snapshot"]["figures"]
    assert SECTION in standing(again)
    assert told(again) == told(figures)
    assert second["snapshot"]["charts"] == first["snapshot"]["charts"]


def test_every_series_of_figures_is_in_a_section() -> None:
    assert {section_of(series) for series in FACTS} <= SECTIONS.keys()


@pytest.mark.long
def test_months_that_a_later_quarter_s_report_was_the_first_to_chart_are_compared(
    board: Api, moderating: Moderating, at: Callable[[str], None]
) -> None:
    """Fifteen left, five of each team: enough of them in the quarter, one of them in a month."""
    earlier, quarter, later = (f"2070-71 Q{number}" for number in (1, 2, 3))
    audits(moderating, 1, "good", "2070-04-16T09:00:00Z")
    audits(moderating, 6, "good", "2070-05-16T09:00:00Z")
    judged: dict[int, list[str]] = {}
    for month in (7, 8, 9):
        audits(moderating, 6, "good", f"2070-{month:02}-16T09:00:00Z")
        judged[month] = audits(moderating, 9, "inadequate", f"2070-{month:02}-16T09:00:00Z")
    at("2070-10-04T09:00:00Z")
    first, _ = report(board, quarter)
    assert charted(first) is None, "a month has too few"

    audits(moderating, 5, "good", "2070-04-16T09:00:00Z")
    at("2070-10-05T09:00:00Z")
    report(board, earlier)
    at("2071-01-05T09:00:00Z")
    shown = charted(report(board, later)[0])
    assert shown is not None
    assert shown["2070-09"] == 45

    july, august, september = judged[7], judged[8], judged[9]
    left = [*july[:3], *july[9:11], *july[18:20], *august[:2], *august[9:12], *august[18:20]]
    for audit in (*left, september[18]):
        moderating.restrict(audit)
    at("2071-01-06T09:00:00Z")
    second, _ = report(board, quarter)
    assert SECTION in standing(second["snapshot"]["figures"])
    again = charted(report(board, later)[0])
    assert again is not None
    assert again["2070-09"] == 45


@pytest.mark.long
def test_months_that_a_lower_minimum_charted_first_are_compared_under_the_one_after_it(
    board: Api, moderating: Moderating, at: Callable[[str], None]
) -> None:
    quarter, later = "2085-86 Q1", "2085-86 Q3"
    april, may, june = (
        audits(moderating, each, "inadequate", f"2085-{month:02}-16T09:00:00Z")
        for month, each in ((4, 2), (5, 9), (6, 9))
    )
    at("2085-07-04T09:00:00Z")
    assert charted(report(board, quarter)[0]) is None
    at("2086-01-04T09:00:00Z")
    admin = board.as_("admin-1")
    lowered = proposed(admin, "2086-01-05", small_cell_minimum=2)
    assert board.as_("qs-1").act(f"{lowered}/confirm").status_code == 200
    assert decide(admin, "2086-01-06", small_cell_minimum=5).status_code == 201
    at("2086-01-05T09:00:00Z")
    shown = charted(report(board, later)[0])
    assert shown is not None
    assert shown["2085-04"] == 6

    left = [*april[5:], *may[:3], *may[9:11], *may[18:20], *june[:2], *june[9:12], *june[18:20]]
    for audit in left:
        moderating.restrict(audit)
    at("2086-01-06T09:00:00Z")
    second, _ = report(board, quarter)
    assert second["snapshot"]["small_cell_minimum"] == 5
    assert SECTION in standing(second["snapshot"]["figures"])


def charted(told: Json) -> dict[str, int] | None:
    """Completed audits by month, as a report charts them; None where that is withheld."""
    (found,) = (one for one in told["snapshot"]["charts"] if one["chart"] == "audits_completed")
    if found["withheld"]:
        return None
    return {point["month"]: point["number"] for point in found["points"]}
