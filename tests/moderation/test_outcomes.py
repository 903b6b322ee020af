"""R4.5.2, R4.5.3: who moderates, and an outcome beside the auditor's judgement."""

import asyncio

import asyncpg
import pytest

from qa_api.settings import Settings
from tests.api import SOME_VERSION, Json, held_elsewhere
from tests.conftest import Database
from tests.looking import look
from tests.moderation.moderating import OUTCOME, SAMPLES, Moderating, place
from tests.reporting.copies import REPORTER, Copy


def sample_of(moderating: Moderating, month: str, count: int = 2, **facts: str) -> Json:
    """A sample of group A's audits of a month, drawn early in the next."""
    moderating.audits(*(f"{month}-{day:02}T10:00:00Z" for day in range(1, count + 1)), **facts)
    year, number = (int(part) for part in month.split("-"))
    then = f"{year + number // 12}-{number % 12 + 1:02}-03T09:00:00Z"
    return moderating.drawn(period=month, now=then)


@pytest.mark.long
def test_the_outcome_stands_beside_the_auditors_judgement(moderating: Moderating) -> None:
    sample = sample_of(moderating, "2016-08")
    item = sample["items"][0]
    recorded = moderating.moderate(sample, item)
    assert recorded["auditor_judgement"] == "good"
    assert recorded["moderated_judgement"] == "requires_improvement"
    assert recorded["auditor_rationale"]
    assert recorded["moderated_rationale"] == OUTCOME["rationale"]
    assert recorded["moderated_by"] == item["moderator"]
    audit = moderating.read(f"/v1/audits/{item['audit_id']}")
    assert audit["overall_judgement"] == "good"
    rows = moderating.read(f"{SAMPLES}/{sample['id']}/outcomes?judged=true")["items"]
    assert [(row["auditor_judgement"], row["moderated_judgement"]) for row in rows] == [
        ("good", "requires_improvement")
    ]
    # Amended later, the audit says something else; what was moderated stays what it was.
    moderating.amend(item["audit_id"], "outstanding")
    kept = moderating.read(place(sample, item))
    assert (kept["auditor_judgement"], kept["audit_revision"]) == ("good", 1)


def test_whoever_reads_outcomes_leaves_one_line_that_names_every_child(
    moderating: Moderating, database: Database
) -> None:
    sample = sample_of(moderating, "2013-09")
    for path in (
        place(sample, sample["items"][0]),
        f"{SAMPLES}/{sample['id']}/outcomes",
        "/v1/moderation-outcomes?limit=500",
    ):
        shown, lines = look(moderating.api, database, "qs-1", path)
        assert shown
        assert lines == [shown], path


def test_moderators_see_the_audit_while_the_sample_is_open_and_no_longer(
    moderating: Moderating,
) -> None:
    sample = sample_of(moderating, "2016-10")
    item = next(each for each in sample["items"] if each["moderator"] != "slt-1")
    moderator = moderating.api.as_(item["moderator"])
    path = f"/v1/audits/{item['audit_id']}"
    colleague = next(
        person
        for team in sample["moderating_teams"]
        for person in (f"ps-{team}", f"dm-{team}")
        if person not in {item["auditor"], *(each["moderator"] for each in sample["items"])}
    )
    seen = moderating.read(path, item["moderator"])
    assert seen["content_withheld"] is False
    assert seen["subject"] is not None
    listed = moderator.get("/v1/audits?limit=500&team=boston-fast").json()["items"]
    assert item["audit_id"] in {row["id"] for row in listed}
    assert moderating.api.as_(colleague).get(path).status_code == 404
    work = moderating.read("/v1/me/work?kind=moderate", item["moderator"])["items"]
    assert {"moderate"} == {each["kind"] for each in work}
    assert any(each["path"] == place(sample, item) for each in work)
    assert moderator.get(place(sample, item)).status_code == 200

    moderating.close(sample)
    assert moderator.get(path).status_code == 404
    assert moderator.get(place(sample, item)).status_code == 404
    later = moderating.read("/v1/me/work?kind=moderate", item["moderator"])["items"]
    assert place(sample, item) not in {each["path"] for each in later}


def test_the_auditor_reads_open_feedback_when_the_sample_is_closed(moderating: Moderating) -> None:
    sample = sample_of(moderating, "2016-12")
    item = sample["items"][0]
    # A senior leader reads every completed audit: to them nothing is sealed.
    assert moderating.assign(sample, item, "slt-1").json()["unsealed_because"] == "reads_all"
    assert moderating.try_to_moderate("slt-1", sample, item).status_code == 200
    auditor = moderating.api.as_(item["auditor"])
    assert auditor.get(place(sample, item)).status_code == 404
    moderating.close(sample)
    feedback = moderating.read(place(sample, item), item["auditor"])
    assert feedback["feedback_to_auditor"] == OUTCOME["feedback_to_auditor"]
    unmoderated = place(sample, sample["items"][1])
    assert auditor.get(unmoderated).status_code == 404


