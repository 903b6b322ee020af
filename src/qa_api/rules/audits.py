"""Who may audit, what an audit lacks before completion, and when it closes (§4.1, §4.2)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import field
from enum import StrEnum

from qa_api.rules.decision import Explanation, Missing, RuleRefused
from qa_api.rules.states import ACTION_SETTLED, ActionState, EscalationState, ResponseState
from qa_api.rules.tools import Answer, Domain, OverallAsked, applies, gaps_in_answer
from qa_api.rules.unchanging import Unchanging


class AuditorRule(StrEnum):
    """Who may audit, as the audit type's policy says (R4.1.8)."""

    QUALITY_STANDARDS_RUN = "quality_standards_run"
    TEAM_SUPERVISOR_ELSE_MANAGER = "team_supervisor_else_manager"
    SUPERVISOR_OF_ANOTHER_TEAM = "supervisor_of_another_team"
    ANY_AUDITOR = "any_auditor"


class StarterRule(StrEnum):
    """Who may start audits of a type, as the type says (R3.1). Quality & Standards always may."""

    QUALITY_STANDARDS = "quality_standards"
    TEAM_MANAGER = "team_manager"
    SUPERVISOR_OR_MANAGER = "supervisor_or_manager"
    OWN_TEAMS = "own_teams"


_MANAGERS = frozenset({"team_manager", "head_of_service"})
_LEADS = _MANAGERS | {"practice_supervisor"}


def may_start(
    rule: StarterRule, over_case: Collection[str], over_own_teams: Collection[str]
) -> bool:
    """Whether somebody may start an audit of a type (R3.1).

    ``over_case`` are their roles over the team that holds the case, ``over_own_teams`` those over
    the teams that the type itself belongs to, such as the independent reviewing officers'.
    """
    if "quality_standards" in over_case:
        return True
    match rule:
        case StarterRule.QUALITY_STANDARDS:
            return False
        case StarterRule.TEAM_MANAGER:
            return not _MANAGERS.isdisjoint(over_case)
        case StarterRule.SUPERVISOR_OR_MANAGER:
            return not _LEADS.isdisjoint(over_case)
        case StarterRule.OWN_TEAMS:
            return not _LEADS.isdisjoint(over_own_teams)


class AuditorFacts(Unchanging):
    """Worker codes around one audit, as the directory has them on the day of assignment.

    ``worker`` is whose work is audited; ``supervised_by`` who supervises that worker;
    ``team_supervisors`` the team's PSs who are in post, not absent and auditors; ``team_leads``
    the manager and whoever acts as one; ``other_supervisors`` the PSs of other teams.
    """

    auditor: str
    worker: str | None
    supervised_by: frozenset[str] = frozenset()
    team_supervisors: frozenset[str] = frozenset()
    team_leads: frozenset[str] = frozenset()
    other_supervisors: frozenset[str] = frozenset()


def check_auditor(
    rule: AuditorRule,
    facts: AuditorFacts,
    *,
    policy_version: int,
    supervision_override: bool = False,
) -> Explanation:
    """Refuse an auditor whom the type's policy does not allow; explain one it does (R4.1.8).

    Nobody audits their own work, and no override helps. ``supervision_override`` is Q&S's,
    with a reason, for the supervisor of the audited worker on a type that Q&S runs.
    """
    if facts.auditor == facts.worker:
        raise _not_auditor("own-work", "Nobody audits their own work.")
    match rule:
        case AuditorRule.QUALITY_STANDARDS_RUN:
            because = _run_by_quality_standards(facts, supervision_override)
        case AuditorRule.TEAM_SUPERVISOR_ELSE_MANAGER:
            because = _team_supervisor_else_manager(facts)
        case AuditorRule.SUPERVISOR_OF_ANOTHER_TEAM:
            if facts.auditor not in facts.other_supervisors - facts.team_supervisors:
                raise _not_auditor(
                    "not-an-auditor", "Only a supervisor of another team can audit this type."
                )
            because = "practice supervisor of another team"
        case AuditorRule.ANY_AUDITOR:
            because = "any auditor may"
    return Explanation(
        "may_audit",
        "§4.1, R4.1.8",
        policy_version,
        facts={"auditor_rule": rule.value, "because": because},
    )


