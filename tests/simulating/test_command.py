"""`qa-api simulate`: a table for people, JSON for machines; it reads, and writes nothing."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from sqlalchemy import func, select

from qa_api import clock
from qa_api.__main__ import main
from qa_api.models.base import new_id
from qa_api.models.policy import PolicyVersion
from qa_api.models.subjects import Subject
from qa_api.simulating.figures import FIGURES
from qa_api.work import Work, Workshop
from tests.api import Api
from tests.checking.conftest import api, held, own, service
from tests.checking.test_check import everything, one
from tests.conftest import Database, execute
from tests.responses.casework import WORKER, Casework, Service
from tests.test_main import environment_of

__all__ = ("api", "held", "own", "service")

Said = Callable[..., str]


@pytest.fixture(scope="module")
def story(service: Service, api: Api) -> Iterator[list[str]]:
    """Three responses of October: answered a day late, in time, and not at all; their children."""
    casework = Casework(service, api, lambda: f"C-{uuid4().hex[:12]}")
    children = []
    for answered in ("2026-10-13T09:30:00Z", "2026-10-09T09:30:00Z", None):
        clock.freeze(datetime.fromisoformat("2026-10-05T09:30:00Z"))  # due on Monday the 12th
        case = casework.completed_audit()
        children.append(str(case.subject_id))
        casework.deliver(case)
        if answered:
            clock.freeze(datetime.fromisoformat(answered))
            case.submit()
    clock.freeze(datetime.fromisoformat("2026-11-23T09:30:00Z"))
    yield children
    clock.reset()


@pytest.fixture
def said(
    held: Database,
    story: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Said:
    """What the command prints about a file of values."""
    for name, value in environment_of(held).items():
        monkeypatch.setenv(name, value)

    def run(*words: str, status: int = 0, **values: Any) -> str:
        file = tmp_path / "proposed.json"
        file.write_text(json.dumps(values))
        assert main(["simulate", "--policy", str(file), *words]) == status
        printed = capsys.readouterr()
        return printed.err if status else printed.out

    return run


@pytest.mark.long
def test_a_table_shows_today_beside_what_is_proposed(said: Said, story: list[str]) -> None:
    told = said(response_working_days=6)
    assert "Asked as qa_app, with the reach of the service" in told
    assert "The year from 2025-11-01 to 2026-10-31, as it looks on 2026-11-23" in told
    assert "response_working_days: 5 becomes 6. Bears on: first answered late" in told
    rows = [line.rsplit(maxsplit=3) for line in told.splitlines()]
    shown = {row[0].removeprefix("- "): row[1:] for row in rows if len(row) == 4}
    assert shown["Responses asked for"] == ["3", "3", "."]
    assert shown["first answered late, or still not"] == ["2", "1", "-1"]
    assert shown["Responses overdue today"] == ["1", "1", "."]
    assert shown["Times somebody was told of one overdue"] == ["2", "1", "-1"]
    assert len(told.splitlines()) < 50, "one screen"
    for child in (*story, WORKER):
        assert child not in told


@pytest.mark.long
def test_json_has_everything_and_names_teams_alone(said: Said, story: list[str]) -> None:
    told = said("--json", "--seed", "lot", observations_required=4, small_cell_minimum=4)
    document = json.loads(told)
    assert [each["figure"] for each in document["figures"]] == [each.name for each in FIGURES]
    for each in document["figures"]:
        assert each["difference"] == each["proposed"] - each["today"]
        changed = "observations_required" in each["depends_on"]
        assert changed or each["difference"] == 0
    assert (document["from"], document["to"], document["seed"]) == (
        "2025-11-01",
        "2026-10-31",
        "lot",
    )
    assert document["second_person"] == ["small_cell_minimum"]
    said_of = {each["key"]: each["said"] for each in document["changes"]}
    assert said_of["small_cell_minimum"] == "No figure of this kind depends on it."
    figures = {each["figure"]: each["proposed"] for each in document["figures"]}
    by_month = [each["observations_due"]["proposed"] for each in document["by_month"]]
    assert sum(by_month) == figures["observations_due"] > 0
    cells = document["by_team_and_month"]
    assert {cell["team"] for cell in cells} >= {"lincoln-fast", "fostering-north"}
    assert sum(cell["audits_due"]["today"] for cell in cells) == next(
        each["today"] for each in document["figures"] if each["figure"] == "audits_due"
    )
    for child in (*story, WORKER):
        assert child not in told


@pytest.mark.long
def test_by_team_shows_each_month(said: Said) -> None:
    told = said("--by-team", observations_required=4)
    heading = next(line.split() for line in told.splitlines() if line.split()[:1] == ["2025-11"])
    assert (len(heading), heading[-1]) == (12, "2026-10")
    team = [line for line in told.splitlines() if line.startswith("lincoln-fast")]
    longest = [line for line in told.splitlines() if line.startswith("lincoln-and-wl-early-help")]
    assert len({len(line) for line in (*team, *longest)}) == 1, "months stand below each other"
    assert any(">" in line for line in team)


@pytest.mark.long
def test_a_bad_file_is_told_by_field_and_nothing_is_simulated(said: Said, tmp_path: Path) -> None:
    told = said(status=1, response_working_days=0, response_days=5)
    assert "/response_working_days: line 1, column 2: response_working_days must be" in told
    assert "/response_days: line 1, column 30: There is no such policy key." in told
    assert "qa-api: nothing was simulated: faults in 2 places" in told
    told = said(status=1, moderation_sample_minimum=11)
    assert "/moderation_sample_minimum: line 1, column 2: moderation_sample_minimum cannot" in told
    assert main(["simulate", "--policy", str(tmp_path / "missing.json")]) == 1


@pytest.mark.long
def test_nothing_is_written_and_a_database_that_takes_no_changes_is_enough(
    said: Said, held: Database
) -> None:
    before = everything(held)
    at_rest = "ALTER DATABASE {} {} default_transaction_read_only"
    execute(held.migrate_url, at_rest.format(held.name, "SET") + " = on")
    try:
        assert "Responses asked for" in said(response_working_days=6)
    finally:
        execute(
            held.migrate_url,
            "SET default_transaction_read_only = off",
            at_rest.format(held.name, "RESET"),
        )
    assert everything(held) == before


@pytest.mark.long
def test_what_it_reads_is_of_one_instant_and_it_cannot_write(
    service: Service, held: Database
) -> None:
    """Its transaction is repeatable read, and read only."""

    async def look(workshop: Workshop) -> None:
        async with workshop.open_as_service("simulate", to_read=True) as work:
            before = await subjects(work)
            async with workshop.open_as_service("another") as other:
                other.session.add(
                    Subject(id=new_id(), kind="child", system="mosaic", ref=str(new_id()))
                )
            assert await subjects(work) == before
            version = await work.session.scalar(select(func.max(PolicyVersion.version)))
            with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
                await work.driver.execute("DELETE FROM idempotency_keys")
            assert version

    async def subjects(work: Work) -> int | None:
        return await work.session.scalar(select(func.count()).select_from(Subject))

    before = one(held, "SELECT count(*) FROM subjects")
    service.works(look)
    assert one(held, "SELECT count(*) FROM subjects") == before + 1


@pytest.mark.long
def test_the_overdue_are_those_of_the_list(said: Said, api: Api) -> None:
    document = json.loads(said("--json", response_working_days=60))
    figures = {each["figure"]: each for each in document["figures"]}
    listed = api.as_("qs-1").get("/v1/audit-responses?overdue=true").json()["items"]
    assert figures["responses_overdue"]["today"] == len(listed) > 0
    assert figures["responses_overdue"]["proposed"] == 0
