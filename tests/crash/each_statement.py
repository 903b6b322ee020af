"""A client whose requests are cut off before and after every statement, and what must hold then.

A request that is cut off is answered 503 and has changed nothing, unless its transaction was
committed; sent again with the same key it is answered rightly. What was cut off leaves the rows as
they were, so the attempt after it is cut one place further, until one is not cut at all.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple
from uuid import uuid4

import httpx
import pytest

from tests.api import WITHOUT_TLS, Json
from tests.crash.cutting import COMMIT, OneCut, Step
from tests.kept import KEPT, Connection

CHANGING: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})
MOST_CUTS: Final = 1_000
"""Of one request; one that is never answered is a fault."""
SAYS_WHO_LOOKED: Final = frozenset({"access_log"})
"""Tables in which a request that changes nothing may leave a line."""
_TABLES: Final = """
SELECT relname FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> 'alembic_version'
"""

_CONTENT: Final = """
SELECT count(*), sum(hashtextextended(one::text, 0)::numeric) FROM "{}" one
"""
_NOT_OVER: Final = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
_COMMITTED_SINCE: Final = """
SELECT bool_or(pg_xact_status(number::text::xid8) = 'committed')
FROM generate_series($1::bigint, pg_snapshot_xmax(pg_current_snapshot())::text::bigint - 1) number
"""

Rows = dict[str, object]
"""Of each table how many rows it has, and a sum over all that stands in them."""


@dataclass(frozen=True)
class Operation:
    """A state-changing operation of the contract, or of SCIM."""

    name: str
    method: str
    path: str
    takes_key: bool

    def is_asked_by(self, request: httpx.Request) -> bool:
        """Whether a request is for it; of several the one with the fewest parameters is meant."""
        form = re.sub(r"\{[^}]+\}", "[^/]+", self.path)
        return request.method == self.method and bool(re.fullmatch(form, request.url.path))


def operations(*documents: Json) -> list[Operation]:
    """What changes state by these documents; a path without parameters before one with them."""
    found = [
        Operation(
            operation["operationId"],
            method.upper(),
            path,
            "IdempotencyKey" in str(operation.get("parameters", ())),
        )
        for document in documents
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method.upper() in CHANGING
    ]
    return sorted(found, key=lambda each: each.path.count("{"))


class Otherwise(NamedTuple):
    """How an operation without a key is answered, of which the first answer was lost."""

    status: int
    words: str
    """They stand in the answer."""
    reason: str
    """Why that is right."""
    leaves: frozenset[str] = frozenset()
    """Tables in which it says that it was asked for again."""

    def is_in(self, answer: httpx.Response) -> bool:
        """Whether this is the answer."""
        return answer.status_code == self.status and self.words in answer.text


@dataclass
class Cuts:
    """How one operation was cut off until it was answered."""

    operation: str
    statements: int = 0
    """Of its transactions and of their repetition, with beginning and end."""
    cuts: int = 0
    after_commit: int = 0
    """Of the cuts: those whose transaction was committed, and the answer lost."""
    has_changed: bool = False
    """Whether any attempt has changed a row: one may, and none after it."""
    status: int = 0
    """Of the answer in the end; 0 where there was none yet."""


@dataclass
class Findings:
    """What was cut, and what was wrong with the answers."""

    wanted: Collection[str]
    """The operations to cut; each is, once."""
    otherwise: Mapping[str, Otherwise]
    """Those that are answered otherwise when they are sent again, and how."""
    done: dict[str, Cuts] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)


class AtEachStatement(httpx.HTTPTransport):
    """Sends each request that is looked for as often as it has places to be cut off."""

    def __init__(
        self, operations: list[Operation], cutter: OneCut, owner_url: str, findings: Findings
    ) -> None:
        super().__init__(verify=WITHOUT_TLS)
        self._operations, self._cutter = operations, cutter
        self._owner_url, self._findings = owner_url, findings

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The answer to the attempt that was not cut."""
        request.read()
        found = next((each for each in self._operations if each.is_asked_by(request)), None)
        wanted = self._findings.wanted
        if found is None or found.name not in wanted or found.name in self._findings.done:
            return super().handle_request(request)
        if found.takes_key and "idempotency-key" not in request.headers:
            request.headers["idempotency-key"] = uuid4().hex
        cuts = Cuts(found.name)
        answer = self._cut_everywhere(request, cuts)
        cuts.status = answer.status_code
        otherwise = self._findings.otherwise.get(found.name)
        if otherwise is not None and cuts.after_commit:
            self._findings.done[found.name] = cuts
            if not otherwise.is_in(answer):
                said = f"{found.name} sent again is answered {answer.status_code}: {answer.text}"
                self._findings.wrong.append(said)
            pytest.skip("The story ends with the answer that was lost.")
        if answer.is_success:
            self._findings.done[found.name] = cuts
            if found.takes_key:
                self._repeat(request, answer, found.name)
        return answer

    def _cut_everywhere(self, request: httpx.Request, cuts: Cuts) -> httpx.Response:
        self._cutter.begin()
        kept, statements = self._look(), set[Step]()
        for _ in range(MOST_CUTS):
            answer = self._attempt(request)
            cut, changed = self._cutter.cut, self._changed_since(kept)
            otherwise = self._findings.otherwise.get(cuts.operation)
            says_so = otherwise is not None and otherwise.leaves >= set(changed)
            if changed and cuts.has_changed and not says_so:
                said = f"{cuts.operation} was done by halves: it has changed {', '.join(changed)}"
                self._findings.wrong.append(f"{said} when the rest was there already")
            cuts.has_changed |= bool(changed)
            if cut is None:
                return answer
            (step, when) = cut
            statements.add(step)
            cuts.cuts, cuts.statements = cuts.cuts + 1, len(statements)
            cuts.after_commit += self._cutter.commits > 0
            said = f"{cuts.operation} cut {when} {step[1][:120]!r} after {step[0][:120]!r}"
            if not (_is_away(answer) or (_undoes(step) and answer.is_client_error)):
                if self._cutter.commits and answer.is_success:
                    return answer
                self._findings.wrong.append(f"{said} is answered {answer.status_code}")
            if changed and (step[1], when) != (COMMIT, "after"):
                self._findings.wrong.append(f"{said} has changed {', '.join(changed)}")
        raise AssertionError(f"{cuts.operation} is never answered")

    def _attempt(self, request: httpx.Request) -> httpx.Response:
        with self._cutter.armed():
            answer = super().handle_request(_same(request))
            answer.read()
        return answer

    def _repeat(self, request: httpx.Request, answer: httpx.Response, name: str) -> None:
        """Sent again with the same key it is answered the same, and does nothing."""
        kept = self._look()
        again = super().handle_request(_same(request))
        again.read()
        if (again.status_code, again.content) != (answer.status_code, answer.content):
            self._findings.wrong.append(f"{name} is answered otherwise when it is sent again")
        if changed := self._changed_since(kept):
            said = f"{name} changes {', '.join(changed)} when it is sent again"
            self._findings.wrong.append(said)

    def _look(self) -> "Look":
        return KEPT.ask(self._owner_url, look)

    def _changed_since(self, kept: "Look") -> list[str]:
        """The tables that are not as they were; it looks again for the next time."""
        return KEPT.ask(self._owner_url, kept.changed)


