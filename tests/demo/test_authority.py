"""The demo authority is the procedure's own: whole, loaded once, and open to its people."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest
from sqlalchemy import func, select, update

from qa_api.auth.development import DevelopmentIssuer
from qa_api.auth.roles import Permission, Role
from qa_api.data import shipped_authorities
from qa_api.db import Database as Connections
from qa_api.demo.authority import (
    AnotherAuthority,
    demo_authority,
    load_demo_authority,
)
from qa_api.demo.people import demo_principals
from qa_api.models.access import Principal, RoleAssignment
from qa_api.models.base import Base
from qa_api.models.directory import Team
from qa_api.reactions import REACTIONS
from qa_api.rulebook import Rulebook
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
            if await work.session.scalar(select(func.has_table_privilege(table.name, "SELECT")))
        }


@pytest.mark.long
async def test_a_second_load_changes_nothing_that_is_there(empty: Workshop) -> None:
    await load_demo_authority(empty, issuer=ISSUER)
    loaded = await sizes(empty)
    assert loaded["workers"] == len(demo_authority().directory.workers)
    async with empty.open_as_service("test") as work:
        await work.session.execute(update(Team).where(Team.code == "cwd").values(name="Renamed"))
    await load_demo_authority(empty, issuer=ISSUER)
    assert await sizes(empty) == loaded
    async with empty.open_as_service("test") as work:
        assert await work.session.scalar(select(Team.name).where(Team.code == "cwd")) == "Renamed"


@pytest.mark.long
async def test_two_loads_at_once_are_one(empty: Workshop) -> None:
    await asyncio.gather(*(load_demo_authority(empty, issuer=ISSUER) for _ in range(3)))
    loaded = await sizes(empty)
    assert loaded["principals"] == len(demo_authority().directory.principals)
    assert loaded["teams"] == 21


@pytest.mark.long
async def test_the_same_people_are_let_in_under_another_issuer(empty: Workshop) -> None:
    await load_demo_authority(empty, issuer=ISSUER)
    before = await sizes(empty)
    await load_demo_authority(empty, issuer="https://another.example")
    after = await sizes(empty)
    grown = {name for name in after if after[name] != before[name]}
    rights = {"principals", "role_assignments", "kept_rights"}
    assert grown == rights | {"events"}, "who was let in is on the log"
    for issuer in (ISSUER, "https://another.example"):
        async with empty.open(
            issuer=issuer,
            subject="tm-cwd",
            permission=Permission.RESPONSE_REVIEW,
            correlation_id="test",
        ) as work:
            assert work.actor.managed_teams == {"cwd"}


@pytest.mark.long
async def test_two_authorities_are_never_mixed(empty: Workshop) -> None:
    one, another = sorted(shipped_authorities())[:2]
    await load_demo_authority(empty, issuer=ISSUER, code=one)
    loaded = await sizes(empty)
    with pytest.raises(AnotherAuthority):
        await load_demo_authority(empty, issuer=ISSUER, code=another)
    assert await sizes(empty) == loaded


@pytest.mark.long
@pytest.mark.parametrize("code", sorted(shipped_authorities()))
async def test_every_role_has_somebody_who_holds_it(empty: Workshop, code: str) -> None:
    await load_demo_authority(empty, issuer=ISSUER, code=code)
    assert set(demo_principals(code)) == set(Role)
    async with empty.open_as_service("test") as work:
        held = {
            (row.subject, row.role)
            for row in await work.session.execute(
                select(Principal.subject, RoleAssignment.role).join(
                    RoleAssignment, RoleAssignment.principal_id == Principal.id
                )
            )
        }
    assert {(subject, role.value) for role, subject in demo_principals(code).items()} <= held


def test_its_teams_are_the_procedures_in_three_groups_of_seven() -> None:
    directory = demo_authority().directory
    assert [len(group.teams) for group in directory.auditor_groups.values()] == [7, 7, 7]
    assert {one.team for group in directory.auditor_groups.values() for one in group.teams} == set(
        directory.teams
    )
    assert len(directory.teams) == 21


def test_every_audit_type_of_the_procedure_is_there() -> None:
    assert set(demo_authority().audit_types) >= {
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


def test_only_an_inadequate_judgement_escalates() -> None:
    points = demo_authority().scales[0].points
    assert [point.code for point in points if point.escalates] == ["inadequate"]
    assert points[-1].code == "inadequate"
