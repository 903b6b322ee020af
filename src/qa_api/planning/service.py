"""The life of a quarter plan: drafted, published, superseded by its next version (R4.4.2)."""

from collections.abc import Collection, Iterable, Iterator
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import InstrumentedAttribute

from qa_api import events, problems
from qa_api.audits.for_plans import Planned, open_planned_audits, withdraw_planned_audits
from qa_api.models.audits import Audit
from qa_api.models.catalogue import AuditType
from qa_api.models.directory import AuditorGroupMembership, Team, Worker
from qa_api.models.planning import (
    PlanAuditor,
    PlanExemption,
    PlanTeam,
    PlanTheme,
    QuarterPlan,
    Theme,
)
from qa_api.planning.plans import plan_to_change, standing_audits
from qa_api.planning.schemas import ExemptionIn, PlanContent
from qa_api.problems import InputError, repeated
from qa_api.rules.decision import NotAllowedInState
from qa_api.rules.local_time import FinancialQuarter
from qa_api.rules.states import AuditState, PlanState
from qa_api.rules.transitions import CLAUSES, next_state
from qa_api.values.preconditions import Precondition
from qa_api.work import Work

CLAUSE: Final = "§4.4, R4.4.2"
MOST_AUDITS: Final = 500
_EXEMPT: Final = "The team is exempt from the quarter plan (R4.4.2)."
_NOT_ASKED: Final = "The quarter plan no longer asks for this audit (R4.4.2)."


# --- drafts ---


async def draft_plan(work: Work, plan_id: UUID, content: PlanContent) -> None:
    """Begin the next version of a quarter's plan, as a draft."""
    await _check(work, content)
    plan = QuarterPlan(
        id=plan_id,
        quarter=content.quarter,
        number=await _next_number(work, content.quarter),
        audit_type=content.audit_type,
        state=PlanState.DRAFT,
        drafted_at=work.now,
    )
    work.session.add(plan)
    await work.session.flush()
    await _write(work, plan, content)


async def rewrite_plan(
    work: Work, plan_id: UUID, expected: Precondition, content: PlanContent
) -> None:
    """Replace what a draft says; it becomes the next version after the one published now."""
    plan = await plan_to_change(work, plan_id, "edit", expected)
    await _check(work, content)
    plan.quarter, plan.audit_type = content.quarter, content.audit_type
    plan.number = await _next_number(work, content.quarter)
    await work.session.flush()
    for table in (PlanTheme, PlanTeam, PlanAuditor):
        await work.session.execute(delete(table).where(table.plan_id == plan.id))
    await _write(work, plan, content)


async def _next_number(work: Work, quarter: str) -> int:
    newest = await work.session.scalar(
        select(func.max(QuarterPlan.number)).where(
            QuarterPlan.quarter == quarter, QuarterPlan.state != PlanState.DRAFT
        )
    )
    return (newest or 0) + 1


async def _write(work: Work, plan: QuarterPlan, content: PlanContent) -> None:
    for table, rows in (
        (PlanTheme, [theme.model_dump() for theme in content.themes]),
        (PlanTeam, [team.model_dump() for team in content.teams]),
        (PlanAuditor, [{"auditor": auditor} for auditor in content.auditors]),
    ):
        work.session.add_all(table(plan_id=plan.id, **row) for row in rows)
    await work.record(
        events.QuarterPlanDrafted(about=plan.id, quarter=plan.quarter, number=plan.number)
    )


async def _check(work: Work, content: PlanContent) -> None:
    """Refuse a plan that names what does not exist, all of it at once; then what is not allowed."""
    errors = [
        *await _unknown(work, Theme.code, (t.theme for t in content.themes), "themes", "theme"),
        *await _unknown(work, Team.code, (t.team for t in content.teams), "teams", "team"),
        *await _unknown(work, Worker.code, content.auditors, "auditors"),
        *_out_of_place(content),
    ]
    if sum(team.audits_expected for team in content.teams) > MOST_AUDITS:
        detail = f"A plan expects at most {MOST_AUDITS} audits in all."
        errors.append(InputError.at(["teams"], "too-many", detail))
    if errors:
        raise problems.validation(errors[:100])
    await _check_still_possible(
        work, content.quarter, content.audit_type, [theme.theme for theme in content.themes]
    )


async def _unknown(
    work: Work, column: InstrumentedAttribute[str], codes: Iterable[str], *path: str
) -> list[InputError]:
    named = list(codes)
    known = set(await work.session.scalars(select(column).where(column.in_(named))))
    where, *field = path
    return [
        InputError.at([where, at, *field], "unknown", "There is nothing of this code.")
        for at, code in enumerate(named)
        if code not in known
    ]


