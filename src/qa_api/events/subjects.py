"""The events of subjects and of who may see their record (X3, X4)."""

from dataclasses import dataclass
from uuid import UUID

from qa_api.events.event import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class AllocationChanged(Event):
    """A case went to another worker or team."""

    type = "subject.allocation_changed"

    team: str | None
    worker: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordRestricted(Event):
    """A record was restricted or released."""

    type = "subject.restricted"

    kind: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordRedacted(Event):
    """A text is no longer shown in a subject's record."""

    type = "record.redacted"


@dataclass(frozen=True, slots=True, kw_only=True)
class RestrictionGranted(Event):
    """Somebody was let in to a restricted record."""

    type = "subject.restriction_granted"

    principal_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectRegistered(Event):
    """A subject became known."""

    type = "subject.registered"


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectEdited(Event):
    """What is known about a subject was corrected by hand."""

    type = "subject.edited"
