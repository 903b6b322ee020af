"""Put a fault into each function of rules and rights, one at a time; see whether a test notices.

`./dev mutation --sample 150 [--seed N] [MODULE*]` tries so many faults of each module that says
who calls and who sees what, or of those named alone (`auth/duty`), see `sampled.py`; they are
judged over a database. The rules are tried whole:
`./dev mutation` does it in a copy of what git knows, `.mutation/`, with mutmut. Whatever was tried
there before and has not changed is not tried again, so that a run may be stopped and goes on later.
What survived is listed with the line that was changed: a test is missing, or nothing depends on it.
"""

import argparse
import fcntl
import hashlib
import os
import subprocess
import sys
from collections import Counter
from contextlib import suppress
from pathlib import Path
from shutil import copy2, rmtree

from tests.mutation import sampled
from tests.mutation.judging import CODE, JUDGES
from tests.mutation.results import Meant, modules_in, share_noticed

ROOT = Path(__file__).resolve().parent.parent.parent
PLACE = ROOT / ".mutation"
TREE, PACKAGES = PLACE / "tree", PLACE / "packages"
STAMP = PLACE / "installed"
SURVIVORS = PLACE / "survivors.txt"
WHO_CALLS_WHAT = TREE / "mutants" / "mutmut-stats.json"
"""Which test calls which function; mutmut asks it of tests with new names, not of changed ones."""
LOCK = ROOT / "requirements" / "mutation.txt"
UV = Path(sys.executable).with_name("uv")
MUTMUT = (sys.executable, "-m", "mutmut")


def main() -> int:
    """Install, try, and say how many of the faults of each module a test noticed."""
    PLACE.mkdir(exist_ok=True)
    install()
    bring_up_to_date()
    if "--sample" in sys.argv:
        return tell_sample()
    with suppress(KeyboardInterrupt):  # what was tried by then is told
        subprocess.call([*MUTMUT, "run", *sys.argv[1:]], cwd=TREE, env=environment())
    return tell()


def install() -> None:
    """Bring the packages in line with their lock; instant when they already are."""
    wanted = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    with (PLACE / "turn").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if STAMP.exists() and STAMP.read_text() == wanted:
            return
        STAMP.unlink(missing_ok=True)
        rmtree(PACKAGES, ignore_errors=True)  # what is in no lock any more is not replaced
        words = ["pip", "install", "--quiet", "--system-certs", "--require-hashes", "--no-deps"]
        where = ["--python", sys.executable, "--target", str(PACKAGES)]
        if subprocess.call([UV, *words, *where, "-r", str(LOCK)]) != 0:
            sys.exit("What puts the faults in could not be installed; the reason is above.")
        STAMP.write_text(wanted)


def environment() -> dict[str, str]:
    """The variables of a run: the packages beside those that the tests need, and mypy."""
    beside = str(Path(sys.executable).parent)
    path = os.pathsep.join((beside, os.environ.get("PATH", "")))
    return os.environ | {"PYTHONPATH": str(PACKAGES), "PATH": path, "MYPYPATH": "src"}


def bring_up_to_date() -> None:
    """Copy what git knows and has changed since it was copied; take away what is gone.

    Where a test of the rules changed, it is asked again which test calls which function.
    """
    known = subprocess.check_output(["git", "ls-files", "-z"], cwd=ROOT, text=True).split("\0")
    names = {name for name in known if name and (ROOT / name).is_file()}
    for name in sorted(names):
        here, there = ROOT / name, TREE / name
        if there.exists() and there.read_bytes() == here.read_bytes():
            continue
        there.parent.mkdir(parents=True, exist_ok=True)
        copy2(here, there)
        if name.startswith("tests/rules/"):
            WHO_CALLS_WHAT.unlink(missing_ok=True)
    for top in ("src", "tests"):
        for file in (TREE / top).rglob("*.py"):
            if str(file.relative_to(TREE)) not in names:
                file.unlink()


def tell() -> int:
    """The table, and the survivors in a file of their own. 1 where less than 90 % were noticed."""
    print(f"\n{'module':<28}" + "".join(f"{named:>11}" for named in (*Meant, "% noticed")))
    whole, survivors = Counter[Meant](), list[str]()
    for module in modules_in(TREE / "mutants" / "src" / "qa_api"):
        whole += module.counts
        survivors += module.survivors
        print(row_of(module.name, module.counts))
    print(row_of("all", whole))
    SURVIVORS.write_text("\n".join(survivors) + "\n")
    print(f"{SURVIVORS.relative_to(ROOT)} names what survived or is tried by no test")
    return 0 if share_noticed(whole) >= 90 else 1


def tell_sample() -> int:
    """The same of a sample, and by how much its share may be off."""
    parser = argparse.ArgumentParser(prog="./dev mutation")
    parser.add_argument("--sample", type=int, required=True)
    parser.add_argument("--seed", default="1")
    parser.add_argument("modules", nargs="*", metavar="MODULE", help="such as auth/duty")
    asked = parser.parse_args()
    if unknown := sorted({*asked.modules} - {*JUDGES}):
        parser.error(f"{unknown[0]} is none of {', '.join(JUDGES)}")
    with suppress(KeyboardInterrupt):
        sampled.judge(TREE, PACKAGES, PLACE, asked.seed, asked.sample, asked.modules)
    print(f"\n{'module':<28}" + "".join(f"{named:>11}" for named in (*Meant, "% noticed")))
    strata, survivors = list[tuple[int, Counter[Meant]]](), list[str]()
    code = PLACE / "faults" / CODE
    wanted = {code / f"{name}.py.meta" for name in asked.modules or JUDGES}
    for module in modules_in(code):
        if module.notes not in wanted:
            continue
        strata.append((len(module.ends), module.counts))
        survivors += module.survivors
        print(row_of(module.name, module.counts))
    share, off = sampled.share_of_all(strata)
    print(
        f"of all {sum(size for size, _ in strata)}: {share:.1f} % noticed, {off:.1f} more or less"
    )
    SURVIVORS.write_text("\n".join(survivors) + "\n")
    print(f"{SURVIVORS.relative_to(ROOT)} names what survived; seed {asked.seed} chooses the same")
    return 0 if share >= 90 else 1


def row_of(name: str, counts: Counter[Meant]) -> str:
    """A line of the table."""
    numbers = "".join(f"{counts[meant]:>11}" for meant in Meant)
    return f"{name:<28}{numbers}{share_noticed(counts):>11.1f}"


if __name__ == "__main__":
    sys.exit(main())
