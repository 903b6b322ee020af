"""What followed from an audit, as the page of the record tells it."""

from collections.abc import Mapping
from html import escape
from uuid import UUID

from qa_api.reads.staff_names import StaffNames
from qa_api.records.audit_schemas import (
    RecordedAudit,
    RecordedItem,
    RecordedLearning,
    RecordedModeratedDomain,
    RecordedModeration,
    RecordedRound,
    RecordedWording,
)
from qa_api.records.pieces import p, section, when, words
from qa_api.records.schemas import RecordedComment
from qa_api.records.wording import day_of, in_words


def response(audit: RecordedAudit, names: StaffNames) -> list[str]:
    """What was answered to an audit, round by round (§4.2)."""
    if audit.response is None:
        return []
    named = {action.id: action.description for action in audit.actions}
    parts = []
    if audit.response.due_on:
        parts += when("An answer was due by", audit.response.due_on)
    for turn in audit.response.rounds:
        parts += _round(turn, named, names)
    return section("What was answered to that", parts)


def _round(turn: RecordedRound, named: Mapping[UUID, str], names: StaffNames) -> list[str]:
    if turn.submitted_at is None:
        return [p("The answer is still awaited.")]
    by = f" by {names.of(turn.submitted_by)}" if turn.submitted_by else ""
    parts = [p(f"Answered on {day_of(turn.submitted_at)}{by}.", "small")]
    for item in turn.items:
        parts += _item(item, named.get(item.action_id, ""))
    if turn.reviewed_at and turn.outcome:
        by = f" by {names.of(turn.reviewed_by)}" if turn.reviewed_by else ""
        parts.append(p(f"{in_words(turn.outcome)}, {day_of(turn.reviewed_at)}{by}."))
    return parts + words(turn.reasons)


def _item(item: RecordedItem, action: str) -> list[str]:
    parts = [f"<h4>{escape(action)}</h4>"] if action else []
    parts += words(item.how)
    parts += when("Done on", item.done_on) + when("To be finished by", item.finish_on)
    if item.reason_not_immediate:
        parts += [p("Why it could not be done at once:"), *words(item.reason_not_immediate)]
    return parts


def revisions(audit: RecordedAudit, names: StaffNames) -> list[str]:
    """When and why it was amended, and what the changed parts said before (R4.1.5)."""
    parts = []
    for revision in audit.revisions:
        by = f" by {names.of(revision.replaced_by)}" if revision.replaced_by else ""
        told = f"Corrected on {day_of(revision.replaced_at)}{by}; the pages above say what holds."
        parts += [p(told, "small"), *words(revision.reason)]
        if revision.earlier:
            parts.append(p("Before that it said:"))
            parts += [part for wording in revision.earlier for part in _earlier(wording)]
    return section("What was corrected later", parts)


def _earlier(wording: RecordedWording) -> list[str]:
    parts = [f"<h4>{escape(wording.about)}</h4>"]
    value = wording.label or wording.value
    if value is not None:
        parts.append(p(_value_in_words(value)))
    for text in (wording.text, wording.rationale, wording.comment):
        parts += words(text)
    parts += when("It was done on", wording.done_on)
    parts += when("It was to be done by", wording.expected_by)
    if wording.evidence:
        parts.append(p(f"Shown by: {wording.evidence}", "small"))
    return parts


def _value_in_words(value: str | float) -> str:
    return f"{value:g}" if isinstance(value, float) else in_words(value)


def moderations(audit: RecordedAudit, names: StaffNames) -> list[str]:
    """What moderation found, and what was to be learned from it (R4.5.3, R4.5.5)."""
    parts = []
    for one in audit.moderations:
        by = f", {names.of(one.moderated_by)}," if one.moderated_by else ""
        told = f"On {day_of(one.moderated_at)} somebody else{by} looked at this as well."
        parts += [p(told), *_second_view(one)]
        for domain in one.domains:
            parts += [f"<h4>{escape(domain.domain)}</h4>", *_second_view(domain)]
        for heading, text in (
            ("What it changes for the child", one.contribution_to_impact),
            ("How well the audit was done", one.quality),
            ("How well it was thought through", one.analysis),
            ("Themes", one.themes),
            ("What else they saw", one.observations),
            ("About what was to be put right", one.action_plan_comments),
            ("To the auditor", one.feedback_to_auditor),
        ):
            parts += [f"<h4>{heading}</h4>", *words(text)] if text else []
        parts += [part for learning in one.learning_actions for part in _learning(learning)]
    return section("What somebody else made of it", parts)


def _second_view(judged: RecordedModeration | RecordedModeratedDomain) -> list[str]:
    """What was found of the whole or of a part beside the auditor, and what the two agreed on."""
    if judged.moderated_label is None:
        return []
    same = judged.moderated_judgement == judged.auditor_judgement
    told = "They found the same" if same else "They found"
    parts = [p(f"{told}: {judged.moderated_label.lower()}."), *words(judged.moderated_rationale)]
    if judged.consensus_label:
        agreed = f"Then the two agreed: {judged.consensus_label.lower()}."
        parts += [p(agreed), *words(judged.consensus_rationale)]
    return parts


def _learning(learning: RecordedLearning) -> list[str]:
    parts = ["<h4>What was to be learned from it</h4>", *words(learning.description)]
    parts.append(p(f"{in_words(learning.state)}."))
    parts += words(learning.how)
    parts += when("It was to be done by", learning.due_on)
    parts += when("It was done on", learning.done_on)
    if learning.made_a_difference is not None:
        made = "a" if learning.made_a_difference else "no"
        parts.append(p(f"It made {made} difference."))
    for text in (
        learning.verification_note,
        learning.not_achieved_reason,
        learning.cancel_reason,
    ):
        parts += words(text)
    return parts


def comments(released: list[RecordedComment], names: StaffNames) -> list[str]:
    """What people said to each other about it, as far as it was released to the record (X8)."""
    parts = []
    for one in released:
        by = f", by {names.of(one.written_by)}" if one.written_by else ""
        parts += [p(f"{day_of(one.written_at)}{by}:", "small"), *words(one.text)]
    return ["<h2>What was said about it</h2>", *parts] if parts else []
