"""Hearing at once what another process has committed: LISTEN on a connection of its own."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from qa_api.attempts import DATABASE_FAULTS, name_of
from qa_api.servers import Servers
from qa_api.settings import Settings

log = logging.getLogger(__name__)

RECONNECT_AFTER: Final = 2.0
"""Seconds; whoever listens looks on their own when it is there again."""
SEEN_EVERY: Final = 5.0
"""Seconds after which the server is asked for a sign of life; one that hangs sends no notices."""


async def listen(settings: Settings, channel: str, heard: Callable[[], None]) -> None:
    """Call `heard` at every notice of a channel, until cancelled.

    It is called, too, whenever the connection has been made: for what came while nobody listened.
    """
    servers = Servers.of(settings.database_url.get_secret_value())
    while True:
        try:
            await _listen_once(servers, settings.connect_timeout_seconds, channel, heard)
        except DATABASE_FAULTS as fault:
            log.warning("no notices of %s from the database: %s", channel, name_of(fault))
        await asyncio.sleep(RECONNECT_AFTER)


async def _listen_once(
    servers: Servers, patience: float, channel: str, heard: Callable[[], None]
) -> None:
    connection = await servers.connect(
        timeout=patience, server_settings={"application_name": f"qa_api {channel}"}
    )
    lost = asyncio.Event()
    try:
        connection.add_termination_listener(lambda _: lost.set())
        await connection.add_listener(channel, lambda *_: heard())
        heard()
        while not lost.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(SEEN_EVERY):
                    await lost.wait()
                    return
            await connection.execute("SELECT", timeout=patience)
    finally:
        connection.terminate()
