"""The demo authority's audit tools (§3, §4.1): what an auditor is asked, as data.

Each domain is one of the things that the procedure says an audit must show (R4.1.2). Keys stay the
same from version to version, so that answers can be compared.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from qa_api.rules.tools import NO, PARTIAL, YES, AnswerKind, AppliesWhen, Domain, Question

YES_NO, TEXT, CHOICE = AnswerKind.YES_NO_PARTIAL_NA, AnswerKind.TEXT, AnswerKind.CHOICE
NUMBER, DATE = AnswerKind.NUMBER, AnswerKind.DATE


@dataclass(frozen=True, slots=True)
class Tool:
    """An audit tool before it has a version: its domains and a line of guidance for each."""

    code: str
    name: str
    domains: tuple[Domain, ...]
    guidance: Mapping[str, str]


def _shown(key: str, text: str, guidance: str = "") -> Question:
    """A question whose answer needs the document or case note that shows it."""
    return Question(key, text, YES_NO, guidance, evidence_required=True)


def _timely(key: str, text: str, guidance: str = "") -> Question:
    """A key activity: did it take place, and by when was it to (§4.1)?"""
    return Question(key, text, YES_NO, guidance, evidence_required=True, timescale_check=True)


def _told(key: str, text: str, guidance: str = "", *, required: bool = True) -> Question:
    """A question answered in the auditor's own words."""
    return Question(key, text, TEXT, guidance, required=required)


def _why(key: str, text: str, question: str, *answered: str) -> Question:
    """A question asked only after an earlier one was answered so."""
    return Question(key, text, TEXT, applies_when=AppliesWhen(question, answered))


CLOSURE: Final = Tool(
    "closure",
    "Children's Services Closure Record",
    (
        Domain(
            "voice_of_the_child",
            "The voice of the child",
            (
                _shown(
                    "child_views_on_ending",
                    "Were the child's wishes and feelings about the ending of our work heard and "
                    "recorded?",
                    "In the child's own words where possible, by a means that suits their age and "
                    "understanding.",
                ),
                _shown(
                    "child_told_of_closure",
                    "Was the child told that our work is ending, why, and whom to turn to now?",
                ),
                _shown(
                    "family_views_on_ending",
                    "Were the views of parents, carers and others important to the child recorded?",
                ),
            ),
        ),
        Domain(
            "outcomes_and_safety",
            "Outcomes and safety at closure",
            (
                _shown("plan_outcomes_met", "Were the outcomes of the child's plan achieved?"),
                _why(
                    "outcomes_not_met",
                    "Which outcomes were not achieved, and why is it right to close?",
                    "plan_outcomes_met",
                    NO,
                    PARTIAL,
                ),
                _shown(
                    "risks_addressed",
                    "Are all known risks to the child resolved or safely held by others?",
                    "Look at the last assessment, safety plan and police or health notifications.",
                ),
                _shown(
                    "threshold_for_closure",
                    "Is the decision to close consistent with the threshold guidance?",
                ),
                Question(
                    "step_down",
                    "Where does the family's support continue?",
                    CHOICE,
                    choices=("universal", "early_help", "other_authority", "adult_services"),
                ),
            ),
        ),
        Domain(
            "key_activities",
            "Key activities and timescales",
            (
                _timely(
                    "last_visit",
                    "Was the child seen, and seen alone where appropriate, before the closure?",
                ),
                _timely("final_review", "Did the final review or closing meeting take place?"),
                _timely(
                    "closing_assessment",
                    "Is there an up-to-date assessment that supports the closure?",
                ),
                _timely(
                    "closing_letter",
                    "Were the family and the agencies involved told of the closure in writing?",
                ),
            ),
        ),
        Domain(
            "multi_agency",
            "Multi-agency work",
            (
                _shown(
                    "agencies_consulted",
                    "Were the agencies involved asked for their view before the closure?",
                ),
                _shown("handover", "Is there a clear handover to the services that continue?"),
                _shown(
                    "contingency",
                    "Do family and professionals know what to do if concerns arise again?",
                ),
            ),
        ),
        Domain(
            "basic_data_and_recording",
            "Basic data and recording",
            (
                _shown(
                    "basic_data_complete",
                    "Are all basic data items complete and correct?",
                    "Names, dates of birth, ethnicity, language, disability, legal status, "
                    "relationships and contact details.",
                ),
                _shown("chronology", "Is the chronology complete up to the closure?"),
                _shown(
                    "closure_summary",
                    "Does the closure summary tell the story of the child's journey?",
                    "Read it as the child may read it in years to come.",
                ),
                Question(
                    "documents_outstanding",
                    "How many documents or case notes are still in draft?",
                    NUMBER,
                ),
            ),
        ),
        Domain(
            "management_oversight",
            "Management oversight",
            (
                _timely(
                    "closure_agreed",
                    "Is the manager's decision to close recorded with its rationale?",
                ),
                _shown("supervision", "Was the closure discussed in case supervision?"),
                _told(
                    "learning_for_practice",
                    "What can be learned from this work, by the team and by the service?",
                    required=False,
                ),
            ),
        ),
    ),
    {
        "voice_of_the_child": "The child's voice is heard, recorded and used.",
        "outcomes_and_safety": "What is needed before closure is put right before closure.",
        "key_activities": "Key activities took place, and to the agreed timescales.",
        "multi_agency": "Those who stay with the family know what they take on.",
        "basic_data_and_recording": "The record is the child's own history.",
        "management_oversight": "A manager decided, and said why.",
    },
)

