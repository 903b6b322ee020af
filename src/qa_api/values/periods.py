"""Quarters and months by their labels: what an answer may hold, and what a request may ask for."""

from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from qa_api.rules.local_time import FinancialQuarter, Month
from qa_api.values.text import Formed

Quarter = Annotated[
    str,
    Formed(
        r"^[0-9]{4}-[0-9]{2} Q[1-4]$",
        "A quarter of a financial year, Q1 being April to June, like `2026-27 Q3`.",
        least=10,
        most=10,
    ),
]
"""A quarter in an answer. It may lie before every one that can be asked for, as a trend does."""

MonthLabel = Annotated[str, Field(min_length=7, max_length=7)]
"""A month in an answer, like `2026-10`. A page has hundreds of them, so nothing else is checked."""

Period = Annotated[
    str,
    Formed(
        r"^[0-9]{4}-[0-9]{2}( Q[1-4])?$",
        "A month, like `2026-10`, or a quarter of a financial year, like `2026-27 Q2`.",
        least=7,
        most=10,
    ),
]
"""A month or a quarter in an answer."""


def _quarter(value: str) -> str:
    try:
        FinancialQuarter.labelled(value)
    except ValueError:
        raise PydanticCustomError(
            "quarter", "Not a quarter like 2026-27 Q1: the second year follows the first."
        ) from None
    return value


def _period(value: str) -> str:
    if value[-2] == "Q":
        return _quarter(value)
    try:
        Month.labelled(value)
    except ValueError:
        raise PydanticCustomError("month", "Not a month like 2026-10.") from None
    return value


# Those of one century, so that what is reckoned from one (the quarters of a trend, days by which
# something is due) still lies within the years of a date. Another year is a slip of the pen.
AskedQuarter = Annotated[
    str,
    Formed(
        r"^20[0-9]{2}-[0-9]{2} Q[1-4]$",
        "A quarter of a financial year, Q1 being April to June, like `2026-27 Q3`, from"
        " 2000-01 Q1 to 2099-00 Q4.",
        least=10,
        most=10,
    ),
    AfterValidator(_quarter),
]
"""A quarter in a request: one that there is, its two years following each other."""

AskedMonth = Annotated[
    str,
    Formed(
        r"^20[0-9]{2}-[0-9]{2}$",
        "A month, like `2026-10`, of the years 2000 to 2099.",
        least=7,
        most=7,
    ),
    AfterValidator(_period),
]
"""A month in a request: one that there is."""

AskedPeriod = Annotated[
    str,
    Formed(
        r"^20[0-9]{2}-[0-9]{2}( Q[1-4])?$",
        "A month, like `2026-10`, or a quarter of a financial year, like `2026-27 Q2`, of"
        " the years 2000 to 2099.",
        least=7,
        most=10,
    ),
    AfterValidator(_period),
]
"""A month or a quarter in a request: one that there is."""
