"""What case systems call workers and teams: taken whatever it is, listed, claimed, never lost."""

import asyncio
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from qa_api.__main__ import main
from qa_api.auth.development import DevelopmentIssuer
from tests.api import Api, Json
from tests.closures.sending import (
    ALLOCATED,
    MANAGER,
    PROPOSED,
    SUPERVISOR,
    TEAM,
    WORKER,
    Episode,
)
from tests.conftest import Database
from tests.directory.test_importing import FROM, a_directory, empty, rows, written
from tests.test_main import until

__all__ = ("empty",)

REFERENCES = "/v1/case-system-references"
At = Callable[[str], None]


@pytest.fixture
def episode(api: Api, new_ref: Callable[[], str], at: At) -> Episode:
    at("2026-11-23T09:30:00Z")
    return Episode(api, [new_ref()])


def unlike(prefix: str) -> str:
    """A reference that no other test uses."""
    return f"{prefix}{uuid4().hex[:8]}"


def unclaimed(api: Api, reference: str) -> Json | None:
    listed = api.as_("qs-1").get(f"{REFERENCES}?claimed=false&system=mosaic&limit=500").json()
    found = [row for row in listed["items"] if row["reference"] == reference]
    return dict(found[0]) if found else None


def claim(api: Api, reference: str, code: str) -> Json:
    row = unclaimed(api, reference)
    assert row is not None, f"{reference} is not listed"
    answer = api.as_("qs-1").act(f"{REFERENCES}/{row['id']}/claim", {"code": code})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def holder(api: Api, ref: str, person: str = "qs-1") -> tuple[Any, Any]:
    found = api.as_(person).get(f"/v1/subjects/mosaic/{ref}")
    assert found.status_code == 200, found.text
    return found.json()["team"], found.json()["worker"]


@pytest.mark.parametrize(
    "written",
    ["SmithJ", "smith.j", "AB1234", "j.smith@example.gov.uk", "Müller, Jörg (Duty)", "J" * 190],
)
def test_whatever_a_case_system_calls_its_staff_is_taken_and_waits_to_be_claimed(
    episode: Episode, written: str
) -> None:
    api, (ref,) = episode.api, episode.refs
    episode.worker = reference = unlike(written)
    assert episode.tell(PROPOSED) == "gate_opened"
    # Until somebody says who that is, the case is its team's and no worker's.
    assert holder(api, ref) == holder(api, ref, MANAGER) == (TEAM, None)
    assert api.as_(WORKER).get(f"/v1/subjects/mosaic/{ref}").status_code == 404
    listed = unclaimed(api, reference)
    assert listed is not None
    assert (listed["kind"], listed["worker"], listed["team"]) == ("worker", None, None)
    claimed = claim(api, reference, WORKER)
    assert claimed["worker"] == WORKER
    assert holder(api, ref, MANAGER) == (TEAM, WORKER)
    assert [gate["team"] for gate in episode.gates(MANAGER)] == [TEAM]
    assert unclaimed(api, reference) is None


def test_a_reference_has_200_characters_at_most(episode: Episode) -> None:
    episode.worker = "J" * 201
    assert episode.post(episode.event(PROPOSED)).status_code == 422


def test_capitals_make_no_difference_also_for_codes(episode: Episode) -> None:
    api, (ref,) = episode.api, episode.refs
    reference = unlike("SmithJ-")
    episode.worker = reference
    episode.tell(PROPOSED)
    claim(api, reference, WORKER)
    episode.team, episode.worker = TEAM.upper(), reference.upper()
    moved = episode.event(ALLOCATED, 2)
    moved["data"] = {
        "subjects": [{"ref": ref}],
        "occurred_at": "2026-11-23T09:10:00Z",
        "allocation": {"worker": f" {reference.lower()} ", "team": "LINCOLN-fast"},
    }
    assert episode.send(moved)["outcome"] in {"applied", "no_change"}
    assert holder(api, ref) == (TEAM, WORKER)


def test_both_a_team_and_a_worker_can_be_waited_for(episode: Episode) -> None:
    api, (ref,) = episode.api, episode.refs
    episode.team, episode.worker = unlike("LN-FAST-"), unlike("AB")
    episode.tell(PROPOSED)
    claim(api, episode.worker, WORKER)
    assert holder(api, ref) == holder(api, ref, WORKER) == (None, WORKER), "the team is unknown"
    assert api.as_(MANAGER).get(f"/v1/subjects/mosaic/{ref}").status_code == 404
    claim(api, episode.team, TEAM)
    assert holder(api, ref) == (TEAM, WORKER)


