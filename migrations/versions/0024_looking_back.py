"""Whoever is assigned an audit sees what was found before about the child (R4.1.9)."""

from collections.abc import Sequence
from pathlib import Path

from qa_api.migrate import run_script

revision: str = "0024"
down_revision: str | None = "0023"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

HERE = Path(__file__).resolve().parents[1]


def upgrade() -> None:
    run_script("0024_looking_back.sql")
