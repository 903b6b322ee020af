"""The events of subjects and of who may see their record (X3, X4)."""

from uuid import UUID

from qa_api.events.event import Event


class AllocationChanged(Event):
    """A case went to another worker or team."""

    type = "subject.allocation_changed"

    team: str | None
    worker: str | None


class RecordRestricted(Event):
    """A record was restricted, for one reason or another, or released."""

    type = "subject.restricted"

    kind: str | None
    was_restricted: bool
    """Whether it was before: then nobody lost sight of it by this."""


class RecordRedacted(Event):
    """A text is no longer shown in a subject's record."""

    type = "record.redacted"


class RedactionLifted(Event):
    """A text that was redacted is shown in a subject's record again."""

    type = "record.redaction_lifted"


class RestrictionGranted(Event):
    """Somebody was let in to a restricted record."""

    type = "subject.restriction_granted"

    principal_id: UUID


class SubjectRegistered(Event):
    """A subject became known, in the hands of this worker and team."""

    type = "subject.registered"

    team: str | None
    worker: str | None


class SubjectEdited(Event):
    """What is known about a subject was corrected by hand."""

    type = "subject.edited"


class SubjectMerged(Event):
    """Another record turned out to be this person's, and everything about it became this one's."""

    type = "subject.merged"

    merged: UUID


class MergeParked(Event):
    """A merge that a case system reported was not carried out (C6)."""

    type = "subject.merge_parked"

    reason: str


class PanelDateSet(Event):
    """When a carer household was first presented at Panel was recorded, or put right (R3.2)."""

    type = "subject.panel_date_set"
