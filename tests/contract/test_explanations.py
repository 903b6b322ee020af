"""Every date, trigger and figure that the service computes says why it is that one (X2).

Which fields are computed is said here, field by field, and why the others that look alike are not:
a new field that looks computed fails until it is on one of the two lists.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.api import contract
from tests.contract.document import Json, operations

SCHEMAS: dict[str, Json] = contract()["components"]["schemas"]

COMPUTED = {
    # what is due when (§3, §4.2, §4.6, §4.7)
    "ResponseOut.due_on": "ResponseOut.explanation",
    "ResponseOut.current_due_on": "ResponseRoundOut.explanation",
    "ResponseOut.working_days_left": "ResponseOut.explanation",
    "ResponseOut.overdue": "ResponseOut.explanation",
    "ResponseOut.first_submitted_on_time": "ResponseOut.explanation",
    "ResponseOut.adequate_on_time": "ResponseOut.explanation",
    "ResponseRoundOut.due_on": "ResponseRoundOut.explanation",
    "ResponseRoundOut.review_due_on": "ResponseRoundOut.review_explanation",
    "NotificationOut.queued_until": "NotificationOut.explanation",
    "NotificationOut.overdue": "NotificationOut.explanation",
    "OwedOut.due_on": "OwedOut.explanation",
    "DueAuditOut.due_on": "DueAuditOut.explanation",
    "DueAuditOut.status": "DueAuditOut.explanation",
    "HighlightOut.due_on": "HighlightOut.explanation",
    "HighlightOut.late": "HighlightOut.explanation",
    "HighlightReturnRow.due_on": "HighlightReturnRow.explanation",
    "HighlightReturnRow.late": "HighlightReturnRow.explanation",
    "QaUpdateOut.due_on": "QaUpdateOut.explanation",
    "QaUpdateOut.late": "QaUpdateOut.explanation",
    "DeadlineOut.due_on": "DeadlineOut.explanation",
    "DeadlineOut.due_at": "DeadlineOut.explanation",
    # what goes to whom at once (§4.3)
    "EscalationOut.trigger": "EscalationExplanation.raised",
    "EscalationOut.acknowledge_by": "EscalationExplanation.acknowledge_by",
    "EscalationOut.inform_by": "EscalationExplanation.inform_by",
    "EscalationOut.overdue": "EscalationExplanation.inform_by",
    "HopOut.due_at": "EscalationExplanation.inform_by",
    "HopOut.overdue": "EscalationExplanation.inform_by",
    # may the case close? (§3)
    "GateOut.may_close": "GateOut.explanation",
    "GateOut.waits_for": "GateOut.explanation",
    "SubjectGate.may_close": "SubjectGate.explanation",
    "SubjectGate.waits_for": "SubjectGate.explanation",
    "ExplainedGateAnswer.may_close": "ExplainedGateAnswer.explanation",
    "ExplainedGateAnswer.waits_for": "ExplainedGateAnswer.explanation",
    # who and how many (§4.4, §4.5, §4.6)
    "AllocatedOut.auditor": "AllocatedOut.explanation",
    "CaseListOut.population": "CaseListOut.explanation",
    "SampleSizeOut.population": "SampleSizeOut.explanation",
    "SampleOut.population": "SampleOut.explanation",
    "StratumOut.drawn": "SampleOut.explanation",
    "StratumOut.population": "SampleOut.explanation",
    "ComplianceRow.period": "ComplianceRow.explanation",
    "ComplianceRow.required": "ComplianceRow.explanation",
    "ComplianceRow.remaining": "ComplianceRow.explanation",
    "ComplianceRow.on_pace": "ComplianceRow.explanation",
    # figures (§4.7, §4.5)
    "MetricOut.value": "MetricsOut.explanation",
    "BrokenDownFigureOut.value": "BreakdownOut.explanation",
    "KappaOut.value": "ScaleAgreementOut.explanation",
    "ChartPointOut.value": "ChartsOut.explanation",
    "CoefficientOut.value": "ScaleAgreementOut.explanation",
    # how long a record is kept (X4), how long the calendar lasts
    "RecordRetentionOut.kept_until": "RecordRetentionOut.explanation",
    "RecordRetentionOut.due": "RecordRetentionOut.explanation",
    "RetentionItemOut.kept_until": "RetentionItemOut.explanation",
    "WorkingCalendarOut.ends_soon": "WorkingCalendarOut.explanation",
    "WorkingCalendarOut.days_until_horizon": "WorkingCalendarOut.explanation",
}
"""Where a computed field is explained: in the document that shows it, or in a part of it."""

SAID = "somebody said so, and it is kept as it was said"
REPEATED = "told again as it stood; the document that it comes from explains it"
GIVEN = {
    "ActionOut.due_on": SAID,
    "ActionOut.working_days_left": SAID,
    "ActionOut.overdue": SAID,
    "AuditActionOut.due_on": SAID,
    "LearningActionOut.due_on": SAID,
    "LearningActionOut.working_days_left": SAID,
    "LearningActionOut.overdue": SAID,
    "HandOverItemOut.due_on": REPEATED,
    "LearningActionBrief.due_on": SAID,
    "BoardDecisionOut.due_on": SAID,
    "BoardDecisionRow.due_on": SAID,
    "BoardDecisionRow.overdue": SAID,
    "BoardDecisionWhole.due_on": SAID,
    "BoardDecisionWhole.overdue": SAID,
    "AnswerOut.expected_by": SAID,
    "AnswerOut.value": SAID,
    "FamilyContactOut.expected": SAID,
    "QuestionOut.required": "the tool says so",
    "TableConstraintsOut.required": "the dataset is made so",
    "PolicyChange.value": "two people decided it, or one did and it was told",
    "RelatedOut.value": "an administrator entered it",
    "PolicyValueOut.value": "the authority decided it; the clause stands beside it",
    "PolicyOut.effective_until": "the day on which the next version takes effect",
    "AuditOut.due_on": "planned by somebody or for a plan's quarter; a computed one is `owed`",
    "AuditOut.working_days_left": "to that date",
    "TeamProgressOut.expected": "the plan says so",
    "CalendarRef.known_until": "published",
    "WorkingCalendarOut.known_until": "published",
    "BankHolidayComparisonOut.known_until": "the last day of the file's last year",
    "BankHolidayComparisonOut.known_until_before": "published",
    "AdditionOut.due_on": "its steps and calendar stand beside it; no policy has a part in it",
    "DeliveryOut.due_at": "the next attempt of a webhook, which no clause asks for",
    "RemovedOut.kept_until_year": REPEATED,
    "AuditForDueDate.due_on": "as the audit has it; the due date that it is for is explained",
    "MemberOut.drawn": REPEATED,
    "RedrawOut.drawn": REPEATED,
    "ReportedUpdateOut.due_on": REPEATED,
    "ReportedUpdateOut.late": REPEATED,
    "TrendOut.responses_adequate_on_time": REPEATED,
    "RetentionRuleValue.trigger": "the authority decided it; the clause stands beside it",
    "EscalationExplanation.acknowledge_by": "it is the explanation",
    "EscalationExplanation.inform_by": "it is the explanation",
}
"""What looks computed and is not, and what it is instead."""

LOOKS_COMPUTED = re.compile(
    r"^(due|due_on|due_at|.*_due_on|.*_until|.*_until_.*|overdue|late|.*_on_time|.*_left|required|"
    r"remaining|on_pace|trigger|may_close|waits_for|ends_soon|population|drawn|value|expected|"
    r"acknowledge_by|inform_by|expected_by)$"
)


def named(schema: Any) -> set[str]:
    """The components that a schema refers to, wherever in it."""
    if isinstance(schema, dict):
        if "$ref" in schema:
            return {schema["$ref"].rpartition("/")[2]}
        return set().union(*map(named, schema.values()))
    if isinstance(schema, list):
        return set().union(*map(named, schema))
    return set()


def with_parts(names: set[str]) -> set[str]:
    """Components and everything they hold."""
    found: set[str] = set()
    while new := names - found:
        found |= new
        names = set().union(*(named(SCHEMAS[name].get("properties", {})) for name in new))
    return found


def documents() -> set[str]:
    """Everything that is shown as a document of its own or as a part of one."""
    answers = {one.answer_name for one in operations() if one.answer_name}
    # A row of a page stands for its document where there is none.
    pages = {name for name in answers if name.endswith("Page")}
    rows = named([SCHEMAS[name] for name in pages])
    single = answers - pages
    alone = {row for row in rows if row.endswith(("Out", "Row")) and not _has_document(row, single)}
    return with_parts(single | alone) - {"SubjectHistory"} - _of_the_record()


def _has_document(row: str, single: set[str]) -> bool:
    """`ResponseRow` is the row of `ResponseOut`."""
    return row in single or f"{row.removesuffix('Row')}Out" in single


def _of_the_record() -> set[str]:
    """A child's record tells what happened, in words; what it tells of explains itself."""
    return {name for name in SCHEMAS if name.startswith("Recorded")}


