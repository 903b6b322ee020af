"""The tool that Quality & Standards make for a theme: few questions, each to the point (R4.1.1)."""

from typing import Any, Final

from qa_api.demo.callers import Json

CODE: Final = "childs-voice"
TITLE: Final = "The child's voice in assessments"
SOURCE: Final = "Complaints of the last quarter"


def _question(key: str, text: str, kind: str = "yes_no_partial_na", **more: Any) -> Json:
    return {"key": key, "text": text, "answer_kind": kind, "required": True, **more}


def _domain(key: str, title: str, *questions: Json) -> Json:
    return {"key": key, "title": title, "judged": True, "questions": list(questions)}


TOOL: Final[Json] = {
    "code": CODE,
    "name": TITLE,
    "scale": {"code": "four-point", "number": 1},
    "domains": [
        _domain(
            "voice_of_the_child",
            "The voice of the child",
            _question("seen_alone", "Was the child seen alone?", evidence_required=True),
            _question("own_words", "Does the assessment hold the child's own words?"),
        ),
        _domain(
            "key_activities",
            "Key activities and timescales",
            _question("visits_in_time", "Were the visits made in time?", timescale_check=True),
            _question("agencies_asked", "Were the school and the health visitor asked?"),
        ),
        _domain(
            "analysis_and_impact",
            "Analysis and impact",
            _question("changes_the_plan", "Does what the child says change the plan?"),
            _question("what_changed", "What has changed in the child's life?", "text"),
        ),
        _domain(
            "management_oversight",
            "Supervision and management oversight",
            _question("asked_in_supervision", "Is the child's view discussed in supervision?"),
        ),
    ],
}

TYPE: Final[Json] = {
    "name": "Themed audit: the child's voice",
    "clause": "§4.1, R4.1.1",
    "subject_kind": "child",
    "owner": "quality_standards",
    "cadence": "as_required",
    "tool_code": CODE,
    "may_audit": "quality_standards_run",
}

THEME: Final[Json] = {
    "title": TITLE,
    "sources": [{"service": "fast", "source": SOURCE}],
    "practice_lead_session": "The Practice Lead session of this quarter",
}
