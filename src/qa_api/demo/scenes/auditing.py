"""How an auditor of the story carries out an audit, where the story does not dwell on it."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

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


def carry_out(
    auditor: Caller,
    path: str,
    judgement: str,
    *,
    actions: Sequence[Json] = (),
    changed: Mapping[str, Any] = MappingProxyType({}),
    reached: bool = True,
    started: bool = False,
    domains: Mapping[str, str] = MappingProxyType({}),
) -> Json:
    """Start an audit, answer its tool, judge and complete it.

    `changed` are other values than the usual ones; `reached` says if the family could be reached;
    `domains` are judged otherwise than the whole.
    """
    tool = fill_in(
        auditor,
        path,
        judgement,
        actions=actions,
        changed=changed,
        reached=reached,
        started=started,
        domains=domains,
    )
    whole = {} if tool["overall"] == "none" else {"overall": overall(judgement)}
    return auditor.act(f"{path}/complete", whole)


def fill_in(
    auditor: Caller,
    path: str,
    judgement: str,
    *,
    actions: Sequence[Json] = (),
    changed: Mapping[str, Any] = MappingProxyType({}),
    reached: bool = True,
    started: bool = False,
    domains: Mapping[str, str] = MappingProxyType({}),
) -> Json:
    """The same, but for its overall judgement and completion; its tool."""
    audit = auditor.get(path) if started else auditor.act(f"{path}/start")
    tool = auditor.get(f"/v1/audit-tools/{audit['tool_id']}")
    for key, answer in answers(tool, changed):
        auditor.put(f"{path}/answers/{key}", answer)
    for domain in tool["domains"]:
        if domain["judged"]:
            grade = overall(domains.get(domain["key"], judgement))
            auditor.put_part(path, f"judgements/{domain['key']}", grade)
    auditor.put_part(path, "family-contact", contact(reached=reached))
    said = {"positive_feedback": "The child's own words are on the file."}
    if tool["code"] == "carers":
        said["paper_records_read"] = "The household's blue file; nothing else is on paper."
    auditor.edit(path, said)
    for action in actions:
        auditor.create(f"{path}/actions", action)
    return tool
