"""What is added about a subject is as restricted as the subject, and about nobody else."""

from collections.abc import Sequence

from qa_api.migrate import run_script

revision: str = "0086"
down_revision: str | None = "0085"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    run_script("0086_about_its_subject.sql")
