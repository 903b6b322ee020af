"""People do what stands in their lists: whatever waits for somebody, that person can settle.

Who acts is not known here. It is whoever the service says it waits for, so every move, leaver and
reorganisation is followed, and a list that names somebody who may not act is found.
"""

from collections.abc import Callable
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from tests.api import Json
from tests.year.calling import Failed
from tests.year.steps.auditing import Settled, carry_out
from tests.year.steps.moderating import agree, assign_moderator, moderate
from tests.year.steps.observing import record_observation
from tests.year.turn import NothingToDo, Refused, Turn, kind_of

_PEOPLE: Final = """
SELECT DISTINCT p.subject,
       r.role IN ('quality_standards', 'team_manager', 'practice_supervisor') AS often
FROM principals p JOIN role_assignments r ON r.principal_id = p.id
JOIN workers w ON w.code = p.worker AND (w.leaves_on IS NULL OR w.leaves_on >= $1::date)
WHERE p.disabled_at IS NULL AND r.valid @> $1::date ORDER BY 1, 2
"""
_MOST: Final = 6
Do = Callable[[Turn, str, Json], None]


def do_what_waits(turn: Turn) -> None:
    """Somebody looks at their list, and does some of it, what is due first."""
    person = _somebody(turn)
    items = turn.get(person, "/v1/me/work?limit=20")["items"]
    waiting = [item for item in items if item["kind"] != "told"]
    if not waiting:
        raise NothingToDo
    first = turn.random.randrange(min(3, len(waiting)))
    for item in waiting[first : first + turn.random.randrange(1, _MOST)]:
        settle(turn, person, item)


def settle(turn: Turn, person: str, item: Json) -> None:
    """Do one thing of somebody's list. A rule may refuse it; what is listed can be looked at, and
    what a record says somebody may do is not forbidden to them.
    """
    act = _DOES[item["kind"], item["path"].partition("?")[0].split("/")[2]]
    try:
        act(turn, person, item)
    except Refused as refused:
        if refused.slug not in {"forbidden", "not-found"} or not _still_waits(turn, person, item):
            return
        what = f"{item['kind']} {kind_of(item['path'])}"
        try:
            shown = turn.get(person, item["path"])
        except Refused as hidden:
            raise Failed(f"{what} is listed and cannot be seen") from hidden
        if refused.step in shown.get("allowed_actions", ()):
            raise Failed(f"{what}: {refused.step} is allowed, and {refused}") from refused


def _still_waits(turn: Turn, person: str, item: Json) -> bool:
    items = turn.get(person, f"/v1/me/work?limit=500&kind={item['kind']}")["items"]
    return any(one["about"] == item["about"] for one in items)


def _somebody(turn: Turn) -> str:
    rows = turn.place.rows(_PEOPLE, turn.today)
    often = [row["subject"] for row in rows if row["often"]]
    people: list[str] = often if turn.chance(60) else [row["subject"] for row in rows]
    return turn.one_of(people)


def _assign(turn: Turn, person: str, item: Json) -> None:
    audit = turn.get(person, item["path"])
    among = _auditors(turn, audit)
    auditor = person if person in among else turn.one_of(among)
    try:
        turn.act(person, f"{item['path']}/assign", {"auditor": auditor})
    except Refused as refused:
        if refused.slug != "forbidden" or auditor == person:
            raise
        # Who leads gives it to somebody; a supervisor can only take it on, if they audit at all.
        turn.act(person, f"{item['path']}/assign", {"auditor": person})


def _auditors(turn: Turn, audit: Json) -> list[str]:
    """A supervisor or manager of the team; for other types any auditor."""
    rows = turn.place.rows(
        "SELECT p.worker, r.team FROM principals p JOIN role_assignments r"
        " ON r.principal_id = p.id JOIN role_assignments a ON a.principal_id = p.id"
        " JOIN workers w ON w.code = p.worker AND (w.leaves_on IS NULL OR w.leaves_on >= $1)"
        " WHERE a.role = 'auditor' AND a.valid @> $1::date AND r.valid @> $1::date"
        " AND p.worker IS NOT NULL ORDER BY 1, 2",
        turn.today,
    )
    of_team = [row["worker"] for row in rows if row["team"] == audit["team"]]
    return of_team or [row["worker"] for row in rows]


def _carry_out(turn: Turn, person: str, item: Json) -> None:
    """What they did before may have ended another audit, which is owed no more."""
    try:
        carry_out(turn, person, item["path"])
    except Settled as settled:
        if _still_waits(turn, person, item):
            what = f"{item['kind']} {kind_of(item['path'])}"
            raise Failed(f"{what} is listed and is open no more") from settled


