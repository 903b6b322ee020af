"""The whole story is told, as a reader has it: by the command, to the end, and nothing stays."""

import os
import signal
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest

from qa_api import clock
from qa_api.__main__ import main
from qa_api.demo.scenes import CHAPTERS
from qa_api.demo.telling import WIDTH, Teller
from qa_api.demo.walk import CHAPTER_NAMES, walk
from qa_api.dev_place import CannotRun
from qa_api.dev_run import make_anew
from tests.api import Api
from tests.test_main import PATIENCE, postmaster_of, until

THE_FIRST_DAY_OF_A_YEAR = "2027-04-01T08:00:00Z"
PATIENT = {
    "QA_COMMAND_TIMEOUT_SECONDS": "60",
    "QA_STATEMENT_TIMEOUT_SECONDS": "60",
    "QA_LOCK_TIMEOUT_SECONDS": "20",
    "QA_REQUEST_DEADLINE_SECONDS": "60",
}
"""The walk is told by itself: what else this machine does makes it slow, and no fault of it."""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str, Path]:
    """What the command tells, and its log, while its database is killed in the first chapter;
    and where."""
    place = tmp_path_factory.mktemp("told")
    data, story, log = place / "demo", place / "story", place / "log"
    command = [sys.executable, "-m", "qa_api", "demo", "--data", str(data)]
    env = {name: value for name, value in os.environ.items() if not name.startswith("QA_")}
    with story.open("wb") as told, log.open("wb") as logged:
        process = subprocess.Popen(
            command,
            env=env | PATIENT | {"QA_CLOCK": THE_FIRST_DAY_OF_A_YEAR},
            stdout=told,
            stderr=logged,
        )
    try:
        until(lambda: "1.2  " in story.read_text() or process.poll() is not None)
        os.kill(postmaster_of(data), signal.SIGKILL)
        assert process.wait(PATIENCE) == 0, story.read_text()[-2000:] + log.read_text()[-2000:]
    finally:
        process.kill()
        process.wait()
    return story.read_text(), log.read_text(), data


@pytest.mark.long
def test_every_chapter_happens_and_is_told_on_one_screen_s_width(
    told: tuple[str, str, Path],
) -> None:
    said, _, data = told
    for chapter in CHAPTERS:
        assert chapter.title in said
        assert all(title in said for title, _ in chapter.scenes)
    assert "In short" in said
    long = [line for line in said.splitlines() if len(line) > WIDTH]
    assert [line for line in long if str(data) not in line] == []
    pages = sorted((data / "pages").glob("*.html"))
    assert len(pages) == 3
    assert all("</html>" in page.read_text() for page in pages)
    assert not (data / "dev-run.json").exists()
    assert still_running(data) == []


@pytest.mark.long
def test_a_database_that_is_killed_during_the_story_is_started_again_and_the_story_goes_on(
    told: tuple[str, str, Path],
) -> None:
    said, logged, _ = told
    again = "PostgreSQL ended by itself (exit -9); starting it again"
    assert (said + logged).count(again) == 1
    assert "Traceback" not in said + logged


def still_running(data: Path) -> list[str]:
    """The processes that were told to work on a data directory."""
    found = []
    for environment in Path("/proc").glob("[0-9]*/environ"):
        try:
            if str(data).encode() in environment.read_bytes():
                found.append(environment.parent.name)
        except (OSError, ProcessLookupError):
            continue
    return found


@pytest.mark.long
def test_where_there_is_casework_already_the_story_is_not_told(api: Api, tmp_path: Path) -> None:
    subject = {"kind": "child", "team": "cwd", "worker": "sw1-cwd"}
    api.change("PUT", "/v1/subjects/mosaic/C-told-already", subject)
    planned = {"type": "collaborative", "subject": {"system": "mosaic", "ref": "C-told-already"}}
    assert api.create("/v1/audits", planned).status_code == 201
    out = StringIO()
    present = clock.now()
    try:
        status = walk(
            api.server.url, api.issuer.issue, clock.set_to, tmp_path, present=present, out=out
        )
    finally:
        clock.reset()
    assert status == 1
    assert "has casework already" in out.getvalue()


def test_only_what_a_demo_has_left_is_emptied(tmp_path: Path) -> None:
    data = tmp_path / "demo"
    make_anew(data)
    (data / "left").touch()
    make_anew(data)
    assert [file.name for file in data.iterdir()] == ["clock"]
    (tmp_path / "mine").touch()
    with pytest.raises(CannotRun, match="holds something else"):
        make_anew(tmp_path)
    assert (tmp_path / "mine").exists()


def test_a_chapter_that_does_not_exist_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", "epilogue"]) == 1
    assert ", ".join(CHAPTER_NAMES) in capsys.readouterr().err


def test_what_happens_in_silence_is_not_told() -> None:
    out = StringIO()
    teller = Teller(out)
    with teller.silence():
        teller.say("Not told.")
    teller.table(("who", "times"), [("somebody", 12), ("nobody", 0)])
    assert out.getvalue().splitlines() == [
        "       who        times",
        "       somebody      12",
        "       nobody         0",
    ]
