"""What comes out of the service, and a reader of it that looks for what was marked."""

import re
from base64 import urlsafe_b64decode
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from tests.canaries.marking import HEADER, REFERENCE, WORD

REFERENCES: Final = rf"{REFERENCE}[-.\w]*|\bC-[0-9a-f]{{8}}\b|\bE-[0-9a-f]{{10}}\b"
"""References as they are made here, and as the story makes them."""
TEXTS: Final = re.compile(rf"{WORD}[-.\w]*|{HEADER}[-.\w]*")
ALL: Final = re.compile(f"{TEXTS.pattern}|{REFERENCES}")

CHRONICLE: Final = (
    "access_log",
    "deliveries",
    "delivery_attempts",
    "event_seals",
    "events",
    "idempotency_keys",
    "rollup_deltas",
    "rollup_rows",
    "rollups",
)
"""Tables that hold no narrative, for those who keep the service and not for those who use it."""

_BASE64: Final = re.compile(r"[A-Za-z0-9_-]{24,}={0,2}")


@dataclass(frozen=True)
class Answer:
    """An answer of the service, as far as it is looked through."""

    asked: str
    status: int
    headers: Mapping[str, str]
    body: str


@dataclass
class Heard:
    """All that was heard of the service, by where."""

    answers: list[Answer] = field(default_factory=list)
    webhooks: list[str] = field(default_factory=list)
    log: str = ""
    database_log: str | None = None
    metrics: str = ""
    rows: dict[str, str] = field(default_factory=dict)
    """What the database holds, by table."""
    pages: dict[str, Answer] = field(default_factory=dict)
    """The printed pages that were asked for on purpose, by operation."""

    def whole_answers(self) -> Iterator[str]:
        """Every answer with its headers, but for printed pages."""
        for answer in self.answers:
            if answer.status < 300 and answer.headers.get("content-type", "").startswith(
                "text/html"
            ):
                continue
            yield f"{answer.asked} {answer.status} {dict(answer.headers)} {answer.body}"

    def other_tables(self, *but: str) -> Iterator[str]:
        """Every row of every table but some."""
        for table, rows in self.rows.items():
            if table not in but:
                for row in rows.splitlines():
                    yield f"{table}: {row}"

    @property
    def statuses(self) -> Counter[int]:
        """How often each status was answered."""
        return Counter(answer.status for answer in self.answers)

    def refusals(self) -> Iterator[str]:
        """Each problem document, with the request that it answers."""
        for answer in self.answers:
            if answer.status >= 400:
                yield f"{answer.asked} {answer.status}: {answer.body}"

    def addresses(self) -> Iterator[str]:
        """What the service gives out that ends up in addresses, as written and as decoded."""
        for answer in self.answers:
            given = [answer.headers.get(name, "") for name in ("location", "link")]
            given += re.findall(
                r'"(?:next_cursor|next_changes|instance|url)": ?"([^"]*)"', answer.body
            )
            for each in filter(None, given):
                yield f"{answer.asked}: {each} {decoded(each)}"

    def chronicle(self) -> Iterator[str]:
        """The rows that tell of requests, messages and events, not of the work itself."""
        for table in CHRONICLE:
            for row in self.rows[table].splitlines():
                yield f"{table}: {row}"


def decoded(text: str) -> str:
    """What stands in a text in Base64, such as the key in a cursor."""
    found = []
    for each in _BASE64.findall(text):
        raw = urlsafe_b64decode(each.rstrip("=") + "=" * (-len(each.rstrip("=")) % 4))
        found.append(raw.decode("utf-8", "replace"))
    return " ".join(found)


def leaks(lines: Iterator[str], marks: re.Pattern[str]) -> list[str]:
    """What is marked and stands in a line; a few lines are enough to find where from."""
    found: dict[str, str] = {}
    for line in lines:
        for match in marks.finditer(line):
            found.setdefault(match[0], line[:300])
    return [f"{word}: {line}" for word, line in list(found.items())[:20]]
