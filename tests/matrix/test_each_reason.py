"""Reasons and ways to find rows, each alone, over rows that stand in every way a rule tells apart.

The world has few of them: whoever sees a row there mostly has another reason too.
"""

from collections.abc import Iterable, Mapping
from types import SimpleNamespace
from typing import Any, Final

import asyncpg
import pytest
from sqlalchemy import select

from qa_api.auth.actor import Me
from qa_api.auth.reasons import Reason, cases, practice
from qa_api.auth.roles import Role
from qa_api.auth.sight import Standing
from qa_api.db import Prepared
from qa_api.models.aliases import aliased
from qa_api.models.escalations import EscalationRecipient
from qa_api.models.moderation import ModerationOutcome, ModerationSample
from tests.matrix.in_sql import Values, ids, in_the_context
from tests.matrix.near import Person
from tests.matrix.shown import Shows
from tests.matrix.world import World

pytestmark = pytest.mark.long


def with_standing(reasons: Iterable[Reason], standing: Standing) -> Reason:
    """The one reason that counts while something stands so."""
    (found,) = (one for one in reasons if any(standing in (rule.when or ()) for rule in one.says))
    return found


@pytest.mark.parametrize("state", ["open", "closed"])
@pytest.mark.parametrize("sealed", [True, False])
def test_an_auditor_is_shown_a_second_grade_once_both_have_judged_or_the_sample_is_closed(
    world: World, people: Mapping[str, Shows], state: str, sealed: bool
) -> None:
    before = (
        "ALTER TABLE moderation_outcomes DISABLE TRIGGER USER",
        "ALTER TABLE moderation_samples DISABLE TRIGGER USER",
        "ALTER TABLE moderation_outcomes DROP CONSTRAINT moderation_outcomes_unsealed_why_check",
        f"UPDATE moderation_outcomes SET sealed = {sealed}",
        f"UPDATE moderation_samples SET state = '{state}'",
    )
    reason = with_standing(practice.OUTCOMES.each, Standing.REVEALED)
    row, shown = aliased(ModerationOutcome), set[Any]()
    asked = Prepared.of(select(row.id).where(reason.holds(row, Me.given())))

    async def see(connection: asyncpg.Connection, who: str, values: Values) -> None:
        person = people[who].person
        theirs = {
            each["id"]
            for each in people[who].model.tables["moderation_outcomes"]
            if person.is_(each["auditor"]) and each["moderated_at"] is not None
        }
        wanted = theirs if sealed or state == "closed" else set()
        assert await ids(connection, asked, values) == wanted, who
        unheld = {**values, "roles": sorted({*Role} - {Role.AUDITOR})}
        assert await ids(connection, asked, unheld) == set(), who
        shown.update(theirs)

    in_the_context(world, see, *before)
    assert shown, "somebody's audits were moderated"


_LEAST: Final = (
    "SELECT subject_id FROM moderation_outcomes WHERE moderator = 'au-2' ORDER BY id LIMIT 1"
)
ALL_BUT_ONE_WITHHELD: Final = (
    "ALTER TABLE moderation_outcomes DISABLE TRIGGER USER",
    "ALTER TABLE restriction_grants DISABLE TRIGGER USER",
    "UPDATE moderation_outcomes SET restricted = true",
    (
        f"UPDATE restriction_grants SET subject_id = ({_LEAST}), expires_at = '2027-01-01',"
        " principal_id = (SELECT id FROM principals WHERE subject = 'au-2')"
        " WHERE id = (SELECT id FROM restriction_grants ORDER BY id LIMIT 1)"
    ),
)


def test_a_sample_is_a_moderators_by_an_outcome_that_they_may_see(
    world: World, people: Mapping[str, Shows]
) -> None:
    row = aliased(ModerationSample)
    asked = Prepared.of(select(row.id).where(practice.moderates_some(row, Me.given())))
    outcomes = people["au-2"].model.tables["moderation_outcomes"]
    theirs = sorted((each["id"], each) for each in outcomes if each["moderator"] == "au-2")
    wanted = {theirs[0][1]["sample_id"]}
    assert wanted < {each["sample_id"] for _, each in theirs}, "another is of a withheld record"

    async def see(connection: asyncpg.Connection, who: str, values: Values) -> None:
        assert await ids(connection, asked, values) == (wanted if who == "au-2" else set()), who

    in_the_context(world, see, *ALL_BUT_ONE_WITHHELD)


