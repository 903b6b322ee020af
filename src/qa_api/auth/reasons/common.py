"""The reasons that most things have: a role over the authority, and who leads the team."""

from sqlalchemy import or_

from qa_api.auth.reach import (
    ACROSS_THE_AUTHORITY,
    BY_TEAM,
    managed,
    senior,
    supervised,
    whole_authority,
)
from qa_api.auth.reasons import Reason
from qa_api.auth.roles import Role
from qa_api.auth.sight import Sight, leads, managers, throughout


def of_quality_standards(sight: Sight) -> Reason:
    """Quality & Standards see everything but restricted records."""
    return Reason(
        (throughout(sight, Role.QUALITY_STANDARDS),),
        lambda _, me: whole_authority(me),
        (ACROSS_THE_AUTHORITY,),
    )


def over_the_authority(sight: Sight) -> Reason:
    """Quality & Standards and the senior leaders see it of the whole authority."""
    return Reason(
        (throughout(sight, Role.QUALITY_STANDARDS, Role.SENIOR_LEADER),),
        lambda _, me: or_(whole_authority(me), senior(me)),
        (ACROSS_THE_AUTHORITY,),
    )


def who_manages(sight: Sight) -> Reason:
    """The team's manager and deputy and the head of its service see it."""
    return Reason(managers(sight), managed, (BY_TEAM,))


def who_leads(sight: Sight) -> Reason:
    """They and the team's practice supervisor see it."""
    return Reason(
        leads(sight), lambda row, me: or_(managed(row, me), supervised(row, me)), (BY_TEAM,)
    )
