"""Completed audits for tests of what follows them, and the service's own part of the work."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, TypeVar
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select

from qa_api import clock
from qa_api.db import Database
from qa_api.demo.authority import load_demo_authority
from qa_api.events import AuditCompleted
from qa_api.models.actions import RestorativeAction
from qa_api.models.alerts import Alert
from qa_api.models.audits import Audit
from qa_api.models.base import new_id
from qa_api.models.catalogue import AuditTool
from qa_api.models.events import LoggedEvent
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

    @cached_property
    def response(self) -> str:
        """The path of the response."""
        return f"/v1/audit-responses/{self._of_audit('/v1/audit-responses')['id']}"

    @cached_property
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
        return {
            "items": [first | {"done_on": today}, *(other | later for other in others)]
        } | changes

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

    def act(self, path: str, person: str, **body: Any) -> Json:
        """A step that is let through."""
        answer = self.api.as_(person).act(path, body)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def refused(self, path: str, person: str, **body: Any) -> httpx.Response:
        """A step that is not."""
        answer = self.api.as_(person).act(path, body)
        assert answer.status_code >= 400, answer.text
        return answer

    def _of_audit(self, path: str) -> Json:
        (found,) = self.read(f"{path}?audit={self.audit_id}")["items"]
        return dict(found)


@dataclass
class Casework:
    """What auditors, the case system and the worker process do around these tests."""

    service: "Service"
    api: Api
    new_ref: Callable[[], str]

    def as_service(self, act: Callable[[Work], Awaitable[T]]) -> T:
        """One work of the service itself, committed."""
        return self.service.work(act)

    def completed_audit(self, **facts: Any) -> Case:
        """An audit of a new child, completed now."""
        case = self.as_service(lambda work: complete_audit(work, self.new_ref(), **facts))
        return Case(self.api, *case)

    def deliver(self, case: Case, at: str | None = None) -> None:
        """The case system answers 2xx to the notification."""
        instant = datetime.fromisoformat(at) if at else clock.now()

        async def delivered(work: Work) -> None:
            event_id = await event_of(work, case.audit_id)
            await mark_delivered(work, event_id, instant)

        self.as_service(delivered)

    def alerts(self, about: UUID | str, kind: str) -> list[tuple[str, str]]:
        """Who was told of a record, and as what, in the order of telling."""

        async def found(work: Work) -> list[tuple[str, str]]:
            told = await work.session.execute(
                select(Alert.recipient_role, Alert.recipient)
                .where(Alert.about_id == UUID(str(about)), Alert.kind == kind)
                .order_by(Alert.at, Alert.recipient_role.desc())
            )
            return [(row.recipient_role, row.recipient) for row in told]

        return self.as_service(found)

    def events(self, about: UUID | str, type_: str) -> list[Json]:
        """The data of a record's events of a type."""

        async def found(work: Work) -> list[Json]:
            logged = await work.session.scalars(
                select(LoggedEvent.data)
                .where(LoggedEvent.about_id == UUID(str(about)), LoggedEvent.type == type_)
                .order_by(LoggedEvent.at)
            )
            return list(logged)

        return self.as_service(found)

    def let_do(self, case: Case, worker: str) -> None:
        """Somebody has done the first action today."""

        async def done(work: Work) -> None:
            action = await work.session.get_one(RestorativeAction, case.action_ids[0])
            action.state, action.done_by, action.done_on = "done", worker, work.today

        self.as_service(done)

    def reallocate(self, case: Case, worker: str, team: str | None = None) -> None:
        """The case goes to another worker, of its team if not of another."""
        case.team = team or case.team

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
    draft: bool = False,
    owner: str | None = None,
) -> tuple[UUID, list[UUID], UUID, str, str | None]:
    """A completed audit as the audits domain leaves it, and what followed."""
    subject = await register_subject(work, "mosaic", ref, "child", team=team, worker=worker)
    if restricted:
        await restrict(work, subject, "staff")
    asked = select(AuditTool).where(AuditTool.overall == "required").limit(1)
    tool = (await work.session.scalars(asked)).one()
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
            owner=owner,
            state="open",
            **held,
        )
        for _ in range(actions)
    ]
    work.session.add_all(set_down)
    await work.session.flush()
    ids = [action.id for action in set_down]
    if draft:
        return audit.id, ids, subject.id, team, worker
    await complete_begun(work, audit, ids)
    return audit.id, ids, subject.id, team, worker


async def complete_begun(work: Work, audit: Audit, action_ids: list[UUID]) -> None:
    """An audit that was begun is completed now, as good."""
    audit.overall_judgement, audit.overall_rationale = "good", "The plan is working."
    audit.completed_at, audit.completed_on, audit.state = work.now, work.today, "completed"
    await work.record(
        AuditCompleted(
            about=audit.id,
            subject=audit.subject_id,
            audit_type=audit.type,
            judgement="good",
            escalates=False,
            action_ids=tuple(action_ids),
        )
    )


async def event_of(work: Work, audit_id: UUID) -> UUID:
    """The event that notifies the worker of an audit."""
    found = await work.session.scalars(
        select(Notification.event_id).where(Notification.audit_id == audit_id)
    )
    event_id = found.one()
    assert event_id is not None
    return event_id


class Service:
    """The service itself over one database, outside of any request: as in the worker process."""

    def __init__(self, settings: Settings, runner: asyncio.Runner) -> None:
        self._runner = runner
        self._database = runner.run(Database.open(settings))
        self._workshop = Workshop(self._database, Rulebook(), REACTIONS)

    def work(self, act: Callable[[Work], Awaitable[T]]) -> T:
        """One work, committed."""

        async def run() -> T:
            async with self._workshop.open_as_service("casework") as work:
                return await act(work)

        return self._runner.run(run())

    def works(self, act: Callable[[Workshop], Awaitable[T]]) -> T:
        """What takes several works."""

        async def run() -> T:
            return await act(self._workshop)

        return self._runner.run(run())

    def load(self, issuer: str) -> None:
        """The demo authority, in an empty database."""
        self._runner.run(load_demo_authority(self._workshop, issuer=issuer))

    @classmethod
    @contextmanager
    def over(cls, settings: Settings) -> Iterator["Service"]:
        """The service until the block ends."""
        with asyncio.Runner() as runner:
            service = cls(settings, runner)
            try:
                yield service
            finally:
                runner.run(service._database.close())


@pytest.fixture(scope="module")
def service(authority: Settings) -> Iterator[Service]:
    """The service over the database that most tests share."""
    with Service.over(authority) as opened:
        yield opened


@pytest.fixture
def casework(
    service: Service, api: Api, new_ref: Callable[[], str], at: Callable[[str], None]
) -> Casework:
    """Begins on Monday 23 November 2026, at half past nine in London."""
    at("2026-11-23T09:30:00Z")
    return Casework(service, api, new_ref)
