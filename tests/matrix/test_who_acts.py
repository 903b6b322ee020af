"""Who must act for a team today: what the statements say of everybody is what the directory says.

The head of one service, a manager and a worker are away here, which no other test knows.
"""

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import asyncpg
import pytest
from sqlalchemy import Text, cast, literal, null, select

from qa_api.auth import duty
from qa_api.auth.roles import Role
from qa_api.db import Prepared
from qa_api.models.aliases import aliased
from qa_api.models.audits import Audit
from qa_api.models.directory import Service, Team, Worker
from qa_api.models.observations import PracticeObservation
from tests.matrix.in_sql import AT, Values, ids, in_the_context, rows
from tests.matrix.near import Model
from tests.matrix.shown import Shows
from tests.matrix.world import PEOPLE, Row, World

pytestmark = pytest.mark.long
AWAY: Final = ("tm-lincoln-fast", "hos-corporate-parenting", "ps-boston-fast", "qs-1")
ABSENT: Final = tuple(
    "INSERT INTO absences (id, worker, reason_code, valid)"
    f" SELECT gen_random_uuid(), '{worker}', reason_code, '[2026-11-01,2026-12-24)'"
    " FROM absences LIMIT 1"
    for worker in AWAY
)
NOT_ASKED: Final = ("tm-boston-fast", "dm-lincoln-fast")
ENDED: Final[Mapping[str, str]] = {
    "qs-2": AT.isoformat(),
    "slt-1": "2026-11-01T00:00:00+00:00",
}
"""Whose leave to see restricted records ended: at this very instant, and before."""
LEAVE_ENDED: Final = (
    "ALTER TABLE restriction_grants DISABLE TRIGGER USER",
    *(
        f"UPDATE restriction_grants SET expires_at = '{at}'"
        f" WHERE principal_id = (SELECT id FROM principals WHERE worker = '{worker}')"
        for worker, at in ENDED.items()
    ),
)
NO_CODE: Final = cast(null(), Text)
AWAY_TOO: Final[Mapping[bool, Mapping[str, bool]]] = {False: {}, True: {"even_away": True}}
SUPERVISOR, MANAGER, HEAD = Role.PRACTICE_SUPERVISOR, Role.TEAM_MANAGER, Role.HEAD_OF_SERVICE
ROLES: Final[tuple[tuple[Role, ...], ...]] = (
    (MANAGER,),
    (SUPERVISOR, HEAD),
    (Role.QUALITY_STANDARDS,),
    (Role.AUDITOR, MANAGER),
)


@dataclass
class Directory:
    """Who leads and holds what on the day, and who may see which restricted record."""

    holders: list[Row]
    leads: list[Row]
    model: Model

    def may_see(self, worker: str | None, row: Row) -> bool:
        """Not restricted, or by a grant that has not expired."""
        granted = {
            self.model.by_id["principals"][grant["principal_id"]]["worker"]
            for grant in self.model.tables["restriction_grants"]
            if grant["subject_id"] == row["subject_id"] and grant["expires_at"] > AT
        } - {None, *ENDED}
        return not row["restricted"] or worker in granted

    def acting(
        self, team: str, row: Row, barred: Iterable[Any] = (), only_head: bool = False
    ) -> Any:
        """Who leads first of those who are asked, and as what."""
        for lead in sorted(self.leads, key=lambda one: int(one["place"])):
            if only_head and lead["place"] != duty.HEAD:
                continue
            is_asked = lead["team"] == team and lead["worker"] not in barred
            if is_asked and self.may_see(lead["worker"], row):
                return lead["worker"], lead["acts_as"]
        return None, None

    def held(self, *roles: Role, even_away: bool = False) -> list[Row]:
        """The rows of those who hold one of the roles."""
        return [
            row for row in self.holders if row["role"] in roles and (even_away or not row["away"])
        ]


async def directory(connection: asyncpg.Connection, people: Mapping[str, Shows]) -> Directory:
    """As the views have it, whose own words tests of the directory hold."""
    holders = await connection.fetch("SELECT * FROM role_holders")
    leads = await connection.fetch("SELECT * FROM team_leads")
    found = Directory([*map(dict, holders)], [*map(dict, leads)], people[PEOPLE[0]].model)
    assert {row["worker"] for row in found.holders if row["away"]} >= {*AWAY}
    return found


def audit() -> Any:
    """Some audits, restricted ones among them."""
    return aliased(Audit)


