"""Reading a caseload row by row: from NDJSON, from CSV, or from the body of a request.

A file is read to its end, whatever is wrong with it before: every fault is told by its line, never
with what stands there.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from typing import IO, Any, Final, NamedTuple

from pydantic import ValidationError

from qa_api.caseloads.schemas import ChildIn
from qa_api.problems import InputError, Problem
from qa_api.rules.unchanging import Unchanging
from qa_api.values.faults import in_our_words, is_field_name, place_of
from qa_api.values.strict_json import parse

MOST_FAULTS: Final = 100
"""Faults that are told of one caseload."""
LONGEST: Final = 2**16
"""Bytes of a line: a child is some hundred."""
STRATUM: Final = "strata."
"""Before the name of a column of CSV that is a stratum: `strata.age`."""
_COLUMNS: Final = ("ref", "team", "worker", "status", "open_since")
_REQUIRED: Final = ("ref", "team", "status")


class Form(StrEnum):
    """How a caseload is written."""

    NDJSON = "application/x-ndjson"
    CSV = "text/csv"


class Fault(Unchanging):
    """What is wrong with a row, or with a file at a line (0: as a whole). Never what is there."""

    line: int
    code: str
    detail: str
    field: str = ""

    def __str__(self) -> str:
        return f"line {self.line}: {self.field}: {self.detail}".replace(": : ", ": ")

    def of_line(self) -> InputError:
        """The fault of a file, as a problem names it: by its line, and the field in words."""
        if not self.line:
            return InputError(self.detail, self.code, pointer="")
        where = f"Line {self.line}, {self.field}" if self.field else f"Line {self.line}"
        return InputError(f"{where}: {self.detail}", self.code, pointer="", line=self.line)

    def of_body(self) -> InputError:
        """The fault of a JSON body."""
        row = [self.line - 1, self.field] if self.field else [self.line - 1]
        path = ["children", *row] if self.line else ["children"]
        return InputError.at(path, self.code, self.detail)


class Row(NamedTuple):
    """A row that was read: the line on which it begins, and what it says."""

    line: int
    child: ChildIn


def rows_of(content: IO[bytes], form: Form) -> Iterator[Row | Fault]:
    """Each row of a file, or what is wrong with it, in their order."""
    content.seek(0)
    lines = _lines(content)
    yield from _of_csv(lines) if form is Form.CSV else _of_ndjson(lines)


def rows_of_body(children: Iterable[ChildIn]) -> Iterator[Row | Fault]:
    """Each child of a JSON body, which has been read already."""
    for line, child in enumerate(children, 1):
        yield Row(line, child)


class _Line(NamedTuple):
    number: int
    text: str
    is_ended: bool


def _lines(content: IO[bytes]) -> Iterator[_Line | Fault]:
    number = 0
    while line := content.readline(LONGEST + 1):
        number += 1
        if len(line) > LONGEST:
            yield Fault(number, "too_long", f"A line has at most {LONGEST:,} bytes.")
            return
        try:
            text = line.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError:
            yield Fault(number, "encoding", "The line is not UTF-8.")
            return
        yield _Line(number, text, line.endswith(b"\n"))


def _of_ndjson(lines: Iterator[_Line | Fault]) -> Iterator[Row | Fault]:
    for line in lines:
        if isinstance(line, Fault):
            yield line
        elif line.text.strip():
            yield _of_json(line)


def _of_json(line: _Line) -> Row | Fault:
    try:
        said = parse(line.text.encode())
    except Problem as refused:
        if not line.is_ended:
            return Fault(line.number, "cut", "The file was cut off in the middle of this line.")
        return Fault(line.number, "json", refused.detail.replace("The body", "The line"))
    if not isinstance(said, dict):
        return Fault(line.number, "type", "A line is one child: a JSON object.")
    return _read(line.number, said)


def _read(line: int, said: Mapping[str, Any]) -> Row | Fault:
    try:
        return Row(line, ChildIn.model_validate(said))
    except ValidationError as wrong:
        error: Any = wrong.errors()[0]
        code, detail = in_our_words(error)
        place = place_of(error)
        named = str(place[0]) if place else ""
        return Fault(line, code, detail, named if is_field_name(named) else "")


def _of_csv(lines: Iterator[_Line | Fault]) -> Iterator[Row | Fault]:
    read = _Fields(lines)
    columns: list[str] | None = None
    for line, fields in read:
        if columns is None:
            columns = [name.strip() for name in fields]
            faults = list(_wrong_columns(columns))
            yield from faults
            if faults:
                return
        elif len(fields) == len(columns):
            yield _read(line, _said(columns, fields))
        elif read.is_ended:
            detail = f"The row has {len(fields)} fields, the first line has {len(columns)}."
            yield Fault(line, "fields", detail)
        else:
            yield Fault(line, "cut", "The file was cut off in the middle of this line.")
            return
    if read.fault is not None:
        yield read.fault
    elif columns is None:
        yield Fault(1, "empty", "The file is empty: its first line names the columns.")
    elif not read.is_ended:
        yield Fault(read.last, "cut", "The file was cut off: its last line has no end.")


class _Fields:
    """The rows of a CSV file that are not blank, each with the line on which it begins."""

    def __init__(self, lines: Iterator[_Line | Fault]) -> None:
        self._lines = lines
        self.last = 1
        self.is_ended = True
        self.fault: Fault | None = None

    def _texts(self) -> Iterator[str]:
        for line in self._lines:
            if isinstance(line, Fault):
                self.fault = line
                return
            self.last, self.is_ended = line.number, line.is_ended
            yield line.text

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        texts = self._texts()
        rows = csv.reader(texts, strict=True)
        begins = 1
        while True:
            try:
                fields = next(rows, None)
            except csv.Error:
                detail = "Its quotes do not match, or the file was cut off."
                self.fault = Fault(begins, "quotes", detail)
                return
            if fields is None:
                return
            if fields:
                yield begins, fields
            begins = self.last + 1


def _wrong_columns(columns: list[str]) -> Iterator[Fault]:
    for name in _REQUIRED:
        if name not in columns:
            yield Fault(1, "missing", "The column is missing.", name)
    for at, name in enumerate(columns):
        shown = name if name in _COLUMNS else ""
        if name in columns[:at]:
            yield Fault(1, "repeated", "There are two columns of the same name.", shown)
        if name not in _COLUMNS and not name.startswith(STRATUM):
            detail = (
                f"Column {at + 1} is none of {', '.join(_COLUMNS)}; the name of a stratum begins"
                f" with {STRATUM}"
            )
            yield Fault(1, "unknown", detail)


def _said(columns: list[str], fields: list[str]) -> dict[str, Any]:
    """The row as JSON would say it: an empty field says nothing."""
    given = {name: field for name, field in zip(columns, fields, strict=True) if field != ""}
    said: dict[str, Any] = {name: value for name, value in given.items() if name in _COLUMNS}
    said["strata"] = {
        name.removeprefix(STRATUM): value
        for name, value in given.items()
        if name.startswith(STRATUM)
    }
    return said
