"""Rows as they go out: JSON objects one by one, or lines of a table."""

import csv
from collections.abc import Iterable, Sequence
from functools import cache
from io import StringIO
from typing import Any, Final

import orjson

from qa_api.reporting.columns import Dataset, Kind
from qa_api.reporting.forms import DatasetForm
from qa_api.reporting.pseudonyms import Pseudonyms
from qa_api.reporting.pulling import Batch
from qa_api.rules.unchanging import Unchanging
from qa_api.values.table_cells import FORMULA, cell

END: Final = "#end"
"""Stands in the first column of the line that ends a table, where such a line is asked for."""

_TEXT: Final = frozenset({Kind.CODE, Kind.LABEL, Kind.REFERENCE})
_NO_PSEUDONYM: Final = '"subject":null'


class Writer(Unchanging):
    """Writes the rows of one dataset."""

    dataset: Dataset
    pseudonyms: Pseudonyms

    def row(self, row: Any) -> str:
        """One row as a JSON object; one without a body is a tombstone."""
        body: str | None = row["body"]
        if body is None:
            return _tombstone(self.dataset).replace(_NO_ID, str(row["id"]))
        if row["subject_id"] is None:
            return body
        # In the text itself: a quotation mark inside of a value would be escaped, so the first
        # place that reads like this is the column.
        pseudonym = f'"subject":"{self.pseudonyms.of(row["subject_id"])}"'
        return body.replace(_NO_PSEUDONYM, pseudonym, 1)

    def opening(self, form: DatasetForm) -> str:
        """What a file begins with: a table's names of columns (RFC 4180), else nothing."""
        if not form.is_table:
            return ""
        return form.mark + _table([[column.name for column in self.dataset.columns]], form)

    def rows(self, batch: Batch, form: DatasetForm) -> str:
        """Rows as lines of a file."""
        if not form.is_table:
            return "".join(self.row(row) + "\n" for row in batch.rows)
        if batch.rows and "body" not in batch.rows[0].keys():  # noqa: SIM118 - not a mapping
            return _table(map(self._cells, batch.rows), form)
        names = [column.name for column in self.dataset.columns]
        rows = (orjson.loads(self.row(row)) for row in batch.rows)
        return _table(([cell(row[name]) for name in names] for row in rows), form)

    def _cells(self, row: Any) -> list[str | None]:
        """A row of cells, as it is fetched for a table."""
        cells: list[str | None]
        subject_id, *cells = row
        if subject_id is not None:
            cells[_place_of_subject(self.dataset)] = self.pseudonyms.of(subject_id)
        for place in _places_of_text(self.dataset):
            text = cells[place]
            if text and text[0] in FORMULA:
                cells[place] = f"'{text}"
        return cells

    def last_line(self, rows: int, token: str, form: DatasetForm) -> str:
        """How many rows went before, and the token for what follows; in a table as wide as it."""
        if not form.is_table:
            last = {"end_of": self.dataset.name, "rows": rows, "changes_token": token}
            return orjson.dumps(last).decode() + "\n"
        padding = [""] * (len(self.dataset.columns) - 3)
        return _table([[END, str(rows), token, *padding]], form)


_NO_ID: Final = "00000000-0000-0000-0000-000000000000"


@cache
def _tombstone(dataset: Dataset) -> str:
    row: dict[str, object] = {column.name: None for column in dataset.columns}
    return orjson.dumps(row | {"id": _NO_ID, "is_deleted": True}).decode()


@cache
def _place_of_subject(dataset: Dataset) -> int:
    return [column.name for column in dataset.columns].index("subject")


@cache
def _places_of_text(dataset: Dataset) -> tuple[int, ...]:
    """Where there may be anything that somebody chose to write."""
    columns = enumerate(dataset.columns)
    return tuple(place for place, column in columns if column.kind in _TEXT)


def _table(records: Iterable[Sequence[str | None]], form: DatasetForm) -> str:
    text = StringIO()
    csv.writer(text, delimiter=form.separator).writerows(records)
    return text.getvalue()
