"""A page of a list as a table: CSV (RFC 4180) of what the list shows, for a spreadsheet."""

import csv
from collections.abc import Iterable, Iterator
from functools import cache
from io import StringIO
from typing import Any, Final, get_args

import orjson
from pydantic import BaseModel

from qa_api.http.accept import preferred
from qa_api.problems import Problem
from qa_api.values.pages import ListForm
from qa_api.values.table_cells import cell

_JSON: Final = "application/json"
CSV: Final = "text/csv"
_TABLE: Final = {"schema": {"type": "string", "maxLength": 10_000_000}}
AS_TABLE: Final[dict[int | str, dict[str, Any]]] = {200: {"content": {CSV: _TABLE}}}
"""``responses=AS_TABLE``: a list that can be asked for as CSV too."""

_BETWEEN: Final = "; "


def form_asked(form: ListForm | None, accept: str | None) -> ListForm:
    """The form of the answer: the one named, else CSV where Accept would rather have it."""
    if form is not None:
        return form
    try:
        return ListForm.CSV if preferred(accept, (_JSON, CSV)) == CSV else ListForm.JSON
    except Problem:
        return ListForm.JSON  # as before there was another form: who accepts neither gets JSON


def table(schema: type[BaseModel], rows: Iterable[str]) -> str:
    """Rows as lines below the names of the columns; `rows` are the JSON that the list shows."""
    columns = _columns(schema)
    text = StringIO()
    lines = csv.writer(text)
    lines.writerow("_".join(path) for path in columns)
    lines.writerows([_at(row, path) for path in columns] for row in map(orjson.loads, rows))
    return text.getvalue()


@cache
def _columns(schema: type[BaseModel]) -> tuple[tuple[str, ...], ...]:
    return tuple(_paths(schema))


def _paths(schema: type[BaseModel]) -> Iterator[tuple[str, ...]]:
    """Where in a row each column stands; what is nested has a column for each of its fields."""
    for name, field in schema.model_fields.items():
        called = field.alias or name
        kinds = [field.annotation, *get_args(field.annotation)]
        nested = [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)]
        if nested:
            yield from ((called, *path) for path in _columns(nested[0]))
        else:
            yield (called,)


def _at(row: Any, path: tuple[str, ...]) -> str:
    for name in path:
        row = None if row is None else row[name]
    if isinstance(row, list):
        return _BETWEEN.join(map(cell, row))
    return cell(row)
