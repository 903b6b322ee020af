"""From when on closings of a kind are audited: what was closed before there was a type stands."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0065"
down_revision: str | None = "0064"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

# Since when a type has been there is on no record: until now a closing that its kind has an audit
# for has always needed it.
AS_IT_IS = """
INSERT INTO audited_closings (id, subject_kind)
SELECT gen_random_uuid(), subject_kind FROM audit_types
WHERE active AND cadence = 'every_closure' GROUP BY subject_kind
"""


def upgrade() -> None:
    at = sa.DateTime(timezone=True)
    op.create_table(
        "audited_closings",
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("since", at, nullable=True),
        sa.Column("until", at, nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "subject_kind IN ('child', 'carer_household')",
            name=op.f("audited_closings_subject_kind_check"),
        ),
        sa.CheckConstraint("since <= until", name=op.f("audited_closings_order_check")),
        sa.PrimaryKeyConstraint("id", name=op.f("audited_closings_pkey")),
    )
    op.create_index(
        "audited_closings_one_now",
        "audited_closings",
        ["subject_kind"],
        unique=True,
        postgresql_where=sa.text("until IS NULL"),
    )
    op.execute("GRANT SELECT, INSERT, UPDATE ON audited_closings TO qa_app")
    op.execute("GRANT SELECT ON audited_closings TO qa_read, qa_backup")
    op.execute(AS_IT_IS)
