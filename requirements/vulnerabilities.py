"""Asks whether a vulnerability is known of a package that runs, or of one that builds and tests.

It needs the network, so no check and no test runs it: an operator does, before each release and
every day. A package that nobody answered for is told, and never passes for one without fault.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ("runtime.txt", "build.txt", "development.txt")
NONE_KNOWN, KNOWN, NOT_ASKED = 0, 1, 2
"""How this ends."""


def main(options: Sequence[str]) -> int:
    """Ask about each lock; what is known counts most. `options` are pip-audit's (`-s osv`)."""
    ended = set()
    for lock in LOCKS:
        status, lines = verdict(lock, *_asked(lock, options))
        print("\n".join(lines), flush=True)
        ended.add(status)
    return next(status for status in (KNOWN, NOT_ASKED, NONE_KNOWN) if status in ended)


def _asked(lock: str, options: Sequence[str]) -> tuple[str, str]:
    """What pip-audit found, as JSON, and what it said beside it."""
    words = ["-m", "pip_audit", "-r", f"requirements/{lock}", "--require-hashes", "--disable-pip"]
    ended = subprocess.run(
        [sys.executable, *words, "--format", "json", "--progress-spinner", "off", *options],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return ended.stdout, ended.stderr


def verdict(lock: str, found: str, said: str) -> tuple[int, list[str]]:
    """How it ends for one lock, and what is told."""
    try:
        packages: list[dict[str, Any]] = json.loads(found)["dependencies"]
    except ValueError:
        why = (said.strip().splitlines() or ["it gave no reason"])[-1]
        return NOT_ASKED, [f"{lock}: nothing could be asked. Is the network there? {why}"]
    skipped = [one["name"] for one in packages if "skip_reason" in one]
    faults = [
        f"{lock}: {one['name']} {one['version']}: {fault['id']}, mended in"
        f" {', '.join(fault['fix_versions']) or 'no version yet'}"
        for one in packages
        for fault in one.get("vulns", ())
    ]
    asked = len(packages) - len(skipped)
    lines = [*faults, f"{lock}: of {asked} packages {len(faults)} vulnerabilities are known."]
    if skipped:
        lines.append(
            f"{lock}: NOT ASKED about {len(skipped)} of {len(packages)}: the index that answers"
            f" here does not know them ({', '.join(skipped[:5])}{', ...' if skipped[5:] else ''})."
        )
    return (KNOWN if faults else NOT_ASKED if skipped else NONE_KNOWN), lines


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
