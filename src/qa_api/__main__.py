"""The command line: `qa-api COMMAND`. Each command loads only what it needs."""

import argparse
import os
import re
import signal
import sys
import threading
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from qa_api.commands import (
    adopting,
    calendar,
    caseload,
    checking,
    developing,
    listening,
    loading,
    maintenance,
    nightly,
    serving,
    simulating,
)
from qa_api.commands.common import refuse
from qa_api.commands.faults import in_one_line, said_nowhere

Arguments = argparse.Namespace
Adding = Callable[..., argparse.ArgumentParser]
"""Adds a command: takes its function, its name if it has another, and the group it belongs to."""


def main(words: list[str] | None = None) -> int:
    """Do what the command line says; returns the exit status."""
    asked = _parser().parse_args(words)
    if getattr(asked, "tied", False):
        _end_with_parent()
    act: Callable[[Arguments], int] = asked.act
    try:
        status = act(asked)
        sys.stdout.flush()
    except Exception as fault:
        if (why := said_nowhere(fault) or in_one_line(fault)) is None:
            raise
        return refuse(why)
    return status


def _end_with_parent() -> None:
    """Stop in order when standard input ends: whoever started this process is gone."""

    def wait() -> None:
        while os.read(0, 4096):
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, daemon=True).start()


def _role(word: str) -> Any:
    from qa_api.auth.roles import Role

    try:
        return Role(word)
    except ValueError:
        roles = ", ".join(role.value for role in Role)
        raise argparse.ArgumentTypeError(f"the roles are {roles}") from None


def _how_many(typed: str) -> int:
    if typed.isdecimal() and typed.isascii() and int(typed) > 0:
        return int(typed)
    raise argparse.ArgumentTypeError("a whole number from 1 on")


def _sha256(typed: str) -> str:
    if re.fullmatch("[0-9a-fA-F]{64}", typed):
        return typed.lower()
    raise argparse.ArgumentTypeError("64 digits of base 16")


def _between(first: int, last: int, what: str) -> Callable[[str], int]:
    """Reads a number, and refuses it in a few words where it is out of bounds."""

    def read(typed: str) -> int:
        if typed.isdecimal() and typed.isascii() and len(typed) < 6 and first <= int(typed) <= last:
            return int(typed)
        raise argparse.ArgumentTypeError(f"{what} from {first} to {last}")

    return read


_port = _between(0, 65_535, "a port")
_status = _between(200, 599, "an HTTP status")
_processes = _between(1, 64, "a number of processes")


def _instant(typed: str) -> datetime:
    from pydantic_core import PydanticCustomError

    from qa_api.values.fields import read_instant

    try:
        return read_instant(typed)
    except PydanticCustomError as wrong:
        raise argparse.ArgumentTypeError(wrong.message()) from None


def _day(typed: str) -> date:
    from pydantic_core import PydanticCustomError

    from qa_api.values.fields import read_date

    try:
        return read_date(typed)
    except PydanticCustomError as wrong:
        raise argparse.ArgumentTypeError(wrong.message()) from None


def _text(typed: str) -> str:
    from pydantic_core import PydanticCustomError

    from qa_api.values.text import as_typed

    try:
        return as_typed(typed)
    except PydanticCustomError as wrong:
        raise argparse.ArgumentTypeError(wrong.message()) from None


def _holiday(words: str) -> tuple[date, str]:
    """`2029-01-01=New Year's Day`, as a day and its title."""
    day, _, title = words.partition("=")
    try:
        if title.strip():
            return date.fromisoformat(day), title.strip()
    except ValueError:
        pass
    raise argparse.ArgumentTypeError("a bank holiday is written YYYY-MM-DD=TITLE")


def _seals(word: str) -> int:
    if re.fullmatch(r"0|[1-9][0-9]{0,17}", word):
        return int(word)
    raise argparse.ArgumentTypeError("it is the number in the second line of a checkpoint")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="qa-api", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(
        act: Callable[[Arguments], int], name: str | None = None, within: Any = commands
    ) -> argparse.ArgumentParser:
        meaning = act.__doc__
        made: argparse.ArgumentParser = within.add_parser(
            name or act.__name__, help=meaning, description=meaning
        )
        made.set_defaults(act=act)
        return made

    _about_serving(command)
    _about_logs(command)
    command(maintenance.restored)
    command(checking.check)
    command(maintenance.figures).add_argument(
        "--rebuild", action="store_true", help="count again first; writers wait meanwhile"
    )
    simulating.add_arguments(command(simulating.simulate))
    _about_adopting(command, commands)
    _about_files(command)
    _about_development(command)
    _about_bank_holidays(command, commands)
    return parser