def test_a_reference_goes_from_one_to_the_next_by_date(episode: Episode) -> None:
    api, (ref,) = episode.api, episode.refs
    admin, reference = api.as_("admin-1"), unlike("duty")
    first, second = unlike("sw-"), unlike("sw-")
    for code, called in ((first, {"to": "2026-11-01"}), (second, {"from": "2026-11-01"})):
        body = {"references": [{"system": "mosaic", "reference": reference, **called}]}
        assert admin.change("PUT", f"/v1/workers/{code}", body).status_code == 200
    episode.worker = reference
    earlier = episode.event(PROPOSED) | {}
    earlier["data"]["occurred_at"] = "2026-10-30T10:00:00Z"
    episode.send(earlier)
    assert holder(api, ref) == (TEAM, first)
    episode.tell(PROPOSED, 2)
    assert holder(api, ref) == (TEAM, second)


def test_what_an_entry_does_not_say_stays(api: Api) -> None:
    admin, code, reference = api.as_("admin-1"), unlike("sw-"), unlike("SmithJ")
    called = {"system": "mosaic", "reference": reference}
    put = admin.change("PUT", f"/v1/workers/{code}", {"references": [called]})
    assert put.json()["references"] == [called | {"from": None, "to": None}]
    assert admin.change("PUT", f"/v1/workers/{code}", {}).json()["references"] != []
    emptied = admin.change("PUT", f"/v1/workers/{code}", {"references": []})
    assert emptied.json()["references"] == []


def test_two_that_differ_in_capitals_alone_are_refused(api: Api) -> None:
    admin, reference = api.as_("admin-1"), unlike("SmithJ")
    one = {"references": [{"system": "mosaic", "reference": reference}]}
    assert admin.change("PUT", f"/v1/workers/{unlike('sw-')}", one).status_code == 200
    other = {"references": [{"system": "mosaic", "reference": reference.upper()}]}
    refused = admin.change("PUT", f"/v1/workers/{unlike('sw-')}", other)
    assert refused.status_code == 422
    (error,) = refused.json()["errors"]
    assert (error["pointer"], error["code"]) == ("/references/0/reference", "taken")
    # A team may be called what a worker is: events say which they mean.
    team = {"name": "A team of a test", **other}
    assert admin.change("PUT", f"/v1/teams/{unlike('team-')}", team).status_code == 200


def call(api: Api, path: str, *references: str) -> None:
    """An administrator says what the case system calls an entry, and nothing else of it."""
    admin = api.as_("admin-1")
    body: Json = {"references": [{"system": "mosaic", "reference": each} for each in references]}
    if path.startswith("teams"):
        body["name"] = admin.get(f"/v1/{path}").json()["name"]
    answer = admin.change("PUT", f"/v1/{path}", body)
    assert answer.status_code == 200, answer.text


@pytest.mark.long
def test_a_reference_corrected_moves_the_cases_and_what_is_open_of_them_at_once(
    episode: Episode,
) -> None:
    api, (ref,) = episode.api, episode.refs
    wrong, right = unlike("sw-"), unlike("sw-")
    episode.worker = reference = unlike("Smith.J-")
    for code in (wrong, right):
        call(api, f"workers/{code}")
    episode.tell(PROPOSED)
    claim(api, reference, wrong)
    assert holder(api, ref) == (TEAM, wrong)
    audit = f"/v1/audits/{episode.answer()['audit_id']}"
    assert api.as_("qs-1").get(audit).json()["worker"] == wrong

    call(api, f"workers/{wrong}")
    # Withdrawn, no worker is meant: the reference waits, and the case is its team's meanwhile.
    assert holder(api, ref) == holder(api, ref, MANAGER) == (TEAM, None)
    assert unclaimed(api, reference) is not None
    assert api.as_("qs-1").get(audit).json()["worker"] is None

    call(api, f"workers/{right}", reference.lower())
    assert holder(api, ref) == (TEAM, right)
    assert unclaimed(api, reference) is None
    assert api.as_("qs-1").get(audit).json()["worker"] == right
    assert [gate["team"] for gate in episode.gates(MANAGER)] == [TEAM]


