"""What an operator is told who brings in the tables of the Standard Safeguarding Dataset, and what
they do: the events that nobody told, all of a sound set of files or nothing (C1, C2, C6).
"""

import csv
import json
import os
import signal
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from qa_api.__main__ import main
from qa_api.auth.development import DevelopmentIssuer
from tests.api import Api, Json, give_right, serving
from tests.closures.breaking_off import break_off
from tests.closures.orders import NOW, prepare
from tests.closures.sending import CLOSED, PROPOSED, Episode
from tests.closures.ssd_files import (
    COLUMNS,
    ROLE,
    Tables,
    department,
    episode,
    involvement,
    person,
    professional,
    write_tables,
)
from tests.closures.two_ways import everything
from tests.conftest import Clone, Database, settings_for
from tests.kept import KEPT
from tests.test_main import environment_of

DRAWN = "2026-11-22T22:00:00Z"
CLOSED_ON = date(2026, 11, 20)
IN_USE_FROM = "2026-11-01"


class Authority:
    """An authority that is given tables: where they are, and what was said on the screen."""

    def __init__(self, api: Api, database: Database, directory: Path, capsys: Any) -> None:
        self.api, self.database, self.directory = api, database, directory
        self._capsys = capsys
        self.run = uuid4().hex[:8]
        self.out = self.err = ""

    def load(self, *more: str, drawn_at: str = DRAWN) -> int:
        """Bring in what stands in the directory; the exit status."""
        self._capsys.readouterr()
        status = main(["import", "ssd", str(self.directory), "--drawn-at", drawn_at, *more])
        self.out, self.err = self._capsys.readouterr()
        return status

    def bring(self, tables: Tables, *more: str, drawn_at: str = DRAWN) -> None:
        """Bring in tables that are sound."""
        write_tables(self.directory, tables)
        assert self.load(*more, drawn_at=drawn_at) == 0, self.err

    def name(self, what: str) -> str:
        """A reference that no other test uses."""
        return f"{self.run}-{what}"

    def told(self) -> list[Json]:
        """The events that this test's tables and case system told."""
        asked = "SELECT data::text FROM case_events WHERE data::text LIKE $1 ORDER BY event_id"
        return [json.loads(row[0]) for row in self.ask(asked, f"%{self.run}%")]

    def ask(self, asked: str, *values: Any) -> list[Any]:
        """Rows of the database."""
        return list(KEPT.ask(self.database.migrate_url, lambda kept: kept.fetch(asked, *values)))


@pytest.fixture(scope="module")
def database(clone_of_authority: Clone) -> Database:
    return clone_of_authority()


@pytest.fixture(scope="module")
def served(database: Database, issuer: DevelopmentIssuer) -> Iterator[Api]:
    settings = settings_for(database, issuer)
    with serving(settings) as server, Api(server, issuer) as client:
        yield client


@pytest.fixture(scope="module")
def prepared() -> list[bool]:
    """Whether the authority has been made ready."""
    return []


