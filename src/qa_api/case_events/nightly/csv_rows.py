"""Reading one row after another of a CSV file whose comments may be long."""

import csv
from collections.abc import Iterator
from typing import Final

LONGEST_FIELD: Final = 2**22
"""Characters of a field; a comment in a column that is not read may be long."""


class NoRow(Exception):
    """What stands there is no row; the words say why."""


def next_row(rows: Iterator[list[str]]) -> list[str] | None:
    """The next row of a `csv.reader`; None at the end. Raises `NoRow`.

    The limit of a field is the whole process's, so it is put back each time.
    """
    before = csv.field_size_limit(LONGEST_FIELD)
    try:
        return next(rows, None)
    except csv.Error as wrong:
        raise NoRow(_TOO_LONG if "field limit" in str(wrong) else _QUOTES) from None
    finally:
        csv.field_size_limit(before)


_TOO_LONG: Final = (
    f"a field has more than {LONGEST_FIELD:,} characters, or its quotes do not match."
)
_QUOTES: Final = "its quotes do not match, or the file was cut off."
