"""Hearing at once what another process has committed: LISTEN on a connection of its own."""

import asyncio
import logging
from collections.abc import Callable
from typing import Final

import asyncpg

from qa_api.attempts import DATABASE_FAULTS, name_of
from qa_api.db import dsn_arguments
from qa_api.settings import Settings

log = logging.getLogger(__name__)

RECONNECT_AFTER: Final = 2.0
"""Seconds; whoever listens looks on their own when it is there again."""


async def listen(settings: Settings, channel: str, heard: Callable[[], None]) -> None:
    """Call `heard` at every notice of a channel, until cancelled.

    It is called, too, whenever the connection has been made: for what came while nobody listened.
    """
    while True:
        try:
            await _listen_once(settings, channel, heard)
        except DATABASE_FAULTS as fault:
            log.warning("no notices of %s from the database: %s", channel, name_of(fault))
        await asyncio.sleep(RECONNECT_AFTER)


async def _listen_once(settings: Settings, channel: str, heard: Callable[[], None]) -> None:
    connection = await asyncpg.connect(
        **dsn_arguments(settings.database_url.get_secret_value()),
        timeout=settings.connect_timeout_seconds,
        server_settings={"application_name": f"qa_api {channel}"},
    )
    lost = asyncio.Event()
    try:
        connection.add_termination_listener(lambda _: lost.set())
        await connection.add_listener(channel, lambda *_: heard())
        heard()
        await lost.wait()
    finally:
        connection.terminate()
