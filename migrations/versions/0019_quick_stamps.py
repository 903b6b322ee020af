"""Stamps without a look at a table: the epoch is a constant until a restore (ADR 14)."""

from collections.abc import Sequence
from pathlib import Path

from qa_api.migrate import run_script

revision: str = "0019"
down_revision: str | None = "0018"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

HERE = Path(__file__).resolve().parents[1]


def upgrade() -> None:
    run_script("0019_quick_stamps.sql")
