"""A conversation on the record: comments on an audit and on what follows from it (X8)."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from qa_api.migrate import run_script
from qa_api.models.base import Xid8

revision: str = "0115"
down_revision: str | None = "0114"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_TO = {
    "audit_id": "audits.id",
    "response_id": "audit_responses.id",
    "action_id": "restorative_actions.id",
    "escalation_id": "escalations.id",
    "outcome_id": "moderation_outcomes.id",
    "reply_to": "comments.id",
    "subject_id": "subjects.id",
    "team": "teams.code",
    "worker": "workers.code",
    "written_by": "workers.code",
    "resolved_by": "workers.code",
    "released_by": "workers.code",
}
_CHECKS = {
    "kind": "CASE kind WHEN 'audit' THEN question_key IS NULL"
    " WHEN 'question' THEN question_key IS NOT NULL"
    " WHEN 'audit_response' THEN response_id IS NOT NULL"
    " WHEN 'restorative_action' THEN action_id IS NOT NULL"
    " WHEN 'escalation' THEN escalation_id IS NOT NULL"
    " WHEN 'moderation_outcome' THEN outcome_id IS NOT NULL ELSE false END",
    "about_one_thing": "num_nonnulls(question_key, response_id, action_id, escalation_id,"
    " outcome_id) = (kind <> 'audit')::int AND (audit_id IS NOT NULL OR kind = 'escalation')",
    "resolved_by_whom": "(resolved_at IS NULL) = (resolved_by IS NULL)",
    "released_by_whom": "(released_at IS NULL) = (released_by IS NULL)",
    "resolved_as_a_conversation": "reply_to IS NULL OR resolved_at IS NULL",
    "text_said": r"text ~ '\S'",
    "resolved_at_in_order": "written_at <= resolved_at + interval '1 minute'",
    "released_at_in_order": "written_at <= released_at + interval '1 minute'",
}


def upgrade() -> None:
    """Two new tables; nothing that is there changes."""
    create_comments()
    create_addressees()
    run_script("0115_comments.sql")


def create_comments() -> None:
    at = sa.DateTime(timezone=True)
    op.create_table(
        "comments",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("audit_id", sa.Uuid(), nullable=True),
        sa.Column("question_key", sa.Text(), nullable=True),
        sa.Column("response_id", sa.Uuid(), nullable=True),
        sa.Column("action_id", sa.Uuid(), nullable=True),
        sa.Column("escalation_id", sa.Uuid(), nullable=True),
        sa.Column("outcome_id", sa.Uuid(), nullable=True),
        sa.Column("reply_to", sa.Uuid(), nullable=True),
        sa.Column("addressed", sa.Boolean(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("written_by", sa.Text(), nullable=False),
        sa.Column("written_at", at, nullable=False),
        sa.Column("resolved_at", at, nullable=True),
        sa.Column("resolved_by", sa.Text(), nullable=True),
        sa.Column("released_at", at, nullable=True),
        sa.Column("released_by", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("team", sa.Text(), nullable=True),
        sa.Column("worker", sa.Text(), nullable=True),
        sa.Column("restricted", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("changed_xid", Xid8(), server_default=sa.text("stamp()"), nullable=False),
        sa.Column("xid", Xid8(), server_default=sa.text("stamp()"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        *(
            sa.CheckConstraint(condition, name=op.f(f"comments_{name}_check"))
            for name, condition in _CHECKS.items()
        ),
        *(
            sa.ForeignKeyConstraint([column], [of], name=op.f(f"comments_{column}_fkey"))
            for column, of in _TO.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("comments_pkey")),
    )
    named = [column for column in _TO if column.endswith("_id")]
    for column in (*named, "reply_to", "changed_xid"):
        op.create_index(op.f(f"comments_{column}_idx"), "comments", [column])
    for column in ("team", "worker", "written_by"):
        op.create_index(op.f(f"comments_{column}_id_idx"), "comments", [column, "id"])
    op.create_index(
        "comments_asked_idx",
        "comments",
        ["id"],
        postgresql_where=sa.text("addressed AND reply_to IS NULL AND resolved_at IS NULL"),
    )


def create_addressees() -> None:
    op.create_table(
        "comment_addressees",
        sa.Column("comment_id", sa.Uuid(), nullable=False),
        sa.Column("addressee", sa.Text(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comments.id"], name=op.f("comment_addressees_comment_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["addressee"], ["workers.code"], name=op.f("comment_addressees_addressee_fkey")
        ),
        sa.PrimaryKeyConstraint("comment_id", "addressee", name=op.f("comment_addressees_pkey")),
    )
    op.create_index(op.f("comment_addressees_addressee_idx"), "comment_addressees", ["addressee"])
