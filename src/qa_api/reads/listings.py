"""A list as a statement: what the caller may see, filtered, in one fixed order, page by page."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field, replace
from functools import cached_property
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    CompoundSelect,
    Date,
    DateTime,
    FromClause,
    Select,
    Text,
    Uuid,
    any_,
    cast,
    func,
    literal,
    literal_column,
    not_,
    select,
    true,
    tuple_,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY, distinct_on
from sqlalchemy.types import TypeEngine

from qa_api.auth.actor import Me
from qa_api.auth.reach import Arm
from qa_api.db import Prepared, parameter
from qa_api.models.aliases import aliased, columns_of
from qa_api.models.base import Base
from qa_api.reads.access_lines import access_line, asked_why, told, unless_refused
from qa_api.reads.caller import caller_context, let_in, shown_behind, subject_or_none
from qa_api.reads.shapes import Expression, Predicate, Shape, text_of
from qa_api.reads.statements import Statements
from qa_api.rules.unchanging import Unchanging


class Filter(Unchanging, eq=False):
    """A query parameter of a list and the rows it keeps."""

    keeps: Callable[[Any, Any, Me], ColumnElement[bool]]
    """From the row, the parameter and the caller to a condition."""
    type: Any = field(default_factory=Text)
    """The parameter's SQL type; None for a flag, which switches its condition on or round."""
    narrows: bool = False
    """Whether an index finds its rows, and few enough to look at each."""
    column: str | None = None
    """Of one that narrows: where several values stand, the first rows of each are found in turn."""
    values: Callable[[Any, Me], Select[Any]] | None = None
    """What `column` may be, as `value`, where that is not what is given but looked up."""

    def arm(self, name: str) -> Arm | None:
        """The way to find its rows value by value; none where one value finds them by itself."""
        if self.column is None:
            return None
        if self.values is not None:
            given, look_up = _value_of(self, name), self.values
            return Arm(column=self.column, values=lambda me: look_up(given, me))
        if not name.startswith("+"):
            return None
        several = func.unnest(parameter(f"given_{_plain(name)}", ARRAY(self.type)))
        return Arm(column=self.column, values=lambda _: select(several.label("value")))


class Part(Unchanging, eq=False):
    """Some rows of a list, and their order as an index has it."""

    holds: Predicate
    order: tuple[Expression, ...]


class Piece(Unchanging, eq=False):
    """Some rows of a list, as a relation with the columns of its table."""

    rows: FromClause
    order: tuple[Expression, ...] = ()
    """The list's order among these rows in the words of an index that gives it, so that no more
    than a page is looked at; none where no index does."""


class Listing(Unchanging, eq=False):
    """A list as a statement: filtered, in one fixed order, paged by key."""

    name: str
    shape: Shape
    visible: Predicate
    filters: Mapping[str, Filter]
    order: tuple[Expression, ...] = (lambda row, _: row.id,)
    """The columns of the order; the last is unique. All ascending, or all descending."""
    descending: bool = True
    subject: str | None = None
    """The attribute that holds the subject's id, where reading goes into the access log."""
    subjects: Expression | None = None
    """Where a row names several subjects: their ids, as an array."""
    arms: tuple[Arm, ...] = ()
    """The ways to find what a caller may see, so that nobody with few rows reads everybody's."""
    pieces: tuple[Piece, ...] = ()
    """Where its rows are looked for, if not in the whole of its table; each row is in one piece."""
    own_work: bool = False
    """Whether all that it shows is the caller's own work by what it is: it takes no purpose."""

    orders: Mapping[str, tuple[Expression, ...]] = field(default_factory=dict)
    """Further orders that an index answers, by what they are sorted by; ascending each."""
    parts_of: Mapping[str, tuple[Part, ...]] = field(default_factory=dict)
    """Of an order that no index has whole: parts of the rows, each with an order of its own."""
    parts: tuple[Part, ...] = ()
    """Those of this order. Every row is in one of them, and has the same keys there."""

    @property
    def logged(self) -> bool:
        """Whether reading it leaves a line in the access log."""
        return self.subject is not None or self.subjects is not None

    @cached_property
    def reversed(self) -> "Listing":
        """The same rows from the other end; a cursor of one list is none of the other."""
        return replace(self, name=f"{self.name}-reversed", descending=not self.descending)

    @cached_property
    def sorted(self) -> Mapping[str, "Listing"]:
        """The same rows in each further order, `-` for the reverse; each has cursors of its own."""
        return {
            f"{sign}{by}": replace(
                self,
                name=f"{self.name}-by{sign}{by}",
                order=order,
                descending=bool(sign),
                orders={},
                parts=self.parts_of.get(by, ()),
            )
            for by, order in self.orders.items()
            for sign in ("", "-")
        }

    def prepared(self, given: frozenset[str], *, after: bool) -> Prepared:
        """Compiled once for each set of filters given.

        `!` stands before a flag set to false, `+` before a filter of several values.
        Its parameters are `given_` and a filter's name, `after_0` and so on, and `limit`; its rows
        are `body` and the keys `k0`, `k1` of the order.
        """
        return _LISTINGS.now(self, given, after)

    async def ready(self, given: frozenset[str], *, after: bool, why: bool = False) -> Prepared:
        """The same; others are answered while it is compiled.

        `why` as for a document; else a list that is logged writes no line, and its rows say
        `about` whom they are and who their `reader`.
        """
        if why:
            return await _LISTINGS.beside(self, given, after, why=True)
        if self.logged:
            return await _LISTINGS.beside(self, given, after, apart=True)
        return await _LISTINGS.beside(self, given, after)


