"""R4.5.4: agreement figures, each with what it counts."""

from tests.moderation.moderating import Moderating

FIGURES = "/v1/moderation-agreement"


def test_figures_count_pairs_and_none_is_shown_below_the_minimum(moderating: Moderating) -> None:
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
    assert (scale["pairs"], scale["minimum_pairs"]) == (4, 20)
    assert scale["withheld"] == scale["weighted_kappa"]["withheld"] == "too_few_pairs"
    assert scale["exact"]["numerator"] is scale["weighted_kappa"]["value"] is None
    assert scale["distribution"] == []
    assert (found["starts_on"], found["ends_before"]) == ("2021-04-01", "2021-07-01")
    assert moderating.read(FIGURES + "?team=f4me-south&quarter=2021-22%20Q2")["scales"] == []
    # What is recorded in error since leaves the figures.
    moderating.record_in_error(items[0][1]["audit_id"])
    assert moderating.read(FIGURES + query)["scales"][0]["pairs"] == 3


def test_figures_are_for_those_who_oversee_moderation(moderating: Moderating) -> None:
    assert moderating.api.as_("slt-1").get(FIGURES).status_code == 200
    assert moderating.api.as_("tm-lincoln-fast").get(FIGURES).status_code == 403
    assert moderating.api.as_("qs-1").get(f"{FIGURES}?quarter=2021-23%20Q1").status_code == 422
