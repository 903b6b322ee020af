"""The record of a subject as a page to read and to print, in plain words (R4.1.7).

One document on its own: nothing is fetched, no script runs, and whatever people wrote is text.
"""

from datetime import date
from html import escape
from itertools import groupby
from typing import Final

from qa_api.reads.staff_names import StaffNames
from qa_api.records.audit_schemas import (
    RecordedAction,
    RecordedAnswer,
    RecordedAudit,
    RecordedContact,
)
from qa_api.records.page_after import comments, moderations, response, revisions
from qa_api.records.page_staff import is_of_a_person
from qa_api.records.pieces import lower, p, said, section, when, words
from qa_api.records.schemas import (
    Audience,
    RecordedEscalation,
    RecordedGate,
    RecordedLook,
    SubjectHistory,
)
from qa_api.records.wording import day, day_of, in_words, moment, purpose

_PAGE: Final = """<!doctype html>
<html lang="en-GB">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
body {{ margin: 0; background: #f6f4ef; color: #22252a; font: 1.06rem/1.6 Georgia, serif; }}
main {{ max-width: 44rem; margin: 0 auto; padding: 2rem 1.2rem 4rem; }}
h1, h2, h3, h4 {{ font-family: system-ui, sans-serif; line-height: 1.25; color: #17435c; }}
h1 {{ font-size: 2rem; margin: 0 0 .6rem; }}
h2 {{ font-size: 1.45rem; margin: 2.6rem 0 .4rem; }}
h3 {{ font-size: 1.12rem; margin: 1.8rem 0 .3rem; }}
h4 {{ font-size: 1rem; margin: 1.1rem 0 .2rem; color: #22252a; }}
p {{ margin: .4rem 0; white-space: pre-line; overflow-wrap: anywhere; }}
.audit {{ background: #fff; border: 1px solid #d9d4c7; border-radius: .5rem;
  padding: .2rem 1.4rem 1.4rem; margin: 1.6rem 0; }}
.audit h2 {{ margin-top: 1.2rem; }}
.words {{ border-left: .25rem solid #5b9bb8; padding-left: .9rem; margin: .5rem 0; }}
.small {{ font-size: .92rem; color: #4b5058; }}
.question {{ margin: .9rem 0; }}
.question p {{ margin: .1rem 0; }}
.question p:first-child {{ font-weight: bold; }}
table {{ border-collapse: collapse; width: 100%; font-size: .92rem; }}
th, td {{ text-align: left; padding: .3rem .5rem .3rem 0; border-bottom: 1px solid #d9d4c7;
  vertical-align: top; }}
@media print {{
  body {{ background: #fff; font-size: 11pt; }}
  main {{ max-width: none; padding: 0; }}
  .audit {{ border: 0; padding: 0; }}
  h2, h3, h4 {{ break-after: avoid; }}
  .question, .words, tr {{ break-inside: avoid; }}
}}
</style>
</head>
<body>
<main>
{content}
</main>
</body>
</html>
"""


def written(record: SubjectHistory, names: StaffNames) -> str:
    """The whole page; workers are called by their names where those are known."""
    theirs = record.audience is Audience.SUBJECT
    title = "Your record" if theirs else f"The record of {record.subject.ref}"
    parts = [
        f"<h1>{escape(title)}</h1>",
        *_opening(record, theirs, names),
        *(_audit(audit, theirs, names) for audit in record.audits),
        *_escalations(record.escalations),
        *comments(record.comments, names),
        *_gates(record.closure_gates),
        *_unfinished(record),
        *_redactions(record),
        *_looks(record, names),
    ]
    return _PAGE.format(title=escape(title), content="\n".join(parts))


# --- the record ---


def _opening(record: SubjectHistory, theirs: bool, names: StaffNames) -> list[str]:
    subject = record.subject
    lines = []
    if theirs:
        lines.append(
            p(
                "These pages are about you. Now and then somebody who was not part of your case"
                " looks carefully at the work that was done with you and asks: was it good, was it"
                " in time, were you listened to? Here is what they found, what people said, and"
                " what was put right because of it."
            )
        )
    else:
        lines.append(p("Everything held about this person, in the order in which it happened."))
    facts = []
    if subject.born_on:
        facts.append(f"Born on {day(subject.born_on)}.")
    if subject.team_name:
        facts.append(f"The team now: {subject.team_name}.")
    if subject.worker:
        facts.append(f"The worker now: {names.of(subject.worker)}.")
    facts.append(f"Reference: {subject.ref}.")
    lines.append(p(" ".join(facts), "small"))
    if subject.removed:
        lines.append(
            p(
                "What people wrote here was kept for as long as it had to be, until"
                f" {subject.removed.kept_until_year}, and was removed on"
                f" {day(subject.removed.removed_on)}. What is left are dates and results."
            )
        )
    if not record.audits:
        lines.append(p("Nobody has finished such a look at the work yet."))
    return lines


