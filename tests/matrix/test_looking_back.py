"""Who looks back at what was found before: in every way that two audits may stand to each other.

In the world hardly anybody is to audit a child who was audited before. Here one audit is made to
stand to a finished one in each way, and each way to look back is asked of it.
"""

import itertools
from collections import Counter
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any, Final

import asyncpg
import pytest
from sqlalchemy import ColumnElement, select

from qa_api.auth.actor import Me
from qa_api.auth.reasons import through_audits
from qa_api.auth.roles import Permission, Role, roles_with
from qa_api.db import Prepared
from qa_api.models.aliases import aliased
from qa_api.models.audits import Audit
from qa_api.models.responses import AuditResponse
from qa_api.rules.states import ResponseState
from tests.matrix.in_sql import Values, ids, in_the_context
from tests.matrix.near import has_own_view
from tests.matrix.shown import Shows
from tests.matrix.world import NOW, Row, Tables, World

pytestmark = pytest.mark.long
AS_IT_IS_SAID: Final = (
    "ALTER TABLE audits DISABLE TRIGGER USER",
    *(
        f"ALTER TABLE audits DROP CONSTRAINT {name}"
        for name in (
            "life_cycle",
            "audits_begun_with_auditor_and_subject_check",
            "audits_completed_with_judgement_check",
            "audits_cancelled_why_check",
            "audits_error_confirmed_check",
        )
    ),
    # Whatever au-2 looks back at follows from the one audit that is theirs.
    "UPDATE audits SET auditor = 'ps-boston-fast' WHERE auditor = 'au-2'",
)
"""Whatever an audit must have beside how it stands is not what is asked here."""
FINISHED: Final = {"completed", "closed"}
TO_AUDIT: Final = {"planned", "in_progress"}
STATES: Final = (*sorted(FINISHED | TO_AUDIT), "cancelled")
HANDED_TO_NOBODY: Final = (
    "ALTER TABLE audit_responses DISABLE TRIGGER USER",
    "ALTER TABLE audit_responses DROP CONSTRAINT life_cycle",
    "ALTER TABLE audit_responses DROP CONSTRAINT audit_responses_handed_over_why_check",
    "UPDATE audit_responses SET handed_to = NULL",
)
WAYS: Final[Mapping[str, Callable[[Any, Me], ColumnElement[bool]]]] = {
    "the audit": through_audits.looked_back_at,
    "the audit, by the second lock": (lambda audit, me: through_audits.looks_back_at(audit.id, me)),
    "what belongs to it": lambda audit, me: through_audits.of_audit_looked_back_at(
        SimpleNamespace(audit_id=audit.id), me
    ),
}


def _two(tables: Tables) -> tuple[Row, Row]:
    """A finished audit of au-1's, and an audit of another child."""
    earlier, *_ = (
        row for row in tables["audits"] if (row["auditor"], row["state"]) == ("au-1", "completed")
    )
    later, *_ = (
        row
        for row in tables["audits"]
        if row["subject_id"] not in {earlier["subject_id"], None} and row["gate_id"] is None
    )
    return earlier, later


def _written(row: Row, **columns: Any) -> str:
    said = ((name, "NULL" if value is None else f"'{value}'") for name, value in columns.items())
    values = ", ".join(f"{name} = {value}" for name, value in said)
    return f"UPDATE audits SET {values} WHERE id = '{row['id']}'"


@pytest.mark.parametrize("again", [False, True], ids=["of the same child", "looks at it again"])
def test_a_finished_audit_is_looked_back_at_by_whoever_is_to_audit_the_child_or_audits_it_again(
    world: World, people: Mapping[str, Shows], again: bool
) -> None:
    """R4.1.9: while it is theirs to complete; a re-audit as long as it is not cancelled."""
    row, me = aliased(Audit), Me.given()
    asked = {way: Prepared.of(select(row.id).where(by(row, me))) for way, by in WAYS.items()}
    earlier, later = _two(people["au-2"].model.tables)
    while_ = {*STATES} - {"cancelled"} if again else TO_AUDIT
    outcomes = Counter[bool]()

    async def see(connection: asyncpg.Connection, _: str, values: Values) -> None:
        unheld = {**values, "roles": sorted({*Role} - {Role.AUDITOR})}
        choices = itertools.product(STATES, ("au-2", "sw1-lac-north"), (None, NOW), STATES)
        for state, auditor, in_error_at, earlier_state in choices:
            how = {
                "state": state,
                "auditor": auditor,
                "recorded_in_error_at": in_error_at,
                "subject_id": (later if again else earlier)["subject_id"],
                "re_audit_of": earlier["id"] if again else None,
            }
            await connection.execute(_written(later, **how))
            await connection.execute(_written(earlier, state=earlier_state))
            theirs = auditor == "au-2" and in_error_at is None and state in while_
            is_seen = theirs and earlier_state in FINISHED
            wanted = {earlier["id"]} if is_seen else set()
            for way, statement in asked.items():
                told = f"{way}, which is {earlier_state}, where another is {how}"
                assert await ids(connection, statement, values) == wanted, told
                assert not await ids(connection, statement, unheld), told
            outcomes[is_seen] += 1

    in_the_context(world, see, *AS_IT_IS_SAID, people=["au-2"])
    assert outcomes[True] == 2 * len(while_)


