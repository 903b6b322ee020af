"""Who reads charts alone is given the same rows as a report, cell by cell (R4.7.3)."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from random import Random

import pytest

from qa_api.board.monthly_charts import quarters_of_charts
from qa_api.board.quarter_rows import rows_now
from qa_api.board.row_readers import knowing
from qa_api.board.serving import WHOLE_AUTHORITY
from qa_api.board.told_before import IN_CHARTS
from qa_api.rules.monthly import COMPLETED, SERIES
from qa_api.work import Work
from tests.board.authorities import random_authority
from tests.board.presenting import QUARTER, Telling, Undone
from tests.responses.casework import Service


@pytest.mark.long
def test_the_months_of_charts_are_those_of_which_a_report_keeps_the_rows(
    alone: Service, at: Callable[[str], None]
) -> None:
    at("2026-11-23T09:30:00Z")

    async def read(work: Work) -> None:
        telling = Telling(work)
        await telling.begin()
        await telling.report(random_authority(Random("months")))
        every, quarters = replace(work, actor=WHOLE_AUTHORITY), quarters_of_charts(QUARTER)[:8]
        known = await knowing(every, quarters, IN_CHARTS)
        found: list[Mapping[object, object]] = []
        for months_alone in (True, False):
            rows = await rows_now(
                every, quarters, IN_CHARTS, known, compared=True, months_alone=months_alone
            )
            found.append(
                {
                    (quarter, holder, repr(one.cell)): one.rows
                    for quarter, of in rows.items()
                    for holder, cells in of.found.items()
                    for one in cells
                    if one.cell.series in SERIES or months_alone
                }
            )
        assert found[0] == found[1]
        assert any(COMPLETED in str(name) for name in found[0])
        raise Undone

    with pytest.raises(Undone):
        alone.work(read)
