"""Compliance as at any day: for worker, team, service and authority, and who may ask (R4.6.2)."""

from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.api import Json
from tests.observations.conftest import Office


def figures(row: Json) -> tuple[int, int, int]:
    return row["done"], row["required"], row["remaining"]


def share(row: Json, name: str) -> tuple[int, int]:
    return row[name]["numerator"], row[name]["denominator"]


def test_a_worker_is_asked_for_two_in_the_financial_year(office: Office) -> None:
    office.employ("sw", "north")
    office.observe("sw", "2026-03-31", "2026-04-01", "2026-11-23", by="ps-north")
    row = office.standing("sw")
    assert row["period"] == {"starts_on": "2026-04-01", "ends_on": "2027-03-31"}
    assert figures(row) == (2, 2, 0)
    assert share(row, "completed") == share(row, "on_pace") == (1, 1)
    assert figures(office.standing("sw", "2026-11-22")) == (1, 2, 1)
    # On 31 March the year before is asked about, in which one was done; the day after, this one.
    assert figures(office.standing("sw", "2026-03-31")) == (1, 2, 1)
    assert figures(office.standing("sw", "2026-04-01")) == (1, 2, 1)
    assert figures(office.standing("sw", "2027-04-01")) == (0, 2, 2)


def test_who_is_behind_the_pace_shows(office: Office) -> None:
    office.employ("ahead", "north")
    office.employ("behind", "north")
    office.observe("ahead", "2026-05-05", by="ps-north")
    (row,) = office.compliance(office.api, "team", team=office.code("north"))
    assert share(row, "on_pace") == (1, 2)
    assert share(row, "completed") == (0, 2)
    late = office.compliance(office.api, "worker", on_pace="false")
    assert [row["code"] for row in late] == [office.code("behind")]
    early = office.compliance(office.api, "team", "2026-09-29", team=office.code("north"))
    assert share(early[0], "on_pace") == (2, 2)


def test_who_moves_team_brings_their_observations_along(office: Office) -> None:
    office.employ("sw", ("north", "2026-01-01", "2026-09-01"), ("south", "2026-09-01", None))
    office.observe("sw", "2026-06-10", by="ps-north")

    def done(team: str, as_at: str) -> tuple[int, int]:
        (row,) = office.compliance(office.api, "team", as_at, team=office.code(team))
        return row["done"], row["required"]

    assert done("north", "2026-08-31") == (1, 2)
    assert done("south", "2026-08-31") == (0, 0)
    assert done("north", "2026-09-01") == (0, 0)
    assert done("south", "2026-09-01") == (1, 2)
    # The new manager's figures are whole, though the observation was made in another team.
    (theirs,) = office.compliance(office.as_("tm-south"), "team")
    assert (theirs["code"], theirs["done"]) == (office.code("south"), 1)


def test_who_joins_in_february_is_asked_for_a_share(office: Office) -> None:
    office.employ("sw", "north", starts_on="2027-02-01")
    assert office.compliance(office.api, "worker", "2027-01-31", worker=office.code("sw")) == []
    row = office.standing("sw", "2027-02-01")
    assert figures(row) == (0, 1, 1)  # 59 of 365 days, rounded up
    assert row["explanation"]["facts"]["days_counted"] == 59
    assert figures(office.standing("sw", "2027-04-01")) == (0, 2, 2)


def test_who_leaves_is_asked_for_a_share_and_then_for_nothing(office: Office) -> None:
    office.employ("sw", "north", leaves_on="2026-08-31")
    assert figures(office.standing("sw", "2026-08-31")) == (0, 1, 1)  # 153 of 365 days
    gone = office.compliance(office.api, "worker", "2026-09-01", worker=office.code("sw"))
    assert gone == []


def test_four_months_of_absence_are_taken_out(office: Office) -> None:
    away = ("2026-06-01", "2026-10-01")
    office.employ("sw", "north", away=away)
    row = office.standing("sw")
    assert row["explanation"]["facts"]["days_counted"] == 365 - 122
    assert figures(row) == (0, 2, 2)  # 1.33, rounded up
    office.employ("one", "north", away=away, observations_required=1)
    assert office.standing("one")["required"] == 1


