"""A function fits on a screen and a module is read in one sitting, or it asks to be two."""

import ast
from collections.abc import Iterator
from pathlib import Path

SOURCE = Path(__file__).parent.parent / "src"
LINES_OF_A_FUNCTION = 50
LINES_OF_A_MODULE = 400


def test_no_function_is_longer_than_a_screen() -> None:
    lengths = dict(functions())
    longest = {name: lines for name, lines in lengths.items() if lines > LINES_OF_A_FUNCTION}

    assert len(lengths) > 1000
    assert not longest, "split where a reader would pause, and name the parts"


def test_no_module_asks_to_be_two() -> None:
    lengths = {path: path.read_text().count("\n") for path in SOURCE.rglob("*.py")}
    longest = {str(path): lines for path, lines in lengths.items() if lines > LINES_OF_A_MODULE}

    assert len(lengths) > 100
    assert not longest, "split by reason to change"


def functions() -> Iterator[tuple[str, int]]:
    """Each function of the source by its place, and how many lines it has."""
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                place = f"{path.relative_to(SOURCE)}:{node.lineno} {node.name}"
                yield place, (node.end_lineno or node.lineno) - node.lineno + 1
