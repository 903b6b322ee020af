"""The kinds of alerts that people get, and where they look at what it is about."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class AlertKind(StrEnum):
    """What an alert tells somebody."""

    NOTIFICATION_UNDELIVERABLE = "notification_undeliverable"
    NOTIFICATION_OVERDUE = "notification_overdue"
    RESPONSE_OVERDUE = "response_overdue"
    REVIEW_OVERDUE = "review_overdue"
    REVIEW_HANDED_ON = "review_handed_on"
    ESCALATION_HANDED_ON = "escalation_handed_on"
    ESCALATION_UNACKNOWLEDGED = "escalation_unacknowledged"
    QUALITY_STANDARDS_UNINFORMED = "quality_standards_uninformed"
    ACTION_DATE_CHANGED = "action_date_changed"
    PRACTICE_OBSERVATION_RECORDED = "practice_observation_recorded"
    MERGE_OF_PRE_ADOPTION_RECORD = "merge_of_pre_adoption_record"
    MERGE_OF_DIFFERENT_KINDS = "merge_of_different_kinds"
    MERGED_RECORD_IS_PRE_ADOPTION = "merged_record_is_pre_adoption"
    CASE_SYSTEM_CLOCK_AHEAD = "case_system_clock_ahead"
    WEBHOOK_ENDPOINT_PARKED = "webhook_endpoint_parked"
    WEBHOOK_ENDPOINT_FAILING = "webhook_endpoint_failing"
    WEBHOOK_ENDPOINT_MISCONFIGURED = "webhook_endpoint_misconfigured"
    WEBHOOK_MESSAGE_REFUSED = "webhook_message_refused"
    WEBHOOK_MESSAGE_PARKED = "webhook_message_parked"
    RIGHTS_CHANGED = "rights_changed"
    WORK_HANDED_OVER = "work_handed_over"
    CALENDAR_ENDS_SOON = "calendar_ends_soon"
    CALENDAR_UNKNOWN = "calendar_unknown"


_KINDS: Final[Mapping[str, tuple[AlertKind, ...]]] = {
    "notifications": (AlertKind.NOTIFICATION_UNDELIVERABLE, AlertKind.NOTIFICATION_OVERDUE),
    "audit-responses": (
        AlertKind.RESPONSE_OVERDUE,
        AlertKind.REVIEW_OVERDUE,
        AlertKind.REVIEW_HANDED_ON,
    ),
    "escalations": (
        AlertKind.ESCALATION_UNACKNOWLEDGED,
        AlertKind.QUALITY_STANDARDS_UNINFORMED,
        AlertKind.ESCALATION_HANDED_ON,
    ),
    "restorative-actions": (AlertKind.ACTION_DATE_CHANGED,),
    "practice-observations": (AlertKind.PRACTICE_OBSERVATION_RECORDED,),
    "case-events": (
        AlertKind.MERGE_OF_PRE_ADOPTION_RECORD,
        AlertKind.MERGE_OF_DIFFERENT_KINDS,
        AlertKind.MERGED_RECORD_IS_PRE_ADOPTION,
        AlertKind.CASE_SYSTEM_CLOCK_AHEAD,
    ),
    "webhook-endpoints": (
        AlertKind.WEBHOOK_ENDPOINT_PARKED,
        AlertKind.WEBHOOK_ENDPOINT_FAILING,
        AlertKind.WEBHOOK_ENDPOINT_MISCONFIGURED,
    ),
    "webhook-deliveries": (AlertKind.WEBHOOK_MESSAGE_REFUSED, AlertKind.WEBHOOK_MESSAGE_PARKED),
    "rights-changes": (AlertKind.RIGHTS_CHANGED,),
    "hand-overs": (AlertKind.WORK_HANDED_OVER,),
    "bank-holidays": (AlertKind.CALENDAR_ENDS_SOON, AlertKind.CALENDAR_UNKNOWN),
}
LIST_OF: Final[Mapping[AlertKind, str]] = {
    kind: path for path, kinds in _KINDS.items() for kind in kinds
}
"""The list of the API that holds what an alert is about."""

TO_ANYBODY: Final = frozenset({AlertKind.WORK_HANDED_OVER})
"""Told to a person whatever their role; all else is told to who leads a team, or to a role."""

WHOLE_LIST: Final = frozenset(
    {
        AlertKind.CALENDAR_ENDS_SOON,
        AlertKind.CALENDAR_UNKNOWN,
        AlertKind.CASE_SYSTEM_CLOCK_AHEAD,
    }
)
"""What is about no one record, but about the list."""

EXTEND_THE_CALENDAR: Final = "qa-api bank-holiday import bank-holidays.json --dry-run"
"""The command that an administrator begins with, where the calendar ends."""

ADVICE: Final[Mapping[AlertKind, str]] = {
    AlertKind.CALENDAR_ENDS_SOON: (
        "The bank holidays after the end of the calendar are not known. Save the official file of "
        f"bank holidays (GOV.UK), compare it with `{EXTEND_THE_CALENDAR}`, then run it again "
        "without --dry-run; or use POST /v1/working-calendar/imports or /years."
    ),
    AlertKind.CALENDAR_UNKNOWN: (
        "Dates past the end of the calendar are open: they are counted once an administrator has "
        f"extended it, beginning with `{EXTEND_THE_CALENDAR}`. Until then act without a date."
    ),
}
"""What is to be done, in words, where a list does not say it."""