def test_whoever_leads_first_acts_unless_barred_or_kept_from_the_record(
    world: World, people: Mapping[str, Shows]
) -> None:
    row, team = audit(), aliased(Team)
    barred = duty.these(row.auditor, row.worker, *(literal(one, Text) for one in NOT_ASKED), null())
    of_service = row.state == "completed"
    asked = Prepared.of(
        select(
            team.code,
            row.id,
            duty.acts_for(team.code, row).label("a"),
            duty.acts_as(team.code, row).label("b"),
            duty.acts_for(team.code, row, barred).label("c"),
            duty.acts_as(team.code, row, barred).label("d"),
            duty.acts_for(team.code, row, of_service=of_service).label("e"),
            barred.label("f"),
        )
    )

    async def see(connection: asyncpg.Connection, _: str, values: Values) -> None:
        today = await directory(connection, people)
        seen: set[tuple[Any, ...]] = set()
        for code, id_, *told, without in await rows(connection, asked, values):
            one = today.model.by_id["audits"][id_]
            assert without == [one["auditor"], one["worker"], *NOT_ASKED, None]
            head = today.acting(code, one, only_head=one["state"] == "completed")
            assert told == [
                *today.acting(code, one),
                *today.acting(code, one, without),
                head[0],
            ], f"{code} of {id_}"
            seen.add((one["restricted"], told[1], told[1] == told[3], told[0] == told[4]))
        assert len(seen) > 7, "managers, deputies, heads and nobody; restricted and not"

    in_the_context(world, see, *ABSENT, *LEAVE_ENDED, people=["qs-2"])


def test_who_leads_a_team_and_who_may_see_a_record(
    world: World, people: Mapping[str, Shows]
) -> None:
    row, team, worker = audit(), aliased(Team), aliased(Worker)
    leads = duty.leads_team(worker.code, team.code).label("leads")
    of_teams = Prepared.of(select(worker.code, team.code.label("team"), leads))
    may = duty.may_see(worker.code, row).label("may")
    of_records = Prepared.of(select(worker.code, row.id, may))
    two = duty.these(row.auditor, row.worker)
    one_of = duty.is_one_of(row.audited_worker, two).label("is")
    among = Prepared.of(select(row.id, one_of))

    async def see(connection: asyncpg.Connection, _: str, values: Values) -> None:
        today = await directory(connection, people)
        audits = today.model.by_id["audits"]
        led = {(each["worker"], each["team"]) for each in today.leads}
        found = await rows(connection, of_teams, values)
        assert {(code, of) for code, of, is_lead in found if is_lead} == led
        for code, id_, sees in await rows(connection, of_records, values):
            assert sees is today.may_see(code, audits[id_]), f"{id_} to {code}"
        for id_, found_in in await rows(connection, among, values):
            each = audits[id_]
            codes = {each["auditor"], each["worker"]} - {None}
            assert found_in is (each["audited_worker"] in codes), id_

    in_the_context(world, see, *ABSENT, *LEAVE_ENDED, people=["qs-2"])
    assert str(duty.may_see(worker.code, Team)) == "true", "about no subject"


LEADS_TWICE: Final = (
    "UPDATE posts SET worker = 'tm-boston-fast' WHERE kind = 'deputy' AND team = 'boston-fast'"
)
"""A manager who is their own deputy too is asked in two places."""


def test_each_who_leads_a_team_is_told_once_and_whether_nobody_is_asked_before_them(
    world: World, people: Mapping[str, Shows]
) -> None:
    each, first = duty.leads(), duty.first_leads()
    of_each = Prepared.of(select(each.c.team, each.c.worker, each.c.is_first))
    of_first = Prepared.of(select(first.c.team, first.c.worker))

    async def see(connection: asyncpg.Connection, _: str, values: Values) -> None:
        today = await directory(connection, people)
        places: dict[str, dict[str, list[int]]] = {}
        for lead in today.leads:
            of_team = places.setdefault(lead["team"], {})
            of_team.setdefault(lead["worker"], []).append(lead["place"])
        earliest = {team: min(map(min, of.values())) for team, of in places.items()}
        wanted = sorted(
            (team, worker, earliest[team] in asked)
            for team, of in places.items()
            for worker, asked in of.items()
        )
        assert len(places["boston-fast"]["tm-boston-fast"]) == 2
        assert {told[2] for told in wanted} == {True, False}
        assert sorted(await rows(connection, of_each, values)) == wanted
        assert sorted(await rows(connection, of_first, values)) == [
            (team, worker) for team, worker, is_first in wanted if is_first
        ]

    in_the_context(world, see, *ABSENT, *LEAVE_ENDED, LEADS_TWICE, people=["qs-2"])


def test_who_holds_a_role_and_over_which_team(world: World, people: Mapping[str, Shows]) -> None:
    worker, team = aliased(Worker), aliased(Team)
    choices = [*itertools.product(ROLES, (False, True))]
    of_workers = Prepared.of(
        select(
            worker.code,
            *(
                duty.holds(worker.code, *roles, **AWAY_TOO[away]).label(f"h{number}")
                for number, (roles, away) in enumerate(choices)
            ),
        )
    )
    over_teams = Prepared.of(
        select(
            worker.code,
            team.code.label("team"),
            *(
                duty.holds_over(worker.code, team.code, *roles, **AWAY_TOO[away]).label(
                    f"h{number}"
                )
                for number, (roles, away) in enumerate(choices)
            ),
        )
    )

    able = [(roles, Prepared.of(duty.able(*roles))) for roles in ROLES]
    nobody = Prepared.of(
        select(
            duty.holds(NO_CODE, *ROLES[0]).label("a"),
            duty.holds_over(NO_CODE, NO_CODE, *ROLES[-1]).label("b"),
            duty.team_led_by_somebody(NO_CODE, *ROLES[0]).label("c"),
        )
    )

    async def see(connection: asyncpg.Connection, _: str, values: Values) -> None:
        today = await directory(connection, people)
        held = [today.held(*roles, even_away=away) for roles, away in choices]
        for roles, of_role in able:
            there = {row["worker"] for row in today.held(*roles)}
            assert await ids(connection, of_role, values) == there, roles
        assert await rows(connection, nobody, values) == [(False, False, False)]
        for code, *told in await rows(connection, of_workers, values):
            assert told == [code in {row["worker"] for row in each} for each in held], code
        for code, of, *told in await rows(connection, over_teams, values):
            wanted = [
                any(
                    row["worker"] == code
                    and (row["team"] == of or Role(row["role"]) not in (SUPERVISOR, MANAGER, HEAD))
                    for row in each
                )
                for each in held
            ]
            assert told == wanted, f"{code} over {of}"

    in_the_context(world, see, *ABSENT, *LEAVE_ENDED, people=["qs-2"])


