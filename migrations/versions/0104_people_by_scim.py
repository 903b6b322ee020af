"""People and groups of the identity provider, and the roles that groups give (X3)."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from qa_api.migrate import run_script
from qa_api.models.base import Xid8

revision: str = "0104"
down_revision: str | None = "0103"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

AT = sa.DateTime(timezone=True)
SCOPE = (
    "(scope = 'authority' AND service IS NULL AND team IS NULL)"
    " OR (scope = 'service' AND service IS NOT NULL AND team IS NULL)"
    " OR (scope = 'team' AND team IS NOT NULL AND service IS NULL)"
)
ROLE_OVER = (
    "CASE WHEN role = 'practice_supervisor' THEN scope = 'team'"
    " WHEN role = 'team_manager' THEN scope IN ('team', 'service')"
    " WHEN role = 'head_of_service' THEN scope = 'service'"
    " WHEN role IN ('auditor', 'worker', 'quality_standards', 'senior_leader',"
    " 'reporting', 'learning_development', 'practice_advisor')"
    " THEN scope = 'authority' ELSE false END"
)
NOT_REMOVED = sa.text("deleted_at IS NULL")


def upgrade() -> None:
    create_users()
    create_groups()
    create_group_roles()
    run_script("0104_people_by_scim.sql")


def create_users() -> None:
    op.create_table(
        "scim_users",
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("user_name", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("display_name", sa.Text(), nullable=True),
        sa.Column("named", sa.Boolean(), nullable=False),
        sa.Column("ended_at", AT, nullable=True),
        sa.Column("created_at", AT, nullable=False),
        sa.Column("changed_at", AT, nullable=False),
        sa.Column("deleted_at", AT, nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "created_at <= changed_at + interval '1 minute'",
            name=op.f("scim_users_changed_at_in_order_check"),
        ),
        sa.CheckConstraint(
            "created_at <= ended_at + interval '1 minute'",
            name=op.f("scim_users_ended_at_in_order_check"),
        ),
        sa.CheckConstraint(
            "created_at <= deleted_at + interval '1 minute'",
            name=op.f("scim_users_deleted_at_in_order_check"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("scim_users_pkey")),
    )
    op.create_index(
        "scim_users_token_idx",
        "scim_users",
        ["issuer", "subject"],
        unique=True,
        postgresql_where=NOT_REMOVED,
    )
    op.create_index(
        "scim_users_user_name_idx",
        "scim_users",
        ["issuer", sa.text("lower(user_name)")],
        unique=True,
        postgresql_where=NOT_REMOVED,
    )
    op.create_index(
        op.f("scim_users_issuer_external_id_idx"), "scim_users", ["issuer", "external_id"]
    )


def create_groups() -> None:
    op.create_table(
        "scim_groups",
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("created_at", AT, nullable=False),
        sa.Column("changed_at", AT, nullable=False),
        sa.Column("deleted_at", AT, nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "created_at <= changed_at + interval '1 minute'",
            name=op.f("scim_groups_changed_at_in_order_check"),
        ),
        sa.CheckConstraint(
            "created_at <= deleted_at + interval '1 minute'",
            name=op.f("scim_groups_deleted_at_in_order_check"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("scim_groups_pkey")),
    )
    op.create_index(
        op.f("scim_groups_issuer_display_name_idx"), "scim_groups", ["issuer", "display_name"]
    )
    op.create_table(
        "scim_members",
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("since", AT, nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"], ["scim_groups.id"], name=op.f("scim_members_group_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["scim_users.id"], name=op.f("scim_members_user_id_fkey")
        ),
        sa.PrimaryKeyConstraint("group_id", "user_id", name=op.f("scim_members_pkey")),
    )
    op.create_index(op.f("scim_members_user_id_idx"), "scim_members", ["user_id"])


def create_group_roles() -> None:
    op.create_table(
        "group_roles",
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("service", sa.Text(), nullable=True),
        sa.Column("team", sa.Text(), nullable=True),
        sa.Column("ended_at", AT, nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("changed_xid", Xid8(), server_default=sa.text("stamp()"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(SCOPE, name=op.f("group_roles_scope_check")),
        sa.CheckConstraint(ROLE_OVER, name=op.f("group_roles_role_over_check")),
        sa.ForeignKeyConstraint(
            ["group_id"], ["scim_groups.id"], name=op.f("group_roles_group_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["service"], ["services.code"], name=op.f("group_roles_service_fkey")
        ),
        sa.ForeignKeyConstraint(["team"], ["teams.code"], name=op.f("group_roles_team_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("group_roles_pkey")),
    )
    op.create_index(op.f("group_roles_changed_xid_idx"), "group_roles", ["changed_xid"])
    op.create_index(op.f("group_roles_group_id_idx"), "group_roles", ["group_id"])
    op.create_index(
        "group_roles_once_idx",
        "group_roles",
        ["group_id", "role", sa.text("coalesce(service, team, '')")],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
