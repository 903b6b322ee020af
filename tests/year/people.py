"""The authority whose year is lived: the shipped county with fewer people, or fewer teams."""

import json
import shutil
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, Final

from qa_api.adoption.folder import Folder, read_folder
from qa_api.adoption.service import adopt_authority
from qa_api.data import shipped_authorities
from qa_api.work import Workshop

TEAMS: Final = 21
_LEFT_OUT: Final = ("dm-", "sw2-")
"""Of each team its manager, a supervisor and a worker remain: some sixty people."""
_IN_TEAM: Final = ("tm-", "dm-", "ps-", "sw1-", "sw2-")


def authority(directory: Path, teams: int = TEAMS) -> Folder:
    """The county, adopted from a folder of its own, with so many of its teams."""
    with_files = directory / f"authority-{teams}"
    shutil.copytree(str(shipped_authorities()["county"]), with_files)
    file = with_files / "directory.json"
    file.write_text(json.dumps(_fewer(json.loads(file.read_text()), teams)))
    folder = read_folder(with_files)
    assert not folder.faults, [str(fault) for fault in folder.faults]
    return folder


async def adopted(workshop: Workshop, folder: Folder, issuer: str) -> None:
    """The authority as an operator adopts it."""
    async with workshop.open_as_service("year") as work:
        await adopt_authority(work, folder.issued_by(issuer), lambda _part, _size: None)


def _fewer(whole: Mapping[str, Any], teams: int) -> dict[str, Any]:
    kept_teams = set(list(whole["teams"])[:teams])
    kept = {code for code in whole["workers"] if _stays(code, kept_teams)}
    return {
        **whole,
        "teams": {
            code: {**team, "deputies": _held(team["deputies"], kept)}
            for code, team in whole["teams"].items()
            if code in kept_teams
        },
        "workers": {code: each for code, each in whole["workers"].items() if code in kept},
        "auditor_groups": {
            code: {**each, "teams": [one for one in each["teams"] if one["team"] in kept_teams]}
            for code, each in whole["auditor_groups"].items()
        },
        "principals": [each for each in whole["principals"] if each.get("worker", "qs-1") in kept],
    }


def _stays(worker: str, teams: Collection[str]) -> bool:
    if not worker.startswith(_IN_TEAM):
        return True
    return not worker.startswith(_LEFT_OUT) and worker.partition("-")[2] in teams


def _held(posts: list[dict[str, Any]], kept: Collection[str]) -> list[dict[str, Any]]:
    return [post for post in posts if post["worker"] in kept]
