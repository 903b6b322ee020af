"""A JSON file that a person wrote, read to its end: every fault with its line and column.

It is as strict as the parser of requests (`strict_json`), but goes on after a fault: a comma too
many, a key that is there twice, a letter of another encoding. So whoever mends the file learns of
all faults at once.
"""

import re
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from qa_api.rules.unchanging import Unchanging
from qa_api.values.strict_json import DEEPEST, LARGEST

Path = tuple[str | int, ...]
"""Where in a document: names and positions, from the outside in."""

_LINE_END: Final = re.compile(r"\r\n|\n|\r")
_SPACE: Final = re.compile(r"[ \t\r\n]*")
_PLAIN: Final = re.compile(r'[^"\\\x00-\x1f]*')
_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_WORD: Final = re.compile(r"[A-Za-z_+-][A-Za-z0-9_.+-]*")
_COMMENT: Final = re.compile(r"//[^\r\n]*|/\*.*?\*/|#[^\r\n]*", re.DOTALL)
_HEX: Final = re.compile(r"[0-9A-Fa-f]{4}")
_ESCAPES: Final = {**dict(zip("bfnrt", "\b\f\n\r\t", strict=True)), '"': '"', "\\": "\\", "/": "/"}
_WORDS: Final = {"true": True, "false": False, "null": None}
_OTHER_ENCODINGS: Final = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """What is wrong, and where: line and column from 1, in characters. Never what stands there."""

    line: int
    column: int
    detail: str


class Written(Unchanging):
    """What a file says, as far as it can be read."""

    value: Any
    is_whole: bool
    """Whether it could be read to its end; `value` means nothing otherwise."""
    faults: tuple[Fault, ...]
    places: dict[Path, tuple[int, int]] = field(default_factory=dict)
    """Line and column of every value in it, or of its key."""

    def place(self, path: Path) -> tuple[int, int]:
        """Line and column of a value; of what it belongs to where there is none."""
        while path and path not in self.places:
            path = path[:-1]
        return self.places.get(path, (1, 1))


def read(content: bytes) -> Written:
    """Read a file. A byte order mark of UTF-8 is taken for what it is."""
    text, encoding = content.removeprefix(b"\xef\xbb\xbf"), "utf-8"
    faults = []
    if (mark := content[:2]) in _OTHER_ENCODINGS:
        text, encoding = content[2:], _OTHER_ENCODINGS[mark]
        faults.append(Fault(1, 1, "The file is UTF-16: save it as UTF-8."))
    errors = "surrogateescape" if encoding == "utf-8" else "replace"
    reading = _Reading(text.decode(encoding, errors))
    value, is_whole = reading.document()
    return Written(value, is_whole, tuple(sorted({*faults, *reading.faults})), reading.places)


def _as_windows_has_it(strange: re.Match[str]) -> str:
    """What a byte that stands as a lone surrogate is in Windows-1252, where it is anything."""
    try:
        return strange.group().encode("utf-8", "surrogateescape").decode("cp1252", "replace")
    except UnicodeEncodeError:  # half of a character of UTF-16
        return "\ufffd"


class _Stop(Exception):
    """What follows cannot be made sense of."""


