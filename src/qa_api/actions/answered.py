"""An action as a response answers it: changed past the session, and written with the others.

A response covers every action of its audit. Each takes its step by the same rules as alone; how
many there are changes nothing about how many statements it takes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from functools import cache
from typing import Final
from uuid import UUID

from sqlalchemy import Uuid, select

from qa_api.db import Prepared, parameter
from qa_api.event_log import changing
from qa_api.models.actions import RestorativeAction
from qa_api.work import Work


@dataclass(slots=True)
class AnsweredAction:
    """An action of an audit, held for this work; steps change it, `WRITE_ANSWERED` writes it."""

    id: UUID
    audit_id: UUID
    subject_id: UUID | None
    team: str | None
    worker: str | None
    restricted: bool
    set_at: datetime | None
    state: str
    how: str | None
    planned_at: datetime | None
    due_on: date | None
    first_promised_on: date | None
    missed_on: date | None
    done_on: date | None
    done_by: str | None
    done_reported_by: str | None


_COLUMNS: Final = tuple(each.name for each in fields(AnsweredAction))
_CHANGED: Final = _COLUMNS[_COLUMNS.index("state") :]

WRITE_ANSWERED: Final = changing(RestorativeAction, _CHANGED, "actions")
"""Writes those of `actions` that took a step."""


async def actions_of_audit(work: Work, audit_id: UUID) -> Sequence[AnsweredAction]:
    """The actions of an audit, held for this work."""
    found = await work.run(_actions(), audit_id=audit_id)
    return [AnsweredAction(*row) for row in found]


@cache
def _actions() -> Prepared:
    action = RestorativeAction
    return Prepared.of(
        select(*(getattr(action, name) for name in _COLUMNS))
        .where(action.audit_id == parameter("audit_id", Uuid()), action.set_at.is_not(None))
        .order_by(action.id)
        .with_for_update()
    )
