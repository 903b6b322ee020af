"""R4.1.2-R4.1.8 and R4.2.6: who audits, what completes an audit, what closes it."""

from dataclasses import replace

import pytest

from qa_api.rules.audits import (
    AuditContent,
    AuditorFacts,
    AuditorRule,
    ClosingFacts,
    ContactOutcome,
    FamilyContact,
    Judgement,
    StarterRule,
    audit_closes,
    check_auditor,
    check_completion,
    check_not_judged,
    check_overall_asked,
    may_start,
    missing_before_completion,
    not_applying,
)
from qa_api.rules.decision import RuleRefused
from qa_api.rules.states import (
    ActionState,
    EscalationState,
    ResponseState,
)
from qa_api.rules.tools import Answer, AnswerKind, AppliesWhen, Domain, OverallAsked, Question
from tests.rules.refusing import Refusal, refusal

FACTS = AuditorFacts(
    auditor="ps",
    worker="worker",
    supervised_by=frozenset({"ps"}),
    team_supervisors=frozenset({"ps", "ps2"}),
    team_leads=frozenset({"tm", "deputy"}),
    other_supervisors=frozenset({"ps-elsewhere", "ps2"}),
)
OWN_TEAM = AuditorRule.TEAM_SUPERVISOR_ELSE_MANAGER
OTHER_TEAM = AuditorRule.SUPERVISOR_OF_ANOTHER_TEAM
RUN_BY_QS = AuditorRule.QUALITY_STANDARDS_RUN


@pytest.mark.parametrize("rule", list(AuditorRule))
@pytest.mark.parametrize("override", [False, True])
def test_nobody_audits_their_own_work_and_no_override_helps(
    rule: AuditorRule, override: bool
) -> None:
    own = AuditorFacts("ps", "ps", frozenset(), frozenset({"ps"}), frozenset(), frozenset({"ps"}))
    with pytest.raises(RuleRefused) as refused:
        check_auditor(rule, own, policy_version=1, supervision_override=override)
    assert refused.value.code == "own-work"


@pytest.mark.parametrize(
    ("rule", "facts", "allowed"),
    [
        (OWN_TEAM, FACTS, True),  # a PS of the team, also one who supervises the worker
        (OWN_TEAM, replace(FACTS, auditor="tm"), False),
        (OWN_TEAM, replace(FACTS, auditor="tm", team_supervisors=frozenset()), True),
        # The team's only supervisor is the worker whose case closes.
        (
            OWN_TEAM,
            replace(FACTS, auditor="deputy", worker="ps", team_supervisors=frozenset({"ps"})),
            True,
        ),
        (OWN_TEAM, replace(FACTS, auditor="stranger", team_supervisors=frozenset()), False),
        (OTHER_TEAM, FACTS, False),
        (OTHER_TEAM, replace(FACTS, auditor="ps-elsewhere"), True),
        (OTHER_TEAM, replace(FACTS, auditor="ps2"), False),
        (RUN_BY_QS, replace(FACTS, auditor="anybody"), True),
        (RUN_BY_QS, FACTS, False),
        (AuditorRule.ANY_AUDITOR, FACTS, True),
    ],
)
def test_the_types_policy_says_who_may_audit(
    rule: AuditorRule, facts: AuditorFacts, allowed: bool
) -> None:
    told = refusal(check_auditor, rule, facts, policy_version=1)
    code = "supervises-worker" if rule is RUN_BY_QS else "not-an-auditor"
    assert told == (None if allowed else Refusal(code, "§4.1, R4.1.8", "auditor"))


def test_the_record_says_by_what_rule_and_why_somebody_audits() -> None:
    found = check_auditor(OWN_TEAM, FACTS, policy_version=3)
    assert (found.rule, found.clause, found.policy_version) == ("may_audit", "§4.1, R4.1.8", 3)
    assert found.facts["auditor_rule"] == "team_supervisor_else_manager"
    whys = {
        str(check_auditor(rule, facts, policy_version=3).facts["because"])
        for rule, facts in (
            (AuditorRule.ANY_AUDITOR, FACTS),
            (OWN_TEAM, FACTS),
            (OWN_TEAM, replace(FACTS, auditor="tm", team_supervisors=frozenset())),
            (OTHER_TEAM, replace(FACTS, auditor="ps-elsewhere")),
            (RUN_BY_QS, replace(FACTS, auditor="anybody")),
        )
    }
    assert len(whys) == 5
    assert all(" " in why for why in whys), "each says it in words"


def test_nobody_plans_assigns_or_cancels_the_audit_of_their_own_work() -> None:
    own = Refusal("own-work", "§4.1, R4.1.8")
    assert refusal(check_not_judged, "sw-1", ["sw-2", "sw-1"]) == own
    assert refusal(check_not_judged, "tm", ["sw-2", None]) is None
    assert refusal(check_not_judged, None, [None]) is None, "an account that is no worker's"


