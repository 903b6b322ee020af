"""A read is one statement that returns the document (ADR 3).

The read schema declares the shape once. `Shape` walks it beside the model and builds a select of
exactly its fields: a column where the names agree, a nested list where a relationship has the
field's name, or an expression that the domain gives. PostgreSQL writes the JSON; the bytes pass
straight through. In front of it stands the caller's context, behind it the line of the access log,
all in the same statement.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from functools import cache
from typing import Any, Final

from pydantic import BaseModel
from sqlalchemy import (
    CTE,
    UUID,
    BigInteger,
    ColumnElement,
    DateTime,
    Select,
    Text,
    and_,
    case,
    cast,
    func,
    inspect,
    literal,
    not_,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.dialects.postgresql import JSON, distinct_on
from sqlalchemy.orm import RelationshipProperty

from qa_api.auth.actor import Me, context
from qa_api.auth.reach import Arm
from qa_api.db import Prepared, parameter
from qa_api.http.access_lines import access_line, asked_why, unless_refused
from qa_api.http.statements import Statements
from qa_api.models.aliases import aliased, columns_of
from qa_api.models.base import Base
from qa_api.rules.unchanging import Unchanging

Expression = Callable[[Any, Me], ColumnElement[Any]]
"""A column computed from a row (an aliased entity) for the caller."""


Predicate = Callable[[Any, Me], ColumnElement[bool]]

_UTC = 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'


def written_instant(instant: ColumnElement[Any]) -> ColumnElement[Any]:
    """An instant as the contract writes it: UTC with `Z`."""
    return func.to_char(func.timezone("UTC", instant), _UTC)


class Shape(Unchanging, eq=False):
    """A read schema beside the model it is read from."""

    schema: type[BaseModel]
    entity: type[Base]
    parts: Mapping[str, "Expression | Shape"] = field(default_factory=dict)
    """The fields that are no plain column: an expression, or the shape of a nested schema."""
    shown: Predicate | None = None
    """Of a nested shape: for which parents the caller may see it; else `[]` or null."""
    kept: Predicate | None = None
    """Of a nested shape: which of the related rows are in the list; None is all of them."""

    def columns(self, row: Any, me: Me) -> list[ColumnElement[Any]]:
        """Each field of the schema as a labelled column of `row`."""
        mapper = inspect(self.entity)
        columns: list[ColumnElement[Any]] = []
        for name, described in self.schema.model_fields.items():
            part = self.parts.get(name)
            if callable(part):
                value = part(row, me)
            elif name in mapper.relationships:
                value = _nested(mapper.relationships[name], part or self._of(name), row, me)
            else:
                value = getattr(row, name)
            if isinstance(value.type, DateTime):
                value = written_instant(value)
            columns.append(value.label(described.alias or name))
        return columns

    def _of(self, name: str) -> "Shape":
        annotation: Any = self.schema.model_fields[name].annotation
        while not isinstance(annotation, type):
            annotation = next(a for a in annotation.__args__ if a is not type(None))
        return Shape(annotation, inspect(self.entity).mapper.relationships[name].entity.class_)


def _nested(
    relationship: RelationshipProperty[Any], shape: Shape, parent: Any, me: Me
) -> ColumnElement[Any]:
    """The related rows as a JSON list, in the relationship's order, or the one related row."""
    child = aliased(shape.entity)
    joined: list[ColumnElement[bool]] = [
        getattr(child, str(remote.key)) == getattr(parent, str(local.key))
        for local, remote in relationship.local_remote_pairs or ()
    ]
    if shape.kept:
        joined.append(shape.kept(child, me))
    order = [getattr(child, str(column.key)) for column in relationship.order_by or ()]
    found = select(*shape.columns(child, me)).where(*joined).order_by(*order)
    rows = found.correlate_except(child).subquery()
    row = rows.table_valued()
    if relationship.uselist:
        nothing = cast(literal("[]", Text), JSON)
        related = select(func.coalesce(func.json_agg(row, type_=JSON), nothing))
    else:
        nothing = cast(None, JSON)
        related = select(func.row_to_json(row, type_=JSON))
    value = related.select_from(rows).scalar_subquery()
    return case((shape.shown(parent, me), value), else_=nothing) if shape.shown else value


def _text_of(shape: Shape, row: Any, me: Me) -> ColumnElement[str]:
    fields = select(*shape.columns(row, me)).correlate_except().subquery()
    whole = func.row_to_json(fields.table_valued(), type_=JSON)
    return select(cast(whole, Text)).select_from(fields).scalar_subquery()


