"""The tables of the Standard Safeguarding Dataset that are needed, read from CSV files.

Of each table only the columns named here are taken up; all others are dropped where they are read.
So no earlier or other identifier of a child (`pers_legacy_id`, `pers_common_child_id`,
`ssd_linked_identifiers`) ever gets into the service: after an adoption they would join the two
identities (C6).
"""

import csv
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import IO, Any, Final, NamedTuple

from pydantic import TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError

from qa_api.case_events.event_file import LONGEST, MOST_FAULTS, something_else
from qa_api.case_events.nightly.csv_rows import NoRow, next_row
from qa_api.case_events.no_fact import day_said, text_said
from qa_api.rules.unchanging import Unchanging
from qa_api.values.fields import Name, Reference, read_date

_NOTHING: Final = frozenset({"NULL", "SSD_PH"})
"""What exports write where there is nothing, in any case; the second is the dataset's own."""

Reader = Callable[[str | None], Any]


class FileFault(Unchanging):
    """What is wrong with a file, or with a row of it. Never what stands there."""

    file: str
    line: int | None
    detail: str

    def __str__(self) -> str:
        where = self.file if self.line is None else f"{self.file} line {self.line}"
        return f"{where}: {self.detail}"


class PersonRow(NamedTuple):
    """A child: the reference, and the days of birth and death."""

    line: int
    ref: str
    born_on: date | None
    died_on: date | None


class EpisodeRow(NamedTuple):
    """An episode of need, from its referral until it is closed."""

    line: int
    id: str
    ref: str
    referred_on: date | None
    closed_on: date | None
    reason: str | None


class InvolvementRow(NamedTuple):
    """Somebody's part in the work with a child, and in which role."""

    line: int
    id: str
    ref: str | None
    professional: str | None
    role: str | None
    team: str | None
    begun_on: date | None
    ended_on: date | None


class ProfessionalRow(NamedTuple):
    """A worker, and what the case system calls them."""

    line: int
    id: str
    staff_id: str | None


class DepartmentRow(NamedTuple):
    """A team."""

    line: int
    id: str


def _of_type(kind: Any) -> Reader:
    reads = TypeAdapter(kind).validate_python

    def read(said: str | None) -> Any:
        if said is None:
            return None
        try:
            return reads(said)
        except ValidationError as wrong:
            raise ValueError(wrong.errors()[0]["msg"]) from None

    return read


def _day(said: str | None) -> date | None:
    day = day_said(said)
    try:
        return None if day is None else read_date(day)
    except PydanticCustomError as wrong:
        raise ValueError(wrong.message()) from None


_REFERENCE: Final = _of_type(Reference)
_TEXT: Final = _of_type(Name)
_CODE_OF_REASON: Final = re.compile(r"(RC[0-9]{1,2})\b", re.IGNORECASE)


def _reason(said: str | None) -> Any:
    """The code of a reason in capitals, also where words stand behind it (`RC1 - Adopted`)."""
    code = None if said is None else _CODE_OF_REASON.match(said)
    return _TEXT(said if code is None else code[1].upper())


class Column(NamedTuple):
    """A column that is read, and what it becomes, in words for the guide of case systems."""

    name: str
    becomes: str
    read: Reader = _TEXT
    required: bool = False


class Table(NamedTuple):
    """A table that is read: each row as `row`, whose columns the first of these tells apart."""

    name: str
    row: Callable[..., Any]
    columns: Sequence[Column]
    in_order: tuple[int, int] | None = None
    """Two of its days, by their places, of which the second cannot be before the first."""

    @property
    def file(self) -> str:
        """What its file is called."""
        return f"{self.name}.csv"