def test_quality_standards_can_let_a_supervisor_audit_and_the_record_says_so() -> None:
    because = check_auditor(RUN_BY_QS, FACTS, policy_version=1, supervision_override=True)
    assert "overridden" in str(because.facts["because"])


VISIT = Question("visit", "Visited?", AnswerKind.YES_NO_PARTIAL_NA, evidence_required=True)
WHY = Question("why", "Why not?", AnswerKind.TEXT, applies_when=AppliesWhen("visit", ("no",)))
COMPLETE = AuditContent(
    domains=(
        Domain("journey", "Journey", (VISIT, WHY)),
        Domain("data", "Basic data", (Question("n", "How many?", AnswerKind.NUMBER),), False),
    ),
    grades=("good", "inadequate"),
    answers={"visit": Answer("yes", evidence="Note 3"), "n": Answer(0)},
    judgements={"journey": Judgement("good", "Visits in time.")},
    overall=Judgement("good", "Sound work."),
    family_contact=FamilyContact(True, outcome=ContactOutcome.SPOKEN, who="mother", how="phone"),
    positive_feedback="Warm, clear recording.",
)


def test_answers_to_questions_that_a_later_answer_switched_off_do_not_apply() -> None:
    no = {"visit": Answer("no"), "why": Answer("The child was away."), "n": Answer(0)}
    assert not_applying(replace(COMPLETE, answers=no)) == frozenset()
    switched_off = replace(COMPLETE, answers={**no, "visit": Answer("yes", evidence="Note 3")})
    assert not_applying(switched_off) == {"why"}
    assert not_applying(replace(COMPLETE, answers={"why": no["why"]})) == {"why"}


def codes(audit: AuditContent) -> list[tuple[str, str]]:
    return [(m.pointer, m.code) for m in missing_before_completion(audit)]


def test_a_complete_audit_lacks_nothing() -> None:
    check_completion(COMPLETE)


@pytest.mark.parametrize(
    ("audit", "missing"),
    [
        (
            replace(COMPLETE, answers={"n": Answer(0)}),
            [("/answers/visit", "answer-missing")],
        ),
        (
            replace(COMPLETE, answers={"visit": Answer("no"), "n": Answer(0)}),
            [("/answers/why", "answer-missing")],
        ),
        (
            replace(COMPLETE, answers={"visit": Answer("yes"), "n": Answer(0)}),
            [("/answers/visit/evidence", "evidence-missing")],
        ),
        (replace(COMPLETE, judgements={}), [("/judgements/journey", "judgement-missing")]),
        (
            replace(COMPLETE, judgements={"journey": Judgement("good", " ")}),
            [("/judgements/journey/rationale", "rationale-missing")],
        ),
        (replace(COMPLETE, overall=None), [("/judgements/overall", "judgement-missing")]),
        (
            replace(COMPLETE, overall=Judgement("7", "Of another scale.")),
            [("/judgements/overall/grade", "grade-unknown")],
        ),
        (
            replace(COMPLETE, family_contact=None),
            [("/family_contact", "family-contact-missing")],
        ),
        (
            replace(COMPLETE, family_contact=FamilyContact(False)),
            [("/family_contact/not_expected_because", "reason-missing")],
        ),
        (
            replace(COMPLETE, family_contact=FamilyContact(True)),
            [("/family_contact/outcome", "outcome-missing")],
        ),
        (
            replace(COMPLETE, family_contact=FamilyContact(True, None, ContactOutcome.SPOKEN)),
            [("/family_contact/who", "who-missing"), ("/family_contact/how", "how-missing")],
        ),
        (
            replace(COMPLETE, positive_feedback="  "),
            [("/positive_feedback", "positive-feedback-missing")],
        ),
        (
            replace(COMPLETE, positive_feedback=None),
            [("/positive_feedback", "positive-feedback-missing")],
        ),
        *(
            (
                replace(COMPLETE, paper_records_asked=True, paper_records_read=read),
                [("/paper_records_read", "paper-records-missing")],
            )
            for read in (None, " ")
        ),
    ],
)
def test_what_an_audit_lacks_is_named(audit: AuditContent, missing: list[tuple[str, str]]) -> None:
    assert codes(audit) == missing
    with pytest.raises(RuleRefused) as refused:
        check_completion(audit)
    assert [(m.pointer, m.code) for m in refused.value.missing] == missing
    assert (refused.value.code, refused.value.clause) == ("audit-incomplete", "§4.1, R4.1.2")


def test_an_audit_that_says_which_paper_records_were_read_is_complete() -> None:
    read = replace(COMPLETE, paper_records_asked=True, paper_records_read="None were kept.")
    check_completion(read)


@pytest.mark.parametrize("asked", [OverallAsked.OPTIONAL, OverallAsked.NONE])
def test_a_tool_that_requires_no_overall_judgement_is_content_with_its_domains(
    asked: OverallAsked,
) -> None:
    profile = replace(COMPLETE, overall=None, overall_asked=asked)
    assert missing_before_completion(profile) == ()
    no_domain = replace(profile, judgements={})
    assert {missing.code for missing in missing_before_completion(no_domain)} == {
        "judgement-missing"
    }


