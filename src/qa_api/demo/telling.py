"""How the demo tells its story on a terminal: calm, in plain words, one step after the other."""

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from textwrap import fill
from typing import Any, TextIO

WIDTH = 92
LABEL = 30
WORDS = {True: "yes", False: "no", None: "-"}
"""How the values are told that JSON has no words for."""


def day(written: str | date) -> str:
    """A day as people say it."""
    on = date.fromisoformat(written) if isinstance(written, str) else written
    return f"{on:%A} {on.day} {on:%B %Y}"


def plainly(value: object) -> str:
    """A value in words; `requires_improvement` is two."""
    if value is None or isinstance(value, bool):
        return WORDS[value]
    said = str(value)
    return said.replace("_", " ") if re.fullmatch("[a-z_]+", said) else said


def _beside(begin: str, text: str) -> str:
    """A text beside what stands before it: lines of the screen's width, one under the other."""
    return fill(
        text,
        WIDTH,
        initial_indent=begin,
        subsequent_indent=" " * len(begin),
        break_long_words=False,
        break_on_hyphens=False,
    )


class Teller:
    """Writes chapters and steps; colour only where a terminal shows it."""

    def __init__(self, out: TextIO = sys.stdout) -> None:
        self._out, self._colour, self._silent = out, out.isatty(), False
        self._chapter = self._step = 0

    @contextmanager
    def silence(self) -> Iterator[None]:
        """Inside, everything happens and nothing is told."""
        self._silent = True
        try:
            yield
        finally:
            self._silent = False

    def chapter(self, number: int, title: str, on: date) -> None:
        """Begin a chapter on a day of the story."""
        self._chapter, self._step = number, 0
        heading = f"{number}  {title}"
        self._write("\n\n" + self._bold(f"{heading}{day(on):>{WIDTH - len(heading)}}"))
        self._write("-" * WIDTH)

    def step(self, title: str) -> None:
        """Begin the next step of the chapter."""
        self._step += 1
        self._write("\n" + self._bold(f"{self._chapter}.{self._step:<2} {title}"))

    def on(self, later: date) -> None:
        """Time goes by."""
        self._write(f"     ... {day(later)}")

    def say(self, text: str) -> None:
        """A sentence or two of what happened."""
        self._write(fill(text, WIDTH, initial_indent="     ", subsequent_indent="     "))

    def note(self, text: str) -> None:
        """A word beside the story."""
        self._write(f"\n{text}")

    def show(self, label: str, value: object) -> None:
        """A fact that the service answered."""
        self._write(_beside(f"       {label:<{LABEL}} ", plainly(value)))

    def table(self, head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        """Facts side by side; numbers stand to the right, a long last cell goes on below."""
        cells = [head, *([plainly(value) for value in row] for row in rows)]
        widths = [max(len(row[column]) for row in cells) for column in range(len(head))]
        numbers = [all(isinstance(row[column], int) for row in rows) for column in range(len(head))]
        for line in cells:
            parts = [
                cell.rjust(width) if number else cell.ljust(width)
                for cell, width, number in zip(line, widths, numbers, strict=True)
            ]
            *before, last = parts
            told = _beside(f"       {''.join(f'{part}   ' for part in before)}", last.rstrip())
            self._write(self._faint(told) if line is head else told)

    def why(self, explanation: Mapping[str, Any]) -> None:
        """Why a date is what it is: the clause, and each day counted or skipped."""
        self.show("because", f"{explanation['clause']}, rule {explanation['rule']}")
        for step in explanation.get("steps", ()):
            on = date.fromisoformat(step["date"])
            mark = "counts " if step["counted"] else "skipped"
            self._write(f"         {on:%a %d %b %Y}  {mark}  {step['reason']}")

    def summary(self, title: str, rows: Sequence[tuple[str, object]]) -> None:
        """The last screen: what there is now."""
        self._write("\n\n" + self._bold(title))
        self._write("-" * WIDTH)
        for label, value in rows:
            self._write(f"  {label:<35} {value}")

    def _bold(self, text: str) -> str:
        return f"\033[1m{text}\033[0m" if self._colour else text

    def _faint(self, text: str) -> str:
        return f"\033[2m{text}\033[0m" if self._colour else text

    def _write(self, text: str) -> None:
        if not self._silent:
            print(text, file=self._out, flush=True)
