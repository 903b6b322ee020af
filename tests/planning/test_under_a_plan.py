"""What happens under a published plan: exemptions, cases, auditors, progress (R4.4.2, R4.4.3)."""

import hashlib
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest

from qa_api.planning.queries import QUARTER_PLAN
from tests.api import SOME_VERSION, Json
from tests.audits.auditing import CONTACT, GOOD, Auditing
from tests.auth.test_both_locks import differences
from tests.conftest import Database
from tests.planning.quarters import FIRST, SECOND, Planning, accept, codes

WORKER, SUPERVISOR = f"sw1-{FIRST}", f"ps-{FIRST}"


def carried_out(case: Auditing, item: Json, auditor: str = "au-1") -> str:
    """The path of a planned audit whose auditor has completed it."""
    path = f"/v1/audits/{item['audit_id']}"
    as_auditor = case.api.as_(auditor)
    accept(as_auditor.act(f"{path}/start"))
    for method, part, body in (
        ("PUT", "/family-contact", CONTACT),
        ("PATCH", "", {"positive_feedback": "Warm and purposeful direct work."}),
    ):
        accept(as_auditor.change(method, path + part, body, on=path))
    accept(as_auditor.act(f"{path}/complete", {"overall": GOOD}))
    return path


# --- exemptions ---


def test_an_exempt_teams_audits_are_no_longer_asked_for(planning: Planning) -> None:
    path = planning.published(planning.theme(), {FIRST: 2, SECOND: 1})
    given = {"team": FIRST, "reason": "Two of three posts are vacant."}
    exemption = accept(planning.api.create(f"{path}/exemptions", given))
    assert exemption["decided_by"] == "qs-1"
    assert planning.read(path)["exemptions"] == [exemption]
    assert planning.read(f"{path}/exemptions/{exemption['id']}") == exemption
    team = planning.progress(path)[FIRST]
    assert (team["expected"], team["exempt"], team["planned"], team["cancelled"]) == (2, 2, 0, 2)
    assert planning.completion(path) == (0, 1)
    again = planning.api.create(f"{path}/exemptions", given)
    assert codes(again) == {"exempt-already"}


def test_an_exemption_is_of_one_who_is_in_the_plan(planning: Planning) -> None:
    path = planning.draft(planning.theme())
    for given, code in (
        ({"team": SECOND}, "not-in-plan"),
        ({"auditor": "tm-cwd"}, "not-in-plan"),
        ({"team": FIRST, "auditor": "au-1"}, "one-of"),
        ({}, "one-of"),
    ):
        refused = planning.api.create(f"{path}/exemptions", given | {"reason": "Absent."})
        assert codes(refused) == {code}


def test_exemptions_hold_in_the_draft_and_in_the_next_version(planning: Planning) -> None:
    theme = planning.theme()
    path = planning.draft(theme, {FIRST: 2, SECOND: 1})
    given = {"team": FIRST, "reason": "Just reorganised."}
    accept(planning.api.create(f"{path}/exemptions", given))
    accept(planning.api.act(f"{path}/publish"))
    assert [audit["team"] for audit in planning.audits(path)] == [SECOND]
    later = planning.published(theme, {FIRST: 3, SECOND: 1})
    (carried,) = planning.read(later)["exemptions"]
    assert (carried["team"], carried["reason"]) == (FIRST, given["reason"])
    assert [audit["team"] for audit in planning.audits(later)] == [SECOND]


def test_an_exempt_auditor_is_proposed_for_nothing_and_their_audits_again(
    planning: Planning,
) -> None:
    path = planning.published(planning.theme())
    first = planning.audits(path)[0]["audit_id"]
    accept(planning.decide(path, [{"audit_id": first, "auditor": "au-1"}]))
    given = {"auditor": "au-1", "reason": "On a long training."}
    accept(planning.api.create(f"{path}/exemptions", given))
    for item in planning.audits(path):
        assert item["proposed"] == "au-2"
        (passed_over,) = item["passed_over"]
        assert passed_over == {"auditor": "au-1", "because": "exempt", "clause": "§4.4, R4.4.2"}


# --- cases ---


