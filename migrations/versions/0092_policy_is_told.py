"""A version of the policy is told, and kept as the change that it is."""

from collections.abc import Sequence

from qa_api.migrate import run_script

revision: str = "0092"
down_revision: str | None = "0091"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    run_script("0092_policy_is_told.sql")
