"""Who must act for a team today: the rules of `rules/routing.py`, asked of the directory as it is.

The same as `auth/duty.py` says in SQL, with the reasons why somebody in post is passed over.
"""

from functools import cache
from typing import Protocol
from uuid import UUID

from sqlalchemy import Boolean, Text, Uuid, select

from qa_api.auth.duty import LEADS_OF_ONE, may_see
from qa_api.db import Prepared, parameter
from qa_api.directory.service import team_leads
from qa_api.rules.routing import Routed, TeamLeads, who_acts, who_reviews
from qa_api.work import Work

NO_ROLE = "is not let in with the role"
NO_LEAVE = "has no leave to see the restricted record"


class About(Protocol):
    """A record, as far as it decides who may see it."""

    @property
    def subject_id(self) -> UUID | None: ...

    @property
    def restricted(self) -> bool: ...


class _Asked:
    """A loaded record as the SQL of `auth/duty.py` takes it."""

    subject_id = parameter("subject_id", Uuid())
    restricted = parameter("restricted", Boolean())


async def who_acts_for(work: Work, team: str | None, about: About) -> Routed:
    """Who acts for the team today about this record; without a name, Quality & Standards do."""
    leads = await team_leads(work, team)
    return who_acts(leads, work.policy_version, await _who_cannot(work, leads, team, about))


async def head_for(work: Work, team: str | None, about: About) -> Routed:
    """Who acts as the head of the team's service today; without a name, Quality & Standards do."""
    leads = TeamLeads(None, None, (await team_leads(work, team)).head_of_service)
    return who_acts(leads, work.policy_version, await _who_cannot(work, leads, team, about))


async def who_reviews_for(
    work: Work,
    team: str | None,
    about: About,
    auditor: str | None,
    judged: frozenset[str],
    responded: frozenset[str],
) -> Routed:
    """Who reviews a response about this record today (R4.2.4)."""
    leads = await team_leads(work, team)
    cannot = await _who_cannot(work, leads, team, about)
    return who_reviews(leads, auditor, judged, work.policy_version, responded, cannot)


async def _who_cannot(
    work: Work, leads: TeamLeads, team: str | None, about: About
) -> dict[str, str]:
    """Who of those in post cannot act today, and why."""
    if team is None:
        return {}
    found = await work.run(
        _leads(), team=team, subject_id=about.subject_id, restricted=about.restricted
    )
    let_in = {row.worker: row.sees for row in found}
    return {
        person: NO_LEAVE if person in let_in else NO_ROLE
        for _, person in leads.in_order()
        if person is not None and not let_in.get(person)
    }


@cache
def _leads() -> Prepared:
    """Who leads a team today, and whether they may see a record."""
    sees = may_see(LEADS_OF_ONE.c.worker, _Asked).label("sees")
    of_team = LEADS_OF_ONE.c.team == parameter("team", Text())
    return Prepared.of(select(LEADS_OF_ONE.c.worker, sees).where(of_team))
