"""R4.7.3: the Board's figures month by month, and the changes that people mark."""

import re
from collections.abc import Callable, Iterator

import pytest

from qa_api.auth.development import DevelopmentIssuer
from qa_api.rules.funnels import ALL_THE_SAME
from qa_api.rules.local_time import Month
from qa_api.rules.trends import months_of, named
from tests.api import Api, Json
from tests.board.conftest import Boardroom, boardroom_over
from tests.board.test_reports import presented
from tests.board.test_updates import submitted
from tests.conftest import Clone
from tests.moderation.moderating import Moderating
from tests.reporting.copies import REPORTER
from tests.responses.casework import Casework

TEAM, QUARTER = "north-kesteven-fast", "2033-34 Q2"
HTML = {"accept": "text/html"}
STEADY = (6, 7, 6, 5, 6, 8, 7, 6, 5, 6, 7, 6)
"""Audits completed in each month from June 2032 on, before the last three."""


@pytest.fixture(scope="module")
def boardroom(clone_of_authority: Clone, issuer: DevelopmentIssuer) -> Iterator[Boardroom]:
    """Of this module alone: which counts can be shown depends on those of all other services."""
    with boardroom_over(clone_of_authority(), issuer) as made:
        yield made


@pytest.fixture(autouse=True)
def _fifteen_months(
    done: set[str],
    casework: Casework,
    board: Api,
    new_ref: Callable[[], str],
    at: Callable[[str], None],
) -> None:
    """Of one team; in the last month there are many, and one is inadequate."""
    if not done:
        done.add("audits")
        moderating = Moderating(casework.service, board, new_ref, at)
        held = {"team": TEAM, "worker": f"sw1-{TEAM}"}
        month = Month(2032, 6)
        for number in (*STEADY, 6, 7, 16):
            instant = f"{month.label}-15T09:00:00Z"
            moderating.audits(*[instant] * (number - 1), **held)
            judgement = "good" if number < 10 else "inadequate"
            moderating.audits(instant, judgement=judgement, **held)
            month = month.next
    at("2033-10-03T09:00:00Z")


def charts(board: Api, person: str = "qs-1", quarter: str = QUARTER, **scope: str) -> Json:
    path = f"/v1/reporting/metrics/{quarter}/charts"
    answer = board.as_(person).get(path, params=scope)
    assert answer.status_code == 200, answer.text
    return {f"{one['chart']}": one for one in answer.json()["charts"]}


def test_each_month_counts_what_the_list_lists(board: Api) -> None:
    chart = charts(board, team=TEAM)["audits_completed"]
    counted = {point["month"]: point["number"] for point in chart["points"]}
    assert [*counted.values()] == [*STEADY, 6, 7, 16, 0]
    for label in ("2032-06", "2033-08", "2033-09"):
        month = Month.labelled(label)
        dated = f"completed_from={month.starts_on}&completed_to={month.next.starts_on}"
        listed = board.as_("qs-1").get(f"/v1/audits?team={TEAM}&{dated}&limit=500").json()["items"]
        assert len(listed) == counted[label]


def test_rose_is_said_where_a_rule_fires_and_only_there(board: Api) -> None:
    chart = charts(board, team=TEAM)["audits_completed"]
    assert chart["says"] == "fell", "the last month has none at all"
    told = {signal["rule"]: signal["sentence"] for signal in chart["signals"]}
    assert set(told) == {"outside"}
    outside = [point["month"] for point in chart["points"] if point["rules"] == ["outside"]]
    assert outside == ["2033-08", "2033-09"]
    earlier = charts(board, quarter="2033-34 Q1", team=TEAM)["audits_completed"]
    assert earlier["says"] == "no_change"
    assert earlier["sentence"] == "Audits completed: no change beyond chance (trial limits)."
    assert earlier["points"][0]["limits"] == chart["points"][-1]["limits"], "they are locked"


def test_a_share_has_limits_by_how_many_there_were_and_its_own_scale(board: Api) -> None:
    chart = charts(board, team=TEAM)["judged_escalating"]
    assert (chart["scale_code"], chart["kind"]) == ("four-point", "p")
    last = chart["points"][-1]
    assert (last["month"], last["number"], last["of"]) == ("2033-08", 1, 16)
    limits = {"mean": 0, "low": 0, "high": round(3 / 16, 4)}
    assert last["limits"] == limits, "in the first twelve months there was none"
    assert (chart["says"], chart["trial"]) == ("no_change", True)