def _prepared_listing(
    listing: "Listing",
    given: frozenset[str],
    after: bool,
    why: bool = False,
    apart: bool = False,
) -> Prepared:
    me_context = caller_context()
    me = Me.in_context(me_context)
    search = _Search(listing, me_context, me, given, after)
    row = search.rows()
    keys = search.keys(row)
    page = (
        select(
            subject_or_none(row, listing.subject).label("subject_id"),
            text_of(listing.shape, row, me).label("body"),
            *(key.label(f"k{n}") for n, key in enumerate(keys)),
        )
        .where(*search.remaining(row))
        .order_by(*search.ordered(keys))
        .limit(search.limit)
    )
    several = None if listing.subjects is None else listing.subjects(row, me)
    if apart:
        page = page.add_columns(*told(me, subject_or_none(row, listing.subject), several))
    elif several is not None:
        page = page.add_columns(several.label("subject_ids"))
    shown = shown_behind(me_context, row, page)
    in_order = [shown.c[f"k{n}"] for n in range(len(keys))]
    statement, limit = select(shown.c.body, *in_order), parameter("limit", BigInteger())
    if apart:
        statement = statement.add_columns(shown.c.about, shown.c.reader)
    elif why:
        verdict = asked_why(me, shown, limit)
        body, refused = unless_refused(shown.c.body, verdict)
        statement = select(body, *in_order, refused)
        statement = statement.add_cte(access_line(me, shown, limit, verdict))
    elif listing.logged:
        statement = statement.add_cte(access_line(me, shown, limit))
    return Prepared.of(statement)


_LISTINGS: Final = Statements(_prepared_listing, most=4096)


