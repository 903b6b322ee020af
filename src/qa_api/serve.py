"""Running the API with uvicorn."""

import logging
import socket
from collections.abc import Callable
from typing import Any

import uvicorn

from qa_api.app import create_app
from qa_api.http.connection import Limits, connections
from qa_api.settings import Settings

log = logging.getLogger(__name__)

GRACE_SECONDS = 15
"""How long requests that are under way may take at a stop."""


def serve_api(settings: Settings, descriptor: int | None = None) -> None:
    """Serve until SIGTERM or SIGINT, on the settings' address or on a socket that is listening.

    `descriptor` is that socket's; whoever made it keeps the port while the API is started again.
    """
    config = server_config(create_app(settings), settings)
    sockets = None if descriptor is None else [socket.socket(fileno=descriptor)]
    uvicorn.Server(config).run(sockets)


def server_config(app: Callable[..., Any], settings: Settings) -> uvicorn.Config:
    """How an ASGI application is served: with limits on what comes before there is a request."""
    limits = Limits(
        head_bytes=settings.max_head_bytes,
        headers=settings.max_headers,
        head_seconds=settings.head_deadline_seconds,
        origins=frozenset(settings.cors_origins),
    )
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        http=connections(limits),
        loop="qa_api.names:new_loop",
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    config.timeout_keep_alive = settings.keep_alive_seconds  # type: ignore[assignment]  # a float does
    return config
