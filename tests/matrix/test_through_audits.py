"""Each reason that comes through an audit, alone: of every row, whether it is somebody's.

Who reads a row has several of them at once, so that one which says too much or too little hides
behind another. Here each is held to the rows, also of somebody who holds no role any more.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, Final

import asyncpg
import pytest
from sqlalchemy import Select, select

from qa_api.auth.actor import Me
from qa_api.auth.reasons import practice, through_audits
from qa_api.auth.roles import Role
from qa_api.db import Prepared
from qa_api.models.aliases import aliased
from qa_api.models.audits import Audit
from qa_api.models.moderation import ModerationOutcome
from qa_api.models.responses import AuditResponse
from qa_api.rules.states import AUDIT_FINISHED, AUDIT_OPEN
from tests.matrix.in_sql import Values, ids, in_the_context
from tests.matrix.near import Person
from tests.matrix.shown import Shows
from tests.matrix.test_first_lock import OF_ANOTHER_CHILD
from tests.matrix.world import PEOPLE, Tables, World

pytestmark = pytest.mark.long
HANDED_TO_ITS_WORKER: Final = (
    "ALTER TABLE audit_responses DISABLE TRIGGER USER",
    "ALTER TABLE audit_responses DROP CONSTRAINT audit_responses_handed_over_why_check",
    "UPDATE audit_responses SET handed_to = worker",
)


def _audit(by: Callable[[Any, Me], Any]) -> Select[Any]:
    row = aliased(Audit)
    return select(row.id).where(by(row, Me.given()))


def _response(by: Callable[[Any, Me], Any]) -> Select[Any]:
    row = aliased(AuditResponse)
    return select(row.id).where(by(row, Me.given()))


def _again(tables: Tables, person: Person) -> Iterator[Any]:
    for later in tables["audits"]:
        if person.is_(later["auditor"]) and later["state"] != "cancelled":
            yield later["re_audit_of"]


def _to_respond(tables: Tables, person: Person) -> Iterator[Any]:
    for row in tables["audit_responses"]:
        if person.is_(row["worker"]) and row["state"] != "adequate":
            yield row


Rows = Callable[[Tables, Person], Iterator[Any]]


def _looked_back_at(tables: Tables, person: Person, *, of_re_audits: bool) -> Iterator[Any]:
    """Finished audits: of a child whom they are to audit, or which their own looks at again."""
    again = {*_again(tables, person)}
    for row in tables["audits"]:
        if row["state"] in AUDIT_FINISHED and (
            row["id"] in again
            or any(
                other["subject_id"] == row["subject_id"]
                and (of_re_audits or other["re_audit_of"] is None)
                and other["state"] in AUDIT_OPEN
                and person.is_(other["auditor"])
                for other in tables["audits"]
                if other["id"] != row["id"]
            )
        ):
            yield row["id"]


HELD: Final[Mapping[str, tuple[Role, Select[Any], Rows]]] = {
    "audits": (
        Role.AUDITOR,
        _audit(lambda row, me: through_audits.is_auditor_of(row.id, me)),
        lambda tables, person: (
            row["id"] for row in tables["audits"] if person.is_(row["auditor"])
        ),
    ),
    "audits looked back at": (
        Role.AUDITOR,
        _audit(lambda row, me: through_audits.looks_back_at(row.id, me)),
        lambda tables, person: (
            row["id"]
            for row in tables["audits"]
            if row["id"] in {*_looked_back_at(tables, person, of_re_audits=True)}
            and row["recorded_in_error_at"] is None
        ),
    ),
    "responses": (
        Role.WORKER,
        _response(through_audits.handed_to),
        lambda tables, person: (row["id"] for row in _to_respond(tables, person)),
    ),
    "audits to respond to": (
        Role.WORKER,
        _audit(lambda row, me: through_audits.responds_to(row.id, me)),
        lambda tables, person: (row["audit_id"] for row in _to_respond(tables, person)),
    ),
}
"""What is somebody's while they hold a role: the role, how it is asked, and the rows."""
FOUND: Final[Mapping[str, tuple[Select[Any], Rows]]] = {
    "subjects to audit": (
        through_audits.BY_SUBJECT_TO_AUDIT.looked_up(Me.given()),  # type: ignore[dict-item]  # it looks up
        lambda tables, person: (
            row["subject_id"]
            for row in tables["audits"]
            if person.is_(row["auditor"]) and row["state"] in AUDIT_OPEN
        ),
    ),
    "audited again": (through_audits.audited_again(Me.given()), _again),
    "looked back at": (
        _audit(through_audits.looked_back_at).order_by(None),
        # What looks at another again is of another child there.
        partial(_looked_back_at, of_re_audits=False),
    ),
}


