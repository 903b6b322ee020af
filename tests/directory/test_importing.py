"""An empty database becomes a working authority by command, without the demo."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from qa_api.__main__ import main
from qa_api.auth.development import DevelopmentIssuer
from tests.api import serving
from tests.conftest import Database, settings_for

FROM = {"from": "2026-04-01"}


def a_directory(issuer: str) -> dict[str, Any]:
    """A small authority: one service, one team, three people."""
    return {
        "case_systems": {"liquid": {"source": "urn:liquid", "name": "Liquid"}},
        "services": {"safeguarding": {"name": "Safeguarding", "heads": [{"worker": "w3", **FROM}]}},
        "teams": {
            "east": {
                "name": "East",
                "services": [{"service": "safeguarding", **FROM}],
                "managers": [{"worker": "w2", **FROM}],
            }
        },
        "workers": {
            "w1": {"teams": [{"team": "east", **FROM}], "supervisors": [{"worker": "w2", **FROM}]},
            "w2": {"teams": [{"team": "east", **FROM}]},
            "w3": {},
        },
        "principals": [
            {
                "issuer": issuer,
                "subject": "manager",
                "worker": "w2",
                "roles": [{"role": "team_manager", "team": "east", **FROM}],
            }
        ],
    }


@pytest.fixture
def empty(clone: Callable[[], Database], monkeypatch: pytest.MonkeyPatch) -> Database:
    """A migrated database with nobody in it, as the command line's settings name it."""
    database = clone()
    monkeypatch.setenv("QA_DATABASE_URL", database.database_url)
    monkeypatch.setenv("QA_READ_URL", database.read_url)
    return database


def rows(database: Database, table: str) -> int:
    async def count() -> int:
        connection = await asyncpg.connect(database.migrate_url)
        try:
            return int(await connection.fetchval(f"SELECT count(*) FROM {table}"))
        finally:
            await connection.close()

    return asyncio.run(count())


def written(directory: Path, content: Any) -> str:
    file = directory / "directory.json"
    file.write_text(json.dumps(content))
    return str(file)


def test_an_empty_database_becomes_a_working_authority(
    empty: Database, issuer: DevelopmentIssuer, tmp_path: Path
) -> None:
    name = issuer.settings.issuer
    assert main(["init", "--issuer", name, "--subject", "first-administrator"]) == 0
    file = written(tmp_path, a_directory(name))
    assert main(["import", "directory", file]) == 0
    assert main(["import", "directory", file]) == 0, "a second import meets what the first made"
    assert rows(empty, "role_assignments") == 2
    with (
        serving(settings_for(empty, issuer)) as server,
        httpx.Client(base_url=server.url) as client,
    ):

        def me(subject: str) -> dict[str, Any]:
            headers = {"authorization": f"Bearer {issuer.issue(subject)}"}
            return dict(client.get("/v1/me", headers=headers).json())

        assert me("first-administrator")["roles"] == ["administrator"]
        assert me("manager")["managed_teams"] == ["east"]


def test_an_authority_is_started_once(empty: Database) -> None:
    asked = ["init", "--issuer", "https://login.example.org", "--subject", "a"]
    assert main(asked) == 0
    assert main(asked) == 1
    assert rows(empty, "principals") == 1


def test_a_dry_run_keeps_nothing(empty: Database, tmp_path: Path) -> None:
    main(["init", "--issuer", "https://login.example.org", "--subject", "a"])
    file = written(tmp_path, a_directory("https://login.example.org"))
    assert main(["import", "directory", file, "--dry-run"]) == 0
    assert rows(empty, "teams") == 0


def test_a_file_with_faults_is_refused_whole_and_every_fault_is_named(
    empty: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["init", "--issuer", "https://login.example.org", "--subject", "a"])
    content = a_directory("https://login.example.org")
    content["teams"]["east"]["managers"][0]["worker"] = "nobody"
    content["workers"]["w1"]["supervisors"][0]["worker"] = "nobody-either"
    assert main(["import", "directory", written(tmp_path, content)]) == 1
    said = capsys.readouterr().err
    assert "/teams/east" in said
    assert "/workers/w1" in said
    assert rows(empty, "teams") == 0


@pytest.mark.parametrize("content", [{"teems": {}}, {"teams": {"east": {"name": 7}}}, []])
def test_a_file_of_another_form_is_refused_by_place(
    empty: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str], content: Any
) -> None:
    assert main(["import", "directory", written(tmp_path, content)]) == 1
    assert "nothing was imported" in capsys.readouterr().err
