"""Try the quickstarts word for word: in an empty directory, with an empty home, on a clean clone.

`./dev quickstarts [PAGE...]` runs it. The commands of a page's `console` blocks are carried out as
they are printed, one after another in one shell; each must end well and print what stands below it,
where `...` stands for anything. The clone is of what is committed.
"""

import os
import re
import shlex
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PATIENCE = 900  # seconds for a whole page, on a busy machine
MARK = "@@ ended with"
OURS = re.compile(r"QA_|VIRTUAL_ENV|PYTHON|UV_CACHE")
"""Variables that a reader does not have."""


@dataclass
class Command:
    """A command as it is printed, and the lines that it should print."""

    text: str
    prints: list[str] = field(default_factory=list)


def main() -> int:
    """Try the pages that are named, or all; the number of those that failed is the exit status."""
    pages = sys.argv[1:] or [
        file.stem for file in sorted(HERE.glob("*.md")) if file.stem != "README"
    ]
    failed = 0
    for page in pages:
        started = time.monotonic()
        faults = list(tried(HERE / f"{page}.md"))
        failed += bool(faults)
        print(f"{page:<14}{'FAILED' if faults else 'ok'} in {time.monotonic() - started:.0f} s")
        print("".join(f"{fault}\n" for fault in faults), end="", flush=True)
    return failed


def commands(text: str) -> list[Command]:
    """The commands of a page's console blocks. One whose quotes or heredoc are open goes on."""
    found: list[Command] = []
    for block in re.findall(r"^```console\n(.*?)^```$", text, re.DOTALL | re.MULTILINE):
        for line in block.splitlines():
            if found and is_open(found[-1].text):
                found[-1].text += f"\n{line}"
            elif line.startswith("$ "):
                found.append(Command(line.removeprefix("$ ")))
            else:
                found[-1].prints.append(line)
    return found


def is_open(command: str) -> bool:
    """Whether a command goes on in the next line."""
    if heredoc := re.search(r"<<'(\w+)'", command):
        return not command.endswith(f"\n{heredoc[1]}")
    try:
        shlex.split(command)
    except ValueError:
        return True
    return command.endswith("\\")


def tried(page: Path) -> Iterator[str]:
    """Carry out a page; what was not as printed."""
    wanted = commands(page.read_text("utf-8"))
    with tempfile.TemporaryDirectory() as place:
        empty, home = Path(place, "empty"), Path(place, "home")
        empty.mkdir()
        home.mkdir()
        subprocess.run(["git", "clone", "-q", "--no-local", ROOT, empty / "qa_api"], check=True)
        environment = {name: told for name, told in os.environ.items() if not OURS.match(name)}
        script = "".join(f"{one.text}\nprintf '\\n%s %s\\n' '{MARK}' $?\n" for one in wanted)
        shell = subprocess.Popen(
            ["bash", "-c", script],
            cwd=empty,
            env=environment | {"HOME": str(home)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        try:
            told, complaints = shell.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            told, complaints = "", f"not done after {PATIENCE} s"
        finally:
            stop(shell.pid)
        faults = list(compared(wanted, told))
        yield from faults
        if faults:
            yield complaints[-2_000:]


def stop(group: int) -> None:
    """End what the page has left running."""
    try:
        os.killpg(group, signal.SIGTERM)
    except ProcessLookupError:
        return
    time.sleep(2)


def compared(wanted: list[Command], told: str) -> Iterator[str]:
    """What a command did otherwise than the page says."""
    parts = re.split(rf"^{MARK} (\d+)\n", told, flags=re.MULTILINE)
    for at, command in enumerate(wanted):
        if 2 * at + 1 >= len(parts):
            yield f"never ended: {command.text}"
            return
        printed, status = parts[2 * at], parts[2 * at + 1]
        if status != "0":
            yield f"ended with {status}: {command.text}\n{printed[-600:]}"
        pattern = "\n.*?".join(re.escape(line).replace(r"\.\.\.", ".*?") for line in command.prints)
        if pattern and not re.search(f"^{pattern}$", printed, re.DOTALL | re.MULTILINE):
            yield f"printed something else: {command.text}\n{printed[-600:]}"


if __name__ == "__main__":
    sys.exit(main())
