"""The page about security says what is so: its tests exist, and ASVS is counted whole."""

import ast
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "security.md").read_text()
PAGES = [
    ROOT / "docs" / "security.md",
    *sorted((ROOT / "docs" / "decisions").glob("*.md")),
]
NAMED = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")

# ASVS 5.0.0: the level of each requirement, section by section, in its own order.
LEVELS = {
    "1.1": "22", "1.2": "1111122223", "1.3": "112222222223", "1.4": "222", "1.5": "123",
    "2.1": "122", "2.2": "112", "2.3": "12223", "2.4": "23",
    "3.1": "3", "3.2": "113", "3.3": "12223", "3.4": "11222233", "3.5": "11122333", "3.6": "3",
    "3.7": "22333",
    "4.1": "12233", "4.2": "23333", "4.3": "22", "4.4": "1222",
    "5.1": "2", "5.2": "112333", "5.3": "113", "5.4": "222",
    "6.1": "122", "6.2": "111111112222", "6.3": "11223333", "6.4": "112233", "6.5": "22222333",
    "6.6": "2223", "6.7": "33", "6.8": "2222",
    "7.1": "222", "7.2": "1111", "7.3": "22", "7.4": "11222", "7.5": "223", "7.6": "22",
    "8.1": "1233", "8.2": "1123", "8.3": "133", "8.4": "23",
    "9.1": "111", "9.2": "1222",
    "10.1": "22", "10.2": "223", "10.3": "22223", "10.4": "1111122222233333", "10.5": "22222",
    "10.6": "22", "10.7": "222",
    "11.1": "2233", "11.2": "22233", "11.3": "11233", "11.4": "1222", "11.5": "23", "11.6": "23",
    "11.7": "33",
    "12.1": "12233", "12.2": "11", "12.3": "22223",
    "13.1": "2333", "13.2": "222223", "13.3": "2233", "13.4": "1222233",
    "14.1": "22", "14.2": "12223333", "14.3": "122",
    "15.1": "12233", "15.2": "12233", "15.3": "1222222", "15.4": "3333",
    "16.1": "2", "16.2": "22222", "16.3": "2222", "16.4": "222", "16.5": "2223",
    "17.1": "23", "17.2": "22223333", "17.3": "22",
}  # fmt: skip
OF_AN_API = ("1.", "2.", "4.", "8.", "9.", "10.3", "15.", "16.")
"""The chapters whose third level is counted too."""


@cache
def functions_in(file: str) -> frozenset[str]:
    tree = ast.parse((ROOT / file).read_text())
    kinds = ast.FunctionDef | ast.AsyncFunctionDef
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, kinds))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_test_that_is_named_exists(page: Path) -> None:
    for file, name in NAMED.findall(page.read_text()):
        assert (ROOT / file).is_file(), f"{page.name} names {file}"
        assert not name or name in functions_in(file), f"{page.name} names {file}::{name}"


def rows(table: str) -> list[list[str]]:
    """The cells of a table between two comments of the page."""
    found = re.search(rf"<!-- {table} -->\n(.*?)<!-- /", PAGE, re.DOTALL)
    assert found, table
    lines = [line for line in found[1].splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[2:]]


def test_every_threat_has_whom_it_comes_from_what_stands_against_it_and_a_test() -> None:
    threats = rows("threats")
    assert len(threats) > 25
    attackers = re.findall(r"^(\d)\. \*\*", PAGE, re.MULTILINE)
    for threat, by, against, shown_by in threats:
        assert {each.strip() for each in by.split(",")} <= set(attackers), threat
        assert against, threat
        assert NAMED.search(shown_by), f"{threat}: no test"
    for each in attackers:
        assert any(each in by for _, by, *_ in threats), f"nothing is said against {each}"


def test_what_is_claimed_of_asvs_has_a_test() -> None:
    for requirements, how, shown_by in rows("asvs claimed"):
        assert how, requirements
        assert NAMED.search(shown_by), f"{requirements}: no test"


def test_every_requirement_of_asvs_stands_in_one_table() -> None:
    levels = {
        f"{section}.{number}": int(level)
        for section, digits in LEVELS.items()
        for number, level in enumerate(digits, 1)
    }
    assert Counter(levels.values()) == {1: 70, 2: 183, 3: 92}
    looked_at = {name for name, level in levels.items() if level < 3 or name.startswith(OF_AN_API)}
    told = Counter(
        name
        for table in ("claimed", "absent", "operator", "open")
        for cells in rows(f"asvs {table}")
        for name in re.findall(r"\d+\.\d+\.\d+", cells[0])
    )
    assert looked_at - told.keys() == set(), "said nothing about"
    assert told.keys() - looked_at == set(), "said something about what is not looked at"
    assert [name for name, times in told.items() if times > 1] == []
