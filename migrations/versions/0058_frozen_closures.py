"""What case systems told stands, and a gate moves for its reasons alone."""

from collections.abc import Sequence

from qa_api.migrate import run_script

revision: str = "0058"
down_revision: str | None = "0057"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    run_script("0058_frozen_closures.sql")
