"""The policy. A change makes a new version; what protects is made weaker by two (X3)."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, select

from qa_api import problems
from qa_api.calendars.policy_schemas import ConfirmedPolicy, NewPolicy, PolicyChange
from qa_api.changed_rights import done_at_once
from qa_api.events import ConfigurationChanged
from qa_api.models.base import new_id
from qa_api.models.events import LoggedEvent
from qa_api.models.policy import PolicyVersion
from qa_api.problems import InputError
from qa_api.rules.decision import RuleRefused
from qa_api.rules.policy import Policy
from qa_api.rules.policy_guards import weakened_by
from qa_api.rules.policy_keys import carried_into, policy_from_values
from qa_api.work import SERVICE, Work

_NOTHING_CHANGED: Final[Mapping[str, object]] = {}


async def install_policy(
    work: Work,
    values: Mapping[str, object] = _NOTHING_CHANGED,
    *,
    effective_from: date,
    reason: str,
    made_as: UUID | None = None,
) -> Policy:
    """Make a version of the authority's whole policy, in force from a London day on.

    It takes the values in force on that day (in an empty authority the procedure's own) and
    replaces those in `values`. Refuses unknown keys and values that a key does not accept. Versions
    that are scheduled for later days get the change too, as further versions, unless they set the
    key themselves.
    """
    await _take_turn_to_change_policy(work)
    before = await policy_version_on(work, effective_from)
    kept = (await work.policy(before)).values() if before else {}
    policy = await _add_version(work, {**kept, **values}, effective_from, reason, made_as)
    for later in await _scheduled_after(work, effective_from):
        carried = carried_into(later.values(), kept, values)
        if carried != later.values():
            why = f"Version {policy.version} carried on"
            await _add_version(work, carried, later.effective_from, why)
    if effective_from <= work.today:
        work.policy_version = await policy_version_on(work, work.today) or policy.version
    return policy


async def _add_version(
    work: Work,
    values: Mapping[str, object],
    effective_from: date,
    reason: str,
    made_as: UUID | None = None,
) -> Policy:
    newest = await work.session.scalar(select(func.max(PolicyVersion.version)))
    policy = policy_from_values((newest or 0) + 1, effective_from, values)
    work.session.add(
        PolicyVersion(
            version=policy.version,
            effective_from=effective_from,
            values=policy.values(),
            reason=reason,
            recorded_at=work.now,
            recorded_by=recorded_by(work),
        )
    )
    await work.session.flush()
    work.policies_of_days.clear()
    about = made_as or new_id()
    await work.record(ConfigurationChanged(about=about, what="policy", code=str(policy.version)))
    return policy


async def _scheduled_after(work: Work, day: date) -> list[Policy]:
    """What is in force from each later day on which a version takes effect, the earliest first."""
    newest_of_day = (
        select(func.max(PolicyVersion.version))
        .where(PolicyVersion.effective_from > day)
        .group_by(PolicyVersion.effective_from)
        .order_by(PolicyVersion.effective_from)
    )
    return [await work.policy(version) for version in await work.session.scalars(newest_of_day)]


async def change_policy(work: Work, made_as: UUID, given: NewPolicy) -> Policy:
    """Make a new version of the policy. Earlier decisions keep the version they were made under.

    One person cannot make a safeguard weaker. Quality & Standards are told of every other change.
    """
    if given.effective_from < work.today:
        detail = "A policy takes effect today or later."
        at = InputError.at(["effective_from"], "in-the-past", detail)
        raise problems.business_rule("policy", detail, [at])
    before, after = await policy_with(work, given.effective_from, given.changes)
    _refuse_weaker(before, after, given.changes)
    policy = await _install(work, given, made_as, given.reason)
    values = {change.key: before.values()[change.key] for change in given.changes}
    await done_at_once(
        work,
        "policy",
        made_as,
        policy_written(before.effective_from, values),
        policy_written(given.effective_from, values_of(given.changes)),
        reason=given.reason,
    )
    return policy


def _refuse_weaker(before: Policy, after: Policy, changes: Sequence[PolicyChange]) -> None:
    weaker = weakened_by(before, after)
    if not weaker:
        return
    detail = "This value would make a safeguard weaker."
    at = [
        InputError.at(["changes", place], "second-person", detail)
        for place, change in enumerate(changes)
        if change.key in weaker
    ]
    said = (
        f"One person cannot make a safeguard weaker, and this would: {', '.join(weaker)}."
        " Propose it at /v1/rights-changes, and a second person confirms it."
    )
    raise problems.business_rule("X3", said, at, code="second-person")


async def policy_with(
    work: Work, day: date, changes: Sequence[PolicyChange], at: Sequence[str] = ()
) -> tuple[Policy, Policy]:
    """The policy of a day before and after a change, under a lock: other changes wait.

    Refuses a key that is given twice or does not exist, and a value that a key does not accept;
    `at` is where the changes stand in the request.
    """
    await _take_turn_to_change_policy(work)
    keys = [change.key for change in changes]
    repeated = [
        InputError.at([*at, "changes", place, "key"], "key-repeated", "This key is given twice.")
        for place, key in enumerate(keys)
        if keys.count(key) > 1
    ]
    if repeated:
        raise problems.validation(repeated)
    version = await policy_version_on(work, day)
    before = policy_from_values(0, day, {}) if version is None else await work.policy(version)
    try:
        return before, policy_from_values(
            before.version, day, {**before.values(), **values_of(changes)}
        )
    except RuleRefused as refusal:
        place = [keys.index(refusal.field)] if refusal.field in keys else []
        found = InputError.at([*at, "changes", *place], refusal.code, refusal.message)
        raise problems.business_rule(
            refusal.clause, refusal.message, [found], code=refusal.code
        ) from None


async def install_confirmed_policy(
    work: Work, made_as: UUID, given: ConfirmedPolicy, reason: str
) -> None:
    """Make the version that two people decided on, from its day on, or from today if later."""
    day = max(given.effective_from, work.today)
    changes = ConfirmedPolicy(effective_from=day, changes=given.changes)
    await _install(work, changes, made_as, reason)


async def _install(
    work: Work, given: NewPolicy | ConfirmedPolicy, made_as: UUID, reason: str
) -> Policy:
    return await install_policy(
        work,
        values_of(given.changes),
        effective_from=given.effective_from,
        reason=reason,
        made_as=made_as,
    )


def values_of(changes: Sequence[PolicyChange]) -> dict[str, object]:
    """The new values by their keys."""
    return {change.key: change.model_dump()["value"] for change in changes}


def policy_written(day: date, values: Mapping[str, object]) -> dict[str, Any]:
    """A change of the policy as it is kept among the changes of rights."""
    changes = [{"key": key, "value": value} for key, value in values.items()]
    return {"policy": {"effective_from": day.isoformat(), "changes": changes}}


async def _take_turn_to_change_policy(work: Work) -> None:
    await work.session.execute(select(func.pg_advisory_xact_lock(func.hashtext("policy"))))


async def policy_made_as(work: Work, made_as: UUID) -> int:
    """The version that a request made, by the id chosen for it; a repeated request asks for it."""
    code = await work.session.scalar(
        select(LoggedEvent.data["code"].astext).where(LoggedEvent.about_id == made_as)
    )
    return int(code or 0)


async def policy_version_on(work: Work, day: date) -> int | None:
    """The version in force on a London day: the latest effective, the higher one on a tie."""
    version: int | None = await work.session.scalar(
        select(PolicyVersion.version)
        .where(PolicyVersion.effective_from <= day)
        .order_by(PolicyVersion.effective_from.desc(), PolicyVersion.version.desc())
        .limit(1)
    )
    return version


def recorded_by(work: Work) -> UUID | None:
    """Who made a version; null where the service itself did."""
    return None if work.actor is SERVICE else work.actor.principal_id
