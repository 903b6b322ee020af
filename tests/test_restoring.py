"""A dump restored into another cluster: there transaction ids begin below those it brings along."""

import asyncio
import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import asyncpg
import pytest

from qa_api.__main__ import main
from qa_api.auth.development import DevelopmentIssuer
from qa_api.embedded import EmbeddedPostgres, running
from qa_api.settings import Settings
from qa_api.worker.checkpoints import Checkpoints, Keys
from qa_api.worker.notes import SignerKey
from qa_api.worker.sealing import seal_events, seal_reads
from qa_api.worker.witnessing import CannotSign, Signer
from tests.api import Api, serving
from tests.conftest import Database, execute, settings_for
from tests.dumps import dump, restore
from tests.reporting.copies import REPORTER, Copy
from tests.responses.casework import Casework, Service
from tests.scratch import scratch_directory
from tests.test_main import environment_of

FAR_AHEAD = 20_000
"""Transactions that the first cluster has behind it before anything is written."""
KEY: Final = SignerKey.new("qa.example.org/restored")
DATASETS = ("audits", "restorative-actions")


@dataclass
class Place:
    """One database with the service over it, and what its operator does."""

    database: Database
    settings: Settings
    casework: Casework
    monkeypatch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]
    checkpoints: Path | None = None

    @property
    def api(self) -> Api:
        """A client of its API."""
        return self.casework.api

    def seal(self) -> int:
        """What the worker does every few seconds; says how many events were sealed."""
        count = self.casework.as_service(seal_events)
        while self.casework.as_service(seal_reads):
            pass
        if self.checkpoints:
            signer = Signer(Checkpoints(self.checkpoints, Keys((KEY.verifier,), KEY)))
            with suppress(CannotSign):
                self.casework.as_service(signer.sign)
        return count

    def run(self, *words: str) -> tuple[int, str]:
        """A `qa-api` command on this database; its exit status and all that it says."""
        self.capsys.readouterr()
        environment = environment_of(self.database)
        if self.checkpoints:
            environment["QA_CHECKPOINT_FILE"] = str(self.checkpoints)
            environment["QA_CHECKPOINT_KEY"] = KEY.written()
        with self.monkeypatch.context() as here:
            for name, value in environment.items():
                here.setenv(name, value)
            status = main(list(words))
        said = self.capsys.readouterr()
        return status, said.out + said.err

    def all_is_sealed_in_order(self) -> bool:
        """Whether all has a seal, events each in the order of (epoch, transaction, id)."""
        ordered = """
            SELECT bool_and(ok) AND count(*) = (SELECT count(*) FROM events)
            FROM (SELECT coalesce((e.xid, e.id) > lag((e.xid, e.id)) OVER (ORDER BY s.number), true)
                  AS ok FROM event_seals s JOIN events e ON e.id = s.event_id) sealed"""
        lines = "SELECT (SELECT sum(lines) FROM access_seals) = (SELECT count(*) FROM access_log)"
        return bool(asked(self.database, ordered) and asked(self.database, lines))


def asked(database: Database, question: str) -> Any:
    """What the database says to its owner."""

    async def ask() -> Any:
        connection = await asyncpg.connect(database.migrate_url)
        try:
            return await connection.fetchval(question)
        finally:
            await connection.close()

    return asyncio.run(ask())


Open = Callable[..., Place]