@pytest.fixture
def authority(
    served: Api,
    database: Database,
    prepared: list[bool],
    at: Callable[[str], None],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> Authority:
    at(NOW)
    if not prepared:
        prepare(served)
        changes = [{"key": "in_use_from", "value": IN_USE_FROM}]
        give_right(served, policy={"effective_from": NOW[:10], "changes": changes})
        prepared.append(True)
    for name, value in environment_of(database).items():
        monkeypatch.setenv(name, value)
    return Authority(served, database, tmp_path / "tables", capsys)


def tables_of(authority: Authority, **closing: str | date | None) -> Tables:
    """One child, with one episode and one worker."""
    child, case = authority.name("C"), authority.name("E")
    return {
        "ssd_person": [
            person(child, pers_dob=date(2015, 3, 9), pers_legacy_id=authority.name("old"))
        ],
        "ssd_cin_episodes": [episode(case, child, **closing)],
        "ssd_involvements": [
            involvement(authority.name("I"), child, "P1", "Lincoln Fast", date(2026, 11, 9))
        ],
        "ssd_professionals": [professional("P1", "Smith.J")],
        "ssd_department": [department("Lincoln Fast")],
        "ssd_linked_identifiers": [
            {"link_person_id": child, "link_identifier_value": authority.name("former")}
        ],
    }


def test_a_new_child_is_told_with_who_holds_the_case(authority: Authority) -> None:
    authority.bring(tables_of(authority))
    (event,) = authority.told()
    assert event["type"] == "allocation.changed.v1"
    child = {"ref": authority.name("C"), "role": "child", "born_on": "2015-03-09"}
    assert event["data"] == {
        "subjects": [child],
        "occurred_at": "2026-11-09T23:59:59Z",
        "allocation": {"worker": "Smith.J", "team": "Lincoln Fast"},
    }
    assert "loaded 1 event, 1 of them new: applied 1" in authority.out


@pytest.mark.long
@pytest.mark.parametrize("reason", ["RC1 - Adopted", "rc1", "Rc1 - adopted"])
def test_a_closing_that_nobody_told_is_one_without_an_audit_after_the_fact(
    authority: Authority, reason: str
) -> None:
    authority.bring(tables_of(authority))
    authority.bring(tables_of(authority, cine_close_date=CLOSED_ON, cine_close_reason=reason))
    (closing,) = (event for event in authority.told() if event["type"] == CLOSED)
    assert closing["data"]["closure"] == {"date": "2026-11-20", "reason_code": "RC1"}
    answer = Episode(authority.api, [authority.name("C")], id=authority.name("E")).answer()
    assert (answer["state"], answer["may_close"]) == ("closed_without_audit", False)


@pytest.mark.long
def test_a_case_that_was_proposed_and_audited_closes_by_the_tables(authority: Authority) -> None:
    case = Episode(authority.api, [authority.name("C")], id=authority.name("E"))
    case.tell(PROPOSED, 7, occurred_at="2026-11-20T08:00:00Z")
    case.complete_audit()
    today = date(2026, 11, 23)
    tables = tables_of(authority, cine_close_date=today, cine_close_reason="RC2")
    authority.bring(tables, drawn_at=NOW)
    assert case.answer()["state"] == "closed"
    (closing,) = (event for event in authority.told() if event["type"] == CLOSED)
    assert closing["data"]["source_version"] == 7, "the case system's own numbers go on from there"


def test_a_closing_before_the_service_was_in_use_is_history(authority: Authority) -> None:
    tables = tables_of(authority, cine_close_date=date(2026, 2, 3))
    tables["ssd_cin_episodes"].append(episode(authority.name("F"), authority.name("C")))
    authority.bring(tables)
    answer = Episode(authority.api, [authority.name("C")], id=authority.name("E")).answer()
    assert (answer["state"], answer["audit_id"]) == ("closed", None)


@pytest.mark.long
def test_a_child_whose_every_case_closed_before_that_is_not_told(authority: Authority) -> None:
    authority.bring(tables_of(authority, cine_close_date=date(2026, 10, 31)))
    assert authority.told() == []
    authority.bring(tables_of(authority, cine_close_date=date(2026, 11, 1)))
    assert CLOSED in {event["type"] for event in authority.told()}


@pytest.mark.long
def test_the_same_tables_twice_change_nothing(authority: Authority) -> None:
    authority.bring(tables_of(authority, cine_close_date=CLOSED_ON))
    before = everything(authority.database)
    authority.bring(tables_of(authority, cine_close_date=CLOSED_ON))
    compared = f"compared 1 person and 1 episode of {DRAWN} with what is known: 0 events to tell"
    assert compared in authority.out
    after = everything(authority.database)
    assert after.pop("events") - before.pop("events") == {"a command": 1}
    assert after == before


@pytest.mark.long
def test_the_tables_of_an_earlier_night_take_nothing_back(authority: Authority) -> None:
    authority.bring(tables_of(authority, cine_close_date=CLOSED_ON))
    told = authority.told()
    authority.bring(tables_of(authority), drawn_at="2026-11-19T22:00:00Z")
    assert authority.told() == told


@pytest.mark.long
def test_a_closing_that_a_clock_ahead_told_is_put_right_once(authority: Authority) -> None:
    authority.bring(tables_of(authority))
    case = Episode(authority.api, [authority.name("C")], id=authority.name("E"))
    closure = {"date": "2026-11-19"}
    case.tell(CLOSED, 3, occurred_at="2099-01-01T00:00:00Z", closure=closure)
    for drawn_at in (DRAWN, "2026-11-22T23:00:00Z", NOW):
        authority.bring(tables_of(authority, cine_close_date=CLOSED_ON), drawn_at=drawn_at)
    days = [e["data"]["closure"]["date"] for e in authority.told() if e["type"] == CLOSED]
    assert sorted(days) == ["2026-11-19", "2026-11-20"]


@pytest.mark.long
def test_a_reason_is_the_same_in_capitals_and_in_small_letters(authority: Authority) -> None:
    authority.bring(tables_of(authority))
    case = Episode(authority.api, [authority.name("C")], id=authority.name("E"))
    closure = {"date": str(CLOSED_ON), "reason_code": "rc1"}
    case.tell(CLOSED, 3, occurred_at="2026-11-20T12:00:00Z", closure=closure)
    authority.bring(tables_of(authority, cine_close_date=CLOSED_ON, cine_close_reason="RC1"))
    assert [event["type"] for event in authority.told()].count(CLOSED) == 1


@pytest.mark.long
def test_what_was_put_right_here_is_not_taken_back_by_tables_that_say_nothing_new(
    authority: Authority,
) -> None:
    authority.bring(tables_of(authority))
    path = f"/v1/subjects/mosaic/{authority.name('C')}"
    q_and_s = authority.api.as_("qs-1")
    entered = {"kind": "child", "team": "lincoln-fast", "worker": "sw2-lincoln-fast"}
    answer = q_and_s.change("PUT", path, entered)
    assert answer.status_code == 200, answer.text
    authority.bring(tables_of(authority))
    assert len(authority.told()) == 1
    assert q_and_s.get(path).json()["worker"] == "sw2-lincoln-fast"


def test_a_worker_whom_the_directory_does_not_know_is_named_and_the_case_waits(
    authority: Authority,
) -> None:
    tables = tables_of(authority)
    tables["ssd_professionals"] = [professional("P1", authority.name("nobody"))]
    authority.bring(tables)
    assert "ssd_involvements.csv line 2: invo_professional_id: The directory" in authority.out
    assert authority.name("nobody") not in authority.out
    subject = authority.api.as_("qs-1").get(f"/v1/subjects/mosaic/{authority.name('C')}").json()
    assert (subject["worker"], subject["team"]) == (None, "lincoln-fast")


@pytest.mark.long
def test_no_earlier_identifier_gets_into_any_table_of_the_service(authority: Authority) -> None:
    tables = tables_of(authority, cine_close_date=CLOSED_ON, cine_close_reason="RC1")
    adopted = person(authority.name("new"), pers_legacy_id=authority.name("C"))
    tables["ssd_person"].append(adopted)
    tables["ssd_cin_episodes"].append(episode(authority.name("F"), authority.name("new")))
    authority.bring(tables)
    kept = [row for rows in everything(authority.database).values() for row in rows]
    assert any(authority.name("new") in row for row in kept)
    assert not [row for row in kept if authority.name("old") in row]
    assert not [row for row in kept if authority.name("former") in row]
    both = [row for row in kept if authority.name("C") in row and authority.name("new") in row]
    assert not both


@pytest.mark.long
def test_an_episode_of_another_child_is_refused_as_it_would_join_the_two(
    authority: Authority,
) -> None:
    tables = tables_of(authority, cine_close_date=CLOSED_ON)
    authority.bring(tables)
    adopted = authority.name("new")
    tables["ssd_person"] = [person(adopted)]
    tables["ssd_cin_episodes"] = [episode(authority.name("E"), adopted)]
    before = everything(authority.database)
    write_tables(authority.directory, tables)
    assert authority.load() == 1
    assert "ssd_cin_episodes.csv line 2: cine_referral_id: This episode was told" in authority.err
    assert everything(authority.database) == before


def test_tables_whose_closings_are_all_gone_are_refused(authority: Authority) -> None:
    tables = tables_of(authority)
    refs = [authority.name(f"C{number}") for number in range(11)]
    tables["ssd_person"] = [person(ref) for ref in refs]
    before_use = date(2026, 5, 4)
    tables["ssd_cin_episodes"] = [
        *(episode(f"{ref}-E", ref, cine_close_date=before_use) for ref in refs),
        *(episode(f"{ref}-F", ref) for ref in refs),
    ]
    authority.bring(tables)
    told = authority.told()
    assert CLOSED in {event["type"] for event in told}
    tables["ssd_cin_episodes"] = [episode(f"{ref}-{case}", ref) for ref in refs for case in "EF"]
    write_tables(authority.directory, tables)
    assert authority.load() == 1
    assert "ssd_cin_episodes.csv: cine_close_date: No row has one" in authority.err
    assert authority.told() == told


Spoil = Callable[[bytes], bytes]
FAULTS: dict[str, tuple[str, Spoil | None, str]] = {
    "no file": ("ssd_involvements", None, "ssd_involvements.csv: The file is missing."),
    "nothing in it": ("ssd_person", lambda _: b"", "ssd_person.csv line 1: The file is empty"),
    "no column": (
        "ssd_cin_episodes",
        lambda file: file.replace(b"cine_close_date", b"closed"),
        "ssd_cin_episodes.csv line 1: cine_close_date: The column is missing.",
    ),
    "a column twice": (
        "ssd_cin_episodes",
        lambda file: file.replace(b"cine_referral_nfa", b"cine_close_date"),
        "ssd_cin_episodes.csv line 1: cine_close_date: There are two columns of this name.",
    ),
    "semicolons": (
        "ssd_person",
        lambda file: file.replace(b",", b";"),
        "ssd_person.csv line 1: pers_person_id: The column is missing.",
    ),
    "cut in a row": (
        "ssd_involvements",
        lambda file: file[:-20],
        "ssd_involvements.csv line 2: The file was cut off in the middle of this row.",
    ),
    "cut in the last field": (
        "ssd_involvements",
        lambda file: file[:-2],
        "ssd_involvements.csv line 2: The file was cut off: its last line has no end.",
    ),
    "cut in quotes": (
        "ssd_cin_episodes",
        lambda file: file[: file.index(b"COMMENTS")],
        "ssd_cin_episodes.csv line 3: The row that begins in line 2: its quotes do not match, or",
    ),
    "a field too many": (
        "ssd_person",
        lambda file: file.replace(b"\r\n", b",\r\n").replace(b",\r\n", b"\r\n", 1),
        "ssd_person.csv line 2: The row has 14 fields, the first line has 13.",
    ),
    "a row twice": (
        "ssd_person",
        lambda file: file + file.splitlines(keepends=True)[1],
        "ssd_person.csv line 3: pers_person_id: The same as that of line 2.",
    ),
    "no such day": (
        "ssd_involvements",
        lambda file: file.replace(b"2026-11-09", b"2026-11-31"),
        "ssd_involvements.csv line 2: invo_involvement_start_date: Not a date",
    ),
    "a day in another order": (
        "ssd_person",
        lambda file: file.replace(b"2015-03-09 00:00:00", b"09/03/2015"),
        "ssd_person.csv line 2: pers_dob: Not a date of the form YYYY-MM-DD.",
    ),
    "closed before it began": (
        "ssd_cin_episodes",
        lambda file: file.replace(b"2026-01-05", b"2026-11-21"),
        "ssd_cin_episodes.csv line 2: cine_close_date: The day is before that of",
    ),
    "a reference that is none": (
        "ssd_person",
        lambda file: file.replace(b"-C,", b" C?,"),
        "ssd_person.csv line 2: pers_person_id: Only letters and digits",
    ),
    "no reference": (
        "ssd_cin_episodes",
        lambda file: file.replace(file.splitlines()[1].split(b",")[1] + b",", b"NULL,"),
        "ssd_cin_episodes.csv line 2: cine_person_id: Required.",
    ),
    "an unknown child": (
        "ssd_person",
        lambda file: file.replace(b"-C,", b"-X,"),
        "ssd_cin_episodes.csv line 2: cine_person_id: ssd_person has no such row.",
    ),
    "an unknown worker": (
        "ssd_professionals",
        lambda file: file.replace(b"P1", b"P2"),
        "ssd_involvements.csv line 2: invo_professional_id: ssd_professionals has no such row.",
    ),
    "an unknown team": (
        "ssd_department",
        lambda file: file.replace(b"Lincoln Fast", b"Lincoln Slow"),
        "ssd_involvements.csv line 2: invo_professional_team: ssd_department has no such row.",
    ),
    "another role": (
        "ssd_involvements",
        lambda file: file.replace(ROLE.encode(), b"Key worker"),
        "ssd_involvements.csv: No row has a role of those that say who holds a case",
    ),
    "Windows' own letters": (
        "ssd_department",
        lambda file: file.replace(b"Team", b"T\xe9am"),
        "ssd_department.csv line 2: The line is not UTF-8.",
    ),
    "a field without end": (
        "ssd_cin_episodes",
        lambda file: file.replace(b"A line", b"A line\n" * 700_000),
        "The row that begins in line 2: a field has more than 4,194,304 characters, or its",
    ),
    "UTF-16": (
        "ssd_person",
        lambda file: file.decode().encode("utf-16"),
        "ssd_person.csv line 1: The file seems to be UTF-16",
    ),
}


@pytest.mark.parametrize("fault", list(FAULTS))
def test_a_fault_names_its_file_and_line_and_nothing_is_taken(
    authority: Authority, fault: str
) -> None:
    table, spoil, said = FAULTS[fault]
    write_tables(authority.directory, tables_of(authority, cine_close_date=CLOSED_ON))
    file = authority.directory / f"{table}.csv"
    sound = file.read_bytes()
    if spoil is None:
        file.unlink()
    else:
        file.write_bytes(spoil(sound))
        assert file.read_bytes() != sound, "the file is not spoilt"
    assert authority.load() == 1
    assert said in authority.err
    assert "nothing was imported: faults in " in authority.err
    assert authority.run not in authority.err.replace(str(authority.directory), "")
    assert authority.told() == []


def test_every_fault_of_every_file_is_told_at_once(authority: Authority) -> None:
    tables = tables_of(authority)
    tables["ssd_person"].append(person(authority.name("C")))
    tables["ssd_cin_episodes"].append(episode(authority.name("E"), authority.name("C")))
    write_tables(authority.directory, tables)
    (authority.directory / "ssd_department.csv").unlink()
    assert authority.load() == 1
    assert len(authority.err.splitlines()) == 4
    assert "faults in 3 places" in authority.err


def test_days_that_lie_ahead_do_not_count_yet_and_are_told(authority: Authority) -> None:
    authority.bring(tables_of(authority, cine_close_date=date(2026, 12, 4)))
    assert [event["type"] for event in authority.told()] == ["allocation.changed.v1"]
    assert "1 day after that on which the tables were drawn do not count yet" in authority.out


@pytest.mark.long
@pytest.mark.parametrize("name", ["pers_dob", "pers_death_date"])
def test_a_birth_or_death_that_lies_ahead_is_not_told_yet(authority: Authority, name: str) -> None:
    tables = tables_of(authority)
    told_on = {"pers_dob": "born_on", "pers_death_date": "died_on"}[name]
    tables["ssd_person"] = [person(authority.name("C"), **{name: date(2026, 11, 23)})]
    authority.bring(tables)
    assert told_on not in authority.told()[0]["data"]["subjects"][0]
    assert "1 day after that on which the tables were drawn do not count yet" in authority.out
    authority.bring(tables, drawn_at=NOW)
    children = [event["data"]["subjects"][0] for event in authority.told()]
    assert [child[told_on] for child in children if told_on in child] == ["2026-11-23"]


def test_a_birth_that_lies_ahead_leaves_the_one_that_was_told(authority: Authority) -> None:
    tables = tables_of(authority)
    authority.bring(tables)
    tables["ssd_person"] = [person(authority.name("C"), pers_dob=date(2027, 6, 1))]
    told = authority.told()
    authority.bring(tables)
    assert authority.told() == told


def test_two_files_of_one_table_are_refused_by_both_their_names(authority: Authority) -> None:
    write_tables(authority.directory, tables_of(authority))
    file = authority.directory / "ssd_person.csv"
    file.with_name("SSD_PERSON.CSV").write_bytes(file.read_bytes())
    assert authority.load() == 1
    both = "There are several files of this table: SSD_PERSON.CSV, ssd_person.csv."
    assert f"ssd_person.csv: {both}" in authority.err
    assert authority.told() == []


def test_a_long_comment_in_a_column_that_is_not_read_is_no_fault(authority: Authority) -> None:
    tables = tables_of(authority)
    comment = "A line of a long comment\n" * 20_000
    tables["ssd_cin_episodes"] = [
        {**row, "cine_referral_outcome_json": comment} for row in tables["ssd_cin_episodes"]
    ]
    before = csv.field_size_limit()
    authority.bring(tables)
    assert len(authority.told()) == 1
    assert csv.field_size_limit() == before, "the limit of the process is as it was"


def test_a_dry_run_keeps_nothing(authority: Authority) -> None:
    before = everything(authority.database)
    authority.bring(tables_of(authority, cine_close_date=CLOSED_ON), "--dry-run")
    assert "it has 2 events; nothing was kept" in authority.out
    assert everything(authority.database) == before


def test_another_role_holds_cases_where_the_operator_says_so(authority: Authority) -> None:
    tables = tables_of(authority)
    child = authority.name("C")
    other = involvement(
        authority.name("J"), child, "P2", None, date(2026, 11, 16), role="Key Worker"
    )
    tables["ssd_involvements"].append(other)
    tables["ssd_professionals"].append(professional("P2", None))
    authority.bring(tables, "--role", "key worker")
    assert authority.told()[0]["data"]["allocation"] == {"worker": "P2"}


def test_files_may_have_other_columns_orders_cases_and_a_mark_of_their_bytes(
    authority: Authority,
) -> None:
    write_tables(authority.directory, tables_of(authority))
    file = authority.directory / "ssd_person.csv"
    head, row = file.read_text().splitlines()
    fields = zip(reversed(head.split(",")), reversed(row.split(",")), strict=True)
    names, values = zip(*fields, strict=True)
    turned = ",".join(("added", *names)).upper() + "\r\n" + ",".join(("x", *values)) + "\r\n"
    file.write_bytes(b"\xef\xbb\xbf" + turned.encode())
    file.rename(file.with_name("SSD_Person.CSV"))
    assert authority.load() == 0, authority.err
    assert authority.told()[0]["data"]["subjects"][0]["born_on"] == "2015-03-09"


def test_whose_tables_they_are_is_asked_where_there_are_several_case_systems(
    authority: Authority,
) -> None:
    write_tables(authority.directory, tables_of(authority))
    assert authority.load("--system", "nobody") == 1
    assert "no case system is registered by this code" in authority.err
    assert authority.told() == []


def test_a_directory_that_is_not_there_is_told(authority: Authority) -> None:
    assert authority.load() == 1
    assert "cannot be read: No such file or directory" in authority.err


def test_the_log_says_who_brought_them_in(authority: Authority) -> None:
    authority.bring(tables_of(authority))
    asked = "SELECT data::text FROM events WHERE type = 'command.run' ORDER BY id DESC LIMIT 1"
    said = json.loads(authority.ask(asked)[0][0])
    assert said["command"] == "import ssd"


@pytest.mark.long
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT], ids=["kill", "Ctrl-C"])
def test_a_load_that_is_broken_off_goes_on_and_loses_and_doubles_nothing(
    authority: Authority, how: signal.Signals
) -> None:
    tables = tables_of(authority)
    refs = [authority.name(f"C{number}") for number in range(12)]
    tables["ssd_person"] = [person(ref) for ref in refs]
    tables["ssd_cin_episodes"] = [
        episode(f"{ref}-E", ref, cine_close_date=CLOSED_ON) for ref in refs
    ]
    tables["ssd_involvements"] = []
    write_tables(authority.directory, tables)
    words = ["import", "ssd", str(authority.directory), "--drawn-at", DRAWN, "--at-once", "4"]
    break_off(words, authority.told, how)
    kept = authority.told()
    assert 0 < len(kept) < 24
    assert authority.load() == 0, authority.err
    told = authority.told()
    assert [event for event in kept if event not in told] == []
    assert sorted(event["data"]["subjects"][0]["ref"] for event in told) == sorted(refs * 2)
    assert sum(event["type"] == CLOSED for event in told) == len(refs)
    asked = "SELECT count(*) FROM closure_gates WHERE state = $1 AND episode_id LIKE $2"
    gates = authority.ask(asked, "closed_without_audit", f"{authority.run}%")
    assert gates[0][0] == len(refs)


def test_tables_are_as_of_when_the_oldest_file_was_written(authority: Authority) -> None:
    write_tables(authority.directory, tables_of(authority))
    written = datetime.fromisoformat("2026-11-08T22:00:00Z").timestamp()
    os.utime(authority.directory / "ssd_person.csv", (written, written))
    assert main(["import", "ssd", str(authority.directory)]) == 0
    (event,) = authority.told()
    assert event["data"]["allocation"] == {}, "nobody had the case yet"
    assert event["data"]["occurred_at"] == "2026-11-08T22:00:00Z"


def test_only_columns_of_the_published_tables_are_read() -> None:
    from qa_api.case_events.nightly.tables import TABLES

    read = {table.name: {column.name for column in table.columns} for table in TABLES}
    assert read
    for name, columns in read.items():
        assert columns <= set(COLUMNS[name])
    assert not {"pers_legacy_id", "pers_common_child_id"} & read["ssd_person"]
    assert "ssd_linked_identifiers" not in read
