"""The terms of who sees what: how much of a thing, how near they are to it, and in which state."""

from collections.abc import Iterable
from enum import IntEnum, StrEnum

from qa_api.auth.roles import Role
from qa_api.rules.unchanging import Unchanging


class Sight(IntEnum):
    """How much of a thing somebody sees; each level has all that those below it have."""

    NOTHING = 0
    """It is not found, in no list and in no figure: like one that does not exist."""
    EXISTS = 1
    """That there is one, by its id in a thing that they do see."""
    FIELDS = 2
    """Only the fields that the rule names."""
    ROW = 3
    """Codes, dates, states and figures; nothing that somebody wrote about the work."""
    TEXT = 4
    """The row, and what was written."""


class Relation(StrEnum):
    """How near somebody is to a thing: the reason why they see it."""

    OWN_WORK = "own work"
    """It was given to them to do, or they did it."""
    ALLOCATED = "own caseload"
    """The case is allocated to them now."""
    OWN_TEAM = "own team"
    """They lead the team that holds it: as supervisor, manager or deputy."""
    OWN_SERVICE = "own service"
    """They head the service of the team that holds it."""
    LOOKED_BACK = "looked back at"
    """An earlier audit of a child whom they are to audit."""
    AUDITED = "work audited"
    """Their own work was audited, and their own view is to be written or is written."""
    MODERATED = "moderated"
    """It was drawn for them to moderate."""
    ADDRESSED = "addressed"
    """It is addressed to them or to their post."""
    READS_THE_THING = "what they may read"
    """It is about something that they may read."""
    NONE = "none"
    """Whoever holds the role, whatever they have to do with it."""


class Standing(StrEnum):
    """The state of a thing, where that decides who sees it."""

    UNASSIGNED = "planned, nobody's yet"
    PLANNED = "planned"
    IN_PROGRESS = "in progress"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    OPEN_SAMPLE = "its sample is open"
    CLOSED_SAMPLE = "moderated, and its sample is closed"
    REVEALED = "sealed, and its moderator has judged"
    UNDECIDED = "handed to them, not found adequate yet"
    SUBMITTED = "submitted"
    PRESENTED = "presented"


class Rule(Unchanging):
    """Who, how near to a thing, sees how much of it in which state. The widest rule counts."""

    sight: Sight
    roles: frozenset[Role]
    relation: Relation
    when: frozenset[Standing] = frozenset()
    """Only then; empty: however it stands."""


def sees(sight: Sight, roles: Iterable[Role] | Role, relation: Relation, *when: Standing) -> Rule:
    """One rule of a thing."""
    held = {roles} if isinstance(roles, Role) else set(roles)
    return Rule(sight, frozenset(held), relation, frozenset(when))


def managers(sight: Sight, *when: Standing) -> tuple[Rule, ...]:
    """The team's manager and deputy, and the head of its service."""
    return sees(sight, Role.TEAM_MANAGER, Relation.OWN_TEAM, *when), sees(
        sight, Role.HEAD_OF_SERVICE, Relation.OWN_SERVICE, *when
    )


def leads(sight: Sight, *when: Standing) -> tuple[Rule, ...]:
    """The same, and the team's practice supervisor."""
    return *managers(sight, *when), sees(sight, Role.PRACTICE_SUPERVISOR, Relation.OWN_TEAM, *when)


def throughout(sight: Sight, *roles: Role) -> Rule:
    """Over the whole authority."""
    return sees(sight, roles, Relation.NONE)
