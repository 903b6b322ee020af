"""What is drawn for moderation is added by its draw, and says what its audit says."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from qa_api.migrate import run_script
from qa_api.models.base import Xid8

revision: str = "0091"
down_revision: str | None = "0090"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("moderation_samples", sa.Column("xid", Xid8(), nullable=True))
    run_script("0091_witness_of_draws.sql")
