"""A whole dataset as PostgreSQL copies it out (`COPY ... TO STDOUT`), and its lines as they go out.

PostgreSQL writes the lines. What it cannot know is done here: the pseudonym stands in the place of
our id of the subject, and a text that a spreadsheet would take for a formula is quoted. Each line
begins with the row's id and, where the dataset is about subjects, our id of the subject.
"""

import asyncio
import csv
import re
from collections.abc import (
    AsyncGenerator,
    AsyncIterator,
    Callable,
    Iterable,
    Mapping,
    Sequence,
)
from contextlib import suppress
from datetime import date
from functools import cache
from io import BytesIO
from operator import itemgetter
from typing import Any, Final

from asyncpg.protocol import NO_TIMEOUT
from pydantic_core import SchemaValidator
from pydantic_core.core_schema import str_schema

from qa_api.attempts import DRIVER_FAULTS
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
        unfinished = copying.cancel()
        # Nothing else may use the connection before.
        await asyncio.gather(copying, return_exceptions=True)
        if unfinished:
            # The driver takes what was on its way for PostgreSQL's answer to its cancelling, and
            # the next statement, a rollback too, for the one that is still being copied.
            with suppress(OSError, *DRIVER_FAULTS):
                await connection.close(timeout=patience)


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
    """Cuts the pieces of a copy into whole lines, with their ends.

    In a table a text that begins like a formula is quoted, and a cell without text stands bare.
    """

    def __init__(self, dataset: Dataset, form: DatasetForm) -> None:
        self._form = form
        self._rest = b""
        self._may_differ = _may_differ(form.separator)
        columns = enumerate(dataset.columns)
        self._places_of_text = [place for place, column in columns if column.kind in _TEXT]

    def of(self, piece: bytes) -> list[bytes]:
        """The lines that are whole now."""
        text = self._rest + piece
        end = text.rfind(b"\n") + 1
        whole, self._rest = text[:end], text[end:]
        if not self._form.is_table:
            if b"\\" in whole:  # which is found sooner than two of them
                # COPY writes each twice. JSON has nothing else that it would write otherwise.
                whole = whole.replace(b"\\\\", b"\\")
            return _lines(whole)
        lines = _lines(whole)
        if b'"' in whole:
            lines = self._joined(lines)
        return [*map(self._safe, lines)] if self._may_differ(whole) else lines

    def _joined(self, lines: Iterable[bytes]) -> list[bytes]:
        """Rows of a table: a line break between quotation marks ends none."""
        rows: list[bytes] = []
        begun: list[bytes] = []
        is_open = False
        for line in lines:
            begun.append(line)
            is_open ^= line.count(b'"') % 2 == 1
            if not is_open:
                rows.append(b"".join(begun))
                begun.clear()
        self._rest = b"".join(begun) + self._rest
        return rows

    def _safe(self, line: bytes) -> bytes:
        if not self._may_differ(line):
            return line
        (cells,) = csv.reader([line.decode()], delimiter=self._form.separator)
        for place in self._places_of_text:
            cells[place] = safe(cells[place])
        return self._form.table([cells]).removesuffix("\r\n").encode() + b"\n"


def _lines(text: bytes) -> list[bytes]:
    # Twice as fast as `split`, which looks at each byte by itself.
    return BytesIO(text).readlines()


@cache
def _may_differ(separator: str) -> Callable[[bytes], bool]:
    """Whether a cell begins like a formula, or one without text stands between quotes.

    To look for two bytes in a row takes Python longer than all else that is done to the lines. The
    validator's regular expressions take a tenth of that.
    """
    begins = f'[{separator}"][{"".join(map(re.escape, FORMULA))}]'
    finds = SchemaValidator(str_schema(pattern=f'{begins}|""')).isinstance_python
    # As Latin-1 every byte is a character, so that none can keep the others from being looked at.
    return lambda text: finds(text.decode("latin-1"))


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
            for place in ((begins,), (begins, begins + _ID), (begins + _ID, -1))
        )
        self._dataset = dataset

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
        cut, found = Lines(self._dataset, self.form), Gathered()
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

    def written(self, lines: Sequence[bytes]) -> tuple[bytes, list[bytes]]:
        """The lines as they go out, and our ids of the subjects that they show."""
        if self._names_subjects:
            return self._pseudonymised(lines)
        return b"".join(map(self._ended, lines)), []

    def _pseudonymised(self, lines: Sequence[bytes]) -> tuple[bytes, list[bytes]]:
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
            each = [
                self._pseudonymised([line]) if about else (self._ended(line), [])
                for line, about in zip(lines, is_about, strict=True)
            ]
            return b"".join(text for text, _ in each), [name for _, one in each for name in one]
        parts[0::4] = map(self._before, lines)
        parts[2::4] = map(self._after, lines)
        return b"".join(parts), named

    def _ended(self, line: bytes) -> bytes:
        return line[:-1] + self._end
