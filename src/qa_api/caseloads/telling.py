"""Coverage for those who may list no child: worked out when a caseload is taken, then it stands.

Were it worked out each time anew, two answers would tell of the one child who came or went between
them. So what a day's caseloads say is told once; a caseload that is sent anew, or another system's,
is told where nothing of a few follows from what was told before (ADR 55).
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import delete, exists, func, literal, select

from qa_api.auth.led import led_by_one
from qa_api.caseloads.counting import caseloads_of_day, count_open
from qa_api.caseloads.figures_schemas import CoverageOut
from qa_api.caseloads.shown import coverage_out, of_system, read_coverage
from qa_api.models.base import new_id
from qa_api.models.caseloads import Caseload, ToldCoverage
from qa_api.rules.caseload_coverage import Coverage, Group, Told, coverage
from qa_api.rules.caseloads import NEAR_THE_END, looked_at_from
from qa_api.rules.open_groups import NOT_SAID
from qa_api.work import Work


async def tell_coverage(work: Work, day: date) -> None:
    """Tell the coverage of a day whose caseload was taken now. Needs the service's reach.

    Where the whole differs from what was told by a few, that stands.
    """
    turn = func.hashtextextended(literal(f"coverage {day.isoformat()}"), 0)
    await work.session.execute(select(func.pg_advisory_xact_lock(turn)))
    policy = await work.policy()
    since = looked_at_from(day, policy)
    groups = await count_open(work, await caseloads_of_day(work, day), since)
    before = await told_of_day(work, day)
    found = coverage(
        groups,
        policy,
        in_full=False,
        before=map(remembered, before),
        led=await led_by_one(work.session),
    )
    if before and found.whole is None:
        return
    work.session.add(
        ToldCoverage(
            id=new_id(),
            taken_on=day,
            number=len(before) + 1,
            told_at=work.now,
            audited_from=since,
            policy_version=policy.version,
            counted=written(groups),
            figures=coverage_out(day, since, found, policy.version).model_dump(mode="json"),
        )
    )
    await work.flush()


async def told_of_day(work: Work, day: date) -> Sequence[ToldCoverage]:
    """What was told of a day, the latest last. Needs the service's reach."""
    asked = select(ToldCoverage).where(ToldCoverage.taken_on == day).order_by(ToldCoverage.number)
    return (await work.session.scalars(asked)).all()


async def told_nearest(work: Work, end: date) -> ToldCoverage | None:
    """What was told last of the day nearest to the end of a quarter, the earlier of two.

    None where no caseload is near. Needs the service's reach.
    """
    days = select(ToldCoverage.taken_on).where(
        ToldCoverage.taken_on.between(end - NEAR_THE_END, end + NEAR_THE_END)
    )
    found = await work.session.scalars(days.distinct())
    if not (near := sorted(found, key=lambda day: (abs(day - end), day))):
        return None
    return (await told_of_day(work, near[0]))[-1]


async def coverage_as_told(work: Work, day: date, system: str | None) -> CoverageOut:
    """What is told of a day, or of one case system of it.

    Of caseloads that were taken before anything was told, nothing.
    """
    policy = await work.policy()
    await work.act_as_service()
    if told := await told_of_day(work, day):
        latest, found = told[-1], figures_of(told[-1])
        systems = sorted({group.system for group in counted_in(latest)})
        return found if system is None else of_system(found, systems, system)
    nothing = Coverage(None, ())
    return coverage_out(day, looked_at_from(day, policy), nothing, policy.version)


async def forget_told(work: Work, day: date) -> None:
    """Forget what was told of a day once there is no caseload of it. Needs the service's reach."""
    there = exists().where(Caseload.taken_on == day)
    gone = delete(ToldCoverage).where(ToldCoverage.taken_on == day, ~there)
    await work.session.execute(gone)


def figures_of(told: ToldCoverage) -> CoverageOut:
    """The figures that were told."""
    return read_coverage(told.figures)


def remembered(told: ToldCoverage) -> Told:
    """What was told, for the rule to hold against what is told next."""
    shown = (
        (part["by"], part["code"] or NOT_SAID)
        for part in told.figures["parts"]
        if part["covered"] is not None
    )
    return Told(tuple(counted_in(told)), frozenset(shown))


def written(groups: Iterable[Group]) -> list[Any]:
    """The groups as they are kept."""
    return [
        [
            one.system,
            one.team,
            one.service,
            one.status,
            dict(one.strata),
            one.children,
            one.audited,
        ]
        for one in groups
    ]


def counted_in(told: ToldCoverage) -> Iterable[Group]:
    """The groups that were counted."""
    return (Group(*each) for each in told.counted)
