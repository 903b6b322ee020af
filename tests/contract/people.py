"""Who may do what an operation asks for, in the authority of a test."""

from collections.abc import Mapping
from typing import Final

from tests.conftest import Database
from tests.kept import KEPT

_WHO: Final = """
SELECT assignment.role, principal.subject
FROM role_assignments assignment JOIN principals principal ON principal.id = assignment.principal_id
WHERE principal.disabled_at IS NULL AND assignment.valid @> current_date
ORDER BY assignment.role, principal.subject
"""


def in_each_role(database: Database) -> Mapping[str, list[str]]:
    """Everybody who holds a role today, by role and in the order of their names."""
    found: dict[str, list[str]] = {}
    for role, subject in KEPT.ask(database.migrate_url, lambda kept: kept.fetch(_WHO)):
        found.setdefault(role, []).append(subject)
    return found
