"""What a step works with: somebody's requests, the rows that are there, and its own number."""

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any, Final, TypeAlias, TypeVar
from uuid import UUID

import asyncpg

from qa_api import clock
from qa_api.auth.development import DevelopmentIssuer
from qa_api.auth.roles import Permission
from qa_api.problems import Problem
from qa_api.rules.decision import RuleRefused
from qa_api.rules.local_time import local_date
from qa_api.work import Work, Workshop
from tests.api import Json
from tests.conftest import Database
from tests.kept import KEPT, Connection
from tests.year.calling import Answer, Caller, Failed
from tests.year.duties import Receiver
from tests.year.histories import Step

T = TypeVar("T")
Row: TypeAlias = "asyncpg.Record"

_ID: Final = 36
"""The signs of an id."""
_JSON: Final = "application/json"
REFUSED: Final = 400
SERVICE_FAILED: Final = 500


class Refused(Exception):
    """A problem of the catalogue: the step ends there, as it would for a person."""

    def __init__(self, slug: str, what: str, why: str) -> None:
        self.slug = slug
        self.step = what.rpartition("/")[2].replace("-", "_")
        self.needs_two = why.endswith(" second-person")
        super().__init__(f"{what}: {slug}: {why}")


class NothingToDo(Exception):
    """There is nothing on which the step could be taken."""


@dataclass
class Place:
    """The authority that is lived in: how it is reached, and what was counted."""

    caller: Caller
    issuer: DevelopmentIssuer
    database: Database
    refusals: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By the problem's name, and by the step and what it asked for."""
    requests: int = 0
    receiver: Receiver = field(default_factory=Receiver)
    tokens: dict[str, tuple[datetime, str]] = field(default_factory=dict)

    def token(self, person: str) -> str:
        """A token that holds now."""
        now = clock.now()
        issued, token = self.tokens.get(person, (datetime.min.replace(tzinfo=UTC), ""))
        if not issued <= now < issued + timedelta(hours=11):
            token = self.issuer.issue(person, ttl=timedelta(hours=12))
            self.tokens[person] = (now, token)
        return token

    def rows(self, question: str, *values: Any) -> Sequence[Row]:
        """What the database holds, in the order that the question says."""

        async def asked(kept: Connection) -> Sequence[Row]:
            found: Sequence[Row] = await kept.fetch(question, *values)
            return found

        return KEPT.ask(self.database.migrate_url, asked)


