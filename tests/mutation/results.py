"""What became of the faults that mutmut put into a module, as it noted it."""

import ast
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from enum import StrEnum
from functools import cached_property
from pathlib import Path

from qa_api.rules.unchanging import Unchanging
from tests.mutation.alike import ALIKE, whose_rows_need_no_saying


class Meant(StrEnum):
    """What the end of a fault's tests means."""

    NOTICED = "noticed"
    SURVIVED = "survived"
    WORDS = "words"
    """It survived, and alters nothing but what a text says."""
    ALIKE = "alike"
    """It survived, and does the same: see `alike.py`."""
    NO_TEST = "no test"
    NOT_YET = "not yet"


_SURVIVED, _NO_TEST, _NOT_YET = 0, (5, 33), (None, 2)
"""Exit codes of pytest and of mutmut; whatever else there is, a test noticed."""


class Module(Unchanging, eq=False):
    """One module with faults in it."""

    notes: Path
    ends: Mapping[str, int | None]
    """By the name of a fault."""

    @property
    def name(self) -> str:
        """Such as `deadlines.py`."""
        return self.notes.name.removesuffix(".meta")

    @cached_property
    def meant(self) -> Mapping[str, Meant]:
        """What became of each fault."""
        functions = _without_words(self.notes.with_suffix("").read_text())
        return {fault: _meant(fault, end, functions) for fault, end in self.ends.items()}

    @property
    def counts(self) -> Counter[Meant]:
        """How many became what."""
        return Counter(self.meant.values())

    @property
    def survivors(self) -> list[str]:
        """What no test noticed, words aside."""
        told = (Meant.SURVIVED, Meant.NO_TEST)
        return sorted(fault for fault, meant in self.meant.items() if meant in told)


def modules_in(directory: Path) -> Iterator[Module]:
    """Those with any fault, by name."""
    for notes in sorted(directory.rglob("*.meta")):
        if ends := json.loads(notes.read_text())["exit_code_by_key"]:
            yield Module(notes=notes, ends=ends)


def share_noticed(counts: Counter[Meant]) -> float:
    """Of a hundred faults that were tried and make a difference, how many a test noticed."""
    beside = counts[Meant.NOT_YET] + counts[Meant.WORDS] + counts[Meant.ALIKE]
    tried = counts.total() - beside
    return 100 * counts[Meant.NOTICED] / tried if tried else 0.0


def _meant(fault: str, end: int | None, functions: Mapping[str, ast.Module]) -> Meant:
    if end in _NOT_YET:
        return Meant.NOT_YET
    if end in _NO_TEST:
        return Meant.NO_TEST
    if end != _SURVIVED:
        return Meant.NOTICED
    name, was = _names(fault)
    if ast.dump(functions[name]) == ast.dump(functions[was]):
        return Meant.WORDS
    both = (ast.dump(whose_rows_need_no_saying(functions[each])) for each in (name, was))
    is_alike = len({*both}) == 1 or _entry_of(fault, functions) in ALIKE
    return Meant.ALIKE if is_alike else Meant.SURVIVED


def _names(fault: str) -> tuple[str, str]:
    """What the function with the fault is called, and the one without."""
    name = fault.rpartition(".")[2]
    return name, name.rpartition("__mutmut_")[0] + "__mutmut_orig"


def _entry_of(fault: str, functions: Mapping[str, ast.Module]) -> tuple[str, str] | None:
    """The function, as `telling.newest`, and the one line that the fault makes of another."""
    name, was = _names(fault)
    before, after = (ast.unparse(functions[each]).splitlines() for each in (was, name))
    made = [line for line in after if line not in before]
    if len(made) != 1:
        return None
    module, _, mangled = fault.rpartition("__mutmut_")[0].rpartition(".")
    function = mangled.removeprefix("x_").removeprefix("xǁ").replace("ǁ", ".")
    return f"{module.rpartition('.')[2]}.{function}", made[0].strip()


def _without_words(source: str) -> Mapping[str, ast.Module]:
    """Each function, with and without a fault, as it is but for what its texts say."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value:
            node.value = ""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {
        node.name: ast.Module(body=node.body, type_ignores=[])
        for node in ast.walk(tree)
        if isinstance(node, kinds)
    }
