"""A change of the policy that two people decide on: what makes a safeguard weaker, or any (X3)."""

from uuid import UUID

import orjson

from qa_api import problems
from qa_api.calendars.policies import (
    install_confirmed_policy,
    policy_version_on,
    policy_with,
    policy_written,
    values_of,
)
from qa_api.calendars.policy_schemas import ConfirmedPolicy
from qa_api.changed_rights import keep
from qa_api.directory.entries import refuse
from qa_api.directory.rights_checks import CLAUSE
from qa_api.models.access import RightsChange
from qa_api.models.base import new_id
from qa_api.problems import InputError, Problem
from qa_api.work import Work


async def propose(work: Work, change_id: UUID, asked: ConfirmedPolicy, reason: str) -> RightsChange:
    """Keep what shall be different, beside what the policy of its day says now."""
    if asked.effective_from < work.today:
        detail = "A policy takes effect today or later."
        refuse([InputError.at(["policy", "effective_from"], "in-the-past", detail)])
    before, _ = await policy_with(work, asked.effective_from, asked.changes, at=["policy"])
    values = {change.key: before.values()[change.key] for change in asked.changes}
    return await keep(
        work,
        change_id,
        "policy",
        new_id(),
        policy_written(before.effective_from, values),
        policy_written(asked.effective_from, values_of(asked.changes)),
        based_on=before.version,
        workers=(),
        reason=reason,
    )


async def check(work: Work, change: RightsChange) -> None:
    """Refuse where the policy of its day is another than it was when this was proposed."""
    asked = _asked(change)
    day = max(asked.effective_from, work.today)
    await policy_with(work, day, asked.changes, at=["policy"])
    if await policy_version_on(work, day) != change.based_on:
        raise changed_since()


async def apply(work: Work, change: RightsChange) -> None:
    """Make it a version of the policy."""
    await install_confirmed_policy(work, change.target_id, _asked(change), change.reason)


def changed_since() -> Problem:
    """What somebody would confirm is not what was proposed."""
    detail = "What it would change has changed since. Refuse it, and let it be proposed again."
    return problems.business_rule(CLAUSE, detail, code="changed-since")


def _asked(change: RightsChange) -> ConfirmedPolicy:
    return ConfirmedPolicy.model_validate_json(orjson.dumps(change.becomes["policy"]))
