"""Every route of the contract, asked rightly and wrongly, with a marked word wherever one fits."""

import itertools
import json
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote
from uuid import uuid4

import httpx

from qa_api.auth.roles import ROLE_PERMISSIONS, Permission, Role
from qa_api.demo.people import demo_principals
from tests.api import SOME_VERSION
from tests.canaries.heard import Answer, Heard
from tests.canaries.marking import HEADER, REFERENCE, WORD, Marker, spoilt
from tests.contract.document import Json, Operation, operations, resolved

STRANGER: Final = "case-system-mosaic"
NOBODYS: Final = {"authorization": f"Bearer {HEADER}.{HEADER}.{HEADER}"}


@dataclass(frozen=True)
class Asked:
    """A request to one operation."""

    path: str
    person: str | None
    headers: dict[str, str] = field(default_factory=dict)
    query: dict[str, str] = field(default_factory=dict)
    content: bytes | None = None


class Known:
    """Operations by method and path, and for each path of the contract one that led somewhere."""

    def __init__(self) -> None:
        self._operations = [
            (each.method, re.compile(re.sub(r"\{[^}]+\}", "[^/]+", each.path)), each)
            for each in sorted(operations(), key=lambda each: each.path.count("{"))
        ]
        self._paths: dict[str, str] = {}

    def operation(self, method: str, path: str) -> Operation | None:
        """The operation that a request is for."""
        return next(
            (
                each
                for how, form, each in self._operations
                if how == method.lower() and form.fullmatch(path)
            ),
            None,
        )

    def learn(self, path: str) -> None:
        """Remember a path that led to something, and those above it."""
        parts = path.split("/")
        for length in range(3, len(parts) + 1):
            above = "/".join(parts[:length])
            for _, form, each in self._operations:
                if form.fullmatch(above):
                    self._paths[each.path] = above

    def path(self, template: str) -> str:
        """A path of this form that leads as far as any that is known."""
        if template in self._paths:
            return self._paths[template]
        above, _, last = template.rpartition("/")
        known = self.path(above) if "{" in above else above
        return f"{known}/{made_up(last)}"


def made_up(template: str) -> str:
    """A path that names nothing."""

    def value(match: re.Match[str]) -> str:
        name = match[1]
        if name == "system":
            return "mosaic"
        if name == "ref":
            return f"{REFERENCE}-{uuid4().hex[:8]}"
        if name in {"version", "number"}:
            return "1"
        return str(uuid4()) if name.endswith("id") else "no-such-thing"

    return re.sub(r"\{(\w+)\}", value, template)


def schema_of(operation: Operation) -> tuple[str, Json] | None:
    """The media type of an operation's body and its schema; None where it takes none."""
    content = operation.content.get("requestBody", {}).get("content")
    if not content:
        return None
    media_type, declared = next(iter(content.items()))
    return media_type, declared["schema"]


def alternatives(schema: Json) -> list[Json]:
    """The several forms that a body may have."""
    schema = schema if "properties" in resolved(schema) else resolved(schema)
    if schema.get("type") == "array":
        return [{"type": "array", "items": each} for each in alternatives(schema["items"])]
    return list(schema.get("anyOf") or schema.get("oneOf") or [schema])


def said_by(answer: httpx.Response) -> str:
    """What an answer says; of one that goes on while somebody listens, its first event."""
    if not answer.headers.get("content-type", "").startswith("text/event-stream"):
        answer.read()
        return answer.text
    lines = answer.iter_lines()
    return "\n".join(itertools.takewhile(bool, itertools.dropwhile(not_an_event, lines)))


def not_an_event(line: str) -> bool:
    """Whether a line of a stream is empty, or of no event: a comment, or when to come back."""
    return not line.startswith(("event:", "data:", "id:"))


