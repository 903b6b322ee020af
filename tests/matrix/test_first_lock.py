"""The first lock alone: of every row and for everybody, what the statements find is the table's.

Over HTTP the second lock hides what the first lets through. Here the tables' owner asks, whom no
policy binds, in the context of each person; so a condition that says too much or too little shows.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

import asyncpg
import pytest
from sqlalchemy import ColumnElement, and_, func, not_, or_, select, true

from qa_api.actions import queries as actions
from qa_api.audits import queries as audits
from qa_api.auth.actor import Actor, Me
from qa_api.auth.reach import (
    Arm,
    allowed_actions,
    another_person,
    own_work,
    person_behind,
    roles_over,
    subject_of_path,
    unrestricted,
)
from qa_api.auth.reasons import Reasons, cases, practice
from qa_api.auth.roles import Role
from qa_api.auth.sight import Relation, Sight
from qa_api.board import queries as board
from qa_api.closure_gates import queries as gates
from qa_api.db import Prepared
from qa_api.escalations import queries as escalations
from qa_api.models.access import Principal
from qa_api.models.actions import RestorativeAction
from qa_api.models.aliases import aliased
from qa_api.models.audits import Audit
from qa_api.models.board import BoardDecision, BoardReport, QaUpdate
from qa_api.models.closures import ClosureGate
from qa_api.models.escalations import Escalation
from qa_api.models.moderation import LearningAction, ModerationOutcome, ModerationSample
from qa_api.models.notifications import Notification
from qa_api.models.observations import (
    LearningHighlight,
    ObservationExemption,
    PracticeObservation,
)
from qa_api.models.practice_audits import PracticeAudit
from qa_api.models.responses import AuditResponse
from qa_api.models.subjects import Subject
from qa_api.moderation import queries as moderation
from qa_api.notifications import queries as notifications
from qa_api.observations import queries as observations
from qa_api.practice_audits import queries as practice_audits
from qa_api.records import queries as records
from qa_api.responses import queries as responses
from qa_api.subjects import queries as subjects
from tests.matrix.in_sql import Values, ids, in_the_context, rows
from tests.matrix.near import BY_NAME, TABLES, Model, Person
from tests.matrix.shown import Shows
from tests.matrix.test_purposes import own_work as own_work_by_the_rows
from tests.matrix.world import PEOPLE, Row, World

pytestmark = pytest.mark.long
Predicate = Callable[[Any, Me], ColumnElement[bool]]

SEEN: Final[Mapping[str, tuple[Any, Predicate]]] = {
    "audit": (Audit, audits.visible_to),
    "response": (AuditResponse, responses.visible_to),
    "restorative action": (RestorativeAction, actions.visible_to),
    "notification": (Notification, notifications.visible_to),
    "escalation": (Escalation, escalations.visible_to),
    "closure gate": (ClosureGate, gates.visible_to),
    "subject": (Subject, subjects.visible_to),
    "record": (Subject, records.visible_to),
    "moderation sample": (ModerationSample, moderation.sample_visible_to),
    "moderation outcome": (ModerationOutcome, moderation.outcome_visible_to),
    "learning action": (LearningAction, moderation.learning_visible_to),
    "practice observation": (PracticeObservation, observations.visible_to),
    "exemption from observations": (ObservationExemption, observations.exemption_visible_to),
    "learning highlight": (LearningHighlight, observations.highlight_visible_to),
    "practice audit": (PracticeAudit, practice_audits.audit_visible_to),
    "QA update": (QaUpdate, board.update_visible_to),
    "board report": (BoardReport, board.report_visible_to),
    "board decision": (BoardDecision, board.decision_visible_to),
}
FOUND_BY: Final[Mapping[str, Reasons]] = {
    "audit": cases.AUDITS,
    "response": cases.RESPONSES,
    "restorative action": cases.ACTIONS,
    "notification": cases.NOTIFICATIONS,
    "escalation": cases.ESCALATIONS,
    "closure gate": cases.GATES,
    "learning action": practice.LEARNING_ACTIONS,
    "practice observation": practice.OBSERVATIONS,
}
"""Of what there are long lists, that indexes find."""


@pytest.mark.parametrize("name", SEEN)
def test_everybody_sees_by_the_first_lock_what_the_table_shows_them(
    world: World, people: Mapping[str, Shows], name: str
) -> None:
    entity, visible = SEEN[name]
    row, thing = aliased(entity), BY_NAME[name]
    asked = Prepared.of(select(row.id).where(visible(row, Me.given())))

    async def see(connection: asyncpg.Connection, who: str, values: Values) -> None:
        shows = people[who]
        expected = {
            each["id"]
            for each in shows.model.tables[TABLES[name]]
            if shows.model.sight(shows.person, thing, each) >= Sight.ROW
        }
        assert await ids(connection, asked, values) == expected, f"{name} to {who}"

    in_the_context(world, see)


_ANOTHER: Final = (
    "SELECT max(id::text)::uuid FROM subjects"
    " WHERE id NOT IN (SELECT subject_id FROM audits WHERE subject_id IS NOT NULL)"
)
OF_ANOTHER_CHILD: Final = (
    "ALTER TABLE audits DISABLE TRIGGER USER",
    f"UPDATE audits SET subject_id = ({_ANOTHER}) WHERE re_audit_of IS NOT NULL",  # ours
)
"""Audits that look at another again are of the same child, which is a reason of its own."""
ELSEWHERE: Final[Mapping[str, tuple[str, ...]]] = {
    "audit": OF_ANOTHER_CHILD,
    "practice observation": ("UPDATE practice_observations SET team = 'lac-north'",),
    "escalation": (
        "UPDATE escalations SET team = 'lac-north'",
        "UPDATE escalation_recipients SET team = 'lac-north'",
    ),
}
"""What takes rows out of the teams that find them, so that what remains is found by itself."""


@pytest.mark.parametrize(
    ("name", "before"), [*((name, ()) for name in FOUND_BY), *ELSEWHERE.items()]
)
def test_the_indexes_of_a_long_list_find_all_that_is_seen(
    world: World, name: str, before: tuple[str, ...]
) -> None:
    (entity, visible), me = SEEN[name], Me.given()
    row = aliased(entity)
    ways = (found(row, me, arm) for arm in FOUND_BY[name].arms)
    asked = Prepared.of(select(row.id).where(visible(row, me), not_(or_(*ways))))

    async def see(connection: asyncpg.Connection, who: str, values: Values) -> None:
        assert await ids(connection, asked, values) == set(), f"{name} to {who}"

    in_the_context(world, see, *before)


def found(row: Any, me: Me, by: Arm) -> ColumnElement[bool]:
    """Whether somebody has a way to find rows, and it finds this one."""
    gate = true() if by.gate is None else by.gate(me)
    return and_(gate, func.coalesce(by.finds(row, me), False))


def test_what_an_arm_finds_is_not_the_whole_table_for_everybody(world: World) -> None:
    """An arm that finds too much costs time alone; one that finds all of it is none."""
    row, me = aliased(Audit), Me.given()
    asked = {
        arm: Prepared.of(select(row.id).where(found(row, me, arm))) for arm in cases.AUDITS.arms
    }
    every = Prepared.of(select(row.id))
    narrow: set[Arm] = set()

    async def see(connection: asyncpg.Connection, _: str, values: Values) -> None:
        whole = await ids(connection, every, {})
        for arm, statement in asked.items():
            if await ids(connection, statement, values) < whole:
                narrow.add(arm)

    in_the_context(world, see)
    assert narrow == {*cases.AUDITS.arms}


_OPENLY: Final[Mapping[str, tuple[str, Predicate, frozenset[Relation]]]] = {
    "audits, not to moderate": (
        "audit",
        audits.visible_not_to_moderate,
        frozenset({Relation.MODERATED}),
    ),
    "audits at once": (
        "audit",
        lambda row, me: cases.AUDITS.see_at_once(row, me, row.recorded_in_error_at.is_(None)),
        frozenset({Relation.MODERATED, Relation.LOOKED_BACK}),
    ),
    "audits through teams": (
        "audit",
        lambda row, me: and_(
            cases.AUDITS.through_teams(row, me),
            unrestricted(row, me),
            row.recorded_in_error_at.is_(None),
        ),
        frozenset(Relation) - {Relation.OWN_TEAM, Relation.OWN_SERVICE, Relation.NONE},
    ),
}


@pytest.mark.parametrize("name", _OPENLY)
def test_a_part_of_the_reasons_shows_what_the_table_says_of_them(
    world: World, people: Mapping[str, Shows], name: str
) -> None:
    of, visible, beside = _OPENLY[name]
    thing = BY_NAME[of]
    kept = tuple(rule for rule in thing.rules if rule.relation not in beside)
    part = replace(thing, rules=kept)
    row = aliased(Audit)
    asked = Prepared.of(select(row.id).where(visible(row, Me.given())))
    model = Model(people[PEOPLE[0]].model.tables)
    least: set[str] = set()

    async def see(connection: asyncpg.Connection, who: str, values: Values) -> None:
        person = people[who].person
        every = model.tables["audits"]
        expected = {each["id"] for each in every if model.sight(person, part, each) >= Sight.ROW}
        got = await ids(connection, asked, values)
        if name == "audits at once":
            # Not of restricted records, nor for the reasons that are looked for elsewhere.
            open_ = {each["id"] for each in every if not each["restricted"]}
            handed = {each["id"] for each in every if _is_handed(model, person, each)}
            assert got <= expected & open_, who
            assert got >= (expected & open_) - handed, who
            return
        assert got == expected, f"{name} to {who}"
        least.update([who] if got else [])

    in_the_context(world, see)
    assert name == "audits at once" or len(least) > 5


def _is_handed(model: Model, person: Person, audit: Row) -> bool:
    return any(
        response["audit_id"] == audit["id"] and person.is_(response["handed_to"])
        for response in model.tables["audit_responses"]
    )


def test_whose_record_is_own_work_is_what_the_rows_say(
    world: World, people: Mapping[str, Shows]
) -> None:
    row = aliased(Subject)
    asked = Prepared.of(select(row.id).where(own_work(row.id, Me.given())))

    async def see(connection: asyncpg.Connection, who: str, values: Values) -> None:
        shows = people[who]
        expected = own_work_by_the_rows(shows.model, shows.person) - {None}
        assert await ids(connection, asked, values) == expected, who

    in_the_context(world, see)


OWN_BY: Final[Mapping[str, str]] = {
    "held by them": "UPDATE subjects SET worker = '{0}' WHERE id = '{1}'",
    "held by their team": "UPDATE subjects SET team = '{2}' WHERE id = '{1}'",
    "audited by them": "UPDATE audits SET auditor = '{0}' WHERE subject_id = '{1}'",
    "asked by name": "UPDATE escalation_recipients SET recipient = '{0}' WHERE subject_id = '{1}'",
    "asked for their team": (
        "UPDATE escalation_recipients SET for_team = '{2}' WHERE subject_id = '{1}'"
    ),
    "to do": "UPDATE restorative_actions SET owner = '{0}' WHERE subject_id = '{1}'",
    "to answer": (
        "UPDATE audit_responses SET handed_to = '{0}', handed_over_because = 'away',"
        " handed_over_at = now(), handed_over_by = '{0}'"
        " WHERE subject_id = '{1}'"
    ),
}
"""What alone makes somebody's record own work: {0} the worker, {1} the child, {2} their team."""


