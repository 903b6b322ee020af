"""Settling an unusual read: somebody else looks into it and says what they found (X3)."""

from uuid import UUID

from qa_api.events import UnusualReadLookedInto
from qa_api.models.access import UnusualRead
from qa_api.problems import InputError, business_rule
from qa_api.rules.policy_of_reads import CLAUSE
from qa_api.rules.transitions import next_state
from qa_api.rules.two_people import check_second_person
from qa_api.unusual_reads.queries import visible_to
from qa_api.unusual_reads.schemas import LookedInto
from qa_api.values.preconditions import Precondition
from qa_api.work import Work


async def look_into(work: Work, id_: UUID, expected: Precondition, body: LookedInto) -> None:
    """Say what was found, as a person who is not the one who read."""
    entry = await work.take(UnusualRead, id_, visible_to)
    state = next_state("unusual_read", entry.state, "look_into")
    expected.check(entry.version)
    person = work.person()
    if entry.worker is not None:
        refusal = "Another person of Quality & Standards has to look into what somebody read."
        check_second_person(entry.worker, person, CLAUSE, refusal)
    outcomes = (await work.policy()).looking_outcomes
    if body.outcome not in outcomes:
        known = ", ".join(outcomes)
        detail = f"The policy has no such outcome (looking_outcomes); it has {known}."
        wrong = InputError.at(["outcome"], "unknown-code", detail)
        raise business_rule(CLAUSE, "The outcome must be one of the policy's.", [wrong])
    entry.state, entry.outcome = state, body.outcome
    entry.looked_into_by, entry.looked_into_at = person, work.now
    await work.record(
        UnusualReadLookedInto(about=entry.id, rule=entry.rule, day=entry.day, outcome=body.outcome)
    )
