"""What a state does not allow is said before that the version is older (RFC 9110, 13.2.1)."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import qa_api
from tests.responses.casework import WORKER, Casework, casework, service

__all__ = ("casework", "service")

ASKS_THE_STATE: Final = {"next_state", "take_step", "AlreadySo", "NotAllowedInState"}
OF_ANOTHER_THING: Final = [
    ("directory/group_roles.py", "end"),
    ("planning/service.py", "publish_plan"),
]
"""They go on to another thing: the change of a right, the version that is replaced."""


def calls(function: ast.AST) -> Iterator[tuple[int, str, ast.Call]]:
    """Each call in it: the line, and what is called."""
    for each in ast.walk(function):
        if isinstance(each, ast.Call):
            called = each.func
            name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
            yield each.lineno, name, each


def asks_the_version(call: ast.Call, name: str, own: set[str]) -> bool:
    """Whether it compares the version itself, or has a function of its module do so."""
    given = [*call.args, *(keyword.value for keyword in call.keywords)]
    hands_on = any(isinstance(one, ast.Name) and one.id == "expected" for one in given)
    of = getattr(getattr(call.func, "value", None), "id", "")
    return (name, of) == ("check", "expected") or (name in own and hands_on)


def test_no_step_asks_for_the_version_before_the_state() -> None:
    sources, asked, wrong = Path(qa_api.__file__).parent, 0, []
    for source in sorted(sources.rglob("*.py")):
        tree = ast.parse(source.read_text())
        functions = [
            each
            for each in ast.walk(tree)
            if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)
        ]
        own = {each.name for each in functions}
        for function in functions:
            found = [*calls(function)]
            versions = [line for line, name, call in found if asks_the_version(call, name, own)]
            states = [line for line, name, _ in found if name in ASKS_THE_STATE]
            asked += bool(versions and states)
            if versions and states and max(states) > min(versions):
                wrong.append((str(source.relative_to(sources)), function.name))
    assert asked > 40
    assert wrong == OF_ANOTHER_THING


def test_who_comes_second_is_told_what_it_is_now_and_what_can_be_done(casework: Casework) -> None:
    case = casework.completed_audit(actions=1)
    casework.deliver(case)
    worker, action = case.api.as_(WORKER), case.action()
    read = {"if-match": worker.tag(action)}
    done = {"done_on": "2026-11-23", "how": "She was seen at home."}
    assert worker.post(f"{action}/complete", done, headers=read).status_code == 200
    again = worker.post(f"{action}/complete", done, headers=read)
    assert (again.status_code, again.json()["state"]) == (409, "done")
    assert "verify" in again.json()["allowed_actions"]
    # What the state allows still takes the version that is there now.
    reviewer = case.api.as_("tm-lincoln-fast")
    seen = {"made_a_difference": True}
    assert reviewer.post(f"{action}/verify", seen, headers=read).status_code == 412
