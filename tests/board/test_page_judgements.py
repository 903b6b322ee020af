"""R4.7.3: what the Board's page says of judgements that stand as one number, or are withheld."""

import json
import re
from datetime import date
from importlib.resources import files

import pytest

from qa_api.board.figure_schemas import JoinedJudgementsOut, MetricsOut
from qa_api.board.joining import joined_of
from qa_api.board.page_figures import figures as page_of
from qa_api.board.page_judgements import shown_judgements
from qa_api.board.page_pieces import WITHHELD, count_of
from qa_api.rules.policy import Policy

POLICY = Policy(version=1, effective_from=date(2020, 1, 1))
EXAMPLE = json.loads(files("qa_api").joinpath("data", "examples", "MetricsOut.json").read_text())
POINTS = ("outstanding", "good", "inadequate")


def example(number: int | None) -> MetricsOut:
    """Figures on one scale, of so many audits."""
    made = MetricsOut.model_validate_json(json.dumps(EXAMPLE | {"joined": None, "stands": None}))
    (scale,) = made.judgements
    point = scale.judgements[0]
    points = [
        point.model_copy(update={"judgement": key, "label": key.capitalize(), "rows": f"/{key}"})
        for key in POINTS
    ]
    denominator = scale.denominator.model_copy(update={"count": number})
    return made.model_copy(
        update={
            "judgements": [
                scale.model_copy(update={"denominator": denominator, "judgements": points})
            ]
        }
    )


def joined(first: int, last: int) -> tuple[MetricsOut, JoinedJudgementsOut]:
    metrics = example(33)
    (scale,) = metrics.judgements
    return metrics, joined_of(scale, first, last, (10, 11, 12), None, POLICY)


def test_all_judgements_as_one_number_are_told_as_that_without_an_interval() -> None:
    metrics, one = joined(0, len(POINTS))
    assert one.count == 33
    assert one.sentence == "All 33: as one number they do not tell how they were judged."
    page = "".join(page_of(metrics.model_copy(update={"joined": [one]})))
    told = page.partition("<h2>Agreement")[0]
    assert one.sentence in told
    assert one.label in told
    assert "likely between" not in told
    assert 'id="judgements-four-point-1-title"' not in page, "a bar that says nothing"


def test_an_interval_that_was_frozen_with_all_of_them_is_not_shown_any_more() -> None:
    metrics, one = joined(0, len(POINTS))
    frozen = one.model_copy(update={"sentence": "100% (33 of 33); likely between 89% and 100%."})
    (shown,) = shown_judgements(metrics.judgements[0], [frozen], {})
    assert shown.sentence == one.sentence


def test_some_of_them_as_one_number_have_their_interval() -> None:
    _, one = joined(0, 2)
    assert one.sentence.startswith("64% (21 of 33); likely between ")


@pytest.mark.parametrize(
    ("number", "caption"),
    [(33, "Of 33: audits"), (None, "Of so few that their number is withheld: audits")],
)
def test_a_table_says_what_it_is_of_or_that_this_is_withheld(
    number: int | None, caption: str
) -> None:
    page = "".join(page_of(example(number)))
    assert f"<caption>{caption}" in page
    assert "Of withheld" not in page


def test_the_parts_of_a_bar_s_description_end_once() -> None:
    page = "".join(page_of(example(33)))
    for described in re.findall("<desc[^>]*>([^<]*)</desc>", page):
        assert ".;" not in described


@pytest.mark.parametrize(
    ("count", "of", "told"),
    [
        (3, 30, "3 of 30"),
        (None, 30, f"{WITHHELD}, of 30"),
        (30, None, "30 of too few to be told"),
        (None, None, WITHHELD),
    ],
)
def test_what_is_withheld_is_said_once(count: int | None, of: int | None, told: str) -> None:
    figure = example(33).figures[0]
    parts = {
        "numerator": figure.numerator.model_copy(update={"count": count}),
        "denominator": figure.denominator.model_copy(update={"count": of}),
    }
    assert count_of(figure.model_copy(update=parts)) == told
