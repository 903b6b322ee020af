"""How an auditor of the story carries out an audit, where the story does not dwell on it."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypedDict, Unpack

from qa_api.demo.callers import Caller, Json
from qa_api.demo.forms import answers, contact

RATIONALE: Final[Mapping[str, str]] = {
    "outstanding": "The child leads the plan, and life at home has changed.",
    "good": "Purposeful work in time; the family knows what it is for.",
    "requires_improvement": "Kind work, but the plan drifted for two months.",
    "inadequate": "The allegation on the file was never followed up.",
}
CHRONOLOGY: Final[Json] = {
    "kind": "recording",
    "description": "Bring the chronology up to date.",
    "needed_before_closure": False,
}
LETTER: Final[Json] = {
    "kind": "practice",
    "description": "Tell the child, in a letter, what was decided and why.",
    "needed_before_closure": False,
}
SEE_ALONE: Final[Json] = {
    "kind": "safety",
    "description": "See the child alone, and write down what they say.",
    "needed_before_closure": False,
}


def known_child(standards: Caller, ref: str, team: str, worker: str) -> None:
    """A child of a team, whom Quality & Standards enter."""
    body = {"kind": "child", "team": team, "worker": worker}
    standards.put(f"/v1/subjects/mosaic/{ref}", body)


def overall(judgement: str) -> Json:
    """The auditor's own judgement, with its rationale."""
    return {"judgement": judgement, "rationale": RATIONALE[judgement]}


class Unlike(TypedDict, total=False):
    """What of an audit is not as usual."""

    actions: Sequence[Json]
    changed: Mapping[str, Any]
    """Other answers than the usual ones."""
    reached: bool
    """Whether the family could be reached."""
    started: bool
    """Whether the auditor is at it already."""
    domains: Mapping[str, str]
    """Domains that are judged otherwise than the whole."""


def carry_out(auditor: Caller, path: str, judgement: str, **unlike: Unpack[Unlike]) -> Json:
    """Start an audit, answer its tool, judge and complete it."""
    tool = fill_in(auditor, path, judgement, **unlike)
    whole = {} if tool["overall"] == "none" else {"overall": overall(judgement)}
    return auditor.act(f"{path}/complete", whole)


def fill_in(auditor: Caller, path: str, judgement: str, **unlike: Unpack[Unlike]) -> Json:
    """The same, but for its overall judgement and completion; its tool."""
    audit = auditor.get(path) if unlike.get("started") else auditor.act(f"{path}/start")
    tool = auditor.get(f"/v1/audit-tools/{audit['tool_id']}")
    for key, answer in answers(tool, unlike.get("changed", {})):
        auditor.put(f"{path}/answers/{key}", answer)
    otherwise = unlike.get("domains", {})
    for domain in tool["domains"]:
        if domain["judged"]:
            grade = overall(otherwise.get(domain["key"], judgement))
            auditor.put_part(path, f"judgements/{domain['key']}", grade)
    auditor.put_part(path, "family-contact", contact(reached=unlike.get("reached", True)))
    said = {"positive_feedback": "The child's own words are on the file."}
    if tool["code"] == "carers":
        said["paper_records_read"] = "The household's blue file; nothing else is on paper."
    auditor.edit(path, said)
    for action in unlike.get("actions", ()):
        auditor.create(f"{path}/actions", action)
    return tool
