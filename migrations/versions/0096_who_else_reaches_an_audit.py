"""Who else reaches what belongs to an audit is asked by one function, once all else has been."""

from collections.abc import Sequence

from qa_api.migrate import run_script

revision: str = "0096"
down_revision: str | None = "0095"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    run_script("0096_who_else_reaches_an_audit.sql")
