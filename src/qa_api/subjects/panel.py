"""The panel date: from when a carer household's audits fall due, and until when (§3, R3.2)."""

from datetime import date

from qa_api import events
from qa_api.auth.roles import Permission
from qa_api.models.subjects import PanelDateChange, Subject
from qa_api.rules.cadence import check_panel_date
from qa_api.subjects.schemas import PanelDateIn
from qa_api.subjects.service import as_entered, to_change
from qa_api.values.preconditions import Precondition
from qa_api.work import Work


async def put_panel_date(
    work: Work, system: str, ref: str, given: PanelDateIn, expected: Precondition
) -> None:
    """Record when a household was first presented at Panel, or correct it, with the reason.

    The former value is kept: who replaced it, when and why. Refused for a child.
    """
    subject = await work.find(to_change(), system=system, ref=ref)
    work.require(Permission.PANEL_DATE_SET, team=subject.team)
    before = subject.first_panel_on
    version = None if before is None else subject.version
    expected.check(version)
    differs = (given.first_panel_on, given.approval_ended_on) != (
        before,
        subject.approval_ended_on,
    )
    check_panel_date(
        subject.kind,
        given.first_panel_on,
        given.approval_ended_on,
        work.today,
        changes=differs and before is not None,
        reason=given.reason,
    )
    if not differs:
        return
    if before is not None and given.reason is not None:
        work.session.add(_change(work, subject, before, given.reason))
    subject.first_panel_on = given.first_panel_on
    subject.approval_ended_on = given.approval_ended_on
    panel = {
        "kind": subject.kind,
        "panel": (given.first_panel_on, given.approval_ended_on),
    }
    subject.entered = {**subject.entered, **as_entered(subject.ref, work.now, panel)}
    await work.record(events.PanelDateSet(about=subject.id, subject=subject.id))


def _change(work: Work, subject: Subject, before: date, reason: str) -> PanelDateChange:
    return PanelDateChange(
        subject_id=subject.id,
        team=subject.team,
        worker=subject.worker,
        restricted=subject.restricted,
        first_panel_on=before,
        approval_ended_on=subject.approval_ended_on,
        reason=reason,
        replaced_at=work.now,
        replaced_by=work.actor.worker,
    )
