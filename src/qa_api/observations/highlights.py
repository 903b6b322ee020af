"""Learning highlights of teams: recorded, routed and answered, and which are missing (R4.6.3)."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Row, delete, func, select

from qa_api import events, problems
from qa_api.auth.duty import somebody_holds
from qa_api.auth.roles import Permission, Role
from qa_api.directory.service import known_team
from qa_api.models.directory import TeamService
from qa_api.models.observations import AwaitedHighlights, LearningHighlight
from qa_api.observations.highlight_dates import due_of
from qa_api.observations.highlight_schemas import (
    HighlightAnswer,
    HighlightIn,
    HighlightReturnQuery,
    HighlightReturnRow,
    ReturnState,
)
from qa_api.observations.queries import highlight_visible_to
from qa_api.observations.service import require_to_lead
from qa_api.problems import InputError
from qa_api.rules.deadlines import is_overdue
from qa_api.rules.decision import AlreadySo
from qa_api.rules.local_time import FinancialQuarter
from qa_api.rules.observation import check_highlight
from qa_api.values.explanations import ExplanationOut
from qa_api.values.preconditions import Precondition
from qa_api.work import Work


async def record_highlight(work: Work, highlight_id: UUID, body: HighlightIn) -> None:
    """Record what a team learned, as one who manages it. It may be late."""
    if not await known_team(work, body.team):
        detail = "There is no team of this code."
        raise problems.validation([InputError.at(["team"], "unknown", detail)])
    await require_to_lead(work, Permission.HIGHLIGHT_RECORD, body.team)
    quarter = FinancialQuarter.labelled(body.quarter)
    check_highlight(quarter, work.today)
    due = await due_of(work, quarter)
    work.session.add(
        LearningHighlight(
            id=highlight_id,
            team=body.team,
            quarter=quarter.label,
            topic=body.topic,
            highlight=body.highlight,
            routed_to=body.routed_to.value,
            due_on=due.due_on,
            policy_version=due.explanation.policy_version,
            calendar_version=work.calendar_version,
            explanation=due.explanation.as_json(),
            recorded_at=work.now,
            recorded_on=work.today,
            recorded_by=work.person(),
        )
    )
    await work.session.execute(
        delete(AwaitedHighlights).where(
            AwaitedHighlights.team == body.team, AwaitedHighlights.quarter == quarter.label
        )
    )
    await work.record(
        events.LearningHighlightRecorded(
            about=highlight_id,
            team=body.team,
            quarter=quarter.label,
            routed_to=body.routed_to.value,
        )
    )


async def _may_answer(work: Work, routed_to: Role) -> bool:
    if routed_to in work.actor.roles:
        return True
    if Role.QUALITY_STANDARDS not in work.actor.roles:
        return False
    return not await work.session.scalar(select(somebody_holds(routed_to)))


async def answer_highlight(
    work: Work, highlight_id: UUID, expected: Precondition, body: HighlightAnswer
) -> None:
    """Say once what was done about it, as one it was routed to; if there is nobody, as Q&S."""
    highlight = await work.take(LearningHighlight, highlight_id, highlight_visible_to)
    if not await _may_answer(work, Role(highlight.routed_to)):
        raise problems.forbidden("Only those to whom the highlight was routed can answer it.")
    if highlight.answered_at is not None:
        raise AlreadySo("learning_highlight")
    expected.check(highlight.version)
    highlight.answered_at, highlight.answered_by = work.now, work.person()
    highlight.what_was_done = body.what_was_done
    await work.record(
        events.LearningHighlightAnswered(
            about=highlight.id, team=highlight.team, quarter=highlight.quarter
        )
    )


async def highlight_returns(work: Work, query: HighlightReturnQuery) -> list[HighlightReturnRow]:
    """How each team stands with the quarter, by code, for the teams that the caller may see.

    A team counts if it belonged to a service on the last day of the quarter, or, while the quarter
    lasts, belongs to one today. Due dates are counted by the policy of the quarter's last day and
    by today's calendar.
    """
    quarter = (
        FinancialQuarter.labelled(query.quarter)
        if query.quarter
        else FinancialQuarter.of(work.today).previous
    )
    due = await due_of(work, quarter)
    why = ExplanationOut.of(due.explanation)
    passed = due.due_on is not None and is_overdue(due.due_on, work.today)
    missing = ReturnState.MISSING if passed else ReturnState.AWAITED
    rows = []
    for found in await _returned(work, quarter, query):
        state = missing
        if found.recorded:
            state = ReturnState.LATE if found.recorded == found.late else ReturnState.RECORDED
        rows.append(
            HighlightReturnRow(
                team=found.team,
                quarter=quarter.label,
                state=state,
                due_on=due.due_on,
                calendar_unknown=due.due_on is None,
                recorded=found.recorded,
                late=found.late,
                unanswered=found.unanswered,
                explanation=why,
            )
        )
    return [row for row in rows if query.state in {None, row.state}]


async def _returned(
    work: Work, quarter: FinancialQuarter, query: HighlightReturnQuery
) -> Sequence[Row[str, int, int, int]]:
    """Each team of the quarter with how much it recorded."""
    highlight = LearningHighlight
    ids = func.count(highlight.id)
    statement = (
        select(
            TeamService.team,
            ids.label("recorded"),
            ids.filter(highlight.recorded_on > highlight.due_on).label("late"),
            ids.filter(highlight.answered_at.is_(None)).label("unanswered"),
        )
        .outerjoin(
            highlight,
            (highlight.team == TeamService.team) & (highlight.quarter == quarter.label),
        )
        .where(TeamService.valid.contains(min(quarter.ends_on, work.today)))
        .group_by(TeamService.team)
        .order_by(TeamService.team)
    )
    if not work.actor.roles & {Role.QUALITY_STANDARDS, Role.SENIOR_LEADER}:
        led = work.actor.managed_teams | work.actor.headed_teams
        statement = statement.where(TeamService.team.in_(led))
    if query.team is not None:
        statement = statement.where(TeamService.team == query.team)
    if query.service is not None:
        statement = statement.where(TeamService.service == query.service)
    return (await work.session.execute(statement)).all()
