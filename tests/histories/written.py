"""What the clients of a history read and write."""

from collections.abc import Callable

from tests.api import Api
from tests.audits.auditing import ACTION, SUPERVISOR, Auditing, of_new_child
from tests.histories.recording import Register


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
