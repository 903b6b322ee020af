"""Who judges sealed, who cannot, and that nothing is said twice (R4.5.3)."""

import asyncio
from collections.abc import Sequence
from datetime import date
from itertools import product
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import select

from qa_api.audits.steps import held
from qa_api.auth.roles import Permission
from qa_api.models.access import AccessLog, Principal
from qa_api.models.audits import Audit
from qa_api.models.base import new_id
from qa_api.models.escalations import Escalation, EscalationRecipient
from qa_api.models.moderation import ModerationOutcome
from qa_api.moderation.knowing import SHOWS_NO_JUDGEMENT
from qa_api.rules.policy import Policy
from qa_api.rules.sampling import Member, draw
from qa_api.settings import Settings
from qa_api.work import Work
from tests.api import Json
from tests.contract.document import operations, resolved
from tests.escalations.explained import due_now
from tests.moderation.moderating import OUTCOME, SAMPLES, Moderating, place

JUDGEMENT_FIELDS = frozenset(
    {
        "judgement",
        "judgements",
        "overall_judgement",
        "overall_rationale",
        "auditor_judgement",
        "auditor_rationale",
        "overall_before",
        "overall_after",
        "trigger",
    }
)
"""Fields that say what an auditor judged, or that it escalated."""


def sample_of(moderating: Moderating, period: str, count: int = 2, **facts: Any) -> Json:
    """A sample of some audits of a month."""
    year, month = period.split("-")
    days = [f"{period}-{day:02}T10:00:00Z" for day in range(3, 3 + count)]
    audits = moderating.audits(*days, **facts)
    assert audits
    after = f"{int(year) + int(month) // 12}-{int(month) % 12 + 1:02}"
    return moderating.drawn(period, now=f"{after}-03T09:00:00Z")


def test_a_sample_is_sealed_by_default_and_says_so(moderating: Moderating) -> None:
    sample = sample_of(moderating, "2023-01")
    assert sample["second_grade"] == "sealed"
    for item in sample["items"]:
        assert (item["sealed"], item["unsealed_because"]) == (True, None)
        assert item["moderator"] != "slt-1", "a senior leader reads all completed audits"
        shown = moderating.read(place(sample, item), item["moderator"])
        assert (shown["judgement_sealed"], shown["auditor_judgement"]) == (True, None)
        assert shown["auditor_rationale"] is None
        assert moderating.read(place(sample, item))["auditor_judgement"] == "good"


@pytest.mark.long
def test_the_order_of_the_lot_tells_no_moderator_what_was_judged(moderating: Moderating) -> None:
    """Whoever has seed and order can try which judgements give it: nobody is told both."""
    sample = sample_of(moderating, "2023-05")
    assert fitting(sample) < 16, "with the seed the order tells some of the judgements"
    path, item = f"{SAMPLES}/{sample['id']}", sample["items"][0]
    team = item["moderator"].partition("-")[2]
    # One of theirs is judged, the next may be sealed: the seed is for the whole sample.
    moderating.moderate(sample, item)
    for person in (item["moderator"], f"ps-{team}", f"tm-{team}"):
        client = moderating.api.as_(person)
        answers = [
            client.get(path),
            client.post(f"{path}/redraw"),
            client.get(f"{path}/outcomes"),
            client.get(SAMPLES),
        ]
        assert [answer.status_code for answer in answers] == [200] * 4
        assert answers[0].json()["seed"] is None is answers[1].json()["seed"]
        assert not any(sample["seed"] in answer.text for answer in answers), person
    assert moderating.redrawn(sample, "slt-1")["seed"] == sample["seed"]
    moderating.close(sample)
    assert moderating.read(path, f"tm-{team}")["seed"] == sample["seed"]
    assert moderating.redrawn(sample, f"tm-{team}")["seed"] == sample["seed"]


def fitting(sample: Json) -> int:
    """With how many of the possible judgements the lot of a sample has the order shown."""
    drawn = [item["audit_id"] for item in sample["items"]]
    policy = Policy(version=1, effective_from=date(2020, 1, 1))
    points = ("outstanding", "good", "requires_improvement", "inadequate")

    def order(judged: Sequence[str]) -> list[str]:
        members = [
            Member(audit, item["audit_type"], judgement, "boston-fast")
            for audit, item, judgement in zip(drawn, sample["items"], judged, strict=True)
        ]
        return [*draw(members, policy, sample["seed"]).drawn]

    assert order(["good"] * len(drawn)) == drawn, "this is how it was drawn"
    return sum(order(judged) == drawn for judged in product(points, repeat=len(drawn)))


