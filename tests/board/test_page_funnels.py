"""R4.7.3: what the page says of services side by side."""

from types import SimpleNamespace
from typing import Any

import pytest

from qa_api.board.figure_schemas import MetricOut
from qa_api.board.page_funnels import funnels
from qa_api.board.schemas import ReportedUpdateOut
from qa_api.rules.funnels import ALL_THE_SAME, SAID, Standing

WITHIN, ABOVE = SAID[Standing.WITHIN], SAID[Standing.ABOVE]


def update(service: str, count: int, of: int) -> ReportedUpdateOut:
    """Only what a funnel reads of it."""
    told: dict[str, Any] = {
        "key": "family_contact",
        "title": "Family contact",
        "numerator": SimpleNamespace(count=count),
        "denominator": SimpleNamespace(count=of),
    }
    figures = SimpleNamespace(figures=[MetricOut.model_construct(**told)])
    held: dict[str, Any] = {"service": service, "figures": figures}
    return ReportedUpdateOut.model_construct(**held)


@pytest.mark.parametrize(
    ("counts", "told"),
    [
        ((0, 0, 0, 0), [ALL_THE_SAME] * 4),
        ((40, 40, 40, 40), [ALL_THE_SAME] * 4),
        ((4, 5, 4, 5), [WITHIN] * 4),
        ((4, 5, 4, 38), [WITHIN, WITHIN, WITHIN, ABOVE]),
    ],
)
def test_each_service_is_told_how_it_stands_in_the_table_and_to_a_reader(
    counts: tuple[int, ...], told: list[str]
) -> None:
    services = [update(f"service-{at}", count, 40) for at, count in enumerate(counts)]
    page = "".join(funnels(services))
    for sentence in told:
        assert page.count(sentence) == 2 * told.count(sentence)
