"""Nothing that is open is ever in nobody's list, whoever leaves, moves, is away or is replaced.

One of each thing that waits, and moves of the people around it. A plain model says from the
directory alone who must act; the lists of everybody must say the same after every move, and whoever
has a thing in their list is told that they may do it.
"""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

import asyncpg
import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)
from pydantic import SecretStr
from sqlalchemy import select, text

from qa_api.auth.development import DevelopmentIssuer
from qa_api.escalations.handing_on import tell_who_is_asked_now
from qa_api.events import UrgentFindingRaised
from qa_api.models.audits import Audit, UrgentFinding
from qa_api.models.base import new_id
from qa_api.models.escalations import Escalation
from qa_api.models.notifications import Notification
from qa_api.models.responses import AuditResponse
from qa_api.notifications.service import mark_undeliverable
from qa_api.responses.handing_on import tell_who_reviews_now
from qa_api.rules.deadlines import review_due
from qa_api.rules.notifications import UndeliverableReason
from qa_api.rules.states import (
    EscalationState,
    ResponseState,
)
from qa_api.settings import Settings
from qa_api.work import Work
from tests.api import Api, serving
from tests.responses.casework import Service, complete_audit, event_of

TEAM = "lincoln-fast"
SERVICE = "fast"
MANAGER, DEPUTY, HEAD = "tm-lincoln-fast", "dm-lincoln-fast", "hos-fast"
SUPERVISOR, WORKER, OTHER_WORKER = "ps-lincoln-fast", "sw1-lincoln-fast", "sw2-lincoln-fast"
AUDITOR, OTHER_MANAGER = "au-1", "tm-boston-fast"
PEOPLE = [
    *(MANAGER, DEPUTY, HEAD, SUPERVISOR, WORKER, OTHER_WORKER, AUDITOR, OTHER_MANAGER),
    *("au-2", "qs-1", "qs-2", "ps-boston-fast", "slt-1"),
]
Q_AND_S = {"qs-1", "qs-2"}
TODAY = date(2026, 11, 23)


@dataclass
class Town:
    """An authority of its own, in which people come and go by SQL, as after an import."""

    api: Api
    service: Service
    url: str

    def run(self, *statements: str) -> None:
        """Change the directory."""

        async def all_of_them() -> None:
            connection = await asyncpg.connect(self.url)
            try:
                for statement in statements:
                    await connection.execute(statement)
            finally:
                await connection.close()

        asyncio.run(all_of_them())

    def waiting(self, person: str) -> set[tuple[str, str]]:
        """What is in somebody's list: the kind and the record; nothing for who is not let in."""
        answer = self.api.as_(person).get("/v1/me/work?limit=500")
        if answer.status_code in {401, 403}:
            return set()
        items = answer.json()["items"]
        return {(item["kind"], item["path"]) for item in items if item["kind"] != "told"}

    def may(self, person: str, path: str, step: str) -> bool:
        """Whether the record tells somebody that they may take a step."""
        answer = self.api.as_(person).get(path)
        return answer.status_code == 200 and step in answer.json()["allowed_actions"]


@pytest.fixture(scope="module")
def town(
    clone: Callable[[], Any], authority: Settings, issuer: DevelopmentIssuer
) -> Iterator[Town]:
    """An authority of its own, since its people move."""
    database = clone()
    urls = {
        "database_url": SecretStr(database.database_url),
        "read_url": SecretStr(database.read_url),
    }
    own = authority.model_copy(update=urls)
    with Service.over(own) as service, serving(own) as server, Api(server, issuer) as api:
        service.load(issuer.settings.issuer)
        yield Town(api, service, database.migrate_url)


