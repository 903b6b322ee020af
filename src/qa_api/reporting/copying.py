"""A whole dataset as PostgreSQL copies it out (`COPY ... TO STDOUT`), and its lines as they go out.

PostgreSQL writes the lines. What it cannot know is done here: the pseudonym stands in the place of
our id of the subject, and a text that a spreadsheet would take for a formula is quoted. Each line
begins with the row's id and, where the dataset is about subjects, our id of the subject.
"""

import asyncio
import csv
from collections.abc import (
    AsyncGenerator,
    AsyncIterator,
    Callable,
    Iterable,
    Mapping,
    Sequence,
)
from datetime import date
from operator import itemgetter
from typing import Any, Final

from asyncpg.protocol import NO_TIMEOUT

from qa_api.db import Prepared
from qa_api.reporting.columns import Dataset, Kind
from qa_api.reporting.forms import DatasetForm
from qa_api.values.table_cells import FORMULA, safe

_PIECES_AHEAD: Final = 8
"""Pieces of a copy, of some hundred kB each at most, that are read before they are asked for."""
_WORTH_WAKING: Final = 32_768
_NAP_SECONDS: Final = 0.001
"""PostgreSQL sends 8 kB at a time. To wake for each takes longer than to work on what is in it.

The loop counts whole milliseconds: half of one is none. After two, PostgreSQL waits for room.
"""
_ID: Final = 36
"""How long an id is, as text."""
_TEXT: Final = frozenset({Kind.CODE, Kind.LABEL, Kind.REFERENCE})
_MOST_NAMED: Final = 100_000
"""How many are remembered as named, some 10 MB; beyond, who comes again is named again."""
_SIGNS: Final = tuple(sign.encode() for sign in FORMULA)
"""What a formula begins with."""
_BREAKS: Final = b"\r\n"

_Pieces = asyncio.Queue[bytes | Exception | None]
"""Pieces, and in the end None or what went wrong."""


async def copied(
    connection: Any,
    prepared: Prepared,
    values: Mapping[str, Any],
    options: Mapping[str, str],
    patience: float,
) -> AsyncGenerator[bytes]:
    """What a statement finds, piece by piece. Raises `TimeoutError` if the next takes too long.

    PostgreSQL goes on while a piece is worked on, some pieces ahead: whoever takes no more holds it
    up. `patience` in seconds.
    """
    ahead: _Pieces = asyncio.Queue(_PIECES_AHEAD)
    # The first would count how long the reader takes; how long PostgreSQL takes is counted below.
    await connection.execute(f"SET LOCAL statement_timeout = 0; {WAIT_FOR_THE_READER}")
    copying = asyncio.create_task(_copy(connection, prepared, values, options, ahead))
    try:
        while True:
            if ahead.empty():
                async with asyncio.timeout(patience):
                    piece = await ahead.get()
            else:
                piece = ahead.get_nowait()
            if piece is None:
                return
            if isinstance(piece, Exception):
                raise piece
            yield piece
    finally:
        copying.cancel()
        # Nothing else may use the connection before.
        await asyncio.gather(copying, return_exceptions=True)


WAIT_FOR_THE_READER: Final = "SET LOCAL idle_in_transaction_session_timeout = 0"
"""Has PostgreSQL keep the transaction open when the service is slow to ask for more.

All may have been read while the reader still takes it. How long a reader may take nothing has a
limit of its own, whoever makes the answer.
"""


def with_its_values(prepared: Prepared, values: Mapping[str, Any]) -> str:
    """The statement with its values written in. COPY takes none.

    The driver has PostgreSQL write each, and the whole statement analysed to learn their types.
    Raises TypeError where a value is no date and no boolean, which need no quoting.
    """
    sql = prepared.sql
    given = list(enumerate(prepared.arguments(values), start=1))
    for place, value in reversed(given):
        if not isinstance(value, bool | date):
            raise TypeError(f"${place} is neither a date nor a boolean")
        sql = sql.replace(f"${place}::", f"'{value}'::")
    return sql


async def _copy(
    connection: Any,
    prepared: Prepared,
    values: Mapping[str, Any],
    options: Mapping[str, str],
    ahead: _Pieces,
) -> None:
    async def take(piece: bytes) -> None:
        await ahead.put(piece)
        if len(piece) < _WORTH_WAKING:
            await asyncio.sleep(_NAP_SECONDS)

    fault: Exception | None = None
    try:
        await connection.copy_from_query(
            with_its_values(prepared, values),
            output=take,
            timeout=NO_TIMEOUT,  # of the whole; each piece has its own
            **options,
        )
    except Exception as found:  # noqa: BLE001 - raised where the pieces are taken
        fault = found
    await ahead.put(fault)


class Lines:
    """Cuts the pieces of a copy into whole lines, without their ends."""

    def __init__(self, form: DatasetForm) -> None:
        self._is_table = form.is_table
        self._rest = b""

    def of(self, piece: bytes) -> list[bytes]:
        """The lines that are whole now."""
        whole, end, self._rest = (self._rest + piece).rpartition(b"\n")
        if not end:
            return []
        if not self._is_table:
            if b"\\" in whole:  # which is found sooner than two of them
                # COPY writes each twice. JSON has nothing else that it would write otherwise.
                whole = whole.replace(b"\\\\", b"\\")
            return whole.split(b"\n")
        lines = whole.split(b"\n")
        return self._joined(lines) if b'"' in whole else lines

    def _joined(self, lines: Iterable[bytes]) -> list[bytes]:
        """Rows of a table: a line break between quotation marks ends none."""
        rows: list[bytes] = []
        begun: list[bytes] = []
        is_open = False
        for line in lines:
            begun.append(line)
            is_open ^= line.count(b'"') % 2 == 1
            if not is_open:
                rows.append(b"\n".join(begun))
                begun.clear()
        if begun:
            self._rest = b"\n".join([*begun, self._rest])
        return rows


