"""An audit of carers says which paper records were read besides the electronic one (R3.1)."""

from uuid import uuid4

from tests.api import Api, Json
from tests.audits.auditing import CONTACT, GOOD, pointers
from tests.due_audits.fostering import TYPE, Fostering

PRAISE = {"positive_feedback": "Patient and warm."}


def begun(fostering: Fostering) -> str:
    """The path of an audit of a household that lacks the note alone."""
    household = fostering.household("2025-12-01")
    plan = {"type": TYPE, "subject": household.subject, "auditor": "au-1"}
    made = fostering.api.create("/v1/audits", plan)
    assert made.status_code == 201, made.text
    path, auditor = f"/v1/audits/{made.json()['id']}", fostering.api.as_("au-1")
    for answer in (
        auditor.act(f"{path}/start"),
        auditor.change("PUT", f"{path}/family-contact", CONTACT, on=path),
        auditor.change("PATCH", path, PRAISE),
    ):
        assert answer.status_code == 200, answer.text
    return path


def test_it_is_not_complete_without_the_note_and_none_read_is_one(fostering: Fostering) -> None:
    path, auditor = begun(fostering), fostering.api.as_("au-1")
    refused = auditor.act(f"{path}/complete", {"overall": GOOD})
    assert (refused.status_code, pointers(refused)) == (422, {"/paper_records_read"})
    assert "or that none were" in refused.json()["errors"][0]["detail"]
    noted = auditor.change("PATCH", path, {"paper_records_read": "None read."})
    assert noted.status_code == 200
    done = auditor.act(f"{path}/complete", {"overall": GOOD})
    assert done.status_code == 200, done.text
    why = {"reason": "The loft was found.", "paper_records_read": "The blue file from the loft."}
    amended = auditor.act(f"{path}/amend", why)
    assert amended.json()["paper_records_read"] == "The blue file from the loft."


def test_which_types_ask_for_it_is_data_of_the_type(api: Api) -> None:
    def made(**said: object) -> Json:
        body = {
            "name": "A type",
            "clause": "§3",
            "owner": "service_area",
            "cadence": "as_required",
            "may_audit": "any_auditor",
        } | said
        answer = api.as_("qs-1").change("PUT", f"/v1/audit-types/t-{uuid4().hex[:10]}", body)
        assert answer.status_code in {200, 201}, answer.text
        return dict(answer.json())

    assert made(subject_kind="carer_household")["notes_paper_records"] is True
    assert made(subject_kind="child")["notes_paper_records"] is False
    unlike = made(subject_kind="child", notes_paper_records=True)
    assert unlike["notes_paper_records"] is True
    none = made(subject_kind="carer_household", notes_paper_records=False)
    assert none["notes_paper_records"] is False