@dataclass
class Turn:
    """One step while it is taken."""

    place: Place
    step: Step
    random: Random
    keys: int = 0

    @property
    def today(self) -> date:
        """The London day."""
        return local_date(clock.now())

    def day(self, days: int) -> str:
        """A day from today, as the API writes it."""
        return (self.today + timedelta(days=days)).isoformat()

    def instant(self, **time: float) -> str:
        """An instant from now."""
        return (clock.now() + timedelta(**time)).isoformat()

    def chance(self, of_hundred: int) -> bool:
        """Whether it comes about, so many times in a hundred."""
        return self.random.randrange(100) < of_hundred

    def one_of(self, among: Sequence[T]) -> T:
        """One of them, by the step's own number. Raises NothingToDo where there is none."""
        if not among:
            raise NothingToDo
        return among[self.random.randrange(len(among))]

    def row(self, question: str, *values: Any) -> Row:
        """One of the rows that are there."""
        return self.one_of(self.place.rows(question, *values))

    # --- requests ---

    def get(self, person: str, path: str) -> Any:
        """What somebody is shown."""
        return self.ask(person, "GET", path)

    def create(self, person: str, path: str, body: Json) -> Any:
        """Something new. Now and then it is sent twice, and made once."""
        self.keys += 1
        key = {
            "idempotency-key": f"{self.step.name.replace(' ', '-')}-{self.step.number}-{self.keys}"
        }
        made = self.ask(person, "POST", path, body, key)
        if self.chance(4):
            again = self.ask(person, "POST", path, body, key)
            if again.get("id") != made.get("id"):
                raise Failed(f"POST {kind_of(path)} was done twice under one key")
        return made

    def act(self, person: str, path: str, body: Json | None = None) -> Any:
        """A step in the life of a record, on the version that is there now."""
        tag = self._tag(person, path.rpartition("/")[0])
        return self.ask(person, "POST", path, body or {}, {"if-match": tag})

    def put(
        self, person: str, path: str, body: Json, *, new: bool = False, on: str | None = None
    ) -> Any:
        """A record as it shall be, new or on the version that is there now: its own, or `on`'s."""
        given = {"if-none-match": "*"} if new else {"if-match": self._tag(person, on or path)}
        return self.ask(person, "PUT", path, body, given)

    def _tag(self, person: str, path: str) -> str:
        """The tag of a record: by its version, where its table has one; else as it is told."""
        _, _, list_, *rest = path.split("/")
        if len(rest) == 1 and len(rest[0]) == _ID:
            found = self.place.rows(
                f"SELECT version FROM {list_.replace('-', '_')} WHERE id = $1", UUID(rest[0])
            )
            return f'"{found[0]["version"] if found else 0}.{"0" * 16}"'
        given = {"authorization": f"Bearer {self.place.token(person)}"}
        return self.place.caller.ask("GET", path, None, given).tag or '"0.0"'

    def send(self, event: Json) -> Any:
        """An event of the case system, which is taken whatever it says."""
        headers = {"content-type": "application/cloudevents+json"}
        return self.ask("case-system-mosaic", "POST", "/v1/case-events", event, headers)

    def ask(
        self,
        person: str,
        method: str,
        path: str,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """A request and its answer. Raises Refused, and Failed where there is no such refusal."""
        given = {"authorization": f"Bearer {self.place.token(person)}", "content-type": _JSON}
        self.place.requests += 1
        answer = self.place.caller.ask(method, path, body, given | dict(headers or {}))
        if answer.status >= REFUSED:
            raise self._refusal(f"{method} {kind_of(path)}", answer)
        return answer.body

    def do(self, person: str, permission: Permission, act: Callable[[Work], Awaitable[T]]) -> T:
        """What would be many requests, by the verbs of the domains in one piece of work."""

        async def in_one_piece(workshop: Workshop) -> T:
            async with workshop.open(
                issuer=self.place.issuer.settings.issuer,
                subject=person,
                permission=permission,
                correlation_id=str(self.step),
            ) as work:
                return await act(work)

        try:
            return self.place.caller.work(in_one_piece)
        except RuleRefused as refused:
            raise self._refused("business-rule", "in one piece", refused.code) from refused
        except Problem as refused:
            slug = refused.kind.slug
            if refused.status >= SERVICE_FAILED:
                raise Failed(f"{self.step.name}: {slug}") from refused
            raise self._refused(slug, "in one piece", refused.detail) from refused

    def _refusal(self, what: str, answer: Answer) -> Refused:
        said = answer.body if isinstance(answer.body, dict) else {}
        if answer.status >= SERVICE_FAILED or "type" not in said:
            raise Failed(f"{what} answered {answer.status} {said.get('type', '')}".strip())
        codes = ", ".join(sorted({one["code"] for one in said.get("errors", ())}))
        slug = str(said["type"]).rpartition("/")[2]
        return self._refused(slug, what, f"{said.get('detail')} {codes}".strip())

    def _refused(self, slug: str, what: str, why: str) -> Refused:
        """Count it, whichever way it came."""
        refused = Refused(slug, what, why)
        self.place.refusals[slug, f"{self.step.name}: {refused}"] += 1
        return refused


def kind_of(path: str) -> str:
    """A path without what names a single thing."""
    words = path.partition("?")[0].split("/")
    return "/".join(word for word in words if not any(sign.isdigit() for sign in word[2:]))