def _confirm_error(turn: Turn, person: str, item: Json) -> None:
    step = "confirm-error" if turn.chance(70) else "withdraw-error"
    turn.act(person, f"{item['path']}/{step}")


def _respond(turn: Turn, person: str, item: Json) -> None:
    response = turn.get(person, item["path"])
    found = turn.get(person, f"/v1/restorative-actions?audit={response['audit_id']}")["items"]
    items: list[Json] = []
    for action in found:
        if action["state"] not in {"open", "planned"}:
            continue
        said: Json = {"action": action["id"], "how": "As agreed."}
        if turn.chance(50):
            said["done_on"] = turn.day(0)
        else:
            said |= {
                "finish_on": turn.day(turn.random.randrange(3, 40)),
                "not_immediate_because": "The school must be asked.",
            }
        items.append(said)
    body: Json = {"items": items}
    if person != response["worker"]:
        body["on_behalf"] = True
    turn.act(person, f"{item['path']}/submit", body)


def _review(turn: Turn, person: str, item: Json) -> None:
    returned = {"outcome": "returned", "reasons": "Say more."}
    body = returned if turn.chance(25) else {"outcome": "adequate"}
    turn.act(person, f"{item['path']}/review", body)


def _notify_by_hand(turn: Turn, person: str, item: Json) -> None:
    body = {"by": person, "how": "In supervision.", "at": turn.instant(minutes=-10)}
    turn.act(person, f"{item['path']}/record-delivery", body)


def _do_action(turn: Turn, person: str, item: Json) -> None:
    path = item["path"]
    action = turn.get(person, path)
    if person not in {action["owner"], action["worker"]}:
        # Whoever leads the team of somebody who is gone or away names another.
        turn.act(person, f"{path}/reassign", {"owner": person, "reason": "Nobody else is here."})
    elif turn.chance(20):
        step = "replan" if action["state"] == "planned" else "plan"
        why = {"reason": "The school is closed."} if step == "replan" else {}
        finish = {"finish_on": turn.day(turn.random.randrange(2, 30))}
        turn.act(person, f"{path}/{step}", finish | why)
    else:
        turn.act(person, f"{path}/complete", {"done_on": turn.day(0), "how": "Done together."})


def _verify_action(turn: Turn, person: str, item: Json) -> None:
    if turn.chance(15):
        body = {"reason": "Nobody saw it.", "finish_on": turn.day(10)}
        turn.act(person, f"{item['path']}/not-achieved", body)
        return
    verified: Json = {"made_a_difference": turn.chance(80), "note": "Seen on the file."}
    turn.act(person, f"{item['path']}/verify", verified)


def _acknowledge(turn: Turn, person: str, item: Json) -> None:
    turn.act(person, f"{item['path']}/acknowledge")


def _inform(turn: Turn, person: str, item: Json) -> None:
    body = {"actions_to_be_taken": "A visit today."}
    turn.act(person, f"{item['path']}/inform-quality-standards", body)


def _resolve(turn: Turn, person: str, item: Json) -> None:
    turn.act(person, f"{item['path']}/resolve", {"resolution": "Visited; the child is safe."})


def _approve_override(turn: Turn, person: str, item: Json) -> None:
    turn.act(person, f"{item['path']}/approve-override")


def _do_learning(turn: Turn, person: str, item: Json) -> None:
    action = turn.get(person, item["path"])
    if person == action["owner"]:
        turn.act(person, f"{item['path']}/complete", {"done_on": turn.day(0)})
    else:
        turn.act(person, f"{item['path']}/cancel", {"reason": "Their owner has left."})


def _verify_learning(turn: Turn, person: str, item: Json) -> None:
    if turn.chance(20):
        turn.act(
            person, f"{item['path']}/not-achieved", {"reason": "Not yet.", "due_on": turn.day(20)}
        )
        return
    turn.act(person, f"{item['path']}/verify", {"made_a_difference": True})


def _observe(turn: Turn, person: str, item: Json) -> None:
    record_observation(turn, person, _asked(item, "worker"))


def _record_highlights(turn: Turn, person: str, item: Json) -> None:
    body = {
        "team": _asked(item, "team"),
        "quarter": _asked(item, "quarter"),
        "topic": "Direct work",
        "highlight": "Tools are known, but seldom brought along.",
        "routed_to": turn.one_of(("learning_development", "practice_advisor")),
    }
    turn.create(person, "/v1/learning-highlights", body)


def _answer_highlight(turn: Turn, person: str, item: Json) -> None:
    turn.act(person, f"{item['path']}/answer", {"what_was_done": "Two workshops."})


