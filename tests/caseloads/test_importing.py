"""`qa-api import caseload`: of any size, with progress, and it goes on where it was broken off."""

import asyncio
import csv
import hashlib
import io
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from qa_api.__main__ import main
from qa_api.auth.development import DevelopmentIssuer
from qa_api.caseloads.staging import Staging
from qa_api.commands.caseload import _Importing
from tests.caseloads.sending import Caseloads, lines
from tests.conftest import Database
from tests.test_main import environment_of, until
from tests.test_privileges import ask

Import = Callable[..., int]


@pytest.fixture
def bring_in(
    caseloads: Caseloads, database: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Import:
    for name, value in environment_of(database).items():
        monkeypatch.setenv(name, value)

    def run(content: bytes, *more: str, name: str = "caseload.ndjson") -> int:
        file = tmp_path / name
        file.write_bytes(content)
        return main(["import", "caseload", str(file), "--on", str(caseloads.day), *more])

    return run


def test_a_file_is_taken_as_if_it_had_been_sent(
    caseloads: Caseloads, bring_in: Import, capsys: pytest.CaptureFixture[str]
) -> None:
    children = [caseloads.child(strata={"age": "5-9"}) for _ in range(3)]
    assert bring_in(lines(*children)) == 0
    assert f"taken: 3 children with an open case on {caseloads.day} in mosaic" in (
        capsys.readouterr().out
    )
    sent = caseloads.put(children)
    assert (sent.status_code, sent.json()["children"]) == (201, 3), "the same is the same"
    written = io.StringIO()
    rows = csv.writer(written)
    rows.writerow(["ref", "team", "status", "strata.age"])
    rows.writerows([one["ref"], one["team"], one["status"], "5-9"] for one in children)
    assert bring_in(written.getvalue().encode(), name="caseload.csv") == 0
    assert caseloads.put(children).json() == sent.json()


def test_faults_are_told_by_line_and_nothing_is_kept(
    caseloads: Caseloads,
    bring_in: Import,
    database: Database,
    capsys: pytest.CaptureFixture[str],
) -> None:
    one = caseloads.child()
    assert bring_in(lines(one, caseloads.child(team="no-such-team"), one)) == 1
    said = capsys.readouterr().err
    assert "line 2: team: There is no such team." in said
    assert "line 3: ref: The same child as on line 1." in said
    assert "nothing was imported: faults in 2 places" in said
    assert one["ref"] not in said
    assert caseloads.standards.get(caseloads.path).status_code == 404
    assert ask(database.migrate_url, "SELECT count(*) FROM caseload_lines") == [(0,)]


def test_a_dry_run_keeps_nothing(
    caseloads: Caseloads, bring_in: Import, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bring_in(lines(caseloads.child()), "--dry-run") == 0
    assert "the file is sound, it has 1 child; nothing was kept" in capsys.readouterr().out
    assert caseloads.standards.get(caseloads.path).status_code == 404


def test_a_file_that_was_cut_at_the_end_of_a_line_is_refused_by_what_was_said_of_the_whole(
    caseloads: Caseloads,
    bring_in: Import,
    database: Database,
    capsys: pytest.CaptureFixture[str],
) -> None:
    children = [caseloads.child() for _ in range(2)]
    whole, cut = lines(*children), lines(children[0])
    digest = hashlib.sha256(whole).hexdigest()
    not_whole = "nothing was imported: this is not the whole file, or another one"
    for said, because in {
        ("--count", "2"): "it has 1 child, and 2 are to be in it",
        ("--count", "2", "--dry-run"): "it has 1 child, and 2 are to be in it",
        ("--sha256", digest): "its sha256 is another",
    }.items():
        assert bring_in(cut, *said) == 1
        assert f"{not_whole}: {because}" in capsys.readouterr().err
    assert caseloads.standards.get(caseloads.path).status_code == 404
    assert ask(database.migrate_url, "SELECT count(*) FROM caseload_lines") == [(0,)]
    assert bring_in(whole, "--count", "2", "--sha256", digest.upper()) == 0


def test_another_file_takes_the_place_of_the_days_caseload(
    caseloads: Caseloads, bring_in: Import
) -> None:
    caseloads.taken(caseloads.child())
    child = caseloads.child()
    assert bring_in(lines(child)) == 0
    assert caseloads.refs() == [child["ref"]]
    assert caseloads.standards.get(caseloads.path).json()["version"] == 2


def test_a_system_that_is_not_registered_is_refused(
    caseloads: Caseloads, bring_in: Import, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bring_in(lines(caseloads.child()), "--system", "no-such") == 1
    assert "There is no such case system." in capsys.readouterr().err


def test_a_day_that_is_kept_no_more_is_refused(
    caseloads: Caseloads,
    bring_in: Import,
    database: Database,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for day in (caseloads.day - timedelta(days=36), "1926-12-28"):
        assert bring_in(lines(caseloads.child()), "--on", str(day)) == 1
        assert "too long ago: a caseload is kept for 35 days" in capsys.readouterr().err
    assert bring_in(lines(caseloads.child(open_since="2099-01-01"))) == 1
    assert "line 1: open_since: The case was not open yet on" in capsys.readouterr().err
    assert ask(database.migrate_url, "SELECT count(*) FROM caseload_uploads") == [(0,)]


def test_the_case_system_sends_the_file_of_a_command_that_was_broken_off(
    caseloads: Caseloads, bring_in: Import, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = lines(*(caseloads.child() for _ in range(3)))
    counted = "SELECT count(*) FROM caseload_lines"

    async def broken_off(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as breaking:
        breaking.setattr(_Importing, "_end", broken_off)
        assert bring_in(content) != 0
    assert ask(database.migrate_url, counted) == [(3,)]
    sent = caseloads.put_file(content)
    assert (sent.status_code, sent.json()["children"]) == (201, 3), sent.text
    assert ask(database.migrate_url, counted) == [(3,)], "they are the command's, to go on with"
    assert bring_in(content) == 0
    assert caseloads.put_file(content).json() == sent.json()
    assert ask(database.migrate_url, counted) == [(0,)]


@pytest.mark.long
def test_what_was_broken_off_goes_on_where_it_was(
    caseloads: Caseloads,
    bring_in: Import,
    database: Database,
    issuer: DevelopmentIssuer,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    content = lines(*(caseloads.child() for _ in range(8_000)))
    file = tmp_path / "caseload.ndjson"
    file.write_bytes(content)
    words = ["import", "caseload", str(file), "--on", str(caseloads.day)]
    command = [sys.executable, "-m", "qa_api", *words]
    counted = "SELECT count(*) FROM caseload_lines"
    clock = {"QA_ENVIRONMENT": "development", "QA_CLOCK": caseloads.morning_after}
    with subprocess.Popen(command, env=os.environ | clock) as importing:
        until(lambda: ask(database.migrate_url, counted)[0][0])
        importing.send_signal(signal.SIGKILL)
    there = ask(database.migrate_url, counted)[0][0]
    assert 0 < there < 8_000
    assert caseloads.standards.get(caseloads.path).status_code == 404, "nothing half taken"
    assert bring_in(content) == 0
    assert f"going on after line {there:,}" in capsys.readouterr().err
    taken = caseloads.standards.get(caseloads.path).json()
    assert taken["children"] == 8_000
    verified = caseloads.system.post(f"{caseloads.path}/verify").json()
    assert (verified["same_count"], verified["same_hash"], verified["same_rows"]) == (True,) * 3
    assert ask(database.migrate_url, counted) == [(0,)]


AT_WORK = "another command reads in the same file of the same day: run it again when that has ended"


@pytest.mark.parametrize("moment", ["begins", "goes on", "takes"])
def test_who_brings_in_a_file_that_another_command_brings_in_is_told_so(
    moment: str,
    caseloads: Caseloads,
    bring_in: Import,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The other one is there at the worst moment, and nothing of it is lost."""
    content = lines(*(caseloads.child() for _ in range(3)))
    others: list[int] = []
    owner, name = {
        "begins": (Staging, "_of_source"),
        "goes on": (Staging, "add"),
        "takes": (_Importing, "_end"),
    }[moment]
    original = getattr(owner, name)

    async def still_reading(*_: object) -> None:
        raise KeyboardInterrupt

    async def after_the_other(*given: Any) -> Any:
        if not others:
            others.append(0)
            with monkeypatch.context() as reading:
                if moment == "begins":
                    reading.setattr(_Importing, "_end", still_reading)
                others[0] = await asyncio.to_thread(bring_in, content)
        return await original(*given)

    with monkeypatch.context() as at_once:
        at_once.setattr(owner, name, after_the_other)
        assert bring_in(content) == 1
    assert AT_WORK in capsys.readouterr().err
    if moment == "begins":
        assert bring_in(content) == 0
    else:
        assert others == [0]
    assert caseloads.standards.get(caseloads.path).json()["children"] == 3
