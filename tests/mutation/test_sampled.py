"""What a share of some faults says of all."""

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.mutation import judging, sampled
from tests.mutation.results import Meant
from tests.mutation.sampled import share_of_all


def test_each_module_counts_by_how_many_faults_it_has_not_by_how_many_were_tried() -> None:
    large = (900, Counter({Meant.NOTICED: 10, Meant.NOT_YET: 890}))
    small = (100, Counter({Meant.SURVIVED: 50, Meant.NOTICED: 50}))
    share, off = share_of_all([large, small])
    assert share == pytest.approx(95)
    assert off > 5, "ten of nine hundred are not all of them, though each was noticed"
    small[1].update({Meant.ALIKE: 20, Meant.WORDS: 5})
    for all_of_it in ((100, small[1]), (125, small[1])):
        assert share_of_all([all_of_it])[1] == 0, "where all were tried nothing is left to chance"


def test_the_more_are_tried_the_surer_is_the_share_and_what_is_alike_counts_for_nothing() -> None:
    few = Counter({Meant.NOTICED: 9, Meant.SURVIVED: 1})
    many = Counter({Meant.NOTICED: 90, Meant.SURVIVED: 10, Meant.ALIKE: 40, Meant.WORDS: 5})
    (share, off), (same, less) = share_of_all([(500, few)]), share_of_all([(500, many)])
    assert share == same == pytest.approx(90)
    assert less < off / 2
    assert share_of_all([(500, Counter({Meant.NOT_YET: 500}))]) == (0, 0)


def test_a_seed_chooses_the_same_faults_again_and_leaves_out_those_that_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judging, "CODE", tmp_path)
    ends: dict[str, int | None] = {f"qa_api.auth.duty.x_f__mutmut_{n}": None for n in range(100)}
    notes = tmp_path / "duty.py.meta"
    notes.write_text(json.dumps({"exit_code_by_key": ends}))
    chosen = judging.chosen_of("duty", "1", 10)
    assert len(set(chosen)) == 10
    assert judging.chosen_of("duty", "2", 10) != chosen
    notes.write_text(json.dumps({"exit_code_by_key": ends | {chosen[0]: 1}}))
    assert judging.chosen_of("duty", "1", 10) == chosen[1:]
    assert judging.function_of(chosen[0]) == "qa_api.auth.duty.x_f"


def test_each_test_that_judges_is_there_and_each_module_too() -> None:
    root = Path(judging.__file__).parents[2]
    for module, tests in judging.JUDGES.items():
        assert (root / judging.CODE / f"{module}.py").is_file(), module
        assert tests
        assert all((root / test).is_file() for test in tests)


@pytest.mark.long
def test_what_is_read_before_any_fault_is_chosen_has_none() -> None:
    code = (
        "import sys; from tests.mutation import judging; judging.read_what_has_no_fault();"
        " print(*sys.modules)"
    )
    said = subprocess.check_output([sys.executable, "-c", code], text=True)
    read = {*said.split()}
    assert "qa_api.models.audits" in read
    for module in judging.JUDGES:
        assert f"qa_api.{module.replace('/', '.').removesuffix('.__init__')}" not in read


def test_where_no_world_can_be_made_it_is_said_and_no_share_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sampled, "put_in", lambda *_: None)
    monkeypatch.setattr(sampled, "KEEP", ("-c", "import sys; sys.exit('no server')"))
    with pytest.raises(SystemExit, match="could not be made"):
        sampled.judge(tmp_path, tmp_path, tmp_path, "1", 1)
