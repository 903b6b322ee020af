"""What the database's own log says of a row that it refuses: its constraint, and not its words.

By default PostgreSQL tells the whole row that breaks a constraint, and the values of a slow
statement. Only a superuser decides that, or whom one lets: so `migrate` and `restored` set it for
the service's roles in this database where they may, and print the statements where they may not.
A server that is set so for everybody is asked nothing.
"""

import logging
from typing import Any

from qa_api.role_settings import Wanted, set_for_roles

log = logging.getLogger(__name__)

_QUIET = (
    Wanted("log_error_verbosity", "terse"),
    Wanted("log_parameter_max_length", "0"),
    Wanted("log_parameter_max_length_on_error", "0"),
)


async def quieten(connection: Any) -> None:
    """Keep rows out of the database's log, where the owner may; else say how to.

    `connection` is asyncpg's.
    """
    if left := await set_for_roles(connection, _QUIET):
        log.warning(
            "The database's own log may tell rows, and so what people wrote. Let a superuser run"
            " in it:\n%s",
            "\n".join(left),
        )
