"""Recording practice observations, correcting them, and exempting workers from them (R4.6)."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import Text, literal, select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm.attributes import flag_modified

from qa_api import events, problems
from qa_api.alerts import alert_role
from qa_api.auth.duty import team_led_by_somebody
from qa_api.auth.roles import Permission, Role
from qa_api.directory.service import is_in_service, known_worker, teams_of_worker
from qa_api.models.observations import (
    ObservationCorrection,
    ObservationExemption,
    PracticeObservation,
)
from qa_api.observations.queries import exemption_visible_to, visible_to
from qa_api.observations.schemas import (
    ObservationContent,
    ObservationContentOut,
    ObservationCorrectionIn,
    ObservationExemptionEnd,
    ObservationExemptionIn,
    ObservationIn,
    ObservationWithdrawal,
)
from qa_api.problems import InputError
from qa_api.rules.alerts import AlertKind
from qa_api.rules.decision import AlreadySo, RuleRefused
from qa_api.rules.observation import CLAUSE, check_observation
from qa_api.values.preconditions import Precondition
from qa_api.work import Work

_CONTENT: Final = tuple(ObservationContent.model_fields)
_OBSERVERS: Final = (Role.PRACTICE_SUPERVISOR, Role.TEAM_MANAGER)


async def record_observation(work: Work, observation_id: UUID, body: ObservationIn) -> None:
    """Record an observation for the worker's team, and let Quality & Standards know (R4.6.2)."""
    await _check_known(work, worker=body.worker, observer=body.observer)
    team = await _recorded_for(work, body.worker, body.observed_on)
    await _check(work, body.worker, body)
    observation = PracticeObservation(
        id=observation_id,
        worker=body.worker,
        team=team,
        recorded_at=work.now,
        recorded_by=work.person(),
        **_content(body),
    )
    work.session.add(observation)
    await work.record(
        events.PracticeObservationRecorded(
            about=observation.id, worker=body.worker, team=team, observed_on=body.observed_on
        )
    )
    await _tell_quality_standards(work, observation)


async def correct_observation(
    work: Work, observation_id: UUID, expected: Precondition, body: ObservationCorrectionIn
) -> None:
    """Correct an observation; what it said before is kept, with the reason (X4)."""
    observation = await _to_change(work, observation_id, expected)
    await _check_known(work, observer=body.observer)
    await _check(work, observation.worker, body)
    before = ObservationContentOut.model_validate(observation)
    work.session.add(
        ObservationCorrection(
            observation_id=observation.id,
            corrected_version=observation.version,
            before=before.model_dump(mode="json"),
            reason=body.reason,
            corrected_at=work.now,
            corrected_by=work.person(),
        )
    )
    # Written first: without this row the database refuses a change of the observation.
    await work.session.flush()
    for name, value in _content(body).items():
        setattr(observation, name, value)
    # A correction makes a new version even if nothing differs: it is in the history.
    flag_modified(observation, "observed_on")
    await work.record(events.PracticeObservationCorrected(about=observation.id))


async def withdraw_observation(
    work: Work, observation_id: UUID, expected: Precondition, body: ObservationWithdrawal
) -> None:
    """Say that it was recorded by mistake: it stays on record and is not counted (X4)."""
    observation = await _to_change(work, observation_id, expected)
    observation.withdrawn_at, observation.withdrawn_by = work.now, work.person()
    observation.withdrawn_reason = body.reason
    await work.record(events.PracticeObservationWithdrawn(about=observation.id))


async def grant_exemption(work: Work, exemption_id: UUID, body: ObservationExemptionIn) -> None:
    """Ask no observations of a worker for some time, with the reason (R4.6.1)."""
    await _check_known(work, worker=body.worker)
    await _let_exempt(work, body.worker)
    work.session.add(
        ObservationExemption(
            id=exemption_id,
            worker=body.worker,
            valid=_days(body.from_, body.to),
            reason=body.reason,
            granted_at=work.now,
            granted_by=work.person(),
        )
    )
    await work.record(events.ObservationExemptionGranted(about=exemption_id, worker=body.worker))


async def end_exemption(
    work: Work, exemption_id: UUID, expected: Precondition, body: ObservationExemptionEnd
) -> None:
    """End an exemption: name the first day on which it no longer holds."""
    exemption = await work.take(ObservationExemption, exemption_id, exemption_visible_to)
    await _let_exempt(work, exemption.worker)
    expected.check(exemption.version)
    exemption.valid = _days(exemption.valid.lower, body.to)
    exemption.ended_at, exemption.ended_by = work.now, work.person()
    await work.record(events.ObservationExemptionEnded(about=exemption.id, worker=exemption.worker))


