"""Practice observations, corrected and withdrawn; who is exempt; what people say (§4.6, X8)."""

from typing import Final

from tests.year.turn import Turn

_LATEST: Final = (
    "SELECT id, observer, recorded_by, worker, observed_on FROM practice_observations"
    " WHERE withdrawn_at IS NULL ORDER BY id DESC LIMIT 20"
)


def observe(turn: Turn) -> None:
    """A supervisor goes along with somebody of their team."""
    pair = turn.row(
        "SELECT p.subject, m.worker FROM role_assignments r JOIN principals p"
        " ON p.id = r.principal_id JOIN team_memberships m ON m.team = r.team"
        " WHERE r.role = 'practice_supervisor' AND r.valid @> $1::date AND m.valid @> $1::date"
        " AND m.worker <> p.worker ORDER BY 1, 2",
        turn.today,
    )
    record_observation(turn, pair["subject"], pair["worker"])


def record_observation(turn: Turn, observer: str, worker: str) -> None:
    """What somebody saw, today or some days ago."""
    body = {
        "observer": observer,
        "observed_on": turn.day(-turn.random.randrange(0, 3)),
        "activity": "A home visit",
        "planned": True,
        "family_consent": turn.one_of(("given", "not_given", "not_applicable")),
        "strengths": "Patient.",
        "development": "Say what comes next.",
        "worker": worker,
    }
    turn.create(observer, "/v1/practice-observations", body)


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
    "observe somebody": (observe, 6),
    "correct an observation": (correct, 2),
    "withdraw an observation": (withdraw, 2),
    "exempt from observation": (exempt, 2),
    "ask about an audit": (ask_about, 6),
}
