"""Reading the record of a subject: who may, and the one statement that returns all of it."""

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Text,
    and_,
    case,
    func,
    literal,
    not_,
    select,
)
from sqlalchemy.dialects.postgresql import JSON

from qa_api.auth.actor import Me
from qa_api.auth.reach import subject_of_path, unrestricted, whole_authority
from qa_api.auth.reasons.cases import RECORDS as RECORDS_SEEN
from qa_api.models.access import AccessLog, Principal
from qa_api.models.aliases import aliased
from qa_api.models.audits import Audit, AuditAnswer, AuditRevision, DomainJudgement
from qa_api.models.catalogue import AuditTool, AuditType, ScalePoint, ToolDomain, ToolQuestion
from qa_api.models.closures import ClosureGate
from qa_api.models.comments import Comment
from qa_api.models.directory import Team
from qa_api.models.escalations import Escalation
from qa_api.models.inner import value_of
from qa_api.models.redactions import Redaction
from qa_api.models.responses import AuditResponse
from qa_api.models.sealed import stands_in
from qa_api.models.subjects import Subject
from qa_api.reads.documents import Document
from qa_api.reads.expressions import of_standing_audit, removal_of
from qa_api.reads.shapes import Expression, Shape
from qa_api.records.audit_schemas import (
    RecordedAnswer,
    RecordedAudit,
    RecordedJudgement,
    RecordedResponse,
    RecordedRevision,
)
from qa_api.records.moderation_queries import MODERATION, moderated
from qa_api.records.redaction_schemas import RedactionOut
from qa_api.records.schemas import (
    RecordedComment,
    RecordedEscalation,
    RecordedGate,
    RecordedLook,
    RecordedRedaction,
    RecordedSubject,
    RecordedUnfinishedAudit,
    StoredRecord,
)
from qa_api.records.under import column_of, label_of, placed, row_under, rows_under
from qa_api.records.who_looked import roles_then, showed, who_looked
from qa_api.rules.states import AUDIT_FINISHED

_LOOKS = 500


def visible_to(row: Any, me: Me) -> ColumnElement[bool]:
    """Who may read a whole record: Q&S, and the manager and the head of service of its team (X3).

    It includes what only they may know, such as escalations and who has read it. Senior leaders see
    completed audits, workers those of their own cases; neither may read this.
    """
    return RECORDS_SEEN.see(row, me, subject_id=row.id)


def _asked_for(row: Any, me: Me) -> ColumnElement[bool]:
    return and_(row.id == subject_of_path(me), visible_to(row, me))


def _about(row: Any, subject: Any) -> ColumnElement[bool]:
    same: ColumnElement[bool] = row.subject_id == subject.id
    return same


# --- one audit ---


def _of_question(name: str) -> Expression:
    return column_of(ToolQuestion, name, tool_id="tool_id", key="question_key")


def _of_its_domain(name: str) -> Expression:
    """A column of the domain that a question belongs to."""

    def column(row: Any, _: Me) -> ColumnElement[Any]:
        domain = aliased(ToolDomain)
        question = aliased(ToolQuestion)
        found = select(getattr(domain, name)).where(
            question.tool_id == row.tool_id,
            question.key == row.question_key,
            domain.tool_id == question.tool_id,
            domain.key == question.domain_key,
        )
        return value_of((domain, question), found)

    return column


def _of_domain(name: str) -> Expression:
    return column_of(ToolDomain, name, tool_id="tool_id", key="domain_key")


def _value_label(row: Any, me: Me) -> ColumnElement[Any]:
    point = aliased(ScalePoint)
    tool = aliased(AuditTool)
    label = select(point.label).where(
        tool.id == row.tool_id,
        point.scale_code == tool.scale_code,
        point.scale_number == tool.scale_number,
        point.code == row.value.op("#>>")(literal("{}", Text)),
    )
    found = value_of((point, tool), label)
    return case((_of_question("answer_kind")(row, me) == "judgement", found))


def _of_audit(row: Any, audit: Any) -> ColumnElement[bool]:
    same: ColumnElement[bool] = row.audit_id == audit.id
    return same


_ANSWER = Shape(
    RecordedAnswer,
    AuditAnswer,
    {
        "domain": _of_its_domain("title"),
        "question": _of_question("text"),
        "answer_kind": _of_question("answer_kind"),
        "value_label": _value_label,
    },
)
_JUDGEMENT = Shape(
    RecordedJudgement,
    DomainJudgement,
    {"domain": _of_domain("title"), "label": label_of("judgement")},
)
# What it said goes out as it was kept; `amended` makes the words of it.
_REVISION = Shape(RecordedRevision, AuditRevision, {"earlier": lambda row, _: _said_then(row)})


