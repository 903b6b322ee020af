"""R4.1.5: planned, in progress, completed; what each step needs, and what locks."""

from collections.abc import Callable
from functools import partial
from uuid import UUID, uuid4

import pytest

from qa_api.audits.completing import complete_audit
from qa_api.audits.schemas import Completion
from qa_api.auth.roles import Permission
from qa_api.values.preconditions import Precondition
from qa_api.work import Work
from tests.api import Api
from tests.audits.auditing import (
    ACTION,
    CONTACT,
    GOOD,
    HEAD,
    MANAGER,
    SUPERVISOR,
    TEAM,
    WORKER,
    Auditing,
    domains,
    needed_answers,
    pointers,
    questions,
)
from tests.audits.filling import fill
from tests.closures.statements import statements_of


@pytest.mark.long
def test_an_audit_goes_from_planned_to_completed(case: Auditing) -> None:
    planned = case.plan(MANAGER, due_on="2026-11-30")
    assert (planned["state"], planned["team"], planned["worker"]) == ("planned", TEAM, WORKER)
    assert planned["working_days_left"] == 5
    path = f"/v1/audits/{planned['id']}"
    case.accept(case.api.as_(MANAGER).act(f"{path}/assign", {"auditor": SUPERVISOR}))

    auditor = case.api.as_(SUPERVISOR)
    started = case.accept(auditor.act(f"{path}/start"))
    assert started["state"] == "in_progress"
    assert (started["audited_worker"], started["audited_team"]) == (WORKER, TEAM)
    assert (started["audited_team_manager"], started["audited_head_of_service"]) == (MANAGER, HEAD)
    assert started["tool_id"]
    assert started["scale_code"] == "four-point"

    answers = needed_answers("closure")
    for key, answer in answers.items():
        case.accept(auditor.change("PUT", f"{path}/answers/{key}", answer))
    for key in domains("closure"):
        case.accept(auditor.change("PUT", f"{path}/judgements/{key}", GOOD, on=path))
    case.accept(auditor.change("PUT", f"{path}/family-contact", CONTACT, on=path))
    view = {"view": "The plan changed twice."}
    case.accept(auditor.change("PUT", f"{path}/worker-view", view, on=path))
    case.accept(auditor.change("PATCH", path, {"positive_feedback": "Warm direct work."}))
    action = case.accept(auditor.create(f"{path}/actions", ACTION))
    assert action["owner"] is None, "nobody is named: it follows the case (R4.2.6)"

    done = case.accept(auditor.act(f"{path}/complete", {"overall": GOOD}))
    assert (done["state"], done["overall_judgement"]) == ("completed", "good")
    assert done["completed_at"] == "2026-11-23T09:30:00.000000Z"
    assert {one["question_key"] for one in done["answers"]} == set(answers)
    assert [one["id"] for one in done["actions"]] == [action["id"]]
    assert done["family_contact"]["contacts"][0]["who"] == "mother"
    assert done["worker_view"]["view"] == view["view"]


def test_completion_is_refused_with_everything_that_is_missing(case: Auditing) -> None:
    path = case.started()
    refused = case.api.as_(SUPERVISOR).act(f"{path}/complete")
    assert refused.status_code == 422
    assert refused.json()["type"] == "/problems/business-rule"
    needed = {
        f"/answers/{q.key}" for q in questions("closure") if q.required and not q.applies_when
    }
    judged = {f"/judgements/{key}" for key in domains("closure")}
    whole = {"/judgements/overall", "/family_contact", "/positive_feedback"}
    assert pointers(refused) == needed | judged | whole
    assert case.read(path)["state"] == "in_progress"


def test_a_completed_audit_is_locked(case: Auditing) -> None:
    path = case.completed()
    auditor = case.api.as_(SUPERVISOR)
    for refused in (
        auditor.change("PUT", f"{path}/answers/handover", {"value": "no"}),
        auditor.change("PUT", f"{path}/judgements/multi_agency", GOOD, on=path),
        auditor.change("PUT", f"{path}/judgements/overall", GOOD, on=path),
        auditor.change("PUT", f"{path}/family-contact", CONTACT, on=path),
        auditor.change("PUT", f"{path}/worker-view", {"view": "Mine."}, on=path),
        auditor.change("PATCH", path, {"positive_feedback": "More."}),
        auditor.create(f"{path}/actions", ACTION),
        auditor.act(f"{path}/complete"),
        case.api.as_("qs-1").act(f"{path}/cancel", {"reason": "A mistake."}),
        case.api.as_("qs-1").act(f"{path}/assign", {"auditor": MANAGER}),
    ):
        assert refused.status_code == 409, refused.text
        assert refused.json()["state"] == "completed"


