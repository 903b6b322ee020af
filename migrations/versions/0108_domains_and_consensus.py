"""Each judged domain is moderated, and auditor and moderator may agree on a third value (R4.5.3)."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from qa_api.migrate import run_script
from qa_api.models.base import Xid8

revision: str = "0108"
down_revision: str | None = "0107"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Samples that were drawn before have no domains of their own."""
    for column, kind in (
        ("consensus_judgement", sa.Text()),
        ("consensus_rationale", sa.Text()),
        ("consensus_proposed_at", sa.DateTime(timezone=True)),
        ("consensus_proposed_by", sa.Text()),
        ("consensus_agreed_at", sa.DateTime(timezone=True)),
        ("consensus_agreed_by", sa.Text()),
    ):
        op.add_column("moderation_outcomes", sa.Column(column, kind, nullable=True))
    op.create_table(
        "moderated_domains",
        sa.Column("outcome_id", sa.Uuid(), nullable=False),
        sa.Column("domain_key", sa.Text(), nullable=False),
        sa.Column("audit_id", sa.Uuid(), nullable=False),
        sa.Column("scale_code", sa.Text(), nullable=False),
        sa.Column("scale_number", sa.Integer(), nullable=False),
        sa.Column("auditor_judgement", sa.Text(), nullable=False),
        sa.Column("auditor_rationale", sa.Text(), nullable=False),
        sa.Column("moderated_judgement", sa.Text(), nullable=True),
        sa.Column("moderated_rationale", sa.Text(), nullable=True),
        sa.Column("consensus_judgement", sa.Text(), nullable=True),
        sa.Column("consensus_rationale", sa.Text(), nullable=True),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("team", sa.Text(), nullable=True),
        sa.Column("worker", sa.Text(), nullable=True),
        sa.Column("restricted", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("changed_xid", Xid8(), server_default=sa.text("stamp()"), nullable=False),
        *_checks(),
        *_references(),
        sa.PrimaryKeyConstraint("outcome_id", "domain_key", name=op.f("moderated_domains_pkey")),
    )
    for column in ("audit_id", "subject_id", "changed_xid"):
        op.create_index(op.f(f"moderated_domains_{column}_idx"), "moderated_domains", [column])
    run_script("0108_domains_and_consensus.sql")


def _checks() -> list[sa.CheckConstraint]:
    said = {
        "judgement_with_why": "(moderated_judgement IS NULL) = (moderated_rationale IS NULL)",
        "consensus_with_why": "(consensus_judgement IS NULL) = (consensus_rationale IS NULL)",
        "auditor_rationale_said": r"auditor_rationale ~ '\S'",
        "moderated_rationale_said": r"moderated_rationale ~ '\S'",
        "consensus_rationale_said": r"consensus_rationale ~ '\S'",
    }
    return [
        sa.CheckConstraint(condition, name=op.f(f"moderated_domains_{name}_check"))
        for name, condition in said.items()
    ]


def _references() -> list[sa.ForeignKeyConstraint]:
    to = {
        "outcome_id": "moderation_outcomes.id",
        "audit_id": "audits.id",
        "subject_id": "subjects.id",
        "team": "teams.code",
        "worker": "workers.code",
    }
    points = ["scale_points.scale_code", "scale_points.scale_number", "scale_points.code"]
    return [
        *(
            sa.ForeignKeyConstraint([column], [of], name=op.f(f"moderated_domains_{column}_fkey"))
            for column, of in to.items()
        ),
        *(
            sa.ForeignKeyConstraint(
                ["scale_code", "scale_number", f"{whose}_judgement"],
                points,
                name=f"moderated_domains_{whose}_judgement_fkey",
            )
            for whose in ("auditor", "moderated", "consensus")
        ),
    ]
