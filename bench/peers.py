"""The peers that a user might pick instead, in an environment of their own: Django REST framework.

Its packages are locked in `requirements/peers.txt` and come nowhere near those of the service.
"""

import subprocess
import sys
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).parents[1]
LOCK = ROOT / "requirements" / "peers.txt"
ENVIRONMENT = ROOT / ".peers"
STAMP = ENVIRONMENT / ".installed"
PYTHON = ENVIRONMENT / "venv" / "bin" / "python"
UV = Path(sys.executable).with_name("uv")
PEERS = ("django",)


def install() -> None:
    """Bring the environment in line with the lock; instant when it already is."""
    wanted = sha256(LOCK.read_bytes() + sys.version.encode()).hexdigest()
    if STAMP.exists() and STAMP.read_text() == wanted:
        return
    make = ["venv", "--quiet", "--clear", "--python", sys.executable, PYTHON.parent.parent]
    fill = ["pip", "sync", "--quiet", "--system-certs", "--python", PYTHON, "--require-hashes"]
    if any(subprocess.call([UV, *words]) != 0 for words in (make, [*fill, LOCK])):
        sys.exit("The peers could not be installed; the reason is above.")
    STAMP.write_text(wanted)


def command(name: str, port: int) -> list[str]:
    """How a peer is started on a port: by one process, like the others."""
    bound = ("--bind", f"127.0.0.1:{port}", "--workers", "1", "--keep-alive", "60")
    threads = ("--worker-class", "gthread", "--threads", "10", "--worker-connections", "100")
    application = f"bench.peer_{name}:application"
    return [str(PYTHON), "-m", "gunicorn", *bound, *threads, "--log-level", "error", application]