def _out_of_place(content: PlanContent) -> Iterator[InputError]:
    themes = [theme.theme for theme in content.themes]
    yield from repeated(themes, "themes", "theme")
    yield from repeated([(team.team, team.theme) for team in content.teams], "teams", "team")
    for at, team in enumerate(content.teams):
        if team.theme not in themes:
            detail = "This is no theme of the plan."
            yield InputError.at(["teams", at, "theme"], "not-a-theme", detail)
    yield from repeated(content.auditors, "auditors")


async def _check_still_possible(
    work: Work, quarter: str, audit_type: str, themes: Collection[str]
) -> None:
    """A plan is for a quarter that is not over, of a type that Q&S run, with current themes.

    A theme that was retired since may stay in the next version of a plan that has it already.
    """
    if work.today > FinancialQuarter.labelled(quarter).ends_on:
        raise _refused("quarter", "quarter-over", "This quarter is over.")
    run_by_us = select(AuditType.code).where(
        AuditType.code == audit_type, AuditType.active, AuditType.owner == "quality_standards"
    )
    if await work.session.scalar(run_by_us) is None:
        detail = "A quarter plan holds only audits that Quality & Standards run."
        raise _refused("audit_type", "not-run-by-quality-standards", detail)
    kept = (
        select(PlanTheme.theme)
        .join(QuarterPlan, QuarterPlan.id == PlanTheme.plan_id)
        .where(QuarterPlan.quarter == quarter, QuarterPlan.state == PlanState.PUBLISHED)
    )
    retired = select(Theme.code).where(
        Theme.code.in_(themes), Theme.retired_at.is_not(None), Theme.code.not_in(kept)
    )
    if (await work.session.scalars(retired)).first() is not None:
        raise _refused("themes", "theme-retired", "This theme is retired: no new plan can have it.")


def _refused(field: str, code: str, detail: str) -> problems.Problem:
    return problems.business_rule(CLAUSE, detail, [InputError.at([field], code, detail)], code=code)


# --- publication ---


async def publish_plan(work: Work, plan_id: UUID, expected: Precondition) -> None:
    """Publish a draft and open the audits that it expects (R4.4.2, R4.4.3).

    It replaces the published version and takes over its audits and exemptions. If another version
    was published since the draft was written, the draft is refused (409).
    """
    plan, before = await _versions_to_publish(work, plan_id, expected)
    themes = await work.session.scalars(select(PlanTheme.theme).where(PlanTheme.plan_id == plan.id))
    await _check_still_possible(work, plan.quarter, plan.audit_type, themes.all())
    await _keep_groups(work, plan)
    if before is not None:
        before.state = next_state("quarter_plan", before.state, "supersede")
        before.superseded_at = work.now
        await work.session.flush()  # at no moment are two of them published
        await _carry_exemptions(work, before, plan)
    plan.state, plan.published_at = PlanState.PUBLISHED, work.now
    await work.session.flush()
    await _open_and_withdraw(work, plan)
    await work.record(
        events.QuarterPlanPublished(
            about=plan.id,
            quarter=plan.quarter,
            number=plan.number,
            supersedes=None if before is None else before.id,
        )
    )


async def _versions_to_publish(
    work: Work, plan_id: UUID, expected: Precondition
) -> tuple[QuarterPlan, QuarterPlan | None]:
    """The draft and the version published now; the whole quarter is locked, in one order."""
    quarter = select(QuarterPlan.quarter).where(QuarterPlan.id == plan_id).scalar_subquery()
    found = await work.session.scalars(
        select(QuarterPlan)
        .where(QuarterPlan.quarter == quarter)
        .order_by(QuarterPlan.id)
        .with_for_update()
    )
    versions = {version.id: version for version in found}
    plan = versions.get(plan_id)
    if plan is None:
        raise problems.not_found()
    next_state("quarter_plan", plan.state, "publish")
    held = [version for version in versions.values() if version.state != PlanState.DRAFT]
    if plan.number != max((version.number for version in held), default=0) + 1:
        why = (
            "Another version was published since this draft was written. Change the draft, and"
            " it is the next version."
        )
        raise NotAllowedInState(CLAUSES["quarter_plan"], "quarter_plan", plan.state, ("edit",), why)
    expected.check(plan.version)
    return plan, next((v for v in held if v.state == PlanState.PUBLISHED), None)


