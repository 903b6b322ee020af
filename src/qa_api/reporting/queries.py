"""The statements behind a dataset: all of its rows, or what became of them since a snapshot.

A transaction is known by its id, and a snapshot says which transactions were complete when it was
taken. So a change is sent once and exactly once: it belongs to the first pull whose snapshot saw it
and to no later one, in whatever order transactions were begun and committed (ADR 11).
"""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Date,
    DateTime,
    Select,
    Text,
    Uuid,
    and_,
    case,
    cast,
    false,
    func,
    insert,
    literal,
    not_,
    select,
    true,
    tuple_,
    union,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSON, JSONB
from sqlalchemy.types import UserDefinedType

from qa_api.db import Prepared, parameter
from qa_api.models.access import AccessLog
from qa_api.models.aliases import aliased
from qa_api.models.reporting import DatasetDeparture
from qa_api.reads.shapes import written_instant
from qa_api.reads.statements import Statements
from qa_api.reporting.columns import LONDON, Column, Dataset, Kind, LondonDate
from qa_api.rules.unchanging import Unchanging


class PgSnapshot(UserDefinedType[str]):
    """PostgreSQL's record of which transactions were complete at a moment."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        """The name of the type."""
        return "pg_snapshot"


class Selected(Unchanging):
    """Which part of a dataset a statement returns; each is compiled once.

    `until`: nothing that a given snapshot did not see. `after`: from a given row on.
    """

    changes: bool
    until: bool
    after: bool
    dated_from: bool
    dated_to: bool


class Copied(Unchanging):
    """Which rows of a dataset are copied out: all, or those between two dates."""

    dated_from: bool
    dated_to: bool
    cells: bool
    """Cell by cell, for a table; else as JSON."""


def _rows_of(dataset: Dataset, part: Selected) -> Prepared:
    """`id`, `body`, `subject_id` and the keys `k0`, `k1` of the order, `limit` rows of them.

    A row without a body is a tombstone. Parameters: `limit`, `shows_references`, and as the part
    has them `since`, `until`, `after_0` and so on, `from`, `to`.
    """
    return Prepared.of(_changes(dataset, part) if part.changes else _everything(dataset, part))


ROWS: Final = Statements(_rows_of, most=2048)
"""The statements of each part of each dataset that was asked for."""


def _everything(dataset: Dataset, part: Selected) -> Select[Any]:
    row = aliased(dataset.entity)
    key = [getattr(row, name) for name in dataset.key]
    kept = [dataset.shown(row), *_dated(dataset, row, part)]
    if part.until:
        kept.append(_settled(dataset, row))
    subject_id = _subject_id(dataset, row).label("subject_id")
    keys = (part_.label(f"k{n}") for n, part_ in enumerate(key))
    body = body_of(dataset, row).label("body")
    shown = [dataset.row_id(row).label("id"), body, subject_id, *keys]
    return (
        select(*shown)
        .where(*kept, *_after(key, part))
        .order_by(*key)
        .limit(parameter("limit", BigInteger()))
    )


def _copied(dataset: Dataset, part: Copied) -> Prepared:
    """Every row as it is copied out: our id of the subject is where its pseudonym is to stand.

    Parameters: `shows_references`, and as the part has them `from` and `to`.
    """
    row = aliased(dataset.entity)
    key = [getattr(row, name) for name in dataset.key]
    values = [*map(_where_it_is_london, values_of(dataset, row))]
    shown = _cells(dataset, values) if part.cells else [json_of(dataset, values)]
    kept = [dataset.shown(row), *_dated(dataset, row, part)]
    return Prepared.of(select(*shown).select_from(row).where(*kept).order_by(*key))


COPIES: Final = Statements(_copied, most=512)
"""The statements that copy datasets out, in a transaction whose time zone is London's."""


def settings_of(part: Copied) -> str:
    """What the transaction of such a copy is told first.

    PostgreSQL takes one core: with parallel workers it is no sooner done.
    """
    settings = f"SET LOCAL max_parallel_workers_per_gather = 0; SET LOCAL timezone = '{LONDON}'"
    if part.dated_from or part.dated_to:
        return settings
    # Sorted, all rows would be made before the first goes out, also those nobody reads.
    return f"{settings}; SET LOCAL enable_sort = off"


