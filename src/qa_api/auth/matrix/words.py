"""What the table is made of: things, who sees how much of them, and who may do what with them."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from qa_api.auth.roles import Permission, Role, roles_with
from qa_api.auth.sight import Relation, Rule, Sight, sees
from qa_api.rules.unchanging import Unchanging

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
        Role.IDENTITY_PROVIDER: frozenset({Relation.NONE}),
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
    named: bool = False
    """Whether it is a printed page too, on which workers have their names."""
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
