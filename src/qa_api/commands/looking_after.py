"""What an operator checks and says: the event log, a restore, the figures."""

import asyncio
from argparse import Namespace

from qa_api.commands.common import NO_OWNER, refuse, say, settings_of_process


def verify(_: Namespace) -> int:
    """Check the event log against its seals and checkpoints."""
    from qa_api.db import RestoreUntold, connect
    from qa_api.worker.sealing import CheckpointForged, Checkpoints
    from qa_api.worker.verifying import LogBroken, losses, verify_log

    settings = settings_of_process()
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
        return refuse(str(broken))
    for loss in losses(known):
        say(f"seals {loss.kept + 1} to {loss.lost} were lost by a restore (epoch {loss.epoch})")
    against = "its checkpoints" if checkpoints else "no checkpoints (QA_CHECKPOINT_FILE)"
    print(f"the event log holds: {held} seals, against {against}")
    return 0


def restored(_: Namespace) -> int:
    """Say, once, that the database was restored: what follows comes after what was restored."""
    import asyncpg

    from qa_api import privileges, server_log
    from qa_api.db import connect
    from qa_api.worker.restoring import Begun, begin_epoch
    from qa_api.worker.sealing import CheckpointForged, Checkpoints

    settings = settings_of_process()
    url = settings.migrate_url
    if url is None:
        return refuse(NO_OWNER)
    checkpoints = Checkpoints.of(settings)

    async def begin() -> Begun:
        connection = await connect("QA_MIGRATE_URL", url, lock_timeout="5000")
        try:
            begun = await begin_epoch(connection, checkpoints)
            await privileges.withdraw(connection)
            await server_log.quieten(connection)
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
    from qa_api.board.folding import FiguresWrong, check_rollups, rebuild_rollups
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