def test_the_day_of_completion_is_londons(case: Auditing, at: Callable[[str], None]) -> None:
    path = case.filled()
    at("2027-06-13T23:30:00Z")  # 14 June in London
    done = case.accept(case.api.as_(SUPERVISOR).act(f"{path}/complete", {"overall": GOOD}))
    assert done["completed_at"].startswith("2027-06-13T23:30")
    mark = f"{path}/discuss-in-supervision"
    too_early = case.api.as_(SUPERVISOR).act(mark, {"discussed_on": "2027-06-13"})
    assert too_early.status_code == 422
    assert pointers(too_early) == {"/discussed_on"}
    marked = case.accept(case.api.as_(SUPERVISOR).act(mark, {"discussed_on": "2027-06-14"}))
    assert marked["discussed_in_supervision_on"] == "2027-06-14"


def test_an_audit_that_has_begun_is_completed_though_its_type_is_made_no_longer(
    case: Auditing,
) -> None:
    type_ = f"t-{uuid4().hex[:10]}"
    of_type = {
        "name": "Made for a while",
        "clause": "§3, R3.1",
        "subject_kind": "child",
        "owner": "service_area",
        "cadence": "as_required",
        "tool_code": "closure",
        "may_audit": "any_auditor",
    }
    standards, auditor = case.api.as_("qs-1"), case.api.as_("au-1")
    case.accept(standards.change("PUT", f"/v1/audit-types/{type_}", of_type))
    answers = [{"question_key": key, **said} for key, said in needed_answers("closure").items()]
    path = f"/v1/audits/{case.plan(type=type_, auditor='au-1', answers=answers)['id']}"
    judgements = dict.fromkeys(domains("closure"), GOOD)
    fill(auditor, path, judgements=judgements, contact=CONTACT, praise="Warm, direct work.")
    over = of_type | {"active": False}
    case.accept(standards.change("PUT", f"/v1/audit-types/{type_}", over))
    assert case.accept(auditor.act(f"{path}/complete", {"overall": GOOD}))["state"] == "completed"


def test_completing_takes_few_statements_whatever_follows_of_it(case: Auditing) -> None:
    """A round trip each."""
    path = case.filled(actions=[ACTION, ACTION])
    said = Completion.model_validate({"overall": GOOD})
    unchanged = Precondition(any_version=True)

    async def act(work: Work) -> None:
        await complete_audit(work, UUID(path.rpartition("/")[2]), unchanged, said)

    auditor = case.api.as_(SUPERVISOR)
    by_them = partial(auditor.do, Permission.AUDIT_CARRY_OUT)
    # The first has the statements prepared, and the tool read.
    _, asked = (statements_of(by_them, act) for _ in range(2))
    assert len(asked) <= 16, asked


def test_cancelling_takes_a_reason_and_ends_the_audit(case: Auditing) -> None:
    path = f"/v1/audits/{case.plan()['id']}"
    manager = case.api.as_(MANAGER)
    assert pointers(manager.act(f"{path}/cancel")) == {"/reason"}
    cancelled = case.accept(manager.act(f"{path}/cancel", {"reason": "The case moved."}))
    assert (cancelled["state"], cancelled["cancel_reason"]) == ("cancelled", "The case moved.")
    again = manager.act(f"{path}/assign", {"auditor": SUPERVISOR})
    assert again.status_code == 409


def test_an_audit_without_a_subject_cannot_begin(case: Auditing) -> None:
    planned = case.plan(subject=None, team=TEAM, auditor=SUPERVISOR)
    path = f"/v1/audits/{planned['id']}"
    assert (planned["subject"], planned["team"]) == (None, TEAM)
    assert case.api.as_(SUPERVISOR).act(f"{path}/start").status_code == 422
    named = case.accept(case.api.as_(MANAGER).change("PATCH", path, {"subject": case.subject}))
    assert named["subject"]["ref"] == case.ref
    assert named["worker"] == WORKER
    case.accept(case.api.as_(SUPERVISOR).act(f"{path}/start"))