@pytest.mark.long
def test_teams_take_turns_and_nobody_moderates_what_is_theirs(moderating: Moderating) -> None:
    # Group C, where no other test moderates a later period: turns go by periods.
    days = [f"{day:02}T10:00:00Z" for day in range(1, 7)]
    samples = []
    for month, then in (("01", "02"), ("02", "03"), ("03", "04")):
        moderating.audits(
            *(f"2017-{month}-{day}" for day in days),
            auditor="ps-boston-fast",
            auditor_team="boston-fast",
            team="lac-south",
            worker="sw1-lac-south",
        )
        samples.append(moderating.drawn(f"2017-{month}", "c", f"2017-{then}-03T09:00:00Z"))
    turns = [team for sample in samples for team in sample["moderating_teams"]]
    assert len(set(turns)) == len(turns) == 6
    for sample in samples:
        for item in sample["items"]:
            moderator = item["moderator"]
            assert moderator != item["auditor"]
            assert not moderator.endswith("-lac-south"), "their team's case"
            of_team = moderator.partition("-")[2] in sample["moderating_teams"]
            assert of_team or moderator == "slt-1"


@pytest.mark.parametrize(
    ("moderator", "refusal"),
    [
        ("ps-lincoln-fast", "own-audit"),
        ("tm-boston-fast", "own-teams-case"),
        ("dm-boston-fast", "own-teams-case"),
        ("tm-cwd", "not-moderating"),
        ("qs-2", "not-moderating"),
        ("sw1-adoption", "not-moderating"),
        ("nobody", "not-moderating"),
    ],
)
def test_who_may_not_moderate_is_refused(
    moderating: Moderating, moderator: str, refusal: str
) -> None:
    period = f"2018-{[*REFUSED].index(moderator) + 1:02}"
    sample = sample_of(moderating, period)
    answer = moderating.assign(sample, sample["items"][0], moderator)
    assert answer.status_code == 422, answer.text
    assert answer.json()["code"] == refusal


REFUSED = (
    *("ps-lincoln-fast", "tm-boston-fast", "dm-boston-fast", "tm-cwd", "qs-2"),
    *("sw1-adoption", "nobody"),
)


def test_the_auditors_manager_may_moderate_and_it_is_on_record(moderating: Moderating) -> None:
    # Seven teams take turns by two: within four draws it is Lincoln's.
    for number in range(1, 5):
        sample = sample_of(moderating, f"2024-{number:02}", 1)
        if "lincoln-fast" in sample["moderating_teams"]:
            break
    item = sample["items"][0]
    assigned = moderating.assign(sample, item, "tm-lincoln-fast")
    assert assigned.status_code == 200, assigned.text
    assert assigned.json()["relation_to_auditor"] in {"manages_auditor", "supervises_auditor"}
    deputy = moderating.assign(sample, item, "dm-lincoln-fast")
    assert deputy.json()["relation_to_auditor"] == "manages_auditor"
    leader = moderating.assign(sample, item, "slt-1")
    assert leader.json()["relation_to_auditor"] == "none"


def test_the_auditors_manager_never_moderates_a_case_of_their_own_team(
    moderating: Moderating,
) -> None:
    sample = sample_of(moderating, "2019-06", 2, team="lincoln-fast", worker="sw1-lincoln-fast")
    answer = moderating.assign(sample, sample["items"][0], "tm-lincoln-fast")
    assert answer.json()["code"] == "own-teams-case"


def test_a_moderator_to_whose_team_the_case_moves_moderates_it_no_longer(
    moderating: Moderating,
) -> None:
    sample = sample_of(moderating, "2019-08")
    item = next(each for each in sample["items"] if each["moderator"] != "slt-1")
    team = item["moderator"].partition("-")[2]
    moderating.move(item["audit_id"], team)
    answer = moderating.try_to_moderate(item["moderator"], sample, item)
    assert (answer.status_code, answer.json()["code"]) == (422, "own-teams-case")


