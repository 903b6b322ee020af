"""The people and systems of the story, as HTTP clients."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx

Json = dict[str, Any]


class Unexpected(RuntimeError):
    """The service answered something that the story does not tell."""


@dataclass(frozen=True)
class Caller:
    """One person or system with their own token."""

    name: str
    http: httpx.Client
    token: Callable[[str], str]

    def get(self, path: str, **query: Any) -> Json:
        """A resource or a list."""
        return self._ask("GET", path, params=query, expected=200)

    def create(self, path: str, body: Json) -> Json:
        """Make something new; the key makes a repetition harmless."""
        return self._ask(
            "POST", path, json=body, headers={"idempotency-key": uuid4().hex}, expected=201
        )

    def send(self, path: str, body: Json, media_type: str) -> Json:
        """Send an event."""
        return self._ask(
            "POST", path, json=body, headers={"content-type": media_type}, expected=202
        )

    def act(self, path: str, body: Json | None = None, *, expected: int = 200) -> Json:
        """A step of a record's life, on the version that is there now."""
        record = path.rpartition("/")[0]
        return self._ask(
            "POST", path, json=body or {}, headers=self._version(record), expected=expected
        )

    def put(self, path: str, body: Json) -> Json:
        """Write a part of a record that is not there yet."""
        return self._ask("PUT", path, json=body, headers={"if-none-match": "*"}, expected=200)

    def edit(self, path: str, body: Json) -> Json:
        """Change a record, on the version that is there now."""
        return self._ask("PATCH", path, json=body, headers=self._version(path), expected=200)

    def put_part(self, record: str, part: str, body: Json) -> Json:
        """Write a part of a record, on the record's version that is there now."""
        return self._ask(
            "PUT", f"{record}/{part}", json=body, headers=self._version(record), expected=200
        )

    def _version(self, path: str) -> dict[str, str]:
        response = self.http.get(path, headers=self._authorised({}))
        return {"if-match": response.headers.get("etag", "*")}

    def _ask(self, method: str, path: str, *, expected: int, **options: Any) -> Json:
        headers = self._authorised(options.pop("headers", {}))
        response = self.http.request(method, path, headers=headers, **options)
        if response.status_code != expected:
            raise Unexpected(
                f"{self.name}: {method} {path} answered {response.status_code}, not {expected}:"
                f" {response.text}"
            )
        answer: Json = response.json() if response.content else {}
        return answer

    def _authorised(self, headers: dict[str, str]) -> dict[str, str]:
        return {"authorization": f"Bearer {self.token(self.name)}"} | headers
