"""The command line: `qa-api COMMAND`. Each command loads only what it needs."""

import argparse
import asyncio
import gc
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qa_api.settings import Settings
    from qa_api.work import Work

Arguments = argparse.Namespace


def main(words: list[str] | None = None) -> int:
    """Do what the command line says; returns the exit status."""
    asked = _parser().parse_args(words)
    if getattr(asked, "tied", False):
        _end_with_parent()
    act: Callable[[Arguments], int] = asked.act
    try:
        return act(asked)
    except Exception as fault:
        if (why := _plainly(fault)) is None:
            raise
        return _refuse(why)


def _plainly(fault: Exception) -> str | None:
    """One line where what is wrong is not the program: its settings, or the database."""
    from pydantic import ValidationError
    from pydantic_settings import SettingsError

    from qa_api.db import said_plainly
    from qa_api.migrate import MigrationBusy

    if isinstance(fault, SettingsError):  # it names the field, and holds no value
        return f"the settings are not right: {fault}"
    if isinstance(fault, ValidationError) and fault.title == "Settings":
        wrong = fault.errors(include_input=False, include_url=False)
        named = (
            f"{'QA_' if e['loc'] else ''}{'_'.join(map(str, e['loc'])).upper()}" for e in wrong
        )
        said = (f"{name}: {e['msg']}".lstrip(": ") for name, e in zip(named, wrong, strict=True))
        return f"the settings are not right: {'; '.join(said)}"
    if isinstance(fault, MigrationBusy):
        return f"{fault}: run it again when that is done"
    return said_plainly(fault)


def serve(asked: Arguments) -> int:
    """Serve the API."""
    with _loading():
        from qa_api.serve import serve_api

    settings = _settings()
    if missing := settings.missing_to_serve():
        return _refuse(f"a production API needs {' and '.join(missing)}")
    serve_api(settings, asked.fd)
    return 0


