"""The service knows no authority: its code names no judgement, audit type, team or case system.

What stands in examples of the contract is shown, not acted on, and is left out; so is the story of
the demo, which is told of one authority.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import qa_api
from qa_api.data import shipped_authorities
from qa_api.demo.authority import demo_authority

SOURCE = Path(qa_api.__file__).parent
TOLD_OF_ONE_AUTHORITY = {"data", "demo"}
SHOWN = re.compile(r"(^|_)(A|AN|EXAMPLES?|SHOWN)(_|$)")
"""How constants are named that hold nothing but examples."""
DECLARE_A_COLUMN = {"Column", "code", "coded", "named"}
"""What declares a column of a dataset, with an example of what stands in it."""
WORDS_OF_THE_CONTRACT = {
    *((f"case_events/{file}.py", "closure") for file in ("histories", "queries")),
    ("0074_words_of_others.sql", "closure"),
}
"""A field of the case events that happens to be called as an audit type is."""


def codes() -> set[str]:
    """Every code that some authority's data gives a meaning to."""
    found: set[str] = set()
    for authority in shipped_authorities():
        folder = demo_authority(authority)
        directory = folder.directory
        found |= {point.code for scale in folder.scales for point in scale.points}
        found |= {scale.code for scale in folder.scales}
        found |= {draft.code for _, draft in folder.tools} | set(folder.audit_types)
        found |= {*directory.teams, *directory.services, *directory.workers}
        found |= {*directory.case_systems, *directory.auditor_groups}
        found |= {system.source for system in directory.case_systems.values()}
        found |= {person.subject for person in directory.principals}
    return {code for code in found if len(code) > 1}


def strings(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """The texts that code acts on: none of documentation, none of an example."""
    if _documents(tree) or _shows(tree):
        return
    if isinstance(tree, ast.Constant) and isinstance(tree.value, str):
        yield tree.lineno, tree.value
    for child in ast.iter_child_nodes(tree):
        if not (isinstance(tree, ast.Call) and child in _examples_of_a_column(tree)):
            yield from strings(child)


def _documents(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _shows(node: ast.AST) -> bool:
    if isinstance(node, ast.keyword):
        return node.arg in {"json_schema_extra", "examples", "example"}
    if isinstance(node, ast.Assign):
        return any(isinstance(one, ast.Name) and SHOWN.search(one.id) for one in node.targets)
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return "JsonValue" in ast.dump(node.annotation) or bool(SHOWN.search(node.target.id))
    return False


def _examples_of_a_column(call: ast.Call) -> list[ast.expr]:
    if not (isinstance(call.func, ast.Name) and call.func.id in DECLARE_A_COLUMN):
        return []
    pairs = [one for one in call.args if isinstance(one, ast.Tuple)]
    return [one for one in call.args if isinstance(one, ast.Constant)] + [
        pair for pair in pairs if all(isinstance(one, ast.Constant) for one in pair.elts)
    ]


def named_in(text: str, known: set[str]) -> set[str]:
    """The codes that a text is, or quotes as SQL does."""
    return {text} & known | set(re.findall(r"'([a-z0-9_:-]+)'", text)) & known


def test_the_codes_are_those_of_two_authorities_at_least() -> None:
    assert {"inadequate", "scale_2", "closure", "end-of-involvement", "mosaic", "lcs"} <= codes()


def test_a_code_is_found_where_it_is_acted_on_and_not_where_it_is_shown() -> None:
    source = """
'''A closure audit.'''
_CONTENT: Final[dict[str, JsonValue]] = {"team": "lincoln-fast"}
if audit.type == "closure":
    statement = text("SELECT 1 WHERE judgement = 'inadequate'")
model_config = ConfigDict(json_schema_extra={"examples": [{"system": "mosaic"}]})
"""
    known = codes()
    found = [(line, *named_in(text, known)) for line, text in strings(ast.parse(source))]
    assert [one for one in found if len(one) > 1] == [(4, "closure"), (5, "inadequate")]


@pytest.mark.long
def test_no_code_of_any_authority_stands_in_the_service() -> None:
    known = codes()
    acting = [
        (file, file.relative_to(SOURCE).as_posix())
        for file in sorted(SOURCE.rglob("*.py"))
        if file.name != "examples.py"
        and file.relative_to(SOURCE).parts[0] not in TOLD_OF_ONE_AUTHORITY
    ]
    named = [
        f"{place}:{line}: {code}"
        for file, place in acting
        for line, text in strings(ast.parse(file.read_text()))
        for code in sorted(named_in(text, known))
        if (place, code) not in WORDS_OF_THE_CONTRACT
    ]
    assert named == []


def test_no_code_stands_in_the_migrations() -> None:
    known = codes()
    migrations = SOURCE.parents[1] / "migrations"
    named = [
        f"{file.name}: {code}"
        for file in sorted(migrations.rglob("*.sql"))
        for code in sorted(named_in(file.read_text(), known))
        if (file.name, code) not in WORDS_OF_THE_CONTRACT
    ]
    assert named == []
