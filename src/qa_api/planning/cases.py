"""Which cases a team's planned audits are about: named by Q&S, or drawn by lot (R4.4.3)."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Text, any_, literal, or_, select
from sqlalchemy.dialects.postgresql import ARRAY

from qa_api import events, problems
from qa_api.audits.schemas import AuditEdit, SubjectRef
from qa_api.audits.service import edit_audit
from qa_api.auth.reach import names_for, unrestricted
from qa_api.caseloads.drawing import TeamFrame, team_frame
from qa_api.catalogue.service import audit_type
from qa_api.models.aliases import aliased
from qa_api.models.audits import Audit
from qa_api.models.planning import PlanCaseList, QuarterPlan
from qa_api.models.subjects import CaseSystem, Subject, SubjectAlias
from qa_api.planning.case_schemas import CaseListIn
from qa_api.planning.plans import plan_to_change, standing_audits
from qa_api.problems import InputError, repeated
from qa_api.rules.allocation import (
    CLAUSE,
    Case,
    CaseExclusion,
    case_exclusion,
    draw_cases,
    hash_of_cases,
)
from qa_api.rules.decision import Explanation
from qa_api.rules.states import AuditState
from qa_api.rules.unchanging import Unchanging
from qa_api.values.preconditions import Precondition
from qa_api.work import Work

_WHY = {
    CaseExclusion.UNKNOWN: "There is no subject of this name that you may see.",
    CaseExclusion.ANOTHER_NAME: "The list has this case already, under another of its names.",
    CaseExclusion.OTHER_KIND: "Audits of this type are about another kind of subject.",
    CaseExclusion.OTHER_TEAM: "This case is not the team's.",
    CaseExclusion.AUDITED_RECENTLY: "This case was audited too recently.",
}


async def choose_cases(work: Work, list_id: UUID, plan_id: UUID, given: CaseListIn) -> None:
    """Give a team's planned audits their cases: those named, or drawn by lot from a list.

    The list, the cases left out and those chosen are kept, so that anybody can repeat the draw. The
    seed is made at the draw, so nobody can choose one that suits them.
    """
    plan = await plan_to_change(work, plan_id, "choose_cases")
    await _refuse_what_is_not_there(work, given)
    places = await _places(work, plan, given)
    frame = await _frame(work, given)
    population = await _population(work, plan, given, frame)
    choice = _choose(work, given, population, places)
    taken = list(zip(choice.refs, places, strict=False))
    for ref, audit_id in taken:
        about = AuditEdit(subject=SubjectRef(system=given.system, ref=ref))
        await edit_audit(work, audit_id, Precondition(any_version=True), about)
    work.session.add(
        PlanCaseList(
            id=list_id,
            plan_id=plan.id,
            team=given.team,
            theme=given.theme,
            system=given.system,
            method=given.method,
            seed=choice.seed,
            caseload_id=frame and frame.caseload_id,
            population=[_entry(case, choice) for case in population],
            population_hash=choice.population_hash,
            chosen=[{"ref": ref, "audit_id": str(audit_id)} for ref, audit_id in taken],
            explanation=choice.explanation.as_json(),
            policy_version=work.policy_version,
            posted_at=work.now,
        )
    )
    await work.record(
        events.QuarterPlanCasesChosen(
            about=plan.id, case_list_id=list_id, audit_ids=tuple(id_ for _, id_ in taken)
        )
    )


class _Choice(Unchanging):
    """The references chosen, in order; `seed` is that of the draw, None where they were named."""

    refs: Sequence[str]
    seed: str | None
    population_hash: str
    explanation: Explanation
    chance: float | None = None
    """With which each that could be chosen was drawn."""


def _entry(case: Case, choice: _Choice) -> dict[str, Any]:
    """A case of the population as it is kept, with the chance that it had."""
    chance = choice.chance
    if chance is not None and case.excluded is not None:
        chance = 0.0
    return {
        "ref": case.ref,
        "excluded": case.excluded,
        "digest": case.digest,
        "chance": chance,
    }


def _choose(
    work: Work, given: CaseListIn, population: Sequence[Case], places: Sequence[UUID]
) -> _Choice:
    if given.method == "named":
        _refuse_excluded(population, places)
        facts = {"posted": len(population), "places": len(places)}
        why = Explanation("name_cases", CLAUSE, work.policy_version, facts=facts)
        refs = [case.ref for case in population]
        return _Choice(refs, None, hash_of_cases(population), why)
    drawn = draw_cases(
        population,
        len(places),
        seed=secrets.token_hex(16),
        policy_version=work.policy_version,
    )
    return _Choice(drawn.drawn, drawn.seed, drawn.population_hash, drawn.explanation, drawn.chance)


async def _refuse_what_is_not_there(work: Work, given: CaseListIn) -> None:
    errors = []
    if await work.session.get(CaseSystem, given.system) is None:
        errors.append(InputError.at(["system"], "unknown", "There is no such case system."))
    errors += repeated(given.refs or (), "refs")
    if (given.refs is None) == (given.caseload is None):
        detail = "Name the references, or the day of a caseload; one of them."
        errors.append(InputError.at(["refs"], "one-of-them", detail))
    if given.caseload is not None and given.method != "drawn":
        detail = "From a caseload cases are drawn."
        errors.append(InputError.at(["method"], "not-drawn", detail))
    if errors:
        raise problems.validation(errors[:100])


async def _places(work: Work, plan: QuarterPlan, given: CaseListIn) -> Sequence[UUID]:
    """The planned audits of the team and theme that still have no case."""
    found = await work.session.scalars(
        select(Audit.id)
        .where(
            standing_audits(plan.quarter),
            Audit.plan_team == given.team,
            Audit.theme_code == given.theme,
            Audit.state == AuditState.PLANNED,
            Audit.subject_id.is_(None),
        )
        .order_by(Audit.id)
    )
    if not (places := found.all()):
        detail = "No planned audit of this team and theme waits for a case."
        at = InputError.at(["team"], "no-place", detail)
        raise problems.business_rule(CLAUSE, detail, [at], code="no-place")
    return places


async def _frame(work: Work, given: CaseListIn) -> TeamFrame | None:
    """The team's children in the caseload that is named; None for a posted list."""
    if given.caseload is None:
        return None
    frame = await team_frame(work, given.caseload, given.system, given.team)
    if frame is None:
        detail = "There is no caseload of this case system and day."
        raise problems.validation([InputError.at(["caseload"], "unknown", detail)])
    return frame


