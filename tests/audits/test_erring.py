"""An audit made on the wrong child leaves that child's record, when two people say so."""

from qa_api.rules.transitions import AuditState
from tests.audits.auditing import ACTION, SUPERVISOR, Auditing

WHY = {"reason": "The audit is about another child."}


def completed_with_action(case: Auditing) -> str:
    path = case.filled(actions=[ACTION])
    overall = {"overall": {"judgement": "good", "rationale": "Purposeful."}}
    case.accept(case.api.as_(SUPERVISOR).act(f"{path}/complete", overall))
    return path


def test_it_takes_two_of_quality_standards(case: Auditing) -> None:
    path = completed_with_action(case)
    assert case.api.as_("tm-lincoln-fast").act(f"{path}/record-in-error", WHY).status_code == 403
    first, second = case.api.as_("qs-1"), case.api.as_("qs-2")
    unreported = second.act(f"{path}/confirm-error")
    assert unreported.json()["code"] == "not-reported"
    assert case.accept(first.act(f"{path}/record-in-error", WHY))["error_reason"] == WHY["reason"]
    assert first.act(f"{path}/confirm-error").json()["code"] == "same-person"
    assert case.read(path)["state"] == AuditState.COMPLETED, "until then it stands"
    assert second.act(f"{path}/confirm-error").status_code == 204


def test_it_is_in_no_list_any_more_and_neither_is_what_hung_on_it(case: Auditing) -> None:
    path = completed_with_action(case)
    audit_id = path.rpartition("/")[2]
    lists = [
        f"/v1/audit-responses?audit={audit_id}",
        f"/v1/restorative-actions?audit={audit_id}",
        f"/v1/notifications?audit={audit_id}",
    ]
    assert all(case.read(each)["items"] for each in lists)
    case.accept(case.api.as_("qs-1").act(f"{path}/record-in-error", WHY))
    assert case.api.as_("qs-2").act(f"{path}/confirm-error").status_code == 204
    assert not any(case.read(each)["items"] for each in lists)
    for person in ("qs-1", SUPERVISOR, "tm-lincoln-fast", "sw1-lincoln-fast"):
        assert case.api.as_(person).get(path).status_code == 404
        waiting = case.api.as_(person).get("/v1/me/work?limit=500").json()["items"]
        assert case.ref not in {(item["subject"] or {}).get("ref") for item in waiting}


def test_a_draft_is_cancelled_not_recorded_in_error(case: Auditing) -> None:
    path = case.started()
    assert case.api.as_("qs-1").act(f"{path}/record-in-error", WHY).status_code == 409
