"""What whoever loads the past is told: of closings that would need an audit, and of odd files.

In an authority that has not said from when on closings are looked after.
"""

import codecs
import gzip
import json
import os
import threading
from collections.abc import Callable
from datetime import date
from io import BytesIO
from pathlib import Path
from uuid import uuid4

import pytest

from qa_api.__main__ import main
from qa_api.case_events.event_file import EventFile, FileChanged
from qa_api.commands import common, loading
from tests.api import Json
from tests.closures.orders import NOW, event
from tests.closures.sending import ALLOCATED, CLOSED
from tests.closures.ssd_files import episode, person, write_tables
from tests.closures.test_loading import count
from tests.closures.two_ways import everything
from tests.conftest import Clone, Database
from tests.kept import KEPT
from tests.test_main import environment_of


@pytest.fixture(scope="module")
def fresh(clone_of_authority: Clone) -> Database:
    return clone_of_authority()


@pytest.fixture
def authority(
    fresh: Database, at: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> Database:
    at(NOW)
    for name, value in environment_of(fresh).items():
        monkeypatch.setenv(name, value)
    return fresh


@pytest.fixture
def load(authority: Database, tmp_path: Path) -> Callable[..., int]:
    """Loads a file; its status."""

    def run(content: bytes, *more: str) -> int:
        file = tmp_path / "events.ndjson"
        file.write_bytes(content)
        return main(["import", "events", str(file), *more])

    return run


def closings(*days: str) -> bytes:
    """Closings, each of another child."""
    return b"".join(line(closing(day)) for day in days)


def closing(day: str) -> Json:
    ref = f"old-{uuid4().hex[:8]}"
    said = {"subjects": [{"ref": ref}], "episode_id": ref, "source_version": 1}
    return event(0, CLOSED, **said, occurred_at=f"{day}T12:00:00Z") | {"id": ref}


def line(one: Json) -> bytes:
    return json.dumps(one).encode() + b"\n"


OLD = closings("2015-03-02", "2016-03-02", "2026-11-20")


def set_in_use_from(authority: Database, day: str) -> None:
    asked = f"""ALTER TABLE policy_versions DISABLE TRIGGER USER;
        UPDATE policy_versions SET values = values || '{{"in_use_from": "{day}"}}';
        ALTER TABLE policy_versions ENABLE TRIGGER USER"""
    KEPT.ask(authority.migrate_url, lambda kept: kept.execute(asked))


@pytest.mark.long
def test_old_closings_are_refused_where_nobody_has_said_from_when_on_they_count(
    authority: Database, load: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    before = everything(authority)
    assert load(closings("2015-03-02", "2026-10-23", "2026-10-24")) == 1
    (told,) = capsys.readouterr().err.splitlines()
    assert "2 closings of more than 30 days ago would need an audit" in told
    assert "in_use_from is not set" in told
    assert "--old-closings-too" in told
    assert everything(authority) == before


def test_a_dry_run_says_how_many_closings_would_need_an_audit(
    authority: Database, load: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    before = everything(authority)
    assert load(OLD, "--dry-run") == 1
    said = capsys.readouterr()
    assert "3 of 3 closings would need an audit" in said.out
    assert "in_use_from is 1900-01-01, as nobody has set it" in said.out
    assert "--old-closings-too" in said.err
    assert load(OLD, "--dry-run", "--old-closings-too") == 0
    assert "3 of 3 closings" in capsys.readouterr().out
    set_in_use_from(authority, "2026-11-01")
    try:
        assert load(OLD, "--dry-run") == 0
    finally:
        set_in_use_from(authority, "1900-01-01")
    assert "1 of 3 closings would need an audit" in (told := capsys.readouterr().out)
    assert "in_use_from is 2026-11-01\n" in told
    assert everything(authority) == before


def test_old_closings_are_taken_where_that_is_asked_for(
    authority: Database, load: Callable[..., int]
) -> None:
    before = count(authority.migrate_url)
    assert load(closings("2015-03-02"), "--old-closings-too") == 0
    assert count(authority.migrate_url) == before + 1


def test_closings_of_these_weeks_need_no_day_from_which_they_count(
    load: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert load(closings("2026-10-24")) == 0
    assert "loaded 1 event, 1 of them new" in capsys.readouterr().out


def test_old_closings_of_nightly_tables_are_refused_as_well(
    authority: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    closed = episode("old-E", "old-C", cine_close_date=date(2026, 9, 30))
    tables = write_tables(tmp_path, {"ssd_person": [person("old-C")], "ssd_cin_episodes": [closed]})
    before = everything(authority)
    assert main(["import", "ssd", str(tables)]) == 1
    assert "1 closing of more than 30 days ago would need an audit" in capsys.readouterr().err
    assert everything(authority) == before


ODD: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "utf-16": (lambda told: told.decode().encode("utf-16"), "seems to be UTF-16"),
    "utf-16 without a mark": (lambda told: told.decode().encode("utf-16-le"), "to be UTF-16"),
    "gzip": (gzip.compress, "seems to be compressed with gzip"),
    "empty": (lambda _: b"", "the file holds no event"),
    "only a mark": (lambda _: codecs.BOM_UTF8 + b"\n\n", "the file holds no event"),
}


@pytest.mark.parametrize("kind", list(ODD))
def test_a_file_that_is_something_else_is_told_for_what_it_is(
    load: Callable[..., int], capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    spoil, said = ODD[kind]
    assert load(spoil(OLD)) == 1
    told = capsys.readouterr()
    assert said in told.err
    assert (told.out, told.err.count("\n") <= 2) == ("", True)


def test_faults_are_counted_as_at_least_where_no_more_were_looked_for(
    load: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    for lines, said in ((100, "in 100 places"), (101, "in at least 100 places")):
        assert load(b"what?\n" * lines) == 1
        assert said in capsys.readouterr().err


def test_a_pipe_is_read_as_a_file_is(
    authority: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writing = threading.Thread(target=pipe.write_bytes, args=(closings("2026-11-20"),))
    writing.start()
    assert main(["import", "events", str(pipe)]) == 0
    writing.join()
    assert "loaded 1 event" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["", "not/there", "\0"])
def test_what_cannot_be_read_says_why(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    assert main(["import", "events", str(tmp_path / name)]) == 1
    (told,) = capsys.readouterr().err.splitlines()
    assert "cannot be read: " in told
    assert "None" not in told


def test_a_file_that_is_cut_while_it_is_loaded_is_told_in_a_line(
    authority: Database,
    load: Callable[..., int],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    monkeypatch.setattr(loading, "in_workshop", _cutting(tmp_path / "events.ndjson"))
    assert load(closings("2026-11-19", "2026-11-20")) == 1
    (told,) = capsys.readouterr().err.splitlines()
    assert "was cut or written anew while it was loaded" in told


def _cutting(file: Path) -> Callable[..., None]:
    """Cuts the file once it was looked through, and goes on."""
    go_on = common.in_workshop

    def cut(act: Callable[..., object]) -> None:
        os.truncate(file, 20)
        go_on(act)

    return cut


def _said(type_: str) -> Json:
    return {"specversion": "1.0", "source": "urn:mosaic", "type": ALLOCATED + type_, "id": "a"}


AS_LONG = line(_said("y"))
"""Of the same event something else."""


@pytest.mark.parametrize("other", [b"", b'{"id": "else"}\n', b"[1]\n", b'{"id', AS_LONG])
def test_what_no_longer_stands_in_the_file_is_not_taken(other: bytes) -> None:
    content = BytesIO(line(_said("x")))
    file = EventFile(content)
    assert len(file.read([0])) == 1
    content.seek(0)
    content.truncate()
    content.write(other)
    with pytest.raises(FileChanged):
        file.read([0])