def _about_serving(command: Adding) -> None:
    served = command(serving.serve)
    served.add_argument(
        "--processes", type=_processes, default=1, metavar="N", help="sharing the port; default: 1"
    )
    served.add_argument("--with-worker", action="store_true", help="`qa-api worker` beside it")
    served.add_argument("--fd", type=int, help=argparse.SUPPRESS)
    for tied in (served, command(serving.worker)):
        tied.add_argument("--tied", action="store_true", help=argparse.SUPPRESS)
    command(serving.migrate)


def _about_logs(command: Adding) -> None:
    command(maintenance.verify).add_argument(
        "--checkpoints", type=Path, metavar="FILE", help="a copy of the checkpoints: a witness's"
    )
    proved = command(maintenance.prove).add_mutually_exclusive_group(required=True)
    proved.add_argument("event", type=UUID, nargs="?", metavar="EVENT", help="its id")
    proved.add_argument(
        "--access", type=UUID, metavar="LINE", help="of the access log instead: a line's id"
    )
    proved.add_argument(
        "--since",
        type=_seals,
        metavar="SEALS",
        help="that the log only grew since a checkpoint of so many",
    )
    checked = command(maintenance.check_proof, "check-proof")
    checked.add_argument("file", type=Path, metavar="FILE", help="what `prove` printed")
    checked.add_argument(
        "--checkpoints", type=Path, metavar="FILE", help="those that are held, for `prove --since`"
    )
    made_key = command(maintenance.checkpoint_key, "checkpoint-key")
    made_key.add_argument("name", metavar="NAME", help="of the log, such as qa.example.org/log")
    made_key.add_argument("--out", type=Path, required=True, metavar="FILE")


def _about_adopting(command: Adding, commands: Any) -> None:
    started = command(adopting.init)
    started.add_argument("--issuer", required=True, help="the `iss` of the administrator's tokens")
    started.add_argument("--subject", required=True, help="their `sub`")
    started.add_argument("--policy", type=Path, metavar="FILE", help="JSON of policy values")
    importing = commands.add_parser(
        "import", help="Import what an authority brings along."
    ).add_subparsers(required=True, metavar="authority|caseload|directory|events|ssd")
    adopted = command(adopting.import_authority, "authority", importing)
    adopted.add_argument("folder", type=Path, metavar="DIR")
    adopted.add_argument("--issuer", help="the `iss` of who names none in directory.json")
    imported = command(adopting.import_directory, "directory", importing)
    imported.add_argument("file", type=Path, metavar="FILE")
    loaded = _about_events(command, importing)
    taken = _about_caseloads(command, importing)
    drawn = command(nightly.import_ssd, "ssd", importing)
    drawn.add_argument("directory", type=Path, metavar="DIR", help="the tables as CSV files")
    drawn.add_argument("--system", metavar="CODE", help="whose they are, if there are several")
    drawn.add_argument(
        "--role",
        action="append",
        metavar="ROLE",
        help="of who holds a case; can be repeated (ALLOCATED CASE WORKER)",
    )
    drawn.add_argument(
        "--drawn-at",
        type=_instant,
        metavar="INSTANT",
        help="when the tables were drawn; else when the oldest file was written",
    )
    for many in (loaded, drawn):
        many.add_argument(
            "--at-once",
            type=_how_many,
            default=loading.AT_ONCE,
            metavar="N",
            help="events in one piece of work; the system's own events wait for it (%(default)s)",
        )
        many.add_argument(
            "--old-closings-too",
            action="store_true",
            help="also where in_use_from is not set, so that each old closing needs an audit",
        )
    for tried in (adopted, imported, loaded, taken, drawn):
        tried.add_argument("--dry-run", action="store_true", help="check everything, keep nothing")


def _about_events(command: Adding, importing: Any) -> argparse.ArgumentParser:
    loaded = command(loading.import_events, "events", importing)
    loaded.add_argument("file", metavar="FILE", help="a CloudEvent to a line; - is stdin")
    _told_whether_whole(loaded, "events")
    return loaded