@dataclass
class Routes:
    """Asks every operation, as people who may and as people who may not."""

    http: httpx.Client
    token: Callable[[str], str]
    known: Known
    marker: Marker
    heard: Heard

    def __post_init__(self) -> None:
        people = demo_principals()
        first = (Role.QUALITY_STANDARDS, *Role)
        self._who = {
            permission.value: people[role]
            for permission in Permission
            for role in reversed(first)
            if permission in ROLE_PERMISSIONS[role]
        }

    def ask_everything(self, share: int = 1, seed: str = "") -> None:
        """Each operation rightly and in every wrong way; or, with a share, one in so many of these.

        Of a share each operation with a body is asked rightly all the same, one in every way, and
        of all the others together each wrong way is gone: another one for each operation, and with
        another seed another one.
        """
        begins = random.Random(seed).randrange(share)
        for number, operation in enumerate(operations(), start=begins):
            always = schema_of(operation) is not None
            in_every_way = (operation.method, operation.path) == ("post", "/v1/audits")
            for turn, asked in enumerate(self.ways(operation)):
                if (turn == 0 and always) or in_every_way or (turn + number) % share == 0:
                    self.ask(operation, asked)

    def ask(self, operation: Operation, asked: Asked) -> None:
        """One request; its answer is kept."""
        headers = dict(asked.headers)
        if asked.person is not None:
            headers = {"authorization": f"Bearer {self.token(asked.person)}"} | headers
        with self.http.stream(
            operation.method.upper(),
            asked.path,
            params=asked.query,
            headers=headers,
            content=asked.content,
        ) as answer:
            text = said_by(answer)
        if answer.status_code < 300:
            self.known.learn(asked.path)
        name = f"{operation.method.upper()} {operation.path}"
        self.heard.answers.append(Answer(name, answer.status_code, answer.headers, text))

    def ways(self, operation: Operation) -> Iterator[Asked]:
        """The right way and the wrong ones."""
        bodies = self.bodies(operation)
        for content in bodies:
            right = self.rightly(operation, content)
            yield right
            yield Asked(made_up(operation.path), right.person, right.headers, {}, content)
            if content is not None:
                yield from self._bodies_in_wrong_ways(right, content)
        right = self.rightly(operation, bodies[0])
        for name in (
            "if-match",
            "if-none-match",
            "idempotency-key",
            "traceparent",
            "accept",
            "x-correlation-id",
        ):
            yield Asked(
                right.path,
                right.person,
                right.headers | {name: f'"{HEADER} {name}"'},
                {},
                right.content,
            )
        yield Asked(
            right.path,
            right.person,
            {"content-type": right.headers.get("content-type", "")},
            {},
            right.content,
        )
        yield Asked(right.path, None, right.headers | NOBODYS, {}, right.content)
        yield Asked(right.path, STRANGER, right.headers, {}, right.content)
        yield Asked(right.path, right.person, right.headers, {f"{WORD} so": WORD}, right.content)
        for parameter in operation.content.get("parameters", ()):
            if parameter["in"] == "query":
                query = {parameter["name"]: f"{WORD} {parameter['name']}"}
                yield Asked(right.path, right.person, right.headers, query, right.content)
            if parameter["in"] == "path":
                marked = operation.path.replace(f"{{{parameter['name']}}}", quote(f"{WORD} a"))
                yield Asked(made_up(marked), right.person, right.headers, {}, right.content)

    def _bodies_in_wrong_ways(self, right: Asked, content: bytes) -> Iterator[Asked]:
        body = json.loads(content)
        first = body[0] if isinstance(body, list) else body
        wrong: list[bytes] = [
            json.dumps(spoilt(body)).encode(),
            json.dumps({**first, f"{WORD} unknown": {f"{WORD} so": [WORD]}}).encode(),
            json.dumps(body).replace(WORD, WORD * 20_000, 1).encode(),
            content[:-1] + f'"{WORD}'.encode(),
            content.replace(WORD.encode(), f"{WORD}\\u0000".encode(), 1),
            content.replace(WORD.encode(), f"{WORD}\xff".encode("latin-1"), 1),
        ]
        for each in wrong:
            yield Asked(right.path, right.person, right.headers, {}, each)
        yield Asked(
            right.path, right.person, right.headers | {"content-type": "text/plain"}, {}, content
        )

    def bodies(self, operation: Operation) -> list[bytes | None]:
        """Bodies in which every free text is marked: one of each form; none where none is taken."""
        taken = schema_of(operation)
        if taken is None:
            return [None]
        return [
            json.dumps(body).encode()
            for each in alternatives(taken[1])
            for body in self.marker.all_filled(each)
        ]

    def rightly(self, operation: Operation, content: bytes | None) -> Asked:
        """The request as somebody would make it who may, on the version that is there."""
        path = self.known.path(operation.path)
        person = self._who.get(operation.permission or "", "qs-1")
        if path.endswith("/case-events") or "/case-events/" in path:
            person = STRANGER if operation.method == "post" else person
        declared = {each["name"].lower() for each in operation.content.get("parameters", ())}
        headers: dict[str, str] = {}
        taken = schema_of(operation)
        if taken is not None:
            headers["content-type"] = taken[0]
        if "idempotency-key" in declared:
            headers["idempotency-key"] = f"{HEADER}-{uuid4().hex}"
        if "if-match" in declared:
            record = path.rpartition("/")[0] if operation.method == "post" else path
            headers["if-match"] = self._tag(record, person)
        return Asked(path, person, headers, {}, content)

    def _tag(self, path: str, person: str) -> str:
        headers = {"authorization": f"Bearer {self.token(person)}"}
        tag: str = self.http.get(path, headers=headers).headers.get("etag", SOME_VERSION)
        return tag
