"""A client that listens to Server-Sent Events, as a page does with `fetch`."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx

from tests.api import WITHOUT_TLS, Api, Json

PATIENCE = 20.0
"""Seconds after which something that should be told is taken not to be."""
MOST_SIGNS = 100
"""Signs of life after which it is taken that nothing is told."""
WORK = "/v1/me/work/changes"


@dataclass
class Told:
    """One event of a stream."""

    name: str
    data: Json
    id: str
    retry: int | None = None


@dataclass
class Stream:
    """What somebody listens to."""

    response: httpx.Response
    signs_of_life: int = 0
    last_id: str = ""
    lines: Iterator[str] = field(init=False)

    def __post_init__(self) -> None:
        self.lines = self.response.iter_lines()

    def next(self, signs: int = MOST_SIGNS) -> Told:
        """The next event; signs of life are counted and passed over. StopIteration at the end."""
        given: dict[str, str] = {}
        passed = 0
        while True:
            line = next(self.lines)
            if line.startswith(":"):
                self.signs_of_life += 1
                passed += 1
                assert passed < signs, "nothing is told"
            elif line:
                name, _, value = line.partition(": ")
                given[name] = value
            elif given:
                self.last_id = given.get("id", self.last_id)
                if "data" in given:
                    retry = int(given["retry"]) if "retry" in given else None
                    return Told(given["event"], json.loads(given["data"]), self.last_id, retry)
                given = {}

    def changes(self, until: str) -> list[Told]:
        """What is told of changes up to one at a path."""
        told: list[Told] = []
        while not told or told[-1].data.get("path") != until:
            told.append(self.next())
        return [one for one in told if one.name == "change"]

    def until(self, path: str) -> list[Told]:
        """All that is told up to the change of what is at a path."""
        told = [self.next()]
        while told[-1].data.get("path") != path:
            told.append(self.next())
        return told

    def sign_of_life(self) -> str:
        """Wait for one, and give the id that it moved on to."""
        for line in self.lines:
            if line.startswith("id: "):
                self.last_id = line.removeprefix("id: ")
            elif line.startswith(":"):
                self.signs_of_life += 1
            elif not line and self.signs_of_life:
                return self.last_id
        raise AssertionError("the stream ended")


@contextmanager
def listening(api: Api, path: str = WORK, *, last: str | None = None) -> Iterator[Stream]:
    """Listen as this person until the block ends."""
    headers = {"authorization": f"Bearer {api.token()}"}
    if last is not None:
        headers["last-event-id"] = last
    with (
        httpx.Client(
            base_url=api.server.url, timeout=PATIENCE, verify=WITHOUT_TLS, trust_env=False
        ) as client,
        client.stream("GET", path, headers=headers) as response,
    ):
        if response.status_code != 200:
            response.read()
        yield Stream(response)


@contextmanager
def begun(api: Api, path: str = WORK) -> Iterator[Stream]:
    """Listen from now on: what is first said, to look at what there is, has been said."""
    with listening(api, path) as stream:
        if path == WORK:
            first = stream.next()
            assert (first.name, first.data) == ("look_again", {"because": "started"})
        else:
            stream.sign_of_life()
        yield stream
