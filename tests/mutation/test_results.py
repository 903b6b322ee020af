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


def test_each_fault_that_does_the_same_is_of_a_function_that_there_is() -> None:
    for (function, _), why in ALIKE.items():
        module, *_, name = function.split(".")
        sources = [path.read_text() for path in CODE.rglob(f"{module}.py")]
        assert any(f"def {name}(" in source for source in sources), function
        assert why