def computed_looking() -> Iterator[str]:
    for name in sorted(documents()):
        for field in SCHEMAS[name].get("properties", {}):
            if LOOKS_COMPUTED.match(field):
                yield f"{name}.{field}"


def test_a_field_that_looks_computed_is_explained_or_said_not_to_be() -> None:
    assert [field for field in computed_looking() if field not in {**COMPUTED, **GIVEN}] == []


def test_no_field_is_on_both_lists_or_on_one_for_nothing() -> None:
    assert not set(COMPUTED) & set(GIVEN)
    assert set(GIVEN) - set(computed_looking()) == set()
    gone = [field for field in COMPUTED if not _field(field)]
    assert gone == []


@pytest.mark.parametrize(("field", "explanation"), COMPUTED.items())
def test_what_is_computed_has_its_explanation_in_the_document(field: str, explanation: str) -> None:
    assert named(_field(explanation)) == {"ExplanationOut"}
    holder, inside = field.partition(".")[0], explanation.partition(".")[0]
    together = [name for name in documents() if {holder, inside} <= with_parts({name})]
    assert together, "one document shows both"


def test_an_explanation_says_rule_clause_versions_days_and_facts() -> None:
    explanation = SCHEMAS["ExplanationOut"]
    fields = {"rule", "clause", "policy_version", "calendar_version", "steps", "facts"}
    assert set(explanation["properties"]) == set(explanation["required"]) == fields


def test_a_figure_says_its_clause_and_what_it_counts_above_and_below_the_line() -> None:
    assert {"clause", "numerator", "denominator", "withheld"} <= set(
        SCHEMAS["MetricOut"]["required"]
    )
    assert {"definition", "rows"} <= set(SCHEMAS["MetricPartOut"]["required"])


def _field(path: str) -> Json:
    name, _, field = path.partition(".")
    found: Json = SCHEMAS.get(name, {}).get("properties", {}).get(field, {})
    return found