@pytest.mark.long
def test_named_cases_become_the_audits_of_their_team(
    planning: Planning, database: Database
) -> None:
    theme = planning.theme()
    path = planning.published(theme)
    case = planning.case()
    chosen = accept(planning.name(path, theme, case.ref))
    (one,) = chosen["chosen"]
    audit = planning.read(f"/v1/audits/{one['audit_id']}")
    assert audit["subject"]["ref"] == one["ref"] == case.ref
    assert (audit["worker"], audit["team"]) == (WORKER, FIRST)
    assert chosen["seed"] is None
    assert chosen["explanation"]["clause"] == "§4.4, R4.4.3"
    (listed,) = planning.read(path)["case_lists"]
    assert planning.read(f"{path}/cases/{listed['id']}") == chosen
    # References name children: who may see the plan only does not see them.
    assert planning.read(path, "tm-cwd")["case_lists"] == []
    assert planning.api.as_("tm-cwd").get(f"{path}/cases/{listed['id']}").status_code == 403
    # Neither of the two locks rests on the other.
    issuer = planning.api.issuer.settings.issuer
    found, compared = differences(database, issuer, [("the plan", QUARTER_PLAN)])
    assert (found, compared > 0) == (set(), True)


def test_a_case_that_cannot_be_audited_is_refused_by_its_place(planning: Planning) -> None:
    theme = planning.theme()
    path = planning.published(theme, {FIRST: 6})
    good, other, twice = planning.case(), planning.case(SECOND), planning.case()
    accept(planning.name(path, theme, twice.ref))
    refused = planning.name(path, theme, good.ref, "C-unknown", other.ref, twice.ref)
    assert {error["pointer"]: error["code"] for error in refused.json()["errors"]} == {
        "/refs/1": "unknown",
        "/refs/2": "other_team",
        "/refs/3": "audited_recently",
    }
    for ref in (other.ref, twice.ref, "C-unknown"):
        assert ref not in refused.text
    assert codes(planning.name(path, theme, good.ref, good.ref)) == {"repeated"}
    assert codes(planning.name(path, theme, good.ref, system="no-such")) == {"unknown"}
    assert codes(planning.name(path, theme, good.ref, team=SECOND)) == {"no-place"}


def test_more_cases_than_places_are_refused(planning: Planning) -> None:
    theme = planning.theme()
    path = planning.published(theme, {FIRST: 1})
    refused = planning.name(path, theme, planning.case().ref, planning.case().ref)
    assert codes(refused) == {"too-many"}


def test_anybody_can_draw_the_cases_again(planning: Planning) -> None:
    theme = planning.theme()
    path = planning.published(theme, {FIRST: 2})
    able = [planning.case().ref for _ in range(4)]
    other = planning.case(SECOND).ref
    drawn = accept(planning.name(path, theme, *able, other, "C-unknown", method="drawn"))
    left_out = {one["ref"]: one["excluded"] for one in drawn["population"] if one["excluded"]}
    assert left_out == {other: "other_team", "C-unknown": "unknown"}
    seed = f"{drawn['seed']}|{drawn['population_hash']}"
    lot = {ref: hashlib.sha256(f"{seed}|{ref}".encode()).hexdigest() for ref in able}
    assert [one["ref"] for one in drawn["chosen"]] == sorted(able, key=lot.__getitem__)[:2]
    assert drawn["explanation"]["facts"]["eligible"] == 4
    assert codes(planning.name(path, theme, *able, method="drawn")) == {"no-place"}


@pytest.mark.parametrize("method", ["named", "drawn"])
def test_a_child_and_its_other_name_are_one_case(planning: Planning, method: str) -> None:
    theme = planning.theme()
    path = planning.published(theme, {FIRST: 3})
    child, same, other = (planning.case().ref for _ in range(3))
    merged = {
        "specversion": "1.0",
        "id": uuid4().hex,
        "source": "urn:mosaic",
        "type": "person.merged.v1",
        "data": {
            "occurred_at": "2026-11-01T09:00:00Z",
            "merge": {"from": same, "into": child},
        },
    }
    sent = planning.api.as_("case-system-mosaic").post("/v1/case-events", merged)
    assert sent.json()["outcome"] == "applied"
    answer = planning.name(path, theme, child, other, same, method=method)
    if method == "named":
        (error,) = answer.json()["errors"]
        assert (error["pointer"], error["code"]) == ("/refs/2", "another_name")
        return
    drawn = accept(answer)
    assert {one["ref"] for one in drawn["chosen"]} == {child, other}
    left_out = {one["ref"]: one["excluded"] for one in drawn["population"] if one["excluded"]}
    assert left_out == {same: "another_name"}


