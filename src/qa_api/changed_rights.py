"""Recording every change of whom somebody reaches, or who is told of what (X3).

Two people give a right. Other changes touch no right, but change whom it reaches: a team's service,
a worker's team, an endpoint, a figure of the policy. One person makes these at once. They are
recorded and reported as changes of rights are: Quality & Standards have them in their list until
one of them takes note. They are not told of their own changes; what a command imports is on the
event log.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from qa_api.alerts import alert_role
from qa_api.auth.roles import Role
from qa_api.events import RightsChangeMoved
from qa_api.models.access import RightsChange
from qa_api.models.base import new_id
from qa_api.rules.alerts import AlertKind
from qa_api.rules.states import RightsChangeState
from qa_api.rules.transitions import next_state
from qa_api.rules.unchanging import Unchanging
from qa_api.work import SERVICE, Work

Written = Mapping[str, Any]
"""A right as JSON, under the name of what it is of."""


class Related(Unchanging):
    """One thing that decides whom somebody reaches or who is told, and on which days."""

    relation: str
    value: str
    from_: date | None = None
    to: date | None = None
    """The first day on which it no longer holds."""

    def as_json(self) -> dict[str, str | None]:
        """As it is kept and shown."""
        return {
            "relation": self.relation,
            "value": self.value,
            "from": None if self.from_ is None else self.from_.isoformat(),
            "to": None if self.to is None else self.to.isoformat(),
        }


async def keep(
    work: Work,
    change_id: UUID,
    what: str,
    target_id: UUID,
    was: Written | None,
    becomes: Written,
    *,
    based_on: int | None,
    workers: Collection[str],
    reason: str,
) -> RightsChange:
    """Keep what somebody proposes, and who may confirm it as the policy says today."""
    change = RightsChange(
        id=change_id,
        what=what,
        target_id=target_id,
        state=RightsChangeState.PROPOSED,
        was=None if was is None else dict(was),
        becomes=dict(becomes),
        based_on=based_on,
        workers=sorted(workers),
        reason=reason,
        confirmer=(await work.policy()).rights_confirmed_by.value,
        policy_version=work.policy_version,
        proposed_by=work.actor.principal_id,
        proposed_at=work.now,
    )
    work.session.add(change)
    await work.session.flush()
    return change


async def record_move(work: Work, change: RightsChange) -> None:
    """Record on the event log where a change of rights stands."""
    moved = RightsChangeMoved(
        about=change.id, what=change.what, target_id=change.target_id, state=change.state
    )
    await work.record(moved)


async def record_and_alert(work: Work, change: RightsChange) -> None:
    """Record it on the event log, and alert Quality & Standards."""
    await record_move(work, change)
    await alert_role(work, Role.QUALITY_STANDARDS, AlertKind.RIGHTS_CHANGED, change.id)


async def done_at_once(
    work: Work,
    what: str,
    target_id: UUID,
    was: Written | None,
    becomes: Written,
    *,
    workers: Collection[str] = (),
    reason: str,
) -> None:
    """Keep what an administrator has just done by themselves, and tell Quality & Standards."""
    if work.actor is SERVICE or Role.ADMINISTRATOR not in work.actor.roles:
        return
    change = await keep(
        work,
        new_id(),
        what,
        target_id,
        was,
        becomes,
        based_on=None,
        workers=workers,
        reason=reason,
    )
    change.state = next_state("rights_change", change.state, "make")
    await record_and_alert(work, change)


async def reach_changed(
    work: Work,
    what: str,
    code: str,
    target_id: UUID,
    *,
    before: Iterable[Related],
    after: Iterable[Related],
    workers: Collection[str] = (),
    reason: str,
) -> None:
    """Record and report what is different now, if anything is."""
    had, has = frozenset(before), frozenset(after)
    if had == has:
        return
    await done_at_once(
        work,
        what,
        target_id,
        reach_of(code, had - has),
        reach_of(code, has - had),
        workers=workers,
        reason=reason,
    )


def reach_of(code: str, relations: Collection[Related]) -> Written:
    """What decides whom somebody reaches, as it is kept."""
    by_name = sorted(relations, key=lambda one: (one.relation, one.value, one.from_ or date.min))
    return {"reach": {"code": code, "relations": [one.as_json() for one in by_name]}}
