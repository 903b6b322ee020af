"""A page of a list is found by an index, however deep and however much somebody audited (ADR 3)."""

from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa
from alembic import op

from qa_api.migrate import run_script

revision: str = "0144"
down_revision: str | None = "0143"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

# PostgreSQL does not know of a COALESCE that it leaks nothing: with policies on the table it is no
# condition of an index, though it gives the order.
SOONEST: Final = "(CASE WHEN due_on IS NULL THEN '9000-01-01'::date ELSE due_on END)"
DOER: Final = "(CASE WHEN owner IS NULL THEN worker ELSE owner END)"
SOONEST_FIRST: Final = (
    ("audits", ("team",), "soonest", None),
    ("audit_responses", ("team", "worker"), "soonest", None),
    (
        "audit_responses",
        ("team", "worker"),
        "awaited",
        "state IN ('awaiting_response', 'returned')",
    ),
    ("restorative_actions", ("team", "worker", "owner"), "soonest", None),
    (
        "restorative_actions",
        ("team", "worker", "owner"),
        "unsettled",
        "state NOT IN ('verified', 'cancelled')",
    ),
    ("learning_actions", ("owner", "set_by"), "soonest", None),
)


def upgrade() -> None:
    """No row changes."""
    for table, columns, name, only in SOONEST_FIRST:
        _anew(f"{table}_{name}_idx", table, [sa.text(SOONEST), "id"], only)
        for column in columns:
            _anew(f"{table}_{column}_{name}_idx", table, [column, sa.text(SOONEST), "id"], only)
    actions = "restorative_actions"
    _anew(f"{actions}_to_do_idx", actions, [sa.text(DOER)], "state IN ('open', 'planned')")
    by_doer = [sa.text(DOER), sa.text(SOONEST), "id"]
    _anew(f"{actions}_doer_soonest_idx", actions, by_doer, None)
    opened, again = "state IN ('planned', 'in_progress')", "re_audit_of IS NOT NULL"
    _made("audits_to_audit_idx", "audits", ["auditor", "subject_id"], opened)
    _made("audits_audited_again_idx", "audits", ["auditor", "re_audit_of"], again)
    run_script("0144_pages_by_index.sql")


def _anew(name: str, table: str, columns: list[str | sa.TextClause], only: str | None) -> None:
    op.execute(f"-- squawk-ignore require-concurrent-index-deletion\nDROP INDEX {name}")
    _made(name, table, columns, only)


def _made(name: str, table: str, columns: list[str | sa.TextClause], only: str | None) -> None:
    op.create_index(name, table, columns, postgresql_where=sa.text(only) if only else None)
