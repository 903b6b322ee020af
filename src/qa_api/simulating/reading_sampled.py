"""Reading what there was to be moderated, what was drawn of it, and what came of it (§4.5)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import and_, select

from qa_api.models.aliases import aliased
from qa_api.models.audits import Audit, DomainJudgement
from qa_api.models.catalogue import ScalePoint
from qa_api.models.directory import AuditorGroupMembership
from qa_api.models.moderation import (
    ModeratedDomain,
    ModerationMember,
    ModerationOutcome,
    ModerationSample,
)
from qa_api.models.sealed import stands_in
from qa_api.rules.judged_on import JudgedOn
from qa_api.rules.local_time import FinancialQuarter
from qa_api.rules.moderation import Unsealed
from qa_api.rules.sampling import Exclusion, Member
from qa_api.rules.states import AUDIT_FINISHED
from qa_api.rules.tools import OverallAsked
from qa_api.simulating.policies import Year
from qa_api.simulating.sampled import Audited, Drawn, Moderated, Moderation
from qa_api.work import Work

_BY_DOMAINS: Final = (OverallAsked.OPTIONAL, OverallAsked.NONE)
"""Where the tool asks for an overall judgement like this, the domains stand for the audit."""


async def read_moderation(work: Work, year: Year) -> Moderation:
    """The audits of every month and quarter that ended in the year, and their samples."""
    since = FinancialQuarter.of(year.starts_on).starts_on
    judged = await _judged_domains(work, since)
    return Moderation(
        audits=await _audits(work, since, judged),
        samples=await _samples(work, since),
        moderated=await _moderated(work, since),
    )


async def _judged_domains(work: Work, since: Any) -> Mapping[UUID, Sequence[tuple[str, str]]]:
    """The domains that were judged in each audit and how, the best judgement first."""
    judged, audit, point = aliased(DomainJudgement), aliased(Audit), ScalePoint
    found = await work.session.execute(
        select(judged.audit_id, judged.domain_key, judged.judgement)
        .join(audit, audit.id == judged.audit_id)
        .join(
            point,
            and_(
                point.scale_code == judged.scale_code,
                point.scale_number == judged.scale_number,
                point.code == judged.judgement,
            ),
        )
        .where(audit.completed_on >= since)
        .order_by(point.position)
    )
    domains: dict[UUID, list[tuple[str, str]]] = defaultdict(list)
    for row in found:
        domains[row.audit_id].append((row.domain_key, row.judgement))
    return domains


async def _audits(
    work: Work, since: Any, judged: Mapping[UUID, Sequence[tuple[str, str]]]
) -> list[Audited]:
    """The completed audits as a draw of today would find them (R4.5.1)."""
    audit, membership = aliased(Audit), AuditorGroupMembership
    belongs = and_(
        membership.team == audit.auditor_team, membership.valid.contains(audit.completed_on)
    )
    found = await work.session.execute(
        select(
            audit.id,
            audit.type,
            audit.completed_on,
            audit.overall_judgement.label("judgement"),
            audit.overall_asked,
            audit.scale_code,
            audit.scale_number,
            audit.audited_team,
            audit.restricted,
            audit.recorded_in_error_at,
            membership.group,
        )
        .outerjoin(membership, belongs)
        .where(audit.completed_on >= since, stands_in(audit, AUDIT_FINISHED))
        .order_by(audit.id)
    )
    return [_audited(row, judged.get(row.id, ())) for row in found]


def _audited(row: Any, domains: Sequence[tuple[str, str]]) -> Audited:
    exclusion = None
    if row.recorded_in_error_at is not None:
        exclusion = Exclusion.RECORDED_IN_ERROR
    elif row.restricted:
        exclusion = Exclusion.RESTRICTED
    lowest = domains[-1][1] if domains else ""
    judged_on = [JudgedOn(row.scale_code, row.scale_number)] if row.judgement else []
    if row.overall_asked in _BY_DOMAINS:
        judged_on += [JudgedOn(row.scale_code, row.scale_number, key) for key, _ in domains]
    return Audited(
        Member(str(row.id), row.type, row.judgement or lowest, row.audited_team, exclusion),
        row.group,
        row.completed_on,
        tuple(judged_on),
        row.recorded_in_error_at is not None,
    )


async def _samples(work: Work, since: Any) -> list[Drawn]:
    population, drawn = await _populations(work, since)
    sample = ModerationSample
    found = await work.session.execute(
        select(
            sample.id,
            sample.group,
            sample.starts_on,
            sample.ends_before,
            sample.seed,
            sample.policy_version,
        )
        .where(sample.starts_on >= since)
        .order_by(sample.id)
    )
    return [
        Drawn(
            row.group,
            row.starts_on,
            row.ends_before,
            row.seed,
            row.policy_version,
            population.get(row.id, ()),
            frozenset(drawn.get(row.id, ())),
        )
        for row in found
    ]


async def _populations(
    work: Work, since: Any
) -> tuple[Mapping[UUID, list[Member]], Mapping[UUID, list[str]]]:
    """What each sample was drawn from as it was at the draw, and what was drawn."""
    member, sample = aliased(ModerationMember), ModerationSample
    found = await work.session.execute(
        select(
            member.sample_id,
            member.audit_id,
            member.audit_type,
            member.judgement,
            member.audited_team,
            member.exclusion,
            member.drawn,
        )
        .join(sample, sample.id == member.sample_id)
        .where(sample.starts_on >= since)
        .order_by(member.audit_id)
    )
    population: dict[UUID, list[Member]] = defaultdict(list)
    drawn: dict[UUID, list[str]] = defaultdict(list)
    for row in found:
        exclusion = Exclusion(row.exclusion) if row.exclusion else None
        id_ = str(row.audit_id)
        population[row.sample_id].append(
            Member(id_, row.audit_type, row.judgement, row.audited_team, exclusion)
        )
        if row.drawn:
            drawn[row.sample_id].append(id_)
    return population, drawn


async def _moderated(work: Work, since: Any) -> Mapping[str, Moderated]:
    """What was moderated in each audit, as the figures of agreement count it (R4.5.4)."""
    outcome, audit, domain = aliased(ModerationOutcome), aliased(Audit), aliased(ModeratedDomain)
    found = await work.session.execute(
        select(
            outcome.audit_id,
            outcome.scale_code,
            outcome.scale_number,
            outcome.unsealed_because,
            outcome.moderated_judgement.is_not(None).label("of_whole"),
            domain.domain_key,
        )
        .join(audit, audit.id == outcome.audit_id)
        .outerjoin(
            domain,
            and_(
                domain.outcome_id == outcome.id,
                domain.moderated_judgement.is_not(None),
                audit.overall_asked.in_(_BY_DOMAINS),
            ),
        )
        .where(outcome.completed_on >= since, outcome.moderated_at.is_not(None))
        .order_by(outcome.id, domain.domain_key)
    )
    made: dict[str, Moderated] = {}
    for row in found:
        id_, on = str(row.audit_id), JudgedOn(row.scale_code, row.scale_number, row.domain_key)
        before = made[id_].judged_on if id_ in made else ()
        if id_ not in made and row.of_whole:
            before = (JudgedOn(row.scale_code, row.scale_number),)
        because = Unsealed(row.unsealed_because) if row.unsealed_because else None
        judged_on = before if row.domain_key is None else (*before, on)
        made[id_] = Moderated(judged_on, because)
    return made
