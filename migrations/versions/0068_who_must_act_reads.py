"""Who must act reads what it is about while they must; an escalation is acknowledged by who is asked.

Nothing that is kept changes.
"""

from collections.abc import Sequence

from qa_api.migrate import run_script

revision: str = "0068"
down_revision: str | None = "0067"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    run_script("0068_who_must_act_reads.sql")