class Document(Unchanging, eq=False):
    """One resource as a statement. `visible` is the first lock: what the caller may see at all."""

    shape: Shape
    visible: Predicate
    key: tuple[str, ...] = ("id",)
    """The attributes that find it; each is a parameter of the same name."""
    version: str | None = "version"
    subject: str | None = None
    """The attribute that holds the subject's id, where reading it goes into the access log."""
    subjects: Expression | None = None
    """Where it names several subjects: their ids, as an array."""

    @property
    def logged(self) -> bool:
        """Whether reading it leaves a line in the access log."""
        return self.subject is not None or self.subjects is not None

    def prepared(self) -> Prepared:
        """Compiled once: `version` and `body` of the one row, or no row."""
        return _DOCUMENTS.now(self)

    async def ready(self, *, why: bool = False) -> Prepared:
        """The same; others are answered while it is compiled.

        `why`: outside the caller's own work it takes a purpose. Without one `refused` is true of
        the row, which then has no body, and leaves no line.
        """
        return await (_DOCUMENTS.beside(self, why=True) if why else _DOCUMENTS.beside(self))


def _prepared_document(document: "Document", why: bool = False) -> Prepared:
    me_context = _context()
    me = Me.in_context(me_context)
    row = aliased(document.shape.entity)
    version = getattr(row, document.version) if document.version else literal(1)
    found = (
        select(
            version.label("version"),
            _subject(row, document.subject).label("subject_id"),
            _text_of(document.shape, row, me).label("body"),
        )
        .where(_let_in(me_context), document.visible(row, me))
        .where(
            *(
                getattr(row, name) == parameter(name, getattr(row, name).type)
                for name in document.key
            )
        )
    )
    if document.subjects is not None:
        found = found.add_columns(document.subjects(row, me).label("subject_ids"))
    shown = _shown(me_context, row, found)
    statement = select(shown.c.version, shown.c.body)
    if why:
        verdict = asked_why(me, shown, None)
        statement = select(shown.c.version, *unless_refused(shown.c.body, verdict))
        statement = statement.add_cte(access_line(me, shown, None, verdict))
    elif document.logged:
        statement = statement.add_cte(access_line(me, shown, None))
    return Prepared.of(statement)


class Filter(Unchanging, eq=False):
    """A query parameter of a list and the rows it keeps."""

    keeps: Callable[[Any, Any, Me], ColumnElement[bool]]
    """From the row, the parameter and the caller to a condition."""
    type: Any = field(default_factory=Text)
    """The parameter's SQL type; None for a flag, which switches its condition on or round."""
    narrows: bool = False
    """Whether an index finds its rows, and few enough to look at each."""


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
    own_work: bool = False
    """Whether all that it shows is the caller's own work by what it is: it takes no purpose."""

    @property
    def logged(self) -> bool:
        """Whether reading it leaves a line in the access log."""
        return self.subject is not None or self.subjects is not None

    def prepared(self, given: frozenset[str], *, after: bool) -> Prepared:
        """Compiled once for each set of filters given (`!` before a flag set to false).

        Its parameters are `given_` and a filter's name, `after_0` and so on, and `limit`; its rows
        are `body` and the keys `k0`, `k1` of the order.
        """
        return _LISTINGS.now(self, given, after)

    async def ready(self, given: frozenset[str], *, after: bool, why: bool = False) -> Prepared:
        """The same; others are answered while it is compiled. `why` as for a document."""
        if why:
            return await _LISTINGS.beside(self, given, after, why=True)
        return await _LISTINGS.beside(self, given, after)


def _prepared_listing(
    listing: "Listing", given: frozenset[str], after: bool, why: bool = False
) -> Prepared:
    me_context = _context()
    me = Me.in_context(me_context)
    search = _Search(listing, me_context, me, given, after)
    row = search.rows()
    keys = search.keys(row)
    page = (
        select(
            _subject(row, listing.subject).label("subject_id"),
            _text_of(listing.shape, row, me).label("body"),
            *(key.label(f"k{n}") for n, key in enumerate(keys)),
        )
        .where(*search.remaining(row))
        .order_by(*search.ordered(keys))
        .limit(search.limit)
    )
    if listing.subjects is not None:
        page = page.add_columns(listing.subjects(row, me).label("subject_ids"))
    shown = _shown(me_context, row, page)
    in_order = [shown.c[f"k{n}"] for n in range(len(keys))]
    statement, limit = select(shown.c.body, *in_order), parameter("limit", BigInteger())
    if why:
        verdict = asked_why(me, shown, limit)
        body, refused = unless_refused(shown.c.body, verdict)
        statement = select(body, *in_order, refused)
        statement = statement.add_cte(access_line(me, shown, limit, verdict))
    elif listing.logged:
        statement = statement.add_cte(access_line(me, shown, limit))
    return Prepared.of(statement)


