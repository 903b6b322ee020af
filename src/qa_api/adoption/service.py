"""Importing an authority's folder into a database: all of it, or nothing (X7).

An import can be repeated: what agrees with the folder is left alone, what differs is changed to it.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import func, select

from qa_api.adoption.folder import (
    AUDIT_TYPES,
    AUTHORITY,
    DIRECTORY,
    SCALES,
    AuthorityIn,
    FileFault,
    Folder,
    FolderRefused,
)
from qa_api.calendars.policies import install_policy, policy_version_on
from qa_api.calendars.service import add_bank_holiday, install_official_calendar
from qa_api.catalogue.adopting import adopt_audit_type, adopt_scale, adopt_tool
from qa_api.catalogue.service import published_tool
from qa_api.directory.importing import DirectoryRefused, import_directory
from qa_api.events import ConfigurationChanged
from qa_api.models.base import new_id
from qa_api.problems import Problem
from qa_api.rules.calendar import Calendar
from qa_api.rules.decision import RuleRefused
from qa_api.rules.policy_keys import policy_from_values, read_value
from qa_api.values.json_file import Path
from qa_api.work import Work

Tell = Callable[[str, int], None]
"""Hears the name of a part of the folder and how much of it was new, changed or put."""

_PATIENCE, _PAUSE_SECONDS = 600, 0.05
_LOADING: Final = "an authority's folder"


async def adopt_authority(work: Work, folder: Folder, tell: Tell) -> None:
    """Bring in what the folder says. Raises `FolderRefused` with every fault of every file."""
    await take_turn(work)
    work.policy_version = await policy_version_on(work, work.today) or 0
    faults = _Faults(folder, list(folder.faults))
    if folder.decided is not None:
        await _adopt_policy(work, folder.decided, faults)
        await _adopt_calendar(work, folder.decided, faults, tell)
    # The directory first: an audit type may name teams.
    with faults.of(DIRECTORY):
        await import_directory(work, folder.people, tell)
    if work.policy_version or folder.decided is not None:
        await _adopt_catalogue(work, folder, faults, tell)
    if faults.found:
        raise FolderRefused(faults.found)
    await work.record(ConfigurationChanged(about=new_id(), what="authority", code="adopted"))


@dataclass(slots=True)
class _Faults:
    """The faults found so far. If there is one, everything that the import did is undone."""

    folder: Folder
    found: list[FileFault]

    def say(self, file: str, path: Path, detail: str, pointer: str = "") -> None:
        fault = self.folder.fault(file, path, pointer, detail)
        if fault is not None:
            self.found.append(fault)

    @contextmanager
    def of(self, file: str, *path: str | int) -> Iterator[None]:
        """Keeps what is refused inside as faults of a file, at or under a place in it."""
        try:
            yield
        except Problem as refused:
            for at in refused.errors:
                self.say(file, path, at.detail, at.pointer or "")
            if not refused.errors:
                self.say(file, path, refused.detail)
        except RuleRefused as refused:
            self.say(file, path, refused.message)
        except DirectoryRefused as refused:
            for fault in refused.faults:
                self.found.append(FileFault(file, fault.place, fault.detail, fault.at))


async def take_turn(work: Work) -> None:
    """Wait until another import has ended. It asks again and again: no statement may wait long."""
    for _ in range(_PATIENCE):
        turn = select(func.pg_try_advisory_xact_lock(func.hashtext(_LOADING)))
        if await work.session.scalar(turn):
            return
        await asyncio.sleep(_PAUSE_SECONDS)
    raise TimeoutError("another load of an authority does not end")


async def _adopt_policy(work: Work, given: AuthorityIn, faults: _Faults) -> None:
    """A first policy may date back; a changed one takes effect today or later, like any other."""
    policy, before = given.policy, len(faults.found)
    values = policy.model_dump()["values"]
    for key, value in values.items():
        with faults.of(AUTHORITY, "policy", "values", key):
            read_value(key, value)
    if len(faults.found) > before:
        return
    with faults.of(AUTHORITY, "policy"):
        wanted = policy_from_values(1, policy.effective_from, values).values()
        held = await policy_version_on(work, policy.effective_from)
        in_force = (await work.policy(held)).values() if held else {}
        if held and all(in_force[key] == wanted[key] for key in values):
            return
        if too := _out_of_time(work, policy.effective_from):
            faults.say(AUTHORITY, ("policy", "effective_from"), too)
            return
        await install_policy(
            work, values, effective_from=policy.effective_from, reason=policy.reason
        )


def _out_of_time(work: Work, effective_from: date) -> str | None:
    """Why a policy cannot take effect on a day: the first must hold today, a further one later."""
    if not work.policy_version and effective_from > work.today:
        return "An authority's first policy is in force today."
    if work.policy_version and effective_from < work.today:
        return "What was decided for the past stands: a change takes effect today or later."
    return None


async def _adopt_calendar(work: Work, given: AuthorityIn, faults: _Faults, tell: Tell) -> None:
    calendar: Calendar = await install_official_calendar(work)
    added = 0
    for at, holiday in enumerate(given.bank_holidays):
        if holiday.date in calendar.holidays or holiday.date in calendar.withdrawn:
            continue
        with faults.of(AUTHORITY, "bank_holidays", at, "date"):
            calendar = await add_bank_holiday(
                work, holiday.date, title=holiday.title, reason=holiday.reason
            )
            added += 1
    tell("bank_holidays", added)


async def _adopt_catalogue(work: Work, folder: Folder, faults: _Faults, tell: Tell) -> None:
    made = 0
    for at, scale in enumerate(folder.scales):
        with faults.of(SCALES, at):
            made += await adopt_scale(work, scale)
    tell("scales", made)
    made = 0
    for file, draft in folder.tools:
        if draft.scale.code in folder.withheld:
            continue  # its scale has faults of its own
        with faults.of(file):
            made += await adopt_tool(work, draft)
    tell("tools", made)
    made, drafted = 0, {draft.code for _, draft in folder.tools}
    for code, given in folder.audit_types.items():
        tool = given.tool_code
        if tool in folder.withheld:
            continue
        if tool and tool not in drafted and await published_tool(work, tool) is None:
            detail = "There is no such audit tool."
            faults.say(AUDIT_TYPES, (code, "tool_code"), detail)
        with faults.of(AUDIT_TYPES, code):
            made += await adopt_audit_type(work, code, given)
    tell("audit_types", made)