async def _to_change(
    work: Work, observation_id: UUID, expected: Precondition
) -> PracticeObservation:
    observation = await work.take(PracticeObservation, observation_id, visible_to)
    work.require(Permission.OBSERVATION_RECORD, team=observation.team)
    if not await _may_record(work, observation.team):
        detail = (
            "Only supervisors and managers of the team can do this; others can where it has none."
        )
        raise problems.out_of_reach(Permission.OBSERVATION_RECORD, detail)
    if observation.withdrawn_at is not None:
        raise AlreadySo("practice_observation")
    expected.check(observation.version)
    return observation


async def _recorded_for(work: Work, worker: str, observed_on: date) -> str:
    """The team that it is recorded for: the worker's on that day, or else the one today."""
    for day in (observed_on, work.today):
        for team in sorted(await teams_of_worker(work, worker, day)):
            if await _may_record(work, team, worker):
                return team
    detail = (
        "Supervisors and managers of the worker's own team record observations; where there are"
        " none the head of service does, else Quality & Standards."
    )
    raise problems.forbidden(detail)


async def _may_record(work: Work, team: str, worker: str | None = None) -> bool:
    """Whether the actor may record observations in a team, of others than themselves.

    If the team has no supervisor or manager, whoever acts in their place may.
    """
    actor = work.actor
    if team in actor.supervised_teams | actor.managed_teams:
        return True
    if team in actor.headed_teams:
        return not await _is_led(work, team, *_OBSERVERS, but=worker)
    if Role.QUALITY_STANDARDS not in actor.roles:
        return False
    return not await _is_led(work, team, *_OBSERVERS, Role.HEAD_OF_SERVICE, but=worker)


async def require_to_lead(work: Work, permission: Permission, team: str) -> None:
    """Refuse whoever does not lead the team; if nobody leads it today, Quality & Standards may."""
    roles = work.require(permission, team=team)
    leads = (Role.TEAM_MANAGER, Role.HEAD_OF_SERVICE)
    if roles == {Role.QUALITY_STANDARDS} and await _is_led(work, team, *leads):
        detail = (
            "Only those who lead the team can do this; Quality & Standards can where nobody"
            " leads it."
        )
        raise problems.out_of_reach(permission, detail)


async def _is_led(work: Work, team: str, *roles: Role, but: str | None = None) -> bool:
    barred = None if but is None else literal(but, Text)
    led = team_led_by_somebody(literal(team, Text), *roles, but=barred)
    return bool(await work.session.scalar(select(led)))


async def _check(work: Work, worker: str, body: ObservationContent) -> None:
    check_observation(
        worker=worker,
        observer=body.observer,
        observed_on=body.observed_on,
        today=work.today,
        in_service=await is_in_service(work, worker, body.observed_on),
    )


async def _check_known(work: Work, **workers: str) -> None:
    unknown = [
        InputError.at([name], "unknown", "There is no worker of this code.")
        for name, code in workers.items()
        if not await known_worker(work, code)
    ]
    if unknown:
        raise problems.validation(unknown)


async def _let_exempt(work: Work, worker: str) -> None:
    """Refuse all but the head of the worker's service, and Quality & Standards."""
    teams = await teams_of_worker(work, worker)
    work.require(
        Permission.OBSERVATION_EXEMPT, team=next(iter(teams & work.actor.headed_teams), None)
    )


async def _tell_quality_standards(work: Work, observation: PracticeObservation) -> None:
    await alert_role(
        work,
        Role.QUALITY_STANDARDS,
        AlertKind.PRACTICE_OBSERVATION_RECORDED,
        observation.id,
        team=observation.team,
        worker=observation.worker,
    )


def _content(body: ObservationContent) -> dict[str, object]:
    return {name: getattr(body, name) for name in _CONTENT}


def _days(first: date | None, until: date | None) -> Range[date]:
    if first is not None and until is not None and until <= first:
        detail = "The last day must be after the first."
        raise problems.business_rule(CLAUSE, detail, [InputError.at(["to"], "order", detail)])
    return Range(first, until, bounds="[)")


CONSTRAINT_REFUSALS: Final[Mapping[str, Callable[[], RuleRefused]]] = {
    "observation_exemptions_one_at_a_time": lambda: AlreadySo("observation_exemption"),
}
"""What the constraints that stand behind these services mean when one of them fires."""