def test_only_the_moderator_records_on_the_auditors_scale_and_on_the_version_read(
    moderating: Moderating,
) -> None:
    sample = sample_of(moderating, "2019-10")
    item = next(each for each in sample["items"] if each["moderator"] != "slt-1")
    for person in ("slt-1", "qs-1"):
        refused = moderating.try_to_moderate(person, sample, item)
        assert held_elsewhere(refused, "moderation:record")
    assert moderating.try_to_moderate("tm-cwd", sample, item).status_code == 404
    wrong = moderating.try_to_moderate(item["moderator"], sample, item, judgement="ten")
    assert wrong.json()["errors"][0]["pointer"] == "/judgement"
    stale = moderating.api.as_("qs-1").tag(place(sample, item))
    moderating.moderate(sample, item)
    again = moderating.api.as_(item["moderator"]).request(
        "PUT", place(sample, item), json=OUTCOME, headers={"if-match": stale}
    )
    assert again.status_code == 412
    assert moderating.assign(sample, item, "slt-1").status_code == 409
    moderating.close(sample)
    late = moderating.try_to_moderate("slt-1", sample, sample["items"][1])
    assert late.status_code in {403, 409}


def test_an_audit_restricted_after_the_draw_is_hidden_from_its_moderator(
    moderating: Moderating,
) -> None:
    sample = sample_of(moderating, "2020-01")
    item = sample["items"][0]

    moderating.restrict(item["audit_id"])
    assert moderating.try_to_see(item["moderator"], sample, item).status_code == 404
    shown = moderating.read(f"{SAMPLES}/{sample['id']}")
    assert item["audit_id"] not in {each["audit_id"] for each in shown["items"]}
    assert shown["population"] == 1
    proof = moderating.redrawn(sample)
    assert proof["same_sample"]
    assert item["audit_id"] not in proof["drawn"]


@pytest.mark.long
def test_learning_actions_are_tracked_until_somebody_else_has_seen_them(
    moderating: Moderating,
) -> None:
    sample = sample_of(moderating, "2020-03")
    item = sample["items"][0]
    moderator = moderating.api.as_(item["moderator"])
    owner = moderating.api.as_("ps-lincoln-fast")
    wanted = {
        "description": "Record the child's words.",
        "owner": "ps-lincoln-fast",
        "due_on": "2020-05-01",
    }
    # Before it is judged there is nothing to learn, and who is to judge it stays untold.
    for setting in (moderator, moderating.api.as_("qs-1")):
        early = setting.create(f"{place(sample, item)}/learning-actions", wanted)
        assert (early.status_code, early.json()["code"]) == (422, "not-moderated-yet")
    assert owner.get("/v1/learning-actions?sample=" + sample["id"]).json()["items"] == []
    moderating.moderate(sample, item)
    late = moderator.create(
        f"{place(sample, item)}/learning-actions", wanted | {"due_on": "2020-01-01"}
    )
    assert late.status_code == 422
    made = moderator.create(f"{place(sample, item)}/learning-actions", wanted)
    assert made.status_code == 201, made.text
    path, today = made.headers["location"], made.json()["set_at"][:10]
    assert owner.get(path).json()["allowed_actions"] == ["complete"]
    early = owner.act(f"{path}/complete", {"done_on": "2020-01-02"})
    assert early.json()["code"] == "date-before-set"
    assert moderating.api.as_("ps-cwd").get(path).status_code == 404
    refused = moderator.act(f"{path}/complete", {"done_on": today})
    assert held_elsewhere(refused, "learning_action:complete")
    waiting = moderating.read("/v1/me/work?kind=do", "ps-lincoln-fast")["items"]
    assert path in {each["path"] for each in waiting}

    assert owner.act(f"{path}/complete", {"done_on": today}).status_code == 200
    verified = {"made_a_difference": True}
    assert held_elsewhere(owner.act(f"{path}/verify", verified), "learning_action:settle")
    waiting = moderating.read("/v1/me/work?kind=verify", item["moderator"])["items"]
    assert path in {each["path"] for each in waiting}
    short = {"reason": "Not in the next audit.", "due_on": "2020-06-01"}
    assert moderator.act(f"{path}/not-achieved", short).json()["state"] == "open"
    assert owner.act(f"{path}/complete", {"done_on": today}).status_code == 200
    done = moderator.act(f"{path}/verify", verified).json()
    assert (done["state"], done["made_a_difference"]) == ("verified", True)
    assert done["allowed_actions"] == []
    assert moderator.act(f"{path}/cancel", {"reason": "Too late."}).status_code == 409
    (brief,) = moderating.read(place(sample, item))["learning_actions"]
    assert brief["state"] == "verified"
    listed = moderating.read(f"/v1/learning-actions?sample={sample['id']}&owner=ps-lincoln-fast")
    assert [row["state"] for row in listed["items"]] == ["verified"]