@pytest.mark.long
def test_a_reference_corrected_while_a_case_comes_in_through_it_moves_that_case_too(
    episode: Episode, database: Database
) -> None:
    api, (ref,) = episode.api, episode.refs
    wrong, right = unlike("sw-"), unlike("sw-")
    episode.worker = reference = unlike("Smith.J-")
    call(api, f"workers/{right}")
    call(api, f"workers/{wrong}", reference)

    def correct() -> None:
        call(api, f"workers/{wrong}")
        call(api, f"workers/{right}", reference)

    with ThreadPoolExecutor(2) as others:
        with held(database, "case_event_outcomes") as waits:
            # Its child is registered through the old reference, and not there for others yet.
            told = others.submit(episode.tell, PROPOSED)
            waits("relation")
            corrected = others.submit(correct)
            waits("advisory", unless=corrected.done)
        told.result(60)
        corrected.result(60)
    assert holder(api, ref) == (TEAM, right)


@contextmanager
def held(database: Database, table: str) -> Iterator[Callable[..., None]]:
    """Let nobody write to a table; gives what waits until somebody waits for a kind of lock."""
    runner = asyncio.Runner()
    owner = runner.run(asyncpg.connect(database.migrate_url))

    def waits(kind: str, unless: Callable[[], bool] = lambda: False) -> None:
        # What waits for a transaction waits in no database.
        asked = (
            "SELECT count(*) FROM pg_locks l LEFT JOIN pg_database d ON d.oid = l.database"
            " WHERE NOT l.granted AND l.locktype = $1"
            " AND coalesce(d.datname = current_database(), true)"
        )
        until(lambda: unless() or runner.run(owner.fetchval(asked, kind)))

    try:
        transaction = owner.transaction()
        runner.run(transaction.start())
        runner.run(owner.execute(f"LOCK TABLE {table} IN EXCLUSIVE MODE"))
        yield waits
        runner.run(transaction.rollback())
    finally:
        runner.run(owner.close())
        runner.close()


def test_a_reference_dated_otherwise_moves_what_was_told_of_those_days(
    episode: Episode,
) -> None:
    api, (ref,) = episode.api, episode.refs
    first, second = unlike("sw-"), unlike("sw-")
    episode.worker = reference = unlike("Duty-")
    call(api, f"workers/{second}")
    call(api, f"workers/{first}", reference)
    episode.tell(PROPOSED)
    assert holder(api, ref) == (TEAM, first)
    admin = api.as_("admin-1")
    for code, dates in ((first, {"to": "2026-11-01"}), (second, {"from": "2026-11-01"})):
        called = {"system": "mosaic", "reference": reference, **dates}
        put = admin.change("PUT", f"/v1/workers/{code}", {"references": [called]})
        assert put.status_code == 200, put.text
    assert holder(api, ref) == (TEAM, second)


@pytest.mark.long
def test_a_teams_reference_corrected_moves_its_cases_at_once(episode: Episode) -> None:
    api, (ref,) = episode.api, episode.refs
    wrong, right = unlike("team-"), unlike("team-")
    for code in (wrong, right):
        body = {"name": code}
        assert api.as_("admin-1").change("PUT", f"/v1/teams/{code}", body).status_code == 200
    episode.team = reference = unlike("Lincoln Fast ")
    call(api, f"teams/{wrong}", reference)
    episode.tell(PROPOSED)
    assert holder(api, ref) == (wrong, WORKER)
    call(api, f"teams/{wrong}")
    assert holder(api, ref) == holder(api, ref, WORKER) == (None, WORKER)
    call(api, f"teams/{right}", reference)
    assert holder(api, ref) == (right, WORKER)
    assert {gate["team"] for gate in episode.gates()} == {right}


@pytest.mark.long
@pytest.mark.parametrize("said", [{}, {"team": TEAM}], ids=["worker alone", "worker and team"])
def test_a_worker_whom_nobody_has_claimed_takes_the_case_from_no_team(
    episode: Episode, said: Json
) -> None:
    api, (ref,) = episode.api, episode.refs
    episode.tell(PROPOSED)
    audit = episode.begin_audit()
    moved = {"worker": unlike("agency.new."), **said}
    assert episode.tell(ALLOCATED, 2, allocation=moved) == "applied"
    assert holder(api, ref, MANAGER) == (TEAM, None)
    shown = api.as_(MANAGER).get(f"/v1/subjects/mosaic/{ref}").json()
    assert (shown["reported_team"], shown["reported_worker"]) == (None, moved["worker"])
    assert unclaimed(api, moved["worker"]) is not None
    assert api.as_(WORKER).get(f"/v1/subjects/mosaic/{ref}").status_code == 404

    # Whoever must see that the child is safe is asked, and can open what they are asked about.
    urgent = {
        "kind": "serious_safeguarding",
        "description": "Left alone at night.",
        "child_safe_now": "no",
    }
    assert api.as_(SUPERVISOR).create(f"{audit}/urgent-findings", urgent).status_code == 201
    of_audit = f"/v1/escalations?audit={audit.split('/')[-1]}"
    (escalation,) = api.as_(MANAGER).get(of_audit).json()["items"]
    shown = api.as_(MANAGER).get(f"/v1/escalations/{escalation['id']}").json()
    assert [each["recipient"] for each in shown["recipients"]] == [MANAGER]
    waits = api.as_(MANAGER).get("/v1/me/work?kind=acknowledge&limit=500").json()["items"]
    assert escalation["id"] in {entry["about"] for entry in waits}
    assert api.as_(MANAGER).get(audit).status_code == 200

    claim(api, moved["worker"], WORKER)
    assert holder(api, ref, WORKER) == (TEAM, WORKER)


