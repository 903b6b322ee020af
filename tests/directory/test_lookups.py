"""The directory answers as of a day: who is in post, in service, and may audit whom."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from qa_api.directory import service
from qa_api.directory.entries import put_team, put_worker
from qa_api.directory.schemas import TeamIn, WorkerIn
from qa_api.rules.routing import TeamLeads
from qa_api.work import Work, Workshop

SINCE = "2026-01-01"
CHANGE = date(2026, 6, 1)
EVE = CHANGE - timedelta(days=1)
NewCode = Callable[[str], str]


async def hire(work: Work, code: str, **given: Any) -> str:
    await put_worker(work, code, WorkerIn.model_validate(given))
    return code


async def found(work: Work, code: str, **given: Any) -> str:
    await put_team(work, code, TeamIn.model_validate({"name": "A team of a test", **given}))
    return code


def since(worker: str, first: str = SINCE, until: str | None = None) -> dict[str, Any]:
    return {"worker": worker, "from": first, "to": until}


async def test_the_team_is_led_by_who_is_in_post_on_the_day(
    workshop: Workshop, new_code: NewCode
) -> None:
    async with workshop.open_as_service("test") as work:
        first, second, deputy = [await hire(work, new_code("tm")) for _ in range(3)]
        team = await found(
            work,
            new_code("team"),
            services=[{"service": "fast", "from": SINCE}],
            managers=[since(first, until=CHANGE.isoformat()), since(second, CHANGE.isoformat())],
            deputies=[since(deputy)],
        )
        assert await service.team_leads(work, team, EVE) == TeamLeads(first, deputy, "hos-fast")
        assert await service.team_leads(work, team, CHANGE) == TeamLeads(second, deputy, "hos-fast")
        before_there_was_one = date(2025, 12, 31)
        assert await service.team_leads(work, team, before_there_was_one) == TeamLeads(
            None, None, None
        )


async def test_nobody_leads_a_team_that_is_not_known(workshop: Workshop) -> None:
    async with workshop.open_as_service("test") as work:
        for team in (None, "no-such-team"):
            assert await service.team_leads(work, team) == TeamLeads(None, None, None)


async def test_who_has_left_or_is_long_absent_is_in_no_post(
    workshop: Workshop, new_code: NewCode
) -> None:
    async with workshop.open_as_service("test") as work:
        leaver = await hire(work, new_code("tm"), leaves_on=EVE.isoformat())
        absent = await hire(
            work,
            new_code("dm"),
            absences=[{"reason_code": "parental", "from": "2026-06-01", "to": "2026-09-01"}],
        )
        team = await found(
            work, new_code("team"), managers=[since(leaver)], deputies=[since(absent)]
        )
        assert await service.team_leads(work, team, EVE) == TeamLeads(leaver, absent, None)
        assert await service.team_leads(work, team, CHANGE) == TeamLeads(None, None, None)
        back = date(2026, 9, 1)
        assert await service.team_leads(work, team, back) == TeamLeads(None, absent, None)


async def test_a_worker_is_in_service_from_the_first_to_the_last_day(
    workshop: Workshop, new_code: NewCode
) -> None:
    async with workshop.open_as_service("test") as work:
        worker = await hire(work, new_code("sw"), starts_on="2026-02-01", leaves_on="2026-05-31")
        days = [date(2026, 1, 31), date(2026, 2, 1), EVE, CHANGE]
        in_service = [await service.is_in_service(work, worker, day) for day in days]
        assert in_service == [False, True, True, False]
        assert not await service.is_in_service(work, "nobody", CHANGE)


async def test_supervision_and_membership_follow_their_dates(
    workshop: Workshop, new_code: NewCode
) -> None:
    async with workshop.open_as_service("test") as work:
        first, second = [await hire(work, new_code("ps")) for _ in range(2)]
        moved = CHANGE.isoformat()
        worker = await hire(
            work,
            new_code("sw"),
            teams=[
                {"team": "boston-fast", "from": SINCE, "to": moved},
                {"team": "cwd", "from": moved},
            ],
            supervisors=[since(first, until=moved), since(second, moved)],
        )
        assert await service.supervisor_of(work, worker, EVE) == first
        assert await service.supervisor_of(work, worker, CHANGE) == second
        assert await service.teams_of_worker(work, worker, EVE) == {"boston-fast"}
        assert await service.teams_of_worker(work, worker, CHANGE) == {"cwd"}


async def test_the_facts_about_an_auditor_are_those_of_the_team(workshop: Workshop) -> None:
    async with workshop.open_as_service("test") as work:
        facts = await service.auditor_facts(work, "ps-cwd", "sw1-adoption", "adoption")
    assert facts.supervised_by == {"ps-adoption"}
    assert facts.team_supervisors == {"ps-adoption"}
    assert facts.team_leads == {"tm-adoption", "dm-adoption"}
    assert "ps-cwd" in facts.other_supervisors
    assert "ps-adoption" not in facts.other_supervisors


async def test_the_head_of_service_leads_where_nobody_else_does(
    workshop: Workshop, new_code: NewCode
) -> None:
    async with workshop.open_as_service("test") as work:
        team = await found(
            work, new_code("team"), services=[{"service": "early-help", "from": SINCE}]
        )
        facts = await service.auditor_facts(work, "au-1", None, team, CHANGE)
    assert facts.team_leads == {"hos-early-help"}
    assert facts.team_supervisors == frozenset()
    assert facts.supervised_by == frozenset()


async def test_known_is_what_the_directory_holds(workshop: Workshop) -> None:
    async with workshop.open_as_service("test") as work:
        assert await service.known_team(work, "cwd")
        assert not await service.known_team(work, "sw1-cwd")
        assert await service.known_worker(work, "sw1-cwd")
        assert not await service.known_worker(work, "cwd")
        assert await service.service_of_team(work, "cwd") == "corporate-parenting"