def _audit(audit: RecordedAudit, theirs: bool, names: StaffNames) -> str:
    heading = f"{audit.type_name}, {day(audit.completed_on)}"
    about = [f"The work of: {audit.audited_team_name}." if audit.audited_team_name else ""]
    if audit.auditor:
        about.append(f"Auditor: {names.of(audit.auditor)}.")
    if audit.audited_worker:
        about.append(f"Worker at the time: {names.of(audit.audited_worker)}.")
    if audit.re_audit_of:
        about.append("This looked again at work that had been looked at before.")
    parts = [
        f'<section class="audit">\n<h2>{escape(heading)}</h2>',
        p(" ".join(filter(None, about)), "small"),
        *_found(audit),
        *said("What went well", audit.positive_feedback),
        *_family(audit, theirs),
        *said(
            "What your worker thought" if theirs else "The worker's view",
            audit.worker_view.view if audit.worker_view else None,
        ),
        *said(
            "What your worker wrote about this" if theirs else "In the worker's own words",
            audit.own_view.view if audit.own_view else None,
        ),
        *said("Paper records", audit.paper_records_read),
        *_findings(audit),
        *(_judgements(audit, "How each part was judged") if audit.overall_label else []),
        *_questions(audit.answers),
        *section(
            "What was to be put right",
            (part for action in audit.actions for part in _action(action)),
        ),
        *response(audit, names),
        *revisions(audit, names),
        *moderations(audit, names),
        "</section>",
    ]
    return "\n".join(parts)


def _family(audit: RecordedAudit, theirs: bool) -> list[str]:
    contact = audit.family_contact
    if contact is None:
        return []
    heading = "What you and your family said" if theirs else "What the family said"
    if not contact.expected:
        return section(
            heading, [p("Nobody was asked this time."), *words(contact.not_expected_reason)]
        )
    parts = [part for one in contact.contacts for part in _contact(one)]
    return section(heading, parts or [p("No contact was recorded.")])


def _contact(contact: RecordedContact) -> list[str]:
    line = f"{contact.who}, {contact.how}, {day_of(contact.at)}: {in_words(contact.outcome)}."
    return [p(line), *words(contact.feedback)]


def _findings(audit: RecordedAudit) -> list[str]:
    parts = []
    for finding in audit.urgent_findings:
        told = f"On {day_of(finding.raised_at)} the auditor saw {lower(in_words(finding.kind))}."
        parts += [p(told), *words(finding.description)]
        if finding.child_safe_now:
            parts.append(p(f"Safe at that moment: {in_words(finding.child_safe_now)}.", "small"))
    return section("Something urgent", parts)


def _found(audit: RecordedAudit) -> list[str]:
    """The judgement of the whole; where there is none, what was found of each part."""
    if audit.overall_label is None:
        return _judgements(audit, "What was found")
    found = f"What was found: {audit.overall_label.lower()}"
    return section(found, words(audit.overall_rationale))


def _judgements(audit: RecordedAudit, heading: str) -> list[str]:
    parts = []
    for judgement in audit.judgements:
        parts += [
            f"<h4>{escape(judgement.domain)}: {escape(judgement.label.lower())}</h4>",
            *words(judgement.rationale),
        ]
    return section(heading, parts)


def _questions(answers: list[RecordedAnswer]) -> list[str]:
    parts = []
    for domain, asked in groupby(answers, key=lambda answer: answer.domain):
        parts.append(f"<h4>{escape(domain)}</h4>")
        parts += [_question(answer) for answer in asked]
    return section("What was asked, and the answers", parts)


def _question(answer: RecordedAnswer) -> str:
    parts = [p(answer.question), p(_answered(answer))]
    parts += words(answer.rationale) + words(answer.comment)
    parts += when("It was done on", answer.done_on)
    parts += when("It was to be done by", answer.expected_by)
    if answer.evidence:
        parts.append(p(f"Shown by: {answer.evidence}", "small"))
    return '<div class="question">\n' + "\n".join(parts) + "\n</div>"