def test_a_team_that_nobody_has_claimed_takes_the_case_from_no_worker(episode: Episode) -> None:
    api, (ref,) = episode.api, episode.refs
    episode.tell(PROPOSED)
    assert episode.tell(ALLOCATED, 2, allocation={"team": unlike("Team ")}) == "applied"
    assert holder(api, ref, WORKER) == (None, WORKER)
    assert api.as_(MANAGER).get(f"/v1/subjects/mosaic/{ref}").status_code == 404
    assert episode.tell(ALLOCATED, 3, allocation={"team": TEAM}) == "applied"
    assert holder(api, ref, MANAGER) == (TEAM, WORKER)


@pytest.mark.long
def test_unclaimed_references_are_one_entry_in_the_work_of_quality_and_standards(
    episode: Episode,
) -> None:
    api = episode.api

    def waits(person: str = "qs-1") -> list[Json]:
        return api.as_(person).work("kind=claim_references")

    before = sum(entry["count"] for entry in waits())
    episode.team, episode.worker = unlike("Team "), unlike("SmithJ-")
    episode.tell(PROPOSED)
    (entry,) = waits()
    assert entry["count"] == before + 2
    assert (entry["subject"], entry["team"], entry["due_on"]) == (None, None, None)
    listed = api.as_("qs-1").get(f"{entry['path']}&limit=500").json()["items"]
    assert len(listed) == entry["count"]
    assert entry["about"] in {row["id"] for row in listed}
    assert waits(MANAGER) == waits(WORKER) == []
    claim(api, episode.team, TEAM)
    assert [each["count"] for each in waits()] == [before + 1]
    claim(api, episode.worker, WORKER)
    # With the last one claimed the entry goes by itself.
    assert [each["count"] for each in waits()] == [before] * bool(before)


def test_what_somebody_has_is_not_claimed_again_and_nobody_unknown_claims(
    episode: Episode,
) -> None:
    episode.worker = reference = unlike("SmithJ")
    episode.tell(PROPOSED)
    row = unclaimed(episode.api, reference)
    assert row is not None
    path = f"{REFERENCES}/{row['id']}/claim"
    qs = episode.api.as_("qs-1")
    assert qs.act(path, {"code": unlike("nobody-")}).status_code == 422
    assert qs.act(path, {"code": WORKER}).status_code == 200
    assert qs.act(path, {"code": WORKER}).status_code == 409
    for person in (MANAGER, WORKER, "case-system-mosaic"):
        assert episode.api.as_(person).get(REFERENCES).status_code == 403


@pytest.mark.long
def test_the_file_of_a_directory_brings_references_and_names_those_that_clash(
    empty: Database,
    issuer: DevelopmentIssuer,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    name = issuer.settings.issuer
    assert main(["init", "--issuer", name, "--subject", "first-administrator"]) == 0
    content = a_directory(name)
    called = {"system": "liquid", "reference": "SmithJ"}
    content["workers"]["w1"]["references"] = [called]
    content["workers"]["w2"]["references"] = [called | {"reference": "SMITHJ", **FROM}]
    content["teams"]["east"]["references"] = [{"system": "fluid", "reference": "EAST"}]
    assert main(["import", "directory", written(tmp_path, content)]) == 1
    told = "".join(capsys.readouterr())
    assert "/workers/w2/references/0/reference" in told
    assert "/teams/east/references/0/system" in told
    assert "SMITHJ" not in told
    content["workers"]["w2"]["references"] = [called | {"reference": "JonesA"}]
    content["teams"]["east"]["references"] = [{"system": "liquid", "reference": "EAST"}]
    file = written(tmp_path, json.loads(json.dumps(content)))
    for _ in range(2):
        assert main(["import", "directory", file]) == 0
        assert rows(empty, "case_system_references") == 3