@pytest.mark.parametrize("reason", OWN_BY)
@pytest.mark.parametrize("who", ["tm-boston-fast", "ps-boston-fast", "hos-corporate-parenting"])
def test_each_reason_alone_makes_a_record_own_work(
    world: World, people: Mapping[str, Shows], who: str, reason: str
) -> None:
    person, model = people[who].person, people[who].model
    own = own_work_by_the_rows(model, person) - {None}
    table = OWN_BY[reason].split()[1]
    column = "id" if table == "subjects" else "subject_id"
    other = next(row[column] for row in model.tables[table] if row[column] not in {*own, None})
    team = min(team for teams in person.teams.values() for team in teams)
    row = aliased(Subject)
    asked = Prepared.of(select(row.id).where(own_work(row.id, Me.given())))

    async def see(connection: asyncpg.Connection, _: str, values: Values) -> None:
        assert await ids(connection, asked, values) == own | {other}

    change = OWN_BY[reason].format(person.worker, other, team)
    in_the_context(world, see, change, people=[who])


def test_a_reference_means_a_record_to_who_may_know_it_and_its_stand_in_to_others(
    world: World, people: Mapping[str, Shows]
) -> None:
    asked = Prepared.of(select(subject_of_path(Me.given()).label("id")))
    model = people[PEOPLE[0]].model
    subjects_ = model.by_id["subjects"]
    names = {
        (each["system"], each["ref"]): each["subject_id"]
        for each in model.tables["subject_aliases"]
        if each["stands_for"] is None
    }
    stand_in = next(each["id"] for each in subjects_.values() if not each["restricted"])
    also = [
        "INSERT INTO subject_aliases (system, ref, subject_id, stands_for)"
        f" VALUES ('{system}', '{ref}', '{stand_in}', '{subject}')"
        for (system, ref), subject in names.items()
        if subjects_[subject]["restricted"]
    ]
    assert also

    async def see(connection: asyncpg.Connection, who: str, values: Values) -> None:
        person = people[who].person
        for (system, ref), subject in names.items():
            withheld = model.is_withheld(person, BY_NAME["subject"], subjects_[subject])
            named = await ids(connection, asked, {**values, "system": system, "ref": ref})
            assert named == {stand_in if withheld else subject}, f"{ref} to {who}"

    in_the_context(world, see, *also)


