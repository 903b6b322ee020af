"""What auditor and moderator agree on once each knows the other's judgement (R4.5.3).

It is a third value. Neither of the two judgements is changed by it, and figures of agreement count
the two alone.
"""

from uuid import UUID

from qa_api import events, problems
from qa_api.models.moderation import ModerationOutcome
from qa_api.moderation.judging import (
    SEALING,
    Domains,
    check_judgement,
    check_whole,
    domains_by_key,
    outcome_of,
    take_step,
)
from qa_api.moderation.schemas import ConsensusIn
from qa_api.problems import InputError
from qa_api.values.preconditions import Precondition
from qa_api.work import Work


async def propose_consensus(
    work: Work, sample_id: UUID, audit_id: UUID, expected: Precondition, body: ConsensusIn
) -> None:
    """Say what the two may agree on; the other of them agrees, or proposes something else."""
    outcome, person = await _of_the_two(work, sample_id, audit_id, expected)
    check_whole(outcome, body.judgement, body.rationale)
    if body.judgement is not None:
        await check_judgement(work, outcome, body.judgement)
    elif not body.domains:
        detail = "Say of which domains you would agree, and on what."
        raise problems.validation([InputError.at(["domains"], "missing", detail)])
    domains = await domains_by_key(work, outcome, body.domains)
    _check_judged_twice(domains, body)
    for key, domain in domains.items():
        given = next((one for one in body.domains if one.domain_key == key), None)
        domain.consensus_judgement = given.judgement if given else None
        domain.consensus_rationale = given.rationale if given else None
    outcome.consensus_judgement, outcome.consensus_rationale = body.judgement, body.rationale
    outcome.consensus_proposed_at, outcome.consensus_proposed_by = work.now, person
    await work.record(
        events.ConsensusProposed(
            about=outcome.id,
            subject=outcome.subject_id,
            sample_id=sample_id,
            audit_id=audit_id,
            judgement=body.judgement,
        )
    )


async def agree_on_consensus(
    work: Work, sample_id: UUID, audit_id: UUID, expected: Precondition
) -> None:
    """Agree with what the other proposed. From then on it stands."""
    outcome, person = await _of_the_two(work, sample_id, audit_id, expected)
    if outcome.consensus_proposed_by is None:
        detail = "Nobody has proposed a consensus yet: propose one, and the other agrees."
        raise problems.business_rule(SEALING, detail, code="no-consensus-proposed")
    if outcome.consensus_proposed_by == person:
        detail = "You proposed it: the other of you agrees, or proposes something else."
        raise problems.business_rule(SEALING, detail, code="own-proposal")
    outcome.consensus_agreed_at, outcome.consensus_agreed_by = work.now, person
    await work.record(
        events.ConsensusAgreed(
            about=outcome.id, subject=outcome.subject_id, sample_id=sample_id, audit_id=audit_id
        )
    )


def _check_judged_twice(domains: Domains, body: ConsensusIn) -> None:
    """Refuse a domain that the moderator left out: a consensus follows two judgements."""
    faults = [
        InputError.at(
            ["domains", at, "domain_key"],
            "not-moderated",
            "The moderator judged no domain of this key: a consensus follows two judgements.",
        )
        for at, given in enumerate(body.domains)
        if domains[given.domain_key].moderated_judgement is None
    ]
    if faults:
        raise problems.validation(faults)


async def _of_the_two(
    work: Work, sample_id: UUID, audit_id: UUID, expected: Precondition
) -> tuple[ModerationOutcome, str]:
    """The outcome of a sealed pair, whose auditor or moderator the caller is."""
    outcome = await outcome_of(work, sample_id, audit_id)
    person = work.person()
    if person not in {outcome.auditor, outcome.moderated_by or outcome.moderator}:
        raise problems.forbidden("Only auditor and moderator of the audit agree on a consensus.")
    await take_step(work, outcome, "record_outcome")
    expected.check(outcome.version)
    if outcome.moderated_at is None:
        detail = "The moderator has not judged yet: a consensus follows two judgements."
        raise problems.business_rule(SEALING, detail, code="not-moderated-yet")
    if not outcome.sealed:
        detail = (
            "The second grade was not sealed: the moderator knew the first. There is no consensus"
            " of two judgements of which one may follow the other."
        )
        raise problems.business_rule(SEALING, detail, code="not-sealed")
    if outcome.consensus_agreed_at is not None:
        detail = "You have agreed already, and that stands."
        raise problems.business_rule(SEALING, detail, code="consensus-stands")
    return outcome, person
