"""One pull of a dataset: from what was asked to what is sent."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from datetime import date, datetime
from typing import Final

from qa_api import problems
from qa_api.models.base import new_id
from qa_api.problems import InputError
from qa_api.reads.cursors import Cursors
from qa_api.reporting.columns import Dataset
from qa_api.reporting.downloads import Book, Written
from qa_api.reporting.forms import DatasetForm
from qa_api.reporting.packing import Packing
from qa_api.reporting.positions import Asked, Position, Tokens
from qa_api.reporting.pseudonyms import Pseudonyms
from qa_api.reporting.pulling import Puller
from qa_api.reporting.schemas import DatasetQuery
from qa_api.reporting.snapshots import Snapshot
from qa_api.reporting.sources import Part
from qa_api.reporting.writing import Writer
from qa_api.rules.unchanging import Unchanging

ROWS_OF_A_PAGE: Final = 1_000
DOWNLOADS_AT_ONCE: Final = 3
"""How many downloads one process serves at a time: each holds a connection of the reads' pool."""
_COME_BACK_SECONDS: Final = 10


class Pull(Unchanging):
    """What was asked for, understood."""

    asked: Asked
    position: Position
    size: int
    tokens: Tokens
    writer: Writer

    async def page(self, puller: Puller) -> tuple[str, str | None]:
        """The next page, and the cursor that follows it."""
        batch = await puller.page(self.asked, self.position, self.size)
        cursor = None if batch.following is None else self.tokens.cursor(batch.following)
        token = self.tokens.changes(batch.seen) if cursor is None else None
        items = ",".join(self.writer.row(row) for row in batch.rows)
        following = "null" if cursor is None else f'"{cursor}"'
        changes = "null" if token is None else f'"{token}"'
        body = f'{{"dataset":"{self.asked.dataset.name}","items":[{items}],'
        return f'{body}"next_cursor":{following},"changes_token":{changes}}}', cursor

    async def parts(
        self, puller: Puller, form: DatasetForm, nobody_waits: Callable[[], bool], *, replica: bool
    ) -> AsyncGenerator[Part]:
        """All of it as lines of a file; at least one part, which may be empty.

        `replica`: whether it may be read from a server that follows.
        """
        if self.position.since is None:
            copying = self.writer.copying(form)
            copied = puller.copy(self.asked, copying, nobody_waits, replica=replica)
            async with aclosing(copied):
                async for part in copied:
                    yield part
            return
        since = self.position.since
        batches = puller.download(self.asked, since, nobody_waits=nobody_waits, replica=replica)
        async with aclosing(batches):
            async for batch in batches:
                text = self.writer.rows(batch, form).encode()
                yield Part(text, len(batch.rows), batch.seen, batch.of_replica)


class Download:
    """One file on its way: its parts, and what stands before them and is kept of them."""

    def __init__(self, pull: Pull, form: DatasetForm, *, zipped: bool, last_line: bool) -> None:
        """`last_line`: whether it ends with the count of its rows and its token."""
        self._pull = pull
        self.form = form
        self.zipped = zipped
        self._last_line = last_line
        self.id = new_id()
        self.changes_token = ""
        """What asks for the changes since; known when the first part has been made."""
        self.as_at: datetime | None = None
        """Of one that a replica has answered: up to when it surely holds all."""

    def file_name(self, today: date) -> str:
        """What the file is called: dataset, range, whether it is changes, and the day."""
        asked, since = self._pull.asked, self._pull.position.since
        named = (("from", asked.from_), ("to", asked.to))
        dates = (f"{name}-{day}" for name, day in named if day is not None)
        changes = () if since is None else ("changes",)
        words = (asked.dataset.name, *dates, *changes, today.isoformat())
        return f"{'-'.join(words)}.{self.form.suffix}"

    async def parts(
        self,
        puller: Puller,
        book: Book,
        turns: asyncio.Semaphore,
        nobody_waits: Callable[[], bool],
    ) -> AsyncGenerator[bytes]:
        """All of it, part by part. 429 while as many others are under way as may be.

        It is finished in the book before its end is sent: whoever has the end finds it there.
        """
        if turns.locked():
            raise problems.quota_exceeded(_COME_BACK_SECONDS)
        pull, packing, written = self._pull, Packing(zipped=self.zipped), Written()
        parts = self._begun(puller, book, nobody_waits)
        async with (
            turns,
            # Closed here and now when nobody listens any more: it holds a transaction.
            aclosing(parts),
        ):
            opening = pull.writer.opening(self.form).encode()
            async for part in parts:
                self.changes_token = pull.tokens.changes(part.seen)
                text, opening = opening + part.text, b""
                written.add(text, part.rows)
                yield await packing.add(text)
            if self._last_line:
                text = pull.writer.last_line(written.rows, self.changes_token, self.form).encode()
                written.add(text)
                yield await packing.add(text)
            yield packing.end()
            await book.finish(self.id, written)

    async def _begun(
        self, puller: Puller, book: Book, nobody_waits: Callable[[], bool]
    ) -> AsyncGenerator[Part]:
        """Its parts, the first when it stands in the book.

        A replica shows what its primary has written, and that may be lost with it. The commit of
        the entry comes after it in the log: once it is acknowledged, so is all before. But if
        another primary took it, what was read is not this one's, and it is read again from there.
        """
        for replica in (True, False):
            parts = self._pull.parts(puller, self.form, nobody_waits, replica=replica)
            async with aclosing(parts):
                first = await anext(parts)
                said = first.of_replica
                dataset, history = self._pull.asked.dataset.name, said.history if said else None
                if not await book.begin(self.id, dataset, self.form, history):
                    continue
                self.as_at = said.as_at if said else None
                yield first
                async for part in parts:
                    yield part
                return


def begin(
    dataset: Dataset,
    query: DatasetQuery,
    *,
    cursors: Cursors,
    pseudonyms: Pseudonyms,
    shows_references: bool,
    whole: bool,
) -> Pull:
    """A pull of a dataset, or of the part of it that is asked for."""
    _check(dataset, query, whole=whole)
    asked = Asked(dataset, query.from_, query.to)
    tokens = Tokens(cursors, pseudonyms, asked, shows_references)
    since: Snapshot | None = None
    if query.changed_since is not None:
        since = tokens.seen(query.changed_since)
    position = Position(since) if query.cursor is None else tokens.position(query.cursor)
    return Pull(asked, position, query.limit or ROWS_OF_A_PAGE, tokens, Writer(dataset, pseudonyms))


def _check(dataset: Dataset, query: DatasetQuery, *, whole: bool) -> None:
    faults = []
    if dataset.dated is None:
        faults += [
            InputError.of(name, "no-business-date", "This dataset has no business date.")
            for name, given in (("from", query.from_), ("to", query.to))
            if given is not None
        ]
    if whole:
        faults += [
            InputError.of(name, "pages-only", "A download has no pages. Only JSON has.")
            for name, given in (("limit", query.limit), ("cursor", query.cursor))
            if given is not None
        ]
    elif query.trailer is not None:
        says = "Pages of JSON have no last line. Only downloads have."
        faults.append(InputError.of("trailer", "downloads-only", says))
    if faults:
        raise problems.validation(faults)
