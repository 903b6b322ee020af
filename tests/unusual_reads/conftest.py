"""An authority of its own, whose access log is looked through day by day."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import pytest

from qa_api.auth.development import DevelopmentIssuer
from qa_api.settings import Settings
from qa_api.unusual_reads.finding import look_through_days
from tests.api import Api, Json, Server, in_a_week, serving
from tests.conftest import Accounts, Clone, Database, settings_for
from tests.responses.casework import Case, Casework, Service


@dataclass
class Authority:
    """An authority and its API and worker, until the tests are over."""

    settings: Settings
    database: Database
    server: Server
    service: Service


@dataclass
class Watched:
    """The authority of the tests, which all read on later days than those above them.

    A day that was looked through is not looked through again. So a test that is run after one from
    below it, as several processes share tests out, begins with an authority where no day was.
    """

    begin: Callable[[], Authority]
    _authority: Authority | None = None
    _latest: tuple[str, int] = ("", 0)

    def by(self, test: pytest.Function) -> Authority:
        """The authority of a test."""
        place = (str(test.path), test.function.__code__.co_firstlineno)
        if self._authority is None or place < self._latest:
            self._authority = self.begin()
        self._latest = place
        return self._authority


@pytest.fixture(scope="package")
def watched(clone_of_authority: Clone, issuer: DevelopmentIssuer) -> Iterator[Watched]:
    """Authorities that nobody else reads in."""
    with ExitStack() as until_the_end:

        def begin() -> Authority:
            database = clone_of_authority()
            settings = settings_for(database, issuer)
            server = until_the_end.enter_context(serving(settings))
            service = until_the_end.enter_context(Service.over(settings))
            return Authority(settings, database, server, service)

        yield Watched(begin)


@pytest.fixture
def watched_authority(watched: Watched, request: pytest.FixtureRequest) -> Authority:
    """The one that this test reads in."""
    return watched.by(request.node)


@dataclass
class Watch:
    """People who read, and the worker that looks through what they read."""

    api: Api
    service: Service
    database: Database
    at: Callable[[str], None]
    new_ref: Callable[[], str]

    def child(self, **facts: Any) -> Case:
        """A child of Lincoln FAST that no other test knows, whose audit is completed now."""
        return Casework(self.service, self.api, self.new_ref).completed_audit(**facts)

    def read(self, person: str, path: str) -> Json:
        """A document as somebody reads it."""
        answer = self.api.as_(person).get(path)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def let_in(self, person: str, ref: str) -> None:
        """Leave for somebody to see a restricted child, for a week."""
        (principal,) = (
            self.api.as_("admin-1").get(f"/v1/principals?worker={person}").json()["items"]
        )
        body = {"principal_id": principal["id"], "reason": "Asked.", "expires_at": in_a_week()}
        made = self.api.as_("qs-2").create(f"/v1/subjects/mosaic/{ref}/restriction-grants", body)
        assert made.status_code == 201, made.text

    def sweep(self) -> int:
        """The worker looks through all days that are over; how many they were."""
        looked_through = 0
        while found := self.service.work(look_through_days):
            looked_through += found
        return looked_through

    def found(self, query: str, person: str = "qs-2") -> list[Json]:
        """What Quality & Standards find in the list."""
        return list(self.read(person, f"/v1/unusual-reads?limit=500&{query}")["items"])

    def entry(self, day: str, worker: str, rule: str) -> Json:
        """The one entry about somebody's day by a rule."""
        (found,) = self.found(f"day={day}&worker={worker}&rule={rule}")
        return found


@pytest.fixture
def watch(
    watched_authority: Authority,
    issuer: DevelopmentIssuer,
    new_ref: Callable[[], str],
    at: Callable[[str], None],
) -> Iterator[Watch]:
    """From Monday 2 November 2026 on days are looked through and listed."""
    at("2026-11-02T09:30:00Z")
    there = watched_authority
    with Api(there.server, issuer) as api:
        made = Watch(api, there.service, there.database, at, new_ref)
        made.sweep()
        yield made


@pytest.fixture
def newcomers(watched_authority: Authority, issuer: DevelopmentIssuer) -> Iterator[Accounts]:
    """Lets people in a second time for a test."""
    given = Accounts(watched_authority.database.migrate_url, issuer.settings.issuer)
    yield given
    given.disable()
