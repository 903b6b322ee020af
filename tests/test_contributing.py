"""`CONTRIBUTING.md` is held to the house: a list that leaves a place out leads into a trap."""

import re
import subprocess
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
GUIDE = (ROOT / "CONTRIBUTING.md").read_text()
SEARCHED = ("src", "migrations/versions", "migrations/data", "openapi", "docs", "pyproject.toml")
HISTORY = (
    "docs/decisions/*",
    "migrations/sql/*",
    "openapi/CHANGES.md",
    "openapi/breaking.toml",
    "openapi/collection/*",
    "openapi/released/*",
    "src/qa_api/data/*",
)
"""What says how it came about, or is data of an authority; nobody adds to it for such a change."""


@dataclass(frozen=True)
class Change:
    """A common change: what to search for, and the places in which it is."""

    name: str
    words: tuple[str, ...]
    places: tuple[str, ...]
    conditional: frozenset[str]


def changes() -> Iterator[Change]:
    section = GUIDE.partition("## The common changes")[2].partition("\n## ")[0]
    for part in section.split("\n### ")[1:]:
        name, _, text = part.partition("\n")
        (search,) = re.findall(r"^Search for (.+?)[,.] ?(?:of|Commit)", text, re.MULTILINE)
        items = re.findall(r"^\d+\. (.+?): (.+)$", text, re.MULTILINE)
        places = [(place, says) for named, says in items for place in re.findall("`(.+?)`", named)]
        yield Change(
            name,
            tuple(re.findall("`(.+?)`", search)),
            tuple(place for place, _ in places),
            frozenset(place for place, says in places if says.startswith("if ")),
        )


def searched() -> Iterator[tuple[str, str]]:
    """Every file that a change may touch, with what is in it."""
    for name in SEARCHED:
        place = ROOT / name
        for path in sorted(place.rglob("*")) if place.is_dir() else [place]:
            file = path.relative_to(ROOT).as_posix()
            history = any(fnmatch(file, each) for each in HISTORY)
            if path.is_file() and "__pycache__" not in file and not history:
                yield file, path.read_text(errors="replace")


FILES = dict(searched())


def found(words: tuple[str, ...]) -> set[str]:
    """The files in which one of the words stands, whatever its case and however it is joined."""
    pattern = "|".join(rf"\b{re.sub('[._]', '[-_./ ]?', word)}" for word in words)
    return {file for file, text in FILES.items() if re.search(pattern, text, re.IGNORECASE)}


def test_the_picture_of_the_house_is_what_the_imports_are_held_to() -> None:
    with (ROOT / "pyproject.toml").open("rb") as file:
        contracts = tomllib.load(file)["tool"]["importlinter"]["contracts"]
    (floors,) = (each["layers"] for each in contracts if each["id"] == "floors")
    picture = GUIDE.partition("## The house")[2].split("```")[1]
    drawn = [re.split(r"\s{2,}", line.strip())[0] for line in picture.splitlines() if line.strip()]
    assert drawn == floors


@pytest.mark.parametrize("change", list(changes()), ids=lambda change: change.name)
def test_each_list_of_a_common_change_names_every_place(change: Change) -> None:
    files = found(change.words)
    left_out = [
        file for file in sorted(files) if not any(fnmatch(file, place) for place in change.places)
    ]
    assert not left_out, f"{change.words} are in places that the list leaves out"
    for place in change.places:
        assert any(ROOT.glob(place)), f"{place} is not there"
        if place not in change.conditional:
            assert any(fnmatch(file, place) for file in files), f"{change.words} are not in {place}"


def test_the_commits_that_the_lists_show_can_be_found() -> None:
    shown = re.findall(r"git log --grep '(.+?)'", GUIDE)
    assert len(shown) == len(list(changes()))
    if not (ROOT / ".git").exists():
        pytest.skip("not a checkout")
    subjects = subprocess.run(
        ["git", "log", "--format=%s"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    if subjects.count("\n") > 1:  # a shallow checkout has no history to look in
        assert [words for words in shown if words not in subjects] == []
