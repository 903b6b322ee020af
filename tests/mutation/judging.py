"""Faults in what is said in SQL, each judged in a process of its own that begins where another is.

A process that has read everything and a world that is kept make a fault cost what its tests cost. A
function that runs while modules are read is judged by one that has not read them yet.
"""

import gc
import importlib
import json
import os
import pickle
import random
import resource
import sys
import traceback
from collections.abc import Callable, Iterable, Mapping
from itertools import zip_longest
from pathlib import Path
from time import monotonic
from typing import Any, TypeAlias

JUDGES: Mapping[str, tuple[str, ...]] = {
    "auth/actor": (
        "tests/auth/test_actor.py",
        "tests/matrix/test_context.py",
        "tests/matrix/test_first_lock.py",
    ),
    "auth/reach": (
        "tests/matrix/test_members.py",
        "tests/matrix/test_first_lock.py",
        "tests/auth/test_reasons.py",
    ),
    "auth/duty": ("tests/matrix/test_who_acts.py", "tests/matrix/test_first_lock.py"),
    "auth/led": ("tests/matrix/test_led.py",),
    "auth/reasons/__init__": ("tests/auth/test_reasons.py", "tests/matrix/test_first_lock.py"),
    "auth/reasons/cases": (
        "tests/auth/test_reasons.py",
        "tests/matrix/test_each_reason.py",
        "tests/matrix/test_first_lock.py",
    ),
    "auth/reasons/common": ("tests/auth/test_reasons.py", "tests/matrix/test_first_lock.py"),
    "auth/reasons/practice": (
        "tests/auth/test_reasons.py",
        "tests/matrix/test_through_audits.py",
        "tests/matrix/test_each_reason.py",
        "tests/matrix/test_first_lock.py",
    ),
    "auth/reasons/through_audits": (
        "tests/auth/test_reasons.py",
        "tests/matrix/test_looking_back.py",
        "tests/matrix/test_through_audits.py",
        "tests/matrix/test_first_lock.py",
    ),
    "auth/matrix/printing": ("tests/matrix/test_table.py",),
    "auth/matrix/words": ("tests/matrix/test_table.py",),
    "auth/matrix/fields": ("tests/matrix/test_table.py",),
    "auth/matrix/leaving": ("tests/matrix/test_table.py",),
    "auth/development": ("tests/auth/test_key_sets.py", "tests/auth/test_tokens.py"),
    "auth/keys": ("tests/auth/test_key_sets.py", "tests/auth/test_tokens.py"),
    "auth/roles": ("tests/auth/test_actor.py", "tests/auth/test_sight.py"),
    "auth/sight": ("tests/auth/test_sight.py", "tests/matrix/test_table.py"),
    "auth/tokens": ("tests/auth/test_tokens.py", "tests/auth/test_key_sets.py"),
    "reads/purposes": ("tests/reads/test_purposes.py",),
}
"""Who calls, what they hold and what they see: the modules that say so, and the tests that judge
them, the likeliest to notice first."""
CODE = Path("src") / "qa_api"
OPTIONS = (
    "-x",
    "-q",
    "--tb=no",
    "--no-header",
    "--assert=plain",
    "-p",
    "no:xdist",
    "-p",
    "no:cacheprovider",
    "-p",
    "no:schemathesis",
)
EARLY, KNOWN = "early.txt", "known.pickle"
Known: TypeAlias = dict[str, Any]
"""What statements find, by what was asked (`kept.py`)."""
CPU_SECONDS = 90
"""A fault that has not come to an end by then has been noticed."""


def main() -> int:
    """Judge as many faults of each module as are asked for, chosen by the seed; note each end."""
    packages, place, seed, most = sys.argv[1], Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])
    asked = sys.argv[5:] or [*JUDGES]
    sys.path.append(packages)  # last: what the tests need is not to be had from there
    read_what_has_no_fault()
    tests = [*dict.fromkeys(test for name in asked for test in JUDGES[name])]
    if not (place / KNOWN).exists() and end_of(lambda: judged("", tests, place, learn=True)) != 0:
        sys.exit("Without any fault the tests that judge do not pass.")
    end_of(lambda: note_what_runs_early(place))
    early = set((place / EARLY).read_text().splitlines())
    # In turn, so that a run that is stopped has tried about as many of each.
    turns = zip_longest(*([(name, each) for each in chosen_of(name, seed, most)] for name in asked))
    chosen = [pair for turn in turns for pair in turn if pair is not None]
    # What runs while modules are read is judged first: this process has read none yet.
    for name, fault in chosen:
        if function_of(fault) in early:
            note(name, fault, place)
    read_all(place)
    known = known_at(place)
    gc.collect()
    gc.freeze()  # what all processes have is looked through by none of them
    for name, fault in chosen:
        if function_of(fault) not in early:
            note(name, fault, place, known)
    return end_of(lambda: judged("", tests, place))