def test_a_re_audit_finds_what_it_looks_at_again_and_no_other_audit_finds_anything(
    world: World, people: Mapping[str, Shows]
) -> None:
    asked = Prepared.of(through_audits.audited_again(Me.given()))
    earlier, later = _two(people["au-2"].model.tables)

    async def see(connection: asyncpg.Connection, _: str, values: Values) -> None:
        for state, again in itertools.product(STATES, (True, False)):
            of = earlier["id"] if again else None
            await connection.execute(_written(later, state=state, auditor="au-2", re_audit_of=of))
            wanted = {of} if again and state != "cancelled" else set()
            assert await ids(connection, asked, values) == wanted, state

    in_the_context(world, see, *AS_IT_IS_SAID, people=["au-2"])


def test_a_child_is_to_be_audited_by_whom_an_open_audit_of_theirs_names(
    world: World, people: Mapping[str, Shows]
) -> None:
    to_audit = through_audits.BY_SUBJECT_TO_AUDIT.looked_up(Me.given())
    assert to_audit is not None
    asked = Prepared.of(to_audit)
    _, later = _two(people["au-2"].model.tables)

    async def see(connection: asyncpg.Connection, _: str, values: Values) -> None:
        for state, child in itertools.product(STATES, (later["subject_id"], None)):
            how = {"state": state, "auditor": "au-2", "subject_id": child}
            await connection.execute(_written(later, **how))
            wanted = {child} if child is not None and state in TO_AUDIT else set()
            assert await ids(connection, asked, values) == wanted, how

    in_the_context(world, see, *AS_IT_IS_SAID, people=["au-2"])


def test_a_response_is_read_by_whom_it_was_handed_to_until_it_is_adequate(
    world: World, people: Mapping[str, Shows]
) -> None:
    row, audit, me = aliased(AuditResponse), aliased(Audit), Me.given()
    asked = {
        "the response": Prepared.of(select(row.id).where(through_audits.handed_to(row, me))),
        "its audit": Prepared.of(
            select(audit.id).where(through_audits.responded_for(audit.id, me))
        ),
        "its audit, by the second lock": Prepared.of(
            select(audit.id).where(through_audits.responds_to(audit.id, me))
        ),
        "its audit, looked up": Prepared.of(through_audits.audits_responded_for(me)),
    }
    one = people["au-2"].model.tables["audit_responses"][0]
    who = "sw2-lincoln-fast"

    async def see(connection: asyncpg.Connection, _: str, values: Values) -> None:
        for state in ResponseState:
            await connection.execute(
                f"UPDATE audit_responses SET handed_to = '{who}', state = '{state}'"
                f" WHERE id = '{one['id']}'"
            )
            is_theirs = state is not ResponseState.ADEQUATE
            for what, statement in asked.items():
                of = one["id"] if what == "the response" else one["audit_id"]
                wanted = {of} if is_theirs else set()
                assert await ids(connection, statement, values) == wanted, f"{what}, {state}"

    in_the_context(world, see, *HANDED_TO_NOBODY, people=[who])


def test_an_audit_of_own_work_is_read_for_the_own_view_in_a_role_that_writes_one(
    world: World, people: Mapping[str, Shows]
) -> None:
    row, read = aliased(Audit), set[str]()
    asked = Prepared.of(select(row.id).where(through_audits.work_audited(row, Me.given())))

    async def see(connection: asyncpg.Connection, who: str, values: Values) -> None:
        person, model = people[who].person, people[who].model
        theirs = {
            each["id"] for each in model.tables["audits"] if has_own_view(model, person, each)
        }
        for role in Role:
            wanted = theirs if role in roles_with(Permission.OWN_VIEW_WRITE) else set()
            assert await ids(connection, asked, {**values, "roles": [role]}) == wanted, role
        read.update([who] if theirs else [])

    in_the_context(world, see)
    assert len(read) > 1


def test_audits_of_own_work_are_those_that_say_so(
    world: World, people: Mapping[str, Shows]
) -> None:
    found, audited = through_audits.audits_of_own_work(Me.given()), set[str]()
    assert found.selected_columns.keys() == ["value"], "as all that a list joins"
    asked = Prepared.of(found)

    async def see(connection: asyncpg.Connection, who: str, values: Values) -> None:
        person, audits = people[who].person, people[who].model.tables["audits"]
        theirs = {each["id"] for each in audits if person.is_(each["audited_worker"])}
        assert await ids(connection, asked, values) == theirs, who
        audited.update([who] if theirs else [])

    in_the_context(world, see)
    assert len(audited) > 1
