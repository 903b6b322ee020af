"""Learning at once that there is something to deliver."""

import asyncio
import logging
from collections.abc import Callable
from typing import Final

import asyncpg

from qa_api.attempts import name_of
from qa_api.db import dsn_arguments
from qa_api.settings import Settings
from qa_api.webhooks.outbox import CHANNEL

log = logging.getLogger(__name__)

RECONNECT_AFTER: Final = 2.0
"""Seconds; meanwhile the couriers look on their own."""


async def listen(settings: Settings, wake: Callable[[], None]) -> None:
    """Call `wake` at every notice, over a connection of its own, until cancelled."""
    while True:
        try:
            await _listen_once(settings, wake)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as fault:
            log.warning("no notices from the database: %s", name_of(fault))
        await asyncio.sleep(RECONNECT_AFTER)


async def _listen_once(settings: Settings, wake: Callable[[], None]) -> None:
    connection = await asyncpg.connect(
        **dsn_arguments(settings.database_url.get_secret_value()),
        timeout=settings.connect_timeout_seconds,
        server_settings={"application_name": "qa_api worker"},
    )
    lost = asyncio.Event()
    try:
        connection.add_termination_listener(lambda _: lost.set())
        await connection.add_listener(CHANNEL, lambda *_: wake())
        wake()  # for what came while nobody listened
        await lost.wait()
    finally:
        connection.terminate()