def read_what_has_no_fault() -> None:
    """What takes long to read, and reads nothing that a fault is put into."""
    gc.disable()  # each process ends within seconds
    for name in ("asyncpg", "cryptography", "fastapi", "httpx", "hypothesis", "orjson"):
        importlib.import_module(name)
    for name in ("pydantic", "pydantic_settings", "pytest", "sqlalchemy.orm", "uvicorn"):
        importlib.import_module(name)
    for name in ("qa_api.events", "qa_api.models"):
        importlib.import_module(name)


def read_all(place: Path) -> None:
    """What judges, with the world; and how much everybody sees of it by the table."""
    kept = importlib.import_module("tests.mutation.kept")
    for test in sorted({test for tests in JUDGES.values() for test in tests}):
        importlib.import_module(test.removesuffix(".py").replace("/", "."))
    kept.take_on(place)


def note_what_runs_early(place: Path) -> None:
    """Which functions run while all of it is read."""
    os.environ["MUTANT_UNDER_TEST"] = "stats"
    state = importlib.import_module("mutmut.state").state
    read_all(place)
    (place / EARLY).write_text("\n".join(sorted(state()._stats)))


def chosen_of(name: str, seed: str, most: int) -> list[str]:
    """The faults of a module that are tried and were not yet."""
    ends = ends_of(name)
    chosen = random.Random(f"{seed} {name}").sample(sorted(ends), min(most, len(ends)))
    return [fault for fault in chosen if ends[fault] is None]


def ends_of(name: str) -> dict[str, int | None]:
    """How each fault of a module ended; None where it was not tried."""
    ends: dict[str, int | None] = json.loads(notes_of(name).read_text())["exit_code_by_key"]
    return ends


def notes_of(name: str) -> Path:
    """Where that stands, beside the module."""
    return CODE / f"{name}.py.meta"


def function_of(fault: str) -> str:
    """The function that it is in, as mutmut names it."""
    return fault.rpartition("__mutmut_")[0]


def known_at(place: Path) -> Known:
    """What was found without a fault; read once for all that begin here, or by one for itself."""
    return pickle.loads((place / KNOWN).read_bytes())  # type: ignore[no-any-return]  # noqa: S301  # our own, of this run


def note(name: str, fault: str, place: Path, known: Known | None = None) -> None:
    """Judge a fault, and keep how it ended."""
    began = monotonic()
    # However it ends, but well: a test noticed, or nothing could even be read.
    end = int(end_of(lambda: judged(fault, JUDGES[name], place, known)) != 0)
    ends = ends_of(name) | {fault: end}
    notes_of(name).write_text(json.dumps({"exit_code_by_key": ends}))
    print(f"{'noticed' if end else 'SURVIVED'} {fault}, {monotonic() - began:.0f} s", flush=True)


def judged(
    fault: str,
    tests: Iterable[str],
    place: Path,
    known: Known | None = None,
    *,
    learn: bool = False,
) -> int:
    """How tests end with a fault: 0 where none noticed it. What is found without one is kept."""
    os.environ["MUTANT_UNDER_TEST"] = fault
    read_all(place)
    if known is None:
        known = {} if learn else known_at(place)
    importlib.import_module("tests.mutation.kept").remember(known)
    end = int(importlib.import_module("pytest").main([*OPTIONS, *tests]))
    if learn:
        (place / KNOWN).write_bytes(pickle.dumps(known))
    return end


def end_of(act: Callable[[], int | None]) -> int:
    """How it ends in a process of its own, which begins where this one is."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
            if os.environ.get("JUDGING_ALOUD") is None:
                silent = os.open(os.devnull, os.O_WRONLY)
                os.dup2(silent, 1)
                os.dup2(silent, 2)
            code = act() or 0
        except BaseException:  # noqa: BLE001  # whatever it is, this process ends here
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


if __name__ == "__main__":
    sys.exit(main())
