"""Recording observations: by the worker's own team, never of oneself, and told to Q&S (R4.6.2)."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from qa_api.observations.schemas import (
    ObservationContent,
    ObservationContentOut,
    ObservationOut,
)
from tests.api import Api, Json, held_elsewhere
from tests.conftest import Database, execute
from tests.observations.conftest import TODAY, Office
from tests.responses.casework import Casework, Service


@pytest.fixture
def recorded(office: Office) -> Json:
    """One observation of a worker of the north team, by its supervisor."""
    office.employ("sw", "north")
    (answer,) = office.observe("sw", "2026-11-20", by="ps-north")
    return dict(answer.json())


def test_whatever_is_recorded_is_shown_and_kept_when_it_is_corrected() -> None:
    recorded = ObservationContent.model_fields.keys()
    assert recorded == ObservationContentOut.model_fields.keys()
    assert recorded <= ObservationOut.model_fields.keys()


@pytest.mark.parametrize("lead", ["ps-north", "tm-north"])
def test_supervisor_and_manager_record_for_their_own_team(office: Office, lead: str) -> None:
    office.employ("sw", "north")
    (answer,) = office.observe("sw", "2026-11-20", by=lead)
    said = answer.json()
    assert (said["team"], said["recorded_by"]) == (office.code("north"), office.code(lead))
    assert office.api.get(answer.headers["location"]).json() == said


def test_where_the_team_has_nobody_to_record_who_comes_next_does(office: Office) -> None:
    office.employ("sw", "north")
    body = office.observation("sw", "2026-11-20")

    def recorded(person: Api) -> int:
        return person.create("/v1/practice-observations", body).status_code

    office.leave("tm-north")
    assert recorded(office.as_("hos")) == 403, "its supervisor is there"
    office.leave("ps-north")
    assert (recorded(office.api), recorded(office.as_("hos"))) == (403, 201)
    office.leave("hos")
    assert recorded(office.api) == 201


def test_another_team_does_not_record_for_them(office: Office) -> None:
    office.employ("sw", "north")
    body = office.observation("sw", "2026-11-20")
    for lead, status in (("ps-south", 403), ("hos", 403)):
        assert office.as_(lead).create("/v1/practice-observations", body).status_code == status


def test_after_a_move_the_earlier_team_records_what_it_observed(office: Office) -> None:
    office.employ("sw", ("north", "2026-01-01", "2026-11-01"), ("south", "2026-11-01", None))
    (earlier,) = office.observe("sw", "2026-10-30", by="ps-north")
    assert earlier.json()["team"] == office.code("north")
    later = office.observation("sw", "2026-11-10")
    refused = office.as_("ps-north").create("/v1/practice-observations", later)
    assert held_elsewhere(refused, "observation:record")
    # Who leads the worker now sees what was observed before.
    assert office.as_("tm-south").get(earlier.headers["location"]).status_code == 200


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"observed_on": "2026-11-24"}, "/observed_on"),
        ({"observed_on": "2019-09-01"}, "/observed_on"),
        ({"observer": "nobody-at-all"}, "/observer"),
        ({"worker": "nobody-at-all"}, "/worker"),
        ({"family_consent": "perhaps"}, "/family_consent"),
        ({"strengths": " "}, "/strengths"),
    ],
)
def test_what_cannot_be_is_refused_and_named(office: Office, changes: Json, pointer: str) -> None:
    office.employ("sw", ("north", "2018-01-01", None))
    body = office.observation("sw", TODAY) | changes
    answer = office.as_("ps-north").create("/v1/practice-observations", body)
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


def test_nobody_observes_their_own_practice(office: Office) -> None:
    worker = office.employ("sw", "north")
    body = office.observation("sw", TODAY, observer=worker)
    answer = office.as_("ps-north").create("/v1/practice-observations", body)
    assert answer.status_code == 422
    assert answer.json()["clause"] == "§4.6, R4.6.2"


async def test_the_database_holds_that_nobody_observes_themselves(
    office: Office, recorded: Json, database: Database
) -> None:
    connection = await asyncpg.connect(database.migrate_url)
    try:
        with pytest.raises(asyncpg.CheckViolationError):
            await connection.execute(
                "UPDATE practice_observations SET observer = worker WHERE id = $1", recorded["id"]
            )
    finally:
        await connection.close()


def test_quality_standards_is_told_of_each(
    office: Office, recorded: Json, service: Service
) -> None:
    told = Casework(service, office.api, lambda: "")
    kind = "practice_observation_recorded"
    assert told.alerts(recorded["id"], kind) == [("quality_standards", "quality_standards")]
    assert told.events(recorded["id"], "practice_observation.recorded") == [
        {
            "worker": recorded["worker"],
            "team": recorded["team"],
            "observed_on": "2026-11-20",
        }
    ]


def test_each_sees_what_is_theirs_to_see(office: Office, recorded: Json) -> None:
    office.let_in("sw", "worker")
    office.employ("other", "north")
    office.let_in("other", "worker")
    path = f"/v1/practice-observations/{recorded['id']}"
    seen = {
        name: office.as_(name).get(path).status_code
        for name in ("sw", "other", "ps-north", "tm-north", "hos", "ps-south", "tm-south")
    }
    assert seen == {
        **dict.fromkeys(("sw", "ps-north", "tm-north", "hos"), 200),
        **dict.fromkeys(("other", "ps-south", "tm-south"), 404),
    }
    assert office.api.get(path).status_code == 200
    assert office.api.as_("hos-fast").get(path).status_code == 404
    assert office.api.as_("slt-1").get(path).status_code == 403
    for name, number in (("sw", 1), ("other", 0), ("tm-north", 1), ("tm-south", 0)):
        listed = office.as_(name).get(f"/v1/practice-observations?worker={office.code('sw')}")
        assert len(listed.json()["items"]) == number


def test_a_correction_keeps_what_was_said_before(office: Office, recorded: Json) -> None:
    path = f"/v1/practice-observations/{recorded['id']}"
    body = office.observation("sw", "2026-11-19", reason="The day was wrong.")
    del body["worker"]
    tag = office.api.tag(path)
    answer = office.as_("tm-north").act(f"{path}/correct", body)
    assert answer.status_code == 200
    said = answer.json()
    assert (said["observed_on"], said["version"]) == ("2026-11-19", 2)
    (correction,) = said["corrections"]
    assert correction["before"]["observed_on"] == "2026-11-20"
    assert correction["corrected_by"] == office.code("tm-north")
    stale = office.as_("ps-north").post(f"{path}/correct", body, headers={"if-match": tag})
    assert stale.status_code == 412
    assert office.as_("ps-north").post(f"{path}/correct", body).status_code == 428
    current = {"if-match": office.api.tag(path)}
    elsewhere = office.as_("ps-south").post(f"{path}/correct", body, headers=current)
    assert elsewhere.status_code == 404
    future = body | {"observed_on": "2026-11-24"}
    assert office.as_("tm-north").act(f"{path}/correct", future).status_code == 422


def test_what_was_kept_before_a_field_was_added_is_read_without_it(
    office: Office, recorded: Json, database: Database
) -> None:
    path = f"/v1/practice-observations/{recorded['id']}"
    body = office.observation("sw", "2026-11-19", reason="The day was wrong.")
    del body["worker"]
    office.as_("tm-north").act(f"{path}/correct", body)
    of_it = f"observation_id = '{recorded['id']}'"
    execute(
        database.migrate_url,
        "SET qa.reach = 'service';"
        f"UPDATE observation_corrections SET before = before - 'feedback' WHERE {of_it}",
    )
    (correction,) = office.api.get(path).json()["corrections"]
    assert correction["before"]["feedback"] is None
    assert correction["before"]["observed_on"] == "2026-11-20"


def test_a_correction_that_changes_nothing_still_stands_in_the_history(
    office: Office, recorded: Json
) -> None:
    path = f"/v1/practice-observations/{recorded['id']}"
    body = office.observation("sw", "2026-11-20", reason="Read again, it is right.")
    del body["worker"]
    for version in (2, 3):
        answer = office.as_("ps-north").act(f"{path}/correct", body).json()
        assert (answer["version"], len(answer["corrections"])) == (version, version - 1)


def test_a_withdrawn_observation_stays_and_counts_no_longer(office: Office, recorded: Json) -> None:
    path = f"/v1/practice-observations/{recorded['id']}"
    assert office.standing("sw")["done"] == 1
    answer = office.as_("ps-north").act(f"{path}/withdraw", {"reason": "Recorded twice."})
    assert answer.status_code == 200
    assert office.standing("sw")["done"] == 0
    assert office.api.get(path).json()["withdrawn_reason"] == "Recorded twice."
    again = office.as_("ps-north").act(f"{path}/withdraw", {"reason": "Recorded twice."})
    assert again.status_code == 409


def test_the_same_request_twice_is_one_observation(office: Office) -> None:
    office.employ("sw", "north")
    body, key = office.observation("sw", "2026-11-20"), uuid4().hex
    first, again = (
        office.as_("ps-north").create("/v1/practice-observations", body, key=key) for _ in range(2)
    )
    assert first.json() == again.json()
    assert office.standing("sw")["done"] == 1


# --- exemptions ---


def exemption(office: Office, **changes: Any) -> Json:
    return {
        "worker": office.code("sw"),
        "from": "2026-04-01",
        "reason": "Seconded to a project without casework.",
    } | changes


def test_an_exemption_has_a_reason_and_takes_the_worker_out(office: Office) -> None:
    office.employ("sw", "north")
    answer = office.as_("hos").create("/v1/observation-exemptions", exemption(office))
    assert answer.status_code == 201
    row = office.standing("sw")
    assert (row["required"], row["exempt"], row["completed"]["denominator"]) == (0, 1, 0)
    without = exemption(office)
    del without["reason"]
    refused = office.as_("hos").create("/v1/observation-exemptions", without)
    assert [error["pointer"] for error in refused.json()["errors"]] == ["/reason"]


def test_an_exemption_ends_and_the_share_grows(office: Office) -> None:
    office.employ("sw", "north")
    made = office.api.create("/v1/observation-exemptions", exemption(office))
    path = made.headers["location"]
    before = office.as_("hos").act(f"{path}/end", {"to": "2026-04-01"})
    assert before.status_code == 422
    ended = office.as_("hos").act(f"{path}/end", {"to": "2026-12-01"})
    assert (ended.json()["to"], ended.json()["ended_by"]) == ("2026-12-01", office.code("hos"))
    assert office.standing("sw")["required"] == 1  # 121 of 365 days


def test_one_exemption_at_a_time(office: Office) -> None:
    office.employ("sw", "north")
    assert office.api.create("/v1/observation-exemptions", exemption(office)).status_code == 201
    again = exemption(office, **{"from": "2026-08-01"})
    refused = office.api.create("/v1/observation-exemptions", again)
    assert (refused.status_code, refused.json()["allowed_actions"]) == (409, ["end"])
    assert "end the other exemption first" in refused.json()["detail"]


def test_only_the_head_of_their_service_or_quality_standards_exempts(office: Office) -> None:
    office.employ("sw", "north")
    for person in (office.as_("tm-north"), office.api.as_("hos-fast")):
        answer = person.create("/v1/observation-exemptions", exemption(office))
        assert answer.status_code == 403


def test_an_exemption_is_seen_by_the_worker_and_their_leads(
    office: Office, at: Callable[[str], None]
) -> None:
    office.employ("sw", "north")
    office.let_in("sw", "worker")
    made = office.api.create("/v1/observation-exemptions", exemption(office))
    path = made.headers["location"]
    for name, status in (("sw", 200), ("tm-north", 200), ("hos", 200), ("tm-south", 404)):
        assert office.as_(name).get(path).status_code == status
    listed = office.as_("tm-south").get("/v1/observation-exemptions?current=true").json()["items"]
    assert not [row for row in listed if row["worker"] == office.code("sw")]
