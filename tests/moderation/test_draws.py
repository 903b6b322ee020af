"""R4.5.1: a month's sample per group, drawn by lot, proved by drawing it again."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.conftest import Database
from tests.directory.test_references import held
from tests.moderation.moderating import SAMPLES, Moderating


@pytest.mark.long
def test_the_previous_months_audits_of_the_group_are_drawn(moderating: Moderating) -> None:
    of_march = {*moderating.audits(*(f"2014-03-{day:02}T10:00:00Z" for day in range(3, 15)))}
    moderating.audit("2014-04-01T10:00:00Z")
    moderating.audit("2014-03-20T10:00:00Z", auditor="ps-cwd", auditor_team="cwd")
    moderating.audit("2014-03-20T10:00:00Z", auditor="au-1", auditor_team=None)

    sample = moderating.drawn(now="2014-04-03T09:00:00Z")

    assert (sample["period"], sample["population"]) == ("2014-03", 12)
    assert len(sample["items"]) == 3
    assert {item["audit_id"] for item in sample["items"]} < of_march
    assert sample["strata"] == [{"stratum": "all", "population": 12, "drawn": 3}]
    assert sample["explanation"]["facts"]["percent"] == 20
    assert sample["state"] == "open"
    listed = moderating.read(f"{SAMPLES}/{sample['id']}/population?limit=5")
    assert listed["next_cursor"] is not None
    drawn = moderating.read(f"{SAMPLES}/{sample['id']}/population?drawn=true")
    assert {row["audit_id"] for row in drawn["items"]} == {
        item["audit_id"] for item in sample["items"]
    }
    proof = moderating.redrawn(sample)
    assert (proof["same_population"], proof["same_sample"]) == (True, True)
    assert proof["drawn"] == [item["audit_id"] for item in sample["items"]]


def test_what_is_drawn_is_not_amended_meanwhile(moderating: Moderating, database: Database) -> None:
    audit = moderating.audit("2012-08-20T10:00:00Z")
    with ThreadPoolExecutor(2) as others:
        with held(database, "moderation_members") as waits:
            drawing = others.submit(moderating.drawn, now="2012-09-03T09:00:00Z")
            waits("relation", unless=drawing.done)
            amending = others.submit(moderating.amend, audit, "outstanding")
            waits("transactionid", unless=amending.done)
        (item,) = drawing.result(60)["items"]
        amending.result(60)
    shown = moderating.read(f"{SAMPLES}/{drawing.result()['id']}/outcomes/{audit}")
    assert (item["audit_id"], shown["auditor_judgement"]) == (audit, "good")
    assert moderating.read(f"/v1/audits/{audit}")["overall_judgement"] == "outstanding"


def test_auditors_in_no_group_make_a_population_of_their_own(moderating: Moderating) -> None:
    audit = moderating.audit("2014-05-20T10:00:00Z", auditor="au-1", auditor_team=None)
    moderating.audit("2014-05-20T10:00:00Z")
    sample = moderating.drawn(group=None, now="2014-06-03T09:00:00Z")
    (item,) = sample["items"]
    assert item["audit_id"] == audit
    assert item["moderator"] is not None


def test_a_cancellation_after_the_draw_changes_nothing_of_it(moderating: Moderating) -> None:
    moderating.audits(*(f"2014-07-{day:02}T10:00:00Z" for day in range(1, 8)))
    sample = moderating.drawn(now="2014-08-03T09:00:00Z")
    drawn = [item["audit_id"] for item in sample["items"]]
    undrawn = next(
        row["audit_id"]
        for row in moderating.read(f"{SAMPLES}/{sample['id']}/population?drawn=false")["items"]
    )
    moderating.record_in_error(drawn[0])
    moderating.amend(undrawn, "inadequate")

    proof = moderating.redrawn(sample)
    assert (proof["same_population"], proof["same_sample"]) == (True, True)
    assert proof["drawn"] == drawn
    again = moderating.read(f"{SAMPLES}/{sample['id']}")
    assert (again["population"], again["population_hash"]) == (7, sample["population_hash"])
    assert again["exclusions"] == []
    # Nobody moderates an audit of the wrong child any more.
    moderator = sample["items"][0]["moderator"]
    answer = moderating.try_to_moderate(moderator, sample, sample["items"][0])
    assert answer.status_code == 404
    waiting = moderating.api.as_(moderator).work("kind=moderate")
    assert drawn[0] not in {work["about"] for work in waiting}


def test_what_was_recorded_in_error_before_the_draw_is_excluded_with_the_reason(
    moderating: Moderating,
) -> None:
    wrong, right = moderating.audits("2014-09-10T10:00:00Z", "2014-09-11T10:00:00Z")
    moderating.record_in_error(wrong)
    sample = moderating.drawn(now="2014-10-03T09:00:00Z")
    (excluded,) = sample["exclusions"]
    assert (excluded["audit_id"], excluded["exclusion"]) == (wrong, "recorded_in_error")
    assert [item["audit_id"] for item in sample["items"]] == [right]
    assert sample["population"] == 2


def test_a_restricted_record_is_not_drawn_and_nobody_without_a_grant_learns_of_it(
    moderating: Moderating,
) -> None:
    secret = moderating.audit("2014-11-10T10:00:00Z", restricted=True)
    moderating.audit("2014-11-11T10:00:00Z")
    sample = moderating.drawn(now="2014-12-03T09:00:00Z")
    assert sample["population"] == sample["explanation"]["facts"]["eligible"] == 1
    assert sample["exclusions"] == []
    listed = moderating.read(f"{SAMPLES}/{sample['id']}/population")["items"]
    assert secret not in {row["audit_id"] for row in listed}
    assert len(listed) == 1
    proof = moderating.redrawn(sample)
    assert (proof["same_population"], proof["same_sample"]) == (True, True)


def test_a_group_with_fewer_audits_than_the_sample_is_drawn_whole(moderating: Moderating) -> None:
    audit = moderating.audit("2015-01-12T10:00:00Z")
    sample = moderating.drawn(now="2015-02-03T09:00:00Z")
    assert [item["audit_id"] for item in sample["items"]] == [audit]


def test_a_month_with_no_audits_is_drawn_on_record_and_closed(moderating: Moderating) -> None:
    sample = moderating.drawn(now="2015-03-03T09:00:00Z")
    assert (sample["state"], sample["population"], sample["items"]) == ("closed", 0, [])
    assert moderating.redrawn(sample)["same_sample"]
    refused = moderating.api.as_("qs-1").act(f"{SAMPLES}/{sample['id']}/close")
    assert refused.status_code == 409


@pytest.mark.parametrize(
    ("instant", "drawn_on", "month"),
    [
        # Clocks went forward on 29 March 2015: half past midnight on 1 April is still March in UTC.
        ("2015-03-31T23:30:00Z", "2015-05-03T09:00:00Z", "2015-04"),
        ("2015-05-31T22:59:59Z", "2015-06-03T09:00:00Z", "2015-05"),
        # They went back on 25 October 2015: London and UTC agree again.
        ("2015-10-31T23:59:59Z", "2015-11-03T09:00:00Z", "2015-10"),
        ("2015-12-01T00:00:00Z", "2016-01-03T09:00:00Z", "2015-12"),
    ],
)
def test_a_month_ends_at_londons_midnight(
    moderating: Moderating, instant: str, drawn_on: str, month: str
) -> None:
    audit = moderating.audit(instant)
    sample = moderating.drawn(now=drawn_on)
    assert sample["period"] == month
    assert [item["audit_id"] for item in sample["items"]] == [audit]


def test_the_group_is_that_of_the_auditors_team_at_completion(moderating: Moderating) -> None:
    audit = moderating.audit(
        "2016-02-10T10:00:00Z",
        auditor="ps-boston-fast",
        auditor_team="boston-fast",
        team="cwd",
        worker="sw1-cwd",
    )
    sample = moderating.drawn(group="c", now="2016-03-03T09:00:00Z")
    assert [item["audit_id"] for item in sample["items"]] == [audit]
    assert moderating.drawn(group="a")["items"] == []


def test_nobody_draws_twice_nor_before_the_period_is_over(moderating: Moderating) -> None:
    sample = moderating.drawn(group="b", now="2016-05-03T09:00:00Z")
    qs = moderating.api.as_("qs-1")
    again = qs.create(SAMPLES, {"group": "b", "period": "2016-04"})
    assert again.status_code == 409
    early = qs.create(SAMPLES, {"group": "b", "period": "2016-05"})
    assert (early.status_code, early.json()["errors"][0]["pointer"]) == (422, "/period")
    assert qs.create(SAMPLES, {"group": "nowhere"}).status_code == 422
    assert qs.create(SAMPLES, {"group": "b", "period": "2016-27 Q1"}).status_code == 422
    listed = moderating.read(f"{SAMPLES}?group=b&period=2016-04")["items"]
    assert [row["id"] for row in listed] == [sample["id"]]


def test_one_key_draws_once(moderating: Moderating) -> None:
    moderating.at("2016-07-03T09:00:00Z")
    qs: Any = moderating.api.as_("qs-1")
    first, second = (qs.create(SAMPLES, {"group": "c"}, key="draw-2016-06") for _ in range(2))
    assert first.status_code == second.status_code == 201
    assert first.json() == second.json()
    assert second.headers["idempotent-replayed"] == "true"
