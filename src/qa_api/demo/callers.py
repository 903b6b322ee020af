"""The people and systems of the story, as HTTP clients."""

from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic, sleep
from typing import Any, Final
from uuid import uuid4

import httpx

Json = dict[str, Any]

_TIMES: Final = 5
"""How often a change is tried where others are changing the same record."""
PATIENCE: Final = 180.0
"""Seconds for which something is tried that the service has no room for, or does not answer, and
after which what should happen is taken not to: the largest takes a busy machine over a minute."""


class Unexpected(RuntimeError):
    """The service answered something that the story does not tell."""


@dataclass(frozen=True)
class Caller:
    """One person or system with their own token."""

    name: str
    http: httpx.Client
    token: Callable[[str], str]
    meanwhile: Callable[[], None]

    def get(self, path: str, **query: Any) -> Json:
        """A resource or a list."""
        return self._ask("GET", path, params=query or None, expected=200)

    def get_nothing(self, path: str) -> None:
        """What is not there for this person."""
        self._ask("GET", path, expected=404)

    def create(self, path: str, body: Json) -> Json:
        """Make something new."""
        return self._ask("POST", path, json=body, expected=201)

    def send(self, path: str, body: Json, media_type: str) -> Json:
        """Send an event."""
        return self._ask(
            "POST", path, json=body, headers={"content-type": media_type}, expected=202
        )

    def act(self, path: str, body: Json | None = None, *, expected: int = 200) -> Json:
        """A step of a record's life, on the version that is there now."""
        return self._on_version("POST", path, body or {}, path.rpartition("/")[0], expected)

    def put(self, path: str, body: Json) -> Json:
        """Write a part of a record that is not there yet."""
        headers = {"if-none-match": "*"}
        return self._ask("PUT", path, json=body, headers=headers, expected={200, 201})

    def edit(self, path: str, body: Json) -> Json:
        """Change a record, on the version that is there now."""
        return self.change("PATCH", path, body)

    def change(self, method: str, path: str, body: Json, *, on: str | None = None) -> Json:
        """PUT or PATCH a record, on the version that is there now: its own, or that of `on`."""
        return self._on_version(method, path, body, on or path, 200)

    def put_part(self, record: str, part: str, body: Json) -> Json:
        """Write a part of a record, on the version of the record that is there now."""
        return self.change("PUT", f"{record}/{part}", body, on=record)

    def ask(self, path: str) -> Json:
        """POST a question that changes nothing."""
        return self._ask("POST", path, expected=200)

    def tell(self, path: str) -> None:
        """A step after which there is nothing to answer."""
        self.act(path, expected=204)

    def page(self, path: str, **query: Any) -> str:
        """A document as a page that can be printed."""
        response = self._send("GET", path, params=query, headers={"accept": "text/html"})
        if not response.headers["content-type"].startswith("text/html"):
            raise Unexpected(f"{self.name}: the page {path} answered {_in_one_line(response)}")
        return response.text

    def _on_version(self, method: str, path: str, body: Json, record: str, expected: int) -> Json:
        """Change what is there now. Where somebody was quicker, look again."""
        for _ in range(_TIMES):
            seen = self._send("GET", record)
            headers = {"if-match": seen.headers.get("etag", "*")}
            response = self._send(method, path, json=body, headers=headers)
            if response.status_code != httpx.codes.PRECONDITION_FAILED:
                break
        return self._expect(response, {expected})

    def _ask(self, method: str, path: str, *, expected: int | set[int], **options: Any) -> Json:
        response = self._send(method, path, **options)
        return self._expect(response, {expected} if isinstance(expected, int) else expected)

    def _send(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Send a request; again a little later where the service has no room, or is away.

        A change has a key: if it was made and its answer was lost, it is not made again.
        """
        headers = self._authorised(options.pop("headers", {}))
        if method != "GET":
            headers["idempotency-key"] = uuid4().hex
        give_up = monotonic() + PATIENCE
        while True:
            pause = 1.0
            try:
                response = self.http.request(method, path, headers=headers, **options)
            except httpx.TransportError:
                if monotonic() > give_up:
                    raise
            else:
                busy = response.status_code == httpx.codes.SERVICE_UNAVAILABLE
                if not busy or monotonic() > give_up:
                    return response
                pause = float(response.headers.get("retry-after", pause))
            self.meanwhile()
            sleep(pause)

    def _expect(self, response: httpx.Response, expected: set[int]) -> Json:
        if response.status_code not in expected:
            asked = f"{response.request.method} {response.request.url.path}"
            raise Unexpected(f"{self.name}: {asked} answered {_in_one_line(response)}")
        answer: Json = response.json() if response.content else {}
        return answer

    def _authorised(self, headers: dict[str, str]) -> dict[str, str]:
        return {"authorization": f"Bearer {self.token(self.name)}"} | headers


def _in_one_line(response: httpx.Response) -> str:
    """An answer in one line: a problem in its own words."""
    if not response.headers.get("content-type", "").endswith("json"):
        return str(response.status_code)
    body = response.json()
    faults = [
        f"{fault.get('pointer', fault.get('parameter', ''))} {fault['detail']}"
        for fault in body.get("errors", ())
    ]
    return " ".join([str(response.status_code), body.get("detail", ""), *faults]).strip()