def _where_it_is_london(value: ColumnElement[Any]) -> ColumnElement[Any]:
    return value.where_it_is_london if isinstance(value, LondonDate) else value


def _changes(dataset: Dataset, part: Selected) -> Select[Any]:
    found = union_all(_changed(dataset, part), _departed(dataset, part)).subquery("found")
    key = [found.c.id]
    return (
        select(found.c.id, found.c.body, found.c.subject_id, found.c.id.label("k0"))
        .where(*_after(key, part))
        .order_by(*key)
        .limit(parameter("limit", BigInteger()))
    )


def _changed(dataset: Dataset, part: Selected) -> Select[Any]:
    """The rows that changed, and what they say now; a tombstone of what has another date now."""
    row = aliased(dataset.entity)
    in_range = and_(literal(True), *_dated(dataset, row, part))
    key = tuple_(*(getattr(row, name) for name in dataset.key))
    kept = [key.in_(_touched(dataset)), dataset.shown(row)]
    if part.until:
        kept.append(_settled(dataset, row))
    return select(
        dataset.row_id(row).label("id"),
        case((in_range, body_of(dataset, row))).label("body"),
        case((in_range, _subject_id(dataset, row))).label("subject_id"),
    ).where(*kept)


def _touched(dataset: Dataset) -> Any:
    """The keys of rows that were written since, or that name something renamed since."""

    def keys(row: Any) -> Select[Any]:
        return select(*(getattr(row, name) for name in dataset.key))

    row = aliased(dataset.entity)
    touched = [keys(row).where(*_since(row.changed_xid))]
    for name in dataset.named:
        row = aliased(dataset.entity)
        renamed = aliased(name.entity)
        codes = select(getattr(renamed, name.key)).where(*_since(renamed.named_xid))
        touched.append(keys(row).where(getattr(row, name.attribute).in_(codes)))
    return union(*touched) if len(touched) > 1 else touched[0]


def _departed(dataset: Dataset, part: Selected) -> Select[Any]:
    """The rows that left the dataset and have not come back."""
    gone = aliased(DatasetDeparture)
    row = aliased(dataset.entity)
    same = (
        getattr(row, name) == cast(gone.key[n], getattr(row, name).type)
        for n, name in enumerate(dataset.key, start=1)
    )
    # Looked up for each: as an anti-join it would be planned over the whole table.
    back = select(literal(1)).select_from(row).where(*same, dataset.shown(row)).limit(1)
    is_gone = back.correlate(gone).scalar_subquery().is_(None)
    kept = [gone.dataset == dataset.name, *_since(gone.left_xid), is_gone]
    if part.until:
        kept.append(_seen(gone.left_xid, "until"))
    return select(gone.id, cast(None, Text), cast(None, Uuid)).where(*kept)


def _since(stamp: ColumnElement[Any]) -> Sequence[ColumnElement[bool]]:
    # The second says it all; the first is what an index can find.
    first = func.pg_snapshot_xmin(_snapshot("since"))
    return stamp >= first, not_(_seen(stamp, "since"))


def _settled(dataset: Dataset, row: Any) -> ColumnElement[bool]:
    """Nothing about the row is newer than the snapshot; newer changes come in the next round."""
    names = (func.coalesce(_seen(name.stamp(row), "until"), True) for name in dataset.named)
    return and_(_seen(row.changed_xid, "until"), *names)


def _seen(stamp: ColumnElement[Any], snapshot: str) -> ColumnElement[bool]:
    return func.pg_visible_in_snapshot(stamp, _snapshot(snapshot), type_=Boolean)


def _snapshot(name: str) -> ColumnElement[Any]:
    return cast(parameter(name, Text()), PgSnapshot())


def _dated(dataset: Dataset, row: Any, part: Selected | Copied) -> Sequence[ColumnElement[bool]]:
    kept: list[ColumnElement[bool]] = []
    if part.dated_from:
        kept.append(dataset.business_date(row) >= parameter("from", Date()))
    if part.dated_to:
        kept.append(dataset.business_date(row) < parameter("to", Date()))
    return kept


