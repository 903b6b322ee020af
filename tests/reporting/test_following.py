"""A copy that follows by changes is what a full pull would be, whatever happened meanwhile."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import insert, select

from qa_api.models.access import RestrictionGrant
from qa_api.models.base import new_id
from qa_api.models.directory import Team
from qa_api.models.subjects import Subject, SubjectAlias
from qa_api.settings import Settings
from qa_api.work import Work
from tests.api import Api
from tests.audits.auditing import of_new_child
from tests.closures.sending import Episode
from tests.conftest import Database, execute
from tests.reporting.copies import REPORTER, Copy, pull, set_restriction
from tests.responses.casework import Casework

ABOUT_CASES = (
    "audits",
    "audit-answers",
    "audit-judgements",
    "restorative-actions",
    "audit-responses",
    "response-rounds",
    "notifications",
)


def copies(api: Api, *datasets: str) -> dict[str, Copy]:
    return {name: Copy(api.as_(REPORTER), name).begin() for name in datasets}


def ids(rows: list[dict[str, Any]], *, deleted: bool) -> set[str]:
    return {row["id"] for row in rows if row["is_deleted"] is deleted}


def test_nothing_changed_means_nothing_is_sent(casework: Casework) -> None:
    casework.completed_audit()
    copy = Copy(casework.api.as_(REPORTER), "audits").begin()
    assert copy.follow() == []
    assert copy.follow() == []


def test_a_new_row_is_sent_once_and_an_edit_again(casework: Casework) -> None:
    copy = Copy(casework.api.as_(REPORTER), "restorative-actions").begin()
    case = casework.completed_audit(actions=1)
    (sent,) = copy.follow()
    assert (sent["id"], sent["state"]) == (str(case.action_ids[0]), "open")
    case.submit()
    (again,) = copy.follow()
    assert (again["id"], again["state"], again["state_label"]) == (sent["id"], "done", "Done")
    assert copy.follow() == []
    assert copy.rows == copy.as_pulled_anew()


@pytest.mark.long
def test_answers_appear_when_their_audit_is_completed(api: Api, new_ref: Any, at: Any) -> None:
    at("2026-11-23T09:30:00Z")
    copied = copies(api, "audit-answers", "audit-judgements")
    case = of_new_child(api, new_ref)
    path = case.filled()
    assert all(copy.follow() == [] for copy in copied.values()), "a draft is no finding"
    person = api.as_("ps-lincoln-fast")
    good = {"judgement": "good", "rationale": "Purposeful and in time."}
    case.accept(person.act(f"{path}/complete", {"overall": good}))
    for copy in copied.values():
        sent = copy.follow()
        assert sent
        assert {row["audit"] for row in sent} == {path.rpartition("/")[2]}
        assert copy.follow() == []
        assert copy.rows == copy.as_pulled_anew()


@pytest.mark.long
def test_a_restricted_record_leaves_and_comes_back(casework: Casework) -> None:
    case = casework.completed_audit()
    copied = copies(casework.api, *ABOUT_CASES)
    before = {name: dict(copy.rows) for name, copy in copied.items()}
    set_restriction(casework, case, "staff")
    for copy in copied.values():
        sent = copy.follow()
        assert all(row["is_deleted"] for row in sent)
        assert all(
            value is None
            for row in sent
            for name, value in row.items()
            if name not in {"id", "is_deleted"}
        )
        assert copy.rows == copy.as_pulled_anew()
    assert str(case.audit_id) not in copied["audits"].rows
    set_restriction(casework, case, None)
    for name, copy in copied.items():
        copy.follow()
        assert copy.rows == before[name]


@pytest.mark.long
def test_a_record_that_was_always_restricted_is_never_heard_of(casework: Casework) -> None:
    copied = copies(casework.api, *ABOUT_CASES)
    case = casework.completed_audit(restricted=True)
    assert all(copy.follow() == [] for copy in copied.values())
    casework.let_do(case, "sw1-lincoln-fast")
    assert all(copy.follow() == [] for copy in copied.values())


def test_a_grant_opens_no_dataset(casework: Casework) -> None:
    case = casework.completed_audit(restricted=True)
    person, another = casework.api.as_("qs-1"), casework.api.as_("qs-2")

    async def granted(work: Work) -> None:
        await work.session.execute(
            insert(RestrictionGrant).values(
                id=new_id(),
                subject_id=case.subject_id,
                principal_id=UUID(person.get("/v1/me").json()["principal_id"]),
                reason="Complaint.",
                granted_by=UUID(another.get("/v1/me").json()["principal_id"]),
                granted_at=work.now,
                expires_at=work.now + timedelta(hours=1),
            )
        )

    casework.as_service(granted)
    assert person.get(f"/v1/audits/{case.audit_id}").status_code == 200
    rows, _ = pull(person, "audits", limit=5_000)
    assert str(case.audit_id) not in {row["id"] for row in rows}


@pytest.mark.long
def test_what_was_recorded_in_error_leaves_with_all_that_hung_on_it(casework: Casework) -> None:
    before = copies(casework.api, *ABOUT_CASES)
    case = casework.completed_audit()
    case.submit()
    own = {name: ids(copy.follow(), deleted=False) for name, copy in before.items()}
    assert own["audits"] == {str(case.audit_id)}
    assert all(own[name] for name in ABOUT_CASES if name.partition("-")[0] != "audit")
    path = f"/v1/audits/{case.audit_id}"
    case.act(f"{path}/record-in-error", "qs-1", reason="Another child's.")
    assert casework.api.as_("qs-2").act(f"{path}/confirm-error").status_code == 204
    for name, copy in before.items():
        assert ids(copy.follow(), deleted=True) == own[name], name
        assert copy.follow() == []
        assert copy.rows == copy.as_pulled_anew()


def test_another_name_of_a_team_is_an_edit_of_its_rows(casework: Casework) -> None:
    case = casework.completed_audit(team="cwd", worker="sw1-cwd")
    copy = Copy(casework.api.as_(REPORTER), "audits").begin()
    other = casework.completed_audit()
    copy.follow()

    async def rename(work: Work) -> None:
        team = (await work.session.scalars(select(Team).where(Team.code == "cwd"))).one()
        team.name = "Children with Disabilities, North"

    casework.as_service(rename)
    sent = {row["id"]: row for row in copy.follow()}
    assert sent[str(case.audit_id)]["team_label"] == "Children with Disabilities, North"
    assert str(other.audit_id) not in sent
    assert copy.follow() == []
    assert copy.rows == copy.as_pulled_anew()


def test_a_row_whose_date_moved_out_of_the_range_leaves_a_copy_of_the_range(
    casework: Casework, database: Database
) -> None:
    case = casework.completed_audit()
    casework.deliver(case)
    days = {"from": "2026-11-01", "to": "2026-12-01"}
    copy = Copy(casework.api.as_(REPORTER), "audit-responses", days).begin()
    mine = case.response.rpartition("/")[2]
    assert mine in copy.rows

    # As its owner: a due date stands, and only a newer calendar lengthens it.
    execute(
        database.migrate_url,
        f"UPDATE audit_responses SET due_on = '2026-12-02' WHERE id = '{mine}'",
    )
    assert ids(copy.follow(), deleted=True) == {mine}
    assert copy.rows == copy.as_pulled_anew()


async def test_what_is_deleted_outright_leaves_a_tombstone(
    api: Api, authority: Settings, database: Database
) -> None:
    key = str(new_id())
    owner = await asyncpg.connect(database.migrate_url)
    try:
        await owner.execute(
            "INSERT INTO team_memberships (id, worker, team, valid)"
            " VALUES ($1, 'slt-1', 'cwd', '[2030-01-01,2030-02-01)')",
            UUID(key),
        )
        copy = Copy(api.as_(REPORTER), "team-memberships").begin()
        assert copy.rows[key]["to_on"] == "2030-02-01"
        await owner.execute("DELETE FROM team_memberships WHERE id = $1", UUID(key))
    finally:
        await owner.close()
    assert ids(copy.follow(), deleted=True) == {key}
    assert copy.follow() == []


@pytest.mark.long
def test_after_a_merge_all_rows_are_of_the_one_that_is_left(api: Api, casework: Casework) -> None:
    person = api.as_("qs-1")
    one, other = casework.completed_audit(), casework.completed_audit()
    copied = copies(api, *ABOUT_CASES)
    before = copied["audits"].rows
    old, left = (before[str(case.audit_id)]["subject"] for case in (one, other))
    assert old != left
    refs = [
        person.get(f"/v1/audits/{case.audit_id}").json()["subject"]["ref"] for case in (one, other)
    ]
    episode = Episode(api, refs[:1])
    event = episode.event("person.merged.v1")
    event["data"] = {
        "occurred_at": "2026-11-23T09:00:00Z",
        "merge": {"from": refs[0], "into": refs[1]},
    }
    episode.send(event)
    for copy in copied.values():
        sent = copy.follow()
        assert sent == [] or {row["subject"] for row in sent} == {left}
        assert old not in {row["subject"] for row in copy.rows.values()}
        assert copy.rows == copy.as_pulled_anew()
    assert copied["audits"].rows[str(one.audit_id)]["subject"] == left


def test_another_reference_is_an_edit_for_those_who_see_it(
    casework: Casework, new_ref: Any
) -> None:
    """As after a merge, or when the time of a record has come: the rows stay."""
    case = casework.completed_audit()
    copy = Copy(casework.api.as_("qs-1"), "audit-responses").begin()
    unnamed = new_ref()

    async def call_anew(work: Work) -> None:
        subject = await work.session.get_one(Subject, case.subject_id)
        name = SubjectAlias(system=subject.system, ref=unnamed, subject_id=subject.id)
        work.session.add(name)
        subject.ref = unnamed

    casework.as_service(call_anew)
    (sent,) = copy.follow()
    assert sent["subject_ref"].endswith(f"/{unnamed}")
    assert copy.rows == copy.as_pulled_anew()


@pytest.mark.long
@pytest.mark.parametrize("limit", [1, 7])
def test_a_pull_by_small_pages_misses_nothing_that_changes_meanwhile(
    casework: Casework, limit: int
) -> None:
    cases = [casework.completed_audit(actions=1) for _ in range(8)]
    reporter = casework.api.as_(REPORTER)
    copy, cursor, late = Copy(reporter, "restorative-actions"), None, None
    for number in range(100_000):
        query = {"limit": limit} | ({"cursor": cursor} if cursor else {})
        page = reporter.get("/v1/reporting/restorative-actions", params=query).json()
        copy.apply(page["items"])
        cursor, copy.token = page["next_cursor"], page["changes_token"]
        if number == 1:
            set_restriction(casework, cases[0], "staff")
            late = casework.completed_audit(actions=1)
            cases[1].submit()
        if cursor is None:
            break
    assert late is not None
    assert str(late.action_ids[0]) in copy.rows
    assert str(cases[0].action_ids[0]) not in copy.rows
    assert copy.rows == copy.as_pulled_anew()
    assert copy.follow() == []
