"""What downloads held is forgotten a day after they began (X1)."""

from datetime import timedelta
from typing import Final

from sqlalchemy import delete, func

from qa_api.models.reporting import DatasetDownload
from qa_api.work import Work

DOWNLOADS_KEPT: Final = timedelta(days=1)


async def forget_downloads(work: Work) -> None:
    """Drop what downloads held a day after they began."""
    # A worker ahead of its time forgets nothing early.
    past = func.least(work.now, func.now()) - DOWNLOADS_KEPT
    await work.session.execute(delete(DatasetDownload).where(DatasetDownload.begun_at < past))