def test_a_team_alone_takes_no_child_out_of_an_audit(case: Auditing) -> None:
    path = f"/v1/audits/{case.plan(auditor=SUPERVISOR)['id']}"
    qs = case.api.as_("qs-1")
    for pair in ({"team": "boston-fast"}, {"team": None}):
        refused = qs.change("PATCH", path, pair)
        assert (refused.status_code, pointers(refused)) == (422, {"/team"})
        assert refused.json()["errors"][0]["code"] == "not-both"
    both = qs.change("PATCH", path, {"subject": case.subject, "team": TEAM})
    assert (both.status_code, pointers(both)) == (422, {"/team"})
    assert case.read(path)["subject"]["ref"] == case.ref
    # Said in so many words it goes, and the audit stays with the team until another is named.
    without = case.accept(qs.change("PATCH", path, {"subject": None}))
    assert (without["subject"], without["team"], without["worker"]) == (None, TEAM, None)
    again = case.accept(qs.change("PATCH", path, {"subject": case.subject}))
    assert (again["subject"]["ref"], again["team"]) == (case.ref, TEAM)


def test_whom_an_audit_is_about_is_settled_when_it_begins(case: Auditing) -> None:
    path = case.started()
    refused = case.api.as_("qs-1").change("PATCH", path, {"subject": case.subject})
    assert refused.status_code == 422
    assert pointers(refused) == {"/subject"}
    moved = case.accept(case.api.as_(MANAGER).change("PATCH", path, {"due_on": "2026-12-01"}))
    assert moved["due_on"] == "2026-12-01"
    emptied = case.accept(case.api.as_(MANAGER).change("PATCH", path, {"due_on": None}))
    assert emptied["due_on"] is None


def test_the_plan_is_the_managers_and_what_is_recorded_the_auditors(case: Auditing) -> None:
    path = case.started()
    plan = case.api.as_(SUPERVISOR).change("PATCH", path, {"due_on": "2026-12-01"})
    recorded = case.api.as_(MANAGER).change("PATCH", path, {"positive_feedback": "Good."})
    assert (plan.status_code, recorded.status_code) == (403, 403)


@pytest.mark.parametrize("step", ["start", "complete", "cancel", "assign"])
def test_a_step_names_the_version_it_is_based_on(case: Auditing, step: str) -> None:
    path = f"/v1/audits/{case.plan(auditor=SUPERVISOR)['id']}"
    person = {"start": SUPERVISOR, "complete": SUPERVISOR}.get(step, MANAGER)
    body = {"cancel": {"reason": "No."}, "assign": {"auditor": SUPERVISOR}}.get(step, {})
    post = case.api.as_(person).post
    assert post(f"{path}/{step}", body).status_code == 428
    stale = post(f"{path}/{step}", body, headers={"if-match": f'"9.{"0" * 16}"'})
    if step == "complete":
        assert (stale.status_code, stale.json()["state"]) == (409, "planned"), "of any version"
    else:
        assert (stale.status_code, stale.headers["etag"][:3]) == (412, '"1.')


def test_what_the_caller_may_do_is_shown(case: Auditing) -> None:
    path = f"/v1/audits/{case.plan(auditor=SUPERVISOR)['id']}"

    def allowed(person: str) -> set[str]:
        return set(case.read(path, person)["allowed_actions"])

    assert allowed(SUPERVISOR) == {"assign", "edit", "raise_urgent_finding", "start"}
    assert allowed(MANAGER) == {"assign", "cancel", "edit"}
    case.accept(case.api.as_(SUPERVISOR).act(f"{path}/start"))
    assert {"answer", "judge", "complete", "add_action"} <= allowed(SUPERVISOR)


def test_planning_waits_for_no_one_twice(api: Api, case: Auditing) -> None:
    body = {"type": "closure", "subject": case.subject}
    first = api.create("/v1/audits", body, key="one-intention-" + case.ref)
    again = api.create("/v1/audits", body, key="one-intention-" + case.ref)
    assert first.json()["id"] == again.json()["id"]
    assert again.headers["idempotent-replayed"] == "true"
    other = api.create(
        "/v1/audits", body | {"due_on": "2026-12-01"}, key="one-intention-" + case.ref
    )
    assert other.status_code == 422
