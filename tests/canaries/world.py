"""The service and its worker as processes of their own, and the story told in marked words."""

import asyncio
import json
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO
from pathlib import Path
from typing import Final, Self
from uuid import uuid4

import asyncpg
import httpx

from qa_api.demo.receiver import Receiver
from qa_api.demo.scenes import CHAPTERS
from qa_api.demo.story import Story, weekday
from qa_api.demo.telling import Teller
from tests.canaries.heard import Answer, Heard
from tests.canaries.marking import HEADER, WORD, Marker
from tests.canaries.routes import Known, schema_of
from tests.conftest import Database

REFUSED_WORD: Final = f"{WORD}-refused"
FAILING_WORD: Final = f"{WORD}-failing"
AWAY_WORD: Final = f"{WORD}-away"


class Marking(httpx.HTTPTransport):
    """Takes the story's requests to the service, in marked words.

    What carries free text is the first time sent in words that the database does not take: as it
    writes them, and as it commits them; and in words upon which it goes away.
    """

    def __init__(self, known: Known, marker: Marker, heard: Heard) -> None:
        super().__init__()
        self._known, self._marker, self._heard = known, marker, heard
        self._refused: set[tuple[str, str]] = set()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send it as often as it takes; the answer to what was taken is the story's."""
        operation = self._known.operation(request.method, request.url.path)
        taken = operation and schema_of(operation)
        content, name = request.read(), f"{request.method} {operation.path if operation else '?'}"
        if not (content and taken):
            return self._send(request, content, name)
        for mark in (REFUSED_WORD, FAILING_WORD, AWAY_WORD):
            tried = self._marker.mark(json.loads(content), taken[1], mark=mark)
            if mark in json.dumps(tried) and (name, mark) not in self._refused:
                self._refused.add((name, mark))
                answer = self._send(request, json.dumps(tried).encode(), name)
                if answer.status_code < 400:
                    return answer  # these words are kept nowhere
        marked = self._marker.mark(json.loads(content), taken[1])
        return self._send(request, json.dumps(marked).encode(), name)

    def _send(self, request: httpx.Request, content: bytes, name: str) -> httpx.Response:
        headers = dict(request.headers)
        headers.pop("content-length", None)
        if "idempotency-key" in headers:
            headers["idempotency-key"] = f"{HEADER}-{uuid4().hex}"
        sent = httpx.Request(
            request.method,
            request.url,
            headers=headers,
            content=content,
            extensions=request.extensions,
        )
        answer = super().handle_request(sent)
        text = answer.read().decode()
        if answer.status_code < 300:
            self._known.learn(request.url.path)
        self._heard.answers.append(Answer(name, answer.status_code, answer.headers, text))
        return answer


class Refuser:
    """A receiver that keeps every message as it came, and refuses it with words of its own."""

    def __init__(self) -> None:
        self.came: list[str] = []
        came = self.came

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"])).decode()
                came.append(f"{self.path} {self.headers.items()} {body}")
                said = f"{WORD}.refused: we do not take this".encode()
                self.send_response(422, f"{WORD}.refused")
                self.send_header("content-length", str(len(said)))
                self.end_headers()
                self.wfile.write(said)

            def log_message(self, *_: object) -> None:
                """What came is kept."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/refused"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


@dataclass
class World:
    """What was said, what was heard of it, and where it is kept."""

    heard: Heard
    marker: Marker
    database: Database


@dataclass
class Telling:
    """What it takes to tell the story."""

    url: str
    token: Callable[[str], str]
    turn: Callable[[datetime], None]
    present: datetime
    pages: Path


def tell(telling: Telling, chapters: int, known: Known, marker: Marker, heard: Heard) -> None:
    """Tell the first chapters in marked words; what the receiver gets is heard."""
    transport = Marking(known, marker, heard)
    with (
        Receiver() as receiver,
        httpx.Client(base_url=telling.url, timeout=60, transport=transport) as http,
    ):
        story = Story(
            Teller(StringIO()),
            receiver,
            http,
            telling.token,
            telling.turn,
            telling.pages,
            telling.present,
            lambda: None,
        )
        for chapter in CHAPTERS[:chapters]:
            story.move_to(weekday(chapter.begins_on(story)))
            for _, scene in chapter.scenes:
                scene(story)
        telling.turn(telling.present)
        heard.webhooks += [json.dumps(event) for event in receiver.events]


@contextmanager
def printed_into(file: Path) -> Iterator[None]:
    """What this process and those that it starts now print goes into a file, for good theirs."""
    kept = [os.dup(number) for number in (1, 2)]
    with file.open("ab") as target:
        for number in (1, 2):
            os.dup2(target.fileno(), number)
    try:
        yield
    finally:
        for number, descriptor in enumerate(kept, 1):
            os.dup2(descriptor, number)
            os.close(descriptor)


TRAPS: Final = f"""
CREATE FUNCTION trap() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF NEW::text LIKE '%{FAILING_WORD}%' THEN
        RAISE EXCEPTION 'trap' USING ERRCODE = 'internal_error', DETAIL = NEW::text,
            HINT = NEW::text;
    END IF;
    IF NEW::text LIKE '%{AWAY_WORD}%' THEN
        RAISE EXCEPTION 'trap' USING ERRCODE = 'cannot_connect_now', DETAIL = NEW::text,
            HINT = NEW::text;
    END IF;
    RETURN NULL;
END $$;
DO $$ DECLARE one text; BEGIN
    FOR one IN SELECT format('%I', relname) FROM pg_class
               WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' LOOP
        EXECUTE format('ALTER TABLE %s ADD CONSTRAINT trap_word'
                       ' CHECK ((%s)::text NOT LIKE ''%%{REFUSED_WORD}%%'') NOT VALID', one, one);
        EXECUTE format('CREATE CONSTRAINT TRIGGER trap AFTER INSERT OR UPDATE ON %s DEFERRABLE'
                       ' INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION trap()', one);
    END LOOP;
END $$;
"""
"""A row with the first word breaks a constraint, one with the second fails at the commit, and with
the third the database says then that it goes away: of each PostgreSQL tells the row."""


def rows_of(url: str) -> dict[str, str]:
    """Every row that is kept, as text, by its table."""

    async def once() -> dict[str, str]:
        connection = await asyncpg.connect(url)
        try:
            tables = await connection.fetch(
                "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
                " AND relkind = 'r' AND relname <> 'alembic_version'"
            )
            return {
                table: "\n".join(
                    str(row[0])
                    for row in await connection.fetch(f'SELECT one::text FROM "{table}" one')
                )
                for (table,) in tables
            }
        finally:
            await connection.close()

    return asyncio.run(once())
