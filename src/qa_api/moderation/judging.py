"""What judging a drawn audit rests on: its outcome, its scale, its domains (R4.5.3)."""

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from uuid import UUID

from sqlalchemy import Select, Uuid, bindparam, select

from qa_api import problems
from qa_api.audits.content_schemas import KeyedJudgementIn
from qa_api.auth.actor import CALLER
from qa_api.catalogue.service import grades_of_scale
from qa_api.models.moderation import ModeratedDomain, ModerationOutcome, ModerationSample
from qa_api.moderation.queries import outcome_visible_to
from qa_api.problems import InputError
from qa_api.rules.moderation import SEALING
from qa_api.rules.transitions import next_state
from qa_api.work import Work

__all__ = ["SEALING", "Domains", "check_judgement", "domains_by_key", "outcome_of", "take_step"]

Domains = Mapping[str, ModeratedDomain]


async def outcome_of(work: Work, sample_id: UUID, audit_id: UUID) -> ModerationOutcome:
    """The outcome of a drawn audit, locked until the commit; what they may not see is 404."""
    return await work.find(_outcome_of(), sample=sample_id, audit=audit_id)


@cache
def _outcome_of() -> Select[ModerationOutcome]:
    return (
        select(ModerationOutcome)
        .where(
            ModerationOutcome.sample_id == bindparam("sample", type_=Uuid),
            ModerationOutcome.audit_id == bindparam("audit", type_=Uuid),
            outcome_visible_to(ModerationOutcome, CALLER),
        )
        .with_for_update()
    )


async def take_step(work: Work, outcome: ModerationOutcome, step: str) -> None:
    """Take a step of the sample's life cycle; it cannot be closed meanwhile."""
    state = await work.session.scalar(
        select(ModerationSample.state)
        .where(ModerationSample.id == outcome.sample_id)
        .with_for_update(read=True)
    )
    next_state("moderation_sample", str(state), step)


async def check_judgement(
    work: Work, outcome: ModerationOutcome, judgement: str, *place: str | int
) -> None:
    """Refuse what is no judgement of the scale that the auditor judged on."""
    grades = await grades_of_scale(work, outcome.scale_code, outcome.scale_number)
    if judgement not in {grade.code for grade in grades}:
        detail = "Not a judgement of the scale that the auditor judged on."
        at = [*place, "judgement"]
        raise problems.validation([InputError.at(at, "not-on-scale", detail)])


def check_whole(outcome: ModerationOutcome, judgement: str | None, rationale: str | None) -> None:
    """The whole is judged, with its rationale, exactly where the auditor judged it (R4.1.3)."""
    given = {"judgement": judgement, "rationale": rationale}
    if outcome.auditor_judgement is None:
        detail = "The auditor judged the domains alone: judge those, and no whole."
        faults = [
            InputError.at([name], "not-asked", detail)
            for name, value in given.items()
            if value is not None
        ]
    else:
        detail = "The auditor judged the whole: judge it, too, and say why."
        faults = [
            InputError.at([name], "missing", detail)
            for name, value in given.items()
            if value is None
        ]
    if faults:
        raise problems.validation(faults)


def check_each_domain(domains: Domains, given: Sequence[KeyedJudgementIn]) -> None:
    """Each domain is judged that the auditor judged: together they stand for the whole."""
    left_out = sorted(domains.keys() - {one.domain_key for one in given})
    if left_out:
        detail = f"Judge each domain that the auditor judged: {', '.join(left_out)}."
        raise problems.validation([InputError.at(["domains"], "missing", detail)])


async def domains_by_key(
    work: Work, outcome: ModerationOutcome, given: Sequence[KeyedJudgementIn]
) -> Domains:
    """The judged domains of a drawn audit. What is given is of them, each once, on the scale."""
    found = await work.session.scalars(
        select(ModeratedDomain).where(ModeratedDomain.outcome_id == outcome.id)
    )
    domains = {domain.domain_key: domain for domain in found}
    often = Counter(one.domain_key for one in given)
    faults = []
    for at, one in enumerate(given):
        place: list[str | int] = ["domains", at, "domain_key"]
        if one.domain_key not in domains:
            detail = "The auditor judged no domain of this key."
            faults.append(InputError.at(place, "unknown", detail))
        elif often[one.domain_key] > 1:
            faults.append(InputError.at(place, "twice", "This domain is named twice."))
    if faults:
        raise problems.validation(faults)
    for at, one in enumerate(given):
        await check_judgement(work, outcome, one.judgement, "domains", at)
    return domains
