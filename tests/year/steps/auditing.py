"""Audits: planned, carried out, given up, amended; what is urgent (§4.1, §4.3)."""

import json
from functools import cache
from typing import Any, Final
from uuid import UUID

from qa_api.audits.schemas import AuditEdit
from qa_api.auth.roles import Permission
from qa_api.demo.authority import demo_authority
from qa_api.rules.states import AUDIT_OPEN
from tests.api import Json
from tests.audits.auditing import answer_to
from tests.audits.filling import fill_in
from tests.year.steps.closing import SUBJECTS
from tests.year.turn import Turn

_GRADES: Final = ("outstanding", *(("good",) * 4), *(("requires_improvement",) * 3), "inadequate")
_TYPES: Final = ("closure", "collaborative", "collaborative", "tac", "iro-review", "cp-chair")
_AUDITORS: Final = """
SELECT p.subject FROM principals p JOIN role_assignments r ON r.principal_id = p.id
JOIN workers w ON w.code = p.worker AND (w.leaves_on IS NULL OR w.leaves_on >= $1)
WHERE r.role = 'auditor' AND r.valid @> $1::date AND p.worker IS NOT NULL ORDER BY 1
"""


def plan(turn: Turn) -> None:
    """Quality & Standards plan an audit, mostly with its auditor."""
    child = turn.row(f"{SUBJECTS} ORDER BY id")
    body: Json = {
        "type": turn.one_of(_TYPES),
        "subject": {"system": child["system"], "ref": child["ref"]},
        "due_on": turn.day(turn.random.randrange(5, 40)),
    }
    if turn.chance(80):
        body["auditor"] = turn.row(_AUDITORS, turn.today)["subject"]
    turn.create("qs-1", "/v1/audits", body)


class Settled(Exception):
    """What was to be done is open no more, by what somebody did before."""


def carry_out(turn: Turn, person: str, path: str) -> None:
    """An auditor begins an audit, or goes on, and mostly completes it."""
    audit = turn.get(person, path)
    if audit["state"] not in AUDIT_OPEN:
        raise Settled
    if audit["state"] == "planned":
        audit = turn.act(person, f"{path}/start")
    if turn.chance(6):
        turn.create(person, f"{path}/urgent-findings", _finding(turn))
    if turn.chance(12):
        return
    grade = turn.one_of(_GRADES)
    if not audit["answers"]:
        _fill(turn, person, UUID(audit["id"]), audit["tool_id"], grade)
    elif turn.chance(30):
        turn.create(person, f"{path}/actions", _action(turn))
    overall = None if audit["overall_asked"] == "none" else _judged(grade)
    turn.act(person, f"{path}/complete", {"overall": overall})


def amend(turn: Turn) -> None:
    """A completed audit is amended by its auditor."""
    audit = turn.row(
        "SELECT id, auditor, scale_code FROM audits WHERE completed_at IS NOT NULL"
        " AND recorded_in_error_at IS NULL ORDER BY id DESC LIMIT 30"
    )
    body: Json = {"reason": "A visit was overlooked.", "overall": _judged(turn.one_of(_GRADES))}
    if turn.chance(40):
        body["actions"] = [_action(turn)]
    turn.act(audit["auditor"], f"/v1/audits/{audit['id']}/amend", body)


def cancel(turn: Turn) -> None:
    """An audit that nobody needs any more."""
    audit = turn.row(
        "SELECT id FROM audits WHERE state IN ('planned', 'in_progress') ORDER BY id DESC LIMIT 30"
    )
    turn.act("qs-1", f"/v1/audits/{audit['id']}/cancel", {"reason": "Planned twice."})


def find_something_urgent(turn: Turn) -> None:
    """Something urgent about an audit, whatever its state (R4.3.1)."""
    audit = turn.row(
        "SELECT id, auditor FROM audits WHERE auditor IS NOT NULL ORDER BY id DESC LIMIT 30"
    )
    turn.create(audit["auditor"], f"/v1/audits/{audit['id']}/urgent-findings", _finding(turn))


def dispute(turn: Turn) -> None:
    """A manager disputes an escalation."""
    row = turn.row(
        "SELECT e.id, r.recipient FROM escalations e JOIN escalation_recipients r"
        " ON r.escalation_id = e.id WHERE e.resolved_at IS NULL AND r.recipient IS NOT NULL"
        " ORDER BY e.id DESC, r.id LIMIT 10"
    )
    body = {"reason": "The visit took place."}
    turn.act(row["recipient"], f"/v1/escalations/{row['id']}/dispute", body)


def _fill(turn: Turn, person: str, audit: UUID, tool: str, grade: str) -> None:
    code = turn.place.rows("SELECT code FROM audit_tools WHERE id = $1", UUID(tool))[0]["code"]
    answers, domains = _asked(code)
    contact: Json = {
        "expected": True,
        "key_worker_forewarned": True,
        "contact_details_checked": True,
        "contacts": [
            {
                "who": "mother",
                "how": "telephone",
                "at": turn.instant(hours=-1),
                "outcome": turn.one_of(("spoken", "spoken", "not_reached", "declined")),
            }
        ],
    }
    actions = tuple(_action(turn) for _ in range(turn.one_of((0, 0, 1, 1, 2, 3))))
    edit = AuditEdit(positive_feedback="Warm direct work.")
    if code == "carers":
        edit = AuditEdit(positive_feedback="Warm.", paper_records_read="The blue file.")

    async def fill(work: Any) -> None:
        await fill_in(
            work,
            audit,
            judgements=dict.fromkeys(domains, _judged(grade)),
            contact=contact,
            edit=edit,
            answers=json.loads(answers),
            actions=actions,
        )

    turn.do(person, Permission.AUDIT_CARRY_OUT, fill)


@cache
def _asked(tool: str) -> tuple[str, tuple[str, ...]]:
    """An answer to each question of a tool that applies, as JSON, and the domains it judges."""
    draft = next(draft for _, draft in demo_authority().tools if draft.code == tool)
    given: dict[str, Json] = {}
    for domain in draft.domains:
        for question in domain.questions:
            when = question.applies_when
            if when is None or given.get(when.question, {}).get("value") in when.answered:
                given[question.key] = answer_to(question)
    return json.dumps(given), tuple(domain.key for domain in draft.domains if domain.judged)


def _judged(grade: str) -> Json:
    return {"judgement": grade, "rationale": "The file shows it."}


def _action(turn: Turn) -> Json:
    return {
        "kind": turn.one_of(("recording", "practice", "safety", "compliance")),
        "description": "See the child alone.",
        "needed_before_closure": turn.chance(50),
    }


def _finding(turn: Turn) -> Json:
    return {
        "kind": turn.one_of(("serious_safeguarding", "other_urgent_or_significant")),
        "description": "Nobody has visited since the allegation.",
        "child_safe_now": turn.one_of(("yes", "no", "not_known")),
    }


STEPS: Final = {
    "plan an audit": (plan, 18),
    "amend an audit": (amend, 6),
    "cancel an audit": (cancel, 3),
    "find something urgent": (find_something_urgent, 3),
    "dispute an escalation": (dispute, 3),
}