class _Search(Unchanging, eq=False):
    """How a list finds the rows of one page."""

    listing: Listing
    me_context: CTE
    me: Me
    given: frozenset[str]
    after: bool

    @property
    def arms(self) -> tuple[Arm, ...]:
        """The list's arms, or the one of a filter that narrows; none if it finds them by itself."""
        filters = self.listing.filters
        narrowing = [name for name in sorted(self.given) if filters[_plain(name)].narrows]
        arms = [filters[_plain(name)].arm(name) for name in narrowing]
        if not arms:
            return self.listing.arms
        return () if None in arms else tuple(arm for arm in arms[:1] if arm is not None)

    @property
    def limit(self) -> ColumnElement[int]:
        """One row more than asked for: it tells whether there is a next page."""
        return parameter("limit", BigInteger()) + 1

    def keys(self, row: Any, part: Part | None = None) -> list[ColumnElement[Any]]:
        """The columns of the order, as they are in a part of the rows."""
        return [key(row, self.me) for key in (self.listing if part is None else part).order]

    def ordered(self, keys: Sequence[ColumnElement[Any]]) -> list[ColumnElement[Any]]:
        """The keys in the list's direction."""
        return [key.desc() if self.listing.descending else key.asc() for key in keys]

    def rows(self) -> Any:
        """Where the page is taken from: the table, or the first rows that each arm finds."""
        entity = self.listing.shape.entity
        if self.listing.pieces:
            pieces = union_all(*map(self._piece, self.listing.pieces))
            return aliased(entity, pieces.subquery("pieces"))
        if not self.arms:
            return aliased(entity)
        nearest = [arm for arm in self.arms if not arm.searches]
        further = [arm for arm in self.arms if arm.searches]
        if nearest and further:
            near = self._found(nearest).cte("nearest")
            last = self._last_of_a_page(near)
            rows = union_all(select(*near.c), self._found(further, last))
            rows = rows.add_cte(near, last, nest_here=True)
        else:
            rows = self._found(self.arms)
        row = aliased(entity, rows.subquery("found_by_arms"))
        once = select(*_every_column(entity, row)).ext(distinct_on(*self.keys(row)))
        return aliased(entity, once.subquery("once"))

    def _piece(self, piece: Piece) -> Select[Any]:
        """Of one piece what is wanted: no more than a page, where it is in order."""
        row = aliased(self.listing.shape.entity, piece.rows.alias())
        wanted = select(*_every_column(self.listing.shape.entity, row)).where(*self._wanted(row))
        if piece.order:
            order = [key(row, self.me) for key in piece.order]
            wanted = wanted.order_by(*self.ordered(order)).limit(self.limit)
        # Of this statement is the piece alone: who calls stands outside.
        return select(*wanted.correlate_except(row).subquery().c)

    def _found(self, arms: Iterable[Arm], last: CTE | None = None) -> CompoundSelect[Any]:
        """The first rows that each arm finds, none of them after the `last` key of a page."""
        # Every arm asks the same of a row: the words for it are put together once.
        entity = self.listing.shape.entity
        row = aliased(entity)
        columns = _every_column(entity, row)
        return union_all(
            *(
                self._found_by(arm, row, columns, wanted, self.keys(row, part))
                for part in self.listing.parts or (None,)
                for wanted in [self._wanted(row, part) + self._up_to(last, row, part)]
                for arm in arms
            )
        )

    def _last_of_a_page(self, near: CTE) -> CTE:
        """The key of the last row of a page, where the rows near by fill one by themselves."""
        keys = self.keys(aliased(self.listing.shape.entity, near))
        named = [key.label(f"k{n}") for n, key in enumerate(keys)]
        found = select(*named).distinct().order_by(*self.ordered(named)).limit(1)
        page = found.offset(parameter("limit", BigInteger())).subquery("page")
        ends = [func.coalesce(key, self._end(key.type)).label(name) for name, key in page.c.items()]
        always = select(literal(1)).subquery("always")
        return select(*ends).select_from(always.outerjoin(page, true())).cte("last")

    def _end(self, type_: TypeEngine[Any]) -> ColumnElement[Any]:
        """What no key of a type comes after in the list's direction: where no page is full."""
        first, last = _ENDS[type(type_)]
        return cast(literal_column(f"'{first if self.listing.descending else last}'"), type_)

    def _up_to(self, last: CTE | None, row: Any, part: Part | None) -> list[ColumnElement[bool]]:
        if last is None:
            return []
        here = tuple_(*self.keys(row, part))
        there = tuple_(*(select(each).scalar_subquery() for each in last.c))
        # Known to leak nothing, it is asked before the policies, or of an index.
        return [here >= there if self.listing.descending else here <= there]

    def remaining(self, row: Any) -> list[ColumnElement[bool]]:
        """The conditions that those rows must still meet."""
        return [] if self.arms or self.listing.pieces else self._wanted(row)

    def _found_by(
        self,
        arm: Arm,
        row: Any,
        columns: list[ColumnElement[Any]],
        wanted: list[ColumnElement[bool]],
        keys: list[ColumnElement[Any]],
    ) -> Select[Any]:
        gate = [] if arm.gate is None else [arm.gate(self.me)]
        page = (
            select(*columns).where(*gate, *wanted).order_by(*self.ordered(keys)).limit(self.limit)
        )
        values_of_arm = arm.looked_up(self.me)
        if values_of_arm is None:
            first: Any = page.correlate_except(row).subquery()
            return select(*first.c)
        values = values_of_arm.correlate(self.me_context).subquery("values")
        page = page.where(getattr(row, arm.column) == values.c.value)
        first = page.correlate_except(row).lateral()
        return select(*first.c).select_from(values).join(first, literal(True))

    def _wanted(self, row: Any, part: Part | None = None) -> list[ColumnElement[bool]]:
        """The guard, the part, what the caller may see, the filters and where to go on from."""
        wanted = [] if part is None else [part.holds(row, self.me)]
        wanted += [let_in(self.me_context), self.listing.visible(row, self.me)]
        for name in sorted(self.given):
            filtered = self.listing.filters[_plain(name)]
            kept = filtered.keeps(row, _value_of(filtered, name), self.me)
            wanted.append(not_(kept) if name.startswith("!") else kept)
        if self.after:
            keys = self.keys(row, part)
            last = [parameter(f"after_{n}", key.type) for n, key in enumerate(keys)]
            here, there = tuple_(*keys), tuple_(*last)
            wanted.append(here < there if self.listing.descending else here > there)
        return wanted


_ENDS: Final[Mapping[type[TypeEngine[Any]], tuple[str, str]]] = {
    Uuid: (str(UUID(int=0)), str(UUID(int=2**128 - 1))),
    Date: ("-infinity", "infinity"),
    DateTime: ("-infinity", "infinity"),
}
"""The first and the last value of each type that is a key."""


def _plain(name: str) -> str:
    return name.lstrip("!+")


def _value_of(filtered: Filter, name: str) -> ColumnElement[Any] | None:
    """What a filter compares with: one value, or any of several."""
    if filtered.type is None:
        return None
    # A name of its own: a filter may be called like something of the caller's (`subject`).
    given = f"given_{_plain(name)}"
    if name.startswith("+"):
        several: ColumnElement[Any] = any_(parameter(given, ARRAY(filtered.type)))
        return several
    return parameter(given, filtered.type)


def _every_column(entity: type[Base], row: Any) -> list[ColumnElement[Any]]:
    return [getattr(row, name) for name in columns_of(entity)]