def _answered(answer: RecordedAnswer) -> str:
    value = answer.value_label or answer.value
    if value is None:
        return "No answer."
    if answer.answer_kind == "date":
        try:
            return day(date.fromisoformat(str(value)))
        except ValueError:
            return str(value)  # redacted
    if isinstance(value, float):
        return f"{value:g}"
    return in_words(value) if answer.answer_kind in {"yes_no_partial_na", "choice"} else value


def _action(action: RecordedAction) -> list[str]:
    parts = [f"<h4>{escape(in_words(action.kind))}</h4>", *words(action.description)]
    parts.append(p(f"{in_words(action.state)}."))
    if action.how:
        parts += [p("What was done about it:"), *words(action.how)]
    parts += when("It was to be done by", action.due_on)
    if action.first_promised_on != action.due_on:
        parts += when("At first it was promised for", action.first_promised_on)
    parts += when("It was done on", action.done_on)
    if action.verified_at:
        parts.append(p(f"Somebody else checked it on {day_of(action.verified_at)}.", "small"))
    if action.made_a_difference is not None:
        made = "It made a difference." if action.made_a_difference else "It made no difference."
        parts.append(p(made))
    for text in (action.verification_note, action.not_achieved_reason, action.cancel_reason):
        parts += words(text)
    return parts


def _escalations(escalations: list[RecordedEscalation]) -> list[str]:
    parts = []
    for escalation in escalations:
        parts += [
            f"<h3>{escape(in_words(escalation.trigger))}, {day_of(escalation.raised_at)}</h3>",
            p("The managers were told at once."),
        ]
        if escalation.acknowledged_at:
            parts.append(
                p(f"The manager had seen it {moment(escalation.acknowledged_at)}.", "small")
            )
        if escalation.actions_to_be_taken:
            parts += [p("What they said would be done:"), *words(escalation.actions_to_be_taken)]
        if escalation.resolved_at:
            parts += [p(f"It was settled on {day_of(escalation.resolved_at)}.")]
        parts += words(escalation.resolution)
        if escalation.dispute_reason:
            parts += [p("It was disputed:"), *words(escalation.dispute_reason)]
    return ["<h2>What could not wait</h2>", *parts] if parts else []


def _gates(gates: list[RecordedGate]) -> list[str]:
    parts = []
    for gate in gates:
        told = f"On {day_of(gate.opened_at)} it was proposed to close the case."
        if gate.closed_at:
            told += f" It was closed on {day_of(gate.closed_at)}."
        elif not gate.may_close:
            told += " It stays open until what must be done before has been done."
        if gate.reopened_at:
            told += f" It was opened again on {day_of(gate.reopened_at)}."
        parts += [p(told), *words(gate.override_reason)]
        if gate.override_withdrawn_at:
            parts += [
                p(f"That was taken back on {day_of(gate.override_withdrawn_at)}."),
                *words(gate.override_withdrawal_reason),
            ]
        parts += words(gate.reopen_reason)
    return ["<h2>The end of the work</h2>", *parts] if parts else []


def _unfinished(record: SubjectHistory) -> list[str]:
    parts = []
    for audit in record.unfinished_audits:
        due = f", due on {day(audit.due_on)}" if audit.due_on else ""
        parts += [p(f"{audit.type_name}: {in_words(audit.state).lower()}{due}.")]
        parts += words(audit.cancel_reason)
    return ["<h2>Not finished</h2>", *parts] if parts else []


def _redactions(record: SubjectHistory) -> list[str]:
    if not record.redactions:
        return []
    told = "Some words are not shown here. Where that is so, it says why."
    parts = []
    for redaction in record.redactions:
        line = f"{day_of(redaction.redacted_at)}: {redaction.reason}"
        if redaction.lifted_at:
            line += f" Shown again since {day_of(redaction.lifted_at)}: {redaction.lift_reason}"
        parts.append(p(line, "small"))
    return ["<h2>What is not shown</h2>", p(told), *parts]


def _looks(record: SubjectHistory, names: StaffNames) -> list[str]:
    if not record.looks:
        return []
    head = "".join(f'<th scope="col">{name}</th>' for name in ("When", "Who", "As", "What for"))
    rows = [
        f"<tr><td>{escape(moment(look.at))}</td><td>{escape(_who(look, names))}</td>"
        f"<td>{escape(', '.join(in_words(role) for role in look.roles))}</td>"
        f"<td>{escape(purpose(look.operation))}</td></tr>"
        for look in record.looks
    ]
    return [
        "<h2>Who has looked</h2>",
        f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>",
        *rows,
        "</tbody>\n</table>",
    ]


def _who(look: RecordedLook, names: StaffNames) -> str:
    return names.of(look.who) if is_of_a_person(look) else look.who
