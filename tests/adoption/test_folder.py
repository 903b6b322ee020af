"""An authority's folder is imported whole or not at all, and every fault is named by its place."""

import asyncio
import json
import shutil
from collections.abc import Callable
from importlib.resources import as_file
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from qa_api.__main__ import main
from qa_api.data import shipped_authorities
from tests.conftest import Database

ISSUER = ["--issuer", "https://login.example"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of an authority that ships with the service, to be changed."""
    with as_file(shipped_authorities()["county"]) as shipped:
        return Path(shutil.copytree(shipped, tmp_path / "authority"))


@pytest.fixture
def empty(clone: Callable[[], Database], monkeypatch: pytest.MonkeyPatch) -> Database:
    """A migrated database with nobody in it, as the command line's settings name it."""
    database = clone()
    monkeypatch.setenv("QA_DATABASE_URL", database.database_url)
    monkeypatch.setenv("QA_READ_URL", database.read_url)
    return database


def edit(folder: Path, file: str, change: Callable[[Any], None]) -> None:
    """Change the content of one file of a folder."""
    content = json.loads((folder / file).read_text())
    change(content)
    (folder / file).write_text(json.dumps(content))


def said(database: Database, statement: str) -> list[tuple[Any, ...]]:
    async def ask() -> list[tuple[Any, ...]]:
        connection = await asyncpg.connect(database.migrate_url)
        try:
            return [tuple(row) for row in await connection.fetch(statement)]
        finally:
            await connection.close()

    return asyncio.run(ask())


CATALOGUE = """
SELECT 'policy', max(version), NULL FROM policy_versions
UNION ALL SELECT 'calendar', max(version), NULL FROM calendar_versions
UNION ALL SELECT 'scale ' || code, number, NULL FROM judgement_scales
UNION ALL SELECT 'tool ' || code, number, state FROM audit_tools
UNION ALL SELECT 'type ' || code, version, tool_code FROM audit_types
UNION ALL SELECT 'roles', count(*), NULL FROM role_assignments
UNION ALL SELECT 'principals', count(*), NULL FROM principals
UNION ALL SELECT 'posts', count(*), NULL FROM posts
ORDER BY 1, 2"""


@pytest.mark.long
def test_an_empty_database_becomes_the_authority_and_a_repetition_changes_nothing(
    empty: Database, folder: Path
) -> None:
    assert main(["import", "authority", str(folder), *ISSUER]) == 0
    made = said(empty, CATALOGUE)
    assert ("policy", 1, None) in made
    assert main(["import", "authority", str(folder), *ISSUER]) == 0
    assert said(empty, CATALOGUE) == made


@pytest.mark.long
def test_a_dry_run_keeps_nothing(empty: Database, folder: Path) -> None:
    assert main(["import", "authority", str(folder), "--dry-run", *ISSUER]) == 0
    assert said(empty, "SELECT count(*) FROM teams") == [(0,)]
    assert said(empty, "SELECT count(*) FROM policy_versions") == [(0,)]


@pytest.mark.long
def test_what_a_folder_says_differently_is_brought_up_and_nothing_published_changes(
    empty: Database, folder: Path
) -> None:
    assert main(["import", "authority", str(folder), *ISSUER]) == 0
    before = {name: (number, state) for name, number, state in said(empty, CATALOGUE)}
    tool = min((folder / "tools").iterdir())
    edit(folder, f"tools/{tool.name}", lambda draft: draft.update(name="Said in other words"))
    assert main(["import", "authority", str(folder), *ISSUER]) == 0
    after = said(empty, CATALOGUE)
    changed = [row for row in after if before.get(row[0]) != row[1:]]
    code = json.loads(tool.read_text())["code"]
    assert sorted(changed) == [(f"tool {code}", 1, "retired"), (f"tool {code}", 2, "published")]


@pytest.mark.long
def test_every_fault_of_every_file_is_named_by_its_place_and_nothing_is_kept(
    empty: Database, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def unknown_policy(authority: Any) -> None:
        authority["policy"]["values"] |= {"response_working_days": 99, "colour": 1}
        authority["bank_holidays"].append(
            {"date": "1999-01-01", "title": "Too early", "reason": "Before the calendar"}
        )

    def contradictory(directory: Any) -> None:
        directory["principals"][0]["roles"].append({"role": "worker", "from": "2020-01-01"})
        directory["principals"][0]["worker"] = "nobody-secret"
        team = next(iter(directory["teams"].values()))
        team["managers"].append({"worker": "another-secret", "from": "2016-01-01"})

    def of_no_tool(types: Any) -> None:
        next(iter(types.values()))["tool_code"] = "secret-tool"

    edit(folder, "authority.json", unknown_policy)
    edit(folder, "directory.json", contradictory)
    edit(folder, "audit-types.json", of_no_tool)
    tool = min((folder / "tools").iterdir()).name
    edit(folder, f"tools/{tool}", lambda draft: draft["scale"].update(number=77))

    assert main(["import", "authority", str(folder), *ISSUER]) == 1
    told = capsys.readouterr().err
    for place in (
        "authority.json /policy/values/response_working_days:",
        "authority.json /policy/values/colour:",
        "authority.json /bank_holidays/0/date:",
        "directory.json /principals/0/worker:",
        "directory.json /teams/lincoln-fast/managers/1/worker:",
        "directory.json /teams/lincoln-fast/managers/1/from:",
        f"tools/{tool} /scale:",
    ):
        assert place in told, place
    assert "audit-types.json" in told
    assert "secret" not in told, "what stands in a file is not repeated"
    assert said(empty, "SELECT count(*) FROM teams") == [(0,)]


def test_a_folder_of_another_form_is_refused_by_file_without_a_database(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "scales.json").write_text('[{"code": "a", "code": "b"}]')
    edit(folder, "authority.json", lambda authority: authority.pop("name"))
    edit(folder, "directory.json", lambda directory: directory.update(teems={}))
    assert main(["import", "authority", str(folder)]) == 1
    told = capsys.readouterr().err
    assert "scales.json :" in told
    assert "authority.json /name:" in told
    assert "directory.json /teems:" in told


@pytest.mark.long
def test_a_changed_policy_takes_effect_today_or_later(
    empty: Database, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def both(authority: Any) -> None:
        least_and_most = {"moderation_sample_minimum": 15, "moderation_sample_maximum": 20}
        authority["policy"]["values"].update(least_and_most)

    # Neither stands beside the other's default; together they do.
    edit(folder, "authority.json", both)
    assert main(["import", "authority", str(folder), *ISSUER]) == 0
    edit(folder, "authority.json", lambda a: a["policy"]["values"].update(review_working_days=4))
    assert main(["import", "authority", str(folder), *ISSUER]) == 1
    assert "authority.json /policy/effective_from:" in capsys.readouterr().err
    edit(folder, "authority.json", lambda a: a["policy"].update(effective_from="2199-01-01"))
    assert main(["import", "authority", str(folder), *ISSUER]) == 0
    assert said(empty, "SELECT max(version) FROM policy_versions") == [(2,)]


@pytest.mark.long
def test_principals_without_an_issuer_are_refused(
    empty: Database, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["import", "authority", str(folder)]) == 1
    assert "directory.json /principals/0/issuer:" in capsys.readouterr().err
    assert said(empty, "SELECT count(*) FROM principals") == [(0,)]


@pytest.mark.long
def test_all_faults_of_all_kinds_of_all_files_are_told_in_one_go(
    empty: Database, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def twice(authority: Any) -> None:
        holiday = {"date": "2027-06-10", "title": "A day", "reason": "Proclaimed"}
        authority["bank_holidays"] += [holiday, holiday]
        authority["policy"]["values"]["colour"] = 1

    edit(folder, "authority.json", twice)
    edit(folder, "directory.json", lambda d: d["principals"][0].update(worker="nobody"))
    file = folder / "audit-types.json"
    file.write_text(file.read_text().rstrip().removesuffix("}") + ",}")
    tool = min((folder / "tools").iterdir())
    edit(folder, f"tools/{tool.name}", lambda draft: draft.pop("name"))
    (folder / "Directory.json").write_text("{}")
    (folder / "tools" / "another.JSON").write_text("{}")
    assert main(["import", "authority", str(folder), *ISSUER]) == 1
    *told, last = capsys.readouterr().err.splitlines()
    for begins in (
        "authority.json /policy/values/colour: line 1, column ",
        "authority.json /bank_holidays/1/date: line 1, column ",
        "directory.json /principals/0/worker: line 1, column ",
        f"tools/{tool.name} /name: line 1, column 1: ",
        "audit-types.json : line ",
        "Directory.json : Nothing reads this file",
        "tools/another.JSON : Nothing reads this file",
    ):
        assert any(line.startswith(begins) for line in told), (begins, told)
    assert len(told) == 7, told
    assert "7 places" in last
    assert said(empty, "SELECT count(*) FROM teams") == [(0,)]


@pytest.mark.long
def test_an_entry_with_a_malformed_value_is_checked_in_every_other_way_too(
    empty: Database, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def malformed(types: Any) -> None:
        types["closure"] |= {"clause": "?!", "tool_code": "no-such-tool"}
        del types["tac"]["name"]
        types["tac"]["interval_months"] = 3
        types["carers"]["cadence"] = "now and then"
        types["themed"] |= {"active": "yes", "start_teams": ["lincoln-fast"]}

    edit(folder, "audit-types.json", malformed)
    tool = min((folder / "tools").iterdir()).name

    def elsewhere(draft: Any) -> None:
        del draft["name"]
        draft["scale"]["number"] = 77

    edit(folder, f"tools/{tool}", elsewhere)
    assert main(["import", "authority", str(folder), *ISSUER]) == 1
    *told, _ = capsys.readouterr().err.splitlines()
    assert {line.split(": ")[0] for line in told} == {
        "audit-types.json /closure/clause",
        "audit-types.json /closure/tool_code",
        "audit-types.json /tac/name",
        "audit-types.json /tac/interval_months",
        # Whether its months fit it depends on what cannot be read.
        "audit-types.json /carers/cadence",
        "audit-types.json /themed/active",
        "audit-types.json /themed/start_teams",
        f"tools/{tool} /name",
        f"tools/{tool} /scale",
    }
    assert len(told) == 9, told


@pytest.mark.long
def test_a_file_of_another_encoding_has_that_one_fault_and_the_true_ones(
    empty: Database, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = folder / "audit-types.json"
    types = json.loads(file.read_text())
    types["closure"]["name"] = "Closure \u2013 caf\u00e9"
    types["tac"]["tool_code"] = "no-such-tool"
    file.write_bytes(json.dumps(types, ensure_ascii=False, indent=1).encode("cp1252"))
    assert main(["import", "authority", str(folder), *ISSUER]) == 1
    *told, _ = capsys.readouterr().err.splitlines()
    assert len(told) == 2, told
    assert "line 3, column " in told[0]
    assert "perhaps Windows-1252" in told[0]
    assert told[1].startswith("audit-types.json /tac/tool_code: line ")
