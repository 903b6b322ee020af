"""An error on a restricted record waits for who can be let in; learning from one for nobody."""

from collections.abc import Sequence

from qa_api.migrate import run_script

revision: str = "0045"
down_revision: str | None = "0044"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    run_script("0045_withheld_errors.sql")
