"""Figures side by side are those of the whole: they add up, and link to their rows (R4.7.3)."""

from collections.abc import Callable, Sequence

import pytest

from qa_api.auth.development import DevelopmentIssuer
from qa_api.auth.roles import Permission
from qa_api.board.rollup_cells import Cells, Grouping, cells_of
from qa_api.rules.local_time import FinancialQuarter
from qa_api.rules.metrics import CATALOGUE, Scope
from qa_api.rules.rollups import Cell, by_series, count, median
from qa_api.work import Workshop
from tests.api import Api, Json
from tests.board.conftest import Boardroom
from tests.board.test_metrics import metrics
from tests.closures.sending import CLOSED, PROPOSED, Episode
from tests.responses.casework import Casework

QUARTER = "2028-29 Q3"
NOW = "2028-11-25T09:30:00Z"


@pytest.fixture
def broken_down(
    casework: Casework, board: Api, new_ref: Callable[[], str], at: Callable[[str], None]
) -> Callable[..., Json]:
    """A quarter in which three teams of two services did something, and an earlier one."""
    at("2027-11-13T09:30:00Z")
    casework.completed_audit(actions=1)
    for team in ("lincoln-fast", "boston-fast", "lac-north"):
        at("2028-11-18T09:30:00Z")
        worker = f"sw1-{team}"
        case = casework.completed_audit(team=team, worker=worker, actions=1)
        casework.completed_audit(team=team, worker=worker, actions=0, restricted=True)
        casework.deliver(case)
        at("2028-11-20T09:30:00Z")
        if team != "lac-north":
            case.submit()
    at(NOW)
    episode = Episode(board, [new_ref()], team=None, worker=None)  # held by nobody known
    episode.tell(PROPOSED, 1, occurred_at=NOW)
    episode.tell(CLOSED, 2, occurred_at=NOW)

    def asked(by: str, person: str = "qs-1", **scope: str) -> Json:
        path = f"/v1/reporting/metrics/{QUARTER}/breakdown"
        answer = board.as_(person).get(path, params={"by": by, **scope})
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    return asked


def counts(row: Json) -> dict[str, tuple[int, int]]:
    return {one["key"]: (one["numerator"], one["denominator"]) for one in row["figures"]}


@pytest.mark.long
def test_the_rows_add_up_to_the_whole_and_link_to_what_they_count(
    broken_down: Callable[..., Json], board: Api
) -> None:
    for person, by in [
        ("qs-1", "team"),
        ("qs-1", "service"),
        ("qs-1", "type"),
        ("slt-1", "team"),
        ("hos-fast", "team"),
        ("tm-boston-fast", "type"),
    ]:
        found = broken_down(by, person)
        whole = metrics(board, person, QUARTER)
        said = {
            one["key"]: (one["numerator"]["count"], one["denominator"]["count"])
            for one in whole["figures"]
        }
        assert counts(found["whole"]) == said, (person, by)
        added = dict.fromkeys(said, (0, 0))
        for row in found["rows"]:
            for key, (above, below) in counts(row).items():
                added[key] = (added[key][0] + above, added[key][1] + below)
        assert added == said, (person, by)
        assert not _disagreeing(board, person, found), (person, by)
        assert [one["key"] for one in found["definitions"]] == list(said)


def _disagreeing(board: Api, person: str, found: Json) -> list[str]:
    parts = [
        (figure[f"{side}_rows"], figure[side])
        for row in [found["whole"], *found["rows"]]
        for figure in row["figures"]
        for side in ("numerator", "denominator")
        if figure[f"{side}_rows"] and figure[side]
    ]
    assert parts
    listed = {
        link: len(board.as_(person).get(f"{link}&limit=500").json()["items"]) for link, _ in parts
    }
    return [link for link, count in parts if listed[link] != count]


