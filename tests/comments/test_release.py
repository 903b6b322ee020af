"""What was said stands in the child's record once it is released, and not before (X8)."""

import pytest

from tests.audits.auditing import MANAGER, SUPERVISOR, WORKER
from tests.comments.talking import read, said
from tests.responses.casework import Casework

AUDITOR = "au-1"
STALE = {"if-match": '"1.0000000000000000"'}


@pytest.mark.long
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


def test_it_stands_in_the_record_and_on_its_page_only_then(casework: Casework) -> None:
    case = casework.completed_audit()
    open_, asked, _ = (
        said(case.api, AUDITOR, "audit", case.audit_id, text=text, **more)
        for text, more in (
            ("She was seen <alone>.", {}),
            ("Ask her school.", {"addressees": [MANAGER]}),
            ("Between ourselves.", {}),
        )
    )
    subject = case.read(open_)["subject"]
    path = f"/v1/subjects/{subject['system']}/{subject['ref']}/record"
    assert case.read(path, MANAGER)["comments"] == []
    for comment in (open_, asked):
        case.act(f"{comment}/release", "qs-1")
    for person in ("qs-1", MANAGER, "hos-fast"):
        record = case.read(path, person)
        assert [one["text"] for one in record["comments"]] == [
            "She was seen <alone>.",
            "Ask her school.",
        ]
        assert record["comments"][0]["written_by"] == AUDITOR
    theirs = case.read(f"{path}?audience=subject")
    assert [one["written_by"] for one in theirs["comments"]] == [None, None]
    page = case.api.as_(MANAGER).get(path, headers={"accept": "text/html"}).text
    assert "She was seen &lt;alone&gt;." in page
    assert "Between ourselves." not in page
    place = f"/comments/{asked.rpartition('/')[2]}/text"
    hidden = case.api.as_("qs-1").create(
        path.replace("/record", "/redactions"), {"path": place, "reason": "Names the school."}
    )
    assert hidden.status_code == 201, hidden.text
    shown = case.read(path, MANAGER)["comments"][1]["text"]
    assert shown == "[redacted: Names the school.]"


def test_what_was_discussed_in_supervision_may_point_to_a_comment(casework: Casework) -> None:
    case = casework.completed_audit()
    open_ = said(case.api, SUPERVISOR, "audit", case.audit_id)
    asked = said(case.api, SUPERVISOR, "audit", case.audit_id, addressees=[WORKER])
    audit, on = f"/v1/audits/{case.audit_id}", "2027-01-04"
    step = f"{audit}/discuss-in-supervision"
    for comment in (asked, said(case.api, "qs-1", "audit", casework.completed_audit().audit_id)):
        id_ = comment.rpartition("/")[2]
        refused = case.refused(step, SUPERVISOR, discussed_on=on, comment_id=id_)
        assert refused.json()["errors"][0]["pointer"] == "/comment_id"
    marked = case.act(step, SUPERVISOR, discussed_on=on, comment_id=open_.rpartition("/")[2])
    assert marked["discussed_in_comment_id"] == open_.rpartition("/")[2]
    assert case.act(step, SUPERVISOR, discussed_on=on)["discussed_in_comment_id"] is None
