"""A right needs the change of two people behind it; a role is held on some day."""

from collections.abc import Sequence

from qa_api.migrate import run_script

revision: str = "0077"
down_revision: str | None = "0076"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    run_script("0077_rights_by_two.sql")
