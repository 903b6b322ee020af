"""Submitting a response: every action is answered, and all of it is written in one statement.

It is the heaviest of what workers do often, so it makes no session: its statements were compiled
once, and how many actions there are changes nothing about how many there are of them.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Uuid, select

from qa_api import events, problems
from qa_api.actions import service as actions
from qa_api.actions.answered import WRITE_ANSWERED, AnsweredAction, actions_of_audit
from qa_api.auth.actor import Me
from qa_api.auth.roles import Permission
from qa_api.db import Found, Prepared, parameter
from qa_api.directory.acting import who_reviews_for
from qa_api.event_log import as_json, recording_all
from qa_api.models.audits import Audit
from qa_api.models.responses import AuditResponse, ResponseRound
from qa_api.responses.queries import visible_to
from qa_api.responses.schemas import ResponseSubmission
from qa_api.responses.service import who_responded
from qa_api.rules import responses as rule
from qa_api.rules.deadlines import review_due
from qa_api.rules.states import ActionState
from qa_api.rules.transitions import next_state
from qa_api.values.preconditions import Precondition
from qa_api.work import Work


async def submit_response(
    work: Work, response_id: UUID, expected: Precondition, body: ResponseSubmission
) -> None:
    """The worker answers every action, perhaps before the notification arrived (R4.2.3, R4.2.8).

    What the response says goes into the actions: planned or done. Where the worker cannot, their
    supervisor or manager answers on their behalf; then the work said to be done is the worker's.
    """
    response = await _take_response(work, response_id)
    responder = response.handed_to or response.worker
    work.require(Permission.RESPONSE_SUBMIT, team=response.team, worker=responder)
    state = next_state("audit_response", response.state, "submit")
    expected.check(response.version)
    person = work.person()
    on_behalf = rule.check_on_behalf(person, responder, said=body.on_behalf)
    rounds = await work.run(_rounds(), id=response_id)
    rule.check_responder(person, rounds[-1].auditor)
    items = _items(body)
    of_audit = await actions_of_audit(work, response.audit_id)
    _check(work, of_audit, items)
    on_behalf_of = responder if on_behalf else None
    answers = await _answers(work, of_audit, items, done_by=on_behalf_of or person)
    submitted = {
        "state": state,
        "submitted_at": work.now,
        "first_submitted_on": work.today,
        "submitted_by": person,
        "on_behalf": on_behalf,
        "on_behalf_of": on_behalf_of,
        **await _review(work, response, rounds, {person, on_behalf_of}),
    }
    written = await work.record_all(
        [
            *answers.values(),
            events.ResponseSubmitted(
                about=response.id,
                subject=response.subject_id,
                audit_id=response.audit_id,
                round=rounds[-1].number,
            ),
        ],
        _SUBMITTED,
        response=str(response.id),
        round=str(rounds[-1].id),
        submission=as_json(submitted),
        items=as_json(items),
        actions=as_json([action for action in of_audit if action.id in answers]),
    )
    if written != 2 + len(items) + len(answers):
        raise LookupError("a response that was found is not written whole")


async def _take_response(work: Work, response_id: UUID) -> Found:
    found = await work.run(_to_take(), **work.actor.given(work.now, work.today), id=response_id)
    if not found:
        raise problems.not_found()
    return found[0]


@cache
def _to_take() -> Prepared:
    of_this_id = AuditResponse.id == parameter("id", Uuid())
    seen = visible_to(AuditResponse, Me.given())
    return Prepared.of(select(AuditResponse).where(of_this_id, seen).with_for_update())


@cache
def _rounds() -> Prepared:
    """The rounds of a response, in order, each with those whom its audit is by and about."""
    each = ResponseRound
    return Prepared.of(
        select(
            each.id,
            each.number,
            each.submitted_by,
            each.on_behalf_of,
            Audit.auditor,
            Audit.audited_worker,
        )
        .join(AuditResponse, AuditResponse.id == each.response_id)
        .join(Audit, Audit.id == AuditResponse.audit_id)
        .where(each.response_id == parameter("id", Uuid()))
        .order_by(each.number)
    )


def _items(body: ResponseSubmission) -> list[rule.ResponseItem]:
    return [
        rule.ResponseItem(
            str(item.action), item.how, item.done_on, item.not_immediate_because, item.finish_on
        )
        for item in body.items
    ]


def _check(
    work: Work, of_audit: Sequence[AnsweredAction], items: Sequence[rule.ResponseItem]
) -> None:
    """Refuse a response that does not cover each action that is not cancelled."""
    set_on = {str(action.id): actions.set_on(action) for action in of_audit}
    cancelled = {str(one.id) for one in of_audit if one.state == ActionState.CANCELLED}
    to_cover = [key for key in set_on if key not in cancelled]
    rule.check_response(to_cover, items, work.today, also_known=set_on, set_on=set_on)


async def _answers(
    work: Work,
    of_audit: Sequence[AnsweredAction],
    items: Sequence[rule.ResponseItem],
    done_by: str,
) -> dict[UUID, events.ActionDone | events.ActionPlanned]:
    """Let each action take the step that the response asks of it, if it asks for one.

    What happened to those that took one, by their ids.
    """
    by_id = {str(action.id): action for action in of_audit}
    happened: dict[UUID, events.ActionDone | events.ActionPlanned] = {}
    for item in items:
        action = by_id[item.action]
        if rule.step_for(item, ActionState(action.state)) is None:
            continue
        if item.done_on is not None:
            happened[action.id] = actions.complete(work, action, item.done_on, item.how, done_by)
        elif item.finish_on is not None:
            happened[action.id] = await actions.plan(
                work, action, item.finish_on, item.how, reason=item.not_immediate_because
            )
    return happened


async def _review(
    work: Work, response: Found, rounds: Sequence[Found], responded: set[str | None]
) -> dict[str, Any]:
    """Who is to review, as what, and by when; the explanation says who was passed over."""
    audit = rounds[-1]
    judged = frozenset(person for person in (audit.audited_worker,) if person is not None)
    everybody = who_responded(rounds) | {person for person in responded if person is not None}
    routed = await who_reviews_for(
        work, response.team, response, audit.auditor, judged, frozenset(everybody)
    )
    due = review_due(work.now, await work.policy(), await work.calendar())
    why = replace(due.explanation, facts={**due.explanation.facts, **routed.explanation.facts})
    return {
        "reviewer": routed.worker,
        "reviewer_acts_as": routed.acting_as,
        "review_due_on": due.due_on,
        "review_explanation": why.as_json(),
    }


_SAID: Final = """jsonb_to_record(CAST(CAST(:submission AS text) AS jsonb)) AS x (
        state text, submitted_at timestamptz, first_submitted_on date, submitted_by text,
        on_behalf boolean, on_behalf_of text, reviewer text, reviewer_acts_as text,
        review_due_on date, review_explanation jsonb)"""
_ITEMS: Final = """jsonb_to_recordset(CAST(CAST(:items AS text) AS jsonb)) AS x (
        action uuid, how text, done_on date, finish_on date, not_immediate_because text)"""
_SUBMITTED: Final = recording_all(
    response=f"""
    UPDATE audit_responses r SET state = x.state, version = r.version + 1,
        first_submitted_at = coalesce(r.first_submitted_at, x.submitted_at),
        first_submitted_on = coalesce(r.first_submitted_on, x.first_submitted_on)
    FROM {_SAID} WHERE r.id = CAST(CAST(:response AS text) AS uuid)""",  # noqa: S608  # constants
    round=f"""
    UPDATE response_rounds r SET submitted_at = x.submitted_at, submitted_by = x.submitted_by,
        on_behalf = x.on_behalf, on_behalf_of = x.on_behalf_of, reviewer = x.reviewer,
        reviewer_acts_as = x.reviewer_acts_as, review_due_on = x.review_due_on,
        review_explanation = x.review_explanation
    FROM {_SAID} WHERE r.id = CAST(CAST(:round AS text) AS uuid)""",  # noqa: S608  # constants
    items=f"""
    INSERT INTO response_items (round_id, action_id, how, done_on, finish_on, reason_not_immediate,
                                subject_id, team, worker, restricted)
    SELECT r.id, x.action, x.how, x.done_on, x.finish_on, x.not_immediate_because,
           r.subject_id, r.team, r.worker, r.restricted
    FROM response_rounds r, {_ITEMS} WHERE r.id = CAST(CAST(:round AS text) AS uuid)""",  # noqa: S608  # constants
    actions=WRITE_ANSWERED,
)
"""The response, its round, what it says of each action, those that took a step, and the events."""
