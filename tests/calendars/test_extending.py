"""The working calendar is extended by an administrator: a confirmed year, or a file compared first.

The commands are those that the alert and the operators' guide name.
"""

import json
import re
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from qa_api.__main__ import main
from qa_api.auth.development import DevelopmentIssuer
from qa_api.rules.alerts import ADVICE, EXTEND_THE_CALENDAR, AlertKind
from tests.api import Api, Json, serving
from tests.conftest import Clone, Database, settings_for
from tests.rules.test_bank_holidays import IN_2029, official_file

GUIDE = Path(__file__).parents[2] / "docs" / "operators.md"
CALENDAR = "/v1/working-calendar"
YEAR = {
    "year": 2029,
    "reason": "Published.",
    "bank_holidays": [{"date": str(day), "title": title} for day, title in IN_2029.items()],
}
FILE = official_file(later=IN_2029)


@pytest.fixture
def fresh_database(clone_of_authority: Clone) -> Database:
    """A database whose calendar this test extends."""
    return clone_of_authority()


@pytest.fixture
def fresh(fresh_database: Database, issuer: DevelopmentIssuer) -> Iterator[Api]:
    """Its authority, as the administrator has it."""
    settings = settings_for(fresh_database, issuer)
    with serving(settings) as server, Api(server, issuer, "admin-1") as api:
        yield api


def known(api: Api) -> tuple[int, str]:
    found = api.get(CALENDAR).json()
    return found["version"], found["known_until"]


def reaches(api: Api, start: str, days: int) -> Any:
    answer = api.get("/v1/working-days/add", params={"start": start, "days": days})
    return answer.json()["due_on"] if answer.status_code == 200 else answer.json()["code"]


def test_a_confirmed_year_moves_the_end(fresh: Api) -> None:
    assert reaches(fresh, "2028-12-29", 1) == "beyond-calendar-horizon"
    ahead = {"date": "2029-01-01", "title": "New Year's Day", "reason": "Published."}
    assert fresh.create("/v1/bank-holidays", ahead).status_code == 201
    assert reaches(fresh, "2028-12-29", 1) == "beyond-calendar-horizon", "its year is not known"
    version, _ = known(fresh)
    for person in ("qs-1", "tm-lincoln-fast"):
        assert fresh.as_(person).create(f"{CALENDAR}/years", YEAR).status_code == 403
    answer = fresh.create(f"{CALENDAR}/years", YEAR)
    assert answer.status_code == 201, answer.text
    assert answer.headers["location"] == CALENDAR
    assert answer.json()["known_until"] == "2029-12-31"
    assert known(fresh) == (version + 1, "2029-12-31")
    assert reaches(fresh, "2028-12-29", 1) == "2029-01-02"
    again = fresh.create(f"{CALENDAR}/years", YEAR)
    assert again.status_code == 409
    said = again.json()["detail"]
    assert said.startswith("The bank holidays of 2029 are known already")
    assert "An administrator" in said, "what may be done next, and by whom"
    assert "confirm 2030 next" in said


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"year": 2030}, "year-not-whole"),
        ({"bank_holidays": YEAR["bank_holidays"][:7]}, "year-not-whole"),  # type: ignore[index]  # plain JSON
    ],
)
def test_a_year_that_is_not_whole_is_refused(as_published: Api, change: Json, code: str) -> None:
    admin = as_published.as_("admin-1")
    before = known(admin)
    answer = admin.create(f"{CALENDAR}/years", YEAR | change)
    assert answer.status_code == 422
    assert answer.json()["code"] == code
    assert known(admin) == before


def test_a_file_is_compared_and_then_brought_in(fresh: Api) -> None:
    before = known(fresh)
    answer = fresh.post(f"{CALENDAR}/comparisons", {"file": FILE})
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert [day["date"] for day in told["adds"]] == [str(day) for day in sorted(IN_2029)]
    assert (told["known_until"], told["contradicts"]) == ("2029-12-31", False)
    assert known(fresh) == before, "a comparison changes nothing"
    body = {"file": FILE, "reason": "Published."}
    assert fresh.create(f"{CALENDAR}/imports", body).status_code == 201
    assert known(fresh) == (before[0] + 1, "2029-12-31")
    assert fresh.create(f"{CALENDAR}/imports", body).status_code == 201
    assert known(fresh) == (before[0] + 1, "2029-12-31"), "a file that says nothing new"
    assert fresh.get("/v1/bank-holidays/2029-03-30").json()["source"] == "official"


