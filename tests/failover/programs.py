"""What a cluster needs beside PostgreSQL: Patroni in an environment of its own, and etcd.

Patroni is installed into `.failover/` (pinned by `requirements/failover.txt`); nothing else of the
project needs it. etcd is a program of the system (Debian: `etcd-server`).
"""

import fcntl
import hashlib
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent.parent
ENVIRONMENT: Final = ROOT / ".failover"
LOCK: Final = ROOT / "requirements" / "failover.txt"
UV: Final = Path(sys.executable).with_name("uv")


def etcd() -> str | None:
    """The program, where the system has it."""
    return shutil.which("etcd")


def patroni() -> Path:
    """The program, installed when it is first asked for and whenever its lock changes."""
    venv, stamp = ENVIRONMENT / "venv", ENVIRONMENT / "installed"
    wanted = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    ENVIRONMENT.mkdir(exist_ok=True)
    with (ENVIRONMENT / "turn").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if not stamp.exists() or stamp.read_text() != wanted:
            python = venv / "bin" / "python"
            _uv("venv", "--clear", "--python", sys.executable, venv)
            _uv("pip", "sync", "--system-certs", "--python", python, "--require-hashes", LOCK)
            stamp.write_text(wanted)
    return venv / "bin" / "patroni"


def _uv(*words: str | Path) -> None:
    subprocess.run([UV, *words, "--quiet"], check=True)
