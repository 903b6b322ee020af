"""Caseloads as a case system sends them, each test's of a day of its own."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count
from typing import Any

import httpx

from tests.api import Api, Json

TEAM, OTHER = "lincoln-fast", "lac-north"
NDJSON, CSV = "application/x-ndjson", "text/csv"
# Each test sends caseloads of its own days; nothing else of the run is in them.
_DAYS = count()


@dataclass
class Caseloads:
    """One test's caseload."""

    system: Api
    standards: Api
    new_ref: Callable[[], str]
    day: date = field(default_factory=lambda: date(2027, 12, 1) + timedelta(days=next(_DAYS)))

    @property
    def morning_after(self) -> str:
        """When it is sent."""
        return f"{self.day + timedelta(days=1)}T09:30:00Z"

    @property
    def path(self) -> str:
        """Where the caseload of this test's day is."""
        return f"/v1/caseloads/{self.day}"

    def child(self, ref: str | None = None, **said: Any) -> Json:
        """An open case, of a child whom nobody knows yet."""
        return {"ref": ref or self.new_ref(), "team": TEAM, "status": "child-in-need"} | said

    def put(self, children: Sequence[Json], by: Api | None = None, tag: str = "") -> httpx.Response:
        """The caseload as JSON, created or in place of the version of a tag."""
        headers = {"if-match": tag} if tag else {"if-none-match": "*"}
        sent = {"children": list(children)}
        return (by or self.system).request("PUT", self.path, json=sent, headers=headers)

    def put_file(
        self,
        content: bytes,
        kind: str = NDJSON,
        by: Api | None = None,
        *,
        count: int | None = None,
        digest: str | None = None,
    ) -> httpx.Response:
        """The caseload as a file, and what is said of it."""
        headers = {"if-none-match": "*", "content-type": kind}
        headers |= {} if digest is None else {"content-digest": digest}
        path = self.path if count is None else f"{self.path}?count={count}"
        return (by or self.system).request("PUT", path, content=content, headers=headers)

    def taken(self, *children: Json) -> Json:
        """A caseload that was taken."""
        answer = self.put(children)
        assert answer.status_code == 201, answer.text
        found: Json = answer.json()
        return found

    def children(self, query: str = "", by: Api | None = None) -> list[Json]:
        """The children that are listed."""
        answer = (by or self.standards).get(f"{self.path}/children?{query}")
        assert answer.status_code == 200, answer.text
        items: list[Json] = answer.json()["items"]
        return items

    def refs(self, query: str = "", by: Api | None = None) -> list[str]:
        """Their references."""
        return [child["ref"] for child in self.children(query, by)]


def lines(*children: Json) -> bytes:
    """A file of NDJSON."""
    return b"".join(json.dumps(child).encode() + b"\n" for child in children)


def faults(answer: httpx.Response) -> list[tuple[str | int, str]]:
    """Where the faults are, by line if there is one, and of which kind."""
    assert answer.status_code == 422, answer.text
    return [
        (error.get("line") or error.get("pointer", error.get("parameter")), error["code"])
        for error in answer.json()["errors"]
    ]
