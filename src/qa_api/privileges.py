"""What a database offers to everybody and the service needs nowhere.

PostgreSQL lets PUBLIC make temporary objects and large ones. Temporary objects come first in every
search path: a function that runs with its owner's rights would read the table that its caller made.
What is withdrawn here belongs to the database and not to its tables, so no dump carries it and no
migration is the place for it: `migrate` and `restored` withdraw it each time.
"""

import logging
from typing import Any

log = logging.getLogger(__name__)

_OF_DATABASE = """
SELECT format('REVOKE CREATE, TEMPORARY ON DATABASE %I FROM PUBLIC, qa_app, qa_read, qa_backup;',
              current_database())
WHERE EXISTS (SELECT FROM unnest(ARRAY['qa_app', 'qa_read', 'qa_backup']) AS role
              WHERE has_database_privilege(role, current_database(), 'CREATE')
              OR has_database_privilege(role, current_database(), 'TEMPORARY'))
UNION ALL
SELECT 'REVOKE CREATE ON SCHEMA public FROM PUBLIC, qa_app, qa_read, qa_backup;'
WHERE EXISTS (SELECT FROM unnest(ARRAY['qa_app', 'qa_read', 'qa_backup']) AS role
              WHERE has_schema_privilege(role, 'public', 'CREATE'))
"""

# Of PostgreSQL's own functions, which its superuser owns.
_OF_LARGE_OBJECTS = """
SELECT format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC;', oid::regprocedure)
FROM pg_proc
WHERE pronamespace = 'pg_catalog'::regnamespace
AND (proname LIKE 'lo\\_%' OR proname IN ('loread', 'lowrite'))
AND has_function_privilege('qa_app', oid, 'EXECUTE')
ORDER BY oid
"""


async def withdraw(connection: Any) -> None:
    """Withdraw what nobody needs, where the owner may; say what is left and how to.

    Where the owner may not, PostgreSQL warns and changes nothing. `connection` is asyncpg's.
    """
    for statement in await _still_granted(connection):
        await connection.execute(statement)
    if left := await _still_granted(connection):
        log.warning(
            "The service's roles may do more in this database than they need. Let a superuser run"
            " in it:\n%s",
            "\n".join(left),
        )


async def _still_granted(connection: Any) -> list[str]:
    """The statements that withdraw what is still granted."""
    asked = (_OF_DATABASE, _OF_LARGE_OBJECTS)
    return [row[0] for question in asked for row in await connection.fetch(question)]