def _same(request: httpx.Request) -> httpx.Request:
    return httpx.Request(
        request.method,
        request.url,
        headers=request.headers,
        content=request.content,
        extensions=request.extensions,
    )


def _is_away(answer: httpx.Response) -> bool:
    """Whether it says that the service is away, and when to ask again."""
    return answer.status_code == 503 and "retry-after" in answer.headers


def _undoes(step: Step) -> bool:
    """What is refused anyway may be told so, whether it was rolled back or cut off."""
    return step[1].startswith("ROLLBACK")


@dataclass
class Look:
    """What stood in a database, and which transactions were over by then."""

    rows: Rows
    since: int
    """Every transaction from this one on may have been committed afterwards."""

    async def changed(self, kept: Connection) -> list[str]:
        """The tables that are not as they were, by name; and this looks again."""
        if not await kept.fetchval(_COMMITTED_SINCE, self.since):
            return []
        now = await look(kept)
        changed = [name for name, content in now.rows.items() if content != self.rows[name]]
        self.rows, self.since = now.rows, now.since
        return sorted(changed)


async def look(kept: Connection) -> Look:
    """What stands in all tables but those that say who looked."""
    since = await kept.fetchval(_NOT_OVER)
    tables = [row[0] for row in await kept.fetch(_TABLES) if row[0] not in SAYS_WHO_LOOKED]
    return Look({table: await kept.fetchrow(_CONTENT.format(table)) for table in tables}, since)
