"""The demo authority is the procedure's own: whole, loaded once, and open to its people."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable

import pytest
from sqlalchemy import func, select, update

from qa_api.auth.development import DevelopmentIssuer
from qa_api.auth.roles import SCOPES_OF_ROLE, Permission, Role
from qa_api.db import Database as Connections
from qa_api.demo.authority import load_demo_authority
from qa_api.demo.catalogue import AUDIT_TYPES, SCALE
from qa_api.demo.people import CLIENTS, DEMO_PRINCIPALS, people, teams
from qa_api.demo.tools import CLOSURE, COLLABORATIVE, TOOLS, Tool
from qa_api.models.access import Principal, RoleAssignment
from qa_api.models.base import Base
from qa_api.models.directory import Team
from qa_api.reactions import REACTIONS
from qa_api.rulebook import Rulebook
from qa_api.rules.tools import faults_of_tool
from qa_api.settings import Settings
from qa_api.work import Workshop
from tests.conftest import Database, settings_for

ISSUER = "https://login.example"


@pytest.fixture
def empty_settings(clone: Callable[[], Database], issuer: DevelopmentIssuer) -> Settings:
    """How a database that holds nothing yet is reached."""
    return settings_for(clone(), issuer)


@pytest.fixture
async def empty(empty_settings: Settings) -> AsyncIterator[Workshop]:
    """A workshop over a database that holds nothing yet."""
    connections = await Connections.open(empty_settings)
    try:
        yield Workshop(connections, Rulebook(), REACTIONS)
    finally:
        await connections.close()


async def sizes(workshop: Workshop) -> dict[str, int]:
    async with workshop.open_as_service("test") as work:
        return {
            table.name: await work.session.scalar(select(func.count()).select_from(table)) or 0
            for table in Base.metadata.sorted_tables
        }


async def test_a_second_load_changes_nothing_that_is_there(empty: Workshop) -> None:
    await load_demo_authority(empty, issuer=ISSUER)
    loaded = await sizes(empty)
    assert loaded["workers"] == len(people())
    async with empty.open_as_service("test") as work:
        await work.session.execute(update(Team).where(Team.code == "cwd").values(name="Renamed"))
    await load_demo_authority(empty, issuer=ISSUER)
    assert await sizes(empty) == loaded
    async with empty.open_as_service("test") as work:
        assert await work.session.scalar(select(Team.name).where(Team.code == "cwd")) == "Renamed"


async def test_two_loads_at_once_are_one(empty: Workshop) -> None:
    await asyncio.gather(*(load_demo_authority(empty, issuer=ISSUER) for _ in range(3)))
    loaded = await sizes(empty)
    assert loaded["principals"] == len(people()) + len(CLIENTS)
    assert loaded["teams"] == 21


async def test_the_same_people_are_let_in_under_another_issuer(empty: Workshop) -> None:
    await load_demo_authority(empty, issuer=ISSUER)
    before = await sizes(empty)
    await load_demo_authority(empty, issuer="https://another.example")
    after = await sizes(empty)
    grown = {name for name in after if after[name] != before[name]}
    assert grown == {"principals", "role_assignments"}
    for issuer in (ISSUER, "https://another.example"):
        async with empty.open(
            issuer=issuer,
            subject="tm-cwd",
            permission=Permission.RESPONSE_REVIEW,
            correlation_id="test",
        ) as work:
            assert work.actor.managed_teams == {"cwd"}


async def test_every_role_has_somebody_who_holds_it(empty: Workshop) -> None:
    await load_demo_authority(empty, issuer=ISSUER)
    assert set(DEMO_PRINCIPALS) == set(Role)
    async with empty.open_as_service("test") as work:
        held = {
            (row.subject, row.role)
            for row in await work.session.execute(
                select(Principal.subject, RoleAssignment.role).join(
                    RoleAssignment, RoleAssignment.principal_id == Principal.id
                )
            )
        }
    assert {(subject, role.value) for role, subject in DEMO_PRINCIPALS.items()} <= held


def test_its_teams_are_the_procedures_in_three_groups_of_seven() -> None:
    assert Counter(team.group for team in teams()) == {"A": 7, "B": 7, "C": 7}
    assert len({team.code for team in teams()}) == 21


def test_roles_are_held_only_over_what_they_can_be_held_over() -> None:
    for person in people():
        for held in person.roles:
            assert held.scope in SCOPES_OF_ROLE[held.role], person.code


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.code)
def test_its_tools_can_be_published(tool: Tool) -> None:
    assert faults_of_tool(tool.domains) == ()
    assert set(tool.guidance) == {domain.key for domain in tool.domains}


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.code)
def test_each_tool_asks_for_evidence_timescales_and_the_childs_voice(tool: Tool) -> None:
    domains = {domain.key: domain for domain in tool.domains}
    assert {
        "voice_of_the_child",
        "key_activities",
        "multi_agency",
        "basic_data_and_recording",
        "management_oversight",
    } <= set(domains)
    assert any(question.timescale_check for question in domains["key_activities"].questions)
    assert any(q.evidence_required for domain in tool.domains for q in domain.questions)


def test_the_collaborative_tool_shows_what_the_procedure_asks_for() -> None:
    assert {domain.key for domain in COLLABORATIVE.domains} >= {
        "journey_and_timeliness",
        "planning_and_impact",
        "safeguarding_and_thresholds",
        "learning",
    }


def test_every_audit_type_of_the_procedure_is_there() -> None:
    assert set(AUDIT_TYPES) == {
        "closure",
        "carers",
        "tac",
        "iro-review",
        "cp-chair",
        "yos-peer",
        "childrens-health",
        "themed",
        "collaborative",
    }
    assert {one.tool_code for one in AUDIT_TYPES.values()} - {None} == {tool.code for tool in TOOLS}
    assert AUDIT_TYPES["closure"].tool_code == CLOSURE.code


def test_only_an_inadequate_judgement_escalates() -> None:
    assert [point.code for point in SCALE.points if point.escalates] == ["inadequate"]
    assert SCALE.points[-1].code == "inadequate"
