"""X3: moderation of what becomes restricted goes to those with leave; else Q&S sees it wait."""

import pytest

from tests.api import Json, in_a_week
from tests.moderation.moderating import SAMPLES, Moderating, place
from tests.moderation.test_outcomes import sample_of


def withheld(moderating: Moderating, about: str, person: str = "qs-1") -> list[Json]:
    """What somebody's list says to wait for leave on one record."""
    items = moderating.api.as_(person).work("kind=grant_access")
    return [item for item in items if item["about"] == about]


def in_lists(moderating: Moderating, kind: str, path: str, *people: str) -> list[str]:
    """Those in whose list it is."""
    return [
        person
        for person in people
        if path in {i["path"] for i in moderating.api.as_(person).work(f"kind={kind}")}
    ]


def let_in(moderating: Moderating, about: str, worker: str) -> None:
    """Quality & Standards grants leave by what waits."""
    body = {"about": about, "worker": worker, "reason": "Theirs to do.", "expires_at": in_a_week()}
    made = moderating.api.as_("qs-1").create("/v1/restriction-grants", body)
    assert made.status_code == 201, made.text


@pytest.mark.long
def test_moderation_of_what_becomes_restricted_waits_in_somebodys_list(
    moderating: Moderating,
) -> None:
    sample = sample_of(moderating, "2019-11")
    item = sample["items"][0]
    assert moderating.assign(sample, item, "slt-1").status_code == 200
    path = place(sample, item)
    assert in_lists(moderating, "moderate", path, "slt-1", "qs-1") == ["slt-1"]

    moderating.restrict(item["audit_id"])
    assert in_lists(moderating, "moderate", path, "slt-1", "qs-1") == []
    (entry,) = withheld(moderating, item["audit_id"])
    assert (entry["subject"], entry["team"], entry["due_on"]) == (None, None, None)
    assert entry["path"] == "/v1/restriction-grants"
    assert withheld(moderating, item["audit_id"], "slt-1") == []

    let_in(moderating, item["audit_id"], "slt-1")
    assert withheld(moderating, item["audit_id"]) == []
    assert in_lists(moderating, "moderate", path, "slt-1", "qs-1") == ["slt-1"]


@pytest.mark.long
def test_a_learning_action_of_what_becomes_restricted_waits_in_somebodys_list(
    moderating: Moderating,
) -> None:
    sample = sample_of(moderating, "2019-12")
    item = sample["items"][0]
    assert moderating.assign(sample, item, "slt-1").status_code == 200
    wanted = {"description": "Ask why.", "owner": "ps-lincoln-fast", "due_on": "2020-05-01"}
    moderating.moderate(sample, item | {"moderator": "slt-1"})
    made = moderating.api.as_("slt-1").create(f"{place(sample, item)}/learning-actions", wanted)
    assert made.status_code == 201, made.text
    path, action_id = made.headers["location"], made.json()["id"]
    everyone = ("ps-lincoln-fast", "slt-1", "qs-1")

    moderating.restrict(item["audit_id"])
    assert in_lists(moderating, "do", path, *everyone) == []
    (entry,) = withheld(moderating, action_id)
    assert (entry["subject"], entry["team"], entry["due_on"]) == (None, None, "2020-05-01")
    let_in(moderating, action_id, "ps-lincoln-fast")
    assert withheld(moderating, action_id) == []
    assert in_lists(moderating, "do", path, *everyone) == ["ps-lincoln-fast"]

    done = moderating.api.as_("ps-lincoln-fast").act(
        f"{path}/complete", {"done_on": made.json()["set_at"][:10]}
    )
    assert done.status_code == 200, done.text
    assert in_lists(moderating, "verify", path, *everyone) == []
    assert len(withheld(moderating, action_id)) == 1
    let_in(moderating, action_id, "slt-1")
    assert withheld(moderating, action_id) == []
    assert in_lists(moderating, "verify", path, *everyone) == ["slt-1"]


@pytest.mark.long
def test_what_was_learned_from_an_audit_recorded_in_error_waits_for_no_grant(
    moderating: Moderating,
) -> None:
    sample = sample_of(moderating, "2012-05")
    item = sample["items"][0]
    assert moderating.assign(sample, item, "slt-1").status_code == 200
    wanted = {"description": "Ask why.", "owner": "ps-lincoln-fast", "due_on": "2012-11-01"}
    moderating.moderate(sample, item | {"moderator": "slt-1"})
    made = moderating.api.as_("slt-1").create(f"{place(sample, item)}/learning-actions", wanted)
    assert made.status_code == 201, made.text
    moderating.restrict(item["audit_id"])
    assert len(withheld(moderating, made.json()["id"])) == 1
    moderating.record_in_error(item["audit_id"])
    assert withheld(moderating, made.json()["id"]) == []
    body = {"about": made.json()["id"], "worker": "slt-1", "reason": "?", "expires_at": in_a_week()}
    assert moderating.api.as_("qs-1").create("/v1/restriction-grants", body).status_code == 404


def test_what_is_said_of_the_whole_population_is_for_those_who_oversee_moderation(
    moderating: Moderating,
) -> None:
    sample = sample_of(moderating, "2013-05", 3)
    path = f"{SAMPLES}/{sample['id']}"
    for person in ("qs-2", "slt-1"):
        shown = moderating.read(path, person)
        assert shown["explanation"]["facts"]["eligible"] == shown["population"] == 3
        assert shown["population_hash"] == sample["population_hash"]
    for person in (
        f"{lead}-{team}" for team in sample["moderating_teams"] for lead in ("ps", "tm")
    ):
        shown = moderating.read(path, person)
        whole = [shown[name] for name in ("population", "population_hash", "explanation")]
        assert (whole, shown["strata"]) == ([None] * 3, []), person
        proof = moderating.redrawn(sample, person)
        assert (proof["same_population"], proof["population_hash"]) == (True, None)


def test_no_number_of_a_sample_counts_what_has_become_restricted(moderating: Moderating) -> None:
    sample = sample_of(moderating, "2013-11", 3)
    path, drawn = f"{SAMPLES}/{sample['id']}", [item["audit_id"] for item in sample["items"]]
    (undrawn,) = moderating.read(f"{path}/population?drawn=false")["items"]
    assert sample["explanation"]["facts"]["drawn"] == len(drawn) == 2
    for left, hidden in ((2, undrawn["audit_id"]), (1, drawn[0])):
        moderating.restrict(hidden)
        shown = moderating.read(path)
        assert (shown["population"], shown["explanation"]) == (left, None)
        assert sum(stratum["population"] for stratum in shown["strata"]) == left
    # Of random ids, the proof that nothing was changed tells nobody which.
    proof = moderating.redrawn(sample)
    assert (proof["same_population"], proof["same_sample"]) == (True, True)
    assert proof["population_hash"] == shown["population_hash"] == sample["population_hash"]
    assert proof["drawn"] == drawn[1:]


def test_who_has_leave_to_see_all_that_was_counted_is_told_how_it_was_drawn(
    moderating: Moderating,
) -> None:
    sample = sample_of(moderating, "2014-01")
    item = sample["items"][0]
    assert moderating.assign(sample, item, "slt-1").status_code == 200
    moderating.restrict(item["audit_id"])
    path = f"{SAMPLES}/{sample['id']}"
    assert moderating.read(path, "slt-1")["explanation"] is None
    let_in(moderating, item["audit_id"], "slt-1")
    assert moderating.read(path, "slt-1")["explanation"] == sample["explanation"]
    assert moderating.read(path)["explanation"] is None
