"""What goes with a record goes from every JSON that is kept about it, whatever keys it has."""

from collections.abc import Sequence

from qa_api.migrate import run_script

revision: str = "0074"
down_revision: str | None = "0073"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    run_script("0074_words_of_others.sql")