class _Reading:
    def __init__(self, text: str) -> None:
        self._lines = [0, *(end.end() for end in _LINE_END.finditer(text))]
        self.faults: list[Fault] = []
        self.places: dict[Path, tuple[int, int]] = {}
        self._text, self._at = text, 0
        # Bytes that are not UTF-8 stand as lone surrogates. It is one fault of the file, told once;
        # it is read on as what it seems to be, so that nothing else seems wrong because of it.
        strange = list(re.finditer(r"[\ud800-\udfff]+", text))
        if strange:
            others = f", here and in {len(strange) - 1} more places" if len(strange) > 1 else ""
            detail = f"This is not UTF-8, but perhaps Windows-1252{others}: save the file as UTF-8."
            self._add_fault(detail, strange[0].start())
        self._text = re.sub(r"[\ud800-\udfff]", _as_windows_has_it, text)

    def document(self) -> tuple[Any, bool]:
        try:
            value = self._value(())
            self._skip()
            if self._at < len(self._text):
                self._add_fault("Something follows the end of the document.")
        except _Stop:
            return None, False
        return value, True

    # --- where we are ---

    def _place(self, at: int) -> tuple[int, int]:
        line = bisect_right(self._lines, at)
        return line, at - self._lines[line - 1] + 1

    def _add_fault(self, detail: str, at: int | None = None) -> None:
        self.faults.append(Fault(*self._place(self._at if at is None else at), detail))

    def _stop(self, detail: str, at: int | None = None) -> _Stop:
        if self._at >= len(self._text) and at is None:
            detail = "The file ends before the document does."
        self._add_fault(detail, at)
        return _Stop()

    def _skip(self) -> None:
        while True:
            self._at = self._after(_SPACE)
            if not (comment := _COMMENT.match(self._text, self._at)):
                return
            self._add_fault("JSON has no comments.")
            self._at = comment.end()

    def _after(self, pattern: re.Pattern[str]) -> int:
        found = pattern.match(self._text, self._at)
        return found.end() if found else self._at

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]

    # --- what stands there ---

    def _value(self, path: Path) -> Any:
        self._skip()
        self.places.setdefault(path, self._place(self._at))
        if len(path) > DEEPEST:
            raise self._stop(f"This is nested deeper than {DEEPEST}.")
        first = self._peek()
        if first == "{":
            return self._object(path)
        if first == "[":
            return self._array(path)
        if first == '"':
            return self._string()
        if number := _NUMBER.match(self._text, self._at):
            return self._number(number)
        if word := _WORD.match(self._text, self._at):
            if word[0] not in _WORDS:
                self._add_fault("This is no value of JSON: a text stands in double quotes.")
            self._at = word.end()
            return _WORDS.get(word[0])
        raise self._stop("A value belongs here.")

    def _object(self, path: Path) -> dict[str, Any]:
        found: dict[str, Any] = {}

        def member() -> None:
            at = self._at
            if self._peek() != '"':
                raise self._stop("A name in double quotes belongs here.")
            name = self._string()
            inside = (*path, name)
            if name in found:
                line = self.places[inside][0]
                self._add_fault(f"This stands here a second time; the first is on line {line}.", at)
            else:
                self.places.setdefault(inside, self._place(at))
            self._skip()
            if self._peek() != ":":
                raise self._stop("A colon belongs here.")
            self._at += 1
            value = self._value(inside)
            found.setdefault(name, value)  # as `places` has it: what is told stands there

        self._members("}", member)
        return found

    def _array(self, path: Path) -> list[Any]:
        found: list[Any] = []
        self._members("]", lambda: found.append(self._value((*path, len(found)))))
        return found

    def _members(self, end: str, member: Callable[[], None]) -> None:
        """What stands between two brackets, with commas in between."""
        self._at += 1
        comma: int | None = None
        is_first = True
        while True:
            self._skip()
            if self._peek() == end:
                if comma is not None:
                    self._add_fault("A comma too many: nothing follows it.", comma)
                self._at += 1
                return
            if self._peek() == ",":
                if comma is not None or is_first:
                    self._add_fault("A comma too many: nothing stands before it.")
                comma = self._at
                self._at += 1
                continue
            if comma is None and not is_first:
                if self._peek() not in '"{[-0123456789tfn' or not self._peek():
                    raise self._stop(f"A comma or {end} belongs here.")
                self._add_fault("A comma is missing before this.")
            comma, is_first = None, False
            member()

    def _string(self) -> str:
        begin = self._at
        self._at += 1
        parts: list[str] = []
        while True:
            end = self._after(_PLAIN)
            parts.append(self._text[self._at : end])
            self._at = end
            match self._peek():
                case '"':
                    self._at += 1
                    return "".join(parts)
                case "\\":
                    parts.append(self._escape())
                case "\n" | "\r" | "":
                    raise self._stop("This text does not end on its line.", begin)
                case _:
                    self._add_fault("A control character stands in a text: a tab is written \\t.")
                    self._at += 1

    def _escape(self) -> str:
        at = self._at
        letter = self._text[at + 1 : at + 2]
        self._at += 2
        if letter in _ESCAPES:
            return _ESCAPES[letter]
        if letter != "u" or not (digits := _HEX.match(self._text, self._at)):
            self._add_fault("This is no escape of JSON: a backslash is written twice.", at)
            return ""
        self._at = digits.end()
        code = int(digits[0], 16)
        if 0xD800 <= code < 0xDC00 and self._text.startswith("\\u", self._at):
            low = _HEX.match(self._text, self._at + 2)
            if low and 0xDC00 <= int(low[0], 16) < 0xE000:
                self._at = low.end()
                return chr(0x10000 + ((code - 0xD800) << 10) + int(low[0], 16) - 0xDC00)
        if code == 0 or 0xD800 <= code < 0xE000:
            self._add_fault("NUL or half of a character.", at)
            return ""
        return chr(code)

    def _number(self, number: re.Match[str]) -> int | float:
        self._at = number.end()
        if self._peek() and self._peek() not in ",]} \t\r\n/#":
            raise self._stop("This is not a JSON number.", number.start())
        if number[1] is None and number[2] is None:
            if len(number[0]) > 20 or not -LARGEST - 1 <= int(number[0]) <= LARGEST:
                self._add_fault("A whole number is larger than 64 bits.", number.start())
                return 0
            return int(number[0])
        value = float(number[0])
        if value in (float("inf"), float("-inf")):
            self._add_fault("A number is too large.", number.start())
            return 0
        return value
