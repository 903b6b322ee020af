"""Until when records are kept, and whether what they say may go (X4).

A rule of the policy names a class of record, a trigger and a number of years. Where the trigger
is not known there is no date, and without a date nothing goes. A legal hold goes before every date.
"""

from collections.abc import Collection
from datetime import date
from enum import StrEnum
from typing import Final

from qa_api.rules.cadence import months_after
from qa_api.rules.decision import Explanation, RuleRefused
from qa_api.rules.policy import Policy
from qa_api.rules.policy_values import RetentionRule
from qa_api.rules.unchanging import Unchanging

RULE: Final = "retention"
CLAUSE: Final = "X4"
REMOVED: Final = "[removed]"
"""Stands where a text was that went. Where nothing was written, nothing stands."""
NAME_PREFIX: Final = "removed:"
"""A subject whose content went is called this and its id; its own names are gone."""
_OF_AGE_MONTHS: Final = 18 * 12


class RecordClass(StrEnum):
    """The classes of record that this service holds."""

    CHILD_RECORD = "child_record"
    CARER_RECORD = "carer_record"
    PRACTICE_OBSERVATION = "practice_observation"
    ACCESS_LOG = "access_log"
    WEBHOOK_DELIVERY = "webhook_delivery"


class NoDate(StrEnum):
    """Why nobody can say until when a record is kept; it is kept."""

    NO_RULE = "no_rule"
    TRIGGER_NOT_KNOWN = "trigger_not_known"


class Settled(StrEnum):
    """What became of an item of a retention run: removed, or kept and why."""

    REMOVED = "removed"
    HELD = "held"
    NOT_DUE = "not_due"
    RECORDED_SINCE = "recorded_since"
    STILL_OPEN = "still_open"
    NOT_SEEN_BY_APPROVER = "not_seen_by_approver"
    RUN_CANCELLED = "run_cancelled"
    REFUSED_BY_DATABASE = "refused_by_database"


class RecordFacts(Unchanging):
    """The London dates that a trigger can name; None where a date is not known or not there."""

    born_on: date | None = None
    died_on: date | None = None
    last_recorded_on: date | None = None
    case_closed_on: date | None = None
    """None also while any case is open."""
    approval_ended_on: date | None = None

    def triggered_on(self, trigger: str) -> date | None:
        """The date of a trigger of the policy (``RETENTION_TRIGGERS``)."""
        if trigger == "reaches_18_on":
            return months_after(self.born_on, _OF_AGE_MONTHS) if self.born_on else None
        found: date | None = getattr(self, trigger)
        return found


class Retention(Unchanging):
    """Until when a record is kept, that day included, or why there is no such day."""

    record_class: RecordClass
    kept_until: date | None
    no_date_because: NoDate | None
    held: bool
    explanation: Explanation

    def may_go(self, on: date) -> bool:
        """Has its day passed, and does nothing hold it?"""
        return self.has_passed(on) and not self.held

    def has_passed(self, on: date) -> bool:
        """Is the day after its last day reached? Never without a date."""
        return self.kept_until is not None and self.kept_until < on


def rule_of(record_class: RecordClass, policy: Policy) -> RetentionRule | None:
    """The rule that a policy has for a class of record."""
    rules = (rule for rule in policy.retention_rules if rule.record_class == record_class)
    return next(rules, None)


def retention(
    record_class: RecordClass, facts: RecordFacts, policy: Policy, holds: Collection[str] = ()
) -> Retention:
    """Until when a record of a class is kept under a policy (X4).

    Years are counted as anniversaries: 29 February falls to the 28th in a common year. ``holds``
    are the ids of the legal holds that stand over it.
    """
    rule = rule_of(record_class, policy)
    triggered_on = facts.triggered_on(rule.trigger) if rule else None
    no_date_because = None
    if rule is None:
        no_date_because = NoDate.NO_RULE
    elif triggered_on is None:
        no_date_because = NoDate.TRIGGER_NOT_KNOWN
    kept_until = None
    if rule is not None and triggered_on is not None:
        kept_until = months_after(triggered_on, 12 * rule.years)
    explanation = Explanation(
        RULE,
        CLAUSE,
        policy.version,
        facts={
            "record_class": record_class.value,
            "trigger": rule.trigger if rule else None,
            "triggered_on": triggered_on,
            "years": rule.years if rule else None,
            "kept_until": kept_until,
            "no_date_because": no_date_because.value if no_date_because else None,
            "held_by": tuple(sorted(holds)),
        },
    )
    return Retention(record_class, kept_until, no_date_because, bool(holds), explanation)


def name_kept_until(left_on: date | None, policy: Policy) -> date | None:
    """The last day on which a worker's display name is kept; None while nobody can say (X4).

    A practice observation is the record of a worker, so a name is kept as long after their last day
    in service as an observation after it was last written to. Where observations never go, names
    do not either. `left_on` is a London date.
    """
    rule = rule_of(RecordClass.PRACTICE_OBSERVATION, policy)
    if rule is None or left_on is None or rule.trigger != "last_recorded_on":
        return None
    return months_after(left_on, 12 * rule.years)


def obstacle(
    listed: Retention, now: Retention, on: date, *, recorded_since: bool, still_open: bool = False
) -> Settled | None:
    """Why an item of an approved run is kept after all; None where its content goes (X4).

    Its day must have passed under two policies: the one that the run was listed by, which two
    people saw, and the one in force now. So an authority that has lengthened its periods since then
    loses no record by an older decision. Whatever was recorded since the run was proposed, nobody
    has judged. And while somebody is still to do something about the subject, what they would write
    would be written about a record that went.
    """
    if now.held:
        return Settled.HELD
    if recorded_since:
        return Settled.RECORDED_SINCE
    if still_open:
        return Settled.STILL_OPEN
    if not (listed.has_passed(on) and now.has_passed(on)):
        return Settled.NOT_DUE
    return None


def check_as_at(as_at: date, today: date) -> None:
    """Refuse a run as at a day that is not over: its records are still kept (X4)."""
    if as_at > today:
        raise RuleRefused("in-the-future", CLAUSE, "The date must not be in the future.", "as_at")