PERSON: Final = Table(
    "ssd_person",
    PersonRow,
    (
        Column("pers_person_id", "`subjects[].ref`", _REFERENCE, required=True),
        Column("pers_dob", "`born_on`", _day),
        Column("pers_death_date", "`died_on`", _day),
    ),
    in_order=(1, 2),
)
EPISODES: Final = Table(
    "ssd_cin_episodes",
    EpisodeRow,
    (
        Column("cine_referral_id", "`episode_id`", _REFERENCE, required=True),
        Column("cine_person_id", "whose episode it is", _REFERENCE, required=True),
        Column("cine_referral_date", "no closing is before it", _day),
        Column(
            "cine_close_date",
            "`case.closed.v1` with `closure.date`; `case.reopened.v1` once it is empty again",
            _day,
        ),
        Column(
            "cine_close_reason",
            "`closure.reason_code`; of `RC1 - Adopted` the code, in capitals",
            _reason,
        ),
    ),
    in_order=(2, 3),
)
INVOLVEMENTS: Final = Table(
    "ssd_involvements",
    InvolvementRow,
    (
        Column("invo_involvements_id", "tells rows apart", required=True),
        Column("invo_person_id", "whose case is held"),
        Column("invo_professional_id", "`allocation.worker`; empty is nobody"),
        Column("invo_professional_role_id", "whether this is who holds the case (`--role`)"),
        Column("invo_professional_team", "`allocation.team`; empty says nothing"),
        Column("invo_involvement_start_date", "since when: `allocation.changed.v1`", _day),
        Column(
            "invo_involvement_end_date",
            "until when; nobody holds an open case that nobody took over",
            _day,
        ),
    ),
    in_order=(5, 6),
)
PROFESSIONALS: Final = Table(
    "ssd_professionals",
    ProfessionalRow,
    (
        Column("prof_professional_id", "which worker is meant", required=True),
        Column("prof_staff_id", "what the worker is called; where empty, the one before"),
    ),
)
DEPARTMENTS: Final = Table(
    "ssd_department",
    DepartmentRow,
    (Column("dept_team_id", "which teams there are", required=True),),
)
TABLES: Final = (PERSON, EPISODES, INVOLVEMENTS, PROFESSIONALS, DEPARTMENTS)


class Tables(Unchanging):
    """What stands in the files of one night."""

    people: Mapping[str, PersonRow]
    episodes: Mapping[str, EpisodeRow]
    involvements: Mapping[str, InvolvementRow]
    professionals: Mapping[str, ProfessionalRow]
    departments: Mapping[str, DepartmentRow]
    written_at: datetime
    """When the oldest of the files was last written."""


def read_tables(directory: Path) -> tuple[Tables, list[FileFault]]:
    """Every table, and all that is wrong with the files. Raises `OSError` where there are none."""
    there: dict[str, list[Path]] = defaultdict(list)
    for each in sorted(directory.iterdir()):
        there[each.name.casefold()].append(each)
    read: dict[str, Mapping[str, Any]] = {}
    faults: list[FileFault] = []
    written = []
    for table in TABLES:
        paths = there[table.file]
        if len(paths) != 1:
            faults.append(FileFault(table.file, None, _not_one(paths)))
            read[table.name] = {}
            continue
        (path,) = paths
        with path.open("rb") as content:
            file = _TableFile(table, content)
            read[table.name] = file.rows()
            faults += file.faults
        written.append(path.stat().st_mtime)
    written_at = datetime.fromtimestamp(int(min(written, default=0)), UTC)
    tables = Tables(
        read[PERSON.name],
        read[EPISODES.name],
        read[INVOLVEMENTS.name],
        read[PROFESSIONALS.name],
        read[DEPARTMENTS.name],
        written_at,
    )
    return tables, faults


def _not_one(paths: Sequence[Path]) -> str:
    if not paths:
        return "The file is missing."
    return f"There are several files of this table: {', '.join(path.name for path in paths)}."


class _Unreadable(Exception):
    """What ends the reading of a file; the words say why."""


