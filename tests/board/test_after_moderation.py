"""R4.5.4, R4.7.3: what moderated audits say of all that were completed, a known number."""

import json
from datetime import date
from importlib.resources import files

import pytest

from qa_api.board.after_moderation import after_moderation, of_scale, still_said
from qa_api.board.figure_schemas import MetricsOut, ModeratedCountOut, ScaleJudgementsOut
from qa_api.board.page_figures import figures as page_of
from qa_api.rules.intervals import of_share
from qa_api.rules.policy import Policy

POLICY = Policy(version=1, effective_from=date(2020, 1, 1))
EXAMPLE = json.loads(files("qa_api").joinpath("data", "examples", "MetricsOut.json").read_text())


def example() -> MetricsOut:
    return MetricsOut.model_validate_json(json.dumps(EXAMPLE | {"joined": None, "stands": None}))


def judged(completed: int | None, pairs: int | None, **after: int | None) -> ScaleJudgementsOut:
    """A scale on which so many were completed and moderated, each judgement so often after that."""
    (scale,) = example().judgements
    return scale.model_copy(
        update={
            "denominator": scale.denominator.model_copy(update={"count": completed}),
            "moderated_pairs": pairs,
            "moderated": [
                ModeratedCountOut(judgement=key, label=key, before=count, after=count)
                for key, count in after.items()
            ],
        }
    )


def figures(scale: ScaleJudgementsOut) -> MetricsOut:
    said = after_moderation([scale], POLICY)
    return example().model_copy(update={"judgements": [scale], "after_moderation": said})


@pytest.mark.parametrize("completed", [60, 100, 1_000])
def test_the_interval_is_that_of_a_sample_of_so_many_completed(completed: int) -> None:
    (good, worse) = after_moderation([judged(completed, 50, good=40, worse=10)], POLICY)
    assert (good.judgement, worse.judgement) == ("good", "worse")
    for said, count in ((good, 40), (worse, 10)):
        expected, of_many = of_share(count, 50, completed), of_share(count, 50)
        assert said.interval is not None
        assert expected is not None
        assert of_many is not None
        assert said.interval.low == pytest.approx(expected.low, abs=1e-4)
        assert said.interval.high == pytest.approx(expected.high, abs=1e-4)
        assert said.interval.high - said.interval.low < of_many.width


def test_where_all_were_moderated_there_is_no_sample_and_the_words_say_so() -> None:
    (good,) = after_moderation([judged(50, 50, good=40)], POLICY)
    assert good.interval is None
    assert good.enough
    assert "Everything was counted" in good.sentence


@pytest.mark.parametrize(
    ("completed", "pairs", "after"), [(None, 50, 40), (100, None, 40), (100, 50, None), (40, 50, 4)]
)
def test_without_each_of_its_three_numbers_nothing_is_told(
    completed: int | None, pairs: int | None, after: int | None
) -> None:
    assert after_moderation([judged(completed, pairs, good=after)], POLICY) == []


@pytest.mark.parametrize(
    ("completed", "pairs", "after"), [(None, 50, 40), (100, None, 40), (100, 50, None)]
)
def test_what_is_withheld_later_takes_what_follows_from_it_along(
    completed: int | None, pairs: int | None, after: int | None
) -> None:
    told = figures(judged(100, 50, good=40, worse=10))
    assert still_said(told) == told.after_moderation
    withheld = judged(completed, pairs, good=after, worse=10)
    left = still_said(told.model_copy(update={"judgements": [withheld]}))
    of_what = [one.judgement for one in left or ()]
    assert of_what == (["worse"] if None not in (completed, pairs) else [])


def test_they_are_found_by_judgement_of_their_own_scale_alone() -> None:
    scale = judged(100, 50, good=40, worse=10)
    told = figures(scale)
    assert [*of_scale(told, scale)] == ["good", "worse"]
    assert of_scale(told, scale.model_copy(update={"scale_number": 2})) == {}


def test_the_page_has_it_beside_before_and_after() -> None:
    page = "".join(page_of(figures(judged(400, 60, good=54, worse=6))))
    assert "What after says of all completed" in page
    assert "10% (6 of 60); of all 400 likely between 4% and 20%." in page
