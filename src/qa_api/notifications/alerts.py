"""Telling people, once each, that something waits for them or has gone past its date."""

from typing import Any

from sqlalchemy import ColumnElement

from qa_api.alerts import held_as, leave_alert
from qa_api.directory.acting import head_for, who_acts_for
from qa_api.models.alerts import Alert
from qa_api.models.aliases import aliased
from qa_api.models.base import SubjectData
from qa_api.models.inner import there_is
from qa_api.rules.alerts import AlertKind
from qa_api.rules.policy_values import Recipient
from qa_api.rules.routing import ActingAs
from qa_api.work import Work


async def alert(
    work: Work, record: Any, kind: AlertKind, tell: Recipient, *, occasion: str = "once"
) -> None:
    """Leave word for somebody about a record; who acts for them today, else Q&S.

    Told already about the same occasion, they are not told again. Needs the service's reach.
    """
    acting_as, recipient = await _who(work, record, tell)
    await leave_alert(
        work,
        kind,
        record.id,
        acting_as=acting_as,
        recipient=recipient,
        occasion=occasion,
        **held_as(record),
    )


def told(kind: AlertKind, about_id: Any, occasion: Any) -> ColumnElement[bool]:
    """Whether anybody was told of this occasion, whoever was in post then."""
    earlier = aliased(Alert)
    return there_is(
        earlier, earlier.kind == kind, earlier.about_id == about_id, earlier.occasion == occasion
    )


async def _who(work: Work, record: SubjectData, tell: Recipient) -> tuple[str, str]:
    team = None if tell is Recipient.QUALITY_STANDARDS else record.team
    asks = head_for if tell is Recipient.HEAD_OF_SERVICE else who_acts_for
    routed = await asks(work, team, record)
    return routed.acting_as.value, routed.worker or ActingAs.QUALITY_STANDARDS.value
