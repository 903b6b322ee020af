"""What tools look like, for readers of the contract."""

from typing import Final

from pydantic import JsonValue

TOOL: Final[dict[str, JsonValue]] = {
    "name": "Closure record audit",
    "scale": {"code": "four-point", "number": 1},
    "domains": [
        {
            "key": "voice",
            "title": "The child's voice",
            "questions": [
                {
                    "key": "voice_heard",
                    "text": "Was the child's voice heard, recorded and used?",
                    "answer_kind": "yes_no_partial_na",
                    "evidence_required": True,
                }
            ],
        }
    ],
}
TOOL_WITHOUT_AN_OVERALL_JUDGEMENT: Final[dict[str, JsonValue]] = {
    "name": "Audit conversation",
    "scale": {"code": "four-point", "number": 1},
    "overall": "none",
    "domains": [
        {
            "key": "safety",
            "title": "Safety and thresholds",
            "escalates": True,
            "questions": [
                {
                    "key": "threshold_decisions",
                    "text": "Were threshold decisions right and timely?",
                    "answer_kind": "yes_no_partial_na",
                }
            ],
        }
    ],
}
TOOL_WITH_CONDITIONS: Final[dict[str, JsonValue]] = {
    "name": "Visits",
    "scale": {"code": "four-point", "number": 1},
    "domains": [
        {
            "key": "visits",
            "title": "Visits",
            "guidance": "Read the case notes of the last six months.",
            "judged": False,
            "questions": [
                {
                    "key": "visited",
                    "text": "Was the child visited in time?",
                    "answer_kind": "yes_no_partial_na",
                    "timescale_check": True,
                },
                {
                    "key": "seen_alone",
                    "text": "How often was the child seen alone?",
                    "guidance": "Count the visits at which nobody else was in the room.",
                    "answer_kind": "choice",
                    "choices": ["always", "sometimes", "never"],
                    "required": False,
                    "applies_when": {"question": "visited", "answered": ["yes", "partial"]},
                },
            ],
        }
    ],
}
