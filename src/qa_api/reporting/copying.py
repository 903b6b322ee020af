"""A whole dataset as PostgreSQL copies it out (`COPY ... TO STDOUT`), and its lines as they go out.

PostgreSQL writes the lines. What it cannot know is done here: the pseudonym stands in the place of
our id of the subject, and a text that a spreadsheet would take for a formula is quoted. Each line
begins with the row's id and, where the dataset is about subjects, our id of the subject.
"""

import asyncio
import csv
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from typing import Any, Final

from asyncpg.protocol import NO_TIMEOUT

from qa_api.db import Prepared
from qa_api.reporting.columns import Dataset, Kind
from qa_api.reporting.forms import DatasetForm
from qa_api.values.table_cells import FORMULA, safe

_PIECES_AHEAD: Final = 8
"""Pieces of a copy, of some hundred kB each at most, that are read before they are asked for."""
_WORTH_WAKING: Final = 65_536
_NAP_SECONDS: Final = 0.001
"""PostgreSQL sends 8 kB at a time. To wake for each takes longer than to work on what is in it."""
_ID: Final = 36
"""How long an id is, as text."""
_TEXT: Final = frozenset({Kind.CODE, Kind.LABEL, Kind.REFERENCE})
_SIGNS: Final = tuple(sign.encode() for sign in FORMULA)
"""What a formula begins with."""

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
    # It would count how long the reader takes; how long PostgreSQL takes is counted below.
    await connection.execute("SET LOCAL statement_timeout = 0")
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
            prepared.sql,
            *prepared.arguments(values),
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
            self._begins = self._nobody_at = _ID + len(separator)
            self._nobody = separator
        else:
            self._nobody_at = len('{"id":"') + _ID + len('","subject":')
            self._begins = self._nobody_at + len('"')
            self._nobody = b"null"
        self._edges = (separator, b'"')
        columns = enumerate(dataset.columns)
        self._places_of_text = [place for place, column in columns if column.kind in _TEXT]

    @property
    def options(self) -> Mapping[str, str]:
        """The options of COPY."""
        if self.form.is_table:
            return {"format": "csv", "delimiter": self.form.separator}
        return {"format": "text"}

    def written(self, lines: Sequence[bytes]) -> tuple[bytes, set[bytes]]:
        """The lines as they go out, and our ids of the subjects that they show."""
        subjects: set[bytes] = set()
        if self._names_subjects:
            lines = self._pseudonymised(lines, subjects)
        text = self._end.join([*lines, b""])
        if self.form.is_table and self._may_differ(text):
            text = self._end.join([*map(self._safe, lines), b""])
        return text, subjects

    def _pseudonymised(self, lines: Sequence[bytes], subjects: set[bytes]) -> list[bytes]:
        begins, ends = self._begins, self._begins + _ID
        nobody, nobody_at, pseudonyms = self._nobody, self._nobody_at, self._pseudonyms
        found = []
        for line in lines:
            if line.startswith(nobody, nobody_at):
                found.append(line)
            else:
                subject = line[begins:ends]
                subjects.add(subject)
                found.append(line[:begins] + pseudonyms[subject] + line[ends:])
        return found

    def _may_differ(self, text: bytes) -> bool:
        """Whether a cell begins like a formula, or one without text stands between quotes."""
        # What is one byte long is found much sooner than what is longer.
        edges = [edge for edge in self._edges if edge in text]
        signs = [sign for sign in _SIGNS if sign in text]
        quoted = b'"' in edges and b'""' in text
        return quoted or any(edge + sign in text for edge in edges for sign in signs)

    def _safe(self, line: bytes) -> bytes:
        if not self._may_differ(line):
            return line
        (cells,) = csv.reader([line.decode()], delimiter=self.form.separator)
        for place in self._places_of_text:
            cells[place] = safe(cells[place])
        return self.form.table([cells]).removesuffix("\r\n").encode()