def _begin_update(turn: Turn, person: str, item: Json) -> None:
    body = {"service": _asked(item, "service"), "quarter": _asked(item, "quarter")}
    turn.create(person, "/v1/qa-updates", body)


def _complete_update(turn: Turn, person: str, item: Json) -> None:
    parts = ("activity", "learning", "good_practice", "changes_made", "evidence_of_impact")
    said = dict.fromkeys((*parts, "risks", "next_quarter"), "As planned.")
    turn.put(person, item["path"], said)
    turn.act(person, f"{item['path']}/submit")


def _confirm_rights(turn: Turn, person: str, item: Json) -> None:
    if turn.chance(10):
        turn.act(person, f"{item['path']}/refuse", {"reason": "Not agreed."})
        return
    turn.act(person, f"{item['path']}/confirm")


def _look_into(turn: Turn, person: str, item: Json) -> None:
    turn.act(person, f"{item['path']}/look-into", {"outcome": "explained"})


def _reply(turn: Turn, person: str, item: Json) -> None:
    turn.create(person, f"{item['path']}/replies", {"text": "It was."})


def _accept_hand_over(turn: Turn, person: str, item: Json) -> None:
    turn.act(person, f"{item['path']}/{'accept' if turn.chance(80) else 'withdraw'}")


def _grant(turn: Turn, person: str, item: Json) -> None:
    who = turn.one_of([each for each in ("qs-1", "qs-2", "hos-fast") if each != person])
    body = {
        "about": item["about"],
        "worker": who,
        "reason": "Does the work.",
        "expires_at": turn.instant(days=10),
    }
    turn.create(person, "/v1/restriction-grants", body)


def _claim(turn: Turn, person: str, item: Json) -> None:
    found = turn.get(person, "/v1/case-system-references?claimed=false")["items"]
    reference = turn.one_of(found)
    table = "workers" if reference["kind"] == "worker" else "teams"
    code = turn.row(f"SELECT code FROM {table} ORDER BY code")["code"]
    turn.act(person, f"/v1/case-system-references/{reference['id']}/claim", {"code": code})


def _decide_removal(turn: Turn, person: str, item: Json) -> None:
    if turn.chance(75):
        turn.act(person, f"{item['path']}/approve")
        return
    turn.act(person, f"{item['path']}/cancel", {"reason": "Not now."})


def _do_decision(turn: Turn, person: str, item: Json) -> None:
    turn.act(person, f"{item['path']}/complete", {"how": "Done."})


def _nothing(turn: Turn, person: str, item: Json) -> None:
    """What is settled elsewhere: by appointing somebody."""


def _asked(item: Json, name: str) -> Any:
    """What the query of an entry's path says."""
    return parse_qs(urlsplit(item["path"]).query)[name][0]


_DOES: Final[dict[tuple[str, str], Do]] = {
    ("assign", "audits"): _assign,
    ("complete", "audits"): _carry_out,
    ("confirm_error", "audits"): _confirm_error,
    ("respond", "audit-responses"): _respond,
    ("review", "audit-responses"): _review,
    ("notify_by_hand", "notifications"): _notify_by_hand,
    ("do", "restorative-actions"): _do_action,
    ("verify", "restorative-actions"): _verify_action,
    ("acknowledge", "escalations"): _acknowledge,
    ("inform_quality_standards", "escalations"): _inform,
    ("resolve", "escalations"): _resolve,
    ("approve_override", "closure-gates"): _approve_override,
    ("assign_moderator", "moderation-samples"): assign_moderator,
    ("moderate", "moderation-samples"): moderate,
    ("agree", "moderation-samples"): agree,
    ("do", "learning-actions"): _do_learning,
    ("verify", "learning-actions"): _verify_learning,
    ("observe", "observation-compliance"): _observe,
    ("answer", "learning-highlights"): _answer_highlight,
    ("record_highlights", "learning-highlight-returns"): _record_highlights,
    ("begin", "qa-updates"): _begin_update,
    ("complete", "qa-updates"): _complete_update,
    ("do", "board-decisions"): _do_decision,
    ("approve_removal", "retention-runs"): _decide_removal,
    ("confirm_rights", "rights-changes"): _confirm_rights,
    ("look_into", "unusual-reads"): _look_into,
    ("reply", "comments"): _reply,
    ("accept_hand_over", "hand-overs"): _accept_hand_over,
    ("grant_access", "restriction-grants"): _grant,
    ("claim_references", "case-system-references"): _claim,
    ("appoint", "role-assignments"): _nothing,
}

STEPS: Final = {"somebody does what waits for them": (do_what_waits, 180)}