def test_who_reads_a_list_of_cases_leaves_a_line_for_every_child_in_it(planning: Planning) -> None:
    theme = planning.theme()
    path = planning.published(theme, {FIRST: 1})
    able, other = [planning.case().ref for _ in range(2)], planning.case(SECOND).ref
    drawn = accept(planning.name(path, theme, *able, other, "C-unknown", method="drawn"))

    def looks(ref: str) -> Counter[tuple[str, str]]:
        found = planning.read(f"/v1/subjects/mosaic/{ref}/record", "hos-fast")["looks"]
        return Counter((look["who"], look["operation"]) for look in found)

    before = {ref: looks(ref) for ref in able}
    planning.read(f"{path}/cases/{drawn['id']}", "qs-2")
    for ref in able:
        # Also of whom the lot did not fall on.
        assert (looks(ref) - before[ref])["qs-2", "quarter_plan:allocate"] == 1


def test_a_draw_repeated_with_its_key_is_the_same_draw(planning: Planning) -> None:
    theme = planning.theme()
    path = planning.published(theme, {FIRST: 1})
    refs = [planning.case().ref for _ in range(3)]
    body = {"team": FIRST, "theme": theme, "system": "mosaic", "method": "drawn", "refs": refs}
    key = uuid4().hex
    first = planning.api.create(f"{path}/cases", body, key=key)
    again = planning.api.create(f"{path}/cases", body, key=key)
    assert first.json() == again.json()
    assert again.headers["idempotent-replayed"] == "true"


@pytest.mark.long
def test_no_case_is_audited_twice_in_twelve_months(
    planning: Planning, at: Callable[[str], None]
) -> None:
    theme = planning.theme()
    first = planning.published(theme, {FIRST: 1}, audit_type=planning.short_type())
    case = planning.case()
    accept(planning.name(first, theme, case.ref))
    (item,) = planning.audits(first)
    accept(planning.decide(first, [{"audit_id": item["audit_id"], "auditor": "au-1"}]))
    carried_out(case, item)
    at("2027-11-22T09:00:00Z")
    second = planning.published(theme, {FIRST: 1}, quarter=planning.quarter(2))
    assert codes(planning.name(second, theme, case.ref)) == {"audited_recently"}
    at("2027-11-23T09:00:00Z")
    accept(planning.name(second, theme, case.ref))


@pytest.mark.long
def test_an_audit_that_no_plan_asked_for_counts_too(
    planning: Planning, at: Callable[[str], None]
) -> None:
    theme, type_ = planning.theme(), planning.short_type()
    case, begun, only_planned = planning.case(), planning.case(), planning.case()
    own = case.plan(type=type_, auditor="au-1")
    carried_out(case, {"audit_id": own["id"]})
    begun.started("au-1", type=type_)
    only_planned.plan(type=type_, auditor="au-1")
    path = planning.published(theme, {FIRST: 3}, audit_type=type_)
    for audited in (case, begun):
        refused = planning.name(path, theme, audited.ref)
        assert codes(refused) == {"audited_recently"}
        assert audited.ref not in refused.text
    accept(planning.name(path, theme, only_planned.ref))
    # Nor is an auditor proposed for a case that was audited after it was named.
    later = planning.case()
    accept(planning.name(path, theme, later.ref))
    carried_out(later, {"audit_id": later.plan(type=type_, auditor="au-1")["id"]})
    items = {item["audit_id"]: item for item in planning.audits(path)}
    (of_later,) = [
        item
        for key, item in items.items()
        if planning.read(f"/v1/audits/{key}")["subject"]
        and planning.read(f"/v1/audits/{key}")["subject"]["ref"] == later.ref
    ]
    assert of_later["proposed"] is None
    assert "audited too short a time ago" in of_later["explanation"]["facts"]["because"]
    at("2027-11-23T09:30:00Z")
    again = planning.published(theme, {FIRST: 1}, audit_type=type_, quarter=planning.quarter(3))
    accept(planning.name(again, theme, case.ref))


# --- auditors ---


def test_auditors_are_proposed_evenly_and_every_choice_is_explained(planning: Planning) -> None:
    theme = planning.theme()
    auditors = ["au-1", "au-2", f"tm-{FIRST}", "tm-cwd", "tm-lac-north"]
    path = planning.published(theme, {FIRST: 3}, auditors=auditors)
    found = planning.read(f"{path}/allocation")
    assert found == planning.read(f"{path}/allocation")
    proposed = Counter(item["proposed"] for item in found["items"])
    # Group A audits Lincoln's cases: neither its own manager nor group C; LAC North is group A.
    assert proposed.keys() <= {"au-1", "au-2", "tm-lac-north"}
    assert max(proposed.values()) == 1
    for item in found["items"]:
        because = {one["auditor"]: one["because"] for one in item["passed_over"]}
        assert because[f"tm-{FIRST}"] == "own_team"
        assert because["tm-cwd"] == "other_group"
        assert item["explanation"]["rule"] == "propose_auditor"
        assert len(item["passed_over"]) == 4
    assert {load["auditor"]: load["proposed"] for load in found["loads"]}["tm-cwd"] == 0