def test_a_row_says_what_the_figures_of_its_team_say(
    broken_down: Callable[..., Json], board: Api
) -> None:
    rows = {row["code"]: counts(row) for row in broken_down("team", service="fast")["rows"]}
    assert set(rows) == {"lincoln-fast", "boston-fast"}
    of_team = metrics(board, quarter=QUARTER, team="boston-fast", service="fast")
    assert rows["boston-fast"] == {
        one["key"]: (one["numerator"]["count"], one["denominator"]["count"])
        for one in of_team["figures"]
    }
    assert rows["boston-fast"]["responses_returned"][1] > 0


def test_what_no_known_team_holds_has_a_row_without_links_for_quality_and_standards(
    broken_down: Callable[..., Json],
) -> None:
    last = broken_down("team")["rows"][-1]
    assert last["code"] is None
    without, closed = counts(last)["closures_without_audit"]
    assert without == closed > 0
    assert {one["numerator_rows"] for one in last["figures"]} == {None}
    assert None not in {row["code"] for row in broken_down("team", "hos-fast")["rows"]}


def test_a_manager_s_rows_are_of_their_own_team(broken_down: Callable[..., Json]) -> None:
    rows = broken_down("team", "tm-boston-fast")["rows"]
    assert [row["code"] for row in rows] == ["boston-fast"]


@pytest.mark.long
def test_quarters_stand_side_by_side_each_as_it_is_by_itself(
    broken_down: Callable[..., Json], board: Api
) -> None:
    found = broken_down("quarter")
    assert [row["quarter"] for row in found["rows"]] == [
        "2027-28 Q3",
        "2027-28 Q4",
        "2028-29 Q1",
        "2028-29 Q2",
        "2028-29 Q3",
    ]
    assert not _disagreeing(board, "qs-1", found)
    earlier = counts(found["rows"][0])
    assert earlier["actions_open"][1] > 0
    assert counts(found["rows"][-1]) == counts(found["whole"])
    (alone,) = broken_down("quarter", since=QUARTER)["rows"]
    assert counts(alone) == counts(found["whole"])


@pytest.mark.parametrize(
    "asked",
    [
        {"by": "quarter", "since": "2029-30 Q1"},
        {"by": "quarter", "since": "2020-21 Q1"},
        {"by": "quarter", "since": "2020-22 Q1"},
        {"by": "team", "since": "2028-29 Q1"},
        {"by": "worker"},
        {},
    ],
)
def test_what_cannot_stand_side_by_side_is_refused(
    casework: Casework, board: Api, asked: dict[str, str]
) -> None:
    path = f"/v1/reporting/metrics/{QUARTER}/breakdown"
    assert board.as_("qs-1").get(path, params=asked).status_code == 422


@pytest.mark.long
def test_spans_that_differ_in_their_length_alone_are_one_cell(
    broken_down: Callable[..., Json],
    casework: Casework,
    at: Callable[[str], None],
    boardroom: Boardroom,
    issuer: DevelopmentIssuer,
) -> None:
    at("2028-11-18T09:30:00Z")
    case = casework.completed_audit(actions=1)
    casework.deliver(case)
    at("2028-11-22T09:30:00Z")
    case.submit()
    at(NOW)
    assert broken_down("team")
    quarter = FinancialQuarter.labelled(QUARTER)

    async def read(workshop: Workshop) -> list[Cells]:
        async with workshop.open(
            issuer=issuer.settings.issuer,
            subject="qs-1",
            permission=Permission.METRICS_READ,
            correlation_id="c",
        ) as work:
            return [
                await cells_of(work, (quarter,), Scope(), Grouping.SERVICE, folded=folded)
                for folded in (False, True)
            ]

    plain, folded = boardroom.service.works(read)
    assert plain.keys() == folded.keys()
    assert max(len(spans_of(cells)) for cells in plain.values()) > 1
    assert {len(spans_of(cells)) for cells in folded.values()} <= {0, 1}
    for group, cells in plain.items():
        for figure in CATALOGUE:
            told = [by_series(cells), by_series(folded[group])]
            assert len({count(figure.numerator, each) for each in told}) == 1
            if figure.span is not None:
                assert len({median(figure.numerator, figure.span, each) for each in told}) == 1


def spans_of(cells: Sequence[Cell]) -> list[Cell]:
    return [cell for cell in cells if cell.series == "audit-responses/due/notified_to_submitted"]
