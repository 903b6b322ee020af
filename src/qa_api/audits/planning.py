"""Planning an audit, or recording as a whole one that was carried out elsewhere."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, Final
from uuid import UUID

from qa_api import events, problems
from qa_api.audits.content_schemas import ActionIn, KeyedAnswerIn
from qa_api.audits.facts import References, references
from qa_api.audits.schemas import AuditPlan
from qa_api.audits.tool_and_scale import not_taken, tool_and_scale
from qa_api.event_log import as_json, recording
from qa_api.models.base import new_id
from qa_api.problems import InputError
from qa_api.rules.actions import NOT_A_DOER
from qa_api.rules.audits import check_not_judged
from qa_api.rules.states import ActionState, AuditState
from qa_api.rules.tools import OverallAsked
from qa_api.work import Work

BEGUN_COMPLETE: Final = "§4.1, R4.1.5"
NO_TOOL: Final = (
    "No tool is published for audits of this type. Quality & Standards publish one, and then such"
    " an audit can begin."
)
TEAM_IS_THE_SUBJECTS: Final = (
    "An audit with a subject has the subject's team. To audit a team without a subject, send"
    " `subject` as null."
)


async def plan_audit(work: Work, audit_id: UUID, plan: AuditPlan) -> None:
    """Open an audit (R4.1.5). With answers or actions it begins at once.

    Raises `validation` for what the plan names and the caller may not know of, `forbidden` where
    they may not plan such an audit, and `business-rule` where auditor or answers are not accepted.
    """
    begun = bool(plan.answers or plan.actions)
    found = await resolved(work, plan)
    found.facts.check_starts(work, found.holder.team, plan.auditor)
    check_not_judged(work.actor.worker, {found.holder.worker})
    if begun:
        _require_what_a_begun_audit_needs(plan, found)
    if plan.auditor is not None:
        found.facts.check_auditor(work.policy_version, overridden=False)
    answers = await _checked_answers(work, found, plan.answers) if plan.answers else []
    actions = _actions(plan.actions)
    await work.record(
        events.AuditPlanned(
            about=audit_id,
            subject=found.holder.subject_id,
            audit_type=plan.type,
            auditor=plan.auditor,
            due_on=None if plan.re_audit_of else plan.due_on,
            begun=begun,
            action_ids=tuple(action["id"] for action in actions),
        ),
        WHOLE_AUDIT,
        **_rows(work, audit_id, plan, found, answers, actions),
    )


async def resolved(work: Work, plan: AuditPlan) -> References:
    """What the plan refers to; everything that cannot be found is named at once."""
    found = await references(
        work,
        plan.type,
        subject=plan.subject,
        team=plan.team,
        auditor=plan.auditor,
        owners=[action.owner for action in plan.actions if action.owner],
        re_audit_of=plan.re_audit_of,
    )
    if found is None:
        raise problems.validation([_unknown("type", detail="There is no such audit type.")])
    if errors := list(_unresolved(plan, found)):
        raise problems.validation(errors[:100])
    return found


def _unresolved(plan: AuditPlan, found: References) -> Iterator[InputError]:
    holder = found.holder
    if plan.subject is not None:
        if holder.subject_id is None:
            yield _unknown("subject", detail="There is no subject of this name that you may see.")
        elif holder.kind != found.facts.subject_kind:
            detail = "Audits of this type are about another kind of subject."
            yield InputError.at(["subject"], "subject-kind", detail)
        if plan.team is not None:
            yield InputError.at(["team"], "not-both", TEAM_IS_THE_SUBJECTS)
    elif not found.team_known:
        yield _unknown("team", detail="There is no such team.")
    if not found.re_audited:
        detail = "There is no finished audit of this subject with this id."
        yield _unknown("re_audit_of", detail=detail)
    yield from _unresolved_parts(plan, found)


def _unresolved_parts(plan: AuditPlan, found: References) -> Iterator[InputError]:
    for at, action in enumerate(plan.actions):
        if action.owner is not None and action.owner not in found.known_owners:
            yield _unknown("actions", at, "owner", detail="There is no such worker.")
        elif action.owner is not None and action.owner not in found.able_owners:
            yield InputError.at(["actions", at, "owner"], "cannot-do-it", NOT_A_DOER)
    repeated = Counter(answer.question_key for answer in plan.answers)
    for at, answer in enumerate(plan.answers):
        if repeated[answer.question_key] > 1:
            detail = "This question is answered more than once."
            yield InputError.at(["answers", at, "question_key"], "repeated", detail)


def _unknown(*path: str | int, detail: str) -> InputError:
    return InputError.at(path, "unknown", detail)


def _require_what_a_begun_audit_needs(plan: AuditPlan, found: References) -> None:
    lacking = []
    if plan.subject is None:
        lacking.append(("subject", "An audit cannot start without a subject."))
    if plan.auditor is None:
        lacking.append(("auditor", "An audit cannot start without an auditor."))
    if found.facts.tool is None:
        lacking.append(("type", NO_TOOL))
    if lacking:
        raise problems.business_rule(
            BEGUN_COMPLETE,
            "An audit with answers or actions starts at once, and something it needs is missing.",
            [InputError.at([name], "missing", detail) for name, detail in lacking],
        )


async def _checked_answers(
    work: Work, found: References, answers: Sequence[KeyedAnswerIn]
) -> list[dict[str, Any]]:
    tool = found.facts.tool
    assert tool is not None  # noqa: S101  # an audit that has begun has one
    asked = await tool_and_scale(work, tool.id, tool.scale_code, tool.scale_number)
    errors: list[InputError] = []
    for at, answer in enumerate(answers):
        question = asked.questions.get(answer.question_key)
        if question is None:
            detail = "The tool asks no such question."
            errors.append(_unknown("answers", at, "question_key", detail=detail))
            continue
        errors += asked.faults_of(question, answer, f"/answers/{at}")
    if errors:
        raise not_taken(errors)
    return [answer.model_dump() for answer in answers]


def _actions(actions: Sequence[ActionIn]) -> list[dict[str, Any]]:
    ids = sorted(new_id() for _ in actions)  # they are shown in the order of their ids
    return [
        {
            **action.model_dump(),
            "id": action_id,
            "state": ActionState.OPEN,
        }
        for action_id, action in zip(ids, actions, strict=True)
    ]


def _rows(
    work: Work,
    audit_id: UUID,
    plan: AuditPlan,
    found: References,
    answers: list[dict[str, Any]],
    actions: list[dict[str, Any]],
) -> dict[str, str]:
    """The audit with all its parts, as `WHOLE_AUDIT` takes them."""
    holder = found.holder
    held = {
        "subject_id": holder.subject_id,
        "team": holder.team,
        "worker": holder.worker,
        "restricted": holder.restricted,
        "version": 1,
    }
    audit = held | {"id": audit_id} | _row(work, plan, found, begun=bool(answers or actions))
    part = held | {"audit_id": audit_id}
    pinned = part | {"tool_id": audit.get("tool_id"), "answered_at": work.now}
    return {
        "audit": as_json([audit]),
        "answers": as_json([pinned | answer for answer in answers]),
        "actions": as_json([part | action for action in actions]),
    }


def _row(work: Work, plan: AuditPlan, found: References, *, begun: bool) -> dict[str, Any]:
    """What the audit's own row says, beside who holds the case."""
    holder, facts = found.holder, found.facts
    audit: dict[str, Any] = {
        "type": plan.type,
        "state": AuditState.IN_PROGRESS if begun else AuditState.PLANNED,
        "re_audit_of": plan.re_audit_of,
        "opened_by": "person",
        "policy_version": work.policy_version,
        "due_on": plan.due_on,
        "planned_at": work.now,
        "started_at": work.now if begun else None,
        "overall_asked": OverallAsked.REQUIRED,
    }
    if plan.auditor is not None:
        audit |= {
            "auditor": plan.auditor,
            "auditor_team": facts.auditor_team,
            "audited_worker": holder.worker,
            "audited_team": holder.team,
            "audited_team_manager": facts.manager,
            "audited_head_of_service": facts.head_of_service,
        }
    if begun and facts.tool is not None:
        audit |= {
            "tool_id": facts.tool.id,
            "scale_code": facts.tool.scale_code,
            "scale_number": facts.tool.scale_number,
            "overall_asked": facts.tool.overall,
        }
    return audit


