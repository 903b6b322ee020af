"""What never changes of the working calendar."""

from typing import Final

from qa_api.models.frozen.entries import Closed, Frozen

_CALENDAR_NOW: Final = "EXISTS (SELECT FROM calendar_versions v WHERE qa_written_now(v.xid))"
_A_NEW_CALENDAR: Final = "a day of the calendar turns with a new version of the calendar"

CALENDAR: Final = (
    Frozen(
        "calendar_days",
        "day",
        "day working_index working",
        _A_NEW_CALENDAR,
        witness=_CALENDAR_NOW,
    ),
    Closed("calendar_days", "addition", _A_NEW_CALENDAR, _CALENDAR_NOW),
    Closed("calendar_days", "removal", _A_NEW_CALENDAR, _CALENDAR_NOW, removed=True),
    Frozen(
        "bank_holidays",
        "holiday",
        "holiday_on added_version title source",
        "a bank holiday stands from the version that added it",
    ),
    Frozen(
        "bank_holidays",
        "withdrawal",
        "withdrawn_version withdrawn_reason",
        "a bank holiday that was withdrawn stays so; it can be added anew",
        since="OLD.withdrawn_version IS NOT NULL",
    ),
)
