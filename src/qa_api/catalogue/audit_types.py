"""What happens to audit types (R3.1)."""

from typing import Any, Final

from sqlalchemy import select

from qa_api import problems
from qa_api.catalogue.schemas import AuditTypeIn
from qa_api.catalogue.service import REASON
from qa_api.changed_rights import Related, reach_changed
from qa_api.events import ConfigurationChanged
from qa_api.models.base import new_id
from qa_api.models.catalogue import AuditType
from qa_api.models.directory import Team
from qa_api.problems import InputError
from qa_api.rules.audits import StarterRule
from qa_api.rules.cadence import CadenceKind
from qa_api.values.preconditions import Precondition
from qa_api.work import Work

_WITH_MONTHS: Final = (CadenceKind.ANNIVERSARY, CadenceKind.INTERVAL)


async def put_audit_type(
    work: Work, code: str, given: AuditTypeIn, expected: Precondition | None = None
) -> AuditType:
    """Create the audit type of a code, or replace what it says (R3.1)."""
    _refuse_months_that_do_not_fit(given)
    await _refuse_teams_that_do_not_fit(work, given)
    row: AuditType | None = await work.session.scalar(
        select(AuditType).where(AuditType.code == code).with_for_update()
    )
    if expected is not None:
        current = None if row is None else row.version
        expected.check(current)
    values = kept_of(given)
    before = frozenset[Related]() if row is None else _asked_by(row)
    if row is None:
        row = AuditType(code=code, **values)
        work.session.add(row)
    else:
        for name, value in values.items():
            setattr(row, name, value)
    about = new_id()
    await work.record(ConfigurationChanged(about=about, what="audit_type", code=code))
    await reach_changed(
        work,
        "audit_type",
        code,
        about,
        before=before,
        after=_asked_by(row),
        reason=REASON,
    )
    return row


def _asked_by(row: AuditType) -> frozenset[Related]:
    """Everything about an audit type that decides who is audited, by whom and when."""
    said = {
        "subject_kind": row.subject_kind,
        "owner": row.owner,
        "cadence": row.cadence,
        "interval_months": row.interval_months,
        "tool_code": row.tool_code,
        "may_audit": row.may_audit,
        "may_start": row.may_start,
        "active": "yes" if row.active else None,
    }
    return frozenset(
        {
            *(Related(name, str(value)) for name, value in said.items() if value is not None),
            *(Related("start_team", team) for team in row.start_teams),
        }
    )


def _refuse_months_that_do_not_fit(given: AuditTypeIn) -> None:
    if given.cadence is CadenceKind.INTERVAL and given.interval_months is None:
        detail = "Say after how many months the audit is due."
    elif given.interval_months is not None and given.cadence not in _WITH_MONTHS:
        detail = "Only an interval or an anniversary is counted in months."
    else:
        return
    at = InputError.at(["interval_months"], "cadence", detail)
    raise problems.business_rule("§3, R3.1", detail, [at])


def kept_of(given: AuditTypeIn) -> dict[str, Any]:
    """The audit type as it is kept, with the default of everything that was left out."""
    by_managers = given.owner == "service_area"
    usual = StarterRule.TEAM_MANAGER if by_managers else StarterRule.QUALITY_STANDARDS
    papers = given.notes_paper_records
    if papers is None:
        papers = given.subject_kind == "carer_household"
    return given.model_dump() | {
        "may_start": given.may_start or usual,
        "notes_paper_records": papers,
    }


async def _refuse_teams_that_do_not_fit(work: Work, given: AuditTypeIn) -> None:
    own = given.may_start is StarterRule.OWN_TEAMS
    known = set(
        await work.session.scalars(select(Team.code).where(Team.code.in_(given.start_teams)))
    )
    if own != bool(given.start_teams):
        detail = "Name start teams if the type is started by its own teams, and only then."
        at = [InputError.at(["start_teams"], "start-teams", detail)]
    else:
        detail = "There is no such team."
        at = [
            InputError.at(["start_teams", position], "unknown", detail)
            for position, team in enumerate(given.start_teams)
            if team not in known
        ]
    if at:
        raise problems.business_rule("§3, R3.1", detail, at)
