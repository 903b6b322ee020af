"""Telling administrators what they must look after, once for each occasion."""

from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from qa_api.auth.roles import Role
from qa_api.models.alerts import Alert
from qa_api.models.base import new_id
from qa_api.work import Work


async def tell_administrators(work: Work, kind: str, about_id: UUID, *, occasion: str) -> None:
    """Leave an alert for the administrators, unless they have been told of this occasion."""
    await work.session.execute(
        insert(Alert)
        .values(
            id=new_id(),
            kind=kind,
            about_id=about_id,
            occasion=occasion,
            recipient_role=Role.ADMINISTRATOR.value,
            recipient=Role.ADMINISTRATOR.value,
            at=work.now,
        )
        .on_conflict_do_nothing()
    )
