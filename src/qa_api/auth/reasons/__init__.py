"""Why somebody sees a row: each reason once, with all that follows from it (X3).

One place says of a reason what it asks of a row, how an index finds its rows, which figures are
counted for it and what the printed table says of it. So none of these can contradict the others.
Row-level security is not made from it: it is the second lock, and a test compares the two.
"""

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, and_, or_

from qa_api.auth.actor import Me
from qa_api.auth.reach import ACROSS_THE_AUTHORITY, BY_TEAM, Arm, unrestricted
from qa_api.auth.roles import Role
from qa_api.auth.sight import Rule
from qa_api.rules.unchanging import Unchanging


class Reason(Unchanging, eq=False):
    """One reason to see the rows of one kind of thing."""

    says: tuple[Rule, ...]
    """Its words in the printed table: for whom, how near, when, and how much they see."""
    holds: Callable[[Any, Me], ColumnElement[bool]]
    """Whether it is the caller's reason to see a row."""
    found_by: tuple[Arm, ...] = ()
    """The indexes that find at least those rows; none where no list is long enough to need one."""
    even_restricted: bool = False
    """Whether it goes for restricted records without a grant."""
    searches: bool = False
    """Whether it is looked for in other tables, and is the reason of few."""

    @property
    def is_through_teams(self) -> bool:
        """Whether it goes by who leads the team, or by a role over all: what sums of teams hold."""
        return bool(self.found_by) and {*self.found_by} <= {ACROSS_THE_AUTHORITY, BY_TEAM}


class Reasons(Unchanging, eq=False):
    """All the reasons to see the rows of one kind of thing. There is no other."""

    each: tuple[Reason, ...]

    def see(
        self,
        row: Any,
        me: Me,
        *standing: ColumnElement[bool],
        subject_id: ColumnElement[Any] | None = None,
    ) -> ColumnElement[bool]:
        """Which rows the caller sees: the first lock.

        `standing`: what must be so besides, whatever the reason, but for those that go for
        restricted records too. `subject_id`, where the row has it elsewhere.
        """
        always = (one.holds(row, me) for one in self.each if one.even_restricted)
        others = (one.holds(row, me) for one in self.each if not one.even_restricted)
        return or_(*always, and_(unrestricted(row, me, subject_id), *standing, or_(*others)))

    def see_at_once(self, row: Any, me: Me, *standing: ColumnElement[bool]) -> ColumnElement[bool]:
        """Which of the rows that `see` finds need no search: what most people read.

        PostgreSQL makes each search of a statement ready whenever the statement runs, also where it
        never searches. So one row is asked for like this first, and by `see` where there is none.
        """
        near = (one for one in self.each if not (one.searches or one.even_restricted))
        return and_(~row.restricted, *standing, or_(*(one.holds(row, me) for one in near)))

    def hold(self, row: Any, me: Me) -> ColumnElement[bool]:
        """Which rows the caller sees of what no restriction of a record reaches."""
        return or_(*(one.holds(row, me) for one in self.each))

    def through_teams(self, row: Any, me: Me) -> ColumnElement[bool]:
        """Which rows they see by who leads the team, or by a role over the whole authority."""
        return or_(*(one.holds(row, me) for one in self.each if one.is_through_teams))

    @property
    def arms(self) -> tuple[Arm, ...]:
        """The ways to find whatever somebody sees, each once.

        Raises LookupError if a reason has none: what is seen for it alone would be in no list.
        """
        if not all(one.found_by for one in self.each):
            raise LookupError("a reason has no index that finds its rows")
        return tuple(dict.fromkeys(arm for one in self.each for arm in one.found_by))

    @property
    def further(self) -> tuple[Arm, ...]:
        """Those of the reasons that no sum of teams can hold."""
        return tuple(arm for arm in self.arms if arm not in (ACROSS_THE_AUTHORITY, BY_TEAM))

    @property
    def says(self) -> tuple[Rule, ...]:
        """What the printed table says of them, each rule once."""
        return tuple(dict.fromkeys(rule for one in self.each for rule in one.says))

    @property
    def even_restricted(self) -> frozenset[Role]:
        """The roles that see restricted records without a grant."""
        rules = (rule for one in self.each if one.even_restricted for rule in one.says)
        return frozenset(role for rule in rules for role in rule.roles)
