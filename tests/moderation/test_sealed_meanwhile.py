"""What happens between the draw and the judgement, and what stands of the seal then (R4.5.3)."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from qa_api import clock, events
from qa_api.audits.steps import held
from qa_api.models.audits import Audit
from qa_api.models.base import new_id
from qa_api.models.directory import Worker
from qa_api.work import Work
from tests.api import Json, give_right
from tests.moderation.moderating import Moderating, place
from tests.moderation.test_sealed import have_read, others_than, sample_of


def later(moderating: Moderating) -> None:
    """A day goes by."""
    moderating.at((clock.now() + timedelta(days=1)).isoformat())


def path_of(item: Json) -> str:
    """The path of the audit that was drawn."""
    return f"/v1/audits/{item['audit_id']}"


def told(moderating: Moderating, audit: str, *happened: Any) -> None:
    """The event log has these about an audit, each made of its row."""

    async def write(work: Work) -> None:
        row = await work.session.get_one(Audit, UUID(audit))
        for each in happened:
            await work.record(each(row))

    moderating.service.work(write)


def handed_to(person: str | None) -> Any:
    """The response to an audit is somebody's now, or again its worker's."""
    return lambda audit: events.ResponseHandedOver(
        about=new_id(), subject=audit.subject_id, audit_id=audit.id, to=person
    )


def assigned_to(person: str) -> Any:
    """Somebody was named as auditor of an audit."""
    return lambda audit: events.AuditAssigned(
        about=audit.id, subject=audit.subject_id, auditor=person
    )


@pytest.mark.long
def test_who_answered_for_the_case_meanwhile_has_not_judged_it_sealed_though_it_went_back(
    moderating: Moderating,
) -> None:
    sample = sample_of(moderating, "2021-02")
    item = sample["items"][0]
    manager = f"tm-{sample['moderating_teams'][0]}"
    assert moderating.assign(sample, item, manager).json()["sealed"] is True
    later(moderating)
    moderating.move(item["audit_id"], manager.removeprefix("tm-"))
    later(moderating)
    assert moderating.read(path_of(item), manager)["overall_judgement"] == "good"
    moderating.move(item["audit_id"], "boston-fast")
    later(moderating)
    assert moderating.read(path_of(item), manager)["overall_judgement"] is None
    recorded = moderating.moderate(sample, item | {"moderator": manager})
    assert (recorded["sealed"], recorded["unsealed_because"]) == (False, "answers_for_case")


@pytest.mark.long
@pytest.mark.parametrize(("period", "way"), [("2022-10", "ends"), ("2022-12", "is_another")])
def test_who_led_the_team_of_the_case_for_a_day_has_not_judged_it_sealed_whatever_came_after(
    moderating: Moderating, period: str, way: str
) -> None:
    """The role is over, or says something else now, and the case is another team's: it was read."""
    sample = sample_of(moderating, period)
    item, other = sample["items"]
    person = item["moderator"]
    elsewhere = next(
        team for team in ("cwd", "adoption", "lac-south") if team not in sample["moderating_teams"]
    )
    later(moderating)
    moderating.move(other["audit_id"], elsewhere)
    later(moderating)
    given = leading(moderating, person, "boston-fast")
    assert moderating.read(path_of(item), person)["overall_judgement"] == "good"
    if way == "is_another":
        later(moderating)
        leading(moderating, person, "fostering-south", given)
    later(moderating)
    moderating.move(item["audit_id"], elsewhere)
    later(moderating)
    assert moderating.read(path_of(item), person)["overall_judgement"] is None
    recorded = moderating.moderate(sample, item)
    assert (recorded["sealed"], recorded["unsealed_because"]) == (False, "answers_for_case")
    # A team that had the case before the role, or the role before the team, tells nothing.
    assert moderating.moderate(sample, other)["sealed"] is True


def leading(moderating: Moderating, person: str, team: str, given: str | None = None) -> str:
    """Somebody manages a team from today to tomorrow; the id of the role, new or changed."""
    admin = moderating.api.as_("admin-1")
    (account,) = admin.get(f"/v1/principals?worker={person}").json()["items"]
    days = [(clock.now() + timedelta(days=number)).date().isoformat() for number in (0, 1)]
    role = {"principal_id": account["id"], "role": "team_manager", "team": team}
    held = role | dict(zip(("from", "to"), days, strict=True))
    return give_right(moderating.api, role_assignment=held | ({"id": given} if given else {}))


