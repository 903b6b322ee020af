"""Who acts for a team, and who reviews when the manager is too close (R4.2.4, directory)."""

import pytest

from qa_api.rules.routing import ActingAs, TeamLeads, acts_as, who_acts, who_is_told, who_reviews

FULL = TeamLeads("tm", "deputy", "hos")


@pytest.mark.parametrize(
    ("leads", "worker", "acting_as"),
    [
        (FULL, "tm", ActingAs.TEAM_MANAGER),
        (TeamLeads(None, "deputy", "hos"), "deputy", ActingAs.DEPUTY),
        (TeamLeads(None, None, "hos"), "hos", ActingAs.HEAD_OF_SERVICE),
        (TeamLeads(None, None, None), None, ActingAs.QUALITY_STANDARDS),
    ],
)
def test_the_next_in_line_acts_and_the_record_says_so(
    leads: TeamLeads, worker: str | None, acting_as: ActingAs
) -> None:
    routed = who_acts(leads, policy_version=1)
    assert (routed.worker, routed.acting_as) == (worker, acting_as)
    assert routed.explanation.rule == "who_acts"
    assert routed.explanation.facts["acting_as"] == acting_as


@pytest.mark.parametrize(
    ("person", "place"),
    [
        ("tm", ActingAs.TEAM_MANAGER),
        ("deputy", ActingAs.DEPUTY),
        ("hos", ActingAs.HEAD_OF_SERVICE),
        ("qs", ActingAs.QUALITY_STANDARDS),
    ],
)
def test_everybody_acts_in_the_post_they_hold(person: str, place: ActingAs) -> None:
    assert acts_as(person, FULL) is place


@pytest.mark.parametrize(("by", "told"), [(None, "tm"), ("worker", "tm"), ("tm", "deputy")])
def test_nobody_is_told_of_what_they_did_themselves(by: str | None, told: str) -> None:
    routed = who_is_told(FULL, by, policy_version=1)
    assert (routed.worker, routed.explanation.rule) == (told, "who_is_told")


def test_those_passed_over_are_named_with_the_reason() -> None:
    routed = who_reviews(TeamLeads("tm", None, "hos"), "tm", frozenset(), 1)
    assert (routed.worker, routed.explanation.rule) == ("hos", "who_reviews")
    assert routed.explanation.facts["passed_over"] == (
        "team_manager: is the auditor",
        "deputy: nobody in post",
    )


def test_who_responded_is_judged_or_cannot_act_does_not_review_and_each_is_named() -> None:
    routed = who_reviews(
        FULL, "somebody", frozenset({"deputy"}), 1, frozenset({"tm"}), {"hos": "is away"}
    )
    assert (routed.worker, routed.acting_as) == (None, ActingAs.QUALITY_STANDARDS)
    assert routed.explanation.facts["passed_over"] == (
        "team_manager: responded",
        "deputy: is judged by the audit",
        "head_of_service: is away",
    )


@pytest.mark.parametrize(
    ("auditor", "judged", "reviewer"),
    [
        ("somebody", {"worker"}, "tm"),
        ("tm", {"worker"}, "deputy"),
        ("somebody", {"tm"}, "deputy"),
        ("deputy", {"tm"}, "hos"),
        ("hos", {"tm", "deputy"}, None),
    ],
)
def test_nobody_reviews_their_own_audit_or_their_own_judgement(
    auditor: str, judged: set[str], reviewer: str | None
) -> None:
    assert who_reviews(FULL, auditor, frozenset(judged), 1).worker == reviewer


def test_a_vacancy_is_not_taken_for_a_missing_auditor() -> None:
    assert who_reviews(TeamLeads(None, "deputy", None), None, frozenset(), 1).worker == "deputy"
