"""What was said stands in the child's record once it is released, and not before (X8)."""

from tests.audits.auditing import MANAGER, SUPERVISOR, WORKER
from tests.comments.talking import read, said
from tests.responses.casework import Casework

AUDITOR = "au-1"
STALE = {"if-match": '"1.0000000000000000"'}


def test_a_lead_releases_a_comment_also_after_it_is_locked(casework: Casework) -> None:
    case = casework.completed_audit(actions=0)
    comment = said(case.api, AUDITOR, "audit", case.audit_id)
    for person in (AUDITOR, WORKER, SUPERVISOR, "slt-1"):
        assert case.refused(f"{comment}/release", person).status_code == 403
    unseen = case.api.as_("tm-boston-fast").post(f"{comment}/release", headers=STALE)
    assert unseen.status_code == 404
    casework.deliver(case)
    assert read(case.api, MANAGER, comment)["locked"] is True
    released = case.act(f"{comment}/release", MANAGER)
    assert released["released_by"] == MANAGER
    again = case.refused(f"{comment}/release", "qs-1")
    assert (again.status_code, again.json()["state"]) == (409, "released")


def test_an_addressed_comment_is_released_by_quality_and_standards_alone(
    casework: Casework,
) -> None:
    case = casework.completed_audit()
    comment = said(case.api, AUDITOR, "audit", case.audit_id, addressees=[MANAGER])
    assert case.refused(f"{comment}/release", MANAGER).status_code == 403
    assert case.api.as_("hos-fast").post(f"{comment}/release", headers=STALE).status_code == 404
    assert case.act(f"{comment}/release", "qs-1")["released_by"] == "qs-1"
    # It stands in the record now; the conversation stays that of those in it.
    assert case.api.as_("hos-fast").get(comment).status_code == 404