def _after(key: Sequence[ColumnElement[Any]], part: Selected) -> Sequence[ColumnElement[bool]]:
    if not part.after:
        return ()
    last = tuple_(*(parameter(f"after_{n}", one.type) for n, one in enumerate(key)))
    return (tuple_(*key) > last,)


def body_of(dataset: Dataset, row: Any) -> ColumnElement[str]:
    """The row as JSON text, every column in its order."""
    return json_of(dataset, [as_json(column, row) for column in dataset.columns])


def values_of(dataset: Dataset, row: Any) -> list[ColumnElement[Any]]:
    """Every column of many rows in its order, with our id of the subject for its pseudonym."""
    values = []
    for column in dataset.columns:
        if column.kind is Kind.PSEUDONYM:
            value = _subject_id(dataset, row)
        elif column.kind is Kind.LABEL and column.named:
            value = column.named.label_among_all(row)
        else:
            value = as_json(column, row)
        values.append(value)
    return values


def json_of(dataset: Dataset, values: Sequence[ColumnElement[Any]]) -> ColumnElement[str]:
    """Values of a row as one JSON text."""
    named = zip(values, dataset.columns, strict=True)
    fields = select(*(value.label(column.name) for value, column in named))
    whole = fields.correlate_except().subquery("fields")
    text = cast(func.row_to_json(whole.table_valued(), type_=JSON), Text)
    return select(text).select_from(whole).scalar_subquery()


def _cells(dataset: Dataset, values: Sequence[ColumnElement[Any]]) -> list[ColumnElement[Any]]:
    """Values of a row as the cells of a table. COPY itself would write booleans as t and f."""
    kinds = (column.kind for column in dataset.columns)
    return [
        (_in_letters(value) if kind is Kind.BOOLEAN else value).label(f"c{n}")
        for n, (kind, value) in enumerate(zip(kinds, values, strict=True))
    ]


def _in_letters(value: ColumnElement[Any]) -> ColumnElement[Any]:
    """A boolean as text. A cast would make the text anew for each row."""
    return case((true(), "true"), (false(), "false"), value=value)


def as_json(column: Column, row: Any) -> ColumnElement[Any]:
    value = column.value(row)
    if column.kind is Kind.INSTANT or isinstance(value.type, DateTime):
        return written_instant(value)
    return value


def _subject_id(dataset: Dataset, row: Any) -> ColumnElement[Any]:
    return row.subject_id if dataset.about_subjects else cast(None, Uuid)


ACCESS_LINE = Prepared.of(
    insert(AccessLog).values(
        id=parameter("id", Uuid()),
        at=parameter("now", DateTime(timezone=True)),
        principal_id=parameter("principal_id", Uuid()),
        correlation_id=parameter("correlation_id", Text()),
        operation=parameter("operation", Text()),
        # As text: the driver asks of each member of a list whether that is one.
        subject_ids=cast(parameter("subject_ids", Text()), ARRAY(Uuid)),
        purpose=parameter("purpose", Text()),
        detail=parameter("detail", JSONB()),
    )
)
"""One line for each batch of rows about subjects: what was read, and whom it shows."""

SNAPSHOT = """
SELECT current_stamps()::text AS seen, restore_is_untold() AS untold,
       (SELECT id::text FROM epochs ORDER BY number DESC LIMIT 1) AS epoch
"""
"""Which transactions are complete, and whether what was restored lies beyond all of them."""

SNAPSHOT_OF_REPLICA = """
SELECT concat(stamp_of($1::text::xid8), ':', stamp_of($2::text::xid8), ':',
              (SELECT string_agg(stamp_of(xid::text::xid8)::text, ',' ORDER BY xid)
               FROM unnest($3::bigint[]) AS xid)) AS seen, restore_is_untold() AS untold,
       (SELECT id::text FROM epochs ORDER BY number DESC LIMIT 1) AS epoch
"""
"""The same on a replica, where the snapshot is told by its ends and the transactions still open."""

LEFT_SINCE = """
SELECT EXISTS (SELECT FROM dataset_departures WHERE dataset = $1
    AND left_xid >= pg_snapshot_xmin($2::text::pg_snapshot)
    AND NOT pg_visible_in_snapshot(left_xid, $2::text::pg_snapshot))
"""
"""Whether a row has left a dataset since a snapshot: it was restricted, or recorded in error."""
