"""Themes and quarter plans: drafted, published, superseded; what they refuse (R4.4.2)."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from tests.api import Api, Json
from tests.conftest import Database
from tests.planning.quarters import FIRST, SECOND, Planning, accept, codes


def test_a_theme_says_where_it_comes_from_in_each_service_area(planning: Planning) -> None:
    code = planning.theme()
    read = planning.read(f"/v1/themes/{code}", "tm-cwd")
    assert read["sources"] == [
        {"service": "fast", "source": "Complaints"},
        {"service": None, "source": "Inspection"},
    ]
    assert read["retired_at"] is None
    unknown = {"title": "T", "sources": [{"service": "no-such-service", "source": "S"}]}
    refused = planning.api.change("PUT", f"/v1/themes/{code}", unknown)
    assert refused.json()["errors"][0]["pointer"] == "/sources/0/service"


def test_publishing_opens_the_audits_that_the_plan_expects(planning: Planning) -> None:
    theme = planning.theme()
    path = planning.draft(theme, {FIRST: 2, SECOND: 1})
    draft = planning.read(path)
    assert (draft["state"], draft["number"]) == ("draft", 1)
    assert draft["allowed_actions"] == ["edit", "exempt", "publish"]
    assert planning.read(path, "tm-cwd")["allowed_actions"] == []
    published = accept(planning.api.act(f"{path}/publish"))
    assert published["state"] == "published"
    assert {team["team"]: team["group"] for team in published["teams"]} == {FIRST: "a", SECOND: "c"}
    audits = planning.audits(path)
    assert sorted(audit["team"] for audit in audits) == sorted([FIRST, FIRST, SECOND])
    audit = planning.read(f"/v1/audits/{audits[0]['audit_id']}")
    assert (audit["state"], audit["type"], audit["opened_by"]) == ("planned", "themed", "plan")
    assert (audit["plan_id"], audit["theme_code"]) == (published["id"], theme)
    assert audit["plan_team"] == audit["team"]
    assert (audit["auditor"], audit["subject"]) == (None, None)
    assert audit["due_on"] == str(planning.ends_on)


def test_what_is_published_never_changes(planning: Planning, database: Database) -> None:
    theme = planning.theme()
    path = planning.published(theme)
    body = planning.content(theme, {SECOND: 9})
    assert planning.api.change("PUT", path, body).status_code == 409
    assert planning.api.act(f"{path}/publish").status_code == 409

    async def write() -> None:
        connection = await asyncpg.connect(database.migrate_url)
        try:
            await connection.execute(
                "UPDATE plan_teams SET audits_expected = 9 WHERE plan_id = $1",
                planning.read(path)["id"],
            )
        finally:
            await connection.close()

    import asyncio

    with pytest.raises(asyncpg.RestrictViolationError):
        asyncio.run(write())


def test_a_later_draft_is_the_next_version_and_goes_on_with_the_audits(planning: Planning) -> None:
    theme = planning.theme()
    first = planning.published(theme, {FIRST: 2, SECOND: 1})
    before = {audit["audit_id"] for audit in planning.audits(first)}
    second = planning.draft(theme, {FIRST: 3})
    assert planning.read(second)["number"] == 2
    accept(planning.api.act(f"{second}/publish"))
    assert planning.read(first)["state"] == "superseded"
    assert planning.read(first)["superseded_at"]
    now = planning.audits(second)
    assert [audit["team"] for audit in now] == [FIRST] * 3
    assert len({audit["audit_id"] for audit in now} & before) == 2
    assert planning.completion(second) == (0, 3)
    listed = planning.read(f"/v1/quarter-plans?quarter={planning.quarter()}")["items"]
    assert [(plan["number"], plan["state"]) for plan in listed] == [
        (2, "published"),
        (1, "superseded"),
    ]


def test_an_audit_that_a_later_version_expects_of_nobody_stays_if_work_was_put_in(
    planning: Planning,
) -> None:
    theme = planning.theme()
    first = planning.published(theme, {SECOND: 1})
    case = planning.case(SECOND)
    accept(planning.name(first, theme, case.ref, team=SECOND))
    second = planning.published(theme, {FIRST: 1})
    assert planning.read(f"{second}/progress")["beyond_plan"] == 1
    assert planning.completion(second) == (0, 1)


def test_of_two_plans_published_at_once_one_wins(planning: Planning) -> None:
    theme = planning.theme()
    paths = [planning.draft(theme, {FIRST: number}) for number in (1, 2, 3)]
    tags = {path: planning.api.tag(path) for path in paths}

    def publish(path: str) -> Any:
        headers = {"if-match": tags[path]}
        return planning.api.request("POST", f"{path}/publish", json={}, headers=headers)

    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(publish, paths))
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses[0] == 200
    assert set(statuses[1:]) <= {409, 503}
    (winner,) = (answer.json() for answer in answers if answer.status_code == 200)
    (team,) = winner["teams"]
    assert len(planning.audits(f"/v1/quarter-plans/{winner['id']}")) == team["audits_expected"]
    loser = next(path for path in paths if not path.endswith(winner["id"]))
    assert planning.api.act(f"{loser}/publish").status_code == 409
    accept(planning.api.change("PUT", loser, planning.content(theme)))
    assert accept(planning.api.act(f"{loser}/publish"))["number"] == 2


@pytest.mark.long
def test_a_theme_retired_mid_quarter_stays_in_its_plan_and_is_refused_by_new_ones(
    planning: Planning,
) -> None:
    theme, other = planning.theme(), planning.theme()
    path = planning.published(theme)
    draft = planning.draft(theme, quarter=planning.quarter(2))
    assert accept(planning.api.act(f"/v1/themes/{theme}/retire"))["retired_at"]
    assert planning.read(path)["themes"][0]["theme"] == theme
    assert len(planning.audits(path)) == 2
    accept(planning.name(path, theme, planning.case().ref))
    body = planning.content(theme, quarter=planning.quarter(3))
    assert codes(planning.api.create("/v1/quarter-plans", body)) == {"theme-retired"}
    assert codes(planning.api.act(f"{draft}/publish")) == {"theme-retired"}
    # The next version of the plan that has it keeps it; no other theme may be changed for it.
    assert planning.read(planning.published(theme, {FIRST: 1}))["number"] == 2
    assert planning.api.act(f"/v1/themes/{theme}/retire").status_code == 409
    assert planning.read(planning.published(other, quarter=planning.quarter(2)))["number"] == 1


@pytest.mark.parametrize(
    ("instant", "over"),
    [
        ("2027-03-31T22:30:00Z", False),
        ("2027-03-31T23:30:00Z", True),
        ("2026-12-31T23:59:59Z", None),
    ],
)
def test_a_quarter_ends_at_london_midnight(
    planning: Planning, at: Callable[[str], None], instant: str, over: bool | None
) -> None:
    theme = planning.theme()
    path = planning.draft(theme, quarter="2026-27 Q4", teams={SECOND: 1})
    at(instant)
    made = planning.api.create(
        "/v1/quarter-plans", planning.content(theme, quarter="2026-27 Q4", teams={SECOND: 1})
    )
    if over:
        assert codes(made) == {"quarter-over"}
        assert codes(planning.api.act(f"{path}/publish")) == {"quarter-over"}
    else:
        assert made.status_code == 201


def test_a_team_is_only_in_the_plans_it_was_chosen_for(planning: Planning) -> None:
    theme = planning.theme()
    first = planning.published(theme, {FIRST: 1, SECOND: 1})
    second = planning.published(theme, {SECOND: 2}, quarter=planning.quarter(2))
    assert set(planning.progress(first)) == {FIRST, SECOND}
    assert set(planning.progress(second)) == {SECOND}
    assert planning.completion(first) == planning.completion(second) == (0, 2)


@pytest.mark.parametrize(
    ("changed", "pointer"),
    [
        ({"quarter": "2026-28 Q1"}, "/quarter"),
        ({"quarter": "2026 Q1"}, "/quarter"),
        ({"themes": [{"theme": "no-such-theme", "source": "S"}]}, "/themes/0/theme"),
        ({"themes": []}, "/themes"),
        ({"auditors": ["no-such-worker"]}, "/auditors/0"),
        ({"auditors": ["au-1", "au-1"]}, "/auditors/1"),
        ({"audit_type": "closure"}, "/audit_type"),
        ({"audit_type": "no-such-type"}, "/audit_type"),
        ({"teams": []}, "/teams"),
    ],
)
def test_a_plan_that_does_not_hold_is_refused_and_names_the_field(
    planning: Planning, changed: Json, pointer: str
) -> None:
    body = planning.content(planning.theme()) | changed
    refused = planning.api.create("/v1/quarter-plans", body)
    assert refused.status_code == 422
    assert pointer in {error["pointer"] for error in refused.json()["errors"]}


def test_a_team_is_named_once_for_a_theme_of_the_plan(planning: Planning) -> None:
    theme = planning.theme()
    body = planning.content(theme)
    team = body["teams"][0]
    body["teams"] = [team, team, team | {"theme": planning.theme()}, team | {"team": "nowhere"}]
    assert codes(planning.api.create("/v1/quarter-plans", body)) == {
        "repeated",
        "not-a-theme",
        "unknown",
    }


@pytest.mark.parametrize("person", ["tm-cwd", "hos-fast", "au-1", "slt-1", "admin-1"])
def test_only_quality_and_standards_plan(planning: Planning, person: str) -> None:
    body = planning.content(planning.theme())
    assert planning.api.as_(person).create("/v1/quarter-plans", body).status_code == 403
    path = planning.published(planning.theme())
    reader: Api = planning.api.as_(person)
    assert reader.get(path).status_code == 200
    assert reader.get(f"{path}/allocation").status_code == 403


def test_an_empty_quarter_has_no_plan(planning: Planning) -> None:
    assert planning.read(f"/v1/quarter-plans?quarter={planning.quarter(4)}")["items"] == []
    assert planning.api.get(f"/v1/quarter-plans/{uuid4()}").status_code == 404
    draft = planning.draft(planning.theme(), quarter=planning.quarter(4))
    assert planning.api.get(f"{draft}/progress").status_code == 404
