"""What commands have in common."""

import asyncio
import getpass
import logging
import os
import sys
from collections.abc import Callable, Sequence
from functools import wraps
from time import gmtime
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from argparse import Namespace

    from qa_api.settings import Settings
    from qa_api.work import Work, Workshop

STOPPED_BY_CTRL_C: Final = 130
"""The exit status, as shells give it to what SIGINT ended."""
NO_OWNER: Final = "QA_MIGRATE_URL is not set: the owner's address of the database"


def as_service(act: Callable[["Work"], Any], done: str, command: str) -> int:
    """One piece of work as the service itself; the event log tells who ran the command."""
    from qa_api.problems import Problem
    from qa_api.rules.decision import RuleRefused

    async def once(workshop: "Workshop") -> None:
        async with workshop.open_as_service("cli") as work:
            await act(work)
            await tell_who(work, command)

    try:
        in_workshop(once)
    except Problem as refused:
        return refuse(refused.detail)
    except RuleRefused as refused:
        for one in refused.missing:
            print(one.detail, file=sys.stderr)
        return refuse(str(refused))
    print(done)
    return 0


def in_workshop(act: Callable[["Workshop"], Any]) -> None:
    """Do what takes several pieces of work, over the database of the settings."""
    from qa_api.db import Database, reach
    from qa_api.reactions import REACTIONS
    from qa_api.rulebook import Rulebook
    from qa_api.work import Workshop

    settings = settings_of_process()

    async def once() -> None:
        await reach("QA_DATABASE_URL", settings.database_url)
        database = await Database.open(settings)
        try:
            await act(Workshop(database, Rulebook(), REACTIONS))
        finally:
            await database.close()

    asyncio.run(once())


async def tell_who(work: "Work", command: str) -> None:
    """Record which account ran the command, since a command asks for no second person."""
    from qa_api.events import CommandRun
    from qa_api.models.base import new_id

    await work.record(CommandRun(about=new_id(), command=command, account=account()))


def account() -> str:
    """The account of the operating system that ran this, also where it used another's rights."""
    return os.environ.get("SUDO_USER") or getpass.getuser()


class OnlyTried(Exception):
    """What keeps nothing ends like this: a dry run; the words say why."""


def settings_of_process() -> "Settings":
    """The process's settings; logging follows them."""
    from qa_api import clock
    from qa_api.settings import Settings

    settings = Settings()
    clock.begin(settings.clock, settings.clock_file)
    logging.Formatter.converter = gmtime  # a line says when in UTC, wherever the machine stands
    logging.basicConfig(
        level=settings.log_level.upper(),
        format="%(asctime)s.%(msecs)03dZ %(levelname)-7s %(name)s %(message)s",
        datefmt="%Y-%m-%dT%H:%M:%S",
    )
    for talkative in ("httpx", "httpcore"):  # they would log each receiver's URL, and its answer
        logging.getLogger(talkative).setLevel(logging.WARNING)
    return settings


def refuse_file(
    faults: Sequence[object], unless: str | None = None, *, at_least: bool = False
) -> int:
    """Tell every fault of what was to be imported; `unless` says why no more were looked for.

    With `at_least` there may be more of them.
    """
    for fault in faults:
        print(fault, file=sys.stderr)
    places = "one place" if len(faults) == 1 else f"{len(faults)} places"
    told = f"nothing was imported: faults in {'at least ' if at_least else ''}{places}"
    if unless is None:
        return refuse(told)
    return refuse(f"{told}, and no more were looked for: {unless}" if faults else unless)


def tell(part: str, size: int) -> None:
    """Say how much there is of a part of what is imported."""
    say(f"{part}: {size}")


def broken_off_in_order(act: Callable[["Namespace"], int]) -> Callable[["Namespace"], int]:
    """Let Ctrl-C end a command that takes files in pieces and can be begun again: status 130."""

    @wraps(act)
    def run(asked: "Namespace") -> int:
        try:
            return act(asked)
        except KeyboardInterrupt:
            refuse(
                "stopped by Ctrl-C: what was taken is kept;"
                " start again with the same files, and it goes on"
            )
            return STOPPED_BY_CTRL_C

    return run


def say(line: str) -> None:
    """Tell what goes on."""
    print(f"qa-api: {line}", flush=True)


def refuse(why: str) -> int:
    """Say why a command fails; returns its exit status."""
    print(f"qa-api: {why}", file=sys.stderr)
    return 1