def test_who_read_the_judgement_is_passed_over_while_somebody_else_is_left(
    moderating: Moderating,
) -> None:
    audit = moderating.audit("2023-03-03T10:00:00Z")
    first = moderating.drawn("2023-03", now="2023-04-03T09:00:00Z")
    (item,) = first["items"]
    readers = [item["moderator"], *others_than(first, item)]
    have_read(moderating, audit, readers[0])
    assigned = moderating.assign(first, item, readers[0]).json()
    # What was read since it was given to them sealed does not count; before that it does.
    assert assigned["sealed"] is True
    have_read(moderating, audit, readers[1])
    other = moderating.assign(first, item, readers[1]).json()
    assert (other["sealed"], other["unsealed_because"]) == (False, "has_read")
    shown = moderating.read(place(first, item), readers[1])
    assert (shown["judgement_sealed"], shown["auditor_judgement"]) == (False, "good")
    # And whoever had it sealed and gave it back has read nothing of it.
    back = moderating.assign(first, item, readers[2]).json()
    assert back["sealed"] is True


def others_than(sample: Json, item: Json) -> list[str]:
    return [
        person
        for team in sample["moderating_teams"]
        for person in (f"ps-{team}", f"dm-{team}", f"tm-{team}")
        if person not in {item["moderator"], item["auditor"]}
    ]


def have_read(moderating: Moderating, audit: str, person: str) -> None:
    """The access log has a line of theirs that shows the audit."""

    async def write(work: Work) -> None:
        accounts = await work.session.scalars(
            select(Principal.id).where(Principal.worker == person)
        )
        read = await work.session.get_one(Audit, UUID(audit))
        line = AccessLog(
            at=work.now,
            principal_id=accounts.first(),
            correlation_id="a read",
            operation=Permission.AUDIT_READ.value,
            subject_ids=[read.subject_id],
        )
        work.session.add(line)

    moderating.service.work(write)


@pytest.mark.parametrize("because", ["reads_all", "addressed"])
def test_who_must_be_able_to_read_it_is_given_it_unsealed_and_it_is_said(
    moderating: Moderating, because: str
) -> None:
    sample = sample_of(moderating, "2023-02" if because == "addressed" else "2023-04", 1)
    (item,) = sample["items"]
    person = "slt-1"
    if because == "addressed":
        person = others_than(sample, item)[0]
        _escalated_to(moderating, item["audit_id"], person)
    assigned = moderating.assign(sample, item, person).json()
    assert (assigned["sealed"], assigned["unsealed_because"]) == (False, because)
    assert moderating.read(place(sample, item), person)["auditor_judgement"] == "good"


@pytest.mark.long
def test_who_could_not_judge_it_sealed_is_refused_with_the_reason_while_somebody_else_could(
    moderating: Moderating,
) -> None:
    sample = sample_of(moderating, "2013-01", 1)
    (item,) = sample["items"]
    refused = moderating.assign(sample, item, "slt-1", unsealed=False)
    assert refused.status_code == 422
    told = refused.json()
    assert (told["clause"], told["code"]) == ("§4.5, R4.5.3", "would-not-be-sealed")
    assert "reads every completed audit" in told["detail"]
    assert [error["pointer"] for error in told["errors"]] == ["/moderator"]
    unchanged = moderating.read(place(sample, item))
    assert (unchanged["moderator"], unchanged["sealed"]) == (item["moderator"], True)
    # Asked for, it is done and said.
    assigned = moderating.assign(sample, item, "slt-1").json()
    assert (assigned["sealed"], assigned["unsealed_because"]) == (False, "reads_all")
    others = [item["moderator"], *others_than(sample, item)]
    assert moderating.assign(sample, item, others[0], unsealed=False).json()["sealed"] is True
    # Once everybody has read it nobody is left: the pair is not sealed, and says so.
    for person in others[1:]:
        have_read(moderating, item["audit_id"], person)
    moderating.assign(sample, item, "slt-1")
    have_read(moderating, item["audit_id"], others[0])
    last = moderating.assign(sample, item, others[1], unsealed=False)
    assert last.status_code == 200, last.text
    assert (last.json()["sealed"], last.json()["unsealed_because"]) == (False, "has_read")


def _escalated_to(moderating: Moderating, audit: str, person: str) -> None:
    """Somebody is asked about an escalation of the audit."""

    async def write(work: Work) -> None:
        found = await work.session.get_one(Audit, UUID(audit))
        raised = Escalation(
            id=new_id(),
            trigger="urgent_finding",
            audit_id=found.id,
            raised_at=work.now,
            **await due_now(work),
            state="raised",
            **held(found),
        )
        work.session.add(raised)
        await work.session.flush()
        asked = EscalationRecipient(
            escalation_id=raised.id,
            recipient=person,
            acts_as="team_manager",
            notified_at=work.now,
            **held(found),
        )
        work.session.add(asked)

    moderating.service.work(write)


