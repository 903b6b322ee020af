"""Programs of Node at exact versions, in a folder of their own that is not committed."""

import fcntl
import shutil
import subprocess
import sys
from pathlib import Path


def install(place: Path, tools: tuple[str, ...]) -> None:
    """Bring a folder to exactly these tools; instant when it already is.

    Ends the program where that cannot be: nothing passes by doing nothing.
    """
    place.mkdir(parents=True, exist_ok=True)
    stamp = place / "installed"
    with (place / "turn").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if stamp.exists() and stamp.read_text() == "\n".join(tools):
            return
        npm = shutil.which("npm")
        if npm is None:
            sys.exit("This needs Node.js with npm (on Debian: nodejs, npm).")
        shutil.rmtree(place / "node_modules", ignore_errors=True)
        options = ["--no-save", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts"]
        if subprocess.call([npm, "install", "--silent", "--prefix", place, *options, *tools]) != 0:
            sys.exit(f"{', '.join(tools)} could not be installed.")
        stamp.write_text("\n".join(tools))
