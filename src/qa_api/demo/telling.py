"""How the demo tells its story on a terminal: calm, in plain words, one step after the other."""

import sys
from collections.abc import Mapping, Sequence
from datetime import date
from textwrap import fill
from typing import Any, TextIO

WIDTH = 92


class Teller:
    """Writes the steps; colour only where a terminal shows it."""

    def __init__(self, steps: int, out: TextIO = sys.stdout) -> None:
        self._out, self._steps, self._step = out, steps, 0
        self._colour = out.isatty()

    def step(self, title: str) -> None:
        """Begin the next step."""
        self._step += 1
        self._write("\n" + self._bold(f"[{self._step:>2}/{self._steps}] {title}"))

    def say(self, text: str) -> None:
        """A sentence or two of what happened."""
        self._write(fill(text, WIDTH, initial_indent="        ", subsequent_indent="        "))

    def show(self, label: str, value: object) -> None:
        """A fact that the service answered."""
        self._write(f"          {label:<26} {value}")

    def why(self, explanation: Mapping[str, Any]) -> None:
        """Why a date is what it is: the clause, and each day counted or skipped."""
        self.show("because", f"{explanation['clause']}, rule {explanation['rule']}")
        for step in explanation.get("steps", ()):
            day = date.fromisoformat(step["date"])
            mark = "counts " if step["counted"] else "skipped"
            self._write(f"             {day:%a %d %b %Y}  {mark}  {step['reason']}")

    def summary(self, title: str, rows: Sequence[tuple[str, object]]) -> None:
        """The last screen: what there is now."""
        self._write("\n" + self._bold(title))
        for label, value in rows:
            self._write(f"  {label:<44} {value}")

    def _bold(self, text: str) -> str:
        return f"\033[1m{text}\033[0m" if self._colour else text

    def _write(self, text: str) -> None:
        print(text, file=self._out, flush=True)
