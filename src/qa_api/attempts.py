"""Trying again when two transactions got in each other's way."""

from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

import asyncpg
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.orm.exc import StaleDataError

MOST_ATTEMPTS: Final = 3
Result = TypeVar("Result")
_CONNECTION_LOST: Final = (asyncpg.InterfaceError, asyncpg.InternalClientError)  # by the moment
DRIVER_FAULTS: Final = (asyncpg.PostgresError, *_CONNECTION_LOST)
"""What the driver raises."""
GONE: Final = (OSError, *_CONNECTION_LOST)  # a time-out is an OSError
"""What is raised where the database does not answer or the connection to it is gone."""
LOCKED: Final = (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError)
"""What the driver raises where others hold what a statement needs."""
DATABASE_FAULTS: Final = (OSError, *DRIVER_FAULTS, SQLAlchemyError)
"""Whatever can go wrong with the database and the way to it."""
_RETRYABLE: Final = frozenset({"40001", "40P01", "55P03"})
"""Serialization failure, deadlock, a lock waited for too long."""


class DoneMeanwhile(asyncpg.SerializationError):  # type: ignore[misc]  # the driver is untyped
    """Another transaction has done meanwhile what this one was about to do: it looks again."""


async def in_whole_attempts(act: Callable[[], Awaitable[Result]]) -> Result:
    """Do something that opens its own transaction; try again if another transaction got in its way.

    An attempt ends completely before the next one begins: it is committed or rolled back, and its
    connection and its place are given back. Raises what the last attempt raised.
    """
    for _ in range(1, MOST_ATTEMPTS):
        try:
            return await act()
        except StaleDataError:
            continue  # another has changed a row since it was read: the next attempt reads it anew
        except (DBAPIError, asyncpg.PostgresError) as fault:
            if getattr(of_driver(fault), "sqlstate", None) not in _RETRYABLE:
                raise
    return await act()


def of_driver(fault: BaseException) -> BaseException:
    """The driver's own exception under SQLAlchemy's two wrappers; any other fault as it is."""
    if isinstance(fault, DBAPIError) and fault.orig is not None:
        return fault.orig.__cause__ or fault.orig
    return fault


def name_of(fault: BaseException) -> str:
    """What a log says of a fault: its kind. Never its text, which may repeat a row."""
    found = of_driver(fault)
    state = getattr(found, "sqlstate", None)
    return type(found).__name__ + (f" ({state})" if state else "")
