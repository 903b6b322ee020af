"""Reading practice audits: who may see which, and the statements that return them (R4.5.4).

The standard of a case is read in two ways: by Quality & Standards, and by an auditor within their
own practice audit, which is there once they have judged. So nobody reads it who still has to.
"""

from typing import Any

from sqlalchemy import ColumnElement, Uuid, func, literal, select

from qa_api.auth.actor import Me
from qa_api.auth.reach import whole_authority
from qa_api.auth.reasons.practice import PRACTICE_AUDITS as PRACTICE_AUDITS_SEEN
from qa_api.models.aliases import aliased
from qa_api.models.catalogue import ToolDomain
from qa_api.models.inner import there_is, value_of
from qa_api.models.practice_audits import (
    PracticeAudit,
    PracticeAuditDomain,
    PracticeCase,
    PracticeStandard,
    PracticeStandardDomain,
)
from qa_api.practice_audits.schemas import (
    JudgedDomainOut,
    PracticeAuditOut,
    PracticeAuditRow,
    PracticeCaseOut,
    PracticeCaseRow,
    PracticeDomainOut,
    PracticeStandardOut,
    StandardDomainOut,
)
from qa_api.reads.documents import Document
from qa_api.reads.filters import equals
from qa_api.reads.listings import Listing
from qa_api.reads.shapes import Expression, Shape


def case_visible_to(_: Any, __: Me) -> ColumnElement[bool]:
    """Whoever may read practice cases: they are made up."""
    return literal(True)


def standard_visible_to(_: Any, me: Me) -> ColumnElement[bool]:
    """Quality & Standards alone: an auditor reads it in their own practice audit."""
    return whole_authority(me)


def audit_visible_to(row: Any, me: Me) -> ColumnElement[bool]:
    """The auditor's own; Quality & Standards everybody's."""
    return PRACTICE_AUDITS_SEEN.hold(row, me)


def _judged(row: Any, me: Me) -> ColumnElement[bool]:
    audit = aliased(PracticeAudit)
    return there_is(audit, audit.case_id == row.id, audit.auditor == me.worker)


def _standard(name: str) -> Expression:
    """What is held to be right of the case of a practice audit."""

    def column(row: Any, _: Me) -> ColumnElement[Any]:
        standard = aliased(PracticeStandard)
        found = select(getattr(standard, name)).where(standard.case_id == row.case_id)
        return value_of(standard, found)

    return column


def _standard_of_domain(name: str) -> Expression:
    """The same of one domain of it."""

    def column(row: Any, _: Me) -> ColumnElement[Any]:
        standard = aliased(PracticeStandardDomain)
        found = select(getattr(standard, name)).where(
            standard.case_id == row.case_id, standard.domain_key == row.domain_key
        )
        return value_of(standard, found)

    return column


_DOMAINS_OF_CASE = Shape(
    PracticeDomainOut,
    ToolDomain,
    {
        "domain_key": lambda row, _: row.key,
        "guidance": lambda row, _: func.nullif(row.guidance, ""),
    },
    kept=lambda row, _: row.judged,
)

CASE = Document(
    Shape(PracticeCaseOut, PracticeCase, {"judged": _judged, "domains": _DOMAINS_OF_CASE}),
    visible=case_visible_to,
    version=None,
)
"""It never changes; whether the reader has judged it does, and is in the body."""

CASES = Listing(
    name="practice-cases",
    shape=Shape(PracticeCaseRow, PracticeCase, {"judged": _judged}),
    visible=case_visible_to,
    filters={},
    order=(lambda row, _: row.set_at, lambda row, _: row.id),
)
"""The latest first."""

STANDARD = Document(
    Shape(
        PracticeStandardOut,
        PracticeStandard,
        {"domains": Shape(StandardDomainOut, PracticeStandardDomain)},
    ),
    visible=standard_visible_to,
    key=("case_id",),
    version=None,
)

AUDIT = Document(
    Shape(
        PracticeAuditOut,
        PracticeAudit,
        {
            "standard_judgement": _standard("judgement"),
            "standard_rationale": _standard("rationale"),
            "domains": Shape(
                JudgedDomainOut,
                PracticeAuditDomain,
                {
                    "standard_judgement": _standard_of_domain("judgement"),
                    "standard_rationale": _standard_of_domain("rationale"),
                },
            ),
        },
    ),
    visible=audit_visible_to,
    version=None,
)

AUDITS = Listing(
    name="practice-audits",
    shape=Shape(PracticeAuditRow, PracticeAudit, {"standard_judgement": _standard("judgement")}),
    visible=audit_visible_to,
    filters={"case": equals("case_id", Uuid()), "auditor": equals("auditor")},
    order=(lambda row, _: row.judged_at, lambda row, _: row.id),
)
"""The latest first."""
