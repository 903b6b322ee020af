"""An audit without one grade: the judgements of its domains stand for it (R4.1.3, R4.3.2)."""

from typing import Final

from qa_api.demo.callers import Json
from qa_api.demo.scenes.auditing import carry_out, known_child
from qa_api.demo.story import Story, new_ref

CODE: Final = "conversation"
TITLES: Final = {"voice": "The child's voice", "safety": "Safety and thresholds"}
_TOOL: Final[Json] = {
    "code": CODE,
    "name": "Audit conversation",
    "scale": {"code": "four-point", "number": 1},
    "overall": "none",
    "domains": [
        {
            "key": key,
            "title": title,
            "escalates": True,
            "questions": [
                {
                    "key": f"{key}_seen",
                    "text": f"{title}: what did you see, and what changed for the child?",
                    "answer_kind": "text",
                }
            ],
        }
        for key, title in TITLES.items()
    ],
}
_TYPE: Final[Json] = {
    "name": "Audit conversation",
    "clause": "§4.1, R4.1.1",
    "subject_kind": "child",
    "owner": "quality_standards",
    "cadence": "as_required",
    "tool_code": CODE,
    "may_audit": "quality_standards_run",
}


def audit_without_one_grade(story: Story) -> None:
    """A tool that asks for no overall judgement, an audit with it, and what goes to the manager."""
    tool = story.standards.create("/v1/audit-tools", _TOOL)
    story.made["profile tool"] = tool["id"]
    story.standards.act(f"/v1/audit-tools/{tool['id']}/publish")
    story.standards.put(f"/v1/audit-types/{CODE}", _TYPE)
    ref, auditor = new_ref(), story.caller("au-1")
    known_child(story.standards, ref, "cwd", "sw1-cwd")
    planned = story.standards.create(
        "/v1/audits",
        {
            "type": CODE,
            "subject": {"system": "mosaic", "ref": ref},
            "auditor": auditor.name,
        },
    )
    path = f"/v1/audits/{planned['id']}"
    audit = carry_out(auditor, path, "good", domains={"safety": "inadequate"})
    story.teller.say(
        "Quality & Standards try out a tool that asks for no overall judgement. The audit is a"
        " profile: each domain has its judgement, and no grade is made of them. The tool marks both"
        " domains, so the judgement of one goes to the team manager at once."
    )
    story.teller.show("overall judgement", audit["overall_judgement"] or "none")
    story.teller.table(
        ("domain", "judgement"),
        [(TITLES[one["domain_key"]], one["judgement"]) for one in audit["judgements"]],
    )
    (raised,) = story.standards.get("/v1/escalations", audit=planned["id"])["items"]
    because = story.standards.get(f"/v1/escalations/{raised['id']}")["explanation"]["raised"]
    story.teller.show("escalated because of", ", ".join(because["facts"]["domains"]))
    story.check(because["facts"]["domains"] == ["safety: inadequate"], "another domain escalated")
