"""The services' updates for the Board (§4.7)."""

from typing import Final

from qa_api.models.board import QaUpdate
from qa_api.models.directory import Service
from qa_api.reporting.columns import (
    QUARTER,
    Dataset,
    Named,
    coded,
    day,
    flag,
    london_date,
    named,
)

QA_UPDATES: Final = Dataset(
    name="qa-updates",
    entity=QaUpdate,
    meaning="Each service's update about a quarter: whether it came and when, not its text.",
    clause="R4.7.1",
    dated="due_on",
    columns=(
        *named(
            "service",
            "The service.",
            ("fast", "Family Assessment and Support"),
            Named(Service, "service"),
        ),
        QUARTER,
        *coded("state", "Where it stands.", "submitted", "R4.7.1"),
        day("due_on", "By when it is due.", "R4.7.1"),
        day("begun_on", "When it was begun.", read=lambda row: london_date(row.begun_at)),
        day("first_submitted_on", "When it was first submitted.", "R4.7.1"),
        flag(
            "late",
            "Whether that was after it was due; null until submitted.",
            "R4.7.1",
            lambda row: row.first_submitted_on > row.due_on,
        ),
    ),
)