_DOCUMENTS: Final = Statements(_prepared_document, most=1024)
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
        """The list's arms; none where a filter finds the rows by itself, which costs less."""
        filters = self.listing.filters
        narrowed = any(name in filters and filters[name].narrows for name in self.given)
        return () if narrowed else self.listing.arms

    @property
    def limit(self) -> ColumnElement[int]:
        """One row more than asked for: it tells whether there is a next page."""
        return parameter("limit", BigInteger()) + 1

    def keys(self, row: Any) -> list[ColumnElement[Any]]:
        """The columns of the order."""
        return [key(row, self.me) for key in self.listing.order]

    def ordered(self, keys: list[ColumnElement[Any]]) -> list[ColumnElement[Any]]:
        """The keys in the list's direction."""
        return [key.desc() if self.listing.descending else key.asc() for key in keys]

    def rows(self) -> Any:
        """Where the page is taken from: the table, or the first rows that each arm finds."""
        entity = self.listing.shape.entity
        if not self.arms:
            return aliased(entity)
        # Every arm asks the same of a row: the words for it are put together once.
        row = aliased(entity)
        columns, wanted = _every_column(entity, row), self._wanted(row)
        found = union_all(*(self._found_by(arm, row, columns, wanted) for arm in self.arms))
        row = aliased(entity, found.subquery("found_by_arms"))
        once = select(*_every_column(entity, row)).ext(distinct_on(*self.keys(row)))
        return aliased(entity, once.subquery("once"))

    def remaining(self, row: Any) -> list[ColumnElement[bool]]:
        """What is still to be asked of those rows."""
        return [] if self.arms else self._wanted(row)

    def _found_by(
        self,
        arm: Arm,
        row: Any,
        columns: list[ColumnElement[Any]],
        wanted: list[ColumnElement[bool]],
    ) -> Select[Any]:
        gate = [] if arm.gate is None else [arm.gate(self.me)]
        page = (
            select(*columns)
            .where(*gate, *wanted)
            .order_by(*self.ordered(self.keys(row)))
            .limit(self.limit)
        )
        if arm.values is None:
            first: Any = page.correlate_except(row).subquery()
            return select(*first.c)
        values = arm.values(self.me).correlate(self.me_context).subquery("values")
        page = page.where(getattr(row, arm.column) == values.c.value)
        first = page.correlate_except(row).lateral()
        return select(*first.c).select_from(values).join(first, literal(True))

    def _wanted(self, row: Any) -> list[ColumnElement[bool]]:
        """The guard, what the caller may see, the filters and the place to go on from."""
        wanted = [_let_in(self.me_context), self.listing.visible(row, self.me)]
        for name in sorted(self.given):
            filtered = self.listing.filters[name.removeprefix("!")]
            # A name of its own: a filter may be called like something of the caller's (`subject`).
            value = None if filtered.type is None else parameter(f"given_{name}", filtered.type)
            kept = filtered.keeps(row, value, self.me)
            wanted.append(not_(kept) if name.startswith("!") else kept)
        if self.after:
            keys = self.keys(row)
            last = [parameter(f"after_{n}", key.type) for n, key in enumerate(keys)]
            here, there = tuple_(*keys), tuple_(*last)
            wanted.append(here < there if self.listing.descending else here > there)
        return wanted


def _every_column(entity: type[Base], row: Any) -> list[ColumnElement[Any]]:
    return [getattr(row, name) for name in columns_of(entity)]


@cache
def _context() -> CTE:
    """Who calls: the same words in front of every read."""
    return context().cte("me").prefix_with("MATERIALIZED")


def _let_in(me_context: CTE) -> ColumnElement[bool]:
    # The guard must have been computed before a row is scanned: that sets the policies' context.
    return and_(me_context.c.permitted, me_context.c.guard.is_not(None))


def _subject(row: Any, attribute: str | None) -> ColumnElement[Any]:
    return getattr(row, attribute) if attribute else cast(None, UUID)


def _shown(me_context: CTE, row: Any, found: Select[Any]) -> CTE:
    """The rows found, behind the context: the lateral join forces the order, OFFSET 0 keeps it."""
    rows = found.correlate_except(row).offset(literal(0)).lateral("found")
    return select(*rows.c).select_from(me_context.join(rows, literal(True))).cte("shown")


__all__: Sequence[str] = ("Document", "Expression", "Filter", "Listing", "Shape", "written_instant")
