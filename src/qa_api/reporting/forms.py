"""The forms that the rows of a dataset come in."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from io import StringIO
from typing import Final


class DatasetForm(StrEnum):
    """How rows are written. All but JSON are downloads: one file, as at one moment."""

    JSON = "json"
    NDJSON = "ndjson"
    CSV = "csv"
    EXCEL = "excel"
    EXCEL_COMMA = "excel_comma"

    @property
    def media_type(self) -> str:
        """What the answer's Content-Type says."""
        return _MEDIA_TYPES.get(self, "text/csv")

    @property
    def suffix(self) -> str:
        """How a file of this form is called."""
        return self.value if self in _MEDIA_TYPES else "csv"

    @property
    def is_table(self) -> bool:
        """Whether its first line has the names of the columns."""
        return self not in _MEDIA_TYPES

    @property
    def separator(self) -> str:
        """What stands between two cells of a table."""
        return ";" if self is DatasetForm.EXCEL else ","

    @property
    def mark(self) -> str:
        """What a file begins with: a spreadsheet knows UTF-8 by the byte order mark alone."""
        return "\ufeff" if self in {DatasetForm.EXCEL, DatasetForm.EXCEL_COMMA} else ""

    def table(self, records: Iterable[Sequence[str | None]]) -> str:
        """Rows of cells as lines of a table (RFC 4180)."""
        text = StringIO()
        csv.writer(text, delimiter=self.separator).writerows(records)
        return text.getvalue()


_MEDIA_TYPES: Final[Mapping[DatasetForm, str]] = {
    DatasetForm.JSON: "application/json",
    DatasetForm.NDJSON: "application/x-ndjson",
}
BY_MEDIA_TYPE: Final = {
    form.media_type: form for form in (DatasetForm.JSON, DatasetForm.NDJSON, DatasetForm.CSV)
}
"""The forms that Accept can ask for; the others have a name alone."""
