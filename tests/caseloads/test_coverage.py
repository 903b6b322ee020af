"""Who of a caseload was looked at, who never was, and who sees how much of it (R4.4.4, X3)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import asyncpg
import pytest

from qa_api.caseloads.counting import GROUPS, LEFT_OUT
from tests.api import Api, Json
from tests.audits.auditing import Auditing, of_new_child
from tests.caseloads.sending import OTHER, TEAM, Caseloads, faults
from tests.closures.orders import MERGED
from tests.closures.sending import CLOSED, Episode
from tests.conftest import Database, execute
from tests.looking import look
from tests.planning.test_restricted import let_in, restrict

WHY = {"reason": "It was about another child."}


@dataclass
class Looked:
    """A caseload of children of whom some were audited before its day."""

    caseloads: Caseloads
    at: Callable[[str], None]
    api: Api

    def known(self, team: str = TEAM) -> Auditing:
        """A child who is known here."""
        worker = f"sw1-{team}"
        return of_new_child(self.api, self.caseloads.new_ref, team=team, worker=worker)

    def audited(self, days_before: int, team: str = TEAM) -> str:
        """A child of whom an audit was completed so many days before; its reference."""
        self.at(f"{self.caseloads.day - timedelta(days=days_before)}T09:30:00Z")
        case = self.known(team)
        case.completed(f"ps-{team}")
        self.at(self.caseloads.morning_after)
        return case.ref

    def coverage(self, person: str = "qs-1") -> Json:
        """The coverage as somebody sees it."""
        answer = self.api.as_(person).get(f"{self.caseloads.path}/coverage")
        assert answer.status_code == 200, answer.text
        found: Json = answer.json()
        return found


@pytest.fixture
def looked(caseloads: Caseloads, at: Callable[[str], None], api: Api) -> Looked:
    return Looked(caseloads, at, api)


def told(part: Json | None) -> tuple[int, int] | None:
    return None if part is None else (part["audited"], part["children"])


def of(found: Json, by: str) -> dict[str | None, tuple[int, int] | None]:
    return {part["code"]: told(part["covered"]) for part in found["parts"] if part["by"] == by}


@pytest.mark.long
def test_who_was_audited_in_the_months_before_is_counted_by_team_status_and_stratum(
    looked: Looked,
) -> None:
    send, child = looked.caseloads, looked.caseloads.child
    lately, long_ago, other = looked.audited(20), looked.audited(366), looked.audited(3, OTHER)
    send.taken(
        child(lately, strata={"age": "5-9"}),
        child(long_ago),
        child(other, team=OTHER, status="looked-after"),
        child(),
    )
    found = looked.coverage()
    assert found["audited_from"] == str(
        send.day.replace(year=send.day.year - 1) + timedelta(days=1)
    )
    assert told(found["covered"]) == (2, 4)
    assert found["covered"]["sentence"] == "2 counted among 4. Everybody was counted."
    assert found["covered"]["enough"]
    assert found["covered"]["interval"] is None
    assert of(found, "team") == {TEAM: (1, 3), OTHER: (1, 1)}
    assert of(found, "status") == {"child-in-need": (1, 3), "looked-after": (1, 1)}
    assert of(found, "strata.age") == {"5-9": (1, 1), None: (1, 3)}


def test_with_enough_children_there_is_an_interval(looked: Looked) -> None:
    send = looked.caseloads
    send.taken(send.child(looked.audited(5)), *(send.child() for _ in range(39)))
    covered = looked.coverage()["covered"]
    assert covered["share"] == 0.025
    assert 0 < covered["interval"]["low"] < 0.025 < covered["interval"]["high"] < 0.2
    assert covered["enough"]
    assert covered["sentence"].startswith("2% (1 of 40). Everybody was counted; the rate behind it")


@pytest.mark.long
def test_the_never_audited_are_listed_who_is_open_longest_first(
    looked: Looked, database: Database
) -> None:
    send, child = looked.caseloads, looked.caseloads.child
    lately, known = looked.audited(20), looked.known().ref
    unknown, unsaid = send.new_ref(), send.new_ref()
    send.taken(
        child(lately, open_since="2020-01-01"),
        child(unsaid),
        child(known, open_since="2025-06-01"),
        child(unknown, open_since="2024-06-01"),
    )
    assert send.refs("never_audited=true") == [unknown, known, unsaid]
    (audited,) = send.children("never_audited=false")
    assert audited["ref"] == lately
    assert audited["last_audited_on"] == str(send.day - timedelta(days=20))
    first = send.standards.get(f"{send.path}/children?never_audited=true&limit=2").json()
    cursor = first["next_cursor"]
    rest = send.refs(f"never_audited=true&limit=2&cursor={cursor}")
    assert [one["ref"] for one in first["items"]] + rest == [unknown, known, unsaid]
    assert set(send.refs("known_here=false")) == {unknown, unsaid}
    named, lines = look(looked.api, database, "qs-1", f"{send.path}/children")
    assert (len(named), lines) == (2, [named]), "a line for each child who is known here"


@pytest.mark.long
def test_an_audit_in_error_or_after_the_day_is_none(looked: Looked) -> None:
    send = looked.caseloads
    looked.at(f"{send.day - timedelta(days=9)}T09:30:00Z")
    case = looked.known()
    path = case.completed(f"ps-{TEAM}")
    looked.at(send.morning_after)
    later = looked.known()
    send.taken(send.child(case.ref), send.child(later.ref))
    assert told(looked.coverage()["covered"]) == (1, 2)
    later.completed(f"ps-{TEAM}")
    assert told(looked.coverage()["covered"]) == (1, 2), "it was completed after the day"
    case.accept(looked.api.act(f"{path}/record-in-error", WHY))
    assert looked.api.as_("qs-2").act(f"{path}/confirm-error").status_code == 204
    assert told(looked.coverage()["covered"]) == (0, 2)
    assert set(send.refs("never_audited=true")) == {case.ref, later.ref}


def test_a_restricted_child_counts_only_for_whoever_has_leave(looked: Looked) -> None:
    send = looked.caseloads
    hidden, plain = looked.known().ref, looked.known().ref
    send.taken(send.child(hidden), send.child(plain))
    restrict(looked.api, hidden)
    assert send.refs() == [plain]
    assert told(looked.coverage()["covered"]) == (0, 1)
    head = send.standards.get(send.path).json()
    assert (head["children"], head["rows_hash"]) == (None, None)
    checked = send.standards.post(f"{send.path}/verify").json()
    assert (checked["children"], checked["same_hash"]) == (None, True)
    assert send.system.get(send.path).json()["children"] == 2
    asked = f"{send.path}/sample-size?width_percent=50"
    size = send.standards.get(asked).json()
    assert (size["population"], size["complete"]) == (1, False)
    assert looked.coverage()["complete"] is False
    assert send.standards.get(f"{asked}&team={TEAM}").json()["complete"] is False
    let_in(looked.api, hidden, "qs-2")
    granted = looked.api.as_("qs-2")
    assert set(send.refs(by=granted)) == {hidden, plain}
    assert told(looked.coverage("qs-2")["covered"]) == (0, 2)
    assert granted.get(send.path).json()["children"] == 2
    assert granted.get(asked).json()["complete"] is looked.coverage("qs-2")["complete"] is True


def test_a_manager_does_not_see_of_what_kind_a_child_is_who_is_kept_from_them(
    looked: Looked,
) -> None:
    send, hidden, child = looked.caseloads, looked.known().ref, looked.caseloads.child
    send.taken(
        child(hidden, status="looked-after", strata={"age": "0-4"}),
        *(child() for _ in range(2)),
        child(team=OTHER),
    )
    before = looked.coverage(f"tm-{TEAM}")
    assert of(before, "status") == {"child-in-need": (0, 2), "looked-after": (0, 1)}
    assert before["complete"] is True
    restrict(looked.api, hidden)
    manager, other = looked.coverage(f"tm-{TEAM}"), looked.coverage(f"tm-{OTHER}")
    assert {part["by"] for part in manager["parts"]} == {"team"}
    assert (told(manager["covered"]), manager["complete"]) == ((0, 2), False)
    # Of another team, and for whoever may list the children, nothing changes.
    assert (of(other, "status"), other["complete"]) == ({"child-in-need": (0, 1)}, True)
    assert of(looked.coverage(), "status") == {"child-in-need": (0, 3)}
    assert looked.coverage("slt-1")["complete"] is None


def test_managers_see_their_teams_and_senior_leaders_nothing_of_a_few(looked: Looked) -> None:
    send, child = looked.caseloads, looked.caseloads.child
    send.taken(*(child() for _ in range(3)), *(child(team=OTHER) for _ in range(2)))
    manager = looked.coverage(f"tm-{TEAM}")
    assert told(manager["covered"]) == (0, 3)
    assert of(manager, "team") == {TEAM: (0, 3)}
    senior = looked.coverage("slt-1")
    assert (senior["covered"], senior["parts"]) == (None, [])
    for person in ("sw1-lincoln-fast", "au-1", "case-system-mosaic", "reporting-1", "admin-1"):
        assert looked.api.as_(person).get(f"{send.path}/coverage").status_code == 403
    for person in (f"tm-{TEAM}", "slt-1", "hos-fast"):
        assert looked.api.as_(person).get(f"{send.path}/children").status_code == 403
        assert looked.api.as_(person).get(f"{send.path}/missing").status_code == 403


def test_a_record_that_was_merged_is_one_child(looked: Looked) -> None:
    send = looked.caseloads
    one, other = looked.known().ref, looked.known().ref
    send.taken(send.child(one), send.child(other))
    Episode(looked.api, [one]).tell(MERGED, 2, merge={"from": one, "into": other})
    assert told(looked.coverage()["covered"]) == (0, 1)


def test_who_is_open_here_and_not_in_the_caseload_is_listed_and_the_other_way_round(
    looked: Looked, database: Database
) -> None:
    send = looked.caseloads
    here, both, there = looked.known().ref, looked.known().ref, send.new_ref()
    send.taken(send.child(both), send.child(there))

    def missing() -> set[str]:
        found: set[str] = set()
        path: str | None = f"{send.path}/missing?limit=500&team={TEAM}"
        while path:
            page = send.standards.get(path).json()
            found |= {row["ref"] for row in page["items"]}
            cursor = page["next_cursor"]
            path = cursor and f"{send.path}/missing?limit=500&team={TEAM}&cursor={cursor}"
        return found

    assert here in missing()
    assert not {both, there} & missing()
    named, lines = look(looked.api, database, "qs-1", f"{send.path}/missing?team={TEAM}")
    assert named
    assert lines == [named], "one line that names all of the page"
    assert send.refs("known_here=false") == [there]
    Episode(looked.api, [here]).tell(CLOSED, 2, closure={"date": str(send.day)})
    assert here not in missing(), "its closing was told since"


def test_a_wanted_width_takes_so_many_of_so_many(looked: Looked) -> None:
    send, child = looked.caseloads, looked.caseloads.child
    send.taken(*(child() for _ in range(50)), *(child(team=OTHER) for _ in range(10)))
    asked = f"{send.path}/sample-size?width_percent=20"
    found = send.standards.get(asked).json()
    assert (found["population"], found["sample"]) == (60, 37)
    assert found["explanation"]["facts"]["wanted_width_percent"] == 20
    assert send.standards.get(f"{asked}&team={OTHER}").json()["population"] == 10
    surer = send.standards.get(f"{asked}&expected_percent=5").json()
    assert surer["sample"] < found["sample"]
    assert faults(send.standards.get(f"{send.path}/sample-size?width_percent=100")) == [
        ("width_percent", "too_large")
    ]
    nobody = send.standards.get(f"{asked}&team=cwd")
    assert (nobody.status_code, nobody.json()["type"]) == (422, "/problems/business-rule")


def test_of_a_day_without_a_caseload_nothing_is_told(looked: Looked) -> None:
    for part in ("", "/coverage", "/sample-size?width_percent=10"):
        assert looked.api.as_("qs-1").get(f"{looked.caseloads.path}{part}").status_code == 404


async def test_no_figure_reads_a_table_of_records_from_end_to_end(database: Database) -> None:
    connection = await asyncpg.connect(database.migrate_url)
    try:
        # So few rows are quicker read from end to end: what could be used is asked here.
        await connection.execute("SET enable_seqscan = off; SET enable_bitmapscan = off")
        at = datetime(2027, 1, 1, tzinfo=UTC)
        values = [[uuid4()], None, uuid4(), at, at.date(), at.date(), None]
        plan = await connection.fetch(f"EXPLAIN {GROUPS}", *values)
        values = [[uuid4()], None, uuid4(), at, None]
        plan += await connection.fetch(f"EXPLAIN {LEFT_OUT}", *values)
    finally:
        await connection.close()
    used = "\n".join(line[0] for line in plan)
    assert "Seq Scan" not in used, used
    assert "using audits_completed_on_id_idx" in used
    assert "using caseload_children_" in used


# --- what senior leaders can work out from several answers ---


OTHER_SYSTEM = "liquidlogic"


@pytest.fixture
def other_system(api: Api, database: Database) -> Iterator[str]:
    """A second case system, as long as the test runs: others send without saying which."""
    entry = {"source": "urn:liquidlogic", "name": "Liquidlogic"}
    path = f"/v1/case-systems/{OTHER_SYSTEM}"
    assert api.as_("admin-1").change("PUT", path, entry).status_code in {200, 201}
    yield OTHER_SYSTEM
    held = {"caseload_children": "system", "caseloads": "system", "case_systems": "code"}
    rows = (f"DELETE FROM {table} WHERE {one} = '{OTHER_SYSTEM}'" for table, one in held.items())
    execute(database.migrate_url, *rows)


def test_the_whole_less_one_system_tells_nothing_of_few_in_the_other(
    looked: Looked, other_system: str
) -> None:
    """Of 40 children two are in the other system: neither they nor their team are told apart."""
    send, child = looked.caseloads, looked.caseloads.child
    send.taken(*(child() for _ in range(38)))
    few = {"children": [child(team=OTHER, status="looked-after") for _ in range(2)]}
    path, new = f"{send.path}?system={other_system}", {"if-none-match": "*"}
    assert send.standards.request("PUT", path, json=few, headers=new).status_code == 201
    senior = looked.api.as_("slt-1")

    def told_of(query: str = "") -> tuple[int, int] | None:
        return told(senior.get(f"{send.path}/coverage{query}").json()["covered"])

    each = [told_of(), told_of("?system=mosaic"), told_of(f"?system={other_system}")]
    assert each == [(0, 38), (0, 38), None], "as it was told before the two"
    many = {"children": [child(team=OTHER, status="looked-after") for _ in range(30)]}
    tag = send.standards.tag(path)
    again = send.standards.request("PUT", path, json=many, headers={"if-match": tag})
    assert again.status_code == 200, again.text
    each = [told_of(), told_of("?system=mosaic"), told_of(f"?system={other_system}")]
    assert each == [(0, 68), (0, 38), (0, 30)]
    assert senior.get(f"{send.path}/coverage?system=mosaic").json()["parts"] == []
    in_full = looked.coverage()
    assert of(in_full, "system") == {other_system: (0, 30), "mosaic": (0, 38)}


def test_a_caseload_sent_anew_does_not_tell_whether_who_left_it_was_audited(
    looked: Looked,
) -> None:
    send, child = looked.caseloads, looked.caseloads.child
    one = child(looked.audited(3))
    others = [child() for _ in range(20)]
    first = send.put([one, *others])
    before = looked.coverage("slt-1")
    again = send.put(others, tag=first.headers["etag"])
    assert again.status_code == 200, again.text
    assert looked.coverage("slt-1") == before, "the difference would be one child, and an audit"
    assert told(looked.coverage()["covered"]) == (0, 20), "whoever lists them reads what is"


def test_what_was_told_stands_for_whoever_lists_no_child(looked: Looked) -> None:
    """A correction that tells of nobody is told; later audits of the day are in no answer."""
    send, child = looked.caseloads, looked.caseloads.child
    first = send.put([child() for _ in range(20)])
    assert told(looked.coverage("slt-1")["covered"]) == (0, 20)
    assert send.put([child() for _ in range(60)], tag=first.headers["etag"]).status_code == 200
    told_now = looked.coverage("slt-1")
    assert told(told_now["covered"]) == (0, 60), "twenty went and sixty came"
    assert of(told_now, "team") == {TEAM: (0, 60)}
    assert looked.coverage("slt-1") == told_now