class Gathered:
    """Lines as they go out, and our ids of the subjects that they show."""

    def __init__(self) -> None:
        self._texts: list[bytes] = []
        self.subjects: set[bytes] = set()
        self.rows = 0

    def add(self, text: bytes, subjects: Iterable[bytes], rows: int) -> None:
        """Some lines more."""
        self._texts.append(text)
        self.subjects.update(subjects)
        self.rows += rows

    @property
    def text(self) -> bytes:
        """All lines."""
        return b"".join(self._texts)


class Named:
    """Whom the lines of one download's access log have named so far.

    Each subject is named in the line of the first part that shows them, which is committed before
    that part goes out. Those of most datasets come again and again.
    """

    def __init__(self) -> None:
        self._so_far: set[bytes] = set()

    def anew(self, subjects: set[bytes]) -> set[bytes]:
        """Those whom no line has named; counted as named from now on."""
        new = subjects - self._so_far
        if len(self._so_far) >= _MOST_NAMED:
            self._so_far.clear()
        self._so_far |= new
        return new


class Copying:
    """How the lines of one dataset are copied in one form, and how they go out."""

    def __init__(
        self, dataset: Dataset, form: DatasetForm, pseudonyms: Mapping[bytes, bytes]
    ) -> None:
        """`pseudonyms` by our ids of subjects, both as text."""
        self.form = form
        self._pseudonyms = pseudonyms
        self._names_subjects = dataset.about_subjects
        self._end = b"\r\n" if form.is_table else b"\n"
        separator = form.separator.encode()
        if form.is_table:
            begins = self._nobody_at = _ID + len(separator)
            self._nobody = separator
        else:
            self._nobody_at = len('{"id":"') + _ID + len('","subject":')
            begins = self._nobody_at + len('"')
            self._nobody = b"null"
        self._before, self._named, self._after = (
            itemgetter(slice(*place))
            for place in ((begins,), (begins, begins + _ID), (begins + _ID, None))
        )
        self._edges = (separator, b'"')
        columns = enumerate(dataset.columns)
        self._places_of_text = [place for place, column in columns if column.kind in _TEXT]

    @property
    def options(self) -> Mapping[str, str]:
        """The options of COPY."""
        if self.form.is_table:
            return {"format": "csv", "delimiter": self.form.separator}
        return {"format": "text"}

    async def gathered(
        self, pieces: AsyncIterator[bytes], at_once: Callable[[], int]
    ) -> AsyncGenerator[Gathered]:
        """The pieces as lines that go out, `at_once` of them together; in the end those left."""
        cut, found = Lines(self.form), Gathered()
        async for piece in pieces:
            lines = cut.of(piece)
            while lines:
                most = at_once()
                some = lines[: max(most - found.rows, 0)]
                del lines[: len(some)]
                found.add(*self.written(some), len(some))
                if found.rows >= most:
                    yield found
                    found = Gathered()
        yield found

    def written(self, lines: Sequence[bytes]) -> tuple[bytes, set[bytes]]:
        """The lines as they go out, and our ids of the subjects that they show."""
        if self.form.is_table and self._may_differ(b"\n".join(lines)):
            lines = [*map(self._safe, lines)]
        subjects: set[bytes] = set()
        if self._names_subjects:
            return self._pseudonymised(lines, subjects), subjects
        return self._end.join([*lines, b""]), subjects

    def _pseudonymised(self, lines: Sequence[bytes], subjects: set[bytes]) -> bytes:
        """The lines one after another, each cut and put together again.

        By calls that each take all lines: a step of Python for each line takes half as long again.
        """
        parts = [self._end] * (4 * len(lines))
        named = list(map(self._named, lines))
        try:
            parts[1::4] = map(self._pseudonyms.__getitem__, named)
        except ValueError:  # of a line about nobody: what stands there is no id
            is_about = [not line.startswith(self._nobody, self._nobody_at) for line in lines]
            if all(is_about):
                raise
            return b"".join(
                self._pseudonymised([line], subjects) if about else line + self._end
                for line, about in zip(lines, is_about, strict=True)
            )
        parts[0::4] = map(self._before, lines)
        parts[2::4] = map(self._after, lines)
        subjects.update(named)
        return b"".join(parts)

    def _may_differ(self, text: bytes) -> bool:
        """Whether a cell begins like a formula, or one without text stands between quotes."""
        # What is one byte long is found much sooner than what is longer.
        edges = [edge for edge in self._edges if edge in text]
        is_quoted = b'"' in edges
        # COPY quotes what holds a line break: of a text without quotes each is a line's end.
        signs = [sign for sign in _SIGNS if (is_quoted or sign not in _BREAKS) and sign in text]
        if is_quoted and b'""' in text:
            return True
        return any(edge + sign in text for edge in edges for sign in signs)

    def _safe(self, line: bytes) -> bytes:
        if not self._may_differ(line):
            return line
        (cells,) = csv.reader([line.decode()], delimiter=self.form.separator)
        for place in self._places_of_text:
            cells[place] = safe(cells[place])
        return self.form.table([cells]).removesuffix("\r\n").encode()
