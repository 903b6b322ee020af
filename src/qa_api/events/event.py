"""What an event is, and every type there is, by its name on the wire."""

from collections.abc import Mapping
from datetime import date, datetime
from inspect import get_annotations
from types import MappingProxyType
from typing import Any, ClassVar, Final, dataclass_transform, get_origin
from uuid import UUID

EVENT_TYPES: dict[str, type["Event"]] = {}
"""Every event type by its name on the wire."""

_REQUIRED: Final = object()


@dataclass_transform(frozen_default=True, kw_only_default=True)
class Declared:
    """Values named by the class's annotations, given by name when it is made, never changed after.

    As `dataclass(frozen=True, kw_only=True)` has it and type checkers take it, with one `__init__`
    for all: a hundred and more classes of their own generated code were a tenth of a start.
    """

    values: ClassVar[Mapping[str, Any]] = MappingProxyType({})
    """The name of each value and its default."""

    def __init_subclass__(cls, **_: Any) -> None:
        own = {
            name: vars(cls).get(name, _REQUIRED)
            for name, annotation in get_annotations(cls).items()
            if not _of_class(annotation)
        }
        cls.values = MappingProxyType({**cls.values, **own})

    def __init__(self, **given: Any) -> None:
        whole = {**self.values, **given}
        wrong = [name for name, value in whole.items() if value is _REQUIRED]
        wrong += given.keys() - self.values.keys()
        if wrong:
            raise TypeError(f"{type(self).__name__} has other values: {sorted(wrong)}")
        vars(self).update(whole)

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"{type(self).__name__}.{name} is not changed")

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(self.values)})"


def _of_class(annotation: object) -> bool:
    origin: object = get_origin(annotation)
    return origin is ClassVar


class Event(Declared):
    """Something that happened. `about` is the record, `subject` the child or carer household."""

    type: ClassVar[str]
    sent: ClassVar[bool] = False
    """Whether webhook endpoints may receive it."""

    about: UUID
    subject: UUID | None = None

    def __init_subclass__(cls, **_: Any) -> None:
        super().__init_subclass__()
        EVENT_TYPES[cls.type] = cls

    def data(self) -> dict[str, Any]:
        """The references of this event, ready for JSON."""
        return {
            name: _plain(getattr(self, name))
            for name in self.values
            if name not in {"about", "subject"}
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
