"""Two authorities of their own, where all closings until the end of the year are history.

What is sent to the one, one by one, leaves there what comes to the other another way.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from uuid import UUID, uuid4

import pytest

from qa_api.auth.development import DevelopmentIssuer
from qa_api.case_events.batches import receive_batch
from qa_api.case_events.event_file import READ
from qa_api.case_events.schemas import BatchItem
from qa_api.work import SERVICE, Work
from tests.api import Api, Json, give_right, serving
from tests.closures.orders import NOW, event, prepare
from tests.closures.sending import ALLOCATED, CANCELLED, CLOSED, CLOUDEVENT, PROPOSED, REOPENED
from tests.conftest import Clone, Database, settings_for
from tests.drill import NO_HURRY

TO_COME = "2027-01-01"


SENDER = "SELECT id FROM principals WHERE system = 'mosaic'"

WAITING = """
SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database()
    AND pg_backend_pid() = ANY (pg_blocking_pids(pid)))
"""


class Authority:
    """An authority, and its database."""

    def __init__(self, api: Api, database: Database) -> None:
        self.api, self.database = api, database


@pytest.fixture(scope="module")
def two(clone_of_authority: Clone, issuer: DevelopmentIssuer) -> Iterator[list[Authority]]:
    """The first is sent events one by one, the second is told them another way."""
    databases = [clone_of_authority(), clone_of_authority()]
    first, second = (settings_for(each, issuer, **NO_HURRY) for each in databases)
    with (
        serving(first) as one,
        Api(one, issuer) as api,
        serving(second) as other,
        Api(other, issuer) as other_api,
    ):
        yield [Authority(api, databases[0]), Authority(other_api, databases[1])]


@pytest.fixture(scope="module")
def prepared_two() -> list[bool]:
    """Whether the authorities have been made ready."""
    return []


@pytest.fixture
def authorities(
    two: list[Authority], prepared_two: list[bool], at: Callable[[str], None]
) -> list[Authority]:
    """Both, with people whom their case system calls by names of its own."""
    at(NOW)
    if not prepared_two:
        for each in two:
            prepare(each.api)
            changes = [{"key": "in_use_from", "value": TO_COME}]
            give_right(each.api, policy={"effective_from": NOW[:10], "changes": changes})
        prepared_two.append(True)
    return two


@pytest.fixture
def live_authorities(
    two: list[Authority], prepared_two: list[bool], at: Callable[[str], None]
) -> list[Authority]:
    """The same, where closings are looked after: a case that is to close has a gate."""
    at(NOW)
    if not prepared_two:
        for each in two:
            prepare(each.api)
        prepared_two.append(True)
    return two


async def take(work: Work, batch: Sequence[Json], sender: UUID | None = None) -> list[BatchItem]:
    """Take a batch as one that the case system has sent; the answers."""
    sender = sender or await work.driver.fetchval(SENDER)
    work.actor = SERVICE.but(system="mosaic", principal_id=sender)
    messages = [READ.validate_python(each) for each in batch]
    return await receive_batch(work, messages, list(batch))


def send(api: Api, events: Sequence[Json]) -> list[Json]:
    """Send events that are taken, one by one; the answers."""
    sender, answers = api.as_("case-system-mosaic"), []
    for each in events:
        answer = sender.post("/v1/case-events", each, headers={"content-type": CLOUDEVENT})
        assert answer.status_code == 202, answer.text
        answers.append(answer.json())
    return answers


STAFF = (
    ("lincoln-fast", "sw1-lincoln-fast"),
    ("Lincoln Fast", "Smith.J"),
    ("boston-fast", "SmithJ@x"),
    ("a-team-that-was", "left.long.ago"),
)


def history(seed: int, *, cases: int) -> list[Json]:
    """Cases of years past as case systems have them: sisters, moves, corrections, repeats."""
    chance, run = random.Random(seed), uuid4().hex[:8]
    told: list[Json] = []
    for case in range(cases):
        children = [
            {"ref": f"{run}-{case}-{number}", "role": chance.choice(("child", "Child", None))}
            for number in range(chance.choice((1, 1, 2)))
        ]
        day = chance.randrange(1, 28)
        for version, type_ in enumerate(chance.choice(LIVES), start=1):
            team, worker = chance.choice(STAFF)
            year = 2015 + case % 9
            said: Json = {
                "subjects": [dict(each) for each in children],
                "occurred_at": f"{year}-{min(12, version + 2):02}-{day:02}T12:00:00Z",
                "source_version": version,
                "episode_id": f"{run}-E{case}-{version > 5}",
            }
            if type_ == ALLOCATED:
                said["allocation"] = {"team": team, "worker": chance.choice((worker, None))}
            else:
                said |= {"team": team, "worker": worker}
                reason = chance.choice(("RC1", "RC5"))
                said["closure"] = {"date": f"{year}-12-0{version % 9 + 1}", "reason_code": reason}
            if chance.random() < 0.3:
                said["subjects"][0]["born_on"] = chance.choice(("2009-02-03", "2009-02-04"))
            told.append({**event(0, type_, **said), "id": f"{run}-{case}-{version}"})
    told.append({**event(0, "case.renamed.v9", any=[1, 2.5]), "id": f"{run}-x"})
    late = [told.pop(chance.randrange(len(told))) for _ in range(cases // 4)]
    return [*told, *late, *chance.sample(told, 3)]


LIVES = (
    (PROPOSED, CLOSED),
    (ALLOCATED, PROPOSED, CANCELLED, PROPOSED, CLOSED),
    (CLOSED, ALLOCATED, REOPENED, PROPOSED, CLOSED, ALLOCATED, CLOSED),
    (PROPOSED,),
)
