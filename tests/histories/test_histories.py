"""Whatever many clients do at once, what each was told of a version was true.

Two services serve one database; each request goes to either. The suite sends a few hundred
requests, `./dev drill histories` 100,000.
"""

import asyncio
from collections.abc import Callable

from qa_api.auth.development import DevelopmentIssuer
from qa_api.settings import Settings
from tests.api import Api, serving
from tests.drill import SEED, share
from tests.histories.checker import counted, faults_of
from tests.histories.recording import recorded
from tests.histories.written import registers

CLIENTS = 16
EACH = share(25) or 6_250


def test_what_each_of_many_was_told_of_a_version_was_true(
    api: Api,
    authority: Settings,
    issuer: DevelopmentIssuer,
    new_ref: Callable[[], str],
    record_property: Callable[[str, object], None],
) -> None:
    written = registers(api, new_ref)
    with serving(authority) as other:
        urls = [api.server.url, other.url]
        history = asyncio.run(
            recorded(urls, written, clients=CLIENTS, goes_on=lambda sent: sent < EACH, seed=SEED)
        )
    kinds, faults = counted(history), faults_of(history)
    record_property("asked", len(history))
    record_property("wrong", len(faults))
    assert not faults, "\n".join(str(fault) for fault in faults[:3])
    assert set(kinds) == {"read", "write", "refused"}, "they met each other"
