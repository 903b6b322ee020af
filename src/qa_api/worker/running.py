"""One worker process: two couriers, the ear for notices, the sweep, seals and checkpoints."""

import asyncio
import logging
import signal

from qa_api import clock
from qa_api.attempts import DATABASE_FAULTS, name_of
from qa_api.db import Database
from qa_api.notices import listen
from qa_api.reactions import REACTIONS
from qa_api.rulebook import Rulebook
from qa_api.settings import Settings
from qa_api.webhooks.outbox import CHANNEL, LANES
from qa_api.work import Workshop
from qa_api.worker.checkpoints import Checkpoints
from qa_api.worker.delivery import Courier
from qa_api.worker.sending import Sender
from qa_api.worker.sweep import run_sweeps
from qa_api.worker.witnessing import run_witnessing

log = logging.getLogger(__name__)


async def run_worker(settings: Settings) -> None:
    """Work until SIGTERM or SIGINT; what is being sent then is finished and written down.

    Raises UnsafeDatabaseRole where the database role could step around row-level security, and
    KeyMalformed, MeansNothing and MalformedTarget where a setting is at fault.
    """
    working = asyncio.ensure_future(_work(settings))
    loop = asyncio.get_running_loop()
    for stop in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(stop, working.cancel)
    try:
        await working
    except asyncio.CancelledError:
        log.info("the worker has stopped")


async def _work(settings: Settings) -> None:
    clock.begin(settings.clock, settings.clock_file)
    checkpoints = Checkpoints.of(settings)
    async with Sender.open(settings) as sender:
        database = await Database.open(settings)
        try:
            await _ready(database)
            await _work_on(database, settings, sender, checkpoints)
        finally:
            await database.close()


async def _work_on(
    database: Database, settings: Settings, sender: Sender, checkpoints: Checkpoints | None
) -> None:
    workshop = Workshop(database, Rulebook(), REACTIONS)
    async with asyncio.TaskGroup() as group:
        couriers = [
            Courier(workshop, sender, lane, lease_seconds=settings.lease_seconds) for lane in LANES
        ]

        def wake() -> None:
            for courier in couriers:
                courier.wake()

        for courier in couriers:
            group.create_task(courier.run())
        group.create_task(listen(settings, CHANNEL, wake))
        group.create_task(run_sweeps(workshop, settings.sweep_interval_seconds))
        group.create_task(run_witnessing(workshop, sender, checkpoints))
        log.info("the worker delivers and sweeps")


async def _ready(database: Database) -> None:
    """Wait for the database, then see that its roles are safe to work with."""
    while True:
        try:
            await database.check_roles()
        except DATABASE_FAULTS as fault:
            log.warning("the database does not answer yet: %s", name_of(fault))
            await asyncio.sleep(1)
        else:
            return
