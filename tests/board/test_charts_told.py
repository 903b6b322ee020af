"""Monthly charts are held against whoever knows the rows by the time they are charted (R4.7.3)."""

from collections.abc import Callable

import pytest

from tests.api import Api
from tests.board.test_versions import TEAMS, audits, charted, report
from tests.moderation.moderating import Moderating
from tests.responses.casework import Casework


@pytest.fixture
def moderating(
    casework: Casework, board: Api, new_ref: Callable[[], str], at: Callable[[str], None]
) -> Moderating:
    return Moderating(casework.service, board, new_ref, at)


@pytest.mark.long
@pytest.mark.parametrize(("year", "moved"), [(2097, 0), (2098, 14)])
def test_what_a_later_report_is_the_first_to_chart_is_held_against_who_knows_it_by_then(
    board: Api, moderating: Moderating, at: Callable[[str], None], year: int, moved: int
) -> None:
    """Of fifteen audits of a month somebody came to know fourteen since the quarter's own report.

    That told no chart, since another month was of a few.
    """
    earlier, quarter, later = (f"{year}-{year - 1999} Q{number}" for number in (1, 2, 3))
    audits(moderating, 1, "good", f"{year}-04-16T09:00:00Z")
    audits(moderating, 6, "good", f"{year}-05-16T09:00:00Z")
    made = audits(moderating, 5, "good", f"{year}-07-16T09:00:00Z")
    at(f"{year}-10-04T09:00:00Z")
    assert charted(report(board, quarter)[0]) is None, "April has too few"

    audits(moderating, 5, "good", f"{year}-04-16T09:00:00Z")
    at(f"{year}-10-05T09:00:00Z")
    for audit in made[:moved]:
        moderating.move(audit, "lac-north")
    report(board, earlier)
    at(f"{year + 1}-01-05T09:00:00Z")
    shown = charted(report(board, later)[0])
    if moved:
        assert shown is None, "fifteen less fourteen is one"
    else:
        assert shown is not None
        assert shown[f"{year}-07"] == len(TEAMS) * 5
