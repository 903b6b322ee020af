"""How far a plan has come, measured by what it expects and not by the workforce (R4.4.2)."""

from collections import Counter
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select

from qa_api.auth.reach import managed, unrestricted, whole_authority
from qa_api.auth.roles import Role
from qa_api.models.audits import Audit
from qa_api.models.planning import PlanExemption, PlanTeam, QuarterPlan
from qa_api.planning.plans import of_quarter, published_plan
from qa_api.planning.schemas import ProgressOut, ShareOut, TeamProgressOut
from qa_api.rules.local_time import FinancialQuarter
from qa_api.rules.states import AUDIT_FINISHED, AUDIT_UNDER_WAY, AuditState
from qa_api.work import Work

_NUMERATOR = (
    "audits completed, late ones too, of each team and theme at most as many as are asked of it"
)
_DENOMINATOR = "audits expected by the published plan, less those of exempt teams not begun"

_Counts = dict[tuple[str, str], Counter[str]]


async def progress_of(work: Work, plan_id: UUID) -> ProgressOut:
    """Expected, exempt, planned, in progress and completed audits, per team and theme.

    Managers see the teams that they manage or head. Restricted audits count only for whoever may
    see them, as in every list (X3). An audit counts for the team that the plan chose, wherever the
    case is now; audits of a team that no longer exists still count.
    """
    plan = await published_plan(work, plan_id)
    ends_on = FinancialQuarter.labelled(plan.quarter).ends_on
    counts = await _counts(work, plan)
    exempt = set(
        await work.session.scalars(
            select(PlanExemption.team).where(PlanExemption.plan_id == plan.id)
        )
    )
    teams = await work.session.scalars(
        select(PlanTeam).where(PlanTeam.plan_id == plan.id).order_by(PlanTeam.team, PlanTeam.theme)
    )
    shown = [
        _team(team, counts.pop((team.team, team.theme), Counter()), exempt=team.team in exempt)
        for team in teams
        if _within_reach(work, team.team)
    ]
    asked = [team.expected - team.exempt for team in shown]
    return ProgressOut(
        plan_id=plan.id,
        quarter=plan.quarter,
        number=plan.number,
        as_at=work.today,
        ends_on=ends_on,
        teams=shown,
        completion=ShareOut(
            numerator=sum(
                min(team.completed, most) for team, most in zip(shown, asked, strict=True)
            ),
            denominator=sum(asked),
            numerator_is=_NUMERATOR,
            denominator_is=_DENOMINATOR,
        ),
        beyond_plan=sum(
            count
            for (team, _), by_state in counts.items()
            if _within_reach(work, team)
            for state, count in by_state.items()
            if state not in {AuditState.CANCELLED, "late"}
        ),
    )


def _within_reach(work: Work, team: str) -> bool:
    actor = work.actor
    everywhere = Role.QUALITY_STANDARDS in actor.roles
    return everywhere or team in actor.managed_teams | actor.headed_teams


async def _counts(work: Work, plan: QuarterPlan) -> _Counts:
    """The quarter's audits by the team and theme they were planned for, and by state."""
    late = Audit.completed_on > FinancialQuarter.labelled(plan.quarter).ends_on
    rows = await work.session.execute(
        select(Audit.plan_team, Audit.theme_code, Audit.state)
        .add_columns(func.count().label("audits"), func.count().filter(late).label("late"))
        .where(
            of_quarter(plan.quarter),
            Audit.recorded_in_error_at.is_(None),
            unrestricted(Audit, work.me),
            or_(whole_authority(work.me), managed(Audit, work.me)),
        )
        .group_by(Audit.plan_team, Audit.theme_code, Audit.state)
    )
    found: _Counts = {}
    for row in rows:
        counter = found.setdefault((row.plan_team, row.theme_code), Counter())
        counter[row.state] += row.audits
        counter["late"] += row.late
    return found


def _team(team: PlanTeam, counted: Counter[Any], *, exempt: bool) -> TeamProgressOut:
    completed = sum(counted[state] for state in AUDIT_FINISHED)
    under_way = sum(counted[state] for state in AUDIT_UNDER_WAY)
    return TeamProgressOut(
        team=team.team,
        theme=team.theme,
        group=team.group,
        expected=team.audits_expected,
        exempt=max(team.audits_expected - completed - under_way, 0) if exempt else 0,
        planned=counted[AuditState.PLANNED],
        in_progress=under_way,
        completed=completed,
        completed_late=counted["late"],
        cancelled=counted[AuditState.CANCELLED],
    )
