"""The services' updates for the Board, and the coverage that its reports tell of (§4.7)."""

from typing import Final

from qa_api.models.board import BoardCoverage, QaUpdate
from qa_api.models.directory import Service
from qa_api.reporting.columns import (
    QUARTER,
    Column,
    Dataset,
    Kind,
    Named,
    code,
    coded,
    day,
    flag,
    id_of,
    london_date,
    named,
    whole,
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

BOARD_COVERAGE: Final = Dataset(
    name="board-coverage",
    entity=BoardCoverage,
    meaning="Who of the open children was audited, as each presented report tells it: the whole and"
    " its parts. A part that would tell of a few has no row.",
    clause="R4.7.3",
    dated="day",
    columns=(
        id_of("board_report", "The presented report.", read=lambda row: row.report_id),
        QUARTER,
        day("day", "The day whose open cases were counted, near the end of the quarter.", "R4.4.4"),
        day("audited_from", "The first day on which a completed audit counted.", "R4.4.4"),
        code(
            "by",
            "`authority` for the whole; of a part `team`, `status`, `system`, or `strata.` and the"
            " name of a stratum.",
            "team",
            "R4.4.4",
        ),
        code(
            "part",
            "The code of the part; null for the whole, and for those of whom the case system"
            " did not say.",
            "lincoln-fast",
            read=lambda row: row.code,
        ),
        whole(
            "children", "How many open children there were; null where withheld.", 1204, "R4.4.4"
        ),
        whole(
            "audited", "How many children were audited of these; null where withheld.", 96, "R4.4.4"
        ),
        Column(
            "low",
            Kind.NUMBER,
            "The lower bound of the rate behind the share, which chance moves from year to year,"
            " from 0 to 1; null where there are counts only. Everybody was counted: no sample.",
            0.0657,
            "R4.7.3",
        ),
        Column("high", Kind.NUMBER, "The upper bound of that rate, from 0 to 1.", 0.0964, "R4.7.3"),
        flag(
            "enough",
            "Whether the share says something: `false` where there was nobody to count, and in what"
            " was frozen before coverage was told as counted in full.",
            "R4.7.3",
        ),
    ),
)
