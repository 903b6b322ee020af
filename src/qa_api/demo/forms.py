"""What the people and systems of the story fill in."""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import uuid4

from qa_api.demo.callers import Json
from qa_api.demo.story import TEAM, Story, later, now, today


def case_event(story: Story, kind: str, **data: Any) -> Json:
    story.made["source_version"] = story.made.get("source_version", 0) + 1
    return {
        "specversion": "1.0",
        "id": uuid4().hex,
        "source": "urn:mosaic",
        "type": kind,
        "time": now().isoformat(),
        "datacontenttype": "application/json",
        "data": {
            "episode_id": story.episode,
            "source_version": story.made["source_version"],
            "occurred_at": now().isoformat(),
            "subjects": [{"ref": ref, "role": "child"} for ref in story.refs],
            "worker": story.worker.name,
            "team": TEAM,
            **data,
        },
    }


def answers(tool: Json) -> Iterator[tuple[str, Json]]:
    """An answer to each question that applies, of the kind that it takes."""
    given: dict[str, Any] = {}
    for domain in tool["domains"]:
        for question in domain["questions"]:
            condition = question["applies_when"]
            if condition and given.get(condition["question"]) not in condition["answered"]:
                continue
            answer = _answer_to(question)
            given[question["key"]] = answer["value"]
            yield question["key"], answer


def _answer_to(question: Mapping[str, Any]) -> Json:
    values = {
        "yes_no_partial_na": "yes",
        "judgement": "good",
        "text": "Seen on the file and heard from the family.",
        "date": today().isoformat(),
        "number": 2,
        "choice": next(iter(question["choices"]), None),
    }
    answer: Json = {"value": values[question["answer_kind"]]}
    if question["answer_kind"] == "judgement":
        answer["rationale"] = "The file shows it."
    if question["evidence_required"]:
        answer["evidence"] = "Case note CN-2041"
    if question["timescale_check"]:
        answer |= {"done_on": later(-10), "expected_by": later(-8)}
    return answer


def done_now(story: Story, number: int) -> Json:
    return {
        "action": story.made["actions"][number],
        "how": "Brought up to date from the case notes.",
        "done_on": today().isoformat(),
    }


def later_on(story: Story, number: int, *, days: int) -> Json:
    return {
        "action": story.made["actions"][number],
        "how": "Written with the child's advocate and read together.",
        "finish_on": later(days),
        "not_immediate_because": "The advocate is back next week.",
    }
