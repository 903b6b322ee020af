"""Until when a worker adds their own view to the audit of their work (R4.1.9)."""

from datetime import date, datetime, timedelta
from typing import Final

from qa_api.rules.decision import RuleRefused
from qa_api.rules.local_time import local_date
from qa_api.rules.policy import Policy

CLAUSE: Final = "R4.1.9"


def check_own_view(
    notified_at: datetime | None,
    today: date,
    policy: Policy,
    *,
    asks_for_response: bool,
    closed: bool,
) -> None:
    """Refuse a view before the worker was told of the audit, and after its time.

    What asks for a response takes it until the audit closes. What is for information closes when
    the worker is told: then it is taken for as many days as the policy says (`own_view_days`), the
    London day of the notification not counted.

    Raises RuleRefused.
    """
    if notified_at is None:
        raise RuleRefused(
            "not-notified-yet",
            CLAUSE,
            "You write your own view once you have been told of the audit.",
        )
    if asks_for_response and closed:
        raise RuleRefused("closed", CLAUSE, "The audit is closed, and what was written stands.")
    last = local_date(notified_at) + timedelta(days=policy.own_view_days)
    if not asks_for_response and today > last:
        detail = f"An own view is taken for {policy.own_view_days} days after the notification."
        raise RuleRefused("too-late", CLAUSE, detail)
