"""What an event is, and every type there is, by its name on the wire."""

from dataclasses import fields
from datetime import date, datetime
from typing import Any, ClassVar, dataclass_transform
from uuid import UUID

from qa_api.rules.unchanging import Unchanging

EVENT_TYPES: dict[str, type["Event"]] = {}
"""Every event type by its name on the wire."""


@dataclass_transform(frozen_default=True, kw_only_default=True)
class Event(Unchanging):
    """Something that happened. `about` is the record, `subject` the child or carer household."""

    type: ClassVar[str]
    sent: ClassVar[bool] = False
    """Whether webhook endpoints may receive it."""

    _said: ClassVar[tuple[str, ...]]

    about: UUID
    subject: UUID | None = None

    def __init_subclass__(cls) -> None:
        super().__init_subclass__(kw_only=True)
        EVENT_TYPES[cls.type] = cls
        cls._said = tuple(one.name for one in fields(cls) if one.name not in {"about", "subject"})

    def data(self) -> dict[str, Any]:
        """The references of this event, ready for JSON."""
        return {name: _as_json(getattr(self, name)) for name in self._said}


def _as_json(value: Any) -> Any:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple | list):
        return [_as_json(item) for item in value]
    return value