@pytest.mark.parametrize("name", HELD)
def test_what_is_somebodys_by_a_role_is_nobodys_who_does_not_hold_it(
    world: World, people: Mapping[str, Shows], name: str
) -> None:
    role, statement, rows_of = HELD[name]
    asked, theirs = Prepared.of(statement), set[Any]()

    async def see(connection: asyncpg.Connection, who: str, values: Values) -> None:
        person, tables = people[who].person, people[who].model.tables
        expected = {*rows_of(tables, person)} if role in person.roles else set()
        assert await ids(connection, asked, values) == expected, who
        others = {**values, "roles": sorted({*Role} - {role})}
        assert await ids(connection, asked, others) == set(), who
        theirs.update(expected)

    in_the_context(world, see, *HANDED_TO_ITS_WORKER)
    assert theirs, "somebody has some"


@pytest.mark.parametrize("name", FOUND)
def test_what_comes_through_an_audit_is_what_the_rows_say(
    world: World, people: Mapping[str, Shows], name: str
) -> None:
    statement, rows_of = FOUND[name]
    asked, theirs = Prepared.of(statement), set[Any]()

    async def see(connection: asyncpg.Connection, who: str, values: Values) -> None:
        person, tables = people[who].person, people[who].model.tables
        expected = {*rows_of(tables, person)} - {None}
        found = await ids(connection, asked, values)
        assert None not in found, "nothing is found by what is not there"
        if name == "subjects to audit":  # what looks at another again is of another child now
            found &= {row["subject_id"] for row in tables["audits"]}
            moved = {row["subject_id"] for row in tables["audits"] if row["re_audit_of"]}
            expected, found = expected - moved, found - moved
        assert found == expected, f"{name} of {who}"
        theirs.update(expected)

    in_the_context(world, see, *OF_ANOTHER_CHILD)
    assert theirs, "somebody has some"


ONE_CLOSED: Final = (
    "ALTER TABLE moderation_samples DISABLE TRIGGER USER",
    (
        "UPDATE moderation_samples SET state = 'closed' WHERE id = (SELECT sample_id"
        " FROM moderation_outcomes WHERE moderator = 'au-2' ORDER BY sample_id LIMIT 1)"
    ),
)


def test_an_outcome_is_to_moderate_by_whom_it_names_while_its_sample_is_open(
    world: World, people: Mapping[str, Shows]
) -> None:
    row, me = aliased(ModerationOutcome), Me.given()
    one_by_one = Prepared.of(select(row.id).where(practice.to_moderate(row, me)))
    looked_up, theirs = Prepared.of(practice.outcomes_to_moderate(me)), set[Any]()
    outcomes = people[PEOPLE[0]].model.tables["moderation_outcomes"]
    closed = min(each["sample_id"] for each in outcomes if each["moderator"] == "au-2")

    async def see(connection: asyncpg.Connection, who: str, values: Values) -> None:
        expected = {
            each["id"]
            for each in outcomes
            if people[who].person.is_(each["moderator"]) and each["sample_id"] != closed
        }
        assert await ids(connection, looked_up, values) == expected, who
        assert await ids(connection, one_by_one, values) == expected, who
        theirs.update([who] if expected else [])

    in_the_context(world, see, *ONE_CLOSED)
    assert theirs == {"au-2", "slt-1"}
