"""What an escalation says of itself, for tests that write one past the service."""

from typing import Any

from qa_api.rules.deadlines import acknowledge_due, inform_due
from qa_api.work import Work


async def due_now(work: Work) -> dict[str, Any]:
    """Both deadlines of one that is raised now, and how they were counted."""
    policy, calendar = await work.policy(), await work.calendar()
    acknowledge, inform = (due(work.now, policy, calendar) for due in (acknowledge_due, inform_due))
    return {
        "acknowledge_by": acknowledge.due_at,
        "inform_by": inform.due_at,
        "policy_version": policy.version,
        "calendar_version": calendar.version,
        "explanation": {
            "raised": {},
            "acknowledge_by": acknowledge.explanation.as_json(),
            "inform_by": inform.explanation.as_json(),
        },
    }
