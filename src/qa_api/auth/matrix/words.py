"""What a rule is made of: how near somebody is to a thing, how it stands, how much they see."""

from collections.abc import Iterable, Mapping
from enum import IntEnum, StrEnum
from types import MappingProxyType
from typing import Final

from qa_api.auth.roles import Permission, Role, roles_with
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
    MODERATED = "moderated"
    """It was drawn for them to moderate."""
    ADDRESSED = "addressed"
    """It is addressed to them or to their post."""
    NONE = "none"
    """Whoever holds the role, whatever they have to do with it."""


class Standing(StrEnum):
    """How a thing stands, where that decides who sees it."""

    UNASSIGNED = "planned, nobody's yet"
    PLANNED = "planned"
    IN_PROGRESS = "in progress"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    OPEN_SAMPLE = "its sample is open"
    CLOSED_SAMPLE = "moderated, and its sample is closed"
    UNDECIDED = "handed to them, not found adequate yet"
    SUBMITTED = "submitted"
    PRESENTED = "presented"


class Rule(Unchanging):
    """Who, how near, sees how much of a thing that stands how. Of several the widest counts."""

    sight: Sight
    roles: frozenset[Role]
    relation: Relation
    when: frozenset[Standing] = frozenset()
    """Only then; empty: however it stands."""


def sees(sight: Sight, roles: Iterable[Role] | Role, relation: Relation, *when: Standing) -> Rule:
    """One rule of a thing."""
    held = {roles} if isinstance(roles, Role) else set(roles)
    return Rule(sight, frozenset(held), relation, frozenset(when))


HELD_OVER: Final[Mapping[Role, frozenset[Relation]]] = MappingProxyType(
    {
        Role.QUALITY_STANDARDS: frozenset({Relation.NONE}),
        Role.SENIOR_LEADER: frozenset({Relation.NONE}),
        Role.HEAD_OF_SERVICE: frozenset({Relation.OWN_SERVICE}),
        Role.TEAM_MANAGER: frozenset({Relation.OWN_TEAM}),
        Role.PRACTICE_SUPERVISOR: frozenset({Relation.OWN_TEAM}),
        Role.AUDITOR: frozenset({Relation.OWN_WORK}),
        Role.WORKER: frozenset({Relation.OWN_WORK, Relation.ALLOCATED}),
        Role.CASE_SYSTEM: frozenset({Relation.OWN_WORK}),
        Role.REPORTING: frozenset({Relation.NONE}),
        Role.ADMINISTRATOR: frozenset({Relation.NONE}),
        Role.LEARNING_DEVELOPMENT: frozenset({Relation.ADDRESSED}),
        Role.PRACTICE_ADVISOR: frozenset({Relation.ADDRESSED}),
    }
)
"""How near somebody must be to a thing to do with it what their role permits."""


class Act(Unchanging):
    """One operation that changes something, the permission that it takes and over what."""

    operation: str
    permission: Permission
    by: Mapping[Role, frozenset[Relation]]
    """Who may, and how near they must be; never more than the permission gives."""
    never: str = ""
    """Who may not although they otherwise might: the conflict of interest, in words."""


def does(
    permission: Permission,
    operations: str,
    by: Mapping[Role, Iterable[Relation]] | None = None,
    *,
    never: str = "",
) -> tuple[Act, ...]:
    """What may be done with a permission: by the roles that hold it, or by those named."""
    given = by or {role: HELD_OVER[role] for role in roles_with(permission)}
    held = {role: frozenset(relations) for role, relations in given.items()}
    return tuple(Act(each, permission, held, never) for each in operations.split())


class Thing(Unchanging):
    """One kind of thing: what it is, who sees how much of it, and by which operations."""

    name: str
    meaning: str
    rules: tuple[Rule, ...]
    document: str | None = None
    """The operation that shows one."""
    listed: tuple[str, ...] = ()
    """The operations that list them."""
    parts: tuple[str, ...] = ()
    """The operations that show a part of one, to whoever reads its text."""
    computed: tuple[str, ...] = ()
    """The operations that compute something from what the caller sees, or from what all may."""
    acts: tuple[Act, ...] = ()
    texts: str = ""
    """What of it is text, in words."""
    in_row: frozenset[str] = frozenset()
    """Fields that somebody wrote and that show with the row: why it came to this."""
    restricted: bool = False
    """Of a restricted record it shows to nobody without a grant, whatever the rules say."""
    even_restricted: frozenset[Role] = frozenset()
    """Who sees it of a restricted record too."""
    in_error: frozenset[Role] | None = None
    """Who sees it when the audit behind it was recorded in error; None: that has no effect."""

    @property
    def operations(self) -> tuple[str, ...]:
        """Every operation that shows or changes it."""
        shown = () if self.document is None else (self.document,)
        changing = (act.operation for act in self.acts)
        return (*shown, *self.listed, *self.parts, *self.computed, *changing)


def open_to(permission: Permission) -> tuple[Rule, ...]:
    """All of it, to whoever holds the permission."""
    return (sees(Sight.TEXT, roles_with(permission), Relation.NONE),)
