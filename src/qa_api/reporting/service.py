"""One pull of a dataset: from what was asked to what is sent."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Final

from qa_api import problems
from qa_api.problems import InputError
from qa_api.reads.cursors import Cursors
from qa_api.reporting.columns import Dataset
from qa_api.reporting.pseudonyms import Pseudonyms
from qa_api.reporting.pulling import Asked, Position, Puller, Tokens
from qa_api.reporting.schemas import DatasetQuery
from qa_api.reporting.snapshots import Snapshot
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

    async def download(
        self, puller: Puller, turns: asyncio.Semaphore, *, as_csv: bool
    ) -> AsyncGenerator[str]:
        """Everything, part by part. 429 while as many others are under way as may be."""
        if turns.locked():
            raise problems.quota_exceeded(_COME_BACK_SECONDS)
        write = self.writer.csv if as_csv else self.writer.ndjson
        async with (
            turns,
            # Closed here and now when nobody listens any more: they hold a transaction.
            aclosing(puller.download(self.asked, self.position.since)) as batches,
            aclosing(write(batches, self.tokens.changes)) as parts,
        ):
            async for part in parts:
                yield part


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
    if faults:
        raise problems.validation(faults)
