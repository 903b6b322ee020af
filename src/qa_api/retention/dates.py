"""Until when what is held about a subject is kept: the stored facts under the policy (X4)."""

from collections.abc import Iterator

from qa_api.retention.facts import CLASS_OF_KIND, facts_in
from qa_api.retention.months import last_day
from qa_api.retention.schemas import (
    RecordRetentionOut,
    StoredRetention,
    SubjectRetentionOut,
)
from qa_api.rules.policy import Policy
from qa_api.rules.policy_keys import policy_from_values
from qa_api.rules.retention import RecordClass, RecordFacts, retention
from qa_api.subjects.schemas import SubjectOut
from qa_api.values.explanations import ExplanationOut


def dates_of(stored: StoredRetention) -> SubjectRetentionOut:
    """Each class of record about a subject, with its date or why there is none."""
    policy = policy_from_values(stored.policy_version, stored.policy_from, stored.policy_values)
    return SubjectRetentionOut(
        subject=SubjectOut(id=stored.id, kind=stored.kind, system=stored.system, ref=stored.ref),
        records=list(_records(stored, policy)),
        holds=stored.holds,
        removed=stored.removed,
    )


def _records(stored: StoredRetention, policy: Policy) -> Iterator[RecordRetentionOut]:
    yield _record(CLASS_OF_KIND[stored.kind], facts_in(stored), stored, policy)
    looked = stored.last_looked_on
    if looked is not None:
        # Lines of the log go by the month; this is when the newest may.
        facts = RecordFacts(last_recorded_on=last_day(looked))
        yield _record(RecordClass.ACCESS_LOG, facts, stored, policy)


def _record(
    record_class: RecordClass, facts: RecordFacts, stored: StoredRetention, policy: Policy
) -> RecordRetentionOut:
    holds = [
        str(hold.id)
        for hold in stored.holds
        # A line that names somebody under a hold is kept for it, too.
        if hold.record_class in {None, record_class}
    ]
    found = retention(record_class, facts, policy, holds)
    return RecordRetentionOut(
        record_class=record_class,
        kept_until=found.kept_until,
        no_date_because=found.no_date_because,
        held=found.held,
        due=found.may_go(stored.today),
        explanation=ExplanationOut.of(found.explanation),
    )
