"""R4.7.3: the figures of the Board say how sure they are, and no percentage is of a few."""

import re
from collections.abc import Callable

import pytest

from tests.api import Api, Json
from tests.board.test_metrics import figure, metrics
from tests.board.test_reports import presented
from tests.moderation.moderating import Moderating
from tests.reporting.copies import REPORTER
from tests.responses.casework import Casework

QUARTER, FEW, SMALL = "2031-32 Q1", "2031-32 Q2", "2030-31 Q1"
BY_TEAM = (("boston-fast", 18, 6), ("lac-south", 5, 6), ("nk-and-sk-early-help", 5, 0))


@pytest.fixture(autouse=True)
def _three_quarters(
    done: set[str],
    casework: Casework,
    board: Api,
    new_ref: Callable[[], str],
    at: Callable[[str], None],
) -> None:
    """In the first 28 audits are judged good and 12 worse, in the second six; two are inadequate in
    the third."""
    if not done:
        done.add("audits")
        moderating = Moderating(casework.service, board, new_ref, at)
        for team, good, worse in BY_TEAM:
            held = {"team": team, "worker": f"sw1-{team}"}
            then = "2031-05-15T09:00:00Z"
            moderating.audits(*[then] * good, **held)
            if worse:
                moderating.audits(*[then] * worse, judgement="requires_improvement", **held)
        held = {"team": "boston-fast", "worker": "sw1-boston-fast"}
        moderating.audits(*["2031-08-15T09:00:00Z"] * 6, **held)
        moderating.audits(*["2030-05-15T09:00:00Z"] * 12, **held)
        moderating.audits(*["2030-05-15T09:00:00Z"] * 2, judgement="inadequate", **held)
    at("2031-10-06T09:00:00Z")


def doubts(found: Json) -> dict[str, Json]:
    return {one["rows"]: one for one in found["doubts"]}


def judged(found: Json, judgement: str) -> Json:
    (scale,) = found["judgements"]
    return next(dict(one) for one in scale["judgements"] if one["judgement"] == judgement)


def test_every_share_says_how_sure_it_is(board: Api) -> None:
    found = metrics(board, quarter=QUARTER)
    said = doubts(found)
    shares = [one for one in found["figures"] if one["unit"] == "share"]
    assert shares
    for one in shares:
        doubt = said.pop(one["numerator"]["rows"])
        assert doubt["interval"] is None, "everything was counted"
        assert "no interval" in doubt["sentence"] or doubt["sentence"].startswith("There was")
    for each in found["judgements"][0]["judgements"]:
        assert said.pop(each["rows"])["interval"] is not None
    assert said == {}


def test_a_judgement_of_a_sample_has_its_interval(board: Api) -> None:
    found = metrics(board, quarter=QUARTER)
    doubt = doubts(found)[judged(found, "requires_improvement")["rows"]]
    assert doubt == {
        "rows": judged(found, "requires_improvement")["rows"],
        "shown_as": "share",
        "interval": {"low": 0.1807, "high": 0.4543},
        "enough": True,
        "sentence": "30% (12 of 40); likely between 18% and 46%.",
    }


def test_a_share_of_few_has_no_value_and_is_told_by_its_counts(board: Api) -> None:
    many, few = (figure(metrics(board, quarter=q), "family_contact") for q in (QUARTER, FEW))
    assert (many["denominator"]["count"], few["denominator"]["count"]) == (40, 6)
    assert many["value"] is not None
    assert few["value"] is None
    said = doubts(metrics(board, quarter=FEW))[few["numerator"]["rows"]]
    assert (said["shown_as"], said["interval"]) == ("counts", None)


def test_what_is_withheld_is_not_repeated_in_words(board: Api) -> None:
    own, read = metrics(board, quarter=SMALL), metrics(board, REPORTER, quarter=SMALL)
    hidden = [one for one in read["figures"] if one["withheld"]]
    hidden_rows = {one["numerator"]["rows"] for one in hidden}
    hidden_rows |= {
        one["rows"] for one in read["judgements"][0]["judgements"] if one["count"] is None
    }
    assert hidden_rows
    assert hidden_rows <= set(doubts(own))
    assert hidden_rows.isdisjoint(doubts(read))
    assert set(doubts(read)) < set(doubts(own))


@pytest.mark.long
def test_the_page_has_bounds_and_words_for_a_sample(board: Api) -> None:
    page = board.get(presented(board, quarter=QUARTER), headers={"accept": "text/html"}).text
    assert "30% (12 of 40); likely between 18% and 46%." in page
    chart = next(
        one
        for one in re.findall(r'<svg role="img".*?</svg>', page, re.DOTALL)
        if "Judgements on scale" in one
    )
    assert chart.count('stroke-width="1.5"') == 4, "each judgement has its whiskers"
    assert "likely between 18% and 46%" in chart, "who cannot see the whiskers reads them"


def test_the_page_of_a_few_audits_has_no_percentage(board: Api) -> None:
    page = board.get(presented(board, quarter=FEW), headers={"accept": "text/html"}).text
    begins, ends = page.index("<h2>Judgements</h2>"), page.index("<h2>A trend or chance</h2>")
    this_quarter = page[begins:ends]
    assert "6 counted among 6: too few to say" in this_quarter
    assert not re.search(r"\d%", this_quarter)


@pytest.mark.long
def test_teams_stand_side_by_side_in_a_funnel(board: Api) -> None:
    def broken_down(by: str) -> Json:
        path = f"/v1/reporting/metrics/{QUARTER}/breakdown"
        answer = board.as_("qs-1").get(path, params={"by": by})
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    rows = {row["code"]: figure(row, "family_contact") for row in broken_down("team")["rows"]}
    assert len(rows) == 3
    widths = {}
    for code, one in rows.items():
        bounds = one["funnel"]
        assert bounds["stands"] == "within"
        assert bounds["outer"]["low"] <= bounds["inner"]["low"] <= bounds["inner"]["high"]
        widths[code] = bounds["inner"]["high"] - bounds["inner"]["low"]
    assert widths["boston-fast"] <= widths["lac-south"]
    for by in ("type", "quarter"):
        figures = [one for row in broken_down(by)["rows"] for one in row["figures"]]
        assert figures
        assert {one["funnel"] is None for one in figures} == {True}
