"""Reporting tools that follow every dataset by its tokens, page by page, as the guide says."""

from collections import Counter
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final

import httpx

from qa_api.reporting.datasets import DATASETS
from tests.api import Json
from tests.patient import Patient

SIZES: Final = (3, 50, 1_000)
"""How many rows a page may have; one of these is chosen for each pull."""


class TokenRefused(Exception):
    """The database was put back since the token was given out: pull in full."""


@dataclass
class Follower:
    """A copy of one dataset, and how often each row was sent to it."""

    dataset: str
    headers: dict[str, str]
    random: Random
    rows: dict[str, Json] = field(default_factory=dict)
    sent: Counter[str] = field(default_factory=Counter)
    seen: set[str] = field(default_factory=set)
    token: str = ""
    pulls: int = 0
    patient: Patient = field(init=False)
    """How the service is reached at the time."""

    async def begin(self) -> None:
        """Pull it in full, instead of what there was."""
        self.rows.clear()
        self.sent.clear()
        self.rows, self.token = await self.anew()
        self.seen |= self.rows.keys()

    async def anew(self) -> tuple[dict[str, Json], str]:
        """What it is now, and from where to follow."""
        sent, token = await self._pull(1_000)
        rows: dict[str, Json] = {}
        _apply(rows, sent)
        return rows, token

    async def follow(self) -> int:
        """Pull what changed since; how many rows were sent."""
        sent, self.token = await self._pull(self.random.choice(SIZES), changed_since=self.token)
        _apply(self.rows, sent)
        self.sent.update(row["id"] for row in sent)
        self.seen |= self.rows.keys()
        return len(sent)

    async def _pull(self, limit: int, **asked: str) -> tuple[list[Json], str]:
        rows: list[Json] = []
        query: dict[str, Any] = {"limit": limit, **asked}
        while True:
            self.pulls += 1
            path = f"/v1/reporting/{self.dataset}?{httpx.QueryParams(query)}"
            answer, _ = await self.patient.ask("GET", path, headers=self.headers)
            if answer.status_code == 400:
                assert answer.json()["type"] == "/problems/invalid-cursor", answer.text
                raise TokenRefused
            assert answer.status_code == 200, answer.text
            page = answer.json()
            rows += page["items"]
            if page["next_cursor"] is None:
                return rows, str(page["changes_token"])
            query["cursor"] = page["next_cursor"]


def _apply(rows: dict[str, Json], sent: list[Json]) -> None:
    for row in sent:
        if row["is_deleted"]:
            rows.pop(row["id"], None)
        else:
            rows[row["id"]] = row


def followers(token: str, seed: str) -> list[Follower]:
    """One of each dataset."""
    headers = {"authorization": f"Bearer {token}", "x-purpose": "data_quality"}
    return [Follower(name, headers, Random(f"{seed} {name}")) for name in DATASETS]