@dataclass
class Directory:
    """What the model knows of the people: who is in which post, gone, away, or without a role."""

    posts: dict[str, str | None] = field(
        default_factory=lambda: {"manager": MANAGER, "deputy": DEPUTY, "head": HEAD}
    )
    gone: set[str] = field(default_factory=set)
    away: set[str] = field(default_factory=set)

    def here(self, person: str | None) -> bool:
        """In service and not away."""
        return person is not None and person not in self.gone | self.away

    def leads(self) -> list[str]:
        """Who leads the team today, the first to be asked first."""
        return [person for person in self.posts.values() if person and self.here(person)]

    def line(self, *barred: str) -> set[str]:
        """Who must act for the team: the first in line, else Q&S."""
        acting = [person for person in self.leads() if person not in barred]
        return {acting[0]} if acting else Q_AND_S - set(barred)

    def group(self, *others: str, barred: tuple[str, ...] = ()) -> set[str]:
        """The group of the team that may take a thing on, else Q&S; also who of them is away."""
        members = {each for each in (*self.posts.values(), *others) if each} - set(barred)
        if not any(self.here(each) for each in members):
            return Q_AND_S - set(barred)
        return members - self.gone


class MovedPeople(RuleBasedStateMachine):
    """One of each thing that waits, and the people around it."""

    town: Town

    def __init__(self) -> None:
        super().__init__()
        self.directory = Directory()
        self.items = self.town.service.work(open_items)

    # --- moves, each as the directory has it from today on ---

    @rule(post=st.sampled_from(["manager", "deputy", "head"]))
    def somebody_leaves_a_post(self, post: str) -> None:
        if self.directory.posts[post] is not None:
            self.town.run(end_of(post))
            self.directory.posts[post] = None

    @rule(person=st.sampled_from([MANAGER, OTHER_MANAGER, SUPERVISOR]))
    def a_manager_is_appointed(self, person: str) -> None:
        held = self.directory.posts["manager"]
        others = {self.directory.posts["deputy"], self.directory.posts["head"]}
        if held == person or person in others or person in self.directory.gone:
            return
        self.town.run(
            end_of("manager"),
            "INSERT INTO posts (id, kind, team, worker, valid) VALUES (gen_random_uuid(),"
            f" 'manager', '{TEAM}', '{person}', '[{TODAY},)')",
            "INSERT INTO role_assignments (id, principal_id, role, scope, team, valid, version)"
            f" SELECT gen_random_uuid(), id, 'team_manager', 'team', '{TEAM}', '[{TODAY},)', 1"
            f" FROM principals WHERE worker = '{person}'",
        )
        self.directory.posts["manager"] = person

    @rule(person=st.sampled_from([MANAGER, DEPUTY, HEAD, SUPERVISOR, WORKER, AUDITOR]))
    def somebody_leaves_the_authority(self, person: str) -> None:
        self.town.run(f"UPDATE workers SET leaves_on = '2026-11-22' WHERE code = '{person}'")
        self.directory.gone.add(person)

    @rule(person=st.sampled_from([MANAGER, DEPUTY, HEAD, SUPERVISOR, WORKER, AUDITOR]))
    def somebody_is_away(self, person: str) -> None:
        if person not in self.directory.away:
            self.town.run(
                "INSERT INTO absences (id, worker, reason_code, valid) VALUES"
                f" (gen_random_uuid(), '{person}', 'sickness', '[{TODAY},)')"
            )
            self.directory.away.add(person)

    @rule()
    def everybody_away_is_back(self) -> None:
        self.town.run("DELETE FROM absences")
        self.directory.away.clear()

    @rule()
    def the_service_tells_new_holders(self) -> None:
        self.town.service.work(tell_who_is_asked_now)
        self.town.service.work(tell_who_reviews_now)

    # --- what must hold after each ---

    @invariant()
    def each_open_thing_is_in_the_lists_of_those_who_must_act(self) -> None:
        lists = {person: self.town.waiting(person) for person in PEOPLE}
        for name, (kind, path, step) in self.items.items():
            # Where its auditor is gone or away, somebody is to assign another.
            kinds = {kind, "assign"} if kind == "complete" else {kind}
            has = {
                person
                for person, listed in lists.items()
                if any((each, path) in listed for each in kinds)
            }
            assert has == self.expected(name), name
            assert has, f"{name} is in nobody's list"
            for person in has:
                if step is not None:
                    assert self.town.may(person, path, step), f"{person} may not {step}"

    @invariant()
    def who_has_left_the_post_reads_what_was_addressed_to_them_no_longer(self) -> None:
        _, path, _ = self.items["acknowledge"]
        in_post = {person for person in self.directory.posts.values() if person is not None}
        for person in {MANAGER, DEPUTY, HEAD} - (in_post - self.directory.gone):
            assert self.town.api.as_(person).get(path).status_code in {401, 403, 404}

    def expected(self, name: str) -> set[str]:
        """Whose list a thing is in, by the directory alone."""
        them = self.directory
        # Who is away may do it still, and their team too.
        auditor, worker = {AUDITOR} - them.gone, {WORKER} - them.gone
        lists: dict[str, set[str]] = {
            "review": them.line(AUDITOR, WORKER),
            "acknowledge": them.line(),
            "inform": them.line(),
            "resolve": Q_AND_S,
            "complete": auditor | (set() if them.here(AUDITOR) else Q_AND_S),
            "respond": worker | (set() if them.here(WORKER) else them.group(SUPERVISOR)),
            "do": worker | (set() if them.here(WORKER) else them.group()),
            "verify": auditor
            | ({post for post in them.posts.values() if post} - them.gone)
            | (set() if them.here(AUDITOR) or them.leads() else Q_AND_S),
            "notify": them.group(),
        }
        return lists[name]

    def teardown(self) -> None:
        self.town.run(
            "DELETE FROM absences",
            "UPDATE workers SET leaves_on = NULL",
            f"DELETE FROM posts WHERE lower(valid) = '{TODAY}'",
            "UPDATE posts SET valid = '[2012-01-01,)'",
            f"DELETE FROM role_assignments WHERE lower(valid) = '{TODAY}'",
        )


