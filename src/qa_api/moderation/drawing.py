"""Drawing a sample, and drawing it again from what is on record (R4.5.1)."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, insert, null, select

from qa_api import events, problems
from qa_api.models.audits import Audit, DomainJudgement
from qa_api.models.base import new_id
from qa_api.models.catalogue import ScalePoint
from qa_api.models.directory import AuditorGroup, AuditorGroupMembership
from qa_api.models.moderation import (
    ModeratedDomain,
    ModeratingTeam,
    ModerationMember,
    ModerationOutcome,
    ModerationSample,
)
from qa_api.moderation.knowing import auditors_ever
from qa_api.moderation.lots import oversees, seed_shown
from qa_api.moderation.people import candidates, relation
from qa_api.moderation.queries import outcome_visible_to, sample_visible_to
from qa_api.moderation.schemas import NewSample, RedrawOut
from qa_api.problems import InputError
from qa_api.rules.decision import AlreadySo
from qa_api.rules.moderation import (
    ModeratedAudit,
    moderating_teams,
    of_nobody,
    share_moderation,
    unsealed_because,
)
from qa_api.rules.policy import Policy
from qa_api.rules.sampling import (
    Exclusion,
    Member,
    Period,
    Sample,
    check_not_before_all,
    draw,
    moderated_period,
)
from qa_api.rules.states import AUDIT_FINISHED, SampleState
from qa_api.work import Work


async def draw_sample(work: Work, sample_id: UUID, body: NewSample) -> None:
    """Draw the sample of a group's period and share it out among its moderators (R4.5.1).

    The population is every audit completed in the period, whatever the caller may see of it:
    otherwise another caller would draw another sample. With nothing to moderate it is closed at
    once, and still on record.
    """
    policy = await work.policy()
    period = moderated_period(body.period, work.today, policy)
    await work.act_as_service()
    await _refuse_unknown_group(work, body.group)
    await _refuse_second_draw(work, body.group, period)
    if body.period is not None:
        first = select(func.min(Audit.completed_on)).where(Audit.state.in_(AUDIT_FINISHED))
        check_not_before_all(period, await work.session.scalar(first))
    audits = await _population(work, body.group, period)
    lowest = await lowest_judgements(work, audits)
    population = [_member(audit, lowest) for audit in audits]
    sample = draw(population, policy, secrets.token_hex(16))
    work.session.add(_drawn_now(work, sample_id, body.group, period, sample, policy))
    await work.session.flush()
    await _keep_population(work, sample_id, audits, population, sample)
    outcome_ids = await _share_out(work, sample_id, body.group, audits, sample, policy)
    await work.record(
        events.ModerationSampleDrawn(
            about=sample_id,
            group=body.group,
            period=period.label,
            population_hash=sample.population_hash,
            outcome_ids=tuple(outcome_ids),
        )
    )


def _drawn_now(
    work: Work, id_: UUID, group: str | None, period: Period, sample: Sample, policy: Policy
) -> ModerationSample:
    """The sample on record; with nothing to moderate it is closed at once."""
    empty = not sample.drawn
    return ModerationSample(
        id=id_,
        group=group,
        period=period.label,
        starts_on=period.starts_on,
        ends_before=period.ends_before,
        method=sample.method,
        seed=sample.seed,
        population_hash=sample.population_hash,
        policy_version=policy.version,
        second_grade=policy.moderation_second_grade,
        explanation=sample.explanation.as_json(),
        drawn_at=work.now,
        drawn_by=work.actor.worker,
        state=SampleState.CLOSED if empty else SampleState.OPEN,
        closed_at=work.now if empty else None,
        closed_by=work.actor.worker if empty else None,
    )


async def redraw_sample(work: Work, sample_id: UUID) -> RedrawOut:
    """Make the draw again from the stored population, and say whether it comes out the same.

    Nothing is changed; what has become of the audits since does not matter (Trap 7).
    """
    sample = await work.find(
        select(ModerationSample).where(
            ModerationSample.id == sample_id, sample_visible_to(ModerationSample, work.me)
        )
    )
    shown = frozenset(
        await work.session.scalars(
            select(ModerationOutcome.audit_id).where(
                ModerationOutcome.sample_id == sample_id,
                outcome_visible_to(ModerationOutcome, work.me),
            )
        )
    )
    overseen = await work.session.scalar(select(oversees(work.me)))
    told_seed = await work.session.scalar(
        select(seed_shown(ModerationSample, work.me)).where(ModerationSample.id == sample_id)
    )
    await work.act_as_service()
    rows = await work.session.scalars(
        select(ModerationMember).where(ModerationMember.sample_id == sample_id)
    )
    then = await work.session.scalars(
        select(ModerationOutcome.audit_id)
        .where(ModerationOutcome.sample_id == sample_id)
        .order_by(ModerationOutcome.position)
    )
    again = draw(
        [_stored(row) for row in rows], await work.policy(sample.policy_version), sample.seed
    )
    drawn = [UUID(audit_id) for audit_id in again.drawn]
    return RedrawOut(
        sample_id=sample_id,
        method=again.method,
        seed=again.seed if told_seed else None,
        policy_version=sample.policy_version,
        population_hash=again.population_hash if overseen else None,
        same_population=again.population_hash == sample.population_hash,
        drawn=[audit_id for audit_id in drawn if audit_id in shown],
        same_sample=drawn == list(then),
    )


async def _refuse_unknown_group(work: Work, group: str | None) -> None:
    if group is not None and await work.session.get(AuditorGroup, group) is None:
        raise problems.validation(
            [InputError.at(["group"], "unknown", "There is no group of this code.")]
        )


async def _refuse_second_draw(work: Work, group: str | None, period: Period) -> None:
    """Refuse a second draw: nobody may draw again until the lot suits them."""
    drawn = await work.session.scalar(
        select(ModerationSample.id)
        .where(
            ModerationSample.group.is_not_distinct_from(group),
            ModerationSample.starts_on < period.ends_before,
            ModerationSample.ends_before > period.starts_on,
        )
        .limit(1)
    )
    if drawn is not None:
        raise AlreadySo("drawn_sample")


async def _population(work: Work, group: str | None, period: Period) -> Sequence[Audit]:
    """The audits completed in the period whose auditor's team was in the group on that day.

    They are kept as they are until the draw is on record, which says the same of them.
    """
    membership = AuditorGroupMembership
    belongs = (membership.team == Audit.auditor_team) & membership.valid.contains(
        Audit.completed_on
    )
    found = await work.session.scalars(
        select(Audit)
        .outerjoin(membership, belongs)
        .where(
            Audit.completed_on >= period.starts_on,
            Audit.completed_on < period.ends_before,
            Audit.state.in_(AUDIT_FINISHED),
            membership.group.is_not_distinct_from(group),
        )
        .order_by(Audit.id)
        .with_for_update(read=True, of=Audit)
    )
    return found.all()


async def lowest_judgements(work: Work, audits: Sequence[Audit]) -> Mapping[UUID, str]:
    """Of each audit that was not judged as a whole: the lowest judgement of its domains.

    A draw that is spread over judgements spreads over these.
    """
    judged, point = DomainJudgement, ScalePoint
    found = await work.session.execute(
        select(judged.audit_id, judged.judgement)
        .join(
            point,
            and_(
                point.scale_code == judged.scale_code,
                point.scale_number == judged.scale_number,
                point.code == judged.judgement,
            ),
        )
        .where(judged.audit_id.in_([a.id for a in audits if a.overall_judgement is None]))
        .order_by(point.position)
    )
    return {row.audit_id: row.judgement for row in found}  # the last one stands


def _member(audit: Audit, lowest: Mapping[UUID, str]) -> Member:
    exclusion = None
    if audit.recorded_in_error_at is not None:
        exclusion = Exclusion.RECORDED_IN_ERROR
    elif audit.restricted:
        # What few people may see is not put before a group.
        exclusion = Exclusion.RESTRICTED
    judgement = audit.overall_judgement or lowest.get(audit.id, "")
    return Member(str(audit.id), audit.type, judgement, audit.audited_team, exclusion)


def _stored(row: ModerationMember) -> Member:
    exclusion = Exclusion(row.exclusion) if row.exclusion else None
    return Member(str(row.audit_id), row.audit_type, row.judgement, row.audited_team, exclusion)


async def _keep_population(
    work: Work,
    sample_id: UUID,
    audits: Sequence[Audit],
    population: Sequence[Member],
    sample: Sample,
) -> None:
    if not audits:
        return
    drawn = frozenset(sample.drawn)
    rows = [
        {
            **_holder_of(audit),
            "sample_id": sample_id,
            "audit_id": audit.id,
            "audit_type": member.audit_type,
            "judgement": member.judgement,
            "audited_team": member.team,
            "exclusion": member.exclusion,
            "stratum": sample.stratum_of.get(member.audit_id),
            "drawn": member.audit_id in drawn,
        }
        for audit, member in zip(audits, population, strict=True)
    ]
    await work.session.execute(insert(ModerationMember), rows)


async def _share_out(
    work: Work,
    sample_id: UUID,
    group: str | None,
    audits: Sequence[Audit],
    sample: Sample,
    policy: Policy,
) -> list[UUID]:
    """An outcome for each drawn audit, with a moderator where somebody may moderate it."""
    if not sample.drawn:
        return []
    turn = moderating_teams(*await _turns(work, group), policy)
    work.session.add_all(ModeratingTeam(sample_id=sample_id, team=team) for team in turn)
    by_id = {str(audit.id): audit for audit in audits}
    ever = await auditors_ever(work, [by_id[audit_id].id for audit_id in sample.drawn])
    drawn = {
        audit_id: moderated(by_id[audit_id], ever[by_id[audit_id].id]) for audit_id in sample.drawn
    }
    grade = policy.moderation_second_grade
    people = await candidates(work, turn, [by_id[audit_id].id for audit_id in sample.drawn])
    chosen = share_moderation(list(drawn.values()), people, turn, sample.seed, grade)
    by_code = {each.worker: each for each in people}
    outcome_ids = []
    for position, (audit_id, audit) in enumerate(drawn.items(), start=1):
        row = by_id[audit_id]
        who = chosen.get(audit_id)
        stands = await relation(work, who, audit, row.auditor_team) if who else None
        because = unsealed_because(by_code[who], audit, grade) if who else of_nobody(grade)
        outcome_ids.append(new_id())
        work.session.add(
            ModerationOutcome(
                id=outcome_ids[-1],
                sample_id=sample_id,
                position=position,
                moderator=who,
                relation_to_auditor=stands,
                assigned_at=work.now if who else None,
                sealed=because is None,
                unsealed_because=because or null(),
                **_as_drawn(row),
                **_holder_of(row),
            )
        )
    await _keep_domains(work, sample_id)
    return outcome_ids


async def _keep_domains(work: Work, sample_id: UUID) -> None:
    """The domains that the auditors of a sample judged, as they were drawn."""
    await work.flush()
    found = await work.session.execute(
        select(ModerationOutcome, DomainJudgement)
        .join(DomainJudgement, DomainJudgement.audit_id == ModerationOutcome.audit_id)
        .where(ModerationOutcome.sample_id == sample_id)
    )
    work.session.add_all(
        ModeratedDomain(
            outcome_id=outcome.id,
            domain_key=judged.domain_key,
            audit_id=judged.audit_id,
            scale_code=judged.scale_code,
            scale_number=judged.scale_number,
            auditor_judgement=judged.judgement,
            auditor_rationale=judged.rationale,
            subject_id=outcome.subject_id,
            team=outcome.team,
            worker=outcome.worker,
            restricted=outcome.restricted,
        )
        for outcome, judged in found
    )


async def _turns(work: Work, group: str | None) -> tuple[list[str], dict[str, date]]:
    """The teams of the group today, and when each last had its turn.

    Auditors in no group have no teams to take turns: then it is everybody's, of all groups.
    """
    membership = AuditorGroupMembership
    teams = select(membership.team).where(membership.valid.contains(work.today))
    if group is not None:
        teams = teams.where(membership.group == group)
    last = await work.session.execute(
        select(ModeratingTeam.team, func.max(ModerationSample.ends_before).label("over"))
        .join(ModerationSample, ModerationSample.id == ModeratingTeam.sample_id)
        .where(ModerationSample.group.is_not_distinct_from(group))
        .group_by(ModeratingTeam.team)
    )
    return list(await work.session.scalars(teams)), {row.team: row.over for row in last}


def moderated(audit: Audit, auditors: frozenset[str]) -> ModeratedAudit:
    """What decides who may moderate an audit: its auditors and its holders, then and now."""
    return ModeratedAudit(
        str(audit.id),
        audit.auditor or "",
        frozenset(team for team in (audit.audited_team, audit.team) if team is not None),
        audit.restricted,
        auditors,
        audit.audited_worker,
    )


def _as_drawn(audit: Audit) -> dict[str, Any]:
    return {
        "audit_id": audit.id,
        "auditor": audit.auditor,
        "auditor_team": audit.auditor_team,
        "audit_type": audit.type,
        "audit_revision": audit.revision,
        "completed_on": audit.completed_on,
        "scale_code": audit.scale_code,
        "scale_number": audit.scale_number,
        "auditor_judgement": audit.overall_judgement,
        "auditor_rationale": audit.overall_rationale,
    }


def _holder_of(audit: Audit) -> dict[str, Any]:
    return {
        "subject_id": audit.subject_id,
        "team": audit.team,
        "worker": audit.worker,
        "restricted": audit.restricted,
    }
