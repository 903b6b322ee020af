"""What hangs on an audit recorded in error is over, in both locks (R4.1.5)."""

from collections.abc import Sequence
from pathlib import Path

from alembic import op

from qa_api.migrate import run_script

revision: str = "0017"
down_revision: str | None = "0016"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

HERE = Path(__file__).resolve().parents[1]


def upgrade() -> None:
    op.execute(
        "INSERT INTO allowed_transitions VALUES ('escalation', 'acknowledged', 'resolved'),"
        " ('escalation', 'notified', 'resolved'), ('escalation', 'raised', 'resolved')"
        " ON CONFLICT DO NOTHING"
    )
    run_script("0017_standing.sql")
