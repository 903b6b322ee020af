"""The value types of the contract: what a field may hold, in requests and in answers alike.

Pydantic runs strict over JSON that the gate has already parsed, so a string is never taken for a
number nor a number for a date. The types that JSON does not have (dates, instants, UUIDs) read
exactly one written form. Every type states its bounds in the schema, and gives the same schema for
reading and for writing, so that the contract has one component per model.
"""

import re
import warnings
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Annotated, Any, Final, TypeVar
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PlainSerializer,
    Strict,
    WithJsonSchema,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic.warnings import UnsupportedFieldAttributeWarning
from pydantic_core import PydanticCustomError, core_schema

from qa_api.rules.retention import NAME_PREFIX
from qa_api.rules.unchanging import Unchanging
from qa_api.values.text import Formed, TextOf

# FastAPI names each body in its annotation, where Pydantic has no use for the name, and so silences
# this when it builds a validator. A schema whose validator is made later is silenced here.
warnings.filterwarnings("ignore", category=UnsupportedFieldAttributeWarning)

T = TypeVar("T")
D = TypeVar("D", bound=date)
E = TypeVar("E", bound=StrEnum)

# Outside these years a date is a slip of the pen; inside them, no arithmetic on it can overflow.
FIRST_YEAR: Final = 1900
LAST_YEAR: Final = 2199
# What is reckoned from a day of these years lies within the others.
_FIRST_RECKONED: Final = FIRST_YEAR + 50
_LAST_RECKONED: Final = LAST_YEAR - 50

_LONGEST_INSTANT = 35

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt]([0-9]{2}:[0-9]{2}:[0-9]{2})(\.[0-9]{1,6})?[0-9]{0,3}"
    r"([Zz]|[+-][0-9]{2}:[0-9]{2})"
)
# What is left of an offset whose + stood raw in an address: there a + is a space.
_LOST_PLUS = re.compile(r".*[0-9] [0-9]{2}:[0-9]{2}")
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_WHOLE = re.compile(r"0|-?[1-9][0-9]{0,18}")


def read_date(value: object) -> date:
    """A calendar date from ``YYYY-MM-DD``; it has no time zone and gets none."""
    if type(value) is date:
        return _of_our_time(value)
    if isinstance(value, str) and _DATE.fullmatch(value):
        try:
            found = date.fromisoformat(value)
        except ValueError:
            pass
        else:
            return _of_our_time(found)
    raise PydanticCustomError("date", "Not a date of the form YYYY-MM-DD.")


def read_instant(value: object) -> datetime:
    """An instant in UTC from RFC 3339 text with an offset. Finer than microseconds is cut off."""
    if isinstance(value, datetime) and value.tzinfo is not None:
        return _of_our_time(value).astimezone(UTC)
    if isinstance(value, str) and (match := _INSTANT.fullmatch(value)):
        day, time, fraction, offset = match.groups()
        try:
            found = datetime.fromisoformat(f"{day}T{time}{fraction or ''}{offset.upper()}")
        except ValueError:
            pass
        else:
            return _of_our_time(found).astimezone(UTC)
    if isinstance(value, str) and len(value) <= _LONGEST_INSTANT and _LOST_PLUS.fullmatch(value):
        raise PydanticCustomError(
            "instant",
            "The offset has a space for its sign. In an address a + is a space: write %2B, "
            "or give the instant in UTC, like 2026-11-22T09:30:00Z.",
        )
    raise PydanticCustomError(
        "instant", "Not an instant with an offset, like 2026-11-22T09:30:00Z."
    )


def _read_reckoned_from(value: object) -> date:
    found = read_date(value)
    if not _FIRST_RECKONED <= found.year <= _LAST_RECKONED:
        raise PydanticCustomError(
            "date_range",
            "The year is not between {first} and {last}.",
            {"first": _FIRST_RECKONED, "last": _LAST_RECKONED},
        )
    return found


def _of_our_time(value: D) -> D:
    if not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise PydanticCustomError("date_range", "The year is not between 1900 and 2199.")
    return value


def write_instant(value: datetime) -> str:
    """The one written form of an instant: UTC with ``Z``."""
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def read_uuid(value: object) -> UUID:
    """A UUID in its usual form of 36 characters."""
    if isinstance(value, UUID):
        return value
    if not isinstance(value, str) or not _UUID.fullmatch(value):
        raise PydanticCustomError("uuid", "Not a UUID of the usual form.")
    return UUID(value)


def query_whole(value: object) -> object:
    """A whole number from the query, where everything arrives as text."""
    if isinstance(value, str):
        if not _WHOLE.fullmatch(value):
            raise PydanticCustomError("whole", "Not a whole number in digits.")
        return int(value)
    return value


def _query_flag(value: object) -> object:
    if isinstance(value, str):
        if value not in ("true", "false"):
            raise PydanticCustomError("flag", "Neither true nor false.")
        return value == "true"
    return value


class Bounded(Unchanging):
    """Marks a whole number as lying between two bounds, both included."""

    least: int
    most: int

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.int_schema(strict=True, ge=self.least, le=self.most)

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        small = self.least >= -(2**31) and self.most < 2**31
        return {**handler(schema), "format": "int32" if small else "int64"}


IsoDate = Annotated[
    date,
    BeforeValidator(read_date),
    WithJsonSchema({"type": "string", "format": "date", "minLength": 10, "maxLength": 10}),
]
"""A calendar date, ``YYYY-MM-DD``."""