def end_of(post: str) -> str:
    """Whoever holds the post held it until yesterday; who was appointed today never did.

    A role given for a post ends with it; one given for an appointment that never was is taken back.
    """
    where = f"service = '{SERVICE}'" if post == "head" else f"team = '{TEAM}'"
    kind = f"kind = '{post}' AND {where}"
    return (
        f"DELETE FROM role_assignments WHERE team = '{TEAM}' AND lower(valid) = '{TODAY}'"
        f" AND '{post}' = 'manager';"
        f"DELETE FROM posts WHERE {kind} AND lower(valid) = '{TODAY}';"
        f"UPDATE posts SET valid = '[2012-01-01,{TODAY})' WHERE {kind} AND upper_inf(valid)"
    )


async def open_items(work: Work) -> dict[str, tuple[str, str, str | None]]:
    """One of each thing that waits: its kind in the list, its path, and the step that it asks."""
    refs = iter(f"C-{new_id()}" for _ in range(9))
    draft = (await complete_audit(work, next(refs), draft=True))[0]
    awaited = await complete_audit(work, next(refs))
    undelivered = await complete_audit(work, next(refs), actions=0)
    event = await event_of(work, undelivered[0])
    await mark_undeliverable(work, event, UndeliverableReason.REFUSED)
    reviewed = await complete_audit(work, next(refs), actions=1)
    await submitted(work, reviewed[0])
    await work.session.execute(
        text(
            "UPDATE restorative_actions SET state = 'done', done_by = :by, done_on = :on"
            " WHERE id = :id"
        ),
        {"by": WORKER, "on": work.today, "id": reviewed[1][0]},
    )
    raised = [await escalated(work, next(refs), state) for state in ESCALATION_STATES]
    notification = await work.session.scalar(
        select(Notification.id).where(Notification.audit_id == undelivered[0])
    )
    return {
        "complete": ("complete", f"/v1/audits/{draft}", None),
        "respond": ("respond", await response_of(work, awaited[0]), None),
        "do": ("do", f"/v1/restorative-actions/{awaited[1][0]}", None),
        "notify": ("notify_by_hand", f"/v1/notifications/{notification}", "record_delivery"),
        "review": ("review", await response_of(work, reviewed[0]), "accept"),
        "verify": ("verify", f"/v1/restorative-actions/{reviewed[1][0]}", "verify"),
        "acknowledge": ("acknowledge", raised[0], "acknowledge"),
        "inform": ("inform_quality_standards", raised[1], "inform_quality_standards"),
        "resolve": ("resolve", raised[2], "resolve"),
    }


