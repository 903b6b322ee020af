"""Seeing what a webhook endpoint would receive, while a receiver is being written."""

import json
import signal
from argparse import Namespace
from base64 import b64decode
from collections.abc import Sequence
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Final

from qa_api.commands.common import refuse, say

_LARGEST: Final = 2**20
_PATIENCE_SECONDS: Final = 10.0


def listen(asked: Namespace) -> int:
    """Print each webhook message that arrives on this machine, one a line, once it is verified."""
    try:
        secrets = _secrets_in(asked.secret_file)
    except OSError as fault:
        return refuse(f"{asked.secret_file} cannot be read: {fault.strerror}")
    except ValueError as fault:
        return refuse(f"{asked.secret_file}: {fault}")
    try:
        server = HTTPServer(("127.0.0.1", asked.port), _handler(secrets, asked.answer))
    except OSError as fault:
        return refuse(f"port {asked.port} cannot be listened on: {fault.strerror}")
    with server:
        say(f"listening on http://127.0.0.1:{server.server_port}/; Ctrl-C ends it")
        for number in (signal.SIGINT, signal.SIGTERM):  # also where a shell had the first ignored
            signal.signal(number, signal.default_int_handler)
        with suppress(KeyboardInterrupt):
            server.serve_forever(poll_interval=0.1)
    return 0


def _secrets_in(file: Path) -> list[str]:
    """The secrets of a file, one a line. Raises `ValueError` where it holds something else."""
    try:
        secrets = file.read_text("utf-8").split()
    except UnicodeDecodeError:
        raise ValueError("it is no text in UTF-8") from None
    for number, secret in enumerate(secrets, start=1):
        try:
            b64decode(secret.removeprefix("whsec_"), validate=True)
        except ValueError:  # no base64, or other letters
            raise ValueError(f"secret {number} is not as the service shows it") from None
        if not secret.startswith("whsec_"):
            raise ValueError(f"secret {number} does not begin with whsec_")
    if not secrets:
        raise ValueError("there is no secret in it")
    return secrets


def _handler(secrets: Sequence[str], status: int) -> type[BaseHTTPRequestHandler]:
    """What answers each request: 401 to what is not ours, else what was asked for."""
    from qa_api import clock
    from qa_api.webhooks.signing import NotVerified, verify

    class Receiver(BaseHTTPRequestHandler):
        timeout = _PATIENCE_SECONDS

        def do_POST(self) -> None:
            length = self.headers.get("content-length", "")
            if not length.isascii() or not length.isdigit() or int(length) > _LARGEST:
                self._end(413, "refused: it says no length, or a large one")
                return
            body = self.rfile.read(int(length))
            headers = {name.lower(): value for name, value in self.headers.items()}
            try:
                message_id = verify(headers, body, secrets, clock.now())
            except NotVerified as why:
                self._end(401, f"refused: {why}")
                return
            self._end(status, _line(message_id, body))

        def _end(self, answer: int, line: str) -> None:
            # Printed first: whoever waits for the answer finds the line.
            print(line, flush=True)
            self.send_response(answer)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing beside the lines."""

    return Receiver


def _line(message_id: str, body: bytes) -> str:
    """A message in one line, whatever is in it."""
    try:
        message = json.loads(body)
        shown = json.dumps(message["data"], ensure_ascii=True)
        return f"verified {message_id} {message['timestamp']} {message['type']} {shown}"
    except (ValueError, KeyError, TypeError):  # a checkpoint, which is a text
        return f"verified {message_id} {json.dumps(body.decode('utf-8', 'replace'))}"