async def _population(
    work: Work, plan: QuarterPlan, given: CaseListIn, frame: TeamFrame | None
) -> list[Case]:
    refs: Mapping[str, str | None] = (
        dict.fromkeys(given.refs or ()) if frame is None else frame.digests
    )
    policy = await work.policy()
    kind = (await audit_type(work, plan.audit_type)).subject_kind
    subject = aliased(Subject)
    found = {
        row.ref: row
        for row in await work.session.execute(
            select(SubjectAlias.ref, subject.id, subject.kind, subject.team)
            .join(subject, subject.id == SubjectAlias.subject_id)
            .where(
                SubjectAlias.system == given.system,
                SubjectAlias.ref == any_(literal(list(refs), ARRAY(Text))),
                names_for(SubjectAlias, work.me),
                unrestricted(subject, work.me, subject.id),
            )
        )
    }
    audited = await last_audited(work, [row.id for row in found.values()])

    # Two records that were merged are one case: the name that is posted first stands for it.
    first: dict[UUID, str] = {}
    for ref in refs:
        if ref in found:
            first.setdefault(found[ref].id, ref)

    def verdict(row: Any) -> CaseExclusion | None:
        if row is None:
            return CaseExclusion.UNKNOWN
        if first[row.id] != row.ref:
            return CaseExclusion.ANOTHER_NAME
        return case_exclusion(
            right_kind=row.kind == kind,
            right_team=row.team == given.team,
            audited_on=max((day for _, day in audited.get(row.id, ())), default=None),
            policy=policy,
            today=work.today,
        )

    return [Case(ref, verdict(found.get(ref)), digest) for ref, digest in refs.items()]


async def last_audited(
    work: Work, subject_ids: Sequence[UUID]
) -> Mapping[UUID, list[tuple[UUID, date]]]:
    """The audits of these subjects, and when each was (R4.4.3).

    An audit counts whatever asked for it: a plan, a gate or a person. One that is in progress, or
    is planned under a plan, counts as of today. One that only a gate or a person planned does not
    count: it may yet be taken back.
    """
    taken_on = or_(Audit.state != AuditState.PLANNED, Audit.plan_id.is_not(None))
    rows = await work.session.execute(
        select(Audit.subject_id, Audit.id, Audit.completed_on).where(
            Audit.subject_id.in_(subject_ids),
            taken_on,
            Audit.state != AuditState.CANCELLED,
            Audit.recorded_in_error_at.is_(None),
        )
    )
    found: dict[UUID, list[tuple[UUID, date]]] = {}
    for subject_id, audit_id, completed_on in rows:
        if subject_id is not None:
            found.setdefault(subject_id, []).append((audit_id, completed_on or work.today))
    return found


def _refuse_excluded(population: Sequence[Case], places: Sequence[UUID]) -> None:
    errors = [
        InputError.at(["refs", at], case.excluded.value, _WHY[case.excluded])
        for at, case in enumerate(population)
        if case.excluded is not None
    ]
    if len(population) > len(places):
        detail = f"Planned audits that wait for a case: {len(places)}."
        errors.append(InputError.at(["refs"], "too-many", detail))
    if errors:
        detail = "Not every case that is named can be audited under this plan."
        raise problems.business_rule(CLAUSE, detail, errors[:100])
