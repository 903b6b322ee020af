"""Rows as they go out: JSON objects one by one, or lines of CSV.

A download ends with a line of its own that says how many rows went before it and carries the token
for the changes that follow. A file without it is not whole.
"""

import csv
from collections.abc import AsyncGenerator, Callable, Iterable
from functools import cache
from io import StringIO
from typing import Any, Final

import orjson

from qa_api.reporting.columns import Dataset
from qa_api.reporting.pseudonyms import Pseudonyms
from qa_api.reporting.pulling import Batch
from qa_api.reporting.snapshots import Snapshot
from qa_api.rules.unchanging import Unchanging

END: Final = "#end"
"""Stands in the first column of the line that ends a CSV file."""

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
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

    def lines(self, batch: Batch) -> str:
        """Rows as NDJSON."""
        return "".join(self.row(row) + "\n" for row in batch.rows)

    def end(self, rows: int, token: str) -> str:
        """The last line of NDJSON."""
        last = {"end_of": self.dataset.name, "rows": rows, "changes_token": token}
        return orjson.dumps(last).decode() + "\n"

    def header(self) -> str:
        """The first line of CSV."""
        return _csv([[column.name for column in self.dataset.columns]])

    def records(self, batch: Batch) -> str:
        """Rows as CSV."""
        names = [column.name for column in self.dataset.columns]
        rows = (orjson.loads(self.row(row)) for row in batch.rows)
        return _csv([_cell(row[name]) for name in names] for row in rows)

    def last_record(self, rows: int, token: str) -> str:
        """The last line of CSV, as wide as the others."""
        padding = [""] * (len(self.dataset.columns) - 3)
        return _csv([[END, str(rows), token, *padding]])

    async def ndjson(
        self, batches: AsyncGenerator[Batch], token: Callable[[Snapshot], str]
    ) -> AsyncGenerator[str]:
        """A whole download as NDJSON."""
        count = 0
        async for batch in batches:
            count += len(batch.rows)
            yield self.lines(batch)
        yield self.end(count, token(batch.seen))

    async def csv(
        self, batches: AsyncGenerator[Batch], token: Callable[[Snapshot], str]
    ) -> AsyncGenerator[str]:
        """A whole download as CSV (RFC 4180, UTF-8)."""
        count = 0
        async for batch in batches:
            yield (self.header() if count == 0 else "") + self.records(batch)
            count += len(batch.rows)
        yield self.last_record(count, token(batch.seen))


_NO_ID: Final = "00000000-0000-0000-0000-000000000000"


@cache
def _tombstone(dataset: Dataset) -> str:
    row: dict[str, object] = {column.name: None for column in dataset.columns}
    return orjson.dumps(row | {"id": _NO_ID, "is_deleted": True}).decode()


def _csv(records: Iterable[list[str]]) -> str:
    text = StringIO()
    csv.writer(text).writerows(records)
    return text.getvalue()


def _cell(value: object) -> str:
    """A value as a spreadsheet may open it: text that it would take for a formula is quoted."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f"'{value}" if value.startswith(_FORMULA) else value
    return str(value)
