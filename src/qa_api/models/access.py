"""Principals and their rights, grants, the access log, and keys of earlier requests."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, ExcludeConstraint, Range
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Text, Uuid

from qa_api.models.base import (
    SEALABLE,
    Base,
    Changing,
    Identified,
    JsonObject,
    Stateful,
    Versioned,
    Witness,
    Xid8,
    life_cycle,
)


class Principal(Base, Identified, Changing, Versioned):
    """A person or a client system, named by the token's issuer and subject."""

    __tablename__ = "principals"
    __table_args__ = (
        # A disabled principal gives its token back: it may then name somebody else.
        Index(
            "principals_issuer_subject_idx",
            "issuer",
            "subject",
            unique=True,
            postgresql_where=text("disabled_at IS NULL"),
        ),
        CheckConstraint("worker IS NULL OR system IS NULL", name="person_or_system"),
    )

    issuer: Mapped[str]
    subject: Mapped[str]
    worker: Mapped[str | None] = mapped_column(ForeignKey("workers.code"), index=True)
    system: Mapped[str | None] = mapped_column(ForeignKey("case_systems.code"))
    disabled_at: Mapped[datetime | None]


class RoleAssignment(Base, Identified, Changing, Versioned):
    """A role held over the authority, a service or a team, from a day to a day."""

    __tablename__ = "role_assignments"
    __table_args__ = (
        CheckConstraint(
            "(scope = 'authority' AND service IS NULL AND team IS NULL)"
            " OR (scope = 'service' AND service IS NOT NULL AND team IS NULL)"
            " OR (scope = 'team' AND team IS NOT NULL AND service IS NULL)",
            name="scope",
        ),
        CheckConstraint(
            "CASE WHEN role = 'practice_supervisor' THEN scope = 'team'"
            " WHEN role = 'team_manager' THEN scope IN ('team', 'service')"
            " WHEN role = 'head_of_service' THEN scope = 'service'"
            " WHEN role IN ('auditor', 'worker', 'quality_standards', 'senior_leader',"
            " 'case_system', 'reporting', 'administrator', 'learning_development',"
            " 'practice_advisor', 'identity_provider') THEN scope = 'authority' ELSE false END",
            name="role_over",
        ),
        CheckConstraint("NOT isempty(valid)", name="some_day"),
        ExcludeConstraint(
            ("principal_id", "="),
            ("role", "="),
            (text("coalesce(service, team, '')"), "="),
            ("valid", "&&"),
            using="gist",
            name="role_assignments_one_at_a_time",
        ),
    )

    principal_id: Mapped[UUID] = mapped_column(ForeignKey("principals.id"), index=True)
    role: Mapped[str]
    scope: Mapped[str]
    service: Mapped[str | None] = mapped_column(ForeignKey("services.code"))
    team: Mapped[str | None] = mapped_column(ForeignKey("teams.code"))
    valid: Mapped[Range[date]]
    group_role_id: Mapped[UUID | None] = mapped_column(ForeignKey("group_roles.id"), index=True)
    """The mapping by which a group gives it; null where two people gave it to this principal."""


class KeptRights(Base):
    """What a principal's roles come to from a day to a day: the roles, and the teams they reach.

    Triggers write it from what it follows from: roles, services' teams, posts, days of service.
    Nothing else does. `ends` is the first day after, and infinity where nothing ends it.
    """

    __tablename__ = "kept_rights"
    __table_args__ = (CheckConstraint("begins < ends", name="some_day"),)

    principal_id: Mapped[UUID] = mapped_column(
        ForeignKey("principals.id", ondelete="CASCADE"), primary_key=True
    )
    begins: Mapped[date] = mapped_column(primary_key=True)
    ends: Mapped[date]
    roles: Mapped[list[str]] = mapped_column(ARRAY(Text))
    supervised_teams: Mapped[list[str]] = mapped_column(ARRAY(Text))
    managed_teams: Mapped[list[str]] = mapped_column(ARRAY(Text))
    headed_teams: Mapped[list[str]] = mapped_column(ARRAY(Text))


class RightsChange(Base, Identified, Stateful, Changing, Versioned, Witness):
    """A change of whom somebody is let in as, or of a role; what was proposed never changes.

    The database holds that, and that whoever confirms is another person than who proposed. It is
    the witness of the right in the transaction that decides it: `xid` is stamped anew then.
    """

    __tablename__ = "rights_changes"
    __aggregate__ = "rights_change"
    __table_args__ = (
        life_cycle(),
        CheckConstraint(
            "what IN ('principal', 'role_assignment', 'policy', 'service', 'team', 'worker',"
            " 'auditor_group', 'case_system', 'webhook_endpoint', 'webhook_delivery',"
            " 'working_calendar', 'audit_type', 'audit_tool', 'group_role')",
            name="what",
        ),
        CheckConstraint(
            "num_nulls(decided_at, decided_by) IN (0, 2)"
            " AND (state IN ('confirmed', 'refused')) = (decided_at IS NOT NULL)",
            name="decided_by_whom",
        ),
        CheckConstraint("(state = 'refused') = (refusal IS NOT NULL)", name="refused_why"),
    )

    what: Mapped[str]
    target_id: Mapped[UUID] = mapped_column(index=True)
    was: Mapped[JsonObject | None]
    """The right as it was when this was proposed; null where there was none."""
    becomes: Mapped[JsonObject]
    based_on: Mapped[int | None]
    """The version that `was` had."""
    workers: Mapped[list[str]] = mapped_column(ARRAY(Text))
    """Whose rights it changes: none of them takes part in it."""
    reason: Mapped[str]
    confirmer: Mapped[str]
    """Who may confirm it, as the policy said when it was proposed."""
    policy_version: Mapped[int] = mapped_column(ForeignKey("policy_versions.version"))
    proposed_by: Mapped[UUID] = mapped_column(ForeignKey("principals.id"))
    proposed_at: Mapped[datetime]
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("principals.id"))
    decided_at: Mapped[datetime | None]
    refusal: Mapped[str | None]


