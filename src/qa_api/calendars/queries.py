"""Reading the calendar and the policy. Whoever may ask for them sees all of them."""

import json
from collections.abc import Callable
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Integer,
    Text,
    and_,
    cast,
    func,
    literal,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import JSON, JSONB

from qa_api.auth.actor import Me
from qa_api.calendars.policy_schemas import PolicyOut, PolicyRow
from qa_api.calendars.schemas import BankHolidayOut, WorkingCalendarOut
from qa_api.models.aliases import aliased
from qa_api.models.inner import value_of
from qa_api.models.policy import BankHoliday, CalendarVersion, PolicyVersion
from qa_api.reads.documents import Document
from qa_api.reads.filters import before, equals, flag, on_or_after
from qa_api.reads.listings import Listing
from qa_api.reads.shapes import Expression, Shape
from qa_api.rules.policy_guards import WEAKENED_WHEN
from qa_api.rules.policy_keys import POLICY_KEYS

_NOTICE: Final = "calendar_notice_days"


def _everyone(_: Any, __: Me) -> ColumnElement[bool]:
    return true()


# --- bank holidays and the calendar ---


def _latest(row: Any, _: Me) -> ColumnElement[bool]:
    """A day that was withdrawn and added again is shown as it was added last."""
    again = aliased(BankHoliday)
    newest = select(func.max(again.added_version)).where(again.holiday_on == row.holiday_on)
    shown: ColumnElement[bool] = row.added_version == value_of(again, newest)
    return shown


def _why_added(row: Any, _: Me) -> ColumnElement[Any]:
    version = aliased(CalendarVersion)
    return value_of(version, select(version.reason).where(version.version == row.added_version))


def _in_calendar(row: Any, _: Me) -> ColumnElement[bool]:
    still: ColumnElement[bool] = row.withdrawn_version.is_(None)
    return still


_BANK_HOLIDAY = Shape(
    BankHolidayOut,
    BankHoliday,
    {
        "date": lambda row, _: row.holiday_on,
        "reason": _why_added,
        "in_force": _in_calendar,
    },
)

BANK_HOLIDAY = Document(_BANK_HOLIDAY, _latest, key=("holiday_on",), version="added_version")

BANK_HOLIDAYS = Listing(
    name="bank-holidays",
    shape=_BANK_HOLIDAY,
    visible=_everyone,
    filters={
        "date_from": on_or_after("holiday_on"),
        "date_to": before("holiday_on"),
        "source": equals("source"),
        "in_force": flag(_in_calendar),
    },
    order=(lambda row, _: row.holiday_on, lambda row, _: row.added_version),
    descending=False,
)
"""By date, then by when they were added."""


def _newest(row: Any, _: Me) -> ColumnElement[bool]:
    other = aliased(CalendarVersion)
    newest = value_of(other, select(func.max(other.version)))
    shown: ColumnElement[bool] = row.version == newest
    return shown


def _days_left(row: Any, me: Me) -> ColumnElement[Any]:
    return cast(row.known_until - me.today, Integer)


def _of_policy_in_force(me: Me, read: Callable[[Any], ColumnElement[Any]]) -> ColumnElement[Any]:
    policy = aliased(PolicyVersion)
    return value_of(policy, select(read(policy)).where(_policy_in_force(policy, me)))


def _notice(policy: Any) -> ColumnElement[Any]:
    """The days of notice that a policy asks for; one older than the key has its default."""
    default = str(POLICY_KEYS[_NOTICE].default)
    return cast(func.coalesce(policy.values[_NOTICE].astext, default, type_=Text), Integer)


def _ends_soon(row: Any, me: Me) -> ColumnElement[bool]:
    return _days_left(row, me) <= _of_policy_in_force(me, _notice)


def _why_ends_soon(row: Any, me: Me) -> ColumnElement[Any]:
    """The explanation of `rules.calendar`'s `ends_soon`, which today alone decides."""
    facts = func.json_build_object(
        "known_until",
        row.known_until,
        "days_until_horizon",
        _days_left(row, me),
        _NOTICE,
        _of_policy_in_force(me, _notice),
    )
    return func.json_build_object(
        "rule",
        "calendar_ends_soon",
        "clause",
        POLICY_KEYS[_NOTICE].clause,
        "policy_version",
        _of_policy_in_force(me, lambda policy: policy.version),
        "calendar_version",
        row.version,
        "steps",
        cast(literal("[]", Text), JSON),
        "facts",
        facts,
        type_=JSON,
    )


WORKING_CALENDAR = Document(
    Shape(
        WorkingCalendarOut,
        CalendarVersion,
        {
            "days_until_horizon": _days_left,
            "ends_soon": _ends_soon,
            "explanation": _why_ends_soon,
        },
    ),
    _newest,
    key=(),
)


# --- policy ---


def _policy_in_force(row: Any, me: Me) -> ColumnElement[bool]:
    """The latest effective today, the higher version on a tie."""
    other = aliased(PolicyVersion)
    newest = (
        select(other.version)
        .where(other.effective_from <= me.today)
        .order_by(other.effective_from.desc(), other.version.desc())
        .limit(1)
    )
    found: ColumnElement[bool] = row.version == value_of(other, newest)
    return found


def _taken_over_on(row: Any, _: Me) -> ColumnElement[Any]:
    later = aliased(PolicyVersion)
    next_day = select(func.min(later.effective_from)).where(
        or_(
            later.effective_from > row.effective_from,
            and_(later.effective_from == row.effective_from, later.version > row.version),
        )
    )
    return value_of(later, next_day)


_RULE_BOOK: Final = json.dumps(
    [
        {
            "key": key.key,
            "default": key.default,
            "clause": key.clause,
            "meaning": key.meaning,
            "unit": key.unit,
            "accepts": key.check.accepts,
            "second_person_when": WEAKENED_WHEN[key.key],
        }
        for key in POLICY_KEYS.values()
    ]
)


def _every_value(row: Any, _: Me) -> ColumnElement[Any]:
    """Each key of the printed rule book with this version's value, or else the default."""
    keys = func.jsonb_array_elements(cast(literal(_RULE_BOOK, Text), JSONB)).table_valued(
        "value", with_ordinality="place", name="rule"
    )
    said = cast(keys.c.value, JSONB)
    entry = func.jsonb_build_object(
        "value", func.coalesce(row.values[said["key"].astext], said["default"])
    )
    return value_of(keys, select(func.json_agg(said.op("||")(entry), type_=JSON)).select_from(keys))


_POLICY: Final[dict[str, Expression]] = {
    "effective_until": _taken_over_on,
    "in_force": _policy_in_force,
}

POLICIES = Listing(
    name="policies",
    shape=Shape(PolicyRow, PolicyVersion, _POLICY),
    visible=_everyone,
    filters={},
    order=(lambda row, _: row.version,),
)
"""The newest version first."""

_WHOLE_POLICY = Shape(PolicyOut, PolicyVersion, {**_POLICY, "values": _every_value})

POLICY = Document(_WHOLE_POLICY, _everyone, key=("version",))
POLICY_IN_FORCE = Document(_WHOLE_POLICY, _policy_in_force, key=())