COLLABORATIVE: Final = Tool(
    "collaborative",
    "Quality Audit",
    (
        Domain(
            "voice_of_the_child",
            "The voice of the child",
            (
                _shown("child_seen_alone", "Was the child seen alone, as often as planned?"),
                _shown(
                    "wishes_and_feelings",
                    "Are the child's wishes and feelings recorded in their own words?",
                    "Direct work, words and pictures, observation of young or non-verbal children.",
                ),
                _shown(
                    "voice_influences_plan",
                    "Did what the child said influence decisions and the plan?",
                ),
                _why(
                    "voice_not_used",
                    "What stood in the way of hearing the child or using what they said?",
                    "voice_influences_plan",
                    NO,
                    PARTIAL,
                ),
                _shown(
                    "identity_and_diversity",
                    "Are the child's identity, culture, language and needs understood and met?",
                ),
            ),
        ),
        Domain(
            "journey_and_timeliness",
            "The child's journey and timeliness",
            (
                _shown(
                    "journey_clear",
                    "Is the child's journey through services clear from the record?",
                ),
                _shown("pace", "Did the child's life improve with pace, without drift or delay?"),
                _why(
                    "cause_of_delay",
                    "Where was there drift or delay, and what caused it?",
                    "pace",
                    NO,
                    PARTIAL,
                ),
                Question(
                    "changes_of_worker",
                    "How many allocated workers has the child had in the last 12 months?",
                    NUMBER,
                ),
                Question(
                    "current_episode_since",
                    "Since when has the present episode of work been open?",
                    DATE,
                ),
            ),
        ),
        Domain(
            "key_activities",
            "Key activities and timescales",
            (
                _timely("assessment", "Was the assessment completed?"),
                _timely("visits", "Did the last statutory or planned visit take place?"),
                _timely("meetings", "Did the last review, conference or core group take place?"),
                _timely("plan_reviewed", "Was the child's plan reviewed when it was due?"),
                _shown(
                    "right_documentation",
                    "Are these activities recorded in the right document or part of the system?",
                ),
            ),
        ),
        Domain(
            "assessment_and_analysis",
            "Assessment and decisions",
            (
                _shown(
                    "harm_and_safety_analysed",
                    "Are past harm, future danger, complicating factors, strengths and existing "
                    "safety analysed?",
                    "Signs of Safety mapping, danger statements and safety goals.",
                ),
                _shown(
                    "rationale_for_decisions",
                    "Is the rationale for decisions made on behalf of the child evident?",
                ),
                _shown("history_considered", "Were history and earlier interventions considered?"),
                _shown("family_network", "Were family network and fathers involved?"),
            ),
        ),
        Domain(
            "planning_and_impact",
            "Planning and impact",
            (
                _shown("plan_purposeful", "Is the help offered planned and purposeful?"),
                _shown(
                    "plan_measurable",
                    "Does the plan say what must change, by when, and how it will be known?",
                ),
                _shown("contingency_plan", "Is there a contingency plan that would work?"),
                _told(
                    "difference_made",
                    "What difference has the help made to the child's life?",
                    "Evidence of impact, not a list of activities.",
                ),
            ),
        ),
        Domain(
            "safeguarding_and_thresholds",
            "Safeguarding and thresholds",
            (
                _shown("threshold_decisions", "Were threshold decisions right and timely?"),
                Question(
                    "unresolved_safeguarding",
                    "Are there unresolved safeguarding issues?",
                    YES_NO,
                    "If the child may not be safe now, raise an urgent finding at once: do not "
                    "wait for the end of the audit.",
                ),
                _why(
                    "safeguarding_concerns",
                    "What are the issues, and who has been told?",
                    "unresolved_safeguarding",
                    YES,
                    PARTIAL,
                ),
                Question("practice_concerns", "Are there concerns about practice?", YES_NO),
                _why(
                    "practice_concern_details",
                    "What are the concerns about practice?",
                    "practice_concerns",
                    YES,
                    PARTIAL,
                ),
            ),
        ),
        Domain(
            "multi_agency",
            "Multi-agency involvement",
            (
                _shown("right_agencies", "Are the right agencies involved, and only those?"),
                _shown("information_shared", "Is information shared well and acted upon?"),
                _shown("agencies_contribute", "Do the agencies carry out their part of the plan?"),
            ),
        ),
        Domain(
            "basic_data_and_recording",
            "Basic data and recording",
            (
                _shown("basic_data_complete", "Are all basic data items complete and correct?"),
                _shown("chronology", "Is there an up-to-date chronology and genogram?"),
                _shown(
                    "recording_standard",
                    "Is the recording in line with the recording standards?",
                    "Timely, factual, respectful; fact told apart from opinion.",
                ),
                _shown(
                    "tells_the_story",
                    "Would the child understand their own story from this record?",
                ),
            ),
        ),
        Domain(
            "management_oversight",
            "Supervision and management oversight",
            (
                _timely("last_supervision", "Did the last case supervision take place?"),
                _shown("reflective", "Is supervision reflective, and does it move the work on?"),
                _shown(
                    "oversight_evident",
                    "Is management oversight evident at the points of decision?",
                ),
                _shown("actions_followed_up", "Are actions from supervision followed up?"),
            ),
        ),
        Domain(
            "learning",
            "Learning for practice",
            (
                _told("what_works_well", "What was done well and made a difference?"),
                _told("what_to_improve", "What would have made the work better?"),
                Question(
                    "learning_for_whom",
                    "For whom is the learning?",
                    CHOICE,
                    choices=("worker", "team", "service", "partners", "none"),
                ),
            ),
            judged=False,
        ),
    ),
    {
        "voice_of_the_child": "The child's voice is heard, recorded and influences the work.",
        "journey_and_timeliness": "The journey is as timely and effective as possible.",
        "key_activities": "Key activities took place, and to the agreed timescales.",
        "assessment_and_analysis": "The rationale for decisions made for the child is evident.",
        "planning_and_impact": "The help is planned and purposeful; evidence of impact counts.",
        "safeguarding_and_thresholds": "Concerns and threshold decisions are identified.",
        "multi_agency": "Agencies are involved as the child needs.",
        "basic_data_and_recording": "The record is the child's own history.",
        "management_oversight": "Supervision and oversight strengthen the work.",
        "learning": "Good work is named, and what can be learned is passed on.",
    },
)

TOOLS: Final = (CLOSURE, COLLABORATIVE)
