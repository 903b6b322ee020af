"""The kinds of value a policy can hold, and how each is read from plain JSON.

A reader gives the value or raises ValueError; ``accepts`` says in words what it takes.
"""

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final, TypeVar

from qa_api.rules.unchanging import Unchanging

_E = TypeVar("_E", bound=StrEnum)

LONGEST_LIST = 100
LONGEST_CODE = 60
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)


class Recipient(StrEnum):
    """Who can be told of something overdue (§4.2, §4.3)."""

    TEAM_MANAGER = "team_manager"
    HEAD_OF_SERVICE = "head_of_service"
    QUALITY_STANDARDS = "quality_standards"


class ClosureActionStandard(StrEnum):
    """When an action needed before closure stops holding the gate (C3)."""

    DONE = "done"
    VERIFIED = "verified"


class RightsConfirmer(StrEnum):
    """Who confirms what an administrator proposes of somebody's rights (X3)."""

    ADMINISTRATOR = "administrator"
    QUALITY_STANDARDS = "quality_standards"
    EITHER = "either"


class LookingRule(StrEnum):
    """A rule by which reads of a day are found unusual (X3)."""

    OUTSIDE_TEAMS = "outside_teams"
    MORE_THAN_EVER = "more_than_ever"
    RESTRICTED_STAFF = "restricted_staff"
    SAME_RECORD = "same_record"
    OUT_OF_HOURS = "out_of_hours"


ROLES: Final = (
    "auditor",
    "worker",
    "practice_supervisor",
    "team_manager",
    "head_of_service",
    "quality_standards",
    "senior_leader",
    "case_system",
    "reporting",
    "administrator",
    "learning_development",
    "practice_advisor",
    "identity_provider",
)
"""The roles that somebody can hold, as a policy names them."""


class CadenceAnchor(StrEnum):
    """What anniversaries count from (R3.2)."""

    FROM_PANEL_DATE = "from_panel_date"
    FROM_LAST_AUDIT = "from_last_audit"


class NonWorkingDay(StrEnum):
    """Which day stands in for 'the same working day' when there is none (R4.3.3)."""

    NEXT_WORKING_DAY = "next_working_day"
    SAME_DAY = "same_day"


class ModerationFrequency(StrEnum):
    """How often moderation samples are drawn (R4.5.1)."""

    MONTH = "month"
    QUARTER = "quarter"


class SampleStratum(StrEnum):
    """What a moderation sample can be spread over (R4.5.1)."""

    AUDIT_TYPE = "audit_type"
    JUDGEMENT = "judgement"
    TEAM = "team"


class SecondGrade(StrEnum):
    """Whether moderators judge before they see the auditor's judgement (R4.5.3)."""

    SEALED = "sealed"
    OPEN = "open"


class KappaWeights(StrEnum):
    """How a disagreement weighs in kappa: its distance in ranks, or the square (R4.5.4)."""

    LINEAR = "linear"
    QUADRATIC = "quadratic"


class ObservationWindow(StrEnum):
    """Which period practice observations are counted in (R4.6.1)."""

    FINANCIAL_YEAR = "financial_year"
    ROLLING = "rolling"
    FROM_START_DATE = "from_start_date"


class Rounding(StrEnum):
    """How a pro-rated number is made whole (R4.6.1)."""

    UP = "up"
    NEAREST = "nearest"
    DOWN = "down"


class OverdueStep(Unchanging):
    """So many working days after a missed due date, somebody is told (R4.2.5)."""

    working_days_after: int
    tell: Recipient


class RetentionRule(Unchanging):
    """How many years after which trigger a class of record may go (X4)."""

    record_class: str
    years: int
    trigger: str


class LookedAt(Unchanging):
    """The roles whose holders' reads a rule looks at (X3)."""

    rule: LookingRule
    roles: tuple[str, ...]


class StandingPurpose(Unchanging):
    """The purpose for which a system's own account reads, whenever it does (X3)."""

    account: str
    purpose: str


RETENTION_TRIGGERS = (
    "born_on",
    "died_on",
    "last_recorded_on",
    "case_closed_on",
    "reaches_18_on",
    "approval_ended_on",
)


class Check(Unchanging):
    """How one kind of value is read, and what it accepts in words."""

    accepts: str
    read: Callable[[object], object]


def said(clause: str, unit: str, check: Check, meaning: str) -> Mapping[str, Any]:
    """What the rule book says of a value of the policy."""
    return {"clause": clause, "unit": unit, "check": check, "meaning": meaning}


