"""What the database's own log says of a row that it refuses: its constraint, and not its words.

By default PostgreSQL tells the whole row that breaks a constraint, and the values of a slow
statement. Only a superuser decides that, or whom one lets: so `migrate` and `restored` set it for
the service's roles in this database where they may, and print the statements where they may not.
A server that is set so for everybody is asked nothing.
"""

import logging
from typing import Any

import asyncpg

log = logging.getLogger(__name__)

# What holds for a role in this database: what is set for both, else for the role, else for all.
_TALKATIVE = """
SELECT format('ALTER ROLE %I IN DATABASE %I SET %s = %s;', role, current_database(), name, wanted)
FROM unnest(ARRAY['qa_app', 'qa_read']) AS role,
     (VALUES ('log_error_verbosity', 'terse'),
             ('log_parameter_max_length', '0'),
             ('log_parameter_max_length_on_error', '0')) AS quiet (name, wanted)
WHERE wanted IS DISTINCT FROM coalesce(
    (SELECT split_part(said, '=', 2)
     FROM pg_db_role_setting s
     LEFT JOIN pg_database d ON d.oid = s.setdatabase
     LEFT JOIN pg_roles r ON r.oid = s.setrole,
     unnest(s.setconfig) AS said
     WHERE split_part(said, '=', 1) = name
     AND (s.setrole = 0 OR r.rolname = role)
     AND (s.setdatabase = 0 OR d.datname = current_database())
     ORDER BY s.setrole <> 0 AND s.setdatabase <> 0 DESC, s.setrole <> 0 DESC
     LIMIT 1),
    (SELECT boot.setting FROM pg_settings boot WHERE boot.name = quiet.name))
ORDER BY role, name
"""


async def quieten(connection: Any) -> None:
    """Keep rows out of the database's log, where the owner may; else say how to.

    `connection` is asyncpg's.
    """
    for statement in await _still_talkative(connection):
        try:
            await connection.execute(statement)
        except asyncpg.InsufficientPrivilegeError:
            continue
    if left := await _still_talkative(connection):
        log.warning(
            "The database's own log may tell rows, and so what people wrote. Let a superuser run"
            " in it:\n%s",
            "\n".join(left),
        )


async def _still_talkative(connection: Any) -> list[str]:
    """The statements that are still to be run."""
    return [row[0] for row in await connection.fetch(_TALKATIVE)]