@contextmanager
def _loading() -> Iterator[None]:
    """Load modules without looking for garbage meanwhile: they leave none, and it costs a third."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def worker(_: Arguments) -> int:
    """Deliver events and look for what fell due."""
    from qa_api.db import UnsafeDatabaseRole
    from qa_api.worker.running import run_worker

    try:
        asyncio.run(run_worker(_settings()))
    except UnsafeDatabaseRole as unsafe:
        return _refuse(str(unsafe))
    return 0


def migrate(_: Arguments) -> int:
    """Bring the database to the newest revision, as its owner."""
    from qa_api.migrate import upgrade

    url = _settings().migrate_url
    if url is None:
        return _refuse("QA_MIGRATE_URL is not set: the owner's address of the database")
    from qa_api.db import reach

    asyncio.run(reach("QA_MIGRATE_URL", url))
    upgrade(url.get_secret_value())
    return 0


def openapi(asked: Arguments) -> int:
    """Write the contract, or with --check only see whether it is what the code says."""
    from qa_api.app import contract
    from qa_api.http.openapi import write_contract

    differing = write_contract(contract(), asked.out, check=asked.check)
    if asked.check and differing:
        return _refuse(f"not what the code says: {', '.join(differing)}; run `qa-api openapi`")
    print(f"{asked.out}: {', '.join(differing) or 'nothing'} changed")
    return 0


def token(asked: Arguments) -> int:
    """Print a token for the demo principal that holds a role."""
    from qa_api.auth.development import DevelopmentIssuer
    from qa_api.demo.authority import demo_principals
    from qa_api.dev_run import CannotRun, Place

    try:
        place = Place.find(asked.data)
    except CannotRun as cannot:
        return _refuse(str(cannot))
    if place is None:
        return _refuse(f"no service runs on {asked.data}; start it with ./dev run")
    issuer = DevelopmentIssuer.open(Path(place.key_dir))
    print(issuer.issue(demo_principals(place.authority)[asked.role], ttl=timedelta(hours=12)))
    return 0


def dev_run(asked: Arguments) -> int:
    """Run everything on this machine, with the demo authority."""
    from qa_api import dev_run as development
    from qa_api.demo.authority import DEFAULT

    try:
        return development.dev_run(asked.port, asked.data, _say, asked.authority or DEFAULT)
    except development.CannotRun as cannot:
        return _refuse(str(cannot))


def demo(asked: Arguments) -> int:
    """Walk the whole procedure over HTTP, telling each step, on a service of its own."""
    from qa_api import clock
    from qa_api import dev_run as development
    from qa_api.auth.development import DevelopmentIssuer
    from qa_api.demo.walk import CHAPTER_NAMES, beginning, walk
    from qa_api.settings import Settings

    if asked.chapter not in (None, *CHAPTER_NAMES):
        return _refuse(f"the chapters are {', '.join(CHAPTER_NAMES)}")
    present = Settings(environment="development").clock or clock.now()
    try:
        with development.stopped_by_signals():
            file = development.make_anew(asked.data)
            clock.turn(file, beginning(present))
            clock.follow(file)
            with development.service(
                asked.port,
                asked.data,
                _say,
                QA_CLOCK_FILE=str(file.resolve()),
                QA_SWEEP_INTERVAL_SECONDS="1",
                QA_LOG_LEVEL="warning",
            ) as (place, _):
                status = walk(
                    place.url,
                    DevelopmentIssuer.open(Path(place.key_dir)).issue,
                    partial(clock.turn, file),
                    asked.data / "pages",
                    present=present,
                    only=asked.chapter,
                )
            print(f"\nTo look around in it: ./dev run --data {asked.data}, then /docs")
            return status
    except development.CannotRun as cannot:
        return _refuse(str(cannot))
    except development.Stopped:
        return _refuse("stopped")
    finally:
        clock.reset()


def verify(_: Arguments) -> int:
    """Check the event log against its seals and checkpoints."""
    from qa_api.db import RestoreUntold, connect
    from qa_api.worker.sealing import CheckpointForged, Checkpoints
    from qa_api.worker.verifying import LogBroken, losses, verify_log

    settings = _settings()
    checkpoints = Checkpoints.of(settings)

    async def check() -> int:
        connection = await connect("QA_READ_URL", settings.read_url)
        try:
            return await verify_log(connection, known)
        finally:
            await connection.close()

    try:
        known = checkpoints.read() if checkpoints else []
        held = asyncio.run(check())
    except (LogBroken, CheckpointForged, RestoreUntold) as broken:
        return _refuse(str(broken))
    for loss in losses(known):
        _say(f"seals {loss.kept + 1} to {loss.lost} were lost by a restore (epoch {loss.epoch})")
    against = "its checkpoints" if checkpoints else "no checkpoints (QA_CHECKPOINT_FILE)"
    print(f"the event log holds: {held} seals, against {against}")
    return 0


def restored(_: Arguments) -> int:
    """Say, once, that the database was restored: what follows comes after what was restored."""
    import asyncpg

    from qa_api.db import connect
    from qa_api.worker.restoring import Begun, begin_epoch
    from qa_api.worker.sealing import CheckpointForged, Checkpoints

    settings = _settings()
    url = settings.migrate_url
    if url is None:
        return _refuse("QA_MIGRATE_URL is not set: the owner's address of the database")
    checkpoints = Checkpoints.of(settings)

    async def begin() -> Begun:
        connection = await connect("QA_MIGRATE_URL", url, lock_timeout="5000")
        try:
            return await begin_epoch(connection, checkpoints)
        finally:
            await connection.close()

    try:
        begun = asyncio.run(begin())
    except asyncpg.LockNotAvailableError:
        return _refuse("others are writing: stop the API and the worker, then run this again")
    except CheckpointForged as forged:
        return _refuse(f"nothing was changed; the checkpoint file: {forged}")
    if not checkpoints:
        _say("without QA_CHECKPOINT_FILE nobody can tell what the restore lost")
    elif begun.loss:
        _say(f"seals {begun.loss.kept + 1} to {begun.loss.lost} were not restored: they are lost")
    print(f"epoch {begun.epoch} begins after seal {begun.last_seal}; copies are pulled in full")
    return 0


def figures(asked: Arguments) -> int:
    """Check what the figures add up against the rows, or with --rebuild count them all again."""
    from qa_api.board.folding import FiguresWrong, check_rollups, rebuild_rollups
    from qa_api.db import connect

    url = _settings().migrate_url
    if url is None:
        return _refuse("QA_MIGRATE_URL is not set: the owner's address of the database")

    async def look() -> int:
        connection = await connect("QA_MIGRATE_URL", url)
        try:
            if asked.rebuild:
                await rebuild_rollups(connection)
            return await check_rollups(connection)
        finally:
            await connection.close()

    try:
        counted = asyncio.run(look())
    except FiguresWrong as wrong:
        return _refuse(str(wrong))
    print(f"the figures hold: {counted} rows counted")
    return 0


def init(asked: Arguments) -> int:
    """Make an authority of an empty database: first administrator, policy, calendar."""
    from qa_api.http.json_file import read

    policy: Any = {}
    if asked.policy:
        try:
            written = read(asked.policy.read_bytes())
        except OSError as unreadable:
            return _refuse(f"{asked.policy} cannot be read: {unreadable.strerror}")
        for at in written.faults:
            print(f"line {at.line}, column {at.column}: {at.detail}", file=sys.stderr)
        policy = written.value
        if written.faults or not isinstance(policy, dict):
            return _refuse(f"{asked.policy} is not a JSON object of policy values")

    async def start(work: "Work") -> None:
        from qa_api.directory.starting import start_authority

        await start_authority(work, issuer=asked.issuer, subject=asked.subject, policy=policy)

    return _as_service(start, "the authority is there; import its directory next")


def import_directory(asked: Arguments) -> int:
    """Import an authority's directory from a JSON file; all of it or nothing."""
    from qa_api.db import DatabaseAway
    from qa_api.directory.importing import DirectoryRefused, import_directory, read_directory

    async def put(work: "Work") -> None:
        await import_directory(work, read, _tell)
        if asked.dry_run:
            raise _OnlyTried

    try:
        read = read_directory(asked.file.read_bytes())
    except OSError as unreadable:
        return _refuse(f"{asked.file} cannot be read: {unreadable.strerror}")
    try:
        return _as_service(put, "the directory is imported")
    except _OnlyTried:
        print("the file is sound; nothing was kept")
        return 0
    except DirectoryRefused as refused:
        return _refuse_file(refused.faults)
    except DatabaseAway as away:
        return _refuse_file(read.faults, unless=str(away))