def test_a_team_is_the_sum_of_its_workers(office: Office) -> None:
    for name, days in (("none", []), ("one", ["2026-05-05"]), ("three", ["2026-05-05"] * 3)):
        office.employ(name, "north")
        office.observe(name, *days, by="tm-north")
    office.employ("elsewhere", "south")
    (team,) = office.compliance(office.api, "team", team=office.code("north"))
    # Two further workers lead the team; nothing is asked of them.
    assert team["workers"] == 5
    assert figures(team) == (4, 6, 3)  # what one has more is not another's
    assert share(team, "completed") == (1, 3)
    assert (team["with_none"], team["with_one"], team["with_two_or_more"]) == (3, 1, 1)
    (service_row,) = office.compliance(office.api, "service")
    assert figures(service_row) == (4, 8, 5)
    workers = office.compliance(office.api, "worker")
    assert sum(row["done"] for row in workers) == service_row["done"]
    assert sum(row["remaining"] for row in workers) == service_row["remaining"]


def test_who_is_in_two_teams_counts_in_each_and_once_in_the_service(office: Office) -> None:
    office.employ("sw", "north", "south")
    office.observe("sw", "2026-05-05", by="tm-south")
    assert [row["done"] for row in office.compliance(office.api, "team")] == [1, 1]
    (row,) = office.compliance(office.api, "service")
    assert figures(row) == (1, 2, 1)


def test_a_manager_of_two_teams_sees_both(office: Office) -> None:
    office.employ("sw", "south")
    assert len(office.compliance(office.as_("tm-north"), "team")) == 1
    office.employ("tm-both", "north", observations_required=0)
    office.let_in("tm-both", "team_manager", service="service")
    seen = office.compliance(office.as_("tm-both"), "team")
    assert [row["code"] for row in seen] == [office.code("north"), office.code("south")]


def test_every_figure_links_to_exactly_its_rows(office: Office) -> None:
    office.employ("sw", "north")
    office.observe("sw", "2026-03-31", "2026-05-05", "2026-11-23", by="ps-north")
    (team,) = office.compliance(office.api, "team", team=office.code("north"))
    behind = office.api.get(team["rows"]).json()["items"]
    assert len(behind) == team["workers"]
    assert sum(row["done"] for row in behind) == team["done"]
    row = office.standing("sw", "2026-11-22")
    rows = office.api.get(row["rows"]).json()["items"]
    assert [each["observed_on"] for each in rows] == ["2026-05-05"]
    assert dict(parse_qsl(urlsplit(row["rows"]).query))["worker"] == office.code("sw")


@pytest.mark.parametrize(
    ("person", "workers", "teams", "services"),
    [
        ("sw", ["sw"], [], []),
        ("ps-north", ["ps-north", "sw", "tm-north"], ["north"], []),
        ("tm-north", ["ps-north", "sw", "tm-north"], ["north"], []),
        (
            "hos",
            ["other", "ps-north", "ps-south", "sw", "tm-north", "tm-south"],
            ["north", "south"],
            ["service"],
        ),
    ],
)
def test_each_sees_the_figures_of_whom_they_lead(
    office: Office, person: str, workers: list[str], teams: list[str], services: list[str]
) -> None:
    office.employ("sw", "north")
    office.employ("other", "south")
    office.let_in("sw", "worker")
    for level, expected in (("worker", workers), ("team", teams), ("service", services)):
        seen = office.compliance(office.as_(person), level)
        assert [row["code"] for row in seen] == [office.code(name) for name in expected]
    assert office.compliance(office.as_(person), "authority") == []


def test_the_authority_is_for_those_who_answer_for_it(office: Office) -> None:
    office.employ("sw", "north")
    for person in ("qs-1", "slt-1"):
        (row,) = office.compliance(office.api.as_(person), "authority")
        assert row["code"] is None
        assert row["required"] == 2
    whole = office.api.get("/v1/observation-compliance?level=authority").json()["items"]
    assert whole[0]["workers"] > 100


@pytest.mark.long
def test_pages_go_on_where_they_ended(office: Office) -> None:
    for number in range(5):
        office.employ(f"sw{number}", "north")
    path = f"/v1/observation-compliance?team={office.code('north')}&limit=3"
    codes, following = [], path
    while following:
        page = office.api.get(following)
        codes += [row["code"] for row in page.json()["items"]]
        link = page.headers.get("link", "")
        following = link.partition(">")[0].lstrip("<")
    assert codes == sorted(codes)
    assert len(codes) == len(set(codes)) == 7
    cursor = office.api.get(path).json()["next_cursor"]
    moved = office.api.get("/v1/observation-compliance", params={"cursor": cursor})
    assert moved.status_code == 400


def test_before_any_policy_there_is_nothing_to_count_by(office: Office) -> None:
    answer = office.api.get("/v1/observation-compliance?as_at=2011-12-31")
    assert answer.status_code == 422
