"""What PostgreSQL is told for a role of the service in this database, whoever connects as it.

Some of it only a superuser can set, or somebody whom a superuser lets; for a role that another
made, only whoever administers it. What cannot be set is returned as statements, for somebody who
may run them.
"""

from collections.abc import Iterable
from typing import Any

import asyncpg

from qa_api.rules.unchanging import Unchanging

ROLES = ("qa_app", "qa_read")


class Wanted(Unchanging):
    """A setting and its value."""

    name: str
    value: str
    unless_limited: bool = False
    """A limit: whatever else was set stays, as long as it is one (0 is none)."""


# What holds for a role in this database: what is set for both, else for the role, else for all,
# else for the server; not what whoever asks has for themselves.
_WANTING = r"""
SELECT format('ALTER ROLE %I IN DATABASE %I SET %s = %L;', role, current_database(), name, wanted)
FROM unnest($1::text[]) AS role,
     unnest($2::text[], $3::text[], $4::boolean[]) AS asked (name, wanted, is_limit),
     LATERAL (SELECT coalesce(
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
        (SELECT CASE WHEN source IN ('user', 'database user', 'client', 'session') THEN boot_val
                ELSE setting END FROM pg_settings server WHERE server.name = asked.name)
     ) AS held) AS now
WHERE CASE WHEN is_limit THEN held ~ '^0+\D*$' ELSE held IS DISTINCT FROM wanted END
ORDER BY role, name
"""


async def set_for_roles(connection: Any, wanted: Iterable[Wanted]) -> list[str]:
    """Set what is wanting, where the connection may; gives the statements that are left.

    `connection` is asyncpg's.
    """
    asked = [*wanted]
    given = (
        [*ROLES],
        [one.name for one in asked],
        [one.value for one in asked],
        [one.unless_limited for one in asked],
    )

    async def wanting() -> list[str]:
        return [row[0] for row in await connection.fetch(_WANTING, *given)]

    for statement in await wanting():
        try:
            await connection.execute(statement)
        except asyncpg.InsufficientPrivilegeError:
            continue
    return await wanting()