def _said_then(row: Any) -> ColumnElement[Any]:
    """The content that was replaced, and the labels of the scale that it was judged on."""
    point = aliased(ScalePoint)
    audit = aliased(Audit)
    labels = value_of(
        (point, audit),
        select(func.json_object_agg(point.code, point.label)).where(
            audit.id == row.audit_id,
            point.scale_code == audit.scale_code,
            point.scale_number == audit.scale_number,
        ),
    )
    question = aliased(ToolQuestion)
    # An amendment can leave an answer out: what it was to is in the tool alone.
    questions = value_of(
        (question, audit),
        select(func.json_object_agg(question.key, question.text)).where(
            audit.id == row.audit_id, question.tool_id == audit.tool_id
        ),
    )
    return func.json_build_object(
        *("content", row.content),
        *("labels", labels),
        *("questions", questions),
        type_=JSON,
    )


_AUDIT = Shape(
    RecordedAudit,
    Audit,
    {
        "type_name": column_of(AuditType, "name", code="type"),
        "audited_team_name": column_of(Team, "name", code="audited_team"),
        "overall_label": label_of("overall_judgement"),
        "judgements": rows_under(_JUDGEMENT, _of_audit, placed(_of_domain("position"))),
        "answers": rows_under(
            _ANSWER,
            lambda row, audit: and_(_of_audit(row, audit), row.left_out.is_(False)),
            placed(_of_its_domain("position"), _of_question("position")),
        ),
        "response": row_under(Shape(RecordedResponse, AuditResponse), _of_audit),
        "revisions": rows_under(_REVISION, _of_audit, lambda row: (row.number,)),
        "moderations": rows_under(MODERATION, moderated, lambda row: (row.moderated_at, row.id)),
    },
)


def _completed(audit: Any, subject: Any) -> ColumnElement[bool]:
    """What was recorded on the wrong child is no part of this record (R4.1.5)."""
    return and_(
        _about(audit, subject),
        stands_in(audit, AUDIT_FINISHED),
        audit.recorded_in_error_at.is_(None),
    )


def _unfinished(audit: Any, subject: Any) -> ColumnElement[bool]:
    return and_(
        _about(audit, subject),
        not_(stands_in(audit, AUDIT_FINISHED)),
        audit.recorded_in_error_at.is_(None),
    )


def _standing_escalation(escalation: Any, subject: Any) -> ColumnElement[bool]:
    return and_(_about(escalation, subject), of_standing_audit(escalation))


# --- the record ---

_BY = {name: column_of(Principal, "worker", id=name) for name in ("redacted_by", "lifted_by")}

RECORD = Document(
    Shape(
        StoredRecord,
        Subject,
        {
            "subject": row_under(
                Shape(
                    RecordedSubject,
                    Subject,
                    {"team_name": column_of(Team, "name", code="team"), "removed": removal_of},
                ),
                lambda row, subject: row.id == subject.id,
            ),
            "audits": rows_under(_AUDIT, _completed, lambda row: (row.completed_at, row.id)),
            "unfinished_audits": rows_under(
                Shape(
                    RecordedUnfinishedAudit,
                    Audit,
                    {"type_name": column_of(AuditType, "name", code="type")},
                ),
                _unfinished,
                lambda row: (row.planned_at, row.id),
            ),
            "escalations": rows_under(
                Shape(RecordedEscalation, Escalation),
                _standing_escalation,
                lambda row: (row.raised_at, row.id),
            ),
            "comments": rows_under(
                Shape(RecordedComment, Comment),
                lambda row, subject: and_(
                    _about(row, subject), row.released_at.is_not(None), of_standing_audit(row)
                ),
                lambda row: (row.written_at, row.id),
            ),
            "closure_gates": rows_under(
                Shape(RecordedGate, ClosureGate),
                lambda row, asked: and_(row.duplicate_of.is_(None), _about(row, asked)),
                lambda row: (row.opened_at, row.id),
            ),
            "redactions": rows_under(
                Shape(RecordedRedaction, Redaction, _BY),
                _about,
                lambda row: (row.redacted_at, row.id),
            ),
            "looks": rows_under(
                Shape(RecordedLook, AccessLog, {"who": who_looked, "roles": roles_then}),
                showed,
                lambda row: (row.at.desc(), row.id.desc()),
                limit=_LOOKS,
            ),
        },
    ),
    visible=_asked_for,
    key=(),
    subject="id",
)


def redaction_visible_to(row: Any, me: Me) -> ColumnElement[bool]:
    """Which redactions the caller may look at one by one: Q&S, who make and lift them."""
    return and_(unrestricted(row, me), whole_authority(me))


REDACTION = Document(
    Shape(RedactionOut, Redaction, _BY),
    visible=redaction_visible_to,
    subject="subject_id",
)
