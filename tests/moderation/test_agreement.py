"""R4.5.4: agreement figures, each with what it counts."""

import pytest

from tests.moderation.moderating import Moderating, place

FIGURES = "/v1/moderation-agreement"


@pytest.mark.long
def test_below_the_minimum_of_pairs_only_exact_and_within_one_are_told(
    moderating: Moderating,
) -> None:
    samples = []
    for month, then in (("04", "2021-05-03T09:00:00Z"), ("05", "2021-06-03T09:00:00Z")):
        # A team of its own: no other test's outcomes are among the figures.
        days = (f"2021-{month}-{day:02}T10:00:00Z" for day in range(1, 11))
        moderating.audits(*days, auditor="ps-f4me-south", auditor_team="f4me-south")
        samples.append(moderating.drawn(f"2021-{month}", "b", then))
    items = [(sample, item) for sample in samples for item in sample["items"]]
    assert len(items) == 4
    for sample, item in items:
        if item["moderator"] is None:
            assert moderating.assign(sample, item, "slt-1").status_code == 200
            item["moderator"] = "slt-1"
        moderating.moderate(sample, item)

    query = "?team=f4me-south&quarter=2021-22%20Q1&type=collaborative"
    found = moderating.read(FIGURES + query)
    (scale,) = found["scales"]
    assert (scale["pairs"], scale["minimum_pairs"]) == (4, 60)
    for name in ("weighted_kappa", "ac2", "alpha"):
        assert scale["withheld"] == scale[name]["withheld"] == "too_few_pairs"
        assert scale[name]["value"] is scale[name]["interval"] is None
        assert scale[name]["sentence"] == "Too few to say: 4 pairs, and it takes 60."
    assert scale["raised"]["numerator"] is scale["lowered"]["sentence"] is None
    # Of four there are counts, no share and no interval.
    assert (scale["exact"]["denominator"], scale["exact"]["shown_as"]) == (4, "counts")
    assert scale["exact"]["share"] is scale["exact"]["interval"] is None
    assert "too few to say" in scale["exact"]["sentence"]
    assert scale["distribution"] == []
    assert (found["starts_on"], found["ends_before"]) == ("2021-04-01", "2021-07-01")
    assert moderating.read(FIGURES + "?team=f4me-south&quarter=2021-22%20Q2")["scales"] == []
    # What is recorded in error since leaves the figures.
    moderating.record_in_error(items[0][1]["audit_id"])
    assert moderating.read(FIGURES + query)["scales"][0]["pairs"] == 3


@pytest.mark.long
def test_with_enough_pairs_every_figure_says_what_it_counts(moderating: Moderating) -> None:
    theirs = {"auditor": "ps-f4me-north", "auditor_team": "f4me-north"}
    hours = (f"2020-10-{day:02}T1{hour}:00:00Z" for day in range(1, 26) for hour in range(3))
    audits = moderating.audits(*hours, **theirs)
    sample = moderating.drawn("2020-10", "a", "2020-11-03T09:00:00Z")
    drawn = {item["audit_id"] for item in sample["items"]}
    others = [audit for audit in audits if audit not in drawn][:60]
    pairs = [("good", "good")] * 52 + [("good", "requires_improvement")] * 4
    pairs += [("requires_improvement", "good")] * 2 + [("outstanding", "inadequate")] * 2
    moderating.judged(others, *pairs)
    moderating.at("2020-11-04T09:00:00Z")
    for item in sample["items"]:
        moderating.moderate(sample, item, judgement="good")

    # Sealed pairs and others are never counted together.
    sealed, scale = moderating.read(f"{FIGURES}?team=f4me-north")["scales"]
    assert [one["second_grade"] for one in (sealed, scale)] == ["sealed", "open"]
    assert sealed["pairs"] == sealed["exact"]["denominator"] == len(drawn)
    count = len(others)
    assert scale["pairs"] == count >= 60
    alike = 52
    assert (scale["exact"]["numerator"], scale["exact"]["denominator"]) == (alike, count)
    assert scale["within_one"]["numerator"] == alike + 6
    assert (scale["raised"]["numerator"], scale["lowered"]["numerator"]) == (2, 6)
    assert scale["exact"]["share"] == round(alike / count, 4)
    assert scale["exact"]["interval"]["low"] < scale["exact"]["share"]
    assert scale["exact"]["share"] < scale["exact"]["interval"]["high"]
    assert f"({alike} of {count}); likely between " in scale["exact"]["sentence"]
    assert scale["weighted_kappa"]["weights"] == "linear"
    for name in ("weighted_kappa", "ac2", "alpha"):
        bounds = scale[name]["interval"]
        assert bounds["low"] < scale[name]["value"] < bounds["high"]
        assert scale[name]["pairs"] == count
    # Nearly everything is good: kappa collapses, and who reads it is told so.
    assert scale["weighted_kappa"]["value"] < 0.5 < scale["ac2"]["value"]
    assert scale["sentence"].endswith("read AC2 rather than kappa.")
    spread = {row["judgement"]: (row["before"], row["after"]) for row in scale["distribution"]}
    assert spread == {
        "outstanding": (2, 0),
        "good": (56, 54),
        "requires_improvement": (2, 4),
        "inadequate": (0, 2),
    }
    assert [*spread] == ["outstanding", "good", "requires_improvement", "inadequate"]


def test_figures_are_for_those_who_oversee_moderation(moderating: Moderating) -> None:
    assert moderating.api.as_("slt-1").get(FIGURES).status_code == 200
    assert moderating.api.as_("tm-lincoln-fast").get(FIGURES).status_code == 403
    assert moderating.api.as_("qs-1").get(f"{FIGURES}?quarter=2021-23%20Q1").status_code == 422


@pytest.mark.long
def test_each_moderated_domain_has_its_agreement_beside_that_of_the_whole(
    moderating: Moderating,
) -> None:
    theirs = {"auditor": "ps-f4me-south", "auditor_team": "f4me-south"}
    days = (f"2015-08-{day:02}T10:00:00Z" for day in range(3, 9))
    moderating.audits(*days, domains=True, **theirs)
    sample = moderating.drawn("2015-08", "b", "2015-09-03T09:00:00Z")
    first, second = sample["items"]
    keys = [domain["domain_key"] for domain in moderating.read(place(sample, first))["domains"]]
    for item, judgements in ((first, ("good", "good")), (second, ("inadequate",))):
        moderating.assign(sample, item, "slt-1")
        given = [
            {"domain_key": key, "judgement": judgement, "rationale": "As seen on the file."}
            for key, judgement in zip(keys, judgements, strict=False)
        ]
        moderating.moderate(sample, item | {"moderator": "slt-1"}, judgement="good", domains=given)
    found = moderating.read(FIGURES + "?team=f4me-south&quarter=2015-16%20Q2")
    (whole,) = found["scales"]
    assert (whole["domain_key"], whole["pairs"], whole["exact"]["numerator"]) == (None, 2, 2)
    domains = {domain["domain_key"]: domain for domain in found["domains"]}
    assert set(domains) == set(keys[:2])
    assert domains[keys[0]]["second_grade"] == "open"
    assert domains[keys[0]]["domain"]
    # The first was judged the same once, the second domain only in one audit.
    assert [domains[key]["pairs"] for key in keys[:2]] == [2, 1]
    assert [domains[key]["exact"]["numerator"] for key in keys[:2]] == [1, 1]
    assert domains[keys[0]]["raised"]["numerator"] is None, "too few pairs"
    assert moderating.read(FIGURES + "?team=f4me-south&quarter=2015-16%20Q3")["domains"] == []