def import_authority(asked: Arguments) -> int:
    """Import an authority's folder: policy, calendar, catalogue and directory, or nothing."""
    from qa_api.adoption.folder import FolderRefused, look_through
    from qa_api.adoption.service import adopt_authority
    from qa_api.db import DatabaseAway

    async def adopt(work: "Work") -> None:
        await adopt_authority(work, folder, _tell)
        if asked.dry_run:
            raise _OnlyTried

    try:
        folder = look_through(asked.folder).issued_by(asked.issuer)
    except OSError as unreadable:
        return _refuse(f"{asked.folder} cannot be read: {unreadable.strerror}")
    try:
        return _as_service(adopt, f"{asked.folder} is imported")
    except _OnlyTried:
        print("the folder is sound; nothing was kept")
        return 0
    except FolderRefused as refused:
        return _refuse_file(refused.faults)
    except DatabaseAway as away:
        return _refuse_file(folder.faults, unless=str(away))


def _refuse_file(faults: Sequence[object], unless: str | None = None) -> int:
    """Tell every fault of what was to be imported; `unless` says why no more were looked for."""
    for fault in faults:
        print(fault, file=sys.stderr)
    told = f"nothing was imported: faults in {len(faults)} places"
    if unless is None:
        return _refuse(told)
    return _refuse(f"{told}, and no more were looked for: {unless}" if faults else unless)


class _OnlyTried(Exception):
    """A dry run ends like this."""


def _tell(part: str, size: int) -> None:
    _say(f"{part}: {size}")


