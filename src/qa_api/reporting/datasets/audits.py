"""Audits and what was found in them (§4.1)."""

from typing import Any, Final

from sqlalchemy import ColumnElement, Date, Float, Text, and_, case, cast, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY

from qa_api.models.aliases import aliased
from qa_api.models.audits import Audit, AuditAnswer, DomainJudgement, FamilyContactAttempt
from qa_api.models.catalogue import AuditType, ScalePoint, ToolDomain, ToolQuestion
from qa_api.models.directory import Team
from qa_api.models.inner import there_is, value_of
from qa_api.models.planning import Theme
from qa_api.models.sealed import stands_in
from qa_api.reporting.columns import (
    Column,
    Dataset,
    Kind,
    Named,
    code,
    coded,
    day,
    flag,
    id_of,
    in_words,
    instant,
    london_date,
    named,
    subject,
    unrestricted,
    whole,
    worker,
)
from qa_api.rules.audits import ContactOutcome
from qa_api.rules.states import AUDIT_FINISHED

TEAM: Final = Named(Team, "team")
A_TEAM: Final = ("lincoln-fast", "Lincoln FAST")


def of_standing_audit(row: Any) -> ColumnElement[bool]:
    """Not restricted, and not of an audit that was recorded in error."""
    # Few are, and they are found once; each row's audit would be looked up by itself.
    in_error = select(func.unnest(func.qa_in_error()))
    stands = and_(row.audit_id.is_not(None), row.audit_id.not_in(in_error))
    return and_(unrestricted(row), stands)


def _of_completed(row: Any) -> ColumnElement[bool]:
    """Only of completed audits: what a draft says is no finding yet."""
    audit = aliased(Audit)
    finished = there_is(
        audit,
        audit.id == row.audit_id,
        stands_in(audit, AUDIT_FINISHED),
        audit.recorded_in_error_at.is_(None),
    )
    return and_(unrestricted(row), finished)


def _of_audit(attribute: str) -> Any:
    """What the row's audit says, of which nothing changes once it is completed."""

    def read(row: Any) -> ColumnElement[Any]:
        audit = aliased(Audit)
        return value_of(audit, select(getattr(audit, attribute)).where(audit.id == row.audit_id))

    return read


def _point(attribute: str, judgement: str) -> Any:
    def read(row: Any) -> ColumnElement[Any]:
        point = aliased(ScalePoint)
        found = select(getattr(point, attribute)).where(
            point.scale_code == row.scale_code,
            point.scale_number == row.scale_number,
            point.code == getattr(row, judgement),
        )
        return value_of(point, found)

    return read


def judged(name: str, meaning: str, clause: str) -> tuple[Column, Column, Column]:
    """A judgement with its label and its place on the scale, which is all that orders it."""
    position = "Its place on the scale; the first is 1, the best: order by it, never average it."
    label = _point("label", name)
    return (
        code(name, meaning, "good", clause),
        Column(
            f"{name}_label",
            Kind.LABEL,
            f"`{name}` in words.",
            "Good",
            clause,
            code=name,
            read=label,
        ),
        whole(f"{name}_position", position, 2, clause, _point("position", name)),
    )


def scale(clause: str = "R4.1.3") -> tuple[Column, Column]:
    """The scale: judgements of two scales, or of two numbers of one, are never mixed."""
    return (
        code("scale_code", "The judgement scale.", "ofsted", clause),
        whole("scale_number", "The version of the scale; the first is 1.", 1, clause),
    )


def _family_contacted(row: Any) -> ColumnElement[Any]:
    contact = aliased(FamilyContactAttempt)
    spoken = there_is(contact, contact.audit_id == row.id, contact.outcome == ContactOutcome.SPOKEN)
    return case((stands_in(row, AUDIT_FINISHED), spoken))