def _insert(table: str, columns: str, *, given_as: str) -> str:
    """Rows of a table from a JSON list; a column that a row does not name is null."""
    rows = f"jsonb_populate_recordset(NULL::{table}, CAST(CAST(:{given_as} AS text) AS jsonb))"
    return f"INSERT INTO {table} ({columns}) SELECT {columns} FROM {rows}"  # noqa: S608  # constants


_HELD = "subject_id, team, worker, restricted, version"
WHOLE_AUDIT = recording(
    written_audit=_insert(
        "audits",
        f"{_HELD}, id, type, state, re_audit_of, opened_by, policy_version, due_on, planned_at,"
        " started_at, auditor, auditor_team, audited_worker, audited_team, audited_team_manager,"
        " audited_head_of_service, tool_id, scale_code, scale_number, overall_asked",
        given_as="audit",
    ),
    written_answers=_insert(
        "audit_answers",
        f"{_HELD}, audit_id, tool_id, question_key, value, evidence, rationale, comment, done_on,"
        " expected_by, answered_at",
        given_as="answers",
    ),
    written_actions=_insert(
        "restorative_actions",
        f"{_HELD}, audit_id, id, state, kind, description, needed_before_closure, owner",
        given_as="actions",
    ),
)
"""The audit with all its parts and its event, in one statement and one round trip."""