def add_bank_holiday(asked: Arguments) -> int:
    """Add a bank holiday; open clocks get longer."""

    async def add(work: "Work") -> None:
        from qa_api.calendars.service import add_bank_holiday

        calendar = await add_bank_holiday(work, asked.day, title=asked.title, reason=asked.reason)
        if asked.day > calendar.known_until:
            _say(
                f"the calendar ends on {calendar.known_until}: it counts once {asked.day.year} "
                "is known (qa-api bank-holiday confirm-year, or import)"
            )

    return _as_service(add, f"{asked.day} is a bank holiday")


def withdraw_bank_holiday(asked: Arguments) -> int:
    """Make a bank holiday a working day again."""

    async def withdraw(work: "Work") -> None:
        from qa_api.calendars.service import withdraw_bank_holiday

        await withdraw_bank_holiday(work, asked.day, reason=asked.reason)

    return _as_service(withdraw, f"{asked.day} is an ordinary day")


def confirm_year(asked: Arguments) -> int:
    """Extend the working calendar by a year whose bank holidays you confirm, all of them."""

    async def extend(work: "Work") -> None:
        from qa_api.calendars.extending import confirm_year

        await confirm_year(work, asked.year, dict(asked.holiday), reason=asked.reason)

    days = [day for day, _ in asked.holiday]
    if len(set(days)) < len(days):
        return _refuse("a day is given twice")
    return _as_service(extend, f"the calendar reaches to the end of {asked.year}")


def import_bank_holidays(asked: Arguments) -> int:
    """Bring in the official file of bank holidays; nothing that is known is dropped."""
    from qa_api.http.json_file import read
    from qa_api.rules.bank_holidays import published_years
    from qa_api.rules.decision import RuleRefused

    async def bring_in(work: "Work") -> None:
        from qa_api.calendars.extending import compare_published, import_published

        found = await compare_published(work, years)
        for word, holidays in found.named():
            for day in sorted(holidays):
                _say(f"{word} {day} {holidays[day]}")
        _say(f"{found.agrees} are known already; the calendar reaches to {found.known_until}")
        found.check()
        if asked.dry_run:
            raise _OnlyTried
        await import_published(work, years, reason=asked.reason)

    try:
        written = read(asked.file.read_bytes())
    except OSError as unreadable:
        return _refuse(f"{asked.file} cannot be read: {unreadable.strerror}")
    if written.faults:
        return _refuse_file([f"line {at.line}: {at.detail}" for at in written.faults])
    try:
        years = published_years(written.value)
        return _as_service(bring_in, "the bank holidays are brought in")
    except _OnlyTried:
        print("the file is sound; nothing was kept")
        return 0
    except RuleRefused as refused:
        return _refuse(str(refused))


def _as_service(act: Callable[["Work"], Any], done: str) -> int:
    """One piece of work as the service itself."""
    from qa_api.db import Database, reach
    from qa_api.problems import Problem
    from qa_api.reactions import REACTIONS
    from qa_api.rulebook import Rulebook
    from qa_api.rules.decision import RuleRefused
    from qa_api.work import Workshop

    settings = _settings()

    async def once() -> None:
        await reach("QA_DATABASE_URL", settings.database_url)
        database = await Database.open(settings)
        try:
            async with Workshop(database, Rulebook(), REACTIONS).open_as_service("cli") as work:
                await act(work)
        finally:
            await database.close()

    try:
        asyncio.run(once())
    except Problem as refused:
        return _refuse(refused.detail)
    except RuleRefused as refused:
        for one in refused.missing:
            print(one.detail, file=sys.stderr)
        return _refuse(str(refused))
    print(done)
    return 0


def _settings() -> "Settings":
    """The process's settings; logging follows them."""
    from qa_api.settings import Settings

    settings = Settings()
    logging.basicConfig(
        level=settings.log_level.upper(),
        format="%(asctime)s %(levelname)-7s %(name)s %(message)s",
    )
    logging.getLogger("httpx").setLevel(logging.WARNING)  # it would log each receiver's URL
    return settings


def _end_with_parent() -> None:
    """Stop in order when standard input ends: whoever started this process is gone."""

    def wait() -> None:
        while os.read(0, 4096):
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, daemon=True).start()


def _say(line: str) -> None:
    print(f"qa-api: {line}", flush=True)


