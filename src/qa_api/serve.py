"""Running the API with uvicorn."""

import logging
import socket

import uvicorn

from qa_api.app import create_app
from qa_api.settings import Settings

log = logging.getLogger(__name__)

GRACE_SECONDS = 15
"""How long requests that are under way may take at a stop."""


def serve_api(settings: Settings, descriptor: int | None = None) -> None:
    """Serve until SIGTERM or SIGINT, on the settings' address or on a socket that is listening.

    `descriptor` is that socket's; whoever made it keeps the port while the API is started again.
    """
    config = uvicorn.Config(
        create_app(settings),
        host=settings.host,
        port=settings.port,
        http="httptools",
        loop="auto",
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    sockets = None if descriptor is None else [socket.socket(fileno=descriptor)]
    uvicorn.Server(config).run(sockets)