def test_of_a_quarter_of_which_no_month_is_over_a_chart_says_nothing(board: Api) -> None:
    chart = charts(board, quarter="2033-34 Q3", team=TEAM)["audits_completed"]
    assert chart["says"] == "no_months"
    none = "from October 2033 on no month that is over has anything to count"
    assert chart["sentence"] == f"Audits completed: nothing to say, {none}."


def test_a_manager_reads_the_charts_of_their_own_team(board: Api) -> None:
    own = charts(board, f"tm-{TEAM}")["audits_completed"]
    assert own["points"] == charts(board, team=TEAM)["audits_completed"]["points"]
    other = charts(board, "tm-lac-north", team=TEAM)["audits_completed"]
    assert (other["points"], other["says"]) == ([], "too_few")


def test_who_lists_no_rows_is_shown_no_chart_of_few(board: Api) -> None:
    found = charts(board, REPORTER)
    assert found
    for chart in found.values():
        if chart["withheld"]:
            assert chart["points"] == chart["signals"] == chart["stretches"] == []
            assert chart["says"] is None
            assert "not shown" in chart["sentence"]
        for point in chart["points"] if chart["chart"] != "response_time" else ():
            assert point["number"] == 0 or point["number"] >= 5
    assert found["judged_escalating"]["withheld"], "a month has one that is inadequate"
    refused = board.as_(REPORTER).get(
        f"/v1/reporting/metrics/{QUARTER}/charts", params={"team": TEAM}
    )
    assert refused.status_code == 403
    assert refused.json()["permission"] == "metrics:break_down"


@pytest.mark.long
def test_the_page_has_the_chart_its_words_and_a_table(board: Api) -> None:
    page = board.get(presented(board, quarter=QUARTER), headers=HTML).text
    shown = page[page.index("<h2>A trend or chance</h2>") : page.index("<h2>Trend</h2>")]
    titles = re.findall(r"<h3>(.*?)</h3>", shown)
    assert "Audits completed" in titles
    for heading in titles:
        section = shown[shown.index(f"<h3>{heading}</h3>") :].partition("<h3>")[2]
        section = section.partition("<h3>")[0]
        assert ("<svg" in section) == ("<table>" in section)
        assert "<svg" in section or "not shown" in section or "too few months" in section


@pytest.mark.long
def test_services_stand_side_by_side_where_three_show_their_counts(
    board: Api, at: Callable[[str], None], casework: Casework, new_ref: Callable[[], str]
) -> None:
    quarter, heads = "2034-35 Q1", ("fast", "early-help", "corporate-parenting")
    moderating = Moderating(casework.service, board, new_ref, at)
    for team, number in (("boston-fast", 30), ("nk-and-sk-early-help", 9), ("lac-south", 8)):
        held = {"team": team, "worker": f"sw1-{team}"}
        moderating.audits(*["2034-05-15T09:00:00Z"] * number, **held)
    at("2034-07-03T09:00:00Z")
    for service in heads:
        submitted(board, service, quarter)
    page = board.as_("qs-1").get(presented(board, quarter=quarter), headers=HTML).text
    shown = page[page.index("<h2>Services side by side</h2>") : page.index("<h2>Updates of the")]
    assert "Family contact, side by side" in shown
    for service in heads:
        assert f'<th scope="row">{service}</th>' in shown
    assert shown.count(ALL_THE_SAME) == 6, "in the table and for a reader: none had any contact"
    few = board.as_("qs-1").get(presented(board, quarter=QUARTER), headers=HTML).text
    assert "Services side by side" not in few


# --- changes ---


def marked(board: Api, month: str, person: str = "qs-1", **changes: str) -> Json:
    body = {"chart": "response_time", "month": month, "why": "Managers read every response."}
    answer = board.as_(person).create("/v1/chart-changes", body | changes)
    return {"status": answer.status_code, **answer.json()}


