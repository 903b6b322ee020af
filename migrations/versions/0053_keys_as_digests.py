"""The keys of requests are kept as digests, so that no path and no key names a child there."""

from collections.abc import Sequence

from qa_api.migrate import run_script

revision: str = "0053"
down_revision: str | None = "0052"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    run_script("0053_keys_as_digests.sql")
