"""R3.1: where a manager sets how often audits are due, and of what."""

from collections.abc import Callable

import pytest

from qa_api.subjects.service import find_subject, restrict
from qa_api.work import Work
from tests.api import Api, Json
from tests.due_audits.fostering import Fostering, dates, keyed
from tests.subjects.test_routes import pointers

At = Callable[[str], None]

TYPE = "yos-peer"


def interval(team: str, **changed: object) -> Json:
    return {
        "type": TYPE,
        "team": team,
        "from": "2026-06-30",
        "every_months": 6,
        "audits_each_time": 2,
        "scope": "One case of each worker.",
        "reason": "As agreed for this year.",
    } | changed


def set_by(api: Api, person: str, body: Json) -> Json:
    made = api.as_(person).create("/v1/audit-intervals", body)
    assert made.status_code == 201, made.text
    return dict(made.json())


def owed(api: Api, team: str, **filters: str) -> list[Json]:
    query = {"type": TYPE, "team": team, **filters}
    return list(api.get("/v1/due-audits", params=query).json()["items"])


def audits(api: Api, team: str) -> list[Json]:
    found = api.get(f"/v1/audits?type={TYPE}&team={team}").json()["items"]
    return sorted(found, key=lambda audit: (audit["due_on"], audit["id"]))


def test_the_due_dates_follow_from_the_managers_interval(fostering: Fostering) -> None:
    api, team = fostering.api, "cwd"
    made = set_by(api, "tm-cwd", interval(team))
    assert (made["set_by"], made["every_months"], made["to"]) == ("tm-cwd", 6, None)
    rows = owed(api, team, until="2027-07-01")
    assert dates(rows) == ["2026-12-30", "2026-12-30", "2027-06-30", "2027-06-30"]
    assert keyed(rows, "number") == [1, 2, 1, 2]
    assert {row["scope"] for row in rows} == {"One case of each worker."}
    assert {row["subject"] for row in rows} == {None}
    facts = rows[0]["explanation"]["facts"]
    assert (facts["anchor"], facts["every_months"]) == ("2026-06-30", 6)
    assert rows[0]["explanation"]["clause"] == "§3, R3.1"
    assert api.as_("sw1-cwd").get(f"/v1/audit-intervals/{made['id']}").json() == made
    (listed,) = api.get(f"/v1/audit-intervals?team={team}&current=true").json()["items"]
    assert listed == made


@pytest.mark.long
def test_as_many_audits_are_opened_as_were_asked_for(fostering: Fostering, at: At) -> None:
    api, team = fostering.api, "adoption"
    set_by(api, "tm-adoption", interval(team))
    at("2026-12-02T09:00:00Z")
    fostering.sweep()
    fostering.sweep()
    first, second = audits(api, team)
    assert (first["subject"], first["state"], first["opened_by"]) == (None, "planned", "schedule")
    kinds = api.as_("tm-adoption").work("kind=assign")
    assert {audit["id"] for audit in (first, second)} <= {item["path"][-36:] for item in kinds}
    fostering.cancel(second["id"])
    fostering.sweep()
    assert keyed(owed(api, team, until="2026-12-31"), "number") in ([1], [2])
    assert len(audits(api, team)) == 2


@pytest.mark.long
def test_its_date_stays_settled_when_the_case_has_moved_on_or_is_restricted(
    fostering: Fostering, at: At
) -> None:
    api, team = fostering.api, "lincoln-fast"
    set_by(api, "tm-lincoln-fast", interval(team, audits_each_time=1))
    at("2026-12-02T09:00:00Z")
    fostering.sweep()
    (audit,) = audits(api, team)
    ref = fostering.new_ref()
    body = {"kind": "child", "team": team, "worker": f"sw1-{team}"}
    api.change("PUT", f"/v1/subjects/mosaic/{ref}", body)
    path, subject = f"/v1/audits/{audit['id']}", {"system": "mosaic", "ref": ref}
    named = api.change("PATCH", path, {"subject": subject})
    assert named.status_code == 200, named.text
    fostering.complete(audit["id"])
    moved = {"kind": "child", "team": "boston-fast", "worker": "sw1-boston-fast"}
    assert api.change("PUT", f"/v1/subjects/mosaic/{ref}", moved).status_code == 200

    async def restricted(work: Work) -> None:
        child = await find_subject(work, "mosaic", ref, visible=False)
        await restrict(work, child, "staff")

    for _ in range(2):
        for person in ("tm-lincoln-fast", "qs-1"):
            answer = api.as_(person).get(f"/v1/due-audits?type={TYPE}&team={team}&until=2026-12-31")
            assert answer.json()["items"] == []
        fostering.sweep()
        fostering.service.work(restricted)
    assert audits(api, team) == []


