"""What waits for somebody is found by indexes, and who must act today in one go (ADR 17, ADR 75)."""

from collections.abc import Sequence
from typing import Final

from alembic import op

from qa_api.migrate import run_script

revision: str = "0150"
down_revision: str | None = "0149"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

SOONEST: Final = "(CASE WHEN due_on IS NULL THEN '9000-01-01'::date ELSE due_on END)"
STANDS_ON: Final = f"(CASE WHEN missed_on IS NOT NULL THEN missed_on ELSE {SOONEST} END)"
DOER: Final = "(CASE WHEN owner IS NULL THEN worker ELSE owner END)"
RESPONDER: Final = "(CASE WHEN handed_to IS NULL THEN worker ELSE handed_to END)"
OPEN_AUDITS: Final = "state IN ('planned', 'in_progress')"
TO_SUBMIT: Final = "state IN ('awaiting_notification', 'awaiting_response', 'returned')"
INDEXES: Final = (
    ("audits", "to_complete", f"auditor, {SOONEST}, id", OPEN_AUDITS),
    ("audits", "restricted_open", "id", f"restricted AND {OPEN_AUDITS}"),
    ("audit_responses", "to_submit", RESPONDER, TO_SUBMIT),
    ("audit_responses", "restricted_open", "id", "restricted AND state <> 'adequate'"),
    (
        "restorative_actions",
        "doer_to_do",
        f"{DOER}, {STANDS_ON}, id",
        "state IN ('open', 'planned')",
    ),
    (
        "restorative_actions",
        "restricted_open",
        "id",
        "restricted AND state NOT IN ('verified', 'cancelled')",
    ),
    ("response_rounds", "submitted_by", "submitted_by", "submitted_by IS NOT NULL"),
    ("response_rounds", "on_behalf_of", "on_behalf_of", "on_behalf_of IS NOT NULL"),
)


def upgrade() -> None:
    """No row changes, and nobody waits."""
    with op.get_context().autocommit_block():
        for table, called, columns, only in INDEXES:
            name = f"{table}_{called}_idx"
            # An attempt that was broken off leaves one behind that is none.
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
            op.execute(
                "-- squawk-ignore prefer-robust-stmts,ban-concurrent-index-creation-in-transaction\n"
                f"CREATE INDEX CONCURRENTLY {name} ON {table} ({columns}) WHERE {only}"
            )
        # The new one finds the same, and in the order of a work list.
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS restorative_actions_to_do_idx")
    run_script("0150_who_acts_in_one_go.sql")
    run_script("0150_work_found_by_index.sql")
