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


@pytest.mark.long
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


@pytest.mark.long
def test_an_authority_is_started_once(empty: Database) -> None:
    asked = ["init", "--issuer", "https://login.example.org", "--subject", "a"]
    assert main(asked) == 0
    assert main(asked) == 1
    assert rows(empty, "principals") == 1


@pytest.mark.long
def test_a_dry_run_keeps_nothing(empty: Database, tmp_path: Path) -> None:
    main(["init", "--issuer", "https://login.example.org", "--subject", "a"])
    file = written(tmp_path, a_directory("https://login.example.org"))
    assert main(["import", "directory", file, "--dry-run"]) == 0
    assert rows(empty, "teams") == 0


@pytest.mark.long
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


@pytest.mark.long
def test_all_faults_of_all_kinds_are_told_in_one_go_by_line_and_column(
    empty: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of its writing, of its form and of what the directory can hold."""
    main(["init", "--issuer", "https://login.example.org", "--subject", "a"])
    file = tmp_path / "directory.json"
    file.write_bytes(
        b"""{
  "issuer": "https://login.example.org",
  "services": {"safeguarding": {"name": "Safeguarding"}},
  "teams": {
    "east": {"name": "East", "managers": [{"worker": "nobody", "from": "2026-04-01"}],},
    "west": {"name": "Caf\xe9"},
    "north": {"name": 7},
    "east": {"name": "East again", "managers": [{"worker": "no-one", "from": "2026-04-01"}]}
  },
  "workers": {
    "w1": {"teams": [{"team": "north", "from": "2026-04-01"}]},
    "w2": {"teams": [{"team": "south", "from": "2026-04-01"}], "colour": "red"},
    "w3": {"starts_on": "1.4.2026", "leaves_on": "2026-01-01", "teams": [
      {"team": "east", "from": "today"}, {"team": "south", "from": "2026-04-01", "to": 7},
      {"team": "east", "from": "2026-04-01"}], "supervisors": "w1",
      "references": [{"system": "moon", "reference": 7}]}
  },
  "principals": [
    {"subject": "broken", "roles": "none"},
    {"subject": "of-nobody", "worker": "w9", "roles": []},
    {"worker": "w8", "roles": [
      {"role": "emperor", "team": "moon", "from": "2026-04-01"},
      {"role": "team_manager", "service": "safeguarding", "team": "east", "from": "now"}]},
    {"worker": 8, "system": "moon", "roles": []}
  ],
  "teems": {}
}"""
    )
    assert main(["import", "directory", str(file)]) == 1
    said = capsys.readouterr().err.splitlines()
    expected = [
        "line 5, column 86: A comma too many",
        "line 6, column 26: This is not UTF-8",
        "line 8, column 5: This stands here a second time; the first is on line 5.",
        "/teams/north/name: line 7, column 15: ",
        "/workers/w2/colour: line 12, column 64: ",
        "/workers/w3/starts_on: line 13, column 12: ",
        "/workers/w3/teams/0/from: line 14, column 24: ",
        "/workers/w3/teams/1/to: line 14, column 82: ",
        "/workers/w3/supervisors: line 15, column 48: ",
        "/workers/w3/references/0/reference: line 16, column 41: ",
        "/principals/0/roles: line 19, column 27: ",
        "/principals/2/subject: line 21, column 5: ",
        "/principals/2/roles/0/role: line 22, column 8: ",
        "/principals/2/roles/1/from: line 23, column 75: ",
        "/principals/3/subject: line 24, column 5: ",
        "/principals/3/worker: line 24, column 6: ",
        "/teems: line 26, column 3: ",
        # The other checks of the same entries, and of the same parts of them:
        "/workers/w2/teams/0/team: line 12, column 23: ",
        "/workers/w3/teams/1/team: line 14, column 43: ",
        "/workers/w3/references/0/system: line 16, column 23: ",
        "/principals/1/worker: line 20, column 30: ",
        "/principals/2/worker: line 21, column 6: ",
        "/principals/2/roles/0/team: line 22, column 27: ",
        "/principals/2/roles/1/team: line 23, column 59: ",
        "/principals/3/system: line 24, column 19: There is no system",
        "/principals/3/system: line 24, column 19: A principal is a worker or",
        "/teams/east/managers/0/worker: line 5, column 44: ",
    ]
    for begins in expected:
        assert any(line.startswith(begins) for line in said), (begins, said)
    assert len(said) == len(expected) + 1, "and nothing that only follows from another"
    assert rows(empty, "teams") == 0


@pytest.mark.long
@pytest.mark.parametrize("again", [{"to": "2027-04-01"}, {"from": "2027-01-01"}])
def test_a_role_that_stands_twice_is_told(
    empty: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str], again: dict[str, str]
) -> None:
    main(["init", "--issuer", "https://login.example.org", "--subject", "a"])
    content = a_directory("https://login.example.org")
    (role,) = content["principals"][0]["roles"]
    content["principals"][0]["roles"].append({**role, **again})
    assert main(["import", "directory", written(tmp_path, content)]) == 1
    first, _ = capsys.readouterr().err.splitlines()
    assert first.startswith("/principals/0/roles/1: line 1, column ")
    assert first.endswith("This role is in the file twice.")


@pytest.mark.long
def test_a_role_that_begins_otherwise_now_is_the_same_role(empty: Database, tmp_path: Path) -> None:
    main(["init", "--issuer", "https://login.example.org", "--subject", "a"])
    content = a_directory("https://login.example.org")
    assert main(["import", "directory", written(tmp_path, content)]) == 0
    before = rows(empty, "role_assignments")
    content["principals"][0]["roles"][0]["from"] = "2026-05-01"
    assert main(["import", "directory", written(tmp_path, content)]) == 0
    assert rows(empty, "role_assignments") == before


@pytest.mark.long
def test_a_file_with_a_byte_order_mark_is_imported(
    empty: Database, issuer: DevelopmentIssuer, tmp_path: Path
) -> None:
    main(["init", "--issuer", issuer.settings.issuer, "--subject", "a"])
    file = tmp_path / "directory.json"
    content = json.dumps(a_directory(issuer.settings.issuer)).encode()
    file.write_bytes(b"\xef\xbb\xbf" + content)
    assert main(["import", "directory", str(file)]) == 0
    assert rows(empty, "teams") == 1


def test_without_a_database_the_faults_of_form_are_told_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("QA_DATABASE_URL", "postgresql://qa_app@127.0.0.1:1/qa")
    assert main(["import", "directory", written(tmp_path, {"teems": {}})]) == 1
    first, last = capsys.readouterr().err.splitlines()
    assert first.startswith("/teems: line 1, column 2: ")
    assert "no more were looked for" in last


def test_a_policy_file_of_another_form_is_told_by_line_and_column(
    empty: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "policy.json"
    asked = ["init", "--issuer", "https://login.example.org", "--subject", "a"]
    asked += ["--policy", str(file)]
    assert main(asked) == 1
    assert "cannot be read" in capsys.readouterr().err
    file.write_text('{"review_working_days": 4,\n "review_working_days": 5,}')
    assert main(asked) == 1
    told = capsys.readouterr().err
    assert "line 2, column 2: This stands here a second time" in told
    assert "line 2, column 26: A comma too many" in told
    assert rows(empty, "principals") == 0