def check_not_judged(person: str | None, judged: Collection[str | None]) -> None:
    """Refuse that somebody assigns, changes or ends the audit of their own work (R4.1.8)."""
    if person is not None and person in judged:
        raise RuleRefused(
            "own-work",
            "§4.1, R4.1.8",
            "You cannot plan, assign or cancel the audit of your own work. Another manager"
            " or Quality & Standards can.",
        )


def _not_auditor(code: str, message: str) -> RuleRefused:
    return RuleRefused(code, "§4.1, R4.1.8", message, "auditor")


def _run_by_quality_standards(facts: AuditorFacts, override: bool) -> str:
    if facts.auditor not in facts.supervised_by:
        return "does not supervise the worker"
    if override:
        return "supervises the worker; overridden by Quality & Standards with a reason"
    raise _not_auditor(
        "supervises-worker",
        "Nobody audits a case of a worker they supervise, "
        "unless Quality & Standards overrides with a reason.",
    )


def _team_supervisor_else_manager(facts: AuditorFacts) -> str:
    supervisors = facts.team_supervisors - {facts.worker}
    if facts.auditor in supervisors:
        return "practice supervisor of the team"
    if facts.auditor in facts.team_leads and not supervisors:
        return "team manager, since the team has no practice supervisor who can"
    raise _not_auditor(
        "not-an-auditor",
        "Only a practice supervisor of the team can audit this type, "
        "or its manager if there is none.",
    )


class ContactOutcome(StrEnum):
    """How the contact with the child, young person or family went (R4.1.4)."""

    SPOKEN = "spoken"
    NOT_REACHED = "not_reached"
    DECLINED = "declined"


class FamilyContact(Unchanging):
    """What the audit states about family contact (R4.1.4)."""

    expected: bool
    not_expected_because: str | None = None
    outcome: ContactOutcome | None = None
    who: str | None = None
    how: str | None = None


class Judgement(Unchanging):
    """A grade of the tool's scale, with its rationale (R4.1.3)."""

    grade: str
    rationale: str


class AuditContent(Unchanging):
    """What has been recorded in an audit, beside the tool and the scale that were asked."""

    domains: Sequence[Domain]
    grades: Collection[str]
    answers: Mapping[str, Answer] = field(default_factory=dict)
    judgements: Mapping[str, Judgement] = field(default_factory=dict)
    overall: Judgement | None = None
    overall_asked: OverallAsked = OverallAsked.REQUIRED
    family_contact: FamilyContact | None = None
    positive_feedback: str | None = None
    paper_records_read: str | None = None
    paper_records_asked: bool = False
    family_contact_asked: bool = True
    positive_feedback_asked: bool = True


def not_applying(audit: AuditContent) -> frozenset[str]:
    """The questions that were answered though they do not apply, given the other answers (R4.1.1).

    A later change of an earlier answer switched them off. A draft keeps such answers, a completed
    audit leaves them out.
    """
    questions = {q.key: q for domain in audit.domains for q in domain.questions}
    return frozenset(
        key for key in audit.answers if not applies(questions[key], audit.answers, questions)
    )


def missing_before_completion(audit: AuditContent) -> tuple[Missing, ...]:
    """Everything an audit lacks before it can be completed (§3, R3.1, §4.1, R4.1.2-R4.1.4).

    Whether it has a subject and an auditor is held from in_progress on.
    """
    found: list[Missing] = []
    questions = {q.key: q for domain in audit.domains for q in domain.questions}
    for domain in audit.domains:
        for question in domain.questions:
            if applies(question, audit.answers, questions):
                answer = audit.answers.get(question.key)
                found.extend(gaps_in_answer(question, answer, f"/answers/{question.key}"))
        if domain.judged:
            judgement = audit.judgements.get(domain.key)
            found.extend(_judgement_gaps(judgement, f"/judgements/{domain.key}", audit.grades))
    if audit.overall is not None or audit.overall_asked is OverallAsked.REQUIRED:
        found.extend(_judgement_gaps(audit.overall, "/judgements/overall", audit.grades))
    if audit.family_contact_asked:
        found.extend(_contact_gaps(audit.family_contact))
    if audit.positive_feedback_asked and not (audit.positive_feedback or "").strip():
        detail = "Give positive feedback for good work, or say that there was none to give."
        found.append(Missing("/positive_feedback", "positive-feedback-missing", detail))
    if audit.paper_records_asked and not (audit.paper_records_read or "").strip():
        detail = "Say which paper records were read besides the electronic one, or that none were."
        found.append(Missing("/paper_records_read", "paper-records-missing", detail))
    return tuple(found)


