"""What the parts of an audit said before it was amended, for the record (R4.1.5).

An amendment keeps everything that it replaced. The record shows the parts that have changed since,
each under the title that the tool gives it.
"""

from collections.abc import Iterator
from typing import Any, Final

_FIELDS: Final = "judgement label value text evidence rationale comment done_on expected_by"
_OVERALL: Final = "The whole"
_PRAISE: Final = "What went well"
_PAPERS: Final = "Paper records that were read"


def with_earlier_words(record: dict[str, Any]) -> dict[str, Any]:
    """The record as it was read, with the earlier words of each amendment in place."""
    for audit in record["audits"]:
        after = _as_it_reads(audit)
        for revision in reversed(audit["revisions"]):
            labels = revision["earlier"]["labels"] or {}
            before = _as_it_read(revision["earlier"]["content"])
            titles = _titles(audit, revision["earlier"]["questions"] or {})
            revision["earlier"] = [
                _wording(key, titles.get(key, key), part, labels)
                for key, part in before.items()
                if part != after.get(key)
            ]
            after = before
    return record


def _as_it_reads(audit: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The parts of an audit as they are now, by key."""
    answers = {answer["question_key"]: answer for answer in audit["answers"]}
    judgements = {one["domain_key"]: one for one in audit["judgements"]}
    overall = {"judgement": audit["overall_judgement"], "rationale": audit["overall_rationale"]}
    content = {
        "overall": overall,
        "positive_feedback": audit["positive_feedback"],
        "paper_records_read": audit["paper_records_read"],
        "answers": answers,
        "judgements": judgements,
    }
    return _as_it_read(content)


def _as_it_read(content: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The parts of an earlier version, by key; none once its content was removed (X4)."""
    return dict(_parts(content))


def _parts(content: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    overall = content.get("overall")
    if overall and overall.get("judgement"):
        yield "overall", _only(overall, "judgement", "rationale")
    if praise := content.get("positive_feedback"):
        yield "positive_feedback", {"text": praise}
    if papers := content.get("paper_records_read"):
        yield "paper_records_read", {"text": papers}
    for key, judgement in content.get("judgements", {}).items():
        yield f"judgement_{key}", _only(judgement, "judgement", "rationale")
    for key, answer in content.get("answers", {}).items():
        names = ("value", "evidence", "rationale", "comment", "done_on", "expected_by")
        yield f"answer_{key}", _only(answer, *names)


def _only(part: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: part.get(name) for name in names}


def _titles(audit: dict[str, Any], questions: dict[str, str]) -> dict[str, str]:
    """What each part is about. An answer may have been left out since, but its question stands."""
    return {
        "overall": _OVERALL,
        "positive_feedback": _PRAISE,
        "paper_records_read": _PAPERS,
        **{f"judgement_{one['domain_key']}": one["domain"] for one in audit["judgements"]},
        **{f"answer_{key}": question for key, question in questions.items()},
    }


def _wording(key: str, about: str, part: dict[str, Any], labels: dict[str, str]) -> dict[str, Any]:
    nothing = dict.fromkeys(_FIELDS.split())
    judged = part.get("judgement") or part.get("value")
    label = labels.get(judged) if isinstance(judged, str) else None
    return {"key": key, "about": about, **nothing, **part, "label": label}
