"""What the identity provider tells by SCIM: people, groups, and the roles that groups give (X3)."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from qa_api.models.base import Base, Changing, Identified, Versioned


class ScimUser(Base, Identified, Versioned):
    """A person as the identity provider tells of them: whose token it is, never who they are here.

    Issuer and subject never change. The principal that the token lets in is found by them.
    """

    __tablename__ = "scim_users"
    __table_args__ = (
        Index(
            "scim_users_token_idx",
            "issuer",
            "subject",
            unique=True,
            postgresql_where=text("deleted_at IS NULL"),
        ),
        Index(
            "scim_users_user_name_idx",
            "issuer",
            text("lower(user_name)"),
            unique=True,
            postgresql_where=text("deleted_at IS NULL"),
        ),
        Index(
            "scim_users_external_id_idx",
            "issuer",
            "external_id",  # RFC 7643 §3.1: upper and lower case differ
            unique=True,
            postgresql_where=text("deleted_at IS NULL"),
        ),
    )

    issuer: Mapped[str]
    subject: Mapped[str]
    user_name: Mapped[str]
    external_id: Mapped[str | None]
    display_name: Mapped[str | None]
    named: Mapped[bool]
    """Whether the provider has told of them; else they were let in here, and are only listed."""
    ended_at: Mapped[datetime | None]
    """When the provider ended their access; null while it has not, or has let them in again."""
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]


class ScimGroup(Base, Identified, Versioned):
    """A group of people at the identity provider. By itself it gives nothing."""

    __tablename__ = "scim_groups"
    __table_args__ = (
        Index(
            "scim_groups_display_name_idx",
            "issuer",
            text("lower(display_name)"),  # RFC 7643 §8.7.1: upper and lower case are alike
            unique=True,
            postgresql_where=text("deleted_at IS NULL"),
        ),
    )

    issuer: Mapped[str]
    display_name: Mapped[str]
    external_id: Mapped[str | None]
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]


class ScimMember(Base):
    """That somebody belongs to a group, and since when."""

    __tablename__ = "scim_members"

    group_id: Mapped[UUID] = mapped_column(ForeignKey("scim_groups.id"), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("scim_users.id"), primary_key=True, index=True)
    since: Mapped[datetime]


class GroupRole(Base, Identified, Changing, Versioned):
    """That a group gives a role: proposed by one person, confirmed by another, ended by one."""

    __tablename__ = "group_roles"
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
            " 'reporting', 'learning_development', 'practice_advisor')"
            " THEN scope = 'authority' ELSE false END",
            name="role_over",
        ),
        Index(
            "group_roles_once_idx",
            "group_id",
            "role",
            text("coalesce(service, team, '')"),
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    group_id: Mapped[UUID] = mapped_column(ForeignKey("scim_groups.id"), index=True)
    role: Mapped[str]
    scope: Mapped[str]
    service: Mapped[str | None] = mapped_column(ForeignKey("services.code"))
    team: Mapped[str | None] = mapped_column(ForeignKey("teams.code"))
    ended_at: Mapped[datetime | None]
