"""What an authority says of reading records: whose reads are looked at, what is unusual (X3)."""

from dataclasses import field
from typing import Final

from qa_api.rules.policy_values import (
    ROLES,
    LookedAt,
    LookingRule,
    StandingPurpose,
    keys,
    looked_at,
    said,
    standing_purposes,
    whole,
    yes_or_no,
)
from qa_api.rules.unchanging import Unchanging

CLAUSE: Final = "X3"
_SYSTEMS: Final = ("case_system", "reporting")


def _all_but(*roles: str) -> tuple[str, ...]:
    return tuple(role for role in ROLES if role not in roles)


class PolicyOfReads(Unchanging, kw_only=True):
    """The part of a policy that is about reads. Its defaults are the service's own."""

    looking_rules: tuple[LookedAt, ...] = field(
        default=(
            # Q&S read everywhere by their work, and a system has no team.
            LookedAt(
                LookingRule.OUTSIDE_TEAMS, _all_but("quality_standards", "case_system", "reporting")
            ),
            LookedAt(LookingRule.MORE_THAN_EVER, ROLES),
            LookedAt(LookingRule.RESTRICTED_STAFF, ROLES),
            # What pulls datasets reads the same rows at each pull, at night as by day.
            LookedAt(LookingRule.SAME_RECORD, _all_but("reporting")),
            LookedAt(LookingRule.OUT_OF_HOURS, _all_but(*_SYSTEMS)),
        ),
        metadata=said(
            CLAUSE,
            "roles, per rule",
            looked_at(),
            "Whose reads each rule looks at, by role; of Quality & Standards only where that role"
            " is named, and always of who held none. A rule that is left out looks at nobody.",
        ),
    )
    looking_page_records: int = field(
        default=5,
        metadata=said(
            CLAUSE,
            "records",
            whole(1, 500),
            "What shows more records at once is a page of a list, and no look at one of them; it"
            " counts in how many were read in an hour.",
        ),
    )
    looking_hour_records: int = field(
        default=150,
        metadata=said(
            CLAUSE,
            "records",
            whole(1, 1_000_000),
            "Records that somebody is shown in an hour below which no hour is unusual, so that"
            " newcomers do not fill the list.",
        ),
    )
    looking_window_days: int = field(
        default=14,
        metadata=said(
            CLAUSE,
            "days",
            whole(1, 366),
            "Days within which looks at the same record are counted, the day itself included.",
        ),
    )
    looking_same_days: int = field(
        default=4,
        metadata=said(
            CLAUSE,
            "days",
            whole(2, 366),
            "On how many days of these somebody looks at the same record, without work of their"
            " own on it, for it to be unusual.",
        ),
    )
    looking_same_times: int = field(
        default=12,
        metadata=said(
            CLAUSE,
            "times",
            whole(2, 10_000),
            "How many times within these days they look at it for it to be unusual.",
        ),
    )
    looking_from_hour: int = field(
        default=7,
        metadata=said(
            CLAUSE,
            "hour of the day",
            whole(0, 23),
            "From which hour of a working day, London time, records are read in the usual hours.",
        ),
    )
    looking_until_hour: int = field(
        default=19,
        metadata=said(
            CLAUSE,
            "hour of the day",
            whole(1, 24),
            "Until which hour; on Saturdays, Sundays and bank holidays there are no usual hours.",
        ),
    )
    looking_outcomes: tuple[str, ...] = field(
        default=("explained", "agreed_beforehand", "spoken_to", "reported"),
        metadata=said(
            CLAUSE,
            "keys",
            keys(),
            "What Quality & Standards can find when they look into an unusual read.",
        ),
    )
    own_view_days: int = field(
        default=28,
        metadata=said(
            "§4.1, R4.1.9",
            "days",
            whole(1, 366),
            "Days after the notification for which a worker may write their own view of an audit"
            " that asks for no response; others take it until they close.",
        ),
    )
    purpose_required: bool = field(
        default=False,
        metadata=said(
            CLAUSE,
            "yes or no",
            yes_or_no(),
            "Does whoever reads a record outside their own work name the purpose (X-Purpose)?",
        ),
    )
    purposes: tuple[str, ...] = field(
        default=(
            "quality_assurance",
            "safeguarding_enquiry",
            "complaint",
            "inspection",
            "record_request",
            "data_quality",
        ),
        metadata=said(
            CLAUSE, "keys", keys(), "The purposes for which a record can be read outside of that."
        ),
    )
    purposes_standing: tuple[StandingPurpose, ...] = field(
        default=(),
        metadata=said(
            CLAUSE,
            "a purpose, per account",
            standing_purposes(),
            "For which purpose a system's own account reads, so that it need not name one; an"
            " account of a person always names theirs.",
        ),
    )
