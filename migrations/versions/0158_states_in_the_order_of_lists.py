"""A list of one state, and what is overdue, is read in the list's order (ADR 83)."""

from collections.abc import Sequence
from typing import Final

from alembic import op

revision: str = "0158"
down_revision: str | None = "0157"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

SOONEST: Final = "(CASE WHEN due_on IS NULL THEN '9000-01-01'::date ELSE due_on END), id"
RESPONDER: Final = "(CASE WHEN handed_to IS NULL THEN worker ELSE handed_to END)"
TO_SUBMIT: Final = "state IN ('awaiting_notification', 'awaiting_response', 'returned')"
INDEXES: Final = (
    ("audit_responses", "state_soonest", f"(state, {SOONEST})"),
    ("audit_responses", "team_state_soonest", f"(team, state, {SOONEST})"),
    (
        "audit_responses",
        "responder_to_submit",
        f"({RESPONDER}, {SOONEST}) WHERE {TO_SUBMIT}",
    ),
    ("restorative_actions", "state_soonest", f"(state, {SOONEST})"),
    ("restorative_actions", "team_state_soonest", f"(team, state, {SOONEST})"),
)
REPLACED: Final = (
    "audit_responses_team_state_id_idx",
    "audit_responses_to_submit_idx",
    "restorative_actions_team_state_id_idx",
)


def upgrade() -> None:
    """No row changes, and nobody waits."""
    with op.get_context().autocommit_block():
        for table, called, what in INDEXES:
            name = f"{table}_{called}_idx"
            # An attempt that was broken off leaves one behind that is none.
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
            op.execute(
                "-- squawk-ignore prefer-robust-stmts,ban-concurrent-index-creation-in-transaction\n"
                f"CREATE INDEX CONCURRENTLY {name} ON {table} {what}"
            )
        for name in REPLACED:
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
