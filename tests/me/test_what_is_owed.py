"""What is due about a quarter and not begun yet is in the list of whoever must begin it."""

from collections.abc import Callable
from types import ModuleType

import pytest

from qa_api.board import awaiting as updates
from qa_api.board.awaiting import count_awaited_updates
from qa_api.observations import awaiting as highlights
from qa_api.observations.awaiting import count_awaited_highlights
from qa_api.rules.deadlines import Deadline
from qa_api.rules.local_time import FinancialQuarter
from qa_api.work import Work
from tests.api import Json
from tests.observations.conftest import Office, office
from tests.responses.casework import service

__all__ = ("office", "service")

NARRATIVE = {
    "activity": "Two audits in each team.",
    "learning": "The child's words are seldom recorded.",
    "good_practice": "Direct work with young carers.",
    "changes_made": "Supervision asks for the child's words.",
    "evidence_of_impact": "Re-audits show their voice.",
    "risks": "Two posts are vacant.",
    "next_quarter": "Audits of closures.",
}
Q_AND_S = "qs-1"


def waiting(office: Office, person: str, kind: str) -> list[Json]:
    """What of this service waits for somebody: of the office, or of Quality & Standards."""
    client = office.api if person == Q_AND_S else office.as_(person)
    answer = client.get(f"/v1/me/work?kind={kind}&limit=500")
    if answer.status_code == 403:  # whoever has left is let in nowhere
        return []
    return [item for item in answer.json()["items"] if office.number in item["path"]]


def sweep(office: Office) -> None:
    office.service.work(count_awaited_updates)
    office.service.work(count_awaited_highlights)


def update_of(office: Office) -> Json:
    return {"service": office.code("service"), "quarter": "2026-27 Q2"}


def learned(office: Office) -> Json:
    return {
        "team": office.code("north"),
        "quarter": "2026-27 Q2",
        "topic": "Direct work",
        "highlight": "Tools are known, but seldom brought along.",
        "routed_to": "learning_development",
    }


@pytest.mark.long
def test_an_update_that_nobody_has_begun_waits_for_the_head(office: Office) -> None:
    sweep(office)
    (item,) = waiting(office, "hos", "begin")
    assert (item["due_on"], item["overdue"]) == ("2026-10-14", True)
    (row,) = office.as_("hos").get(item["path"]).json()["items"]
    assert (row["state"], row["due_on"]) == ("missing", item["due_on"])
    assert waiting(office, Q_AND_S, "begin") == waiting(office, "tm-north", "begin") == []
    begun = office.as_("hos").create("/v1/qa-updates", update_of(office))
    assert begun.status_code == 201, begun.text
    assert waiting(office, "hos", "begin") == []
    mine = office.as_("hos").work("kind=complete")
    assert begun.headers["location"] in {item["path"] for item in mine}
    sweep(office)
    assert waiting(office, "hos", "begin") == []


def test_a_quarter_that_ends_brings_another_and_the_missed_one_stays(
    office: Office, at: Callable[[str], None]
) -> None:
    sweep(office)
    at("2027-01-04T09:00:00Z")
    sweep(office)
    due = [item["due_on"] for item in waiting(office, "hos", "begin")]
    assert due == ["2026-10-14", "2027-01-15"]
    assert [item["due_on"] for item in waiting(office, "tm-north", "record_highlights")] == due


@pytest.mark.parametrize("owed", [updates, highlights])
def test_when_a_quarter_is_due_is_counted_once_for_everybody_who_owes_it(
    office: Office, monkeypatch: pytest.MonkeyPatch, owed: ModuleType
) -> None:
    due_of, counted = owed.due_of, list[str]()

    async def counting(work: Work, quarter: FinancialQuarter) -> Deadline:
        counted.append(quarter.label)
        due: Deadline = await due_of(work, quarter)
        return due

    monkeypatch.setattr(owed, "due_of", counting)
    sweep(office)
    assert counted
    assert len(counted) == len(set(counted))


@pytest.mark.long
def test_where_nobody_heads_the_service_quality_and_standards_speak_for_it(office: Office) -> None:
    office.leave("hos")
    sweep(office)
    assert waiting(office, "hos", "begin") == []
    assert len(waiting(office, Q_AND_S, "begin")) == 1
    begun = office.api.create("/v1/qa-updates", update_of(office))
    assert begun.status_code == 201, begun.text
    path = begun.headers["location"]
    assert waiting(office, Q_AND_S, "begin") == []
    mine = office.api.work("kind=complete")
    assert path in {item["path"] for item in mine}
    assert set(office.api.get(path).json()["allowed_actions"]) == {"edit", "submit"}
    assert office.api.change("PUT", path, NARRATIVE).status_code == 200
    said = office.api.act(f"{path}/submit").json()
    assert (said["state"], said["submissions"][0]["submitted_by"]) == ("submitted", Q_AND_S)


def test_what_a_head_began_is_quality_and_standards_to_complete_once_they_left(
    office: Office,
) -> None:
    path = office.as_("hos").create("/v1/qa-updates", update_of(office)).headers["location"]

    def complete(person: str) -> bool:
        client = office.api if person == Q_AND_S else office.as_(person)
        found = client.work("kind=complete")
        return path in {item["path"] for item in found}

    assert (complete("hos"), complete(Q_AND_S)) == (True, False)
    assert office.api.get(path).json()["allowed_actions"] == []
    office.take_off("hos")
    assert (complete("hos"), complete(Q_AND_S)) == (True, True), "away, and so both"
    office.leave("hos")
    assert complete(Q_AND_S)
    assert office.as_("hos").get(path).status_code in {401, 403, 404}


@pytest.mark.parametrize("gone", [[], ["tm-north"], ["tm-north", "hos"]])
def test_learning_that_no_team_has_recorded_waits_for_who_leads_it(
    office: Office, gone: list[str]
) -> None:
    for person in gone:
        office.leave(person)
    sweep(office)
    line = ["tm-north", "hos", Q_AND_S]
    must = line[len(gone)]
    ours = {
        person: [
            item
            for item in waiting(office, person, "record_highlights")
            if office.code("north") in item["path"]
        ]
        for person in (*line, "tm-south", "ps-north")
        if person not in gone
    }
    assert [person for person, found in ours.items() if found] == [must]
    ((item,),) = [found for found in ours.values() if found]
    assert (item["due_on"], item["team"]) == ("2026-10-14", office.code("north"))
    client = office.api if must == Q_AND_S else office.as_(must)
    (row,) = client.get(item["path"]).json()["items"]
    assert row["state"] == "missing"
    if not gone:
        refused = office.api.create("/v1/learning-highlights", learned(office))
        assert refused.status_code == 403, "that is its manager's to say"
    recorded = client.create("/v1/learning-highlights", learned(office))
    assert recorded.status_code == 201, recorded.text
    assert not [
        item
        for item in waiting(office, must, "record_highlights")
        if office.code("north") in item["path"]
    ]