class RestrictionGrant(Base, Identified):
    """Leave for one principal to see one restricted record until an instant."""

    __tablename__ = "restriction_grants"
    __table_args__ = (Index(None, "subject_id", "principal_id"),)

    subject_id: Mapped[UUID] = mapped_column(ForeignKey("subjects.id"))
    principal_id: Mapped[UUID] = mapped_column(ForeignKey("principals.id"))
    reason: Mapped[str]
    granted_by: Mapped[UUID] = mapped_column(ForeignKey("principals.id"))
    granted_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class AccessLog(Base, Identified):
    """One read request that showed records about subjects: who, when, which request, about whom."""

    __tablename__ = "access_log"
    __table_args__ = (
        Index(None, "subject_ids", postgresql_using="gin"),
        Index(None, "at"),
        Index(None, "xid", "at", "id"),
        CheckConstraint(SEALABLE, name="at"),
    )

    xid: Mapped[int] = mapped_column(Xid8(), server_default=text("stamp()"))
    """Its place in the order in which it is sealed; 0 of what is older than the seals of lines.

    The database gives it, and accepts it from nobody: a place still to come would hold up the
    sealer, and a line at a place that is sealed already would never be sealed.
    """
    at: Mapped[datetime]
    principal_id: Mapped[UUID]
    correlation_id: Mapped[str]
    operation: Mapped[str]
    subject_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    purpose: Mapped[str | None]
    """For what it was read, by the policy's code; null where none was asked for, or named."""
    detail: Mapped[JsonObject | None]
    """What of a dataset was read, where rows were read in bulk: which, of when, how many."""


class DayOfReads(Base):
    """A London day of the access log that has been looked through, or is still to be; each once.

    Days before the first such row are not listed: they only say how much somebody ever read in an
    hour.
    """

    __tablename__ = "days_of_reads"

    day: Mapped[date] = mapped_column(primary_key=True)
    listed: Mapped[bool]
    looked_through_at: Mapped[datetime | None]


class BusiestHour(Base):
    """How many records somebody was shown in the busiest hour of one of their days."""

    __tablename__ = "busiest_hours"

    reader: Mapped[str] = mapped_column(primary_key=True)
    """A worker's code, or the id of an account that belongs to none."""
    day: Mapped[date] = mapped_column(primary_key=True)
    records: Mapped[int]


class UnusualRead(Base, Identified, Stateful, Changing, Versioned):
    """What a rule found unusual in what somebody read on one day, until it has been looked into.

    It rests on lines of the access log and goes with the last of them; what was found never
    changes. The database holds both, and that nobody looks into their own.
    """

    __tablename__ = "unusual_reads"
    __aggregate__ = "unusual_read"
    __table_args__ = (
        life_cycle(),
        UniqueConstraint("day", "reader", "rule"),
        Index(None, "reader", "rule", "day"),
        CheckConstraint("looked_into_by <> worker", name="another_person"),
        CheckConstraint(
            "num_nulls(looked_into_at, looked_into_by, outcome) IN (0, 3)"
            " AND (state = 'looked_into') = (looked_into_at IS NOT NULL)",
            name="looked_into_by_whom",
        ),
    )

    day: Mapped[date]
    rule: Mapped[str]
    reader: Mapped[str]
    """As in `busiest_hours`: one person's accounts are one reader."""
    worker: Mapped[str | None] = mapped_column(ForeignKey("workers.code"), index=True)
    system: Mapped[str | None] = mapped_column(ForeignKey("case_systems.code"))
    principal_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    roles: Mapped[list[str]] = mapped_column(ARRAY(Text))
    """Those that the accounts held on the day."""
    reads: Mapped[int]
    records: Mapped[int]
    line_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    """The lines it rests on; of very many the first."""
    subject_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    """The records read; of very many some."""
    why: Mapped[str]
    explanation: Mapped[JsonObject]
    policy_version: Mapped[int] = mapped_column(ForeignKey("policy_versions.version"))
    looked_into_by: Mapped[str | None] = mapped_column(ForeignKey("workers.code"))
    looked_into_at: Mapped[datetime | None]
    outcome: Mapped[str | None]


class IdempotencyKey(Base):
    """A keyed request that was carried out: what it asked and what it made (kept 30 days)."""

    __tablename__ = "idempotency_keys"

    principal_id: Mapped[UUID] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(primary_key=True)
    """Of method, path and key: a path names children, and a key may."""
    fingerprint: Mapped[str]
    """Of what was asked, with the key."""
    created_id: Mapped[UUID]
    at: Mapped[datetime] = mapped_column(index=True)
