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


def test_one_of_one_does_not_stand_out() -> None:
    services = [update(f"service-{at}", int(at == 0), 1) for at in range(21)]
    page = "".join(funnels(services))
    assert page.count(WITHIN) == 2 * 21


def test_the_line_is_named_for_the_services_shown_and_not_for_the_authority() -> None:
    page = "".join(funnels([update(f"service-{at}", 4 + at, 40) for at in range(3)]))
    assert ">these together<" in page
    assert "the services shown here taken together, not the authority" in page
    assert ">all together<" not in page
