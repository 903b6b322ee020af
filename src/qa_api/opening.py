"""How a piece of work begins: who calls, what is in force and a request's key, in one statement."""

from dataclasses import replace
from functools import cache
from typing import Final
from uuid import UUID

from qa_api.auth.actor import finding_the_caller
from qa_api.db import Prepared
from qa_api.rules.unchanging import Unchanging


class RequestKey(Unchanging):
    """The Idempotency-Key of a request as it is kept, and the id of what the request makes."""

    digest: str
    """Of the key and the address that it is for."""
    fingerprint: str
    """Of what is asked for."""
    created_id: UUID


_VERSIONS_IN_FORCE = """
    (SELECT version FROM policy_versions WHERE effective_from <= {today}
     ORDER BY effective_from DESC, version DESC LIMIT 1) AS policy_version,
    (SELECT max(version) FROM calendar_versions) AS calendar_version"""
IN_FORCE: Final = f"SELECT {_VERSIONS_IN_FORCE.format(today='$1')}"
PLANNED_ONCE: Final = "set_config('plan_cache_mode', 'force_generic_plan', true)"
"""Has PostgreSQL keep the plans of what follows in a transaction.

To plan the document that a change answers takes ten times as long as to read it. By itself
PostgreSQL compares what it guesses with values and without; rows that were counted anew in between
made it plan each answer of a connection, for as long as that was open (ADR 13).
"""
OPEN_AS_SERVICE: Final = (
    "SELECT set_config('qa.reach', 'service', true) AS guard, set_config('qa.now', $2, true), "
    + _VERSIONS_IN_FORCE.format(today="$1")
)
TAKE_KEY: Final = """
    INSERT INTO idempotency_keys (principal_id, digest, fingerprint, created_id, at)
    SELECT {who}, {digest}, {fingerprint}, {created_id}, {now}{found}
    ON CONFLICT DO NOTHING RETURNING created_id"""


@cache
def opening(*, planned_once: bool = False) -> Prepared:
    """`finding_the_caller`, with the versions in force. `planned_once`: see `PLANNED_ONCE`."""
    context = finding_the_caller()
    in_force = _VERSIONS_IN_FORCE.format(today=_place(context, "today"))
    plans = f", {PLANNED_ONCE}" if planned_once else ""
    sql = f"SELECT opened.*, {in_force}{plans} FROM ({context.sql}) opened"  # noqa: S608  # constants
    return replace(context, sql=sql)


@cache
def opening_with_key() -> Prepared:
    """The same, planned once, and takes the request's key, unless they may not do this.

    `key_taken` is null where the key was taken before. Whoever has taken it and not yet committed
    is waited for.
    """
    context = finding_the_caller()
    context = replace(context, order=(*context.order, "digest", "fingerprint", "created_id"))
    places = {name: _place(context, name) for name in context.order}
    taken = TAKE_KEY.format(
        who="opened.principal_id", found=" FROM opened WHERE opened.permitted", **places
    )
    in_force = _VERSIONS_IN_FORCE.format(today=places["today"])
    sql = f"""WITH opened AS MATERIALIZED ({context.sql}), taken AS ({taken})
SELECT opened.*, {in_force}, {PLANNED_ONCE}, (SELECT created_id FROM taken) AS key_taken
FROM opened"""  # noqa: S608  # constants
    return replace(context, sql=sql)


def _place(context: Prepared, name: str) -> str:
    return f"${context.order.index(name) + 1}"
