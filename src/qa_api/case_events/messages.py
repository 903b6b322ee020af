"""The CloudEvents that case systems send: one type of message for each type of event.

An envelope may carry extension attributes, and data may carry members that we do not know yet: a
sender must never be blocked by being ahead of us. What a known type needs must be there and right.
"""

from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from pydantic import (
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    model_validator,
)
from pydantic.config import JsonDict
from pydantic.json_schema import SkipJsonSchema

from qa_api.case_events import examples
from qa_api.case_events.data_in_base64 import as_sent, refuse_what_is_left
from qa_api.case_events.fields import (
    Holder,
    Narrative,
    OccurredAt,
    OptionalEpisode,
    OptionalName,
    OptionalVersion,
    PersonRole,
    ReasonCode,
    RestrictionSaid,
    SaidDay,
    SaidInstant,
    Since,
    SourceVersion,
)
from qa_api.case_events.no_fact import instant_said
from qa_api.problems import InputError
from qa_api.rules.closure import EpisodeEventType
from qa_api.values.faults import from_validation
from qa_api.values.fields import Input, KeptReference, Name, Reference

LARGEST_BATCH: Final = 100


class EventSubject(Input):
    """A child, or another subject, whom the event is about."""

    model_config = ConfigDict(extra="ignore")

    ref: KeptReference
    role: PersonRole = None
    """`carer_household` for carers and adopters; everybody else is a child.

    Where one event says child and another household, in whatever order, it is a child's record.
    Left out it says nothing, and a record of which no event says more is a child's.
    """
    born_on: SaidDay = None
    died_on: SaidDay = None


EventSubjects = Annotated[list[EventSubject], Field(min_length=1, max_length=50)]


class Closure(Input):
    """When and why the case is to close, or closed."""

    model_config = ConfigDict(extra="ignore")

    date: SaidDay = None
    reason_code: ReasonCode = None
    reason_text: Narrative | None = None


class EpisodeData(Input):
    """What every event about closing an episode says."""

    model_config = ConfigDict(extra="ignore")

    episode_id: Reference
    subjects: EventSubjects
    source_version: SourceVersion
    occurred_at: OccurredAt
    closure: Closure | None = None
    worker: Holder = None
    team: Holder = None


class Allocation(Input):
    """Who holds the case from now on; what is left out stays as it was, null is nobody."""

    model_config = ConfigDict(extra="ignore")

    worker: Holder = None
    team: Holder = None
    since: Since = Field(default=None, alias="from")
    """Kept and shown with the event. It decides nothing: `occurred_at` does."""


class AllocationData(Input):
    """A change of who holds the case."""

    model_config = ConfigDict(extra="ignore")

    episode_id: OptionalEpisode = None
    subjects: EventSubjects
    source_version: OptionalVersion = None
    occurred_at: OccurredAt
    allocation: Allocation


class Restriction(Input):
    """A restriction put on the record, or taken off it."""

    model_config = ConfigDict(extra="ignore")

    kind: RestrictionSaid
    on: bool


class RestrictionData(Input):
    """A change of who may see the record at all."""

    model_config = ConfigDict(extra="ignore")

    episode_id: OptionalEpisode = None
    subjects: EventSubjects
    source_version: OptionalVersion = None
    occurred_at: OccurredAt
    restriction: Restriction


class Merge(Input):
    """Two references that name one person."""

    model_config = ConfigDict(extra="ignore")

    source: KeptReference = Field(alias="from")
    into: KeptReference


class MergeData(Input):
    """The case system found that two records are one person's."""

    model_config = ConfigDict(extra="ignore")

    source_version: OptionalVersion = None
    occurred_at: OccurredAt
    merge: Merge


class CloudEvent(Input):
    """A CloudEvent 1.0 in structured JSON. `(source, id)` is its key: a repeat has no effect."""

    model_config = ConfigDict(extra="allow")

    specversion: Literal["1.0"]
    id: Name
    source: Name
    time: SaidInstant = None
    datacontenttype: OptionalName = None
    data_base64: Annotated[None, BeforeValidator(refuse_what_is_left), SkipJsonSchema()] = None

    @model_validator(mode="before")
    @classmethod
    def _time_stands_in(cls, value: Any) -> Any:
        """Where `occurred_at` says nothing, the envelope's `time` says when it happened."""
        data = value.get("data") if isinstance(value, dict) else None
        if not isinstance(data, dict) or "occurred_at" not in data:
            return value
        said = instant_said(data["occurred_at"])
        if said is None:
            said = instant_said(value.get("time"))
        return {**value, "data": {**data, "occurred_at": said}}


