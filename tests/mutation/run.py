"""Put a fault into each function of the rules, one at a time, and see whether a test notices.

`./dev mutation` does it in a copy of what git knows, `.mutation/`, with mutmut. Whatever was tried
there before and has not changed is not tried again, so that a run may be stopped and goes on later.
What survived is listed with the line that was changed: a test is missing, or nothing depends on it.
"""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from shutil import copy2

ROOT = Path(__file__).resolve().parent.parent.parent
PLACE = ROOT / ".mutation"
TREE, PACKAGES = PLACE / "tree", PLACE / "packages"
SURVIVORS = PLACE / "survivors.txt"
LOCK = ROOT / "requirements" / "mutation.txt"
UV = Path(sys.executable).with_name("uv")

SURVIVED, NO_TEST, NOT_YET = 0, (5, 33), (None, 2)
"""How the tests of a fault ended, as mutmut notes it; whatever else there is, they noticed."""


def main() -> int:
    """Install, try, and say how many of the faults of each module a test noticed."""
    PLACE.mkdir(exist_ok=True)
    install()
    bring_up_to_date()
    subprocess.call([*MUTMUT, "run", *sys.argv[1:]], cwd=TREE, env=environment())
    return tell()


MUTMUT = (sys.executable, "-m", "mutmut")


def install() -> None:
    """Bring the packages in line with their lock."""
    words = ["pip", "install", "--quiet", "--system-certs", "--require-hashes", "--no-deps"]
    where = ["--python", sys.executable, "--target", str(PACKAGES)]
    if subprocess.call([UV, *words, *where, "-r", str(LOCK)]) != 0:
        sys.exit("What puts the faults in could not be installed; the reason is above.")


def environment() -> dict[str, str]:
    """The variables of a run: the packages beside those that the tests need."""
    return os.environ | {"PYTHONPATH": str(PACKAGES)}


def bring_up_to_date() -> None:
    """Copy what git knows and has changed since it was copied; take away what is gone."""
    known = subprocess.check_output(["git", "ls-files", "-z"], cwd=ROOT, text=True).split("\0")
    names = {name for name in known if name and (ROOT / name).is_file()}
    for name in sorted(names):
        here, there = ROOT / name, TREE / name
        if there.exists() and there.read_bytes() == here.read_bytes():
            continue
        there.parent.mkdir(parents=True, exist_ok=True)
        copy2(here, there)
    for top in ("src", "tests"):
        for file in (TREE / top).rglob("*.py"):
            if str(file.relative_to(TREE)) not in names:
                file.unlink()


def tell() -> int:
    """The table, and the survivors in a file of their own. 1 where less than 90 % were noticed."""
    print(f"\n{'module':<44}{'faults':>8}{'noticed':>9}{'survived':>10}{'no test':>9}{'%':>7}")
    whole: Counter[str] = Counter()
    survivors: list[str] = []
    for module, ends in ended():
        said = Counter(map(meant, ends.values()))
        whole += said
        survivors += sorted(name for name, end in ends.items() if meant(end) != "noticed")
        print(row_of(module, said))
    print(row_of("all", whole))
    SURVIVORS.write_text("\n".join(survivors) + "\n")
    print(f"{whole['not yet']} not tried yet; {SURVIVORS.relative_to(ROOT)} names what survived:")
    print(f"`cd {TREE.relative_to(ROOT)} && mutmut show NAME` prints the line")
    return 0 if share_of(whole) >= 90 else 1


def ended() -> Iterator[tuple[str, dict[str, int | None]]]:
    """Each module with how the tests of each of its faults ended."""
    modules = TREE / "mutants" / "src" / "qa_api" / "rules"
    for file in sorted(modules.rglob("*.meta")):
        ends = json.loads(file.read_text())["exit_code_by_key"]
        if ends:
            yield file.name.removesuffix(".meta"), ends


def meant(end: int | None) -> str:
    """What it means that the tests of a fault ended so."""
    if end in NOT_YET:
        return "not yet"
    if end in NO_TEST:
        return "no test"
    return "survived" if end == SURVIVED else "noticed"


def share_of(said: Counter[str]) -> float:
    """Of a hundred faults that were tried, how many a test noticed."""
    tried = said.total() - said["not yet"]
    return 100 * said["noticed"] / tried if tried else 0.0


def row_of(module: str, said: Counter[str]) -> str:
    """A line of the table."""
    numbers = f"{said.total():>8}{said['noticed']:>9}{said['survived']:>10}{said['no test']:>9}"
    return f"{module:<44}{numbers}{share_of(said):>7.1f}"


if __name__ == "__main__":
    sys.exit(main())