def _whole_number(value: object, at_least: int, at_most: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not at_least <= value <= at_most:
        raise ValueError("not a whole number in range")
    return value


def _code(value: object) -> str:
    if not isinstance(value, str) or not 1 <= len(value) <= LONGEST_CODE:
        raise ValueError("not a code")
    return value


def _members(value: object) -> list[object]:
    if not isinstance(value, list | tuple) or len(value) > LONGEST_LIST:
        raise ValueError("not a list")
    return list(value)


def _with_exactly(value: object, names: set[str]) -> Mapping[str, object]:
    if not isinstance(value, Mapping) or set(value) != names:
        raise ValueError("not an object with exactly these names")
    return value


def _choice(kind: type[_E], value: object) -> _E:
    return kind(_code(value))


def whole(at_least: int, at_most: int) -> Check:
    """A whole number between two bounds."""
    return Check(
        f"a whole number from {at_least} to {at_most}",
        lambda v: _whole_number(v, at_least, at_most),
    )


def day() -> Check:
    """A date of our time."""

    def read(value: object) -> date:
        found = value if type(value) is date else date.fromisoformat(_code(value))
        if not FIRST_DAY <= found <= LAST_DAY or value not in {found, found.isoformat()}:
            raise ValueError("not a date of our time")
        return found

    return Check("a date like 2026-04-01, between 1900 and 2199", read)


def yes_or_no() -> Check:
    """A truth value; nothing else passes for one."""

    def read(value: object) -> bool:
        if value is True or value is False:
            return value
        raise ValueError("not true or false")

    return Check("true or false", read)


def one_of(kind: type[StrEnum]) -> Check:
    """One word of a closed list."""
    return Check("one of " + ", ".join(kind), lambda value: _choice(kind, value))


def listed(kind: type[StrEnum]) -> Check:
    """Several words of a closed list, none twice."""

    def read(value: object) -> tuple[StrEnum, ...]:
        found = tuple(_choice(kind, member) for member in _members(value))
        if len(set(found)) != len(found):
            raise ValueError("a word stands twice")
        return found

    return Check("a list of " + ", ".join(kind) + ", none twice", read)


def codes() -> Check:
    """Codes that the authority chooses, none twice."""

    def read(value: object) -> tuple[str, ...]:
        found = tuple(_code(member) for member in _members(value))
        if len(set(found)) != len(found):
            raise ValueError("a code stands twice")
        return found

    return Check("a list of codes, none twice", read)


def keys() -> Check:
    """Keys that the authority chooses, none twice: they are written in requests."""
    plain = codes()

    def read(value: object) -> tuple[str, ...]:
        found: tuple[str, ...] = tuple(_code(member) for member in _members(plain.read(value)))
        if not all(set(key) <= _OF_A_KEY for key in found):
            raise ValueError("not a key")
        return found

    return Check("a list of keys of small letters, digits and underscores, none twice", read)


_OF_A_KEY: Final = frozenset("abcdefghijklmnopqrstuvwxyz0123456789_")


def overdue_steps() -> Check:
    """Steps of an overdue escalation, the earliest first."""

    def read(value: object) -> tuple[OverdueStep, ...]:
        steps = []
        for member in _members(value):
            step = _with_exactly(member, {"working_days_after", "tell"})
            after = _whole_number(step["working_days_after"], 1, 250)
            steps.append(OverdueStep(after, _choice(Recipient, step["tell"])))
        if len(set(steps)) != len(steps) or steps != sorted(
            steps, key=lambda step: step.working_days_after
        ):
            raise ValueError("steps stand twice or out of order")
        return tuple(steps)

    return Check(
        "a list of {working_days_after: 1 to 250, tell: " + " | ".join(Recipient) + "}, "
        "the earliest first, none twice",
        read,
    )


def retention_rules() -> Check:
    """One retention rule per record class."""

    def read(value: object) -> tuple[RetentionRule, ...]:
        rules = []
        for member in _members(value):
            rule = _with_exactly(member, {"record_class", "years", "trigger"})
            trigger = _code(rule["trigger"])
            if trigger not in RETENTION_TRIGGERS:
                raise ValueError("not a trigger")
            rules.append(
                RetentionRule(
                    _code(rule["record_class"]), _whole_number(rule["years"], 1, 150), trigger
                )
            )
        if len({rule.record_class for rule in rules}) != len(rules):
            raise ValueError("a record class stands twice")
        return tuple(rules)

    return Check(
        "a list of {record_class, years: 1 to 150, trigger: "
        + " | ".join(RETENTION_TRIGGERS)
        + "}, one per record class",
        read,
    )


def looked_at() -> Check:
    """The rules by which reads are looked at, each with the roles of those whose reads it is."""

    def read(value: object) -> tuple[LookedAt, ...]:
        found = []
        for member in _members(value):
            rule = _with_exactly(member, {"rule", "roles"})
            roles = tuple(_code(role) for role in _members(rule["roles"]))
            if len(set(roles)) != len(roles) or not set(roles) <= set(ROLES):
                raise ValueError("not roles, or one stands twice")
            found.append(LookedAt(_choice(LookingRule, rule["rule"]), roles))
        if len({each.rule for each in found}) != len(found):
            raise ValueError("a rule stands twice")
        return tuple(found)

    return Check(
        "a list of {rule: "
        + " | ".join(LookingRule)
        + ", roles: a list of "
        + ", ".join(ROLES)
        + "}, each rule once at most",
        read,
    )


def standing_purposes() -> Check:
    """One purpose for each of some accounts, which are named by their ids."""

    def read(value: object) -> tuple[StandingPurpose, ...]:
        found = []
        for member in _members(value):
            said_of = _with_exactly(member, {"account", "purpose"})
            account = _code(said_of["account"])
            if len(account) != _ID_LENGTH or not set(account) <= _OF_AN_ID:
                raise ValueError("not an id as it is written")
            found.append(StandingPurpose(account, _code(said_of["purpose"])))
        if len({each.account for each in found}) != len(found):
            raise ValueError("an account stands twice")
        return tuple(found)

    return Check(
        "a list of {account: the id of a principal, in small letters, purpose: a key of purposes},"
        " each account once",
        read,
    )


_ID_LENGTH: Final = 36
_OF_AN_ID: Final = frozenset("0123456789abcdef-")


def written(value: object) -> object:
    """A policy value as plain JSON."""
    if is_dataclass(value):
        return {each.name: written(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, tuple):
        return [written(member) for member in value]
    if isinstance(value, date):
        return value.isoformat()
    return value.value if isinstance(value, StrEnum) else value
