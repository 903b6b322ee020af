"""Figures are what the lists list (R4.7.3)."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.api import Api, Json
from tests.responses.casework import Casework

QUARTER = "2026-27 Q3"


def metrics(board: Api, person: str = "qs-1", quarter: str = QUARTER, **scope: str) -> Json:
    answer = board.as_(person).get(f"/v1/reporting/metrics/{quarter}", params=scope)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def parts(found: Json) -> list[Json]:
    """Everything that says a count and where its rows are."""
    themes, agreement = found["themes"], found["agreement"] or []
    figures = found["figures"] + [theme["audits"] for theme in themes]
    figures += [figure for scale in agreement for figure in scale["figures"]]
    scales = found["judgements"] + [s for theme in themes for s in theme["judgements"]]
    return [
        *(figure[side] for figure in figures for side in ("numerator", "denominator")),
        *(theme["completed"] for theme in themes),
        *(scale["denominator"] for scale in scales),
        *(judgement for scale in scales for judgement in scale["judgements"]),
    ]


def figure(found: Json, key: str) -> Json:
    return next(dict(one) for one in found["figures"] if one["key"] == key)


def disagreeing(board: Api, person: str, found: Json) -> list[str]:
    """The parts whose list has another number of rows."""
    wrong = []
    for part in parts(found):
        answer = board.as_(person).get(part["rows"] + "&limit=500")
        assert answer.status_code == 200, answer.text
        if len(answer.json()["items"]) != part["count"]:
            wrong.append(part["rows"])
    return wrong


AUDITS = st.lists(
    st.tuples(
        st.sampled_from(["lincoln-fast", "boston-fast"]),
        st.integers(0, 2),
        st.booleans(),
        st.sampled_from(["late", "in time", "not at all"]),
    ),
    min_size=1,
    max_size=4,
)


@pytest.mark.long
@settings(
    max_examples=1,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(AUDITS)
def test_every_figure_counts_exactly_the_rows_of_its_list(
    casework: Casework,
    board: Api,
    at: Callable[[str], None],
    audits: list[tuple[str, int, bool, str]],
) -> None:
    for team, actions, restricted, answered in audits:
        at("2026-11-23T09:30:00Z")
        case = casework.completed_audit(
            team=team, worker=f"sw1-{team}", actions=actions, restricted=restricted
        )
        if restricted:
            continue  # nobody is told through the case system
        casework.deliver(case)
        if actions and answered != "not at all":
            at("2026-12-03T09:30:00Z" if answered == "late" else "2026-11-25T09:30:00Z")
            case.submit()
    at("2026-12-10T09:30:00Z")
    scope = {"team": "boston-fast", "type": "collaborative"}
    assert not disagreeing(board, "qs-1", metrics(board))
    assert not disagreeing(board, "hos-fast", metrics(board, "hos-fast", **scope))


def test_a_manager_s_figures_hold_their_own_team_only(casework: Casework, board: Api) -> None:
    before = figure(metrics(board, "tm-boston-fast"), "family_contact")["denominator"]["count"]
    casework.completed_audit()
    after = metrics(board, "tm-boston-fast")
    assert figure(after, "family_contact")["denominator"]["count"] == before


def test_who_may_not_read_a_list_gets_no_figure_over_it(board: Api, casework: Casework) -> None:
    assert not [f for f in metrics(board, "slt-1")["figures"] if f["key"].startswith("urgent")]
    assert figure(metrics(board), "urgent_findings")


def test_the_median_time_to_respond_counts_working_days_only(
    casework: Casework, board: Api, at: Callable[[str], None]
) -> None:
    at("2027-05-28T09:00:00Z")  # a Friday; Monday 31 May is a bank holiday
    team = "west-lindsey-fast"
    case = casework.completed_audit(actions=1, team=team, worker=f"sw1-{team}")
    casework.deliver(case)
    at("2027-06-02T09:00:00Z")
    case.submit()
    found = metrics(board, quarter="2027-28 Q1", team=team)
    assert figure(found, "response_time")["value"] == 2


def test_a_quarter_that_does_not_exist_is_refused(board: Api, casework: Casework) -> None:
    assert board.get("/v1/reporting/metrics/2026-28 Q1").status_code == 422
