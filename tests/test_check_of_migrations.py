"""What `./dev check` holds of the migrations, beside what squawk does."""

from importlib.machinery import SourceFileLoader
from pathlib import Path
from shutil import copytree
from types import ModuleType
from typing import Final

import pytest

from qa_api import migrate
from tests.conftest import Clone

CHECK: Final = Path(__file__).parents[1] / "migrations" / "check.py"
MADE: Final = "CREATE TABLE visits (id uuid);\n"
INDEX: Final = "CREATE INDEX visits_on_idx ON visits (visited_on);\n"
PLANTED: Final = '''"""Planted."""
from alembic import op
from qa_api.migrate import run_script

revision = "9001"
down_revision = "{head}"


def upgrade():
    {does}
'''
BY_SCRIPT: Final = "run_script('9001_planted.sql')"


@pytest.fixture(scope="module")
def check() -> ModuleType:
    module = ModuleType("check")
    module.__file__ = str(CHECK)
    exec(SourceFileLoader("check", str(CHECK)).get_code("check") or "", module.__dict__)  # noqa: S102 # ours
    return module


def done(revision: str) -> str:
    """What Alembic says when a migration is done."""
    return f"UPDATE alembic_version SET version_num='{revision}' WHERE version_num = '0001';\n"


@pytest.mark.parametrize(
    ("statements", "locked"),
    [
        ([MADE, done("9001"), INDEX, done("9002")], ["9002"]),
        ([MADE, INDEX, done("9001")], []),
        ([INDEX, done("0144"), done("9002")], []),
        ([INDEX.replace("INDEX", "INDEX CONCURRENTLY"), done("9002")], []),
        ([INDEX.replace("INDEX", "UNIQUE INDEX"), done("9002")], ["9002"]),
        ([f"DO $do$ BEGIN\n{INDEX} END $do$;\n", done("9002")], ["9002"]),
    ],
    ids=["later", "with its table", "landed", "concurrently", "unique", "within a block"],
)
def test_an_index_of_a_table_that_was_there_may_not_lock_it(
    check: ModuleType, statements: list[str], locked: list[str]
) -> None:
    told = [*check.by_migration([check.Statement(text) for text in statements])]
    later = [each for each in told if each.revision > check.MEASURED]
    found = [said for each in later for said in check.indexes_that_lock(each)]
    assert found == [f"{one}: visits_on_idx locks visits: make it CONCURRENTLY" for one in locked]


@pytest.mark.long
@pytest.mark.parametrize(
    ("does", "script", "wrong"),
    [
        (BY_SCRIPT, "CREATE OR REPLACE VIEW tried_teams AS SELECT code FROM teams;", None),
        (BY_SCRIPT, "ALTER TABLE audits ADD CONSTRAINT tried CHECK (version > 0);", "not-valid"),
        (BY_SCRIPT, "-- First.\nCREATE INDEX tried ON audits (team, version);", "concurrent"),
        (
            BY_SCRIPT,
            "ALTER TABLE audits ADD COLUMN tried int DEFAULT random();",
            "default",
        ),
        ("op.execute('ALTER TABLE audits ALTER COLUMN team SET NOT NULL')", "", "not-null"),
    ],
    ids=["nothing", "constraint", "index", "rewritten", "statement"],
)
def test_what_a_migration_runs_is_linted_whichever_way_it_runs_it(
    check: ModuleType,
    clone: Clone,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    does: str,
    script: str,
    wrong: str | None,
) -> None:
    planted = tmp_path / "migrations"
    copytree(migrate.MIGRATIONS, planted)
    head = max(file.name[:4] for file in (planted / "versions").glob("[0-9]*.py"))
    (planted / "versions" / "9001_planted.py").write_text(PLANTED.format(head=head, does=does))
    (planted / "sql" / "9001_planted.sql").write_text(script)
    monkeypatch.setattr(migrate, "MIGRATIONS", planted)
    with check.executed() as statements:
        migrate.upgrade(clone().migrate_url)
    (told,) = check.by_migration(statements)
    assert told.revision == "9001"
    assert check.faults([told]) == (wrong is not None)
    assert (wrong or "") in capsys.readouterr().out
