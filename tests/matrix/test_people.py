"""Whom an answer names to whom: codes of judged workers, and why somebody was away."""

from qa_api.auth.roles import Permission, Role, roles_with
from tests.matrix.walk import Walk

JUDGED = "sw1-lincoln-fast"


def test_who_moderates_an_audit_is_not_told_whose_work_it_was(walk: Walk) -> None:
    """Nor by asking for what a worker's list holds."""
    model = walk.model
    audits = [
        audit
        for audit in model.tables["audits"]
        for outcome in model.tables["moderation_outcomes"]
        if outcome["audit_id"] == audit["id"]
        and outcome["moderator"] == "au-2"
        and model.by_id["moderation_samples"][outcome["sample_id"]]["state"] == "open"
        and audit["auditor"] != "au-2"
    ]
    assert audits
    named = {
        each["id"]
        for page in walk.pages("au-2", f"/v1/audits?worker={JUDGED}")
        for each in page["items"]
    }
    for audit in audits:
        assert audit["audited_worker"] == JUDGED
        body = walk.get("au-2", f"/v1/audits/{audit['id']}").json()
        assert (body["worker"], body["audited_worker"]) == (None, None)
        assert {action["owner"] for action in body["actions"]} <= {None}
        assert str(audit["id"]) not in named


def test_who_takes_a_case_over_is_not_told_who_was_judged_before(walk: Walk) -> None:
    (audit,) = (
        audit
        for audit in walk.model.tables["audits"]
        if (audit["worker"], audit["audited_worker"]) == ("sw2-lincoln-fast", JUDGED)
    )
    path = f"/v1/audits/{audit['id']}"
    theirs = walk.get("sw2-lincoln-fast", path).json()
    assert (theirs["worker"], theirs["audited_worker"]) == ("sw2-lincoln-fast", None)
    for person in ("tm-lincoln-fast", "qs-1", "slt-1", "au-2"):
        assert walk.get(person, path).json()["audited_worker"] == JUDGED


def test_why_somebody_was_away_is_told_to_whom_it_concerns(walk: Walk) -> None:
    keeps = roles_with(Permission.DIRECTORY_WRITE) | {Role.QUALITY_STANDARDS}
    told = set()
    for name, shows in walk.people.items():
        person = shows.person
        if not walk.may_ask(person, "get_worker"):
            continue
        for worker, team in ((JUDGED, "lincoln-fast"), ("sw1-lac-north", "lac-north")):
            (absence,) = walk.get(name, f"/v1/workers/{worker}").json()["absences"]
            leads = any([*person.leads(role, team)] for role in person.roles)
            concerned = leads or person.is_(worker) or not person.roles.isdisjoint(keeps)
            assert absence["reason_code"] == ("sickness" if concerned else None), name
            assert absence["from"] == "2026-01-05"
            told.add((worker, concerned))
    assert len(told) == 4
