"""A file of case events, one CloudEvent to a line: checked to its end before any of it is taken.

What can be read once is read again later, a part at a time, so a file of any size takes little
memory: of each line only where it begins is kept, and whose events belong together.
"""

import os
from array import array
from collections.abc import Iterable, Iterator, Sequence
from typing import IO, Final

import orjson
from pydantic import TypeAdapter, ValidationError

from qa_api.case_events.data_in_base64 import with_data
from qa_api.case_events.groups import Group, Groups, Noted, SentEvent
from qa_api.case_events.messages import CaseEventMessage, Malformed
from qa_api.problems import Problem
from qa_api.rules.unchanging import Unchanging
from qa_api.values.strict_json import parse

MOST_FAULTS: Final = 100
"""Faults that are told; a file with more is not one of events."""
LONGEST: Final = 2**20
"""Bytes of a line, as many as a request may have."""
_BOM: Final = b"\xef\xbb\xbf"
_OTHERS: Final = (
    (b"\xff\xfe", "UTF-16: save it as UTF-8"),
    (b"\xfe\xff", "UTF-16: save it as UTF-8"),
    (b"{\0", "UTF-16: save it as UTF-8"),
    (b"\0{", "UTF-16: save it as UTF-8"),
    (b"\x1f\x8b", "compressed with gzip: unpack it first"),
    (b"PK\x03\x04", "a zip archive: unpack it first"),
    (b"BZh", "compressed with bzip2: unpack it first"),
    (b"\xfd7zXZ\0", "compressed with xz: unpack it first"),
    (b"\x28\xb5\x2f\xfd", "compressed with zstd: unpack it first"),
)
"""How files begin that are something else."""


class FileChanged(Exception):
    """What was read before does not stand in the file any more."""


READ: Final[TypeAdapter[CaseEventMessage]] = TypeAdapter(CaseEventMessage)


class LineFault(Unchanging):
    """What is wrong with a line. Never what stands there."""

    line: int
    detail: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.detail}"


class EventFile:
    """A file that has been read once."""

    def __init__(self, content: IO[bytes]) -> None:
        self._content, self._number = content, _number_of(content)
        self._events: list[Noted] = []
        self._hashes = array("q")
        """Of each event's line, eight bytes: what is read again is what was checked."""
        self._groups = Groups()
        self.source: str | None = None
        """What the system that sends calls itself, by the first event."""
        self.faults: list[LineFault] = []
        self.was_given_up = False
        """Whether there may be more faults than are told."""
        self._look_through()

    def __len__(self) -> int:
        return len(self._events)

    @property
    def events(self) -> Sequence[Noted]:
        """What is noted of each."""
        return self._events

    def groups(self) -> list[Group]:
        """The events that tell of the same people, or have the same id, by their first line."""
        return self._groups.found()

    def read(self, places: Iterable[int]) -> list[SentEvent]:
        """The events at these places. Raises `FileChanged` where one is not there any more."""
        return [self._again(place) for place in places]

    def _again(self, place: int) -> SentEvent:
        try:
            line = self._line(place)
        except OSError:
            raise FileChanged from None
        if hash(line) != self._hashes[place]:
            raise FileChanged
        # It was parsed strictly when it was looked through: the fast parser reads it alike.
        return SentEvent(self._events[place], with_data(orjson.loads(line)))

    def _line(self, place: int) -> bytes:
        """The line of the event at this place.

        Where the file stands stays as it is: another process may be reading it too.
        """
        begins, following = self._events[place].begins, place + 1
        ends = begins + LONGEST
        if following < len(self._events):
            ends = self._events[following].begins
        if self._number is not None:
            found = os.pread(self._number, ends - begins, begins)
        else:
            self._content.seek(begins)
            found = self._content.read(ends - begins)
        return found.partition(b"\n")[0]  # blank lines and such with a fault may follow

    def _look_through(self) -> None:
        if other := something_else(self._content):
            self.faults.append(LineFault(1, f"The file seems to be {other}."))
            return
        for number, begin, line in self._written():
            if len(self.faults) == MOST_FAULTS:
                self.was_given_up = True
                return
            try:
                message = _event_of(line)
            except _Unreadable as fault:
                # Only the last line of a file can be without its end.
                cut = not line.endswith(b"\n") and fault.is_no_json
                detail = "The file was cut off in the middle of this event." if cut else str(fault)
                self.faults.append(LineFault(number, detail))
                continue
            self._keep(message, number, begin, line)

    def _keep(self, message: CaseEventMessage, number: int, begins: int, line: bytes) -> None:
        self.source = self.source or message.source
        if message.source != self.source:
            detail = "/source: All events of a file come from one system."
            self.faults.append(LineFault(number, detail))
        self._hashes.append(hash(line.partition(b"\n")[0]))
        self._events.append(Noted.of(message, begins))
        self._groups.add(self._events[-1])

    def _written(self) -> Iterator[tuple[int, int, bytes]]:
        """Each line that is not blank: its number, where it begins, and what stands there."""
        content, number = self._content, 0
        content.seek(len(_BOM) if content.read(len(_BOM)) == _BOM else 0)
        while True:
            begin = content.tell()
            line = content.readline(LONGEST + 1)
            if not line:
                return
            number += 1
            if line.strip():
                yield number, begin, line
            if len(line) > LONGEST and not line.endswith(b"\n"):
                return  # the rest of it is no line


def _number_of(content: IO[bytes]) -> int | None:
    """The descriptor of an open file; None of what is in memory."""
    try:
        return content.fileno()
    except OSError:
        return None


def something_else(content: IO[bytes]) -> str | None:
    """What a file seems to be that is not text in UTF-8; None where nothing speaks against that."""
    begin = content.read(8)
    content.seek(0)
    return next((what for mark, what in _OTHERS if begin.startswith(mark)), None)


class _Unreadable(Exception):
    """A line that is no event; the words say why."""

    is_no_json = False


class _NoJson(_Unreadable):
    is_no_json = True


def _event_of(line: bytes) -> CaseEventMessage:
    if len(line) > LONGEST:
        raise _Unreadable(f"A line has at most {LONGEST:,} bytes.")
    try:
        sent = with_data(parse(line))
    except Problem as refused:
        raise _NoJson(refused.detail.replace("The body", "The line")) from None
    if not isinstance(sent, dict):
        raise _Unreadable("A line is one event: a JSON object.")
    try:
        return READ.validate_python(sent)
    except ValidationError as fault:
        first = Malformed(fault, sent).errors(0)[0]
        where = (first.pointer or "").removeprefix("/0")
        raise _Unreadable(f"{where}: {first.detail}" if where else first.detail) from None


def in_batches(groups: Sequence[Group], at_least: int) -> Iterator[list[Group]]:
    """Whole groups, together as many events as are wanted, or a few more."""
    batch: list[Group] = []
    size = 0
    for group in groups:
        batch.append(group)
        size += len(group)
        if size >= at_least:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
