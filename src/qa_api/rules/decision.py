"""What every rule gives back: a decision that can be explained, or a refusal (X2)."""

from collections.abc import Mapping
from dataclasses import field
from datetime import UTC, date, datetime
from typing import TypeAlias

from qa_api.rules.settled import SETTLED
from qa_api.rules.steps import said_of, standing, takeable, what_is_next
from qa_api.rules.unchanging import Unchanging

Fact: TypeAlias = bool | int | str | date | datetime | tuple[str, ...] | None


def plain(fact: Fact) -> object:
    """A fact as plain JSON: dates in ISO form, instants in UTC with Z, tuples as lists."""
    if isinstance(fact, datetime):
        return fact.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(fact, date):
        return fact.isoformat()
    return list(fact) if isinstance(fact, tuple) else fact


class Step(Unchanging):
    """One day looked at while counting: was it counted, and why or why not (R4.2.1)."""

    date: date
    counted: bool
    reason: str

    def as_json(self) -> dict[str, object]:
        """The step as a plain JSON object."""
        return {"date": self.date.isoformat(), "counted": self.counted, "reason": self.reason}


class Explanation(Unchanging):
    """Why a rule decided as it did: rule, clause, versions, the days and the facts (X2)."""

    rule: str
    clause: str
    policy_version: int
    calendar_version: int | None = None
    steps: tuple[Step, ...] = ()
    facts: Mapping[str, Fact] = field(default_factory=dict, hash=False)

    def as_json(self) -> dict[str, object]:
        """The explanation as a plain JSON object, ready to be stored and served."""
        return {
            "rule": self.rule,
            "clause": self.clause,
            "policy_version": self.policy_version,
            "calendar_version": self.calendar_version,
            "steps": [step.as_json() for step in self.steps],
            "facts": {name: plain(fact) for name, fact in self.facts.items()},
        }


class Missing(Unchanging):
    """One thing that stands in the way: a JSON pointer, a stable code, words for a person.

    Never holds what somebody typed: pointers name keys and ids of the service's own.
    """

    pointer: str
    code: str
    detail: str


class RuleRefused(Exception):
    """A rule says no: a stable code, the clause, words for a person, and the field if one.

    The message never repeats input. ``missing`` lists every obstacle when there are several.
    """

    def __init__(
        self,
        code: str,
        clause: str,
        message: str,
        field: str | None = None,
        missing: tuple[Missing, ...] = (),
    ) -> None:
        super().__init__(message)
        self.code = code
        self.clause = clause
        self.message = message
        self.field = field
        self.missing = missing


class NotAllowedInState(RuleRefused):
    """The action is known, but not in this state; says where it stands and who can do what next.

    ``because`` is a sentence on what else stands in the way than the state, ``missing`` names each
    of it. ``allowed`` are the steps that somebody can ask for.
    """

    def __init__(
        self,
        clause: str,
        aggregate: str,
        state: str,
        allowed: tuple[str, ...],
        because: str = "",
        missing: tuple[Missing, ...] = (),
        *,
        code: str = "state-conflict",
    ) -> None:
        sentences = (standing(aggregate, state), because, what_is_next(aggregate, state, allowed))
        super().__init__(code, clause, " ".join(filter(None, sentences)), missing=missing)
        self.aggregate = aggregate
        self.state = state
        self.allowed = takeable(aggregate, allowed)


class AlreadySo(RuleRefused):
    """It is so already: ``what`` names the entry of `SETTLED`, ``facts`` fill in its words."""

    def __init__(self, what: str, **facts: str | int | date) -> None:
        settled = SETTLED[what]
        sentences = f"{settled.says} {said_of(settled.steps.values())}"
        super().__init__("state-conflict", "", sentences.format_map(facts))
        self.state = settled.state
        self.allowed = tuple(settled.steps)