def test_one_interval_holds_at_a_time_and_the_next_counts_from_its_own_day(
    fostering: Fostering, at: At
) -> None:
    api, team = fostering.api, "fostering-south"
    first = set_by(api, "tm-fostering-south", interval(team, audits_each_time=1))
    twice = api.create("/v1/audit-intervals", interval(team, **{"from": "2026-09-01"}))
    assert (twice.status_code, twice.json()["code"]) == (422, "overlap")
    at("2026-12-10T09:00:00Z")
    fostering.sweep()
    (opened,) = audits(api, team)
    path = f"/v1/audit-intervals/{first['id']}"
    early = api.act(f"{path}/end", {"to": "2026-06-30", "reason": "Never mind."})
    assert pointers(early) == ["/to"]
    ended = api.as_("tm-fostering-south").act(
        f"{path}/end", {"to": "2026-12-15", "reason": "Once a quarter is better."}
    )
    assert ended.status_code == 200, ended.text
    assert ended.json()["ended_by"] == "tm-fostering-south"
    assert owed(api, team) == []
    assert keyed(audits(api, team), "state") == ["cancelled"]
    again = {"from": "2026-12-15", "every_months": 3, "audits_each_time": 1}
    set_by(api, "qs-1", interval(team, **again))
    assert dates(owed(api, team, until="2027-06-30")) == ["2027-03-15", "2027-06-15"]
    assert api.get(f"/v1/audits/{opened['id']}").json()["owed"]["stands"] is False


@pytest.mark.parametrize(
    ("person", "status"),
    [
        ("tm-boston-fast", 201),
        ("hos-fast", 201),
        ("qs-1", 201),
        ("tm-cwd", 403),
        ("hos-corporate-parenting", 403),
        ("ps-boston-fast", 403),
        ("slt-1", 403),
        ("admin-1", 403),
    ],
)
def test_the_teams_own_manager_sets_it(fostering: Fostering, person: str, status: int) -> None:
    api = fostering.api.as_(person)
    days = {"tm-boston-fast": "2020", "hos-fast": "2021", "qs-1": "2022"}
    year = days.get(person, "2023")
    body = interval("boston-fast", **{"from": f"{year}-01-01", "to": f"{year}-02-01"})
    assert api.create("/v1/audit-intervals", body).status_code == status


@pytest.mark.parametrize(
    ("changed", "pointer"),
    [
        ({"type": "no-such-type"}, "/type"),
        ({"type": "carers"}, "/type"),
        ({"type": "tac"}, "/type"),
        ({"team": "no-such-team"}, "/team"),
        ({"to": "2026-06-30"}, "/to"),
        ({"every_months": 0}, "/every_months"),
        ({"audits_each_time": 0}, "/audits_each_time"),
    ],
)
def test_an_interval_that_cannot_be_is_refused(
    fostering: Fostering, changed: Json, pointer: str
) -> None:
    body = interval("boston-fast") | changed
    answer = fostering.api.create("/v1/audit-intervals", body)
    assert answer.status_code == 422
    assert pointer in pointers(answer)


def test_where_no_months_are_named_the_types_own_count(fostering: Fostering) -> None:
    body = interval("boston-fast", **{"from": "2031-01-01", "every_months": None})
    made = set_by(fostering.api, "tm-boston-fast", body)
    assert made["every_months"] == 3
