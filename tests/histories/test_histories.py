"""Whatever many clients do at once, what each was told of a version was true.

Two services serve one database; each request goes to either. The suite sends a few hundred
requests, `./dev drill histories` 100,000.
"""

import asyncio
from collections.abc import Callable

from qa_api.auth.development import DevelopmentIssuer
from qa_api.settings import Settings
from tests.api import Api, serving
from tests.audits.auditing import ACTION, SUPERVISOR, Auditing, of_new_child
from tests.drill import SEED, share
from tests.histories.checker import counted, faults_of
from tests.histories.recording import Register, recorded

CLIENTS = 16
EACH = share(25) or 6_250


def registers(api: Api, new_ref: Callable[[], str]) -> list[Register]:
    """Two of each of three kinds: versions of an audit, of a part of one, of a thing of its own."""
    found = []
    auditor, planner = api.as_(SUPERVISOR), api.as_("qs-1")
    for _ in range(2):
        case: Auditing = of_new_child(api, new_ref)
        audit = case.started()
        case.accept(
            auditor.change("PATCH", audit, {"positive_feedback": "Warm and purposeful work."})
        )
        found.append(Register("PATCH", audit, "positive_feedback", auditor.token()))
        other = case.started()
        action = case.accept(auditor.create(f"{other}/actions", ACTION))
        path = f"{other}/actions/{action['id']}"
        found.append(Register("PUT", path, "description", auditor.token(), ACTION))
        theme = f"/v1/themes/{new_ref().lower()}"
        case.accept(planner.change("PUT", theme, {"title": "The child's voice"}))
        found.append(Register("PUT", theme, "title", planner.token()))
    return found


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
        history = asyncio.run(recorded(urls, written, clients=CLIENTS, each=EACH, seed=SEED))
    kinds, faults = counted(history), faults_of(history)
    record_property("asked", len(history))
    record_property("wrong", len(faults))
    assert not faults, "\n".join(str(fault) for fault in faults[:3])
    assert set(kinds) == {"read", "write", "refused"}, "they met each other"
