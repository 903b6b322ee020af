"""What never changes of the working calendar."""

from typing import Final

from qa_api.models.frozen.entries import Begun, Closed, Frozen

_CALENDAR_NOW: Final = "EXISTS (SELECT FROM calendar_versions v WHERE qa_written_now(v.xid))"
_THIS_CALENDAR_NOW: Final = (
    "EXISTS (SELECT FROM calendar_versions v"
    " WHERE v.version = NEW.{column} AND qa_written_now(v.xid))"
)
_A_NEW_CALENDAR: Final = "a day of the calendar turns with a new version of the calendar"

CALENDAR: Final[tuple[Frozen | Begun | Closed, ...]] = (
    Begun(
        "calendar_versions",
        "telling",
        "a new version of the calendar is told",
        not_as="true",
        witness="EXISTS (SELECT FROM events e WHERE e.xid = (SELECT stamp())"
        " AND e.type = 'calendar.changed'"
        " AND e.data ->> 'calendar_version' = NEW.version::text)",
        at_commit=True,
    ),
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
    Begun(
        "bank_holidays",
        "calendar",
        "a bank holiday is added by a new version of the calendar",
        not_as="true",
        witness=_THIS_CALENDAR_NOW.format(column="added_version"),
        at_commit=True,
    ),
    Begun(
        "bank_holidays",
        "withdrawal",
        "a bank holiday is added before it is withdrawn",
        "withdrawn_version withdrawn_reason",
    ),
    Frozen(
        "bank_holidays",
        "calendar",
        "withdrawn_version withdrawn_reason",
        "a bank holiday is withdrawn by a new version of the calendar",
        witness=_THIS_CALENDAR_NOW.format(column="withdrawn_version"),
        at_commit=True,
    ),
    Frozen(
        "bank_holidays",
        "withdrawal",
        "withdrawn_version withdrawn_reason",
        "a bank holiday that was withdrawn stays so; it can be added anew",
        since="OLD.withdrawn_version IS NOT NULL",
    ),
)
