"""Names of workers come in with the directory's file, and no statement but a page's reads them."""

import asyncio
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from qa_api.__main__ import main
from qa_api.auth.development import DevelopmentIssuer
from qa_api.reads import staff_names
from tests.api import Api
from tests.conftest import Database
from tests.directory.test_importing import a_directory, empty, written

__all__ = ["empty"]

SOURCE = Path(staff_names.__file__).parents[1]


def ask(url: str, statement: str, reach: str = "") -> list[tuple[Any, ...]]:
    """What a role finds, with the reach of some caller."""

    async def once() -> list[tuple[Any, ...]]:
        connection = await asyncpg.connect(url)
        try:
            await connection.execute(f"SELECT set_config('qa.reach', '{reach}', false)")
            return [tuple(row) for row in await connection.fetch(statement)]
        finally:
            await connection.close()

    return asyncio.run(once())


def names(database: Database) -> dict[str, str]:
    rows = ask(database.migrate_url, "SELECT worker, name FROM worker_names")
    return dict(rows)


def started(issuer: DevelopmentIssuer) -> dict[str, Any]:
    name = issuer.settings.issuer
    assert main(["init", "--issuer", name, "--subject", "first-administrator"]) == 0
    return a_directory(name)


@pytest.mark.long
def test_a_name_comes_in_with_the_file_and_goes_with_the_next_that_has_none(
    empty: Database, issuer: DevelopmentIssuer, tmp_path: Path
) -> None:
    content = started(issuer)
    content["workers"]["w1"]["display_name"] = "Zenobia Canary"
    content["workers"]["w2"]["display_name"] = "Yorick Canary"
    assert main(["import", "directory", written(tmp_path, content)]) == 0
    assert names(empty) == {"w1": "Zenobia Canary", "w2": "Yorick Canary"}
    content["workers"]["w1"]["display_name"] = "Zenobia Married"
    del content["workers"]["w2"]["display_name"]
    assert main(["import", "directory", written(tmp_path, content)]) == 0
    assert names(empty) == {"w1": "Zenobia Married"}
    del content["workers"]["w1"]
    assert main(["import", "directory", written(tmp_path, content)]) == 0
    assert names(empty) == {"w1": "Zenobia Married"}, "whoever is not in the file is left alone"


@pytest.mark.long
@pytest.mark.parametrize("name", ["", " ", 7, "Zenobia\u0007Canary", "Z" * 201])
def test_what_is_no_name_is_refused_by_its_place_and_never_repeated(
    empty: Database,
    issuer: DevelopmentIssuer,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    name: Any,
) -> None:
    content = started(issuer)
    content["workers"]["w1"]["display_name"] = name
    assert main(["import", "directory", written(tmp_path, content)]) == 1
    said = capsys.readouterr()
    assert "/workers/w1/display_name" in said.err
    assert "Zenobia" not in said.out + said.err
    assert "ZZZ" not in said.out + said.err
    assert names(empty) == {}


def test_a_name_is_not_given_or_asked_for_over_http(api: Api) -> None:
    answer = api.as_("admin-1").change("PUT", "/v1/workers/sw-named", {"display_name": "Zenobia"})
    assert answer.status_code == 422
    assert "Zenobia" not in answer.text


@pytest.mark.parametrize("role", ["qa_app", "qa_read"])
@pytest.mark.parametrize(
    "statement",
    [
        "SELECT name FROM worker_names",
        "SELECT * FROM worker_names",
        "SELECT n::text FROM worker_names n",
        "DELETE FROM worker_names RETURNING name",
        "UPDATE worker_names SET name = 'x'",
        "COPY worker_names TO STDOUT",
    ],
)
def test_no_role_of_the_service_selects_a_name(
    template: Database, role: str, statement: str
) -> None:
    url = template.migrate_url.replace("qa_owner", role)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        ask(url, statement, "service")


ONE = "SELECT * FROM qa_names_of(ARRAY['{}', 'nobody'])"


def test_names_come_out_by_one_function_behind_a_caller_who_was_let_in(
    database: Database,
) -> None:
    url = database.migrate_url
    ((code, name),) = ask(url, "SELECT worker, name FROM worker_names LIMIT 1")
    asked = ONE.format(code)
    reading = database.read_url
    for reach in ("authority", "rows"):
        assert ask(reading, asked, reach) == [(code, name)]
    assert ask(reading, asked) == []
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        ask(database.database_url, asked, "authority")


def test_one_statement_asks_for_names() -> None:
    asking = {
        str(file.relative_to(SOURCE))
        for file in SOURCE.rglob("*.py")
        if "qa_names_of" in file.read_text()
    }
    assert asking == {"reads/staff_names.py", "models/directory.py"}
