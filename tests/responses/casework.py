"""Completed audits for tests of what follows them, and the service's own part of the work."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import pytest
from sqlalchemy import select

from qa_api import clock
from qa_api.db import Database
from qa_api.events import AuditCompleted
from qa_api.models.actions import RestorativeAction
from qa_api.models.audits import Audit
from qa_api.models.base import new_id
from qa_api.models.catalogue import AuditTool
from qa_api.models.notifications import Notification
from qa_api.models.subjects import Subject
from qa_api.notifications.service import mark_delivered
from qa_api.reactions import REACTIONS
from qa_api.rulebook import Rulebook
from qa_api.settings import Settings
from qa_api.subjects.service import reallocate, register_subject, restrict
from qa_api.work import Work, Workshop
from tests.api import Api, Json

T = TypeVar("T")

TEAM = "lincoln-fast"
WORKER = "sw1-lincoln-fast"
MANAGER = "tm-lincoln-fast"
DEPUTY = "dm-lincoln-fast"


@dataclass
class Case:
    """A completed audit and what hangs on it, as its people reach it."""

    api: Api
    audit_id: UUID
    action_ids: list[UUID]
    subject_id: UUID
    team: str
    worker: str | None

    @property
    def response(self) -> str:
        """The path of the response."""
        return f"/v1/audit-responses/{self._of_audit('/v1/audit-responses')['id']}"

    @property
    def notification(self) -> str:
        """The path of the notification."""
        return f"/v1/notifications/{self._of_audit('/v1/notifications')['id']}"

    def action(self, number: int = 0) -> str:
        """The path of an action."""
        return f"/v1/restorative-actions/{self.action_ids[number]}"

    def submission(self, **changes: Any) -> Json:
        """A response that covers every action: the first done today, the others later."""
        today = clock.now().date().isoformat()
        first, *others = [{"action": str(key), "how": "As agreed."} for key in self.action_ids]
        later = {"finish_on": "2026-12-18", "not_immediate_because": "The school must be asked."}
        return {"items": [first | {"done_on": today}, *(other | later for other in others)]} | changes

    def submit(self, **changes: Any) -> Json:
        """The allocated worker submits."""
        answer = self.api.as_(self.worker or "").act(
            f"{self.response}/submit", self.submission(**changes)
        )
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def review(self, outcome: str, person: str | None = None) -> Json:
        """The team manager reviews."""
        body = {"outcome": outcome} | ({"reasons": "Say more."} if outcome == "returned" else {})
        answer = self.api.as_(person or f"tm-{self.team}").act(f"{self.response}/review", body)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def read(self, path: str, person: str = "qs-1") -> Json:
        """A document as somebody sees it."""
        answer = self.api.as_(person).get(path)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def _of_audit(self, path: str) -> Json:
        (found,) = self.read(f"{path}?audit={self.audit_id}")["items"]
        return dict(found)


@dataclass
class Casework:
    """What auditors, the case system and the worker process do around these tests."""

    settings: Settings
    api: Api
    new_ref: Callable[[], str]

    def as_service(self, act: Callable[[Work], Awaitable[T]]) -> T:
        """One work of the service itself, committed."""
        return as_service(self.settings, act)

    def completed_audit(self, **facts: Any) -> Case:
        """An audit of a new child, completed now."""
        case = as_service(
            self.settings, lambda work: complete_audit(work, self.new_ref(), **facts)
        )
        return Case(self.api, *case)

    def deliver(self, case: Case, at: str | None = None) -> None:
        """The case system answers 2xx to the notification."""
        instant = datetime.fromisoformat(at) if at else clock.now()

        async def delivered(work: Work) -> None:
            event_id = await event_of(work, case.audit_id)
            await mark_delivered(work, event_id, instant)

        self.as_service(delivered)

    def reallocate(self, case: Case, worker: str) -> None:
        """The case goes to another worker of the team."""

        async def hand_over(work: Work) -> None:
            subject = await work.session.get_one(Subject, case.subject_id)
            await reallocate(work, subject, team=case.team, worker=worker, at=work.now)

        self.as_service(hand_over)
        case.worker = worker


async def complete_audit(
    work: Work,
    ref: str,
    *,
    team: str = TEAM,
    worker: str | None = WORKER,
    auditor: str = "au-1",
    actions: int = 2,
    restricted: bool = False,
) -> tuple[UUID, list[UUID], UUID, str, str | None]:
    """A completed audit as the audits domain leaves it, and what followed."""
    subject = await register_subject(work, "mosaic", ref, "child", team=team, worker=worker)
    if restricted:
        await restrict(work, subject, "staff")
    tool = (await work.session.scalars(select(AuditTool).limit(1))).one()
    held = {
        "subject_id": subject.id,
        "team": team,
        "worker": worker,
        "restricted": restricted,
    }
    audit = Audit(
        id=new_id(),
        type="collaborative",
        tool_id=tool.id,
        scale_code=tool.scale_code,
        scale_number=tool.scale_number,
        opened_by="person",
        policy_version=work.policy_version,
        auditor=auditor,
        audited_worker=worker,
        audited_team=team,
        planned_at=work.now,
        started_at=work.now,
        state="in_progress",
        **held,
    )
    work.session.add(audit)
    await work.session.flush()
    set_down = [
        RestorativeAction(
            id=new_id(),
            audit_id=audit.id,
            kind="practice",
            description="See the child alone.",
            needed_before_closure=False,
            owner=worker,
            state="open",
            **held,
        )
        for _ in range(actions)
    ]
    work.session.add_all(set_down)
    await work.session.flush()
    audit.overall_judgement, audit.overall_rationale = "good", "The plan is working."
    audit.completed_at, audit.completed_on, audit.state = work.now, work.today, "completed"
    ids = [action.id for action in set_down]
    await work.record(
        AuditCompleted(
            about=audit.id,
            subject=subject.id,
            audit_type=audit.type,
            judgement="good",
            escalates=False,
            action_ids=tuple(ids),
        )
    )
    return audit.id, ids, subject.id, team, worker


async def event_of(work: Work, audit_id: UUID) -> UUID:
    """The event that notifies the worker of an audit."""
    found = await work.session.scalars(
        select(Notification.event_id).where(Notification.audit_id == audit_id)
    )
    event_id = found.one()
    assert event_id is not None
    return event_id


def as_service(settings: Settings, act: Callable[[Work], Awaitable[T]]) -> T:
    """One work of the service itself over a database, committed."""

    async def run() -> T:
        database = await Database.open(settings)
        try:
            workshop = Workshop(database, Rulebook(), REACTIONS)
            async with workshop.open_as_service("casework") as work:
                return await act(work)
        finally:
            await database.close()

    return asyncio.run(run())


@pytest.fixture
def casework(
    authority: Settings,
    api: Api,
    new_ref: Callable[[], str],
    at: Callable[[str], None],
) -> Iterator[Casework]:
    """Begins on Monday 23 November 2026, at half past nine in London."""
    at("2026-11-23T09:30:00Z")
    yield Casework(authority, api, new_ref)
