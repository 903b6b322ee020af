"""R4.5.4, R4.7.3: what moderated audits say of all that were completed, a known number."""

import json
from collections.abc import Callable, Sequence
from datetime import date
from importlib.resources import files
from uuid import UUID

import pytest

from qa_api.board.after_moderation import after_moderation, of_scale, still_said
from qa_api.board.figure_schemas import (
    AfterModerationOut,
    MetricsOut,
    ModeratedCountOut,
    ScaleJudgementsOut,
    judged_on,
)
from qa_api.board.page_figures import figures as page_of
from qa_api.models.audits import Audit
from qa_api.rules.intervals import of_share
from qa_api.rules.judged_on import JudgedOn
from qa_api.rules.lots import Lot
from qa_api.rules.policy import Policy
from qa_api.work import Work
from tests.api import Api, Json
from tests.moderation.draws import draw_of, drawn_for, member_of, moderate
from tests.moderation.moderating import Moderating
from tests.moderation.profiles import completed, moderated, published_tool
from tests.reporting.copies import REPORTER
from tests.responses.casework import Casework

POLICY = Policy(version=1, effective_from=date(2020, 1, 1))
EXAMPLE = json.loads(files("qa_api").joinpath("data", "examples", "MetricsOut.json").read_text())
ROOM = 0.05


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


def said_of(scale: ScaleJudgementsOut, *lots: Lot) -> list[AfterModerationOut]:
    """What is said of all: by default one lot had all that were completed, and all were judged."""
    completed, pairs = scale.denominator.count or 0, scale.moderated_pairs or 0
    one = Lot("one", completed, pairs, completed, pairs)
    drawn: dict[JudgedOn, list[Lot]] = {judged_on(scale): [*lots] or [one]}
    return after_moderation([scale], drawn, POLICY)


def figures(scale: ScaleJudgementsOut) -> MetricsOut:
    said = said_of(scale)
    return example().model_copy(update={"judgements": [scale], "after_moderation": said})


@pytest.mark.parametrize("completed", [60, 100, 1_000])
def test_the_interval_is_that_of_so_many_completed_with_room_for_unequal_chances(
    completed: int,
) -> None:
    (good, worse) = said_of(judged(completed, 50, good=40, worse=10))
    assert (good.judgement, worse.judgement) == ("good", "worse")
    for said, count in ((good, 40), (worse, 10)):
        expected, of_many = of_share(count, 50, completed), of_share(count, 50)
        assert said.interval is not None
        assert expected is not None
        assert of_many is not None
        low, high = count / completed, (completed - 50 + count) / completed
        assert said.interval.low == pytest.approx(max(expected.low - ROOM, low), abs=1e-4)
        assert said.interval.high == pytest.approx(min(expected.high + ROOM, high), abs=1e-4)
        assert said.interval.high - said.interval.low < of_many.width + 2 * ROOM


def test_where_all_were_moderated_there_is_no_sample_and_the_words_say_so() -> None:
    (good,) = said_of(judged(50, 50, good=40))
    assert good.interval is None
    assert good.enough
    assert "Everything was counted" in good.sentence


@pytest.mark.parametrize(
    "lots",
    [
        # Thirty of 150 in one group, all of the others' small ones.
        [Lot("large", 150, 20, 150, 20), Lot("small", 40, 40, 40, 40)],
        # 15 that no lot could choose.
        [Lot("one", 175, 60, 175, 60)],
        # Four that were drawn have no second judgement.
        [Lot("one", 190, 64, 190, 64)],
        # Nobody knows what they were drawn from, or more than there are.
        [Lot("one", 0, 0, 0, 0)],
        [Lot("one", 200, 60, 200, 60)],
    ],
)
def test_of_all_nothing_is_said_where_not_each_was_about_as_likely_to_be_moderated(
    lots: list[Lot],
) -> None:
    (good,) = said_of(judged(190, 60, good=45), *lots)
    assert (good.interval, good.enough) == (None, False)
    assert good.sentence == (
        "75% (45 of 60). Nothing is said of all 190: not each was about as likely as the others to "
        "be among these 60."
    )


