"""The rules import values only: nothing of ours, no clock, no input or output."""

import ast
from pathlib import Path

import pytest

import qa_api.rules

ALLOWED = {
    "bisect",
    "calendar",
    "collections",
    "dataclasses",
    "datetime",
    "enum",
    "fractions",
    "functools",
    "hashlib",
    "itertools",
    "json",
    "math",
    "operator",
    "typing",
    "unicodedata",
    "zoneinfo",
}
# Also the ways in which an allowed module could read the world.
FORBIDDEN_NAMES = {"now", "utcnow", "today", "open", "print", "input", "eval", "exec"}

MODULES = sorted(Path(qa_api.rules.__path__[0]).glob("*.py"))


def imported(tree: ast.Module) -> set[str]:
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
    return names


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_a_rule_module_imports_values_only(path: Path) -> None:
    for name in imported(ast.parse(path.read_text(encoding="utf-8"))):
        assert name.startswith("qa_api.rules.") or name.split(".")[0] in ALLOWED


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_a_rule_module_calls_no_clock_and_no_input_or_output(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            called = node.func
            name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
            assert name not in FORBIDDEN_NAMES


def test_there_are_rules_to_look_at() -> None:
    assert len(MODULES) > 10
