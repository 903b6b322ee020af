"""Alerts: each person is told once, and the alert stays in their list until they have noted it."""

from typing import Any, Protocol
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from qa_api.auth.roles import Role
from qa_api.models.alerts import Alert
from qa_api.models.base import new_id
from qa_api.rules.alerts import AlertKind
from qa_api.work import Work


async def leave_alert(
    work: Work,
    kind: AlertKind,
    about_id: UUID,
    *,
    acting_as: str,
    recipient: str,
    occasion: str = "once",
    **held: Any,
) -> None:
    """Alert a worker, or everybody who holds a role; `held` says whose record it is about.

    Nobody is alerted twice about the same occasion.
    """
    new = insert(Alert).values(
        id=new_id(),
        kind=kind.value,
        about_id=about_id,
        occasion=occasion,
        recipient_role=acting_as,
        recipient=recipient,
        at=work.now,
        **held,
    )
    await work.session.execute(new.on_conflict_do_nothing())


async def alert_role(
    work: Work, role: Role, kind: AlertKind, about_id: UUID, *, occasion: str = "once", **held: Any
) -> None:
    """Alert everybody who holds a role."""
    told = role.value
    await leave_alert(
        work, kind, about_id, acting_as=told, recipient=told, occasion=occasion, **held
    )


class Held(Protocol):
    """A record about a subject, as far as it says who holds the case."""

    @property
    def subject_id(self) -> UUID | None: ...

    @property
    def team(self) -> str | None: ...

    @property
    def worker(self) -> str | None: ...

    @property
    def restricted(self) -> bool: ...


def held_as(record: Held) -> dict[str, Any]:
    """About whom a record is, and who holds it now."""
    return {
        "subject_id": record.subject_id,
        "team": record.team,
        "worker": record.worker,
        "restricted": record.restricted,
    }
