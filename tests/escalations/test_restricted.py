"""X3: of a restricted record work goes to those with leave; else Q&S sees that it waits."""

from uuid import UUID

import pytest
from sqlalchemy import select

from qa_api.models.subjects import Subject
from qa_api.subjects.service import restrict
from qa_api.work import Work
from tests.api import Json, in_a_week
from tests.audits.auditing import HEAD, MANAGER, Auditing
from tests.escalations.test_escalations import act, urgent
from tests.responses.casework import Casework


def restricted(case: Auditing, casework: Casework) -> str:
    """The path of the escalation of a finding about a child whose record was then restricted."""
    path = urgent(case)

    async def close(work: Work) -> None:
        subject = (await work.session.scalars(select(Subject).where(Subject.ref == case.ref))).one()
        await restrict(work, subject, "staff")

    casework.as_service(close)
    return path


def entries(case: Auditing, person: str, about: str, kind: str = "grant_access") -> list[Json]:
    """What somebody's list holds about one record."""
    items = case.api.as_(person).work(f"kind={kind}")
    return [item for item in items if item["about"] == about]


def let_in(case: Auditing, about: str, worker: str, person: str = "qs-1") -> Json:
    body = {
        "about": about,
        "worker": worker,
        "reason": "Leads the team.",
        "expires_at": in_a_week(),
    }
    return case.accept(case.api.as_(person).create("/v1/restriction-grants", body))


@pytest.mark.long
def test_where_nobody_has_leave_q_and_s_sees_that_something_waits_and_no_more(
    case: Auditing, casework: Casework
) -> None:
    path = restricted(case, casework)
    escalation_id = path.rpartition("/")[2]
    for person in (MANAGER, HEAD, "qs-1"):
        assert case.api.as_(person).get(path).status_code == 404
        assert entries(case, person, escalation_id, "acknowledge") == []
    (entry,) = entries(case, "qs-1", escalation_id)
    assert (entry["subject"], entry["team"], entry["path"]) == (
        None,
        None,
        "/v1/restriction-grants",
    )
    assert entries(case, MANAGER, escalation_id) == entries(case, HEAD, escalation_id) == []


@pytest.mark.long
def test_a_grant_on_it_puts_it_into_the_list_of_whom_it_lets_in(
    case: Auditing, casework: Casework
) -> None:
    path = restricted(case, casework)
    escalation_id = path.rpartition("/")[2]
    let_in(case, escalation_id, MANAGER)
    assert entries(case, "qs-1", escalation_id) == []
    (entry,) = entries(case, MANAGER, escalation_id, "acknowledge")
    assert entry["path"] == path
    assert case.read(path, MANAGER)["finding"]["child_safe_now"] == "not_known"
    assert case.api.as_("qs-1").get(path).status_code == 404
    assert act(case, f"{path}/acknowledge", MANAGER)["state"] == "acknowledged"


@pytest.mark.long
def test_it_goes_to_the_next_in_line_who_has_leave(case: Auditing, casework: Casework) -> None:
    path = restricted(case, casework)
    escalation_id = path.rpartition("/")[2]
    let_in(case, escalation_id, HEAD)
    assert len(entries(case, HEAD, escalation_id, "acknowledge")) == 1
    assert act(case, f"{path}/acknowledge", HEAD)["recipients"][0]["acknowledged_by"] == HEAD


@pytest.mark.long
def test_leave_that_has_ended_puts_it_before_q_and_s_again(
    case: Auditing, casework: Casework, at: object
) -> None:
    assert callable(at)
    escalation_id = restricted(case, casework).rpartition("/")[2]
    let_in(case, escalation_id, MANAGER)
    at("2027-01-04T09:30:00Z")
    assert len(entries(case, "qs-1", escalation_id)) == 1
    assert entries(case, MANAGER, escalation_id, "acknowledge") == []


def test_nobody_lets_themselves_in_by_it_and_others_find_nothing(
    case: Auditing, casework: Casework
) -> None:
    about = restricted(case, casework).rpartition("/")[2]
    body = {"about": about, "worker": "qs-1", "reason": "To act.", "expires_at": in_a_week()}
    assert case.api.as_("qs-1").create("/v1/restriction-grants", body).status_code == 422
    assert case.api.as_(MANAGER).create("/v1/restriction-grants", body).status_code == 403
    unknown = body | {"about": str(UUID(int=7)), "worker": MANAGER}
    assert case.api.as_("qs-1").create("/v1/restriction-grants", unknown).status_code == 404


def test_what_is_not_restricted_is_not_found_by_it(case: Auditing) -> None:
    about = urgent(case).rpartition("/")[2]
    assert entries(case, "qs-1", about) == []
    body = {"about": about, "worker": MANAGER, "reason": "To act.", "expires_at": in_a_week()}
    assert case.api.as_("qs-1").create("/v1/restriction-grants", body).status_code == 404
