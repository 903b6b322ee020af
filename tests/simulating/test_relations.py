"""Of each authority: audits fall due as the service lists them, observations as it counts them."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any, Final

import pytest
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import Range

from qa_api import clock
from qa_api.auth.development import DevelopmentIssuer
from qa_api.data import DEFAULT_AUTHORITY, shipped_authorities
from qa_api.due_audits.due_list import DueListRow
from qa_api.models.audits import Audit
from qa_api.models.base import new_id
from qa_api.models.catalogue import AuditTool, AuditType, ScalePoint
from qa_api.models.directory import Team, Worker
from qa_api.models.due_audits import AuditDueDate, AuditInterval
from qa_api.models.observations import PracticeObservation
from qa_api.models.policy import PolicyVersion
from qa_api.models.subjects import CaseSystem, Subject
from qa_api.observations.staff import staff_at
from qa_api.rules.cadence import CadenceKind, months_after
from qa_api.simulating.due import audits_owed
from qa_api.simulating.observed import observations_owed
from qa_api.simulating.policies import Policies, Year
from qa_api.simulating.reading_due import read_owed
from qa_api.simulating.reading_observed import read_colleagues
from qa_api.simulating.simulation import policies_of
from qa_api.work import Work
from tests.conftest import Clone, load_authority, settings_for
from tests.responses.casework import Service

NOW: Final = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
SEED: Final = 12
_BEGUN: Final = datetime(2019, 1, 1, tzinfo=UTC)


class Undone(Exception):
    """Ends a work so that nothing of it is kept."""


@pytest.fixture(scope="module", params=sorted(shipped_authorities()))
def service(
    request: pytest.FixtureRequest,
    clone: Clone,
    clone_of_authority: Clone,
    issuer: DevelopmentIssuer,
) -> Iterator[Service]:
    """The service over each authority that ships with it."""
    is_loaded = request.param == DEFAULT_AUTHORITY
    settings = settings_for(clone_of_authority() if is_loaded else clone(), issuer)
    if not is_loaded:
        asyncio.run(load_authority(settings, issuer, request.param))
    clock.freeze(NOW)
    with Service.over(settings) as opened:
        yield opened
    clock.reset()


def undone(service: Service, act: Any) -> None:
    async def run(work: Work) -> None:
        await act(work)
        raise Undone

    with pytest.raises(Undone):
        service.work(run)


async def a_history(work: Work, random: Random) -> None:
    """Households, what managers set, audits for some of it, and a change of the policy in March."""
    teams = list(await work.session.scalars(select(Team.code).order_by(Team.code)))
    types = await work.session.scalars(
        select(AuditType).where(
            AuditType.cadence.in_([CadenceKind.ANNIVERSARY, CadenceKind.INTERVAL]),
            AuditType.active,
        )
    )
    for type_ in types.all():
        if type_.cadence == CadenceKind.ANNIVERSARY and type_.subject_kind == "carer_household":
            await _households(work, random, type_.code, teams)
        elif type_.cadence == CadenceKind.INTERVAL:
            await _intervals(work, random, type_.code, teams)
    newest = await work.session.scalar(select(func.max(PolicyVersion.version))) or 0
    values = {**(await work.policy()).values(), "carers_audit_every_months": 7}
    work.session.add(
        PolicyVersion(
            version=newest + 1,
            effective_from=date(2026, 3, 16),
            values={**values, "observations_required": 4},
            reason="A test",
            recorded_at=work.now,
        )
    )
    await work.session.flush()
    work.policy_version = newest + 1


async def _households(work: Work, random: Random, type_: str, teams: list[str]) -> None:
    system = (await work.session.scalars(select(CaseSystem.code))).first()
    for _ in range(12):
        panel = date(2019, 1, 1) + timedelta(days=random.randrange(2_500))
        ended = date(2026, random.randint(1, 12), 3) if random.random() < 0.2 else None
        household = Subject(
            id=new_id(),
            kind="carer_household",
            system=system,
            ref=str(new_id()),
            team=random.choice([*teams, None]),
            first_panel_on=panel,
            approval_ended_on=ended if ended is None or ended > panel else None,
        )
        work.session.add(household)
        await work.session.flush()
        owed = await _owed(work, household.id)
        for due_on in random.sample(owed, len(owed) // 2):
            await _made(
                work, household, type_, due_on, due_on + timedelta(days=random.randint(-20, 60))
            )


async def _owed(work: Work, household: Any) -> list[date]:
    row = DueListRow.__table__.c
    found = await work.session.scalars(
        select(row.due_on).where(row.subject_id == household),
        {"as_at": work.today, "until": date(2027, 2, 1)},
    )
    return list(found)


async def _made(work: Work, household: Subject, type_: str, due_on: date, done_on: date) -> None:
    """An audit for a due date, completed if its day has come."""
    tool = (await work.session.scalars(select(AuditTool).limit(1))).one()
    audit = Audit(
        id=new_id(),
        type=type_,
        tool_id=tool.id,
        overall_asked=tool.overall,
        scale_code=tool.scale_code,
        scale_number=tool.scale_number,
        subject_id=household.id,
        team=household.team,
        opened_by="schedule",
        policy_version=work.policy_version,
        auditor=(await work.session.scalars(select(Worker.code))).first(),
        planned_at=_BEGUN,
        started_at=_BEGUN,
        state="in_progress",
    )
    owed = AuditDueDate(
        audit_id=audit.id,
        type=type_,
        subject_id=household.id,
        number=1,
        due_on=due_on,
        policy_version=work.policy_version,
        explanation={},
    )
    work.session.add_all([audit, owed])
    await work.session.flush()
    if done_on > work.today:
        return
    audit.completed_at = datetime.combine(done_on, time(10), UTC)
    audit.completed_on, audit.state = done_on, "completed"
    if tool.overall == "required":
        points = select(ScalePoint.code).where(ScalePoint.scale_code == tool.scale_code)
        audit.overall_judgement = (await work.session.scalars(points)).first()
        audit.overall_rationale = "As seen."
    await work.session.flush()
    owed.settled_on = done_on
    await work.session.flush()


async def _intervals(work: Work, random: Random, type_: str, teams: list[str]) -> None:
    for team in random.sample(teams, 2):
        first = date(2025, 6, 1) + timedelta(days=random.randrange(300))
        until = random.choice([None, first + timedelta(days=400)])
        work.session.add(
            AuditInterval(
                id=new_id(),
                type=type_,
                team=team,
                valid=Range(first, until, bounds="[)"),
                every_months=random.choice([1, 3, 4]),
                audits_each_time=random.choice([1, 2]),
                scope="Two cases.",
                reason="As agreed.",
                set_at=work.now,
                set_by=(await work.session.scalars(select(Worker.code).limit(1))).one(),
            )
        )
    await work.session.flush()


def test_audits_fall_due_as_the_list_of_due_audits_says(service: Service) -> None:
    async def ask(work: Work) -> None:
        await work.act_as_service()
        await a_history(work, Random(SEED))
        year, policies = Year.before(work.today), await policies_of(work)
        owed = await read_owed(work, year)
        figures, cells = audits_owed(owed, policies, policies, year)
        listed: Counter[tuple[str | None, str]] = Counter()
        row = DueListRow.__table__.c
        for month in year.months:
            found = await work.session.scalars(
                select(row.team).where(row.due_on >= month.starts_on),
                {"as_at": month.starts_on, "until": month.ends_on},
            )
            listed.update((team, month.label) for team in found)
        assert cells == listed
        assert cells.total() > 20
        today = Counter(
            await work.session.scalars(
                select(row.status),
                {"as_at": work.today, "until": months_after(work.today, 12)},
            )
        )
        told = {"overdue": "audits_overdue", "due": "audits_to_plan", "coming": "audits_coming"}
        assert {name: figures[name] for name in told.values()} == {
            name: today[status] for status, name in told.items()
        }
        assert policies_agree(owed, policies, year, figures, cells)

    undone(service, ask)


def policies_agree(owed: Any, policies: Policies, year: Year, figures: Any, cells: Any) -> bool:
    """Whether a proposal that repeats what is in force counts the same."""
    same = audits_owed(owed, policies.but({}), policies, year)
    return same == (figures, cells)


def test_observations_stand_as_compliance_says_on_each_day(service: Service) -> None:
    async def ask(work: Work) -> None:
        await work.act_as_service()
        random = Random(SEED)
        await a_history(work, random)
        people = list(await work.session.scalars(select(Worker.code).order_by(Worker.code)))
        team = (await work.session.scalars(select(Team.code).limit(1))).one()
        for worker in people[: len(people) // 2]:
            work.session.add(
                PracticeObservation(
                    id=new_id(),
                    worker=worker,
                    observer=next(each for each in people if each != worker),
                    team=team,
                    observed_on=date(2025, 10, 1) + timedelta(days=random.randrange(400)),
                    activity="A visit.",
                    planned=True,
                    family_consent="given",
                    strengths="Listens.",
                    development="Plans ahead.",
                    recorded_at=work.now,
                    recorded_by=people[-1],
                )
            )
        await work.session.flush()
        year, policies = Year.before(work.today), await policies_of(work)
        figures, cells, by_month = observations_owed(await read_colleagues(work), policies, year)
        staff = await staff_at(work, work.today, policies.on(work.today))
        standings = staff.standings.values()
        assert figures["observations_required"] == sum(each.required for each in standings) > 0
        assert figures["observations_remaining"] == sum(each.remaining for each in standings)
        behind = [each for each in standings if each.required and not each.on_pace]
        assert figures["workers_behind"] == len(behind)
        assert figures["observations_due"] == sum(by_month.values()) > 0
        assert sum(cells.values()) >= figures["observations_due"]

    undone(service, ask)
