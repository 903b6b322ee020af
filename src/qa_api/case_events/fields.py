"""The types of the fields that case systems send; `no_fact.py` reads what holds no fact."""

from typing import Annotated

from pydantic import BeforeValidator, Strict, WithJsonSchema

from qa_api.case_events.no_fact import day_said, instant_said, role_said, since_said, text_said
from qa_api.rules.restriction import RestrictionKind
from qa_api.values.fields import Bounded, Choice, Instant, IsoDate, Name, Reference, StaffReference


def _integer(value: object) -> object:
    """`12.0` is an integer in JSON Schema, and what some JSON writers make of 12."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


SourceVersion = Annotated[int, Bounded(0, 2**53 - 1), BeforeValidator(_integer)]
"""Orders the events of one episode; JSON readers everywhere can hold it."""

OptionalVersion = Annotated[
    SourceVersion | None,
    BeforeValidator(text_said),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "integer", "format": "int64", "minimum": 0, "maximum": 2**53 - 1},
                {"type": "null"},
            ],
            "description": "Orders what the system says of one reference: the higher is the newer."
            " Blank text is null.",
        }
    ),
]


def _lenient(most: int, words: str) -> WithJsonSchema:
    """The schema of a field that may say nothing; `words` describe what is read as null."""
    written = {"type": ["string", "null"], "minLength": 0, "maxLength": most, "description": words}
    return WithJsonSchema(written)


Holder = Annotated[
    StaffReference | None,
    BeforeValidator(text_said),
    _lenient(
        200,
        "Without the blanks around it. Blank is null.",
    ),
]
"""Who holds the case; a field that is blank in the case system is sent as blank text by some."""

ReasonCode = Annotated[
    StaffReference | None,
    BeforeValidator(text_said),
    _lenient(200, "Compared without case and without the blanks around it. Blank is null."),
]
"""Why a case is to close, as the system's list of reasons has it: often words with blanks."""

PersonRole = Annotated[
    Name | None,
    BeforeValidator(role_said),
    _lenient(200, "Compared without case, a blank or hyphen as an underscore. Blank is null."),
]

RestrictionSaid = Annotated[Choice[RestrictionKind], BeforeValidator(role_said)]
"""Why a record is restricted. Compared as a role is: nobody reads a record the longer because its
system writes `Staff`."""

_NO_FACT = "Blank, and a date that systems write where they have none (`0001-01-01`), is null."

SaidDay = Annotated[
    IsoDate | None,
    BeforeValidator(day_said),
    _lenient(40, f"A date, `YYYY-MM-DD`. A time with it counts for its day alone. {_NO_FACT}"),
]

SaidInstant = Annotated[
    Instant | None,
    BeforeValidator(instant_said),
    _lenient(35, f"An instant with an offset. {_NO_FACT}"),
]

OccurredAt = Annotated[
    Instant,
    _lenient(35, f"An instant with an offset. {_NO_FACT} Then the `time` of the event counts."),
]
"""When it happened; what a CloudEvent says of that in its envelope stands in for it."""

OptionalName = Annotated[Name | None, BeforeValidator(text_said), _lenient(200, "Blank is null.")]

Since = Annotated[
    IsoDate | None,
    BeforeValidator(since_said),
    _lenient(2**20, "A date or an instant; what cannot be read is null."),
]

OptionalEpisode = Annotated[
    Reference | None,
    BeforeValidator(text_said),
    _lenient(64, "Blank is null."),
]

Narrative = Annotated[
    str,
    Strict(),
    WithJsonSchema(
        {
            "type": "string",
            "minLength": 0,
            "maxLength": 2**20,
            "description": "Kept exactly as it came, whatever is in it.",
        }
    ),
]
"""What somebody wrote in the case system: kept as it came, whatever is in it. No sender is blocked
by it; only the limit of the whole body holds."""
