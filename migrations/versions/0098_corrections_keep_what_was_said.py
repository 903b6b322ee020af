"""A correction is compared with what its observation says before anything is written anew."""

from collections.abc import Sequence

from qa_api.migrate import run_script

revision: str = "0098"
down_revision: str | None = "0097"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    run_script("0098_corrections_keep_what_was_said.sql")