async def _keep_groups(work: Work, plan: QuarterPlan) -> None:
    """Keep each team's group of this day: if the team moves later, the plan stays the same."""
    membership = AuditorGroupMembership
    group = (
        select(membership.group)
        .where(membership.team == PlanTeam.team, membership.valid.contains(work.today))
        .scalar_subquery()
    )
    await work.session.execute(
        update(PlanTeam)
        .where(PlanTeam.plan_id == plan.id)
        .values(group=group)
        .execution_options(synchronize_session=False)
    )


async def _carry_exemptions(work: Work, before: QuarterPlan, plan: QuarterPlan) -> None:
    exemptions = await _exemptions(work, plan.id)
    already = {(one.team, one.auditor) for one in exemptions}
    work.session.add_all(
        PlanExemption(
            plan_id=plan.id,
            team=one.team,
            auditor=one.auditor,
            reason=one.reason,
            decided_by=one.decided_by,
            decided_at=one.decided_at,
        )
        for one in await _exemptions(work, before.id)
        if (one.team, one.auditor) not in already
    )
    await work.session.flush()


async def _exemptions(work: Work, plan_id: UUID) -> list[PlanExemption]:
    found = await work.session.scalars(
        select(PlanExemption).where(PlanExemption.plan_id == plan_id)
    )
    return list(found)


async def _open_and_withdraw(work: Work, plan: QuarterPlan) -> None:
    """Open the audits that the plan lacks; cancel those that it no longer asks for."""
    exempt = {one.team for one in await _exemptions(work, plan.id)}
    teams = await work.session.scalars(
        select(PlanTeam).where(PlanTeam.plan_id == plan.id).order_by(PlanTeam.team, PlanTeam.theme)
    )
    expected = {
        (team.team, team.theme): 0 if team.team in exempt else team.audits_expected
        for team in teams
    }
    there: dict[tuple[str, str], list[Any]] = {}
    for audit in await work.session.execute(
        select(Audit.id, Audit.plan_team, Audit.theme_code, Audit.state, Audit.auditor)
        .add_columns(Audit.subject_id)
        .where(standing_audits(plan.quarter))
        .order_by(Audit.id)
    ):
        there.setdefault((audit.plan_team, audit.theme_code), []).append(audit)
    due_on = FinancialQuarter.labelled(plan.quarter).ends_on
    for (team, theme), number in expected.items():
        missing = number - len(there.get((team, theme), ()))
        if missing > 0:
            await open_planned_audits(
                work, Planned(plan.id, plan.audit_type, team, theme, due_on, missing)
            )
    surplus: list[UUID] = []
    for key, audits in there.items():
        blank = [a.id for a in audits if _nothing_decided(a)]
        beyond = len(audits) - expected.get(key, 0)
        surplus += blank[: max(beyond, 0)]
    await withdraw_planned_audits(work, surplus, _NOT_ASKED)


def _nothing_decided(audit: Any) -> bool:
    planned = audit.state == AuditState.PLANNED
    return planned and audit.auditor is None and audit.subject_id is None


# --- exemptions ---


async def exempt(work: Work, exemption_id: UUID, plan_id: UUID, given: ExemptionIn) -> None:
    """Ask no more audits of a team or an auditor, with the reason; also after publication (R4.4.2).

    A team's audits that have not begun are cancelled. Those that have begun go on and count.
    """
    plan = await plan_to_change(work, plan_id, "exempt")
    if (given.team is None) == (given.auditor is None):
        detail = "An exemption names either a team or an auditor."
        raise problems.validation([InputError.at(["team"], "one-of", detail)])
    field, in_plan = (
        ("team", select(PlanTeam.plan_id).where(PlanTeam.team == given.team))
        if given.team is not None
        else ("auditor", select(PlanAuditor.plan_id).where(PlanAuditor.auditor == given.auditor))
    )
    if plan.id not in set(await work.session.scalars(in_plan)):
        raise _refused(field, "not-in-plan", "This team or auditor is not in the plan.")
    for one in await _exemptions(work, plan.id):
        if (one.team, one.auditor) == (given.team, given.auditor):
            raise _refused(field, "exempt-already", "This one is exempt already.")
    work.session.add(
        PlanExemption(
            id=exemption_id,
            plan_id=plan.id,
            **given.model_dump(),
            decided_by=work.actor.worker,
            decided_at=work.now,
        )
    )
    if given.team is not None:
        theirs = select(Audit.id).where(
            standing_audits(plan.quarter), Audit.plan_team == given.team
        )
        if plan.state == PlanState.PUBLISHED:
            found = await work.session.scalars(theirs)
            await withdraw_planned_audits(work, found.all(), _EXEMPT)
    await work.record(
        events.QuarterPlanExempted(about=plan.id, team=given.team, auditor=given.auditor)
    )