def test_quality_and_standards_decide_as_proposed_or_otherwise(planning: Planning) -> None:
    path = planning.published(planning.theme())
    one, two = planning.audits(path)
    stale = planning.api.tag(path)
    decided = accept(
        planning.decide(
            path,
            [
                {"audit_id": one["audit_id"], "auditor": one["proposed"]},
                {"audit_id": two["audit_id"], "auditor": "tm-cwd"},
            ],
        )
    )
    assert [item["auditor"] for item in decided["items"]] == [one["proposed"], "tm-cwd"]
    assert all(item["proposed"] is None for item in decided["items"])
    assert planning.read(f"/v1/audits/{two['audit_id']}")["auditor"] == "tm-cwd"
    items = {"items": [{"audit_id": one["audit_id"], "auditor": "au-1"}]}
    headers = {"if-match": stale}
    late = planning.api.request("PUT", f"{path}/allocation", json=items, headers=headers)
    assert late.status_code == 412


@pytest.mark.parametrize("person", ["tm-cwd", "slt-1", f"ps-{FIRST}"])
def test_nobody_else_decides_who_audits(planning: Planning, person: str) -> None:
    path = planning.published(planning.theme())
    (one, _) = planning.audits(path)
    items = {"items": [{"audit_id": one["audit_id"], "auditor": "au-1"}]}
    headers = {"if-match": SOME_VERSION}
    answer = planning.api.as_(person).request(
        "PUT", f"{path}/allocation", json=items, headers=headers
    )
    assert answer.status_code == 403


@pytest.mark.long
def test_a_conflict_of_interest_stops_the_whole_decision(planning: Planning) -> None:
    theme = planning.theme()
    auditors = ["au-1", SUPERVISOR]
    path = planning.published(theme, auditors=auditors)
    accept(planning.name(path, theme, planning.case().ref))
    unnamed, named = sorted(
        planning.audits(path),
        key=lambda item: bool(planning.read(f"/v1/audits/{item['audit_id']}")["subject"]),
    )
    supervisor = {one["auditor"]: one for one in named["passed_over"]}[SUPERVISOR]
    assert supervisor["because"] == "own_team"
    conflict = {"audit_id": named["audit_id"], "auditor": SUPERVISOR}
    fine = {"audit_id": unnamed["audit_id"], "auditor": "au-1"}
    refused = planning.decide(path, [fine, conflict])
    (error,) = refused.json()["errors"]
    assert (error["pointer"], error["code"]) == ("/items/1/auditor", "supervises-worker")
    assert {item["auditor"] for item in planning.audits(path)} == {None}
    reason = {"conflict_override_reason": "Nobody else knows the tool."}
    accept(planning.decide(path, [fine, conflict | reason]))
    unknown = [{"audit_id": str(uuid4()), "auditor": "au-1"}, fine, fine]
    assert codes(planning.decide(path, unknown)) == {"unknown", "repeated"}
    for worker, code in (("no-such-worker", "unknown"), (WORKER, "not-an-auditor")):
        assert codes(planning.decide(path, [fine | {"auditor": worker}])) == {code}


def test_a_team_that_moves_group_is_audited_by_its_new_group_and_keeps_its_place_in_the_plan(
    planning: Planning,
) -> None:
    team, group = f"moving-{uuid4().hex[:8]}", f"old-{uuid4().hex[:8]}"
    admin = planning.api.as_("admin-1")
    accept(admin.change("PUT", f"/v1/teams/{team}", {"name": "Moving"}))

    def put_group(code: str, teams: list[Json]) -> None:
        accept(admin.change("PUT", f"/v1/auditor-groups/{code}", {"name": code, "teams": teams}))

    put_group(group, [{"team": team, "from": "2026-01-01"}])
    path = planning.published(planning.theme(), {team: 1}, auditors=["tm-cwd"])
    (before,) = planning.audits(path)
    assert before["proposed"] is None
    assert [one["because"] for one in before["passed_over"]] == ["other_group"]
    put_group(group, [{"team": team, "from": "2026-01-01", "to": "2026-11-23"}])
    theirs = accept(admin.get("/v1/auditor-groups/c"))["teams"]
    put_group("c", [*theirs, {"team": team, "from": "2026-11-23"}])
    try:
        (after,) = planning.audits(path)
        assert after["proposed"] == "tm-cwd"
        assert planning.read(path)["teams"][0]["group"] == group
        assert planning.progress(path)[team]["group"] == group
        assert planning.progress(path)[team]["planned"] == 1
    finally:
        put_group("c", theirs)


