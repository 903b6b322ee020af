"""The schema, with its life cycles and guards."""

import json
from collections.abc import Sequence
from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from qa_api.migrate import run_script
from qa_api.models.base import Xid8

revision: str = "0001"
down_revision: str | None = None
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


HERE = Path(__file__).resolve().parents[1]


XID8 = Xid8()


def upgrade() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    create_tables()
    load_life_cycles()
    run_script("0001_guards.sql")


def create_tables() -> None:
    create_access_log()
    create_allowed_transitions()
    create_audit_types()
    create_auditor_groups()
    create_bank_holidays()
    create_calendar_days()
    create_calendar_versions()
    create_case_systems()
    create_event_seals()
    create_events()
    create_idempotency_keys()
    create_judgement_scales()
    create_policy_versions()
    create_services()
    create_teams()
    create_themes()
    create_workers()
    create_absences()
    create_allowed_actions()
    create_audit_tools()
    create_auditor_group_memberships()
    create_board_reports()
    create_case_events()
    create_learning_highlights()
    create_moderation_samples()
    create_observation_exemptions()
    create_posts()
    create_practice_observations()
    create_principals()
    create_qa_updates()
    create_quarter_plans()
    create_scale_points()
    create_subjects()
    create_supervisions()
    create_team_memberships()
    create_team_services()
    create_webhook_endpoints()
    create_alerts()
    create_board_decisions()
    create_board_receipts()
    create_closure_gates()
    create_conflicting_case_events()
    create_deliveries()
    create_moderating_teams()
    create_observation_corrections()
    create_plan_auditors()
    create_plan_case_lists()
    create_plan_exemptions()
    create_plan_teams()
    create_plan_themes()
    create_qa_update_submissions()
    create_restriction_grants()
    create_role_assignments()
    create_subject_aliases()
    create_tool_domains()
    create_audits()
    create_case_event_outcomes()
    create_delivery_attempts()
    create_tool_questions()
    create_audit_answers()
    create_audit_responses()
    create_audit_revisions()
    create_domain_judgements()
    create_family_contacts()
    create_moderation_members()
    create_moderation_outcomes()
    create_notifications()
    create_redactions()
    create_restorative_actions()
    create_urgent_findings()
    create_worker_views()
    create_escalations()
    create_family_contact_attempts()
    create_learning_actions()
    create_response_rounds()
    create_escalation_recipients()
    create_response_items()


