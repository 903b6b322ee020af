"""What the people and systems of the story fill in."""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final
from uuid import uuid4

from qa_api.demo.callers import Json
from qa_api.demo.story import TEAM, Story, in_days, now, today

CLOUDEVENTS: Final = "application/cloudevents+json"


def case_event(story: Story, kind: str, *, refs: Sequence[str], **data: Any) -> Json:
    """What the case system says about children of the sibling group."""
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
            "subjects": [{"ref": ref, "role": "child"} for ref in refs],
            "worker": story.worker.name,
            "team": TEAM,
            **data,
        },
    }


def answers(
    tool: Json, changed: Mapping[str, Any] = MappingProxyType({})
) -> Iterator[tuple[str, Json]]:
    """An answer to each question that applies, of the kind that it takes.

    `changed` are other values than the usual ones, by the question's key.
    """
    given: dict[str, Any] = {}
    for domain in tool["domains"]:
        for question in domain["questions"]:
            condition = question["applies_when"]
            if condition and given.get(condition["question"]) not in condition["answered"]:
                continue
            answer = _answer_to(question)
            if question["key"] in changed:
                answer["value"] = changed[question["key"]]
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
        answer |= {"done_on": in_days(-10), "expected_by": in_days(-8)}
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
        "finish_on": in_days(days),
        "not_immediate_because": "The advocate is back next week.",
    }


def contact(*, reached: bool = True) -> Json:
    """How the family was spoken with, or that nobody answered (R4.1.4)."""
    spoken = {
        "outcome": "spoken",
        "feedback": "They listened, and the plan made sense to us.",
    }
    return {
        "expected": True,
        "key_worker_forewarned": True,
        "contact_details_checked": True,
        "contacts": [
            {"who": "mother", "how": "telephone", "at": now().isoformat()}
            | (spoken if reached else {"outcome": "not_reached"})
        ],
    }
