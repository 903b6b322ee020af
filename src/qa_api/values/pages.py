"""A list page by page: what its query takes, and what a page holds."""

from collections.abc import Callable
from enum import StrEnum
from typing import Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, Field

from qa_api.values.fields import Choice, Input, IsoDate, Output, PageSize

Row = TypeVar("Row", bound=BaseModel)


class PageQuery(Input):
    """What every list takes in its query, beside its own filters."""

    limit: PageSize = 50
    """How many rows a page holds at most."""
    cursor: Annotated[str, Field(max_length=1_000)] | None = None
    """`next_cursor` of the page before, with the same filters."""


class ListForm(StrEnum):
    """How the page of a list is written."""

    JSON = "json"
    CSV = "csv"


class TableQuery(PageQuery):
    """What a list takes in its query that can be a table too."""

    format: Choice[ListForm] | None = None
    """The form of the page, for a link, which can send no header: it goes before the header's."""


class DueOrder(StrEnum):
    """By which date a list of what is due is ordered, `-` for the latest first."""

    SOONEST = "due_on"
    LATEST = "-due_on"
    CHANGED_FIRST = "changed_at"
    CHANGED_LAST = "-changed_at"


class ChangeOrder(StrEnum):
    """The order of a list by its changes, `-` for the latest first."""

    CHANGED_FIRST = "changed_at"
    CHANGED_LAST = "-changed_at"


class ChangeQuery(TableQuery):
    """What a list takes in its query that is filtered by when its rows were changed."""

    changed_from: IsoDate | None = None
    """Only what was changed last on this London date or later."""
    changed_to: IsoDate | None = None
    """Only what was changed last before this London date."""


class DueQuery(ChangeQuery):
    """What a list takes in its query that is ordered by due dates."""

    sort: Choice[DueOrder] | None = None
    """`due_on`: soonest due first, what has no date last; `changed_at`: what was changed longest
    ago first; with `-` the reverse. Without it, the list's own order."""


class ChangesQuery(ChangeQuery):
    """What a list takes in its query that is ordered by its changes."""

    sort: Choice[ChangeOrder] | None = None
    """`changed_at`: what was changed longest ago first; `-changed_at`: the latest change first.
    Without it, the list's own order."""


class Page(Output, Generic[Row]):
    """One page of a list. ``next_cursor`` is null on the last page."""

    items: Annotated[list[Row], Field(max_length=500)]
    next_cursor: Annotated[str, Field(max_length=1_000)] | None

    @classmethod
    def model_parametrized_name(cls, params: tuple[Any, ...]) -> str:
        return f"{params[0].__name__}Page"


def page_of(row: type[Row]) -> Callable[[], type[Page[Row]]]:
    """``response_model=page_of(AuditRow)``: the schema of a list, made when its route is built."""
    return lambda: Page[row]  # type: ignore[valid-type]  # the class that it is called with
