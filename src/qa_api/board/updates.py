"""The updates of the services to the Board: begun, submitted, returned, resubmitted (R4.7.1)."""

from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, func, select

from qa_api import events, problems
from qa_api.board.publishing import published
from qa_api.board.quarter_figures import as_kept, metrics_of
from qa_api.board.queries import service_visible_to, speaks_for, update_visible_to
from qa_api.board.schemas import (
    Narrative,
    QaUpdateBegin,
    QaUpdateQuery,
    QaUpdateReturn,
    QaUpdateRow,
)
from qa_api.board.update_dates import due_of, last_quarter
from qa_api.models.base import JsonObject
from qa_api.models.board import AwaitedUpdate, QaUpdate, QaUpdateSubmission
from qa_api.models.directory import Service
from qa_api.problems import InputError
from qa_api.rules.decision import NotAllowedInState
from qa_api.rules.local_time import FinancialQuarter
from qa_api.rules.metrics import Scope, check_over, is_late
from qa_api.rules.states import QaUpdateState
from qa_api.rules.transitions import CLAUSES, allowed_actions, next_state
from qa_api.values.preconditions import Precondition
from qa_api.work import Work

CLAUSE: Final = "§4.7, R4.7.1"
PARTS: Final = tuple(Narrative.model_fields)


async def begin_update(work: Work, update_id: UUID, body: QaUpdateBegin) -> None:
    """Begin the update of a service about a quarter that is over, figures filled in."""
    await _require_to_speak(work, body.service)
    quarter = FinancialQuarter.labelled(body.quarter) if body.quarter else last_quarter(work)
    check_over(quarter, work.today)
    await _refuse_second(work, body.service, quarter)
    due = await due_of(work, quarter)
    update = QaUpdate(
        id=update_id,
        service=body.service,
        quarter=quarter.label,
        state=QaUpdateState.DRAFT,
        due_on=due.due_on,
        explanation=due.explanation.as_json(),
        policy_version=due.explanation.policy_version,
        calendar_version=work.calendar_version,
        begun_at=work.now,
        begun_by=work.actor.worker,
        figures=await _figures(work, body.service, quarter),
    )
    work.session.add(update)
    await work.session.execute(
        delete(AwaitedUpdate).where(
            AwaitedUpdate.service == update.service, AwaitedUpdate.quarter == update.quarter
        )
    )
    await _record_move(work, update)


async def write_narrative(
    work: Work, update_id: UUID, expected: Precondition, body: Narrative
) -> None:
    """Replace the narrative of an update that is not with the Board."""
    update = await _to_change(work, update_id, expected, "edit")
    await _require_to_speak(work, update.service)
    for name in PARTS:
        setattr(update, name, getattr(body, name))
    await work.session.flush()


async def submit_update(work: Work, update_id: UUID, expected: Precondition) -> None:
    """Submit the narrative, complete, with figures computed now that never change again."""
    update = await _to_change(work, update_id, expected, "submit")
    await _require_to_speak(work, update.service)
    missing = [name for name in PARTS if getattr(update, name) is None]
    if missing:
        detail = "The narrative is not complete."
        faults = [
            InputError.at([name], "required", "Nothing is said here yet.") for name in missing
        ]
        raise problems.business_rule(CLAUSE, detail, faults)
    quarter = FinancialQuarter.labelled(update.quarter)
    update.figures = await _figures(work, update.service, quarter)
    update.first_submitted_on = update.first_submitted_on or work.today
    earlier = await work.session.scalar(
        select(func.count()).where(QaUpdateSubmission.update_id == update.id)
    )
    work.session.add(
        QaUpdateSubmission(
            update_id=update.id,
            number=(earlier or 0) + 1,
            submitted_at=work.now,
            submitted_by=work.actor.worker,
            narrative={name: getattr(update, name) for name in PARTS},
            figures=update.figures,
        )
    )
    await _record_move(work, update)


async def return_update(
    work: Work, update_id: UUID, expected: Precondition, body: QaUpdateReturn
) -> None:
    """Send an update back with reasons; what was submitted is kept as it was."""
    update = await _to_change(work, update_id, expected, "return")
    submission = await work.find(
        select(QaUpdateSubmission)
        .where(QaUpdateSubmission.update_id == update.id)
        .order_by(QaUpdateSubmission.number.desc())
        .limit(1)
    )
    submission.returned_at, submission.return_reasons = work.now, body.reasons
    submission.returned_by = work.actor.worker
    await _record_move(work, update)


async def updates_of(work: Work, query: QaUpdateQuery) -> list[QaUpdateRow]:
    """Where every service that the actor may know of stands, those without an update too."""
    quarter = FinancialQuarter.labelled(query.quarter) if query.quarter else last_quarter(work)
    services = select(Service.code).where(service_visible_to(Service.code, work.me))
    if query.service is not None:
        services = services.where(Service.code == query.service)
    codes = sorted(await work.session.scalars(services))
    begun = await work.session.scalars(select(QaUpdate).where(QaUpdate.quarter == quarter.label))
    found = {update.service: update for update in begun}
    due_on = (await due_of(work, quarter)).due_on
    rows = []
    for code in codes:
        update = found.get(code)
        by = update.due_on if update else due_on
        submitted_on = update.first_submitted_on if update else None
        rows.append(
            QaUpdateRow(
                service=code,
                quarter=quarter.label,
                state=update.state if update else "missing",
                due_on=by,
                calendar_unknown=by is None,
                late=is_late(by, submitted_on, work.today),
                update_id=update.id if update else None,
                first_submitted_on=submitted_on,
            )
        )
    return [row for row in rows if query.late in {None, row.late}]


async def _figures(work: Work, service: str, quarter: FinancialQuarter) -> JsonObject:
    found = await metrics_of(as_kept(work), quarter, Scope(service=service))
    return published(found, await work.policy()).model_dump(mode="json")


async def _to_change(work: Work, update_id: UUID, expected: Precondition, action: str) -> QaUpdate:
    update = await work.take(QaUpdate, update_id, update_visible_to)
    update.state = next_state("qa_update", update.state, action)
    expected.check(update.version)
    return update


async def _require_to_speak(work: Work, service: str) -> None:
    """Refuse all but the head of the service; if nobody heads it today, but Quality & Standards."""
    theirs: Any = select(Service.code).where(
        Service.code == service, speaks_for(Service.code, work.me)
    )
    if await work.session.scalar(theirs) is None:
        detail = (
            "Only the head of the service can write its update; if it has none, Quality &"
            " Standards can."
        )
        raise problems.forbidden(detail)


async def _refuse_second(work: Work, service: str, quarter: FinancialQuarter) -> None:
    state = await work.session.scalar(
        select(QaUpdate.state).where(QaUpdate.service == service, QaUpdate.quarter == quarter.label)
    )
    if state is not None:
        raise NotAllowedInState(
            CLAUSES["qa_update"],
            "qa_update",
            state,
            allowed_actions("qa_update", state),
            "This service has an update about this quarter already.",
        )


async def _record_move(work: Work, update: QaUpdate) -> None:
    await work.record(
        events.QaUpdateMoved(
            about=update.id, service=update.service, quarter=update.quarter, state=update.state
        )
    )