ESCALATION_STATES = ("raised", "acknowledged", "quality_standards_informed")


async def submitted(work: Work, audit_id: UUID) -> None:
    """The worker has answered: a review waits, and the manager was told."""
    found = select(AuditResponse).where(AuditResponse.audit_id == audit_id)
    response = (await work.session.scalars(found)).one()
    await work.session.refresh(response, ["rounds"])
    response.state = ResponseState.SUBMITTED
    (round_,) = response.rounds
    round_.submitted_at, round_.submitted_by = work.now, WORKER
    round_.reviewer, round_.reviewer_acts_as = MANAGER, "team_manager"
    due = review_due(work.now, await work.policy(), await work.calendar())
    round_.review_due_on, round_.review_explanation = due.due_on, due.explanation.as_json()
    await work.session.flush()


async def response_of(work: Work, audit_id: UUID) -> str:
    """The path of an audit's response."""
    found = select(AuditResponse.id).where(AuditResponse.audit_id == audit_id)
    return f"/v1/audit-responses/{await work.session.scalar(found)}"


async def escalated(work: Work, ref: str, state: str) -> str:
    """The path of the escalation of an urgent finding, as far on as `state`."""
    audit = await work.session.get_one(Audit, (await complete_audit(work, ref, actions=0))[0])
    finding = UrgentFinding(
        id=new_id(),
        audit_id=audit.id,
        kind="serious_safeguarding",
        description="Nobody has visited.",
        child_safe_now="no",
        raised_at=work.now,
        subject_id=audit.subject_id,
        team=audit.team,
        worker=audit.worker,
    )
    work.session.add(finding)
    await work.record(
        UrgentFindingRaised(
            about=audit.id, subject=audit.subject_id, finding_id=finding.id, kind=finding.kind
        )
    )
    found = select(Escalation).where(Escalation.finding_id == finding.id)
    escalation = (await work.session.scalars(found)).one()
    await work.session.refresh(escalation, ["recipients"])
    if state != "raised":
        escalation.state, escalation.acknowledged_at = EscalationState.ACKNOWLEDGED, work.now
        (asked,) = escalation.recipients
        asked.acknowledged_at, asked.acknowledged_by = work.now, MANAGER
        await work.session.flush()
    if state == "quality_standards_informed":
        escalation.actions_to_be_taken, escalation.informed_by = "Visit today.", MANAGER
        escalation.quality_standards_informed_at = work.now
        escalation.state = EscalationState.QUALITY_STANDARDS_INFORMED
        await work.session.flush()
    return f"/v1/escalations/{escalation.id}"


def test_nothing_open_is_ever_in_nobodys_list(town: Town, at: Callable[[str], None]) -> None:
    at("2026-11-23T09:30:00Z")
    MovedPeople.town = town
    run_state_machine_as_test(
        MovedPeople,
        settings=settings(
            max_examples=6,
            stateful_step_count=6,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            # Each step asks everybody's list over HTTP: what is found is short already.
            phases=[Phase.explicit, Phase.reuse, Phase.generate],
            report_multiple_bugs=False,
        ),
    )