def _told_whether_whole(file: argparse.ArgumentParser, lines: str) -> None:
    many = f"how many {lines} are to be in it; a file that was cut is refused"
    which = "the file's digest, as sha256sum prints it; any other file is refused"
    file.add_argument("--count", type=_how_many, metavar="N", help=many)
    file.add_argument("--sha256", type=_sha256, metavar="DIGEST", help=which)


def _about_caseloads(command: Adding, importing: Any) -> argparse.ArgumentParser:
    taken = command(caseload.import_caseload, "caseload", importing)
    taken.add_argument("file", metavar="FILE", help="a child to a line, NDJSON or CSV; - is stdin")
    taken.add_argument(
        "--on",
        type=_day,
        metavar="DATE",
        help="the day whose open cases these are; else that on which the file was written",
    )
    taken.add_argument("--system", metavar="CODE", help="whose they are, if there are several")
    taken.add_argument("--csv", action="store_true", help="CSV, whatever the file is called")
    _told_whether_whole(taken, "children")
    return taken


def _about_files(command: Adding) -> None:
    contract = command(serving.openapi)
    contract.add_argument("--check", action="store_true", help="write nothing; 1 if it differs")
    contract.add_argument(
        "--release", action="store_true", help="keep what this version promises, for ever"
    )
    kept = command(serving.promises)
    for about in (contract, kept):
        about.add_argument("--out", type=Path, default=Path("openapi"), metavar="DIR")
    printed = command(serving.matrix)
    printed.add_argument("--check", action="store_true", help="write nothing; 1 if it differs")
    printed.add_argument("--out", type=Path, default=Path(), metavar="DIR", help="the repository")


def _about_development(command: Adding) -> None:
    asked_token = command(developing.token)
    asked_token.add_argument("role", type=_role, metavar="ROLE")
    _about_listening(command)
    run, walked = command(developing.dev_run, "dev-run"), command(developing.demo)
    walked.add_argument("chapter", nargs="?", metavar="CHAPTER", help="only this; all by default")
    for placed, place in ((asked_token, ".data"), (run, ".data"), (walked, ".data/demo")):
        placed.add_argument("--data", type=Path, default=Path(place), metavar="DIR")
    run.add_argument(
        "--authority",
        default=os.environ.get("QA_DEMO_AUTHORITY"),
        metavar="CODE",
        help="which of the authorities that ship with the service; the environment names it too",
    )
    for served, port in ((run, 8000), (walked, 0)):
        served.add_argument("--port", type=int, default=port, metavar="N", help="0: a free one")


def _about_listening(command: Adding) -> None:
    listened = command(listening.listen)
    listened.add_argument("--port", type=_port, required=True, metavar="N", help="0: a free one")
    listened.add_argument(
        "--secret-file",
        type=Path,
        required=True,
        metavar="FILE",
        help="the endpoint's secret; while one is being replaced both, one a line",
    )
    listened.add_argument(
        "--answer",
        type=_status,
        default=204,
        metavar="STATUS",
        help="what a message that is verified is answered; 204 by default",
    )


def _about_bank_holidays(command: Adding, commands: Any) -> None:
    holidays = commands.add_parser(
        "bank-holiday", help="Add or withdraw a bank holiday, or extend the calendar."
    ).add_subparsers(required=True, metavar="add|withdraw|confirm-year|import")
    added = command(calendar.add_bank_holiday, "add", holidays)
    withdrawn = command(calendar.withdraw_bank_holiday, "withdraw", holidays)
    for changed in (added, withdrawn):
        changed.add_argument("day", type=date.fromisoformat, metavar="YYYY-MM-DD")
    added.add_argument("--title", required=True, type=_text)
    confirmed = command(calendar.confirm_year, "confirm-year", holidays)
    confirmed.add_argument("year", type=int, metavar="YYYY")
    confirmed.add_argument(
        "holiday",
        type=_holiday,
        nargs="+",
        metavar="YYYY-MM-DD=TITLE",
        help="each bank holiday of the year; nothing is taken for granted",
    )
    published = command(calendar.import_bank_holidays, "import", holidays)
    published.add_argument("file", type=Path, metavar="FILE", help="as GOV.UK publishes it")
    published.add_argument(
        "--dry-run", action="store_true", help="compare and check everything, keep nothing"
    )
    published.add_argument("--reason", type=_text, default="The published bank holidays.")
    for changed in (added, withdrawn, confirmed):
        changed.add_argument("--reason", required=True, type=_text)


if __name__ == "__main__":
    sys.exit(main())
