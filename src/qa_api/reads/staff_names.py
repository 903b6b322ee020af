"""What the workers on a printed page are called: read for the page alone (R4.1.7, R4.7.3).

Names stand in no JSON: they are asked for once a page's codes are known, with the rights that its
reader has at that moment. Nothing else may import this, as `lint-imports` holds, and the database
gives names to no other statement.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, Final

from sqlalchemy import ARRAY, Text, func, select

from qa_api.db import Prepared, parameter
from qa_api.reads.caller import caller_context, let_in, shown_behind


class StaffNames:
    """The names of some workers by code, as a page writes them."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = names

    def of(self, code: str) -> str:
        """The name and the code of a worker, or the code where they have no name here."""
        name = self._names.get(code)
        return code if name is None else f"{name} ({code})"

    @classmethod
    def in_rows(cls, rows: Iterable[Any]) -> "StaffNames":
        """The names that `reading_names` has found."""
        return cls({row["worker"]: row["name"] for row in rows})


NO_NAMES: Final = StaffNames({})


@cache
def reading_names() -> Prepared:
    """`worker` and `name` of those of `codes` who have one, behind the caller's context."""
    me_context = caller_context()
    named = func.qa_names_of(parameter("codes", ARRAY(Text))).table_valued("worker", "name")
    found = select(named.c.worker, named.c.name).where(let_in(me_context))
    shown = shown_behind(me_context, named, found)
    return Prepared.of(select(shown.c.worker, shown.c.name))