_SOMEBODY: Final = "ARRAY['tm-lincoln-fast', 'hos-fast', 'tm-boston-fast', NULL]"
_TEAMS: Final = "ARRAY['lincoln-fast', 'boston-fast', 'lac-north', NULL]"
ASKED_IN_EVERY_WAY: Final = (
    "ALTER TABLE escalation_recipients DISABLE TRIGGER USER",
    ("ALTER TABLE escalation_recipients DROP CONSTRAINT escalation_recipients_escalation_id_fkey"),
    (
        "INSERT INTO escalation_recipients"
        " (id, escalation_id, recipient, team, for_team, acts_as, notified_at, restricted)"
        " SELECT one.id, one.id, who, held_by, for_team, 'team_manager', now(), false"
        f" FROM unnest({_SOMEBODY}) who, unnest({_TEAMS}) held_by, unnest({_TEAMS}) for_team,"
        " LATERAL (SELECT md5(concat_ws(',', coalesce(who, '-'), coalesce(held_by, '-'),"
        " coalesce(for_team, '-')))::uuid AS id) one"
    ),
)
"""By name or not, for each team, while each team holds the case: an escalation of each kind."""


def _leads(person: Person, team: str | None) -> bool:
    leading = (Role.TEAM_MANAGER, Role.HEAD_OF_SERVICE)
    return any(team in person.teams.get(role, ()) for role in leading)


def _by_name(person: Person, asked: Mapping[str, Any]) -> bool:
    return person.is_(asked["recipient"]) and not _leads(person, asked["team"])


def _for_team(person: Person, asked: Mapping[str, Any]) -> bool:
    return _leads(person, asked["for_team"]) and asked["team"] != asked["for_team"]


@pytest.mark.parametrize("by_name", [True, False], ids=["by name", "for a team"])
def test_an_escalation_is_looked_up_by_whom_it_asks_only_where_no_team_of_theirs_finds_it(
    world: World, people: Mapping[str, Shows], by_name: bool
) -> None:
    named, for_team = (arm for arm in cases.ESCALATIONS.arms if arm.names_rows)
    arm, holds = (named, _by_name) if by_name else (for_team, _for_team)
    statement = arm.looked_up(Me.given())
    assert statement is not None
    asked, theirs = Prepared.of(statement), dict[str, set[Any]]()

    async def see(connection: asyncpg.Connection, who: str, values: Values) -> None:
        every = await connection.fetch(
            "SELECT escalation_id, recipient, team, for_team FROM escalation_recipients"
        )
        person = people[who].person
        expected = {each["escalation_id"] for each in every if holds(person, each)}
        assert await ids(connection, asked, values) == expected, who
        theirs[who] = expected

    in_the_context(world, see, *ASKED_IN_EVERY_WAY)
    assert all(theirs[who] for who in ("tm-lincoln-fast", "tm-boston-fast", "hos-fast"))


def test_an_escalation_is_addressed_to_whoever_manages_or_heads_the_team_it_is_for_today(
    world: World, people: Mapping[str, Shows]
) -> None:
    asked_for, me = aliased(EscalationRecipient), Me.given()
    escalation = SimpleNamespace(id=asked_for.escalation_id)
    asked = Prepared.of(
        select(asked_for.escalation_id).where(cases.addressed(escalation, me)).distinct()
    )
    theirs = dict[str, set[Any]]()

    async def see(connection: asyncpg.Connection, who: str, values: Values) -> None:
        every = await connection.fetch("SELECT escalation_id, for_team FROM escalation_recipients")
        person = people[who].person
        wanted = {each["escalation_id"] for each in every if _leads(person, each["for_team"])}
        assert await ids(connection, asked, values) == wanted, who
        theirs[who] = wanted

    in_the_context(world, see, *ASKED_IN_EVERY_WAY)
    assert theirs["tm-lincoln-fast"] < theirs["hos-fast"], "who heads more teams is asked for more"
    assert theirs["ps-lincoln-fast"] == set(), "supervising is not leading here"
