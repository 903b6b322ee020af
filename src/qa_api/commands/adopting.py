"""Bringing an authority in: its beginning, its folder, its directory."""

import sys
from argparse import Namespace
from typing import TYPE_CHECKING, Any

from qa_api.commands.common import OnlyTried, as_service, refuse, refuse_file, tell

if TYPE_CHECKING:
    from qa_api.work import Work


def init(asked: Namespace) -> int:
    """Make an authority of an empty database: first administrator, policy, calendar."""
    from qa_api.values.json_file import read

    policy: Any = {}
    if asked.policy:
        try:
            written = read(asked.policy.read_bytes())
        except OSError as unreadable:
            return refuse(f"{asked.policy} cannot be read: {unreadable.strerror}")
        for at in written.faults:
            print(f"line {at.line}, column {at.column}: {at.detail}", file=sys.stderr)
        policy = written.value
        if written.faults or not isinstance(policy, dict):
            return refuse(f"{asked.policy} is not a JSON object of policy values")

    async def start(work: "Work") -> None:
        from qa_api.directory.starting import start_authority

        await start_authority(work, issuer=asked.issuer, subject=asked.subject, policy=policy)

    return as_service(start, "the authority is there; import its directory next", "init")


def import_directory(asked: Namespace) -> int:
    """Import an authority's directory from a JSON file; all of it or nothing."""
    from qa_api.db import DatabaseAway
    from qa_api.directory.importing import DirectoryRefused, import_directory, read_directory

    async def put(work: "Work") -> None:
        await import_directory(work, read, tell)
        if asked.dry_run:
            raise OnlyTried

    try:
        read = read_directory(asked.file.read_bytes())
    except OSError as unreadable:
        return refuse(f"{asked.file} cannot be read: {unreadable.strerror}")
    try:
        return as_service(put, "the directory is imported", "import directory")
    except OnlyTried:
        print("the file is sound; nothing was kept")
        return 0
    except DirectoryRefused as refused:
        return refuse_file(refused.faults)
    except DatabaseAway as away:
        return refuse_file(read.faults, unless=str(away))


def import_authority(asked: Namespace) -> int:
    """Import an authority's folder: policy, calendar, catalogue and directory, or nothing."""
    from qa_api.adoption.folder import FolderRefused, look_through
    from qa_api.adoption.service import adopt_authority
    from qa_api.db import DatabaseAway

    async def adopt(work: "Work") -> None:
        await adopt_authority(work, folder, tell)
        if asked.dry_run:
            raise OnlyTried

    try:
        folder = look_through(asked.folder).issued_by(asked.issuer)
    except OSError as unreadable:
        return refuse(f"{asked.folder} cannot be read: {unreadable.strerror}")
    try:
        return as_service(adopt, f"{asked.folder} is imported", "import authority")
    except OnlyTried:
        print("the folder is sound; nothing was kept")
        return 0
    except FolderRefused as refused:
        return refuse_file(refused.faults)
    except DatabaseAway as away:
        return refuse_file(folder.faults, unless=str(away))