class ClosureProposed(CloudEvent):
    """A case is proposed for closure: its gate opens."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.PROPOSED]})

    type: Literal["case.closure_proposed.v1"]
    data: EpisodeData


class ClosureCancelled(CloudEvent):
    """The proposal was taken back."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.CANCELLED]})

    type: Literal["case.closure_cancelled.v1"]
    data: EpisodeData


class CaseClosed(CloudEvent):
    """The case was closed in the case system."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.CLOSED]})

    type: Literal["case.closed.v1"]
    data: EpisodeData


class CaseReopened(CloudEvent):
    """The case was opened again: it needs a new audit before it closes again."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.REOPENED]})

    type: Literal["case.reopened.v1"]
    data: EpisodeData


EpisodeMessage = ClosureProposed | ClosureCancelled | CaseClosed | CaseReopened
"""An event that takes its place in the fold of its episode."""


class AllocationChangedMessage(CloudEvent):
    """Another worker or team holds the case."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.ALLOCATED]})

    type: Literal["allocation.changed.v1"]
    data: AllocationData


class RecordRestrictedMessage(CloudEvent):
    """The record was restricted, or released."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.RESTRICTED]})

    type: Literal["record.restricted.v1"]
    data: RestrictionData


class PersonMerged(CloudEvent):
    """Two records are one person's: everything about `from` becomes that of `into`.

    Parked, and never carried out, where either is from before an adoption.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [examples.MERGED]})

    type: Literal["person.merged.v1"]
    data: MergeData


KnownMessage = EpisodeMessage | AllocationChangedMessage | RecordRestrictedMessage | PersonMerged
"""An event that does something here."""

CLOSED: Final = "case.closed.v1"
EPISODE_TYPES: Final = {
    "case.closure_proposed.v1": EpisodeEventType.CLOSURE_PROPOSED,
    "case.closure_cancelled.v1": EpisodeEventType.CLOSURE_CANCELLED,
    CLOSED: EpisodeEventType.CASE_CLOSED,
    "case.reopened.v1": EpisodeEventType.CASE_REOPENED,
}
ALLOCATION: Final = "allocation.changed.v1"
RESTRICTION: Final = "record.restricted.v1"
MERGE: Final = "person.merged.v1"
KNOWN_TYPES: Final = (*EPISODE_TYPES, ALLOCATION, RESTRICTION, MERGE)
OTHER: Final = "other"


_NOT_KNOWN: Final[JsonDict] = {"not": {"enum": [*KNOWN_TYPES]}}


class OtherEvent(CloudEvent):
    """An event of a type that we do not know: kept, and ignored."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.UNKNOWN]})

    type: Annotated[Name, Field(json_schema_extra=_NOT_KNOWN)]
    data: Any = None
    data_base64: Annotated[Any, SkipJsonSchema()] = None


def _tag_of(value: Any) -> str:
    said = value.get("type") if isinstance(value, dict) else getattr(value, "type", None)
    return said if isinstance(said, str) and said in KNOWN_TYPES else OTHER


CaseEventMessage = Annotated[
    Annotated[ClosureProposed, Tag("case.closure_proposed.v1")]
    | Annotated[ClosureCancelled, Tag("case.closure_cancelled.v1")]
    | Annotated[CaseClosed, Tag("case.closed.v1")]
    | Annotated[CaseReopened, Tag("case.reopened.v1")]
    | Annotated[AllocationChangedMessage, Tag(ALLOCATION)]
    | Annotated[RecordRestrictedMessage, Tag(RESTRICTION)]
    | Annotated[PersonMerged, Tag(MERGE)]
    | Annotated[OtherEvent, Tag(OTHER)],
    Discriminator(_tag_of),
]


class Malformed:
    """A member of a batch that cannot be read; the others stand."""

    def __init__(self, fault: ValidationError, value: object) -> None:
        errors = [{**error, "loc": ("body", *error["loc"])} for error in fault.errors()]
        self._refusal = from_validation(errors, value)
        self._event = value

    def errors(self, position: int) -> list[InputError]:
        """What is wrong with it, as pointers into the whole batch."""
        return [
            InputError(one.detail, one.code, pointer=f"/{position}{one.pointer or ''}")
            for one in (as_sent(error, self._event) for error in self._refusal.errors)
        ]


def _read_or_keep(value: Any, read: ValidatorFunctionWrapHandler) -> Any:
    try:
        return read(value)
    except ValidationError as fault:
        return Malformed(fault, value)


if TYPE_CHECKING:
    BatchMember = CaseEventMessage | Malformed
else:
    # In the contract a member is a message; that one may be malformed is for us to bear.
    BatchMember = Annotated[CaseEventMessage, WrapValidator(_read_or_keep)]

Batch = Annotated[list[BatchMember], Field(max_length=LARGEST_BATCH)]
"""None is a batch too: there is nothing to answer."""
