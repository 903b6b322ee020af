"""Loading the demo authority into an empty database, in well under a second.

It is loaded whole or not at all, and once: a second load leaves what people have changed since as
it is, and only lets in the same people under another token issuer.
"""

import asyncio
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, insert, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import Range

from qa_api.calendars.service import install_official_calendar, install_policy
from qa_api.catalogue.service import create_scale, create_tool, publish_tool, put_audit_type
from qa_api.demo.catalogue import AUDIT_TYPES, SCALE, draft_of
from qa_api.demo.people import (
    CLIENTS,
    DEMO_PRINCIPALS,
    SERVICES,
    SINCE,
    SOURCE,
    SYSTEM,
    Held,
    people,
    teams,
)
from qa_api.demo.tools import TOOLS
from qa_api.events import ConfigurationChanged
from qa_api.models.access import Principal, RoleAssignment
from qa_api.models.base import Base, new_id
from qa_api.models.directory import (
    AuditorGroup,
    AuditorGroupMembership,
    Post,
    Service,
    Supervision,
    Team,
    TeamMembership,
    TeamService,
    Worker,
)
from qa_api.models.subjects import CaseSystem
from qa_api.work import Work, Workshop

__all__ = ["DEMO_PRINCIPALS", "load_demo_authority"]

_ALWAYS: Final = Range(SINCE, None, bounds="[)")
_LOADING: Final = "the demo authority"
_PATIENCE, _PAUSE_SECONDS = 600, 0.05


async def load_demo_authority(workshop: Workshop, *, issuer: str) -> None:
    """Make the demo authority, and let its people in with tokens of `issuer`.

    Safe to repeat and to run twice at once.
    """
    async with workshop.open_as_service("demo-authority") as work:
        await _take_turn(work)
        if await work.session.get(CaseSystem, SYSTEM) is None:
            await _load_rules(work)
            await _load_directory(work)
            await work.record(ConfigurationChanged(about=new_id(), what="authority", code="demo"))
        await _let_in(work, issuer)


async def _take_turn(work: Work) -> None:
    """Wait for another load to end: by asking again, since no statement may wait for long."""
    for _ in range(_PATIENCE):
        turn = select(func.pg_try_advisory_xact_lock(func.hashtext(_LOADING)))
        if await work.session.scalar(turn):
            return
        await asyncio.sleep(_PAUSE_SECONDS)
    raise TimeoutError("another load of the demo authority does not end")


async def _load_rules(work: Work) -> None:
    await install_policy(work, effective_from=SINCE, reason="The procedure's own values")
    await install_official_calendar(work)
    await create_scale(work, SCALE)
    for tool in TOOLS:
        draft = await create_tool(work, new_id(), draft_of(tool))
        await publish_tool(work, draft.id)
    for code, audit_type in AUDIT_TYPES.items():
        await put_audit_type(work, code, audit_type)


async def _load_directory(work: Work) -> None:
    everybody, every_team = people(), teams()
    groups = sorted({team.group for team in every_team})
    for table, rows in (
        (CaseSystem, [{"code": SYSTEM, "source": SOURCE, "name": "Mosaic"}]),
        (Service, [{"code": code, "name": name} for code, name in SERVICES.items()]),
        (
            Team,
            [{"code": t.code, "name": t.name, "locality": t.locality} for t in every_team],
        ),
        (Worker, [{"code": person.code, "starts_on": SINCE} for person in everybody]),
        (AuditorGroup, [{"code": code.lower(), "name": f"Group {code}"} for code in groups]),
        (TeamService, [_held(team=t.code, service=t.service) for t in every_team]),
        (AuditorGroupMembership, [_held(team=t.code, group=t.group.lower()) for t in every_team]),
        (TeamMembership, [_held(worker=p.code, team=p.team) for p in everybody if p.team]),
        (
            Supervision,
            [_held(worker=p.code, supervisor=p.supervisor) for p in everybody if p.supervisor],
        ),
        (Post, [_held(kind="head", service=s, team=None, worker=f"hos-{s}") for s in SERVICES]),
        (
            Post,
            [
                _held(kind=kind, service=None, team=team.code, worker=f"{short}-{team.code}")
                for team in every_team
                for kind, short in (("manager", "tm"), ("deputy", "dm"))
            ],
        ),
    ):
        await _insert(work, table, rows)


async def _let_in(work: Work, issuer: str) -> None:
    """Principals of the issuer for the people and clients that have none yet, and their roles."""
    workers = {person.code: person.roles for person in people()}
    roles: dict[str, tuple[Held, ...]] = {
        **workers,
        **{client: (Held(role),) for client, role in CLIENTS.items()},
    }
    made = await work.session.execute(
        postgresql.insert(Principal)
        .values(
            [
                {
                    "id": new_id(),
                    "issuer": issuer,
                    "subject": code,
                    "worker": code if code in workers else None,
                    "system": SYSTEM if code == "case-system-mosaic" else None,
                }
                for code in roles
            ]
        )
        .on_conflict_do_nothing()
        .returning(Principal.subject, Principal.id)
    )
    new: dict[str, UUID] = {row.subject: row.id for row in made}
    assignments = [
        _held(
            principal_id=new[code],
            role=held.role.value,
            scope=held.scope,
            service=held.service,
            team=held.team,
        )
        for code in new
        for held in roles[code]
    ]
    if assignments:
        await _insert(work, RoleAssignment, assignments)


def _held(**relation: Any) -> dict[str, Any]:
    """A relation that has held since the beginning."""
    return {**relation, "valid": _ALWAYS}


async def _insert(work: Work, table: type[Base], rows: list[dict[str, Any]]) -> None:
    await work.session.execute(insert(table), rows)