def test_whether_anybody_is_there_to_act(world: World, people: Mapping[str, Shows]) -> None:
    row, service, worker, team = audit(), aliased(Service), aliased(Worker), aliased(Team)
    qs = Role.QUALITY_STANDARDS
    alone = Prepared.of(
        select(
            *(
                each.label(f"s{number}")
                for number, each in enumerate(
                    (
                        duty.somebody_holds(qs),
                        duty.somebody_holds(qs, duty.these(*map(literal, AWAY))),
                        duty.somebody_holds(qs, duty.these(*map(literal, ("qs-1", "qs-2")))),
                        duty.somebody_holds(qs, duty.these(literal("qs-2"))),
                        duty.somebody_holds(Role.IDENTITY_PROVIDER),
                    )
                )
            )
        )
    )
    heads = duty.heads(service.code, worker.code).label("heads")
    of_services = Prepared.of(select(service.code, worker.code.label("worker"), heads))
    headed = Prepared.of(
        select(
            service.code,
            duty.headed_by_somebody(service.code).label("now"),
            worker.code.in_(duty.heads_of(service.code)).label("one"),
            worker.code.label("worker"),
        )
    )
    but = literal("ps-lincoln-fast", Text)
    of_teams = Prepared.of(
        select(
            team.code,
            duty.team_led_by_somebody(team.code, SUPERVISOR).label("a"),
            duty.team_led_by_somebody(team.code, SUPERVISOR, but=but).label("b"),
            duty.team_led_by_somebody(team.code, MANAGER, HEAD).label("c"),
        )
    )
    barred = duty.these(row.worker, but)
    of_rows = Prepared.of(
        select(
            row.id,
            duty.led_by_somebody(row, SUPERVISOR).label("a"),
            duty.led_by_somebody(row, SUPERVISOR, barred=barred).label("b"),
            duty.led_by_somebody(row, MANAGER, HEAD).label("c"),
            duty.led_by_somebody(row, MANAGER, HEAD, barred=barred).label("d"),
        )
    )

    seen = aliased(PracticeObservation)
    about_nobody = Prepared.of(
        select(seen.team, duty.led_by_somebody(seen, MANAGER, HEAD).label("a"))
    )

    async def see(connection: asyncpg.Connection, _: str, values: Values) -> None:
        today = await directory(connection, people)
        managed = {each["team"] for each in today.held(MANAGER, HEAD)}
        for code, is_managed in await rows(connection, about_nobody, values):
            assert is_managed is (code in managed), code
        there = {each["worker"] for each in today.held(qs)}
        assert await rows(connection, alone, values) == [
            (
                *(bool(there), bool(there - {*AWAY}), bool(there - {"qs-1", "qs-2"})),
                *(bool(there - {"qs-2"}), False),
            )
        ]
        lead = {(each["service"], each["worker"]) for each in today.held(HEAD, even_away=True)}
        found = await rows(connection, of_services, values)
        assert {(of, code) for of, code, is_head in found if is_head} == lead
        now = {each["service"] for each in today.held(HEAD)}
        for of, is_headed, one, code in await rows(connection, headed, values):
            assert is_headed is (of in now), of
            assert one is ((of, code) in lead), f"{of}, {code}"
        for code, *told in await rows(connection, of_teams, values):
            supervising = {
                each["worker"] for each in today.held(SUPERVISOR) if each["team"] == code
            }
            others = supervising - {"ps-lincoln-fast"}
            managing = any(each["team"] == code for each in today.held(MANAGER, HEAD))
            assert told == [bool(supervising), bool(others), managing], code
        for id_, *told in await rows(connection, of_rows, values):
            one_ = today.model.by_id["audits"][id_]
            out = {one_["worker"], "ps-lincoln-fast"}
            wanted = [
                any(
                    each["team"] == one_["team"]
                    and today.may_see(each["worker"], one_)
                    and each["worker"] not in without
                    for each in today.held(*roles)
                )
                for roles in ((SUPERVISOR,), (MANAGER, HEAD))
                for without in (set[str](), out)
            ]
            assert told == wanted, id_

    in_the_context(world, see, *ABSENT, *LEAVE_ENDED, people=["qs-2"])
