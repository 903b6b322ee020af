"""Every table locked before a migration begins, where it has met those who work too often.

A migration that locks one table after another, while requests do the same in an order of their own,
ends in a deadlock, and loses it: PostgreSQL ends whoever began to wait first. Here nothing has been
done yet when a table cannot be had, so all are let go of at once and that table is taken first.
"""

import time
from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from qa_api.attempts import LOCKED, of_driver

PATIENCE: Final = 15.0
"""Seconds after which the migration is left for a later try."""
WAIT: Final = "300ms"
"""How long one table is waited for: less than PostgreSQL waits before it looks for a deadlock, and
than a request waits before it is refused."""
PAUSE: Final = 0.2
"""Seconds between two rounds, in which those who waited get on."""
BUSIEST_FIRST: Final = """
SELECT format('%I.%I', schemaname, relname) FROM pg_stat_user_tables
WHERE schemaname = 'public' ORDER BY seq_scan + coalesce(idx_scan, 0) DESC, relname
"""


def take_all(connection: Connection) -> None:
    """Lock every table of the service until the transaction ends.

    Raises what PostgreSQL said last where that was not possible in time.
    """
    give_up = time.monotonic() + PATIENCE
    before = connection.exec_driver_sql("SHOW lock_timeout").scalar_one()
    connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{WAIT}'")
    order = list(connection.exec_driver_sql(BUSIEST_FIRST).scalars())
    while (refused := _first_refused(connection, order)) is not None:
        table, fault = refused
        if time.monotonic() > give_up:
            raise fault
        order.remove(table)
        order.insert(0, table)
        connection.exec_driver_sql(f"SELECT pg_sleep({PAUSE})")
    connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{before}'")


def _first_refused(connection: Connection, order: Sequence[str]) -> tuple[str, DBAPIError] | None:
    """The table that somebody else holds, and what PostgreSQL said; none is locked then."""
    table = ""
    try:
        with connection.begin_nested():
            for table in order:
                connection.exec_driver_sql(f"LOCK TABLE {table}")
    except DBAPIError as fault:
        if not isinstance(of_driver(fault), LOCKED):
            raise
        return table, fault
    return None