@pytest.mark.long
def test_a_sealed_judgement_stands_and_all_else_may_be_put_better(moderating: Moderating) -> None:
    sample = sample_of(moderating, "2023-07")
    item = sample["items"][0]
    recorded = moderating.moderate(sample, item)
    assert recorded["auditor_judgement"] == "good"
    assert (recorded["sealed"], recorded["judgement_sealed"]) == (True, False)
    for change in ({"judgement": "good"}, {"rationale": "As the auditor says."}):
        refused = moderating.try_to_moderate(item["moderator"], sample, item, **change)
        assert (refused.status_code, refused.json()["code"]) == (422, "sealed-judgement-stands")
    better = moderating.moderate(sample, item, quality="Thorough, and in time.")
    assert better["quality"] == "Thorough, and in time."
    assert better["moderated_judgement"] == OUTCOME["judgement"]
    assert better["moderated_at"] == recorded["moderated_at"]


def test_the_auditor_sees_it_as_soon_as_it_is_recorded(moderating: Moderating) -> None:
    sample = sample_of(moderating, "2023-09")
    item = sample["items"][0]
    auditor = moderating.api.as_(item["auditor"])
    assert auditor.get(place(sample, item)).status_code == 404
    moderating.moderate(sample, item)
    shown = moderating.read(place(sample, item), item["auditor"])
    assert shown["moderated_judgement"] == OUTCOME["judgement"]


def test_to_whom_the_case_comes_meanwhile_nothing_is_hidden_and_the_pair_is_not_sealed(
    moderating: Moderating,
) -> None:
    sample = sample_of(moderating, "2023-11")
    item = sample["items"][0]
    manager = f"tm-{sample['moderating_teams'][0]}"
    assigned = moderating.assign(sample, item, manager).json()
    assert assigned["sealed"] is True
    path = f"/v1/audits/{item['audit_id']}"
    assert moderating.read(path, manager)["overall_judgement"] is None
    moderating.move(item["audit_id"], manager.removeprefix("tm-"))
    assert moderating.read(path, manager)["overall_judgement"] == "good"


def test_what_was_drawn_while_the_policy_said_open_stays_open(moderating: Moderating) -> None:
    async def opened(work: Work) -> None:
        """As a migration leaves what was drawn before there were seals."""
        outcome = await work.session.scalar(
            select(ModerationOutcome).where(ModerationOutcome.sample_id == UUID(sample["id"]))
        )
        assert outcome is not None
        outcome.sealed, outcome.unsealed_because = False, "policy"

    sample = sample_of(moderating, "2012-04", 1)
    (item,) = sample["items"]
    moderating.service.work(opened)
    shown = moderating.read(place(sample, item), item["moderator"])
    assert (shown["judgement_sealed"], shown["auditor_judgement"]) == (False, "good")
    assert moderating.moderate(sample, item)["unsealed_because"] == "policy"
    listed = moderating.read(f"{SAMPLES}/{sample['id']}/outcomes?sealed=false")["items"]
    assert [row["audit_id"] for row in listed] == [item["audit_id"]]
    assert moderating.read(f"{SAMPLES}/{sample['id']}/outcomes?sealed=true")["items"] == []


def test_the_database_shows_no_row_that_is_a_judgement(
    moderating: Moderating, authority: Settings
) -> None:
    """The second lock, under the roles of the service, whatever they ask for."""
    sample = sample_of(moderating, "2012-06", 1)
    (item,) = sample["items"]

    assert seen_by(authority, item, sealed=item["audit_id"]) == 0
    assert seen_by(authority, item, sealed="") == 1


def seen_by(settings: Settings, item: Json, *, sealed: str) -> int:
    """How many rows of judgements of the audit the database shows in this context."""
    url = settings.read_url or settings.database_url

    async def look() -> int:
        connection = await asyncpg.connect(url.get_secret_value())
        try:
            async with connection.transaction():
                await connection.fetch(
                    "SELECT set_config('qa.reach', 'authority', true),"
                    " set_config('qa.sealed', $1, true)",
                    sealed,
                )
                return int(
                    await connection.fetchval(
                        "SELECT count(*) FROM moderation_members WHERE audit_id = $1",
                        UUID(item["audit_id"]),
                    )
                )
        finally:
            await connection.close()

    return asyncio.run(look())


def test_no_read_that_counts_for_nothing_shows_a_judgement() -> None:
    permissions = {permission.value for permission in SHOWS_NO_JUDGEMENT}
    looked = [each for each in operations() if each.permission in permissions]
    showing = {str(each) for each in looked if JUDGEMENT_FIELDS & fields_of(each.answer, set())}
    assert len(looked) > 20
    assert not showing, "whoever has read these may know the judgement"


def fields_of(schema: Json, seen: set[str]) -> set[str]:
    """The names of all fields of an answer, however deep."""
    if "$ref" in schema:
        if schema["$ref"] in seen:
            return set()
        seen.add(schema["$ref"])
        schema = resolved(schema)
    found = set(schema.get("properties", {}))
    parts = [*schema.get("properties", {}).values()]
    parts += [
        schema[key]
        for key in ("items", "additionalProperties")
        if isinstance(schema.get(key), dict)
    ]
    parts += [
        part for key in ("anyOf", "oneOf", "allOf", "prefixItems") for part in schema.get(key, ())
    ]
    return found.union(*(fields_of(part, seen) for part in parts))
