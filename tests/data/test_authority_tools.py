"""The audit tools that ship ask all that §4.1 wants shown, of every type, in each authority."""

from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Final

import pytest

from qa_api.adoption.folder import Folder, read_folder
from qa_api.catalogue.schemas import DomainIn, QuestionIn, ToolDraft
from qa_api.data import shipped_authorities
from qa_api.rules.tools import AppliesWhen, Domain, Question, faults_of_tool

AUTHORITIES: Final = {code: read_folder(place) for code, place in shipped_authorities().items()}
TOOLS: Final = [(code, tool) for code, folder in AUTHORITIES.items() for _, tool in folder.tools]

every_authority = pytest.mark.parametrize("code", AUTHORITIES)
every_tool = pytest.mark.parametrize(
    "tool", [pytest.param(tool, id=f"{code}/{tool.code}") for code, tool in TOOLS]
)

AREAS: Final[Mapping[str, frozenset[str]]] = {
    area: frozenset(keys.split())
    for area, keys in {
        "concerns about practice": "practice_concerns",
        "unresolved safeguarding": "unresolved_safeguarding risks_addressed",
        "threshold decisions": "threshold_decisions threshold_for_closure",
        "the child's journey": "journey_clear closure_summary",
        "timeliness": "pace final_review",
        "multi-agency involvement": "agencies_contribute agencies_work_together agencies_consulted",
        "basic data complete": "basic_data_complete",
        "recording to standard": "recording_standard closure_summary",
        "positive feedback for good work": "what_works_well",
        "supervision and oversight": "oversight_evident closure_agreed",
        "learning for practice": "what_to_improve learning_for_practice",
    }.items()
}
"""What an audit must be able to show (R4.1.2), and the questions that show it: a key means the same
in every tool."""


def questions(tool: ToolDraft) -> Iterator[QuestionIn]:
    for domain in tool.domains:
        yield from domain.questions


@every_tool
def test_a_tool_can_be_published(tool: ToolDraft) -> None:
    assert faults_of_tool([_domain(domain) for domain in tool.domains], tool.overall) == ()


@every_tool
def test_a_tool_shows_everything_that_an_audit_must_show(tool: ToolDraft) -> None:
    asked = {question.key for question in questions(tool)}
    missing = [area for area, keys in AREAS.items() if not asked & keys]
    assert not missing


@every_tool
def test_the_childs_voice_is_judged_first(tool: ToolDraft) -> None:
    first = tool.domains[0]
    assert (first.key, first.judged) == ("voice_of_the_child", True)
    assert any(question.evidence_required for question in first.questions)


@every_tool
def test_key_activities_are_held_against_their_timescale_with_evidence(tool: ToolDraft) -> None:
    timely = [question for question in questions(tool) if question.timescale_check]
    assert len(timely) >= 2
    assert all(question.evidence_required for question in timely)


@every_tool
def test_whoever_answers_yes_to_a_concern_is_asked_which(tool: ToolDraft) -> None:
    followed = {
        question.applies_when.question: question
        for question in questions(tool)
        if question.applies_when
    }
    for question in questions(tool):
        if question.key in {"practice_concerns", "unresolved_safeguarding"}:
            follow_up = followed.get(question.key)
            in_words = question.answer_kind == "text"
            assert in_words or (follow_up and follow_up.required), question.key


@every_authority
def test_every_audit_type_has_its_tool_and_every_tool_its_type(code: str) -> None:
    folder = AUTHORITIES[code]
    tools = {tool.code: name for name, tool in folder.tools}
    assert {type_.tool_code for type_ in folder.audit_types.values()} == set(tools)
    assert all(name == f"tools/{tool}.json" for tool, name in tools.items())


@every_authority
def test_a_tool_judges_on_a_scale_of_its_authority(code: str) -> None:
    folder = AUTHORITIES[code]
    scales = {(scale.code, 1) for scale in folder.scales}
    assert {(tool.scale.code, tool.scale.number) for _, tool in folder.tools} <= scales


@every_authority
def test_only_the_worst_judgements_escalate(code: str) -> None:
    for scale in AUTHORITIES[code].scales:
        marks = [point.escalates for point in scale.points]
        assert marks == sorted(marks)
        assert marks[-1]
        assert not marks[0]


@every_authority
def test_a_key_takes_the_same_kind_of_answer_in_every_tool(code: str) -> None:
    kinds: dict[str, set[str]] = {}
    for _, tool in AUTHORITIES[code].tools:
        for question in questions(tool):
            kinds.setdefault(question.key, set()).add(question.answer_kind)
    assert {key for key, of_key in kinds.items() if len(of_key) > 1} == set()


def test_a_carers_audit_says_which_paper_records_were_read() -> None:
    for folder in AUTHORITIES.values():
        (type_,) = (
            one for one in folder.audit_types.values() if one.subject_kind == "carer_household"
        )
        asked = {question.key for question in questions(_tool(folder, type_.tool_code))}
        assert "paper_records_which" in asked


def test_the_authorities_differ_in_types_tools_and_scales() -> None:
    for one, other in combinations(AUTHORITIES.values(), 2):
        assert not set(one.audit_types) & set(other.audit_types)
        assert not {tool.code for _, tool in one.tools} & {tool.code for _, tool in other.tools}
    points = {code: len(folder.scales[0].points) for code, folder in AUTHORITIES.items()}
    assert points == {"county": 4, "borough": 11, "partnership": 5}


def test_one_authority_judges_in_profiles_alone_with_the_same_parts_in_each_tool() -> None:
    asked = {
        code: {tool.overall.value for _, tool in AUTHORITIES[code].tools} for code in AUTHORITIES
    }
    assert asked == {"county": {"required"}, "borough": {"required"}, "partnership": {"none"}}
    titles: dict[str, set[str]] = {}
    for _, tool in AUTHORITIES["partnership"].tools:
        for domain in tool.domains:
            titles.setdefault(domain.key, set()).add(domain.title)
    shared = {"voice_of_the_child", "safeguarding_and_thresholds", "recording_and_oversight"}
    assert shared <= set(titles)
    assert {key: named for key, named in titles.items() if len(named) > 1} == {}
    assert AUTHORITIES["partnership"].authority.policy.values["moderation_frequency"] == "month"


def _tool(folder: Folder, code: str | None) -> ToolDraft:
    return next(tool for _, tool in folder.tools if tool.code == code)


def _domain(domain: DomainIn) -> Domain:
    asked = tuple(_question(question) for question in domain.questions)
    return Domain(domain.key, domain.title, asked, domain.judged, domain.escalates)


def _question(given: QuestionIn) -> Question:
    when = given.applies_when
    return Question(
        given.key,
        given.text,
        given.answer_kind,
        choices=tuple(given.choices),
        applies_when=AppliesWhen(when.question, tuple(when.answered)) if when else None,
    )
