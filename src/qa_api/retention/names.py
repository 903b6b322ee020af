"""The names of workers go when the record of the worker goes (X4).

Names are no record: nothing is decided by them, and the authority may bring them in again. So they
go by themselves, by the rule for practice observations, which are the records of a worker.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import ARRAY, ColumnElement, DateTime, Text, cast, func, literal, or_, select

from qa_api import events
from qa_api.models.access import Principal
from qa_api.models.aliases import aliased
from qa_api.models.base import new_id
from qa_api.models.directory import Worker, WorkerName
from qa_api.models.inner import there_is
from qa_api.models.observations import PracticeObservation
from qa_api.models.provisioning import ScimUser
from qa_api.models.retention import RetentionItem
from qa_api.retention.candidates import class_is_held
from qa_api.rules.retention import RecordClass, Settled, name_kept_until
from qa_api.work import Work

_FOR_EVER: Final = cast(literal("infinity", Text), DateTime(timezone=True))


async def forget_names_of_leavers(work: Work) -> int:
    """Forget the names of workers who have left and whose own records have gone; of how many.

    A hold over practice observations, or over all there is, keeps names as well.
    """
    policy = await work.policy()
    if await class_is_held(work, RecordClass.PRACTICE_OBSERVATION):
        return 0
    gone = []
    for code, left_on in await _leavers_with_a_name(work):
        kept_until = name_kept_until(left_on, policy)
        if kept_until is not None and kept_until < work.today:
            gone.append(code)
    if gone:
        await work.session.execute(select(func.qa_forget_names(literal(gone, ARRAY(Text)))))
    for code in gone:
        await work.record(events.ConfigurationChanged(about=new_id(), what="worker", code=code))
    return len(gone)


async def _leavers_with_a_name(work: Work) -> Sequence[tuple[str, date]]:
    """Who has left and has a name here, and no observation that still says something."""
    worker, name = aliased(Worker), aliased(WorkerName)
    principal, later, user = aliased(Principal), aliased(Principal), aliased(ScimUser)
    imported = worker.code.in_(select(name.worker))  # the only column that may be selected
    given_to_another = there_is(
        later,
        later.issuer == principal.issuer,
        later.subject == principal.subject,
        later.worker != principal.worker,
        _until(later) > _until(principal),
    )
    provided = there_is(
        (principal, user),
        principal.worker == worker.code,
        principal.issuer == user.issuer,
        principal.subject == user.subject,
        user.display_name.is_not(None),
        ~given_to_another,
    )
    rows = await work.session.execute(
        select(worker.code, worker.leaves_on)
        .where(worker.leaves_on < work.today, or_(imported, provided), ~_is_on_record(worker))
        .order_by(worker.code)
    )
    return [(row.code, row.leaves_on) for row in rows]


def _until(principal: Any) -> ColumnElement[Any]:
    """Until when a token let somebody in as this principal; for ever while it does."""
    return func.coalesce(principal.disabled_at, _FOR_EVER)


def _is_on_record(worker: Any) -> ColumnElement[bool]:
    """Whether an observation of the worker, or by them, still has its content."""
    observation, item = aliased(PracticeObservation), aliased(RetentionItem)
    removed = there_is(
        item, item.observation_id == observation.id, item.outcome == Settled.REMOVED.value
    )
    whose = or_(observation.worker == worker.code, observation.observer == worker.code)
    return there_is(observation, whose, ~removed)
