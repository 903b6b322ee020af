"""Creating audits: what a plan names is resolved, refused or written whole."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from uuid import uuid4

import asyncpg
import orjson
import pytest

from qa_api.audits.planning import WHOLE_AUDIT
from qa_api.settings import Settings
from tests.api import Json
from tests.audits.auditing import (
    ACTION,
    HEAD,
    MANAGER,
    SUPERVISOR,
    TEAM,
    WORKER,
    Auditing,
    needed_answers,
    pointers,
)

ANSWERS = [{"question_key": key, **answer} for key, answer in needed_answers("closure").items()][
    :10
]


def test_an_audit_recorded_elsewhere_is_written_whole(case: Auditing) -> None:
    made = case.plan(
        auditor=SUPERVISOR, answers=ANSWERS, actions=[ACTION, ACTION | {"owner": MANAGER}]
    )
    assert made["state"] == "in_progress"
    assert made["version"] == 1
    assert {one["question_key"]: one["value"] for one in made["answers"]} == {
        one["question_key"]: one["value"] for one in ANSWERS
    }
    # Where nobody is named it follows the case (R4.2.6).
    assert [action["owner"] for action in made["actions"]] == [None, MANAGER]
    assert {action["state"] for action in made["actions"]} == {"open"}
    assert (made["audited_worker"], made["audited_team"]) == (WORKER, TEAM)
    assert (made["audited_team_manager"], made["audited_head_of_service"]) == (MANAGER, HEAD)
    assert made["tool_id"]
    assert made["started_at"] == "2026-11-23T09:30:00.000000Z"
    assert made == case.read(f"/v1/audits/{made['id']}")


async def _why_not_written(authority: Settings, reach: str) -> type[Exception]:
    """What refuses an audit that lacks its type, written past the service within a reach."""
    lacking = {"id": str(uuid4()), "team": TEAM, "restricted": False}
    event = dict.fromkeys(WHOLE_AUDIT.order) | {
        "audit": orjson.dumps([lacking]).decode(),
        "answers": "[]",
        "actions": "[]",
        "id": uuid4(),
        "at": datetime(2026, 11, 23, tzinfo=UTC),
        "type": "audit.planned",
        "correlation_id": "written-by-a-test",
        "data": "{}",
    }
    connection = await asyncpg.connect(authority.database_url.get_secret_value())
    try:
        await connection.fetch("SELECT set_config('qa.reach', $1, false)", reach)
        with pytest.raises(asyncpg.PostgresError) as refused:
            await connection.fetch(WHOLE_AUDIT.sql, *WHOLE_AUDIT.arguments(event))
        return refused.type
    finally:
        await connection.close()


def test_an_audits_rows_are_written_before_the_reach_widens_for_its_event(
    authority: Settings,
) -> None:
    denied = asyncio.run(_why_not_written(authority, "rows"))
    assert denied is asyncpg.InsufficientPrivilegeError
    assert asyncio.run(_why_not_written(authority, "authority")) is asyncpg.NotNullViolationError


@pytest.mark.long
def test_fifty_times_the_same_plan_is_one_audit(case: Auditing) -> None:
    key = uuid4().hex
    body = {
        "type": "closure",
        "subject": case.subject,
        "auditor": SUPERVISOR,
        "answers": ANSWERS,
        "actions": [ACTION],
    }
    with ThreadPoolExecutor(50) as pool:
        made = list(pool.map(lambda _: case.api.create("/v1/audits", body, key=key), range(50)))
    created = [answer for answer in made if answer.status_code == 201]
    # Who waited too long for the first was told to try again; nobody made a second.
    assert {answer.status_code for answer in made} <= {201, 503}
    assert len({answer.json()["id"] for answer in created}) == 1
    subject = created[0].json()["subject"]["id"]
    assert len(case.read(f"/v1/audits?subject={subject}")["items"]) == 1


def test_a_subject_of_others_is_refused_like_one_that_does_not_exist(case: Auditing) -> None:
    plan = {"type": "closure", "subject": case.subject}
    stranger = case.api.as_("tm-adoption")
    unseen = stranger.create("/v1/audits", plan)
    unknown = stranger.create("/v1/audits", plan | {"subject": {"system": "mosaic", "ref": "C-0"}})
    assert unseen.status_code == unknown.status_code == 422
    assert pointers(unseen) == {"/subject"}
    for refused in (unseen, unknown):
        assert case.ref not in refused.text

    def told(answer: Json) -> Json:
        return {name: answer[name] for name in ("type", "detail", "errors")}

    assert told(unseen.json()) == told(unknown.json())


@pytest.mark.parametrize(
    ("plan", "pointer"),
    [
        ({"type": "no-such-type"}, "/type"),
        ({"subject": {"system": "other", "ref": "C-1"}}, "/subject"),
        ({"team": TEAM}, "/team"),
        ({"subject": None, "team": "no-such-team"}, "/team"),
        ({"re_audit_of": str(uuid4())}, "/re_audit_of"),
        ({"auditor": "no-such-worker"}, "/auditor"),
        ({"type": "carers"}, "/subject"),
        ({"auditor": SUPERVISOR, "actions": [ACTION | {"owner": "x"}]}, "/actions/0/owner"),
        ({"auditor": SUPERVISOR, "answers": ANSWERS[:1] * 2}, "/answers/1/question_key"),
        (
            {"auditor": SUPERVISOR, "answers": [{"question_key": "no_such"}]},
            "/answers/0/question_key",
        ),
        (
            {"auditor": SUPERVISOR, "answers": [{"question_key": "handover", "value": "?"}]},
            "/answers/0/value",
        ),
        ({"answers": ANSWERS}, "/auditor"),
        ({"subject": None, "team": TEAM, "auditor": SUPERVISOR, "actions": [ACTION]}, "/subject"),
        ({"due_on": 0}, "/due_on"),
        ({"colour": "red"}, "/colour"),
    ],
)
def test_a_plan_that_does_not_hold_is_refused_and_names_the_field(
    case: Auditing, plan: Json, pointer: str
) -> None:
    body = {"type": "closure", "subject": case.subject} | plan
    refused = case.api.create("/v1/audits", body)
    assert refused.status_code == 422
    assert pointer in pointers(refused)


def test_an_audit_is_carried_out_only_with_a_published_tool(case: Auditing) -> None:
    code = f"no-tool-{uuid4().hex[:8]}"
    type_ = {
        "name": "An audit whose tool is still to be written",
        "clause": "§3, R3.1",
        "subject_kind": "child",
        "owner": "service_area",
        "cadence": "as_required",
        "may_audit": "any_auditor",
    }
    qs = case.api.as_("qs-1")
    case.accept(qs.change("PUT", f"/v1/audit-types/{code}", type_))
    body = {"type": code, "subject": case.subject, "auditor": SUPERVISOR, "actions": [ACTION]}
    refused = qs.create("/v1/audits", body)
    assert refused.status_code == 422
    assert pointers(refused) == {"/type"}


@pytest.mark.parametrize("person", ["tm-lincoln-fast", "hos-fast", "dm-lincoln-fast", "qs-1"])
def test_managers_plan_for_their_own_teams(case: Auditing, person: str) -> None:
    assert case.plan(person)["state"] == "planned"
    assert case.plan(person, subject=None, team=TEAM)["team"] == TEAM


@pytest.mark.parametrize("person", ["tm-adoption", "hos-early-help"])
def test_nobody_plans_for_another_team(case: Auditing, person: str) -> None:
    body = {"type": "closure", "team": TEAM}
    assert case.api.as_(person).create("/v1/audits", body).status_code == 403
    assert case.api.as_(person).create("/v1/audits", {"type": "closure"}).status_code == 403


@pytest.mark.parametrize(
    "person", [SUPERVISOR, WORKER, "au-1", "slt-1", "admin-1", "case-system-mosaic", "reporting-1"]
)
def test_who_plans_no_audits_is_refused(case: Auditing, person: str) -> None:
    body = {"type": "closure", "subject": case.subject}
    assert case.api.as_(person).create("/v1/audits", body).status_code == 403


def test_a_later_audit_names_the_earlier_one(case: Auditing) -> None:
    earlier = case.completed().rpartition("/")[2]
    assert case.plan(re_audit_of=earlier)["re_audit_of"] == earlier
