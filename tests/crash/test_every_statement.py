"""The story of the demo, told over a way to PostgreSQL that is cut before and after its statements.

Whoever is answered 503 sends the same again, as a client does. The worker's way is not cut: what it
has sent and not recorded comes again after a minute, and so long nobody waits in the story.

`./dev drill crash` tells it, and cuts a twelfth of all steps of its transactions, another with
another seed. The suite cuts single operations instead (`test_every_operation`).
"""

import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Final

import pytest

from tests.conftest import Clone, Database
from tests.crash.cutting import Cut, Cutter, cutting
from tests.drill import SEED, share
from tests.kept import KEPT
from tests.test_main import environment_of, until

IN_SUITE: Final = share(1) == 1
ONE_IN: Final = 12
"""Of the ways to cut one in so many is chosen, by the seed."""
SECONDS_APART: Final = 1.0
SECONDS_IN_A_ROW: Final = 30.0
"""A client that is cut off again and again for minutes gives up."""
AT_LENGTH: Final = 3600.0
"""Seconds after which a story that is cut everywhere is taken to have no end."""
BEGINS: Final = "2027-04-01T08:00:00Z"
PATIENT: Final = {
    "QA_COMMAND_TIMEOUT_SECONDS": "150",
    "QA_STATEMENT_TIMEOUT_SECONDS": "150",
    "QA_LOCK_TIMEOUT_SECONDS": "20",
    "QA_REQUEST_DEADLINE_SECONDS": "150",
}
"""What else this machine does makes it slow, and no fault of the story's."""
EVENTS: Final = """
SELECT type, count(*) FROM events WHERE data ->> 'what' IS DISTINCT FROM 'webhook_endpoint'
GROUP BY type
"""
"""Of all but the endpoint: where the answer with its secret was lost, it is given another."""
TWICE: Final = r"""
SELECT type, about_id FROM events
WHERE type ~ '\.(opened|raised|registered|completed|submitted|recorded|delivered|closed)$'
AND type <> 'audit.closed'
GROUP BY type, about_id, data HAVING count(*) > 1
"""
"""An audit that was closed before it was amended is closed again after it."""


def chosen(cut: Cut) -> bool:
    """One in so many of the ways to cut, by the seed."""
    return int.from_bytes(sha256(f"{SEED} {cut}".encode()).digest()[:4]) % ONE_IN == 0


@pytest.fixture
def short() -> Iterator[Path]:
    """A directory whose name is short enough for a socket."""
    with tempfile.TemporaryDirectory(prefix="qa-cut-") as made:
        yield Path(made)


def story(environment: dict[str, str], data: Path, begun: Callable[[], None]) -> None:
    """Tell it to the end; `begun` is called when the authority is there and the story begins."""
    log = data.with_suffix(".log")
    with log.open("wb") as told:
        process = subprocess.Popen(
            [sys.executable, "-m", "qa_api", "demo", "--data", str(data)],
            env=environment | PATIENT | {"QA_CLOCK": BEGINS},
            stdout=told,
            stderr=subprocess.STDOUT,
        )
        try:
            until(lambda: "1.1  " in log.read_text() or process.poll() is not None)
            begun()
            assert process.wait(AT_LENGTH) == 0, log.read_text()[-2000:]
        finally:
            process.kill()
            process.wait()


def events(database: Database) -> Counter[str]:
    """How many of each type the log holds.

    Nothing is left out that the worker does in its own time: the story waits for it.
    """
    rows = KEPT.ask(database.migrate_url, lambda kept: kept.fetch(EVENTS))
    return Counter({row[0]: row[1] for row in rows})


@pytest.mark.long
@pytest.mark.skipif(IN_SUITE, reason="takes six minutes: `./dev drill crash`")
def test_a_story_that_is_cut_at_its_statements_ends_as_one_that_is_not(
    clone: Clone,
    tmp_path: Path,
    short: Path,
    record_property: Callable[[str, object], None],
) -> None:
    cut = clone()
    cutter = Cutter(chosen, SECONDS_APART, SECONDS_IN_A_ROW)
    with cutting(cut.database_url, short, cutter) as url:
        story(environment_of(cut) | {"QA_DATABASE_URL": url}, tmp_path / "cut", cutter.begin)
    record_property("asked", len(cutter.cuts))
    record_property("wrong", 0)
    assert {when for _, when in cutter.cuts} == {"before", "after"}
    whole = clone()
    story(environment_of(whole), tmp_path / "whole", lambda: None)
    assert events(cut) == events(whole)
    assert KEPT.ask(cut.migrate_url, lambda kept: kept.fetch(TWICE)) == []
    checked = subprocess.run(
        [sys.executable, "-m", "qa_api", "check"],
        env=environment_of(cut),
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
