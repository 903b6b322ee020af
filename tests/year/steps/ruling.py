"""What the rules count by changes: bank holidays, policy."""

from typing import Any, Final

from tests.api import Json
from tests.year.turn import Turn

_VALUES: Final[tuple[tuple[str, tuple[Any, ...]], ...]] = (
    ("response_working_days", (3, 5, 7)),
    ("return_working_days", (2, 5)),
    ("review_working_days", (3, 5)),
    ("due_audit_lead_days", (14, 28)),
    ("closure_exempt_reasons", ([], ["RC4"], ["RC4", "RC9"])),
    ("moderation_sample_percent", (10, 20, 30)),
    ("observations_required", (1, 2, 3)),
)


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
        "SELECT holiday_on FROM bank_holidays WHERE source = 'proclaimed'"
        " AND withdrawn_version IS NULL ORDER BY 1"
    )
    path = f"/v1/bank-holidays/{day['holiday_on'].isoformat()}"
    turn.act("admin-1", f"{path}/withdraw", {"reason": "Postponed."})


def decide(turn: Turn) -> None:
    """The policy changes from a day on."""
    key, values = turn.one_of(_VALUES)
    change: Json = {"key": key, "value": turn.one_of(values)}
    body = {
        "effective_from": turn.day(turn.one_of((1, 1, 10))),
        "reason": "Decided.",
        "changes": [change],
    }
    turn.create("admin-1", "/v1/policies", body)


STEPS: Final = {
    "proclaim a bank holiday": (proclaim, 1),
    "withdraw a bank holiday": (withdraw, 1),
    "change the policy": (decide, 1),
}
