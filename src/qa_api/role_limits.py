"""How long a role of the service may take in the database, whoever connects as it.

The service gives each of its connections shorter limits of its own. These are for whatever else
comes in as one of its roles: a transaction that somebody leaves open holds up the seals of both
logs (ADR 25). They belong to the roles and not to a dump, so `migrate` and `restored` see to them.
"""

import logging
from typing import Any, Final

from qa_api.role_settings import Wanted, set_for_roles

log = logging.getLogger(__name__)

IDLE_IN_TRANSACTION: Final = "60s"
"""After so long the server ends a transaction that does nothing."""
STATEMENT: Final = "60s"
"""So long one statement may take."""

_LIMITS = (
    Wanted("idle_in_transaction_session_timeout", IDLE_IN_TRANSACTION, unless_limited=True),
    Wanted("statement_timeout", STATEMENT, unless_limited=True),
)


async def limit(connection: Any) -> None:
    """Set the limits that are wanting, where the owner may; else say how to.

    A limit that somebody has set stays as it is. `connection` is asyncpg's.
    """
    if left := await set_for_roles(connection, _LIMITS):
        log.warning(
            "Whoever connects as a role of the service may leave a transaction open without end,"
            " and nothing is sealed meanwhile. Let who made these roles, or a superuser, run:\n%s",
            "\n".join(left),
        )
