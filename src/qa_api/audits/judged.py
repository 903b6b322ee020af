"""What of an audit's judgements the caller may read, and which audits were judged so (R4.1.3)."""

from typing import Any, Final

from sqlalchemy import ColumnElement, Text, and_, cast, func, or_

from qa_api.auth.actor import Me
from qa_api.auth.reach import audited_by, whole_authority
from qa_api.models.aliases import aliased
from qa_api.models.audits import DomainJudgement
from qa_api.models.inner import there_is
from qa_api.models.sealed import stands_in, worked_out
from qa_api.rules.states import AUDIT_FINISHED
from qa_api.rules.tools import OverallAsked

CONTENT_SHOWN: Final = "content_shown"
"""The name under which a statement works it out once for a row."""


def content_shown(row: Any, me: Me) -> ColumnElement[bool]:
    """Whether they may read what the audit says. Of a draft, managers see only that it is due."""
    known: ColumnElement[bool] | None = worked_out(row, CONTENT_SHOWN)
    if known is not None:
        return known
    shown = or_(stands_in(row, AUDIT_FINISHED), whole_authority(me), audited_by(row.auditor, me))
    return func.coalesce(shown, False)  # nobody is its auditor yet


def of_whole(row: Any) -> ColumnElement[bool]:
    """Whether an audit is judged as a whole: one that need not be once it was."""
    judged = and_(stands_in(row, AUDIT_FINISHED), row.overall_judgement.is_not(None))
    return or_(row.overall_asked == OverallAsked.REQUIRED, judged)


def in_profile(row: Any, value: ColumnElement[Any], _: Me) -> ColumnElement[bool]:
    """Whether its domains stand for it, on this scale: `CODE/NUMBER`."""
    on_scale = row.scale_code.concat("/").concat(cast(row.scale_number, Text)) == value
    return and_(on_scale, row.overall_asked != OverallAsked.REQUIRED)


def domain_judged(row: Any, value: ColumnElement[Any], me: Me) -> ColumnElement[bool]:
    """Whether the domain of this key is judged."""
    domain = aliased(DomainJudgement)
    judged = there_is(domain, domain.audit_id == row.id, domain.domain_key == value)
    return and_(content_shown(row, me), judged)


def domain_judged_so(row: Any, value: ColumnElement[Any], me: Me) -> ColumnElement[bool]:
    """Whether a domain has this judgement: `KEY/JUDGEMENT`."""
    domain = aliased(DomainJudgement)
    said = domain.domain_key.concat("/").concat(domain.judgement)
    judged = there_is(domain, domain.audit_id == row.id, said == value)
    return and_(content_shown(row, me), judged)
