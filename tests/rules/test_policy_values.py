"""What each kind of value of the policy takes, at its edges, and what it refuses."""

import json
from collections.abc import Callable
from datetime import date, datetime
from functools import partial
from typing import TypeAlias

import pytest

from qa_api.rules.policy_values import (
    LONGEST_CODE,
    LONGEST_LIST,
    RETENTION_TRIGGERS,
    ROLES,
    Check,
    LookedAt,
    LookingRule,
    OverdueStep,
    Recipient,
    RetentionRule,
    Rounding,
    SampleStratum,
    StandingPurpose,
    codes,
    day,
    keys,
    listed,
    looked_at,
    one_of,
    overdue_steps,
    retention_rules,
    said,
    standing_purposes,
    whole,
    written,
    yes_or_no,
)

ACCOUNT = "0197a3f0-5d1c-7e4b-9b60-3a2f6c1d8e90"
EACH_SIGN_OF_AN_ID = "01234567-89ab-cdef-0123-456789abcdef"
MANAGER, HEAD = Recipient.TEAM_MANAGER, Recipient.HEAD_OF_SERVICE
OUTSIDE, AT_NIGHT = LookingRule.OUTSIDE_TEAMS, LookingRule.OUT_OF_HOURS
AS_MANY_AS_A_LIST_HOLDS = tuple(f"c{number}" for number in range(LONGEST_LIST))
AS_LONG_AS_A_CODE_CAN_BE = "c" * LONGEST_CODE

Kind: TypeAlias = tuple[str, Callable[[], Check]]
"""A name, and what makes the check of such a value."""
NUMBER: Kind = ("number", partial(whole, 2, 9))
FEW: Kind = ("number", partial(whole, 0, 1))
DATE: Kind = ("date", day)
TRUTH: Kind = ("truth", yes_or_no)
WORD: Kind = ("word", partial(one_of, Rounding))
WORDS: Kind = ("words", partial(listed, SampleStratum))
CODES: Kind = ("codes", codes)
KEYS: Kind = ("keys", keys)
STEPS: Kind = ("steps", overdue_steps)
RETENTION: Kind = ("retention", retention_rules)
LOOKING: Kind = ("looking", looked_at)
STANDING: Kind = ("standing", standing_purposes)


def step(after: object, tell: object = "team_manager") -> dict[str, object]:
    return {"working_days_after": after, "tell": tell}


def kept(years: object, record_class: object = "a", trigger: object = "born_on") -> object:
    return {"record_class": record_class, "years": years, "trigger": trigger}


def looked(*roles: object, rule: object = "outside_teams") -> dict[str, object]:
    return {"rule": rule, "roles": list(roles)}


def standing(account: object = ACCOUNT, purpose: object = "complaint") -> dict[str, object]:
    return {"account": account, "purpose": purpose}


TAKEN: list[tuple[Kind, object, object]] = [
    (NUMBER, 2, 2),
    (NUMBER, 9, 9),
    (DATE, "1900-01-01", date(1900, 1, 1)),
    (DATE, "2026-04-01", date(2026, 4, 1)),
    (DATE, "2199-12-31", date(2199, 12, 31)),
    (TRUTH, True, True),
    (TRUTH, False, False),
    (WORD, "nearest", Rounding.NEAREST),
    (WORDS, [], ()),
    (WORDS, ["team", "judgement"], (SampleStratum.TEAM, SampleStratum.JUDGEMENT)),
    (CODES, ["RC9", "rc9"], ("RC9", "rc9")),
    (CODES, [AS_LONG_AS_A_CODE_CAN_BE], (AS_LONG_AS_A_CODE_CAN_BE,)),
    (CODES, [*AS_MANY_AS_A_LIST_HOLDS], AS_MANY_AS_A_LIST_HOLDS),
    (KEYS, ["spoken_to", "b2"], ("spoken_to", "b2")),
    (KEYS, ["abcdefghijklmnopqrstuvwxyz_0123456789"], ("abcdefghijklmnopqrstuvwxyz_0123456789",)),
    (
        STEPS,
        [step(1), step(250, "head_of_service")],
        (OverdueStep(1, MANAGER), OverdueStep(250, HEAD)),
    ),
    # Two are told on one day, in the order in which they stand.
    (
        STEPS,
        [step(5), step(5, "head_of_service")],
        (OverdueStep(5, MANAGER), OverdueStep(5, HEAD)),
    ),
    (
        RETENTION,
        [kept(1), kept(150, "b", "died_on")],
        (RetentionRule("a", 1, "born_on"), RetentionRule("b", 150, "died_on")),
    ),
    (
        LOOKING,
        [looked("worker", "auditor"), looked(rule="out_of_hours")],
        (LookedAt(OUTSIDE, ("worker", "auditor")), LookedAt(AT_NIGHT, ())),
    ),
    (LOOKING, [looked(*ROLES)], (LookedAt(OUTSIDE, ROLES),)),
    (
        STANDING,
        [standing(), standing(EACH_SIGN_OF_AN_ID)],
        (StandingPurpose(ACCOUNT, "complaint"), StandingPurpose(EACH_SIGN_OF_AN_ID, "complaint")),
    ),
]

