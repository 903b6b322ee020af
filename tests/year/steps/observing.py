"""Practice observations, corrected and withdrawn; who is exempt; what people say (§4.6, X8)."""

from typing import Final

from tests.year.turn import Turn

_LATEST: Final = (
    "SELECT id, observer, recorded_by, worker, observed_on FROM practice_observations"
    " WHERE withdrawn_at IS NULL ORDER BY id DESC LIMIT 20"
)


def correct(turn: Turn) -> None:
    """What was recorded is corrected."""
    row = turn.row(_LATEST)
    body = {
        "observer": row["observer"],
        "observed_on": row["observed_on"].isoformat(),
        "activity": "A strategy meeting",
        "planned": False,
        "family_consent": "not_applicable",
        "strengths": "Clear.",
        "development": "Ask the child first.",
        "reason": "The form of another day.",
    }
    turn.act(row["observer"], f"/v1/practice-observations/{row['id']}/correct", body)


def withdraw(turn: Turn) -> None:
    """It never took place."""
    row = turn.row(_LATEST)
    body = {"reason": "Another worker was observed."}
    turn.act(row["observer"], f"/v1/practice-observations/{row['id']}/withdraw", body)


def exempt(turn: Turn) -> None:
    """Somebody need not be observed for a while."""
    worker = turn.row(
        "SELECT worker FROM team_memberships WHERE valid @> $1::date ORDER BY 1", turn.today
    )
    body = {"worker": worker["worker"], "from": turn.day(0), "reason": "On secondment."}
    if turn.chance(70):
        body["to"] = turn.day(60)
    turn.create("qs-1", "/v1/observation-exemptions", body)


def ask_about(turn: Turn) -> None:
    """Quality & Standards ask the auditor about a completed audit."""
    audit = turn.row(
        "SELECT id, auditor FROM audits WHERE completed_at IS NOT NULL ORDER BY id DESC LIMIT 30"
    )
    body = {
        "kind": "audit",
        "about": str(audit["id"]),
        "text": "Was the father asked?",
        "addressees": [audit["auditor"]],
    }
    turn.create("qs-2", "/v1/comments", body)


STEPS: Final = {
    "correct an observation": (correct, 1),
    "withdraw an observation": (withdraw, 1),
    "exempt from observation": (exempt, 1),
    "ask about an audit": (ask_about, 3),
}
