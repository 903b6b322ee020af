"""What people entered of a record's kind and panel date is kept as what they entered of the rest."""

from collections.abc import Sequence

from alembic import op

revision: str = "0048"
down_revision: str | None = "0047"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.execute("SELECT set_config('qa.reach', 'service', true)")
    # Whose record no event has named is one that people entered; a panel date is one that people
    # gave a household.
    op.execute(
        """
        UPDATE subjects s SET entered = s.entered || jsonb_build_object('kind',
            jsonb_build_object('value', s.kind, 'at', NULL, 'ref', s.ref))
        WHERE s.merged_into_id IS NULL AND (s.first_panel_on IS NOT NULL OR NOT EXISTS (
            SELECT FROM case_event_outcomes o WHERE o.subject_id = s.id))
        """
    )
    op.execute(
        """
        UPDATE subjects s SET entered = s.entered || jsonb_build_object('panel',
            jsonb_build_object('value', jsonb_build_array(s.first_panel_on, s.approval_ended_on),
                'at', NULL, 'ref', s.ref))
        WHERE s.first_panel_on IS NOT NULL
        """
    )
    op.execute("SELECT set_config('qa.reach', '', true)")