@pytest.mark.long
def test_a_marked_change_has_new_limits_and_says_why(board: Api) -> None:
    why = "From July on two teams audit together."
    change = marked(board, "2033-07", chart="audits_completed", why=why)
    assert (change["status"], change["month"], change["marked_by"]) == (201, "2033-07", "qs-1")
    chart = charts(board, team=TEAM)["audits_completed"]
    assert [(one["starts"], one["months"], one["why"]) for one in chart["stretches"]] == [
        ("2032-06", 13, None),
        ("2033-07", 3, why),
    ]
    assert chart["says"] == "too_few"
    assert chart["points"][-1]["limits"] is None
    assert chart["points"][0]["limits"] is not None
    path = f"/v1/chart-changes/{change['id']}"
    assert board.as_(REPORTER).get(path).json()["why"] == why
    of = {"chart": "audits_completed", "withdrawn": "false"}
    listed = board.as_("slt-1").get("/v1/chart-changes", params=of)
    assert [one["id"] for one in listed.json()["items"]] == [change["id"]]
    page = board.as_("qs-1").get(presented(board, quarter=QUARTER), headers=HTML)
    assert why in page.text


def test_a_change_is_marked_once_by_quality_and_standards_of_a_month_that_has_begun(
    board: Api,
) -> None:
    assert marked(board, "2033-05")["status"] == 201
    again = marked(board, "2033-05")
    assert (again["status"], "a change in this chart" in again["detail"]) == (409, True)
    assert marked(board, "2033-11")["errors"][0]["pointer"] == "/month"
    assert marked(board, "2033-04", why=" ")["status"] == 422
    assert marked(board, "2033-04", chart="another")["status"] == 422
    for person in ("slt-1", "hos-fast", f"tm-{TEAM}"):
        assert marked(board, "2033-04", person=person)["status"] == 403


def withdrawn(board: Api, change: Json, person: str = "qs-1", **body: str) -> Json:
    path = f"/v1/chart-changes/{change['id']}/withdraw"
    answer = board.as_(person).act(path, {"reason": "It was another team."} | body)
    return {"status": answer.status_code, **answer.json()}


@pytest.mark.long
def test_a_change_marked_by_mistake_is_withdrawn_and_no_chart_follows_it(
    board: Api, at: Callable[[str], None]
) -> None:
    at("2033-10-20T09:00:00Z")
    why, better = "Two teams audit together.", "From March on one of three teams audits."
    change = marked(board, "2033-03", chart="audits_completed", why=why)
    before = presented(board, quarter=QUARTER)
    assert why in board.get(before, headers=HTML).text
    at("2033-10-21T09:00:00Z")
    gone = withdrawn(board, change, reason="They began in May.")
    assert (gone["status"], gone["why"]) == (200, why), "it stays on record"
    assert gone["withdrawn_at"].startswith("2033-10-21T09:00:00")
    assert gone["withdrawn_by"] == "qs-1"
    assert gone["withdrawn_reason"] == "They began in May."
    stretches = charts(board)["audits_completed"]["stretches"]
    assert why not in [one["why"] for one in stretches]
    assert why in board.get(before, headers=HTML).text, "what was presented stands"
    assert why not in board.get(presented(board, quarter=QUARTER), headers=HTML).text
    again = marked(board, "2033-03", chart="audits_completed", why=better)
    assert again["status"] == 201, "its month can be marked again"
    stretches = charts(board)["audits_completed"]["stretches"]
    assert better in [one["why"] for one in stretches]
    for flag, expected in (("true", change), ("false", again)):
        query = {"chart": "audits_completed", "withdrawn": flag}
        listed = board.as_(REPORTER).get("/v1/chart-changes", params=query).json()["items"]
        assert {change["id"], again["id"]} & {one["id"] for one in listed} == {expected["id"]}
    assert withdrawn(board, again)["status"] == 200


def test_a_change_is_withdrawn_once_with_a_reason_by_whoever_may_mark(board: Api) -> None:
    change = marked(board, "2033-02")
    for person in ("slt-1", "hos-fast", f"tm-{TEAM}"):
        assert withdrawn(board, change, person=person)["status"] == 403
    assert withdrawn(board, change, reason=" ")["status"] == 422
    path = f"/v1/chart-changes/{change['id']}"
    reason = {"reason": "It was another team."}
    assert board.as_("qs-1").post(f"{path}/withdraw", reason).status_code == 428
    stale = {"If-Match": '"7.0123456789abcdef"'}
    refused = board.as_("qs-1").post(f"{path}/withdraw", reason, headers=stale)
    assert refused.status_code == 412
    assert withdrawn(board, change)["status"] == 200
    twice = withdrawn(board, change)
    assert (twice["status"], twice["state"]) == (409, "withdrawn")
    assert "mark" in twice["detail"]


def test_months_are_named_as_people_say_them() -> None:
    (month,) = months_of(Month(2033, 9).starts_on, Month(2033, 9).ends_on)
    assert named(month) == "September 2033"
