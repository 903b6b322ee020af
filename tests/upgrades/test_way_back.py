"""There is no way down from a migration: the way back is to restore, to a point in time too.

From a dump: `tests/test_restoring.py`, which the same drill runs.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from qa_api import migrate
from qa_api.embedded import EmbeddedPostgres
from tests.conftest import Database
from tests.kept import KEPT
from tests.reporting.copies import REPORTER, Copy
from tests.scratch import scratch_directory
from tests.test_restoring import DATASETS, Open, Place, asked, place
from tests.upgrades.points import archive_all, archiving, base_backup, recover

__all__ = ["place"]


@dataclass
class Clusters:
    """One that keeps its log, and a fresh place for another."""

    first: EmbeddedPostgres
    archive: Path
    second: EmbeddedPostgres


@pytest.fixture
def clusters() -> Iterator[Clusters]:
    """Stopped when the services over them are."""
    with ExitStack() as stack:
        one, other = (stack.enter_context(scratch_directory()) for _ in range(2))
        first, archive = stack.enter_context(archiving(one))
        second = EmbeddedPostgres(other)
        stack.callback(second.stop)
        stack.callback(KEPT.close)
        migrate.upgrade(first.urls().migrate_url)
        yield Clusters(first, archive, second)


def database_of(server: EmbeddedPostgres) -> Database:
    """The service's own database of a cluster."""
    urls = server.urls()
    return Database("qa", urls.database_url, urls.read_url, urls.migrate_url)


@pytest.mark.long
def test_what_was_there_at_a_point_in_time_is_restored_and_all_goes_on(
    clusters: Clusters,
    place: Open,
    tmp_path: Path,
    record_property: Callable[[str, object], None],
) -> None:
    before = place(database_of(clusters.first), tmp_path / "checkpoints.txt", load=True)
    copies = {name: Copy(before.api.as_(REPORTER), name).begin() for name in DATASETS}
    kept = [audit_of(before)]
    base_backup(clusters.first, clusters.second)
    kept.append(audit_of(before))
    moment = asked(before.database, "SELECT clock_timestamp()::text")
    lost = audit_of(before)
    last_seal = asked(before.database, "SELECT max(number) FROM event_seals")
    for copy in copies.values():
        copy.follow()
    archive_all(clusters.first)
    recover(clusters.second, clusters.archive, moment)

    here = place(database_of(clusters.second), before.checkpoints)
    status, said = here.run("restored")
    assert (status, "are lost" in said) == (0, True), said
    audits = set(Copy(here.api.as_(REPORTER), "audits").begin().rows)
    assert audits >= set(kept)
    assert lost not in audits
    goes_on(here, copies)
    status, said = here.run("verify")
    assert status == 0, said
    assert f"to {last_seal} were lost by a restore (epoch 1)" in said
    record_property("asked", len(audits))
    record_property("wrong", 0)


def audit_of(here: Place) -> str:
    """A completed audit, sealed and in a checkpoint."""
    case = here.casework.completed_audit()
    while here.seal():
        pass
    return str(case.audit_id)


def goes_on(here: Place, copies: dict[str, Copy]) -> None:
    """People write, all is sealed, and who followed before pulls in full and follows again."""
    for name, copy in copies.items():
        asked_for = {"changed_since": copy.token}
        refused = here.api.as_(REPORTER).get(f"/v1/reporting/{name}", params=asked_for)
        assert refused.json()["type"] == "/problems/invalid-cursor"
    anew = {name: Copy(here.api.as_(REPORTER), name).begin() for name in copies}
    written = audit_of(here)
    assert here.all_is_sealed_in_order()
    for copy in anew.values():
        assert copy.follow()
        assert copy.follow() == []
        assert copy.rows == copy.as_pulled_anew()
    assert written in anew["audits"].rows
