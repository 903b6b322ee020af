"""Rows as they go out: JSON objects one by one, or lines of a table."""

from functools import cache
from typing import Any, Final

import orjson

from qa_api.reporting.columns import Dataset
from qa_api.reporting.copying import Copying
from qa_api.reporting.forms import DatasetForm
from qa_api.reporting.pseudonyms import Pseudonyms
from qa_api.reporting.sources import Batch
from qa_api.rules.unchanging import Unchanging
from qa_api.values.table_cells import cell

END: Final = "#end"
"""Stands in the first column of the line that ends a table, where such a line is asked for."""

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
        return form.mark + form.table([[column.name for column in self.dataset.columns]])

    def copying(self, form: DatasetForm) -> Copying:
        """How all rows are copied out as lines of a file."""
        return Copying(self.dataset, form, self.pseudonyms.written)

    def rows(self, batch: Batch, form: DatasetForm) -> str:
        """Rows as lines of a file, those of changes too."""
        if not form.is_table:
            return "".join(self.row(row) + "\n" for row in batch.rows)
        names = [column.name for column in self.dataset.columns]
        rows = (orjson.loads(self.row(row)) for row in batch.rows)
        return form.table([cell(row[name]) for name in names] for row in rows)

    def last_line(self, rows: int, token: str, form: DatasetForm) -> str:
        """How many rows went before, and the token for what follows; in a table as wide as it."""
        if not form.is_table:
            last = {"end_of": self.dataset.name, "rows": rows, "changes_token": token}
            return orjson.dumps(last).decode() + "\n"
        padding = [""] * (len(self.dataset.columns) - 3)
        return form.table([[END, str(rows), token, *padding]])


_NO_ID: Final = "00000000-0000-0000-0000-000000000000"


@cache
def _tombstone(dataset: Dataset) -> str:
    row: dict[str, object] = {column.name: None for column in dataset.columns}
    return orjson.dumps(row | {"id": _NO_ID, "is_deleted": True}).decode()
