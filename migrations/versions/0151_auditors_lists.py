"""An auditor's page of actions, responses, comments and moderated audits is found by an index (ADR 76)."""

from collections.abc import Sequence
from typing import Final

from alembic import op

from qa_api.migrate import run_script

revision: str = "0151"
down_revision: str | None = "0150"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

TABLES: Final = ("restorative_actions", "audit_responses", "comments")
SOONEST: Final = "(CASE WHEN due_on IS NULL THEN '9000-01-01'::date ELSE due_on END)"
INDEXES: Final = {
    "restorative_actions_auditor_soonest_idx": f"restorative_actions (auditor, {SOONEST}, id)",
    "restorative_actions_auditor_unsettled_idx": f"restorative_actions (auditor, {SOONEST}, id)"
    " WHERE state NOT IN ('verified', 'cancelled')",
    "audit_responses_auditor_soonest_idx": f"audit_responses (auditor, {SOONEST}, id)",
    "audit_responses_auditor_awaited_idx": f"audit_responses (auditor, {SOONEST}, id)"
    " WHERE state IN ('awaiting_response', 'returned')",
    "comments_auditor_id_idx": "comments (auditor, id)",
    "audits_subject_id_id_idx": "audits (subject_id, id)",
    "audits_auditor_changed_at_id_idx": "audits (auditor, changed_at, id)",
    "restorative_actions_subject_soonest_idx": f"restorative_actions (subject_id, {SOONEST}, id)",
    "comments_subject_id_id_idx": "comments (subject_id, id)",
    "moderation_outcomes_moderator_completed_on_id_idx": "moderation_outcomes"
    " (moderator, completed_on, id)",
    "moderation_outcomes_auditor_completed_on_id_idx": "moderation_outcomes"
    " (auditor, completed_on, id)",
    "moderation_outcomes_completed_on_id_idx": "moderation_outcomes (completed_on, id)",
    "moderation_outcomes_sample_id_moderator_idx": "moderation_outcomes (sample_id, moderator)",
}
BEGUN_BY_OTHERS: Final = (
    "audits_subject_id_idx",
    "restorative_actions_subject_id_idx",
    "comments_subject_id_idx",
    "moderation_outcomes_moderator_idx",
    "moderation_outcomes_sample_id_idx",
)
"""Indexes whose columns begin others now."""


def upgrade() -> None:
    """What is there already is filled in piece by piece, while people work.

    An attempt that was broken off is begun anew.
    """
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} ADD COLUMN IF NOT EXISTS auditor text")
        op.execute(f"DROP TRIGGER IF EXISTS keep_auditor ON {table}")
    op.execute("DROP TRIGGER IF EXISTS pass_on_auditor ON audits")
    run_script("0151_auditors_lists.sql")
    with op.get_context().autocommit_block():
        _fill_in("restorative_actions", "audits f", "f.id = r.audit_id AND r.set_at IS NOT NULL")
        _fill_in("audit_responses", "audits f", "f.id = r.audit_id")
        _fill_in("comments", "audits f", "f.id = r.audit_id AND r.outcome_id IS NULL")
        _fill_in("comments", "moderation_outcomes f", "f.id = r.outcome_id")
        for name, on in INDEXES.items():
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
            op.execute(
                "-- squawk-ignore prefer-robust-stmts,ban-concurrent-index-creation-in-transaction\n"
                f"CREATE INDEX CONCURRENTLY {name} ON {on}"
            )
        for name in BEGUN_BY_OTHERS:
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")


def _fill_in(table: str, source: str, joined: str) -> None:
    """A thousand rows at a time, each piece a transaction.

    It is no change of the row that anybody is told of: neither its stamp nor when it was changed moves,
    and nothing is asked of it that is asked of changes. Row by row by the index, or each piece would
    read the whole of the other table while nobody can write this one.
    """
    op.execute("SET enable_hashjoin = off")
    op.execute("SET enable_mergejoin = off")
    op.execute(
        f"""DO $do$
DECLARE
    after uuid := '00000000-0000-0000-0000-000000000000';
    upto uuid;
BEGIN
    LOOP
        SELECT id INTO upto FROM {table} WHERE id > after ORDER BY id OFFSET 999 LIMIT 1;
        ALTER TABLE {table} DISABLE TRIGGER USER;
        UPDATE {table} r SET auditor = f.auditor FROM {source}
        WHERE {joined} AND r.id > after AND (upto IS NULL OR r.id <= upto)
        AND r.auditor IS DISTINCT FROM f.auditor;
        ALTER TABLE {table} ENABLE TRIGGER USER;
        COMMIT;
        EXIT WHEN upto IS NULL;
        after := upto;
    END LOOP;
END $do$"""  # noqa: S608  # names of this file
    )
    op.execute("RESET enable_hashjoin")
    op.execute("RESET enable_mergejoin")