Instant = Annotated[
    datetime,
    BeforeValidator(read_instant),
    PlainSerializer(write_instant, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time", "maxLength": _LONGEST_INSTANT}),
]
"""An instant: an offset is required, UTC is what is kept and answered."""

Uuid = Annotated[
    UUID,
    BeforeValidator(read_uuid),
    WithJsonSchema({"type": "string", "format": "uuid", "minLength": 36, "maxLength": 36}),
]

ReckonedFrom = Annotated[
    date,
    BeforeValidator(_read_reckoned_from),
    WithJsonSchema(
        {
            "type": "string",
            "format": "date",
            "minLength": 10,
            "maxLength": 10,
            "description": f"A day from {_FIRST_RECKONED}-01-01 to {_LAST_RECKONED}-12-31.",
        }
    ),
]
"""A day in a request from which other days are reckoned, such as the ends of a period."""

ShortText = Annotated[str, TextOf(200)]
Text = Annotated[str, TextOf(4_000)]
LongText = Annotated[str, TextOf(20_000)]

Name = Annotated[str, TextOf(200, exact=True)]
"""What a machine calls something, such as an event's id: kept as it was sent."""

Code = Annotated[
    str,
    Formed(
        r"^[a-z0-9-]{1,40}$",
        "Only small letters, digits and hyphens, 40 at most, like `boston-fast`.",
        most=40,
    ),
]
"""What an authority calls a thing of its directory or catalogue, for machines: ``east-lindsey``."""

Key = Annotated[
    str,
    Formed(
        r"^[a-z0-9_]{1,60}$",
        "Only small letters, digits and underscores, 60 at most, like `voice_of_the_child`.",
        most=60,
    ),
]
"""The stable key of a question, a domain or a scale point: ``requires_improvement``."""

Reference = Annotated[
    str,
    Formed(
        r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$",
        "Only letters and digits, and after the first of them also `.`, `_`, `:` and `-`; 64 at"
        " most, like `C-88121`.",
        least=1,
        most=64,
    ),
]
"""What a case system calls a record of its own. It can stand in a path."""


def _not_removed(ref: str) -> str:
    if ref.startswith(NAME_PREFIX):
        raise PydanticCustomError(
            "removed",
            "A reference that begins with `removed:` is of a record whose content has gone."
            " Nothing more is recorded about it.",
        )
    return ref


KeptReference = Annotated[Reference, AfterValidator(_not_removed)]
"""A reference under which something is to be recorded: never of a record whose content went."""

AboutSubject = Annotated[
    str,
    Formed(
        r"^([0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
        r"|[a-z0-9-]{1,40}/[A-Za-z0-9][A-Za-z0-9._:-]{0,63})$",
        "The subject's id here, or its case system and how that calls it, like `mosaic/C-88121`.",
        least=3,
        most=105,
        examples=("mosaic/C-88121",),
    ),
]
"""A subject in a query: our id, or `system/ref`."""

StaffReference = Name
"""What a case system calls a worker or a team: `SmithJ`, `AB1234`, an e-mail address."""

Sha256 = Annotated[
    str,
    Formed(
        r"^[0-9a-f]{64}$",
        "A SHA-256 digest: 64 digits and small letters from a to f.",
        least=64,
        most=64,
    ),
]

Choice = Annotated[E, Strict(False)]
"""One of a closed set, written as its string: ``Choice[Severity]``."""

Count = Annotated[int, Bounded(0, 2**31 - 1)]
Version = Annotated[int, Bounded(1, 2**31 - 1)]
Number = Annotated[
    float,
    Field(ge=-1e12, le=1e12, allow_inf_nan=False, json_schema_extra={"format": "double"}),
]

Few = Annotated[list[T], Field(max_length=50)]
"""A list inside a document, of at most 50: ``Few[ActionIn]``."""

Many = Annotated[list[T], Field(max_length=500)]
"""A list of at most 500."""

Several = Annotated[list[T], Field(min_length=1, max_length=20)]
"""A filter that may be given several times: ``Several[Code]``."""

QueryCount = Annotated[int, Bounded(0, 2**31 - 1), BeforeValidator(query_whole)]
"""A whole number in the query, where everything arrives as text."""

PageSize = Annotated[int, Bounded(1, 500), BeforeValidator(query_whole)]
"""``limit``: how many rows a page may hold."""

QueryFlag = Annotated[bool, BeforeValidator(_query_flag), Strict()]
"""``true`` or ``false`` in the query."""


class Input(BaseModel):
    """A request body or a part of one: strict, without unknown fields, unchangeable."""

    # A process serves few of its requests in its first seconds: a validator is made when it is
    # first needed, not at each start.
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, defer_build=True)

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        written = handler(schema)
        for field in handler.resolve_ref_schema(written).get("properties", {}).values():
            # Generators read "default: null" as "null is sent"; optional is just not required.
            if field.get("default", ...) is None:
                del field["default"]
        return written


class Output(BaseModel):
    """An answer or a part of one: every declared field is there in every row, null if need be."""

    # The database builds the bytes of most answers (ADR 3): a validator is seldom needed, so it is
    # made when it first is, not at each start.
    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, from_attributes=True, defer_build=True
    )

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        optional = [name for name, field in cls.model_fields.items() if not field.is_required()]
        if optional:
            raise TypeError(f"{cls.__name__}: a read schema has no defaults: {optional}")

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        written = handler(schema)
        # Readers must bear a field that is added later; only this service refuses undeclared ones.
        handler.resolve_ref_schema(written).pop("additionalProperties", None)
        return written
