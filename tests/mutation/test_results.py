"""What the end of a fault's tests means."""

import json
from pathlib import Path

import pytest

from tests.mutation import results
from tests.mutation.alike import ALIKE
from tests.mutation.results import Meant, modules_in, share_noticed

SOURCE = """
def x_sum__mutmut_orig(a, b):
    if a is None:
        raise ValueError("There is none.")
    return a + b

def x_sum__mutmut_1(a, b):
    if a is None:
        raise ValueError("XXThere is none.XX")
    return a + b

def x_sum__mutmut_2(a, b):
    if a is None:
        raise ValueError("There is none.")
    return a - b

def x_sum__mutmut_3(a, b):
    if a is None:
        raise ValueError("There is none.")
    return b + a
"""
CODE = Path(results.__file__).parents[2] / "src" / "qa_api"


def test_a_fault_that_survived_is_told_unless_it_alters_words_or_does_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(results, "ALIKE", {("some.sum", "return b + a"): "the order of a sum"})
    ends = {1: 0, 2: 0, 3: 0}
    for end, meant in ((0, Meant.SURVIVED), (1, Meant.NOTICED), (33, Meant.NO_TEST)):
        noted = {f"qa_api.some.x_sum__mutmut_{n}": code for n, code in (ends | {2: end}).items()}
        (tmp_path / "some.py").write_text(SOURCE)
        (tmp_path / "some.py.meta").write_text(json.dumps({"exit_code_by_key": noted}))
        (module,) = modules_in(tmp_path)
        assert [*module.meant.values()] == [Meant.WORDS, meant, Meant.ALIKE]
        told = [] if meant is Meant.NOTICED else ["qa_api.some.x_sum__mutmut_2"]
        assert module.survivors == told
        assert share_noticed(module.counts) == (100 if meant is Meant.NOTICED else 0)


STATEMENTS = """
def x_held__mutmut_orig(row, me):
    grant, person = aliased(Grant), aliased(Person)
    return and_(there_is((grant, person), grant.of == row.id, grant.to == person.id), me.holds(1))

def x_held__mutmut_1(row, me):
    grant, person = aliased(Grant), aliased(Person)
    return and_(there_is(None, grant.of == row.id, grant.to == person.id), me.holds(1))

def x_held__mutmut_2(row, me):
    grant, person = aliased(Grant), aliased(Person)
    return and_(there_is((grant, person), grant.of == row.id, None), me.holds(1))

def x_held__mutmut_3(row, me):
    grant, person = aliased(Grant), None
    return and_(there_is((grant, person), grant.of == row.id, grant.to == person.id), me.holds(1))

def x_led__mutmut_orig(row):
    return there_is(HOLDERS, HOLDERS.c.team == row.team)

def x_led__mutmut_1(row):
    return there_is(None, HOLDERS.c.team == row.team)

def x_twice__mutmut_orig(row):
    one = aliased(One)
    return there_is(one, one.of == row.id, there_is(one, one.to == row.to))

def x_twice__mutmut_1(row):
    one = aliased(One)
    return there_is(one, one.of == row.id, there_is(None, one.to == row.to))
"""


def test_a_row_that_is_made_for_one_statement_is_its_own_whether_it_is_named_or_not(
    tmp_path: Path,
) -> None:
    held = (f"x_held__mutmut_{number}" for number in (1, 2, 3))
    faults = (*held, "x_led__mutmut_1", "x_twice__mutmut_1")
    ends = {f"qa_api.some.{fault}": 0 for fault in faults}
    (tmp_path / "some.py").write_text(STATEMENTS)
    (tmp_path / "some.py.meta").write_text(json.dumps({"exit_code_by_key": ends}))
    (module,) = modules_in(tmp_path)
    assert [*module.meant.values()] == [Meant.ALIKE, *[Meant.SURVIVED] * 4]


def test_each_fault_that_does_the_same_is_of_a_function_that_there_is() -> None:
    for (function, _), why in ALIKE.items():
        module, *_, name = function.split(".")
        sources = [path.read_text() for path in CODE.rglob(f"{module}.py")]
        assert any(f"def {name}(" in source for source in sources), function
        assert why