class _TableFile:
    def __init__(self, table: Table, content: IO[bytes]) -> None:
        self._table = table
        self._content = content
        self._lines = 0
        self._is_ended = True
        self.faults: list[FileFault] = []

    def rows(self) -> dict[str, Any]:
        """The rows by their keys; what is wrong is among the faults."""
        found: dict[str, Any] = {}
        if other := something_else(self._content):
            self._fault(1, f"The file seems to be {other}.")
            return found
        try:
            for line, row in self._read():
                self._keep(found, line, row)
                if len(self.faults) >= MOST_FAULTS:
                    break
        except _Unreadable as unreadable:
            self._fault(max(self._lines, 1), str(unreadable))
        return found

    def _keep(self, found: dict[str, Any], line: int, row: Any) -> None:
        key = row[1]
        if key in found:
            name = self._table.columns[0].name
            self._fault(line, f"{name}: The same as that of line {found[key].line}.")
        found.setdefault(key, row)

    def _fault(self, line: int, detail: str) -> None:
        self.faults.append(FileFault(self._table.file, line, detail))

    def _read(self) -> Iterator[tuple[int, Any]]:
        written = self._written()
        places: list[int] | None = None
        width = 0
        for line, fields in written:
            if places is None:
                places, width = self._places(fields), len(fields)
            elif len(fields) == width:
                values = [fields[place] for place in places]
                if (row := self._row(line, values)) is not None:
                    yield line, row
            elif self._is_ended:
                self._fault(line, f"The row has {len(fields)} fields, the first line has {width}.")
            else:
                raise _Unreadable("The file was cut off in the middle of this row.")
        if places is None:
            raise _Unreadable("The file is empty: its first line names the columns.")
        if not self._is_ended:
            raise _Unreadable("The file was cut off: its last line has no end.")

    def _written(self) -> Iterator[tuple[int, list[str]]]:
        """Each row that is not blank, with the line on which it begins."""
        rows = csv.reader(self._decoded(), strict=True)
        while True:
            begins = self._lines + 1
            try:
                fields = next_row(rows)
            except NoRow as why:
                raise _Unreadable(f"The row that begins in line {begins}: {why}") from None
            if fields is None:
                return
            if fields:
                yield begins, fields

    def _decoded(self) -> Iterator[str]:
        while line := self._content.readline(LONGEST + 1):
            self._lines += 1
            self._is_ended = line.endswith(b"\n")
            if len(line) > LONGEST:
                raise _Unreadable(f"A line has at most {LONGEST:,} bytes.")
            try:
                yield line.decode("utf-8-sig" if self._lines == 1 else "utf-8")
            except UnicodeDecodeError:
                raise _Unreadable("The line is not UTF-8.") from None

    def _places(self, names: Sequence[str]) -> list[int]:
        """Where the columns stand that are read."""
        there: dict[str, int] = {}
        twice = set()
        for place, name in enumerate(names):
            plain = name.strip().casefold()
            if there.setdefault(plain, place) != place:
                twice.add(plain)
        wanted = [column.name for column in self._table.columns]
        missing = [name for name in wanted if name not in there]
        for name in missing:
            self._fault(1, f"{name}: The column is missing.")
        for name in (name for name in wanted if name in twice):
            self._fault(1, f"{name}: There are two columns of this name.")
        if missing:
            raise _Unreadable("The first line names the columns, with commas between them.")
        return [there[name] for name in wanted]

    def _row(self, line: int, fields: Sequence[str]) -> Any:
        """The row; None where something is wrong with it."""
        values: list[Any] = []
        before = len(self.faults)
        for column, field in zip(self._table.columns, fields, strict=True):
            try:
                value = column.read(_said(field))
            except ValueError as wrong:
                self._fault(line, f"{column.name}: {wrong}")
                continue
            if value is None and column.required:
                self._fault(line, f"{column.name}: Required.")
            values.append(value)
        if len(self.faults) == before:
            self._check_order(line, values)
        return self._table.row(line, *values) if len(self.faults) == before else None

    def _check_order(self, line: int, values: Sequence[Any]) -> None:
        if self._table.in_order is None:
            return
        first, second = self._table.in_order
        if values[first] and values[second] and values[second] < values[first]:
            names = [column.name for column in self._table.columns]
            self._fault(line, f"{names[second]}: The day is before that of {names[first]}.")


def _said(field: str) -> str | None:
    said = text_said(field)
    return None if said is None or said.upper() in _NOTHING else said
