"""What the rules count by changes: bank holidays, policy."""

from typing import Any, Final

from tests.api import Json
from tests.year.turn import Refused, Turn


def _kept(children: int, trigger: str, *classes: tuple[str, int]) -> list[Json]:
    """Years for which records are kept: of children from a trigger, others from the last word."""
    return [
        {"record_class": "child_record", "years": children, "trigger": trigger},
        *(
            {"record_class": name, "years": years, "trigger": "last_recorded_on"}
            for name, years in classes
        ),
    ]


_OTHERS: Final = (("carer_record", 10), ("practice_observation", 6), ("access_log", 6))
_VALUES: Final[tuple[tuple[str, tuple[Any, ...]], ...]] = (
    ("response_working_days", (3, 5, 7)),
    ("return_working_days", (2, 5)),
    ("review_working_days", (3, 5)),
    ("due_audit_lead_days", (14, 28)),
    ("closure_exempt_reasons", ([], ["RC4"], ["RC4", "RC9"])),
    ("moderation_sample_percent", (10, 20, 30)),
    ("observations_required", (1, 2, 3)),
)
_PERIODS: Final = (
    _kept(75, "born_on", *_OTHERS),
    _kept(75, "born_on", *_OTHERS),
    _kept(80, "born_on", *_OTHERS),
    _kept(7, "last_recorded_on", *_OTHERS),
    _kept(75, "born_on", ("carer_record", 15), ("practice_observation", 5)),
)
"""The procedure's own most often; longer ones; children's from another day, observations' shorter,
the access log's for ever."""


def proclaim(turn: Turn) -> None:
    """A bank holiday is proclaimed, for a day soon or one that is over."""
    body = {
        "date": turn.day(turn.one_of((-2, 1, 2, 5, 9))),
        "title": "A day of mourning",
        "reason": "Proclaimed.",
    }
    turn.create("admin-1", "/v1/bank-holidays", body)


def withdraw(turn: Turn) -> None:
    """A day that was proclaimed is a working day after all."""
    day = turn.row(
        "SELECT holiday_on FROM bank_holidays WHERE source = 'authority'"
        " AND withdrawn_version IS NULL ORDER BY 1"
    )
    path = f"/v1/bank-holidays/{day['holiday_on'].isoformat()}"
    turn.act("admin-1", f"{path}/withdraw", {"reason": "Postponed."})


def decide(turn: Turn) -> None:
    """The policy changes from a day on."""
    key, values = turn.one_of(_VALUES)
    _change(turn, key, turn.one_of(values))


def keep_otherwise(turn: Turn) -> None:
    """Records are kept for longer; or for less time, where a second person agrees (X4)."""
    _change(turn, "retention_rules", turn.one_of(_PERIODS))


def _change(turn: Turn, key: str, value: Any) -> None:
    """What protects less is proposed: it then waits in the list of a second person (X3)."""
    policy: Json = {
        "effective_from": turn.day(turn.one_of((1, 1, 10))),
        "changes": [{"key": key, "value": value}],
    }
    try:
        turn.create("admin-1", "/v1/policies", {"reason": "Decided.", **policy})
    except Refused as refused:
        if not refused.needs_two:
            raise
        proposed = {"reason": "Decided.", "policy": policy}
        turn.create("admin-1", "/v1/rights-changes", proposed)


STEPS: Final = {
    "proclaim a bank holiday": (proclaim, 1),
    "withdraw a bank holiday": (withdraw, 1),
    "change the policy": (decide, 1),
    "keep records otherwise": (keep_otherwise, 1),
}
