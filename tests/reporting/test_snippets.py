"""The guide's snippets do what they say: as printed, in processes of their own, over real HTTP."""

import csv
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.api import Api, Json
from tests.reporting.copies import REPORTER, pull, set_restriction
from tests.responses.casework import Casework

ROOT = Path(__file__).parent.parent.parent
SNIPPETS = ROOT / "docs" / "snippets"
LOADED = ROOT / ".snippets" / "venv" / "bin" / "python"
"""The Python of `./dev snippets`, which has pandas, polars and DuckDB."""
FOLLOWERS = {
    "with_pandas.py": LOADED,
    "with_polars.py": LOADED,
    "with_duckdb.py": LOADED,
    "with_r.R": Path(shutil.which("Rscript") or "/nowhere"),
}
WHY_NOT = {
    ".py": "only `./dev snippets` installs what it loads",
    ".R": "there is no Rscript here (on Debian: r-base-core, r-cran-jsonlite)",
}
NOT_RUN = ("power_bi.pq", "excel_power_query.pq", "tableau_hyper.py")


def run(api: Api, person: str, snippet: str, place: Path, *words: str, by: Path) -> str:
    """What a snippet prints; it must end well."""
    environment: Mapping[str, str] = {
        "PATH": os.environ["PATH"],
        "HOME": str(place),
        "LC_ALL": "C.UTF-8",
        "QA": str(api.http.base_url).rstrip("/"),
        "TOKEN": api.as_(person).token(),
    }
    ended = subprocess.run(
        [by, SNIPPETS / snippet, *words],
        cwd=place,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


def has_jsonlite(rscript: Path) -> bool:
    """Whether this R can read JSON."""
    asked = "quit(status = !requireNamespace('jsonlite', quietly = TRUE))"
    return subprocess.run([rscript, "-e", asked], capture_output=True, check=False).returncode == 0


def told(rows: list[Json]) -> set[tuple[str, ...]]:
    """Of each row what can be compared whatever a tool makes of dates and numbers."""
    return {
        tuple(str(row[name] or "") for name in ("id", "subject", "state", "team", "completed_on"))
        for row in rows
    }


@pytest.mark.long
@pytest.mark.parametrize("snippet", FOLLOWERS)
def test_a_copy_follows_what_changes(casework: Casework, snippet: str, tmp_path: Path) -> None:
    by = FOLLOWERS[snippet]
    if not by.exists() or (snippet == "with_r.R" and not has_jsonlite(by)):
        pytest.skip(WHY_NOT[Path(snippet).suffix])
    reporter = casework.api.as_(REPORTER)
    leaves, changes = casework.completed_audit(), casework.completed_audit()
    run(casework.api, REPORTER, snippet, tmp_path, "audits", by=by)
    first = copied(tmp_path)
    assert told(first) == told(pull(reporter, "audits", limit=5_000)[0])
    set_restriction(casework, leaves, "staff")
    changes.submit()
    changes.review("adequate")
    comes = casework.completed_audit()
    said = run(casework.api, REPORTER, snippet, tmp_path, "audits", by=by)
    second = copied(tmp_path)
    assert told(second) == told(pull(reporter, "audits", limit=5_000)[0])
    assert f"audits: {len(second)} rows" in said
    ids = {row["id"] for row in second}
    assert str(comes.audit_id) in ids
    assert str(leaves.audit_id) not in ids
    run(casework.api, REPORTER, snippet, tmp_path, "audits", by=by)
    assert told(copied(tmp_path)) == told(second), "nothing changed"


def copied(place: Path) -> list[Json]:
    with (place / "audits.csv").open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.long
def test_five_figures_of_the_board_follow_from_rows(
    casework: Casework, at: Callable[[str], None], tmp_path: Path
) -> None:
    case = casework.completed_audit()
    casework.deliver(case)
    case.submit()
    case.review("adequate")
    planned = {"type": "collaborative", "team": "lincoln-fast", "due_on": "2026-12-11"}
    assert casework.api.create("/v1/audits", planned).status_code == 201
    at("2027-02-01T09:30:00Z")  # whoever was let in to a restricted record is so no longer
    said = run(
        casework.api, "qs-1", "board_figures.py", tmp_path, "2026-27 Q3", by=Path(sys.executable)
    )
    lines = said.splitlines()
    assert len(lines) == 5
    counts = [line.partition(": ")[2].split(" ")[:3:2] for line in lines]
    assert all(int(denominator.rstrip(",")) > 0 for _, denominator in counts), said


def test_what_was_not_run_says_so_and_follows_changes_all_the_same() -> None:
    for name in NOT_RUN:
        text = (SNIPPETS / name).read_text()
        assert "Not run here" in text, name
        assert "changed_since" in text, name
    there = {path.name for path in SNIPPETS.iterdir() if path.is_file()}
    assert there == {*FOLLOWERS, *NOT_RUN, "board_figures.py", "run.py"}


def test_the_guide_names_every_snippet() -> None:
    guide = (ROOT / "docs" / "reporting.md").read_text()
    for name in (*FOLLOWERS, *NOT_RUN, "board_figures.py"):
        assert f"(snippets/{name})" in guide, name
