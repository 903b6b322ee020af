"""What an event is, and every type there is, by its name on the wire."""

from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

EVENT_TYPES: dict[str, type["Event"]] = {}
"""Every event type by its name on the wire."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened. `about` is the record, `subject` the child or carer household."""

    type: ClassVar[str]
    sent: ClassVar[bool] = False
    """Whether webhook endpoints may receive it."""

    about: UUID
    subject: UUID | None = None

    def __init_subclass__(cls, **_: Any) -> None:
        EVENT_TYPES[cls.type] = cls

    def data(self) -> dict[str, Any]:
        """The references of this event, ready for JSON."""
        return {
            field.name: _plain(getattr(self, field.name))
            for field in fields(self)
            if field.name not in {"about", "subject"}
        }


def _plain(value: Any) -> Any:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return value