def test_an_overall_judgement_that_is_given_all_the_same_has_its_rationale() -> None:
    given = replace(COMPLETE, overall=Judgement("good", " "), overall_asked=OverallAsked.OPTIONAL)
    assert [missing.code for missing in missing_before_completion(given)] == ["rationale-missing"]


def test_no_overall_judgement_is_taken_where_the_tool_asks_for_none() -> None:
    check_overall_asked(OverallAsked.REQUIRED)
    check_overall_asked(OverallAsked.OPTIONAL)
    told = refusal(check_overall_asked, OverallAsked.NONE)
    assert told == Refusal("no-overall-judgement", "§4.1, R4.1.3", "overall")


@pytest.mark.parametrize(
    "contact",
    [
        FamilyContact(False, not_expected_because="The child has died."),
        FamilyContact(True, outcome=ContactOutcome.NOT_REACHED),
        FamilyContact(True, outcome=ContactOutcome.DECLINED),
    ],
)
def test_contact_that_did_not_happen_can_be_stated(contact: FamilyContact) -> None:
    check_completion(replace(COMPLETE, family_contact=contact))


def test_a_tool_that_does_not_ask_for_contact_or_feedback_needs_neither() -> None:
    check_completion(
        replace(
            COMPLETE,
            family_contact=None,
            positive_feedback=None,
            family_contact_asked=False,
            positive_feedback_asked=False,
        )
    )


@pytest.mark.parametrize(
    ("facts", "waits_for"),
    [
        (ClosingFacts(False), ("notification",)),
        (ClosingFacts(True), ()),
        # Inadequate without actions: the escalation keeps it open.
        (ClosingFacts(True, escalations=(EscalationState.RAISED,)), ("escalation",)),
        (
            ClosingFacts(
                True,
                ResponseState.SUBMITTED,
                (ActionState.DONE, ActionState.VERIFIED),
                (EscalationState.QUALITY_STANDARDS_INFORMED,),
            ),
            ("response", "actions", "escalation"),
        ),
        (ClosingFacts(True, ResponseState.ADEQUATE, (ActionState.DONE,)), ("actions",)),
        (
            ClosingFacts(
                True,
                ResponseState.ADEQUATE,
                (ActionState.VERIFIED, ActionState.CANCELLED),
                (EscalationState.RESOLVED,),
            ),
            (),
        ),
    ],
)
def test_an_audit_closes_when_nothing_is_open(
    facts: ClosingFacts, waits_for: tuple[str, ...]
) -> None:
    closing = audit_closes(facts, policy_version=1)
    assert closing.waits_for == waits_for
    assert closing.closes is (waits_for == ())
    assert closing.explanation.rule == "audit_closes"
    assert closing.explanation.facts["waits_for"] == waits_for
    because_of = "R4.2.2" if facts.response is None else "R4.2.6"
    assert closing.explanation.clause == f"§4.2, {because_of}"


@pytest.mark.parametrize(
    ("rule", "over_case", "over_own_teams", "may"),
    [
        (StarterRule.QUALITY_STANDARDS, {"quality_standards"}, set(), True),
        (StarterRule.QUALITY_STANDARDS, {"head_of_service"}, set(), False),
        (StarterRule.QUALITY_STANDARDS, {"team_manager"}, {"team_manager"}, False),
        (StarterRule.TEAM_MANAGER, {"quality_standards"}, set(), True),
        (StarterRule.TEAM_MANAGER, {"head_of_service"}, set(), True),
        (StarterRule.TEAM_MANAGER, {"team_manager"}, set(), True),
        (StarterRule.TEAM_MANAGER, {"practice_supervisor"}, {"team_manager"}, False),
        (StarterRule.SUPERVISOR_OR_MANAGER, {"practice_supervisor"}, set(), True),
        (StarterRule.SUPERVISOR_OR_MANAGER, {"team_manager"}, set(), True),
        (StarterRule.SUPERVISOR_OR_MANAGER, {"senior_leader"}, set(), False),
        (StarterRule.SUPERVISOR_OR_MANAGER, set(), {"team_manager"}, False),
        (StarterRule.OWN_TEAMS, set(), {"practice_supervisor"}, True),
        (StarterRule.OWN_TEAMS, set(), {"team_manager"}, True),
        (StarterRule.OWN_TEAMS, {"team_manager"}, set(), False),
        (StarterRule.OWN_TEAMS, {"quality_standards"}, set(), True),
        (StarterRule.OWN_TEAMS, {"auditor"}, {"auditor", "worker"}, False),
    ],
)
def test_who_starts_an_audit_is_for_its_type_to_say(
    rule: StarterRule, over_case: set[str], over_own_teams: set[str], may: bool
) -> None:
    assert may_start(rule, over_case, over_own_teams) == may
