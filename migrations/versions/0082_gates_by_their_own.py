"""A gate moves by what concerns itself: its own audit, its own child, the reason told of it."""

from collections.abc import Sequence

from qa_api.migrate import run_script

revision: str = "0082"
down_revision: str | None = "0081"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    run_script("0082_gates_by_their_own.sql")