def check_overall_asked(asked: OverallAsked) -> None:
    """Refuse an overall judgement where the tool asks for none (R4.1.3)."""
    if asked is OverallAsked.NONE:
        raise RuleRefused(
            "no-overall-judgement",
            "§4.1, R4.1.3",
            "The tool asks for no overall judgement: the judgements of its domains stand for the"
            " audit.",
            "overall",
        )


def _judgement_gaps(
    judgement: Judgement | None, pointer: str, grades: Collection[str]
) -> list[Missing]:
    if judgement is None:
        return [Missing(pointer, "judgement-missing", "This judgement is missing.")]
    found = []
    if judgement.grade not in grades:
        detail = "This grade is not of the scale that the tool uses."
        found.append(Missing(f"{pointer}/grade", "grade-unknown", detail))
    if not judgement.rationale.strip():
        detail = "Give the rationale of the judgement."
        found.append(Missing(f"{pointer}/rationale", "rationale-missing", detail))
    return found


def _contact_gaps(contact: FamilyContact | None) -> list[Missing]:
    pointer = "/family_contact"
    if contact is None:
        detail = "Say whether contact with the family was expected, and how it went."
        return [Missing(pointer, "family-contact-missing", detail)]
    if not contact.expected:
        if (contact.not_expected_because or "").strip():
            return []
        detail = "Say why no contact was expected."
        return [Missing(f"{pointer}/not_expected_because", "reason-missing", detail)]
    if contact.outcome is None:
        return [Missing(f"{pointer}/outcome", "outcome-missing", "Say how the contact went.")]
    if contact.outcome is not ContactOutcome.SPOKEN:
        return []
    given = {"who": contact.who, "how": contact.how}
    detail = "Say who was spoken to, and how."
    return [
        Missing(f"{pointer}/{name}", f"{name}-missing", detail)
        for name, value in given.items()
        if not (value or "").strip()
    ]


def check_completion(audit: AuditContent) -> None:
    """Refuse to complete an audit that lacks something, naming each thing (R4.1.2-R4.1.4)."""
    missing = missing_before_completion(audit)
    if missing:
        raise RuleRefused(
            "audit-incomplete",
            "§4.1, R4.1.2",
            "Something that the tool asks for is missing: see each error.",
            missing=missing,
        )


class ClosingFacts(Unchanging):
    """What decides whether a completed audit closes. ``response`` is None where none exists."""

    notified: bool
    response: ResponseState | None = None
    actions: tuple[ActionState, ...] = ()
    escalations: tuple[EscalationState, ...] = ()


class Closing(Unchanging):
    """Does the audit close now, and if not, what does it wait for."""

    closes: bool
    waits_for: tuple[str, ...]
    explanation: Explanation


def audit_closes(facts: ClosingFacts, policy_version: int) -> Closing:
    """Whether a completed audit closes (§4.2, R4.2.2, R4.2.6).

    Without actions it closes when notified; with actions when the response is adequate and
    every action verified or cancelled. An open escalation keeps either open.
    """
    waits_for = []
    if not facts.notified:
        waits_for.append("notification")
    if facts.response is not None and facts.response is not ResponseState.ADEQUATE:
        waits_for.append("response")
    if any(state not in ACTION_SETTLED for state in facts.actions):
        waits_for.append("actions")
    if any(state is not EscalationState.RESOLVED for state in facts.escalations):
        waits_for.append("escalation")
    clause = "§4.2, R4.2.6" if facts.response is not None else "§4.2, R4.2.2"
    explanation = Explanation(
        "audit_closes", clause, policy_version, facts={"waits_for": tuple(waits_for)}
    )
    return Closing(not waits_for, tuple(waits_for), explanation)