@pytest.mark.parametrize(
    ("completed", "pairs", "after"), [(None, 50, 40), (100, None, 40), (100, 50, None), (40, 50, 4)]
)
def test_without_each_of_its_three_numbers_nothing_is_told(
    completed: int | None, pairs: int | None, after: int | None
) -> None:
    assert said_of(judged(completed, pairs, good=after)) == []


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
    assert "10% (6 of 60); of all 400 likely between 1% and 25%." in page


# --- over HTTP ---


@pytest.fixture
def moderating(
    casework: Casework, board: Api, new_ref: Callable[[], str], at: Callable[[str], None]
) -> Moderating:
    return Moderating(casework.service, board, new_ref, at)


def one_lot(moderating: Moderating, audits: Sequence[str]) -> None:
    """A lot of all these, in which every other one was drawn and confirmed by its moderator."""

    async def draw(work: Work) -> None:
        sample = await draw_of(work, "2081-04", date(2081, 4, 1), date(2081, 5, 1))
        for place, audit_id in enumerate(audits, start=1):
            audit = await work.session.get_one(Audit, UUID(audit_id))
            if place % 2:
                nobody = {"moderator": "slt-1", "relation_to_auditor": "none"}
                outcome = await drawn_for(work, sample, audit, place, **nobody)
                await moderate(work, outcome, audit.overall_judgement)
            else:
                work.session.add(await member_of(work, sample, audit, drawn=False))

    moderating.service.work(draw)


@pytest.mark.long
def test_of_all_completed_is_told_while_each_could_be_drawn_alike(
    board: Api, moderating: Moderating, at: Callable[[str], None]
) -> None:
    """Sixty of 120 are drawn; then others are completed that are in no lot."""
    made = moderating.audits(*["2081-04-16T09:00:00Z"] * 120)
    at("2081-05-04T09:00:00Z")
    one_lot(moderating, made)

    def good(person: str = "qs-1") -> Json:
        found = board.as_(person).get("/v1/reporting/metrics/2081-82%20Q1").json()
        (one,) = (one for one in found["after_moderation"] if one["judgement"] == "good")
        return dict(one)

    assert good()["interval"]["high"] == 1.0
    assert good(REPORTER) == good()
    assert good()["sentence"].startswith("100% (60 of 60); of all 120 likely between ")
    moderating.audits(*["2081-04-17T09:00:00Z"] * 12)
    assert good()["interval"] is None
    assert good()["sentence"] == (
        "100% (60 of 60). Nothing is said of all 132: not each was about as likely as the others "
        "to be among these 60."
    )


@pytest.mark.long
def test_of_a_domain_too_it_is_told_while_few_could_not_be_drawn(
    board: Api, moderating: Moderating, at: Callable[[str], None]
) -> None:
    """Sixty were drawn and judged by domain; two, and then six, were in no lot."""
    at("2083-04-16T09:00:00Z")
    tool = published_tool(board.as_("qs-1"), "of-all", "four-point", "of_all_voice")
    pair = {"of_all_voice": ("good", "good")}
    moderated(moderating, "four-point", "2083-04", "ps-lincoln-fast", tool, *[pair] * 60)

    def more(number: int) -> Json:
        async def complete(work: Work) -> None:
            for _ in range(number):
                await completed(work, moderating, tool, "four-point", {"of_all_voice": "good"})

        moderating.service.work(complete)
        found = board.as_("qs-1").get("/v1/reporting/metrics/2083-84%20Q1").json()
        (one,) = (one for one in found["after_moderation"] if one["judgement"] == "good")
        assert one["domain_key"] == "of_all_voice"
        return dict(one)

    assert more(0)["sentence"] == "100% (60 of 60). Everything was counted: no interval."
    assert more(2)["sentence"].startswith("100% (60 of 60); of all 62 likely between ")
    told = more(4)
    assert (told["interval"], told["enough"]) == (None, False)
    assert told["sentence"].startswith("100% (60 of 60). Nothing is said of all 66: ")
