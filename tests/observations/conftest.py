"""A service of its own for each test."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import update
from sqlalchemy.dialects.postgresql import Range

from qa_api.auth.development import DevelopmentIssuer
from qa_api.models import Base, directory
from qa_api.models.access import Principal, RoleAssignment
from qa_api.models.base import new_id
from qa_api.work import Work
from tests.api import Api, Json
from tests.conftest import let_in, told
from tests.responses.casework import Service, service

__all__ = ("office", "service")

SINCE = "2019-09-02"
TODAY = "2026-11-23"

Stay = tuple[str, str, str | None]
"""A team, the first day there, and the day after the last."""


@dataclass
class Office:
    """A new service: `hos` heads it; its teams have a manager and a supervisor each."""

    api: Api
    service: Service
    issuer: str
    number: str = field(default_factory=lambda: uuid4().hex[:8])

    def code(self, name: str) -> str:
        """A name as it is known to this service only."""
        return f"{name}-{self.number}"

    def as_(self, name: str) -> Api:
        """Somebody of this service."""
        return self.api.as_(self.code(name))

    def open(self, *teams: str) -> None:
        """The service with its head, and these teams, each with `tm-TEAM` and `ps-TEAM`."""
        rows: list[Base] = [directory.Service(code=self.code("service"), name="A service")]
        rows += self._worker("hos") + self._rights("hos", "head_of_service", service="service")
        for team in teams:
            rows += [directory.Team(code=self.code(team), name="A team"), self._place(team)]
            for lead, role in (("tm", "team_manager"), ("ps", "practice_supervisor")):
                # Leads are asked for none here, so that the figures are those of the workers.
                rows += self._worker(f"{lead}-{team}", team, observations_required=0)
                rows += self._rights(f"{lead}-{team}", role, team=team)
        self._enter(*rows)

    def close(self, team: str, on: str) -> None:
        """The team belongs to the service no longer."""

        async def closed(work: Work) -> None:
            place = directory.TeamService
            ended = update(place).where(place.team == self.code(team))
            await work.session.execute(ended.values(valid=days(SINCE, on)))
            await work.record(told())

        self.service.work(closed)

    def employ(self, name: str, *teams: str | Stay, **facts: Any) -> str:
        """A worker of these teams: since they began, or from one day until another."""
        self._enter(*self._worker(name, *teams, **facts))
        return self.code(name)

    def let_in(self, name: str, role: str, **scope: str) -> None:
        """A token of theirs is good from now on, and they hold this role."""
        self._enter(*self._rights(name, role, **scope))

    def leave(self, name: str) -> None:
        """Somebody left the authority yesterday."""

        async def left(work: Work) -> None:
            worker = await work.session.get_one(directory.Worker, self.code(name))
            worker.leaves_on = work.today - timedelta(days=1)
            await work.record(told())

        self.service.work(left)

    def take_off(self, name: str) -> None:
        """Somebody is on a long absence from today on."""
        away = days(TODAY)
        self._enter(directory.Absence(worker=self.code(name), reason_code="sickness", valid=away))

    def _place(self, team: str, until: str | None = None) -> Base:
        held = days(SINCE, until)
        return directory.TeamService(team=self.code(team), service=self.code("service"), valid=held)

    def _worker(
        self,
        name: str,
        *teams: str | Stay,
        starts_on: str = SINCE,
        leaves_on: str | None = None,
        away: tuple[str, str | None] | None = None,
        observations_required: int | None = None,
    ) -> list[Base]:
        code = self.code(name)
        worker = directory.Worker(
            code=code,
            starts_on=date.fromisoformat(starts_on),
            leaves_on=date.fromisoformat(leaves_on) if leaves_on else None,
            observations_required=observations_required,
        )
        stays = [(team, starts_on, None) if isinstance(team, str) else team for team in teams]
        memberships = [
            directory.TeamMembership(worker=code, team=self.code(team), valid=days(first, until))
            for team, first, until in stays
        ]
        absences = (
            [directory.Absence(worker=code, reason_code="parental", valid=days(*away))]
            if away
            else []
        )
        return [worker, *memberships, *absences]

    def _rights(self, name: str, role: str, **scope: str) -> list[Base]:
        code, over = self.code(name), {key: self.code(value) for key, value in scope.items()}
        principal = Principal(id=new_id(), issuer=self.issuer, subject=code, worker=code)
        held = RoleAssignment(
            principal_id=principal.id,
            role=role,
            scope=next(iter(scope), "authority"),
            valid=days(SINCE),
            **over,
        )
        return [principal, held]

    def _enter(self, *rows: Base) -> None:
        async def entered(work: Work) -> None:
            for row in rows:  # each after what it refers to
                work.session.add(row)
                await work.session.flush()
                if isinstance(row, Principal):
                    await work.record(let_in(row.id))
            await work.record(told())

        self.service.work(entered)

    def observation(self, worker: str, observed_on: str, **changes: Any) -> Json:
        """What somebody says of an observation."""
        return {
            "worker": self.code(worker),
            "observer": "au-1",
            "observed_on": observed_on,
            "activity": "Home visit",
            "planned": True,
            "family_consent": "given",
            "feedback": "Mother: she explained what would happen next.",
            "strengths": "Clear about the worries.",
            "development": "Leave the child more room to begin.",
        } | changes

    def observe(self, worker: str, *days: str, by: str) -> list[httpx.Response]:
        """Observations of a worker on these days, recorded by somebody."""
        answers = [
            self.as_(by).create("/v1/practice-observations", self.observation(worker, day))
            for day in days
        ]
        assert all(answer.status_code == 201 for answer in answers), answers[-1].text
        return answers

    def compliance(
        self, person: Api, level: str, as_at: str | None = None, **of: str
    ) -> list[Json]:
        """The rows of compliance that somebody sees in this service."""
        query = {"level": level, "service": self.code("service"), **of}
        answer = person.get("/v1/observation-compliance", params=query | _day(as_at))
        assert answer.status_code == 200, answer.text
        return list(answer.json()["items"])

    def standing(self, worker: str, as_at: str | None = None) -> Json:
        """How one worker stands, as Quality & Standards sees it."""
        query = {"worker": self.code(worker)} | _day(as_at)
        answer = self.api.get("/v1/observation-compliance", params=query)
        (row,) = answer.json()["items"]
        return dict(row)


def _day(as_at: str | None) -> dict[str, str]:
    return {"as_at": as_at} if as_at else {}


def days(first: str, until: str | None = None) -> Range[date]:
    """From a first day up to the day after the last."""
    end = date.fromisoformat(until) if until else None
    return Range(date.fromisoformat(first), end, bounds="[)")


@pytest.fixture
def office(
    api: Api, service: Service, issuer: DevelopmentIssuer, at: Callable[[str], None]
) -> Office:
    """Two teams, `north` and `south`, on Monday 23 November 2026."""
    at(f"{TODAY}T09:30:00Z")
    made = Office(api, service, issuer.settings.issuer)
    made.open("north", "south")
    return made