def test_a_file_that_would_drop_what_is_known_is_refused(fresh: Api) -> None:
    part = FILE["england-and-wales"]
    events = [event for event in part["events"] if event["date"] != "2028-08-28"]
    without = {"england-and-wales": part | {"events": events}}
    before = known(fresh)
    refused = fresh.create(f"{CALENDAR}/imports", {"file": without, "reason": "A slip."})
    assert refused.status_code == 422
    # Of 2028 seven are left: that is not the whole of a year.
    assert refused.json()["code"] == "year-not-whole"
    fresh.act("/v1/bank-holidays/2028-08-28/withdraw", {"reason": "A slip."})
    refused = fresh.create(f"{CALENDAR}/imports", {"file": FILE, "reason": "Published."})
    assert refused.json()["code"] == "contradicts-what-is-known"
    assert "2028-08-28" in refused.json()["errors"][0]["detail"]
    assert known(fresh) == (before[0] + 1, before[1])


@pytest.fixture
def commands(
    fresh_database: Database, fresh: Api, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Callable[[str], int]:
    """Runs a command line as the guide writes it, in a directory that holds the official file."""
    monkeypatch.setenv("QA_DATABASE_URL", fresh_database.database_url)
    monkeypatch.setenv("QA_READ_URL", fresh_database.read_url)
    monkeypatch.setenv("QA_LOG_LEVEL", "warning")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bank-holidays.json").write_text(json.dumps(FILE))

    def run(line: str) -> int:
        program, *words = shlex.split(line)
        assert program == "qa-api"
        return main(words)

    return run


@pytest.mark.long
def test_the_command_in_the_alert_runs(
    fresh: Api, commands: Callable[[str], int], capsys: pytest.CaptureFixture[str]
) -> None:
    for kind in (AlertKind.CALENDAR_ENDS_SOON, AlertKind.CALENDAR_UNKNOWN):
        assert f"`{EXTEND_THE_CALENDAR}`" in ADVICE[kind]
    before = known(fresh)
    assert commands(EXTEND_THE_CALENDAR) == 0
    told = capsys.readouterr().out
    assert "adds 2029-03-30 Good Friday" in told
    assert "nothing was kept" in told
    assert known(fresh) == before
    assert commands(EXTEND_THE_CALENDAR.removesuffix(" --dry-run")) == 0
    assert known(fresh) == (before[0] + 1, "2029-12-31")
    assert capsys.readouterr().out.splitlines()[-1] == "the bank holidays are brought in"
    assert commands(EXTEND_THE_CALENDAR.removesuffix(" --dry-run")) == 0
    assert "nothing was changed" in capsys.readouterr().out, "a file that says nothing new"
    assert known(fresh) == (before[0] + 1, "2029-12-31")


@pytest.mark.long
def test_the_commands_in_the_guide_run(fresh: Api, commands: Callable[[str], int]) -> None:
    lines = re.findall(r"^\$ (qa-api bank-holiday .+)$", GUIDE.read_text(), re.MULTILINE)
    assert [shlex.split(line)[2] for line in lines] == [
        "import",
        "import",
        "confirm-year",
        "add",
        "withdraw",
    ]
    dry, imported, confirmed, *rest = lines
    assert commands(confirmed) == 0
    assert known(fresh)[1] == "2029-12-31"
    for line in (dry, imported, *rest):
        assert commands(line) == 0, line


def test_a_file_that_is_no_file_is_told(
    commands: Callable[[str], int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "bank-holidays.json").write_text('{"england-and-wales": {},}')
    assert commands(EXTEND_THE_CALENDAR) == 1
    (tmp_path / "bank-holidays.json").write_text("[]")
    assert commands(EXTEND_THE_CALENDAR) == 1
    assert "not a list of bank holidays" in capsys.readouterr().err
    assert commands("qa-api bank-holiday import none.json") == 1
