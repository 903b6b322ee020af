"""What an operator checks and says: both logs, a restore, the figures."""

import asyncio
from argparse import Namespace
from operator import attrgetter
from typing import TYPE_CHECKING

from qa_api.commands.common import NO_OWNER, refuse, say, settings_of_process

if TYPE_CHECKING:
    from qa_api.worker.checkpoints import Checkpoint
    from qa_api.worker.verifying import Whole

# A log may be long. The role's limits are meant for statements that somebody forgets.
_AS_LONG_AS_IT_TAKES = {"statement_timeout": "0"}


def verify(asked: Namespace) -> int:
    """Check the event log and the access log against their seals and checkpoints."""
    from qa_api import clock
    from qa_api.db import RestoreUntold, connect
    from qa_api.worker.checkpoints import (
        CheckpointForged,
        Checkpoints,
        Keys,
        NoCheckpoints,
        losses,
        reconciled,
    )
    from qa_api.worker.verifying import LogBroken, verify_log

    settings = settings_of_process()
    files = [Checkpoints.of(settings)]
    if asked.checkpoints is not None:
        keys = Keys.of(settings)
        if not keys.verifiers:
            return refuse("QA_CHECKPOINT_PUBLIC_KEYS is not set: whose checkpoints are to be read?")
        files.append(Checkpoints(asked.checkpoints, keys))
    given = [file for file in files if file is not None]

    async def check(known: "list[Checkpoint]") -> "Whole":
        connection = await connect("QA_READ_URL", settings.read_url, **_AS_LONG_AS_IT_TAKES)
        try:
            return await verify_log(connection, known)
        finally:
            await connection.close()

    try:
        # First the files, then the log: read the other way round, the files could know more seals.
        ends = [max(file.read_expected(), key=attrgetter("place"), default=None) for file in given]
        known = reconciled(given)
        held = asyncio.run(check(known))
    except (LogBroken, CheckpointForged, NoCheckpoints, RestoreUntold) as broken:
        return refuse(str(broken))
    newest = max(known, key=attrgetter("place"), default=None)
    faults = [held.waits_too_long(clock.now())]
    if given:
        faults.append(held.unsigned(None if None in ends else newest))
    if found := [fault for fault in faults if fault is not None]:
        return refuse("; ".join(found))
    for loss in losses(known):
        say(f"seals {loss.kept + 1} to {loss.lost} were lost by a restore (epoch {loss.epoch})")
    _print_summary(held, newest)
    against = "its checkpoints" if given else "no checkpoints (QA_CHECKPOINT_FILE)"
    print(f"the event log holds: {held.seals} seals, against {against}")
    print(f"the access log holds: {held.lines} lines behind seals")
    return 0


def _print_summary(held: "Whole", newest: "Checkpoint | None") -> None:
    for month, count in held.removed.items():
        say(f"{count} lines of the access log of {month}, were removed when their time had come")
    if held.unsealed:
        say(f"{held.unsealed} events and lines are in no seal yet")
    if newest is not None and newest.number < held.seals:
        say(f"{held.seals - newest.number} seals are newer than the newest checkpoint, {newest.at}")


def prove(asked: Namespace) -> int:
    """Print a proof for a stranger: that something is in what was signed, or that that only grew.

    Of an event, of a line of the access log, or since the log had so many seals.
    """
    from qa_api.db import connect
    from qa_api.worker.checkpoints import CheckpointForged, Checkpoints, NoCheckpoints
    from qa_api.worker.proving import NotProved, proof_of, proof_of_growth, proof_of_line

    settings = settings_of_process()
    checkpoints = Checkpoints.of(settings)
    if checkpoints is None:
        return refuse("QA_CHECKPOINT_FILE is not set: a proof leads to a checkpoint of it")

    async def look() -> str:
        checkpoints.read_expected()
        connection = await connect("QA_READ_URL", settings.read_url, **_AS_LONG_AS_IT_TAKES)
        try:
            if asked.access is not None:
                return await proof_of_line(connection, asked.access, checkpoints)
            if asked.since is not None:
                return await proof_of_growth(connection, asked.since, checkpoints)
            return await proof_of(connection, asked.event, checkpoints)
        finally:
            await connection.close()

    try:
        print(asyncio.run(look()), end="")
    except (NotProved, CheckpointForged, NoCheckpoints) as refused:
        return refuse(str(refused))
    return 0