def test_the_roles_over_a_row_are_those_of_a_loaded_actor(
    world: World, people: Mapping[str, Shows]
) -> None:
    row, me = aliased(Audit), Me.given()
    told = roles_over(row, me, auditor=row.auditor, worker=row.worker)
    bare = roles_over(row, me)
    asked = Prepared.of(select(row.id, told.label("told"), bare.label("bare")))
    audited = people[PEOPLE[0]].model.by_id["audits"]
    several = 0

    async def see(connection: asyncpg.Connection, who: str, values: Values) -> None:
        nonlocal several
        person = people[who].person
        held = {**values, "roles": frozenset(person.roles)}
        del held["led_teams"], held["now"], held["today"]
        actor = Actor(**held)
        for id_, found_roles, without in await rows(connection, asked, values):
            of = audited[id_]
            over = actor.roles_over(team=of["team"], auditor=of["auditor"], worker=of["worker"])
            assert set(found_roles) - {None} == over, f"{id_} to {who}"
            assert set(without) - {None} == over - {Role.AUDITOR, Role.WORKER}, f"{id_} to {who}"
            several += bool(over)

    in_the_context(world, see)
    assert several > 50


def test_the_steps_of_a_row_are_those_of_its_state_for_the_roles_over_it(
    world: World, people: Mapping[str, Shows]
) -> None:
    row, me = aliased(Audit), Me.given()
    roles = roles_over(row, me, auditor=row.auditor)
    some = allowed_actions(row, roles, {"cancel": row.auditor.is_not(None)})
    asked = Prepared.of(
        select(row.id, roles.label("over"), allowed_actions(row, roles), some.label("some"))
    )
    tables = people[PEOPLE[0]].model.tables
    audited = people[PEOPLE[0]].model.by_id["audits"]

    async def see(connection: asyncpg.Connection, who: str, values: Values) -> None:
        for id_, over, every, few in await rows(connection, asked, values):
            of = audited[id_]
            steps = {
                step["action"]
                for step in tables["allowed_actions"]
                if (step["aggregate"], step["from_state"]) == ("audit", of["state"])
                and not set(step["roles"]).isdisjoint(set(over) - {None})
            }
            assert json.loads(every) == sorted(steps), f"{id_} to {who}"
            may = steps if of["auditor"] else steps - {"cancel"}
            assert json.loads(few) == sorted(may), f"{id_} to {who}"

    in_the_context(world, see)


def test_somebody_is_another_person_than_who_came_in_unless_one_of_both_is_nobody(
    world: World, people: Mapping[str, Shows]
) -> None:
    row, me = aliased(Principal), Me.given()
    other = another_person(row.id, me).label("other")
    asked = Prepared.of(select(row.id, person_behind(row.id).label("who"), other))
    principals = people[PEOPLE[0]].model.by_id["principals"]

    async def see(connection: asyncpg.Connection, who: str, values: Values) -> None:
        mine = people[who].person.worker
        for id_, worker, is_other in await rows(connection, asked, values):
            theirs = principals[id_]["worker"]
            assert worker == theirs
            assert is_other is (None not in (theirs, mine) and theirs != mine), f"{id_} to {who}"

    in_the_context(world, see)
