"""What `./dev check` holds of the migrations, beside what squawk does."""

from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType
from typing import Final

import pytest

CHECK: Final = Path(__file__).parents[1] / "migrations" / "check.py"
MADE: Final = "CREATE TABLE visits (id uuid);\n"
INDEX: Final = "CREATE INDEX visits_on_idx ON visits (visited_on);\n"


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
    ("statements", "script", "locked"),
    [
        ([MADE, done("9001"), INDEX, done("9002")], "", ["9002"]),
        ([MADE, INDEX, done("9001")], "", []),
        ([INDEX, done("0144"), done("9002")], "", []),
        ([INDEX.replace("INDEX", "INDEX CONCURRENTLY"), done("9002")], "", []),
        ([INDEX.replace("INDEX", "UNIQUE INDEX"), done("9002")], "", ["9002"]),
        ([done("9002")], f"-- Found sooner.\n{INDEX}", ["9002"]),
        ([MADE, done("9002")], INDEX, []),
    ],
    ids=["later", "with its table", "landed", "concurrently", "unique", "script", "script's own"],
)
def test_an_index_of_a_table_that_was_there_may_not_lock_it(
    check: ModuleType, tmp_path: Path, statements: list[str], script: str, locked: list[str]
) -> None:
    (tmp_path / "9002_visits.sql").write_text(script)
    told = [*check.indexes_that_lock(statements, tmp_path)]
    assert told == [f"{one}: visits_on_idx locks visits: make it CONCURRENTLY" for one in locked]
