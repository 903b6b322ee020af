"""The new holder of a post is told; the record keeps who was told when (R4.2.4, R4.3.3)."""

from collections.abc import Callable, Iterator
from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import Range

from qa_api.escalations.handing_on import tell_who_is_asked_now
from qa_api.models.access import Principal, RoleAssignment
from qa_api.models.base import new_id
from qa_api.models.directory import Post
from qa_api.responses.handing_on import tell_who_reviews_now
from qa_api.work import Work
from tests.api import Api
from tests.audits.auditing import Auditing, of_new_child
from tests.conftest import Database, execute, let_in, told
from tests.escalations.test_escalations import act, urgent
from tests.responses.casework import Casework, casework, service

__all__ = ("casework", "service")

TEAM, OLD, NEW = "north-kesteven-fast", "tm-north-kesteven-fast", "ps-north-kesteven-fast"
MONDAY = date(2026, 11, 23)


@pytest.fixture
def replace_manager(casework: Casework, database: Database) -> Iterator[Callable[[], None]]:
    """Another manager from Tuesday on: the post alone is given away, the old role is forgotten."""

    async def replaced(work: Work) -> None:
        tuesday = Range(date(2026, 11, 24), None)
        await work.session.execute(
            update(Post)
            .where(Post.team == TEAM, Post.kind == "manager")
            .values(valid=Range(date(2012, 1, 1), date(2026, 11, 24)))
        )
        work.session.add(Post(id=new_id(), kind="manager", team=TEAM, worker=NEW, valid=tuesday))
        principal = await work.session.scalar(select(Principal.id).where(Principal.worker == NEW))
        work.session.add(
            RoleAssignment(
                id=new_id(),
                principal_id=principal,
                role="team_manager",
                scope="team",
                team=TEAM,
                valid=tuesday,
            )
        )
        assert principal is not None
        await work.record(let_in(principal))

    async def put_back(work: Work) -> None:
        await work.session.execute(
            update(Post)
            .where(Post.team == TEAM, Post.kind == "manager")
            .values(valid=Range(date(2012, 1, 1), None))
        )
        await work.record(told())

    yield lambda: casework.as_service(replaced)
    never = f"DELETE FROM posts WHERE team = '{TEAM}' AND worker = '{NEW}'"
    execute(database.migrate_url, never)
    casework.as_service(put_back)
    # A role that never was: others list what there is.
    given = f"team = '{TEAM}' AND role = 'team_manager' AND lower(valid) = '2026-11-24'"
    execute(database.migrate_url, f"DELETE FROM role_assignments WHERE {given}")


def listed(api: Api, person: str, path: str) -> set[str]:
    """The kinds under which a record is in somebody's list."""
    items = api.as_(person).work()
    return {item["kind"] for item in items if item["path"] == path}


@pytest.mark.long
def test_an_escalation_is_the_new_managers_and_its_record_says_who_was_told_when(
    api: Api,
    new_ref: Callable[[], str],
    casework: Casework,
    replace_manager: Callable[[], None],
    at: Callable[[str], None],
) -> None:
    case: Auditing = of_new_child(api, new_ref, team=TEAM, worker="sw1-north-kesteven-fast")
    path = urgent(case, auditor="au-1", type="collaborative")
    assert listed(api, OLD, path) == {"acknowledge"}
    replace_manager()
    at("2026-11-24T09:00:00Z")
    assert listed(api, NEW, path) == {"acknowledge"}
    assert api.as_(OLD).get(path).status_code in {403, 404}
    for _ in range(2):
        casework.as_service(tell_who_is_asked_now)
    assert listed(api, NEW, path) == {"acknowledge", "told"}
    first, second = case.read(path, NEW)["recipients"]
    assert (first["recipient"], first["replaced_at"]) == (OLD, "2026-11-24T09:00:00.000000Z")
    assert (second["recipient"], second["acts_as"], second["replaced_at"]) == (
        NEW,
        "team_manager",
        None,
    )
    told = casework.alerts(path.rpartition("/")[2], "escalation_handed_on")
    assert told == [("team_manager", NEW)]
    assert act(case, f"{path}/acknowledge", NEW)["state"] == "acknowledged"


@pytest.mark.long
def test_a_review_is_the_new_managers_and_its_round_says_who_was_told_before(
    casework: Casework, replace_manager: Callable[[], None], at: Callable[[str], None]
) -> None:
    case = casework.completed_audit(team=TEAM, worker="sw1-north-kesteven-fast", actions=1)
    case.submit()
    assert "review" in listed(case.api, OLD, case.response)
    replace_manager()
    at("2026-11-24T09:00:00Z")
    assert "review" in listed(case.api, NEW, case.response)
    for _ in range(2):
        casework.as_service(tell_who_reviews_now)
    (round_,) = case.read(case.response, NEW)["rounds"]
    assert (round_["reviewer"], round_["reviewer_acts_as"]) == (NEW, "team_manager")
    assert round_["asked_before"] == [
        {"reviewer": OLD, "acts_as": "team_manager", "until": "2026-11-24T09:00:00.000000Z"}
    ]
    told = casework.alerts(UUID(case.response.rpartition("/")[2]), "review_handed_on")
    assert told == [("team_manager", NEW)]
    assert case.review("adequate", NEW)["state"] == "adequate"