@pytest.mark.long
def test_what_was_learned_from_an_audit_in_error_is_nobody_s_any_more(
    moderating: Moderating, authority: Settings
) -> None:
    sample = sample_of(moderating, "2013-03", count=2)
    wrong, right = sample["items"]
    owner = "ps-lincoln-fast"
    wanted = {"description": "Ask the child.", "owner": owner, "due_on": "2013-07-02"}
    made = []
    for item in (wrong, right):
        moderating.moderate(sample, item)
        answer = moderating.api.as_(item["moderator"]).create(
            f"{place(sample, item)}/learning-actions", wanted
        )
        assert answer.status_code == 201, answer.text
        made.append(f"/v1/learning-actions/{answer.json()['id']}")

    def seen_by(person: str) -> tuple[list[bool], list[bool], list[bool]]:
        """Of each action: whether it is read, listed, and waits."""
        reader = moderating.api.as_(person)
        listed = reader.get("/v1/learning-actions?limit=500").json()["items"]
        ids = {f"/v1/learning-actions/{row['id']}" for row in listed}
        waiting = reader.work()
        paths = {each["path"] for each in waiting}
        return (
            [reader.get(path).status_code == 200 for path in made],
            [path in ids for path in made],
            [path in paths for path in made],
        )

    assert seen_by(owner) == ([True, True],) * 3
    copy = Copy(moderating.api.as_(REPORTER), "learning-actions").begin()
    moderating.record_in_error(wrong["audit_id"])
    left = {row["id"] for row in copy.follow() if row["is_deleted"]}
    assert [path.rpartition("/")[2] in left for path in made] == [True, False]
    assert copy.rows == copy.as_pulled_anew()
    assert seen_by(owner) == ([False, True],) * 3
    assert seen_by("qs-1")[:2] == ([False, True],) * 2
    assert seen_by(wrong["moderator"])[0][0] is False
    refused = moderating.api.as_(owner).post(
        f"{made[0]}/complete",
        {"done_on": "2013-04-04", "how": "X"},
        headers={"if-match": SOME_VERSION},
    )
    assert refused.status_code == 404
    shown = [shown_learning(authority, owner, path.rpartition("/")[2]) for path in made]
    assert shown == [False, True], "behind the second lock too"


def shown_learning(settings: Settings, worker: str, action: str) -> bool:
    """Whether row-level security shows a worker a learning action."""
    url = settings.read_url or settings.database_url

    async def look() -> bool:
        connection = await asyncpg.connect(url.get_secret_value())
        try:
            async with connection.transaction():
                await connection.fetch(
                    "SELECT set_config('qa.reach', 'rows', true),"
                    " set_config('qa.worker', $1, true)",
                    worker,
                )
                found = "SELECT count(*) FROM learning_actions WHERE id = $1"
                return bool(await connection.fetchval(found, action))
        finally:
            await connection.close()

    return asyncio.run(look())


@pytest.mark.long
def test_a_learning_action_is_cancelled_with_a_reason(moderating: Moderating) -> None:
    sample = sample_of(moderating, "2018-11")
    item = sample["items"][0]
    moderating.moderate(sample, item)
    moderator = moderating.api.as_(item["moderator"])
    wanted = {"description": "Ask why.", "owner": "ps-lincoln-fast", "due_on": "2019-05-01"}
    made = moderator.create(f"{place(sample, item)}/learning-actions", wanted)
    path = made.headers["location"]
    assert moderator.act(f"{path}/cancel", {}).status_code == 422
    cancelled = moderator.act(f"{path}/cancel", {"reason": "Learned elsewhere."})
    assert (cancelled.status_code, cancelled.json()["state"]) == (200, "cancelled")


@pytest.mark.long
def test_what_its_owner_cannot_do_quality_and_standards_do_and_another_verifies(
    moderating: Moderating,
) -> None:
    sample = sample_of(moderating, "2018-12")
    item = sample["items"][0]
    assert moderating.assign(sample, item, "slt-1").status_code == 200
    # An administrator holds no role in which anything is learned.
    wanted = {"description": "Ask why.", "owner": "admin-1", "due_on": "2019-06-01"}
    moderating.moderate(sample, item | {"moderator": "slt-1"})
    made = moderating.api.as_("slt-1").create(f"{place(sample, item)}/learning-actions", wanted)
    assert made.status_code == 201, made.text
    path = made.headers["location"]
    listed = moderating.api.as_("qs-1").work("kind=do")
    assert path in {item["path"] for item in listed}
    assert "complete" in moderating.read(path)["allowed_actions"]
    assert "complete" not in moderating.read(path, "slt-1")["allowed_actions"]
    done = {"done_on": made.json()["set_at"][:10], "how": "Asked."}
    refused = moderating.api.as_("slt-1").act(f"{path}/complete", done)
    assert refused.status_code == 403
    said = moderating.api.as_("qs-1").act(f"{path}/complete", done)
    assert (said.status_code, said.json()["done_by"]) == (200, "qs-1")
    assert "verify" not in moderating.read(path)["allowed_actions"]
    seen = moderating.api.as_("slt-1").act(f"{path}/verify", {"made_a_difference": True})
    assert (seen.status_code, seen.json()["state"]) == (200, "verified")