def check_proof(asked: Namespace) -> int:
    """Check what `prove` printed, with the public keys alone: no database is asked."""
    from qa_api.worker import checking_proofs
    from qa_api.worker.checkpoints import CheckpointForged, Checkpoints, Keys, NoCheckpoints

    keys = Keys.of(settings_of_process())
    if not keys.verifiers:
        return refuse("QA_CHECKPOINT_PUBLIC_KEYS is not set: whose checkpoints are believed?")
    try:
        held = []
        if asked.checkpoints is not None:
            held = Checkpoints(asked.checkpoints, keys).read_expected()
        print(checking_proofs.check_proof(asked.file.read_text(), keys, held))
    except (checking_proofs.NotShown, CheckpointForged, NoCheckpoints) as refused:
        return refuse(str(refused))
    except (OSError, UnicodeDecodeError):
        return refuse(f"{asked.file} cannot be read")
    return 0


def checkpoint_key(asked: Namespace) -> int:
    """Make a key that signs checkpoints: into a file; its public half is printed."""
    import os

    from qa_api.worker.notes import KeyMalformed, SignerKey

    try:
        key = SignerKey.new(asked.name)
        descriptor = os.open(asked.out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except KeyMalformed as malformed:
        return refuse(str(malformed))
    except FileExistsError:
        return refuse(f"{asked.out} is there already: a key is written over by nobody")
    except OSError as fault:
        return refuse(f"{asked.out} cannot be written: {fault.strerror}")
    with os.fdopen(descriptor, "w") as file:
        file.write(key.written() + "\n")
    print(key.verifier)
    return 0


def restored(_: Namespace) -> int:
    """Say, once, that the database was restored: what follows comes after what was restored."""
    import asyncpg

    from qa_api import privileges, role_limits, server_log
    from qa_api.db import connect
    from qa_api.worker.checkpoints import CheckpointForged, Checkpoints
    from qa_api.worker.restoring import Begun, begin_epoch

    settings = settings_of_process()
    url = settings.migrate_url
    if url is None:
        return refuse(NO_OWNER)
    checkpoints = Checkpoints.of(settings)
    if checkpoints and checkpoints.keys.signer is None:
        return refuse("QA_CHECKPOINT_KEY is not set: what a restore lost must be signed")

    async def begin() -> Begun:
        connection = await connect("QA_MIGRATE_URL", url, lock_timeout="5000")
        try:
            begun = await begin_epoch(connection, checkpoints)
            await privileges.withdraw(connection)
            await server_log.quieten(connection)
            await role_limits.limit(connection)
            return begun
        finally:
            await connection.close()

    try:
        begun = asyncio.run(begin())
    except asyncpg.LockNotAvailableError:
        return refuse("others are writing: stop the API and the worker, then run this again")
    except CheckpointForged as forged:
        return refuse(f"nothing was changed; the checkpoint file: {forged}")
    if not checkpoints:
        say("without QA_CHECKPOINT_FILE nobody can tell what the restore lost")
    elif begun.loss:
        say(f"seals {begun.loss.kept + 1} to {begun.loss.lost} were not restored: they are lost")
    print(f"epoch {begun.epoch} begins after seal {begun.last_seal}; copies are pulled in full")
    return 0


def figures(asked: Namespace) -> int:
    """Check what the figures add up against the rows, or with --rebuild count them all again."""
    from qa_api.board.rollup_upkeep import FiguresWrong, check_rollups, rebuild_rollups
    from qa_api.db import connect

    url = settings_of_process().migrate_url
    if url is None:
        return refuse(NO_OWNER)

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
        return refuse(str(wrong))
    print(f"the figures hold: {counted} rows counted")
    return 0