def test_who_had_the_response_meanwhile_has_not_judged_it_sealed(moderating: Moderating) -> None:
    sample = sample_of(moderating, "2021-04")
    item, other = sample["items"]
    later(moderating)
    told(moderating, item["audit_id"], handed_to(item["moderator"]), handed_to(None))
    told(moderating, other["audit_id"], handed_to(others_than(sample, other)[0]), handed_to(None))
    later(moderating)
    recorded = moderating.moderate(sample, item)
    assert (recorded["sealed"], recorded["unsealed_because"]) == (False, "answers_for_case")
    assert moderating.moderate(sample, other)["sealed"] is True


def test_nobody_moderates_an_audit_that_they_were_the_auditor_of_before(
    moderating: Moderating,
) -> None:
    sample = sample_of(moderating, "2021-06", 1)
    (item,) = sample["items"]
    former = others_than(sample, item)[0]
    told(moderating, item["audit_id"], assigned_to(former), assigned_to(item["auditor"]))
    refused = moderating.assign(sample, item, former)
    assert (refused.status_code, refused.json()["code"]) == (422, "own-audit")


def test_no_former_auditor_is_drawn_as_its_moderator(moderating: Moderating) -> None:
    async def everybody(work: Work) -> list[str]:
        found = await work.session.scalars(select(Worker.code).where(~Worker.code.like("slt-%")))
        return list(found)

    audit = moderating.audit("2021-08-03T10:00:00Z")
    former = moderating.service.work(everybody)
    assert "ps-lincoln-fast" in former
    told(moderating, audit, *(assigned_to(person) for person in former))
    (item,) = moderating.drawn("2021-08", now="2021-09-03T09:00:00Z")["items"]
    assert item["moderator"].startswith("slt-"), "only those are left who never were its auditor"


def test_who_read_an_audit_before_it_was_completed_has_read_it(moderating: Moderating) -> None:
    _, audit = moderating.audits("2021-10-04T10:00:00Z", "2021-10-20T10:00:00Z")
    sample = moderating.drawn("2021-10", now="2021-11-03T09:00:00Z")
    item = next(each for each in sample["items"] if each["audit_id"] == audit)
    reader = others_than(sample, item)[0]
    moderating.at("2021-10-10T10:00:00Z")
    have_read(moderating, audit, reader)
    moderating.at("2021-11-03T09:00:00Z")
    assigned = moderating.assign(sample, item, reader).json()
    assert (assigned["sealed"], assigned["unsealed_because"]) == (False, "has_read")


def test_to_assign_the_same_person_again_changes_nothing(moderating: Moderating) -> None:
    sample = sample_of(moderating, "2021-12", 1)
    (item,) = sample["items"]
    later(moderating)
    before = moderating.read(place(sample, item), item["moderator"])
    assert moderating.read(path_of(item), item["moderator"])["overall_judgement"] is None
    later(moderating)
    again = moderating.assign(sample, item, item["moderator"]).json()
    assert again["version"] == before["version"]
    assert moderating.moderate(sample, item)["sealed"] is True


def test_who_gave_it_back_unread_and_gets_it_again_judges_it_sealed(
    moderating: Moderating,
) -> None:
    sample = sample_of(moderating, "2022-02", 1)
    (item,) = sample["items"]
    first, second = item["moderator"], others_than(sample, item)[0]
    for reader, next_one in ((first, second), (second, first)):
        later(moderating)
        assert moderating.read(path_of(item), reader)["overall_judgement"] is None
        later(moderating)
        assert moderating.assign(sample, item, next_one).json()["sealed"] is True
    later(moderating)
    assert moderating.moderate(sample, item)["sealed"] is True