def create_access_log() -> None:
    op.create_table(
        "access_log",
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("principal_id", sa.Uuid(), nullable=False),
        sa.Column("correlation_id", sa.Text(), nullable=False),
        sa.Column("operation", sa.Text(), nullable=False),
        sa.Column("subject_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("access_log_pkey")),
    )
    op.create_index(op.f("access_log_at_idx"), "access_log", ["at"], unique=False)
    op.create_index(
        op.f("access_log_subject_ids_idx"),
        "access_log",
        ["subject_ids"],
        unique=False,
        postgresql_using="gin",
    )


def create_allowed_transitions() -> None:
    op.create_table(
        "allowed_transitions",
        sa.Column("aggregate", sa.Text(), nullable=False),
        sa.Column("from_state", sa.Text(), nullable=False),
        sa.Column("to_state", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint(
            "aggregate", "from_state", "to_state", name=op.f("allowed_transitions_pkey")
        ),
    )


def create_audit_types() -> None:
    op.create_table(
        "audit_types",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("clause", sa.Text(), nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("cadence", sa.Text(), nullable=False),
        sa.Column("interval_months", sa.Integer(), nullable=True),
        sa.Column("tool_code", sa.Text(), nullable=True),
        sa.Column("may_audit", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column(
            "changed_xid", XID8, server_default=sa.text("pg_current_xact_id()"), nullable=False
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "cadence IN ('every_closure', 'anniversary', 'as_required', 'ongoing', 'interval')",
            name=op.f("audit_types_cadence_check"),
        ),
        sa.CheckConstraint(
            "owner IN ('quality_standards', 'service_area')", name=op.f("audit_types_owner_check")
        ),
        sa.CheckConstraint(
            "subject_kind IN ('child', 'carer_household')",
            name=op.f("audit_types_subject_kind_check"),
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("audit_types_pkey")),
    )
    op.create_index(
        op.f("audit_types_changed_xid_idx"), "audit_types", ["changed_xid"], unique=False
    )


def create_auditor_groups() -> None:
    op.create_table(
        "auditor_groups",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "changed_xid", XID8, server_default=sa.text("pg_current_xact_id()"), nullable=False
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("auditor_groups_pkey")),
    )
    op.create_index(
        op.f("auditor_groups_changed_xid_idx"), "auditor_groups", ["changed_xid"], unique=False
    )


def create_bank_holidays() -> None:
    op.create_table(
        "bank_holidays",
        sa.Column("holiday_on", sa.Date(), nullable=False),
        sa.Column("added_version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("withdrawn_version", sa.Integer(), nullable=True),
        sa.Column("withdrawn_reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "source IN ('official', 'authority')", name=op.f("bank_holidays_source_check")
        ),
        sa.CheckConstraint(
            "(withdrawn_version IS NULL) = (withdrawn_reason IS NULL)",
            name=op.f("bank_holidays_withdrawn_why_check"),
        ),
        sa.PrimaryKeyConstraint("holiday_on", "added_version", name=op.f("bank_holidays_pkey")),
    )


def create_calendar_days() -> None:
    op.create_table(
        "calendar_days",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("working_index", sa.Integer(), nullable=False),
        sa.Column("working", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("calendar_days_pkey")),
    )


def create_calendar_versions() -> None:
    op.create_table(
        "calendar_versions",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("known_from", sa.Date(), nullable=False),
        sa.Column("known_until", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("calendar_versions_pkey")),
    )


def create_case_systems() -> None:
    op.create_table(
        "case_systems",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "changed_xid", XID8, server_default=sa.text("pg_current_xact_id()"), nullable=False
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("case_systems_pkey")),
        sa.UniqueConstraint("source", name=op.f("case_systems_source_key")),
    )
    op.create_index(
        op.f("case_systems_changed_xid_idx"), "case_systems", ["changed_xid"], unique=False
    )


def create_event_seals() -> None:
    op.create_table(
        "event_seals",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("event_seals_pkey")),
        sa.UniqueConstraint("event_id", name=op.f("event_seals_event_id_key")),
    )


def create_events() -> None:
    op.create_table(
        "events",
        sa.Column("xid", XID8, server_default=sa.text("pg_current_xact_id()"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("principal_id", sa.Uuid(), nullable=True),
        sa.Column("correlation_id", sa.Text(), nullable=False),
        sa.Column("about_id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("events_pkey")),
    )
    op.create_index(op.f("events_about_id_idx"), "events", ["about_id"], unique=False)
    op.create_index("events_feed_idx", "events", ["xid", "id"], unique=False)
    op.create_index(op.f("events_subject_id_idx"), "events", ["subject_id"], unique=False)


def create_idempotency_keys() -> None:
    op.create_table(
        "idempotency_keys",
        sa.Column("principal_id", sa.Uuid(), nullable=False),
        sa.Column("operation", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("created_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint(
            "principal_id", "operation", "key", name=op.f("idempotency_keys_pkey")
        ),
    )
    op.create_index(op.f("idempotency_keys_at_idx"), "idempotency_keys", ["at"], unique=False)


def create_judgement_scales() -> None:
    op.create_table(
        "judgement_scales",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "changed_xid", XID8, server_default=sa.text("pg_current_xact_id()"), nullable=False
        ),
        sa.PrimaryKeyConstraint("code", "number", name=op.f("judgement_scales_pkey")),
    )
    op.create_index(
        op.f("judgement_scales_changed_xid_idx"), "judgement_scales", ["changed_xid"], unique=False
    )


def create_policy_versions() -> None:
    op.create_table(
        "policy_versions",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("values", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("version", name=op.f("policy_versions_pkey")),
    )


def create_services() -> None:
    op.create_table(
        "services",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "changed_xid", XID8, server_default=sa.text("pg_current_xact_id()"), nullable=False
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("services_pkey")),
    )
    op.create_index(op.f("services_changed_xid_idx"), "services", ["changed_xid"], unique=False)


def create_teams() -> None:
    op.create_table(
        "teams",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("locality", sa.Text(), nullable=True),
        sa.Column(
            "changed_xid", XID8, server_default=sa.text("pg_current_xact_id()"), nullable=False
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("teams_pkey")),
    )
    op.create_index(op.f("teams_changed_xid_idx"), "teams", ["changed_xid"], unique=False)


def create_themes() -> None:
    op.create_table(
        "themes",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("sources", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("practice_lead_session", sa.Text(), nullable=True),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "changed_xid", XID8, server_default=sa.text("pg_current_xact_id()"), nullable=False
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("themes_pkey")),
    )
    op.create_index(op.f("themes_changed_xid_idx"), "themes", ["changed_xid"], unique=False)


def create_workers() -> None:
    op.create_table(
        "workers",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("leaves_on", sa.Date(), nullable=True),
        sa.Column("observations_required", sa.Integer(), nullable=True),
        sa.Column(
            "changed_xid", XID8, server_default=sa.text("pg_current_xact_id()"), nullable=False
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("code <> ''", name=op.f("workers_code_given_check")),
        sa.PrimaryKeyConstraint("code", name=op.f("workers_pkey")),
    )
    op.create_index(op.f("workers_changed_xid_idx"), "workers", ["changed_xid"], unique=False)


def create_absences() -> None:
    op.create_table(
        "absences",
        sa.Column("worker", sa.Text(), nullable=False),
        sa.Column("reason_code", sa.Text(), nullable=False),
        sa.Column("valid", postgresql.DATERANGE(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("worker"), "="),
            (sa.column("valid"), "&&"),
            using="gist",
            name="absences_one_at_a_time",
        ),
        sa.ForeignKeyConstraint(["worker"], ["workers.code"], name=op.f("absences_worker_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("absences_pkey")),
    )


def create_allowed_actions() -> None:
    op.create_table(
        "allowed_actions",
        sa.Column("aggregate", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("from_state", sa.Text(), nullable=False),
        sa.Column("to_state", sa.Text(), nullable=False),
        sa.Column("roles", postgresql.ARRAY(sa.TEXT()), nullable=False),
        sa.ForeignKeyConstraint(
            ["aggregate", "from_state", "to_state"],
            [
                "allowed_transitions.aggregate",
                "allowed_transitions.from_state",
                "allowed_transitions.to_state",
            ],
            name=op.f("allowed_actions_aggregate_from_state_to_state_fkey"),
        ),
        sa.PrimaryKeyConstraint(
            "aggregate", "action", "from_state", name=op.f("allowed_actions_pkey")
        ),
    )


def create_audit_tools() -> None:
    op.create_table(
        "audit_tools",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("scale_code", sa.Text(), nullable=False),
        sa.Column("scale_number", sa.Integer(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "changed_xid", XID8, server_default=sa.text("pg_current_xact_id()"), nullable=False
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("left_state", sa.Text(), server_default="new", nullable=False),
        sa.Column(
            "aggregate",
            sa.Text(),
            sa.Computed("'audit_tool'::text", persisted=True),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["aggregate", "left_state", "state"],
            [
                "allowed_transitions.aggregate",
                "allowed_transitions.from_state",
                "allowed_transitions.to_state",
            ],
            name="life_cycle",
        ),
        sa.ForeignKeyConstraint(
            ["scale_code", "scale_number"],
            ["judgement_scales.code", "judgement_scales.number"],
            name=op.f("audit_tools_scale_code_scale_number_fkey"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("audit_tools_pkey")),
        sa.UniqueConstraint("code", "number", name=op.f("audit_tools_code_number_key")),
    )
    op.create_index(
        op.f("audit_tools_changed_xid_idx"), "audit_tools", ["changed_xid"], unique=False
    )
    op.create_index(
        "audit_tools_one_published",
        "audit_tools",
        ["code"],
        unique=True,
        postgresql_where="state = 'published'",
    )


def create_auditor_group_memberships() -> None:
    op.create_table(
        "auditor_group_memberships",
        sa.Column("group", sa.Text(), nullable=False),
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("valid", postgresql.DATERANGE(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("team"), "="),
            (sa.column("valid"), "&&"),
            using="gist",
            name="auditor_group_memberships_one_at_a_time",
        ),
        sa.ForeignKeyConstraint(
            ["group"], ["auditor_groups.code"], name=op.f("auditor_group_memberships_group_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["team"], ["teams.code"], name=op.f("auditor_group_memberships_team_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("auditor_group_memberships_pkey")),
    )
    op.create_index(
        op.f("auditor_group_memberships_group_idx"),
        "auditor_group_memberships",
        ["group"],
        unique=False,
    )


def create_board_reports() -> None:
    op.create_table(
        "board_reports",
        sa.Column("quarter", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=True),
        sa.Column("drafted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("drafted_by", sa.Text(), nullable=True),
        sa.Column("presented_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("policy_version", sa.Integer(), nullable=False),
        sa.Column("snapshot", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "changed_xid", XID8, server_default=sa.text("pg_current_xact_id()"), nullable=False
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("left_state", sa.Text(), server_default="new", nullable=False),
        sa.Column(
            "aggregate",
            sa.Text(),
            sa.Computed("'board_report'::text", persisted=True),
            nullable=False,
        ),
        sa.CheckConstraint(
            "(state = 'draft') = (presented_at IS NULL) AND (presented_at IS NULL) = (snapshot IS NULL)",
            name=op.f("board_reports_presented_with_snapshot_check"),
        ),
        sa.ForeignKeyConstraint(
            ["aggregate", "left_state", "state"],
            [
                "allowed_transitions.aggregate",
                "allowed_transitions.from_state",
                "allowed_transitions.to_state",
            ],
            name="life_cycle",
        ),
        sa.ForeignKeyConstraint(
            ["drafted_by"], ["workers.code"], name=op.f("board_reports_drafted_by_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["policy_version"],
            ["policy_versions.version"],
            name=op.f("board_reports_policy_version_fkey"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("board_reports_pkey")),
    )
    op.create_index(
        op.f("board_reports_changed_xid_idx"), "board_reports", ["changed_xid"], unique=False
    )
    op.create_index(
        "board_reports_one_of_each_number",
        "board_reports",
        ["quarter", "number"],
        unique=True,
        postgresql_where="state <> 'draft'",
    )


def create_case_events() -> None:
    op.create_table(
        "case_events",
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("episode_id", sa.Text(), nullable=True),
        sa.Column("source_version", sa.BigInteger(), nullable=True),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("parked", sa.Boolean(), nullable=False),
        sa.Column("parked_reason", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "changed_xid", XID8, server_default=sa.text("pg_current_xact_id()"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["system"], ["case_systems.code"], name=op.f("case_events_system_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("case_events_pkey")),
        sa.UniqueConstraint("system", "event_id", name=op.f("case_events_system_event_id_key")),
    )
    op.create_index(
        op.f("case_events_changed_xid_idx"), "case_events", ["changed_xid"], unique=False
    )
    op.create_index(
        "case_events_parked_idx",
        "case_events",
        ["received_at"],
        unique=False,
        postgresql_where=sa.text("parked"),
    )
    op.create_index(
        op.f("case_events_system_episode_id_source_version_idx"),
        "case_events",
        ["system", "episode_id", "source_version"],
        unique=False,
    )


def create_learning_highlights() -> None:
    op.create_table(
        "learning_highlights",
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("quarter", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("highlight", sa.Text(), nullable=False),
        sa.Column("routed_to", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("policy_version", sa.Integer(), nullable=False),
        sa.Column("calendar_version", sa.Integer(), nullable=False),
        sa.Column("explanation", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_on", sa.Date(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.Text(), nullable=True),
        sa.Column("what_was_done", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "changed_xid", XID8, server_default=sa.text("pg_current_xact_id()"), nullable=False
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "routed_to IN ('learning_development', 'practice_advisor')",
            name=op.f("learning_highlights_routed_to_check"),
        ),
        sa.CheckConstraint(
            "num_nulls(answered_at, answered_by, what_was_done) IN (0, 3)",
            name=op.f("learning_highlights_answered_how_check"),
        ),
        sa.ForeignKeyConstraint(
            ["answered_by"], ["workers.code"], name=op.f("learning_highlights_answered_by_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["calendar_version"],
            ["calendar_versions.version"],
            name=op.f("learning_highlights_calendar_version_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["policy_version"],
            ["policy_versions.version"],
            name=op.f("learning_highlights_policy_version_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["workers.code"], name=op.f("learning_highlights_recorded_by_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["team"], ["teams.code"], name=op.f("learning_highlights_team_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("learning_highlights_pkey")),
    )
    op.create_index(
        op.f("learning_highlights_changed_xid_idx"),
        "learning_highlights",
        ["changed_xid"],
        unique=False,
    )
    op.create_index(
        op.f("learning_highlights_quarter_team_idx"),
        "learning_highlights",
        ["quarter", "team"],
        unique=False,
    )


def create_moderation_samples() -> None:
    op.create_table(
        "moderation_samples",
        sa.Column("group", sa.Text(), nullable=True),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_before", sa.Date(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("seed", sa.Text(), nullable=False),
        sa.Column("population_hash", sa.Text(), nullable=False),
        sa.Column("policy_version", sa.Integer(), nullable=False),
        sa.Column("explanation", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("drawn_by", sa.Text(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("left_state", sa.Text(), server_default="new", nullable=False),
        sa.Column(
            "aggregate",
            sa.Text(),
            sa.Computed("'moderation_sample'::text", persisted=True),
            nullable=False,
        ),
        sa.Column(
            "changed_xid", XID8, server_default=sa.text("pg_current_xact_id()"), nullable=False
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("starts_on < ends_before", name=op.f("moderation_samples_period_check")),
        sa.ForeignKeyConstraint(
            ["aggregate", "left_state", "state"],
            [
                "allowed_transitions.aggregate",
                "allowed_transitions.from_state",
                "allowed_transitions.to_state",
            ],
            name="life_cycle",
        ),
        sa.ForeignKeyConstraint(
            ["closed_by"], ["workers.code"], name=op.f("moderation_samples_closed_by_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["drawn_by"], ["workers.code"], name=op.f("moderation_samples_drawn_by_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["group"], ["auditor_groups.code"], name=op.f("moderation_samples_group_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["policy_version"],
            ["policy_versions.version"],
            name=op.f("moderation_samples_policy_version_fkey"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("moderation_samples_pkey")),
        sa.UniqueConstraint(
            "group",
            "starts_on",
            name="moderation_samples_one_per_period",
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_index(
        op.f("moderation_samples_changed_xid_idx"),
        "moderation_samples",
        ["changed_xid"],
        unique=False,
    )


def create_observation_exemptions() -> None:
    op.create_table(
        "observation_exemptions",
        sa.Column("worker", sa.Text(), nullable=False),
        sa.Column("valid", postgresql.DATERANGE(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("granted_by", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "changed_xid", XID8, server_default=sa.text("pg_current_xact_id()"), nullable=False
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("worker"), "="),
            (sa.column("valid"), "&&"),
            using="gist",
            name="observation_exemptions_one_at_a_time",
        ),
        sa.ForeignKeyConstraint(
            ["ended_by"], ["workers.code"], name=op.f("observation_exemptions_ended_by_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["granted_by"], ["workers.code"], name=op.f("observation_exemptions_granted_by_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["worker"], ["workers.code"], name=op.f("observation_exemptions_worker_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("observation_exemptions_pkey")),
    )
    op.create_index(
        op.f("observation_exemptions_changed_xid_idx"),
        "observation_exemptions",
        ["changed_xid"],
        unique=False,
    )


def create_posts() -> None:
    op.create_table(
        "posts",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("team", sa.Text(), nullable=True),
        sa.Column("service", sa.Text(), nullable=True),
        sa.Column("worker", sa.Text(), nullable=False),
        sa.Column("valid", postgresql.DATERANGE(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("kind"), "="),
            (sa.column("service"), "="),
            (sa.column("valid"), "&&"),
            using="gist",
            name="posts_one_per_service",
        ),
        postgresql.ExcludeConstraint(
            (sa.column("kind"), "="),
            (sa.column("team"), "="),
            (sa.column("valid"), "&&"),
            using="gist",
            name="posts_one_per_team",
        ),
        sa.CheckConstraint(
            "(kind IN ('manager', 'deputy') AND team IS NOT NULL AND service IS NULL) OR (kind = 'head' AND service IS NOT NULL AND team IS NULL)",
            name=op.f("posts_place_check"),
        ),
        sa.ForeignKeyConstraint(["service"], ["services.code"], name=op.f("posts_service_fkey")),
        sa.ForeignKeyConstraint(["team"], ["teams.code"], name=op.f("posts_team_fkey")),
        sa.ForeignKeyConstraint(["worker"], ["workers.code"], name=op.f("posts_worker_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("posts_pkey")),
    )
    op.create_index(op.f("posts_worker_idx"), "posts", ["worker"], unique=False)


def create_practice_observations() -> None:
    op.create_table(
        "practice_observations",
        sa.Column("worker", sa.Text(), nullable=False),
        sa.Column("observer", sa.Text(), nullable=False),
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("observed_on", sa.Date(), nullable=False),
        sa.Column("activity", sa.Text(), nullable=False),
        sa.Column("planned", sa.Boolean(), nullable=False),
        sa.Column("family_consent", sa.Text(), nullable=False),
        sa.Column("feedback", sa.Text(), nullable=True),
        sa.Column("strengths", sa.Text(), nullable=False),
        sa.Column("development", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_by", sa.Text(), nullable=True),
        sa.Column("withdrawn_reason", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "changed_xid", XID8, server_default=sa.text("pg_current_xact_id()"), nullable=False
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "family_consent IN ('given', 'not_given', 'not_applicable')",
            name=op.f("practice_observations_family_consent_check"),
        ),
        sa.CheckConstraint(
            "num_nulls(withdrawn_at, withdrawn_by, withdrawn_reason) IN (0, 3)",
            name=op.f("practice_observations_withdrawn_why_check"),
        ),
        sa.CheckConstraint(
            "observer <> worker",
            name=op.f("practice_observations_observer_is_not_the_worker_check"),
        ),
        sa.ForeignKeyConstraint(
            ["observer"], ["workers.code"], name=op.f("practice_observations_observer_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["workers.code"], name=op.f("practice_observations_recorded_by_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["team"], ["teams.code"], name=op.f("practice_observations_team_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["withdrawn_by"], ["workers.code"], name=op.f("practice_observations_withdrawn_by_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["worker"], ["workers.code"], name=op.f("practice_observations_worker_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("practice_observations_pkey")),
    )
    op.create_index(
        op.f("practice_observations_changed_xid_idx"),
        "practice_observations",
        ["changed_xid"],
        unique=False,
    )
    op.create_index(
        op.f("practice_observations_observer_idx"),
        "practice_observations",
        ["observer"],
        unique=False,
    )
    op.create_index(
        op.f("practice_observations_team_idx"), "practice_observations", ["team"], unique=False
    )
    op.create_index(
        op.f("practice_observations_worker_observed_on_idx"),
        "practice_observations",
        ["worker", "observed_on"],
        unique=False,
    )


def create_principals() -> None:
    op.create_table(
        "principals",
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("worker", sa.Text(), nullable=True),
        sa.Column("system", sa.Text(), nullable=True),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "changed_xid", XID8, server_default=sa.text("pg_current_xact_id()"), nullable=False
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "worker IS NULL OR system IS NULL", name=op.f("principals_person_or_system_check")
        ),
        sa.ForeignKeyConstraint(
            ["system"], ["case_systems.code"], name=op.f("principals_system_fkey")
        ),
        sa.ForeignKeyConstraint(["worker"], ["workers.code"], name=op.f("principals_worker_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("principals_pkey")),
        sa.UniqueConstraint("issuer", "subject", name=op.f("principals_issuer_subject_key")),
    )
    op.create_index(op.f("principals_changed_xid_idx"), "principals", ["changed_xid"], unique=False)
    op.create_index(op.f("principals_worker_idx"), "principals", ["worker"], unique=False)


def create_qa_updates() -> None:
    op.create_table(
        "qa_updates",
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("quarter", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("explanation", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("policy_version", sa.Integer(), nullable=False),
        sa.Column("calendar_version", sa.Integer(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("begun_by", sa.Text(), nullable=True),
        sa.Column("first_submitted_on", sa.Date(), nullable=True),
        sa.Column("activity", sa.Text(), nullable=True),
        sa.Column("learning", sa.Text(), nullable=True),
        sa.Column("good_practice", sa.Text(), nullable=True),
        sa.Column("changes_made", sa.Text(), nullable=True),
        sa.Column("evidence_of_impact", sa.Text(), nullable=True),
        sa.Column("risks", sa.Text(), nullable=True),
        sa.Column("next_quarter", sa.Text(), nullable=True),
        sa.Column("figures", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "changed_xid", XID8, server_default=sa.text("pg_current_xact_id()"), nullable=False
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("left_state", sa.Text(), server_default="new", nullable=False),
        sa.Column(
            "aggregate", sa.Text(), sa.Computed("'qa_update'::text", persisted=True), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["aggregate", "left_state", "state"],
            [
                "allowed_transitions.aggregate",
                "allowed_transitions.from_state",
                "allowed_transitions.to_state",
            ],
            name="life_cycle",
        ),
        sa.ForeignKeyConstraint(
            ["begun_by"], ["workers.code"], name=op.f("qa_updates_begun_by_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["calendar_version"],
            ["calendar_versions.version"],
            name=op.f("qa_updates_calendar_version_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["policy_version"],
            ["policy_versions.version"],
            name=op.f("qa_updates_policy_version_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["service"], ["services.code"], name=op.f("qa_updates_service_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("qa_updates_pkey")),
        sa.UniqueConstraint("service", "quarter", name=op.f("qa_updates_service_quarter_key")),
    )
    op.create_index(op.f("qa_updates_changed_xid_idx"), "qa_updates", ["changed_xid"], unique=False)


def create_quarter_plans() -> None:
    op.create_table(
        "quarter_plans",
        sa.Column("quarter", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("audit_type", sa.Text(), nullable=False),
        sa.Column("drafted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "changed_xid", XID8, server_default=sa.text("pg_current_xact_id()"), nullable=False
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("left_state", sa.Text(), server_default="new", nullable=False),
        sa.Column(
            "aggregate",
            sa.Text(),
            sa.Computed("'quarter_plan'::text", persisted=True),
            nullable=False,
        ),
        sa.CheckConstraint(
            "(state = 'draft') = (published_at IS NULL)",
            name=op.f("quarter_plans_published_when_check"),
        ),
        sa.ForeignKeyConstraint(
            ["aggregate", "left_state", "state"],
            [
                "allowed_transitions.aggregate",
                "allowed_transitions.from_state",
                "allowed_transitions.to_state",
            ],
            name="life_cycle",
        ),
        sa.ForeignKeyConstraint(
            ["audit_type"], ["audit_types.code"], name=op.f("quarter_plans_audit_type_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("quarter_plans_pkey")),
    )
    op.create_index(
        op.f("quarter_plans_changed_xid_idx"), "quarter_plans", ["changed_xid"], unique=False
    )
    op.create_index(
        "quarter_plans_one_of_each_number",
        "quarter_plans",
        ["quarter", "number"],
        unique=True,
        postgresql_where="state <> 'draft'",
    )
    op.create_index(
        "quarter_plans_one_published",
        "quarter_plans",
        ["quarter"],
        unique=True,
        postgresql_where="state = 'published'",
    )


def create_scale_points() -> None:
    op.create_table(
        "scale_points",
        sa.Column("scale_code", sa.Text(), nullable=False),
        sa.Column("scale_number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("escalates", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["scale_code", "scale_number"],
            ["judgement_scales.code", "judgement_scales.number"],
            name=op.f("scale_points_scale_code_scale_number_fkey"),
        ),
        sa.PrimaryKeyConstraint(
            "scale_code", "scale_number", "code", name=op.f("scale_points_pkey")
        ),
        sa.UniqueConstraint(
            "scale_code",
            "scale_number",
            "position",
            name=op.f("scale_points_scale_code_scale_number_position_key"),
        ),
    )


def create_subjects() -> None:
    op.create_table(
        "subjects",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("team", sa.Text(), nullable=True),
        sa.Column("worker", sa.Text(), nullable=True),
        sa.Column("reported_team", sa.Text(), nullable=True),
        sa.Column("reported_worker", sa.Text(), nullable=True),
        sa.Column("allocated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("restricted", sa.Boolean(), nullable=False),
        sa.Column("restriction_kind", sa.Text(), nullable=True),
        sa.Column("born_on", sa.Date(), nullable=True),
        sa.Column("died_on", sa.Date(), nullable=True),
        sa.Column("first_panel_on", sa.Date(), nullable=True),
        sa.Column("merged_into_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "changed_xid", XID8, server_default=sa.text("pg_current_xact_id()"), nullable=False
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('child', 'carer_household')", name=op.f("subjects_kind_check")
        ),
        sa.CheckConstraint(
            "restricted = (restriction_kind IS NOT NULL)",
            name=op.f("subjects_restricted_why_check"),
        ),
        sa.ForeignKeyConstraint(
            ["merged_into_id"], ["subjects.id"], name=op.f("subjects_merged_into_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["system"], ["case_systems.code"], name=op.f("subjects_system_fkey")
        ),
        sa.ForeignKeyConstraint(["team"], ["teams.code"], name=op.f("subjects_team_fkey")),
        sa.ForeignKeyConstraint(["worker"], ["workers.code"], name=op.f("subjects_worker_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("subjects_pkey")),
    )
    op.create_index(op.f("subjects_changed_xid_idx"), "subjects", ["changed_xid"], unique=False)


def create_supervisions() -> None:
    op.create_table(
        "supervisions",
        sa.Column("worker", sa.Text(), nullable=False),
        sa.Column("supervisor", sa.Text(), nullable=False),
        sa.Column("valid", postgresql.DATERANGE(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("worker"), "="),
            (sa.column("valid"), "&&"),
            using="gist",
            name="supervisions_one_at_a_time",
        ),
        sa.CheckConstraint("worker <> supervisor", name=op.f("supervisions_not_oneself_check")),
        sa.ForeignKeyConstraint(
            ["supervisor"], ["workers.code"], name=op.f("supervisions_supervisor_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["worker"], ["workers.code"], name=op.f("supervisions_worker_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("supervisions_pkey")),
    )
    op.create_index(
        op.f("supervisions_supervisor_idx"), "supervisions", ["supervisor"], unique=False
    )


def create_team_memberships() -> None:
    op.create_table(
        "team_memberships",
        sa.Column("worker", sa.Text(), nullable=False),
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("valid", postgresql.DATERANGE(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("worker"), "="),
            (sa.column("team"), "="),
            (sa.column("valid"), "&&"),
            using="gist",
            name="team_memberships_one_at_a_time",
        ),
        sa.ForeignKeyConstraint(["team"], ["teams.code"], name=op.f("team_memberships_team_fkey")),
        sa.ForeignKeyConstraint(
            ["worker"], ["workers.code"], name=op.f("team_memberships_worker_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("team_memberships_pkey")),
    )
    op.create_index(op.f("team_memberships_team_idx"), "team_memberships", ["team"], unique=False)


def create_team_services() -> None:
    op.create_table(
        "team_services",
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("valid", postgresql.DATERANGE(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("team"), "="),
            (sa.column("valid"), "&&"),
            using="gist",
            name="team_services_one_at_a_time",
        ),
        sa.ForeignKeyConstraint(
            ["service"], ["services.code"], name=op.f("team_services_service_fkey")
        ),
        sa.ForeignKeyConstraint(["team"], ["teams.code"], name=op.f("team_services_team_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("team_services_pkey")),
    )
    op.create_index(op.f("team_services_service_idx"), "team_services", ["service"], unique=False)


def create_webhook_endpoints() -> None:
    op.create_table(
        "webhook_endpoints",
        sa.Column("system", sa.Text(), nullable=True),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("event_types", postgresql.ARRAY(sa.TEXT()), nullable=False),
        sa.Column("secrets", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("parked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "changed_xid", XID8, server_default=sa.text("pg_current_xact_id()"), nullable=False
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["system"], ["case_systems.code"], name=op.f("webhook_endpoints_system_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("webhook_endpoints_pkey")),
    )
    op.create_index(
        op.f("webhook_endpoints_changed_xid_idx"),
        "webhook_endpoints",
        ["changed_xid"],
        unique=False,
    )


def create_alerts() -> None:
    op.create_table(
        "alerts",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("about_id", sa.Uuid(), nullable=False),
        sa.Column("occasion", sa.Text(), nullable=False),
        sa.Column("recipient_role", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("team", sa.Text(), nullable=True),
        sa.Column("worker", sa.Text(), nullable=True),
        sa.Column("restricted", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["subjects.id"], name=op.f("alerts_subject_id_fkey")
        ),
        sa.ForeignKeyConstraint(["team"], ["teams.code"], name=op.f("alerts_team_fkey")),
        sa.ForeignKeyConstraint(["worker"], ["workers.code"], name=op.f("alerts_worker_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("alerts_pkey")),
        sa.UniqueConstraint(
            "kind",
            "about_id",
            "recipient_role",
            "recipient",
            "occasion",
            name=op.f("alerts_kind_about_id_recipient_role_recipient_occasion_key"),
        ),
    )
    op.create_index(
        op.f("alerts_recipient_role_recipient_idx"),
        "alerts",
        ["recipient_role", "recipient"],
        unique=False,
    )
    op.create_index(op.f("alerts_subject_id_idx"), "alerts", ["subject_id"], unique=False)


def create_board_decisions() -> None:
    op.create_table(
        "board_decisions",
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner"], ["workers.code"], name=op.f("board_decisions_owner_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["workers.code"], name=op.f("board_decisions_recorded_by_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["report_id"], ["board_reports.id"], name=op.f("board_decisions_report_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("board_decisions_pkey")),
    )
    op.create_index(
        op.f("board_decisions_report_id_idx"), "board_decisions", ["report_id"], unique=False
    )


def create_board_receipts() -> None:
    op.create_table(
        "board_receipts",
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("disseminated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("disseminated_by", sa.Text(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["disseminated_by"], ["workers.code"], name=op.f("board_receipts_disseminated_by_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["recipient"], ["workers.code"], name=op.f("board_receipts_recipient_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["report_id"], ["board_reports.id"], name=op.f("board_receipts_report_id_fkey")
        ),
        sa.PrimaryKeyConstraint("report_id", "recipient", name=op.f("board_receipts_pkey")),
    )


def create_closure_gates() -> None:
    op.create_table(
        "closure_gates",
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("episode_id", sa.Text(), nullable=False),
        sa.Column("cycle", sa.Integer(), nullable=False),
        sa.Column("current", sa.Boolean(), nullable=False),
        sa.Column("audit_id", sa.Uuid(), nullable=True),
        sa.Column("opened_by_event", sa.Uuid(), nullable=False),
        sa.Column("may_close", sa.Boolean(), nullable=False),
        sa.Column("explanation", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("policy_version", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closure_on", sa.Date(), nullable=True),
        sa.Column("reason_code", sa.Text(), nullable=True),
        sa.Column("cleared_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("override_requested_by", sa.Uuid(), nullable=True),
        sa.Column("override_requested_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("override_reason", sa.Text(), nullable=True),
        sa.Column("override_approved_by", sa.Uuid(), nullable=True),
        sa.Column("override_approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reopened_by", sa.Uuid(), nullable=True),
        sa.Column("reopened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reopen_reason", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("team", sa.Text(), nullable=True),
        sa.Column("worker", sa.Text(), nullable=True),
        sa.Column("restricted", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("left_state", sa.Text(), server_default="new", nullable=False),
        sa.Column(
            "aggregate",
            sa.Text(),
            sa.Computed("'closure_gate'::text", persisted=True),
            nullable=False,
        ),
        sa.Column(
            "changed_xid", XID8, server_default=sa.text("pg_current_xact_id()"), nullable=False
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "override_approved_by <> override_requested_by",
            name=op.f("closure_gates_second_person_check"),
        ),
        sa.ForeignKeyConstraint(
            ["aggregate", "left_state", "state"],
            [
                "allowed_transitions.aggregate",
                "allowed_transitions.from_state",
                "allowed_transitions.to_state",
            ],
            name="life_cycle",
        ),
        sa.ForeignKeyConstraint(
            ["audit_id"], ["audits.id"], name="closure_gates_audit_id_fkey", use_alter=True
        ),
        sa.ForeignKeyConstraint(
            ["opened_by_event"], ["case_events.id"], name=op.f("closure_gates_opened_by_event_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["override_approved_by"],
            ["principals.id"],
            name=op.f("closure_gates_override_approved_by_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["override_requested_by"],
            ["principals.id"],
            name=op.f("closure_gates_override_requested_by_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["policy_version"],
            ["policy_versions.version"],
            name=op.f("closure_gates_policy_version_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["reopened_by"], ["principals.id"], name=op.f("closure_gates_reopened_by_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["subjects.id"], name=op.f("closure_gates_subject_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["system"], ["case_systems.code"], name=op.f("closure_gates_system_fkey")
        ),
        sa.ForeignKeyConstraint(["team"], ["teams.code"], name=op.f("closure_gates_team_fkey")),
        sa.ForeignKeyConstraint(
            ["worker"], ["workers.code"], name=op.f("closure_gates_worker_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("closure_gates_pkey")),
        sa.UniqueConstraint(
            "opened_by_event",
            "subject_id",
            name=op.f("closure_gates_opened_by_event_subject_id_key"),
        ),
    )
    op.create_index(
        op.f("closure_gates_changed_xid_idx"), "closure_gates", ["changed_xid"], unique=False
    )
    op.create_index(
        op.f("closure_gates_closed_at_idx"), "closure_gates", ["closed_at"], unique=False
    )
    op.create_index(
        "closure_gates_one_current",
        "closure_gates",
        ["subject_id", "system", "episode_id"],
        unique=True,
        postgresql_where=sa.text("current"),
    )
    op.create_index(
        op.f("closure_gates_subject_id_idx"), "closure_gates", ["subject_id"], unique=False
    )
    op.create_index(
        op.f("closure_gates_system_episode_id_subject_id_cycle_idx"),
        "closure_gates",
        ["system", "episode_id", "subject_id", "cycle"],
        unique=False,
    )
    op.create_index(
        op.f("closure_gates_team_state_id_idx"),
        "closure_gates",
        ["team", "state", "id"],
        unique=False,
    )


def create_conflicting_case_events() -> None:
    op.create_table(
        "conflicting_case_events",
        sa.Column("case_event_id", sa.Uuid(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_event_id"],
            ["case_events.id"],
            name=op.f("conflicting_case_events_case_event_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("conflicting_case_events_pkey")),
        sa.UniqueConstraint(
            "case_event_id",
            "fingerprint",
            name=op.f("conflicting_case_events_case_event_id_fingerprint_key"),
        ),
    )


def create_deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("position", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("endpoint_id", sa.Uuid(), nullable=False),
        sa.Column("lane", sa.Text(), nullable=False),
        sa.Column("case_key", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease", sa.Uuid(), nullable=True),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "lane IN ('escalation', 'ordinary')", name=op.f("deliveries_lane_check")
        ),
        sa.ForeignKeyConstraint(
            ["endpoint_id"], ["webhook_endpoints.id"], name=op.f("deliveries_endpoint_id_fkey")
        ),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("deliveries_event_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("deliveries_pkey")),
    )
    op.create_index(
        "deliveries_due_idx",
        "deliveries",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("delivered_at IS NULL"),
    )
    op.create_index(op.f("deliveries_event_id_idx"), "deliveries", ["event_id"], unique=False)
    op.create_index(
        "deliveries_waiting_idx",
        "deliveries",
        ["endpoint_id", "lane", "case_key", "position"],
        unique=False,
        postgresql_where=sa.text("delivered_at IS NULL"),
    )


def create_moderating_teams() -> None:
    op.create_table(
        "moderating_teams",
        sa.Column("sample_id", sa.Uuid(), nullable=False),
        sa.Column("team", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["sample_id"], ["moderation_samples.id"], name=op.f("moderating_teams_sample_id_fkey")
        ),
        sa.ForeignKeyConstraint(["team"], ["teams.code"], name=op.f("moderating_teams_team_fkey")),
        sa.PrimaryKeyConstraint("sample_id", "team", name=op.f("moderating_teams_pkey")),
    )
    op.create_index(op.f("moderating_teams_team_idx"), "moderating_teams", ["team"], unique=False)


def create_observation_corrections() -> None:
    op.create_table(
        "observation_corrections",
        sa.Column("observation_id", sa.Uuid(), nullable=False),
        sa.Column("corrected_version", sa.Integer(), nullable=False),
        sa.Column("before", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("corrected_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("corrected_by", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["corrected_by"],
            ["workers.code"],
            name=op.f("observation_corrections_corrected_by_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["observation_id"],
            ["practice_observations.id"],
            name=op.f("observation_corrections_observation_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("observation_corrections_pkey")),
        sa.UniqueConstraint(
            "observation_id",
            "corrected_version",
            name=op.f("observation_corrections_observation_id_corrected_version_key"),
        ),
    )


def create_plan_auditors() -> None:
    op.create_table(
        "plan_auditors",
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("auditor", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["auditor"], ["workers.code"], name=op.f("plan_auditors_auditor_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["quarter_plans.id"], name=op.f("plan_auditors_plan_id_fkey")
        ),
        sa.PrimaryKeyConstraint("plan_id", "auditor", name=op.f("plan_auditors_pkey")),
    )


def create_plan_case_lists() -> None:
    op.create_table(
        "plan_case_lists",
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("theme", sa.Text(), nullable=False),
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("seed", sa.Text(), nullable=True),
        sa.Column("population", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("population_hash", sa.Text(), nullable=False),
        sa.Column("chosen", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("explanation", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("policy_version", sa.Integer(), nullable=False),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(method = 'drawn') = (seed IS NOT NULL)",
            name=op.f("plan_case_lists_drawn_by_seed_check"),
        ),
        sa.CheckConstraint(
            "method IN ('named', 'drawn')", name=op.f("plan_case_lists_method_check")
        ),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["quarter_plans.id"], name=op.f("plan_case_lists_plan_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["policy_version"],
            ["policy_versions.version"],
            name=op.f("plan_case_lists_policy_version_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["system"], ["case_systems.code"], name=op.f("plan_case_lists_system_fkey")
        ),
        sa.ForeignKeyConstraint(["team"], ["teams.code"], name=op.f("plan_case_lists_team_fkey")),
        sa.ForeignKeyConstraint(
            ["theme"], ["themes.code"], name=op.f("plan_case_lists_theme_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("plan_case_lists_pkey")),
    )
    op.create_index(
        op.f("plan_case_lists_plan_id_idx"), "plan_case_lists", ["plan_id"], unique=False
    )


def create_plan_exemptions() -> None:
    op.create_table(
        "plan_exemptions",
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("team", sa.Text(), nullable=True),
        sa.Column("auditor", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(team IS NULL) <> (auditor IS NULL)", name=op.f("plan_exemptions_one_of_them_check")
        ),
        sa.ForeignKeyConstraint(
            ["auditor"], ["workers.code"], name=op.f("plan_exemptions_auditor_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["workers.code"], name=op.f("plan_exemptions_decided_by_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["quarter_plans.id"], name=op.f("plan_exemptions_plan_id_fkey")
        ),
        sa.ForeignKeyConstraint(["team"], ["teams.code"], name=op.f("plan_exemptions_team_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("plan_exemptions_pkey")),
        sa.UniqueConstraint("plan_id", "auditor", name=op.f("plan_exemptions_plan_id_auditor_key")),
        sa.UniqueConstraint("plan_id", "team", name=op.f("plan_exemptions_plan_id_team_key")),
    )
    op.create_index(
        op.f("plan_exemptions_plan_id_idx"), "plan_exemptions", ["plan_id"], unique=False
    )


def create_plan_teams() -> None:
    op.create_table(
        "plan_teams",
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("theme", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("audits_expected", sa.Integer(), nullable=False),
        sa.Column("group", sa.Text(), nullable=True),
        sa.CheckConstraint("audits_expected > 0", name=op.f("plan_teams_expects_something_check")),
        sa.ForeignKeyConstraint(
            ["group"], ["auditor_groups.code"], name=op.f("plan_teams_group_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["quarter_plans.id"], name=op.f("plan_teams_plan_id_fkey")
        ),
        sa.ForeignKeyConstraint(["team"], ["teams.code"], name=op.f("plan_teams_team_fkey")),
        sa.ForeignKeyConstraint(["theme"], ["themes.code"], name=op.f("plan_teams_theme_fkey")),
        sa.PrimaryKeyConstraint("plan_id", "team", "theme", name=op.f("plan_teams_pkey")),
    )


def create_plan_themes() -> None:
    op.create_table(
        "plan_themes",
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("theme", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("practice_lead_session", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["quarter_plans.id"], name=op.f("plan_themes_plan_id_fkey")
        ),
        sa.ForeignKeyConstraint(["theme"], ["themes.code"], name=op.f("plan_themes_theme_fkey")),
        sa.PrimaryKeyConstraint("plan_id", "theme", name=op.f("plan_themes_pkey")),
    )


def create_qa_update_submissions() -> None:
    op.create_table(
        "qa_update_submissions",
        sa.Column("update_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_by", sa.Text(), nullable=True),
        sa.Column("narrative", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("figures", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("returned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("returned_by", sa.Text(), nullable=True),
        sa.Column("return_reasons", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "num_nulls(returned_at, return_reasons) IN (0, 2)",
            name=op.f("qa_update_submissions_returned_why_check"),
        ),
        sa.ForeignKeyConstraint(
            ["returned_by"], ["workers.code"], name=op.f("qa_update_submissions_returned_by_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["submitted_by"], ["workers.code"], name=op.f("qa_update_submissions_submitted_by_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["update_id"], ["qa_updates.id"], name=op.f("qa_update_submissions_update_id_fkey")
        ),
        sa.PrimaryKeyConstraint("update_id", "number", name=op.f("qa_update_submissions_pkey")),
    )


def create_restriction_grants() -> None:
    op.create_table(
        "restriction_grants",
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("principal_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("granted_by", sa.Uuid(), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["granted_by"], ["principals.id"], name=op.f("restriction_grants_granted_by_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["principal_id"], ["principals.id"], name=op.f("restriction_grants_principal_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["subjects.id"], name=op.f("restriction_grants_subject_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("restriction_grants_pkey")),
    )
    op.create_index(
        op.f("restriction_grants_subject_id_principal_id_idx"),
        "restriction_grants",
        ["subject_id", "principal_id"],
        unique=False,
    )


def create_role_assignments() -> None:
    op.create_table(
        "role_assignments",
        sa.Column("principal_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("service", sa.Text(), nullable=True),
        sa.Column("team", sa.Text(), nullable=True),
        sa.Column("valid", postgresql.DATERANGE(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "changed_xid", XID8, server_default=sa.text("pg_current_xact_id()"), nullable=False
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(scope = 'authority' AND service IS NULL AND team IS NULL) OR (scope = 'service' AND service IS NOT NULL AND team IS NULL) OR (scope = 'team' AND team IS NOT NULL AND service IS NULL)",
            name=op.f("role_assignments_scope_check"),
        ),
        sa.ForeignKeyConstraint(
            ["principal_id"], ["principals.id"], name=op.f("role_assignments_principal_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["service"], ["services.code"], name=op.f("role_assignments_service_fkey")
        ),
        sa.ForeignKeyConstraint(["team"], ["teams.code"], name=op.f("role_assignments_team_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("role_assignments_pkey")),
    )
    op.create_index(
        op.f("role_assignments_changed_xid_idx"), "role_assignments", ["changed_xid"], unique=False
    )
    op.create_index(
        op.f("role_assignments_principal_id_idx"),
        "role_assignments",
        ["principal_id"],
        unique=False,
    )


def create_subject_aliases() -> None:
    op.create_table(
        "subject_aliases",
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["subjects.id"], name=op.f("subject_aliases_subject_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["system"], ["case_systems.code"], name=op.f("subject_aliases_system_fkey")
        ),
        sa.PrimaryKeyConstraint("system", "ref", name=op.f("subject_aliases_pkey")),
    )
    op.create_index(
        op.f("subject_aliases_subject_id_idx"), "subject_aliases", ["subject_id"], unique=False
    )


def create_tool_domains() -> None:
    op.create_table(
        "tool_domains",
        sa.Column("tool_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("guidance", sa.Text(), nullable=False),
        sa.Column("judged", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tool_id"], ["audit_tools.id"], name=op.f("tool_domains_tool_id_fkey")
        ),
        sa.PrimaryKeyConstraint("tool_id", "key", name=op.f("tool_domains_pkey")),
    )


def create_audits() -> None:
    op.create_table(
        "audits",
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("tool_id", sa.Uuid(), nullable=True),
        sa.Column("scale_code", sa.Text(), nullable=True),
        sa.Column("scale_number", sa.Integer(), nullable=True),
        sa.Column("revision", sa.Integer(), server_default="1", nullable=False),
        sa.Column("re_audit_of", sa.Uuid(), nullable=True),
        sa.Column("gate_id", sa.Uuid(), nullable=True),
        sa.Column("opened_by", sa.Text(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=True),
        sa.Column("plan_team", sa.Text(), nullable=True),
        sa.Column("theme_code", sa.Text(), nullable=True),
        sa.Column("policy_version", sa.Integer(), nullable=False),
        sa.Column("auditor", sa.Text(), nullable=True),
        sa.Column("auditor_team", sa.Text(), nullable=True),
        sa.Column("conflict_override_reason", sa.Text(), nullable=True),
        sa.Column("audited_worker", sa.Text(), nullable=True),
        sa.Column("audited_team", sa.Text(), nullable=True),
        sa.Column("audited_team_manager", sa.Text(), nullable=True),
        sa.Column("audited_head_of_service", sa.Text(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("completed_on", sa.Date(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancel_reason", sa.Text(), nullable=True),
        sa.Column("error_reason", sa.Text(), nullable=True),
        sa.Column("error_reported_by", sa.Uuid(), nullable=True),
        sa.Column("error_confirmed_by", sa.Uuid(), nullable=True),
        sa.Column("recorded_in_error_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("overall_judgement", sa.Text(), nullable=True),
        sa.Column("overall_rationale", sa.Text(), nullable=True),
        sa.Column("positive_feedback", sa.Text(), nullable=True),
        sa.Column("paper_records_read", sa.Text(), nullable=True),
        sa.Column("discussed_in_supervision_on", sa.Date(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("team", sa.Text(), nullable=True),
        sa.Column("worker", sa.Text(), nullable=True),
        sa.Column("restricted", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("left_state", sa.Text(), server_default="new", nullable=False),
        sa.Column(
            "aggregate", sa.Text(), sa.Computed("'audit'::text", persisted=True), nullable=False
        ),
        sa.Column(
            "changed_xid", XID8, server_default=sa.text("pg_current_xact_id()"), nullable=False
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state = 'cancelled') = (cancel_reason IS NOT NULL)",
            name=op.f("audits_cancelled_why_check"),
        ),
        sa.CheckConstraint(
            "state IN ('planned', 'cancelled') OR (auditor IS NOT NULL AND subject_id IS NOT NULL AND tool_id IS NOT NULL)",
            name=op.f("audits_begun_with_auditor_and_subject_check"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('completed', 'closed') OR (overall_judgement IS NOT NULL AND completed_at IS NOT NULL)",
            name=op.f("audits_completed_with_judgement_check"),
        ),
        sa.CheckConstraint(
            "(overall_judgement IS NULL) = (overall_rationale IS NULL)",
            name=op.f("audits_judgement_with_why_check"),
        ),
        sa.CheckConstraint(
            "(plan_id IS NULL) = (plan_team IS NULL) AND (plan_id IS NULL) = (theme_code IS NULL)",
            name=op.f("audits_planned_whole_check"),
        ),
        sa.CheckConstraint(
            "(recorded_in_error_at IS NULL) = (error_confirmed_by IS NULL)",
            name=op.f("audits_error_confirmed_check"),
        ),
        sa.CheckConstraint("auditor <> audited_worker", name=op.f("audits_not_own_work_check")),
        sa.CheckConstraint(
            "error_reported_by <> error_confirmed_by", name=op.f("audits_error_by_two_check")
        ),
        sa.ForeignKeyConstraint(
            ["aggregate", "left_state", "state"],
            [
                "allowed_transitions.aggregate",
                "allowed_transitions.from_state",
                "allowed_transitions.to_state",
            ],
            name="life_cycle",
        ),
        sa.ForeignKeyConstraint(
            ["audited_head_of_service"],
            ["workers.code"],
            name=op.f("audits_audited_head_of_service_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["audited_team"], ["teams.code"], name=op.f("audits_audited_team_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["audited_team_manager"],
            ["workers.code"],
            name=op.f("audits_audited_team_manager_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["audited_worker"], ["workers.code"], name=op.f("audits_audited_worker_fkey")
        ),
        sa.ForeignKeyConstraint(["auditor"], ["workers.code"], name=op.f("audits_auditor_fkey")),
        sa.ForeignKeyConstraint(
            ["auditor_team"], ["teams.code"], name=op.f("audits_auditor_team_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["error_confirmed_by"], ["principals.id"], name=op.f("audits_error_confirmed_by_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["error_reported_by"], ["principals.id"], name=op.f("audits_error_reported_by_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["gate_id"], ["closure_gates.id"], name=op.f("audits_gate_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["quarter_plans.id"], name=op.f("audits_plan_id_fkey")
        ),
        sa.ForeignKeyConstraint(["plan_team"], ["teams.code"], name=op.f("audits_plan_team_fkey")),
        sa.ForeignKeyConstraint(
            ["policy_version"], ["policy_versions.version"], name=op.f("audits_policy_version_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["re_audit_of"], ["audits.id"], name=op.f("audits_re_audit_of_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["scale_code", "scale_number", "overall_judgement"],
            ["scale_points.scale_code", "scale_points.scale_number", "scale_points.code"],
            name=op.f("audits_scale_code_scale_number_overall_judgement_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["subjects.id"], name=op.f("audits_subject_id_fkey")
        ),
        sa.ForeignKeyConstraint(["team"], ["teams.code"], name=op.f("audits_team_fkey")),
        sa.ForeignKeyConstraint(
            ["theme_code"], ["themes.code"], name=op.f("audits_theme_code_fkey")
        ),
        sa.ForeignKeyConstraint(["tool_id"], ["audit_tools.id"], name=op.f("audits_tool_id_fkey")),
        sa.ForeignKeyConstraint(["type"], ["audit_types.code"], name=op.f("audits_type_fkey")),
        sa.ForeignKeyConstraint(["worker"], ["workers.code"], name=op.f("audits_worker_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("audits_pkey")),
        sa.UniqueConstraint("id", "tool_id", name=op.f("audits_id_tool_id_key")),
    )
    op.create_index(op.f("audits_auditor_id_idx"), "audits", ["auditor", "id"], unique=False)
    op.create_index(op.f("audits_changed_xid_idx"), "audits", ["changed_xid"], unique=False)
    op.create_index(
        op.f("audits_completed_on_id_idx"), "audits", ["completed_on", "id"], unique=False
    )
    op.create_index(
        "audits_due_idx",
        "audits",
        ["due_on", "id"],
        unique=False,
        postgresql_where=sa.text("state IN ('planned', 'in_progress')"),
    )
    op.create_index(op.f("audits_due_on_idx"), "audits", ["due_on"], unique=False)
    op.create_index(op.f("audits_gate_id_idx"), "audits", ["gate_id"], unique=False)
    op.create_index(
        "audits_in_error_idx",
        "audits",
        ["id"],
        unique=False,
        postgresql_where=sa.text("recorded_in_error_at IS NOT NULL"),
    )
    op.create_index(
        "audits_one_open_per_gate",
        "audits",
        ["gate_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('planned', 'in_progress')"),
    )
    op.create_index(op.f("audits_plan_id_idx"), "audits", ["plan_id"], unique=False)
    op.create_index(op.f("audits_subject_id_idx"), "audits", ["subject_id"], unique=False)
    op.create_index(
        op.f("audits_team_state_id_idx"), "audits", ["team", "state", "id"], unique=False
    )
    op.create_index(op.f("audits_worker_id_idx"), "audits", ["worker", "id"], unique=False)


def create_case_event_outcomes() -> None:
    op.create_table(
        "case_event_outcomes",
        sa.Column("case_event_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("gate_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_event_id"],
            ["case_events.id"],
            name=op.f("case_event_outcomes_case_event_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["gate_id"], ["closure_gates.id"], name=op.f("case_event_outcomes_gate_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["subjects.id"], name=op.f("case_event_outcomes_subject_id_fkey")
        ),
        sa.PrimaryKeyConstraint("case_event_id", "position", name=op.f("case_event_outcomes_pkey")),
    )
    op.create_index(
        op.f("case_event_outcomes_subject_id_idx"),
        "case_event_outcomes",
        ["subject_id"],
        unique=False,
    )


def create_delivery_attempts() -> None:
    op.create_table(
        "delivery_attempts",
        sa.Column("delivery_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["deliveries.id"], name=op.f("delivery_attempts_delivery_id_fkey")
        ),
        sa.PrimaryKeyConstraint("delivery_id", "number", name=op.f("delivery_attempts_pkey")),
    )


def create_tool_questions() -> None:
    op.create_table(
        "tool_questions",
        sa.Column("tool_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("domain_key", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("guidance", sa.Text(), nullable=False),
        sa.Column("answer_kind", sa.Text(), nullable=False),
        sa.Column("choices", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("required", sa.Boolean(), nullable=False),
        sa.Column("evidence_required", sa.Boolean(), nullable=False),
        sa.Column("timescale_check", sa.Boolean(), nullable=False),
        sa.Column("applies_when", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.CheckConstraint(
            "answer_kind IN ('yes_no_partial_na', 'judgement', 'text', 'date', 'number', 'choice')",
            name=op.f("tool_questions_answer_kind_check"),
        ),
        sa.ForeignKeyConstraint(
            ["tool_id", "domain_key"],
            ["tool_domains.tool_id", "tool_domains.key"],
            name=op.f("tool_questions_tool_id_domain_key_fkey"),
        ),
        sa.PrimaryKeyConstraint("tool_id", "key", name=op.f("tool_questions_pkey")),
    )


def create_audit_answers() -> None:
    op.create_table(
        "audit_answers",
        sa.Column("audit_id", sa.Uuid(), nullable=False),
        sa.Column("question_key", sa.Text(), nullable=False),
        sa.Column("tool_id", sa.Uuid(), nullable=False),
        sa.Column(
            "value", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True
        ),
        sa.Column("evidence", sa.Text(), nullable=True),
        sa.Column("rationale", sa.Text(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("expected_by", sa.Date(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("team", sa.Text(), nullable=True),
        sa.Column("worker", sa.Text(), nullable=True),
        sa.Column("restricted", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column(
            "changed_xid", XID8, server_default=sa.text("pg_current_xact_id()"), nullable=False
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["audit_id", "tool_id"],
            ["audits.id", "audits.tool_id"],
            name=op.f("audit_answers_audit_id_tool_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["subjects.id"], name=op.f("audit_answers_subject_id_fkey")
        ),
        sa.ForeignKeyConstraint(["team"], ["teams.code"], name=op.f("audit_answers_team_fkey")),
        sa.ForeignKeyConstraint(
            ["tool_id", "question_key"],
            ["tool_questions.tool_id", "tool_questions.key"],
            name=op.f("audit_answers_tool_id_question_key_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["worker"], ["workers.code"], name=op.f("audit_answers_worker_fkey")
        ),
        sa.PrimaryKeyConstraint("audit_id", "question_key", name=op.f("audit_answers_pkey")),
    )
    op.create_index(
        op.f("audit_answers_changed_xid_idx"), "audit_answers", ["changed_xid"], unique=False
    )
    op.create_index(
        op.f("audit_answers_subject_id_idx"), "audit_answers", ["subject_id"], unique=False
    )


def create_audit_responses() -> None:
    op.create_table(
        "audit_responses",
        sa.Column("audit_id", sa.Uuid(), nullable=False),
        sa.Column("notified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("due_on_before", sa.Date(), nullable=True),
        sa.Column("explanation", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("policy_version", sa.Integer(), nullable=True),
        sa.Column("calendar_version", sa.Integer(), nullable=True),
        sa.Column("first_submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("first_submitted_on", sa.Date(), nullable=True),
        sa.Column("adequate_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("adequate_submitted_on", sa.Date(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("team", sa.Text(), nullable=True),
        sa.Column("worker", sa.Text(), nullable=True),
        sa.Column("restricted", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("left_state", sa.Text(), server_default="new", nullable=False),
        sa.Column(
            "aggregate",
            sa.Text(),
            sa.Computed("'audit_response'::text", persisted=True),
            nullable=False,
        ),
        sa.Column(
            "changed_xid", XID8, server_default=sa.text("pg_current_xact_id()"), nullable=False
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(due_on IS NULL) = (explanation IS NULL)",
            name=op.f("audit_responses_due_explained_check"),
        ),
        sa.CheckConstraint(
            "(due_on IS NULL) = (notified_at IS NULL)",
            name=op.f("audit_responses_due_once_notified_check"),
        ),
        sa.ForeignKeyConstraint(
            ["aggregate", "left_state", "state"],
            [
                "allowed_transitions.aggregate",
                "allowed_transitions.from_state",
                "allowed_transitions.to_state",
            ],
            name="life_cycle",
        ),
        sa.ForeignKeyConstraint(
            ["audit_id"], ["audits.id"], name=op.f("audit_responses_audit_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["calendar_version"],
            ["calendar_versions.version"],
            name=op.f("audit_responses_calendar_version_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["policy_version"],
            ["policy_versions.version"],
            name=op.f("audit_responses_policy_version_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["subjects.id"], name=op.f("audit_responses_subject_id_fkey")
        ),
        sa.ForeignKeyConstraint(["team"], ["teams.code"], name=op.f("audit_responses_team_fkey")),
        sa.ForeignKeyConstraint(
            ["worker"], ["workers.code"], name=op.f("audit_responses_worker_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("audit_responses_pkey")),
        sa.UniqueConstraint("audit_id", name=op.f("audit_responses_audit_id_key")),
    )
    op.create_index(
        op.f("audit_responses_changed_xid_idx"), "audit_responses", ["changed_xid"], unique=False
    )
    op.create_index(op.f("audit_responses_due_on_idx"), "audit_responses", ["due_on"], unique=False)
    op.create_index(
        "audit_responses_open_idx",
        "audit_responses",
        ["due_on", "id"],
        unique=False,
        postgresql_where=sa.text("state <> 'adequate'"),
    )
    op.create_index(
        op.f("audit_responses_subject_id_idx"), "audit_responses", ["subject_id"], unique=False
    )
    op.create_index(
        op.f("audit_responses_team_state_id_idx"),
        "audit_responses",
        ["team", "state", "id"],
        unique=False,
    )
    op.create_index(
        op.f("audit_responses_worker_id_idx"), "audit_responses", ["worker", "id"], unique=False
    )


def create_audit_revisions() -> None:
    op.create_table(
        "audit_revisions",
        sa.Column("audit_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("replaced_by", sa.Text(), nullable=True),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("team", sa.Text(), nullable=True),
        sa.Column("worker", sa.Text(), nullable=True),
        sa.Column("restricted", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.ForeignKeyConstraint(
            ["audit_id"], ["audits.id"], name=op.f("audit_revisions_audit_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["replaced_by"], ["workers.code"], name=op.f("audit_revisions_replaced_by_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["subjects.id"], name=op.f("audit_revisions_subject_id_fkey")
        ),
        sa.ForeignKeyConstraint(["team"], ["teams.code"], name=op.f("audit_revisions_team_fkey")),
        sa.ForeignKeyConstraint(
            ["worker"], ["workers.code"], name=op.f("audit_revisions_worker_fkey")
        ),
        sa.PrimaryKeyConstraint("audit_id", "number", name=op.f("audit_revisions_pkey")),
    )
    op.create_index(
        op.f("audit_revisions_subject_id_idx"), "audit_revisions", ["subject_id"], unique=False
    )


def create_domain_judgements() -> None:
    op.create_table(
        "domain_judgements",
        sa.Column("audit_id", sa.Uuid(), nullable=False),
        sa.Column("domain_key", sa.Text(), nullable=False),
        sa.Column("tool_id", sa.Uuid(), nullable=False),
        sa.Column("scale_code", sa.Text(), nullable=False),
        sa.Column("scale_number", sa.Integer(), nullable=False),
        sa.Column("judgement", sa.Text(), nullable=False),
        sa.Column("rationale", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("team", sa.Text(), nullable=True),
        sa.Column("worker", sa.Text(), nullable=True),
        sa.Column("restricted", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column(
            "changed_xid", XID8, server_default=sa.text("pg_current_xact_id()"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["audit_id", "tool_id"],
            ["audits.id", "audits.tool_id"],
            name=op.f("domain_judgements_audit_id_tool_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["scale_code", "scale_number", "judgement"],
            ["scale_points.scale_code", "scale_points.scale_number", "scale_points.code"],
            name=op.f("domain_judgements_scale_code_scale_number_judgement_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["subjects.id"], name=op.f("domain_judgements_subject_id_fkey")
        ),
        sa.ForeignKeyConstraint(["team"], ["teams.code"], name=op.f("domain_judgements_team_fkey")),
        sa.ForeignKeyConstraint(
            ["tool_id", "domain_key"],
            ["tool_domains.tool_id", "tool_domains.key"],
            name=op.f("domain_judgements_tool_id_domain_key_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["worker"], ["workers.code"], name=op.f("domain_judgements_worker_fkey")
        ),
        sa.PrimaryKeyConstraint("audit_id", "domain_key", name=op.f("domain_judgements_pkey")),
    )
    op.create_index(
        op.f("domain_judgements_changed_xid_idx"),
        "domain_judgements",
        ["changed_xid"],
        unique=False,
    )
    op.create_index(
        op.f("domain_judgements_subject_id_idx"), "domain_judgements", ["subject_id"], unique=False
    )


def create_family_contacts() -> None:
    op.create_table(
        "family_contacts",
        sa.Column("audit_id", sa.Uuid(), nullable=False),
        sa.Column("expected", sa.Boolean(), nullable=False),
        sa.Column("not_expected_reason", sa.Text(), nullable=True),
        sa.Column("key_worker_forewarned", sa.Boolean(), nullable=True),
        sa.Column("contact_details_checked", sa.Boolean(), nullable=True),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("team", sa.Text(), nullable=True),
        sa.Column("worker", sa.Text(), nullable=True),
        sa.Column("restricted", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column(
            "changed_xid", XID8, server_default=sa.text("pg_current_xact_id()"), nullable=False
        ),
        sa.CheckConstraint(
            "expected = (not_expected_reason IS NULL)",
            name=op.f("family_contacts_not_expected_why_check"),
        ),
        sa.ForeignKeyConstraint(
            ["audit_id"], ["audits.id"], name=op.f("family_contacts_audit_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["subjects.id"], name=op.f("family_contacts_subject_id_fkey")
        ),
        sa.ForeignKeyConstraint(["team"], ["teams.code"], name=op.f("family_contacts_team_fkey")),
        sa.ForeignKeyConstraint(
            ["worker"], ["workers.code"], name=op.f("family_contacts_worker_fkey")
        ),
        sa.PrimaryKeyConstraint("audit_id", name=op.f("family_contacts_pkey")),
    )
    op.create_index(
        op.f("family_contacts_changed_xid_idx"), "family_contacts", ["changed_xid"], unique=False
    )
    op.create_index(
        op.f("family_contacts_subject_id_idx"), "family_contacts", ["subject_id"], unique=False
    )


def create_moderation_members() -> None:
    op.create_table(
        "moderation_members",
        sa.Column("sample_id", sa.Uuid(), nullable=False),
        sa.Column("audit_id", sa.Uuid(), nullable=False),
        sa.Column("audit_type", sa.Text(), nullable=False),
        sa.Column("judgement", sa.Text(), nullable=False),
        sa.Column("audited_team", sa.Text(), nullable=True),
        sa.Column("exclusion", sa.Text(), nullable=True),
        sa.Column("stratum", sa.Text(), nullable=True),
        sa.Column("drawn", sa.Boolean(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("team", sa.Text(), nullable=True),
        sa.Column("worker", sa.Text(), nullable=True),
        sa.Column("restricted", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.ForeignKeyConstraint(
            ["audit_id"], ["audits.id"], name=op.f("moderation_members_audit_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["sample_id"], ["moderation_samples.id"], name=op.f("moderation_members_sample_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["subjects.id"], name=op.f("moderation_members_subject_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["team"], ["teams.code"], name=op.f("moderation_members_team_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["worker"], ["workers.code"], name=op.f("moderation_members_worker_fkey")
        ),
        sa.PrimaryKeyConstraint("sample_id", "audit_id", name=op.f("moderation_members_pkey")),
    )
    op.create_index(
        op.f("moderation_members_subject_id_idx"),
        "moderation_members",
        ["subject_id"],
        unique=False,
    )


def create_moderation_outcomes() -> None:
    op.create_table(
        "moderation_outcomes",
        sa.Column("sample_id", sa.Uuid(), nullable=False),
        sa.Column("audit_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("auditor", sa.Text(), nullable=False),
        sa.Column("auditor_team", sa.Text(), nullable=True),
        sa.Column("audit_type", sa.Text(), nullable=False),
        sa.Column("audit_revision", sa.Integer(), nullable=False),
        sa.Column("completed_on", sa.Date(), nullable=False),
        sa.Column("scale_code", sa.Text(), nullable=False),
        sa.Column("scale_number", sa.Integer(), nullable=False),
        sa.Column("auditor_judgement", sa.Text(), nullable=False),
        sa.Column("auditor_rationale", sa.Text(), nullable=False),
        sa.Column("moderator", sa.Text(), nullable=True),
        sa.Column("relation_to_auditor", sa.Text(), nullable=True),
        sa.Column("quality", sa.Text(), nullable=True),
        sa.Column("analysis", sa.Text(), nullable=True),
        sa.Column("themes", sa.Text(), nullable=True),
        sa.Column("observations", sa.Text(), nullable=True),
        sa.Column("contribution_to_impact", sa.Text(), nullable=True),
        sa.Column("moderated_judgement", sa.Text(), nullable=True),
        sa.Column("moderated_rationale", sa.Text(), nullable=True),
        sa.Column("action_plan_comments", sa.Text(), nullable=True),
        sa.Column("feedback_to_auditor", sa.Text(), nullable=True),
        sa.Column("moderated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("moderated_by", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("team", sa.Text(), nullable=True),
        sa.Column("worker", sa.Text(), nullable=True),
        sa.Column("restricted", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column(
            "changed_xid", XID8, server_default=sa.text("pg_current_xact_id()"), nullable=False
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "relation_to_auditor IN ('none', 'manages_auditor', 'supervises_auditor')",
            name=op.f("moderation_outcomes_relation_to_auditor_check"),
        ),
        sa.CheckConstraint(
            "(moderated_judgement IS NULL) = (moderated_at IS NULL) AND (moderated_at IS NULL) = (moderated_by IS NULL)",
            name=op.f("moderation_outcomes_judged_by_somebody_check"),
        ),
        sa.CheckConstraint(
            "(moderated_judgement IS NULL) = (moderated_rationale IS NULL)",
            name=op.f("moderation_outcomes_judgement_with_why_check"),
        ),
        sa.CheckConstraint(
            "moderator <> auditor", name=op.f("moderation_outcomes_not_own_audit_check")
        ),
        sa.ForeignKeyConstraint(
            ["audit_id"], ["audits.id"], name=op.f("moderation_outcomes_audit_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["audit_type"], ["audit_types.code"], name=op.f("moderation_outcomes_audit_type_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["auditor"], ["workers.code"], name=op.f("moderation_outcomes_auditor_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["auditor_team"], ["teams.code"], name=op.f("moderation_outcomes_auditor_team_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["moderated_by"], ["workers.code"], name=op.f("moderation_outcomes_moderated_by_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["moderator"], ["workers.code"], name=op.f("moderation_outcomes_moderator_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["sample_id"],
            ["moderation_samples.id"],
            name=op.f("moderation_outcomes_sample_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["scale_code", "scale_number", "auditor_judgement"],
            ["scale_points.scale_code", "scale_points.scale_number", "scale_points.code"],
            name="moderation_outcomes_auditor_judgement_fkey",
        ),
        sa.ForeignKeyConstraint(
            ["scale_code", "scale_number", "moderated_judgement"],
            ["scale_points.scale_code", "scale_points.scale_number", "scale_points.code"],
            name="moderation_outcomes_moderated_judgement_fkey",
        ),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["subjects.id"], name=op.f("moderation_outcomes_subject_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["team"], ["teams.code"], name=op.f("moderation_outcomes_team_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["worker"], ["workers.code"], name=op.f("moderation_outcomes_worker_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("moderation_outcomes_pkey")),
        sa.UniqueConstraint(
            "sample_id", "audit_id", name=op.f("moderation_outcomes_sample_id_audit_id_key")
        ),
    )
    op.create_index(
        op.f("moderation_outcomes_audit_id_idx"), "moderation_outcomes", ["audit_id"], unique=False
    )
    op.create_index(
        op.f("moderation_outcomes_changed_xid_idx"),
        "moderation_outcomes",
        ["changed_xid"],
        unique=False,
    )
    op.create_index(
        op.f("moderation_outcomes_moderator_idx"),
        "moderation_outcomes",
        ["moderator"],
        unique=False,
    )
    op.create_index(
        op.f("moderation_outcomes_sample_id_idx"),
        "moderation_outcomes",
        ["sample_id"],
        unique=False,
    )
    op.create_index(
        op.f("moderation_outcomes_subject_id_idx"),
        "moderation_outcomes",
        ["subject_id"],
        unique=False,
    )


def create_notifications() -> None:
    op.create_table(
        "notifications",
        sa.Column("audit_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=True),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("queued_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("explanation", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("notified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undeliverable_reason", sa.Text(), nullable=True),
        sa.Column("delivered_by", sa.Text(), nullable=True),
        sa.Column("delivered_how", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("team", sa.Text(), nullable=True),
        sa.Column("worker", sa.Text(), nullable=True),
        sa.Column("restricted", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("left_state", sa.Text(), server_default="new", nullable=False),
        sa.Column(
            "aggregate",
            sa.Text(),
            sa.Computed("'notification'::text", persisted=True),
            nullable=False,
        ),
        sa.Column(
            "changed_xid", XID8, server_default=sa.text("pg_current_xact_id()"), nullable=False
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state = 'delivered') = (notified_at IS NOT NULL)",
            name=op.f("notifications_delivered_when_notified_check"),
        ),
        sa.CheckConstraint(
            "kind IN ('information_only', 'response_required')",
            name=op.f("notifications_kind_check"),
        ),
        sa.CheckConstraint(
            "state <> 'undeliverable' OR undeliverable_reason IS NOT NULL",
            name=op.f("notifications_undeliverable_why_check"),
        ),
        sa.CheckConstraint(
            "undeliverable_reason IN ('no_allocated_worker', 'worker_left', 'restricted', 'refused', 'exhausted')",
            name=op.f("notifications_undeliverable_reason_check"),
        ),
        sa.ForeignKeyConstraint(
            ["aggregate", "left_state", "state"],
            [
                "allowed_transitions.aggregate",
                "allowed_transitions.from_state",
                "allowed_transitions.to_state",
            ],
            name="life_cycle",
        ),
        sa.ForeignKeyConstraint(
            ["audit_id"], ["audits.id"], name=op.f("notifications_audit_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["delivered_by"], ["workers.code"], name=op.f("notifications_delivered_by_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["subjects.id"], name=op.f("notifications_subject_id_fkey")
        ),
        sa.ForeignKeyConstraint(["team"], ["teams.code"], name=op.f("notifications_team_fkey")),
        sa.ForeignKeyConstraint(
            ["worker"], ["workers.code"], name=op.f("notifications_worker_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("notifications_pkey")),
    )
    op.create_index(op.f("notifications_audit_id_idx"), "notifications", ["audit_id"], unique=False)
    op.create_index(
        op.f("notifications_changed_xid_idx"), "notifications", ["changed_xid"], unique=False
    )
    op.create_index(
        "notifications_open_idx",
        "notifications",
        ["queued_until"],
        unique=False,
        postgresql_where=sa.text("state <> 'delivered'"),
    )
    op.create_index(
        op.f("notifications_subject_id_idx"), "notifications", ["subject_id"], unique=False
    )


def create_redactions() -> None:
    op.create_table(
        "redactions",
        sa.Column("audit_id", sa.Uuid(), nullable=True),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("redacted_by", sa.Uuid(), nullable=False),
        sa.Column("redacted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("team", sa.Text(), nullable=True),
        sa.Column("worker", sa.Text(), nullable=True),
        sa.Column("restricted", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column(
            "changed_xid", XID8, server_default=sa.text("pg_current_xact_id()"), nullable=False
        ),
        sa.ForeignKeyConstraint(["audit_id"], ["audits.id"], name=op.f("redactions_audit_id_fkey")),
        sa.ForeignKeyConstraint(
            ["redacted_by"], ["principals.id"], name=op.f("redactions_redacted_by_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["subjects.id"], name=op.f("redactions_subject_id_fkey")
        ),
        sa.ForeignKeyConstraint(["team"], ["teams.code"], name=op.f("redactions_team_fkey")),
        sa.ForeignKeyConstraint(["worker"], ["workers.code"], name=op.f("redactions_worker_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("redactions_pkey")),
        sa.UniqueConstraint("subject_id", "path", name=op.f("redactions_subject_id_path_key")),
    )
    op.create_index(op.f("redactions_audit_id_idx"), "redactions", ["audit_id"], unique=False)
    op.create_index(op.f("redactions_changed_xid_idx"), "redactions", ["changed_xid"], unique=False)
    op.create_index(op.f("redactions_subject_id_idx"), "redactions", ["subject_id"], unique=False)


def create_restorative_actions() -> None:
    op.create_table(
        "restorative_actions",
        sa.Column("audit_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("needed_before_closure", sa.Boolean(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("how", sa.Text(), nullable=True),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("done_by", sa.Text(), nullable=True),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("verified_by", sa.Text(), nullable=True),
        sa.Column("made_a_difference", sa.Boolean(), nullable=True),
        sa.Column("verification_note", sa.Text(), nullable=True),
        sa.Column("not_achieved_reason", sa.Text(), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancel_reason", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("team", sa.Text(), nullable=True),
        sa.Column("worker", sa.Text(), nullable=True),
        sa.Column("restricted", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("left_state", sa.Text(), server_default="new", nullable=False),
        sa.Column(
            "aggregate",
            sa.Text(),
            sa.Computed("'restorative_action'::text", persisted=True),
            nullable=False,
        ),
        sa.Column(
            "changed_xid", XID8, server_default=sa.text("pg_current_xact_id()"), nullable=False
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state = 'cancelled') = (cancel_reason IS NOT NULL)",
            name=op.f("restorative_actions_cancelled_why_check"),
        ),
        sa.CheckConstraint(
            "kind IN ('compliance', 'practice', 'safety', 'recording')",
            name=op.f("restorative_actions_kind_check"),
        ),
        sa.CheckConstraint(
            "verified_by <> done_by", name=op.f("restorative_actions_verified_by_another_check")
        ),
        sa.ForeignKeyConstraint(
            ["aggregate", "left_state", "state"],
            [
                "allowed_transitions.aggregate",
                "allowed_transitions.from_state",
                "allowed_transitions.to_state",
            ],
            name="life_cycle",
        ),
        sa.ForeignKeyConstraint(
            ["audit_id"], ["audits.id"], name=op.f("restorative_actions_audit_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["done_by"], ["workers.code"], name=op.f("restorative_actions_done_by_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["owner"], ["workers.code"], name=op.f("restorative_actions_owner_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["subjects.id"], name=op.f("restorative_actions_subject_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["team"], ["teams.code"], name=op.f("restorative_actions_team_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["verified_by"], ["workers.code"], name=op.f("restorative_actions_verified_by_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["worker"], ["workers.code"], name=op.f("restorative_actions_worker_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("restorative_actions_pkey")),
    )
    op.create_index(
        op.f("restorative_actions_audit_id_idx"), "restorative_actions", ["audit_id"], unique=False
    )
    op.create_index(
        op.f("restorative_actions_changed_xid_idx"),
        "restorative_actions",
        ["changed_xid"],
        unique=False,
    )
    op.create_index(
        "restorative_actions_open_idx",
        "restorative_actions",
        ["due_on", "id"],
        unique=False,
        postgresql_where=sa.text("state NOT IN ('verified', 'cancelled')"),
    )
    op.create_index(
        op.f("restorative_actions_owner_id_idx"),
        "restorative_actions",
        ["owner", "id"],
        unique=False,
    )
    op.create_index(
        op.f("restorative_actions_set_at_idx"), "restorative_actions", ["set_at"], unique=False
    )
    op.create_index(
        op.f("restorative_actions_subject_id_idx"),
        "restorative_actions",
        ["subject_id"],
        unique=False,
    )
    op.create_index(
        op.f("restorative_actions_team_state_id_idx"),
        "restorative_actions",
        ["team", "state", "id"],
        unique=False,
    )


def create_urgent_findings() -> None:
    op.create_table(
        "urgent_findings",
        sa.Column("audit_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("child_safe_now", sa.Text(), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("team", sa.Text(), nullable=True),
        sa.Column("worker", sa.Text(), nullable=True),
        sa.Column("restricted", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column(
            "changed_xid", XID8, server_default=sa.text("pg_current_xact_id()"), nullable=False
        ),
        sa.CheckConstraint(
            "child_safe_now IN ('yes', 'no', 'not_known')",
            name=op.f("urgent_findings_child_safe_now_check"),
        ),
        sa.CheckConstraint(
            "kind IN ('serious_safeguarding', 'other_urgent_or_significant')",
            name=op.f("urgent_findings_kind_check"),
        ),
        sa.ForeignKeyConstraint(
            ["audit_id"], ["audits.id"], name=op.f("urgent_findings_audit_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["subjects.id"], name=op.f("urgent_findings_subject_id_fkey")
        ),
        sa.ForeignKeyConstraint(["team"], ["teams.code"], name=op.f("urgent_findings_team_fkey")),
        sa.ForeignKeyConstraint(
            ["worker"], ["workers.code"], name=op.f("urgent_findings_worker_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("urgent_findings_pkey")),
    )
    op.create_index(
        op.f("urgent_findings_audit_id_idx"), "urgent_findings", ["audit_id"], unique=False
    )
    op.create_index(
        op.f("urgent_findings_changed_xid_idx"), "urgent_findings", ["changed_xid"], unique=False
    )
    op.create_index(
        op.f("urgent_findings_subject_id_idx"), "urgent_findings", ["subject_id"], unique=False
    )


def create_worker_views() -> None:
    op.create_table(
        "worker_views",
        sa.Column("audit_id", sa.Uuid(), nullable=False),
        sa.Column("view", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("team", sa.Text(), nullable=True),
        sa.Column("worker", sa.Text(), nullable=True),
        sa.Column("restricted", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.ForeignKeyConstraint(
            ["audit_id"], ["audits.id"], name=op.f("worker_views_audit_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["subjects.id"], name=op.f("worker_views_subject_id_fkey")
        ),
        sa.ForeignKeyConstraint(["team"], ["teams.code"], name=op.f("worker_views_team_fkey")),
        sa.ForeignKeyConstraint(
            ["worker"], ["workers.code"], name=op.f("worker_views_worker_fkey")
        ),
        sa.PrimaryKeyConstraint("audit_id", name=op.f("worker_views_pkey")),
    )
    op.create_index(
        op.f("worker_views_subject_id_idx"), "worker_views", ["subject_id"], unique=False
    )


def create_escalations() -> None:
    op.create_table(
        "escalations",
        sa.Column("trigger", sa.Text(), nullable=False),
        sa.Column("audit_id", sa.Uuid(), nullable=True),
        sa.Column("finding_id", sa.Uuid(), nullable=True),
        sa.Column("gate_id", sa.Uuid(), nullable=True),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("policy_version", sa.Integer(), nullable=False),
        sa.Column("calendar_version", sa.Integer(), nullable=False),
        sa.Column("explanation", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("acknowledge_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("inform_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("notified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("quality_standards_informed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("informed_by", sa.Text(), nullable=True),
        sa.Column("actions_to_be_taken", sa.Text(), nullable=True),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolved_by", sa.Text(), nullable=True),
        sa.Column("resolution", sa.Text(), nullable=True),
        sa.Column("disputed", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("disputed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("disputed_by", sa.Text(), nullable=True),
        sa.Column("dispute_reason", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("team", sa.Text(), nullable=True),
        sa.Column("worker", sa.Text(), nullable=True),
        sa.Column("restricted", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("left_state", sa.Text(), server_default="new", nullable=False),
        sa.Column(
            "aggregate",
            sa.Text(),
            sa.Computed("'escalation'::text", persisted=True),
            nullable=False,
        ),
        sa.Column(
            "changed_xid", XID8, server_default=sa.text("pg_current_xact_id()"), nullable=False
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state NOT IN ('quality_standards_informed', 'resolved') OR actions_to_be_taken IS NOT NULL OR resolution IS NOT NULL",
            name=op.f("escalations_informed_with_actions_check"),
        ),
        sa.CheckConstraint(
            "trigger IN ('urgent_finding', 'inadequate_judgement', 'closed_without_audit')",
            name=op.f("escalations_trigger_check"),
        ),
        sa.CheckConstraint(
            "disputed = (dispute_reason IS NOT NULL)", name=op.f("escalations_disputed_why_check")
        ),
        sa.ForeignKeyConstraint(
            ["aggregate", "left_state", "state"],
            [
                "allowed_transitions.aggregate",
                "allowed_transitions.from_state",
                "allowed_transitions.to_state",
            ],
            name="life_cycle",
        ),
        sa.ForeignKeyConstraint(
            ["audit_id"], ["audits.id"], name=op.f("escalations_audit_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["calendar_version"],
            ["calendar_versions.version"],
            name=op.f("escalations_calendar_version_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["disputed_by"], ["workers.code"], name=op.f("escalations_disputed_by_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["finding_id"], ["urgent_findings.id"], name=op.f("escalations_finding_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["gate_id"], ["closure_gates.id"], name=op.f("escalations_gate_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["informed_by"], ["workers.code"], name=op.f("escalations_informed_by_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["policy_version"],
            ["policy_versions.version"],
            name=op.f("escalations_policy_version_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["resolved_by"], ["workers.code"], name=op.f("escalations_resolved_by_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["subjects.id"], name=op.f("escalations_subject_id_fkey")
        ),
        sa.ForeignKeyConstraint(["team"], ["teams.code"], name=op.f("escalations_team_fkey")),
        sa.ForeignKeyConstraint(["worker"], ["workers.code"], name=op.f("escalations_worker_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("escalations_pkey")),
    )
    op.create_index(op.f("escalations_audit_id_idx"), "escalations", ["audit_id"], unique=False)
    op.create_index(
        op.f("escalations_changed_xid_idx"), "escalations", ["changed_xid"], unique=False
    )
    op.create_index(op.f("escalations_gate_id_idx"), "escalations", ["gate_id"], unique=False)
    op.create_index(
        "escalations_open_idx",
        "escalations",
        ["acknowledge_by"],
        unique=False,
        postgresql_where=sa.text("state <> 'resolved'"),
    )
    op.create_index(op.f("escalations_raised_at_idx"), "escalations", ["raised_at"], unique=False)
    op.create_index(op.f("escalations_subject_id_idx"), "escalations", ["subject_id"], unique=False)
    op.create_index(
        op.f("escalations_team_state_id_idx"), "escalations", ["team", "state", "id"], unique=False
    )


def create_family_contact_attempts() -> None:
    op.create_table(
        "family_contact_attempts",
        sa.Column("audit_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("feedback", sa.Text(), nullable=True),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("team", sa.Text(), nullable=True),
        sa.Column("worker", sa.Text(), nullable=True),
        sa.Column("restricted", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.ForeignKeyConstraint(
            ["audit_id"],
            ["family_contacts.audit_id"],
            name=op.f("family_contact_attempts_audit_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["subjects.id"], name=op.f("family_contact_attempts_subject_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["team"], ["teams.code"], name=op.f("family_contact_attempts_team_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["worker"], ["workers.code"], name=op.f("family_contact_attempts_worker_fkey")
        ),
        sa.PrimaryKeyConstraint("audit_id", "number", name=op.f("family_contact_attempts_pkey")),
    )
    op.create_index(
        op.f("family_contact_attempts_subject_id_idx"),
        "family_contact_attempts",
        ["subject_id"],
        unique=False,
    )


def create_learning_actions() -> None:
    op.create_table(
        "learning_actions",
        sa.Column("outcome_id", sa.Uuid(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("done_by", sa.Text(), nullable=True),
        sa.Column("how", sa.Text(), nullable=True),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("verified_by", sa.Text(), nullable=True),
        sa.Column("made_a_difference", sa.Boolean(), nullable=True),
        sa.Column("verification_note", sa.Text(), nullable=True),
        sa.Column("not_achieved_reason", sa.Text(), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancel_reason", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("team", sa.Text(), nullable=True),
        sa.Column("worker", sa.Text(), nullable=True),
        sa.Column("restricted", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("left_state", sa.Text(), server_default="new", nullable=False),
        sa.Column(
            "aggregate",
            sa.Text(),
            sa.Computed("'learning_action'::text", persisted=True),
            nullable=False,
        ),
        sa.Column(
            "changed_xid", XID8, server_default=sa.text("pg_current_xact_id()"), nullable=False
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state = 'cancelled') = (cancel_reason IS NOT NULL)",
            name=op.f("learning_actions_cancelled_why_check"),
        ),
        sa.CheckConstraint(
            "verified_by <> done_by", name=op.f("learning_actions_verified_by_another_check")
        ),
        sa.ForeignKeyConstraint(
            ["aggregate", "left_state", "state"],
            [
                "allowed_transitions.aggregate",
                "allowed_transitions.from_state",
                "allowed_transitions.to_state",
            ],
            name="life_cycle",
        ),
        sa.ForeignKeyConstraint(
            ["done_by"], ["workers.code"], name=op.f("learning_actions_done_by_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["outcome_id"],
            ["moderation_outcomes.id"],
            name=op.f("learning_actions_outcome_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["owner"], ["workers.code"], name=op.f("learning_actions_owner_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["set_by"], ["workers.code"], name=op.f("learning_actions_set_by_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["subjects.id"], name=op.f("learning_actions_subject_id_fkey")
        ),
        sa.ForeignKeyConstraint(["team"], ["teams.code"], name=op.f("learning_actions_team_fkey")),
        sa.ForeignKeyConstraint(
            ["verified_by"], ["workers.code"], name=op.f("learning_actions_verified_by_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["worker"], ["workers.code"], name=op.f("learning_actions_worker_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("learning_actions_pkey")),
    )
    op.create_index(
        op.f("learning_actions_changed_xid_idx"), "learning_actions", ["changed_xid"], unique=False
    )
    op.create_index(
        op.f("learning_actions_outcome_id_idx"), "learning_actions", ["outcome_id"], unique=False
    )
    op.create_index(
        op.f("learning_actions_owner_id_idx"), "learning_actions", ["owner", "id"], unique=False
    )
    op.create_index(
        op.f("learning_actions_subject_id_idx"), "learning_actions", ["subject_id"], unique=False
    )


def create_response_rounds() -> None:
    op.create_table(
        "response_rounds",
        sa.Column("response_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("explanation", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("submitted_by", sa.Text(), nullable=True),
        sa.Column("review_due_on", sa.Date(), nullable=True),
        sa.Column("review_explanation", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("reviewer", sa.Text(), nullable=True),
        sa.Column("reviewer_acts_as", sa.Text(), nullable=True),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reviewed_by", sa.Text(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("reasons", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("team", sa.Text(), nullable=True),
        sa.Column("worker", sa.Text(), nullable=True),
        sa.Column("restricted", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column(
            "changed_xid", XID8, server_default=sa.text("pg_current_xact_id()"), nullable=False
        ),
        sa.CheckConstraint(
            "outcome <> 'returned' OR reasons IS NOT NULL",
            name=op.f("response_rounds_returned_why_check"),
        ),
        sa.CheckConstraint(
            "outcome IN ('adequate', 'returned')", name=op.f("response_rounds_outcome_check")
        ),
        sa.CheckConstraint(
            "outcome IS NULL OR submitted_at IS NOT NULL",
            name=op.f("response_rounds_reviewed_once_submitted_check"),
        ),
        sa.CheckConstraint(
            "reviewed_by <> submitted_by", name=op.f("response_rounds_reviewed_by_another_check")
        ),
        sa.ForeignKeyConstraint(
            ["response_id"], ["audit_responses.id"], name=op.f("response_rounds_response_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["reviewed_by"], ["workers.code"], name=op.f("response_rounds_reviewed_by_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["reviewer"], ["workers.code"], name=op.f("response_rounds_reviewer_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["subjects.id"], name=op.f("response_rounds_subject_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["submitted_by"], ["workers.code"], name=op.f("response_rounds_submitted_by_fkey")
        ),
        sa.ForeignKeyConstraint(["team"], ["teams.code"], name=op.f("response_rounds_team_fkey")),
        sa.ForeignKeyConstraint(
            ["worker"], ["workers.code"], name=op.f("response_rounds_worker_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("response_rounds_pkey")),
        sa.UniqueConstraint(
            "response_id", "number", name=op.f("response_rounds_response_id_number_key")
        ),
    )
    op.create_index(
        op.f("response_rounds_changed_xid_idx"), "response_rounds", ["changed_xid"], unique=False
    )
    op.create_index(
        op.f("response_rounds_subject_id_idx"), "response_rounds", ["subject_id"], unique=False
    )


def create_escalation_recipients() -> None:
    op.create_table(
        "escalation_recipients",
        sa.Column("escalation_id", sa.Uuid(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=True),
        sa.Column("acts_as", sa.Text(), nullable=False),
        sa.Column("for_team", sa.Text(), nullable=True),
        sa.Column("notified_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_by", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("team", sa.Text(), nullable=True),
        sa.Column("worker", sa.Text(), nullable=True),
        sa.Column("restricted", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.ForeignKeyConstraint(
            ["acknowledged_by"],
            ["workers.code"],
            name=op.f("escalation_recipients_acknowledged_by_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["escalation_id"],
            ["escalations.id"],
            name=op.f("escalation_recipients_escalation_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["for_team"], ["teams.code"], name=op.f("escalation_recipients_for_team_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["recipient"], ["workers.code"], name=op.f("escalation_recipients_recipient_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["subjects.id"], name=op.f("escalation_recipients_subject_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["team"], ["teams.code"], name=op.f("escalation_recipients_team_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["worker"], ["workers.code"], name=op.f("escalation_recipients_worker_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("escalation_recipients_pkey")),
    )
    op.create_index(
        op.f("escalation_recipients_escalation_id_idx"),
        "escalation_recipients",
        ["escalation_id"],
        unique=False,
    )
    op.create_index(
        op.f("escalation_recipients_recipient_idx"),
        "escalation_recipients",
        ["recipient"],
        unique=False,
    )
    op.create_index(
        op.f("escalation_recipients_subject_id_idx"),
        "escalation_recipients",
        ["subject_id"],
        unique=False,
    )


def create_response_items() -> None:
    op.create_table(
        "response_items",
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("action_id", sa.Uuid(), nullable=False),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("finish_on", sa.Date(), nullable=True),
        sa.Column("reason_not_immediate", sa.Text(), nullable=True),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("team", sa.Text(), nullable=True),
        sa.Column("worker", sa.Text(), nullable=True),
        sa.Column("restricted", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.CheckConstraint(
            "(done_on IS NOT NULL AND finish_on IS NULL AND reason_not_immediate IS NULL) OR (done_on IS NULL AND finish_on IS NOT NULL AND reason_not_immediate IS NOT NULL)",
            name=op.f("response_items_done_or_dated_check"),
        ),
        sa.ForeignKeyConstraint(
            ["action_id"], ["restorative_actions.id"], name=op.f("response_items_action_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["round_id"], ["response_rounds.id"], name=op.f("response_items_round_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["subjects.id"], name=op.f("response_items_subject_id_fkey")
        ),
        sa.ForeignKeyConstraint(["team"], ["teams.code"], name=op.f("response_items_team_fkey")),
        sa.ForeignKeyConstraint(
            ["worker"], ["workers.code"], name=op.f("response_items_worker_fkey")
        ),
        sa.PrimaryKeyConstraint("round_id", "action_id", name=op.f("response_items_pkey")),
    )
    op.create_index(
        op.f("response_items_subject_id_idx"), "response_items", ["subject_id"], unique=False
    )


def load_life_cycles() -> None:
    """The rules' table of allowed steps, as it stood at this revision."""
    rows = json.loads((HERE / "data" / "0001_life_cycles.json").read_text())
    transitions = sa.table(
        "allowed_transitions",
        sa.column("aggregate"),
        sa.column("from_state"),
        sa.column("to_state"),
    )
    actions = sa.table(
        "allowed_actions",
        sa.column("aggregate"),
        sa.column("action"),
        sa.column("from_state"),
        sa.column("to_state"),
        sa.column("roles", postgresql.ARRAY(sa.Text())),
    )
    for table, name in ((transitions, "allowed_transitions"), (actions, "allowed_actions")):
        op.bulk_insert(table, [dict(zip(table.c.keys(), row, strict=True)) for row in rows[name]])
