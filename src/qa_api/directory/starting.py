"""Making an authority of an empty database: its first administrator, policy and calendar (X7)."""

from collections.abc import Mapping
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import Range

from qa_api.auth.roles import Role
from qa_api.calendars.policies import install_policy
from qa_api.calendars.service import install_official_calendar
from qa_api.events import ConfigurationChanged
from qa_api.models.access import Principal, RoleAssignment
from qa_api.models.policy import PolicyVersion
from qa_api.rules.decision import AlreadySo
from qa_api.work import Work


async def start_authority(
    work: Work, *, issuer: str, subject: str, policy: Mapping[str, object]
) -> None:
    """Let the first administrator in; they let in everybody else.

    Installs the official calendar and the procedure's own policy with `policy` in place of what it
    names. Refuses a database that is an authority already.
    """
    if await work.session.scalar(select(PolicyVersion.version).limit(1)) is not None:
        raise AlreadySo("authority")
    calendar = await install_official_calendar(work)
    await install_policy(
        work, policy, effective_from=calendar.known_from, reason="The authority's first policy"
    )
    administrator = Principal(id=uuid4(), issuer=issuer, subject=subject)
    work.session.add(administrator)
    await work.session.flush()
    work.session.add(
        RoleAssignment(
            id=uuid4(),
            principal_id=administrator.id,
            role=Role.ADMINISTRATOR.value,
            scope="authority",
            valid=Range(work.today, None, bounds="[)"),
        )
    )
    await work.record(
        ConfigurationChanged(about=administrator.id, what="authority", code="started")
    )