AUDITS: Final = Dataset(
    name="audits",
    entity=Audit,
    meaning="Every audit, from planned to closed; also what was cancelled.",
    clause="R4.1.5",
    dated="completed_on",
    shown=lambda row: and_(unrestricted(row), row.recorded_in_error_at.is_(None)),
    listed_at="/v1/audits",
    columns=(
        *subject(),
        *named(
            "type",
            "The audit type.",
            ("closure", "Closure audit"),
            Named(AuditType, "type"),
            "§3",
        ),
        *coded("state", "Where the audit stands.", "completed", "R4.1.5"),
        *named("team", "The team that holds the case now.", A_TEAM, TEAM),
        *named(
            "audited_team",
            "The team that held the case when it was audited.",
            A_TEAM,
            Named(Team, "audited_team"),
            "R4.1.5",
        ),
        worker("audited_worker", "The worker who held the case when it was audited.", "R4.1.5"),
        worker("auditor", "Who audits it.", "R4.1.8"),
        *named(
            "auditor_team",
            "The team of the auditor at completion.",
            A_TEAM,
            Named(Team, "auditor_team"),
            "R4.5.1",
        ),
        *coded("opened_by", "What opened it.", "gate", "R4.1.8"),
        id_of("closure_gate", "The closure gate that asked for it.", read=lambda row: row.gate_id),
        id_of("quarter_plan", "The quarter plan it belongs to.", read=lambda row: row.plan_id),
        *named(
            "theme",
            "The theme it was planned for.",
            ("neglect", "Neglect"),
            Named(Theme, "theme_code", "title"),
            "R4.4.2",
        ),
        id_of("re_audit_of", "The earlier audit that it looks at again.", clause="R4.1.9"),
        whole(
            "revision",
            "The revision read now; the first is 1, each amendment adds one.",
            1,
            "R4.1.5",
        ),
        day("due_on", "By when it is to be completed."),
        day("planned_on", "When it was planned.", read=lambda row: london_date(row.planned_at)),
        day("started_on", "When it was begun.", read=lambda row: london_date(row.started_at)),
        day("completed_on", "When it was completed: its month and quarter.", "R4.5.1"),
        instant("completed_at", "The instant of its completion."),
        day("closed_on", "When it was closed.", read=lambda row: london_date(row.closed_at)),
        day(
            "cancelled_on", "When it was cancelled.", read=lambda row: london_date(row.cancelled_at)
        ),
        *scale(),
        *coded(
            "overall_asked",
            "Whether its tool asks for an overall judgement; where not, the domains stand for it.",
            "required",
            "R4.1.3",
        ),
        *judged("overall_judgement", "The auditor's overall judgement.", "R4.1.3"),
        flag(
            "family_contacted",
            "Whether the auditor spoke with the family; null before completion.",
            "R4.1.4",
            _family_contacted,
        ),
        day("discussed_in_supervision_on", "When it was discussed in supervision.", "R4.2.2"),
        whole("policy_version", "The version of the policy that it was opened under.", 1),
    ),
)


def _question(attribute: str) -> Any:
    def read(row: Any) -> ColumnElement[Any]:
        asked = aliased(ToolQuestion)
        found = select(getattr(asked, attribute)).where(
            asked.tool_id == row.tool_id, asked.key == row.question_key
        )
        return value_of(asked, found)

    return read


_KIND = _question("answer_kind")


def _answer_as_text(row: Any) -> ColumnElement[Any]:
    """The answer itself as text; a path of no steps leads to the whole."""
    whole = cast(literal("{}", Text), ARRAY(Text))
    text: ColumnElement[Any] = row.value.op("#>>", return_type=Text())(whole)
    return text


def _answer(row: Any) -> ColumnElement[Any]:
    """What was chosen; what was written freely is no data for reports."""
    chosen = _KIND(row).in_(("yes_no_partial_na", "judgement", "choice"))
    return case((chosen, _answer_as_text(row)))


