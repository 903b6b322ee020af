"""What a case system writes where it has no fact says nothing, and blocks nobody's queue (C2).

The event is kept exactly as it came; what it says is what a reader would take from it.
"""

from typing import Any

import pytest

from tests.api import Json
from tests.closures.sending import ALLOCATED, CLOSED, PROPOSED, RESTRICTED, Episode

NO_DAY = [
    *("0001-01-01", "9999-12-31", "1900-01-01", "1899-12-30", "0000-00-00"),
    *("0001-01-01T00:00:00", "9999-12-31T23:59:59.9999999Z", "", " \t", None),
]


def gate(episode: Episode) -> Json:
    """The gate that answers for the episode, whole."""
    return dict(episode.api.as_("qs-1").get(episode.gate()).json())


@pytest.mark.parametrize("day", NO_DAY)
def test_a_date_that_is_no_fact_is_not_said(episode: Episode, day: str | None) -> None:
    event = episode.event(PROPOSED, closure={"date": day, "reason_code": "RC1"})
    event["data"]["subjects"][0] |= {"born_on": day, "died_on": day}
    receipt = episode.send(event)
    assert receipt["outcome"] == "gate_opened"
    assert gate(episode)["closure_on"] is None
    record = episode.api.as_("qs-1").get(f"/v1/subjects/mosaic/{episode.refs[0]}").json()
    assert (record["born_on"], record["died_on"]) == (None, None)
    kept = episode.api.as_("qs-1").get(f"/v1/case-events/{receipt['event_id']}").json()
    assert kept["message"] == event, "kept as it came"
    assert episode.send(event)["outcome"] == "duplicate"
    # What another event says is still a fact, and stands when the first is told again.
    later = episode.event(PROPOSED, 2, closure={"date": "2026-12-18"})
    later["data"]["subjects"][0]["born_on"] = "2015-03-09"
    episode.send(later)
    assert gate(episode)["closure_on"] == "2026-12-18"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2026-12-18T00:00:00", "2026-12-18"),
        (" 2026-12-18 ", "2026-12-18"),
        ("2026-12-18 00:00:00.000", "2026-12-18"),
        ("2026-06-30T23:00:00Z", "2026-07-01"),
    ],
)
def test_a_date_with_a_time_is_its_day(episode: Episode, written: str, read: str) -> None:
    episode.tell(PROPOSED, closure={"date": written})
    assert gate(episode)["closure_on"] == read


@pytest.mark.parametrize("day", ["18/12/2026", "2026-02-30", "soon", 20261218])
def test_what_cannot_be_understood_as_a_date_is_refused(episode: Episode, day: Any) -> None:
    answer = episode.post(episode.event(PROPOSED, closure={"date": day}))
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/data/closure/date"]


@pytest.mark.parametrize(
    ("code", "shown"),
    [("RC1 ", "RC1"), ("", None), ("  ", None), ("No further action", "No further action")],
)
def test_a_reason_is_read_without_the_blanks_around_it(
    episode: Episode, code: str, shown: str | None
) -> None:
    event = episode.event(PROPOSED, closure={"reason_code": code})
    episode.send(event)
    assert gate(episode)["reason_code"] == shown
    # A later event that says no reason leaves the one that was told.
    episode.tell(CLOSED, 2, closure={"reason_code": " "})
    assert gate(episode)["reason_code"] == shown


@pytest.mark.parametrize(
    ("role", "kind"),
    [("", "child"), (None, "child"), ("Child ", "child"), ("Carer Household", "carer_household")],
)
def test_a_role_is_read_as_people_write_it(episode: Episode, role: str | None, kind: str) -> None:
    event = episode.event(PROPOSED)
    event["data"]["subjects"][0]["role"] = role
    episode.send(event)
    record = episode.api.as_("qs-1").get(f"/v1/subjects/mosaic/{episode.refs[0]}").json()
    assert record["kind"] == kind


def test_whoever_holds_the_case_is_read_without_the_blanks(episode: Episode) -> None:
    episode.tell(PROPOSED)
    event = episode.event(ALLOCATED, 2, allocation={"worker": " sw2-boston-fast ", "from": "soon"})
    event["data"] |= {"episode_id": "", "source_version": " "}
    assert episode.send(event)["outcome"] == "applied"
    record = episode.api.as_("qs-1").get(f"/v1/subjects/mosaic/{episode.refs[0]}").json()
    assert record["worker"] == "sw2-boston-fast"


@pytest.mark.parametrize("instant", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", ""])
def test_the_time_of_the_envelope_stands_in_for_one_that_is_no_fact(
    episode: Episode, instant: str
) -> None:
    event = episode.event(RESTRICTED, restriction={"kind": "staff", "on": True})
    event["data"]["occurred_at"] = instant
    refused = episode.post({**event, "time": ""})
    assert refused.status_code == 422, "when it happened is said nowhere"
    assert [error["pointer"] for error in refused.json()["errors"]] == ["/data/occurred_at"]
    receipt = episode.send({**event, "time": "2026-11-23T09:29:00Z"})
    assert receipt["outcome"] == "applied"
    kept: Json = (
        episode.api.as_("case-system-mosaic").get(f"/v1/case-events/{receipt['event_id']}").json()
    )
    assert kept["occurred_at"].startswith("2026-11-23T09:29:00")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2026-11-20T23:59:60Z", "2026-11-21T00:00:00.000000Z"),
        ("2026-11-20T24:00:00+01:00", "2026-11-20T23:00:00.000000Z"),
        ("2026-11-20T10:30:60.123Z", "2026-11-20T10:31:00.000000Z"),
    ],
)
def test_the_last_instant_of_a_minute_or_a_day_is_the_next_one(
    episode: Episode, written: str, read: str
) -> None:
    receipt = episode.send(episode.event(PROPOSED, occurred_at=written))
    kept = episode.api.as_("qs-1").get(f"/v1/case-events/{receipt['event_id']}").json()
    assert kept["occurred_at"] == read
    assert kept["message"]["data"]["occurred_at"] == written


@pytest.mark.parametrize(
    "written", ["2026-11-20T24:00:01Z", "2026-11-20T23:60:00Z", "2026-02-30T24:00:00Z"]
)
def test_an_instant_that_never_comes_is_refused(episode: Episode, written: str) -> None:
    answer = episode.post(episode.event(PROPOSED, occurred_at=written))
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/data/occurred_at"]


@pytest.mark.parametrize("kind", ["Staff", "pre-adoption", " OTHER "])
def test_a_restriction_holds_however_its_kind_is_written(episode: Episode, kind: str) -> None:
    episode.tell(PROPOSED)
    episode.tell(RESTRICTED, 2, restriction={"kind": kind, "on": True})
    path = f"/v1/subjects/mosaic/{episode.refs[0]}"
    assert episode.api.as_("tm-lincoln-fast").get(path).status_code == 404
    episode.tell(RESTRICTED, 3, restriction={"kind": kind.upper(), "on": False})
    assert episode.api.as_("tm-lincoln-fast").get(path).status_code == 200
