"""`./dev bench growth`: does an answer take longer when there are a hundred times as many audits?

Two authorities are served at once, a small one and a large one, and asked the same in turns. Both
have had the same five years, so each quarter of the large one is as much larger.
"""

import argparse
import http.client
import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from uuid import uuid4

from bench import options
from bench.database import Authority, authority
from bench.processes import Served, family_cpu_seconds, serving
from qa_api.rules.local_time import FinancialQuarter, local_date

GENERATE = Path(__file__).with_name("growth.sql")
FLOOR = 1.5
WARM = 8
"""Answers that are not counted: connections, plans and caches."""

TEAM = "lincoln-fast"
TEAM_MANAGER = f"tm-{TEAM}"
Environment = Callable[[Authority], dict[str, str]]


@dataclass(frozen=True)
class Question:
    """What is asked of both, and by whom; `{audit}` in a path is a closed audit of the team.

    With `plans`, its child is to be audited again: a write.
    """

    name: str
    person: str
    path: str
    plans: bool = False


@dataclass(frozen=True)
class Answers:
    """Some answers to one question: milliseconds each took, and CPU milliseconds per answer."""

    took: float
    cpu: float


class Asked:
    """One served authority, over one kept-alive connection."""

    def __init__(self, filled: Authority, served: Served) -> None:
        self._filled, self._served = filled, served
        self._connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=120)
        assert filled.server.pid is not None
        self._postgres: int = filled.server.pid
        self._tokens = {
            person: filled.issuer.issue(person) for person in {q.person for q in questions()}
        }
        closed = f"/v1/audits?team={TEAM}&state=closed&limit=1"
        (self._closed,) = json.loads(self._answered("GET", closed, TEAM_MANAGER))["items"]

    def ask(self, question: Question, times: int) -> Answers:
        """So many answers, one after the other."""
        cpu, took = -self._cpu(), []
        for _ in range(times):
            started = time.perf_counter()
            self.once(question)
            took.append(1000 * (time.perf_counter() - started))
        return Answers(median(took), 1000 * (cpu + self._cpu()) / times)

    def once(self, question: Question) -> int:
        """One answer; how many bytes it has."""
        path = question.path.replace("{audit}", self._closed["id"])
        if not question.plans:
            return len(self._answered("GET", path, question.person))
        child = {name: self._closed["subject"][name] for name in ("system", "ref")}
        planned = {"type": "closure", "subject": child, "auditor": f"ps-{TEAM}"}
        return len(self._answered("POST", path, question.person, planned))

    def _answered(self, method: str, path: str, person: str, body: object = None) -> bytes:
        """What somebody is answered, which has to be what they asked for."""
        headers = {"Authorization": f"Bearer {self._tokens[person]}"}
        if body is not None:
            headers |= {"Content-Type": "application/json", "Idempotency-Key": uuid4().hex}
        sent = None if body is None else json.dumps(body)
        self._connection.request(method, path, body=sent, headers=headers)
        answer = self._connection.getresponse()
        read = answer.read()
        if answer.status not in {200, 201}:
            raise RuntimeError(f"{path} was answered {answer.status}")
        return read

    def _cpu(self) -> float:
        return self._served.cpu_seconds() + family_cpu_seconds(self._postgres)


def questions() -> list[Question]:
    """Reports of the quarter that ended last, lists, wide and narrow, a single read and a write."""
    quarter = FinancialQuarter.of(local_date(datetime.now(UTC))).previous  # noqa: TID251 - the service runs by it
    report = f"/v1/reporting/metrics/{quarter.label.replace(' ', '%20')}"
    return [
        Question("report", "qs-1", report),
        Question("report, one team", TEAM_MANAGER, report),
        Question("report, one service", "hos-fast", f"{report}?service=fast"),
        Question("report, team and type", "qs-1", f"{report}?team={TEAM}&type=collaborative"),
        Question("report by team", "qs-1", f"{report}/breakdown?by=team"),
        Question("overdue responses", "qs-1", "/v1/audit-responses?overdue=true"),
        # Pages that both can fill.
        Question(
            "overdue responses, team", TEAM_MANAGER, "/v1/audit-responses?overdue=true&limit=5"
        ),
        Question("overdue actions", "qs-1", "/v1/restorative-actions?overdue=true"),
        Question(
            "overdue actions, team", TEAM_MANAGER, "/v1/restorative-actions?overdue=true&limit=5"
        ),
        Question("my work", "qs-1", "/v1/me/work"),
        Question("my work, a manager's", TEAM_MANAGER, "/v1/me/work"),
        Question("due audits", "qs-1", "/v1/due-audits?limit=5"),
        Question("one audit", TEAM_MANAGER, "/v1/audits/{audit}"),
        Question("an audit planned", "qs-1", "/v1/audits", plans=True),
    ]


def main(words: Sequence[str], environment: Environment, machine: str) -> int:
    """Fill, serve, ask in turns, report."""
    asked = arguments(words)
    print(machine)
    with ExitStack() as all_:
        # To fill the large one takes longer than a connection or a token is kept.
        both = [all_.enter_context(filled(asked.data, each)) for each in (asked.small, asked.large)]
        small, large = (all_.enter_context(served(each, environment)) for each in both)
        print(f"\n{'':<26} {asked.small:>12,} {asked.large:>12,}   growth           CPU    floor")
        for question in questions():
            print(measured(question, small, large, asked.rounds), flush=True)
    return 0


def measured(question: Question, small: Asked, large: Asked, rounds: int) -> str:
    """One line: milliseconds in both, how they grow, by time and by CPU, and whether that holds."""
    for one in (small, large):
        one.ask(question, WARM)
    pairs = [(small.ask(question, 5), large.ask(question, 5)) for _ in range(rounds)]
    ratios = [after.took / before.took for before, after in pairs]
    work = sum(after.cpu for _, after in pairs) / sum(before.cpu for before, _ in pairs)
    held = "met" if median(ratios) <= FLOOR else "missed"
    before, after = (median(pair[at].took for pair in pairs) for at in (0, 1))
    return (
        f"{question.name:<26} {before:>9.1f} ms {after:>9.1f} ms"
        f"   x {median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f}) {work:>6.2f}"
        f"    {FLOOR:g}: {held}"
    )


@contextmanager
def filled(data: Path, audits: int) -> Iterator[Authority]:
    """An authority of this size."""
    place = data / f"growth-{audits}"
    place.mkdir(parents=True, exist_ok=True)
    with authority(place, audits, GENERATE) as found:
        yield found


@contextmanager
def served(filled: Authority, environment: Environment) -> Iterator[Asked]:
    """Its API."""
    with serving("qa_api", environment(filled)) as one:
        yield Asked(filled, one)


def arguments(words: Sequence[str]) -> argparse.Namespace:
    """The command line."""
    parser = options.parser("growth", __doc__, small=10_000, large=1_000_000, rounds=15)
    asked = parser.parse_args(words)
    if asked.data is None:
        parser.error("--data DIR is needed: it takes 6 GB, and is kept for the next run")
    return asked
