"""Bodies that are files: larger than any other, read row by row, and only of callers let in.

The gate lets them through unread. Here they are set down in a temporary file, within limits of
their own, once the caller's token has been accepted; a further attempt reads the same file again.
"""

import asyncio
import hashlib
import tempfile
from collections.abc import Mapping
from typing import IO, Any, Final

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive

from qa_api import problems
from qa_api.http.access import caller_of
from qa_api.http.request_context import context_of
from qa_api.http.route import Handler, StrictRoute

FILE_LIMIT: Final = 64 * 2**20
"""Bytes of a file; a larger one is imported by the command line."""
FILE_SECONDS: Final = 120.0
"""Within so many seconds a file must have arrived."""
IN_MEMORY: Final = 2**20
"""Bytes of a file that are kept in memory; more are set down on disk."""
FILES_AT_ONCE: Final = 2
"""How many files one process takes in at a time."""


class FileRoute(StrictRoute):
    """A route that takes a file in place of the JSON body that it declares.

    What it is then given as its body is `no_rows`; the file is in the request's context.
    """

    no_rows: Mapping[str, Any] = {"children": []}

    def get_route_handler(self) -> Handler:
        """The handler of every route, behind the setting down of the file."""
        handle = super().get_route_handler()

        async def handle_file(request: Request) -> Response:
            context = context_of(request.scope)
            if context.file_type is None:
                return await handle(request)
            await caller_of(request)  # whoever is not let in sets nothing down
            turns: asyncio.Semaphore = request.app.state.files
            async with turns:
                with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY) as content:
                    await set_down(request.receive, content)
                    context.file = content
                    context.document = dict(self.no_rows)
                    context.body = b"{}"
                    return await handle(Request(_as_json(request.scope), request.receive))

        return handle_file


async def set_down(
    receive: Receive, content: Any, *, limit: int = FILE_LIMIT, seconds: float = FILE_SECONDS
) -> None:
    """Write the body of a request into a file; 413 and 408 where it does not keep within limits."""
    size, more = 0, True
    try:
        async with asyncio.timeout(seconds):
            while more:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise ClientDisconnect
                part = message.get("body", b"")
                size += len(part)
                if size > limit:
                    refusal = problems.content_too_large(limit)
                    refusal.headers["Connection"] = "close"
                    raise refusal
                content.write(part)
                more = message.get("more_body", False)
    except TimeoutError:
        raise problems.request_timeout() from None


def _as_json(scope: Mapping[str, Any]) -> dict[str, Any]:
    kept = [header for header in scope["headers"] if header[0] != b"content-type"]
    return {**scope, "headers": [*kept, (b"content-type", b"application/json")]}


def digest_of_file(content: IO[bytes]) -> str:
    """SHA-256 of a file that was set down."""
    content.seek(0)
    digest = hashlib.sha256()
    while part := content.read(IN_MEMORY):
        digest.update(part)
    return digest.hexdigest()


def file_of(request: Request) -> tuple[IO[bytes], str] | None:
    """The file that was sent and its media type; None where the body is JSON."""
    context = context_of(request.scope)
    if context.file is None or context.file_type is None:
        return None
    return context.file, context.file_type