def _answer_date(row: Any) -> ColumnElement[Any]:
    return case((_KIND(row) == "date", cast(_answer_as_text(row), Date)))


def _answer_number(row: Any) -> ColumnElement[Any]:
    return case((_KIND(row) == "number", cast(_answer_as_text(row), Float)))


AUDIT_ANSWERS: Final = Dataset(
    name="audit-answers",
    entity=AuditAnswer,
    meaning="The answers of completed audits, as they stand after any amendment.",
    clause="R4.1.1",
    key=("audit_id", "question_key"),
    dated="completed_on",
    shown=lambda row: and_(_of_completed(row), row.left_out.is_(False)),
    columns=(
        *subject(),
        id_of("audit", "The audit.", read=lambda row: row.audit_id),
        day("completed_on", "When the audit was completed.", read=_of_audit("completed_on")),
        *named("team", "The team that holds the case now.", A_TEAM, TEAM),
        id_of("tool", "The version of the tool that asked.", read=lambda row: row.tool_id),
        code(
            "question",
            "The stable key of the question.",
            "child_seen_alone",
            "R4.1.1",
            read=lambda row: row.question_key,
        ),
        Column(
            "question_label",
            Kind.LABEL,
            "The question as that version asks it.",
            "Was the child seen alone?",
            "R4.1.1",
            code="question",
            read=_question("text"),
        ),
        *coded("answer_kind", "What kind of answer it asks for.", "yes_no_partial_na", read=_KIND),
        code(
            "answer",
            "What was chosen: `yes`, `no`, `partial`, `na` (no zero), a judgement, a choice.",
            "yes",
            read=_answer,
        ),
        Column(
            "answer_label",
            Kind.LABEL,
            "`answer` in words.",
            "Yes",
            code="answer",
            read=lambda row: in_words(_answer(row)),
        ),
        Column(
            "answer_number",
            Kind.NUMBER,
            "A number, in the unit that the question names, where one is asked.",
            None,
            read=_answer_number,
        ),
        day("answer_date", "A date, where one is asked.", read=_answer_date),
        flag(
            "evidence_given",
            "Whether the answer names its evidence.",
            "R4.1.2",
            lambda row: row.evidence.is_not(None),
        ),
        day("done_on", "When the activity took place, where the question asks.", "R4.1.2"),
        day("expected_by", "By when it should have taken place.", "R4.1.2"),
        flag(
            "to_timescale",
            "Whether it took place by then; null where either date is missing.",
            "R4.1.2",
            lambda row: row.done_on <= row.expected_by,
        ),
    ),
)


def _domain_title(row: Any) -> ColumnElement[Any]:
    domain = aliased(ToolDomain)
    found = select(domain.title).where(domain.tool_id == row.tool_id, domain.key == row.domain_key)
    return value_of(domain, found)


AUDIT_JUDGEMENTS: Final = Dataset(
    name="audit-judgements",
    entity=DomainJudgement,
    meaning="The judgements of each domain of completed audits.",
    clause="R4.1.3",
    key=("audit_id", "domain_key"),
    dated="completed_on",
    shown=_of_completed,
    columns=(
        *subject(),
        id_of("audit", "The audit.", read=lambda row: row.audit_id),
        day("completed_on", "When the audit was completed.", read=_of_audit("completed_on")),
        *named("team", "The team that holds the case now.", A_TEAM, TEAM),
        id_of("tool", "The version of the tool.", read=lambda row: row.tool_id),
        code(
            "domain",
            "The stable key of the domain.",
            "assessment",
            "R4.1.1",
            read=lambda row: row.domain_key,
        ),
        Column(
            "domain_label",
            Kind.LABEL,
            "The domain as that version of the tool calls it.",
            "Assessment",
            "R4.1.1",
            code="domain",
            read=_domain_title,
        ),
        *scale(),
        *judged("judgement", "The auditor's judgement of the domain.", "R4.1.3"),
    ),
)
