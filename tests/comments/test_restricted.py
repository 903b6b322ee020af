"""What is asked of a restricted record, and nobody with leave can answer, is in a list (X3, X8)."""

import pytest

from qa_api.auth.roles import Permission, roles_with
from tests.api import in_a_week
from tests.audits.auditing import HEAD, MANAGER, WORKER
from tests.comments.talking import replied, said, waits
from tests.comments.test_own_view import restricted
from tests.conftest import Database
from tests.responses.casework import Case, Casework
from tests.test_privileges import ask

AUDITOR = "au-1"


def withheld(case: Case, comment: str, person: str = "qs-1") -> bool:
    """Whether somebody's list says that something waits for leave, and no more."""
    items = case.api.as_(person).work("kind=grant_access")
    found = [item for item in items if item["about"] == comment.rpartition("/")[2]]
    assert all((one["subject"], one["team"]) == (None, None) for one in found)
    assert all(one["path"] == "/v1/restriction-grants" for one in found)
    return bool(found)


def let_in(case: Case, comment: str, worker: str) -> None:
    """Somebody gets leave by what waits, from whoever sees nothing of it."""
    body = {"about": comment.rpartition("/")[2], "worker": worker, "reason": "To answer."}
    leave = body | {"expires_at": in_a_week()}
    answer = case.api.as_("qs-1").create("/v1/restriction-grants", leave)
    assert answer.status_code == 201, answer.text


@pytest.mark.long
def test_a_comment_that_nobody_with_leave_can_answer_waits_for_leave(casework: Casework) -> None:
    case = casework.completed_audit(actions=1)
    open_ = said(case.api, AUDITOR, "audit", case.audit_id)
    asked = said(case.api, AUDITOR, "audit", case.audit_id, addressees=[WORKER])
    on_action = said(
        case.api, MANAGER, "restorative_action", case.action(), addressees=[WORKER, HEAD]
    )
    answered = said(case.api, AUDITOR, "audit", case.audit_id, addressees=[WORKER])
    replied(case.api, WORKER, answered)
    assert not any(withheld(case, one) for one in (open_, asked, on_action, answered))
    casework.as_service(lambda work: restricted(work, case))
    people = ("qs-1", "qs-2", WORKER, MANAGER, HEAD, AUDITOR)
    assert not any(waits(case.api, one, who) for one in (asked, on_action) for who in people)
    assert [withheld(case, one) for one in (open_, asked, on_action, answered)] == [
        *(False, True),
        *(True, False),
    ]
    assert not any(withheld(case, asked, who) for who in (WORKER, MANAGER, HEAD, "admin-1"))
    # The one whom both ask is let in by one of them: the other still lacks somebody.
    let_in(case, asked, WORKER)
    assert waits(case.api, asked, WORKER)
    assert [withheld(case, one) for one in (asked, on_action)] == [False, True]
    # With leave, and nothing to do with it any more.
    casework.reallocate(case, "sw1-boston-fast", "boston-fast")
    assert withheld(case, asked)
    let_in(case, asked, "qs-2")
    assert [withheld(case, one) for one in (asked, on_action)] == [False, False]
    assert all(waits(case.api, one, "qs-2") for one in (asked, on_action))
    case.act(f"{asked}/resolve", "qs-2")
    gone = {"about": asked.rpartition("/")[2], "worker": MANAGER, "reason": "To answer."}
    refused = case.api.as_("qs-1").create(
        "/v1/restriction-grants", gone | {"expires_at": in_a_week()}
    )
    assert refused.status_code == 404


def test_the_roles_of_the_database_are_those_of_the_service(template: Database) -> None:
    ((roles,),) = ask(template.migrate_url, "SELECT qa_commenting_roles()")
    assert roles == sorted(role.value for role in roles_with(Permission.COMMENT_WRITE))