REFUSED: list[tuple[Kind, object]] = [
    (NUMBER, 1),
    (NUMBER, 10),
    (NUMBER, 5.0),
    (NUMBER, "5"),
    (FEW, True),  # which Python takes for 1
    (FEW, False),
    (DATE, "1899-12-31"),
    (DATE, "2200-01-01"),
    (DATE, "20260401"),
    (DATE, "2026-02-29"),
    (DATE, 20260401),
    (DATE, datetime(2026, 4, 1)),  # noqa: DTZ001 - no moment at all, of any zone
    (TRUTH, 1),
    (TRUTH, 0),
    (TRUTH, "true"),
    (TRUTH, None),
    (WORD, "Nearest"),
    (WORD, None),
    (WORDS, ["team", "team"]),
    (WORDS, ["colour"]),
    (WORDS, "team"),
    (CODES, ["RC1", "RC1"]),
    (CODES, [""]),
    (CODES, [AS_LONG_AS_A_CODE_CAN_BE + "c"]),
    (CODES, [*AS_MANY_AS_A_LIST_HOLDS, "another"]),
    (CODES, {"RC1": 1}),
    (KEYS, ["spoken_to", "Spoken to"]),
    (KEYS, ["spoken-to"]),
    (KEYS, ["a", "a"]),
    (KEYS, [1]),
    (STEPS, [step(0)]),
    (STEPS, [step(251)]),
    (STEPS, [step(1, "worker")]),
    (STEPS, [step(1), step(1)]),
    (STEPS, [step(2), step(1, "head_of_service")]),
    (STEPS, [{"tell": "team_manager"}]),
    (STEPS, [step(1) | {"more": 1}]),
    (STEPS, ["step"]),
    (RETENTION, [kept(0)]),
    (RETENTION, [kept(151)]),
    (RETENTION, [kept(1, trigger="whenever")]),
    (RETENTION, [kept(1, record_class="")]),
    (RETENTION, [kept(1), kept(2, trigger="died_on")]),
    (LOOKING, [looked("nobody")]),
    (LOOKING, [looked("worker", "nobody")]),
    (LOOKING, [looked("worker", "worker")]),
    (LOOKING, [looked(rule="whatever")]),
    (LOOKING, [looked("worker"), looked("auditor")]),
    (STANDING, [standing(ACCOUNT.upper())]),
    (STANDING, [standing(ACCOUNT[1:])]),
    (STANDING, [standing("g" * len(ACCOUNT))]),
    (STANDING, [standing(purpose="")]),
    (STANDING, [standing(), standing(purpose="audit")]),
]


@pytest.mark.parametrize(
    ("kind", "given", "read"), TAKEN, ids=[f"{at} {kind[0]}" for at, (kind, *_) in enumerate(TAKEN)]
)
def test_a_value_is_taken_up_to_its_edges_and_stays_what_it_is_once_written(
    kind: Kind, given: object, read: object
) -> None:
    check = kind[1]()
    assert check.read(given) == read
    assert type(check.read(given)) is type(read)
    assert check.read(json.loads(json.dumps(written(read)))) == read


@pytest.mark.parametrize(
    ("kind", "given"), REFUSED, ids=[f"{at} {kind[0]}" for at, (kind, _) in enumerate(REFUSED)]
)
def test_what_a_value_does_not_take_is_refused_with_a_reason(kind: Kind, given: object) -> None:
    with pytest.raises(ValueError, match=r"\w \w"):
        kind[1]().read(given)


def test_a_date_that_is_one_already_is_taken_as_it_is() -> None:
    """The default of a key is a date and no text."""
    assert day().read(date(2026, 4, 1)) == date(2026, 4, 1)
    with pytest.raises(ValueError, match=r"\w \w"):
        day().read(date(1899, 12, 31))


@pytest.mark.parametrize("trigger", RETENTION_TRIGGERS)
def test_each_trigger_of_retention_can_be_chosen(trigger: str) -> None:
    assert retention_rules().read([kept(7, trigger=trigger)]) == (RetentionRule("a", 7, trigger),)


def test_what_is_written_is_plain_and_no_word_of_ours() -> None:
    assert type(written(Rounding.UP)) is str
    assert written(OverdueStep(5, HEAD)) == {"working_days_after": 5, "tell": "head_of_service"}
    assert written((date(2026, 4, 1), 3, True, None)) == ["2026-04-01", 3, True, None]


def test_what_is_said_of_a_value_has_the_names_that_the_rule_book_reads() -> None:
    check = yes_or_no()
    assert said("§4.2", "days", check, "Meaning.") == {
        "clause": "§4.2",
        "unit": "days",
        "check": check,
        "meaning": "Meaning.",
    }