def test_what_was_read_between_two_assignments_counts(moderating: Moderating) -> None:
    sample = sample_of(moderating, "2022-04", 1)
    (item,) = sample["items"]
    first, second = item["moderator"], others_than(sample, item)[0]
    later(moderating)
    moderating.assign(sample, item, second)
    later(moderating)
    have_read(moderating, item["audit_id"], first)
    later(moderating)
    again = moderating.assign(sample, item, first).json()
    assert (again["sealed"], again["unsealed_because"]) == (False, "has_read")


@pytest.mark.parametrize(
    "change",
    [{"judgement": "good"}, {"rationale": "As the auditor says."}],
    ids=["judgement", "rationale"],
)
def test_a_judgement_on_record_is_not_overwritten_though_it_was_not_sealed(
    moderating: Moderating, change: Json
) -> None:
    sample = sample_of(moderating, "2022-06" if "judgement" in change else "2022-08", 1)
    (item,) = sample["items"]
    have_read(moderating, item["audit_id"], person := others_than(sample, item)[0])
    assert moderating.assign(sample, item, person).json()["unsealed_because"] == "has_read"
    theirs = item | {"moderator": person}
    recorded = moderating.moderate(sample, theirs)
    refused = moderating.try_to_moderate(person, sample, theirs, **change)
    assert (refused.status_code, refused.json()["code"]) == (422, "sealed-judgement-stands")
    better = moderating.moderate(sample, theirs, quality="Thorough, and in time.")
    assert better["quality"] == "Thorough, and in time."
    assert better["moderated_rationale"] == recorded["moderated_rationale"]


@pytest.mark.long
def test_who_looked_back_at_an_audit_could_find_its_judgement_and_does_not_judge_it_sealed(
    moderating: Moderating,
) -> None:
    """A filter that finds nothing tells what was judged; no line of the log says so."""
    sample = sample_of(moderating, "2021-03", 1)
    (item,) = sample["items"]
    first, (reader, other) = item["moderator"], others_than(sample, item)[:2]
    again = planned_again(moderating, item["audit_id"], reader)
    child = moderating.read(path_of(item))["subject"]["ref"]
    lists = moderating.api.as_(reader)

    def found(judgement: str) -> int:
        asked = {"subject": f"mosaic/{child}", "judgement": judgement}
        answer = lists.get("/v1/audits", params=asked)
        assert answer.status_code == 200, answer.text
        return len(answer.json()["items"])

    points = ("outstanding", "requires_improvement", "inadequate")
    assert [found(judgement) for judgement in points] == [0, 0, 0]
    later(moderating)
    refused = moderating.assign(sample, item, reader, unsealed=False)
    assert (refused.status_code, refused.json()["code"]) == (422, "would-not-be-sealed")
    told(moderating, again, assigned_to(other))
    later(moderating)
    for person in (reader, other):
        answer = moderating.assign(sample, item, person).json()
        assert (answer["sealed"], answer["unsealed_because"]) == (False, "could_read")
        later(moderating)
    back = moderating.assign(sample, item, first).json()
    assert (back["sealed"], back["unsealed_because"]) == (True, None)


@pytest.mark.long
def test_who_looks_back_only_while_it_is_sealed_from_them_judges_it_sealed(
    moderating: Moderating,
) -> None:
    sample = sample_of(moderating, "2021-05", 1)
    (item,) = sample["items"]
    later(moderating)
    again = planned_again(moderating, item["audit_id"], item["moderator"])
    assert moderating.read(path_of(item), item["moderator"])["overall_judgement"] is None
    later(moderating)
    told(moderating, again, assigned_to("au-2"))
    assert moderating.moderate(sample, item)["sealed"] is True


def planned_again(moderating: Moderating, audit: str, auditor: str) -> str:
    """The id of another audit of the same child, which somebody is to carry out."""

    async def plan(work: Work) -> str:
        earlier = await work.session.get_one(Audit, UUID(audit))
        planned = Audit(
            id=new_id(),
            type=earlier.type,
            opened_by="person",
            policy_version=earlier.policy_version,
            auditor=auditor,
            planned_at=work.now,
            state="planned",
            **held(earlier),
        )
        work.session.add(planned)
        await work.flush()
        await work.record(assigned_to(auditor)(planned))
        return str(planned.id)

    return str(moderating.service.work(plan))
