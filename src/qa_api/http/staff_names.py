"""Asking for the names of the workers on a page that somebody was just let read."""

from collections.abc import Collection

from qa_api.http.reads import Reader
from qa_api.reads.staff_names import NO_NAMES, StaffNames, reading_names


async def names_on_page(reading: Reader, codes: Collection[str]) -> StaffNames:
    """The names of these workers, for whoever may read the page; without codes nobody is asked."""
    if not codes:
        return NO_NAMES
    return StaffNames.in_rows(await reading.rows(reading_names(), codes=sorted(codes)))