@pytest.fixture
def place(
    issuer: DevelopmentIssuer,
    new_ref: Callable[[], str],
    at: Callable[[str], None],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[Open]:
    """Serves a database until the test ends."""
    at("2026-11-23T09:30:00Z")
    with ExitStack() as stack:

        def open_(database: Database, checkpoints: Path | None = None, load: bool = False) -> Place:
            settings = settings_for(database, issuer)
            service = stack.enter_context(Service.over(settings))
            if load:
                service.load(issuer.settings.issuer)
            server = stack.enter_context(serving(settings))
            api = stack.enter_context(Api(server, issuer))
            casework = Casework(service, api, new_ref)
            return Place(database, settings, casework, monkeypatch, capsys, checkpoints)

        yield open_


@pytest.fixture(scope="module")
def other_cluster() -> Iterator[EmbeddedPostgres]:
    """A cluster in which hardly a transaction has been."""
    with scratch_directory() as directory, running(directory, fsync=False) as server:
        yield server


@pytest.fixture
def origin(place: Open, clone: Callable[[], Database], tmp_path: Path) -> Place:
    """An authority with history, sealed and with a checkpoint, in a cluster with a past."""
    database = clone()
    past = f"DO $$ BEGIN FOR i IN 1..{FAR_AHEAD} LOOP"
    execute(database.migrate_url, f"{past} PERFORM pg_current_xact_id(); COMMIT; END LOOP; END $$")
    opened = place(database, tmp_path / "checkpoints.jsonl", load=True)
    opened.casework.completed_audit()
    while opened.seal():
        pass
    return opened


def restored(origin: Place, into: EmbeddedPostgres, file: Path, name: str) -> Database:
    """The origin's database as it is now, dumped and restored as the guide for operators says."""
    dump(origin.database.migrate_url, file)
    return restore(file, into, name)


@pytest.mark.long
def test_after_a_restore_is_told_the_log_goes_on_and_copies_are_pulled_anew(
    origin: Place, place: Open, other_cluster: EmbeddedPostgres, tmp_path: Path
) -> None:
    before = {name: Copy(origin.api.as_(REPORTER), name).begin() for name in DATASETS}
    database = restored(origin, other_cluster, tmp_path / "qa.dump", "told")
    newest = asked(origin.database, "SELECT max(xid::text::bigint) FROM events")
    assert asked(database, "SELECT pg_current_xact_id()::text::bigint") < newest
    here = place(database, origin.checkpoints)
    status, said = here.run("restored")
    assert (status, "epoch 1 begins" in said) == (0, True), said
    assert here.api.get("/readyz").status_code == 200

    casework = here.casework
    copies = {name: Copy(here.api.as_(REPORTER), name).begin() for name in DATASETS}
    case = casework.completed_audit()
    casework.deliver(case)
    assert here.seal() > 0
    assert here.all_is_sealed_in_order()
    status, said = here.run("verify")
    assert (status, "against its checkpoints" in said) == (0, True), said

    for name, copy in copies.items():
        sent = copy.follow()
        assert len(sent) == {"audits": 1, "restorative-actions": 2}[name]
        assert copy.follow() == []
        assert copy.rows == copy.as_pulled_anew()
        assert before[name].rows.keys() < copy.rows.keys()
        stale = here.api.as_(REPORTER).get(
            f"/v1/reporting/{name}", params={"changed_since": before[name].token}
        )
        assert stale.json()["type"] == "/problems/invalid-cursor"


@pytest.mark.long
def test_a_restore_that_nobody_told_is_told_everywhere_and_mended_later(
    origin: Place,
    place: Open,
    other_cluster: EmbeddedPostgres,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    database = restored(origin, other_cluster, tmp_path / "qa.dump", "untold")
    here = place(database, origin.checkpoints)
    here.casework.completed_audit()
    with caplog.at_level(logging.ERROR):
        assert here.seal() == 0
    assert "`qa-api restored`" in caplog.text
    ready = here.api.http.get("/readyz")
    assert ready.status_code == 503
    assert "`qa-api restored`" in ready.json()["detail"]
    status, said = here.run("verify")
    assert (status, "`qa-api restored`" in said) == (1, True), said
    assert "behind the seal" not in said
    pulled = here.api.as_(REPORTER).get("/v1/reporting/audits")
    assert pulled.status_code == 503
    assert "`qa-api restored`" in pulled.json()["detail"], "who pulls can tell who operates it"

    assert here.run("restored")[0] == 0
    assert here.api.get("/readyz").status_code == 200
    copy = Copy(here.api.as_(REPORTER), "audits").begin()
    assert len(copy.rows) == 2
    here.casework.completed_audit()
    assert here.seal() > 0
    assert here.all_is_sealed_in_order()
    assert here.run("verify")[0] == 0
    assert len(copy.follow()) == 1
    assert copy.rows == copy.as_pulled_anew()


@pytest.mark.long
def test_what_a_restore_lost_is_signed_by_who_holds_the_key_and_then_told(
    origin: Place, place: Open, other_cluster: EmbeddedPostgres, tmp_path: Path
) -> None:
    database = restored(origin, other_cluster, tmp_path / "qa.dump", "lost")
    origin.casework.completed_audit()
    assert origin.seal() > 0
    lost = asked(origin.database, "SELECT max(number) FROM event_seals")
    here = place(database)
    assert here.run("restored")[0] == 0  # by somebody without the checkpoints
    here.casework.completed_audit()
    assert here.seal() > 0
    here.checkpoints = origin.checkpoints
    status, said = here.run("verify")
    assert (status, "checkpoint" in said) == (1, True), said
    here.seal()
    assert here.run("verify")[0] == 1, "the worker signs no loss"

    status, said = here.run("restored")
    assert (status, "are lost" in said) == (0, True), said
    here.casework.completed_audit()
    assert here.seal() > 0
    status, said = here.run("verify")
    assert status == 0, said
    assert f"to {lost} were lost by a restore (epoch 2)" in said


@pytest.fixture
def own(clone: Callable[[], Database]) -> Database:
    """A database that no other test uses."""
    return clone()


async def test_who_writes_while_an_epoch_begins_is_wholly_before_or_wholly_after_it(
    own: Database,
) -> None:
    """Prepared statements of sessions that live on stamp with the new epoch, too."""
    url = own.migrate_url
    writer, operator = await asyncpg.connect(url), await asyncpg.connect(url)
    try:
        put = await writer.prepare(
            "INSERT INTO teams (code, name, version) VALUES ($1, 'T', 1)"
            " RETURNING changed_xid::text::bigint >> 48"
        )
        rename = await writer.prepare(
            "UPDATE teams SET name = name || '!' WHERE code = $1"
            " RETURNING changed_xid::text::bigint >> 48"
        )
        for number in range(8):  # until its plan is a lasting one
            assert await put.fetchval(f"a{number}") == 0
            assert await rename.fetchval(f"a{number}") == 0
        begun = writer.transaction()
        await begun.start()
        assert await put.fetchval("before") == 0
        await operator.execute("SET lock_timeout = '100ms'")
        with pytest.raises(asyncpg.LockNotAvailableError):
            await operator.fetchval("SELECT begin_epoch(0)")
        assert await rename.fetchval("before") == 0
        await begun.commit()
        assert await operator.fetchval("SELECT begin_epoch(0)") == 1
        assert await put.fetchval("after") == 1
        assert await rename.fetchval("before") == 1
    finally:
        await writer.close()
        await operator.close()


def test_whatever_is_stamped_is_stamped_with_its_epoch(database: Database) -> None:
    """Nothing but the one function makes a stamp of a bare transaction id: it orders nothing."""
    defaults = """SELECT count(*) FROM pg_attrdef WHERE adrelid::regclass::text <> 'pg_attrdef'
        AND pg_get_expr(adbin, adrelid) LIKE '%pg_current_xact_id%'"""
    assert asked(database, defaults) == 0
    functions = """SELECT array_agg(proname::text ORDER BY proname) FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace AND prokind = 'f'
        AND pg_get_functiondef(oid) LIKE '%pg_current_xact_id()%'"""
    assert asked(database, functions) == ["stamp"]
    agreeing = "SELECT current_epoch() = coalesce((SELECT max(number) FROM epochs), 0)"
    assert asked(database, agreeing)
    columns = """SELECT count(*) FROM pg_attrdef d JOIN pg_attribute a
        ON (a.attrelid, a.attnum) = (d.adrelid, d.adnum)
        WHERE pg_get_expr(d.adbin, d.adrelid) = 'stamp()'"""
    assert asked(database, columns) > 30
