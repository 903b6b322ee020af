"""R4.3.1: those addressed read exactly the finding, at once; the auditor what became of it."""

from uuid import UUID

import pytest
from sqlalchemy import select

from qa_api.models.access import AccessLog, Principal
from qa_api.work import Work
from tests.audits.auditing import FINDING, HEAD, MANAGER, SUPERVISOR, WORKER, Auditing
from tests.escalations.test_escalations import act, hand_over, of_audit, urgent
from tests.responses.casework import DEPUTY, Casework


@pytest.mark.parametrize("person", [MANAGER, DEPUTY, HEAD, "qs-1"])
def test_the_finding_is_read_at_once_while_the_audit_is_a_draft(
    case: Auditing, person: str
) -> None:
    finding = case.read(urgent(case), person)["finding"]
    assert finding == FINDING | {"raised_at": "2026-11-23T09:30:00.000000Z"}


@pytest.mark.parametrize("person", [MANAGER, DEPUTY, HEAD])
def test_nothing_else_of_the_draft_is_opened(case: Auditing, person: str) -> None:
    path = case.filled()
    case.accept(case.api.as_(SUPERVISOR).create(f"{path}/urgent-findings", FINDING))
    draft = case.read(path, person)
    assert draft["content_withheld"] is True
    for part in ("answers", "judgements", "urgent_findings", "actions", "revisions"):
        assert draft[part] == []
    assert (draft["family_contact"], draft["positive_feedback"]) == (None, None)
    (finding,) = case.read(path, SUPERVISOR)["urgent_findings"]
    reading = case.api.as_(person)
    assert reading.get(f"{path}/urgent-findings/{finding['id']}").status_code == 404
    key = case.read(path, SUPERVISOR)["answers"][0]["question_key"]
    assert reading.get(f"{path}/answers/{key}").status_code == 404
    assert FINDING["description"] not in reading.get("/v1/escalations?limit=500").text
    assert FINDING["description"] not in reading.get("/v1/me/work?limit=500").text


@pytest.mark.parametrize(
    ("person", "status"), [(WORKER, 403), ("au-1", 403), ("tm-boston-fast", 404), ("slt-1", 403)]
)
def test_nobody_else_reads_it(case: Auditing, person: str, status: int) -> None:
    assert case.api.as_(person).get(urgent(case)).status_code == status


def test_a_manager_who_is_asked_about_a_case_that_moved_on_reads_it_too(
    case: Auditing, casework: Casework
) -> None:
    audit = case.started("au-1", type="collaborative")
    casework.as_service(hand_over(case, "boston-fast", "sw1-boston-fast"))
    case.accept(case.api.as_("au-1").create(f"{audit}/urgent-findings", FINDING))
    (raised,) = of_audit(case, audit)
    for person in (MANAGER, "tm-boston-fast"):
        finding = case.read(f"/v1/escalations/{raised['id']}", person)["finding"]
        assert finding["description"] == FINDING["description"]
    assert case.api.as_(MANAGER).get(audit).status_code == 404


def test_what_is_not_a_finding_has_none(case: Auditing) -> None:
    audit = case.filled()
    inadequate = {"judgement": "inadequate", "rationale": "Nobody saw the child."}
    case.accept(case.api.as_(SUPERVISOR).act(f"{audit}/complete", {"overall": inadequate}))
    (raised,) = of_audit(case, audit)
    assert case.read(f"/v1/escalations/{raised['id']}", MANAGER)["finding"] is None


def test_reading_the_finding_is_logged(case: Auditing, casework: Casework) -> None:
    path = urgent(case)
    subject = UUID(case.read(path, MANAGER)["subject"]["id"])

    async def reads(work: Work) -> list[str]:
        about = AccessLog.subject_ids.contains([subject])
        worker = select(Principal.worker).where(Principal.id == AccessLog.principal_id)
        theirs = worker.scalar_subquery() == MANAGER
        return list(await work.session.scalars(select(AccessLog.operation).where(about, theirs)))

    assert casework.as_service(reads) == ["escalation:read"]


def test_the_auditor_sees_what_became_of_it_and_a_worker_does_not(case: Auditing) -> None:
    audit = case.filled("au-1", type="collaborative")
    case.accept(case.api.as_("au-1").create(f"{audit}/urgent-findings", FINDING))
    (raised,) = of_audit(case, audit)
    escalation = f"/v1/escalations/{raised['id']}"
    act(case, f"{escalation}/acknowledge", MANAGER)
    plan = {"actions_to_be_taken": "Visit today with the duty worker."}
    act(case, f"{escalation}/inform-quality-standards", MANAGER, **plan)
    (finding,) = case.read(audit, "au-1")["urgent_findings"]
    assert finding["followed"] == plan | {
        "escalation_id": raised["id"],
        "state": "quality_standards_informed",
        "acknowledged_at": "2026-11-23T09:30:00.000000Z",
        "quality_standards_informed_at": "2026-11-23T09:30:00.000000Z",
        "resolved_at": None,
        "resolution": None,
    }
    assert case.api.as_("au-1").get(escalation).status_code == 403
    good = {"judgement": "good", "rationale": "Otherwise purposeful."}
    case.accept(case.api.as_("au-1").act(f"{audit}/complete", {"overall": good}))
    (told,) = case.read(audit, WORKER)["urgent_findings"]
    assert told["followed"] is None
    (managed,) = case.read(audit, MANAGER)["urgent_findings"]
    assert managed["followed"]["state"] == "quality_standards_informed"
