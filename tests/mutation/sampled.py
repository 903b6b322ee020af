"""Faults in what says who sees what: so many of each module, and how sure their share is of all.

A fault there takes a database. `judging.py` judges in a copy of what git knows with all faults in
it, `.mutation/faults/`; `kept.py` keeps the world that it is judged over.
"""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from math import sqrt
from pathlib import Path
from shutil import copytree, rmtree

from tests.mutation.judging import CODE, JUDGES
from tests.mutation.results import Meant

PUTS_IN = """
import json, sys
sys.path.append(sys.argv[1])
from mutmut.mutation.file_mutation import mutate_file_contents
for path in sys.argv[2:]:
    source = open(path).read()
    made = mutate_file_contents(path, source, None, None)
    open(path, "w").write(made.code)
    module = path.removeprefix("src/").removesuffix(".py").replace("/", ".")
    ends = {module.removesuffix(".__init__") + "." + name: None for name in made.mutant_names}
    json.dump({"exit_code_by_key": ends}, open(path + ".meta", "w"))
"""
"""By a process of its own, so that what it reads stands behind what the tests need."""
KEEP = ("-m", "tests.mutation.kept")
"""What makes the world, says so, and keeps it until nobody listens any more."""
SURE: float = 1.96
"""Standard deviations: the share of all lies within the interval nineteen times of twenty."""


def judge(
    tree: Path, packages: Path, place: Path, seed: str, most: int, modules: Iterable[str] = ()
) -> None:
    """Judge faults in a copy of `tree`; where nothing changed since, those that were not yet.

    `modules`: of these alone.
    """
    faults, world = place / "faults", place / "world"
    put_in(tree, packages, faults)
    rmtree(world, ignore_errors=True)
    keep = [sys.executable, *KEEP, str(world)]
    with subprocess.Popen(keep, cwd=tree, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as keeper:
        assert keeper.stdout is not None
        made = bool(keeper.stdout.readline())
        if made:
            asked = [str(packages), str(world), seed, str(most), *modules]
            command = [sys.executable, "-m", "tests.mutation.judging", *asked]
            paths = os.pathsep.join(("src", "."))
            subprocess.call(command, cwd=faults, env=os.environ | {"PYTHONPATH": paths})
        keeper.communicate()
    if not made:
        sys.exit("The world to judge over could not be made; the reason is above.")


def put_in(tree: Path, packages: Path, faults: Path) -> None:
    """A copy with every fault in it and no end of any; that which is there, if it is the same."""
    sources = {path: path.read_text() for top in ("src", "tests") for path in python_of(tree / top)}
    said = json.dumps({str(path.relative_to(tree)): text for path, text in sources.items()})
    of = faults.with_suffix(".of")
    if of.exists() and of.read_text() == said:
        return
    rmtree(faults, ignore_errors=True)
    copytree(tree, faults, ignore=lambda _, names: {"mutants"} & {*names})
    modules = [str(CODE / f"{name}.py") for name in JUDGES]
    subprocess.check_call([sys.executable, "-c", PUTS_IN, str(packages), *modules], cwd=faults)
    of.write_text(said)


def python_of(top: Path) -> Iterator[Path]:
    """Its modules, in an order."""
    return iter(sorted(top.rglob("*.py")))


def share_of_all(strata: list[tuple[int, Counter[Meant]]]) -> tuple[float, float]:
    """Of a hundred faults of all modules how many are noticed, and how far that may be off.

    Each module counts by how many faults it has: (all of them, what became of those tried).
    """
    share = variance = 0.0
    whole = sum(size for size, _ in strata)
    for size, counts in strata:
        beside = counts[Meant.NOT_YET] + counts[Meant.WORDS] + counts[Meant.ALIKE]
        tried = counts.total() - beside
        if tried == 0:
            continue
        # Two of each added: none that survived among few is not proof that there is none.
        noticed = counts[Meant.NOTICED] / tried
        about = (counts[Meant.NOTICED] + 2) / (tried + 4)
        ended = tried + counts[Meant.WORDS] + counts[Meant.ALIKE]
        weight, left = size / whole, 1 - min(1.0, ended / size)
        share += weight * noticed
        variance += weight**2 * about * (1 - about) / (tried + 4) * left
    return 100 * share, 100 * SURE * sqrt(variance)
