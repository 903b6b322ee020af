"""How often tables that grow are read from end to end while events are taken."""

from collections.abc import Awaitable, Callable
from typing import Final

from qa_api.work import Work
from tests.responses.casework import Service

Act = Callable[[Work], Awaitable[object]]

GROWING: Final = (
    "case_event_outcomes",
    "case_events",
    "case_system_references",
    "closure_gates",
    "events",
    "subject_aliases",
    "subjects",
)
"""What events of years past are written to."""
_AS_IF_SMALL: Final = (
    "SET LOCAL seq_page_cost = 0; SET LOCAL cpu_tuple_cost = 0; SET LOCAL cpu_operator_cost = 0;"
    " SET LOCAL random_page_cost = 1000000"
)
"""To read a table from end to end seems cheap, as it is where a table is nearly empty."""
_COUNTED: Final = """
SELECT sum(seq_scan)::int AS scans,
    bool_and(n_tup_ins > 0) FILTER (WHERE relname <> 'case_system_references') AS all_written
FROM pg_stat_xact_user_tables WHERE relname = ANY($1)
"""
"""What a case system calls somebody is written once."""


class _Counted(Exception):
    """Ends the work, so that nothing is kept."""


def scans(service: Service, *acts: Act) -> list[int]:
    """How often such a table is read from end to end while each takes events, checks included.

    All in one transaction, which plans as while the tables are nearly empty, and keeps nothing.
    """
    found: list[int] = []

    async def act(work: Work) -> None:
        await work.driver.execute(_AS_IF_SMALL)
        before = 0
        for take in acts:
            await take(work)
            await work.flush()
            await work.driver.execute("SET CONSTRAINTS ALL IMMEDIATE")
            await work.driver.execute("SET CONSTRAINTS ALL DEFERRED")
            counted = await work.driver.fetchrow(_COUNTED, GROWING)
            assert counted is not None
            assert counted["all_written"]
            found.append(counted["scans"] - before)
            before = counted["scans"]
        raise _Counted

    try:
        service.work(act)
    except _Counted:
        return found
    raise AssertionError("nothing was counted")