def _refuse(why: str) -> int:
    print(f"qa-api: {why}", file=sys.stderr)
    return 1


def _role(word: str) -> Any:
    from qa_api.auth.roles import Role

    try:
        return Role(word)
    except ValueError:
        roles = ", ".join(role.value for role in Role)
        raise argparse.ArgumentTypeError(f"the roles are {roles}") from None


def _text(typed: str) -> str:
    from pydantic_core import PydanticCustomError

    from qa_api.http.text import as_typed

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

    served = command(serve)
    served.add_argument("--fd", type=int, help=argparse.SUPPRESS)
    for tied in (served, command(worker)):
        tied.add_argument("--tied", action="store_true", help=argparse.SUPPRESS)
    command(migrate)
    command(verify)
    command(restored)
    command(figures).add_argument(
        "--rebuild", action="store_true", help="count again first; writers wait meanwhile"
    )
    started = command(init)
    started.add_argument("--issuer", required=True, help="the `iss` of the administrator's tokens")
    started.add_argument("--subject", required=True, help="their `sub`")
    started.add_argument("--policy", type=Path, metavar="FILE", help="JSON of policy values")
    importing = commands.add_parser(
        "import", help="Import what an authority brings along."
    ).add_subparsers(required=True, metavar="authority|directory")
    adopted = command(import_authority, "authority", importing)
    adopted.add_argument("folder", type=Path, metavar="DIR")
    adopted.add_argument("--issuer", help="the `iss` of who names none in directory.json")
    imported = command(import_directory, "directory", importing)
    imported.add_argument("file", type=Path, metavar="FILE")
    for tried in (adopted, imported):
        tried.add_argument("--dry-run", action="store_true", help="check everything, keep nothing")
    contract = command(openapi)
    contract.add_argument("--check", action="store_true", help="write nothing; 1 if it differs")
    contract.add_argument("--out", type=Path, default=Path("openapi"), metavar="DIR")
    asked_token = command(token)
    asked_token.add_argument("role", type=_role, metavar="ROLE")
    run, walked = command(dev_run, "dev-run"), command(demo)
    walked.add_argument("chapter", nargs="?", metavar="CHAPTER", help="only this; all by default")
    for developing, place in ((asked_token, ".data"), (run, ".data"), (walked, ".data/demo")):
        developing.add_argument("--data", type=Path, default=Path(place), metavar="DIR")
    run.add_argument(
        "--authority",
        default=os.environ.get("QA_DEMO_AUTHORITY"),
        metavar="CODE",
        help="which of the authorities that ship with the service; the environment names it too",
    )
    for served, port in ((run, 8000), (walked, 0)):
        served.add_argument("--port", type=int, default=port, metavar="N", help="0: a free one")
    holidays = commands.add_parser(
        "bank-holiday", help="Add or withdraw a bank holiday, or extend the calendar."
    ).add_subparsers(required=True, metavar="add|withdraw|confirm-year|import")
    added = command(add_bank_holiday, "add", holidays)
    withdrawn = command(withdraw_bank_holiday, "withdraw", holidays)
    for changed in (added, withdrawn):
        changed.add_argument("day", type=date.fromisoformat, metavar="YYYY-MM-DD")
    added.add_argument("--title", required=True, type=_text)
    confirmed = command(confirm_year, "confirm-year", holidays)
    confirmed.add_argument("year", type=int, metavar="YYYY")
    confirmed.add_argument(
        "holiday",
        type=_holiday,
        nargs="+",
        metavar="YYYY-MM-DD=TITLE",
        help="each bank holiday of the year; nothing is taken for granted",
    )
    published = command(import_bank_holidays, "import", holidays)
    published.add_argument("file", type=Path, metavar="FILE", help="as GOV.UK publishes it")
    published.add_argument(
        "--dry-run", action="store_true", help="compare and check everything, keep nothing"
    )
    published.add_argument("--reason", type=_text, default="The published bank holidays.")
    for changed in (added, withdrawn, confirmed):
        changed.add_argument("--reason", required=True, type=_text)
    return parser


if __name__ == "__main__":
    sys.exit(main())