# --- progress ---


@pytest.mark.long
def test_progress_counts_against_the_plan_and_nothing_else(planning: Planning) -> None:
    theme = planning.theme()
    path = planning.published(theme, {FIRST: 2, SECOND: 1}, audit_type=planning.short_type())
    case = planning.case()
    (item,) = accept(planning.name(path, theme, case.ref))["chosen"]
    accept(planning.decide(path, [{"audit_id": item["audit_id"], "auditor": "au-1"}]))
    case.plan(type="themed")  # of no plan: it counts nowhere
    carried_out(case, item)
    team = planning.progress(path)[FIRST]
    assert (team["planned"], team["in_progress"], team["completed"]) == (1, 0, 1)
    assert planning.completion(path) == (1, 3)
    share = planning.read(f"{path}/progress")["completion"]
    assert "completed" in share["numerator_is"]
    assert "expected by the published plan" in share["denominator_is"]


def test_managers_follow_their_own_teams(planning: Planning) -> None:
    path = planning.published(planning.theme(), {FIRST: 2, SECOND: 1})
    assert set(planning.progress(path, f"tm-{FIRST}")) == {FIRST}
    assert planning.completion(path, f"tm-{FIRST}") == (0, 2)
    assert set(planning.progress(path, "hos-corporate-parenting")) == {SECOND}
    assert planning.progress(path, "hos-early-help") == {}
    for person in ("au-1", WORKER, "slt-1", "reporting-1"):
        assert planning.api.as_(person).get(f"{path}/progress").status_code == 403


@pytest.mark.long
def test_an_audit_completed_after_london_midnight_of_the_last_day_is_late(
    planning: Planning, at: Callable[[str], None]
) -> None:
    theme = planning.theme()
    short = planning.short_type()
    path = planning.published(theme, {FIRST: 2}, quarter="2027-28 Q1", audit_type=short)
    cases = [planning.case(), planning.case()]
    items = accept(planning.name(path, theme, *(case.ref for case in cases)))["chosen"]
    accept(
        planning.decide(path, [{"audit_id": item["audit_id"], "auditor": "au-1"} for item in items])
    )
    # Half an hour before and after midnight in London, where summer time is an hour ahead.
    for case, item, instant in zip(
        cases, items, ("2027-06-30T22:30:00Z", "2027-06-30T23:30:00Z"), strict=True
    ):
        at(instant)
        carried_out(case, item)
    team = planning.progress(path)[FIRST]
    assert (team["completed"], team["completed_late"]) == (2, 1)
    assert planning.completion(path) == (2, 2)


@pytest.mark.long
def test_an_audit_whose_team_is_gone_still_counts_and_waits_for_quality_and_standards(
    planning: Planning,
) -> None:
    team = f"gone-{uuid4().hex[:8]}"
    admin, since = planning.api.as_("admin-1"), "2026-01-01"

    def put_team(until: str | None, manager: str | None) -> None:
        body = {
            "name": "Going",
            "services": [{"service": "fast", "from": since, "to": until}],
            "managers": [{"worker": "tm-cwd", "from": since, "to": manager}],
        }
        accept(admin.change("PUT", f"/v1/teams/{team}", body))

    def visible(person: str) -> bool:
        return planning.api.as_(person).get(audit).status_code == 200

    put_team(None, None)
    path = planning.published(planning.theme(), {team: 1})
    (item,) = planning.audits(path)
    audit = f"/v1/audits/{item['audit_id']}"
    # Without a manager the head of its service sees it; once it has left the service, Q&S does.
    put_team(None, "2026-06-01")
    assert visible("hos-fast")
    put_team("2026-11-01", "2026-06-01")
    assert not visible("hos-fast")
    assert visible("qs-1")
    assert planning.progress(path)[team]["planned"] == 1
    assert planning.completion(path) == (0, 1)
    after = planning.ends_on + timedelta(days=1)
    waiting = planning.api.get(f"/v1/me/work?kind=assign&due_to={after}&limit=500")
    assert item["audit_id"] in waiting.text
    accept(planning.decide(path, [{"audit_id": item["audit_id"], "auditor": "au-1"}]))
