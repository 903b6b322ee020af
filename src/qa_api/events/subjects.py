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
class RedactionLifted(Event):
    """A text that was redacted is shown in a subject's record again."""

    type = "record.redaction_lifted"


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


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectMerged(Event):
    """Another record turned out to be this person's, and everything about it became this one's."""

    type = "subject.merged"

    merged: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeParked(Event):
    """A merge that a case system reported was not carried out (C6)."""

    type = "subject.merge_parked"

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelDateSet(Event):
    """When a carer household was first presented at Panel was recorded, or put right (R3.2)."""

    type = "subject.panel_date_set"
