"""Run the snippets of the guide for reporting tools, each against a served authority.

What they load is heavy and nothing else needs it, so it has an environment of its own, `.snippets/`
(pinned by `requirements/snippets.txt`). The tests run with it whatever it can load.
"""

import fcntl
import hashlib
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
ENVIRONMENT = ROOT / ".snippets"
LOCK = ROOT / "requirements" / "snippets.txt"
STAMP = ENVIRONMENT / "installed"
UV = Path(sys.executable).with_name("uv")


def main() -> None:
    """Install, then test in this process's place."""
    install()
    words = ["-m", "pytest", "-q", "-n", "0", "-rs", "tests/reporting/test_snippets.py"]
    os.chdir(ROOT)
    os.execv(sys.executable, [sys.executable, *words, *sys.argv[1:]])


def install() -> None:
    """Bring `.snippets` in line with its lock; instant when it already is."""
    wanted = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    ENVIRONMENT.mkdir(exist_ok=True)
    with (ENVIRONMENT / "turn").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if STAMP.exists() and STAMP.read_text() == wanted:
            return
        python = ENVIRONMENT / "venv" / "bin" / "python"
        make = ["venv", "--quiet", "--clear", "--python", sys.executable, python.parent.parent]
        fill = ["pip", "sync", "--quiet", "--system-certs", "--python", python, "--require-hashes"]
        if any(subprocess.call([UV, *words]) != 0 for words in (make, [*fill, LOCK])):
            sys.exit("What the snippets load could not be installed; the reason is above.")
        STAMP.write_text(wanted)


if __name__ == "__main__":
    main()
