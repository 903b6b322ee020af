"""What says why is never blank, and what follows a step is not before it.

What is there already is not looked at: it is held to this when it is next written.
"""

from collections.abc import Sequence

from qa_api.migrate import run_script

revision: str = "0095"
down_revision: str | None = "0094"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    run_script("0095_said_and_in_order.sql")
