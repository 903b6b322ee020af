"""What a download holds, kept for a day: whoever has a file can see whether it is whole (X1).

The file itself says nothing of its end, since a last line of its own would be one row too many for
whatever loads it. It is written down when the download begins, and counted when it has ended.
"""

from contextlib import AbstractAsyncContextManager
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, case, literal, update

from qa_api.auth.actor import Me
from qa_api.auth.roles import Permission
from qa_api.auth.tokens import Caller
from qa_api.models.reporting import DatasetDownload
from qa_api.reads.documents import Document
from qa_api.reads.shapes import Shape
from qa_api.replica import HISTORY
from qa_api.reporting.forms import DatasetForm
from qa_api.reporting.schemas import DownloadOut, DownloadState
from qa_api.work import Work, Workshop


class Written:
    """How much of a file has been written: its rows, its bytes and their digest."""

    def __init__(self) -> None:
        self.rows = 0
        self.bytes = 0
        self._digest = sha256()

    def add(self, part: bytes, rows: int = 0) -> None:
        """Count a part of the file, and the rows in it."""
        self.rows += rows
        self.bytes += len(part)
        self._digest.update(part)

    @property
    def sha256(self) -> str:
        """The digest of all that was written, in hexadecimal digits."""
        return self._digest.hexdigest()


class Book:
    """Writes down the downloads of one caller, each entry in a transaction of its own."""

    def __init__(self, workshop: Workshop, caller: Caller, correlation_id: str) -> None:
        self._workshop = workshop
        self._caller = caller
        self._correlation_id = correlation_id

    async def begin(
        self, download_id: UUID, dataset: str, form: DatasetForm, history: str | None = None
    ) -> bool:
        """Write down that a download begins; False where the primary is of another `history`.

        Of none, any will do. The history is asked on the connection that commits the entry.
        """
        async with self._open() as work:
            if history is not None and await work.driver.fetchval(HISTORY) != history:
                return False
            begun = DatasetDownload(
                id=download_id,
                principal_id=work.actor.principal_id,
                dataset=dataset,
                format=form,
                begun_at=work.now,
            )
            work.session.add(begun)
        return True

    async def finish(self, download_id: UUID, written: Written) -> None:
        """Write down what it held, when all of it has been sent."""
        async with self._open() as work:
            await work.session.execute(
                update(DatasetDownload)
                .where(DatasetDownload.id == download_id)
                .values(
                    finished_at=work.now,
                    rows=written.rows,
                    bytes=written.bytes,
                    sha256=written.sha256,
                )
            )

    def _open(self) -> AbstractAsyncContextManager[Work]:
        return self._workshop.open(
            issuer=self._caller.issuer,
            subject=self._caller.subject,
            permission=Permission.REPORTING_READ,
            correlation_id=self._correlation_id,
        )


def _own(row: Any, me: Me) -> ColumnElement[bool]:
    own: ColumnElement[bool] = row.principal_id == me.principal_id
    return own


DOWNLOAD: Final = Document(
    Shape(
        DownloadOut,
        DatasetDownload,
        {
            "state": lambda row, _: case(
                (row.finished_at.is_(None), literal(DownloadState.UNFINISHED.value)),
                else_=literal(DownloadState.FINISHED.value),
            )
        },
    ),
    visible=_own,
    version=None,
)
"""One download, for who asked for it."""
